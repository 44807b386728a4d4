package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

const (
	maxAttempts  = 12 // of a transaction that collides with others
	firstPause   = 2 * time.Millisecond
	longestPause = 250 * time.Millisecond
)

// Write runs fn in one transaction and commits when it returns nil; see [communities.Store]. On PostgreSQL a statement sees
// what others have committed before it began (READ COMMITTED); on SQLite there are no others.
func (db *DB) Write(ctx context.Context, fn func(communities.Tx) error) error {
	return db.write(ctx, func(tx *Tx) error { return fn(tx) })
}

func (db *DB) write(ctx context.Context, fn func(*Tx) error) error {
	return db.retry(ctx, func() error { return db.attempt(ctx, fn) })
}

// exec runs one statement as a transaction of its own and tells how many rows it met.
func (db *DB) exec(ctx context.Context, statement interface {
	Exec(ctx context.Context, dest ...any) (sql.Result, error)
},
) (n int64, err error) {
	err = db.retry(ctx, func() error {
		n, err = affected(statement.Exec(ctx))
		return err
	})
	return n, err
}

// retry runs fn again as long as it loses against other transactions.
func (db *DB) retry(ctx context.Context, fn func() error) error {
	for attempt := 1; ; attempt++ {
		err := fn()
		if err == nil || !db.engine.collided(err) || attempt == maxAttempts {
			return err
		}
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
}

// attempt runs fn once. A panic of fn undoes everything.
func (db *DB) attempt(ctx context.Context, fn func(*Tx) error) (err error) {
	inner, err := db.writer.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	tx := &Tx{db: db, tx: inner, seen: newSeen(), awaited: map[communities.ActorID]awaited{}}
	tx.reads = reads{behind{inner, tx}}
	done := false
	defer func() {
		if !done {
			err = errors.Join(err, ignoreDone(inner.Rollback()))
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.flush(ctx); err != nil {
		return err
	}
	if err := tx.flushTasks(ctx); err != nil {
		return err
	}
	if err := tx.flushLog(ctx); err != nil {
		return err
	}
	done = true
	if err := inner.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	for _, hook := range tx.after {
		hook()
	}
	db.spread(tx.notes)
	return nil
}

// ignoreDone drops the error of a transaction that a cancelled context has undone already.
func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// pause waits before the next attempt: twice as long each time, by chance between half of it and all, so that two do not meet again.
func pause(ctx context.Context, attempt int) error {
	full := min(firstPause<<attempt, longestPause)
	timer := time.NewTimer(full/2 + rand.N(full/2)) //nolint:gosec // spreads retries, guards nothing
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Tx is one writing transaction: the contract [communities.Tx], and the road's own tables. Not for use by several goroutines.
type Tx struct {
	reads
	db        *DB
	tx        bun.Tx // for statements that depend on nothing that waits
	waiting   *batch // see [Tx.later]; nil: nothing
	seen      seen
	awaited   map[communities.ActorID]awaited
	tasks     []communities.Task
	announced []LogEntry
	delivers  bool
	after     []func()
	notes     []Note
}

var (
	_ communities.Store = (*DB)(nil)
	_ communities.Tx    = (*Tx)(nil)
)

// Of returns the archive's own side of a transaction, so that the road can write to its tables in it.
func Of(tx communities.Tx) *Tx {
	own, ok := tx.(*Tx)
	if !ok {
		panic(fmt.Sprintf("storage: a %T is no transaction of the archive", tx))
	}
	return own
}

// SQL returns the transaction itself, for what brings its own queries (River) and does not depend on what waits.
func (tx *Tx) SQL() *sql.Tx { return tx.tx.Tx }

// Enqueue stores a task with the transaction. All tasks of a transaction are written together at its end.
func (tx *Tx) Enqueue(_ context.Context, task communities.Task) error {
	tx.tasks = append(tx.tasks, task)
	return nil
}

func (tx *Tx) flushTasks(ctx context.Context) error {
	tx.packNotes()
	if len(tx.tasks) == 0 {
		return nil
	}
	queue := tx.db.currentQueue()
	if queue == nil {
		return fmt.Errorf("enqueue %s: the archive has no queue", tx.tasks[0].Kind())
	}
	if err := queue.Insert(ctx, tx.SQL(), tx.tasks); err != nil {
		return fmt.Errorf("enqueue %d tasks: %w", len(tx.tasks), err)
	}
	tx.AfterCommit(queue.Nudge)
	return nil
}

// AfterCommit runs fn once the transaction is committed.
func (tx *Tx) AfterCommit(fn func()) { tx.after = append(tx.after, fn) }

// reads are queries that run inside a transaction as well as outside.
type reads struct{ idb bun.IDB }

// found turns the database's "no rows" into [communities.NotFound] and wraps every other error with what was done.
func found(err error, doing string, what any) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return communities.NotFound
	default:
		return fmt.Errorf("%s %v: %w", doing, what, err)
	}
}

// changed is found for a statement that must have met a row.
func changed(result sql.Result, err error, doing string, what any) error {
	n, err := affected(result, err)
	if err == nil && n == 0 {
		return communities.NotFound
	}
	return found(err, doing, what)
}

func affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
