//go:build unix

package node

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"meent/e2e/workshop"
)

// Build makes the binary, once for the process, and returns its path. MEENT_BINARY names one that is there already.
func Build() (string, error) { return build() }

var build = sync.OnceValues(func() (string, error) {
	if binary := os.Getenv("MEENT_BINARY"); binary != "" {
		return binary, nil
	}
	root, err := workshop.Root()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(root, "build", "meent")
	if err := os.MkdirAll(filepath.Dir(binary), 0o755); err != nil {
		return "", fmt.Errorf("make a place for the program: %w", err)
	}
	return binary, workshop.InTurn(binary+".lock", func() error {
		command := exec.Command("go", "build", "-o", binary, "./cmd/meent")
		command.Dir = root
		if out, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("build the program: %w\n%s", err, out)
		}
		return nil
	})
})
