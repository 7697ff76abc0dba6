package machine

// alone lets the client do by itself what sessions.md tells it to, from any
// world, with everything on the wire lost and the thief gone, until it is
// served. It is stricter than that some way leads out: this one does.
func (m model) alone(w world) string {
	s, now := w.state(m.level), epoch
	told := !w.thief.unnoticed
	in := Input{Value: KnownValue, Generation: number(w.jar), Level: m.level}
	for range 8 { // more is a circle
		head := in.shows(s.Head())
		var out Output
		s, out = m.next(s, in, now)
		told = told || out.Notice != ""
		switch {
		case out.Code == CodeTaken && m.level == BearerOnly && w.thief.active:
			return ""
		case !s.Active():
			return noSignOut
		case out.Status == Served && in.Request == Ordinary && head && !told:
			return theftNoticed
		case out.Status == Served && in.Request == Ordinary:
			return ""
		}
		now = after(now, out.RetryAfter)
		w.keyLost = w.keyLost && (in.Request != Rebind || out.Status != Served)
		var ok bool
		if in, ok = in.follow(out, w.keyLost); !ok {
			return noDeadEnd
		}
	}
	return noDeadEnd
}

// follow is what a client asks after an answer that did not serve it. It shows
// the key only when it was given a nonce to sign.
func (in Input) follow(out Output, keyLost bool) (Input, bool) {
	in.Proof = NoProof
	switch {
	case out.Hand != 0:
		in.Request, in.Generation = Ordinary, out.Hand
		return in, true
	case out.Code == CodeClaimOpen:
		in.Request, in.Claim = RecoverClaimed, out.Claim
		return in, true
	case out.Code == CodeReverify:
		in.Request, in.Proof = Rebind, ValidProof // of the new key, made at the sign-in
		return in, true
	case out.Code != CodeSuperseded && out.Code != CodeProofRequired:
		return in, false
	case keyLost:
		in.Request = KeyLost
		return in, true
	case out.Code == CodeSuperseded:
		in.Request = Recover
	}
	if out.Nonce {
		in.Proof = ValidProof
	}
	return in, true
}
