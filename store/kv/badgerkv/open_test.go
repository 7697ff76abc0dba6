package badgerkv

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inglenook/store"
	"inglenook/store/kv"
)

func set(key, value string) func(kv.Tx) error {
	return func(tx kv.Tx) error { return tx.Set([]byte(key), []byte(value)) }
}

func TestOptions(t *testing.T) {
	if _, err := Open(Options{}); err == nil {
		t.Error("opened without Now")
	}
	if _, err := Open(Options{Now: time.Now, EncryptionKey: []byte("short")}); err == nil {
		t.Error("opened with a key of 5 bytes")
	}
}

func TestLocked(t *testing.T) {
	dir := t.TempDir()
	first, err := openAt(t, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = openAt(t, dir, nil)
	var e *store.Error
	if !errors.As(err, &e) || e.Code != store.CodeStoreLocked || !strings.Contains(e.Message, dir) {
		t.Fatalf("a second Open: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := openAt(t, dir, nil); err != nil {
		t.Fatalf("Open after Close: %v", err)
	}
}

// TestHalfMadeLog: a crash between making and sizing a log file leaves an empty
// one, on which Badger's first Open dies.
func TestHalfMadeLog(t *testing.T) {
	dir := t.TempDir()
	db, err := openAt(t, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Update(context.Background(), set("k", "v")); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "00009.mem"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if db, err = openAt(t, dir, nil); err != nil {
		t.Fatalf("Open with a half-made log: %v", err)
	}
	if err := db.View(context.Background(), func(r kv.Reader) error {
		if value, ok, err := r.Get([]byte("k")); err != nil || !ok || string(value) != "v" {
			return errors.Join(errors.New("the record is gone"), err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestFreeSpace(t *testing.T) {
	now := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	free, asked := DefaultMinFree, 0
	db, err := Open(Options{
		Now: func() time.Time { return now },
		FreeSpace: func(string) (int64, error) {
			asked++
			return free, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // nothing to lose
	write := func() store.Code { return store.CodeOf(db.Update(context.Background(), set("k", "v"))) }

	if code := write(); code != "" {
		t.Fatalf("with just enough room: %s", code)
	}
	free--
	if code := write(); code != "" || asked != 1 {
		t.Fatalf("within a second: %s after asking %d times", code, asked)
	}
	now = now.Add(time.Second)
	if code := write(); code != store.CodeStorageFull {
		t.Fatalf("with a byte too little: %q", code)
	}
	if err := db.View(context.Background(), func(kv.Reader) error { return nil }); err != nil {
		t.Fatalf("reading a full disk: %v", err)
	}

	// A large write-set needs room for its copies too, and is no reason to end
	// writing.
	free, now = DefaultMinFree+8<<20, now.Add(time.Second)
	if code := store.CodeOf(writeBig(db, 'a')); code != store.CodeStorageFull {
		t.Fatalf("a write-set that does not fit: %q", code)
	}
	free, now = DefaultMinFree+100<<20, now.Add(time.Second)
	if err := writeBig(db, 'b'); err != nil {
		t.Fatalf("with room again: %v", err)
	}
	if got := db.Sizes().Free; got != free {
		t.Errorf("Sizes().Free is %d, want %d", got, free)
	}
}

// TestEncrypted looks for plaintext in the files of an encrypted store, after
// finding it in those of one that is not.
func TestEncrypted(t *testing.T) {
	secret := strings.Repeat("a title nobody may read ", 10)
	for name, key := range map[string][]byte{"plain": nil, "encrypted": bytes.Repeat([]byte("k"), 32)} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for range 2 {
				db, err := Open(Options{Dir: dir, Now: time.Now, EncryptionKey: key})
				if err != nil {
					t.Fatal(err)
				}
				if err := db.Update(context.Background(), func(tx kv.Tx) error {
					if value, ok, err := tx.Get([]byte("k")); err != nil || ok && string(value) != secret {
						return errors.Join(errors.New("the value changed"), err)
					}
					return tx.Set([]byte("k"), []byte(secret))
				}); err != nil {
					t.Fatal(err)
				}
				found := holds(t, dir, "nobody may read")
				if found != (key == nil) {
					t.Errorf("plaintext found: %v", found)
				}
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if key != nil {
				if _, err := openAt(t, dir, nil); err == nil {
					t.Error("an encrypted store opened without its key")
				}
			}
		})
	}
}

func holds(t *testing.T, dir, text string) bool {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(filepath.Join(dir, file.Name())) //nolint:gosec // our own files
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte(text)) {
			return true
		}
	}
	return false
}

// TestValueLogStaysEmpty: an error of its sync would only be logged.
func TestValueLogStaysEmpty(t *testing.T) {
	dir := t.TempDir()
	db, err := openAt(t, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	before := db.Sizes()
	if err := db.Update(context.Background(), set("k", strings.Repeat("v", kv.MaxValueBytes))); err != nil {
		t.Fatal(err)
	}
	after := db.Sizes()
	if after.ValueLog != before.ValueLog {
		t.Errorf("the value log grew from %d to %d bytes", before.ValueLog, after.ValueLog)
	}
	if after.Tables < before.Tables+kv.MaxValueBytes {
		t.Errorf("tables and their logs grew from %d to %d bytes only", before.Tables, after.Tables)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	logs, err := filepath.Glob(filepath.Join(dir, "*.vlog"))
	if err != nil || len(logs) == 0 {
		t.Fatal("no value log", err)
	}
	for _, log := range logs {
		if file, err := os.Stat(log); err != nil || file.Size() > 20 { // its header
			t.Errorf("%s: %d bytes, %v", log, file.Size(), err)
		}
	}
}
