package machine

import (
	"time"

	"inglenook/store"
)

// table is Next, or a mutation of it.
type table func(State, Input, store.Timestamp) (State, Output)

// model is what is explored: a table, and what may happen around it.
type model struct {
	next    table
	level   Level
	thief   bool // copies the value once
	keyLoss bool // the browser may throw the device key away
}

// The properties of sessions.md, and two it implies.
const (
	noSignOut    = "an honest client is never signed out"
	noDeadEnd    = "a client left alone is served again"
	inParallel   = "a request that was on its way during a rotation is served"
	noFalseAlarm = "nobody is told of a theft for nothing"
	noExtension  = "a thief does not extend a bound session"
	noEviction   = "a thief does not sign the owner of a bound session out"
	theftNoticed = "a thief who uses a rotated session is noticed"
	neverHappens = "forbidden: "
)

// sender is who has sent a request.
type sender int

const (
	client sender = iota
	gone          // the client, before it crashed
	robber
)

// first is the world after a sign-in whose answer was received and flushed.
func first() world {
	w := world{late: none, claimFor: none, thief: thief{older: none}}
	w.canonical()
	return w
}

// moves visits every world that may follow, and returns the first property that
// one of the steps breaks.
func (m model) moves(w world, visit func(what string, next world)) (broken string) {
	m.time(w, visit)
	m.client(w, visit)
	for i, msg := range w.wire {
		switch {
		case msg.kind == nothing:
			continue
		case msg.kind.request():
			broken = m.arrive(w, i, visit)
		default:
			visit(msg.kind.gets(), m.deliver(w, i))
		}
		if broken != "" {
			return broken
		}
		lost := w
		lost.wire[i] = message{}
		visit("one is lost", lost)
	}
	if m.thief {
		return m.rob(w, visit)
	}
	return ""
}

// time passes one boundary. Those that lie in each other's order keep it: the
// overlap of 10 s is over before a claim is 11 s, a first use 60 s or a head
// 10 min old.
func (m model) time(w world, visit func(string, world)) {
	next := w
	if w.overlap {
		next.overlap = false
		visit("the overlap ends", next)
		return
	}
	if w.due == notDue || m.level > BearerOnly && w.due == inGrace {
		next.due++
		visit("the head is due, or its grace over", next)
		next = w
	}
	if w.claim == waiting {
		next.claim = ripe
		visit("the claim is 11 s old", next)
		next = w
	}
	if w.claim == ripe {
		next.claim, next.claimFor = noClaim, none
		visit("the claim is 120 s old", next)
		next = w
	}
	if w.thief.active && w.use == just && m.level == BearerOnly {
		next.use = over90s
		visit("long since the first use", next)
		next = w
	}
	if w.marks() && !w.unflushed && !w.wire[0].marked && !w.wire[1].marked && m.level == BearerOnly {
		next.use++
		next.mark()
		visit("30 s more since the first use", next)
	}
}

// client does something by itself. It follows no plan: whatever any client
// could send, it sends.
func (m model) client(w world, visit func(string, world)) {
	if w.disk != w.jar {
		next := w
		next.disk = w.jar
		visit("the jar is flushed", next)
	}
	visit("the client crashes", w.crash())
	if m.keyLoss && !w.keyLost {
		next := w
		next.keyLost = true
		visit("the key is lost", next)
	}
	if w.wire[0].kind != nothing && w.wire[1].kind != nothing {
		return
	}
	send := func(msg message) {
		next := w
		free := 0
		if w.wire[0].kind != nothing {
			free = 1
		}
		msg.rank = w.jar
		next.wire[free] = msg
		visit(msg.kind.sends(), next)
	}
	key := m.level > BearerOnly && !w.keyLost
	send(message{kind: ordinary})
	if key {
		send(message{kind: ordinary, proof: true})
	}
	if w.jar > 0 && (key || m.level == BearerOnly) { // showing the head it is an ordinary request
		send(message{kind: recovery, proof: key})
	}
	if w.claimed {
		send(message{kind: claimedRecovery, claim: true})
	}
	if w.keyLost {
		send(message{kind: rebinding})
	}
}

// crash ends the client and starts it again; what it has sent may still arrive.
func (w world) crash() world {
	for i := range w.wire {
		msg := &w.wire[i]
		if !msg.kind.request() {
			*msg = message{}
			continue
		}
		msg.stray = true
	}
	w.jar, w.claimed = w.disk, false
	return w
}

// deliver gives the client a response.
func (m model) deliver(w world, i int) world {
	msg := w.wire[i]
	w.wire[i] = message{}
	if msg.kind == claimOpen {
		w.claimed = msg.rank == w.jar && msg.claim
		return w
	}
	if msg.rank != w.jar { // even an older one: a jar does not know
		w.jar, w.claimed, w.unflushed = msg.rank, false, false
	}
	return w
}

