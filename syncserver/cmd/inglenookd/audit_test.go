package main

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inglenook/store/household"
	"inglenook/store/kv"
	"inglenook/store/kv/badgerkv"

	"github.com/go-json-experiment/json"
)

func TestAuditCommand(t *testing.T) {
	dir := t.TempDir()
	run := func(code int, args ...string) string {
		t.Helper()
		cmd := command(t, append(args, "--data", dir)...)
		out, _ := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != code {
			t.Fatalf("%q: exit %d\n%s", args, got, out)
		}
		return string(out)
	}
	run(0, "user", "add", "--name", "Anna", "--access", "admin")
	run(0, "user", "add", "--name", "Ben\x1b[2J", "--access", "member")

	if out := run(0, "audit"); strings.Count(out, "\n") != 2 || !strings.Contains(out, household.AuditUserAccess) ||
		!strings.Contains(out, `"Anna"`) || strings.Contains(out, "\x1b") || strings.Index(out, "Anna") < strings.Index(out, "Ben") {
		t.Errorf("the table:\n%q", out)
	}
	lines := strings.Split(strings.TrimSpace(run(0, "audit", "--json")), "\n")
	var records [2]household.AuditRecord
	for i, line := range lines {
		if err := json.Unmarshal([]byte(line), &records[i]); err != nil {
			t.Fatal(err)
		}
	}
	if len(lines) != 2 || records[0].N != 2 || records[0].Prev != records[1].Hash || records[1].Detail["to"] != "admin" {
		t.Errorf("%q", lines)
	}
	if out := run(0, "audit", "--since", time.Now().Add(48*time.Hour).Format(time.DateOnly)); out != "" {
		t.Errorf("since the day after tomorrow:\n%s", out)
	}
	if out := run(0, "audit", "--since", time.Now().Add(-48*time.Hour).Format(time.DateOnly)); strings.Count(out, "\n") != 2 {
		t.Errorf("since the day before yesterday:\n%s", out)
	}
	if out := run(0, "audit", "--verify"); !strings.Contains(out, "2 records are whole") || !strings.Contains(out, records[0].Hash.String()) {
		t.Errorf("verify:\n%s", out)
	}

	alter(t, dir)
	if out := run(1, "audit", "--verify"); !strings.Contains(out, "broken at record 1") {
		t.Errorf("verify an altered log:\n%s", out)
	}
	if out := run(1, "audit", "--verify", "--json"); !strings.Contains(out, `"broken":{"n":1,`) {
		t.Errorf("verify an altered log:\n%s", out)
	}

	dir = filepath.Join(dir, "missing")
	run(1, "audit")
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("a mistyped folder was made: %v", err)
	}
}

// alter makes an admin of the first record a guest.
func alter(t *testing.T, dir string) {
	t.Helper()
	db, err := badgerkv.Open(badgerkv.Options{Dir: filepath.Join(dir, "store"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	first, _ := hex.DecodeString("620000000000000001")
	if err := db.Update(t.Context(), func(tx kv.Tx) error {
		value, _, err := tx.Get(first)
		if err != nil {
			return err
		}
		return tx.Set(first, []byte(strings.Replace(string(value), "admin", "guest", 1)))
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
