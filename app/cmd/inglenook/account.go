package main

import (
	"fmt"
	"io"
	"strings"

	"inglenook/store"
	"inglenook/syncserver/api"
)

type login struct {
	URL           string `arg:"" help:"The server's address."`
	Name          string `help:"Whom to sign in as." required:""`
	PasswordStdin bool   `help:"Read the password from stdin."`
	Demo          bool   `help:"Sign in without a password, in a demo household." xor:"how"`
	Code          string `help:"The set-up code: makes the household and its first admin." xor:"how"`
	Household     string `help:"What the household is to be called, with --code."`
}

// Run signs in. The exchange begins with sync.
func (c *login) Run(s *session) error {
	in := api.Join{URL: c.URL, Method: "password", Login: api.Login{Name: c.Name, Code: c.Code, Household: c.Household}}
	switch {
	case c.Demo:
		in.Method = "demo"
	case c.Code != "":
		in.Method = "setup"
	}
	if c.PasswordStdin {
		raw, err := io.ReadAll(io.LimitReader(s.in, 4<<10))
		if err != nil {
			return fmt.Errorf("read the password: %w", err)
		}
		in.Login.Password = strings.TrimRight(string(raw), "\r\n")
	} else if in.Method == "password" {
		return store.Errorf(store.CodeInvalid, "password", "say --password-stdin, --demo or --code")
	}
	if err := s.Join(s.ctx, in); err != nil {
		return err
	}
	session, _ := s.Session()
	return s.print(session)
}

type logout struct {
	Discard bool `help:"Also when something has not reached the server: it is lost."`
}

// Run signs out.
func (c *logout) Run(s *session) error { return s.Leave(s.ctx, c.Discard) }

type status struct{}

// Run prints the status as it was left; it does not try the server. As nothing
// is exchanged meanwhile, the state is idle where a device that runs would be
// about to, or waiting when something own has not been sent.
func (c *status) Run(s *session) error {
	out, err := s.Status(s.ctx)
	if err != nil {
		return err
	}
	if out.State == "syncing" {
		out.State = "idle"
		if out.Waiting > 0 {
			out.State = "waiting"
		}
	}
	return s.print(out)
}

type digest struct{}

// Run prints the digests of what the server has confirmed.
func (c *digest) Run(s *session) error {
	at, kinds, err := s.Replica().Device().Digests(s.ctx)
	if err != nil {
		return err
	}
	return s.print(map[string]any{"epoch": at.Epoch, "id": at.ID, "kinds": kinds})
}
