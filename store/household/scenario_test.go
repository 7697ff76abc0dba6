package household_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/store/kind"
	"inglenook/store/storetest"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The scenarios are shared with the page's replica; their README says what the
// steps mean. Undo and the states of the status are not a device's store's, and
// are left out here.
const scenarios = "../../frontend/src/lib/replica/scenarios"

type scenarioStart struct {
	Epoch    store.Epoch    `json:"epoch"`
	ID       store.EventID  `json:"id"`
	Entities []store.Change `json:"entities"`
}

type scenarioStep struct {
	Create  store.Kind                `json:"create"`
	As      string                    `json:"as"`
	Fields  map[string]jsontext.Value `json:"fields"`
	Edit    string                    `json:"edit"`
	Patch   map[string]jsontext.Value `json:"patch"`
	Remove  string                    `json:"remove"`
	Restore string                    `json:"restore"`
	Last    map[string]jsontext.Value `json:"last"`

	Event        store.EventID  `json:"event"`
	Replacements []store.Change `json:"replacements"`
	Answer       *struct {
		Event   store.EventID  `json:"event"`
		Results []store.Result `json:"results"`
	} `json:"answer"`
	Lose   bool `json:"lose"`
	Refuse *struct {
		Code store.Code `json:"code"`
	} `json:"refuse"`
	Forget  store.Kind     `json:"forget"`
	IDs     []store.ID     `json:"ids"`
	Reset   string         `json:"reset"`
	To      *scenarioStart `json:"to"`
	Offline bool           `json:"offline"`
	Online  bool           `json:"online"`
	Retry   int            `json:"retry"`
	Discard int            `json:"discard"`
	Crash   bool           `json:"crash"`
	Undo    bool           `json:"undo"`
	Redo    bool           `json:"redo"`

	Expect *struct {
		Shown    map[string]jsontext.Value `json:"shown"`
		Waiting  *int                      `json:"waiting"`
		InFlight jsontext.Value            `json:"inFlight"`
		Parked   *[]store.Code             `json:"parked"`
	} `json:"expect"`
}

type scenario struct {
	Name  string                     `json:"name"`
	Start scenarioStart              `json:"start"`
	Steps []jsontext.Value           `json:"steps"`
	names map[string]func() store.ID // of $A

	t      *testing.T
	device *household.Device
	kinds  *kind.Registry
	online bool
	unread []scenarioStep // what the server did while this was offline
	limit  int
	flight *store.Batch
}

func TestScenarios(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(scenarios, "*.json")) // the pattern is right
	if len(files) == 0 {
		t.Skip("the scenarios are not here")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(raw, []byte(`"undo"`)) || bytes.Contains(raw, []byte(`"redo"`)) {
				t.Skip("undo is the page's")
			}
			if strings.Contains(file, "create-edit-delete-offline") {
				t.Skip("a device sends creation and deletion apart, so that the trash has what was deleted")
			}
			s := &scenario{t: t, online: true, limit: store.MaxBatch, names: map[string]func() store.ID{}}
			if err := json.Unmarshal(raw, s); err != nil {
				t.Fatal(err)
			}
			s.play()
		})
	}
}

func (s *scenario) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *scenario) play() {
	var err error
	s.kinds, err = kind.Load()
	s.must(err)
	db := storetest.Open(s.t)
	inner, err := household.Open(s.t.Context(), db, s.kinds)
	s.must(err)
	clock := storetest.NewClock(deviceEpoch)
	s.device = household.NewDevice(inner, store.NewClock(clock.Now), func(household.Touched) {})
	s.load(s.Start)
	for i, raw := range s.Steps {
		var step scenarioStep
		s.must(json.Unmarshal(s.resolve(raw), &step))
		s.step(i, step)
		s.send()
	}
}

// resolve puts ids in the place of names.
func (s *scenario) resolve(raw []byte) []byte {
	for name, id := range s.names {
		raw = bytes.ReplaceAll(raw, []byte(`"$`+name+`"`), []byte(id().String()))
		raw = bytes.ReplaceAll(raw, []byte(`/$`+name), []byte("/"+id().String()))
	}
	return raw
}

