// Package workshop is what the tests of the whole find around them: the folder of the module, a turn at what only one process may do, and
// a word for what the machine lacks.
package workshop

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Root is the folder of the module, the same for whichever package of it is under test.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("find the module: no go.mod above the working directory")
}

// Lacking ends a test that this machine cannot run: with MEENT_REQUIRE_ALL=1 it fails, else it is skipped.
func Lacking(t testing.TB, reason error) {
	t.Helper()
	if os.Getenv("MEENT_REQUIRE_ALL") == "1" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}
