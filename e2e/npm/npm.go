//go:build unix

// Package npm puts the packages in place that a test takes from npm: foreign servers and checkers of pages, each with a lockfile of its own.
package npm

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// Install returns a directory below e2e with the packages of its lockfile in place.
func Install(name string) (dir string, err error) {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return "", fmt.Errorf("%s needs %s: %w", name, program, err)
		}
	}
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(root, "e2e", name)
	return dir, install(dir)
}

// Lacking ends a test that this machine cannot run: with MEENT_REQUIRE_ALL=1 it fails, else it is skipped.
func Lacking(t testing.TB, reason error) {
	t.Helper()
	if os.Getenv("MEENT_REQUIRE_ALL") == "1" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

// moduleRoot is the same for whichever package of the module is under test.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("find the module: no go.mod above the working directory")
}

// install runs `npm ci` unless an earlier run came to its end. Test packages run as processes of their own, so a file lock keeps them from
// installing at the same time.
func install(dir string) error {
	lock, err := os.OpenFile(filepath.Join(dir, ".install.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("install from npm: %w", err)
	}
	defer lock.Close() //nolint:errcheck // nothing was written; closing gives the lock back
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("wait for another install from npm: %w", err)
	}
	// npm writes this file last.
	_, err = os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json"))
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	npm := exec.Command("npm", "ci", "--no-fund", "--no-audit")
	npm.Dir = dir
	if output, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci in %s: %w\n%s", dir, err, output)
	}
	return nil
}
