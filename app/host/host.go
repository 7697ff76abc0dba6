// Package host runs the sync server inside the desktop program, for a household
// that lives on this device.
package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"inglenook/store/kv"
	"inglenook/store/kv/badgerkv"
	"inglenook/syncserver"

	"github.com/go-json-experiment/json"
	"github.com/rs/zerolog"
)

// Config says where the household lies.
type Config struct {
	Dir     string // the server's own folder
	UI      fs.FS  // the page for browsers; nil serves none
	Now     func() time.Time
	Log     zerolog.Logger
	Version string
}

// Host is the server of this device. It is started and stopped any number of
// times.
type Host struct {
	cfg Config

	mu     sync.Mutex
	server *syncserver.Server
	url    string
	stop   func() error
}

// settings are remembered, so that the address stays and the next start hosts
// again.
type settings struct {
	Port int  `json:"port"`
	Demo bool `json:"demo,omitzero"`
}

// New returns a host that has not been started.
func New(cfg Config) *Host { return &Host{cfg: cfg} }

func (h *Host) file() string { return filepath.Join(h.cfg.Dir, "host.json") }

// Hosts tells whether this device has been made a host.
func (h *Host) Hosts() bool {
	_, err := os.Stat(h.file())
	return err == nil
}

// Running tells whether the server answers now.
func (h *Host) Running() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.server != nil
}

// URL is the server's address on this device, "" when it is not running.
func (h *Host) URL() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.url
}

// LastURL is the address the server has or last had, "" when it never ran.
func (h *Host) LastURL() string {
	set, err := h.read()
	if err != nil || set.Port == 0 {
		return ""
	}
	return "http://127.0.0.1:" + strconv.Itoa(set.Port)
}

// SetUpCode makes the first account, "" when there is one or nothing runs.
func (h *Host) SetUpCode() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.server == nil {
		return ""
	}
	return h.server.SetUpCode()
}

// Start serves on 127.0.0.1, on the port of the last time when it is free; demo
// fills a new household with things to try. A second Start does nothing.
//
// Errors: store.CodeStoreLocked and those of syncserver.New.
func (h *Host) Start(ctx context.Context, demo bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.server != nil {
		return nil
	}
	set, err := h.read()
	if err != nil {
		return err
	}
	set.Demo = set.Demo || demo
	if err := os.MkdirAll(h.cfg.Dir, 0o700); err != nil {
		return fmt.Errorf("make the server's folder: %w", err)
	}
	db, err := badgerkv.Open(badgerkv.Options{Dir: filepath.Join(h.cfg.Dir, "store"), Now: h.cfg.Now, Log: h.cfg.Log})
	if err != nil {
		return err
	}
	if err := h.serve(ctx, db, set); err != nil {
		return errors.Join(err, db.Close())
	}
	return nil
}

func (h *Host) serve(ctx context.Context, db kv.DB, set settings) error {
	server, err := syncserver.New(ctx, syncserver.Config{
		Dir: h.cfg.Dir, UI: h.cfg.UI, Demo: set.Demo, Now: h.cfg.Now, Log: h.cfg.Log, Version: h.cfg.Version,
	}, db)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, set.Port)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	address := listener.Addr().(*net.TCPAddr)
	set.Port = address.Port
	if err := h.write(set); err != nil {
		return errors.Join(err, listener.Close())
	}
	// The server lives until Stop, not until whoever started it is done.
	serving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	served := make(chan error, 1)
	go func() { served <- server.Serve(serving, listener) }()
	h.server, h.url = server, "http://"+address.String()
	h.stop = func() error {
		cancel()
		return errors.Join(<-served, db.Close())
	}
	return nil
}

// listen takes the remembered port, or any when somebody else has it.
func listen(ctx context.Context, port int) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:"+strconv.Itoa(port))
	if err != nil && port != 0 {
		return config.Listen(ctx, "tcp", "127.0.0.1:0")
	}
	return listener, err
}

// Stop ends streams, requests and the store, in this order.
func (h *Host) Stop() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.server == nil {
		return nil
	}
	err := h.stop()
	h.server, h.url, h.stop = nil, "", nil
	if err != nil {
		return fmt.Errorf("stop the server: %w", err)
	}
	return nil
}

func (h *Host) read() (set settings, err error) {
	raw, err := os.ReadFile(h.file())
	if errors.Is(err, fs.ErrNotExist) {
		return set, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &set)
	}
	if err != nil {
		return set, fmt.Errorf("read host.json: %w", err)
	}
	return set, nil
}

func (h *Host) write(set settings) error {
	raw, err := json.Marshal(set)
	if err == nil {
		err = os.WriteFile(h.file(), raw, 0o600)
	}
	if err != nil {
		return fmt.Errorf("write host.json: %w", err)
	}
	return nil
}
