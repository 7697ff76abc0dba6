package demo

import (
	"strings"
	"time"

	"inglenook/store"
	"inglenook/store/kind"
)

// rota is a chore and how its two months went.
type rota struct {
	kind.Chore
	people string        // who takes part, in the order of turns
	every  int           // days between two, 0: see days
	days   []weekday     // when it is due in a week
	slots  []string      // several on one day, by time
	each   bool          // everybody does it: a slot a person
	last   time.Duration // how long after midnight it is usually done
}

func (h *house) chores() {
	for _, r := range rotas() {
		turns := strings.Fields(r.people)
		r.Start = date(h.on(-9, mon))
		if len(r.days) > 0 {
			r.Start = date(h.on(-9, r.days[0]))
		}
		r.Assignment.UserIDs = map[store.ID]kind.Turn{}
		for i, name := range turns {
			r.Assignment.UserIDs[h.person[name]] = kind.Turn{OrderKey: orderKey(i)}
		}
		if r.Title == "Piano practice" {
			r.PausedUntil = date(h.in(5))
		}
		chore := h.add(h.standing(56), r.Chore)
		for n, day := range h.dueDays(r) {
			h.complete(chore, r, day, turns, n)
		}
	}
}

// dueDays are the days before today, of two months, on which it was due.
func (h *house) dueDays(r rota) []time.Time {
	var days []time.Time
	for week := -8; week <= 0; week++ {
		for d := mon; d <= sun; d++ {
			day := h.on(week, d)
			switch {
			case !day.Before(h.today), r.Season.From != "" && !inSeason(day, r.Season):
			case r.every > 0 && (7*(week+8)+int(d))%r.every == 0:
				days = append(days, day)
			default:
				for _, due := range r.days {
					if due == d {
						days = append(days, day)
					}
				}
			}
		}
	}
	return days
}

func inSeason(day time.Time, s kind.ChoreSeason) bool {
	md := day.Format("01-02")
	if s.From <= s.To {
		return s.From <= md && md <= s.To
	}
	return md >= s.From || md <= s.To
}

// complete writes what became of the nth due day, slot by slot.
func (h *house) complete(chore store.ID, r rota, day time.Time, turns []string, n int) {
	slots := r.slots
	if r.each {
		slots = nil
		for _, name := range turns {
			slots = append(slots, h.person[name].String())
		}
	}
	if len(slots) == 0 {
		slots = []string{""}
	}
	for i, slot := range slots {
		name := turns[n%len(turns)]
		if r.each {
			name = turns[i]
		}
		h.outcome(kind.Completion{ChoreID: chore, Due: date(day), Slot: slot}, r, day, name)
	}
}

// outcome: most things are done, some skipped, some forgotten. What children
// do each on their own is looked at by a grown-up.
func (h *house) outcome(c kind.Completion, r rota, day time.Time, name string) {
	at := day.Add(r.last + time.Duration(h.dice.IntN(90))*time.Minute)
	if len(r.slots) > 0 && c.Slot == r.slots[0] {
		at = clock(day, 7, h.dice.IntN(25))
	}
	c.Status = kind.CompletionStatusDone
	switch throw := h.dice.IntN(24); {
	case throw == 0:
		c.Status, c.Note = kind.CompletionStatusSkipped, pick(h.dice, []string{"Not needed this time", "We were away", "Too wet"})
	case throw == 1:
		c.Status = kind.CompletionStatusMissed
	case r.each && throw < 6:
		c.Status, c.Note = kind.CompletionStatusRejected, pick(h.dice, []string{"Under the bed does not count", "The desk, please"})
	case r.each:
		c.Status = kind.CompletionStatusApproved
	}
	switch c.Status {
	case kind.CompletionStatusMissed:
		at = day.AddDate(0, 0, 1)
	case kind.CompletionStatusSkipped:
		c.UserIDs = h.users(name)
	default:
		c.UserIDs, c.At = h.users(name), store.TimestampOf(at)
		c.Minutes = max(1, r.Effort+h.dice.IntN(r.Effort/2+2)-r.Effort/4)
	}
	h.addAs(store.DerivedID(c.Kind(), c.ChoreID.String(), c.Due, c.Slot), at, c)
}

func fixed(rule string) kind.ChoreSchedule {
	return kind.ChoreSchedule{Mode: kind.ChoreScheduleModeFixed, RecurrenceRule: rule}
}

func after(period string) kind.ChoreSchedule {
	return kind.ChoreSchedule{Mode: kind.ChoreScheduleModeAfterCompletion, After: period}
}

