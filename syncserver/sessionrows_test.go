package syncserver_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/servertest"
)

// dueAfter is when a rotation is due for certain, and a proof for a session with
// a key.
const dueAfter = 17 * time.Minute

// row is a row of the table in session/machine, or a case of one, as a request.
type row struct {
	name   string
	before func(*device) // what led there from a sign-in
	ask    func(*device) reply

	status int
	code   store.Code
	hand   uint64 // the generation whose value comes with the answer
	mark   string
	nonce  bool
	audit  []string // what is recorded
	stored kept
}

// The states a session may be in, each on the way to the next.

func inUse(d *device) {
	d.server.Clock.Advance(time.Second)
	d.ask(1)
}

func rotated(d *device) {
	inUse(d)
	d.server.Clock.Advance(dueAfter)
	d.askProven(1)
}

func movedOn(d *device) {
	rotated(d)
	d.server.Clock.Advance(time.Second)
	d.ask(2)
}

// later lets time pass after something.
func later(before func(*device), wait time.Duration) func(*device) {
	return func(d *device) {
		if before != nil {
			before(d)
		}
		d.server.Clock.Advance(wait)
	}
}

func plain(generation uint64) func(*device) reply {
	return func(d *device) reply { return d.ask(generation) }
}

func proven(generation uint64) func(*device) reply {
	return func(d *device) reply { return d.askProven(generation) }
}

func recovering(generation uint64, body string) func(*device) reply {
	return func(d *device) reply { return d.post("/api/auth/recover", body, generation, nil) }
}

func recoveringProven(generation uint64) func(*device) reply {
	return func(d *device) reply { return d.post("/api/auth/recover", "{}", generation, d.signer) }
}

// staleProof is one whose nonce was good for a minute.
func staleProof(d *device, generation uint64) reply {
	req := d.request("POST", "/api/auth/recover", "{}", generation)
	nonce := d.nonce()
	d.server.Clock.Advance(time.Minute)
	return d.send(d.proveWith(req, d.signer, nonce, d.values[generation], false))
}

// run takes a row with a browser and with a program.
func (r row) run(t *testing.T, bound bool) {
	t.Helper()
	for _, browser := range []bool{true, false} {
		t.Run(fmt.Sprintf("%s, browser %v", r.name, browser), func(t *testing.T) {
			s := servertest.Start(t, servertest.Options{})
			d := signIn(t, s, "Ben", browser, bound)
			if r.before != nil {
				r.before(d)
			}
			_, newest := d.audited(0)
			got := r.ask(d)
			if got.StatusCode != r.status || got.problem.Code != r.code {
				t.Errorf("answered %d %q: %s; want %d %q", got.StatusCode, got.problem.Code, got.body, r.status, r.code)
			}
			if got.handed != r.hand || got.Header.Get(api.HeaderSession) != r.mark || (got.Header.Get(api.HeaderNonce) != "") != r.nonce {
				t.Errorf("handed %d, marked %q, nonce %q; want %d, %q, %v",
					got.handed, got.Header.Get(api.HeaderSession), got.Header.Get(api.HeaderNonce), r.hand, r.mark, r.nonce)
			}
			if r.hand != 0 && got.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("an answer with a value may be kept: %q", got.Header.Get("Cache-Control"))
			}
			if audit, _ := d.audited(newest); !slices.Equal(audit, r.audit) {
				t.Errorf("recorded %q, want %q", audit, r.audit)
			}
			if stored := d.kept(); stored != r.stored {
				t.Errorf("stored %+v, want %+v", stored, r.stored)
			}
		})
	}
}

