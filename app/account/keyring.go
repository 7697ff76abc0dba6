package account

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/godbus/dbus/v5"
	"github.com/zalando/go-keyring"
)

// service is the name our items have in the keyring.
const service = "Inglenook"

// ErrKeyring says that the secrets of an account are in a keyring that does not
// answer now: it is locked, or its daemon is gone. Nothing is lost; the same
// call works when it answers again.
var ErrKeyring = errors.New("the system's keyring does not answer: unlock it or start it, and try again")

// Keyring keeps short secrets by name. Its calls may take as long as a person
// takes to unlock it.
type Keyring interface {
	Set(name, secret string) error
	// Get and Delete answer keyring.ErrNotFound for what is not there.
	Get(name string) (string, error)
	Delete(name string) error
}

// System is the keyring of the operating system: the Keychain, the Credential
// Manager, or the Secret Service (GNOME Keyring, KWallet, KeePassXC).
func System() Keyring { return system{} }

type system struct{}

func (system) Set(name, secret string) error {
	if err := reachable(); err != nil {
		return err
	}
	return keyring.Set(service, name, secret)
}

func (system) Get(name string) (string, error) {
	if err := reachable(); err != nil {
		return "", err
	}
	return keyring.Get(service, name)
}

func (system) Delete(name string) error {
	if err := reachable(); err != nil {
		return err
	}
	return keyring.Delete(service, name)
}

// reachable tells whether there is a bus to ask for the Secret Service. Where
// there is none, go-keyring would start one with dbus-launch, which would stay
// behind after each run on a machine without a desktop.
func reachable() error {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return nil
	}
	bus, err := dbus.SessionBusPrivateNoAutoStartup()
	if err != nil {
		return fmt.Errorf("find the session bus: %w", err)
	}
	return bus.Close()
}
