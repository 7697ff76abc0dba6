package imports

import (
	"bytes"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"inglenook/store"
)

// calendar reads an iCalendar file (RFC 5545) as a calendar with its events and
// what is different about single occurrences, and its to-dos as a list.
func (c *collect) calendar(data []byte) error {
	root, err := parse(c.name, data)
	if err != nil {
		return err
	}
	if root.name != "VCALENDAR" {
		return at(c.name, root.line, "a calendar begins with BEGIN:VCALENDAR")
	}
	title := strings.TrimSuffix(path.Base(c.name), path.Ext(c.name))
	if p := root.get("X-WR-CALNAME"); p != nil && strings.TrimSpace(p.value) != "" {
		title = strings.TrimSpace(unescape(p.value))
	}
	in := &reading{collect: c, zones: zones{}, title: title}
	in.sort(root)
	if len(in.todos) == 0 || len(in.whole)+len(in.single) > 0 {
		var e store.Entity
		set(&e, "name", title)
		if in.calendarID, err = c.add(root.line, "calendar", e, title); err != nil {
			return err
		}
	}
	if err := in.events(); err != nil {
		return err
	}
	return in.items(root.line)
}

// reading is one calendar on its way in.
type reading struct {
	*collect
	zones         zones
	title         string
	calendarID    store.ID
	whole, single []*component // events, and single occurrences of them
	todos         []*component
}

// series is an event as the file has it, to which single occurrences belong.
type series struct {
	id    store.ID
	start moment
	zone  string
	event store.Entity
}

// sort tells the components apart, and counts those that are skipped.
func (c *reading) sort(root *component) {
	for _, child := range root.children {
		switch id := child.get("TZID"); {
		case child.name == "VTIMEZONE" && id != nil:
			if place := child.get("X-LIC-LOCATION"); place != nil {
				c.zones[id.value] = place.value
			}
		case child.name == "VEVENT" && child.get("RECURRENCE-ID") != nil:
			c.single = append(c.single, child)
		case child.name == "VEVENT":
			c.whole = append(c.whole, child)
		case child.name == "VTODO" && todoTitle(child) != "":
			c.todos = append(c.todos, child)
		case child.name == "VTODO":
			c.out.Skipped["to-dos without a title (VTODO)"]++
		case child.name == "VJOURNAL":
			c.out.Skipped["journal entries (VJOURNAL)"]++
		case child.name == "VFREEBUSY":
			c.out.Skipped["free and busy times (VFREEBUSY)"]++
		case child.name != "VTIMEZONE":
			c.out.Skipped["components of another kind ("+child.name+")"]++
		}
	}
}

// events reads whole events first, then what differs in single occurrences.
func (c *reading) events() error {
	byUID := map[string]*series{}
	for _, child := range c.whole {
		s, err := c.event(child)
		if err != nil {
			return err
		}
		if uid := child.get("UID"); uid != nil {
			byUID[uid.value] = s
		}
		if err := c.dates(child, s); err != nil {
			return err
		}
	}
	for _, child := range c.single {
		if err := c.occurrence(child, byUID); err != nil {
			return err
		}
	}
	return nil
}

// event adds one event.
func (c *reading) event(from *component) (*series, error) {
	e, start, err := c.fields(from)
	if err != nil {
		return nil, err
	}
	s := &series{start: start, zone: e.String("timeZone"), event: e}
	key := []string{c.calendarID.String(), "start", start.text(), e.String("title")}
	if uid := from.get("UID"); uid != nil {
		key = []string{c.calendarID.String(), "uid", uid.value}
	}
	if single := from.get("RECURRENCE-ID"); single != nil {
		key = append(key, single.value) // its series is not in the file
	}
	s.id, err = c.add(from.line, "event", e, key...)
	return s, err
}

// fields maps the properties of an event; those without a field are kept raw.
func (c *reading) fields(from *component) (e store.Entity, start moment, err error) {
	set(&e, "calendarId", c.calendarID)
	begin := from.get("DTSTART")
	if begin == nil {
		return e, start, at(c.name, from.line, "the event has no DTSTART")
	}
	if start, err = c.moment(*begin); err != nil {
		return e, start, err
	}
	set(&e, "start", start.text())
	if start.zone != "" {
		set(&e, "timeZone", start.zone)
	}
	if start.date {
		set(&e, "showWithoutTime", true)
	}
	raw := map[string][]string{}
	for _, p := range from.properties {
		mapped, err := c.field(&e, p, start)
		if err != nil {
			return e, start, err
		}
		if !mapped {
			raw[p.name] = append(raw[p.name], p.text)
		}
	}
	if begin.params["TZID"] != "" && start.zone == "" && !start.date {
		raw["DTSTART"] = []string{begin.text} // a zone nobody knows
	}
	if err := c.alerts(&e, from, raw); err != nil {
		return e, start, err
	}
	if len(raw) > 0 {
		set(&e, "raw", raw)
	}
	return e, start, nil
}

