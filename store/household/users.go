package household

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/kv"
)

// Users returns every living user p may see, ordered by id.
func (s *Store) Users(ctx context.Context, p access.Person) (out []store.Entity, err error) {
	err = s.db.View(ctx, func(r kv.Reader) error {
		return eachUser(ctx, r, func(u store.Entity) { out = append(out, u) })
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

// FoldName is a name without what does not tell two people apart: the case of its
// letters and the spaces around it. Whatever compares names compares these, or two
// answers to one name tell who is of the household.
func FoldName(name string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			least = min(least, other)
		}
		return least
	}, strings.TrimSpace(name))
}

// UserByName finds a living user by name, or by a short name that only one has,
// without regard to case. Errors: store.CodeNotFound.
func (s *Store) UserByName(ctx context.Context, name string) (store.Entity, error) {
	users, err := s.Users(ctx, access.Person{Level: access.Admin})
	if err != nil {
		return store.Entity{}, err
	}
	name = FoldName(name)
	for _, field := range []string{"name", "shortName"} {
		var found []store.Entity
		for _, u := range users {
			if name != "" && FoldName(u.String(field)) == name {
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

// eachUser calls fn with every living user.
func eachUser(ctx context.Context, r kv.Reader, fn func(store.Entity)) error {
	return eachEntity(ctx, r, "user", store.Ref{}, func(_ store.Ref, rec entityRecord) error {
		e, err := rec.entity()
		if err == nil && !e.Deleted {
			fn(e)
		}
		return err
	})
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
