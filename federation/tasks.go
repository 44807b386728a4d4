package federation

import (
	"context"
	"encoding/json"
	"fmt"

	"meent/communities"
)

// Work does a task that was kept as JSON. It may run twice. An error means: again, later.
type Work func(ctx context.Context, task []byte) error

// Tasks is the one list of every task of the node, by its kind, and who does it.
func (r *Road) Tasks() map[string]Work {
	return map[string]Work{
		communities.PollCloses{}.Kind(): inTown(r, r.town.FinishPoll),
		communities.Purge{}.Kind():      inTown(r, r.town.PurgeSome),
		communities.CheckQuote{}.Kind(): onRoad(r.checkQuote),
		BackfillGroup{}.Kind():          onRoad(r.backfillGroup),
		FetchThread{}.Kind():            onRoad(r.fetchThread),
		RefreshActor{}.Kind():           onRoad(func(ctx context.Context, t RefreshActor) error { return quietly(r.Refresh(ctx, t.URI)) }),
		LearnHost{}.Kind():              onRoad(r.learnHost),
	}
}

// inTown runs a verb in a transaction.
func inTown[T communities.Task](r *Road, verb func(context.Context, communities.Tx, T) error) Work {
	return onRoad(func(ctx context.Context, task T) error {
		return r.archive.Write(ctx, func(tx communities.Tx) error { return verb(ctx, tx, task) })
	})
}

// onRoad reads the task.
func onRoad[T communities.Task](do func(context.Context, T) error) Work {
	return func(ctx context.Context, raw []byte) error {
		var task T
		if err := json.Unmarshal(raw, &task); err != nil {
			return fmt.Errorf("read task %s: %w", task.Kind(), err)
		}
		return do(ctx, task)
	}
}
