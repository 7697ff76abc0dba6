package window

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"time"

	"inglenook/app"
	"inglenook/app/account"
	"inglenook/app/bridge"

	"github.com/rs/zerolog"
	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// Config is what the window is told.
type Config struct {
	Dir  string // the data folder
	UI   fs.FS  // the page, with index.html at its root
	Icon []byte // PNG

	// Inspect is the address at which WebKit's inspector may look into the page;
	// "" is nowhere, whatever the environment says.
	Inspect string

	Version string
	Now     func() time.Time

	// Signals tell the window to close: SIGHUP, SIGINT and SIGTERM.
	Signals <-chan os.Signal
}

// closeTime is how long the device may take to end once its window is gone.
const closeTime = 5 * time.Second

// errNoWindow is the answer of a build without the tags of a release.
var errNoWindow = errors.New("this build has no window: `make build` makes one that has, " +
	"and `inglenookd serve` shows the page in a browser")

// window is one run of the program.
type window struct {
	cfg     Config
	log     zerolog.Logger
	words   words
	started time.Time
	device  *device
	memory  *memory

	wails atomic.Value // context.Context, once Wails has started
	first sync.Once    // the first paint
}

// Run shows the window and returns when it has been closed and everything
// behind it has ended. It must be called by the main goroutine. A second start
// on the same data folder brings the first one's window to the front and ends
// the process with status 1, in Wails.
func Run(cfg Config) error {
	if !built {
		return errNoWindow
	}
	if goruntime.GOOS == "linux" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return errors.New("there is no display here: `inglenookd serve` shows the page in a browser")
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return fmt.Errorf("find the data folder: %w", err)
	}
	cfg.Dir = dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	if err := prepareWebKit(cfg.Inspect); err != nil {
		return err
	}
	journal, err := openJournal(filepath.Join(dir, "log"))
	if err != nil {
		return err
	}
	w := &window{
		cfg: cfg, log: zerolog.New(journal).Level(zerolog.InfoLevel).With().Timestamp().Logger(),
		words: wordsFor(locale(os.Getenv)), started: cfg.Now(), memory: remember(filepath.Join(dir, "window.json")),
	}
	select {
	case <-cfg.Signals: // told to close before there was anything to close
		return journal.Close()
	default:
		return errors.Join(w.run(), journal.Close())
	}
}

func (w *window) run() error {
	w.log.Info().Str("version", w.cfg.Version).Msg("window is starting")
	// The store opens while GTK and WebKit start.
	w.device = openDevice(app.Config{
		Dir: w.cfg.Dir, UI: w.cfg.UI, Emit: w.emit, Keyring: account.System(), Name: hostName(), Version: w.cfg.Version, Log: w.log, Now: w.cfg.Now,
	})
	ended := w.obeySignals()
	err := w.show()
	ended()
	if slow := w.device.close(closeTime); slow != nil {
		err = errors.Join(err, slow)
	}
	if err != nil {
		w.log.Error().Err(err).Msg("window ended with an error")
		return err
	}
	w.log.Info().Msg("window is closed")
	return nil
}

// show returns when the window is gone. Wails panics where there is no display.
func (w *window) show() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("show the window: %v", p)
		}
	}()
	if err := wails.Run(w.options()); err != nil {
		return fmt.Errorf("show the window: %w", err)
	}
	return nil
}

func (w *window) options() *options.App {
	place := w.memory.load()
	state := options.Normal
	if place.Maximised {
		state = options.Maximised
	}
	return &options.App{
		Title: "Inglenook", Width: place.Width, Height: place.Height, MinWidth: minWidth, MinHeight: minHeight,
		WindowStartState:         state,
		BackgroundColour:         w.background(place),
		Menu:                     w.menu(),
		Bind:                     []any{&Page{window: w}},
		EnableDefaultContextMenu: true, // cut, copy and paste by mouse
		AssetServer:              &assetserver.Options{Assets: w.cfg.UI, Middleware: w.guard},
		SingleInstanceLock: &options.SingleInstanceLock{
			UniqueId: instance(w.cfg.Dir), OnSecondInstanceLaunch: func(options.SecondInstanceData) { w.raise() },
		},
		OnStartup:     w.startup,
		OnDomReady:    w.domReady,
		OnBeforeClose: w.beforeClose,
		// The desktop finds the .desktop file by ProgramName. Without a GPU policy Wails
		// asks for the one that leaves windows blank with some drivers
		// (https://github.com/wailsapp/wails/issues/2977).
		Linux:              &linux.Options{ProgramName: "inglenook", Icon: w.cfg.Icon, WebviewGpuPolicy: linux.WebviewGpuPolicyNever},
		Logger:             toolkit{w.log},
		LogLevelProduction: logger.ERROR,
	}
}

// instance names a data folder: two households side by side are two windows.
func instance(dir string) string {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(dir)) // a hash takes everything
	return fmt.Sprintf("inglenook_%x", hash.Sum64())
}

func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return "" // the device has a name of its own then
	}
	return name
}

func (w *window) startup(ctx context.Context) {
	w.wails.Store(ctx)
	w.place(ctx)
}

// context is what Wails' runtime wants; ok is false before the window is there.
func (w *window) context() (ctx context.Context, ok bool) {
	ctx, ok = w.wails.Load().(context.Context)
	return ctx, ok
}

// emit carries one frame to the page.
func (w *window) emit(frame bridge.Frame) {
	if ctx, ok := w.context(); ok {
		runtime.EventsEmit(ctx, "frame", frame)
	}
}

// raise brings the window to the front.
func (w *window) raise() {
	ctx, ok := w.context()
	if !ok {
		return
	}
	w.log.Info().Msg("second start: window is brought to the front")
	runtime.WindowUnminimise(ctx)
	// A window manager that lets no program take the front obeys this one.
	runtime.WindowSetAlwaysOnTop(ctx, true)
	runtime.WindowShow(ctx)
	runtime.WindowSetAlwaysOnTop(ctx, false)
}

// beforeClose never keeps the window: Wails asks here on signals, too, and
// listens to none after the first.
func (w *window) beforeClose(ctx context.Context) (prevent bool) {
	w.keepPlace(ctx)
	return false
}
