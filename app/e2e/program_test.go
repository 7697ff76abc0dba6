//go:build e2e

package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program is a run of the release build, in a real window on the display the
// test runs under.
type program struct {
	*inspector
	dir     string // the data folder
	cmd     *exec.Cmd
	output  *printed
	ended   chan struct{}
	started time.Time
}

// printed is what a program has printed so far.
type printed struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lines.Write(b)
}

func (p *printed) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lines.String()
}

// binary is the release build: $E2E_BIN, else what `make build` makes.
func binary(t testing.TB) string {
	t.Helper()
	path := os.Getenv("E2E_BIN")
	if path == "" {
		path = "../../build/bin/inglenook-desktop"
	}
	path, err := filepath.Abs(path)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		t.Fatalf("there is no release build: %v; make build makes one", err)
	}
	if os.Getenv("DISPLAY") == "" {
		t.Fatal("there is no display: run make e2e, which brings one")
	}
	return path
}

// launch starts the program on a data folder, in a home of its own. env goes
// over the usual.
func launch(t testing.TB, dir string, env ...string) *program {
	t.Helper()
	p := begin(t, dir, env...)
	p.inspector = inspect(t, p.cmd.Args[len(p.cmd.Args)-1])
	// Without a window manager keys go to the window under the pointer.
	p.point("640", "400")
	return p
}

// begin starts the program and does not look into it.
func begin(t testing.TB, dir string, env ...string) *program {
	t.Helper()
	home := filepath.Join(filepath.Dir(dir), "home")
	p := &program{dir: dir, output: &printed{}, ended: make(chan struct{})}
	p.cmd = exec.CommandContext(t.Context(), binary(t), "--data", dir, "--inspect", freeAddress(t))
	p.cmd.Cancel = func() error { return p.cmd.Process.Kill() }
	p.cmd.Env = append([]string{
		"HOME=" + home, "XDG_DATA_HOME=" + home + "/data", "XDG_CONFIG_HOME=" + home + "/config", "XDG_CACHE_HOME=" + home + "/cache",
		"XDG_RUNTIME_DIR=" + os.Getenv("XDG_RUNTIME_DIR"), "PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "LANGUAGE=en", "NO_AT_BRIDGE=1",
		"DISPLAY=" + os.Getenv("DISPLAY"), "XAUTHORITY=" + os.Getenv("XAUTHORITY"),
		"DBUS_SESSION_BUS_ADDRESS=" + os.Getenv("DBUS_SESSION_BUS_ADDRESS"), "TZ=Europe/Berlin",
	}, env...)
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
	p.started = time.Now()
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start the window: %v", err)
	}
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // ProcessState says it
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
		if t.Failed() {
			t.Logf("the window printed:\n%s\nand logged:\n%s", p.output, p.log())
		}
	})
	return p
}

func freeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// exit waits for the end and returns the exit code.
func (p *program) exit(t testing.TB) int {
	t.Helper()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience / 4):
		t.Fatal("the window does not end")
		return -1
	}
}

// end sends a signal and wants a clean end.
func (p *program) end(signal syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		p.t.Fatalf("signal the window: %v", err)
	}
	p.closed()
}

// closed wants the program to have ended by itself, cleanly.
func (p *program) closed() {
	p.t.Helper()
	if code := p.exit(p.t); code != 0 {
		p.t.Errorf("exit code %d, want 0", code)
	}
	if log := p.log(); !strings.Contains(log, "window is closed") {
		p.t.Errorf("the log does not say that the window is closed")
	}
}

// log is the program's log file.
func (p *program) log() string {
	text, err := os.ReadFile(filepath.Join(p.dir, "log", "inglenook.log"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// tool runs a program of X.
func tool(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).Output()
	if err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			out = failed.Stderr
		}
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (p *program) point(x, y string) {
	p.t.Helper()
	tool(p.t, "xdotool", "mousemove", x, y)
}

// types types as a person does, into whatever has the keyboard.
func (p *program) types(text string) {
	p.t.Helper()
	tool(p.t, "xdotool", "type", "--clearmodifiers", "--delay", "12", text)
}

// presses presses keys, one after the other.
func (p *program) presses(keys ...string) {
	p.t.Helper()
	for _, key := range keys {
		tool(p.t, "xdotool", "key", "--clearmodifiers", key)
	}
}

// clicks waits for an element, given as an expression of the page, and clicks on
// its middle with the mouse.
func (p *program) clicks(what, element string) {
	p.t.Helper()
	p.until("showing "+what, element)
	p.evaluate(fmt.Sprintf("(%s).scrollIntoView({ block: 'center', behavior: 'instant' })", element))
	p.settled()
	// The menu bar lies between the window's edge and the page's.
	x := p.number(fmt.Sprintf("((r) => screenX + r.x + r.width / 2)((%s).getBoundingClientRect())", element))
	y := p.number(fmt.Sprintf("((r) => screenY + outerHeight - innerHeight + r.y + r.height / 2)((%s).getBoundingClientRect())", element))
	p.point(strconv.Itoa(int(x)), strconv.Itoa(int(y)))
	tool(p.t, "xdotool", "click", "1")
}

// button is an expression for the button or link that says something.
func button(name string) string {
	return fmt.Sprintf("[...document.querySelectorAll('button, a[href], summary')].find((e) => "+
		"e.checkVisibility() && (e.innerText.trim().split('\\n')[0] === %[1]q || e.ariaLabel === %[1]q))", name)
}

// shot keeps a picture of the screen in app/e2e/out.
func (p *program) shot(name string) {
	p.t.Helper()
	p.settled()
	if err := os.MkdirAll("out", 0o755); err != nil {
		p.t.Fatal(err)
	}
	tool(p.t, "import", "-window", "root", filepath.Join("out", name+".png"))
}
