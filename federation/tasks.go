package federation

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"meent/communities"
)

// Work does a task that was kept as JSON. It may run twice. An error means: again, later.
type Work func(ctx context.Context, task []byte) error

// Later is the error of a task that is to be done again after a while, without counting as a try.
type Later struct{ After time.Duration }

func (l *Later) Error() string { return "not before " + l.After.String() + " from now" }

// Tasks is the one list of every task of the road, by its kind, and who does it.
func (r *Road) Tasks() map[string]Work {
	return map[string]Work{
		communities.PollCloses{}.Kind():   inTown(r, r.town.FinishPoll),
		communities.Purge{}.Kind():        inTown(r, r.town.PurgeSome),
		communities.PartFromHost{}.Kind(): inTown(r, r.town.PartSome),
		communities.VerifyLinks{}.Kind():  Doing(r.verifyLinks),
		communities.CheckQuote{}.Kind():   Doing(r.checkQuote),
		BackfillGroup{}.Kind():            Doing(r.backfillGroup),
		FetchThread{}.Kind():              Doing(r.fetchThread),
		FetchCard{}.Kind():                Doing(r.fetchCard),
		RefreshThread{}.Kind():            Doing(r.refreshThread),
		RefreshActor{}.Kind():             Doing(func(ctx context.Context, t RefreshActor) error { return quietly(r.Refresh(ctx, t.URI)) }),
		LearnHost{}.Kind():                Doing(r.learnHost),
	}
}

// inTown runs a verb in a transaction.
func inTown[T communities.Task](r *Road, verb func(context.Context, communities.Tx, T) error) Work {
	return Doing(func(ctx context.Context, task T) error {
		return r.archive.Write(ctx, func(tx communities.Tx) error { return verb(ctx, tx, task) })
	})
}

// Doing reads the task for who does it.
func Doing[T communities.Task](do func(context.Context, T) error) Work {
	return func(ctx context.Context, raw []byte) error {
		var task T
		if err := json.Unmarshal(raw, &task); err != nil {
			return fmt.Errorf("read task %s: %w", task.Kind(), err)
		}
		return do(ctx, task)
	}
}
