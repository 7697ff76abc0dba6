package window

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

func TestJournalStaysSmall(t *testing.T) {
	dir := t.TempDir()
	line := []byte(strings.Repeat("x", 1023) + "\n")
	for range 2 { // the second run goes on in the file of the first
		j, err := openJournal(dir)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 * journalBytes / len(line) / 2 {
			if _, err := j.Write(line); err != nil {
				t.Fatal(err)
			}
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"inglenook.log", "inglenook.log.1"} {
		stat, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if stat.Size() == 0 || stat.Size() > journalBytes {
			t.Errorf("%s has %d bytes", name, stat.Size())
		}
		if stat.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, stat.Mode())
		}
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 2 {
		t.Errorf("%d files, %v", len(files), err)
	}
}

// Wails quotes the page's messages in its errors.
func TestToolkitSaysNoContent(t *testing.T) {
	var out bytes.Buffer
	log := toolkit{zerolog.New(&out)}
	log.Error(`process message error: C{"name":"window.Page.Request","args":["POST","/api/local/join","{\"password\":\"hunter2\"}"]} -> oops`)
	log.Error(strings.Repeat("hunter2 ", 100))
	log.Info("hunter2")
	if got := out.String(); !strings.Contains(got, "process message error") || strings.Count(got, "hunter2") > 8 || strings.Contains(got, "password") {
		t.Errorf("logged %s", got)
	}
}
