package auth

import (
	"crypto/rand"
	"iter"
	"strings"
)

// alphabet of codes that are read out: no vowels, nothing that looks like
// another letter (RFC 8628 §6.1).
const alphabet = "BCDFGHJKLMNPQRSTVWXZ"

// NewCode returns eight letters of an alphabet of twenty, 34 bits, as XXXX-XXXX.
func NewCode() string {
	b := make([]byte, 0, 8)
	var random [1]byte
	for len(b) < cap(b) {
		_, _ = rand.Read(random[:]) // never fails: crypto/rand aborts the process instead
		if n := int(random[0]); n < 240 {
			b = append(b, alphabet[n%len(alphabet)])
		}
	}
	return grouped(string(b))
}

// newSecret is 130 bits of chance, as letters and digits of base32.
func newSecret() string { return rand.Text() }

// plain is a code without what people put into it to read it better.
func plain(code string) string {
	return strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(strings.TrimSpace(code)))
}

// grouped is a code of eight letters as NewCode writes it, however it was typed.
func grouped(code string) string {
	if code = plain(code); len(code) == 8 {
		return code[:4] + "-" + code[4:]
	}
	return code
}

// chunks yields s in pieces of n bytes.
func chunks(s string, n int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for len(s) > 0 {
			size := min(n, len(s))
			if !yield(s[:size]) {
				return
			}
			s = s[size:]
		}
	}
}
