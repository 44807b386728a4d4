// Package storage is the town's archive: it keeps the nouns of communities, what the road to other towns must remember, and the tasks
// that wait, on PostgreSQL or SQLite alike. Everything that is written goes through [DB.Write], one transaction at a time; everything
// that is shown to somebody is read through [DB.As], which is bound to who is looking.
package storage

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// Options say how the archive is opened. Each may be left out.
type Options struct {
	Logger  *slog.Logger     // default: nothing is logged
	Now     func() time.Time // default: time.Now
	MaxOpen int              // connections to PostgreSQL, reading connections to SQLite; default: defaultMaxOpen
	Queue   Queue            // see [DB.SetQueue]
}

// defaultMaxOpen keeps the pool small: more connections than the machine has use for cost memory and gain nothing.
const defaultMaxOpen = 8

// Queue keeps the tasks of a transaction in that transaction, to be done after its commit.
type Queue interface {
	Insert(ctx context.Context, tx *sql.Tx, tasks []communities.Task) error
	// Nudge wakes the workers of this process, after a commit.
	Nudge()
}

// DB is an open archive. Safe for concurrent use. The reads that hang on it directly are the road's own, for the program itself;
// what people get to see comes from [DB.As].
type DB struct {
	reads
	writer *bun.DB // on SQLite: the one connection that writes
	engine engine
	log    *slog.Logger
	now    func() time.Time
	ferry  ferry
	watch  watch
	relays atomic.Bool // notes go by a task, as nobody hears them here
	dsn    string
	holder string // names this process in leases and claims

	mu    sync.Mutex
	lease *lease
	queue Queue
}

// engine is what the two databases do differently.
type engine struct {
	postgres bool
	// collided tells whether a transaction failed only because of another one, so that it can run again.
	collided func(error) bool
	// exclusive lets no other process that holds name run beside this transaction.
	exclusive func(ctx context.Context, tx *sql.Tx, name string) error
}

// Open opens the archive at dsn, sqlite:PATH or postgres://..., and takes a process number when the tables are there;
// [DB.Migrate] makes them. Close gives both back.
func Open(ctx context.Context, dsn string, o Options) (*DB, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.MaxOpen <= 0 {
		o.MaxOpen = defaultMaxOpen
	}
	db := &DB{log: o.Logger, now: o.Now, holder: rand.Text(), queue: o.Queue, ferry: newFerry(), watch: newWatch(), dsn: dsn}
	if err := db.connect(ctx, dsn, o.MaxOpen); err != nil {
		return nil, err
	}
	if err := db.join(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (db *DB) connect(ctx context.Context, dsn string, maxOpen int) error {
	scheme, path, _ := strings.Cut(dsn, ":")
	switch scheme {
	case "sqlite":
		return db.openSQLite(ctx, path, maxOpen)
	case "postgres", "postgresql":
		return db.openPostgres(ctx, dsn, maxOpen)
	default:
		return fmt.Errorf("open database: %q is neither sqlite:PATH nor postgres://HOST/NAME", scheme)
	}
}

// Close gives the process number back and closes the connections.
func (db *DB) Close() error {
	err := db.leave()
	if reader, ok := db.idb.(*bun.DB); ok && reader != db.writer {
		err = errors.Join(err, reader.Close())
	}
	if db.writer != nil {
		err = errors.Join(err, db.writer.Close())
	}
	return err
}

// SQL returns the connections that may write, for what brings its own queries (River).
func (db *DB) SQL() *sql.DB { return db.writer.DB }

// Postgres tells whether the archive is on PostgreSQL, else it is on SQLite.
func (db *DB) Postgres() bool { return db.engine.postgres }

// Ping tells whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	if err := db.idb.NewRaw("SELECT 1").Scan(ctx, &one); err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	return nil
}

// Holder names this process in leases and claims: a different one each time that the archive is opened.
func (db *DB) Holder() string { return db.holder }

// SetQueue says where [Tx.Enqueue] puts tasks. Without a queue a transaction that enqueues fails.
func (db *DB) SetQueue(q Queue) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.queue = q
}

func (db *DB) currentQueue() Queue {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.queue
}
