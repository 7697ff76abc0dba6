package apitest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"inglenook/store"
	"inglenook/syncserver/api"

	"github.com/go-json-experiment/json"
)

// Request is one message to a Target.
type Request struct {
	Method, Path string
	IfMatch      string // "" for any version
	Body         []byte
}

// Answer is what it says.
type Answer struct {
	Status            int
	ContentType, ETag string
	Body              []byte
}

// Target is a signed-in way to ask: over HTTP, or through the bridge.
type Target interface {
	Ask(t testing.TB, r Request) Answer
}

// Run is what every Target must answer alike. open gives one with a household
// in which lists may be made.
func Run(t *testing.T, open func(t *testing.T) Target) {
	t.Run("life of an entity", func(t *testing.T) { newSuite(t, open(t)).life() })
	t.Run("bad input", func(t *testing.T) { newSuite(t, open(t)).badInput() })
	t.Run("pages", func(t *testing.T) { newSuite(t, open(t)).pages() })
	t.Run("users and session", func(t *testing.T) { newSuite(t, open(t)).users() })
	t.Run("session data", func(t *testing.T) { newSuite(t, open(t)).data() })
	t.Run("devices", func(t *testing.T) { newSuite(t, open(t)).devices() })
	t.Run("the household's doors", func(t *testing.T) { newSuite(t, open(t)).doors() })
}

type suite struct {
	*testing.T
	target   Target
	contract *Contract
	replica  store.ID
	seq      uint64
}

func newSuite(t *testing.T, target Target) *suite {
	return &suite{T: t, target: target, contract: Load(t), replica: store.NewID()}
}

// ask sends a request, checks the answer against the contract and decodes it.
func (s *suite) ask(operation, path string, body any, into any) (status int, problem api.Problem) {
	s.Helper()
	answer, problem := s.askVersion(operation, path, "", body, into)
	return answer.Status, problem
}

// askVersion is ask for what has versions.
func (s *suite) askVersion(operation, path, ifMatch string, body any, into any) (answer Answer, problem api.Problem) {
	s.Helper()
	var raw []byte
	switch b := body.(type) {
	case nil:
	case string:
		raw = []byte(b)
	default:
		var err error
		if raw, err = json.Marshal(b); err != nil {
			s.Fatal(err)
		}
	}
	method, pattern, _ := strings.Cut(operation, " ")
	if path == "" {
		path = pattern
	}
	answer = s.target.Ask(s.T, Request{Method: method, Path: path, IfMatch: ifMatch, Body: raw})
	s.contract.Check(s.T, operation, answer.Status, answer.ContentType, answer.Body)
	if answer.Status >= 400 {
		into = &problem
	}
	if into != nil {
		if err := json.Unmarshal(answer.Body, into); err != nil {
			s.Errorf("%s %s: %v: %.200s", operation, path, err, answer.Body)
		}
	}
	return answer, problem
}

func (s *suite) push(replacements ...store.Replacement) store.BatchResult {
	s.Helper()
	s.seq++
	var result store.BatchResult
	status, problem := s.ask("POST /api/replacements", "", store.Batch{Replica: s.replica, Seq: s.seq, Replacements: replacements}, &result)
	if status != 200 {
		s.Fatalf("push: %d %+v", status, problem)
	}
	return result
}

func list(id store.ID, title string) store.Replacement {
	e := store.Entity{ID: id, UpdatedAt: 1_790_000_000_000}
	if err := e.Set("title", title); err != nil {
		panic(err) // a string has a JSON form
	}
	return store.Replacement{Kind: "list", Entity: e}
}

// head is the newest cursor.
func (s *suite) head() store.Cursor {
	var c store.Cursor
	s.ask("GET /api/last-event-id", "", nil, &c)
	return c
}

// trashEntry is what restoring needs of one.
type trashEntry struct {
	Last store.Entity  `json:"last"`
	Base store.EventID `json:"base"`
}

