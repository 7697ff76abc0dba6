package client

import (
	"context"
	"errors"
	"net/http"
	"time"

	"inglenook/store"
	"inglenook/syncserver/api"

	"github.com/go-json-experiment/json"
)

// maxSteps is how many requests a renewal may take: more is a circle.
const maxSteps = 8

// Where a renewal asks.
const (
	refreshPath = "/api/auth/refresh"
	recoverPath = "/api/auth/recover"
)

// renew gets a new access token, unless somebody else has got one since stale
// was current. It goes on after lost answers as the server's table says: with the
// successor that was handed out again, by a recovery with the key, or by one in
// two steps without.
//
// Errors: those of a session that cannot go on, and of every request.
func (c *Client) renew(ctx context.Context, stale string) error {
	s := c.credentials
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.access != stale {
		return nil
	}
	path, body := refreshPath, api.Recover{}
	if s.KeyLost {
		path, body = recoverPath, api.Recover{KeyLost: true} // refused with session-reverify
	}
	for range maxSteps {
		handed, err := c.step(ctx, path, body)
		if err == nil && s.due {
			continue // the server asks for a proof, and has given a nonce
		}
		var p *Problem
		if err == nil || !errors.As(err, &p) {
			return err
		}
		switch {
		case handed: // a value to try anew with
			path, body = refreshPath, api.Recover{}
		case p.Code == store.CodeSessionProofRequired && s.Signer != nil && s.nonce != "":
		case p.Code == store.CodeSessionClaimOpen:
			if err := c.sleep(ctx, time.Duration(p.RetryAfterMs)*time.Millisecond); err != nil {
				return err
			}
			path, body = recoverPath, api.Recover{ClaimID: p.ClaimID}
		case p.Code == store.CodeSessionSuperseded:
			path, body = recoverPath, api.Recover{}
		default:
			return err
		}
	}
	return store.Errorf(store.CodeServerUnreached, "", "the session could not be renewed in %d steps", maxSteps)
}

// Renew gets a new access token now, and the session's next value when that is
// due: an open stream alone keeps no session alive. Session.RotatesInMs says
// when.
func (c *Client) Renew(ctx context.Context) error {
	if c.credentials == nil {
		return store.Errorf(store.CodeSessionMissing, "", "there is no session to renew")
	}
	return c.renew(ctx, c.credentials.token())
}

// step sends one request of a renewal. handed tells that the answer, also a
// refusal, brought a value.
func (c *Client) step(ctx context.Context, path string, body api.Recover) (handed bool, err error) {
	s := c.credentials
	req, err := c.newRequest(ctx, http.MethodPost, path, nil, body, "application/json")
	if err != nil {
		return false, err
	}
	shown := s.shown()
	req.Header.Set("Authorization", "Bearer "+shown)
	if err := s.prove(req, shown); err != nil {
		return false, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return false, unreached(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	s.note(resp)
	s.due = s.Signer != nil && s.nonce != "" && resp.Header.Get(api.HeaderSession) == "rotate-due"
	good := resp.StatusCode/100 == 2
	if good {
		if err := s.accepted(); err != nil {
			return false, err
		}
	}
	if next := resp.Header.Get(api.HeaderValue); next != "" && next != shown {
		if err := s.received(next); err != nil {
			return false, err
		}
		handed = true
	}
	if !good {
		return handed, problem(resp)
	}
	raw, err := readAll(resp.Body)
	if err != nil {
		return handed, unreached(ctx, err)
	}
	if len(raw) == 0 { // a session was ended
		return handed, nil
	}
	var tokens api.Tokens // also those of a recovery, which answers more
	if err := json.Unmarshal(raw, &tokens); err != nil {
		return handed, unreached(ctx, err)
	}
	s.access = tokens.AccessToken
	return handed, nil
}

// sleep waits as a claim asks to.
func (c *Client) sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
