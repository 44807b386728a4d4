package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/schema"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	sqliteBusyTimeout  = 5 * time.Second
	sqliteWriterCache  = 4 << 10 // KiB of pages
	sqliteReaderCache  = 2 << 10 // KiB of pages, of each reading connection
	sqliteJournalLimit = 64 << 20
	sqliteWriterKept   = 256 // compiled statements
	sqliteReaderKept   = 64  // of each reading connection
)

// openSQLite opens one connection that writes, so that this process never waits for itself, and a pool that cannot write. Files are not
// mapped into memory: the system's own cache serves as well, and does not count as ours.
func (db *DB) openSQLite(ctx context.Context, path string, readers int) error {
	if path == "" {
		return errors.New("open database: sqlite: needs a path")
	}
	writer, err := openSQLitePool(sqliteDSN(path, sqliteWriterCache, "immediate", false), sqliteWriterKept)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	fixPool(writer, 1)
	db.writer = bun.NewDB(writer, sqliteDialect{sqlitedialect.New()})
	db.engine = engine{collided: sqliteCollided, exclusive: alone}
	// The first connection makes the file and turns on its write-ahead log, which readers cannot.
	if err := writer.PingContext(ctx); err != nil {
		return errors.Join(fmt.Errorf("open %s: %w", path, err), writer.Close())
	}
	reader, err := openSQLitePool(sqliteDSN(path, sqliteReaderCache, "deferred", true), sqliteReaderKept)
	if err != nil {
		return errors.Join(fmt.Errorf("open %s: %w", path, err), writer.Close())
	}
	fixPool(reader, readers)
	db.idb = bun.NewDB(reader, db.writer.Dialect())
	return nil
}

func openSQLitePool(dsn string, kept int) (*sql.DB, error) {
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(sqliteConnector{connector, kept}), nil
}

// fixPool keeps as many connections idle as may be open: opening one costs more than keeping it.
func fixPool(pool *sql.DB, n int) {
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
}

// sqliteDSN says how each connection begins. The driver sets the busy timeout before everything else, as the rest may meet a lock.
func sqliteDSN(path string, cacheKiB int, lock string, readOnly bool) string {
	q := url.Values{
		"_busy_timeout": {strconv.FormatInt(sqliteBusyTimeout.Milliseconds(), 10)},
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"}, // a commit that was acknowledged survives a power cut
		"_foreign_keys": {"on"},
		"_txlock":       {lock},
		"_dqs":          {"false"},
		"_defensive":    {"true"},
		"_pragma": {
			fmt.Sprintf("cache_size(-%d)", cacheKiB),
			"mmap_size(0)",
			"temp_store(memory)",
			fmt.Sprintf("journal_size_limit(%d)", sqliteJournalLimit),
		},
	}
	if readOnly {
		q.Del("_journal_mode") // the file has it by now
		q.Set("_query_only", "on")
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

// sqliteCollided tells whether another process held the file for longer than the busy timeout.
func sqliteCollided(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	primary := e.Code() & 0xff // the low byte; the rest says more about it
	return primary == sqlite3.SQLITE_BUSY || primary == sqlite3.SQLITE_LOCKED
}

// alone does nothing: a writing transaction on SQLite is always the only one.
func alone(context.Context, *sql.Tx, string) error { return nil }

// sqliteDialect writes only text that both databases can keep.
type sqliteDialect struct{ *sqlitedialect.Dialect }

func (sqliteDialect) AppendString(b []byte, s string) []byte { return appendText(b, s) }

var _ schema.Dialect = sqliteDialect{}