// field maps one property. It is false for one that has no field.
func (c *reading) field(e *store.Entity, p property, start moment) (mapped bool, err error) {
	twice := func(field string) bool { return e.Fields[field] != nil }
	switch p.name {
	case "DTSTART", "EXDATE", "RDATE", "RECURRENCE-ID":
		return true, nil // elsewhere
	case "UID":
		if len(p.value) == 0 || len(p.value) > 255 {
			return false, nil
		}
		set(e, "uid", p.value)
	case "SUMMARY":
		set(e, "title", strings.TrimSpace(unescape(p.value)))
	case "DESCRIPTION":
		if twice("description") {
			return false, nil
		}
		set(e, "description", unescape(p.value))
	case "DURATION":
		d, ok := readSpan(p.value)
		if !ok || d.negative {
			return false, at(c.name, p.line, "%s is no duration", p.value)
		}
		set(e, "duration", d.String())
	case "DTEND":
		return true, c.end(e, p, start)
	case "RRULE":
		if twice("recurrenceRule") {
			return false, nil
		}
		set(e, "recurrenceRule", strings.ToUpper(p.value))
	case "STATUS":
		status := strings.ToLower(p.value)
		if !slices.Contains([]string{"confirmed", "tentative", "cancelled"}, status) {
			return false, nil
		}
		set(e, "status", status)
	case "URL":
		if !strings.HasPrefix(p.value, "http://") && !strings.HasPrefix(p.value, "https://") || twice("links") {
			return false, nil
		}
		set(e, "links", map[string]any{"url": map[string]any{"href": p.value}})
	case "LOCATION":
		return c.place(e, p)
	case "CATEGORIES":
		return c.labels(e, p)
	case "ATTENDEE", "ORGANIZER":
		c.person(e, p)
		return false, nil // with the address, which has no field
	default:
		return false, nil
	}
	return true, nil
}

// end turns DTEND, which is not part of the event, into a duration.
func (c *reading) end(e *store.Entity, p property, start moment) error {
	end, err := c.moment(p)
	if err != nil {
		return err
	}
	if start.date != end.date {
		// Some programs end a day of a date with a time in another zone: only
		// its date is believed.
		start.zone, end.zone = "", ""
		start.wall, end.wall = day(start), day(end)
		start.date = true
	}
	d, ok := between(start, end)
	if !ok {
		return at(c.name, p.line, "DTEND lies before DTSTART")
	}
	if start.date && d.days == 0 {
		d.days = 1 // some programs write the last day, not the one behind it
	}
	set(e, "duration", d.String())
	return nil
}

func day(m moment) time.Time { return m.wall.Truncate(24 * time.Hour) }

func (c *reading) moment(p property) (moment, error) {
	m, reason := c.zones.read(p, p.value)
	if reason != "" {
		return m, at(c.name, p.line, "%s: %s", p.name, reason)
	}
	return m, nil
}

// alerts maps VALARMs; what they say beside when and how is kept raw.
func (c *reading) alerts(e *store.Entity, from *component, raw map[string][]string) error {
	alerts := map[string]any{}
	for _, child := range from.children {
		raw[child.name] = append(raw[child.name], child.lines...)
		p := child.get("TRIGGER")
		if child.name != "VALARM" || p == nil {
			continue
		}
		trigger := map[string]any{}
		if d, ok := readSpan(p.value); ok {
			trigger["offset"] = d.String()
			if strings.EqualFold(p.params["RELATED"], "END") {
				trigger["relativeTo"] = "end"
			}
		} else {
			when, reason := c.zones.read(*p, p.value)
			if reason != "" {
				return at(c.name, p.line, "TRIGGER: %s is neither a duration nor a moment", p.value)
			}
			trigger["when"] = when.instant().UTC().Format(time.RFC3339)
		}
		alert := map[string]any{"trigger": trigger}
		if action := child.get("ACTION"); action != nil && strings.EqualFold(action.value, "EMAIL") {
			alert["action"] = "email"
		}
		alerts["a"+strconv.Itoa(len(alerts)+1)] = alert
	}
	if len(alerts) > 0 {
		set(e, "alerts", alerts)
	}
	return nil
}

// dates adds the occurrences an event excludes (EXDATE) and has beside its rule
// (RDATE).
func (c *reading) dates(from *component, s *series) error {
	for _, p := range from.properties {
		if p.name != "EXDATE" && p.name != "RDATE" {
			continue
		}
		for value := range strings.SplitSeq(p.value, ",") {
			first, _, _ := strings.Cut(value, "/") // of a period
			m, reason := c.zones.read(p, first)
			if reason != "" {
				return at(c.name, p.line, "%s: %s", p.name, reason)
			}
			var e store.Entity
			if p.name == "EXDATE" {
				set(&e, "excluded", true)
			}
			if err := c.differs(p.line, s, m, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// differs adds what is different about the occurrence of a moment.
func (c *reading) differs(line int, s *series, m moment, e store.Entity) error {
	set(&e, "eventId", s.id, "recurrenceId", m.in(s.start).wall.Format(localForm))
	_, err := c.add(line, "occurrence", e)
	return err
}

// occurrence adds what a VEVENT with RECURRENCE-ID changes. One whose series is
// not in the file stands for itself.
func (c *reading) occurrence(from *component, byUID map[string]*series) error {
	recurrence := from.get("RECURRENCE-ID")
	uid := from.get("UID")
	var s *series
	if uid != nil {
		s = byUID[uid.value]
	}
	if s == nil {
		_, err := c.event(from)
		return err
	}
	m, err := c.moment(*recurrence)
	if err != nil {
		return err
	}
	e, _, err := c.fields(from)
	if err != nil {
		return err
	}
	patch := map[string]store.RawValue{}
	for field, value := range e.Fields {
		if field != "uid" && !bytes.Equal(value, s.event.Fields[field]) {
			patch[field] = value
		}
	}
	for field := range s.event.Fields {
		if field != "recurrenceRule" && field != "raw" && e.Fields[field] == nil {
			patch[field] = store.RawValue("null")
		}
	}
	delete(patch, "uid")
	var o store.Entity
	set(&o, "patch", patch)
	return c.differs(recurrence.line, s, m, o)
}
