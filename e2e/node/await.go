//go:build unix

package node

import (
	"context"
	"fmt"
	"time"
)

const lookPause = 50 * time.Millisecond

// Await looks until done is content, and fails with what was awaited when ctx ends first.
func Await(ctx context.Context, what string, done func() bool) error {
	for !done() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait until %s: %w", what, ctx.Err())
		case <-time.After(lookPause):
		}
	}
	return nil
}
