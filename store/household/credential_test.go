package household_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/household"

	"pgregory.net/rapid"
)

// who finds the user of an identity or passkey, 0 for nobody.
func (h *house) who(identity household.Identity, passkey string) (byIdentity, byPasskey store.ID) {
	h.t.Helper()
	var err error
	if byIdentity, _, err = h.UserByIdentity(h.t.Context(), identity); err != nil && store.CodeOf(err) != store.CodeNotFound {
		h.t.Fatal(err)
	}
	if byPasskey, _, err = h.UserByPasskey(h.t.Context(), []byte(passkey)); err != nil && store.CodeOf(err) != store.CodeNotFound {
		h.t.Fatal(err)
	}
	return byIdentity, byPasskey
}

func at(issuer, subject int) household.Identity {
	return household.Identity{Method: "oidc", Issuer: fmt.Sprint("https://", issuer), Subject: fmt.Sprint(subject)}
}

func passkey(n int) *household.Passkey { return &household.Passkey{ID: []byte(fmt.Sprint("key ", n))} }

// Whatever users add and remove, each way to sign in finds the one living user
// who has it, and nobody when nobody has.
func TestHandlesFindTheirUser(t *testing.T) {
	h := open(t)
	users := []store.ID{ben, leo, guest, wall}
	type owned struct {
		user store.ID
		id   string
	}
	rapid.Check(t, func(rt *rapid.T) {
		model := map[string]owned{} // of what is nobody's when the round begins
		round := rapid.IntRange(1, 1<<30).Draw(rt, "round")
		steps := rapid.IntRange(1, 30).Draw(rt, "steps")
		for range steps {
			user := rapid.SampledFrom(users).Draw(rt, "user")
			n := round*8 + rapid.IntRange(0, 3).Draw(rt, "which")
			method, name := household.Method{Kind: household.MethodPasskey, Passkey: passkey(n)}, fmt.Sprint("p", n)
			if rapid.Bool().Draw(rt, "identity") {
				i := at(n, n)
				method, name = household.Method{Kind: household.MethodIdentity, Identity: &i}, fmt.Sprint("i", n)
			}
			if rapid.Bool().Draw(rt, "add") {
				added, err := h.AddMethod(t.Context(), user, method)
				if _, taken := model[name]; taken != (store.CodeOf(err) == store.CodeNameTaken) {
					rt.Fatalf("%s for %d, who has it is %+v: %v", name, user, model[name], err)
				}
				if err == nil {
					model[name] = owned{user, added.ID}
				}
				continue
			}
			if has, ok := model[name]; ok && has.user == user {
				if _, err := h.RemoveMethod(t.Context(), user, has.id, func(household.Method) bool { return false }); err != nil {
					rt.Fatal(err)
				}
				delete(model, name)
			}
		}
		for n := round * 8; n < round*8+4; n++ {
			byIdentity, byPasskey := h.who(at(n, n), fmt.Sprint("key ", n))
			if byIdentity != model[fmt.Sprint("i", n)].user || byPasskey != model[fmt.Sprint("p", n)].user {
				rt.Fatalf("%d: found %d and %d in %+v", n, byIdentity, byPasskey, model)
			}
		}
		for _, has := range model { // a credential is kept small
			if _, err := h.RemoveMethod(t.Context(), has.user, has.id, func(household.Method) bool { return false }); err != nil {
				rt.Fatal(err)
			}
		}
	})
}

// Method, issuer and subject are told apart wherever one ends.
func TestIdentitiesAreTakenWhole(t *testing.T) {
	h := open(t)
	mine := household.Identity{Method: "oidc", Issuer: "https://a", Subject: "bc", DisplayName: "Ben"}
	if _, err := h.AddMethod(t.Context(), ben, household.Method{Kind: household.MethodIdentity, Identity: &mine}); err != nil {
		t.Fatal(err)
	}
	for _, other := range []household.Identity{
		{Method: "oidc", Issuer: "https://ab", Subject: "c"},
		{Method: "oidc", Issuer: "https://", Subject: "abc"},
		{Method: "oidch", Issuer: "ttps://a", Subject: "bc"},
		{Method: "telegram", Issuer: "https://a", Subject: "bc"},
	} {
		if user, _ := h.who(other, ""); user != 0 {
			t.Errorf("%+v is %d", other, user)
		}
	}
	mine.DisplayName = "Benjamin"
	if user, _ := h.who(mine, ""); user != ben {
		t.Errorf("by another name: %d", user)
	}
}

