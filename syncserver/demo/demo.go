// Package demo makes the household that --demo shows: five people and two
// months of their lists, events, chores and notes.
package demo

import (
	"math/rand/v2"
	"time"
	_ "time/tzdata" // the household lives in Berlin, also on a machine without a zone database

	"inglenook/store"
	"inglenook/store/kind"
)

const zone = "Europe/Berlin"

// Household returns the whole household around now: a month behind it, a month
// ahead. The same now gives the same replacements, ids included. All are new
// (base 0), and what one refers to stands before it. Nothing is dated after now
// but what is planned.
func Household(now time.Time) []store.Replacement {
	h := newHouse(now)
	h.people()
	h.places()
	h.calendars()
	h.lists()
	h.chores()
	h.notes()
	return h.written
}

// house is a household while it is made.
type house struct {
	now     time.Time // in the household's zone
	today   time.Time // its midnight
	monday  time.Time // midnight of the Monday of this week
	ids     *rand.Rand
	dice    *rand.Rand // apart from ids, so that one more throw moves no id
	written []store.Replacement

	person map[string]store.ID // by short name
	place  map[string]store.ID // by name
	label  map[string]store.ID // by name
	aisle  map[string]store.ID // by name
}

func newHouse(now time.Time) *house {
	berlin, err := time.LoadLocation(zone)
	if err != nil {
		panic("demo: " + err.Error()) // the zones are linked in
	}
	now = now.In(berlin)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, berlin)
	return &house{
		now:    now,
		today:  today,
		monday: today.AddDate(0, 0, -(int(today.Weekday())+6)%7),
		ids:    rand.New(rand.NewPCG(7420, 1)), //nolint:gosec // has to repeat itself, not to be secret
		dice:   rand.New(rand.NewPCG(7420, 2)), //nolint:gosec // as above
		person: map[string]store.ID{},
		place:  map[string]store.ID{},
		label:  map[string]store.ID{},
		aisle:  map[string]store.ID{},
	}
}

// add writes a new thing with a random id, last changed at, and returns the id.
func (h *house) add(at time.Time, v kind.Typed) store.ID {
	id := store.ID(h.ids.Uint64N(1<<52-1) + 1)
	h.addAs(id, at, v)
	return id
}

// addAs writes a new thing with an id of its own. What would be from the future
// is from now.
func (h *house) addAs(id store.ID, at time.Time, v kind.Typed) {
	if at.After(h.now) {
		at = h.now
	}
	e, err := kind.ToEntity(id, store.TimestampOf(at), v)
	if err != nil {
		panic("demo: " + err.Error()) // generated structs always have a JSON form
	}
	h.written = append(h.written, store.Replacement{Kind: v.Kind(), Entity: e})
}

// A weekday counts from Monday, as weeks do here.
type weekday int

const (
	mon weekday = iota
	tue
	wed
	thu
	fri
	sat
	sun
)

// on returns a day of a week, 0 being this week and -1 the last.
func (h *house) on(week int, d weekday) time.Time { return h.monday.AddDate(0, 0, 7*week+int(d)) }

// in returns the day so many days from today.
func (h *house) in(days int) time.Time { return h.today.AddDate(0, 0, days) }

// nextThursday is the first after today.
func (h *house) nextThursday() time.Time {
	day := h.in(1)
	for day.Weekday() != time.Thursday {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

// date is a day as kinds write it.
func date(day time.Time) string { return day.Format(time.DateOnly) }

// local is a day with a time HH:MM on the wall's clock, or the day alone.
func local(day time.Time, clock string) string {
	if clock == "" {
		return date(day)
	}
	return date(day) + "T" + clock + ":00"
}

// clock returns the moment of a day at hour and minute.
func clock(day time.Time, hour, minute int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, day.Location())
}

// standing returns when something was last touched that has stood for so many days.
func (h *house) standing(days int) time.Time {
	return clock(h.in(-days), 8+h.dice.IntN(12), h.dice.IntN(60))
}

// orderKey is the nth key of a fractional index in base 62 (two digits up to
// 61, then three), so that anything can be put between two.
func orderKey(n int) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	if n < len(digits) {
		return "a" + digits[n:n+1]
	}
	n -= len(digits)
	return "b" + digits[n/62:n/62+1] + digits[n%62:n%62+1]
}

// pick returns one of several.
func pick[T any](dice *rand.Rand, from []T) T { return from[dice.IntN(len(from))] }
