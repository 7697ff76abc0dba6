package machine

// thief is who has copied the value once, and what became of it.
type thief struct {
	active       bool
	head, before bool // he has the head, the one before
	older        rank // the newest older one he has; one still older only convicts him sooner

	owned     bool // the client was handed the head, or its response was lost
	unnoticed bool // the thief has used a generation that only he has, and nobody was told
}

// rob lets the thief copy the value, or use what he has.
func (m model) rob(w world, visit func(string, world)) string {
	if !w.thief.active {
		next := w
		next.thief.active, next.thief.owned = true, true
		switch w.jar {
		case 0:
			next.thief.head = true
		case 1:
			next.thief.before = true
		default:
			next.thief.older = w.jar
		}
		visit("the thief copies the value", next)
		return ""
	}
	var has []rank
	if w.thief.head {
		has = append(has, 0)
	}
	if w.thief.before {
		has = append(has, 1)
	}
	if w.thief.older != none {
		has = append(has, w.thief.older)
	}
	for _, r := range has {
		for _, request := range []Request{Ordinary, Touch, Recover, RecoverClaimed, SignOut, KeyLost, Rebind} {
			next, out, broken := m.answer(w, Input{
				Value: KnownValue, Generation: number(r), Request: request,
				Proof: BadProof, Claim: headNumber, Level: m.level,
			}, fromThief)
			if broken != "" {
				return broken
			}
			if out.Reason != "" || out.Code == CodeTaken || out.Status == Done {
				continue // without a key he can end it
			}
			visit("the thief sends one", next)
		}
	}
	return ""
}
