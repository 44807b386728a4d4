package storage

import (
	"context"
	"errors"
	"fmt"

	"meent/communities"
)

// mostTogether bounds how long those wait who came first.
const mostTogether = 16

const togetherLock = "together"

// WriteTogether is [DB.Write] for what is small and comes often: those who come while a transaction is on its way share the next one, and
// its commit. When the shared one fails, each is written alone, so that nobody fails for somebody else. needs may say what fn will ask for.
func (db *DB) WriteTogether(ctx context.Context, fn func(communities.Tx) error, needs ...Needs) error {
	own := &passenger{fn: fn, needs: needs, arrived: make(chan arrival, 1)}
	db.ferry.board(own)
	for {
		select {
		case at := <-own.arrived:
			if at.alone {
				return db.Write(ctx, fn)
			}
			return at.err
		case db.ferry.helm <- struct{}{}:
			db.ferry.cross(func(needs []Needs, fn func(communities.Tx) error) error {
				return db.writeShared(context.WithoutCancel(ctx), needs, fn)
			})
			<-db.ferry.helm
		}
	}
}

// writeShared lets no other shared transaction run beside this one, nor one of another process: each holds rows in the order in which its
// passengers came, so that two would often wait for one another.
func (db *DB) writeShared(ctx context.Context, needs []Needs, fn func(communities.Tx) error) error {
	return db.write(ctx, func(tx *Tx) error {
		if err := db.engine.exclusive(ctx, tx.SQL(), togetherLock); err != nil {
			return err
		}
		if err := tx.foresee(ctx, needs); err != nil {
			return err
		}
		return fn(tx)
	})
}

// ferry takes over together those who wait. Whoever finds the helm free steers for all. Safe for concurrent use.
type ferry struct {
	helm    chan struct{} // held by who steers
	waiting chan *passenger
}

type passenger struct {
	fn      func(communities.Tx) error
	needs   []Needs
	arrived chan arrival
}

// arrival is what became of a passenger.
type arrival struct {
	alone bool // nothing was written: they have to go by themselves
	err   error
}

func newFerry() ferry {
	return ferry{helm: make(chan struct{}, 1), waiting: make(chan *passenger, mostTogether)}
}

// board may have to wait for a place.
func (f ferry) board(p *passenger) { f.waiting <- p }

func (f ferry) cross(write func([]Needs, func(communities.Tx) error) error) {
	aboard := f.fill()
	if len(aboard) == 0 { // they went with the one before
		return
	}
	var needs []Needs
	for _, p := range aboard {
		needs = append(needs, p.needs...)
	}
	err := write(needs, func(tx communities.Tx) error {
		for _, p := range aboard {
			if err := p.run(tx); err != nil {
				return err
			}
		}
		return nil
	})
	end := arrival{err: err, alone: err != nil && (len(aboard) > 1 || errors.Is(err, errPanic))}
	for _, p := range aboard {
		p.arrived <- end
	}
}

func (f ferry) fill() []*passenger {
	var aboard []*passenger
	for len(aboard) < mostTogether {
		select {
		case p := <-f.waiting:
			aboard = append(aboard, p)
		default:
			return aboard
		}
	}
	return aboard
}

var errPanic = errors.New("panic")

// run turns a panic into an error: it is to happen where its cause is, when the passenger goes alone.
func (p *passenger) run(tx communities.Tx) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%w: %v", errPanic, cause)
		}
	}()
	return p.fn(tx)
}
