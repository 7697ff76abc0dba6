package main

import (
	"context"
	"errors"

	"inglenook/app/account"
	"inglenook/app/bridge"
	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/client"
)

// server is the client of the household's server. Errors: ErrKeyring while the
// keyring with the session's secrets does not answer.
func (s *session) server() (*client.Client, error) {
	if server := s.Replica().Server(); server != nil {
		return server, nil
	}
	if _, ok := s.Session(); ok {
		return nil, account.ErrKeyring
	}
	return nil, store.Errorf(store.CodeSessionMissing, "", "this device has joined no household: inglenook login")
}

type sync struct {
	Once bool `help:"Until everything has been exchanged once, instead of for ever."`
}

// Run exchanges. With --once it fails when the server is not reached.
func (c *sync) Run(s *session) error {
	if _, err := s.server(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx) }()
	var err error
	if c.Once {
		err = s.once(ctx)
		cancel()
	}
	return errors.Join(err, <-ran)
}

// once returns when nothing is left to exchange, or why that cannot be.
func (s *session) once(ctx context.Context) error {
	first, err := s.Status(ctx)
	if err != nil {
		return err
	}
	bar := s.progress("sending", first.Waiting)
	defer bar.end()
	for {
		changed := s.Replica().Watch()
		now, err := s.Status(ctx)
		if err != nil {
			return err
		}
		bar.set(max(0, first.Waiting-now.Waiting))
		switch {
		case now.State == "sign-in":
			return store.Errorf(store.Code(now.Reason), "", "the session is over: inglenook login")
		case now.Reason == api.ReasonKeyring:
			return account.ErrKeyring
		case now.State == "unreached":
			return store.Errorf(store.CodeServerUnreached, "", "the server %s was not reached; %d own changes wait", now.Server, now.Waiting)
		case now.State == "synced" && now.Waiting == 0 && now.Here >= now.There:
			if now.Parked > 0 {
				return errors.Join(s.print(now), s.parkedError())
			}
			return s.print(now)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// parkedError says what the server did not take.
func (s *session) parkedError() error {
	parked, err := s.Replica().Device().Parked(s.ctx)
	if err != nil {
		return err
	}
	p := parked[0]
	return store.Errorf(store.CodeForbidden, "", "the server did not take %d own changes, the first a %s %d: %s",
		len(parked), p.Replacement.Kind, p.Replacement.Entity.ID, p.Message)
}

type watch struct{}

// Run prints the frames a page would get, until it is told to stop.
func (c *watch) Run(s *session) error {
	ctx, cancel := context.WithCancelCause(s.ctx)
	defer cancel(nil)
	stop, err := s.Bridge().Listen(ctx, "", func(f bridge.Frame) {
		if err := s.line(f); err != nil {
			cancel(err)
		}
	})
	if err != nil {
		return err
	}
	defer stop()
	err = s.Run(ctx)
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err
}