func (s *suite) life() {
	before, id := s.head(), store.NewID()
	made := s.push(list(id, "Groceries"))
	if made.Results[0].Status != store.Applied || made.Event.ID <= before.ID {
		s.Fatalf("create: %+v after %v", made, before)
	}
	edit := list(id, "Food")
	edit.Base, edit.Changed = made.Event.ID, []string{"title"}
	edited := s.push(edit)
	s.push(store.Replacement{Kind: "list", Entity: store.Tombstone(id, edit.Entity.UpdatedAt+1), Base: edited.Event.ID})

	var trash struct {
		Entries []trashEntry `json:"entries"`
	}
	s.ask("GET /api/trash", "", nil, &trash)
	i := slices.IndexFunc(trash.Entries, func(e trashEntry) bool { return e.Last.ID == id })
	if i < 0 || trash.Entries[i].Last.String("title") != "Food" {
		s.Fatalf("trash: %+v", trash)
	}
	s.push(store.Replacement{Kind: "list", Entity: trash.Entries[i].Last, Base: trash.Entries[i].Base})

	var changes api.Changes
	s.ask("GET /api/changes", fmt.Sprintf("/api/changes?after=%s&limit=100", before), nil, &changes)
	var titles []string
	for _, event := range changes.Events {
		for _, c := range event.Replacements {
			if c.Entity.ID == id {
				titles = append(titles, c.Entity.String("title"))
			}
		}
	}
	// A server's line tells what was, a device's what is.
	was, is := []string{"Groceries", "Food", "", "Food"}, []string{"Food"}
	if told := slices.Compact(titles); !slices.Equal(told, was) && !slices.Equal(told, is) || changes.ID != changes.Head {
		s.Errorf("the line tells %q up to %d of %d", titles, changes.ID, changes.Head)
	}
}

func (s *suite) badInput() {
	head := s.head()
	batch := func(replacements string) string {
		s.seq++
		return fmt.Sprintf(`{"replica":%d,"seq":%d,"replacements":%s}`, s.replica, s.seq, replacements)
	}
	deep := strings.Repeat(`[`, 10_000) + strings.Repeat(`]`, 10_000)
	for _, tt := range []struct {
		name, operation, path, body string
		code                        store.Code
		field                       string
	}{
		{"broken JSON", "POST /api/replacements", "", `{"replica":`, store.CodeMalformed, "*"},
		{"not UTF-8", "POST /api/replacements", "", batch("[{\"kind\":\"list\",\"entity\":{\"id\":5,\"updatedAt\":\"2026-01-01T00:00:00Z\",\"title\":\"\xff\"}}]"), store.CodeMalformed, "*"},
		{"10,000 levels", "POST /api/replacements", "", batch(`[{"kind":"list","entity":{"id":5,"updatedAt":"2026-01-01T00:00:00Z","x":` + deep + `}}]`), store.CodeMalformed, ""},
		{"a name twice", "POST /api/replacements", "", `{"replica":1,"replica":2,"seq":1,"replacements":[]}`, store.CodeMalformed, "*"},
		{"wrong type", "POST /api/replacements", "", `{"replica":"x","seq":1,"replacements":[]}`, store.CodeInvalid, "replica"},
		{"unknown member", "POST /api/replacements", "", `{"replica":1,"seq":1,"replacements":[],"extra":1}`, store.CodeInvalid, "extra"},
		{"empty batch", "POST /api/replacements", "", batch(`[]`), store.CodeInvalid, "replacements"},
		{"seq 0", "POST /api/replacements", "", `{"replica":1,"seq":0,"replacements":[{"kind":"list","entity":{"id":5,"updatedAt":"2026-01-01T00:00:00Z","title":"x"}}]}`, store.CodeInvalid, "seq"},
		{"id beyond 2^53", "POST /api/replacements", "", batch(`[{"kind":"list","entity":{"id":9007199254740992,"updatedAt":"2026-01-01T00:00:00Z"}}]`), store.CodeInvalid, "replacements[0].entity.id"},
		{"negative id", "POST /api/replacements", "", batch(`[{"kind":"list","entity":{"id":-5,"updatedAt":"2026-01-01T00:00:00Z"}}]`), store.CodeInvalid, "replacements[0].entity.id"},
		{"no time", "POST /api/replacements", "", batch(`[{"kind":"list","entity":{"id":5,"updatedAt":"yesterday"}}]`), store.CodeInvalid, "replacements[0].entity.updatedAt"},
		{"negative base", "POST /api/replacements", "", batch(`[{"kind":"list","entity":{"id":5,"updatedAt":"2026-01-01T00:00:00Z"},"base":-1}]`), store.CodeInvalid, "replacements[0].base"},
		{"no JSON", "POST /api/replacements", "", "", store.CodeMalformed, ""},
		{"a cursor of letters", "GET /api/changes", "/api/changes?after=abc", "", store.CodeCursorInvalid, "after"},
		{"no cursor", "GET /api/changes", "/api/changes", "", store.CodeCursorInvalid, "after"},
		{"another epoch", "GET /api/changes", fmt.Sprintf("/api/changes?after=%d-0", head.Epoch+1), "", store.CodeReset, "epoch"},
		{"beyond the head", "GET /api/changes", fmt.Sprintf("/api/changes?after=%d-%d", head.Epoch, head.ID+1000), "", store.CodeReset, "beyond-head"},
		{"limit 0", "GET /api/changes", fmt.Sprintf("/api/changes?after=%s&limit=0", head), "", store.CodeInvalid, "limit"},
		{"no such entity", "GET /api/history/{kind}/{id}", "/api/history/list/4711", "", store.CodeNotFound, "id"},
		{"no id", "GET /api/history/{kind}/{id}", "/api/history/list/-1", "", store.CodeInvalid, "id"},
		{"no such user", "GET /api/users/{id}", "/api/users/4711", "", store.CodeNotFound, "id"},
	} {
		_, problem := s.ask(tt.operation, tt.path, tt.body, nil)
		if problem.Code != tt.code || tt.field != "*" && problem.Field != tt.field {
			s.Errorf("%s: got %s at %q (%s), want %s at %q", tt.name, problem.Code, problem.Field, problem.Detail, tt.code, tt.field)
		}
	}
	if now := s.head(); now != head {
		s.Errorf("bad input moved the head from %v to %v", head, now)
	}
	wrong := list(store.NewID(), "")
	delete(wrong.Entity.Fields, "title")
	good := list(store.NewID(), "goes on")
	result := s.push(wrong, good)
	if result.Results[0].Code != store.CodeInvalid || result.Results[0].Field != "entity.title" || result.Results[1].Status != store.Applied {
		s.Errorf("a rejected entry blocks the others: %+v", result.Results)
	}
}

