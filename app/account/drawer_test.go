package account_test

import (
	"errors"
	"maps"
	"strings"
	"sync"

	"github.com/zalando/go-keyring"
)

// drawer is a keyring in memory, with the troubles that real ones have.
type drawer struct {
	after func() // after each change

	mu      sync.Mutex
	items   map[string]string
	trouble error         // answered instead of doing anything
	hangs   chan struct{} // calls wait for it first
	panics  bool
	mute    bool // takes secrets and does not give them back
}

var errGone = errors.New("org.freedesktop.DBus.Error.ServiceUnknown")

func newDrawer() *drawer { return &drawer{items: map[string]string{}} }

func (d *drawer) enter() error {
	d.mu.Lock()
	hangs, panics := d.hangs, d.panics
	d.mu.Unlock()
	if hangs != nil {
		<-hangs
	}
	if panics {
		panic("invalid memory address")
	}
	d.mu.Lock()
	return d.trouble
}

func (d *drawer) leave() {
	d.mu.Unlock()
	if d.after != nil {
		d.after()
	}
}

func (d *drawer) Set(name, secret string) error {
	err := d.enter()
	defer d.leave()
	if err == nil {
		d.items[name] = secret
	}
	return err
}

func (d *drawer) Get(name string) (string, error) {
	err := d.enter()
	defer d.leave()
	secret, ok := d.items[name]
	if err == nil && !ok {
		err = keyring.ErrNotFound
	}
	if d.mute && !strings.HasSuffix(name, "-probe") {
		secret = `{"value":""}`
	}
	return secret, err
}

func (d *drawer) Delete(name string) error {
	err := d.enter()
	defer d.leave()
	if _, ok := d.items[name]; err == nil && !ok {
		return keyring.ErrNotFound
	}
	if err == nil {
		delete(d.items, name)
	}
	return err
}

func (d *drawer) is(trouble error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.trouble = trouble
}

func (d *drawer) hang(until chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hangs = until
}

func (d *drawer) copy() map[string]string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.items)
}

// holds tells whether any item holds a text.
func (d *drawer) holds(text string) bool {
	for _, secret := range d.copy() {
		if strings.Contains(secret, text) {
			return true
		}
	}
	return false
}
