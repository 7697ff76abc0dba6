package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/servertest"

	"github.com/go-json-experiment/json"
)

// asProgram makes the test binary the program itself.
const asProgram = "INGLENOOK_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// shell is a device as a script sees it.
type shell struct {
	t   *testing.T
	dir string
}

// run runs the program and returns what it wrote and its exit code.
func (s shell) run(stdin string, args ...string) (out, errs string, code int) {
	s.t.Helper()
	self, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.CommandContext(context.Background(), self, append([]string{"--data", s.dir}, args...)...)
	// Nobody's own keyring is touched.
	cmd.Env = append(os.Environ(), asProgram+"=1", "INGLENOOK_KEYRING=false")
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()
}

// ok runs the program, which must succeed.
func (s shell) ok(stdin string, args ...string) string {
	s.t.Helper()
	out, errs, code := s.run(stdin, args...)
	if code != 0 {
		s.t.Fatalf("inglenook %s: exit %d: %s", strings.Join(args, " "), code, errs)
	}
	return out
}

func (s shell) fails(want int, args ...string) string {
	s.t.Helper()
	_, errs, code := s.run("", args...)
	if code != want {
		s.t.Errorf("inglenook %s: exit %d, want %d: %s", strings.Join(args, " "), code, want, errs)
	}
	return errs
}

// state looks at what status says while nothing else runs.
func (s shell) state(want string) {
	s.t.Helper()
	var status api.Status
	decode(s.t, s.ok("", "status"), &status)
	if status.State != want {
		s.t.Errorf("the state is %s, want %s", status.State, want)
	}
}

func TestTwoDevices(t *testing.T) {
	server := servertest.Start(t, servertest.Options{})
	a, b := shell{t, t.TempDir()}, shell{t, t.TempDir()}
	files := t.TempDir()
	good, bad := filepath.Join(files, "good.csv"), filepath.Join(files, "bad.csv")
	write(t, good, "milk ,bread\neggs\n")
	write(t, bad, "milk\nbread,,eggs\n")

	a.fails(exitSignIn, "sync", "--once")
	a.state("none")
	if errs := a.fails(exitUse, "import", good, bad); !strings.Contains(errs, "bad.csv:2") {
		t.Errorf("the error does not name the line: %s", errs)
	}
	if out := a.ok("", "ls", "list"); out != "" {
		t.Errorf("a malformed file left %s", out)
	}
	for _, s := range []shell{a, b} {
		s.ok("", "login", server.URL, "--name", "Anna", "--demo")
	}
	a.state("idle")
	var made struct {
		Act  string             `json:"act"`
		Made map[store.Kind]int `json:"made"`
	}
	decode(t, a.ok("", "import", good), &made)
	if made.Made["list"] != 2 || made.Made["item"] != 3 {
		t.Errorf("imported %v", made)
	}
	var again struct {
		Made map[store.Kind]int `json:"made"`
		Here int                `json:"here"`
	}
	decode(t, a.ok("", "import", good), &again)
	if len(again.Made) != 0 || again.Here != 5 {
		t.Errorf("imported once more: %+v", again)
	}
	a.state("waiting")
	a.ok("", "sync", "--once")
	a.state("idle")
	b.ok("", "sync", "--once")
	if out := b.ok("", "ls", "list"); !strings.Contains(out, "Basket 2") {
		t.Errorf("device B lists %s", out)
	}
	if x, y := a.ok("", "digest"), b.ok("", "digest"); x != y {
		t.Errorf("digests differ: %s %s", x, y)
	}

	var note store.Entity
	decode(t, b.ok(`{"title":"Keys","body":"under the mat"}`, "put", "note"), &note)
	decode(t, b.ok("", "put", "note", `{"id":`+note.ID.String()+`,"body":null,"pinned":true}`), &note)
	if note.String("title") != "Keys" || note.Fields["body"] != nil || !note.Bool("pinned") {
		t.Errorf("changed is %v", note)
	}
	b.ok("", "rm", "note", note.ID.String())
	b.ok("", "sync", "--once")
	decode(t, b.ok("", "restore", "note", note.ID.String()), &note)
	if note.Deleted || note.String("title") != "Keys" {
		t.Errorf("restored is %v", note)
	}
	b.ok("", "sync", "--once")
	a.ok("", "sync", "--once")
	if out := a.ok("", "export", "note"); !strings.Contains(out, "Keys") {
		t.Errorf("device A exports %s", out)
	}

	b.ok("", "undo", made.Act) // the other device undoes it
	b.ok("", "sync", "--once")
	a.ok("", "sync", "--once")
	if out := a.ok("", "ls", "list"); strings.Contains(out, "Basket") {
		t.Errorf("after undo device A lists %s", out)
	}
	b.fails(exitNotFound, "undo", made.Act)
	b.fails(exitNotFound, "rm", "note", "12345")
	b.fails(exitUse, "put", "note", `{"title":5}`)
	b.fails(exitUse, "put", "note", `{"title"`)
	server.Stop()
	b.ok("", "put", "note", `{"title":"offline"}`)
	b.fails(exitUnreached, "sync", "--once")
	b.fails(exitRefused, "logout")
	b.ok("", "logout", "--discard")
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("read %q: %v", text, err)
	}
}
