package httpapi

import (
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/household"
	"inglenook/syncserver/api"
	"inglenook/syncserver/session"
	"inglenook/syncserver/session/machine"

	"github.com/gin-gonic/gin"
)

// What a request leaves for its handler: what the table said to it, and its body
// where that was read before.
const (
	answerKey = "answer"
	bodyKey   = "body"
)

// known recognises the session of a request, or answers with why not. It may
// have no user yet.
//
// It also reads the body, and judges the session once more when it is there: a
// body may take a minute, and meanwhile the session can end. So everything a
// handler asks of the session, and of what its user may do, is asked behind the
// body.
func (a *API) known(limit int64) gin.HandlerFunc {
	return func(c *gin.Context) {
		answer, err := a.recognise(c)
		if err != nil {
			a.fail(c, err)
			return
		}
		if !a.served(c, answer) {
			return
		}
		c.Set(answerKey, &answer)
		if c.Request.ContentLength == 0 {
			return
		}
		body, err := readBody(c, limit)
		if err != nil {
			// Who is still sending does not hear the answer.
			_, _ = io.CopyN(io.Discard, c.Request.Body, limit)
			a.fail(c, err)
			return
		}
		c.Set(bodyKey, body)
		if answer, err = a.judgeAgain(c); err != nil {
			a.fail(c, err)
			return
		}
		if answer.Refused() {
			a.refuse(c, answer)
			return
		}
		c.Set(answerKey, &answer)
	}
}

// signedIn is known for a session that has a user of the household.
func (a *API) signedIn(limit int64) gin.HandlerFunc {
	known := a.known(limit)
	return func(c *gin.Context) {
		known(c)
		if c.IsAborted() {
			return
		}
		d := device(c)
		if d.UserID == 0 {
			a.fail(c, store.Errorf(store.CodeAccountMissing, "", "this session has no account yet"))
			return
		}
		if err := a.belongs(d.UserID); err != nil {
			a.fail(c, err)
		}
	}
}

// spare bounds what a session writes that is nobody's yet.
func (a *API) spare(c *gin.Context) {
	if d := device(c); d.UserID == 0 && c.Request.Method != http.MethodGet {
		if err := a.Auth.MayWrite(d.ID, c.ClientIP()); err != nil {
			a.fail(c, err)
		}
	}
}

// belongs tells whether a user is still of the household.
func (a *API) belongs(user store.ID) error {
	if _, ok := a.Store.Sight().Person(user); !ok {
		return store.Errorf(store.CodeSessionEnded, "", "this user is no longer part of the household")
	}
	return nil
}

// stillStands tells whether the session of a request that has waited is as good
// as it was. Errors: those of a session that has ended meanwhile.
func (a *API) stillStands(c *gin.Context) error {
	answer, err := a.judgeAgain(c)
	if err != nil {
		return err
	}
	if err := answer.Err(); err != nil {
		return err
	}
	return a.belongs(answer.Session.UserID)
}

// stillLives is stillStands for an answer that takes long: it was asked for with a
// value that was good, and the session may have gone on to another since.
func (a *API) stillLives(c *gin.Context) error {
	answer, err := a.judgeAgain(c)
	if err != nil {
		return err
	}
	if err := answer.Err(); err != nil && store.CodeOf(err) != store.CodeSessionSuperseded {
		return err
	}
	return a.belongs(answer.Session.UserID)
}

// judgeAgain is what the table says to the request now: of the session as it has
// become, and the value that was shown or, where one was, handed out. It moves
// nothing.
func (a *API) judgeAgain(c *gin.Context) (session.Answer, error) {
	answer := *answered(c)
	d, ok, err := a.Sessions.Session(c.Request.Context(), answer.Session.ID)
	if err != nil {
		return answer, err
	}
	if !ok {
		return answer, store.Errorf(store.CodeSessionInvalid, "", "this session is not known here")
	}
	answer.Session = d
	if out := a.Sessions.Standing(&d, max(answer.Generation, answer.Output.Hand)); out.Code != "" {
		answer.Output = out
	}
	return answer, nil
}

// recognise finds the session of a request.
func (a *API) recognise(c *gin.Context) (session.Answer, error) {
	r := a.request(c, machine.Ordinary)
	if !r.Cookie && r.Value != "" && !session.IsValue(r.Value) {
		return a.Sessions.Open(c.Request.Context(), r)
	}
	return a.Sessions.Ask(c.Request.Context(), r)
}

