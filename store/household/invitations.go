package household

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/kv"

	"github.com/go-json-experiment/json"
)

// CodeHash is what is kept of a code that was given out: SHA-256 without a
// stretch, because codes are random. 80 bits of chance are as far out of reach
// of whoever has stolen the store as any password hash could make them.
type CodeHash [sha256.Size]byte

// HashCode hashes a code for its purpose: the salt names whose it is, so that
// one guess is never good for two.
func HashCode(salt, code string) CodeHash { return CodeHash(handleOf("code", salt, code)) }

// Invitation lets somebody in, once: a new user with the access it gives, or
// with UserID an existing one who has lost every way to sign in.
type Invitation struct {
	ID        string          `json:"id"` // to take it back by
	Access    access.Level    `json:"access,omitempty"`
	UserID    store.ID        `json:"userId,omitzero"`
	By        store.ID        `json:"by"`
	At        store.Timestamp `json:"at"`
	ExpiresAt store.Timestamp `json:"expiresAt"`
}

// maxInvitations may be open at once.
const maxInvitations = 100

func invitationKey(h CodeHash) key { return append(newKey(prefixInvitation), h[:]...) }

// Invite keeps an invitation under the hash of its code, and returns it with its
// id. Errors: store.CodeForbidden when By is no admin; CodeTooLarge when too many
// are open.
func (s *Store) Invite(ctx context.Context, h CodeHash, i Invitation, record AuditRecord) (Invitation, error) {
	err := s.db.Update(ctx, func(tx kv.Tx) error {
		if err := mustAdmin(tx, i.By); err != nil {
			return err
		}
		i.At = store.TimestampOf(tx.Now())
		i.ID = hex.EncodeToString(h[:8]) // of a hash of 128 bits of chance: it leads nowhere
		all, err := readInvitations(tx)
		if err != nil {
			return err
		}
		open := 0
		for _, other := range all {
			if other.ExpiresAt >= i.At {
				open++
			} else if err := tx.Delete(other.key); err != nil {
				return err
			}
		}
		if open >= maxInvitations {
			return store.Errorf(store.CodeTooLarge, "", "%d invitations are open already; take one back first", maxInvitations)
		}
		if err := setJSON(tx, invitationKey(h), i); err != nil {
			return err
		}
		return appendAudit(tx, record)
	})
	if err != nil {
		return Invitation{}, fmt.Errorf("keep invitation: %w", err)
	}
	return i, nil
}

// keptInvitation is an invitation and where it lies.
type keptInvitation struct {
	Invitation
	key key
}

func readInvitations(r kv.Reader) (out []keptInvitation, err error) {
	for pair, err := range r.Scan([]byte{prefixInvitation}, nil) {
		if err != nil {
			return nil, err
		}
		i := keptInvitation{key: slices.Clone(pair.Key)}
		if err := json.Unmarshal(pair.Value, &i.Invitation); err != nil {
			return nil, fmt.Errorf("read invitation: %w", err)
		}
		out = append(out, i)
	}
	return out, nil
}

// Invitations returns those that are open at an instant, the oldest first.
func (s *Store) Invitations(ctx context.Context, now store.Timestamp) (out []Invitation, err error) {
	err = s.db.View(ctx, func(r kv.Reader) error {
		all, err := readInvitations(r)
		for _, i := range all {
			if i.ExpiresAt >= now {
				out = append(out, i.Invitation)
			}
		}
		return err
	})
	slices.SortFunc(out, func(a, b Invitation) int { return a.At.Time().Compare(b.At.Time()) })
	return out, err
}

// Invitation returns the open one of a code. Errors: store.CodeNotFound.
func (s *Store) Invitation(ctx context.Context, h CodeHash, now store.Timestamp) (i Invitation, err error) {
	err = s.db.View(ctx, func(r kv.Reader) error {
		i, err = openInvitation(r, h, now)
		return err
	})
	return i, err
}

// openInvitation reads one that its maker, an admin still, may give.
func openInvitation(r kv.Reader, h CodeHash, now store.Timestamp) (i Invitation, err error) {
	ok, err := getJSON(r, invitationKey(h), &i)
	if err != nil {
		return i, err
	}
	none := store.Errorf(store.CodeNotFound, "code", "there is no such invitation")
	if !ok || i.ExpiresAt < now {
		return i, none
	}
	if err := mustAdmin(r, i.By); store.CodeOf(err) == store.CodeForbidden {
		return i, none
	} else if err != nil {
		return i, err
	}
	return i, nil
}

// uninvite takes back what a user has left open whose access changes: an
// invitation is worth what its maker is.
func uninvite(tx kv.Tx, by store.ID) error {
	all, err := readInvitations(tx)
	for _, i := range all {
		if i.By == by {
			err = errors.Join(err, tx.Delete(i.key))
		}
	}
	return err
}

// Uninvite takes an invitation back. Errors: store.CodeNotFound.
func (s *Store) Uninvite(ctx context.Context, id string, record AuditRecord) error {
	return s.db.Update(ctx, func(tx kv.Tx) error {
		all, err := readInvitations(tx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(i keptInvitation) bool { return i.ID == id })
		if i < 0 {
			return store.Errorf(store.CodeNotFound, "id", "there is no such invitation")
		}
		if err := tx.Delete(all[i].key); err != nil {
			return err
		}
		return appendAudit(tx, record)
	})
}
