package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"inglenook/app/replica"
	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/client"
)

// away is somebody who was sent to the system's browser to sign in: one at a
// time.
type away struct {
	beginning sync.Mutex // one at a time

	mu    sync.Mutex
	state api.Signin
	end   context.CancelFunc // of waiting for them; nil when nobody is away
	ended chan struct{}
}

// Begin takes the first step of a method that has two. When the person goes on
// in the system's browser, the device waits for them on a loopback address
// (RFC 8252 §7.3), once, and no longer than the sign-in is good.
//
// Errors: store.CodeServerUnreached, store.CodeMethodOff, those of the method.
func (a *App) Begin(ctx context.Context, in api.Beginning) (api.Begun, error) {
	a.away.beginning.Lock()
	defer a.away.beginning.Unlock()
	a.EndSignin()
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return api.Begun{}, fmt.Errorf("wait for the browser: %w", err)
	}
	in.Begin.Redirect = "http://" + listener.Addr().String() + returnPath
	begun, err := a.begin(ctx, in)
	if err != nil || begun.URL == "" {
		return begun, errors.Join(err, listener.Close())
	}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	a.away.mu.Lock()
	a.away.state, a.away.end, a.away.ended = api.Signin{State: "away"}, end, ended
	a.away.mu.Unlock()
	go func() {
		defer close(ended)
		defer end()
		a.await(life, listener, in, begun)
	}()
	told := begun
	told.Binding = "" // the page need not know it
	return told, nil
}

// begin asks the server that is to be joined, or the one of the active session.
func (a *App) begin(ctx context.Context, in api.Beginning) (begun api.Begun, err error) {
	if in.URL != "" {
		server, err := a.anonymous(in.URL)
		if err != nil {
			return begun, err
		}
		defer server.Close()
		return server.Begin(ctx, in.Method, in.Begin)
	}
	err = a.With(ctx, func(ctx context.Context, at *replica.Replica) (err error) {
		server := at.Server()
		if server == nil {
			return store.Errorf(store.CodeSessionMissing, "", "this device has joined no household")
		}
		begun, err = server.Begin(ctx, in.Method, in.Begin)
		return err
	})
	return begun, err
}

// Signin says how far somebody is who was sent to the browser. What they have
// brought for the page is told once.
func (a *App) Signin() api.Signin {
	a.away.mu.Lock()
	defer a.away.mu.Unlock()
	now := a.away.state
	if now.State == "" {
		now.State = "none"
	}
	if now.State == "back" {
		a.away.state = api.Signin{}
	}
	return now
}

// EndSignin waits for nobody any longer.
func (a *App) EndSignin() {
	a.away.mu.Lock()
	end, ended := a.away.end, a.away.ended
	a.away.end = nil
	a.away.mu.Unlock()
	if end != nil {
		end()
		<-ended
	}
	a.away.mu.Lock()
	a.away.state = api.Signin{}
	a.away.mu.Unlock()
}

func (a *App) returned(state api.Signin) {
	a.away.mu.Lock()
	defer a.away.mu.Unlock()
	a.away.state = state
}

// returnTime is how long reading and answering the return may take.
const returnTime = 10 * time.Second

// await serves the return until it has come, ctx is done, or the sign-in is not
// good any more.
func (a *App) await(ctx context.Context, listener net.Listener, in api.Beginning, begun api.Begun) {
	came := make(chan api.Login)
	server := &http.Server{
		Handler:           a.returnHandler(ctx, begun.State, came),
		ReadHeaderTimeout: returnTime, WriteTimeout: returnTime, MaxHeaderBytes: 16 << 10,
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener) // it ends with Shutdown
	}()
	late, cancel := context.WithCancel(ctx)
	var sleeping sync.WaitGroup
	over := make(chan struct{})
	sleeping.Go(func() {
		defer close(over)
		_ = a.cfg.Sleep(late, time.Duration(begun.ExpiresInMs)*time.Millisecond) // it ends early only with late
	})
	var login *api.Login
	select {
	case <-ctx.Done():
	case <-over:
	case brought := <-came:
		login = &brought
	}
	cancel()
	sleeping.Wait()
	limited, done := context.WithTimeout(context.WithoutCancel(ctx), returnTime)
	defer done()
	if server.Shutdown(limited) != nil { // the page that says so is being written
		_ = server.Close()
	}
	<-served
	if ctx.Err() != nil {
		return
	}
	if login != nil {
		login.Binding = begun.Binding
	}
	a.returned(a.goOn(ctx, in, login))
}

// goOn signs in with what somebody has brought, or keeps it for the page.
func (a *App) goOn(ctx context.Context, in api.Beginning, brought *api.Login) api.Signin {
	var err error
	switch {
	case brought == nil:
		err = store.Errorf(store.CodeSignInFailed, "", "nobody came back in time")
	case brought.Code == "":
		err = store.Errorf(store.CodeSignInFailed, "", "the provider did not let the person in")
	case in.Login == nil:
		return api.Signin{State: "back", Login: brought}
	default:
		login := *in.Login
		login.Code, login.State, login.Binding = brought.Code, brought.State, brought.Binding
		err = a.Join(ctx, api.Join{URL: a.joined(in.URL), Method: in.Method, Login: login})
	}
	if err == nil {
		return api.Signin{State: "joined"}
	}
	problem := client.ProblemOf(err)
	return api.Signin{State: "failed", Problem: &problem}
}

// joined is the address of a server, "" meaning that of the active session.
func (a *App) joined(url string) string {
	if _, kept, ok := a.present(); ok && url == "" {
		return kept.URL
	}
	return url
}
