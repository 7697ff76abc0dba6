package auth

import (
	"context"
	"errors"
	"slices"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"

	"github.com/rs/zerolog"
)

// Methods is the explicit list of a server's methods.
type Methods struct {
	SetUp       *SetUp
	Password    *Password
	Passkey     *Passkey
	Telegram    *TelegramWidget // nil without a bot
	Providers   []*OIDC
	Pairing     *Pairing
	Invitations *Invitations
	Recovery    *Recovery
	Demo        *Demo // nil unless switched on

	store   *household.Store
	off     []string
	pending *waiting[writes]
}

// Options are what methods are made of.
type Options struct {
	Config
	Hosts  []string // names of the server, as configured
	Demo   bool
	Active Active
	Now    Now
	Log    zerolog.Logger
}

// NewMethods returns the methods of a store. Errors: store.CodeInvalid for a
// wrong configuration.
func NewMethods(s *household.Store, o Options) (*Methods, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	passwords := NewPassword(s, o.Now)
	limit := passwords.limit
	m := &Methods{
		SetUp: NewSetUp(s, passwords), Password: passwords, Passkey: newPasskey(s, limit, o.Hosts),
		Pairing: newPairing(s, limit, o.Active), Invitations: newInvitations(s, passwords), Recovery: newRecovery(s, limit),
		store: s, off: o.Off, pending: newWaiting[writes](o.Now, time.Hour),
	}
	if o.Telegram.BotToken != "" {
		m.Telegram = newTelegram(s, limit, o.Telegram)
	}
	for _, p := range o.OIDC {
		m.Providers = append(m.Providers, newOIDC(s, limit, p, o.Log))
	}
	if o.Demo {
		m.Demo = &Demo{store: s}
	}
	return m, nil
}

// all lists the methods in the order they are offered.
func (m *Methods) all() []Method {
	methods := []Method{m.SetUp, m.Passkey, m.Password}
	for _, p := range m.Providers {
		methods = append(methods, p)
	}
	if m.Telegram != nil {
		methods = append(methods, m.Telegram)
	}
	methods = append(methods, m.Pairing, m.Invitations, m.Recovery)
	if m.Demo != nil {
		methods = append(methods, m.Demo)
	}
	return methods
}

// Listings returns the methods that are on.
func (m *Methods) Listings(ctx context.Context, from From) ([]api.Method, error) {
	out := []api.Method{}
	for _, method := range m.all() {
		listing, on, err := method.Listing(ctx, from)
		if err != nil {
			return nil, err
		}
		if on && !slices.Contains(m.off, listing.Name) {
			out = append(out, listing)
		}
	}
	return out, nil
}

// find returns the method of a name. Errors: store.CodeMethodOff for one that is
// off or unknown.
func (m *Methods) find(ctx context.Context, name string, from From) (Method, error) {
	for _, method := range m.all() {
		listing, on, err := method.Listing(ctx, from)
		if err != nil {
			return nil, err
		}
		if on && listing.Name == name && !slices.Contains(m.off, name) {
			return method, nil
		}
	}
	return nil, methodOff()
}

// SignIn signs in by the method of a name, and records it. From within a session
// its own user is proved, or nobody.
//
// Errors: those of Method.SignIn, and store.CodeMethodOff for one that is off or
// unknown.
func (m *Methods) SignIn(ctx context.Context, name string, login api.Login, from From) (Somebody, error) {
	method, err := m.find(ctx, name, from)
	if err != nil {
		return Somebody{}, err
	}
	who, err := method.SignIn(ctx, login, from)
	if err == nil && from.another(who.UserID) {
		err = failedFor(notTheirs)
	}
	if err == nil {
		return who, nil
	}
	if store.CodeOf(err) == store.CodeSignInFailed {
		record := from.proof(auditFailed, 0, name)
		var known *failure
		if errors.As(err, &known) {
			record.UserID = known.user
			if known.reason != "" {
				record.Detail["reason"] = known.reason
			}
		}
		if err := m.store.Audit(ctx, record); err != nil {
			return Somebody{}, err
		}
	}
	return Somebody{}, err
}

// Begin takes the first step of the method of a name. Errors:
// store.CodeMethodOff also for a method that has none.
func (m *Methods) Begin(ctx context.Context, name string, in api.Begin, from From) (api.Begun, error) {
	method, err := m.find(ctx, name, from)
	if err != nil {
		return api.Begun{}, err
	}
	beginner, ok := method.(Beginner)
	if !ok {
		return api.Begun{}, methodOff()
	}
	return beginner.Begin(ctx, in, from)
}

// Loopback is where the desktop waits that has begun a sign-in at a provider; ""
// for the page. Errors: store.CodeMethodOff when there is no such provider.
func (m *Methods) Loopback(name, state string) (string, error) {
	for _, p := range m.Providers {
		if p.config.Name == name && !slices.Contains(m.off, name) {
			return p.Loopback(state), nil
		}
	}
	return "", methodOff()
}

// Add adds a way to sign in to a user's account. Errors: those of Method.SignIn;
// store.CodeMethodOff for a method that cannot be added; store.CodeNameTaken
// when it is somebody else's.
func (m *Methods) Add(ctx context.Context, user store.ID, name string, login api.Login, from From) (household.Method, error) {
	method, err := m.find(ctx, name, from)
	if err != nil {
		return household.Method{}, err
	}
	if name == "password" {
		return m.Password.Add(ctx, user, login.Password, from)
	}
	adder, ok := method.(Adder)
	if !ok {
		return household.Method{}, methodOff()
	}
	added, err := adder.Add(ctx, user, login, from)
	if err != nil {
		return household.Method{}, err
	}
	added.Name = Shown(added.Name)
	return m.store.AddMethod(ctx, user, added, from.record(auditAdded, user, "method", name))
}

// Remove takes a way to sign in away. Errors: store.CodeNotFound,
// CodeLastMethod.
func (m *Methods) Remove(ctx context.Context, user store.ID, id string, from From) (household.Method, error) {
	return m.store.RemoveMethod(ctx, user, id, m.usable, from.record(auditRemoved, user, "method", id))
}

// Describe says what a user may know of one of their methods.
func (m *Methods) Describe(method household.Method) api.AccountMethod {
	out := api.AccountMethod{
		ID: method.ID, Kind: method.Kind, Name: method.Name, AddedAt: method.AddedAt, LastUsedAt: method.LastUsedAt, Left: len(method.Codes),
	}
	if method.Identity != nil {
		out.Kind = method.Identity.Method
	}
	return out
}

// usable tells whether somebody can sign in with a method on this server. The
// codes of recovery are for what must not happen.
func (m *Methods) usable(method household.Method) bool {
	on := func(name string) bool { return !slices.Contains(m.off, name) }
	switch method.Kind {
	case household.MethodPassword:
		return on("password")
	case household.MethodPasskey:
		return on("passkey")
	case household.MethodIdentity:
		if method.Identity.Method == "telegram" {
			return m.Telegram != nil && on("telegram")
		}
		return slices.ContainsFunc(m.Providers, func(p *OIDC) bool {
			return p.config.Issuer == method.Identity.Issuer && on(p.config.Name)
		})
	}
	return false
}
