package bridge

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"inglenook/app/replica"
	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/client"
)

// route is every path the bridge answers. What only the server can know is
// asked of it (forward).
func (b *Bridge) route() {
	b.at("GET /api/last-event-id", b.getLastEventID)
	b.at("GET /api/entities", b.getEntities)
	b.at("POST /api/replacements", b.postReplacements)
	b.at("GET /api/changes", b.getChanges)
	b.at("GET /api/history/{kind}/{id}", b.getHistory)
	b.at("GET /api/trash", b.getTrash)
	b.at("GET /api/digest", b.getDigest)
	b.at("GET /api/users", b.getUsers)
	b.at("GET /api/users/{id}", b.getUser)
	b.on("GET /api/version", b.getVersion)

	b.at("GET /api/auth/session", b.getSession)
	b.at("GET /api/auth/account", b.getAccount)
	b.at("POST /api/auth/account", b.postAccount)
	b.on("DELETE /api/auth/session", b.logout)
	b.on("DELETE /api/auth/tokens", b.logout)
	b.on("POST /api/auth/logout", b.logout)
	for _, pattern := range forwarded {
		b.at(pattern, b.forward)
	}

	b.on("GET /api/local/status", b.getStatus)
	b.on("POST /api/local/start", b.postStart)
	b.on("POST /api/local/methods", b.postMethods)
	b.on("POST /api/local/begin", b.postBegin)
	b.on("GET /api/local/signin", b.getSignin)
	b.on("DELETE /api/local/signin", b.deleteSignin)
	b.on("POST /api/local/join", b.postJoin)
	b.on("POST /api/local/leave", b.postLeave)
	b.on("GET /api/local/people", b.getPeople)
	b.on("POST /api/local/people", b.postPeople)
	b.at("POST /api/local/sync", b.postSync)
	b.at("POST /api/local/listen", b.postListen)
	b.at("GET /api/local/parked", b.getParked)
	b.at("POST /api/local/parked/{seq}", b.postParked)
	b.at("DELETE /api/local/parked/{seq}", b.deleteParked)
}

// forwarded are the paths about this session and its account. Those that make a
// session or move it along are missing: that is the device's own business.
var forwarded = []string{
	"GET /api/auth/methods",
	"POST /api/auth/begin/{method}",
	"POST /api/auth/verify/{method}",
	"PATCH /api/auth/session",
	"GET /api/auth/session/data",
	"PUT /api/auth/session/data",
	"DELETE /api/auth/session/notices/{id}",
	"GET /api/auth/sessions",
	"DELETE /api/auth/sessions",
	"PATCH /api/auth/sessions/{id}",
	"DELETE /api/auth/sessions/{id}",
	"PATCH /api/auth/account",
	"DELETE /api/auth/account",
	"GET /api/auth/account/methods",
	"POST /api/auth/account/methods/{method}",
	"DELETE /api/auth/account/methods/{method}",
	"POST /api/auth/account/recovery",
	"GET /api/auth/pair",
	"POST /api/auth/pair",
	"DELETE /api/auth/pair",
	"GET /api/auth/invitations",
	"POST /api/auth/invitations",
	"DELETE /api/auth/invitations/{id}",
	"GET /api/auth/requests",
	"POST /api/auth/requests/{id}",
	"DELETE /api/auth/requests/{id}",
	"GET /api/auth/audit",
	"POST /api/auth/tokens",
}

func (b *Bridge) getVersion(*http.Request) (any, error) {
	return api.Version{Version: b.cfg.Version, Protocol: api.Protocol}, nil
}

// forward passes a request on to the server as it is, and its answer back.
// Errors: store.CodeSessionMissing without a server, CodeServerUnreached.
func (b *Bridge) forward(r *http.Request, at *replica.Replica) (any, error) {
	server := at.Server()
	if server == nil {
		return nil, signedOut()
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	answer, err := server.Forward(r.Context(), client.Forwarded{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Body: body, IfMatch: r.Header.Get("If-Match"),
	})
	if err != nil {
		return nil, err
	}
	return Answer(answer), nil
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
