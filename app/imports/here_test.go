package imports_test

import (
	"strings"
	"testing"

	"inglenook/app/imports"
	"inglenook/store"
	"inglenook/store/household"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// shown is what a device shows of a kind, by title or name.
func shown(t *testing.T, on *household.Device, k store.Kind) map[string]store.Entity {
	t.Helper()
	out := map[string]store.Entity{}
	err := on.Each(t.Context(), k, store.Ref{}, func(s household.Shown) error {
		e, err := s.Entity()
		if !e.Deleted {
			out[e.String("title")+e.String("name")] = e
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func take(t *testing.T, on *household.Device, name, data string) imports.Imported {
	t.Helper()
	in, err := read(t, on, name, data)
	if err == nil && len(in.Replacements) > 0 {
		err = on.WriteAll(t.Context(), "import-1", in.Replacements)
	}
	if err != nil {
		t.Fatal(err)
	}
	return in
}

const party = `BEGIN:VCALENDAR
X-WR-CALNAME:Family
BEGIN:VEVENT
UID:party
SUMMARY:Party
DTSTART:20260106T170000
LOCATION:The barn\, upstairs
CATEGORIES:Fun,Food\, drink
CATEGORIES:fun
ORGANIZER;CN=Anna Berg:mailto:anna@example.org
ATTENDEE;CN="anna berg";PARTSTAT=ACCEPTED:mailto:anna@example.org
ATTENDEE;CN=Nobody:mailto:nobody@example.org
END:VEVENT
BEGIN:VEVENT
SUMMARY:Cleaning
DTSTART:20260107
LOCATION:the BARN\, upstairs
END:VEVENT
BEGIN:VTODO
UID:towels
SUMMARY:Towels
DESCRIPTION:the blue ones
DUE;TZID=Europe/Berlin:20260106T120000
PRIORITY:3
STATUS:COMPLETED
COMPLETED:20260105T100000Z
END:VTODO
BEGIN:VTODO
UID:empty
END:VTODO
BEGIN:VJOURNAL
SUMMARY:It was fun
END:VJOURNAL
END:VCALENDAR
`

func TestWhatHasAField(t *testing.T) {
	on := device(t, registry(t))
	anna := store.Entity{ID: 7, UpdatedAt: 1}
	if err := anna.Set("name", "Anna Berg"); err != nil {
		t.Fatal(err)
	}
	if err := on.WriteAll(t.Context(), "", []store.Replacement{{Kind: "user", Entity: anna}}); err != nil {
		t.Fatal(err)
	}
	in := take(t, on, "party.ics", party)
	events, places, labels := shown(t, on, "event"), shown(t, on, "place"), shown(t, on, "category")
	if len(events) != 2 || len(places) != 1 || len(labels) != 2 {
		t.Fatalf("%d events at %d places with %d labels", len(events), len(places), len(labels))
	}
	barn := `{"` + places["The barn, upstairs"].ID.String() + `":{}}`
	for title, e := range events {
		if got := string(e.Fields["places"]); got != barn {
			t.Errorf("%s takes place at %s, want %s", title, got, barn)
		}
	}
	e := events["Party"]
	for _, name := range []string{"Fun", "Food, drink"} {
		if !strings.Contains(string(e.Fields["categoryIds"]), `"`+labels[name].ID.String()+`":true`) {
			t.Errorf("the labels are %s, without %s", e.Fields["categoryIds"], name)
		}
	}
	if got := string(e.Fields["participants"]); got != `{"7":{"roles":{"attendee":true,"owner":true},"status":"accepted"}}` {
		t.Errorf("taking part are %s", got)
	}
	if raw := string(e.Fields["raw"]); strings.Count(raw, "mailto:") != 3 || strings.Contains(raw, "LOCATION") {
		t.Errorf("kept raw is %s", raw)
	}
	list, item := shown(t, on, "list")["Family"], shown(t, on, "item")["Towels"]
	want := `{"listId":` + list.ID.String() + `,"due":"2026-01-06T12:00:00","timeZone":"Europe/Berlin","priority":3,` +
		`"done":true,"doneAt":"2026-01-05T10:00:00Z","description":"the blue ones"}`
	for field, value := range fieldsOf(t, want) {
		if got := string(item.Fields[field]); got != value {
			t.Errorf("the to-do's %s is %s, want %s", field, got, value)
		}
	}
	if len(in.Skipped) != 2 || in.Skipped["journal entries (VJOURNAL)"] != 1 || in.Skipped["to-dos without a title (VTODO)"] != 1 {
		t.Errorf("skipped %v", in.Skipped)
	}
}

// The same file once more adds nothing, but what was deleted since.
func TestOnceMore(t *testing.T) {
	on := device(t, registry(t))
	const baskets = "milk,milk,bread\neggs\n"
	for name, data := range map[string]string{"party.ics": party, "swim.ics": series, "may.csv": baskets} {
		first := take(t, on, name, data)
		again := take(t, on, name, data)
		if len(again.Replacements) != 0 || again.Here == 0 || first.Here != 0 {
			t.Errorf("%s: %d things once more, %d and %d are here", name, len(again.Replacements), first.Here, again.Here)
		}
	}
	if in := take(t, on, "may.csv", baskets+"tea\n"); len(in.Replacements) != 8 {
		t.Errorf("another file of the same name adds %d things", len(in.Replacements))
	}
	was := shown(t, on, "event")["Party"]
	if err := on.WriteAll(t.Context(), "", []store.Replacement{{Kind: "event", Entity: store.Tombstone(was.ID, 1)}}); err != nil {
		t.Fatal(err)
	}
	in := take(t, on, "party.ics", party)
	if len(in.Replacements) != 1 || in.Replacements[0].Entity.ID == was.ID {
		t.Errorf("after a deletion %v is added", in.Replacements)
	}
}

// One import may name a file twice, and a file may have a thing twice.
func TestTwice(t *testing.T) {
	on := device(t, registry(t))
	files, err := imports.NewReader(t.Context(), on.Kinds(), on)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{5, 0} {
		in, err := files.Read("a.csv", strings.NewReader("milk,milk\nmilk\n"))
		if err != nil || len(in.Replacements) != want {
			t.Errorf("time %d: %d things, %v, want %d", i+1, len(in.Replacements), err, want)
		}
	}
}

func fieldsOf(t *testing.T, object string) map[string]string {
	t.Helper()
	var raw map[string]jsontext.Value
	if err := json.Unmarshal([]byte(object), &raw); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for field, value := range raw {
		out[field] = string(value)
	}
	return out
}