// The rows of a session without a key, as requests.
func TestRowsWithoutKey(t *testing.T) {
	superseded := store.CodeSessionSuperseded
	claimed := func(d *device) {
		movedOn(d)
		d.server.Clock.Advance(time.Minute)
		recovering(1, "{}")(d)
		d.server.Clock.Advance(11 * time.Second)
	}
	for _, r := range []row{
		{name: "4 the first use", ask: plain(1), status: 200, audit: []string{"session.first-use"}, stored: kept{Head: 1, Used: true}},
		{name: "4", before: inUse, ask: plain(1), status: 200, stored: kept{Head: 1, Used: true}},
		{
			name: "5", before: later(inUse, dueAfter), ask: plain(1), status: 200,
			hand: 2, mark: "rotated", audit: []string{"session.rotated"}, stored: kept{Head: 2, Late: 1},
		},
		{
			name: "8 the head unused", before: later(rotated, 9*time.Second), ask: plain(1), status: 200,
			hand: 2, mark: "rotated", stored: kept{Head: 2, Late: 1},
		},
		{name: "8 the head in use", before: movedOn, ask: plain(1), status: 200, stored: kept{Head: 2, Used: true, Late: 1}},
		{
			name: "9", before: later(rotated, 10*time.Second), ask: plain(1), status: 401, code: superseded,
			hand: 2, stored: kept{Head: 2, Late: 1},
		},
		{
			name: "9 recovering", before: later(rotated, 9*time.Hour), ask: recovering(1, "{}"), status: 401, code: superseded,
			hand: 2, stored: kept{Head: 2, Late: 1},
		},
		{
			name: "10", before: later(movedOn, 10*time.Second), ask: plain(1), status: 401, code: superseded,
			stored: kept{Head: 2, Used: true, Late: 1},
		},
		{
			name: "10 signing out", before: later(movedOn, time.Minute), status: 401, code: superseded,
			ask:    func(d *device) reply { return d.post("/api/auth/logout", "{}", 1, nil) },
			stored: kept{Head: 2, Used: true, Late: 1},
		},
		{
			name: "11", before: later(movedOn, time.Minute), status: 401, code: store.CodeSessionClaimOpen,
			ask: func(d *device) reply {
				r := recovering(1, "{}")(d)
				if r.problem.ClaimID != "2" || r.problem.RetryAfterMs != 11_000 || r.Header.Get("Retry-After") != "11" {
					d.t.Errorf("the claim is %+v", r.problem)
				}
				return r
			},
			audit: []string{"session.claim"}, stored: kept{Head: 2, Used: true, Late: 1, Claim: 1},
		},
		{
			name: "12 too early", status: 401, code: store.CodeSessionClaimOpen,
			before: later(claimed, -time.Second),
			ask: func(d *device) reply {
				r := recovering(1, `{"claimId":"2"}`)(d)
				if r.problem.RetryAfterMs != 1000 {
					d.t.Errorf("to wait are %d ms", r.problem.RetryAfterMs)
				}
				return r
			},
			stored: kept{Head: 2, Used: true, Late: 1, Claim: 1},
		},
		{
			name: "12", before: claimed, status: 200, hand: 3,
			ask: func(d *device) reply {
				r := recovering(1, `{"claimId":"2"}`)(d)
				d.told("maybe-taken", d.id)
				return r
			},
			audit: []string{"session.recovered"}, stored: kept{Head: 3, Late: 1},
		},
		{
			name: "13 another claim", before: claimed, ask: recovering(1, `{"claimId":"1"}`), status: 401, code: superseded,
			stored: kept{Head: 2, Used: true, Late: 1, Claim: 1},
		},
		{
			name: "13 a claim that is none", before: claimed, ask: recovering(1, `{"claimId":"two"}`), status: 401, code: superseded,
			stored: kept{Head: 2, Used: true, Late: 1, Claim: 1},
		},
		{
			name: "13 its life is over", before: later(claimed, 2*time.Minute), ask: recovering(1, `{"claimId":"2"}`), status: 401, code: superseded,
			stored: kept{Head: 2, Used: true, Late: 1, Claim: 1},
		},
		{
			name: "14", status: 401, code: store.CodeSessionTaken, audit: []string{"session.taken"},
			before: func(d *device) {
				movedOn(d)
				d.server.Clock.Advance(2 * time.Minute)
				d.ask(2) // late
				recovering(1, "{}")(d)
				d.server.Clock.Advance(11 * time.Second)
			},
			ask: func(d *device) reply {
				other := signIn(d.t, d.server, "Ben", true, true)
				r := recovering(1, `{"claimId":"2"}`)(d)
				since := store.TimestampOf(servertest.Begin.Add(time.Second + dueAfter))
				if r.problem.At != since || r.problem.Network != "127.0.0.0/24" || r.problem.Reason != "taken" {
					d.t.Errorf("the owner is told %+v", r.problem)
				}
				other.told("taken", d.id)
				if again := d.ask(2); again.problem.Code != store.CodeSessionTaken || again.problem.At != since {
					d.t.Errorf("and whoever has it: %s", again.body)
				}
				return r
			},
			stored: kept{Head: 2, Used: true, Late: 2, End: "taken"},
		},
		{
			name: "17 idle", before: func(d *device) { inUse(d); d.passDays(14) }, status: 401, code: store.CodeSessionExpired,
			ask: func(d *device) reply {
				r := d.ask(1)
				if r.problem.Reason != "expired" {
					d.t.Errorf("the reason is %q", r.problem.Reason)
				}
				return r
			},
			audit: []string{"session.expired"}, stored: kept{Head: 1, Used: true, End: "expired"},
		},
		{
			name: "18", before: inUse, status: 204,
			ask: func(d *device) reply {
				r := d.post("/api/auth/logout", "{}", 1, nil)
				cleared := 0
				for _, c := range r.Cookies() {
					if c.MaxAge < 0 && c.Value == "" {
						cleared++
					}
				}
				if d.browser && cleared != 2 {
					d.t.Errorf("signed out with the cookies %v", r.Cookies())
				}
				if again := d.ask(1); again.problem.Code != store.CodeSessionEnded || again.problem.Reason != "signed-out" {
					d.t.Errorf("then %s", again.body)
				}
				return r
			},
			audit: []string{"session.ended"}, stored: kept{Head: 1, Used: true, End: "signed-out"},
		},
	} {
		r.run(t, false)
	}
}

