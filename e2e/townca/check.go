package townca

import (
	"errors"
	"testing"

	"meent/e2e/workshop"
)

// Check ends a test at an error. [ErrCannotListen] is no fault of what is tested, but of the machine.
func Check(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, ErrCannotListen) {
		workshop.Lacking(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
}
