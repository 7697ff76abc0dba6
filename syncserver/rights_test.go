package syncserver_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/syncserver/api"
	"inglenook/syncserver/proof"
	"inglenook/syncserver/servertest"

	"github.com/go-json-experiment/json"
)

// Who may do what is said by a batch like any other change, and yet not by
// whoever has copied a value, or sits at a screen that was left open.
func TestRightsTakeAKeyAndAStepUp(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	anna := signIn(t, s, "Anna", true, true)
	anna.ask(1)
	ben := s.User(t, "Ben")
	seq := uint64(0)
	push := func(generation uint64, signer *proof.Signer, replacements ...store.Replacement) (codes []store.Code, refused store.Code) {
		t.Helper()
		seq++
		body, err := json.Marshal(store.Batch{Replica: 5, Seq: seq, Replacements: replacements})
		if err != nil {
			t.Fatal(err)
		}
		r := anna.post("/api/replacements", string(body), generation, signer)
		var out store.BatchResult
		if r.StatusCode == http.StatusOK {
			if err := json.Unmarshal(r.body, &out); err != nil {
				t.Fatal(err)
			}
		}
		for _, result := range out.Results {
			codes = append(codes, result.Code)
		}
		return codes, r.problem.Code
	}
	user := func(id store.ID, fields map[string]any) store.Replacement {
		r := thing("user", id, fields)
		r.Base = s.Store().Head().ID
		return r
	}
	promoted := func() store.Replacement { return user(ben.ID, map[string]any{"name": "Ben", "access": "admin"}) }
	removed := store.Replacement{Kind: "user", Base: s.Store().Head().ID, Entity: store.Tombstone(ben.ID, store.TimestampOf(s.Clock.Now()))}
	list := thing("list", 4711, map[string]any{"title": "Groceries"})

	if _, code := push(1, nil, list, promoted()); code != store.CodeSessionProofRequired {
		t.Errorf("a copied value, within the time of a step-up: %q", code)
	}
	s.Clock.Advance(12 * time.Minute)
	generation := max(1, anna.askProven(1).handed)
	made := thing("user", 4712, map[string]any{"name": "Eve", "access": "admin"})
	codes, _ := push(generation, anna.signer, list, promoted(), removed, made)
	need := store.CodeStepUpRequired
	if want := []store.Code{"", need, need, need}; !slices.Equal(codes, want) {
		t.Errorf("with the key, after the time of the step-up: %q, want %q", codes, want)
	}
	if codes, _ := push(generation, anna.signer, user(ben.ID, map[string]any{"name": "Benno", "access": "member"})); !slices.Equal(codes, []store.Code{""}) {
		t.Errorf("a name is no right: %q", codes)
	}
	if level := s.Store().Sight().Levels[ben.ID]; level != access.Member || s.Store().Sight().Levels[4712] != "" {
		t.Errorf("Ben is %q meanwhile", level)
	}
	if r := anna.post("/api/auth/verify/demo", `{"name":"Anna"}`, generation, anna.signer); r.StatusCode != http.StatusNoContent {
		t.Fatalf("the step-up: %d %s", r.StatusCode, r.body)
	}
	if codes, _ := push(generation, anna.signer, promoted()); !slices.Equal(codes, []store.Code{""}) {
		t.Errorf("after a step-up: %q", codes)
	}
	if level := s.Store().Sight().Levels[ben.ID]; level != access.Admin {
		t.Errorf("Ben is %q in the end", level)
	}
}

// A program proves its key by itself when a batch takes that.
func TestAProgramPushesRights(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	annas, _, err := s.Anonymous(t).LoginWithKey(t.Context(), "demo", api.Login{Name: "Anna", Kind: "desktop"}, newSigner(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(annas.Close)
	ben := s.User(t, "Ben")
	r := thing("user", ben.ID, map[string]any{"name": "Ben", "access": "child"})
	r.Base = s.Store().Head().ID
	out, err := annas.Push(t.Context(), store.Batch{Replica: 5, Seq: 1, Replacements: []store.Replacement{r}})
	if err != nil || out.Results[0].Status != store.Applied {
		t.Fatalf("%+v, %v", out, err)
	}
}
