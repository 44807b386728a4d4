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

	"meent/e2e/workshop"
)

// Install returns a directory below e2e with the packages of its lockfile in place.
func Install(name string) (dir string, err error) {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return "", fmt.Errorf("%s needs %s: %w", name, program, err)
		}
	}
	root, err := workshop.Root()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(root, "e2e", name)
	return dir, workshop.InTurn(filepath.Join(dir, ".install.lock"), func() error { return install(dir) })
}

// install runs `npm ci` unless an earlier run came to its end: npm writes the file that is looked for last.
func install(dir string) error {
	_, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json"))
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	npm := exec.Command("npm", "ci", "--no-fund", "--no-audit") //nolint:noctx // whoever waits for it cannot go on without
	npm.Dir = dir
	if output, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci in %s: %w\n%s", dir, err, output)
	}
	return nil
}
