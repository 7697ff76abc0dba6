package household

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"inglenook/store"
	"inglenook/store/kv"
)

// Credential is how a user proves who they are. The server's alone.
type Credential struct {
	Methods []Method `json:"methods,omitempty"`

	// Revision counts what was taken away: a method that is gone, a password that
	// is another one. Who has proved themselves by an earlier one may not come in
	// with it any more.
	Revision uint64 `json:"revision,omitzero"`

	// PasswordHash is where a password was before there were other methods;
	// readCredential makes a method of it.
	PasswordHash string `json:"passwordHash,omitempty"`
}

// Kinds of methods.
const (
	MethodPassword = "password"
	MethodPasskey  = "passkey"
	MethodIdentity = "identity"
	MethodRecovery = "recovery"
)

// Method is one way in which a user can sign in. What does not belong to its
// kind is zero.
type Method struct {
	ID         string          `json:"id"` // unique within the user
	Kind       string          `json:"kind"`
	Name       string          `json:"name,omitempty"` // for the user to tell it from others
	AddedAt    store.Timestamp `json:"addedAt"`
	LastUsedAt store.Timestamp `json:"lastUsedAt,omitzero"`

	PasswordHash string     `json:"passwordHash,omitempty"` // argon2id in PHC form
	Passkey      *Passkey   `json:"passkey,omitempty"`
	Identity     *Identity  `json:"identity,omitempty"`
	Codes        []CodeHash `json:"codes,omitempty"` // recovery codes that are unused
}

// Passkey is the public half of one (WebAuthn §4, credential record).
type Passkey struct {
	ID         []byte   `json:"id"`
	PublicKey  []byte   `json:"publicKey"` // COSE
	SignCount  uint32   `json:"signCount"` // 0 for ever where the authenticator does not count
	Flags      byte     `json:"flags"`     // of the authenticator data when it was made or last used
	Transports []string `json:"transports,omitempty"`
	Host       string   `json:"host"` // relying party id: it works on this name only
}

// Of returns the first method of a kind, nil when there is none.
func (c *Credential) Of(kind string) *Method {
	for i := range c.Methods {
		if c.Methods[i].Kind == kind {
			return &c.Methods[i]
		}
	}
	return nil
}

// Add adds a method with an id of its own, now.
func (c *Credential) Add(m Method, now store.Timestamp) {
	m.ID, m.AddedAt = rand.Text()[:12], now
	c.Methods = append(c.Methods, m)
}

func credentialKey(user store.ID) key { return newKey(prefixUser).id(user) }

func readCredential(r kv.Reader, user store.ID) (c Credential, err error) {
	_, err = getJSON(r, credentialKey(user), &c)
	if c.PasswordHash != "" {
		c.Methods = append(c.Methods, Method{ID: MethodPassword, Kind: MethodPassword, PasswordHash: c.PasswordHash})
		c.PasswordHash = ""
	}
	return c, err
}

// Credential reads a user's credential, an empty one when there is none.
func (s *Store) Credential(ctx context.Context, user store.ID) (c Credential, err error) {
	err = s.db.View(ctx, func(r kv.Reader) error {
		c, err = readCredential(r, user)
		return err
	})
	return c, err
}

// MethodsOf returns the ways in which a user can sign in, in the order in which
// they were added.
func (s *Store) MethodsOf(ctx context.Context, user store.ID) ([]Method, error) {
	c, err := s.Credential(ctx, user)
	return c.Methods, err
}

// ChangeCredential is Store.ChangeCredential together with what becomes of
// sessions.
func (t SessionTx) ChangeCredential(user store.ID, change func(c *Credential, now store.Timestamp) error, records ...AuditRecord) error {
	return errors.Join(changeCredential(t.tx, user, change), appendAudits(t.tx, records))
}

// CredentialRevision is that of a user's credential.
func (t SessionTx) CredentialRevision(user store.ID) (uint64, error) {
	c, err := readCredential(t.tx, user)
	return c.Revision, err
}

// ChangeCredential lets change edit a user's credential, and records what it
// does in the same transaction. What change refuses is not written.
//
// Errors: those of change; store.CodeNameTaken when a passkey or an identity is
// somebody else's.
func (s *Store) ChangeCredential(ctx context.Context, user store.ID, change func(c *Credential, now store.Timestamp) error, records ...AuditRecord) error {
	err := s.db.Update(ctx, func(tx kv.Tx) error {
		if err := changeCredential(tx, user, change); err != nil {
			return err
		}
		return appendAudits(tx, records)
	})
	if err != nil {
		return fmt.Errorf("change credential of user %d: %w", user, err)
	}
	return nil
}

