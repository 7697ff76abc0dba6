package session

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/proof/token"
	"inglenook/syncserver/session/machine"
)

// AccessToken issues a token for ordinary requests of a program, and says how
// long it is good.
func (s *Sessions) AccessToken(d Session, generation uint64) (text string, life time.Duration) {
	return s.tokens.Issue(token.Access{
		UserID: d.UserID, SessionID: d.ID, Generation: generation, AccessRev: d.Table.AccessRev, DataSum: d.Checksum(),
		Device: fingerprint(d.DeviceSession),
	}), s.tokens.Life()
}

// fingerprint tells two sessions with one id from each other: a restored server
// may give one again.
func fingerprint(d household.DeviceSession) string {
	sum := sha256.Sum256(d.Salt)
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

// Open recognises the session of an access token. It rotates nothing: that is a
// refresh. A refusal is an Answer, as in Ask: one that is not ours is counted
// like a forged value.
//
// Errors: store.CodeTokenExpired, also when access has changed since.
func (s *Sessions) Open(ctx context.Context, r Request) (Answer, error) {
	unknown := machine.Input{Request: machine.Touch, Value: machine.UnknownValue}
	access, err := s.tokens.Open(r.Value)
	if store.CodeOf(err) == store.CodeSessionInvalid {
		return s.stranger(unknown), nil
	}
	if err != nil {
		return Answer{}, err
	}
	found, err := s.lookUp(ctx, access.SessionID)
	if err != nil {
		return Answer{}, err
	}
	if found == nil || fingerprint(found.DeviceSession) != access.Device {
		return s.stranger(unknown), nil
	}
	in := machine.Input{
		Request: machine.Touch, Value: machine.KnownValue, Generation: access.Generation,
		Proof: s.proven(r, found.DeviceSession), ClockSuspect: s.clockSuspect(),
	}
	a, err := s.move(ctx, *found, in, r.Network)
	if err == nil && a.Output.Code == machine.CodeProofRequired {
		if !s.vouched(found.ID) {
			return Answer{}, store.Errorf(store.CodeTokenExpired, "", "refresh the token with a proof")
		}
		a.Output, a.Nonce = machine.Output{Status: machine.Served}, ""
	}
	if err == nil && !a.Refused() && a.Session.Table.AccessRev != access.AccessRev {
		return Answer{}, store.Errorf(store.CodeTokenExpired, "", "what this user may do has changed: refresh the token")
	}
	return a, err
}

// Standing judges whether a generation still gives access, without noting a
// use: that of an open stream.
func (s *Sessions) Standing(d *Session, generation uint64) machine.Output {
	out := s.timers.Standing(&d.Table, generation, s.clockSuspect(), s.Now())
	if out.Code == machine.CodeProofRequired && s.vouched(d.ID) {
		return machine.Output{Status: machine.Served}
	}
	return out
}
