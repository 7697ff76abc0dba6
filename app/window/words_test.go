package window

import (
	"errors"
	"reflect"
	"testing"

	"inglenook/store"
)

func TestLanguageOfTheWindow(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		want string
	}{
		"nothing said":                       {nil, "en"},
		"German":                             {map[string]string{"LANG": "de_AT.UTF-8"}, "de"},
		"a language without words":           {map[string]string{"LANG": "fr_FR.UTF-8"}, "en"},
		"LC_ALL wins":                        {map[string]string{"LANG": "en_GB.UTF-8", "LC_ALL": "de_DE"}, "de"},
		"LANGUAGE wins over a locale":        {map[string]string{"LANG": "en_GB.UTF-8", "LANGUAGE": "de:en"}, "de"},
		"LANGUAGE is nothing without locale": {map[string]string{"LANG": "C.UTF-8", "LANGUAGE": "de"}, "en"},
		"not all that begins so is German":   {map[string]string{"LANG": "den_CA"}, "en"},
	} {
		t.Run(name, func(t *testing.T) {
			got := wordsFor(locale(func(name string) string { return c.env[name] })).language
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestEveryLanguageHasAllWords(t *testing.T) {
	for _, w := range []words{english(), german()} {
		fields := reflect.ValueOf(w)
		for i := range fields.NumField() {
			if fields.Field(i).String() == "" {
				t.Errorf("%s lacks %s", w.language, fields.Type().Field(i).Name)
			}
		}
	}
}

func TestReason(t *testing.T) {
	w := english()
	for _, c := range []struct {
		err  error
		want string
	}{
		{store.Errorf(store.CodeStoreLocked, "", "locked"), w.locked},
		{store.Errorf(store.CodeFormatNewer, "", "newer"), w.newer},
		{errNoPage, w.noPage},
		{errors.New("anything"), w.odd},
	} {
		if got := w.reason(c.err); got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
}
