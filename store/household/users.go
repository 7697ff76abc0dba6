package household

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/kv"
)

// Credential is how a user proves who they are. The server's alone.
type Credential struct {
	PasswordHash string          `json:"passwordHash,omitempty"` // argon2id in PHC form
	Failures     int             `json:"failures,omitzero"`      // since the last success
	LastFailure  store.Timestamp `json:"lastFailure,omitzero"`
}

func credentialKey(user store.ID) key { return newKey(prefixUser).id(user) }

// Users returns every living user p may see, ordered by id.
func (s *Store) Users(ctx context.Context, p access.Person) (out []store.Entity, err error) {
	err = s.db.View(ctx, func(r kv.Reader) error {
		return eachEntity(ctx, r, "user", store.Ref{}, func(_ store.Ref, rec entityRecord) error {
			e, err := rec.entity()
			if err == nil && !e.Deleted {
				out = append(out, e)
			}
			return err
		})
	})
	return out, err
}

// User returns a living user. Errors: store.CodeNotFound.
func (s *Store) User(ctx context.Context, id store.ID) (e store.Entity, err error) {
	err = s.db.View(ctx, func(r kv.Reader) error {
		rec, ok, err := readRecord(r, store.Ref{Kind: "user", ID: id})
		if err != nil {
			return err
		}
		if ok {
			if e, err = rec.entity(); err != nil {
				return err
			}
		}
		if !ok || e.Deleted {
			return store.Errorf(store.CodeNotFound, "id", "there is no such user")
		}
		return nil
	})
	return e, err
}

// UserByName finds a living user by name, or by a short name that only one has,
// without regard to case. Errors: store.CodeNotFound.
func (s *Store) UserByName(ctx context.Context, name string) (store.Entity, error) {
	users, err := s.Users(ctx, access.Person{Level: access.Admin})
	if err != nil {
		return store.Entity{}, err
	}
	name = strings.TrimSpace(name)
	for _, field := range []string{"name", "shortName"} {
		var found []store.Entity
		for _, u := range users {
			if name != "" && strings.EqualFold(u.String(field), name) {
				found = append(found, u)
			}
		}
		if len(found) == 1 {
			return found[0], nil
		}
	}
	return store.Entity{}, store.Errorf(store.CodeNotFound, "name", "there is no such user")
}

// Household returns the household entity, an empty one before set-up.
func (s *Store) Household(ctx context.Context) (e store.Entity, err error) {
	err = s.db.View(ctx, func(r kv.Reader) error {
		rec, ok, err := readRecord(r, store.Ref{Kind: "household", ID: 1})
		if err != nil || !ok {
			return err
		}
		e, err = rec.entity()
		return err
	})
	return e, err
}

// Credential reads a user's credential, an empty one when there is none.
func (s *Store) Credential(ctx context.Context, user store.ID) (c Credential, err error) {
	err = s.db.View(ctx, func(r kv.Reader) error {
		_, err := getJSON(r, credentialKey(user), &c)
		return err
	})
	return c, err
}

// ChangeCredential lets change edit a user's credential.
func (s *Store) ChangeCredential(ctx context.Context, user store.ID, change func(c *Credential, now store.Timestamp)) error {
	err := s.db.Update(ctx, func(tx kv.Tx) error {
		var c Credential
		if _, err := getJSON(tx, credentialKey(user), &c); err != nil {
			return err
		}
		change(&c, store.TimestampOf(tx.Now()))
		return setJSON(tx, credentialKey(user), c)
	})
	if err != nil {
		return fmt.Errorf("change credential of user %d: %w", user, err)
	}
	return nil
}

// Found makes the household and its first users and things: set-up, an admin's
// user add, the demo. The replacements are written as the household's own, by
// nobody's session, without asking for rights; everything else holds.
//
// Errors: those of a rejected replacement, and then nothing is written.
func (s *Store) Found(ctx context.Context, by store.ID, replacements []store.Replacement) error {
	return s.db.Update(ctx, func(tx kv.Tx) error {
		for part := range slices.Chunk(replacements, store.MaxBatch) {
			results, _, err := s.takeAll(tx, store.Author{UserID: by}, "", part, access.Person{UserID: by, Level: access.Admin}, true)
			if err != nil {
				return err
			}
			for i, result := range results {
				if result.Status == store.Rejected {
					return store.Errorf(result.Code, result.Field, "%s %d: %s", part[i].Kind, part[i].Entity.ID, result.Message)
				}
			}
		}
		return nil
	})
}

// SetUp tells whether somebody can sign in already: there is an admin.
func (s *Store) SetUp() bool {
	for _, level := range s.Sight().Levels {
		if level == access.Admin {
			return true
		}
	}
	return false
}
