//go:build unix

package fetch

import (
	"errors"
	"syscall"
)

// hears tells whether a socket that does not block has something to be read, or its end.
func hears(fd uintptr) bool {
	var one [1]byte
	_, err := syscall.Read(int(fd), one[:])
	return !errors.Is(err, syscall.EAGAIN)
}
