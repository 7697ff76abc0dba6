package demo

import (
	"strings"
	"time"

	"inglenook/store"
	"inglenook/store/kind"

	"github.com/go-json-experiment/json/jsontext"
)

func (h *house) calendars() {
	for i, l := range []kind.Category{
		{Name: "School", Icon: "🎒", Color: "#b59a1f"},
		{Name: "Sport", Icon: "⚽", Color: "#6f8f3a"},
		{Name: "Health", Icon: "🩺", Color: "#2b8a9c"},
		{Name: "Birthday", Icon: "🎂", Color: "#b04f8f"},
		{Name: "Holiday", Icon: "🏖️", Color: "#d98a29"},
		{Name: "Visit", Icon: "☕", Color: "#8a6d5a"},
	} {
		l.Use, l.OrderKey = kind.CategoryUseLabel, orderKey(i)
		h.label[l.Name] = h.add(h.standing(57), l)
	}
	family := h.add(h.standing(57), kind.Calendar{Name: "Family", Color: "#c8553d", DefaultAlerts: before("-PT30M")})
	school := h.add(h.standing(57), kind.Calendar{Name: "School", Color: "#b59a1f", DefaultAlerts: before("-P1D")})
	private := h.add(h.standing(50), kind.Calendar{
		Name: "Anna private", Color: "#7659b0",
		Audience: kind.Audience{h.person["Anna"]: kind.GrantWrite, h.person["Ben"]: kind.GrantRead},
	})
	h.weekly(family, school, private)
	h.yearly(family)
	h.engagements(family, familyEvents())
	h.engagements(school, schoolEvents())
	h.engagements(private, annasEvents())
	h.wholeDays(family, school)
}

// engagement is an event that takes place once, in a week counted from this one.
type engagement struct {
	week                        int
	day                         weekday
	clock, length, title        string
	who, place, label, whatElse string
}

func (h *house) engagements(calendar store.ID, all []engagement) {
	for _, g := range all {
		day := h.on(g.week, g.day)
		h.add(day.AddDate(0, 0, -9-h.dice.IntN(12)), kind.Event{
			CalendarID: calendar, Title: g.title, Description: g.whatElse, Start: local(day, g.clock), TimeZone: zone, Duration: g.length,
			Places: h.at(g.place), Participants: h.participants(g.who), CategoryIDs: h.labelled(g.label),
		})
	}
}

