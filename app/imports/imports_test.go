package imports_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inglenook/app/imports"
	"inglenook/store"
	"inglenook/store/household"
	"inglenook/store/kind"
	"inglenook/store/storetest"
)

// shared is where the real data lies, beside the repository.
const shared = "../../../shared/data"

func registry(t testing.TB) *kind.Registry {
	t.Helper()
	kinds, err := kind.Load()
	if err != nil {
		t.Fatal(err)
	}
	return kinds
}

// device is an empty one.
func device(t testing.TB, kinds *kind.Registry) *household.Device {
	t.Helper()
	s, err := household.Open(t.Context(), storetest.Open(t), kinds)
	if err != nil {
		t.Fatal(err)
	}
	return household.NewDevice(s, store.NewClock(time.Now), func(household.Touched) {})
}

// read reads one file on a device.
func read(t testing.TB, on *household.Device, name, data string) (imports.Imported, error) {
	t.Helper()
	files, err := imports.NewReader(t.Context(), on.Kinds(), on)
	if err != nil {
		t.Fatal(err)
	}
	return files.Read(name, strings.NewReader(data))
}

func readShared(t *testing.T, name string) imports.Imported {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(shared, name))
	if err != nil {
		t.Skipf("the real data is not here: %v", err)
	}
	out, err := read(t, device(t, registry(t)), name, string(data))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func count(in imports.Imported) map[store.Kind]int {
	n := map[store.Kind]int{}
	for _, r := range in.Replacements {
		n[r.Kind]++
	}
	return n
}

func TestGroceries(t *testing.T) {
	out := readShared(t, "groceries.csv")
	if n := count(out); n["list"] != 9835 || n["item"] != 43367 || len(n) != 2 {
		t.Errorf("read %v, want 9835 lists and 43367 items", n)
	}
	seen := map[store.Ref]bool{}
	for _, r := range out.Replacements {
		if r.Kind == "item" && !seen[store.Ref{Kind: "list", ID: r.Entity.IDField("listId")}] {
			t.Fatalf("item %q comes before its list", r.Entity.String("title"))
		}
		if title := r.Entity.String("title"); title != strings.TrimSpace(title) || r.Kind == "item" && !r.Entity.Bool("done") {
			t.Fatalf("%s %q: has blanks around it or is not done", r.Kind, title)
		}
		seen[r.Ref()] = true
	}
}

func TestCalendars(t *testing.T) {
	for name, events := range map[string]int{
		"GermanHolidays.ics": 303, "SwissHolidays.ics": 471, "UKHolidays.ics": 55, "USHolidays.ics": 30,
	} {
		n := count(readShared(t, filepath.Join("calendars", name)))
		if n["calendar"] != 1 || n["event"]+n["occurrence"] != events {
			t.Errorf("%s: %v, want %d events and occurrences", name, n, events)
		}
	}
	for name, alerts := range map[string]int{"google-alarm.ics": 4, "etar-alarm.ics": 3, "thunderbird-alarm.ics": 2} {
		out := readShared(t, filepath.Join("calendars", name))
		e := out.Replacements[1].Entity
		if got := strings.Count(string(e.Fields["alerts"]), `"trigger"`); got != alerts || e.String("timeZone") == "" {
			t.Errorf("%s: %d alerts in zone %q, want %d: %s", name, got, e.String("timeZone"), alerts, e.Fields["alerts"])
		}
	}
}

const series = `BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:swim
SUMMARY:Swim\, every
  Tuesday
DTSTART;TZID=/example.org/Europe/Berlin:20260106T170000
DTEND;TZID=/example.org/Europe/Berlin:20260106T181500
RRULE:FREQ=WEEKLY;BYDAY=TU
EXDATE;TZID=Europe/Berlin:20260113T170000,20260120T170000
TRANSP:OPAQUE
END:VEVENT
BEGIN:VEVENT
UID:swim
RECURRENCE-ID:20260127T160000Z
SUMMARY:Swim\, in the lake
DTSTART;TZID=Europe/Berlin:20260127T180000
DURATION:PT1H15M
END:VEVENT
BEGIN:VTODO
SUMMARY:towels
END:VTODO
END:VCALENDAR
`