// Who is removed, by themselves or by an admin, is found by nothing any more, and
// it can be somebody else's.
func TestHandlesOfWhoIsGone(t *testing.T) {
	h := open(t)
	i := at(1, 1)
	for _, user := range []store.ID{ben, leo} {
		if _, err := h.AddMethod(t.Context(), user, household.Method{Kind: household.MethodIdentity, Identity: &i}); err != nil {
			t.Fatal(err)
		}
		if user == ben {
			h.ok(anna, h.gone("user", user, h.Head().ID))
		} else if err := h.RemoveUser(t.Context(), user, household.AuditRecord{Kind: "account.removed"}); err != nil {
			t.Fatal(err)
		}
		if found, _ := h.who(i, ""); found != 0 {
			t.Errorf("%d is found", found)
		}
	}
	if _, err := h.AddMethod(t.Context(), wall, household.Method{Kind: household.MethodIdentity, Identity: &i}); err != nil {
		t.Error(err)
	}
	if err := h.RemoveUser(t.Context(), anna, household.AuditRecord{}); store.CodeOf(err) != store.CodeLastAdmin {
		t.Errorf("the last admin: %v", err)
	}
}

// What is admitted comes whole or not at all.
func TestAdmit(t *testing.T) {
	h := open(t)
	hash := household.HashCode("invitation", "code")
	invite := func() {
		t.Helper()
		_, err := h.Invite(t.Context(), hash, household.Invitation{
			Access: access.Member, By: anna, ExpiresAt: store.TimestampOf(h.clock.Now().Add(1000)),
		}, household.AuditRecord{Kind: "invitation.made"})
		if err != nil {
			t.Fatal(err)
		}
	}
	invite()
	i := at(2, 2)
	method := household.Method{Kind: household.MethodIdentity, Identity: &i}
	if _, err := h.AddMethod(t.Context(), ben, method); err != nil {
		t.Fatal(err)
	}
	head, log := h.Head(), len(h.log())
	for name, a := range map[string]household.Admission{
		"a name that is taken":          {Name: "USER 102", Invitation: &hash},
		"no name":                       {Invitation: &hash},
		"somebody else's identity":      {Name: "Carl", Invitation: &hash, Method: &method},
		"a user who is not there":       {UserID: 999},
		"an access that is none":        {Name: "Carl", Access: "king", By: anna},
		"an invitation that is not one": {Name: "Carl", Invitation: &household.CodeHash{}},
	} {
		if user, err := h.Admit(t.Context(), a, household.AuditRecord{Kind: "x"}); err == nil || user != 0 {
			t.Errorf("%s: %d", name, user)
		}
	}
	if h.Head() != head || len(h.log()) != log {
		t.Error("something was written")
	}
	carl, err := h.Admit(t.Context(), household.Admission{Name: "Carl", Invitation: &hash}, household.AuditRecord{Kind: "invitation.used"})
	if err != nil {
		t.Fatal(err)
	}
	if level := h.Sight().Levels[carl]; level != access.Member || h.Head() == head {
		t.Errorf("%d is %s", carl, level)
	}
	at := slices.IndexFunc(h.log(), func(r household.AuditRecord) bool { return r.Kind == "invitation.used" })
	if _, err := h.Admit(t.Context(), household.Admission{Name: "Dan", Access: access.Member, By: ben}); store.CodeOf(err) != store.CodeForbidden {
		t.Errorf("by a member: %v", err)
	}
	if r := h.log()[at]; r.UserID != carl || r.By.UserID != anna {
		t.Errorf("%+v", r)
	}
	if _, err := h.Admit(t.Context(), household.Admission{Name: "Dan", Invitation: &hash}); store.CodeOf(err) != store.CodeNotFound {
		t.Errorf("used twice: %v", err)
	}
}

