package storage

import (
	"testing"

	"meent/storage/storagetest"
)

// onBoth runs a test on a fresh archive of each database.
func onBoth(t *testing.T, test func(t *testing.T, db *DB)) {
	t.Helper()
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, dsn string) {
		db := openAgain(t, dsn)
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		test(t, db)
	})
}

func openAgain(t *testing.T, dsn string) *DB {
	t.Helper()
	db, err := Open(t.Context(), dsn, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}
