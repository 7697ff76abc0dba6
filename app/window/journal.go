package window

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/rs/zerolog"
)

// journalBytes is how long the log may grow before it begins anew; the one
// before it is kept.
const journalBytes = 1 << 20

// journal is the log file of the window: inglenook.log and inglenook.log.1.
type journal struct {
	path string

	mu   sync.Mutex
	file *os.File
	size int64
}

func openJournal(dir string) (*journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the log's folder: %w", err)
	}
	j := &journal{path: filepath.Join(dir, "inglenook.log")}
	if err := j.open(); err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	return j, nil
}

func (j *journal) open() error {
	file, err := os.OpenFile(j.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	stat, err := file.Stat()
	if err != nil {
		return errors.Join(err, file.Close())
	}
	j.file, j.size = file, stat.Size()
	return nil
}

// Write appends one line.
func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.size > 0 && j.size+int64(len(line)) > journalBytes {
		if err := j.turn(); err != nil {
			return 0, err
		}
	}
	n, err := j.file.Write(line)
	j.size += int64(n)
	return n, err
}

// turn begins a new file. When the old one cannot be put aside it goes on in it.
func (j *journal) turn() error {
	if err := j.file.Close(); err != nil {
		return err
	}
	renamed := os.Rename(j.path, j.path+".1")
	if err := j.open(); err != nil {
		return errors.Join(renamed, err)
	}
	if renamed != nil {
		j.size = 0 // try again a file's length later
	}
	return nil
}

// Close closes the file.
func (j *journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.file.Close()
}

// toolkit takes what Wails logs. Its errors quote the page's messages, whose
// content does not belong into a log: only what stands before them is kept.
type toolkit struct{ log zerolog.Logger }

func (t toolkit) Print(string)   {}
func (t toolkit) Trace(string)   {}
func (t toolkit) Debug(string)   {}
func (t toolkit) Info(string)    {}
func (t toolkit) Warning(string) {}

func (t toolkit) Error(message string) {
	about, _, _ := strings.Cut(message, ":")
	if len(about) > 60 {
		about = about[:60]
	}
	t.log.Error().Str("about", about).Msg("window toolkit complains")
}

func (t toolkit) Fatal(message string) {
	t.Error(message)
	os.Exit(1)
}
