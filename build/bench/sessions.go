package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/store/kind"
	"inglenook/store/kv"
	"inglenook/store/kv/badgerkv"
	"inglenook/syncserver/session"
	"inglenook/syncserver/session/machine"
)

// sessions measures a store with many device sessions, in process: how long it
// takes to start with them, to list those of one user, to look for what is over
// and to end it, and what one occupies. The reference is the same without them.
func (b *bench) sessions(ctx context.Context) ([]row, error) {
	none, err := b.manySessions(ctx, 0)
	if err != nil {
		return nil, err
	}
	many, err := b.manySessions(ctx, b.sizes.sessions)
	if err != nil {
		return nil, err
	}
	n := b.sizes.sessions
	of := func(measure, unit string, reference, ours float64) row {
		return row{Measure: fmt.Sprintf(measure, n), Unit: unit, Reference: reference, Ours: ours}
	}
	return []row{
		of("start with %d sessions", "ms", none.start, many.start),
		of("list of one's 10 sessions of %d", "µs", 0, many.list),
		of("clean-up of %d sessions, none is over", "ms", none.look, many.look),
		of("the end of a session that is over, of %d", "ms", 0, many.end),
		of("bytes on disk of a session with its record, of %d", "B", 0, (many.bytes-none.bytes)/float64(n)),
	}, nil
}

// measured is what a store with sessions was measured at.
type measured struct{ start, list, look, end, bytes float64 }

// eachUser is how many sessions a user has.
const eachUser = 10

func (b *bench) manySessions(ctx context.Context, n int) (m measured, err error) {
	dir, err := os.MkdirTemp(b.dir, "sessions-")
	if err != nil {
		return m, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // the whole folder goes at the end
	now := time.Now()
	o, err := openSessions(ctx, dir, func() time.Time { return now })
	if err != nil {
		return m, err
	}
	err = o.signIn(ctx, n)
	if err = closing(o, err); err != nil {
		return m, err
	}
	if m.bytes, err = sizeOf(dir); err != nil {
		return m, err
	}
	began := time.Now()
	if o, err = openSessions(ctx, dir, func() time.Time { return now }); err != nil {
		return m, err
	}
	m.start = milliseconds(time.Since(began))
	defer func() { err = closing(o, err) }()
	if n > 0 {
		users := n / eachUser
		began = time.Now()
		for user := range users {
			devices, err := o.Devices(ctx, store.ID(user+1))
			if err != nil {
				return m, err
			}
			if len(devices) != eachUser {
				return m, fmt.Errorf("%d sessions of user %d", len(devices), user+1)
			}
		}
		m.list = 1000 * milliseconds(time.Since(began)) / float64(users)
	}
	began = time.Now()
	if err := o.CleanUp(ctx); err != nil {
		return m, err
	}
	m.look = milliseconds(time.Since(began))
	if n == 0 {
		return m, nil
	}
	due := min(n, b.sizes.together)
	began = time.Now()
	for id := range due {
		if err := o.End(ctx, store.SessionID(id+1), machine.Expired, session.By{}); err != nil {
			return m, err
		}
	}
	m.end = milliseconds(time.Since(began)) / float64(due)
	return m, nil
}

// openedSessions are the sessions of a store in a folder.
type openedSessions struct {
	*session.Sessions
	db kv.DB
}

func openSessions(ctx context.Context, dir string, now func() time.Time) (*openedSessions, error) {
	db, err := badgerkv.Open(badgerkv.Options{Dir: dir, Now: now})
	if err != nil {
		return nil, err
	}
	o := &openedSessions{db: db}
	kinds, err := kind.Load()
	if err != nil {
		return nil, closing(o, err)
	}
	home, err := household.Open(ctx, db, kinds)
	if err != nil {
		return nil, closing(o, err)
	}
	o.Sessions, err = session.New(ctx, session.Config{Store: home, Secret: make([]byte, 32), Timers: session.DefaultTimers(), Now: now})
	if err != nil {
		return nil, closing(o, err)
	}
	return o, nil
}

// closing closes the store, and tells the first of both errors.
func closing(o *openedSessions, err error) error {
	if failed := o.db.Close(); err == nil {
		err = failed
	}
	return err
}

// signIn makes n sessions with many clients at once, who share commits.
func (o *openedSessions) signIn(ctx context.Context, n int) error {
	var taken atomic.Int64
	var all sync.WaitGroup
	failed := make(chan error, 256)
	for range cap(failed) {
		all.Go(func() {
			for i := taken.Add(1); i <= int64(n); i = taken.Add(1) {
				_, err := o.SignIn(ctx, session.SignIn{
					UserID: store.ID((i-1)/eachUser + 1), Method: "password",
					Client: session.Client{Kind: machine.Browser, Name: "Firefox on Linux", Platform: "Linux", Version: "150.0", Network: "192.0.2.0/24"},
				})
				if err != nil {
					failed <- err
					return
				}
			}
		})
	}
	all.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// sizeOf is what the tables in a folder occupy, in bytes: what was closed is in
// them.
func sizeOf(dir string) (bytes float64, err error) {
	err = filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".sst" {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			bytes += float64(info.Size())
		}
		return err
	})
	return bytes, err
}
