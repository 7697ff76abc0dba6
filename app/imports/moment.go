package imports

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // Windows has no zones of its own
)

const (
	dateForm  = "2006-01-02"
	localForm = "2006-01-02T15:04:05"
)

// moment is a value of DTSTART and its like: a date, or a wall-clock time in a
// zone.
type moment struct {
	wall  time.Time // as if in UTC
	date  bool
	zone  string         // IANA, "" when floating
	place *time.Location // nil when floating
}

// text is the form of the kinds: a date, or a local date-time.
func (m moment) text() string {
	if m.date {
		return m.wall.Format(dateForm)
	}
	return m.wall.Format(localForm)
}

// instant is the moment on the world's clock; a floating one as if in UTC.
func (m moment) instant() time.Time {
	if m.place == nil {
		return m.wall
	}
	w := m.wall
	return time.Date(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute(), w.Second(), 0, m.place)
}

// in returns the moment on the wall clock of another one's zone, for values
// that name occurrences of it.
func (m moment) in(other moment) moment {
	if m.date || other.date || m.place == nil || other.place == nil || m.zone == other.zone {
		return m
	}
	t := m.instant().In(other.place)
	m.wall = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	m.zone, m.place = other.zone, other.place
	return m
}

// zones finds the IANA zone of a TZID.
type zones map[string]string // X-LIC-LOCATION by TZID, from the file's VTIMEZONEs

// read reads one value of a property. reason is not empty when it cannot.
func (z zones) read(p property, value string) (m moment, reason string) {
	var err error
	if p.params["VALUE"] == "DATE" || len(value) == len("20060102") {
		m.date = true
		if m.wall, err = time.Parse("20060102", value); err != nil {
			return m, fmt.Sprintf("%s is no date", value)
		}
		return m, ""
	}
	local, utc := strings.CutSuffix(value, "Z")
	if m.wall, err = time.Parse("20060102T150405", local); err != nil {
		return m, fmt.Sprintf("%s is neither a date nor a date with a time", value)
	}
	if utc {
		m.zone, m.place = "Etc/UTC", time.UTC
	} else if id := p.params["TZID"]; id != "" {
		m.zone, m.place = z.find(id)
	}
	return m, ""
}

// find returns a zone that is known by the id, by the end of the id (programs
// put their own names before it), or by what the file says. Else the time floats.
func (z zones) find(id string) (string, *time.Location) {
	candidates := []string{id, z[id]}
	if parts := strings.Split(id, "/"); len(parts) > 2 {
		candidates = append(candidates, strings.Join(parts[len(parts)-2:], "/"), strings.Join(parts[len(parts)-3:], "/"))
	}
	for _, name := range candidates {
		if name == "" || name == "Local" {
			continue
		}
		if place, err := time.LoadLocation(name); err == nil {
			return name, place
		}
	}
	return "", nil
}

// span is a duration of RFC 5545 §3.3.6: days are days of the calendar, the rest
// is exact.
type span struct {
	negative bool
	days     int
	seconds  int
}

var spanForm = regexp.MustCompile(`^([+-])?P(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,5})M)?(?:(\d{1,7})S)?)?$`)

func readSpan(s string) (d span, ok bool) {
	m := spanForm.FindStringSubmatch(s)
	if m == nil || strings.Join(m[2:], "") == "" {
		return d, false
	}
	number := func(i int) int {
		n, _ := strconv.Atoi(m[i]) // digits, or empty: 0
		return n
	}
	d = span{negative: m[1] == "-", days: 7*number(2) + number(3), seconds: 3600*number(4) + 60*number(5) + number(6)}
	return d, true
}

// between is the span from one moment to another.
func between(from, to moment) (d span, ok bool) {
	length := to.wall.Sub(from.wall)
	if from.zone != to.zone {
		length = to.instant().Sub(from.instant())
		return span{seconds: int(length.Seconds())}, length >= 0
	}
	days := length / (24 * time.Hour)
	return span{days: int(days), seconds: int((length - days*24*time.Hour).Seconds())}, length >= 0
}

// String is the form of the kinds, which has no gap between its parts.
func (d span) String() string {
	var b strings.Builder
	if d.negative && d.days+d.seconds > 0 {
		b.WriteByte('-')
	}
	b.WriteByte('P')
	if d.days > 0 {
		fmt.Fprintf(&b, "%dD", d.days)
	}
	hours, minutes, seconds := d.seconds/3600, d.seconds/60%60, d.seconds%60
	switch {
	case d.seconds == 0 && d.days > 0:
	case hours > 0 && seconds > 0:
		fmt.Fprintf(&b, "T%dH%dM%dS", hours, minutes, seconds)
	case hours > 0 && minutes > 0:
		fmt.Fprintf(&b, "T%dH%dM", hours, minutes)
	case hours > 0:
		fmt.Fprintf(&b, "T%dH", hours)
	case minutes > 0 && seconds > 0:
		fmt.Fprintf(&b, "T%dM%dS", minutes, seconds)
	case minutes > 0:
		fmt.Fprintf(&b, "T%dM", minutes)
	default:
		fmt.Fprintf(&b, "T%dS", seconds)
	}
	return b.String()
}
