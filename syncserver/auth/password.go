package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"

	"golang.org/x/crypto/argon2"
)

// Password signs in with a name and a password: argon2id with 19 MiB, two
// passes, one lane (OWASP Password Storage Cheat Sheet), at most two at a time,
// so that sign-ins cannot take the memory of a small machine.
type Password struct {
	store *household.Store
	limit *limiter
	slots chan struct{}
	dummy func() string // compared when there is no such user, so that it takes as long
}

const (
	argonMemoryKiB = 19 << 10
	argonPasses    = 2
	argonLanes     = 1
	hashBytes      = 32
	saltBytes      = 16

	// MinPassword and MaxPassword are in characters.
	MinPassword = 8
	MaxPassword = 128
)

//go:embed common.txt
var commonPasswords string

// NewPassword returns the method.
func NewPassword(s *household.Store, now Now) *Password {
	p := &Password{store: s, limit: newLimiter(now), slots: make(chan struct{}, 2)}
	p.dummy = sync.OnceValue(func() string { return p.hash(rand.Text()) })
	return p
}

// Listing: on as soon as there is somebody to be.
func (p *Password) Listing(context.Context, From) (api.Method, bool, error) {
	return api.Method{Name: "password", Kind: "password"}, p.store.SetUp(), nil
}

// SignIn checks name and password.
func (p *Password) SignIn(ctx context.Context, login api.Login, from From) (Somebody, error) {
	id, tries, err := named(ctx, p.store, login.Name, from)
	if err != nil {
		return Somebody{}, err
	}
	if err := p.limit.try(tries...); err != nil {
		return Somebody{}, err
	}
	hash, method := p.dummy(), ""
	c, err := p.store.Credential(ctx, id) // an empty one of nobody
	if err != nil {
		return Somebody{}, err
	}
	if m := c.Of(household.MethodPassword); m != nil && !from.another(id) {
		hash, method = m.PasswordHash, m.ID
	}
	right, err := p.verify(ctx, hash, login.Password)
	if err != nil {
		return Somebody{}, err
	}
	if from.another(id) {
		return Somebody{}, failedFor(notTheirs)
	}
	if !right || method == "" {
		return Somebody{}, failedAs(id)
	}
	revision, err := p.store.UseMethod(ctx, id, method, func(m *household.Method) error {
		if m.PasswordHash != hash { // another one was set while this was verified
			return failedAs(id)
		}
		return nil
	}, from.signedIn(id, "password"))
	if err != nil {
		return Somebody{}, err
	}
	p.limit.succeeded(tries...)
	return Somebody{UserID: id, Revision: revision}, nil
}

// named finds the user of a name, 0 for nobody, and the keys of a try for them.
func named(ctx context.Context, s *household.Store, name string, from From) (user store.ID, tries []string, err error) {
	account := accountKey(name)
	found, err := s.UserByName(ctx, name)
	switch {
	case err == nil:
		account = userKey(found.ID) // however the name was written
	case store.CodeOf(err) != store.CodeNotFound:
		return 0, nil, err
	}
	return found.ID, append(triesOf(account, from), addressKey(from.Address)), nil
}

// Check tells whether a password may be chosen. Errors: store.CodePasswordWeak.
func Check(password string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < MinPassword:
		return store.Errorf(store.CodePasswordWeak, "password", "has fewer than %d characters", MinPassword)
	case n > MaxPassword:
		return store.Errorf(store.CodePasswordWeak, "password", "has more than %d characters", MaxPassword)
	}
	for common := range strings.Lines(commonPasswords) {
		if strings.EqualFold(strings.TrimSpace(common), password) {
			return store.Errorf(store.CodePasswordWeak, "password", "is one of the commonest")
		}
	}
	return nil
}

// Set gives a user a password, whatever it was before. Whoever is in stays: to put
// them out see Change. Errors: store.CodePasswordWeak.
func (p *Password) Set(ctx context.Context, user store.ID, password string, from From) error {
	if err := Check(password); err != nil {
		return err
	}
	return p.store.ChangeCredential(ctx, user, setPassword(p.hash(password)), from.record(auditAdded, user, "method", "password"))
}