func TestSeries(t *testing.T) {
	out, err := read(t, device(t, registry(t)), "swim.ics", series)
	if err != nil {
		t.Fatal(err)
	}
	if n := count(out); n["event"] != 1 || n["occurrence"] != 3 || n["list"] != 1 || n["item"] != 1 {
		t.Fatalf("read %v, skipped %v", n, out.Skipped)
	}
	e := out.Replacements[1].Entity
	for field, want := range map[string]string{
		"title": "Swim, every Tuesday", "start": "2026-01-06T17:00:00", "timeZone": "Europe/Berlin",
		"duration": "PT1H15M", "recurrenceRule": "FREQ=WEEKLY;BYDAY=TU", "uid": "swim",
	} {
		if got := e.String(field); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	if raw := string(e.Fields["raw"]); raw != `{"TRANSP":["TRANSP:OPAQUE"]}` {
		t.Errorf("raw is %s", raw)
	}
	changed := out.Replacements[4].Entity
	if changed.String("recurrenceId") != "2026-01-27T17:00:00" {
		t.Errorf("the changed occurrence is that of %s", changed.String("recurrenceId"))
	}
	if got := string(changed.Fields["patch"]); got != `{"start":"2026-01-27T18:00:00","title":"Swim, in the lake"}` {
		t.Errorf("patch is %s", got)
	}
}

// TestMalformed: an error names the file, the line and the reason.
func TestMalformed(t *testing.T) {
	head := "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n"
	empty := device(t, registry(t))
	for _, row := range []struct{ name, data, field string }{
		{"a.csv", "milk,bread\neggs,,tea\n", "a.csv:2"},
		{"a.csv", "milk\n\"bread\n", "a.csv:2"},
		{"a.csv", "milk\n" + strings.Repeat("x", 600) + "\n", "a.csv:2"},
		{"a.csv", "milk\n\xff\xfe\n", "a.csv:2"},
		{"a.csv", "", "a.csv"},
		{"a.txt", "milk", "a.txt"},
		{"a.ics", "", "a.ics:1"},
		{"a.ics", "milk", "a.ics:1"},
		{"a.ics", head, "a.ics:2"},
		{"a.ics", head + "END:VCALENDAR\n", "a.ics:4"},
		{"a.ics", head + "DTSTART:soon\nEND:VEVENT\nEND:VCALENDAR\n", "a.ics:4"},
		{"a.ics", head + "END:VEVENT\nEND:VCALENDAR\n", "a.ics:2"},
		{"a.ics", head + "DTSTART;TZID=\"Europe/Berlin:20260101T100000\nEND:VEVENT\n", "a.ics:4"},
		{"a.ics", head + "DTSTART;TZID=X", "a.ics:4"},
		{"a.ics", head + "DTSTART:20260102T100000\nDTEND:20260101T100000\nEND:VEVENT\nEND:VCALENDAR\n", "a.ics:5"},
		{"a.ics", head + "DTSTART:20260102\nRRULE:every day\nEND:VEVENT\nEND:VCALENDAR\n", "a.ics:2"},
		{"a.ics", head + "DTSTART:20260102\nEND:VEVENT\nEND:VCALENDAR\nBEGIN:VCALENDAR", "a.ics:7"},
	} {
		out, err := read(t, empty, row.name, row.data)
		known, ok := err.(*store.Error) //nolint:errorlint // Read returns it bare
		if !ok || known.Field != row.field || known.Message == "" || len(out.Replacements) != 0 {
			t.Errorf("%q: %v and %d replacements, want an error at %s", row.data, err, len(out.Replacements), row.field)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("a.ics", series)
	f.Add("a.csv", "milk,bread\n")
	kinds := registry(f)
	empty := device(f, kinds)
	f.Fuzz(func(t *testing.T, name, data string) {
		out, err := read(t, empty, name, data)
		if err != nil && store.CodeOf(err) == store.CodeInternal {
			t.Fatalf("an error without a reason: %v", err)
		}
		for _, r := range out.Replacements {
			if err := kinds.Validate(r.Kind, r.Entity); err != nil {
				t.Fatalf("read something invalid: %v", err)
			}
		}
	})
}
