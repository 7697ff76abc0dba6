package app

import (
	"context"
	"fmt"
	"slices"

	"inglenook/app/account"
	"inglenook/app/replica"
	"inglenook/store"
	"inglenook/syncserver/api"
)

// People are those who have signed in on this device, in the order in which they
// came.
func (a *App) People(ctx context.Context) (api.People, error) {
	out := api.People{People: []api.Person{}}
	active, _ := a.keeper.Active()
	for _, kept := range a.keeper.List() {
		person := api.Person{
			ID: kept.Session.ID, User: userOf(kept.Session), Waiting: kept.Waiting, Active: kept.Session.ID == active,
		}
		if person.Active {
			err := a.With(ctx, func(ctx context.Context, at *replica.Replica) (err error) {
				if heard, ok := a.Session(); ok {
					person.User = userOf(heard)
				}
				person.Waiting, _, err = at.Device().Waiting(ctx)
				return err
			})
			if err != nil {
				return out, err
			}
		}
		out.People = append(out.People, person)
	}
	return out, nil
}

// userOf is what a list of people shows of whose session it is.
func userOf(session api.Session) api.PersonUser {
	u := session.User
	if session.Pending != nil {
		return api.PersonUser{Name: session.Pending.DisplayName}
	}
	return api.PersonUser{ID: u.ID, Name: u.String("name"), Color: u.String("color"), Avatar: u.String("avatar")}
}

// Switch makes one of the people the active one. What the one before has not
// sent stays, and is sent when they are active again. Which one is active is
// decided by the keeper: after a crash on the way it is the new one.
//
// Errors: store.CodeNotFound.
func (a *App) Switch(ctx context.Context, id store.SessionID) error {
	a.joining.Lock()
	defer a.joining.Unlock()
	before, _ := a.keeper.Active()
	if before == id {
		return nil
	}
	if err := a.rise(ctx); err != nil {
		a.fail(err)
		return err
	}
	err := a.keeper.Activate(id)
	if err == nil {
		err = a.sit(ctx, id)
	}
	if err == nil {
		return nil
	}
	// Whoever was active goes on.
	if back := a.back(ctx, before); back != nil {
		a.fail(back)
	}
	return err
}

func (a *App) back(ctx context.Context, to store.SessionID) error {
	if err := a.keeper.Activate(to); err != nil {
		return err
	}
	return a.sit(ctx, to)
}

// settle finishes what a crash has cut short, and returns the active session, 0
// for none: after a sign-out the next person becomes active, and of two accounts
// of one store the active one has taken over the other.
func (a *App) settle() (store.SessionID, error) {
	all := a.keeper.List()
	active, ok := a.keeper.Active()
	if !ok && len(all) > 0 {
		active = all[0].Session.ID
		if err := a.keeper.Activate(active); err != nil {
			return 0, err
		}
	}
	i := slices.IndexFunc(all, func(kept account.Account) bool { return kept.Session.ID == active })
	for _, kept := range all {
		if kept.Session.ID != active && kept.Folder == all[i].Folder {
			if err := a.keeper.Remove(kept.Session.ID); err != nil {
				return 0, err
			}
		}
	}
	return active, nil
}

// newFolder is a folder for one more person, with nothing in it.
func (a *App) newFolder() (string, error) {
	all := a.keeper.List()
	if len(all) == 0 {
		return "", nil // what was written before anybody joined is theirs
	}
	for n := 2; ; n++ {
		folder := fmt.Sprintf("%s-%d", firstFolder, n)
		if !slices.ContainsFunc(all, func(kept account.Account) bool { return kept.Folder == folder }) {
			return folder, a.erase(folder)
		}
	}
}
