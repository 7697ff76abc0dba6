package machine

import (
	"testing"
	"time"

	"inglenook/store"
)

// row is one row of the table in doc.go, or a case of one. Everything is
// compared: the whole output, and the whole state that is stored.
type row struct {
	name   string
	before State
	at     time.Duration // since the sign-in
	in     Input
	want   Output
	stored func(*State) // what changes in the state; nil: nothing
}

func check(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			if rule := r.before.invariant(); rule != "" {
				t.Fatalf("the state before: %s", rule)
			}
			want := r.before
			if r.stored != nil {
				r.stored(&want)
			}
			got, out := DefaultTimers().Next(r.before, r.in, at(r.at))
			if out != r.want {
				t.Errorf("answered\n%+v, want\n%+v", out, r.want)
			}
			if got != want {
				t.Errorf("stored\n%+v, want\n%+v", got, want)
			}
		})
	}
}

const (
	day = 24 * time.Hour

	firstRotation = 16 * time.Minute // when the sessions below rotate
	later         = firstRotation + time.Minute
)

func at(d time.Duration) store.Timestamp { return after(epoch, d) }

// fresh was signed in now and not used yet.
func fresh(l Level) State {
	s, _ := DefaultTimers().Next(State{}, Input{Request: SignIn, Kind: Browser, Level: l, Proof: ValidProof}, epoch)
	return s
}

// inUse was used since.
func inUse(l Level) State {
	s := fresh(l)
	s.Generations[0].FirstUsedAt = at(time.Second)
	return s
}

// rotated has a second generation that nobody has shown yet.
func rotated(l Level) State {
	s, _ := DefaultTimers().Next(inUse(l), show(1, Ordinary, ValidProof), at(firstRotation))
	return s
}

// movedOn has a second generation in use.
func movedOn(l Level) State {
	s := rotated(l)
	s.Generations[0].FirstUsedAt = at(firstRotation + time.Second)
	return s
}

// threeOn has a third one in use.
func threeOn(l Level) State {
	s, _ := DefaultTimers().Next(movedOn(l), show(2, Ordinary, ValidProof), at(2*firstRotation))
	s.Generations[0].FirstUsedAt = at(2*firstRotation + time.Second)
	return s
}

func show(generation uint64, r Request, p Proof) Input {
	return Input{Request: r, Value: KnownValue, Generation: generation, Proof: p}
}

// successor is what a rotation at d stores.
func successor(d, due time.Duration, o Origin) func(*State) {
	return func(s *State) {
		old := s.Generations[0]
		old.RotatedAt, old.ExpiresAt = at(d), at(d+10*time.Second)
		copy(s.Generations[1:], s.Generations[:])
		s.Generations[0] = Generation{Number: old.Number + 1, Origin: o, IssuedAt: at(d), RotatesAt: at(d + due)}
		s.Generations[1] = old
		s.LastUsedAt = at(d)
		s.Claim = Claim{}
	}
}

// left closes the streams of the generation that was left at d.
func left(generation uint64, d time.Duration) Streams {
	return Streams{Bye: ByeRotated, Generation: generation, At: at(d + 10*time.Second)}
}

