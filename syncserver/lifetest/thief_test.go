package lifetest

import (
	"crypto/ed25519"
	"fmt"
	"net/http"
	"strings"
	"time"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/proof"
)

// thief has copied the newest value of a session once, and uses it when it
// pleases him. Of the device's key he has nothing.
type thief struct {
	*owner
	session store.SessionID
	value   string
	claim   string
	uses    int
	gone    bool
	signer  *proof.Signer
}

// rob lets a thief come once, and again after that one is through.
func (w *world) rob(o *owner) {
	w.after(w.within(40*day), func() {
		if w.broken != "" {
			return
		}
		if w.now().Sub(o.since) > o.absolute-50*day || o.value() == "" { // what is over by itself tells nobody
			w.rob(o)
			return
		}
		o.settle()
		o.robbedAt, o.noticed = w.now(), false
		t := &thief{owner: o, session: o.session, value: o.value(), uses: 1 + w.rand.IntN(8)}
		w.tell("a thief copies generation %d of %s", generation(t.value), o.name)
		if w.variant.trusts {
			t.signer = o.signer
		} else {
			t.signer, _ = proof.NewEd25519(make([]byte, ed25519.SeedSize)) // the length is right
		}
		w.after(t.patience(), t.use)
		w.after(35*day, func() { t.gone = true; w.rob(o) })
	})
}

func (t *thief) patience() time.Duration {
	switch t.w.rand.IntN(3) {
	case 0:
		return t.w.within(time.Minute)
	case 1:
		return t.w.within(time.Hour)
	default:
		return t.w.within(5 * day)
	}
}

// use is one attempt.
func (t *thief) use() {
	if t.gone || t.w.broken != "" || t.owner.session != t.session || t.uses == 0 {
		return
	}
	t.uses--
	if t.bound() {
		t.tryAll()
	} else {
		t.goOn()
	}
	t.w.after(t.patience(), t.use)
}

func (t *thief) request(method, path, body string) *http.Request {
	req := t.w.request(method, path, body)
	if strings.Contains(t.name, "browser") {
		name := fmt.Sprintf("inglenook-%s-%d", t.w.instance, t.session)
		req.AddCookie(&http.Cookie{Name: name, Value: t.value})
	} else {
		req.Header.Set("Authorization", "Bearer "+t.value)
	}
	return req
}

// tryAll tries whatever there is, on a session with a key.
func (t *thief) tryAll() {
	w := t.w
	req := []*http.Request{
		t.request("GET", "/api/auth/session", ""), t.request("POST", "/api/auth/refresh", "{}"), t.request("POST", "/api/auth/recover", "{}"),
		t.request("POST", "/api/auth/recover", fmt.Sprintf(`{"claimId":"%d"}`, generation(t.value)+1)),
		t.request("POST", "/api/auth/recover", `{"keyLost":true}`), t.request("POST", "/api/auth/logout", "{}"),
		t.request("DELETE", "/api/auth/sessions", ""), t.request("POST", "/api/auth/tokens", `{"name":"mine"}`),
	}[w.rand.IntN(8)]
	if w.chance(2) {
		nonce := w.serve("the thief", w.request("GET", "/api/auth/methods", "")).header.Get(api.HeaderNonce)
		shown := ""
		if req.Header.Get("Authorization") != "" {
			shown = proof.ValueHash(t.value)
		}
		signed, err := t.signer.Sign(proof.Claims{Method: req.Method, Path: req.URL.Path, Audience: w.instance, Nonce: nonce, ValueHash: shown}, w.chance(2))
		if err != nil {
			w.t.Fatal(err)
		}
		req.Header.Set(api.HeaderProof, signed)
	}
	a := w.serve("the thief of "+t.name, req)
	if a.value != "" {
		w.fail("a thief is handed generation %d of %s", a.handed, t.name)
	}
	reads := req.Method == http.MethodGet || req.URL.Path == "/api/auth/refresh" || req.URL.Path == "/api/auth/recover" // while his copy is good
	if !reads && a.status/100 == 2 {
		w.fail("a thief of %s is answered %d to %s %s", t.name, a.status, req.Method, req.URL.Path)
	}
}

// goOn uses a session without a key as its owner would.
func (t *thief) goOn() {
	req := t.request("GET", "/api/auth/session", "")
	if t.claim != "" {
		req = t.request("POST", "/api/auth/recover", fmt.Sprintf(`{"claimId":%q}`, t.claim))
		t.claim = ""
	}
	shown := generation(t.value)
	a := t.w.serve("the thief of "+t.name, req)
	if a.status == http.StatusOK && req.Method == http.MethodGet && !t.handed[shown] {
		t.illicit = true
		t.w.tell("that is a theft of %s", t.name)
	}
	if a.value != "" {
		t.value = a.value
	}
	switch {
	case a.problem.Code == store.CodeSessionClaimOpen:
		t.claim = a.problem.ClaimID
	case a.problem.Code == store.CodeSessionSuperseded && a.value == "" && t.w.chance(2):
		if a := t.w.serve("the thief of "+t.name, t.request("POST", "/api/auth/recover", "{}")); a.problem.Code == store.CodeSessionClaimOpen {
			t.claim = a.problem.ClaimID
			t.w.after(12*time.Second, t.goOn)
		}
	}
}
