package household

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/kind"
	"inglenook/store/kv"
)

// Admission makes somebody a user, or gives an existing one a way to sign in.
type Admission struct {
	UserID store.ID // an existing user; 0 makes one
	Name   string   // of a new one
	Access access.Level

	Method     *Method   // how they sign in from now on; nil when that comes later
	Invitation *CodeHash // is used up, and says UserID, Access and By instead
	By         store.ID  // the admin who lets them in
}

// Admit takes somebody in: the invitation, the user and how they sign in
// change together, or nothing does. Everybody sees a new user with the event
// it makes. The records get the user's id.
//
// Errors: store.CodeNotFound when the invitation or the user is gone, and when who
// invited is no admin any more; CodeForbidden when By is none; CodeNameTaken;
// those of a rejected replacement.
func (s *Store) Admit(ctx context.Context, a Admission, records ...AuditRecord) (user store.ID, err error) {
	err = s.db.Update(ctx, func(tx kv.Tx) error {
		if err := a.use(tx); err != nil {
			return err
		}
		if user = a.UserID; user == 0 {
			user, err = s.make(ctx, tx, a)
		} else {
			err = mustLive(tx, user)
		}
		if err == nil && a.Method != nil {
			err = changeCredential(tx, user, func(c *Credential, now store.Timestamp) error {
				c.Add(*a.Method, now)
				return nil
			})
		}
		if err != nil {
			return err
		}
		for i := range records {
			records[i].UserID = user
			if a.By != user {
				records[i].By.UserID = a.By
			}
		}
		return appendAudits(tx, records)
	})
	if err != nil {
		return 0, fmt.Errorf("admit: %w", err)
	}
	return user, nil
}

// use uses up an invitation, and asks whether whoever lets them in is an admin
// now: what they were when they invited, or when they were asked, is past.
func (a *Admission) use(tx kv.Tx) error {
	if a.Invitation == nil {
		return mustAdmin(tx, a.By)
	}
	i, err := openInvitation(tx, *a.Invitation, store.TimestampOf(tx.Now()))
	if err != nil {
		return err
	}
	a.UserID, a.Access, a.By = i.UserID, i.Access, i.By
	return tx.Delete(invitationKey(*a.Invitation))
}

// mustAdmin refuses whoever is not an admin of the household.
func mustAdmin(r kv.Reader, user store.ID) error {
	rec, ok, err := readRecord(r, store.Ref{Kind: "user", ID: user})
	if err != nil {
		return err
	}
	if ok && !isTombstone(rec.JSON) {
		e, err := rec.entity()
		if err != nil || e.String("access") == string(access.Admin) {
			return err
		}
	}
	return store.Errorf(store.CodeForbidden, "", "only an admin lets people in")
}

func mustLive(r kv.Reader, user store.ID) error {
	rec, ok, err := readRecord(r, store.Ref{Kind: "user", ID: user})
	if err == nil && (!ok || isTombstone(rec.JSON)) {
		err = store.Errorf(store.CodeNotFound, "userId", "there is no such user")
	}
	return err
}

// userColors are given to new people in turn.
var userColors = [...]string{"#b4532a", "#3f6fb5", "#7659b0", "#2f8f6b", "#b04f8f", "#8a6d1f", "#2b8a99", "#a83f4f"}

// make makes the user as the household's own act.
func (s *Store) make(ctx context.Context, tx kv.Tx, a Admission) (store.ID, error) {
	name, taken, people := strings.TrimSpace(a.Name), false, 0
	err := eachUser(ctx, tx, func(u store.Entity) {
		people++
		taken = taken || FoldName(u.String("name")) == FoldName(name)
	})
	switch {
	case err != nil:
		return 0, err
	case name == "":
		return 0, store.Errorf(store.CodeInvalid, "name", "is missing")
	case taken:
		return 0, store.Errorf(store.CodeNameTaken, "name", "somebody of this household has that name")
	}
	user, err := kind.ToEntity(store.NewID(), store.TimestampOf(tx.Now()), kind.User{
		Name: name, Access: kind.UserAccess(a.Access), Color: userColors[people%len(userColors)],
	})
	if err != nil {
		return 0, err
	}
	return user.ID, s.replaceUser(tx, a.By, store.Replacement{Kind: "user", Entity: user})
}

// replaceUser writes a user for the household: with an admin's rights, but never
// without the last admin.
func (s *Store) replaceUser(tx kv.Tx, by store.ID, r store.Replacement) error {
	results, _, err := s.takeAll(tx, store.Author{UserID: by}, "", []store.Replacement{r}, access.Person{Level: access.Admin, Verified: true}, false)
	if err != nil {
		return err
	}
	if result := results[0]; result.Status == store.Rejected {
		return store.Errorf(result.Code, strings.TrimPrefix(result.Field, "entity."), "%s", result.Message)
	}
	return nil
}

// RemoveUser removes a user and every way in which they could sign in. What they
// made stays.
//
// Errors: store.CodeNotFound, CodeLastAdmin.
func (s *Store) RemoveUser(ctx context.Context, user store.ID, record AuditRecord) error {
	err := s.db.Update(ctx, func(tx kv.Tx) error {
		rec, ok, err := readRecord(tx, store.Ref{Kind: "user", ID: user})
		if err != nil {
			return err
		}
		if !ok || isTombstone(rec.JSON) {
			return store.Errorf(store.CodeNotFound, "userId", "there is no such user")
		}
		gone := store.Entity{ID: user, UpdatedAt: store.TimestampOf(tx.Now()), Deleted: true}
		if err := s.replaceUser(tx, user, store.Replacement{Kind: "user", Entity: gone, Base: rec.Event}); err != nil {
			return err
		}
		return errors.Join(removeCredential(tx, user), appendAudit(tx, record))
	})
	if err != nil {
		return fmt.Errorf("remove user %d: %w", user, err)
	}
	return nil
}
