package window

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// The window's size in pixels that the toolkit scales.
const (
	minWidth, minHeight     = 360, 480
	usualWidth, usualHeight = 1180, 780
)

// place is where the window was when it was closed, and how it looked. Width
// and Height are those of the window that is not maximised.
type place struct {
	X         int    `json:"x"`
	Y         int    `json:"y"`
	Width     int    `json:"width"`
	Height    int    `json:"height"`
	Placed    bool   `json:"placed,omitzero"` // X and Y mean something
	Maximised bool   `json:"maximised,omitzero"`
	Ground    string `json:"ground,omitzero"` // the page's background, #rrggbb
}

// fit moves and shrinks the window into a screen. Wails moves windows only
// within the screen they are on, so one is all there is to know.
func (p place) fit(screenWidth, screenHeight int) place {
	p.Width, p.Height = max(minWidth, p.Width), max(minHeight, p.Height)
	if screenWidth > 0 && screenHeight > 0 {
		p.Width, p.Height = min(p.Width, screenWidth), min(p.Height, screenHeight)
		p.X = min(max(p.X, 0), screenWidth-p.Width)
		p.Y = min(max(p.Y, 0), screenHeight-p.Height)
	}
	return p
}

// memory keeps the place in a file.
type memory struct {
	path string

	mu    sync.Mutex
	place place
}

// remember reads the file. One that is missing or broken is as good as none:
// nothing in it is worth a message.
func remember(path string) *memory {
	m := &memory{path: path}
	raw, err := os.ReadFile(m.path)
	if err != nil || json.Unmarshal(raw, &m.place) != nil {
		m.place = place{}
	}
	if m.place.Width == 0 || m.place.Height == 0 {
		m.place.Width, m.place.Height = usualWidth, usualHeight
	}
	m.place = m.place.fit(0, 0)
	return m
}

func (m *memory) load() place {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.place
}

// change changes the place, and the file when that makes a difference. The file
// is replaced as a whole.
func (m *memory) change(fn func(*place)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	was := m.place
	fn(&m.place)
	if m.place == was {
		return nil
	}
	raw, err := json.Marshal(m.place)
	if err != nil {
		return err
	}
	next, err := os.CreateTemp(filepath.Dir(m.path), ".window-*")
	if err != nil {
		return err
	}
	_, err = next.Write(raw)
	err = errors.Join(err, next.Close())
	if err == nil {
		err = os.Rename(next.Name(), m.path)
	}
	if err != nil {
		return errors.Join(err, ignoreMissing(os.Remove(next.Name())))
	}
	return nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// place puts the window where it was. It waits for GTK's loop, so that Wails
// has centred the window before.
func (w *window) place(ctx context.Context) {
	p := w.memory.load()
	if _, _ = runtime.WindowGetSize(ctx); p.Maximised {
		return
	}
	screens, err := runtime.ScreenGetAll(ctx)
	if err != nil {
		return
	}
	for _, screen := range screens {
		if !screen.IsCurrent {
			continue
		}
		fitted := p.fit(screen.Size.Width, screen.Size.Height)
		if fitted.Width != p.Width || fitted.Height != p.Height {
			runtime.WindowSetSize(ctx, fitted.Width, fitted.Height)
		}
		if p.Placed {
			runtime.WindowSetPosition(ctx, fitted.X, fitted.Y)
		}
		return
	}
}

// askTime is how long GTK may take to say where the window is. Its loop may not
// turn any more.
const askTime = 300 * time.Millisecond

// keepPlace remembers where the window is.
func (w *window) keepPlace(ctx context.Context) {
	kept := make(chan error, 1)
	go func() { kept <- w.memory.change(now(ctx)) }()
	select {
	case err := <-kept:
		if err != nil {
			w.log.Warn().Err(err).Msg("place of the window cannot be kept")
		}
	case <-time.After(askTime):
	}
}

// now reads the place off the window.
func now(ctx context.Context) func(*place) {
	if runtime.WindowIsMinimised(ctx) || runtime.WindowIsFullscreen(ctx) {
		return func(*place) {}
	}
	maximised := runtime.WindowIsMaximised(ctx)
	width, height := runtime.WindowGetSize(ctx)
	x, y := runtime.WindowGetPosition(ctx)
	return func(p *place) {
		p.Maximised = maximised
		if !maximised {
			p.X, p.Y, p.Width, p.Height, p.Placed = x, y, width, height, true
		}
	}
}
