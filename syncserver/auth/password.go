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
	user, err := p.store.UserByName(ctx, login.Name)
	account, address := accountKey(login.Name), addressKey(from.Address)
	if err == nil {
		account = userKey(user.ID) // however the name was written
	}
	if err := p.limit.try(account, address); err != nil {
		return Somebody{}, err
	}
	hash, id, method := p.dummy(), store.ID(0), ""
	if err == nil {
		id = user.ID
		c, err := p.store.Credential(ctx, user.ID)
		if err != nil {
			return Somebody{}, err
		}
		if m := c.Of(household.MethodPassword); m != nil {
			hash, method = m.PasswordHash, m.ID
		}
	} else if store.CodeOf(err) != store.CodeNotFound {
		return Somebody{}, err
	}
	right, err := p.verify(ctx, hash, login.Password)
	if err != nil {
		return Somebody{}, err
	}
	if !right || method == "" {
		return Somebody{}, failedAs(id)
	}
	if err := p.store.UseMethod(ctx, id, method, nil, from.signedIn(id, "password")); err != nil {
		return Somebody{}, err
	}
	p.limit.succeeded(account, address)
	return Somebody{UserID: id}, nil
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

// Set gives a user a password, whatever it was before. Errors:
// store.CodePasswordWeak.
func (p *Password) Set(ctx context.Context, user store.ID, password string, from From) error {
	if err := Check(password); err != nil {
		return err
	}
	hash := p.hash(password)
	return p.store.ChangeCredential(ctx, user, func(c *household.Credential, now store.Timestamp) error {
		if m := c.Of(household.MethodPassword); m != nil {
			m.PasswordHash, m.AddedAt = hash, now
			return nil
		}
		c.Add(household.Method{Kind: household.MethodPassword, PasswordHash: hash}, now)
		return nil
	}, from.record(auditAdded, user, "method", "password"))
}

// Add is Set, and returns the password as a method.
func (p *Password) Add(ctx context.Context, user store.ID, password string, from From) (household.Method, error) {
	if err := p.Set(ctx, user, password, from); err != nil {
		return household.Method{}, err
	}
	c, err := p.store.Credential(ctx, user)
	if m := c.Of(household.MethodPassword); m != nil {
		return *m, err
	}
	return household.Method{}, err
}

// Change gives a user a new password when the old one is right. Errors:
// store.CodeSignInFailed, CodeRateLimited, CodePasswordWeak.
func (p *Password) Change(ctx context.Context, user store.ID, old, password string, from From) error {
	c, err := p.store.Credential(ctx, user)
	if err != nil {
		return err
	}
	account := userKey(user)
	if err := p.limit.try(account); err != nil {
		return err
	}
	m := c.Of(household.MethodPassword)
	if m == nil {
		return failed()
	}
	right, err := p.verify(ctx, m.PasswordHash, old)
	if err != nil {
		return err
	}
	if !right {
		if err := p.store.Audit(ctx, from.proof(auditFailed, user, "password")); err != nil {
			return err
		}
		return failed()
	}
	p.limit.succeeded(account)
	return p.Set(ctx, user, password, from)
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
