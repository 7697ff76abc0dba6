package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"inglenook/store"
	"inglenook/store/household"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// object is a thing as it is written on the command line.
type object map[string]jsontext.Value

// objects reads objects one after the other, or arrays of them. An error names
// the source, the line and the character.
func objects(source string, raw []byte) (out []object, err error) {
	dec := jsontext.NewDecoder(bytes.NewReader(raw))
	for {
		switch dec.PeekKind() {
		case '[':
			var several []object
			err = json.UnmarshalDecode(dec, &several)
			out = append(out, several...)
		default:
			var one object
			if err = json.UnmarshalDecode(dec, &one); err == io.EOF { //nolint:errorlint // bare, by contract
				return out, nil
			}
			out = append(out, one)
		}
		if err != nil {
			return nil, misread(source, raw, dec.InputOffset(), err)
		}
	}
}

// misread says where and why. offset is how far the reading came.
func misread(source string, raw []byte, offset int64, err error) error {
	reason := "is no JSON object"
	var syntax *jsontext.SyntacticError
	var wrong *json.SemanticError
	switch {
	case errors.As(err, &syntax):
		reason = syntax.Err.Error()
		offset = max(offset, syntax.ByteOffset)
	case errors.As(err, &wrong):
		offset = wrong.ByteOffset
	}
	before := raw[:min(int(offset), len(raw))]
	line := bytes.Count(before, []byte{'\n'}) + 1
	character := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return store.Errorf(store.CodeMalformed, fmt.Sprintf("%s:%d:%d", source, line, character), "%s", reason)
}

// kind is a kind this program knows, or that something here is of.
func (s *session) kind(name string) (store.Kind, error) {
	known := s.Replica().Device().Kinds()
	kind := store.Kind(name)
	if _, ok := known.Spec(kind); ok {
		return kind, nil
	}
	if kind.Valid() {
		found := errors.New("found")
		err := s.Replica().Device().Each(s.ctx, kind, store.Ref{}, func(household.Shown) error { return found })
		if errors.Is(err, found) {
			return kind, nil
		}
		if err != nil {
			return "", err
		}
	}
	var names []string
	for _, k := range known.Names() {
		names = append(names, string(k))
	}
	return "", store.Errorf(store.CodeInvalid, "kind", "there is no kind %q; there are %s", name, strings.Join(names, ", "))
}

func parseID(text string) (store.ID, error) {
	id, err := store.ParseID(text)
	if err != nil {
		return 0, store.Errorf(store.CodeInvalid, "id", "%q is none: an id is a whole number from 1 to 2^53−1", text)
	}
	return id, nil
}

var ofReplacement = regexp.MustCompile(`^replacements\[(\d+)\](?:\.entity)?\.?`)

// ofOne says which of several an error is about, by the name it has for whoever
// wrote the command.
func ofOne(err error, name func(i int) string) error {
	var known *store.Error
	if !errors.As(err, &known) {
		return err
	}
	found := ofReplacement.FindStringSubmatch(known.Field)
	if found == nil {
		return err
	}
	i, _ := strconv.Atoi(found[1]) // digits
	field := known.Field[len(found[0]):]
	return fmt.Errorf("%s: %w", name(i), store.Errorf(known.Code, field, "%s", known.Message))
}
