// Package lock keeps two programs from using one data folder. A store has a lock
// of its own, but a device has several, and accounts that lie outside them.
package lock

import (
	"os"
	"path/filepath"

	"inglenook/store"
)

// Lock is held until it is closed, or the process ends, however it does.
type Lock struct{ file *os.File }

// Take takes the lock of a folder, which is there. It does not wait.
//
// Errors: store.CodeStoreLocked when somebody has it, in this process or another.
func Take(dir string) (*Lock, error) {
	file, err := open(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, err
	}
	return &Lock{file}, nil
}

// Close gives the lock back. Its file stays: removing it would let two have it.
func (l *Lock) Close() error { return l.file.Close() }

func taken(path string) error {
	return store.Errorf(store.CodeStoreLocked, "", "another Inglenook uses %s", filepath.Dir(path))
}