// passDays lets days pass on a server that looks at its clock.
func (d *device) passDays(n int) {
	for range n {
		d.server.Clock.Advance(24 * time.Hour)
		d.ask(0)
	}
}

// told asserts the one notice of a session.
func (d *device) told(kind string, about store.SessionID) {
	d.t.Helper()
	stored, _, err := d.server.Store().Session(d.t.Context(), d.id)
	if err != nil {
		d.t.Fatal(err)
	}
	if n := stored.Notices; len(n) != 1 || n[0].Kind != kind || n[0].SessionID != about || n[0].Network != "127.0.0.0/24" {
		d.t.Errorf("told is %+v, want %s about %d", n, kind, about)
	}
}

// The rows of a session with a key, as requests.
func TestRowsWithKey(t *testing.T) {
	superseded, required := store.CodeSessionSuperseded, store.CodeSessionProofRequired
	for _, r := range []row{
		{name: "4 the first use", ask: plain(1), status: 200, audit: []string{"session.first-use"}, stored: kept{Head: 1, Used: true, Level: 2}},
		{name: "4 a proof is no matter", before: inUse, ask: proven(1), status: 200, stored: kept{Head: 1, Used: true, Level: 2}},
		{
			name: "5", before: later(inUse, 12*time.Minute), ask: proven(1), status: 200,
			hand: 2, mark: "rotated", audit: []string{"session.rotated"}, stored: kept{Head: 2, Late: 1, Level: 2},
		},
		{
			name: "5 past the grace", before: later(inUse, dueAfter), ask: proven(1), status: 200,
			hand: 2, mark: "rotated", audit: []string{"session.rotated"}, stored: kept{Head: 2, Late: 1, Level: 2},
		},
		{
			name: "6", before: later(inUse, 12*time.Minute), ask: plain(1), status: 200,
			mark: "rotate-due", nonce: true, stored: kept{Head: 1, Used: true, Late: 1, Level: 2},
		},
		{
			name: "7", before: later(inUse, dueAfter), ask: plain(1), status: 401, code: required,
			nonce: true, stored: kept{Head: 1, Used: true, Level: 2},
		},
		{
			name: "7 then proven with its nonce", before: later(inUse, dueAfter), status: 200,
			ask: func(d *device) reply {
				nonce := d.ask(1).Header.Get(api.HeaderNonce)
				return d.send(d.proveWith(d.request("GET", "/api/auth/session", "", 1), d.signer, nonce, d.values[1], false))
			},
			hand: 2, mark: "rotated", audit: []string{"session.rotated"}, stored: kept{Head: 2, Late: 1, Level: 2},
		},
		{
			name: "8 no proof", before: later(rotated, 9*time.Second), ask: plain(1), status: 200, stored: kept{Head: 2, Late: 1, Level: 2},
		},
		{
			name: "8 with proof", before: later(rotated, 9*time.Second), ask: proven(1), status: 200,
			hand: 2, mark: "rotated", stored: kept{Head: 2, Late: 1, Level: 2},
		},
		{
			name: "10 although proven", before: later(rotated, 10*time.Second), ask: proven(1), status: 401, code: superseded,
			nonce: true, stored: kept{Head: 2, Late: 1, Level: 2},
		},
		{
			name: "15 the head unused", before: later(rotated, time.Hour), ask: recoveringProven(1), status: 200,
			hand: 2, stored: kept{Head: 2, Late: 1, Level: 2},
		},
		{
			name: "15 the head in use", before: later(movedOn, time.Hour), ask: recoveringProven(1), status: 200,
			hand: 3, audit: []string{"session.recovered"}, stored: kept{Head: 3, Late: 1, Level: 2},
		},
		{
			name: "16 stale", before: later(movedOn, time.Hour), status: 401, code: required,
			ask:   func(d *device) reply { return staleProof(d, 1) },
			nonce: true, stored: kept{Head: 2, Used: true, Late: 1, Level: 2},
		},
		{
			name: "16 no proof", before: later(movedOn, time.Hour), status: 401, code: store.CodeSessionDenied,
			ask: func(d *device) reply {
				r := recovering(1, "{}")(d)
				d.told("denied", d.id)
				return r
			},
			nonce: true, audit: []string{"session.denied"}, stored: kept{Head: 2, Used: true, Late: 1, Level: 2, Denied: 1},
		},
		{
			name: "16 another key", before: later(movedOn, time.Hour), status: 401, code: store.CodeSessionDenied,
			ask:   func(d *device) reply { return d.post("/api/auth/recover", "{}", 1, newSigner(d.t)) },
			nonce: true, audit: []string{"session.denied"}, stored: kept{Head: 2, Used: true, Late: 1, Level: 2, Denied: 1},
		},
		{
			name: "18 no proof", before: inUse, status: 401, code: required,
			ask:   func(d *device) reply { return d.post("/api/auth/logout", "{}", 1, nil) },
			nonce: true, stored: kept{Head: 1, Used: true, Level: 2},
		},
		{
			name: "18", before: inUse, status: 204,
			ask:   func(d *device) reply { return d.post("/api/auth/logout", "{}", 1, d.signer) },
			audit: []string{"session.ended"}, stored: kept{Head: 1, Used: true, Level: 2, End: "signed-out"},
		},
		{
			name: "18 revoked by another device", before: inUse, status: 401, code: store.CodeSessionEnded,
			ask: func(d *device) reply {
				other := signIn(d.t, d.server, "Ben", false, true)
				path := "/api/auth/sessions/" + strconv.FormatUint(uint64(d.id), 10)
				if r := other.send(other.request("DELETE", path, "", 1)); r.problem.Code != required {
					d.t.Errorf("without a proof: %d %s", r.StatusCode, r.body)
				}
				req := other.request("DELETE", path, "", 1)
				if r := other.send(other.prove(req, other.signer, other.values[1], false)); r.StatusCode != http.StatusNoContent {
					d.t.Errorf("revoked with %d %s", r.StatusCode, r.body)
				}
				r := d.askProven(1)
				if r.problem.Reason != "revoked" {
					d.t.Errorf("the reason is %q", r.problem.Reason)
				}
				return r
			},
			audit: []string{"session.ended"}, stored: kept{Head: 1, Used: true, Level: 2, End: "revoked"},
		},
		{
			name: "20 the key is lost", before: later(movedOn, time.Hour), ask: recovering(1, `{"keyLost":true}`),
			status: 401, code: store.CodeSessionReverify, nonce: true, stored: kept{Head: 2, Used: true, Late: 1, Level: 2},
		},
		{
			name: "20 a factor succeeds", before: later(movedOn, time.Hour), status: 200,
			ask: func(d *device) reply {
				signer := newSigner(d.t)
				req := d.request("POST", "/api/auth/rebind/demo", `{"name":"Ben","level":1}`, 1)
				r := d.send(d.prove(req, signer, "", true))
				d.told("rebound", d.id)
				if old := d.post("/api/auth/logout", "{}", 3, d.signer); old.problem.Code != required {
					d.t.Errorf("with the old key: %s", old.body)
				}
				return r
			},
			hand: 3, nonce: true, audit: []string{"session.rebound"}, stored: kept{Head: 3, Late: 1, Level: 1},
		},
		{
			name: "20 a factor of somebody else", before: inUse, status: 401, code: store.CodeSignInFailed,
			ask: func(d *device) reply {
				req := d.request("POST", "/api/auth/rebind/demo", `{"name":"Leo","level":1}`, 1)
				return d.send(d.prove(req, newSigner(d.t), "", true))
			},
			stored: kept{Head: 1, Used: true, Level: 2},
		},
		{
			name: "20 no new key", before: inUse, status: 401, code: required, nonce: true,
			ask:    func(d *device) reply { return d.post("/api/auth/rebind/demo", `{"name":"Ben"}`, 1, nil) },
			stored: kept{Head: 1, Used: true, Level: 2},
		},
	} {
		r.run(t, true)
	}
}
