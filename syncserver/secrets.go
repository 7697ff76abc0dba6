package syncserver

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// secretFile holds the key session values are derived with. It lies beside the
// store and never in a backup: who has those has no usable session.
const secretFile = "session.secret"

// readSecret reads the key, and makes one at the first start.
func readSecret(dir string) ([]byte, error) {
	name := filepath.Join(dir, secretFile)
	secret, err := os.ReadFile(name) //nolint:gosec // the data folder is the administrator's to choose
	if err == nil && len(secret) >= 32 {
		return secret, nil
	}
	if err == nil {
		return nil, fmt.Errorf("read %s: the file is too short; remove it, and everybody signs in again", secretFile)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read %s: %w", secretFile, err)
	}
	secret = make([]byte, 32)
	_, _ = rand.Read(secret) // never fails: crypto/rand aborts the process instead
	if err := writeFile(name, secret); err != nil {
		return nil, fmt.Errorf("write %s: %w", secretFile, err)
	}
	return secret, nil
}

// writeFile replaces a file whole: a crash leaves the old one or the new one.
func writeFile(name string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*") // 0600
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
