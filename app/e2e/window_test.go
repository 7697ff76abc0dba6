//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/household"
	"inglenook/syncserver/api"
	"inglenook/syncserver/client"
)

// row is an expression for the row of an item that has a title.
func row(title string) string {
	return fmt.Sprintf("[...document.querySelectorAll('[data-item] [role=checkbox]')].find((e) => e.innerText.trim().startsWith(%q))", title)
}

func ticked(title string) string { return "(" + row(title) + ")?.ariaChecked === 'true'" }

// startHousehold goes from the first screen to an own household, with the
// keyboard alone but for one click.
func (p *program) startHousehold(household, name string) {
	p.t.Helper()
	p.clicks("the first door", button("Start a household here"))
	p.until("asking for a name", "document.activeElement.matches('input')")
	p.types(household)
	p.presses("Tab")
	p.types(name)
	p.shot("start-" + p.theme())
	p.presses("Return")
	p.shows("Saved · synced")
}

func (p *program) theme() string {
	return p.text("matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'")
}

func TestWindowKeepsWhatIsWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	p := launch(t, dir)
	p.shows("Start a household here")
	p.shot("welcome-light")
	p.startHousehold("Lindenhof", "Zofia")

	p.presses("g", "l")
	p.until("at the lists", "location.hash === '#/lists'")
	p.shows("No lists yet")
	p.presses("ctrl+n") // the menu's key
	p.until("asking for a title", "document.querySelector('dialog[open] input') === document.activeElement")
	p.types("Groceries")
	p.presses("Return")
	p.until("in the list", "/^#.lists.\\d+$/.test(location.hash)")
	p.presses("n")
	p.until("in the add line", "document.activeElement.matches('input')")
	for _, thing := range []string{"oat milk", "rye bread", "zażółć gęślą jaźń"} {
		p.types(thing)
		p.presses("Return")
		p.until("on the list", row(thing))
	}
	p.clicks("a row", row("oat milk"))
	p.until("ticked", ticked("oat milk"))
	p.shows("Saved · synced")
	p.shot("list-light")
	p.end(syscall.SIGTERM)

	p = launch(t, dir, "GTK_THEME=Adwaita:dark")
	p.shows("Groceries")
	if p.theme() != "dark" {
		t.Error("the page does not follow the desktop's dark theme")
	}
	p.presses("g", "l")
	p.clicks("the list", "document.querySelector('main a[href^=\"#/lists/\"]')")
	p.until("all there", row("rye bread")+" && "+row("zażółć gęślą jaźń"))
	p.until("still ticked", ticked("oat milk"))
	p.until("only one is ticked", "!("+ticked("rye bread")+")")
	p.shot("list-dark")
	p.presses("ctrl+q")
	p.closed()
}

// TestWindowShowsEveryScreen walks through the demo household and keeps a
// picture of every screen, in both themes.
func TestWindowShowsEveryScreen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	p := launch(t, dir)
	p.clicks("the demo's door", button("Just look"))
	p.shows("Saved · synced")
	p.walk()
	// WebKit takes only languages that the machine was installed with.
	p.evaluate("localStorage.setItem('inglenook.language', 'de')")
	p.end(syscall.SIGINT)
	p = launch(t, dir, "GTK_THEME=Adwaita:dark", "LANG=de_DE.UTF-8", "LANGUAGE=")
	p.until("open", "document.querySelector('main h1')")
	p.until("in German", "document.documentElement.lang === 'de'")
	p.walk()
	p.end(syscall.SIGHUP)
	if log := p.log(); !strings.Contains(log, `"signal":"hangup"`) {
		t.Error("the log does not say what ended the window")
	}
}

func (p *program) walk() {
	p.t.Helper()
	suffix := "-" + p.text("document.documentElement.lang") + "-" + p.theme()
	for _, screen := range []string{"", "agenda", "lists", "notes", "people", "trash", "parked", "devices", "settings", "more"} {
		p.evaluate(fmt.Sprintf("location.hash = '#/%s'", screen))
		p.until("at "+screen, fmt.Sprintf("location.hash === '#/%s' && document.querySelector('main h1')", screen))
		if screen == "" {
			screen = "today"
		}
		p.shot(screen + suffix)
		if screen == "lists" || screen == "notes" {
			p.clicks("one of the "+screen, fmt.Sprintf("document.querySelector('main a[href^=\"#/%s/\"]')", screen))
			p.until("inside", fmt.Sprintf("/^#.%s.\\d+$/.test(location.hash)", screen))
			p.shot(strings.TrimSuffix(screen, "s") + suffix)
		}
	}
	wide := p.number("document.documentElement.scrollWidth - innerWidth")
	if wide > 0 {
		p.t.Errorf("the page is %v pixels wider than the window", wide)
	}
}

