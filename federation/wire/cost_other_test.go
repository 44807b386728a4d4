//go:build !linux

package wire

import (
	"testing"
	"time"
)

// costOf is the time that do takes.
func costOf(t *testing.T, do func()) time.Duration {
	t.Helper()
	start := time.Now()
	do()
	return time.Since(start)
}
