package store_test

import (
	"errors"
	"strings"
	"testing"

	"inglenook/store"
)

func TestPanicText(t *testing.T) {
	text := func(fn func()) (text string) {
		defer func() { text = store.PanicText(recover()) }()
		fn()
		return ""
	}
	var none []int
	if got := text(func() { none[len(none)]++ }); !strings.Contains(got, "index out of range [0]") {
		t.Errorf("an index: %s", got)
	}
	for _, value := range []any{"secret", errors.New("secret"), []byte("secret")} {
		if got := text(func() { panic(value) }); strings.Contains(got, "secret") || !strings.HasPrefix(got, "a value of type ") {
			t.Errorf("%T: %s", value, got)
		}
	}
}
