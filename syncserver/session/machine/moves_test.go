package machine

import "inglenook/store"

// table is Next, or a mutation of it.
type table func(State, Input, store.Timestamp) (State, Output)

// model is what is explored: a table, and what may happen around it.
type model struct {
	next    table
	level   Level
	thief   bool // copies the value once
	keyLoss bool // the browser may throw the device key away
}

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
// overlap of 10 s is over before a claim is 11 s, a first use 30 s or a head
// 10 min old. A sleep is time that passes while nothing else does.
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
	send(message{kind: touching})
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
	by := fromClient
	if msg.stray {
		by = fromCrashed
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
		case by == fromCrashed:
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
