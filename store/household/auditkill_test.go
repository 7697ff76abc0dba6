package household_test

import (
	"bufio"
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/access"
	"inglenook/store/household"
	"inglenook/store/kind"
	"inglenook/store/kv/badgerkv"
	"inglenook/store/storetest"
)

// auditorDirEnv makes TestAuditor a writer in the folder it names.
const auditorDirEnv = "INGLENOOK_AUDIT_TEST_DIR"

// openDir opens the household in dir.
func openDir(t *testing.T, dir string) *house {
	t.Helper()
	kinds, err := kind.Load()
	if err != nil {
		t.Fatal(err)
	}
	clock := storetest.NewClock(start)
	db := storetest.OpenWith(t, badgerkv.Options{Dir: dir, Now: clock.Now})
	s, err := household.Open(t.Context(), db, kinds)
	if err != nil {
		t.Fatal(err)
	}
	return &house{Store: s, t: t, clock: clock, db: db}
}

// TestAuditor changes a user's access until it is killed, and trims now and
// then. It says the number of each event.
func TestAuditor(t *testing.T) {
	dir := os.Getenv(auditorDirEnv)
	if dir == "" {
		t.Skip("runs as the writer of TestAKillTearsNothingApart only")
	}
	h := openDir(t, dir)
	for i := 0; ; i++ {
		h.clock.Advance(time.Hour)
		level := []access.Level{access.Admin, access.Member}[h.Head().ID%2]
		base := h.Head().ID
		if err := h.Found(t.Context(), anna, []store.Replacement{h.put("user", ben, base, map[string]any{"name": "Ben", "access": level})}); err != nil {
			t.Fatal(err)
		}
		if i%16 == 15 {
			if err := h.TrimAudit(t.Context(), 24*time.Hour); err != nil {
				t.Fatal(err)
			}
		}
		// One write call a line: os.Stdout has no buffer.
		_, _ = os.Stdout.WriteString("event " + strconv.FormatUint(uint64(h.Head().ID), 10) + "\n")
	}
}

// A server that is killed has each change of access with its record, or neither,
// and a log that verifies.
func TestAKillTearsNothingApart(t *testing.T) {
	dir := t.TempDir()
	for range 3 {
		said := killAuditor(t, dir)
		t.Run("look", func(t *testing.T) {
			h := openDir(t, dir)
			if chain := h.chain(); chain.Broken != nil || chain.Head != uint64(h.Head().ID) {
				t.Errorf("after event %d: %+v, broken %+v", h.Head().ID, chain, chain.Broken)
			}
			if newest := h.log()[0].Detail["event"]; newest != store.ID(h.Head().ID).String() {
				t.Errorf("the newest record is of event %s, the newest event is %d", newest, h.Head().ID)
			}
			if uint64(h.Head().ID) < said {
				t.Errorf("event %d is gone", said)
			}
		})
	}
}

// killAuditor runs a writer, kills it at some moment, and returns the newest
// event it said.
func killAuditor(t *testing.T, dir string) (newest uint64) {
	t.Helper()
	writer := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAuditor$") //nolint:gosec // ourselves
	writer.Env = append(os.Environ(), auditorDirEnv+"="+dir)
	out, err := writer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	left := 10 + rand.IntN(60) //nolint:gosec // any moment will do
	for lines := bufio.NewScanner(out); lines.Scan(); left-- {
		number, found := bytes.CutPrefix(lines.Bytes(), []byte("event "))
		n, err := strconv.ParseUint(string(number), 10, 64)
		if !found || err != nil {
			t.Errorf("the writer said %q", lines.Text())
		}
		newest = n
		if left == 0 {
			if err := writer.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	_ = writer.Wait() // it was killed
	if left >= 0 {
		t.Fatal("the writer ended by itself")
	}
	return newest
}
