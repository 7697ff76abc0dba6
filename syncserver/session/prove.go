package session

import (
	"inglenook/store/household"
	"inglenook/syncserver/proof"
	"inglenook/syncserver/session/machine"

	"github.com/go-json-experiment/json"
)

// proven judges the proof that came with a request.
func (s *Sessions) proven(r Request, d household.DeviceSession) machine.Proof {
	if r.Proof == "" {
		return machine.NoProof
	}
	var key proof.Key
	if d.Key == nil || json.Unmarshal(d.Key, &key) != nil || key.IsZero() {
		return machine.BadProof
	}
	return s.verdict(proof.Verify(r.Proof, key, s.want(r)))
}

// NewKey returns the key that a request proves to have and that is to be bound,
// the zero Key when it proves none. A proof that is not valid makes ok false:
// the client is to be given a nonce and to repeat.
func (s *Sessions) NewKey(r Request) (key proof.Key, ok bool) {
	if r.Proof == "" {
		return key, true
	}
	result := proof.Verify(r.Proof, proof.Key{}, s.want(r))
	if s.verdict(result) != machine.ValidProof {
		return key, false
	}
	return result.Key, true
}

func (s *Sessions) want(r Request) proof.Want {
	return proof.Want{
		Method: r.Method, Path: r.Path, Audience: s.store.Instance(), ValueHash: proof.ValueHash(r.Value), Cookie: r.Cookie,
	}
}

func (s *Sessions) verdict(result proof.Result) machine.Proof {
	switch {
	case !result.Good:
		return machine.BadProof
	case !s.nonces.Spend(result.Nonce):
		return machine.StaleProof
	default:
		return machine.ValidProof
	}
}
