package demo

import (
	"strings"
	"time"

	"inglenook/store"
	"inglenook/store/kind"
)

func (h *house) people() {
	h.addAs(1, h.standing(60), kind.Household{
		Name: "Lindenhof 7", TimeZone: zone, Locale: "de", WeekStart: kind.HouseholdWeekStartMo, DayStart: "04:00",
		QuietHours: kind.HouseholdQuietHours{From: "21:30", To: "06:30"}, TrashDays: 90,
		Brake: kind.HouseholdBrake{Count: 50, Percent: 10}, DefaultAlertTime: "08:00",
	})
	for i, p := range []struct {
		short, whole, color, avatar string
		age, birthday               int // years on the next birthday, and in how many days that is
		access                      kind.UserAccess
		labels                      string
	}{
		{"Anna", "Anna Lindner", "#c8553d", "🦊", 41, 143, kind.UserAccessAdmin, "adult,can drive,cooks"},
		{"Ben", "Ben Lindner", "#3f6fb5", "🐻", 43, 232, kind.UserAccessMember, "adult,can drive,cooks"},
		{"Oma", "Ruth Hoffmann", "#7659b0", "🦉", 72, 26, kind.UserAccessMember, "adult,grandparent"},
		{"Leo", "Leo Lindner", "#2f8f6b", "🦁", 11, 98, kind.UserAccessChild, "child,swims"},
		{"Mia", "Mia Lindner", "#b04f8f", "🐱", 7, 9, kind.UserAccessChild, "child"},
	} {
		next := h.in(p.birthday)
		born := time.Date(next.Year()-p.age, next.Month(), next.Day(), 0, 0, 0, 0, time.UTC)
		h.person[p.short] = h.add(h.standing(58), kind.User{
			Name: p.whole, ShortName: p.short, Color: p.color, Avatar: p.avatar, Birthday: date(born),
			Access: p.access, Labels: labels(p.labels), OrderKey: orderKey(i),
		})
	}
	h.absences()
}

func (h *house) absences() {
	thursday := h.nextThursday()
	for _, a := range []kind.Absence{
		{UserID: h.person["Ben"], Start: date(thursday.AddDate(0, 0, -1)), End: date(thursday.AddDate(0, 0, 1)), Reason: "Trade fair in Hannover"},
		{UserID: h.person["Ben"], Start: date(h.on(-3, mon)), End: date(h.on(-3, wed)), Reason: "Site visit in Leipzig"},
		{UserID: h.person["Anna"], Start: date(h.on(-2, fri)), End: date(h.on(-2, sun)), Reason: "Weekend with Katrin in Dresden"},
		{UserID: h.person["Anna"], Start: date(h.on(2, tue)), Reason: "Training day, back late"},
		{UserID: h.person["Oma"], Start: date(h.on(-5, mon)), End: date(h.on(-5, sun)), Reason: "Spa week in Bad Saarow"},
		{UserID: h.person["Oma"], Start: date(h.on(-8, fri)), End: date(h.on(-8, sun)), Here: true, RecurrenceRule: "FREQ=WEEKLY;INTERVAL=2", Reason: "Every second weekend in the guest room"},
		{UserID: h.person["Leo"], Start: date(h.on(1, sat)), End: date(h.on(1, sun)), Reason: "Sleepover at Emil's"},
		{UserID: h.person["Mia"], Start: date(h.on(-1, tue)), End: date(h.on(-1, wed)), Reason: "At home with a cold"},
	} {
		h.add(h.standing(45), a)
	}
}

// labels makes a set of words from a list with commas.
func labels(list string) kind.Labels {
	set := kind.Labels{}
	for word := range strings.SplitSeq(list, ",") {
		set[word] = true
	}
	return set
}

// users makes a set of people from short names with spaces, nil when there are none.
func (h *house) users(names string) kind.Users {
	var set kind.Users
	for name := range strings.FieldsSeq(names) {
		if set == nil {
			set = kind.Users{}
		}
		set[h.person[name]] = true
	}
	return set
}

// participants reads "Leo, Ben bring fetch, Anna tentative": names, each with
// roles or an answer; without a role somebody attends.
func (h *house) participants(text string) map[store.ID]kind.Participant {
	if text == "" {
		return nil
	}
	all := map[store.ID]kind.Participant{}
	for one := range strings.SplitSeq(text, ", ") {
		words := strings.Fields(one)
		p := kind.Participant{Roles: map[string]bool{}, Status: kind.ParticipantStatusAccepted}
		for _, word := range words[1:] {
			switch word {
			case "tentative", "declined", "needs-action":
				p.Status = kind.ParticipantStatus(word)
			default:
				p.Roles[word] = true
			}
		}
		if len(p.Roles) == 0 {
			p.Roles["attendee"] = true
		}
		all[h.person[words[0]]] = p
	}
	return all
}