// arrive lets the server answer a request of the client.
func (m model) arrive(w world, i int, visit func(string, world)) string {
	msg := w.wire[i]
	by := client
	if msg.stray {
		by = gone
	}
	in := Input{Value: KnownValue, Generation: number(msg.rank), Request: requests[msg.kind], Level: m.level}
	proofs := []Proof{NoProof}
	switch {
	case msg.kind == rebinding:
		proofs = []Proof{ValidProof}
	case msg.proof:
		proofs = []Proof{ValidProof, StaleProof} // its nonce may have expired on the way
	}
	if msg.claim {
		in.Claim = headNumber
	}
	w.wire[i] = message{rank: none}
	for _, in.Proof = range proofs {
		next, out, broken := m.answer(w, in, by)
		if broken != "" {
			return broken
		}
		switch {
		case out.Reason != "" || out.Code == CodeTaken:
			continue // the thief has seen to it
		case by == gone:
		case out.Hand != 0:
			next.wire[i] = message{kind: handed, rank: 0}
		case out.Code == CodeClaimOpen:
			next.wire[i] = message{kind: claimOpen, rank: msg.rank, claim: true}
		}
		if msg.kind == rebinding {
			next.keyLost = false
			next.wire[1-i].proof = false // it was made with the key that is gone
		}
		visit(msg.kind.arrives(), next)
	}
	return ""
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
		for _, request := range []Request{Ordinary, Recover, RecoverClaimed, SignOut, KeyLost, Rebind} {
			next, out, broken := m.answer(w, Input{
				Value: KnownValue, Generation: number(r), Request: request,
				Proof: BadProof, Claim: headNumber, Level: m.level,
			}, robber)
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

var requests = map[parcel]Request{
	ordinary: Ordinary, recovery: Recover, claimedRecovery: RecoverClaimed, rebinding: Rebind,
}

func (k parcel) sends() string {
	return [...]string{
		ordinary: "the client sends a request", recovery: "the client recovers",
		claimedRecovery: "the client comes with its claim", rebinding: "the client sends a new key",
	}[k]
}

func (k parcel) arrives() string {
	return [...]string{
		ordinary: "a request arrives", recovery: "a recovery arrives",
		claimedRecovery: "a claim arrives", rebinding: "a new key arrives",
	}[k]
}

func (k parcel) gets() string {
	return [...]string{handed: "the client gets a value", claimOpen: "the client gets a claim"}[k]
}

// answer asks the table and watches the properties. The world it returns means
// nothing when the session has ended.
func (m model) answer(w world, in Input, by sender) (world, Output, string) {
	s := w.state(m.level)
	next, out := m.next(s, in, epoch)
	if broken := m.broken(w, in, next, out, by); broken != "" {
		return w, out, broken
	}
	if rule := Forbidden(s, in, next, out, epoch); rule != "" {
		return w, out, neverHappens + rule
	}
	if !next.Active() {
		return w, out, ""
	}
	shown := in.Generation == headNumber && out.Status == Served && in.Request == Ordinary
	w.thief.unnoticed = w.thief.unnoticed || by == robber && shown && !w.thief.owned
	if out.Notice.Everywhere() || out.Notice != "" && by != robber {
		w.thief.unnoticed = false
	}
	if w.take(next) {
		parallel := Input{Value: KnownValue, Generation: headNumber}
		if _, out := m.next(next, parallel, after(epoch, 10*time.Second-time.Millisecond)); out.Status != Served {
			return w, out, inParallel
		}
	}
	if out.Hand != 0 {
		w.thief.head = w.thief.head || by == robber
		w.thief.owned = w.thief.active && (w.thief.owned || by != robber)
	}
	return w, out, ""
}

// broken names the property that an answer breaks.
func (m model) broken(w world, in Input, next State, out Output, by sender) string {
	bound := m.level > BearerOnly
	turnedOut := !next.Active() || out.Status == Unauthorized && (out.Code == CodeInvalid || out.Code == CodeMissing)
	switch {
	case out.Status == Failed:
		return neverHappens + out.Broken
	case by == robber && bound && out.Hand != 0:
		return noExtension
	case by == robber && bound && turnedOut:
		return noEviction
	case by != robber && turnedOut && (bound || !w.thief.active):
		return noSignOut
	case out.Notice != "" && !w.thief.active && !m.keyLoss && bound:
		return noFalseAlarm
	case by == client && in.Generation == headNumber && out.Status == Served && w.thief.unnoticed && out.Notice == "":
		return theftNoticed
	}
	return ""
}
