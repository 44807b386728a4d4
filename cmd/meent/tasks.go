package main

import (
	"context"
	"encoding/json"

	"github.com/riverqueue/river"

	"meent/federation"
)

// workers gives each kind of task that the road and the faces list its worker.
func (n *node) workers() *river.Workers {
	all := river.NewWorkers()
	for kind, work := range n.road.Tasks() {
		river.AddWorkerArgs(all, task{kind: kind}, &worker{work: work})
	}
	for kind, work := range n.apps.Tasks() {
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
	return w.work(ctx, job.Args.RawMessage)
}
