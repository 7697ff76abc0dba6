package session

import (
	"context"
	"math/rand/v2"
	"strconv"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/session/machine"
)

// Request is what a client asks of its session.
type Request struct {
	Value  string // the bearer value shown; "" for none
	Cookie bool   // it came in a cookie, which a page cannot read
	Proof  string // of the device key, a compact JWS; "" for none
	Method string // of HTTP, and
	Path   string // without a prefix and a query: what the proof is for

	Ask     machine.Request // Ordinary to RecoverClaimed, SignOut or KeyLost
	Claim   string          // its id, for RecoverClaimed
	Network string          // from where, shortened
}

// Answer is what comes of it.
type Answer struct {
	Session Session // zero without a known value
	// Generation is that of the value that was shown.
	Generation uint64
	Output     machine.Output
	Proof      machine.Proof
	Value      string // the one to be handed out, "" when the client keeps what it has
	Nonce      string // "" for none
}

// Refused tells whether the answer is an error.
func (a Answer) Refused() bool { return a.Output.Code != "" }

// Err is the answer as an error, nil when it is none.
func (a Answer) Err() error {
	if !a.Refused() {
		return nil
	}
	return store.Errorf(a.Output.Code, "", "%s", refusals[a.Output.Code])
}

// refusals are the words of the codes; what to do about them is the client's to
// say.
var refusals = map[store.Code]string{
	machine.CodeMissing:       "sign in first",
	machine.CodeInvalid:       "this session is not known here",
	machine.CodeEnded:         "this session was ended",
	machine.CodeExpired:       "this session has expired",
	machine.CodeSuperseded:    "there is a newer value of this session",
	machine.CodeClaimOpen:     "come back with this claim",
	machine.CodeProofRequired: "prove the device key and repeat",
	machine.CodeDenied:        "this session belongs to another device",
	machine.CodeReverify:      "sign in to bind this session to a new key",
	machine.CodeTaken:         "this session was taken: somebody else went on with it",
	store.CodeInternal:        "the session could not be moved",
}

// Ask recognises the session of a request and moves it through the table. What
// it changes is durable when it returns. A refusal is an Answer, not an error.
func (s *Sessions) Ask(ctx context.Context, r Request) (Answer, error) {
	in := machine.Input{Request: r.Ask, ClockSuspect: s.clockSuspect()}
	if r.Value == "" {
		return s.stranger(in), nil
	}
	found, generation, err := s.shown(ctx, r.Value)
	if err != nil {
		return Answer{}, err
	}
	if found == nil {
		in.Value = machine.UnknownValue
		return s.stranger(in), nil
	}
	in.Value, in.Generation, in.Jitter = machine.KnownValue, generation, s.jitter()
	in.Proof = s.proven(r, found.DeviceSession)
	in.Claim, _ = strconv.ParseUint(r.Claim, 10, 53) // none is 0, and no claim
	return s.move(ctx, *found, in, r.Network)
}

func (s *Sessions) stranger(in machine.Input) Answer {
	_, out := s.timers.Next(machine.State{}, in, s.Now())
	return Answer{Output: out}
}

// Shown returns the session a value belongs to and the generation it is of,
// whatever became of them, and moves nothing. ok is false when the value is not one of ours.
func (s *Sessions) Shown(ctx context.Context, text string) (found Session, generation uint64, ok bool, err error) {
	d, generation, err := s.shown(ctx, text)
	if err != nil || d == nil {
		return Session{}, 0, false, err
	}
	return *d, generation, true, nil
}

// shown returns the session a value belongs to and the generation it is of; nil
// when the value is not one of ours.
func (s *Sessions) shown(ctx context.Context, text string) (*Session, uint64, error) {
	v, ok := parse(text)
	if !ok {
		return nil, 0, nil
	}
	d, err := s.lookUp(ctx, v.session)
	if err != nil || d == nil || !s.fits(v, d.DeviceSession) {
		return nil, 0, err
	}
	return d, v.generation, nil
}