func rotas() []rota {
	onDemand := kind.ChoreSchedule{Mode: kind.ChoreScheduleModeOnDemand}
	const morning, afternoon, evening = 9 * time.Hour, 15 * time.Hour, 18 * time.Hour
	return []rota{
		{Chore: kind.Chore{Title: "Put the bins out", Description: "Black one in even weeks, yellow one in odd weeks, paper on the first of the month.", Effort: 10, Schedule: fixed("FREQ=WEEKLY;BYDAY=TU"), Window: kind.ChoreWindow{Before: "PT6H", After: "PT12H"}, Alerts: before("-PT1H"), Assignment: kind.ChoreAssignment{Mode: kind.ChoreAssignmentModeOrder, Turn: kind.ChoreAssignmentTurnWeek, SkipAbsent: true, IfMissed: kind.ChoreAssignmentIfMissedKeep}}, people: "Anna Ben Leo", days: []weekday{tue}, last: evening},
		{Chore: kind.Chore{Title: "Feed Momo", Description: "Half a tin and a handful of dry food. Fresh water!", Effort: 5, Schedule: fixed("FREQ=DAILY;BYHOUR=7,18"), Assignment: kind.ChoreAssignment{Mode: kind.ChoreAssignmentModeOrder, Turn: kind.ChoreAssignmentTurnDay, SkipAbsent: true, IfMissed: kind.ChoreAssignmentIfMissedPass}}, people: "Leo Mia", every: 1, slots: []string{"07:00", "18:00"}, last: evening},
		{Chore: kind.Chore{Title: "Tidy your own room", Effort: 25, Schedule: fixed("FREQ=WEEKLY;BYDAY=SA"), Window: kind.ChoreWindow{After: "P1D"}, Checklist: checklist([]string{"Bed made", "Floor free", "Desk free", "Washing in the basket"}, false), Assignment: kind.ChoreAssignment{Mode: kind.ChoreAssignmentModeEveryone}}, people: "Leo Mia", days: []weekday{sat}, each: true, last: morning},
		{Chore: kind.Chore{Title: "Vacuum downstairs", Effort: 30, Schedule: after("P1W"), Window: kind.ChoreWindow{After: "P2D"}, Assignment: kind.ChoreAssignment{Mode: kind.ChoreAssignmentModeLeastRecent, Turn: kind.ChoreAssignmentTurnOccurrence, SkipAbsent: true}}, people: "Ben Oma Anna", days: []weekday{sat}, last: morning},
		{Chore: kind.Chore{Title: "Clean the bathroom", Effort: 40, Schedule: fixed("FREQ=WEEKLY;BYDAY=FR"), Assignment: kind.ChoreAssignment{Mode: kind.ChoreAssignmentModeLeastEffort, Turn: kind.ChoreAssignmentTurnOccurrence, SkipAbsent: true, IfMissed: kind.ChoreAssignmentIfMissedPass}}, people: "Anna Ben", days: []weekday{fri}, last: afternoon},
		{Chore: kind.Chore{Title: "Empty the dishwasher", Effort: 8, Schedule: onDemand, Assignment: kind.ChoreAssignment{Mode: kind.ChoreAssignmentModeAnyone}}, people: "Leo Anna Ben Oma Mia", every: 2, last: evening},
		{Chore: kind.Chore{Title: "Change the beds", Effort: 35, Schedule: after("P2W"), Assignment: kind.ChoreAssignment{Mode: kind.ChoreAssignmentModeFixed}}, people: "Ben", every: 14, last: morning},
		{Chore: kind.Chore{Title: "Clean the fridge", Effort: 30, Schedule: fixed("FREQ=MONTHLY;BYDAY=1SU"), Assignment: kind.ChoreAssignment{Mode: kind.ChoreAssignmentModeOrder, Turn: kind.ChoreAssignmentTurnMonth}}, people: "Ben Anna", every: 28, last: afternoon},
		{Chore: kind.Chore{Title: "Descale the coffee machine", Effort: 20, Schedule: after("P1M"), Assignment: kind.ChoreAssignment{Mode: kind.ChoreAssignmentModeAnyone}}, people: "Anna Ben", every: 30, last: morning},
		{Chore: kind.Chore{Title: "Water the garden", Effort: 15, Schedule: fixed("FREQ=DAILY;INTERVAL=2"), Season: kind.ChoreSeason{From: "04-15", To: "09-30"}, Assignment: kind.ChoreAssignment{Mode: kind.ChoreAssignmentModeLeastRecent, Turn: kind.ChoreAssignmentTurnDay}}, people: "Oma Leo", every: 2, last: evening},
		{Chore: kind.Chore{Title: "Grit the pavement", Description: "Before seven on weekdays, before nine on Sundays. Grit is in the shed.", Effort: 15, Schedule: onDemand, Season: kind.ChoreSeason{From: "11-15", To: "03-15"}, Assignment: kind.ChoreAssignment{Mode: kind.ChoreAssignmentModeFixed}}, people: "Ben", every: 9, last: 6 * time.Hour},
		{Chore: kind.Chore{Title: "Piano practice", Effort: 15, Schedule: fixed("FREQ=WEEKLY;BYDAY=MO,WE,TH"), Assignment: kind.ChoreAssignment{Mode: kind.ChoreAssignmentModeFixed}}, people: "Mia", days: []weekday{mon, wed, thu}, last: afternoon},
		{Chore: kind.Chore{Title: "Check the smoke detectors", Effort: 10, Schedule: after("P3M"), Assignment: kind.ChoreAssignment{Mode: kind.ChoreAssignmentModeAnyone}}, people: "Ben", every: 50, last: morning},
	}
}