func (s *scenario) load(from scenarioStart) {
	s.t.Helper()
	loading, err := s.device.Load(s.t.Context(), store.Cursor{Epoch: from.Epoch, ID: from.ID})
	s.must(err)
	in := received(from.Entities)
	slices.SortFunc(in, func(a, b household.Received) int { return strings.Compare(string(a.Kind), string(b.Kind)) })
	for i := range in {
		in[i].Event = max(1, from.ID)
	}
	s.must(loading.Add(s.t.Context(), in))
	s.must(loading.Done(s.t.Context()))
}

func received(in []store.Change) (out []household.Received) {
	for _, c := range in {
		out = append(out, household.Received{Kind: c.Kind, Entity: c.Entity.AppendJSON(nil), Event: c.Event})
	}
	return out
}

// send sends the next batch where there is none on its way.
func (s *scenario) send() {
	if s.flight != nil || !s.online {
		return
	}
	var err error
	s.flight, err = s.device.NextBatch(s.t.Context(), s.limit)
	s.must(err)
}

func (s *scenario) write(k store.Kind, e store.Entity, changed []string) {
	s.t.Helper()
	s.must(s.device.WriteAll(s.t.Context(), "", []store.Replacement{{Kind: k, Entity: e, Changed: changed}}))
}

func reference(t *testing.T, s string) store.Ref {
	t.Helper()
	k, digits, _ := strings.Cut(s, "/")
	id, err := store.ParseID(digits)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return store.Ref{Kind: store.Kind(k), ID: id}
}

func fieldsOf(t *testing.T, id store.ID, fields map[string]jsontext.Value) store.Entity {
	t.Helper()
	e := store.Entity{ID: id, UpdatedAt: 1}
	for field, value := range fields {
		set(t, &e, field, value)
	}
	return e
}

func (s *scenario) step(i int, step scenarioStep) {
	t, ctx := s.t, s.t.Context()
	t.Helper()
	switch {
	case step.Create != "":
		first := store.NewID()
		s.write(step.Create, fieldsOf(t, first, step.Fields), nil)
		s.names[step.As] = func() store.ID { return s.find(step.Create, first, step.Fields) }
	case step.Edit != "":
		ref := reference(t, step.Edit)
		e, _, err := s.device.Get(ctx, ref)
		s.must(err)
		var units []string
		patch := store.Entity{ID: ref.ID, UpdatedAt: 1, Fields: store.Fields{}}
		for unit, value := range step.Patch {
			units = append(units, unit)
			field, entry, isMap := strings.Cut(unit, "/")
			switch {
			case isMap && value.Kind() != 'n':
				set(t, &patch, field, map[string]jsontext.Value{entry: value})
			case value.Kind() != 'n':
				set(t, &patch, field, value)
			}
		}
		rule := func(field string) store.Rule { return s.kinds.Rule(ref.Kind, field) }
		s.write(ref.Kind, store.Lay(e, patch, units, rule), units)
	case step.Remove != "":
		ref := reference(t, step.Remove)
		s.write(ref.Kind, store.Tombstone(ref.ID, 1), nil)
	case step.Restore != "":
		ref := reference(t, step.Restore)
		s.write(ref.Kind, fieldsOf(t, ref.ID, step.Last), nil)
	case step.Answer != nil:
		at, err := s.device.Cursor(ctx)
		s.must(err)
		answer := store.BatchResult{Event: store.Cursor{Epoch: at.Epoch, ID: step.Answer.Event}, Results: step.Answer.Results}
		s.must(s.device.Answer(ctx, s.flight.Seq, answer))
		s.flight = nil
	case step.Event != 0 && !s.online:
		s.unread = append(s.unread, step)
	case step.Event != 0:
		at, err := s.device.Cursor(ctx)
		s.must(err)
		at.ID = step.Event
		s.must(s.device.Apply(ctx, at, []household.ReceivedEvent{{ID: step.Event, Replacements: received(step.Replacements)}}))
	case step.Refuse != nil:
		s.must(s.device.Refuse(ctx, s.flight.Seq, store.Errorf(step.Refuse.Code, "", "refused")))
		s.flight, s.limit = nil, 1
	case step.Forget != "":
		s.must(s.device.Forget(ctx, store.Forget{Kind: step.Forget, IDs: step.IDs}))
	case step.Reset != "":
		s.flight = nil
		s.load(*step.To)
	case step.Lose, step.Crash:
		s.flight = nil
	case step.Offline:
		s.online, s.flight = false, nil
	case step.Online:
		s.online = true
		for _, event := range s.unread {
			s.step(i, event)
		}
		s.unread = nil
	case step.Retry != 0, step.Discard != 0:
		parked, err := s.device.Parked(ctx)
		s.must(err)
		if step.Retry != 0 {
			s.must(s.device.Retry(ctx, parked[step.Retry-1].Seq))
		} else {
			s.must(s.device.Discard(ctx, parked[step.Discard-1].Seq))
		}
	case step.Expect != nil:
		s.expect(i, step)
	default:
		t.Fatalf("step %d is not known", i)
	}
}

