package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/syncserver/servertest"
)

// put writes one thing and returns it as it is then.
func (s shell) put(act, kind, object string, id ...store.ID) (e store.Entity) {
	s.t.Helper()
	if len(id) > 0 {
		object = fmt.Sprintf(`{"id":%d,%s`, id[0], strings.TrimPrefix(object, "{"))
	}
	decode(s.t, s.ok(object, "put", kind, "--act", act), &e)
	return e
}

func (s shell) undo(act string) (u undone) {
	s.t.Helper()
	decode(s.t, s.ok("", "undo", act), &u)
	return u
}

// shows compares what is living of a kind: the fields named of each, by title.
func (s shell) shows(kind string, want map[string]string, fields ...string) {
	s.t.Helper()
	got := map[string]string{}
	for line := range strings.Lines(s.ok("", "ls", kind, "--json")) {
		var e store.Entity
		decode(s.t, line, &e)
		got[e.String("title")] = ""
		for _, field := range fields {
			got[e.String("title")] += e.String(field) + " "
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		s.t.Errorf("shown of %s is %v, want %v", kind, got, want)
	}
}

// together exchanges until everybody has everything.
func together(devices ...shell) {
	for range 2 {
		for _, s := range devices {
			s.ok("", "sync", "--once")
		}
	}
}

func pair(t *testing.T, server *servertest.Server) (a, b shell) {
	t.Helper()
	a, b = shell{t, t.TempDir()}, shell{t, t.TempDir()}
	a.ok("", "login", server.URL, "--name", "Anna", "--demo")
	b.ok("", "login", server.URL, "--name", "Ben", "--demo")
	together(a, b)
	for _, kind := range []string{"note", "list"} {
		for line := range strings.Lines(a.ok("", "ls", kind, "--json")) {
			var e store.Entity
			decode(t, line, &e)
			a.ok("", "rm", kind, e.ID.String())
		}
	}
	together(a, b)
	return a, b
}

// An act is taken back wherever it has come to: as it waits, as the server has
// it, half and half; and so is what took it back.
func TestUndoPutsBackWhatAnActChanged(t *testing.T) {
	for _, where := range []string{"waiting", "sent", "half", "within a millisecond"} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			server := servertest.Start(t, servertest.Options{})
			tick := func() {
				if where != "within a millisecond" {
					server.Clock.Advance(time.Second)
				}
			}
			a, b := pair(t, server)
			sync := func() {
				if where != "waiting" {
					tick()
					together(a, b)
				}
			}
			changed := a.put("", "note", `{"title":"Keys","body":"under the mat"}`)
			deleted := a.put("", "note", `{"title":"Code","body":"1234"}`)
			both := a.put("", "note", `{"title":"Wifi","body":"secret"}`)
			list := a.put("", "list", `{"title":"Camping"}`)
			a.put("", "item", fmt.Sprintf(`{"title":"Tent","listId":%d}`, list.ID))
			sync()
			before := map[string]string{"Keys": "under the mat ", "Code": "1234 ", "Wifi": "secret "}
			a.shows("note", before, "body")

			a.put("spring", "note", `{"title":"Keyring"}`, changed.ID)
			a.put("spring", "note", `{"body":"open"}`, both.ID)
			made := a.put("spring", "list", `{"title":"Beach"}`)
			if where == "half" {
				sync()
			}
			a.ok("", "rm", "note", deleted.ID.String(), "--act", "spring")
			a.put("spring", "note", `{"body":"with Ben"}`, changed.ID)
			a.ok("", "rm", "note", both.ID.String(), "--act", "spring")
			a.put("spring", "item", fmt.Sprintf(`{"title":"Towel","listId":%d}`, made.ID))
			if where != "half" {
				sync()
			}
			after := map[string]string{"Keyring": "with Ben "}
			a.shows("note", after, "body")

			undone := a.undo("spring")
			want := undone
			want.Deleted, want.PutBack, want.Restored, want.Left = 2, 1, 2, 0
			if undone != want {
				t.Errorf("undone %+v, want %+v", undone, want)
			}
			a.shows("note", before, "body")
			a.shows("list", map[string]string{"Camping": ""})
			a.fails(exitNotFound, "undo", "spring")
			sync()

			again := a.undo(undone.Act)
			want = again
			want.Deleted, want.PutBack, want.Restored, want.Left = 2, 1, 2, 0
			if again != want {
				t.Errorf("undone the undoing %+v, want %+v", again, want)
			}
			a.shows("note", after, "body")
			a.shows("list", map[string]string{"Camping": "", "Beach": ""})
			tick()
			together(a, b)
			b.shows("note", after, "body")
		})
	}
}

