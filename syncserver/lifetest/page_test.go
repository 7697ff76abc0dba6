package lifetest

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/proof"
	"inglenook/syncserver/session/machine"

	"github.com/go-json-experiment/json"
)

// Times of a network and a browser.
const (
	longestWay = 30 * time.Second // a message that takes longer is lost
	patience   = 8 * time.Second  // then a tab asks again
	flushed    = 30 * time.Second // within it a cookie is on disk
)

// page is a browser: tabs that share a jar with one cookie, on a device whose
// clock is wrong and goes at a speed of its own.
type page struct {
	*owner
	jar     string
	expires float64 // seconds on its own clock, when the jar forgets the cookie
	disk    string
	speed   float64 // of its clock
	offset  float64 // seconds
	due     float64 // on its clock, when it asks for the next value by itself
	life    int     // counts the crashes: who waited before one is gone
}

func (w *world) newPage(name, user string, bound bool) *page {
	p := &page{owner: w.newOwner(name, user, machine.Browser, bound)}
	p.speed, p.offset = 0.5+0.51*w.rand.Float64(), (w.rand.Float64()-0.5)*20*365*86400
	p.owner.signIn = p.signIn
	p.value = func() string { return p.jar }
	p.owner.act = p.act
	p.signIn()
	w.after(w.within(day), p.live)
	return p
}

// own is the time on the device's clock, in seconds.
func (p *page) own() float64 { return p.offset + p.speed*p.w.now().Sub(begin).Seconds() }

func (p *page) signIn() {
	body := fmt.Sprintf(`{"name":%q,"kind":"browser","level":2,"device":%q}`, p.user, p.name)
	req := p.w.request("POST", "/api/auth/login/demo", body)
	if p.signer != nil {
		p.prove(req, p.nonce(), true)
	}
	a := p.w.serve(p.name, req)
	var in api.SignedIn
	if err := json.Unmarshal(a.body, &in); err != nil || a.status != http.StatusOK || a.value == "" {
		p.w.fail("%s cannot sign in: %d %s", p.name, a.status, a.body)
		return
	}
	p.begins(in.Session.ID, a.value)
	p.keep(a)
	p.disk = p.jar
	p.due = p.own() + float64(in.Session.RotatesInMs)/1000
}

func (p *page) nonce() string {
	return p.w.serve(p.name, p.w.request("GET", "/api/auth/methods", "")).header.Get(api.HeaderNonce)
}

func (p *page) prove(req *http.Request, nonce string, register bool) {
	signed, err := p.signer.Sign(proof.Claims{Method: req.Method, Path: req.URL.Path, Audience: p.w.instance, Nonce: nonce}, register)
	if err != nil {
		p.w.t.Fatal(err)
	}
	req.Header.Set(api.HeaderProof, signed)
}

// keep puts a cookie into the jar, which reaches the disk some time later.
func (p *page) keep(a answer) {
	if a.value == "" {
		return
	}
	p.jar, p.expires = a.value, p.own()+a.maxAge.Seconds()
	life, value := p.life, a.value
	p.w.after(p.w.within(flushed), func() {
		if p.life == life && p.jar == value {
			p.disk = value
		}
	})
}

// cookie is what the jar has; it forgets by the device's clock.
func (p *page) cookie() string {
	if p.own() >= p.expires {
		p.jar, p.disk = "", ""
	}
	return p.jar
}

// crash ends all tabs. What they have sent goes on.
func (p *page) crash() {
	p.w.counts.crashes++
	p.w.tell("%s crashes, generation %d becomes %d", p.name, generation(p.jar), generation(p.disk))
	p.life++
	p.jar = p.disk
}

// act is a few tabs asking for things for a while, perhaps with a crash.
func (p *page) act() {
	if p.cookie() == "" {
		p.forgotten()
		return
	}
	if p.own() >= p.due && p.w.chance(2) {
		p.w.after(0, func() { p.send(&errand{method: "POST", path: "/api/auth/refresh", body: "{}", prove: true}) })
	}
	spread := p.w.between(2*time.Second, 25*time.Minute)
	for range 1 + p.w.rand.IntN(5) {
		at := p.w.within(spread)
		if p.w.chance(3) {
			at = spread // together
		}
		p.w.after(at, func() { p.send(&errand{method: "GET", path: "/api/auth/session"}) })
	}
	if p.w.chance(25) {
		p.w.after(p.w.within(spread+time.Minute), func() {
			p.crash()
			if p.w.chance(2) {
				p.w.after(p.w.within(20*time.Second), p.act)
			}
		})
	}
}

// forgotten is called when the jar is empty. A cookie lasts as long as its
// session may, by a clock that goes a little too fast.
func (p *page) forgotten() {
	if age := p.w.now().Sub(p.since); age < p.absolute*98/100 {
		p.w.fail("%s has forgotten its cookie after %s", p.name, age)
		return
	}
	p.w.counts.limits++
	p.settle()
	p.signIn()
}