func appendAudits(tx kv.Tx, records []AuditRecord) error {
	for _, r := range records {
		if err := appendAudit(tx, r); err != nil {
			return err
		}
	}
	return nil
}

func changeCredential(tx kv.Tx, user store.ID, change func(c *Credential, now store.Timestamp) error) error {
	c, err := readCredential(tx, user)
	if err != nil {
		return err
	}
	before := c.handles()
	had := slices.Clone(c.Methods)
	if err := change(&c, store.TimestampOf(tx.Now())); err != nil {
		return err
	}
	if slices.ContainsFunc(had, func(m Method) bool { return !c.keeps(m) }) {
		c.Revision++
	}
	after := c.handles()
	for _, h := range before {
		if !slices.Contains(after, h) {
			if err := dropHandle(tx, h, user); err != nil {
				return err
			}
		}
	}
	for _, h := range after {
		if !slices.Contains(before, h) {
			if err := setHandle(tx, h, user); err != nil {
				return err
			}
		}
	}
	return setJSON(tx, credentialKey(user), c)
}

// keeps tells whether somebody who signs in with a method as it was still can.
func (c *Credential) keeps(was Method) bool {
	return slices.ContainsFunc(c.Methods, func(m Method) bool { return m.ID == was.ID && m.PasswordHash == was.PasswordHash })
}

// AddMethod gives a user one more way to sign in. Errors: store.CodeNameTaken
// when a passkey or an identity is somebody's already; store.CodeTooLarge.
func (s *Store) AddMethod(ctx context.Context, user store.ID, m Method, records ...AuditRecord) (kept Method, err error) {
	err = s.ChangeCredential(ctx, user, func(c *Credential, now store.Timestamp) error {
		if len(c.Methods) >= maxMethods {
			return store.Errorf(store.CodeTooLarge, "method", "there are %d ways to sign in already; remove one first", maxMethods)
		}
		added := Credential{Methods: []Method{m}}
		if h := added.handles(); len(h) > 0 && slices.Contains(c.handles(), h[0]) {
			return store.Errorf(store.CodeNameTaken, "method", "you sign in with it already")
		}
		c.Add(m, now)
		kept = c.Methods[len(c.Methods)-1]
		return nil
	}, records...)
	return kept, err
}

// maxMethods keeps a credential small.
const maxMethods = 32

// RemoveMethod takes away a way to sign in. usable tells which of the others can
// be used on this server: one of them must stay.
//
// Errors: store.CodeNotFound, CodeLastMethod.
func (s *Store) RemoveMethod(ctx context.Context, user store.ID, id string, usable func(Method) bool, records ...AuditRecord) (removed Method, err error) {
	err = s.ChangeCredential(ctx, user, func(c *Credential, _ store.Timestamp) error {
		i := slices.IndexFunc(c.Methods, func(m Method) bool { return m.ID == id })
		if i < 0 {
			return store.Errorf(store.CodeNotFound, "method", "you do not sign in that way")
		}
		removed = c.Methods[i]
		c.Methods = slices.Delete(c.Methods, i, i+1)
		if usable(removed) && !slices.ContainsFunc(c.Methods, usable) {
			return store.Errorf(store.CodeLastMethod, "method", "this is the last way to sign in: add another one first")
		}
		return nil
	}, records...)
	return removed, err
}

// UseMethod notes that a user has signed in with a method, and lets use look
// whether it is what was proved, and take what works once. When two come with the
// same, use sees what the first has left. It returns the credential's revision, for
// the session that is to be made.
//
// Errors: those of use; store.CodeSignInFailed when the method is gone.
func (s *Store) UseMethod(ctx context.Context, user store.ID, id string, use func(*Method) error, record AuditRecord) (revision uint64, err error) {
	err = s.ChangeCredential(ctx, user, func(c *Credential, now store.Timestamp) error {
		i := slices.IndexFunc(c.Methods, func(m Method) bool { return m.ID == id })
		if i < 0 {
			return store.Errorf(store.CodeSignInFailed, "", "the name or the secret is wrong")
		}
		c.Methods[i].LastUsedAt, revision = now, c.Revision
		return use(&c.Methods[i])
	}, record)
	return revision, err
}

// removeCredential forgets how a user proves who they are.
func removeCredential(tx kv.Tx, user store.ID) error {
	err := changeCredential(tx, user, func(c *Credential, _ store.Timestamp) error {
		c.Methods = nil
		return nil
	})
	return errors.Join(err, tx.Delete(credentialKey(user)))
}
