package storage

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

const (
	maxProcesses  = 256 // what [communities.NewIDs] can tell apart
	leaseFor      = 2 * time.Minute
	leaseRenewal  = 30 * time.Second
	leaseTimeout  = 10 * time.Second // to renew or give back
	processesLock = "processes"
)

// processRow is one running process.
type processRow struct {
	bun.BaseModel `bun:"table:processes,alias:p"`

	Number    int    `bun:"number,pk"`
	Holder    string `bun:"holder"`
	ExpiresAt moment `bun:"expires_at"`
}

// lease is this process's number for as long as it runs.
type lease struct {
	number int
	ids    *communities.IDs
	stop   context.CancelFunc
	done   sync.WaitGroup
}

// IDs returns the generator of this process; nil before the tables exist.
func (db *DB) IDs() *communities.IDs {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.lease == nil {
		return nil
	}
	return db.lease.ids
}

// join takes a process number, once, when there is a table to take it from.
func (db *DB) join(ctx context.Context) error {
	if db.IDs() != nil {
		return nil
	}
	if ok, err := db.hasTable(ctx, "processes"); err != nil || !ok {
		return err
	}
	var number int
	err := db.write(ctx, func(tx *Tx) error {
		if err := db.engine.exclusive(ctx, tx.SQL(), processesLock); err != nil {
			return err
		}
		var err error
		number, err = tx.claimNumber(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("take a process number: %w", err)
	}
	return db.hold(number)
}

// claimNumber takes the lowest number that nobody holds.
func (tx *Tx) claimNumber(ctx context.Context) (int, error) {
	now := tx.db.now()
	var held []int
	if err := tx.idb.NewSelect().Model((*processRow)(nil)).Column("number").
		Where("expires_at > ?", momentOf(now)).Scan(ctx, &held); err != nil {
		return 0, err
	}
	taken := [maxProcesses]bool{}
	for _, n := range held {
		taken[n] = true
	}
	for n := range maxProcesses {
		if !taken[n] {
			row := processRow{Number: n, Holder: tx.db.holder, ExpiresAt: momentOf(now.Add(leaseFor))}
			_, err := tx.idb.NewInsert().Model(&row).
				On("CONFLICT (number) DO UPDATE").Set("holder = EXCLUDED.holder, expires_at = EXCLUDED.expires_at").Exec(ctx)
			return n, err
		}
	}
	return 0, fmt.Errorf("all %d numbers are taken", maxProcesses)
}

// hold keeps the number until leave.
func (db *DB) hold(number int) error {
	ids, err := communities.NewIDs(number, db.now)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	l := &lease{number: number, ids: ids, stop: stop}
	db.mu.Lock()
	db.lease = l
	db.mu.Unlock()
	l.done.Go(func() { db.renewUntil(ctx, number) })
	return nil
}

func (db *DB) renewUntil(ctx context.Context, number int) {
	ticker := time.NewTicker(leaseRenewal)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := db.renew(ctx, number); err != nil && ctx.Err() == nil {
				db.log.ErrorContext(ctx, "cannot renew the process number", "number", number, "err", err)
			}
		}
	}
}

func (db *DB) renew(ctx context.Context, number int) error {
	ctx, cancel := context.WithTimeout(ctx, leaseTimeout)
	defer cancel()
	result, err := db.writer.NewUpdate().Model((*processRow)(nil)).
		Set("expires_at = ?", momentOf(db.now().Add(leaseFor))).
		Where("number = ? AND holder = ?", number, db.holder).Exec(ctx)
	n, err := affected(result, err)
	if err == nil && n == 0 {
		return errors.New("another process has taken it, as this one stood still for too long: restart")
	}
	return err
}

// leave gives the number back. It may be called more than once.
func (db *DB) leave() error {
	db.mu.Lock()
	l := db.lease
	db.lease = nil
	db.mu.Unlock()
	if l == nil {
		return nil
	}
	l.stop()
	l.done.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), leaseTimeout)
	defer cancel()
	_, err := db.writer.NewDelete().Model((*processRow)(nil)).
		Where("number = ? AND holder = ?", l.number, db.holder).Exec(ctx)
	if err != nil {
		return fmt.Errorf("give back the process number: %w", err)
	}
	return nil
}
