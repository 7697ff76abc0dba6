package badgerkv

import (
	"io/fs"

	"golang.org/x/sys/windows"
)

// freeSpace counts what is free for us, quotas considered.
func freeSpace(dir string) (int64, error) {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(path, &free, nil, nil); err != nil {
		return 0, err
	}
	return int64(free), nil
}

// occupied is the length: Windows does not tell the blocks cheaply.
func occupied(file fs.FileInfo) int64 { return file.Size() }