func TestSecondStartHandsOver(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	first := launch(t, dir)
	first.shows("Start a household here")
	second := begin(t, dir)
	if code := second.exit(t); code != 1 {
		t.Errorf("the second start ends with %d, want 1", code)
	}
	for end := time.Now().Add(patience / 4); !strings.Contains(first.log(), "window is brought to the front"); time.Sleep(glance) {
		if time.Now().After(end) {
			t.Fatal("the first window was not told of the second start")
		}
	}
	first.shows("Start a household here")
	// Another household is another window.
	other := launch(t, filepath.Join(t.TempDir(), "data"))
	other.shows("Start a household here")
	other.end(syscall.SIGTERM)
	first.end(syscall.SIGTERM)
}

// Without a session bus nobody hands over; the store's lock remains.
func TestLockedStoreIsSaid(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	first := launch(t, dir)
	first.shows("Start a household here")
	second := launch(t, dir, "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent")
	second.shows("Another Inglenook is using it")
	second.shot("locked-light")
	answer := "window.answer = undefined; go.window.Page.Request('GET', '/api/local/status', '', '').then((a) => (window.answer = a))"
	second.evaluate(answer)
	second.until("refused", "window.answer?.status === 503 && JSON.parse(window.answer.body).code === 'store-locked'")
	second.end(syscall.SIGTERM)
	first.end(syscall.SIGTERM)
}

// picks chooses from the menu bar with the mouse and the keyboard: the menu at
// x, and in it the entry that many below the first.
func (p *program) picks(x string, below int) {
	p.t.Helper()
	p.point(x, p.text("String(screenY + (outerHeight - innerHeight) / 2)"))
	tool(p.t, "xdotool", "click", "1")
	p.presses(slices.Repeat([]string{"Down"}, below+1)...)
	p.presses("Return")
}

func TestMenuActsOnThePage(t *testing.T) {
	const edit, undo, cut, paste = "109", 0, 2, 4 // separators are stepped over
	p := launch(t, filepath.Join(t.TempDir(), "data"))
	p.startHousehold("Lindenhof", "Zofia")
	p.presses("ctrl+plus")
	p.until("larger", "document.documentElement.style.zoom === '1.1'")
	p.shot("larger-light")
	p.presses("ctrl+0")
	p.until("of the usual size", "!document.documentElement.style.zoom")

	p.presses("ctrl+k")
	p.until("searching", "document.activeElement.matches('dialog input')")
	p.types("cellar")
	p.presses("ctrl+a")
	p.picks(edit, cut)
	p.until("cut", "document.activeElement.value === ''")
	p.picks(edit, paste)
	p.until("pasted", "document.activeElement.value === 'cellar'")
	p.picks(edit, undo)
	p.until("undone", "document.activeElement.value === ''")
	p.end(syscall.SIGTERM)
}

func TestWindowComesBackToItsPlace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	p := launch(t, dir)
	p.shows("Start a household here")
	window := strings.TrimSpace(tool(t, "xdotool", "search", "--onlyvisible", "--name", "^Inglenook$"))
	tool(t, "xdotool", "windowsize", window, "700", "600", "windowmove", window, "333", "111")
	p.until("moved", "innerWidth === 700 && screenX === 333")
	p.presses("ctrl+q")
	p.closed()
	p = launch(t, dir)
	p.until("where it was", "innerWidth === 700 && outerHeight === 600 && screenX === 333 && screenY === 111")
	p.shows("Start a household here")
	p.shot("narrow-light")
	p.end(syscall.SIGTERM)
}

func TestLinksOpenInTheBrowser(t *testing.T) {
	dir := t.TempDir()
	opened := filepath.Join(dir, "opened")
	script := "#!/bin/sh\necho \"$1\" >> '" + opened + "'\n"
	if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	p := launch(t, filepath.Join(t.TempDir(), "data"), "PATH="+dir+":"+os.Getenv("PATH"))
	p.shows("Start a household here")
	p.evaluate("document.querySelector('main, #app').insertAdjacentHTML('afterbegin', '<a href=\"https://example.org/a?b=c\">out</a><br><a href=\"#/more\">in</a>')")
	p.clicks("a link out", button("out"))
	for end := time.Now().Add(patience / 4); ; time.Sleep(glance) {
		if got, err := os.ReadFile(opened); err == nil && len(got) > 0 {
			if want := "https://example.org/a?b=c\n"; string(got) != want {
				t.Errorf("opened %q, want %q", got, want)
			}
			break
		}
		if time.Now().After(end) {
			t.Fatal("no browser was asked")
		}
	}
	p.shows("Start a household here")
	p.clicks("a link in the page", button("in"))
	p.until("followed", "location.hash === '#/more'")
	p.end(syscall.SIGTERM)
}

