package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"slices"
	"strings"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"
)

// Recovery signs in with one of ten codes that a user keeps on paper; each works
// once.
type Recovery struct {
	store *household.Store
	limit *limiter
}

const (
	recoveryCodes     = 10
	recoveryCodeBytes = 10 // 80 bits of chance: hashed once they are out of reach, see household.HashCode
	recoveryGroup     = 4
)

func newRecovery(s *household.Store, limit *limiter) *Recovery {
	return &Recovery{store: s, limit: limit}
}

// recoveryHash is of a code of one user: nobody's guess is good for two.
func recoveryHash(user store.ID, code string) household.CodeHash {
	return household.HashCode("recovery "+user.String(), plain(code))
}

// Listing: on as soon as there is somebody to be.
func (m *Recovery) Listing(context.Context, From) (api.Method, bool, error) {
	return api.Method{Name: "recovery", Kind: "recovery"}, m.store.SetUp(), nil
}

// New gives a user new codes; earlier ones are void.
func (m *Recovery) New(ctx context.Context, user store.ID, from From) ([]string, error) {
	codes := make([]string, recoveryCodes)
	method := household.Method{Kind: household.MethodRecovery}
	for i := range codes {
		random := make([]byte, recoveryCodeBytes)
		_, _ = rand.Read(random) // never fails: crypto/rand aborts the process instead
		letters := base32.StdEncoding.EncodeToString(random)
		codes[i] = strings.Join(slices.Collect(chunks(letters, recoveryGroup)), "-")
		method.Codes = append(method.Codes, recoveryHash(user, letters))
	}
	err := m.store.ChangeCredential(ctx, user, func(c *household.Credential, now store.Timestamp) error {
		c.Methods = slices.DeleteFunc(c.Methods, func(m household.Method) bool { return m.Kind == household.MethodRecovery })
		c.Add(method, now)
		return nil
	}, from.record(auditAdded, user, "method", "recovery"))
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// SignIn uses a code up. Tries count with those of the user's password.
func (m *Recovery) SignIn(ctx context.Context, login api.Login, from From) (Somebody, error) {
	user, tries, err := named(ctx, m.store, login.Name, from)
	if err != nil {
		return Somebody{}, err
	}
	if err := m.limit.try(tries...); err != nil {
		return Somebody{}, err
	}
	if from.another(user) { // their code is not used up for that
		return Somebody{}, failedFor(notTheirs)
	}
	c, err := m.store.Credential(ctx, user) // an empty one of nobody
	if err != nil {
		return Somebody{}, err
	}
	var kept household.Method
	if method := c.Of(household.MethodRecovery); method != nil {
		kept = *method
	}
	given := recoveryHash(user, login.Code)
	if indexOf(kept.Codes, given) < 0 {
		return Somebody{}, failedAs(user)
	}
	revision, err := m.store.UseMethod(ctx, user, kept.ID, func(m *household.Method) error {
		i := indexOf(m.Codes, given)
		if i < 0 {
			return failedAs(user)
		}
		m.Codes = slices.Delete(m.Codes, i, i+1)
		return nil
	}, from.signedIn(user, "recovery"))
	if err != nil {
		return Somebody{}, err
	}
	m.limit.succeeded(tries...)
	return Somebody{UserID: user, Revision: revision}, nil
}

// indexOf looks at every code, however early it finds the one.
func indexOf(codes []household.CodeHash, given household.CodeHash) int {
	at := -1
	for i, code := range codes {
		if subtle.ConstantTimeCompare(code[:], given[:]) == 1 {
			at = i
		}
	}
	return at
}
