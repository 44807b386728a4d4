package mastodon

import (
	"testing"
)

// Each limit that the node tells of is one that it keeps: none is nothing.
func TestInstanceTellsItsLimits(t *testing.T) {
	t.Parallel()
	w := newSQLiteWorld(t)
	for _, path := range []string{"/api/v1/instance", "/api/v2/instance"} {
		var told struct {
			Configuration struct {
				Accounts, Statuses, Polls map[string]int
			}
		}
		app{w: w}.get(path).ok(&told)
		for _, limits := range []map[string]int{told.Configuration.Accounts, told.Configuration.Statuses, told.Configuration.Polls} {
			if len(limits) == 0 {
				t.Errorf("%s: limits are absent", path)
			}
			for name, limit := range limits {
				if limit <= 0 {
					t.Errorf("%s: %s is %d", path, name, limit)
				}
			}
		}
	}
}