// jitter is within a tenth of a rotation either way.
func (s *Sessions) jitter() time.Duration {
	return time.Duration((rand.Float64() - 0.5) * 0.2 * float64(s.timers.RotateBound)) //nolint:gosec // spreads load, guards nothing
}

// move makes a transition. It is tried on what is remembered first: most
// requests change nothing, and then nothing is written.
func (s *Sessions) move(ctx context.Context, from Session, in machine.Input, network string) (Answer, error) {
	next, out := s.timers.Next(from.Table, in, s.Now())
	if next == from.Table && out.Notice == "" {
		return s.answer(from, in, out), nil
	}
	return s.moveStored(ctx, from, in, out, network)
}

// moveStored makes a transition that is to be written. It is apart from move so
// that most requests leave no copies of a session behind: what a function for a
// transaction refers to is on the heap.
func (s *Sessions) moveStored(ctx context.Context, from Session, in machine.Input, out machine.Output, network string) (Answer, error) {
	var moved Session
	err := s.update(ctx, func(tx *tx) error {
		present, err := tx.session(from.ID)
		if err != nil {
			return err
		}
		moved, out, err = tx.move(present, in, network)
		return err
	})
	if store.CodeOf(err) == store.CodeStorageFull && (in.Request == machine.Ordinary || in.Request == machine.Touch) && out.Status == machine.Served {
		// A full disk must not sign anybody out: it is served as if nothing were due.
		if in.Proof == machine.ValidProof {
			s.vouch(from.ID)
		}
		return s.answer(from, in, machine.Output{Status: machine.Served}), nil
	}
	if err != nil {
		return Answer{}, err
	}
	return s.answer(moved, in, out), nil
}

func (s *Sessions) answer(of Session, in machine.Input, out machine.Output) Answer {
	a := Answer{Session: of, Generation: in.Generation, Proof: in.Proof, Output: out}
	if out.Hand != 0 {
		a.Value = s.write(of.DeviceSession, out.Hand)
	}
	if out.Nonce {
		a.Nonce = s.nonces.Issue()
	}
	if out.Broken != "" {
		s.broken(of.ID, out.Broken)
	}
	return a
}

// move makes a transition of the table on what is stored.
func (t *tx) move(present Session, in machine.Input, network string) (Session, machine.Output, error) {
	before := present.Table
	next, out := t.sessions.timers.Next(before, in, t.now())
	if next == before && out.Notice == "" {
		return present, out, nil
	}
	present.Table = next
	left := present.Network // who used it before this
	if out.Status == machine.Served && in.Request != machine.Recover && in.Request != machine.RecoverClaimed && network != "" {
		present.Network = network
	}
	if out.Audit != "" {
		err := t.Audit(household.AuditRecord{
			At: t.now(), Kind: string(out.Audit), UserID: present.UserID, SessionID: present.ID, Network: network, Detail: detail(out),
		})
		if err != nil {
			return present, out, err
		}
	}
	notice := household.Notice{Kind: string(out.Notice), SessionID: present.ID, Device: present.Name, Network: network}
	if out.Notice == machine.NoticeTaken || out.Notice == machine.NoticeMaybeTaken {
		notice.Network = left
	}
	if out.Notice != "" && !out.Notice.Everywhere() {
		present.notify(notice, t.now())
	}
	if err := t.put(&present); err != nil {
		return present, out, err
	}
	if out.Notice.Everywhere() {
		if err := t.tellAll(present.UserID, notice); err != nil {
			return present, out, err
		}
		again, err := t.session(present.ID)
		if err == nil {
			present = again // it may have been told too
		}
		return present, out, err
	}
	return present, out, nil
}

func detail(out machine.Output) map[string]string {
	d := map[string]string{}
	if out.Hand != 0 {
		d["generation"] = strconv.FormatUint(out.Hand, 10)
	}
	if out.Reason != "" {
		d["reason"] = string(out.Reason)
	}
	if out.Code != "" {
		d["code"] = string(out.Code)
	}
	return d
}
