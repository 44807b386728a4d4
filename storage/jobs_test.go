package storage

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"meent/communities"
)

type greet struct {
	Name string `json:"name"`
}

func (greet) Kind() string { return "greet" }

type greetLater struct {
	At time.Time `json:"at"`
}

func (greetLater) Kind() string           { return "greet_later" }
func (g greetLater) NotBefore() time.Time { return g.At }

// greeters are workers that note whom they greet.
func greeters(t *testing.T, greeted chan<- string) *river.Workers {
	t.Helper()
	workers := river.NewWorkers()
	river.AddWorker(workers, river.WorkFunc(func(_ context.Context, job *river.Job[greet]) error {
		greeted <- job.Args.Name
		return nil
	}))
	river.AddWorker(workers, river.WorkFunc(func(context.Context, *river.Job[greetLater]) error {
		greeted <- "later"
		return nil
	}))
	return workers
}

func startJobs(t *testing.T, db *DB, workers *river.Workers) {
	t.Helper()
	jobs, err := NewJobs(db, workers, JobsOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := jobs.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := jobs.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
}

func TestJobs(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx := t.Context()
		enqueue := func(task communities.Task, end error) error {
			return db.Write(ctx, func(tx communities.Tx) error {
				if err := tx.Enqueue(ctx, task); err != nil {
					return err
				}
				return end
			})
		}
		if err := enqueue(greet{"nobody"}, nil); err == nil {
			t.Error("a task was lost silently")
		}
		greeted := make(chan string, 10)
		startJobs(t, db, greeters(t, greeted))
		undone := errors.New("undone")
		if err := enqueue(greet{"ghost"}, undone); !errors.Is(err, undone) {
			t.Fatal(err)
		}
		start := time.Now()
		if err := enqueue(greet{"anna"}, nil); err != nil {
			t.Fatal(err)
		}
		if name := <-greeted; name != "anna" {
			t.Errorf("greeted %s", name)
		}
		t.Logf("done after %v", time.Since(start))
		if err := enqueue(greetLater{time.Now().Add(time.Hour)}, nil); err != nil {
			t.Fatal(err)
		}
		var states []string
		if err := db.idb.NewRaw("SELECT state FROM river_job WHERE kind = 'greet_later'").Scan(ctx, &states); err != nil || len(states) != 1 || states[0] != "scheduled" {
			t.Errorf("a task for later is %v, %v", states, err)
		}
	})
}

// TestJobsOfTheDead has a new process take over what another one was at when it died.
func TestJobsOfTheDead(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx := t.Context()
		if _, err := NewJobs(db, nil, JobsOptions{}); err != nil { // as a command does
			t.Fatal(err)
		}
		if err := db.Write(ctx, func(tx communities.Tx) error { return tx.Enqueue(ctx, greet{"anna"}) }); err != nil {
			t.Fatal(err)
		}
		by := `["gone"]`
		if db.Postgres() {
			by = "{gone}"
		}
		if _, err := db.writer.Exec("UPDATE river_job SET state = 'running', attempt = 1, attempted_at = created_at, attempted_by = ?", by); err != nil {
			t.Fatal(err)
		}
		var once sync.Once
		greeted := make(chan string, 1)
		workers := river.NewWorkers()
		river.AddWorker(workers, river.WorkFunc(func(_ context.Context, job *river.Job[greet]) error {
			once.Do(func() { greeted <- job.Args.Name })
			return nil
		}))
		startJobs(t, db, workers)
		select {
		case <-greeted:
		case <-time.After(20 * time.Second):
			t.Error("nobody took over")
		}
	})
}

// A task carries an id to its worker as it is: longer than a floating-point number can be.
func TestTasksKeepIDs(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		if _, err := NewJobs(db, nil, JobsOptions{}); err != nil {
			t.Fatal(err)
		}
		const long = 1117657325171835137
		if err := db.Write(t.Context(), func(tx communities.Tx) error { return tx.Enqueue(t.Context(), communities.PollCloses{Post: long}) }); err != nil {
			t.Fatal(err)
		}
		var kept []byte
		if err := db.idb.NewRaw("SELECT args FROM river_job").Scan(t.Context(), &kept); err != nil {
			t.Fatal(err)
		}
		var task communities.PollCloses
		if err := json.Unmarshal(kept, &task); err != nil || task.Post != long {
			t.Errorf("%s became %d: %v", kept, task.Post, err)
		}
	})
}
