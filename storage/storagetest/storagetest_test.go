package storagetest_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite" of database/sql

	"meent/storage/storagetest"
)

func TestEachDatabaseIsEmptyAndOwn(t *testing.T) {
	t.Parallel()
	for range 2 { // the second finds nothing of the first
		storagetest.Each(t, func(t *testing.T, dsn string) {
			db := open(t, dsn)
			mustExec(t, db, "CREATE TABLE well (depth integer)")
			mustExec(t, db, "INSERT INTO well VALUES (7)")
			if got := count(t, db); got != 1 {
				t.Errorf("%d rows in a new table after one insert", got)
			}
		})
	}
}

func TestPostgresDropsItsDatabase(t *testing.T) { //nolint:tparallel // the subtest must end before we look at what it left
	t.Parallel()
	var dsn string
	t.Run("use", func(t *testing.T) {
		dsn = storagetest.Postgres(t)
		open(t, dsn)
	})
	if dsn == "" {
		t.Skip("no PostgreSQL here")
	}
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.PingContext(t.Context()); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("the database answers after its test: %v", err)
	}
}

// What a durable cluster acknowledged survives every way of dying.
func TestDurableClusterSurvives(t *testing.T) {
	t.Parallel()
	cluster := storagetest.NewDurable(t)
	dsn := cluster.Database(t)
	mustExec(t, open(t, dsn), "CREATE TABLE well (depth integer)")
	deaths := []struct {
		name string
		die  func()
	}{
		{"kill", func() { cluster.Kill(t) }},
		{"immediate", func() { cluster.Stop(t, "immediate") }},
		{"fast", func() { cluster.Stop(t, "fast") }},
	}
	for survived, death := range deaths {
		mustExec(t, open(t, dsn), "INSERT INTO well VALUES (7)")
		death.die()
		if err := open(t, dsn).PingContext(t.Context()); err == nil {
			t.Fatalf("%s: the server still answers", death.name)
		}
		cluster.Start(t)
		if got, want := count(t, open(t, dsn)), survived+1; got != want {
			t.Errorf("%s: %d rows survived of %d", death.name, got, want)
		}
	}
}

func TestDurableClusterWaitsForTheDisk(t *testing.T) {
	t.Parallel()
	db := open(t, storagetest.NewDurable(t).Database(t))
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		var value string
		if err := db.QueryRowContext(t.Context(), "SHOW "+setting).Scan(&value); err != nil {
			t.Fatal(err)
		}
		if value != "on" {
			t.Errorf("%s is %s", setting, value)
		}
	}
}

func open(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	driver, source := "pgx", dsn
	if path, found := strings.CutPrefix(dsn, "sqlite:"); found {
		driver, source = "sqlite", path
	}
	db, err := sql.Open(driver, source)
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

func mustExec(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := db.ExecContext(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func count(t *testing.T, db *sql.DB) (rows int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM well").Scan(&rows); err != nil {
		t.Fatal(err)
	}
	return rows
}
