//go:build unix

package badgerkv

import (
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

// freeSpace counts what is free for us, without the reserve of root.
func freeSpace(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil //nolint:gosec,unconvert // the types differ between systems
}

// occupied counts blocks: Badger's files are longer than they are full.
func occupied(file fs.FileInfo) int64 {
	if s, ok := file.Sys().(*syscall.Stat_t); ok {
		return s.Blocks * 512
	}
	return file.Size()
}
