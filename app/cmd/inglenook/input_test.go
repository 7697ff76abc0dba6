package main

import (
	"strings"
	"testing"
)

// What is wrong is said with its place, and nothing of it is written.
func TestWrongInput(t *testing.T) {
	s := shell{t, t.TempDir()}
	for _, row := range []struct {
		args string
		code int
		says string
	}{
		{`put nokind {"title":"a"}`, exitUse, `there is no kind "nokind"; there are household, user,`},
		{`put No/kind {"title":"a"}`, exitUse, `there is no kind "No/kind"`},
		{`put note {"title":"a"} {"title":}`, exitUse, "argument 2:1:10: invalid character '}'"},
		{`put note {"title":"a"`, exitUse, "argument 1:1:13: unexpected EOF"},
		{`put note {"title":"a","title":"b"}`, exitUse, "duplicate object member name"},
		{`put note 5`, exitUse, "argument 1:1:1: is no JSON object"},
		{`put note [{"title":"a"},{"title":5}]`, exitUse, "object 2: invalid: title: is not a string"},
		{`put note {"id":9007199254740992,"title":"a"}`, exitUse, `"9007199254740992" is none: an id is a whole number from 1 to 2^53−1`},
		{`put note {"id":1.5,"title":"a"}`, exitUse, `object 1: invalid: id: "1.5"`},
		{`put item {"title":"a"}`, exitUse, "object 1: invalid: listId: is missing"},
		{`rm nokind 5`, exitUse, `there is no kind "nokind"`},
		{`rm note 9007199254740992`, exitUse, `"9007199254740992" is none`},
		{`rm note five`, exitUse, `"five" is none`},
		{`rm note 5`, exitNotFound, "note 5: unknown-id"},
		{`restore nokind 5`, exitUse, `there is no kind "nokind"`},
		{`restore note 9007199254740992`, exitUse, `"9007199254740992" is none`},
		{`restore note 5`, exitNotFound, "there is no such note"},
		{`ls nokind`, exitUse, `there is no kind "nokind"`},
		{`export nokind`, exitUse, `there is no kind "nokind"`},
	} {
		if errs := s.fails(row.code, strings.Split(row.args, " ")...); !strings.Contains(errs, row.says) {
			t.Errorf("inglenook %s says %q, want %q", row.args, errs, row.says)
		}
	}
	_, errs, code := s.run("{\"title\":\"a\"}\n{\"title\":\n  öops}\n", "put", "note")
	if code != exitUse || !strings.Contains(errs, "stdin:3:3:") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if out := s.ok("", "export"); out != "" {
		t.Errorf("written was %s", out)
	}
}