// weekly makes what comes again every week, and where one week differs.
func (h *house) weekly(family, school, private store.ID) {
	type habit struct {
		calendar                           store.ID
		day                                weekday
		clock, length, rule, title         string
		who, place, label, alert, whatElse string
	}
	events := map[string]store.ID{}
	for _, r := range []habit{
		{school, mon, "08:00", "PT5H15M", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "School, Leo (5b)", "Leo", "Grundschule am Weiher", "School", "", ""},
		{school, mon, "08:00", "PT4H20M", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "School, Mia (1a)", "Mia, Anna bring, Oma fetch", "Grundschule am Weiher", "School", "", "After-school club on Mondays and Wednesdays until three."},
		{school, fri, "14:00", "PT1H", "FREQ=WEEKLY;BYDAY=FR", "School choir", "Leo, Oma fetch", "Grundschule am Weiher", "School", "", ""},
		{family, thu, "16:30", "PT1H30M", "FREQ=WEEKLY;BYDAY=TH", "Football practice", "Leo, Ben bring fetch", "Sportplatz Nord", "Sport", "-PT45M", "Boots, shin pads, the blue bottle."},
		{family, tue, "15:30", "PT45M", "FREQ=WEEKLY;BYDAY=TU", "Piano lesson", "Mia, Oma bring fetch", "Musikschule", "", "-PT30M", "Red folder and the exercise book."},
		{family, wed, "17:00", "PT45M", "FREQ=WEEKLY;BYDAY=WE", "Swimming course", "Mia, Anna bring fetch", "Stadtbad", "Sport", "-PT1H", ""},
		{family, sun, "12:30", "PT2H", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU", "Sunday lunch with Oma", "Anna, Ben, Oma, Leo, Mia", "At home", "Visit", "", "Oma brings the cake."},
		{family, fri, "19:00", "PT2H", "FREQ=WEEKLY;BYDAY=FR", "Film night", "Anna, Ben, Leo, Mia", "At home", "", "", "Whose turn it is chooses: one week Leo, one week Mia."},
		{private, mon, "19:30", "PT1H15M", "FREQ=WEEKLY;BYDAY=MO", "Yoga", "Anna", "", "Health", "-PT30M", ""},
		{private, wed, "12:15", "PT45M", "FREQ=MONTHLY;BYDAY=1WE", "Lunch with Katrin", "Anna", "Café Morgenrot", "", "", ""},
	} {
		events[r.title] = h.add(h.standing(56), kind.Event{
			CalendarID: r.calendar, Title: r.title, Description: r.whatElse, Start: local(h.on(-8, r.day), r.clock), TimeZone: zone, Duration: r.length,
			RecurrenceRule: r.rule, Places: h.at(r.place), Participants: h.participants(r.who), CategoryIDs: h.labelled(r.label), Alerts: before(r.alert),
		})
	}
	// Ben is away on the next Thursday: Anna brings Leo, and nobody has said who fetches him.
	h.differs(events["Football practice"], local(h.nextThursday(), "16:30"), map[string]string{
		"participants/" + h.person["Ben"].String():  `null`,
		"participants/" + h.person["Anna"].String(): `{"roles":{"bring":true},"status":"accepted"}`,
	})
	h.differs(events["Football practice"], local(h.on(-3, thu), "16:30"), map[string]string{"start": `"` + local(h.on(-3, thu), "17:00") + `"`, "title": `"Football practice (late pitch)"`})
	h.cancelled(events["Piano lesson"], local(h.on(-1, tue), "15:30"))
	h.cancelled(events["Swimming course"], local(h.on(-1, wed), "17:00"))
	h.cancelled(events["Yoga"], local(h.on(1, mon), "19:30"))
	h.differs(events["Film night"], local(h.on(1, fri), "19:00"), map[string]string{"title": `"Film night: Paddington"`})
}

// differs says what is different about one occurrence, by field as JSON.
func (h *house) differs(event store.ID, recurrenceID string, patch map[string]string) {
	o := kind.Occurrence{EventID: event, RecurrenceID: recurrenceID, Patch: map[string]jsontext.Value{}}
	for field, value := range patch {
		o.Patch[field] = jsontext.Value(value)
	}
	h.addAs(store.DerivedID(o.Kind(), event.String(), recurrenceID), h.standing(2), o)
}

func (h *house) cancelled(event store.ID, recurrenceID string) {
	o := kind.Occurrence{EventID: event, RecurrenceID: recurrenceID, Excluded: true}
	h.addAs(store.DerivedID(o.Kind(), event.String(), recurrenceID), h.standing(12), o)
}

// yearly makes birthdays of friends and days that everybody has off.
func (h *house) yearly(family store.ID) {
	for _, b := range []struct {
		title    string
		in, born int // days from today, years ago
	}{
		{"Birthday: Tante Inge", 3, 58}, {"Birthday: Emil", 17, 11}, {"Birthday: Opa Karl", -12, 77}, {"Birthday: Katrin", 24, 41}, {"Birthday: Onkel Jörg", -25, 46},
	} {
		day := h.in(b.in)
		h.add(h.standing(52), kind.Event{
			CalendarID: family, Title: b.title, Start: date(day.AddDate(-b.born, 0, 0)), ShowWithoutTime: true, RecurrenceRule: "FREQ=YEARLY",
			CategoryIDs: h.labelled("Birthday"), Alerts: before("-P2D"),
		})
	}
	year := h.today.Year() - 1
	for _, d := range []struct {
		title string
		month time.Month
		day   int
	}{
		{"Neujahr", time.January, 1},
		{"Frauentag", time.March, 8},
		{"Tag der Arbeit", time.May, 1},
		{"Tag der Deutschen Einheit", time.October, 3},
		{"Sankt Martin", time.November, 11},
		{"Nikolaus", time.December, 6},
		{"Heiligabend", time.December, 24},
		{"1. Weihnachtstag", time.December, 25},
		{"2. Weihnachtstag", time.December, 26},
		{"Silvester", time.December, 31},
	} {
		h.add(h.standing(56), kind.Event{
			CalendarID: family, Title: d.title, Start: date(time.Date(year, d.month, d.day, 0, 0, 0, 0, time.UTC)),
			ShowWithoutTime: true, RecurrenceRule: "FREQ=YEARLY", CategoryIDs: h.labelled("Holiday"),
		})
	}
}

// wholeDays makes what lasts for days.
func (h *house) wholeDays(family, school store.ID) {
	for _, e := range []kind.Event{
		{CalendarID: family, Title: "Rügen!", Start: date(h.on(3, sat)), Duration: "P8D", Description: "Packing list and holiday plan are ready. Train at 9:26, platform 8.", Participants: h.participants("Anna, Ben, Leo, Mia, Oma tentative"), Places: h.at("Holiday flat Möwennest"), CategoryIDs: h.labelled("Holiday")},
		{CalendarID: school, Title: "School holidays", Start: date(h.on(4, mon)), Duration: "P5D", Participants: h.participants("Leo, Mia"), CategoryIDs: h.labelled("Holiday")},
		{CalendarID: family, Title: "Oma stays over", Start: date(h.on(0, fri)), Duration: "P3D", Participants: h.participants("Oma"), Places: h.at("At home"), CategoryIDs: h.labelled("Visit")},
		{CalendarID: family, Title: "Oma stays over", Start: date(h.on(-2, fri)), Duration: "P3D", Participants: h.participants("Oma"), Places: h.at("At home"), CategoryIDs: h.labelled("Visit")},
		{CalendarID: school, Title: "Class trip 5b, Schorfheide", Start: date(h.on(2, mon)), Duration: "P3D", Participants: h.participants("Leo"), CategoryIDs: h.labelled("School")},
		{CalendarID: school, Title: "No school: teachers' conference", Start: date(h.on(-2, mon)), Duration: "P1D", Participants: h.participants("Leo, Mia"), CategoryIDs: h.labelled("School")},
		{CalendarID: family, Title: "Grill party at the Seidels'", Start: date(h.on(2, sat)), Duration: "P1D", Status: kind.EventStatusTentative, Participants: h.participants("Anna, Ben, Leo needs-action, Mia"), CategoryIDs: h.labelled("Visit")},
	} {
		e.ShowWithoutTime = true
		h.add(h.standing(40), e)
	}
}

// at makes the places of an event that has one or none.
func (h *house) at(name string) map[store.ID]kind.EventPlace {
	if name == "" {
		return nil
	}
	return map[store.ID]kind.EventPlace{h.place[name]: {}}
}

func (h *house) labelled(name string) map[store.ID]bool {
	if name == "" {
		return nil
	}
	return map[store.ID]bool{h.label[name]: true}
}

// before makes one reminder, nil without an offset.
func before(offset string) kind.Alerts {
	if offset == "" {
		return nil
	}
	return kind.Alerts{strings.Trim(offset, "-"): {Trigger: kind.AlertTrigger{Offset: offset}}}
}
