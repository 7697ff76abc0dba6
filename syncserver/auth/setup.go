package auth

import (
	"context"
	"strings"
	"sync"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/household"
	"inglenook/store/kind"
	"inglenook/syncserver/api"
)

// SetUp makes the household and its first admin from a code that only whoever
// runs the server can read. It is on until there is an admin.
type SetUp struct {
	store     *household.Store
	passwords *Password
	limit     *limiter
	code      string
	mu        sync.Mutex // one set-up at a time
}

// NewSetUp returns the method with a fresh code.
func NewSetUp(s *household.Store, passwords *Password) *SetUp {
	return &SetUp{store: s, passwords: passwords, limit: passwords.limit, code: NewCode()}
}

// Code is the set-up code, "" when nobody needs it any more.
func (m *SetUp) Code() string {
	if m.store.SetUp() {
		return ""
	}
	return m.code
}

// Listing: on until there is an admin.
func (m *SetUp) Listing(context.Context, From) (api.Method, bool, error) {
	return api.Method{Name: "setup", Kind: "setup"}, !m.store.SetUp(), nil
}

// SignIn makes the household and its admin. The password may come later, on a
// desktop that hosts its own household.
//
// Errors: besides those of Method, store.CodeInvalid and CodePasswordWeak.
func (m *SetUp) SignIn(ctx context.Context, login api.Login, from From) (Somebody, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.store.SetUp() {
		return Somebody{}, store.Errorf(store.CodeMethodOff, "method", "this household is set up already")
	}
	tries := append(triesOf("setup", from), addressKey(from.Address))
	if err := m.limit.try(tries...); err != nil {
		return Somebody{}, err
	}
	if !same(grouped(login.Code), m.code) {
		return Somebody{}, failed()
	}
	m.limit.succeeded(tries...)
	if login.Password != "" {
		if err := Check(login.Password); err != nil {
			return Somebody{}, err
		}
	} else if login.Kind != "desktop" {
		return Somebody{}, store.Errorf(store.CodeInvalid, "password", "is missing")
	}
	id, err := m.found(ctx, login)
	if err != nil {
		return Somebody{}, err
	}
	return Somebody{UserID: id}, m.store.Audit(ctx, from.signedIn(id, "setup"))
}

func (m *SetUp) found(ctx context.Context, login api.Login) (store.ID, error) {
	name, title := Shown(login.Name), strings.TrimSpace(login.Household)
	if name == "" {
		return 0, store.Errorf(store.CodeInvalid, "name", "is missing")
	}
	if title == "" {
		title = name
	}
	id := store.NewID()
	now := store.TimestampOf(m.passwords.limit.now())
	user, err := kind.ToEntity(id, now, kind.User{Name: name, Access: kind.UserAccess(access.Admin), Color: FirstColor})
	if err != nil {
		return 0, err
	}
	home, err := kind.ToEntity(1, now, kind.Household{Name: title})
	if err != nil {
		return 0, err
	}
	if err := m.store.Found(ctx, id, []store.Replacement{{Kind: "household", Entity: home}, {Kind: "user", Entity: user}}); err != nil {
		return 0, err
	}
	if login.Password == "" {
		return id, nil
	}
	return id, m.passwords.Set(ctx, id, login.Password, From{})
}

// FirstColor is the colour of the first user.
const FirstColor = "#b4532a"
