package demo_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/kind"
	"inglenook/syncserver/demo"

	"github.com/go-json-experiment/json"
)

// moments are every weekday, both seasons, both sides of a change of clocks,
// a leap day and the minutes around midnight in Berlin.
func moments(t *testing.T) []time.Time {
	var all []time.Time
	for _, text := range []string{
		"2026-11-16T08:00:00Z", "2026-11-17T08:00:00Z", "2026-11-18T12:00:00Z", "2026-11-19T23:30:00Z", "2026-11-20T08:00:00Z",
		"2026-11-21T04:09:00Z", "2026-11-22T22:59:00Z", "2026-06-14T22:01:00Z", "2026-03-29T01:30:00Z", "2026-10-25T00:30:00Z", "2028-02-29T10:00:00Z", "2027-01-01T00:00:00Z",
	} {
		now, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, now)
	}
	return all
}

func registry(t *testing.T) *kind.Registry {
	r, err := kind.Load()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEverythingIsValidAndRefersToWhatStandsBefore(t *testing.T) {
	kinds := registry(t)
	for _, now := range moments(t) {
		seen := map[store.Ref]bool{}
		for i, r := range demo.Household(now) {
			if err := kinds.Validate(r.Kind, r.Entity); err != nil {
				t.Errorf("%v: %d, %v: %v", now, i, r.Ref(), err)
			}
			for field, ref := range kinds.Refs(r.Kind, r.Entity) {
				if !seen[ref] {
					t.Errorf("%v: %d, %v: %s refers to %v, which does not stand before it", now, i, r.Ref(), field, ref)
				}
			}
			if want, derived := kinds.DerivedID(r.Kind, r.Entity); derived && want != r.Entity.ID || !derived && r.Entity.ID.Derived() {
				t.Errorf("%v: %d, %s has id %v", now, i, r.Kind, r.Entity.ID)
			}
			if seen[r.Ref()] {
				t.Errorf("%v: %d: %v for the second time", now, i, r.Ref())
			}
			seen[r.Ref()] = true
			if r.Base != 0 || r.Changed != nil || r.Entity.Deleted {
				t.Errorf("%v: %d: %+v is not new", now, i, r)
			}
			if r.Entity.UpdatedAt > store.TimestampOf(now) {
				t.Errorf("%v: %v was written in the future, %v", now, r.Ref(), r.Entity.UpdatedAt)
			}
		}
	}
}

func TestSameNowSameHousehold(t *testing.T) {
	now := moments(t)[0]
	first, second := demo.Household(now), demo.Household(now.In(time.FixedZone("", 3600*9)))
	if !reflect.DeepEqual(first, second) {
		t.Error("the same moment gave two households")
	}
	if reflect.DeepEqual(first, demo.Household(now.AddDate(0, 0, 1))) {
		t.Error("a day later nothing has moved")
	}
}

func TestCounts(t *testing.T) {
	atLeast := map[store.Kind]int{
		"household": 1, "user": 5, "absence": 5, "calendar": 3, "event": 60, "occurrence": 4, "place": 10,
		"list": 8, "item": 250, "chore": 10, "completion": 150, "note": 8, "category": 12,
	}
	for _, now := range moments(t) {
		counts := map[store.Kind]int{}
		all := demo.Household(now)
		for _, r := range all {
			counts[r.Kind]++
		}
		for k, n := range atLeast {
			if counts[k] < n {
				t.Errorf("%v: %d of %s, want at least %d", now, counts[k], k, n)
			}
		}
		if counts["household"] != 1 || counts["user"] != 5 || len(all) < 600 || len(all) > 900 {
			t.Errorf("%v: %d things, %v", now, len(all), counts)
		}
		t.Logf("%v: %d things, %v", now, len(all), counts)
	}
}

// each calls f for every entity of T's kind.
func each[T kind.Typed](t *testing.T, all []store.Replacement, f func(store.ID, T)) {
	t.Helper()
	var zero T
	for _, r := range all {
		if r.Kind != zero.Kind() {
			continue
		}
		v, err := kind.FromEntity[T](r.Entity)
		if err != nil {
			t.Fatal(err)
		}
		f(r.Entity.ID, v)
	}
}

func TestEveryScheduleAssignmentAndOutcomeOccurs(t *testing.T) {
	for _, now := range moments(t) {
		all := demo.Household(now)
		got := map[string]bool{}
		each(t, all, func(_ store.ID, c kind.Chore) {
			got["schedule "+string(c.Schedule.Mode)] = true
			got["assignment "+string(c.Assignment.Mode)] = true
		})
		each(t, all, func(_ store.ID, c kind.Completion) { got["outcome "+string(c.Status)] = true })
		each(t, all, func(_ store.ID, l kind.List) { got["list "+string(l.Use)] = true })
		each(t, all, func(_ store.ID, e kind.Event) {
			for _, p := range e.Participants {
				for role := range p.Roles {
					got["role "+role] = true
				}
			}
		})
		for _, want := range []string{
			"schedule fixed", "schedule afterCompletion", "schedule onDemand",
			"assignment anyone", "assignment fixed", "assignment everyone", "assignment order", "assignment leastRecent", "assignment leastEffort",
			"outcome done", "outcome skipped", "outcome missed", "outcome approved", "outcome rejected",
			"list shopping", "list todo", "list packing", "list wish", "role attendee", "role bring", "role fetch",
		} {
			if !got[want] {
				t.Errorf("%v: no %s", now, want)
			}
		}
	}
}

// On the first Thursday after today somebody brings Leo to football and nobody
// fetches him; on every other Thursday around, Ben does.
func TestNobodyFetchesLeoOnThursday(t *testing.T) {
	for _, now := range moments(t) {
		all := demo.Household(now)
		berlin, err := time.LoadLocation("Europe/Berlin")
		if err != nil {
			t.Fatal(err)
		}
		users := map[string]store.ID{}
		each(t, all, func(id store.ID, u kind.User) { users[u.ShortName] = id })
		var practice store.ID
		var event kind.Event
		each(t, all, func(id store.ID, e kind.Event) {
			if e.Title == "Football practice" {
				practice, event = id, e
			}
		})
		patches := map[string]kind.Occurrence{}
		each(t, all, func(_ store.ID, o kind.Occurrence) {
			if o.EventID == practice {
				patches[o.RecurrenceID] = o
			}
		})
		if !event.Participants[users["Leo"]].Roles["attendee"] || event.RecurrenceRule != "FREQ=WEEKLY;BYDAY=TH" {
			t.Fatalf("%v: %+v", now, event)
		}
		start, err := time.Parse("2006-01-02T15:04:05", event.Start)
		if err != nil || start.Weekday() != time.Thursday {
			t.Fatalf("practice starts %s: %v", event.Start, err)
		}
		var open []string
		for day := start; day.Before(now.AddDate(0, 1, 0)); day = day.AddDate(0, 0, 7) {
			people := map[string]kind.Participant{}
			for id, p := range event.Participants {
				people[id.String()] = p
			}
			for unit, value := range patches[day.Format("2006-01-02T15:04:05")].Patch {
				id, found := strings.CutPrefix(unit, "participants/")
				if !found {
					continue
				}
				var p kind.Participant
				if err := json.Unmarshal(value, &p); err != nil {
					t.Fatal(err)
				}
				people[id] = p // null leaves nobody with a role
			}
			brought, fetched := false, false
			for _, p := range people {
				brought, fetched = brought || p.Roles["bring"], fetched || p.Roles["fetch"]
			}
			if brought && !fetched {
				open = append(open, day.Format(time.DateOnly))
			}
		}
		today := now.In(berlin)
		want := today.AddDate(0, 0, (int(time.Thursday-today.Weekday())+6)%7+1).Format(time.DateOnly)
		if len(open) != 1 || open[0] != want {
			t.Errorf("%v: nobody fetches Leo on %v, want only %s", now, open, want)
		}
	}
}
