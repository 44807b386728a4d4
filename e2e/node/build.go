//go:build unix

package node

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// Build makes the binary, once for the process, and returns its path. MEENT_BINARY names one that is there already.
func Build() (string, error) { return build() }

var build = sync.OnceValues(func() (string, error) {
	if binary := os.Getenv("MEENT_BINARY"); binary != "" {
		return binary, nil
	}
	root, err := Root()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(root, "build", "meent")
	if err := os.MkdirAll(filepath.Dir(binary), 0o755); err != nil {
		return "", fmt.Errorf("make a place for the program: %w", err)
	}
	return binary, inTurn(binary+".lock", func() error {
		command := exec.Command("go", "build", "-o", binary, "./cmd/meent")
		command.Dir = root
		if out, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("build the program: %w\n%s", err, out)
		}
		return nil
	})
})

// Root is the directory of the module.
func Root() (string, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output() //nolint:noctx // quick
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	return strings.TrimSpace(string(dir)), nil
}

// inTurn does something one process at a time: test packages run beside each other, and one build is enough for all.
func inTurn(path string, do func() error) (err error) {
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
