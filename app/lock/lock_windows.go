package lock

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// errShared is ERROR_SHARING_VIOLATION.
const errShared = syscall.Errno(32)

// open opens the file so that nobody else can.
func open(path string) (*os.File, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, fmt.Errorf("open the lock: %w", err)
	}
	handle, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil,
		syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, errShared) {
		return nil, taken(path)
	}
	if err != nil {
		return nil, fmt.Errorf("open the lock: %w", err)
	}
	return os.NewFile(uintptr(handle), path), nil
}
