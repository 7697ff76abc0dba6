package machine

import (
	"slices"
	"time"

	"inglenook/store"
)

// world is everything that matters of a server, a client, the network between
// them and a thief. It is small and comparable, and there are finitely many:
// an instant is only which boundary it has passed, and a generation only its
// rank, so that sessions may rotate for ever.
type world struct {
	// The session on the server.
	use      use
	due      due
	overlap  bool // the generation before the head has not expired
	claim    age
	claimFor rank
	late     rank // the newest generation that was used late

	// The client: its tabs share one jar of cookies.
	jar, disk rank // disk is what a crash falls back to
	unflushed bool // and has been so since the last mark
	claimed   bool // it was told to come back with the open claim
	keyLost   bool

	wire [2]message

	thief thief
}

// rank orders the generations that somebody still has: 0 is the head, 1 the one
// before it, 2 the next older one that is known to anybody, and so on. The
// table does not tell those from 2 on apart but by their order.
type rank uint8

const none rank = 15

// use is how long ago the head was first used. Its steps are marks 30 s apart,
// the time after which a message is lost and a running browser has flushed its
// jar: what there was at one mark is gone at the next.
type use uint8

const (
	unused use = iota
	just
	over30s
	over60s
	over90s
)

// due is whether the head shall rotate.
type due uint8

const (
	notDue due = iota
	inGrace
	pastGrace
)

// age is that of the open claim.
type age uint8

const (
	noClaim age = iota
	waiting     // the delay is not over
	ripe
)

// epoch is the now of every transition. Only differences matter.
var epoch = store.TimestampOf(time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC))

// headNumber is the head's number in a state made of a world.
const headNumber = 1000

func number(r rank) uint64 { return headNumber - uint64(r) }

// The instants that stand for what has passed.
var (
	rotation = [...]time.Duration{notDue: 5 * time.Minute, inGrace: -time.Second, pastGrace: -6 * time.Minute}
	opened   = [...]time.Duration{waiting: -time.Second, ripe: -20 * time.Second}
	firstUse = [...]store.Timestamp{
		just: after(epoch, -time.Second), over30s: after(epoch, -31*time.Second),
		over60s: after(epoch, -61*time.Second), over90s: after(epoch, -91*time.Second),
	}
)

// state is the session as the table sees it.
func (w world) state(l Level) State {
	s := State{
		Kind: Browser, Level: l,
		FirstVisitAt: epoch, LatestVisitAt: epoch, LastUsedAt: epoch, AbsoluteExpiresAt: after(epoch, time.Hour),
	}
	long := after(epoch, -time.Hour)
	s.Generations[0] = Generation{
		Number: headNumber, Origin: OriginRotate, IssuedAt: long,
		RotatesAt:   after(epoch, rotation[w.due]),
		FirstUsedAt: firstUse[w.use],
	}
	expired := after(epoch, -time.Second)
	if w.overlap {
		expired = after(epoch, time.Second)
	}
	s.Generations[1] = Generation{
		Number: number(1), Origin: OriginRotate, IssuedAt: long, FirstUsedAt: long,
		RotatesAt: expired, RotatedAt: expired, ExpiresAt: expired,
	}
	if w.claim != noClaim {
		s.Claim = Claim{
			Generation: number(w.claimFor), Head: headNumber,
			OpenedAt: after(epoch, opened[w.claim]),
		}
	}
	if w.late != none {
		s.UsedLate = number(w.late)
	}
	return s
}

// take reads a session back into the world. moved tells that the head did.
func (w *world) take(s State) (moved bool) {
	moved = s.Head().Number != headNumber
	if moved {
		w.shift()
	}
	switch s.Head().FirstUsedAt {
	case 0:
		w.use = unused
	case epoch:
		w.use = just
		if !s.Bound() {
			w.mark()
		}
	}
	if s.Head().RotatesAt > epoch {
		w.due = notDue
	}
	w.overlap = s.before().ExpiresAt > epoch
	w.claim, w.claimFor = noClaim, none
	if c := s.Claim; c.Generation != 0 {
		w.claim, w.claimFor = waiting, rank(s.Head().Number-c.Generation)
		if epoch >= after(c.OpenedAt, 11*time.Second) {
			w.claim = ripe
		}
	}
	if s.UsedLate == s.Head().Number && !s.Bound() { // of a bound session nothing reads it
		w.late = 0
	}
	return moved
}

// mark notes what there is, so that it is gone at the next mark.
func (w *world) mark() {
	for i := range w.wire {
		w.wire[i].marked = true
	}
	w.unflushed = w.jar != w.disk
}

// held are the ranks somebody can show.
func (w *world) held() [5]*rank {
	return [...]*rank{&w.jar, &w.disk, &w.wire[0].rank, &w.wire[1].rank, &w.thief.older}
}

// shown tells whether anybody can show a generation.
func (w *world) shown(r rank) bool {
	if r == 1 && w.thief.before {
		return true
	}
	held := w.held()
	return slices.ContainsFunc(held[:], func(h *rank) bool { return *h == r })
}

// shift makes room for a new head.
func (w *world) shift() {
	for _, r := range w.held() {
		if *r != none {
			*r++
		}
	}
	if w.late != none {
		w.late++
	}
	if w.thief.before {
		w.thief.older = 2
	}
	w.thief.before, w.thief.head = w.thief.head, false
	w.thief.owned = false
	w.claimed = false
	for i := range w.wire {
		w.wire[i].claim = false
	}
}

// canonical gives worlds that differ in nothing that matters one form.
func (w *world) canonical() {
	for i := range w.wire {
		msg := &w.wire[i]
		if msg.kind == nothing {
			*msg = message{rank: none}
		}
		msg.marked = msg.marked && w.marks()
	}
	if w.thief.active && w.use > just {
		w.use = over90s
	}
	w.unflushed = w.unflushed && w.marks() && w.jar != w.disk
	if w.claim != noClaim && !w.shown(w.claimFor) {
		w.claim, w.claimFor = noClaim, none
	}
	w.overlap = w.overlap && w.shown(1)
	oldest := rank(0)
	if w.thief.before {
		oldest = 1
	}
	for _, r := range w.held() {
		if *r != none {
			oldest = max(oldest, *r)
		}
	}
	if w.thief.active {
		oldest = min(oldest, 2)
	}
	if w.late != none && w.late >= oldest {
		w.late = none // nobody has an older one to be judged by it
	}
	w.close(oldest)
	if w.wire[0].order() > w.wire[1].order() {
		w.wire[0], w.wire[1] = w.wire[1], w.wire[0]
	}
}

// marks tells whether there are marks to come, and anything depends on them.
// With a thief about it no longer matters whether a judgement is just.
func (w *world) marks() bool { return w.use != unused && w.use != over90s && !w.thief.active }

// close gives the older ranks that are known consecutive numbers. With a thief
// about they are all one: that allows whatever tells them apart, and more, but
// for judgements, which end a world.
func (w *world) close(oldest rank) {
	held := w.held()
	refs := [...]*rank{held[0], held[1], held[2], held[3], held[4], &w.late, &w.claimFor}
	if w.thief.active {
		for _, r := range refs {
			if *r != none {
				*r = min(*r, 2)
			}
		}
		return
	}
	for to := rank(2); to < oldest; to++ {
		next := none
		for _, r := range refs {
			if *r >= to && *r < next {
				next = *r
			}
		}
		for _, r := range refs {
			if *r == next && next != none {
				*r = to
			}
		}
	}
}
