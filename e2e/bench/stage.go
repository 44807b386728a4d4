//go:build unix

package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx" of database/sql
	_ "modernc.org/sqlite"             // the driver "sqlite" of database/sql

	"meent/e2e/node"
	"meent/storage/storagetest"
)

// stage gives the places that a run needs and clears them away. It stands in for a test where the tests' database server wants one; a
// failure of that ends the program.
type stage struct {
	testing.TB // never called: whatever the server uses of it is below
	ctx        context.Context
	dir        string
	tidy       []func()
}

func newStage(ctx context.Context) *stage { return &stage{ctx: ctx} }

func (s *stage) Helper()                  {}
func (s *stage) Context() context.Context { return s.ctx }
func (s *stage) Cleanup(fn func())        { s.tidy = append(s.tidy, fn) }
func (s *stage) Fatal(args ...any)        { s.end(fmt.Sprint(args...)) }
func (s *stage) Skip(args ...any)         { s.end(fmt.Sprint(args...)) }
func (s *stage) Errorf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...)
}
func (s *stage) Fatalf(format string, args ...any) { s.end(fmt.Sprintf(format, args...)) }
func (s *stage) Skipf(format string, args ...any)  { s.end(fmt.Sprintf(format, args...)) }

func (s *stage) end(reason string) {
	fmt.Fprintln(os.Stderr, "bench:", reason)
	s.clear()
	os.Exit(1)
}

func (s *stage) clear() {
	for _, fn := range slices.Backward(s.tidy) {
		fn()
	}
	s.tidy = nil
}

func (s *stage) close(err *error) {
	s.clear()
	if s.dir != "" {
		*err = errors.Join(*err, os.RemoveAll(s.dir))
	}
}

// place makes a new directory.
func (s *stage) place() (string, error) {
	if s.dir == "" {
		dir, err := os.MkdirTemp("", "meent-bench-")
		if err != nil {
			return "", err
		}
		s.dir = dir
	}
	return os.MkdirTemp(s.dir, "")
}

// database is one of the two kinds, set to survive a crash.
type database struct {
	name   string
	create func() (dsn string, err error) // a new one, empty
	server int                            // process of the server; 0: it is part of the program
}

// databases starts the PostgreSQL server of the run when it is first needed.
func databases(s *stage) []database {
	sqlite := database{name: "sqlite", create: func() (string, error) {
		dir, err := s.place()
		return "sqlite:" + filepath.Join(dir, "meent.db"), err
	}}
	cluster := storagetest.NewDurable(s)
	postgres := database{name: "postgres", create: func() (string, error) { return cluster.Database(s), nil }}
	if dsn, err := postgres.create(); err == nil {
		postgres.server, err = serverOf(s.ctx, dsn)
		if err != nil {
			s.Fatalf("find the server's process: %v", err)
		}
	}
	return []database{sqlite, postgres}
}

// serverOf is the process that the process of a connection came from.
func serverOf(ctx context.Context, dsn string) (pid int, err error) {
	db, err := open(dsn)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var own int
	if err := db.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&own); err != nil {
		return 0, err
	}
	return node.Parent(own), nil
}

// open connects to a database as the program does: SQLite with a write-ahead log and a disk flush for each commit.
func open(dsn string) (*sql.DB, error) {
	path, isSQLite := strings.CutPrefix(dsn, "sqlite:")
	if !isSQLite {
		return sql.Open("pgx", dsn)
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_busy_timeout=30000&_journal_mode=WAL&_synchronous=FULL&_txlock=immediate")
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}
