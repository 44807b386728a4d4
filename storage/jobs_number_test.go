package storage

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"meent/communities"
)

// numbered is a task with an id that a float cannot hold.
type numbered struct {
	Post communities.PostID `json:"post"`
}

func (numbered) Kind() string { return "numbered" }

// A task comes out with the ids that it went in with, on either database.
func TestTasksKeepTheirIDs(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		done := make(chan communities.PostID, 2)
		workers := river.NewWorkers()
		river.AddWorker(workers, river.WorkFunc(func(_ context.Context, job *river.Job[numbered]) error {
			done <- job.Args.Post
			return nil
		}))
		startJobs(t, db, workers)
		for _, id := range []communities.PostID{1117657355976376321, math.MaxInt64} {
			err := db.Write(t.Context(), func(tx communities.Tx) error { return tx.Enqueue(t.Context(), numbered{id}) })
			if err != nil {
				t.Fatal(err)
			}
			select {
			case got := <-done:
				if got != id {
					t.Errorf("%d came out as %d", id, got)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("the task was not done")
			}
		}
	})
}
