package imports

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// An iCalendar file is read here and not with a library because those at hand
// keep no line numbers, which whoever mends a file needs, and lose the order
// and form of lines, which the round trip needs.

// property is one content line (RFC 5545 §3.1), unfolded.
type property struct {
	line   int // where it begins, from 1
	text   string
	name   string
	params map[string]string // first value each, unquoted
	value  string
}

// component is what stands between BEGIN and END.
type component struct {
	name       string
	line       int
	lines      []string // unfolded, with BEGIN and END
	properties []property
	children   []*component
}

// get returns the first property of a name, nil when there is none.
func (c *component) get(name string) *property {
	for i := range c.properties {
		if c.properties[i].name == name {
			return &c.properties[i]
		}
	}
	return nil
}

// parse reads one component with everything in it.
func parse(name string, data []byte) (*component, error) {
	properties, err := contentLines(name, data)
	if err != nil {
		return nil, err
	}
	var stack []*component
	var root *component
	for _, p := range properties {
		if root != nil && len(stack) == 0 {
			return nil, at(name, p.line, "something stands behind the end of the calendar")
		}
		if len(stack) == 0 && p.name != "BEGIN" {
			return nil, at(name, p.line, "a calendar begins with BEGIN:VCALENDAR")
		}
		for _, open := range stack {
			open.lines = append(open.lines, p.text)
		}
		switch p.name {
		case "BEGIN":
			c := &component{name: strings.ToUpper(p.value), line: p.line, lines: []string{p.text}}
			if len(stack) == 0 {
				root = c
			} else {
				top := stack[len(stack)-1]
				top.children = append(top.children, c)
			}
			if stack = append(stack, c); len(stack) > 8 {
				return nil, at(name, p.line, "components lie more than 8 deep")
			}
		case "END":
			top := stack[len(stack)-1]
			if !strings.EqualFold(top.name, p.value) {
				return nil, at(name, p.line, "END:%s where %s of line %d is open", p.value, top.name, top.line)
			}
			stack = stack[:len(stack)-1]
		default:
			top := stack[len(stack)-1]
			top.properties = append(top.properties, p)
		}
	}
	switch {
	case root == nil:
		return nil, at(name, 1, "the file is empty")
	case len(stack) > 0:
		top := stack[len(stack)-1]
		return nil, at(name, top.line, "%s has no END", top.name)
	}
	return root, nil
}

// contentLines unfolds and splits the lines.
func contentLines(name string, data []byte) ([]property, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var out []property
	var text []byte
	began := 0
	flush := func() error {
		if began == 0 {
			return nil
		}
		if !utf8.Valid(text) {
			return at(name, began, "is not UTF-8 text")
		}
		p, reason := contentLine(string(text))
		if reason != "" {
			return at(name, began, "%s", reason)
		}
		p.line, began = began, 0
		out = append(out, p)
		return nil
	}
	n := 0
	for line := range bytes.Lines(data) {
		n++
		line = bytes.TrimRight(line, "\r\n")
		if began != 0 && len(line) > 0 && (line[0] == ' ' || line[0] == '\t') {
			text = append(text, line[1:]...) // folded within a character, perhaps: joined as bytes
			continue
		}
		if err := flush(); err != nil {
			return nil, err
		}
		if len(line) > 0 {
			text, began = append(text[:0], line...), n
		}
	}
	return out, flush()
}

// contentLine splits NAME;PARAM="value",other:value. reason is not empty when it
// cannot.
func contentLine(text string) (p property, reason string) {
	end := strings.IndexAny(text, ";:")
	if end < 0 {
		return p, "is no property: there is no colon"
	}
	p.text, p.name = text, strings.ToUpper(text[:end])
	if p.name == "" || strings.Trim(p.name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
		return p, "is no property: it does not begin with a name"
	}
	rest := text[end:]
	for strings.HasPrefix(rest, ";") {
		eq := strings.IndexAny(rest, "=:")
		if eq < 0 || rest[eq] == ':' {
			return p, "a parameter has no value"
		}
		key := strings.ToUpper(rest[1:eq])
		var value string
		if value, rest, reason = paramValue(rest[eq+1:]); reason != "" {
			return p, reason
		}
		if p.params == nil {
			p.params = map[string]string{}
		}
		if _, twice := p.params[key]; !twice {
			p.params[key] = value
		}
	}
	if !strings.HasPrefix(rest, ":") {
		return p, "is no property: there is no colon behind the parameters"
	}
	p.value = rest[1:]
	return p, ""
}

// paramValue reads the values of a parameter up to the next one or the colon,
// and returns the first.
func paramValue(s string) (first, rest, reason string) {
	for n := 0; ; n++ {
		var value string
		if strings.HasPrefix(s, `"`) {
			end := strings.IndexByte(s[1:], '"')
			if end < 0 {
				return "", "", "a quoted parameter has no end"
			}
			value, s = s[1:end+1], s[end+2:]
		} else {
			end := strings.IndexAny(s, ",;:")
			if end < 0 {
				return "", "", "there is no colon behind the parameters"
			}
			value, s = s[:end], s[end:]
		}
		if n == 0 {
			first = value
		}
		if !strings.HasPrefix(s, ",") {
			return first, s, ""
		}
		s = s[1:]
	}
}

// unescape reads a TEXT value (RFC 5545 §3.3.11).
func unescape(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";").Replace(s)
}
