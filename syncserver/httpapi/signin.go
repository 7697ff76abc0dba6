package httpapi

import (
	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"
	"inglenook/syncserver/auth"
	"inglenook/syncserver/proof"
	"inglenook/syncserver/session"
	"inglenook/syncserver/session/machine"

	"github.com/gin-gonic/gin"
)

// login makes a session. Everything else is checked before the method is asked:
// what proves somebody once only must not be used up in vain.
func (a *API) login(c *gin.Context) error {
	var in api.Login
	if err := a.decodeLogin(c, &in); err != nil {
		return err
	}
	if in.Kind == "" {
		in.Kind = string(machine.Browser)
	}
	if !machine.Kind(in.Kind).Valid() {
		return store.Errorf(store.CodeInvalid, "kind", "is browser, desktop or token")
	}
	key, err := a.newKey(c)
	if err != nil {
		return err
	}
	who, err := a.Auth.SignIn(c.Request.Context(), c.Param("method"), in, a.from(c))
	if err != nil {
		return err
	}
	ends, dead, err := a.earlier(c, who, in.Add)
	if err != nil {
		return err
	}
	// Before there is the session: it could take the notice away.
	if err := a.tell(c, who, household.Notice{Device: auth.Shown(in.Device)}); err != nil {
		return err
	}
	answer, err := a.Sessions.SignIn(whole(c), session.SignIn{
		UserID: who.UserID, Revision: who.Revision, Parent: who.Approver, Pending: who.Identity, Key: key, Level: machine.Level(in.Level), Ends: ends, Method: c.Param("method"),
		Verified: proves(c.Param("method")),
		Client: session.Client{
			Kind: machine.Kind(in.Kind), Name: auth.Shown(in.Device), Platform: clip(in.Platform, 100), Version: clip(in.Version, 100),
			Network: household.Network(c.ClientIP()),
		},
	})
	if err != nil {
		return err
	}
	if !answer.Refused() {
		for _, id := range dead {
			a.clearCookie(c, id, false)
		}
		a.Log.Info().Uint64("session", uint64(answer.Session.ID)).Str("method", c.Param("method")).Msg("signed in")
	}
	return a.replyMoved(c, answer)
}

// proves tells whether signing in by a method is a proof of who one is, and so a
// step-up. Another device's word is not: it may be this very one's.
func proves(method string) bool { return method != "pairing" }

// newKey is the key a request proves, for it to be bound. Errors:
// store.CodeSessionProofRequired, with a nonce, for a proof that is not valid.
func (a *API) newKey(c *gin.Context) (proof.Key, error) {
	r := a.request(c, machine.Ordinary)
	r.Value, r.Cookie = "", false // no session is shown yet
	key, ok := a.Sessions.NewKey(r)
	if !ok {
		return key, a.askNewKey(c)
	}
	return key, nil
}

// askNewKey asks for a proof of the key that is to be bound.
func (a *API) askNewKey(c *gin.Context) error {
	c.Header(api.HeaderNonce, a.Sessions.Nonce())
	return store.Errorf(store.CodeSessionProofRequired, api.HeaderProof, "prove the new key with this nonce and repeat")
}

// earlier is the session of this browser that a sign-in replaces, so that a
// shared computer does not collect them, and the ones that are of no use any
// more. Nobody's key is proven here: who has copied a bound session's value must
// not end it by signing in as somebody else.
func (a *API) earlier(c *gin.Context, who auth.Somebody, add bool) (ends store.SessionID, dead []store.SessionID, err error) {
	for i, one := range a.cookies(c) {
		found, generation, ok, err := a.Sessions.Shown(c.Request.Context(), one.value)
		if err != nil {
			return 0, nil, err
		}
		stands := a.Sessions.Standing(&found, generation).Code == "" // what is over ends nothing
		switch {
		case !ok || !found.Table.Active():
			dead = append(dead, one.id)
		case ends != 0:
		case found.UserID == who.UserID && who.UserID != 0,
			stands && i == 0 && !add && !found.Table.Bound(),
			stands && found.UserID == 0:
			ends = found.ID
			dead = append(dead, one.id)
		}
	}
	return ends, dead, nil
}

func clip(s string, limit int) string {
	for i := range s {
		if i >= limit {
			return s[:i]
		}
	}
	return s
}

// tokens are empty for browsers.
func (a *API) tokens(answer session.Answer) api.Tokens {
	if answer.Session.Table.Kind == machine.Browser {
		return api.Tokens{}
	}
	generation := answer.Generation
	if answer.Output.Hand != 0 {
		generation = answer.Output.Hand
	}
	token, life := a.Sessions.AccessToken(answer.Session, generation)
	return api.Tokens{Value: answer.Value, AccessToken: token, AccessExpiresInMs: life.Milliseconds()}
}

// verify is a step-up: the user of this session proves once more who they are.
func (a *API) verify(c *gin.Context) error {
	if !proves(c.Param("method")) {
		return store.Errorf(store.CodeMethodOff, "method", "this does not say who you are; take another way")
	}
	if _, err := a.sameUser(c, *device(c)); err != nil {
		return err
	}
	if err := a.Sessions.Verified(c.Request.Context(), device(c).ID); err != nil {
		return err
	}
	return noContent(c)
}

