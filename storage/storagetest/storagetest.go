package storagetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx" of database/sql
)

// The environment of a test run. Setting requireAll turns each skip for want of a database into a failure.
const (
	adminDSN   = "MEENT_TEST_POSTGRES"
	requireAll = "MEENT_REQUIRE_ALL"
)

// Databases of a run that was killed stay behind on a server that outlives it: those older than leftoverAge are dropped.
const (
	databasePrefix = "meent_test_"
	leftoverAge    = 24 * time.Hour
)

// Each runs test as one parallel subtest per database, each time with the connection string of an empty one.
// The subtests outlive the function that calls Each: tidy up with t.Cleanup, not with defer.
func Each(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Helper()
	databases := []struct {
		name string
		open func(testing.TB) string
	}{
		{"sqlite", SQLite},
		{"postgres", Postgres},
	}
	for _, database := range databases {
		t.Run(database.name, func(t *testing.T) {
			t.Parallel()
			test(t, database.open(t))
		})
	}
}

// SQLite returns the connection string of a database file that does not exist yet, in a directory that goes with the test.
func SQLite(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "meent.db")
}

// Postgres returns the connection string of an empty PostgreSQL database that is dropped with the test.
// Where PostgreSQL cannot be had the test is skipped, or fails if MEENT_REQUIRE_ALL is set.
func Postgres(t testing.TB) string {
	t.Helper()
	server, err := sharedServer()
	if err != nil {
		lacking(t, err)
	}
	dsn, err := createDatabase(t.Context(), server.admin)
	if err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	t.Cleanup(func() {
		if err := dropDatabase(server.admin, dsn); err != nil {
			t.Errorf("storagetest: %v", err)
		}
	})
	return dsn
}

// server is where test databases are made.
type server struct {
	admin   string   // connection string of a superuser
	cluster *cluster // nil for a server that others run; kept here because its lock goes when nothing refers to it
}

// sharedServer finds or starts the server once per process: it is the one thing that tests of a process share.
var sharedServer = sync.OnceValues(func() (server, error) {
	if admin := os.Getenv(adminDSN); admin != "" {
		return server{admin: admin}, dropLeftovers(admin)
	}
	shared, err := joinShared()
	if err != nil {
		return server{}, err
	}
	return server{admin: shared.dsn(), cluster: shared}, nil
})

// lacking ends a test that cannot have its database.
func lacking(t testing.TB, err error) {
	t.Helper()
	if os.Getenv(requireAll) != "" {
		t.Fatalf("storagetest: %v", err)
	}
	t.Skipf("storagetest: %v", err)
}

// createDatabase makes an empty database on the server of admin and returns its connection string.
func createDatabase(ctx context.Context, admin string) (string, error) {
	name := databasePrefix + strconv.FormatInt(time.Now().Unix(), 10) + "_" + strings.ToLower(rand.Text())
	dsn, err := withDatabase(admin, name)
	if err != nil {
		return "", err
	}
	return dsn, execute(ctx, admin, "CREATE DATABASE "+name+" TEMPLATE template0")
}

func dropDatabase(admin, dsn string) error {
	address, err := url.Parse(dsn)
	if err != nil {
		return err
	}
	return execute(context.Background(), admin, "DROP DATABASE IF EXISTS "+strings.TrimPrefix(address.Path, "/")+" WITH (FORCE)")
}

// dropLeftovers drops what runs that were killed long ago left on a server that others run.
func dropLeftovers(admin string) error {
	names, err := databaseNames(admin)
	for _, name := range names {
		stamp, _, _ := strings.Cut(strings.TrimPrefix(name, databasePrefix), "_")
		born, malformed := strconv.ParseInt(stamp, 10, 64)
		if malformed == nil && time.Since(time.Unix(born, 0)) > leftoverAge {
			err = errors.Join(err, execute(context.Background(), admin, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"))
		}
	}
	return err
}

func databaseNames(admin string) (names []string, err error) {
	db, err := sql.Open("pgx", admin)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(context.Background(), "SELECT datname FROM pg_database WHERE starts_with(datname, $1)", databasePrefix)
	if err != nil {
		return nil, fmt.Errorf("ask %s for its databases: %w", adminDSN, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// execute runs one statement on a connection of its own.
func execute(ctx context.Context, dsn, statement string) (err error) {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

// withDatabase returns the connection string of another database on the same server.
func withDatabase(dsn, name string) (string, error) {
	address, err := url.Parse(dsn)
	if err != nil {
		return "", err
	}
	if address.Scheme != "postgres" && address.Scheme != "postgresql" {
		return "", fmt.Errorf("%s must have the form postgres://user@host:port/database", adminDSN)
	}
	address.Path = "/" + name
	return address.String(), nil
}