func (s *suite) pages() {
	for i := range 25 {
		s.push(list(store.NewID(), fmt.Sprint("list ", i)))
	}
	var whole, part api.Snapshot
	s.ask("GET /api/entities", "/api/entities?kind=list", nil, &whole)
	var joined []store.ID
	path := "/api/entities?kind=list&limit=10"
	for range 10 {
		part = api.Snapshot{}
		s.ask("GET /api/entities", path, nil, &part)
		for _, c := range part.Entities {
			joined = append(joined, c.Entity.ID)
		}
		if part.Next == "" {
			break
		}
		path = fmt.Sprintf("/api/entities?kind=list&limit=10&after=%s&at=%d-%d", part.Next, part.Epoch, part.ID)
	}
	var ids []store.ID
	for _, c := range whole.Entities {
		ids = append(ids, c.Entity.ID)
	}
	if len(ids) < 25 || !slices.Equal(ids, joined) {
		s.Errorf("pages give %d entities, the whole %d", len(joined), len(ids))
	}
}

func (s *suite) users() {
	var session api.Session
	if status, _ := s.ask("GET /api/auth/session", "", nil, &session); status != 200 {
		s.Fatalf("session: %d", status)
	}
	var users []store.Entity
	s.ask("GET /api/users", "", nil, &users)
	if !slices.ContainsFunc(users, func(u store.Entity) bool { return u.ID == session.User.ID }) {
		s.Errorf("the account %d is not among %d users", session.User.ID, len(users))
	}
	var user store.Entity
	s.ask("GET /api/users/{id}", "/api/users/"+session.User.ID.String(), nil, &user)
	if user.ID != session.User.ID {
		s.Errorf("asked for user %d, got %d", session.User.ID, user.ID)
	}
	var account store.Entity
	s.ask("GET /api/auth/account", "", nil, &account)
	if !account.Equal(user) {
		s.Errorf("the account %s is not the user %s", account.AppendJSON(nil), user.AppendJSON(nil))
	}
}
