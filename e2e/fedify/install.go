//go:build unix

package fedify

import (
	"sync"
	"testing"

	"meent/e2e/npm"
	"meent/e2e/workshop"
)

// installed remembers the outcome for this process, so that a suite without Node looks for it once.
var installed = sync.OnceValues(func() (string, error) { return npm.Install("fedify") })

// install returns the directory of the peer's program, with its packages in place.
func install(t testing.TB) string {
	t.Helper()
	dir, err := installed()
	if err != nil {
		workshop.Lacking(t, err)
	}
	return dir
}
