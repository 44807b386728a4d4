package storage

import (
	"sync"
	"testing"
	"time"

	"meent/storage/storagetest"
)

func TestMigrate(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		status, err := db.MigrationStatus(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range status {
			if s.AppliedAt.IsZero() {
				t.Errorf("step %s was not taken", s.Name)
			}
		}
		start := time.Now()
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Logf("nothing to do: %v", time.Since(start))
		if db.IDs() == nil {
			t.Error("no process number")
		}
	})
}

func TestMigrateAtOnce(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, dsn string) {
		var all sync.WaitGroup
		numbers := make([]int, 4)
		for i := range numbers {
			all.Go(func() {
				db, err := Open(t.Context(), dsn, Options{})
				if err != nil {
					t.Error(err)
					return
				}
				t.Cleanup(func() { _ = db.Close() })
				if err := db.Migrate(t.Context()); err != nil {
					t.Error(err)
					return
				}
				numbers[i] = db.lease.number
			})
		}
		all.Wait()
		seen := map[int]bool{}
		for _, n := range numbers {
			if seen[n] {
				t.Errorf("two processes have number %d", n)
			}
			seen[n] = true
		}
	})
}
