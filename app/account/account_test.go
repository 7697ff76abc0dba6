package account_test

import (
	"bytes"
	"slices"
	"testing"

	"inglenook/app/account"
	"inglenook/store"
	"inglenook/syncserver/api"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var seed = bytes.Repeat([]byte{0x5e}, 32)

func of(id store.SessionID, value string) account.Account {
	return account.Account{
		URL: "http://x", Seed: seed, Value: value,
		Session: api.Session{ID: id, User: store.Entity{ID: 7, UpdatedAt: 1}},
	}
}

func TestTheSuccessorIsTriedFirst(t *testing.T) {
	a := of(1, "v1.1.1.a")
	steps := []struct {
		name string
		do   func(account.Account) account.Account
		try  []string
	}{
		{name: "at first", do: func(a account.Account) account.Account { return a }, try: []string{"v1.1.1.a"}},
		{name: "received", do: received("v1.1.2.b"), try: []string{"v1.1.2.b", "v1.1.1.a"}},
		{name: "received again", do: received("v1.1.2.b"), try: []string{"v1.1.2.b", "v1.1.1.a"}},
		{name: "the older one used", do: used("v1.1.1.a"), try: []string{"v1.1.2.b", "v1.1.1.a"}},
		{name: "received one later still", do: received("v1.1.3.c"), try: []string{"v1.1.3.c", "v1.1.1.a"}},
		{name: "a late answer", do: received("v1.1.2.b"), try: []string{"v1.1.3.c", "v1.1.1.a"}},
		{name: "used", do: used("v1.1.3.c"), try: []string{"v1.1.3.c"}},
		{name: "a later answer", do: received("v1.1.2.b"), try: []string{"v1.1.3.c"}},
		{name: "its own again", do: received("v1.1.3.c"), try: []string{"v1.1.3.c"}},
		{name: "none", do: received(""), try: []string{"v1.1.3.c"}},
		{name: "none used", do: used(""), try: []string{"v1.1.3.c"}},
		{name: "ten is after nine", do: func(a account.Account) account.Account {
			return a.Received("v1.1.9.d").Used("v1.1.9.d").Received("v1.1.10.e")
		}, try: []string{"v1.1.10.e", "v1.1.9.d"}},
		{name: "another form", do: received("v2.x"), try: []string{"v2.x", "v1.1.9.d"}},
	}
	for _, s := range steps {
		if a = s.do(a); !slices.Equal(a.Values(), s.try) {
			t.Errorf("%s: tries %q, want %q", s.name, a.Values(), s.try)
		}
	}
}

func received(value string) func(account.Account) account.Account {
	return func(a account.Account) account.Account { return a.Received(value) }
}

func used(value string) func(account.Account) account.Account {
	return func(a account.Account) account.Account { return a.Used(value) }
}
