//go:build unix

package fedify

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// installed remembers the outcome for this process, so that a suite without Node looks for it once.
var installed = sync.OnceValues(findAndInstall)

// install returns the directory of the peer's program, with its packages in place.
func install(t testing.TB) string {
	t.Helper()
	dir, err := installed()
	if err != nil {
		lacking(t, err)
	}
	return dir
}

// lacking ends a test that this machine cannot run.
func lacking(t testing.TB, reason error) {
	t.Helper()
	if os.Getenv("MEENT_REQUIRE_ALL") == "1" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

func findAndInstall() (string, error) {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return "", fmt.Errorf("the foreign server needs %s: %w", program, err)
		}
	}
	dir, err := programDir()
	if err != nil {
		return "", err
	}
	return dir, npmInstall(dir)
}

// programDir is e2e/fedify, seen from whichever package of the module is under test.
func programDir() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "e2e", "fedify"), nil
		}
	}
	return "", errors.New("find the foreign server: no go.mod above the working directory")
}

// npmInstall runs `npm ci` unless an earlier run came to its end. Test packages run as processes of their own, so a file
// lock keeps them from installing at the same time.
func npmInstall(dir string) error {
	lock, err := os.OpenFile(filepath.Join(dir, ".install.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("install Fedify: %w", err)
	}
	defer lock.Close() //nolint:errcheck // nothing was written; closing gives the lock back
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("wait for another install of Fedify: %w", err)
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
