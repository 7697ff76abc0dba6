package httpapi

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"

	"inglenook/store"
	"inglenook/syncserver/api"

	"github.com/gin-gonic/gin"
)

const requestIDKey = "request"

// identify gives every request an id, for problems and logs.
func (a *API) identify(c *gin.Context) {
	started := a.Now()
	id := rand.Text()[:12]
	c.Set(requestIDKey, id)
	c.Header("Inglenook-Request", id)
	c.Next()
	a.meters.request(c.Writer.Status())
	a.Log.Debug().Str("request", id).Str("method", c.Request.Method).Str("route", c.FullPath()).
		Int("status", c.Writer.Status()).Dur("took", a.Now().Sub(started)).Msg("request")
}

// recover turns a panic into a problem; the server goes on.
func (a *API) recover(c *gin.Context) {
	defer func() {
		if r := recover(); r != nil {
			if r == http.ErrAbortHandler { //nolint:errorlint // the very value, as net/http compares it
				panic(r)
			}
			text := store.PanicText(r)
			a.Log.Error().Str("panic", text).Bytes("stack", debug.Stack()).Msg("handler panicked")
			a.fail(c, fmt.Errorf("panic: %s", text))
		}
	}()
	c.Next()
}

// guard is the last to see a panic: net/http would log its value.
func (a *API) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v != http.ErrAbortHandler { //nolint:errorlint // the very value, as net/http compares it
				a.Log.Error().Str("panic", store.PanicText(v)).Bytes("stack", debug.Stack()).Msg("request panicked")
			}
			panic(http.ErrAbortHandler) // cuts the connection, and is not logged
		}()
		next.ServeHTTP(w, r)
	})
}

// secureHeaders are on every answer, pageHeaders on files of the page too, where
// the policy lets the page load and reach what is its own, and nothing else, and
// only Svelte's templates and what DOMPurify has cleaned become HTML. The values
// are shared by all answers.
var (
	secureHeaders = http.Header{
		"Content-Security-Policy":      {"default-src 'none'; frame-ancestors 'none'"},
		"Cross-Origin-Resource-Policy": {"same-origin"},
		"X-Content-Type-Options":       {"nosniff"},
	}
	pageHeaders = http.Header{
		"Content-Security-Policy": {"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
			"connect-src 'self'; manifest-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; " +
			"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html dompurify"},
		"Cross-Origin-Opener-Policy": {"same-origin"},
		"Permissions-Policy":         {"camera=(), microphone=(), geolocation=(), payment=(), usb=()"},
		"Referrer-Policy":            {"no-referrer"},
	}
)

func (a *API) secure(c *gin.Context) {
	h := c.Writer.Header()
	maps.Copy(h, secureHeaders)
	if a.encrypted(c) {
		h["Strict-Transport-Security"] = strictTransport
	}
}

// strictTransport: a browser that has been here over TLS does not come without
// for a year. Other names below this one are not ours to decide about.
var strictTransport = []string{"max-age=31536000"}

// checkHost refuses names that are not ours.
func (a *API) checkHost(c *gin.Context) {
	host := c.Request.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	_, err := netip.ParseAddr(host)
	if err == nil || host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".local") ||
		slices.ContainsFunc(a.Hosts, func(name string) bool { return strings.EqualFold(name, host) }) {
		return
	}
	a.fail(c, store.Errorf(store.CodeHost, "", "this server does not go by that name; see --host"))
}

// checkDev refuses a page that is passed on to here while somebody works on it:
// its code is not the server's, and asks with the sessions of people.
func (a *API) checkDev(c *gin.Context) {
	if c.GetHeader(headerDev) != "" && !a.AllowDev {
		a.fail(c, store.Errorf(store.CodeForbidden, headerDev, "this server takes no page that is being worked on; see --allow-dev"))
	}
}

// headerDev is set by the proxy of make dev.
const headerDev = "Inglenook-Dev"

// crossOrigin refuses unsafe requests from other sites' pages.
func crossOrigin(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"type":"/problems/origin-rejected","title":"Forbidden","status":403,"code":"origin-rejected"}`)
	}))
	return protection.Handler(next)
}

// checkUnsafe demands of every request that may change something what no form
// and no foreign page can send.
func (a *API) checkUnsafe(c *gin.Context) {
	switch c.Request.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return
	}
	if c.GetHeader(api.HeaderClient) == "" {
		a.fail(c, store.Errorf(store.CodeOrigin, api.HeaderClient, "this header is missing"))
		return
	}
	if c.Request.ContentLength != 0 || c.Request.Method == http.MethodPost {
		media, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
		if err != nil || media != "application/json" {
			a.fail(c, store.Errorf(store.CodeContentType, "Content-Type", "a body is application/json"))
			return
		}
	}
}

// decode reads a JSON body of at most limit bytes, strictly.
func decode(c *gin.Context, limit int64, into any) error {
	read, ok := c.Get(bodyKey)
	if !ok {
		body, err := readBody(c, limit)
		if err != nil {
			return err
		}
		return store.DecodeStrict(body, into)
	}
	body := read.([]byte)
	if int64(len(body)) > limit {
		return tooLarge(limit)
	}
	return store.DecodeStrict(body, into)
}

// firstRead is the memory a body gets before any of it is there. Whatever a
// client says of its length, the rest is had only for what has come.
const firstRead = 4 << 10

// readBody reads a body of at most limit bytes. One that says it is longer is
// refused at once.
func readBody(c *gin.Context, limit int64) ([]byte, error) {
	if c.Request.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	size := int64(firstRead)
	if said := c.Request.ContentLength; said >= 0 {
		size = min(said+bytes.MinRead, size)
	}
	body := bytes.NewBuffer(make([]byte, 0, size))
	_, err := body.ReadFrom(http.MaxBytesReader(c.Writer, c.Request.Body, limit))
	if err != nil {
		if _, larger := err.(*http.MaxBytesError); larger { //nolint:errorlint // MaxBytesReader returns it bare
			return nil, tooLarge(limit)
		}
		return nil, store.Errorf(store.CodeMalformed, "", "the body could not be read")
	}
	return body.Bytes(), nil
}

func tooLarge(limit int64) error {
	return store.Errorf(store.CodeTooLarge, "", "the body has more than %d bytes", limit)
}
