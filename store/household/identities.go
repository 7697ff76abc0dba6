package household

import (
	"context"
	"crypto/sha256"
	"encoding/binary"

	"inglenook/store"
	"inglenook/store/kv"
)

// Identity is who somebody has proved to be somewhere else: at a provider, with
// a bot. Method, Issuer and Subject name them, never an e-mail address, which
// changes hands. DisplayName is what they are called there; it proves nothing.
type Identity struct {
	Method      string `json:"method"`
	Issuer      string `json:"issuer"`
	Subject     string `json:"subject"`
	DisplayName string `json:"displayName,omitempty"`
}

// Same tells whether two identities are one, whatever they are called.
func (i Identity) Same(other Identity) bool {
	return i.Method == other.Method && i.Issuer == other.Issuer && i.Subject == other.Subject
}

// handle is what a user can be found by without a name: the hash of an identity
// or of a passkey's id. Both are of any length; a key is not.
type handle [sha256.Size]byte

// handleOf hashes parts so that no two lists of them are one.
func handleOf(parts ...string) (h handle) {
	hash := sha256.New()
	var size [8]byte
	for _, part := range parts {
		binary.BigEndian.PutUint64(size[:], uint64(len(part)))
		hash.Write(size[:])
		hash.Write([]byte(part))
	}
	hash.Sum(h[:0])
	return h
}

func (i Identity) handle() handle {
	return handleOf(MethodIdentity, i.Method, i.Issuer, i.Subject)
}

func passkeyHandle(id []byte) handle { return handleOf(MethodPasskey, string(id)) }

func (c *Credential) handles() (out []handle) {
	for _, m := range c.Methods {
		if m.Passkey != nil {
			out = append(out, passkeyHandle(m.Passkey.ID))
		}
		if m.Identity != nil {
			out = append(out, m.Identity.handle())
		}
	}
	return out
}

func handleKey(h handle) key { return append(newKey(prefixHandle), h[:]...) }

// ownerOf returns the living user whom a handle finds, 0 for none: who was
// removed does not keep others from it.
func ownerOf(r kv.Reader, h handle) (store.ID, error) {
	user, err := readNum(r, handleKey(h))
	if err != nil || user == 0 {
		return 0, err
	}
	rec, ok, err := readRecord(r, store.Ref{Kind: "user", ID: store.ID(user)})
	if err != nil || !ok || isTombstone(rec.JSON) {
		return 0, err
	}
	return store.ID(user), nil
}

func setHandle(tx kv.Tx, h handle, user store.ID) error {
	owner, err := ownerOf(tx, h)
	if err != nil {
		return err
	}
	if owner != 0 && owner != user {
		return store.Errorf(store.CodeNameTaken, "method", "somebody else of this household signs in with it")
	}
	return tx.Set(handleKey(h), num(uint64(user)))
}

// dropHandle takes a handle from a user, unless it is another's by now.
func dropHandle(tx kv.Tx, h handle, user store.ID) error {
	owner, err := readNum(tx, handleKey(h))
	if err != nil || store.ID(owner) != user {
		return err
	}
	return tx.Delete(handleKey(h))
}

// UserByIdentity returns the living user who signs in with an identity and the
// method they do it with. Errors: store.CodeNotFound.
func (s *Store) UserByIdentity(ctx context.Context, i Identity) (store.ID, Method, error) {
	return s.userBy(ctx, i.handle(), func(m Method) bool { return m.Identity != nil && m.Identity.handle() == i.handle() })
}

// UserByPasskey returns the living user who has a passkey, and the passkey.
// Errors: store.CodeNotFound.
func (s *Store) UserByPasskey(ctx context.Context, id []byte) (store.ID, Method, error) {
	return s.userBy(ctx, passkeyHandle(id), func(m Method) bool { return m.Passkey != nil && string(m.Passkey.ID) == string(id) })
}

func (s *Store) userBy(ctx context.Context, h handle, is func(Method) bool) (user store.ID, method Method, err error) {
	err = s.db.View(ctx, func(r kv.Reader) error {
		if user, err = ownerOf(r, h); err != nil || user == 0 {
			return err
		}
		c, err := readCredential(r, user)
		if err != nil {
			return err
		}
		for _, m := range c.Methods {
			if is(m) {
				method = m
				return nil
			}
		}
		user = 0
		return nil
	})
	if err == nil && user == 0 {
		err = store.Errorf(store.CodeNotFound, "method", "nobody signs in with it")
	}
	return user, method, err
}
