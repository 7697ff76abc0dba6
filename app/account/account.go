// Package account keeps this device's session: which server, as whom, and the
// secret value that proves it.
package account

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"inglenook/syncserver/api"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Account is one session of this device.
type Account struct {
	URL     string      `json:"url"`
	Value   string      `json:"value"`   // the session's secret
	Session api.Session `json:"session"` // as last heard, for when the server is not reached
}

// Keeper is where the account lies: a file here, the system's keyring where
// there is one.
type Keeper interface {
	// Load returns the account; ok is false when there is none.
	Load() (a Account, ok bool, err error)
	Save(a Account) error
	// Remove forgets the account; none is no error.
	Remove() error
}

// File keeps the account in a file that only its owner can read.
type File struct{ path string }

// NewFile returns the keeper of a data folder.
func NewFile(dir string) *File { return &File{path: filepath.Join(dir, "account.json")} }

// Load reads the file.
func (f *File) Load() (a Account, ok bool, err error) {
	raw, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return a, false, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &a)
	}
	if err != nil {
		return a, false, fmt.Errorf("read the account: %w", err)
	}
	return a, true, nil
}

// Save replaces the file as a whole, so that a crash leaves the old account or
// the new one.
func (f *File) Save(a Account) error {
	if err := f.save(a); err != nil {
		return fmt.Errorf("write the account: %w", err)
	}
	return nil
}

func (f *File) save(a Account) error {
	raw, err := json.Marshal(a, jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return err
	}
	next, err := os.CreateTemp(filepath.Dir(f.path), ".account-*") // 0600
	if err != nil {
		return err
	}
	_, err = next.Write(raw)
	err = errors.Join(err, next.Sync(), next.Close())
	if err == nil {
		err = os.Rename(next.Name(), f.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(next.Name()))
	}
	return nil
}

// Remove deletes the file.
func (f *File) Remove() error {
	if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the account: %w", err)
	}
	return nil
}
