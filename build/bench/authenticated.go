package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"inglenook/syncserver/api"

	"github.com/go-json-experiment/json"
)

// authenticated measures what it costs the server to know who one is: processor
// time of requests that answer next to nothing, with a session in each of its
// forms, against those that ask for none. Here both are ours.
func (b *bench) authenticated(ctx context.Context) (rows []row, err error) {
	speech := &ourSpeech{}
	s, err := b.server(ctx, speech)
	if err != nil {
		return nil, err
	}
	defer s.end()
	forms, err := signInAll(ctx, s, speech.people[0].name)
	if err != nil {
		return nil, err
	}
	stranger, err := dial(ctx, s, "")
	if err != nil {
		return nil, err
	}
	defer stranger.close()
	for _, form := range forms {
		w, err := dial(ctx, s, "")
		if err != nil {
			return rows, err
		}
		defer w.close()
		w.header += form.header
		turns, err := compare(b.sizes.rounds,
			func() (float64, error) { return s.cost(stranger, "/api/version", b.sizes.requests) },
			func() (float64, error) { return s.cost(w, "/api/last-event-id", b.sizes.requests) })
		if err != nil {
			return rows, err
		}
		rows = append(rows, against("a request with "+form.name+", against one without", "µs", turns).atMost(1.25))
	}
	return rows, nil
}

// form is how a session is shown.
type form struct{ name, header string }

// signInAll signs somebody in as a browser and as a program.
func signInAll(ctx context.Context, s *server, name string) (forms []form, err error) {
	w, err := dial(ctx, s, "")
	if err != nil {
		return nil, err
	}
	defer w.close()
	for _, kind := range []string{"browser", "token"} {
		body, err := json.Marshal(api.Login{Name: name, Kind: kind})
		if err != nil {
			return nil, err
		}
		resp, err := w.open(http.MethodPost, "/api/auth/login/demo", "", body)
		if err != nil {
			return nil, err
		}
		var in api.SignedIn
		err = json.UnmarshalRead(resp.Body, &in)
		_ = resp.Body.Close() // read to its end
		if err != nil {
			return nil, err
		}
		for _, c := range resp.Cookies() {
			if c.HttpOnly {
				forms = append(forms, form{"a cookie", "Cookie: " + c.Name + "=" + c.Value + "\r\n"})
			}
		}
		if in.Value != "" {
			forms = append(forms,
				form{"a value", "Authorization: Bearer " + in.Value + "\r\n"},
				form{"an access token", "Authorization: Bearer " + in.AccessToken + "\r\n"})
		}
	}
	if len(forms) != 3 {
		return nil, fmt.Errorf("signing in gives %s forms of a session", strconv.Itoa(len(forms)))
	}
	return forms, nil
}

// cost sends a request n times, one after the other, and returns what one cost
// the server, in microseconds of processor time.
func (s *server) cost(w *wire, path string, n int) (float64, error) {
	before, err := s.worked()
	if err != nil {
		return 0, err
	}
	for range n {
		if _, err := w.ask(http.MethodGet, path, nil); err != nil {
			return 0, err
		}
	}
	after, err := s.worked()
	return (after - before) / float64(n), err
}