func setPassword(hash string) func(*household.Credential, store.Timestamp) error {
	return func(c *household.Credential, now store.Timestamp) error {
		if m := c.Of(household.MethodPassword); m != nil {
			m.PasswordHash, m.AddedAt = hash, now
			return nil
		}
		c.Add(household.Method{Kind: household.MethodPassword, PasswordHash: hash}, now)
		return nil
	}
}

// Add gives a user their first password, and returns it as a method. Errors:
// store.CodePasswordWeak; CodeForbidden when there is one, since who knows it must
// be put out with it: that is Change.
func (p *Password) Add(ctx context.Context, user store.ID, password string, from From) (added household.Method, err error) {
	if err := Check(password); err != nil {
		return added, err
	}
	hash := p.hash(password)
	err = p.store.ChangeCredential(ctx, user, func(c *household.Credential, now store.Timestamp) error {
		if c.Of(household.MethodPassword) != nil {
			return store.Errorf(store.CodeForbidden, "method", "there is a password already; change it")
		}
		if err := setPassword(hash)(c, now); err != nil {
			return err
		}
		added = *c.Of(household.MethodPassword)
		return nil
	}, from.record(auditAdded, user, "method", "password"))
	return added, err
}

// Change returns what gives a user a new password, for the transaction that ends
// their other sessions. It is asked for with the old one, or with "" after a proof
// of who they are.
//
// Errors: store.CodeSignInFailed, CodeRateLimited, CodePasswordWeak; in the
// transaction store.CodeSignInFailed when the old one was changed meanwhile.
func (p *Password) Change(ctx context.Context, user store.ID, old, password string, from From) (func(household.SessionTx) error, error) {
	verified, err := p.old(ctx, user, old, from)
	if err != nil {
		return nil, err
	}
	if err := Check(password); err != nil {
		return nil, err
	}
	set := setPassword(p.hash(password))
	return func(tx household.SessionTx) error {
		return tx.ChangeCredential(user, func(c *household.Credential, now store.Timestamp) error {
			if m := c.Of(household.MethodPassword); verified != "" && (m == nil || m.PasswordHash != verified) {
				return failed()
			}
			return set(c, now)
		}, from.record(auditAdded, user, "method", "password"))
	}, nil
}

// old verifies a user's password, and returns its hash; "" when none is given.
func (p *Password) old(ctx context.Context, user store.ID, password string, from From) (hash string, err error) {
	if password == "" {
		return "", nil
	}
	tries := triesOf(userKey(user), from)
	if err := p.limit.try(tries...); err != nil {
		return "", err
	}
	c, err := p.store.Credential(ctx, user)
	if err != nil {
		return "", err
	}
	m := c.Of(household.MethodPassword)
	if m == nil {
		return "", failed()
	}
	right, err := p.verify(ctx, m.PasswordHash, password)
	if err != nil {
		return "", err
	}
	if !right {
		if err := p.store.Audit(ctx, from.proof(auditFailed, user, "password")); err != nil {
			return "", err
		}
		return "", failed()
	}
	p.limit.succeeded(tries...)
	return m.PasswordHash, nil
}

// hash makes the PHC form $argon2id$v=19$m=…,t=…,p=…$salt$hash.
func (p *Password) hash(password string) string {
	p.slots <- struct{}{}
	defer func() { <-p.slots }()
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails: crypto/rand aborts the process instead
	sum := argon2.IDKey([]byte(password), salt, argonPasses, argonMemoryKiB, argonLanes, hashBytes)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemoryKiB, argonPasses, argonLanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum))
}

func (p *Password) verify(ctx context.Context, phc, password string) (bool, error) {
	var version, memory, passes int
	var lanes uint8
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, fmt.Errorf("verify password: unknown form of hash")
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false, fmt.Errorf("verify password: unknown version of argon2")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil {
		return false, fmt.Errorf("verify password: %w", err)
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil {
		return false, fmt.Errorf("verify password: the hash is damaged")
	}
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	got := argon2.IDKey([]byte(password), salt, uint32(passes), uint32(memory), lanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}
