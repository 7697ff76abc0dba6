package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"inglenook/app/account"
	"inglenook/app/bridge"

	"github.com/rs/zerolog"
)

// Config is what a device is told.
type Config struct {
	// Dir is the data folder; see DefaultDir.
	Dir string
	// UI is the page that the household's server, when it runs here, shows to
	// browsers; nil shows none.
	UI fs.FS
	// Emit carries frames to the page in the window; nil drops them.
	Emit func(bridge.Frame)

	// Keyring keeps the secrets of the accounts, see account.System; nil keeps
	// them in a file of the data folder.
	Keyring account.Keyring

	Name    string // how the device calls itself: its host name
	Version string
	Log     zerolog.Logger

	Now    func() time.Time
	Sleep  func(ctx context.Context, d time.Duration) error // nil means by timer
	Random func() float64                                   // nil means math/rand
}

func (c *Config) check() error {
	switch {
	case c.Dir == "":
		return errors.New("the data folder is not named")
	case c.Now == nil:
		return errors.New("there is no clock")
	}
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	if c.Random == nil {
		c.Random = rand.Float64
	}
	if c.Emit == nil {
		c.Emit = func(bridge.Frame) {}
	}
	if c.Name == "" {
		c.Name = "Inglenook"
	}
	if c.Version == "" {
		c.Version = "0"
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// DefaultDir is the system's folder for a program's data: $XDG_DATA_HOME or
// ~/.local/share, ~/Library/Application Support, or %LocalAppData%.
func DefaultDir() (string, error) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		dir, err := localData()
		if err != nil {
			return "", fmt.Errorf("find the data folder: %w", err)
		}
		return filepath.Join(dir, "Inglenook"), nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "inglenook"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the data folder: %w", err)
	}
	return filepath.Join(home, ".local", "share", "inglenook"), nil
}

// localData is the folder that stays on this machine: Windows copies the other
// one between machines, and Badger's files must not be.
func localData() (string, error) {
	if runtime.GOOS == "windows" {
		return os.UserCacheDir() // %LocalAppData%
	}
	return os.UserConfigDir() // ~/Library/Application Support
}
