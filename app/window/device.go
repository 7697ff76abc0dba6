package window

import (
	"context"
	"errors"
	"time"

	"inglenook/app"
	"inglenook/store"
)

// lockTime is how long a locked store is tried again. It is locked when another
// window has it: then Wails hands over to that one meanwhile and ends this
// process; or when that one is just about to end.
const lockTime, lockPause = 3 * time.Second, 50 * time.Millisecond

// device opens, runs and closes the app beside the window.
type device struct {
	cancel context.CancelFunc

	opened chan struct{} // closed when app or err are known
	app    *app.App
	err    error

	ended    chan struct{} // closed when nothing of it runs any more
	endedErr error
}

func openDevice(cfg app.Config) *device {
	ctx, cancel := context.WithCancel(context.Background())
	d := &device{cancel: cancel, opened: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(d.ended)
		d.endedErr = d.run(ctx, cfg)
	}()
	return d
}

func (d *device) run(ctx context.Context, cfg app.Config) error {
	d.app, d.err = open(ctx, cfg)
	close(d.opened)
	if d.app == nil {
		cfg.Log.Error().Err(d.err).Str("code", string(store.CodeOf(d.err))).Msg("device cannot be opened")
		return nil // the page says so
	}
	if err := d.app.Run(ctx); err != nil {
		// What is on this device stays usable without a server.
		cfg.Log.Error().Err(err).Str("code", string(store.CodeOf(err))).Msg("device does not exchange")
		<-ctx.Done()
	}
	return d.app.Close() //nolint:contextcheck // it is closed whatever ctx says
}

// open waits for whoever has the store to be gone.
func open(ctx context.Context, cfg app.Config) (*app.App, error) {
	limited, cancel := context.WithTimeout(ctx, lockTime)
	defer cancel()
	for {
		a, err := app.New(ctx, cfg)
		if store.CodeOf(err) != store.CodeStoreLocked {
			return a, err
		}
		select {
		case <-limited.Done():
			return nil, err
		case <-time.After(lockPause):
		}
	}
}

// get returns the app as soon as it is open, or why it is not.
func (d *device) get() (*app.App, error) {
	<-d.opened
	return d.app, d.err
}

// close ends the bridge, the exchange, the server and the store, in this order.
// Everything acknowledged is on disk before, so what does not end in time is
// left to the end of the process.
func (d *device) close(limit time.Duration) error {
	d.cancel()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-d.ended:
		return d.endedErr
	case <-timer.C:
		return errors.New("close the device: it did not end in time")
	}
}
