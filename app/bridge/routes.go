package bridge

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"inglenook/store"
	"inglenook/syncserver/api"
)

// route is every path the bridge answers. What only the server can know is
// asked of it (forward).
func (b *Bridge) route() {
	b.on("GET /api/last-event-id", b.getLastEventID)
	b.on("GET /api/entities", b.getEntities)
	b.on("POST /api/replacements", b.postReplacements)
	b.on("GET /api/changes", b.getChanges)
	b.on("GET /api/history/{kind}/{id}", b.getHistory)
	b.on("GET /api/trash", b.getTrash)
	b.on("GET /api/digest", b.getDigest)
	b.on("GET /api/users", b.getUsers)
	b.on("GET /api/users/{id}", b.getUser)
	b.on("GET /api/version", b.getVersion)

	b.on("GET /api/auth/session", b.getSession)
	b.on("DELETE /api/auth/session", b.logout)
	b.on("POST /api/auth/logout", b.logout)
	b.on("GET /api/auth/account", b.getAccount)
	b.on("PATCH /api/auth/account", b.forward)
	b.on("GET /api/auth/sessions", b.forward)
	b.on("DELETE /api/auth/sessions/{id}", b.forward)
	b.on("GET /api/auth/methods", b.forward)

	b.on("GET /api/local/status", b.getStatus)
	b.on("POST /api/local/start", b.postStart)
	b.on("POST /api/local/methods", b.postMethods)
	b.on("POST /api/local/join", b.postJoin)
	b.on("POST /api/local/leave", b.postLeave)
	b.on("POST /api/local/sync", b.postSync)
	b.on("POST /api/local/listen", b.postListen)
	b.on("GET /api/local/parked", b.getParked)
	b.on("POST /api/local/parked/{seq}", b.postParked)
	b.on("DELETE /api/local/parked/{seq}", b.deleteParked)
}

func (b *Bridge) getVersion(*http.Request) (any, error) {
	return api.Version{Version: b.cfg.Version, Protocol: api.Protocol}, nil
}

// forward passes a request on to the server as it is, and its answer back.
// Errors: store.CodeSessionMissing without a server, CodeServerUnreached.
func (b *Bridge) forward(r *http.Request) (any, error) {
	server := b.cfg.Replica.Server()
	if server == nil {
		return nil, store.Errorf(store.CodeSessionMissing, "", "this device has joined no household")
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	status, answer, err := server.Forward(r.Context(), r.Method, r.URL.Path, r.URL.Query(), body)
	if err != nil {
		return nil, err
	}
	return raw{status: status, body: answer}, nil
}

// decode reads a body strictly. Errors: those of store.DecodeStrict.
func decode(r *http.Request, into any) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	return store.DecodeStrict(body, into)
}

// number reads a whole number of the query within bounds.
func number(query url.Values, name string, least, most, absent uint64) (uint64, error) {
	text := query.Get(name)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n < least || n > most {
		return 0, store.Errorf(store.CodeInvalid, name, "is a whole number from %d to %d", least, most)
	}
	return n, nil
}

// reference reads kind/id; "" is none.
func reference(s string) (store.Ref, error) {
	if s == "" {
		return store.Ref{}, nil
	}
	kind, digits, _ := strings.Cut(s, "/")
	id, err := store.ParseID(digits)
	if err != nil || !store.Kind(kind).Valid() {
		return store.Ref{}, store.Errorf(store.CodeInvalid, "after", "is kind/id")
	}
	return store.Ref{Kind: store.Kind(kind), ID: id}, nil
}