// request is what the session is asked. Its value comes in a header for
// programs, in a cookie for pages; never in the address.
func (a *API) request(c *gin.Context, ask machine.Request) session.Request {
	r := session.Request{
		Ask: ask, Proof: c.GetHeader(api.HeaderProof), Method: c.Request.Method, Path: c.Request.URL.Path,
		Network: household.Network(c.ClientIP()),
	}
	if value, found := strings.CutPrefix(c.GetHeader("Authorization"), "Bearer "); found {
		r.Value = value
	} else if cookies := a.cookies(c); len(cookies) > 0 {
		r.Value, r.Cookie = cookies[0].value, true
	}
	return r
}

// served delivers an answer and refuses when it says so.
func (a *API) served(c *gin.Context, answer session.Answer) bool {
	a.deliver(c, answer)
	if answer.Refused() {
		a.refuse(c, answer)
		return false
	}
	return true
}

// deliver hands out what the table gives with an answer, also with a refusal:
// the next value, a nonce, a mark. It never takes a value away.
func (a *API) deliver(c *gin.Context, answer session.Answer) {
	if answer.Output.Mark != "" {
		c.Header(api.HeaderSession, string(answer.Output.Mark))
	}
	if answer.Nonce != "" {
		c.Header(api.HeaderNonce, answer.Nonce)
	}
	if answer.Value == "" {
		return
	}
	c.Header("Cache-Control", "no-store")
	if d := answer.Session; d.Table.Kind == machine.Browser {
		// Never less than a day: what has a value is not over, whatever the clock says.
		left := d.Table.AbsoluteExpiresAt.Time().Sub(a.Sessions.Now().Time())
		a.setCookie(c, d.ID, answer.Value, max(left, 24*time.Hour))
	} else {
		c.Header(api.HeaderValue, answer.Value)
	}
}

// refuse answers with the problem of a session. Who shows what is not ours is not
// slowed down: a MAC of 256 bits is not guessed, and others behind the same
// address have to hear that their session is gone.
func (a *API) refuse(c *gin.Context, answer session.Answer) {
	out := answer.Output
	if out.Counted {
		a.meters.unknown.Inc()
	}
	p := api.ProblemOf(answer.Err())
	p.RetryAfterMs, p.Reason = int(out.RetryAfter.Milliseconds()), string(out.Reason)
	if out.Claim != 0 {
		p.ClaimID = strconv.FormatUint(out.Claim, 10)
	}
	if out.Code == machine.CodeTaken {
		p.At, p.Network = out.At, answer.Session.Network
	}
	a.answer(c, p)
}

// proven refuses on a session with a key what does not come with a proof of it:
// a copied value alone must not be enough.
func (a *API) proven(c *gin.Context) error {
	answer := answered(c)
	if answer.Session.Table.Bound() && answer.Proof != machine.ValidProof {
		c.Header(api.HeaderNonce, a.Sessions.Nonce())
		return store.Errorf(store.CodeSessionProofRequired, "", "prove the device key and repeat")
	}
	return nil
}

// stepUp refuses what needs a fresh proof of who somebody is, besides that of
// the key.
func (a *API) stepUp(c *gin.Context) error {
	if err := a.proven(c); err != nil {
		return err
	}
	if a.Sessions.StepUpLeft(answered(c).Session) == 0 {
		return store.Errorf(store.CodeStepUpRequired, "", "verify who you are, then repeat")
	}
	return nil
}

// letsIn refuses what would let somebody in as the user of this session to
// whoever may only have copied its value.
func (a *API) letsIn(c *gin.Context) error {
	if answered(c).Session.Table.Bound() {
		return a.proven(c)
	}
	return a.stepUp(c)
}

// answered is what the table said to the request.
func answered(c *gin.Context) *session.Answer { return c.MustGet(answerKey).(*session.Answer) }

// device is the session of the request.
func device(c *gin.Context) *session.Session { return &answered(c).Session }

// by is who asks, for what is done to other sessions.
func (a *API) by(c *gin.Context) session.By {
	d := device(c)
	return session.By{Author: store.Author{UserID: d.UserID, SessionID: d.ID}, Network: household.Network(c.ClientIP())}
}

// person is who asks, with the level of now.
func (a *API) person(c *gin.Context) access.Person {
	p, _ := a.Store.Sight().Person(device(c).UserID)
	return p
}

// encrypted tells whether the client's connection is, as far as we know: to here,
// or to a trusted proxy that says so.
func (a *API) encrypted(c *gin.Context) bool {
	if c.Request.TLS != nil {
		return true
	}
	peer, err := netip.ParseAddr(c.RemoteIP())
	trusted := err == nil && slices.ContainsFunc(a.proxies, func(p netip.Prefix) bool { return p.Contains(peer.Unmap()) })
	return trusted && c.GetHeader("X-Forwarded-Proto") == "https"
}
