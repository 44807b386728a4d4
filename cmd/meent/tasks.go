package main

import (
	"context"
	"encoding/json"
	"errors"
	"maps"

	"github.com/riverqueue/river"

	"meent/cmd/meent/mastodon"
	"meent/communities"
	"meent/federation"
	"meent/storage"
)

// tasks is the one list of every task of the node, by its kind, and who does it.
func (n *node) tasks() map[string]federation.Work {
	all := n.road.Tasks()
	for kind, work := range n.files.depot.Tasks() {
		all[kind] = work
	}
	maps.Copy(all, map[string]federation.Work{
		communities.Push{}.Kind(): federation.Doing(func(ctx context.Context, task communities.Push) error { return n.api.Push(ctx, task) }),
		mastodon.PublishScheduled{}.Kind(): federation.Doing(func(ctx context.Context, task mastodon.PublishScheduled) error {
			return n.api.PublishLater(ctx, task)
		}),
		communities.Mail{}.Kind(): federation.Doing(n.mail),
		storage.RelayTask:         n.archive.Relay,
	})
	return all
}

// workers gives each kind of task its worker.
func workers(tasks map[string]federation.Work) *river.Workers {
	all := river.NewWorkers()
	for kind, work := range tasks {
		river.AddWorkerArgs(all, task{kind: kind}, &worker{work: work})
	}
	return all
}

// task is a task of any kind, as the JSON that was kept of it.
type task struct {
	kind string
	json.RawMessage
}

// Kind implements [river.JobArgs].
func (t task) Kind() string { return t.kind }

// worker hands a task to who does it.
type worker struct {
	river.WorkerDefaults[task]
	work federation.Work
}

// Work implements [river.Worker].
func (w *worker) Work(ctx context.Context, job *river.Job[task]) error {
	err := w.work(ctx, job.Args.RawMessage)
	if later := (*federation.Later)(nil); errors.As(err, &later) {
		return river.JobSnooze(later.After)
	}
	return err
}
