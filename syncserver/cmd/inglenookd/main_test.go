package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"inglenook/store"
	"inglenook/syncserver/api"
	"inglenook/syncserver/client"
)

// The tests run the program itself: the test binary with asProgram set.
const asProgram = "INGLENOOKD_TEST_RUNS_THE_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// serve starts the server and returns its address and what stops it by SIGTERM.
func serve(t *testing.T, cmd *exec.Cmd) (url string, stop func() string) {
	t.Helper()
	var logs bytes.Buffer
	cmd.Stderr = &logs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	url, found := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !found {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		t.Fatalf("stdout says %q: %v\n%s", line, err, logs.String())
	}
	return url, func() string {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("after SIGTERM: %v\n%s", err, logs.String())
		}
		return logs.String()
	}
}

func TestServing(t *testing.T) {
	dir := t.TempDir()
	add := command(t, "user", "add", "--data", dir, "--name", "Ben", "--access", "admin", "--password-stdin")
	add.Stdin = strings.NewReader("a good password\n")
	if out, err := add.CombinedOutput(); err != nil || !strings.Contains(string(out), "added Ben, admin") {
		t.Fatalf("user add: %v\n%s", err, out)
	}
	again := command(t, "user", "add", "--data", dir, "--name", "ben")
	if out, err := again.CombinedOutput(); err == nil || !strings.Contains(string(out), string(store.CodeNameTaken)) {
		t.Errorf("the same name again: %v\n%s", err, out)
	}

	url, stop := serve(t, command(t, "serve", "--data", dir, "--listen", "127.0.0.1:0"))
	c, err := client.New(client.Config{URL: url, Name: "test/1"})
	if err != nil {
		t.Fatal(err)
	}
	ben, in, err := c.Login(t.Context(), "password", api.Login{Name: "Ben", Password: "a good password", Kind: "token"})
	if err != nil {
		t.Fatal(err)
	}
	busy := command(t, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	if out, err := busy.CombinedOutput(); err == nil || !strings.Contains(string(out), string(store.CodeStoreLocked)) {
		t.Errorf("a second server on the same folder: %v\n%s", err, out)
	}
	e := store.Entity{ID: 7, UpdatedAt: 1_790_000_000_000}
	if err := e.Set("title", "canary-title"); err != nil {
		t.Fatal(err)
	}
	result, err := ben.Push(t.Context(), store.Batch{Replica: 1, Seq: 1, Replacements: []store.Replacement{{Kind: "list", Entity: e}}})
	if err != nil {
		t.Fatal(err)
	}
	said := make(chan string, 1)
	go func() {
		var frames []string
		_ = ben.Stream(t.Context(), result.Event, func(f client.Frame, _ bool) error {
			frames = append(frames, f.Event)
			if f.Event == "bye" {
				said <- strings.Join(frames, " ")
			}
			return nil
		})
	}()
	waitFor(t, url, "inglenook_streams 1")
	logs := stop()
	if got := <-said; got != "session bye" {
		t.Errorf("the stream said %q", got)
	}
	for _, secret := range []string{"a good password", in.Value, in.Value[5:20], "canary-title"} {
		if strings.Contains(logs, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}

	url, stop = serve(t, command(t, "serve", "--data", dir, "--listen", "127.0.0.1:0"))
	c, err = client.New(client.Config{URL: url, Name: "test/1", Credentials: client.Credentials{Value: in.Value}})
	if err != nil {
		t.Fatal(err)
	}
	if at, err := c.LastEventID(t.Context()); err != nil || at != result.Event {
		t.Errorf("after a restart: %v %v, want %v", at, err, result.Event)
	}
	stop()
}

// waitFor asks for the metrics until they hold a line; each answer is awaited,
// so it does not spin.
func waitFor(t *testing.T, url, line string) {
	t.Helper()
	for range 10_000 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(body), line) {
			return
		}
	}
	t.Fatalf("never %q", line)
}

func TestSettings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.json")
	config := fmt.Sprintf(`{"data": %q, "listen": "127.0.0.3:0"}`, t.TempDir())
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		env  []string
		args []string
		want string
	}{
		{"the file", nil, nil, "http://127.0.0.3:"},
		{"the environment wins over it", []string{"INGLENOOK_LISTEN=127.0.0.2:0"}, nil, "http://127.0.0.2:"},
		{"a flag wins over both", []string{"INGLENOOK_LISTEN=127.0.0.2:0"}, []string{"--listen", "127.0.0.1:0"}, "http://127.0.0.1:"},
	} {
		cmd := command(t, append([]string{"--config", file, "serve"}, tt.args...)...)
		cmd.Env = append(cmd.Env, tt.env...)
		url, stop := serve(t, cmd)
		if !strings.HasPrefix(url, tt.want) {
			t.Errorf("%s: listens on %s", tt.name, url)
		}
		if logs := stop(); !strings.Contains(logs, "set-up code") {
			t.Errorf("%s: an empty household logs no set-up code:\n%s", tt.name, logs)
		}
	}
}

func TestRefusedStarts(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"no data folder", []string{"serve"}, 2, "--data"},
		{"an unknown flag", []string{"serve", "--data", t.TempDir(), "--nonsense"}, 2, "nonsense"},
		{"an address that is none", []string{"serve", "--data", t.TempDir(), "--listen", "nowhere:99999"}, 1, "listen on"},
		{"a demo for everybody", []string{"serve", "--data", t.TempDir(), "--listen", "0.0.0.0:0", "--demo"}, 1, "127.0.0.1 only"},
		{"a weak password", []string{"user", "add", "--data", t.TempDir(), "--name", "x", "--password-stdin"}, 1, string(store.CodePasswordWeak)},
		{"an unknown access", []string{"user", "add", "--data", t.TempDir(), "--name", "x", "--access", "king"}, 2, "access"},
	} {
		cmd := command(t, tt.args...)
		cmd.Stdin = strings.NewReader("12345678\n")
		out, _ := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != tt.code || !strings.Contains(string(out), tt.says) {
			t.Errorf("%s: exit %d\n%s", tt.name, got, out)
		}
	}
}
