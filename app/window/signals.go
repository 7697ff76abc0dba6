package window

import (
	"os"
	"syscall"
	"time"

	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// patience is how long a signal may take to end the window before it is
// repeated, and before the window is left behind.
const patience = 1500 * time.Millisecond

// obeySignals ends the window on SIGHUP, which Wails does not know, and sees to
// it that SIGINT and SIGTERM, which it does, end it: what comes before GTK's
// loop turns is lost there, and a page that hangs can hold it up. The returned
// function says that the window is gone.
func (w *window) obeySignals() (ended func()) {
	gone := make(chan struct{})
	go func() {
		var got os.Signal
		select {
		case got = <-w.cfg.Signals:
		case <-gone:
			return
		}
		w.log.Info().Str("signal", got.String()).Msg("window is told to close")
		if got == syscall.SIGHUP {
			w.quit()
		}
		if within(gone, patience) {
			return
		}
		w.quit()
		if within(gone, patience) {
			return
		}
		w.log.Error().Msg("window does not close and is left behind")
		if w.device.close(closeTime-2*patience) != nil {
			os.Exit(1)
		}
		os.Exit(0) // the main goroutine is GTK's and cannot be told
	}()
	return func() { close(gone) }
}

func within(gone <-chan struct{}, limit time.Duration) bool {
	select {
	case <-gone:
		return true
	case <-time.After(limit):
		return false
	}
}

// quit closes the window.
func (w *window) quit() {
	if ctx, ok := w.context(); ok {
		runtime.Quit(ctx)
	}
}
