package badgerkv_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"inglenook/store/kv"
	"inglenook/store/kv/badgerkv"
	"inglenook/store/storetest"
)

var killRounds = flag.Int("killrounds", 5, "rounds of TestKill")

// writerDirEnv makes this test binary a writer in the folder it names.
const writerDirEnv = "INGLENOOK_KILL_TEST_DIR"

// Record n of the writer is a value of its number; every bulkEvery-th comes with
// a bulk above the limit of Badger's transactions.
const (
	writers     = 8
	bulkEvery   = 40
	bulkRecords = 12
	bulkBytes   = 300 << 10
)

func recordKey(n uint64) []byte { return binary.BigEndian.AppendUint64([]byte("record/"), n) }

func bulkKey(i int) []byte { return fmt.Appendf(nil, "bulk/%02d", i) }

// writeUntilKilled appends records from several goroutines and says the number
// of each on stdout once Update has returned.
func writeUntilKilled(dir string) int {
	db, err := badgerkv.Open(badgerkv.Options{Dir: dir, Now: time.Now})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	failed := make(chan error)
	for range writers {
		go func() {
			for {
				n, err := appendRecord(db)
				if err != nil {
					failed <- err
					return
				}
				// One write call a line: os.Stdout has no buffer.
				_, _ = os.Stdout.WriteString(strconv.FormatUint(n, 10) + "\n")
			}
		}()
	}
	fmt.Fprintln(os.Stderr, <-failed)
	return 1
}

func appendRecord(db kv.DB) (n uint64, err error) {
	err = db.Update(context.Background(), func(tx kv.Tx) error {
		n = 1
		for pair, err := range tx.ScanBack([]byte("record/"), nil) {
			if err != nil {
				return err
			}
			n = binary.BigEndian.Uint64(pair.Value) + 1
			break
		}
		number := binary.BigEndian.AppendUint64(nil, n)
		if n%bulkEvery == 0 {
			for i := range bulkRecords {
				if err := tx.Set(bulkKey(i), bytes.Repeat(number, bulkBytes/8)); err != nil {
					return err
				}
			}
		}
		return tx.Set(recordKey(n), number)
	})
	return n, err
}

// TestKill kills a writer at random and looks whether everything it
// acknowledged is there, without a gap, and every bulk whole.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	var acknowledged uint64
	for round := range *killRounds {
		acknowledged = max(acknowledged, killWriter(t, dir))
		t.Run(strconv.Itoa(round), func(t *testing.T) {
			db := storetest.OpenDir(t, dir)
			if err := db.View(context.Background(), func(r kv.Reader) error {
				return checkRecords(r, acknowledged)
			}); err != nil {
				t.Fatal(err)
			}
		})
	}
	if acknowledged < bulkEvery {
		t.Errorf("only %d records were acknowledged in %d rounds", acknowledged, *killRounds)
	}
	t.Logf("%d records acknowledged in %d rounds", acknowledged, *killRounds)
}

// killWriter runs a writer until it has acknowledged a random number of records
// and returns the greatest number it acknowledged.
func killWriter(t *testing.T, dir string) (greatest uint64) {
	t.Helper()
	writer := exec.Command(os.Args[0]) //nolint:gosec,noctx // ourselves, and we kill it
	writer.Env = append(os.Environ(), writerDirEnv+"="+dir)
	var complaints bytes.Buffer
	writer.Stderr = &complaints
	out, err := writer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	left := 1 + rand.IntN(3*bulkEvery) //nolint:gosec // any point in time will do
	for lines := bufio.NewScanner(out); lines.Scan(); left-- {
		n, err := strconv.ParseUint(lines.Text(), 10, 64)
		if err != nil {
			t.Errorf("the writer said %q", lines.Text())
		}
		greatest = max(greatest, n)
		if left == 0 {
			if err := writer.Process.Kill(); err != nil {
				t.Errorf("kill: %v", err)
			}
		}
	}
	_ = writer.Wait() // it was killed
	if complaints.Len() > 0 {
		t.Fatalf("the writer failed: %s", complaints.String())
	}
	return greatest
}

func checkRecords(r kv.Reader, acknowledged uint64) error {
	var last uint64
	for pair, err := range r.Scan([]byte("record/"), nil) {
		if err != nil {
			return err
		}
		if n := binary.BigEndian.Uint64(pair.Value); n != last+1 || !bytes.Equal(pair.Key, recordKey(n)) {
			return fmt.Errorf("record %d follows record %d", n, last)
		}
		last++
	}
	if last < acknowledged {
		return fmt.Errorf("record %d was acknowledged, %d is the last", acknowledged, last)
	}
	want := last - last%bulkEvery
	for i := range bulkRecords {
		value, ok, err := r.Get(bulkKey(i))
		switch {
		case err != nil:
			return err
		case ok != (want > 0):
			return errors.New("a part of a bulk is missing")
		case ok && !bytes.Equal(value, bytes.Repeat(binary.BigEndian.AppendUint64(nil, want), bulkBytes/8)):
			return fmt.Errorf("part %d of the bulk is not that of record %d", i, want)
		}
	}
	return nil
}
