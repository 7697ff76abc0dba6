package account_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

// service is a Secret Service of its own: a bus on which nothing starts by
// itself, and GNOME Keyring on it with a keyring of an empty password in a
// temporary home. It and the user's own do not know of each other.
type service struct {
	t      *testing.T
	home   string
	env    []string
	watch  *dbus.Conn
	owners chan *dbus.Signal // who has the name of the service now
	bus    *exec.Cmd
	daemon *exec.Cmd
}

const serviceName = "org.freedesktop.secrets"

const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=HOME/bus</listen>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

// newService starts the bus, without a keyring on it yet.
func newService(t *testing.T) *service {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the Secret Service is Linux's; other systems have no keyring that a test could start")
	}
	for _, program := range []string{"dbus-daemon", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(program); err == nil {
			continue
		}
		if os.Getenv("INGLENOOK_WITHOUT_KEYRING") == "1" {
			t.Skip(program + " is not installed, and INGLENOOK_WITHOUT_KEYRING says that it need not be")
		}
		t.Fatalf("%s is not installed: run build/install.sh test, or set INGLENOOK_WITHOUT_KEYRING=1 to skip", program)
	}
	// The path of a socket has 107 bytes at most, so t.TempDir is too long.
	home, err := os.MkdirTemp("", "inglenook")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(home) })
	config := filepath.Join(home, "bus.conf")
	if err := os.WriteFile(config, []byte(strings.ReplaceAll(busConfig, "HOME", home)), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &service{t: t, home: home, env: []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_DATA_HOME=" + home, "XDG_RUNTIME_DIR=" + home,
	}}
	s.bus = s.command("dbus-daemon", "--config-file="+config, "--nofork", "--nopidfile", "--print-address=1")
	printed, err := s.bus.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.run(s.bus)
	address, err := bufio.NewReader(printed).ReadString('\n') // it listens by then
	if err != nil {
		t.Fatal(err)
	}
	s.env = append(s.env, "DBUS_SESSION_BUS_ADDRESS="+strings.TrimSpace(address))
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimSpace(address))
	// go-keyring keeps the process's shared connection; the next test has another bus.
	t.Cleanup(func() {
		if shared, err := dbus.SessionBus(); err == nil {
			_ = shared.Close()
		}
	})
	s.listen()
	return s
}

// listen hears when the Secret Service comes and goes.
func (s *service) listen() {
	s.t.Helper()
	var err error
	if s.watch, err = dbus.ConnectSessionBus(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { s.watch.Close() })
	err = s.watch.AddMatchSignal(
		dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, serviceName),
	)
	if err != nil {
		s.t.Fatal(err)
	}
	s.owners = make(chan *dbus.Signal, 16)
	s.watch.Signal(s.owners)
}

// owned waits until the name of the service has an owner, or none.
func (s *service) owned(want bool) {
	s.t.Helper()
	for change := range s.owners {
		if change.Name != "org.freedesktop.DBus.NameOwnerChanged" || len(change.Body) != 3 {
			continue
		}
		if owner, _ := change.Body[2].(string); (owner != "") == want {
			return
		}
	}
	s.t.Fatal("the bus is gone")
}

// start starts the keyring and unlocks it; what an earlier one kept is there.
func (s *service) start() {
	s.t.Helper()
	s.daemon = s.command("gnome-keyring-daemon", "--foreground", "--components=secrets", "--unlock")
	s.daemon.Stdin = strings.NewReader("\n")
	s.run(s.daemon)
	s.owned(true)
}

// stop kills the keyring, as a crash would.
func (s *service) stop() {
	s.t.Helper()
	if err := s.daemon.Process.Kill(); err != nil {
		s.t.Fatal(err)
	}
	s.owned(false)
}

// end kills the bus.
func (s *service) end() {
	s.t.Helper()
	if err := s.bus.Process.Kill(); err != nil {
		s.t.Fatal(err)
	}
	<-s.watch.Context().Done()
}

// lock locks the keyring, as a person or a screen saver does. On this bus
// nothing can ask for its password.
func (s *service) lock() {
	s.t.Helper()
	collections := []dbus.ObjectPath{"/org/freedesktop/secrets/collection/login"}
	call := s.watch.Object(serviceName, "/org/freedesktop/secrets").
		Call("org.freedesktop.Secret.Service.Lock", 0, collections)
	if call.Err != nil {
		s.t.Fatal(call.Err)
	}
}

func (s *service) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Env, c.Dir = s.env, s.home
	return c
}

// run starts a program that ends with the test at the latest.
func (s *service) run(c *exec.Cmd) {
	s.t.Helper()
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait() // it was killed: that is its error
	})
}
