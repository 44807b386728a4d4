//go:build unix

package workshop

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// InTurn does something one process at a time, by a lock on the file at path: test packages run as processes of their own, and one build or
// one install is enough for all.
func InTurn(path string, do func() error) (err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDONLY, 0o600)
	if err != nil {
		return fmt.Errorf("wait for a turn: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }() // closing gives the turn to the next
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("wait for a turn: %w", err)
	}
	return do()
}