// The asset handler takes no bodies, whoever sends them.
func TestWindowAnswersGetsOnly(t *testing.T) {
	p := launch(t, filepath.Join(t.TempDir(), "data"))
	p.shows("Start a household here")
	p.evaluate("window.caught = ''; addEventListener('securitypolicyviolation', (e) => (window.caught = e.effectiveDirective));" +
		"fetch('/', { method: 'POST' }).then(() => (window.caught = 'sent'), () => 0)")
	p.until("refused by the policy", "window.caught === 'connect-src'")
	p.evaluate("window.status = ''; go.window.Page.Request('DELETE', '/api/entities', '', '').then((a) => (window.status = a.status))")
	p.until("refused by the bridge", "window.status == 405")
	p.end(syscall.SIGTERM)
}

// server is inglenookd, run as a household does.
type server struct {
	t            *testing.T
	dir, address string
	cmd          *exec.Cmd
}

func (s *server) start() {
	s.t.Helper()
	path, err := filepath.Abs("../../build/bin/inglenookd")
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		s.t.Fatalf("there is no server: %v; make build makes one", err)
	}
	s.cmd = exec.CommandContext(s.t.Context(), path, "serve", "--demo", "--data", s.dir, "--listen", s.address)
	if err := s.cmd.Start(); err != nil {
		s.t.Fatalf("start the server: %v", err)
	}
}

func (s *server) stop() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatalf("stop the server: %v", err)
	}
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("the server ended with %v", err)
	}
}

// holds tells whether Anna sees an entity with some words in it.
func (s *server) holds(ctx context.Context, words string) (found bool) {
	s.t.Helper()
	anonymous, err := client.New(client.Config{URL: "http://" + s.address, Name: "test/1"})
	if err != nil {
		s.t.Fatal(err)
	}
	defer anonymous.Close()
	anna, _, err := anonymous.Login(ctx, "demo", api.Login{Name: "Anna", Kind: "token", Device: "test"})
	if err != nil {
		s.t.Fatalf("sign in: %v", err)
	}
	defer anna.Close()
	begin := func(store.Cursor) error { return nil }
	err = anna.Snapshot(ctx, store.Cursor{}, store.Ref{}, begin, func(chunk []household.Received) error {
		found = found || slices.ContainsFunc(chunk, func(r household.Received) bool {
			return bytes.Contains(r.Entity, []byte(words))
		})
		return nil
	})
	if err != nil {
		s.t.Fatalf("read the household: %v", err)
	}
	return found
}

// What is written without a server survives a crash, and gets there later.
func TestWindowWritesWithoutItsServer(t *testing.T) {
	s := &server{t: t, dir: filepath.Join(t.TempDir(), "server"), address: freeAddress(t)}
	s.start()
	dir := filepath.Join(t.TempDir(), "data")
	p := launch(t, dir)
	p.clicks("the second door", button("Join one"))
	p.until("asking for an address", "document.activeElement.matches('input')")
	p.types(s.address)
	p.shot("join-light")
	p.presses("Return")
	p.clicks("Ben", "[...document.querySelectorAll('button')].find((e) => /(^|\\n)Ben\\b/.test(e.innerText))")
	p.shows("Saved · synced")

	s.stop()
	p.shows("Server not reached")
	p.presses("g", "l")
	p.clicks("a list", "document.querySelector('main a[href^=\"#/lists/\"]')")
	p.until("in the list", "/^#.lists.\\d+$/.test(location.hash)")
	p.presses("n")
	p.until("in the add line", "document.activeElement.matches('input')")
	p.types("candles for the power cut")
	p.presses("Return")
	p.until("on the list", row("candles for the power cut"))
	p.shot("unreached-light")
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.exit(t)

	p = launch(t, dir)
	p.shows("Server not reached")
	p.presses("g", "l")
	p.clicks("a list", "document.querySelector('main a[href^=\"#/lists/\"]')")
	p.until("still on the list", row("candles for the power cut"))
	s.start()
	p.shows("Saved · synced")
	if !s.holds(t.Context(), "candles for the power cut") {
		t.Error("what was written offline is not on the server")
	}
	p.end(syscall.SIGTERM)
	s.stop()
}
