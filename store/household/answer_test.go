package household_test

import (
	"context"
	"testing"

	"inglenook/store"
)

// next is the batch that is to be pushed now, 0 replacements when there is none.
func (p *peer) next() store.Batch {
	p.home.t.Helper()
	b, err := p.device.NextBatch(context.Background(), store.MaxBatch)
	if err != nil {
		p.home.t.Fatal(err)
	}
	if b == nil {
		return store.Batch{}
	}
	return *b
}

// A device that stops between the answer and its event sends the batch again,
// as it was, and nothing is written twice.
func TestAnswerIsForgottenByACrash(t *testing.T) {
	h := newHome(t, 1)
	defer h.end()
	p := h.peers[0]
	p.load()
	p.write("note", thing(t, 1, "title", "a"))
	first := p.next()
	p.push(store.MaxBatch, false)
	if b := p.next(); b.Seq != 0 {
		t.Fatalf("batch %d is to be pushed after the answer", b.Seq)
	}
	head := h.server.Head()
	p.start()
	if again := p.next(); again.Seq != first.Seq || again.Replica != first.Replica || len(again.Replacements) != 1 {
		t.Fatalf("after a crash %+v is to be pushed, was %+v", again, first)
	}
	p.push(store.MaxBatch, false)
	p.pull()
	if waiting, parked := p.waiting(); waiting != 0 || parked != 0 || h.server.Head() != head {
		t.Errorf("%d wait, %d are parked, the head went from %s to %s", waiting, parked, head, h.server.Head())
	}
}

// The event may come before the answer: then nothing else has to come.
func TestEventComesBeforeItsAnswer(t *testing.T) {
	h := newHome(t, 1)
	defer h.end()
	p := h.peers[0]
	p.load()
	p.write("note", thing(t, 1, "title", "a"))
	b := p.next()
	answer, err := h.server.Apply(t.Context(), b, p.by, true)
	if err != nil {
		t.Fatal(err)
	}
	p.pull()
	if waiting, _ := p.waiting(); waiting != 1 {
		t.Fatalf("%d wait before the answer", waiting)
	}
	if err := p.device.Answer(t.Context(), b.Seq, answer); err != nil {
		t.Fatal(err)
	}
	if waiting, _ := p.waiting(); waiting != 0 {
		t.Errorf("%d wait after the answer", waiting)
	}
}

// What is written between the answer and its event is the next batch.
func TestWriteBetweenAnswerAndEvent(t *testing.T) {
	h := newHome(t, 1)
	defer h.end()
	p := h.peers[0]
	p.load()
	p.write("note", thing(t, 1, "title", "a"))
	p.push(store.MaxBatch, false)
	p.next() // finds nothing, so the write composes its batch itself
	p.write("note", thing(t, 1, "title", "b"), "title")
	if b := p.next(); b.Seq != 2 || len(b.Replacements) != 1 || b.Replacements[0].Entity.String("title") != "b" {
		t.Fatalf("to be pushed is %+v", b)
	}
	if got := p.shown("note", 1).String("title"); got != "b" {
		t.Errorf("shown is %q", got)
	}
	p.sync()
	if waiting, _ := p.waiting(); waiting != 0 || p.digests() != h.digests() {
		t.Errorf("%d wait, digests %s and %s", waiting, p.digests(), h.digests())
	}
}

// An answer that cannot be one to the batch is an error, and stands in the way
// of nothing.
func TestAnswerOfAnotherLength(t *testing.T) {
	h := newHome(t, 1)
	defer h.end()
	p := h.peers[0]
	p.load()
	p.write("note", thing(t, 1, "title", "a"))
	b := p.next()
	answer, err := h.server.Apply(t.Context(), b, p.by, true)
	if err != nil {
		t.Fatal(err)
	}
	wrong := answer
	wrong.Results = append(wrong.Results, store.Result{Status: store.Applied})
	if p.device.Answer(t.Context(), b.Seq, wrong) == nil {
		t.Error("two results for one replacement are taken")
	}
	p.write("note", thing(t, 2, "title", "b"))
	p.sync()
	if waiting, _ := p.waiting(); waiting != 0 {
		t.Errorf("%d wait", waiting)
	}
}
