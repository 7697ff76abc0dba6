package main

import (
	"context"
	"fmt"
	"net/http"

	"inglenook/store"
	"inglenook/syncserver/api"

	"github.com/go-json-experiment/json"
)

// person is somebody of the demo who has signed in.
type person struct {
	name   string
	id     store.ID
	access string
	value  string
	epoch  store.Epoch
}

// meet signs everybody in, an admin first, and makes three lists: one for all,
// one the admin shares with one other, one of the admin's alone. So filters have
// to look at every event.
func (o *ourSpeech) meet(ctx context.Context, s *server) error {
	w, err := dial(ctx, s, "")
	if err != nil {
		return err
	}
	defer w.close()
	var methods api.Methods
	if err := w.get("/api/auth/methods", &methods); err != nil {
		return err
	}
	for _, method := range methods.Methods {
		for _, user := range method.Users {
			p, err := signIn(ctx, s, user.Name)
			if err != nil {
				return fmt.Errorf("sign in %s: %w", user.Name, err)
			}
			o.people = append(o.people, p)
			if user.Access == "admin" {
				o.people[0], o.people[len(o.people)-1] = p, o.people[0]
			}
		}
	}
	if len(o.people) < 2 {
		return fmt.Errorf("the demo has %d people", len(o.people))
	}
	return o.makeLists(ctx, s)
}

func signIn(ctx context.Context, s *server, name string) (p person, err error) {
	w, err := dial(ctx, s, "")
	if err != nil {
		return p, err
	}
	defer w.close()
	body, err := json.Marshal(api.Login{Name: name, Kind: "token"})
	if err != nil {
		return p, err
	}
	answer, err := w.ask(http.MethodPost, "/api/auth/login/demo", body)
	if err != nil {
		return p, err
	}
	var in api.SignedIn
	if err := json.Unmarshal(answer, &in); err != nil {
		return p, err
	}
	signedIn, err := dial(ctx, s, in.Value)
	if err != nil {
		return p, err
	}
	defer signedIn.close()
	var head store.Cursor
	err = signedIn.get("/api/last-event-id", &head)
	return person{name: name, id: in.Session.User.ID, access: in.Session.User.String("access"), value: in.Value, epoch: head.Epoch}, err
}

func (o *ourSpeech) makeLists(ctx context.Context, s *server) error {
	w, err := dial(ctx, s, o.bearer(0))
	if err != nil {
		return err
	}
	defer w.close()
	admin, other := o.people[0].id, o.people[1].id
	for i, audience := range []string{
		"",
		fmt.Sprintf(`,"audience":{"%d":"write","%d":"read"}`, admin, other),
		fmt.Sprintf(`,"audience":{"%d":"write"}`, admin),
	} {
		o.places[i] = store.NewID()
		body := fmt.Sprintf(`{"replica":%d,"seq":1,"replacements":[{"kind":"list","entity":{"id":%d,"updatedAt":"2026-01-01T00:00:00.000Z","title":"List"%s},"base":0}]}`,
			store.NewID(), o.places[i], audience)
		answer, err := w.ask(http.MethodPost, "/api/replacements", []byte(body))
		if err == nil {
			_, err = o.event(answer)
		}
		if err != nil {
			return fmt.Errorf("make a list: %w", err)
		}
	}
	return nil
}

// get reads a JSON answer.
func (w *wire) get(path string, into any) error {
	answer, err := w.ask(http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	return json.Unmarshal(answer, into)
}
