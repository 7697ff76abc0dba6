package e2e

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"inglenook/app"
	"inglenook/store"
	"inglenook/syncserver/servertest"

	"go.uber.org/goleak"
)

// crashDir makes the test binary a device on that folder, which writes without
// end and says each id once the write is acknowledged.
const crashDir = "INGLENOOK_TEST_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		if err := writeForEver(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

func writeForEver(dir string) error {
	ctx := context.Background()
	a, err := app.New(ctx, app.Config{Dir: dir, Now: func() time.Time { return servertest.Begin }})
	if err != nil {
		return err
	}
	go func() { _ = a.Run(ctx) }() // ends with the process, which is killed
	for {
		note := store.Entity{ID: store.NewID(), UpdatedAt: 1}
		if err := note.Set("title", "written"); err != nil {
			return err
		}
		if err := a.Replica().WriteAll(ctx, "", []store.Replacement{{Kind: "note", Entity: note}}); err != nil {
			return err
		}
		fmt.Println(note.ID)
	}
}

// TestCrash kills a device at any moment, over and over. Nothing it has
// acknowledged is lost, nothing is there twice, and it finds back in step.
func TestCrash(t *testing.T) {
	server := servertest.Start(t, servertest.Options{})
	dir := t.TempDir()
	first := openDevice(t, "A", dir, server.Clock.Now)
	first.join(server, "Anna")
	first.online()
	first.synced(0)
	before := len(first.shown("note"))
	first.shut()

	acknowledged := map[string]bool{}
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test repeats itself
	for range 8 {
		for _, id := range killedAfter(t, dir, 1+random.IntN(300)) {
			if acknowledged[id] {
				t.Fatalf("note %s was acknowledged twice", id)
			}
			acknowledged[id] = true
		}
	}

	last := openDevice(t, "A", dir, server.Clock.Now)
	last.online()
	last.synced(0)
	if last.digest() != serverDigest(t, server, "Anna") {
		t.Error("the device and the server hold different things")
	}
	shown := last.shown("note")
	for _, e := range shown {
		delete(acknowledged, e.ID.String())
	}
	if len(acknowledged) > 0 {
		t.Errorf("%d acknowledged notes are lost", len(acknowledged))
	}
	t.Logf("%d notes", len(shown)-before)
	parked, err := last.Replica().Device().Parked(t.Context())
	if err != nil || len(parked) > 0 {
		t.Errorf("parked: %v (%v)", parked, err)
	}
}

// killedAfter runs the device until it has acknowledged so many writes, kills
// it, and returns all it had acknowledged.
func killedAfter(t *testing.T, dir string, writes int) (ids []string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^$")
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if ids = append(ids, lines.Text()); len(ids) == writes {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if cmd.Wait() == nil || len(ids) < writes {
		t.Fatalf("the device ended by itself after %d writes", len(ids))
	}
	return ids
}
