package storage

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// watch carries notes from transactions to those who watch, here and in other processes. Nobody waits for it: where a queue is full, the
// note is lost.
type watch struct {
	here     atomic.Bool // somebody watches in this process
	there    atomic.Bool // and in another
	arrived  chan []Note // to be heard here
	leaving  chan []Note // to be told to other processes
	attended chan struct{}
}

const maxWaitingNotes = 1024 // transactions

func newWatch() watch {
	return watch{arrived: make(chan []Note, maxWaitingNotes), leaving: make(chan []Note, maxWaitingNotes), attended: make(chan struct{}, 1)}
}

// Watch calls hear with what transactions did, of this process and of others on the same database, until ctx ends: in the order of their
// commits in each process, never twice at once. It calls only while somebody is there to be told, see [DB.Attend].
func (db *DB) Watch(ctx context.Context, hear func(context.Context, []Note)) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case notes := <-db.watch.arrived:
				hear(ctx, notes)
			}
		}
	})
	if db.engine.postgres {
		others := &others{db: db}
		group.Go(func() error { return others.listen(ctx) })
		group.Go(func() error { return others.tell(ctx) })
	}
	return group.Wait()
}

// Attend says whether there is somebody to be told. While there is nobody in any process, a transaction tells nothing, and costs nothing.
func (db *DB) Attend(somebody bool) {
	if db.watch.here.Swap(somebody) == somebody {
		return
	}
	select {
	case db.watch.attended <- struct{}{}:
	default:
	}
}

// spread hands notes on.
func (db *DB) spread(notes []Note) {
	if len(notes) == 0 {
		return
	}
	if db.watch.here.Load() {
		offer(db.watch.arrived, notes)
	}
	if db.watch.there.Load() {
		offer(db.watch.leaving, notes)
	}
}

func offer(queue chan<- []Note, notes []Note) {
	select {
	case queue <- notes:
	default:
	}
}
