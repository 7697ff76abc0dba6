package store

import (
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// DecodeStrict reads a message that came from outside: valid UTF-8, no name
// twice, at most MaxDepth levels, no member the message does not have (entities
// keep what they do not know), nothing behind it.
//
// Errors: CodeMalformed, CodeInvalid with the field's path, and what the
// message's own decoders answer.
func DecodeStrict(data []byte, into any) error {
	if depth(data) > MaxDepth {
		return Errorf(CodeMalformed, "", "more than %d levels", MaxDepth)
	}
	err := json.Unmarshal(data, into, json.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	var own *Error
	var semantic *json.SemanticError
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.As(err, &own):
		place := ""
		if errors.As(err, &semantic) {
			place = path(semantic.JSONPointer)
		}
		return &Error{Code: own.Code, Message: own.Message, Field: joinPath(place, own.Field)}
	case errors.As(err, &semantic):
		if errors.Is(err, json.ErrUnknownName) {
			return Errorf(CodeInvalid, path(semantic.JSONPointer), "is not a member of this message")
		}
		return Errorf(CodeInvalid, path(semantic.JSONPointer), "has a wrong type or value")
	case errors.As(err, &syntactic):
		return Errorf(CodeMalformed, path(syntactic.JSONPointer), "not valid JSON at byte %d", syntactic.ByteOffset)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return Errorf(CodeMalformed, "", "the JSON ends too early")
	}
	return Errorf(CodeMalformed, "", "not valid JSON")
}

// depth is the greatest nesting of brackets outside strings.
func depth(data []byte) int {
	deepest, level, quoted := 0, 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			level++
			deepest = max(deepest, level)
		case c == '}' || c == ']':
			level--
		}
	}
	return deepest
}

// path turns a JSON pointer into the form of Error.Field: replacements[3].base.
func path(p jsontext.Pointer) string {
	var b strings.Builder
	for token := range p.Tokens() {
		if token != "" && strings.Trim(token, "0123456789") == "" && b.Len() > 0 {
			b.WriteString("[" + token + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(token)
	}
	return b.String()
}

// joinPath puts a field behind the place of its message; both may name the
// member "entity".
func joinPath(place, field string) string {
	switch rest, inEntity := strings.CutPrefix(field, "entity"); {
	case place == "":
		return field
	case field == "" || strings.HasSuffix(place, "."+field):
		return place
	case inEntity && strings.HasSuffix(place, "entity"):
		return place + rest
	default:
		return place + "." + field
	}
}