// sameUser asks a method for the user of a session, and returns how
// well the client keeps its key. Errors: store.CodeSignInFailed for another one,
// as for a wrong secret.
func (a *API) sameUser(c *gin.Context, d session.Session) (machine.Level, error) {
	var in api.Login
	if err := a.decodeLogin(c, &in); err != nil {
		return 0, err
	}
	from := a.from(c)
	from.SessionID, from.UserID = d.ID, d.UserID
	who, err := a.Auth.SignIn(c.Request.Context(), c.Param("method"), in, from)
	if err != nil {
		return 0, err
	}
	if who.UserID != d.UserID || who.UserID == 0 {
		return 0, store.Errorf(store.CodeSignInFailed, "", "this is not who the session belongs to")
	}
	return machine.Level(in.Level), nil
}

// rebind binds a session whose device key is lost to a new one, after a sign-in
// by its user.
func (a *API) rebind(c *gin.Context) error {
	r := a.request(c, machine.Rebind)
	shown, _, ok, err := a.Sessions.Shown(c.Request.Context(), r.Value)
	if err != nil {
		return err
	}
	if !ok || !shown.Table.Active() {
		answer, err := a.Sessions.Ask(c.Request.Context(), r) // to say which
		if err != nil {
			return err
		}
		return a.replyMoved(c, answer)
	}
	if shown.UserID == 0 { // before the method is asked: what is good once would be used up
		return store.Errorf(store.CodeAccountMissing, "", "this session has no account yet")
	}
	key, err := a.newKey(c)
	if err != nil {
		return err
	}
	if key.IsZero() {
		return a.askNewKey(c)
	}
	level, err := a.sameUser(c, shown)
	if err != nil {
		return err
	}
	answer, err := a.Sessions.Rebind(c.Request.Context(), r, key, level, proves(c.Param("method")))
	if err != nil {
		return err
	}
	return a.replyMoved(c, answer)
}

// replyMoved answers what made or moved a session: with it, and for programs its
// tokens, or with why not.
func (a *API) replyMoved(c *gin.Context, answer session.Answer) error {
	if !a.served(c, answer) {
		return nil
	}
	return a.replySignedIn(c, answer)
}

func (a *API) replySignedIn(c *gin.Context, answer session.Answer) error {
	view, err := a.session(c, answer.Session)
	if err != nil {
		return err
	}
	return reply(c, api.SignedIn{Session: view, Tokens: a.tokens(answer)})
}

// recoverSession lets a client go on that has lost an answer, or what it held.
func (a *API) recoverSession(c *gin.Context) error {
	var in api.Recover
	if err := decode(c, maxBody, &in); err != nil {
		return err
	}
	ask := machine.Recover
	switch {
	case in.KeyLost:
		ask = machine.KeyLost
	case in.ClaimID != "":
		ask = machine.RecoverClaimed
	}
	r := a.request(c, ask)
	r.Claim = in.ClaimID
	answer, err := a.Sessions.Ask(c.Request.Context(), r)
	if err != nil {
		return err
	}
	return a.replyMoved(c, answer)
}

// refresh gives a program an access token, and the next value when it is due.
func (a *API) refresh(c *gin.Context) error {
	answer, err := a.Sessions.Ask(c.Request.Context(), a.request(c, machine.Ordinary))
	if err != nil {
		return err
	}
	if !a.served(c, answer) {
		return nil
	}
	return reply(c, a.tokens(answer))
}

// postTokens makes a session for a script of this user. It has no key: who has
// its value has the session, which is why it takes a step-up.
func (a *API) postTokens(c *gin.Context) error {
	var in api.NewToken
	if err := decode(c, maxBody, &in); err != nil {
		return err
	}
	if err := a.stepUp(c); err != nil {
		return err
	}
	credential, err := a.Store.Credential(c.Request.Context(), device(c).UserID)
	if err != nil {
		return err
	}
	answer, err := a.Sessions.SignIn(c.Request.Context(), session.SignIn{
		UserID: device(c).UserID, Revision: credential.Revision, Method: "token", Parent: device(c).ID,
		Client: session.Client{Kind: machine.Token, Name: auth.Shown(in.Name), Network: household.Network(c.ClientIP())},
	})
	if err != nil {
		return err
	}
	return a.replySignedIn(c, answer) // not delivered: the header is for the value of the session that asks
}

// logout ends the session. It is the one answer besides a sign-in that takes a
// cookie away.
func (a *API) logout(c *gin.Context) error {
	r := a.request(c, machine.SignOut)
	answer, err := a.Sessions.Ask(c.Request.Context(), r)
	if err != nil {
		return err
	}
	if !a.served(c, answer) {
		return nil
	}
	if r.Cookie {
		a.clearCookie(c, answer.Session.ID, len(a.cookies(c)) == 1)
	}
	return noContent(c)
}
