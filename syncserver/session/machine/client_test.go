package machine

// alone lets the client do by itself what sessions.md tells it to, from any
// world and with everything on the wire lost, until it is served.
func (m model) alone(w world) string {
	s, now := w.state(m.level), epoch
	in := Input{Value: KnownValue, Generation: number(w.jar), Level: m.level}
	for range 8 {
		var out Output
		s, out = m.next(s, in, now)
		if !s.Active() {
			if m.level == BearerOnly && w.thief.active {
				return ""
			}
			return noSignOut
		}
		if out.Status == Served && in.Request == Ordinary {
			return ""
		}
		now = after(now, out.RetryAfter)
		if out.Hand != 0 {
			in.Generation = out.Hand
			w.keyLost = w.keyLost && in.Request != Rebind
			in.Request, in.Proof = Ordinary, NoProof
			continue
		}
		switch out.Code {
		case CodeSuperseded:
			in.Request = Recover
		case CodeClaimOpen:
			in.Request, in.Claim = RecoverClaimed, out.Claim
		case CodeReverify:
			in.Request, in.Proof = Rebind, ValidProof
			continue
		case CodeProofRequired:
		default:
			return noDeadEnd
		}
		if m.level == BearerOnly {
			continue
		}
		if !out.Nonce {
			return noDeadEnd
		}
		in.Proof = ValidProof
		if w.keyLost {
			in.Request, in.Proof = KeyLost, NoProof
		}
	}
	return noDeadEnd
}