// What somebody has changed since the act stays, and is counted.
func TestUndoLeavesWhatWasChangedSince(t *testing.T) {
	for _, where := range []string{"waiting", "sent"} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			server := servertest.Start(t, servertest.Options{})
			a, b := pair(t, server)
			writer := a
			sync := func() {
				if where == "sent" {
					writer = b
					server.Clock.Advance(time.Second)
					together(a, b)
				}
			}
			partly := a.put("", "note", `{"title":"Keys","body":"under the mat"}`)
			gone := a.put("", "note", `{"title":"Code"}`)
			back := a.put("", "note", `{"title":"Wifi"}`)
			sync()
			a.put("spring", "note", `{"title":"Keyring","body":"with Ben"}`, partly.ID)
			a.put("spring", "note", `{"title":"PIN"}`, gone.ID)
			a.ok("", "rm", "note", back.ID.String(), "--act", "spring")
			list := a.put("spring", "list", `{"title":"Beach"}`)
			towel := a.put("spring", "item", fmt.Sprintf(`{"title":"Towel","listId":%d}`, list.ID))
			a.put("spring", "item", fmt.Sprintf(`{"title":"Hat","listId":%d}`, list.ID))
			sync()
			writer.put("", "note", `{"body":"at work"}`, partly.ID)
			writer.ok("", "rm", "note", gone.ID.String())
			writer.ok("", "restore", "note", back.ID.String())
			writer.put("", "item", `{"title":"Two towels"}`, towel.ID)
			sync()

			undone := a.undo("spring")
			want := undone
			// Left: the body, the note that is gone, the towels and so their list.
			want.Deleted, want.PutBack, want.Restored, want.Left = 1, 1, 0, 4
			if undone != want {
				t.Errorf("undone %+v, want %+v", undone, want)
			}
			sync()
			a.shows("note", map[string]string{"Keys": "at work ", "Wifi": " "}, "body")
			a.shows("list", map[string]string{"Beach": ""})
			items := a.ok("", "ls", "item")
			if !strings.Contains(items, "Two towels") || strings.Contains(items, "Hat") {
				t.Errorf("the items are %s", items)
			}
		})
	}
}

// A thing that others changed between two parts of an act keeps what they did.
func TestUndoOfAnActWithOthersBetween(t *testing.T) {
	server := servertest.Start(t, servertest.Options{})
	a, b := pair(t, server)
	note := a.put("", "note", `{"title":"Keys","body":"under the mat"}`)
	together(a, b)
	a.put("spring", "note", `{"title":"Keyring"}`, note.ID)
	made := a.put("spring", "note", `{"title":"Made"}`)
	together(a, b)
	b.put("", "note", `{"title":"Ben's keys"}`, note.ID)
	b.put("", "note", `{"body":"Ben was here"}`, made.ID)
	together(b, a)
	a.put("spring", "note", `{"body":"with Ben"}`, note.ID)
	a.put("spring", "note", `{"color":"#112233"}`, made.ID)
	together(a, b)
	undone := b.undo("spring")
	want := undone
	want.PutBack, want.Left = 1, 2
	want.Deleted, want.Restored = 0, 0
	if undone != want {
		t.Errorf("undone %+v, want %+v", undone, want)
	}
	b.shows("note", map[string]string{"Ben's keys": "under the mat ", "Made": "Ben was here "}, "body")
}

// More of an act than a page holds, of which this session may see nothing, does
// not hide the rest.
func TestUndoLooksBehindWhatItMayNotSee(t *testing.T) {
	server := servertest.Start(t, servertest.Options{})
	a, _ := pair(t, server)
	ben, _ := server.SignIn(t, "Ben")
	push := func(seq uint64, fields ...string) {
		e := store.Entity{ID: store.ID(1000 + seq), UpdatedAt: 1}
		for i := 0; i < len(fields); i += 2 {
			if err := e.Set(fields[i], store.RawValue(fields[i+1])); err != nil {
				t.Fatal(err)
			}
		}
		answer, err := ben.Push(t.Context(), store.Batch{
			Replica: 9, Seq: seq, Act: "spring", Replacements: []store.Replacement{{Kind: "note", Entity: e}},
		})
		if err != nil || answer.Results[0].Status != store.Applied {
			t.Fatalf("push: %v %+v", err, answer)
		}
	}
	private := `{"` + server.User(t, "Ben").ID.String() + `":"write"}`
	for seq := range uint64(110) {
		push(seq+1, "title", `"Ben's"`, "audience", private)
	}
	push(111, "title", `"Everybody's"`)
	together(a)
	a.shows("note", map[string]string{"Everybody's": ""})
	if undone := a.undo("spring"); undone.Deleted != 1 || undone.Left != 0 {
		t.Errorf("undone %+v", undone)
	}
	a.shows("note", map[string]string{})
}