// find is the present id of a thing made here: the one it got first, or another
// with the same fields.
func (s *scenario) find(k store.Kind, first store.ID, fields map[string]jsontext.Value) store.ID {
	title := strings.Trim(string(fields["title"]), `"`)
	if e, _, err := s.device.Get(context.Background(), store.Ref{Kind: k, ID: first}); err == nil && e.String("title") == title {
		return first
	}
	found := first
	s.must(s.device.Each(context.Background(), k, store.Ref{}, func(shown household.Shown) error {
		e, err := shown.Entity()
		if err == nil && e.String("title") == title {
			found = e.ID
		}
		return err
	}))
	return found
}

func (s *scenario) expect(i int, step scenarioStep) {
	t, ctx, want := s.t, s.t.Context(), step.Expect
	t.Helper()
	for name, fields := range want.Shown {
		e, _, err := s.device.Get(ctx, reference(t, name))
		switch {
		case string(fields) == "null":
			if err == nil {
				t.Errorf("step %d: %s is shown as %v", i, name, e)
			}
		case err != nil:
			t.Errorf("step %d: %s: %v", i, name, err)
		case string(fields) == `"deleted"`:
			if !e.Deleted {
				t.Errorf("step %d: %s is not deleted: %v", i, name, e)
			}
		default:
			var has map[string]jsontext.Value
			s.must(json.Unmarshal(fields, &has))
			for field, value := range has {
				s.must(value.Canonicalize())
				if got := e.Fields[field]; string(got) != string(value) && (got != nil || string(value) != "null") {
					t.Errorf("step %d: %s has %s %s, want %s", i, name, field, got, value)
				}
			}
		}
	}
	waiting, _, err := s.device.Waiting(ctx)
	s.must(err)
	if want.Waiting != nil && waiting != *want.Waiting {
		t.Errorf("step %d: %d wait, want %d", i, waiting, *want.Waiting)
	}
	if want.Parked != nil {
		parked, err := s.device.Parked(ctx)
		s.must(err)
		codes := []store.Code{}
		for _, p := range parked {
			codes = append(codes, p.Code)
		}
		if !slices.Equal(codes, *want.Parked) {
			t.Errorf("step %d: parked are %v, want %v", i, codes, *want.Parked)
		}
	}
	if want.InFlight != nil {
		s.expectFlight(i, want.InFlight)
	}
}

func (s *scenario) expectFlight(i int, raw jsontext.Value) {
	s.t.Helper()
	var want []struct {
		Ref     string        `json:"ref"`
		Base    store.EventID `json:"base"`
		Changed []string      `json:"changed"`
		Deleted bool          `json:"deleted"`
	}
	s.must(json.Unmarshal(raw, &want))
	var got []store.Replacement
	if s.flight != nil {
		got = s.flight.Replacements
	}
	same := len(got) == len(want)
	for n := 0; same && n < len(got); n++ {
		w, g := want[n], got[n]
		same = w.Ref == string(g.Kind)+"/"+g.Entity.ID.String() && w.Base == g.Base && w.Deleted == g.Entity.Deleted &&
			(w.Deleted || slices.Equal(w.Changed, g.Changed))
	}
	if !same {
		s.t.Errorf("step %d: in flight is %s, want %s", i, fmt.Sprintf("%+v", got), raw)
	}
}