// An invitation is worth what its maker is: it goes with their being an admin, and
// does not come back with it.
func TestInvitationsOfWhoIsNoAdmin(t *testing.T) {
	for name, fall := range map[string]func(h *house) store.EventID{
		"a member now": func(h *house) store.EventID {
			return h.ok(anna, h.put("user", leo, h.Head().ID, map[string]any{"name": "Leo", "access": "member"}))
		},
		"removed": func(h *house) store.EventID { return h.ok(anna, h.gone("user", leo, h.Head().ID)) },
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			hash, later := household.HashCode("invitation", "code"), store.TimestampOf(h.clock.Now().Add(1000))
			admin := h.ok(anna, h.put("user", leo, h.Head().ID, map[string]any{"name": "Leo", "access": "admin"}))
			if _, err := h.Invite(t.Context(), hash, household.Invitation{Access: access.Admin, By: leo, ExpiresAt: later}, household.AuditRecord{}); err != nil {
				t.Fatal(err)
			}
			if _, err := h.Invitation(t.Context(), hash, 0); err != nil || admin == 0 {
				t.Fatal(err)
			}
			fall(h)
			if _, err := h.Invitation(t.Context(), hash, 0); store.CodeOf(err) != store.CodeNotFound {
				t.Errorf("it is still open: %v", err)
			}
			if _, err := h.Invite(t.Context(), hash, household.Invitation{Access: access.Admin, By: leo, ExpiresAt: later}, household.AuditRecord{}); store.CodeOf(err) != store.CodeForbidden {
				t.Errorf("one more: %v", err)
			}
			h.ok(anna, h.put("user", leo, h.Head().ID, map[string]any{"name": "Leo", "access": "admin"}))
			if _, err := h.Admit(t.Context(), household.Admission{Name: "Leo again", Invitation: &hash}); store.CodeOf(err) != store.CodeNotFound {
				t.Errorf("an admin again: %v", err)
			}
		})
	}
}

// A credential's revision moves when something is taken away that somebody may
// just have proved, and not when they use or add something.
func TestRevisionOfACredential(t *testing.T) {
	h := open(t)
	revision := func() uint64 {
		t.Helper()
		c, err := h.Credential(t.Context(), ben)
		if err != nil {
			t.Fatal(err)
		}
		return c.Revision
	}
	password, err := h.AddMethod(t.Context(), ben, household.Method{Kind: household.MethodPassword, PasswordHash: "a"})
	if err != nil {
		t.Fatal(err)
	}
	key, err := h.AddMethod(t.Context(), ben, household.Method{Kind: household.MethodPasskey, Passkey: passkey(1)})
	if err != nil {
		t.Fatal(err)
	}
	at, err := h.UseMethod(t.Context(), ben, key.ID, func(m *household.Method) error { m.Passkey.SignCount++; return nil }, household.AuditRecord{})
	if err != nil || at != 0 || revision() != 0 {
		t.Errorf("added and used: %d, %d, %v", at, revision(), err)
	}
	err = h.ChangeCredential(t.Context(), ben, func(c *household.Credential, _ store.Timestamp) error {
		c.Of(household.MethodPassword).PasswordHash = "b"
		return nil
	})
	if err != nil || revision() != 1 {
		t.Errorf("another password: %d, %v", revision(), err)
	}
	if _, err := h.RemoveMethod(t.Context(), ben, password.ID, func(household.Method) bool { return true }); err != nil || revision() != 2 {
		t.Errorf("removed: %d, %v", revision(), err)
	}
}

// Names that are one to a reader of the household are one to whoever counts tries.
func TestFoldName(t *testing.T) {
	for _, same := range [][2]string{{"Boris", "bori\u017f"}, {" Anna", "aNNA\n"}, {"\u212aarl", "karl"}, {"Ötker", "ötker"}} {
		if household.FoldName(same[0]) != household.FoldName(same[1]) {
			t.Errorf("%q and %q", same[0], same[1])
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		a, b := rapid.StringMatching(`[a-kK\x{212a}s\x{17f}ß]{0,4}`).Draw(rt, "a"), rapid.StringMatching(`[a-kK\x{212a}S]{0,4}`).Draw(rt, "b")
		if (household.FoldName(a) == household.FoldName(b)) != strings.EqualFold(a, b) {
			rt.Fatalf("%q and %q", a, b)
		}
	})
}
