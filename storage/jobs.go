package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"meent/communities"
)

const (
	jobWorkers     = 32                    // tasks at once
	jobCooldown    = 10 * time.Millisecond // between two fetches; bounds throughput together with jobWorkers
	jobPoll        = time.Second           // for tasks of other processes, whose bell is not heard here
	jobTimeout     = 2 * time.Minute
	jobRescue      = 5 * time.Minute // the second net for tasks of a process that died; see [DB.reviveJobs] for the first
	jobKept        = 10 * time.Minute
	jobReviveEvery = 5 * time.Second
	jobStop        = 10 * time.Second
)

// Jobs does the tasks that transactions enqueue: at least once each, soon after the commit. It is the [Queue] of the archive.
type Jobs struct {
	db     *DB
	client *river.Client[*sql.Tx]
	bell   bell

	life *sql.Conn // on PostgreSQL: holds the lock that tells others that this process lives
	stop context.CancelFunc
	done sync.WaitGroup
}

// JobsOptions may be left empty.
type JobsOptions struct {
	Periodic []*river.PeriodicJob
	Relay    bool // in a command: what it did is told by the node that runs beside it
}

// NewJobs makes the queue of an archive and sets it. workers lists a worker for every kind of task; a program that only enqueues, as a
// command beside a running node does, passes nil and does not start it.
func NewJobs(db *DB, workers *river.Workers, o JobsOptions) (*Jobs, error) {
	j := &Jobs{db: db, bell: newBell()}
	config := &river.Config{
		ID:                          db.holder,
		Logger:                      db.log,
		FetchCooldown:               jobCooldown,
		FetchPollInterval:           jobPoll,
		JobTimeout:                  jobTimeout,
		RescueStuckJobsAfter:        jobRescue,
		CompletedJobRetentionPeriod: jobKept,
		PeriodicJobs:                o.Periodic,
		SkipUnknownJobCheck:         workers == nil,
	}
	if workers != nil {
		config.Workers = workers
		config.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: jobWorkers}}
	}
	client, err := river.NewClient[*sql.Tx](bellDriver{db.riverDriver(), j.bell}, config)
	if err != nil {
		return nil, fmt.Errorf("make the task queue: %w", err)
	}
	j.client = client
	db.SetQueue(j)
	db.relays.Store(o.Relay)
	return j, nil
}

func (db *DB) riverDriver() riverdriver.Driver[*sql.Tx] {
	if db.engine.postgres {
		return riverdatabasesql.New(db.writer.DB)
	}
	return riversqlite.New(db.writer.DB)
}

// Insert keeps tasks in a transaction, all in one statement where the database can.
func (j *Jobs) Insert(ctx context.Context, tx *sql.Tx, tasks []communities.Task) error {
	params := make([]river.InsertManyParams, len(tasks))
	for i, task := range tasks {
		params[i].Args = task
		if timed, ok := task.(communities.Timed); ok {
			params[i].InsertOpts = &river.InsertOpts{ScheduledAt: timed.NotBefore()}
		}
	}
	_, err := j.client.InsertManyTx(ctx, tx, params)
	return err
}

// Nudge wakes the workers of this process.
func (j *Jobs) Nudge() { j.bell.ring() }

// Start begins to work, first on what a process that died left behind. It goes on until [Jobs.Stop].
func (j *Jobs) Start(ctx context.Context) error {
	if err := j.showLife(ctx); err != nil {
		return fmt.Errorf("start the task queue: %w", err)
	}
	if err := j.db.reviveJobs(ctx); err != nil {
		return errors.Join(fmt.Errorf("start the task queue: %w", err), j.endLife())
	}
	if err := j.client.Start(context.WithoutCancel(ctx)); err != nil {
		return errors.Join(fmt.Errorf("start the task queue: %w", err), j.endLife())
	}
	if j.db.engine.postgres {
		watch, stop := context.WithCancel(context.WithoutCancel(ctx))
		j.stop = stop
		j.done.Go(func() { j.watch(watch) })
	}
	return nil
}

// Stop waits for running tasks, for a while; what is not done by then is done again at the next start.
func (j *Jobs) Stop(ctx context.Context) error {
	if j.stop != nil {
		j.stop()
		j.done.Wait()
	}
	patient, cancel := context.WithTimeout(ctx, jobStop)
	defer cancel()
	err := j.client.Stop(patient)
	if err != nil {
		hasty, cancel := context.WithTimeout(context.WithoutCancel(ctx), jobStop)
		defer cancel()
		err = j.client.StopAndCancel(hasty)
	}
	return errors.Join(err, j.endLife())
}

// lifeLocks is the name space of the advisory locks that living processes hold, one each, under a hash of their name.
const lifeLocks = 0x6d656e74

// showLife takes the lock that the database lets go when this process dies. On SQLite one process works per file, and nobody asks.
func (j *Jobs) showLife(ctx context.Context) error {
	if !j.db.engine.postgres {
		return nil
	}
	conn, err := j.db.writer.DB.Conn(ctx)
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1, hashtext($2))", lifeLocks, j.db.holder); err != nil {
		return errors.Join(err, conn.Close())
	}
	j.life = conn
	return nil
}

func (j *Jobs) endLife() error {
	if j.life == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), leaseTimeout)
	defer cancel()
	_, err := j.life.ExecContext(ctx, "SELECT pg_advisory_unlock($1, hashtext($2))", lifeLocks, j.db.holder)
	err = errors.Join(err, j.life.Close())
	j.life = nil
	return err
}

// watch looks after the tasks of processes that die while this one lives.
func (j *Jobs) watch(ctx context.Context) {
	ticker := time.NewTicker(jobReviveEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := j.db.reviveJobs(ctx); err != nil && ctx.Err() == nil {
				j.db.log.WarnContext(ctx, "cannot take over tasks of processes that died", "err", err)
			}
		}
	}
}

// reviveJobs has the running tasks of dead processes done again, and lets another process lead. The attempt that died does not count.
func (db *DB) reviveJobs(ctx context.Context) error {
	statements := []string{
		"UPDATE river_job SET state = 'available', attempt = max(attempt - 1, 0) WHERE state = 'running'",
		"DELETE FROM river_leader",
	}
	if db.engine.postgres {
		dead := fmt.Sprintf("pg_try_advisory_xact_lock(%d, hashtext(%%s))", lifeLocks)
		statements = []string{
			"UPDATE river_job SET state = 'available', attempt = greatest(attempt - 1, 0) WHERE id IN (SELECT id FROM river_job" +
				" WHERE state = 'running' OFFSET 0) AND state = 'running' AND " + fmt.Sprintf(dead, "attempted_by[array_upper(attempted_by, 1)]"),
			"DELETE FROM river_leader WHERE " + fmt.Sprintf(dead, "leader_id"),
		}
	}
	for _, statement := range statements {
		err := db.retry(ctx, func() error {
			_, err := db.writer.DB.ExecContext(ctx, statement)
			return err
		})
		if err != nil {
			return fmt.Errorf("take over tasks of processes that died: %w", err)
		}
	}
	return nil
}