// errand is what a tab wants, until it has it.
type errand struct {
	method, path, body string
	prove              bool
	shown              string // the value it was last sent with
	nonce              string
	life               int
	tries, waits       int
	then               *errand // what is to be done after a recovery
	done               bool    // answered, or given up
}

// send sends an errand over a network that is as networks are.
func (p *page) send(e *errand) {
	if e.tries == 0 {
		e.life = p.life
	}
	if e.life != p.life || e.done || p.w.broken != "" {
		return
	}
	if e.tries++; e.tries > 20 {
		p.w.fail("%s never gets an answer: it goes in circles with %s %s", p.name, e.method, e.path)
		return
	}
	if e.shown = p.cookie(); e.shown == "" {
		e.done = true
		p.forgotten()
		return
	}
	req := p.w.request(e.method, e.path, e.body)
	req.AddCookie(&http.Cookie{Name: p.cookieName(), Value: e.shown})
	if e.prove && p.signer != nil {
		if e.nonce == "" {
			e.nonce = p.nonce()
		}
		p.prove(req, e.nonce, false)
		e.nonce = ""
	}
	session, try := p.session, e.tries
	way := func() time.Duration {
		if p.w.chance(60) {
			p.w.counts.late++
			return p.w.within(longestWay)
		}
		return p.w.within(300 * time.Millisecond)
	}
	if !p.w.chance(200) { // else the request is lost
		p.w.after(way(), func() {
			if p.session != session {
				return // of the sign-in before
			}
			a := p.w.serve(p.name, req)
			p.given(a)
			if p.w.chance(50) {
				p.w.counts.lost++
				p.w.tell("%s loses that", p.name)
				return
			}
			p.w.after(way(), func() {
				if e.life == p.life && p.session == session && p.w.broken == "" {
					p.keep(a)
					if e.tries == try && !e.done {
						p.got(e, a)
					}
				}
			})
		})
	}
	p.w.after(patience, func() { // an answer that comes later only fills the jar
		if e.tries == try && !e.done && e.life == p.life && p.session == session {
			if e.waits++; e.waits > 10 {
				p.w.fail("%s never gets an answer to %s %s", p.name, e.method, e.path)
				return
			}
			e.tries-- // what nobody answered is no circle
			p.send(e)
		}
	})
}

func (p *page) cookieName() string {
	return "inglenook-" + p.w.instance + "-" + strconv.FormatUint(uint64(p.session), 10)
}

// got is what a tab does with an answer.
func (p *page) got(e *errand, a answer) {
	e.nonce = a.header.Get(api.HeaderNonce)
	if a.status/100 == 2 {
		e.done = true
		p.served(e, a)
		return
	}
	switch code := a.problem.Code; code {
	case store.CodeSessionProofRequired:
		if p.signer == nil || e.nonce == "" {
			p.w.fail("%s is asked for a proof it cannot make", p.name)
			return
		}
		e.prove = true
		p.send(e)
	case store.CodeSessionSuperseded:
		switch {
		case p.jar != e.shown && e.then != nil: // another tab has recovered
			e.done = true
			p.again(e.then)
		case p.jar != e.shown:
			p.send(e)
		case e.then != nil: // the claim is void
			e.body = "{}"
			p.send(e)
		default:
			e.tries++ // it waits for the recovery, and for nothing else
			p.send(&errand{method: "POST", path: "/api/auth/recover", body: "{}", prove: true, nonce: e.nonce, then: e})
		}
	case store.CodeSessionClaimOpen:
		e.body = fmt.Sprintf(`{"claimId":%q}`, a.problem.ClaimID)
		life := p.life
		e.tries++ // nobody waits for the one before
		p.w.after(time.Duration(a.problem.RetryAfterMs)*time.Millisecond+p.w.within(2*time.Second), func() {
			if p.life == life {
				p.send(e)
			}
		})
	default:
		e.done = true
		p.refused(code)
	}
}

// again sends an errand anew after the session was recovered.
func (p *page) again(e *errand) {
	e.nonce = ""
	p.send(e)
}

// served reads what came.
func (p *page) served(e *errand, a answer) {
	if a.path == "/api/auth/session" {
		var view api.Session
		if err := json.Unmarshal(a.body, &view); err != nil || view.ID != p.session {
			p.w.fail("%s is shown %s", p.name, a.body)
			return
		}
		p.due = p.own() + float64(view.RotatesInMs)/1000
		p.sees(view.Notices)
	}
	if a.header.Get(api.HeaderSession) == "rotate-due" {
		p.send(&errand{method: "POST", path: "/api/auth/refresh", body: "{}", prove: true, nonce: e.nonce})
	}
	if e.then != nil {
		p.again(e.then)
	}
}