func TestRowsOfServing(t *testing.T) {
	const past = 20 * time.Minute
	check(t, []row{
		{
			name: "1 no value", before: inUse(BearerOnly), at: time.Minute,
			in:   Input{},
			want: Output{Status: Unauthorized, Code: CodeMissing},
		},
		{
			name: "1 no value, and none is needed", before: State{}, at: time.Minute,
			in:   Input{Public: true},
			want: Output{Status: Served},
		},
		{
			name: "2 an unknown value", before: inUse(ProtectedKey), at: time.Minute,
			in:   Input{Value: UnknownValue, Proof: BadProof},
			want: Output{Status: Unauthorized, Code: CodeInvalid, Audit: AuditInvalid, Counted: true},
		},
		{
			name: "2 a value of no session", before: State{}, at: time.Minute,
			in:   show(1, Ordinary, NoProof),
			want: Output{Status: Unauthorized, Code: CodeInvalid, Audit: AuditInvalid, Counted: true},
		},
		{
			name: "4 the first use", before: fresh(BearerOnly), at: time.Minute,
			in:     show(1, Ordinary, NoProof),
			want:   Output{Status: Served, Audit: AuditFirstUse},
			stored: func(s *State) { s.Generations[0].FirstUsedAt = at(time.Minute) },
		},
		{
			name: "4 another soon after", before: inUse(ProtectedKey), at: 2 * time.Second,
			in:   show(1, Ordinary, NoProof),
			want: Output{Status: Served},
		},
		{
			name: "4 within the rollback", before: inUse(BearerOnly), at: 91 * time.Second,
			in:   show(1, Ordinary, NoProof),
			want: Output{Status: Served},
		},
		{
			name: "4 after the rollback", before: inUse(BearerOnly), at: 91*time.Second + time.Millisecond,
			in:     show(1, Ordinary, NoProof),
			want:   Output{Status: Served},
			stored: func(s *State) { s.UsedLate = 1 },
		},
		{
			name: "4 the use is noted", before: inUse(ProtectedKey), at: 5 * time.Minute,
			in:     show(1, Ordinary, NoProof),
			want:   Output{Status: Served},
			stored: func(s *State) { s.UsedLate, s.LastUsedAt = 1, at(5*time.Minute) },
		},
		{
			name: "4 the first use late, but not a visit", before: fresh(BearerOnly), at: 14*time.Minute + 59*time.Second,
			in:   show(1, Ordinary, NoProof),
			want: Output{Status: Served, Audit: AuditFirstUse},
			stored: func(s *State) {
				s.Generations[0].FirstUsedAt = at(14*time.Minute + 59*time.Second)
				s.LastUsedAt = at(14*time.Minute + 59*time.Second)
			},
		},
		{
			name: "5 due, bearer only", before: inUse(BearerOnly), at: firstRotation,
			in:   show(1, Ordinary, NoProof),
			want: Output{Status: Served, Hand: 2, Mark: Rotated, Audit: AuditRotated, Streams: left(1, firstRotation)},
			stored: func(s *State) {
				s.UsedLate = 1
				successor(firstRotation, 15*time.Minute, OriginRotate)(s)
			},
		},
		{
			name: "5 due at its first use, after a pause", before: fresh(BearerOnly), at: 2 * time.Hour,
			in:   Input{Value: KnownValue, Generation: 1, Jitter: time.Hour},
			want: Output{Status: Served, Hand: 2, Mark: Rotated, Audit: AuditRotated, Streams: left(1, 2*time.Hour)},
			stored: func(s *State) {
				s.Generations[0].FirstUsedAt = at(2 * time.Hour)
				successor(2*time.Hour, 15*time.Minute+90*time.Second, OriginRotate)(s) // the jitter is cut
				s.PreviousVisitAt, s.LatestVisitAt = epoch, at(2*time.Hour)
			},
		},
		{
			name: "5 made by a clock that was ahead", before: inUse(BearerOnly), at: -day,
			in:   show(1, Ordinary, NoProof),
			want: Output{Status: Served, Hand: 2, Mark: Rotated, Audit: AuditRotated, Streams: left(1, -day)},
			stored: func(s *State) {
				successor(-day, 15*time.Minute, OriginRotate)(s)
				s.AbsoluteExpiresAt = at(89 * day)
			},
		},
		{
			name: "5 due, bound, with proof, past the grace", before: inUse(ProtectedKey), at: past,
			in:   show(1, Ordinary, ValidProof),
			want: Output{Status: Served, Hand: 2, Mark: Rotated, Audit: AuditRotated, Streams: left(1, past)},
			stored: func(s *State) {
				s.UsedLate = 1
				successor(past, 10*time.Minute, OriginRotate)(s)
			},
		},
		{
			name: "6 due, bound, no proof", before: fresh(ProtectedKey), at: 10 * time.Minute,
			in:   show(1, Ordinary, NoProof),
			want: Output{Status: Served, Mark: RotateDue, Nonce: true, Audit: AuditFirstUse},
			stored: func(s *State) {
				s.Generations[0].FirstUsedAt, s.LastUsedAt = at(10*time.Minute), at(10*time.Minute)
			},
		},
		{
			name: "6 the same with a bad proof, at the end of the grace", before: inUse(SoftwareKey), at: 15*time.Minute - time.Millisecond,
			in:     show(1, Ordinary, BadProof),
			want:   Output{Status: Served, Mark: RotateDue, Nonce: true},
			stored: func(s *State) { s.UsedLate, s.LastUsedAt = 1, at(15*time.Minute-time.Millisecond) },
		},
		{
			name: "7 made by a clock that was ahead", before: inUse(SoftwareKey), at: -day,
			in:   show(1, Ordinary, NoProof),
			want: Output{Status: Unauthorized, Code: CodeProofRequired, Nonce: true, Audit: AuditProofAsked},
		},
		{
			name: "7 past the grace", before: inUse(ProtectedKey), at: 15 * time.Minute,
			in:   show(1, Ordinary, StaleProof),
			want: Output{Status: Unauthorized, Code: CodeProofRequired, Nonce: true, Audit: AuditProofAsked},
		},
		{
			name: "8 one before, bearer only, the head unused", before: rotated(BearerOnly), at: firstRotation + 10*time.Second - time.Millisecond,
			in:   show(1, Ordinary, NoProof),
			want: Output{Status: Served, Hand: 2, Mark: Rotated, Audit: AuditRehanded},
		},
		{
			name: "8 one before, the head in use", before: movedOn(BearerOnly), at: firstRotation + 2*time.Second,
			in:   show(1, Ordinary, NoProof),
			want: Output{Status: Served},
		},
		{
			name: "8 one before, bound, no proof", before: rotated(ProtectedKey), at: firstRotation + 2*time.Second,
			in:   show(1, Ordinary, NoProof),
			want: Output{Status: Served},
		},
		{
			name: "8 one before, bound, with proof", before: rotated(ProtectedKey), at: firstRotation + 2*time.Second,
			in:   show(1, Ordinary, ValidProof),
			want: Output{Status: Served, Hand: 2, Mark: Rotated, Audit: AuditRehanded},
		},
		{
			name: "9 one before, expired, the head unused", before: rotated(BearerOnly), at: firstRotation + 10*time.Second,
			in:   show(1, Ordinary, NoProof),
			want: Output{Status: Unauthorized, Code: CodeSuperseded, Hand: 2, Audit: AuditRehanded},
		},
		{
			name: "9 days later", before: rotated(BearerOnly), at: 5 * day,
			in:   show(1, Recover, NoProof),
			want: Output{Status: Unauthorized, Code: CodeSuperseded, Hand: 2, Audit: AuditRehanded},
		},
		{
			name: "10 one before, expired, the head in use", before: movedOn(BearerOnly), at: later,
			in:   show(1, Ordinary, NoProof),
			want: Output{Status: Unauthorized, Code: CodeSuperseded, Audit: AuditStray},
		},
		{
			name: "10 one before, expired, bound", before: rotated(ProtectedKey), at: later,
			in:   show(1, Ordinary, ValidProof),
			want: Output{Status: Unauthorized, Code: CodeSuperseded, Nonce: true, Audit: AuditStray},
		},
		{
			name: "10 two before, within the overlap of the next", before: threeOn(BearerOnly), at: 2*firstRotation + 2*time.Second,
			in:   show(1, Ordinary, NoProof),
			want: Output{Status: Unauthorized, Code: CodeSuperseded, Audit: AuditStray},
		},
		{
			name: "10 a sign-out with an old value", before: movedOn(BearerOnly), at: later,
			in:   show(1, SignOut, NoProof),
			want: Output{Status: Unauthorized, Code: CodeSuperseded, Audit: AuditStray},
		},
	})
}
