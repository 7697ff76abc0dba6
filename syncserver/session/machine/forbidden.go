package machine

import "inglenook/store"

// Forbidden names the first rule that a transition breaks, "" for none. It
// knows nothing of how the table comes to its results, so that the two do not
// err together. That a failure never clears what the client has is not here:
// an [Output] cannot say it.
func Forbidden(before State, in Input, next State, out Output, now store.Timestamp) string {
	answered := in.byClient() && in.Value == KnownValue && (out.Status == Served || out.Status == Done)
	data := answered && in.Request != Recover && in.Request != RecoverClaimed && in.Request != Rebind
	unproven := before.Active() && before.Bound() && in.byClient() && in.Proof != ValidProof
	made := next.Head().Number != before.Head().Number && in.Request != SignIn
	switch {
	case data && in.Generation < next.Head().Number && !before.holds(in.Generation, now):
		return "data for an expired generation"
	case data && in.Generation > before.Head().Number && in.Proof != ValidProof:
		return "data for a generation that was not made here"
	case answered && !before.Active():
		return "an answer for a session that has ended"
	case unproven && made:
		return "a new generation of a bound session without proof"
	case unproven && out.Hand != 0:
		return "a value of a bound session without proof"
	case unproven && !next.Active() && next.EndReason != Expired:
		return "a bound session ended by a request without proof"
	case out.Hand != 0 && (out.Hand != next.Head().Number || !next.unused()):
		return "a value handed out that is not the unused head"
	case before.EndReason != "" && in.Request != SignIn && next != before:
		return "a change of a session that has ended"
	}
	return next.invariant()
}

// holds tells whether a generation still gives access.
func (s State) holds(number uint64, now store.Timestamp) bool {
	return number == s.Head().Number || number == s.before().Number && now < s.before().ExpiresAt
}

// invariant names the first rule that a state breaks, whatever led to it.
func (s State) invariant() string {
	for i, g := range s.Generations[1:] {
		newer := s.Generations[i]
		if g.Number == 0 {
			break
		}
		switch {
		case g.Number >= newer.Number:
			return "generations out of order"
		case g.FirstUsedAt == 0:
			return "two unused heads"
		case g.ExpiresAt == 0:
			return "a generation that was left and does not expire"
		}
	}
	switch {
	case s.Active() && s.Head().ExpiresAt != 0:
		return "an active session whose head expires"
	case s.Claim.Generation != 0 && (!s.Active() || s.Bound() || s.Claim.Head != s.Head().Number || s.Claim.Generation >= s.Claim.Head):
		return "a claim of nothing"
	case s.UsedLate > s.Head().Number:
		return "a late use of no generation"
	case (s.EndReason == "") != (s.EndedAt == 0):
		return "an end without a reason"
	}
	return ""
}
