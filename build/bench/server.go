package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"

	"inglenook/store"
)

// server is one of the two, running over a folder of its own.
type server struct {
	*process
	bench *bench
	dir   string
	speech
	filledAfter uint64 // the event behind which it was filled
}

// speech is how one of the two is talked to.
type speech interface {
	// command is what is started over a folder.
	command(p programs, dir string) []string
	// meet prepares a fresh server: who writes where.
	meet(ctx context.Context, s *server) error
	// bearer proves who somebody is; streams and readers are spread over people.
	bearer(n int) string
	// lists are where items may go: one for all to see, and two for some.
	lists() [3]store.ID
	// batch is the path and the body of a write.
	batch(replica store.ID, seq uint64, items []item) (path string, body []byte)
	// event reads the number of the event off the answer to a write.
	event(answer []byte) (uint64, error)
	// ready, changes, all and stream are paths.
	ready() string
	changes(after uint64) string
	all() string
	stream() string
	// more reads off the last line of a page of changes where the next begins;
	// 0 when it was the last page.
	more(last []byte) uint64
}

// pair is both servers over fresh folders.
type pair struct{ reference, ours *server }

// pair starts both. Whoever asked stops them.
func (b *bench) pair(ctx context.Context) (*pair, error) {
	reference, err := b.server(ctx, &theirSpeech{})
	if err != nil {
		return nil, err
	}
	ours, err := b.server(ctx, &ourSpeech{})
	if err != nil {
		reference.end()
		return nil, err
	}
	return &pair{reference, ours}, nil
}

func (p *pair) end() {
	p.reference.end()
	p.ours.end()
}

// each runs fn on both.
func (p *pair) each(fn func(*server) error) error {
	if err := fn(p.reference); err != nil {
		return fmt.Errorf("reference: %w", err)
	}
	if err := fn(p.ours); err != nil {
		return fmt.Errorf("ours: %w", err)
	}
	return nil
}

func (b *bench) server(ctx context.Context, speech speech) (*server, error) {
	dir, err := os.MkdirTemp(b.dir, "store-")
	if err != nil {
		return nil, err
	}
	s := &server{bench: b, dir: dir, speech: speech}
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	if err := speech.meet(ctx, s); err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

// start starts the server over its folder, and returns when it answers.
func (s *server) start(ctx context.Context) (err error) {
	command := s.command(s.bench.bin, s.dir)
	if s.process, err = s.bench.run(ctx, command[0], command[1:]...); err != nil {
		return err
	}
	w, err := dial(ctx, s, "")
	if err != nil {
		return err
	}
	defer w.close()
	_, err = w.ask(http.MethodGet, s.ready(), nil)
	return err
}

// end stops the server and removes its folder.
func (s *server) end() {
	s.bench.stop(s.process)
	_ = os.RemoveAll(s.dir) // the whole folder goes at the end
}

// ourSpeech is inglenookd with the demo's people.
type ourSpeech struct {
	people []person
	places [3]store.ID
}

func (o *ourSpeech) command(p programs, dir string) []string {
	return []string{p.ours, "serve", "--data", filepath.Join(dir, "household"), "--listen", "127.0.0.1:0", "--demo", "--log", "warn", "--session-streams", "1000", "--session-rotate-bearer", "24h"}
}

func (o *ourSpeech) bearer(n int) string { return o.people[n%len(o.people)].value }
func (o *ourSpeech) lists() [3]store.ID  { return o.places }
func (*ourSpeech) ready() string         { return "/api/ready" }
func (*ourSpeech) all() string           { return "/api/entities" }

func (o *ourSpeech) stream() string { return "/api/event" }

func (o *ourSpeech) changes(after uint64) string {
	return fmt.Sprintf("/api/changes?limit=10000&after=%d-%d", o.people[0].epoch, after)
}

func (*ourSpeech) batch(replica store.ID, seq uint64, items []item) (string, []byte) {
	b := fmt.Appendf(nil, `{"replica":%d,"seq":%d,"replacements":[`, replica, seq)
	for i, it := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, `{"kind":"item","entity":`...), it.json...)
		b = append(append(b, `,"base":`...), strconv.FormatUint(it.base, 10)...)
		for j, field := range it.changed {
			if j == 0 {
				b = append(b, `,"changed":[`...)
			} else {
				b = append(b, ',')
			}
			b = append(strconv.AppendQuote(b, field), "]"[:(j+1)/len(it.changed)]...)
		}
		b = append(b, '}')
	}
	return "/api/replacements", append(b, "]}"...)
}

// event also makes sure that everything was taken: a server that rejects would
// be fast.
func (*ourSpeech) event(answer []byte) (uint64, error) {
	if bytes.Contains(answer, []byte(`"status":"rejected"`)) {
		return 0, fmt.Errorf("something was rejected: %.300s", answer)
	}
	return numberAfter(answer, `"id":`), nil
}

func (*ourSpeech) more(last []byte) uint64 {
	id := numberAfter(last, `"id":`)
	if id == numberAfter(last, `"head":`) {
		return 0
	}
	return id
}

// theirSpeech is the reference.
type theirSpeech struct{}

func (*theirSpeech) command(p programs, dir string) []string { return []string{p.reference, dir} }
func (*theirSpeech) meet(context.Context, *server) error     { return nil }
func (*theirSpeech) bearer(int) string                       { return "" }
func (*theirSpeech) lists() [3]store.ID                      { return [3]store.ID{1 << 50, 1 << 50, 1 << 50} } // as long as ours
func (*theirSpeech) ready() string                           { return "/ready" }
func (*theirSpeech) all() string                             { return "/snapshot" }
func (*theirSpeech) stream() string                          { return "/events" }
func (*theirSpeech) more([]byte) uint64                      { return 0 }
func (*theirSpeech) changes(after uint64) string             { return fmt.Sprintf("/changes?after=%d", after) }

func (*theirSpeech) batch(_ store.ID, _ uint64, items []item) (string, []byte) {
	b := []byte{'['}
	for i, it := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, `{"key":"item/`...), it.id.String()...)
		b = append(append(append(b, `","value":`...), it.json...), '}')
	}
	return "/values", append(b, ']')
}

func (*theirSpeech) event(answer []byte) (uint64, error) { return numberAfter(answer, `"id":`), nil }

// numberAfter reads the digits behind a name, 0 when there are none.
func numberAfter(b []byte, name string) (n uint64) {
	_, rest, _ := bytes.Cut(b, []byte(name))
	for _, c := range rest {
		if c < '0' || c > '9' {
			break
		}
		n = 10*n + uint64(c-'0')
	}
	return n
}
