package storage

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"meent/migrations"
)

// Step is one step of the tables' history.
type Step struct {
	Name      string
	AppliedAt time.Time // zero: not yet
}

// step is how to take one.
type step struct {
	name     string
	checksum string
	apply    func(ctx context.Context, tx *sql.Tx) error
}

// applied is what the archive remembers of a step.
type applied struct {
	checksum string
	at       moment
}

const (
	stepTable = `CREATE TABLE IF NOT EXISTS schema_steps (name TEXT PRIMARY KEY, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)`
	stepLock  = "migrate"
	stepsFrom = "SELECT name, checksum, applied_at FROM schema_steps"
)

// Migrate takes the steps that the archive has not taken, each in a transaction of its own, and then joins the running processes. Several
// processes may call it at once. When nothing is to do it costs one query.
func (db *DB) Migrate(ctx context.Context) error {
	steps, err := db.steps()
	if err != nil {
		return err
	}
	known, err := db.stepsTaken(ctx)
	if err != nil {
		return err
	}
	for _, s := range steps {
		if err := db.take(ctx, s, known); err != nil {
			return fmt.Errorf("migrate to %s: %w", s.name, err)
		}
	}
	return db.join(ctx)
}

// MigrationStatus lists all steps in order.
func (db *DB) MigrationStatus(ctx context.Context) ([]Step, error) {
	steps, err := db.steps()
	if err != nil {
		return nil, err
	}
	known, err := db.stepsTaken(ctx)
	if err != nil {
		return nil, err
	}
	status := make([]Step, len(steps))
	for i, s := range steps {
		status[i] = Step{Name: s.name, AppliedAt: known[s.name].at.time()}
	}
	return status, nil
}

// take takes one step unless it is known. A known step that was changed since is an error: nobody can tell what the tables are.
func (db *DB) take(ctx context.Context, s step, known map[string]applied) error {
	if was, ok := known[s.name]; ok {
		return s.same(was)
	}
	tx, err := db.writer.DB.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // undoes nothing after Commit
	if err := db.engine.exclusive(ctx, tx, stepLock); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, stepTable); err != nil {
		return err
	}
	if now, err := readSteps(ctx, tx); err != nil {
		return err
	} else if was, ok := now[s.name]; ok { // by another process, just now
		return s.same(was)
	}
	if err := s.apply(ctx, tx); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO schema_steps (name, checksum, applied_at) VALUES ($1, $2, $3)",
		s.name, s.checksum, int64(momentOf(db.now()))); err != nil {
		return err
	}
	db.log.InfoContext(ctx, "archive migrated", "step", s.name)
	return tx.Commit()
}

func (s step) same(was applied) error {
	if was.checksum != s.checksum {
		return fmt.Errorf("the step was taken in another version (%.8s, not %.8s): restore the program or the archive that belong together",
			was.checksum, s.checksum)
	}
	return nil
}

// stepsTaken reads which steps the archive knows; none when it does not even have the table.
func (db *DB) stepsTaken(ctx context.Context) (map[string]applied, error) {
	if ok, err := db.hasTable(ctx, "schema_steps"); err != nil || !ok {
		return nil, err
	}
	return readSteps(ctx, db.writer.DB)
}

func readSteps(ctx context.Context, q interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
},
) (map[string]applied, error) {
	rows, err := q.QueryContext(ctx, stepsFrom)
	if err != nil {
		return nil, fmt.Errorf("read the steps taken: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says what went wrong
	known := map[string]applied{}
	for rows.Next() {
		var name string
		var a applied
		if err := rows.Scan(&name, &a.checksum, &a.at); err != nil {
			return nil, fmt.Errorf("read the steps taken: %w", err)
		}
		known[name] = a
	}
	return known, rows.Err()
}

func (db *DB) hasTable(ctx context.Context, name string) (bool, error) {
	query := "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?)"
	if db.engine.postgres {
		query = "SELECT to_regclass(?) IS NOT NULL"
	}
	var ok bool
	if err := db.writer.NewRaw(query, name).Scan(ctx, &ok); err != nil {
		return false, fmt.Errorf("look for table %s: %w", name, err)
	}
	return ok, nil
}

// steps lists our own steps in order of their numbers, then those of the task queue.
func (db *DB) steps() ([]step, error) {
	engine := "sqlite"
	if db.engine.postgres {
		engine = "postgres"
	}
	files, err := fs.Glob(migrations.Files, "*."+engine+".up.sql") // sorted by name
	if err != nil {
		return nil, fmt.Errorf("list steps: %w", err)
	}
	steps := make([]step, 0, len(files))
	for _, file := range files {
		text, err := migrations.Files.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read step %s: %w", file, err)
		}
		name, _, _ := strings.Cut(file, ".")
		steps = append(steps, fileStep(name, string(text)))
	}
	return append(steps, db.queueSteps()...), nil
}

func fileStep(name, text string) step {
	sum := sha256.Sum256([]byte(text))
	return step{
		name:     name,
		checksum: hex.EncodeToString(sum[:]),
		apply: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, text)
			return err
		},
	}
}

// queueVersions are the versions of River's tables that this program works with. A newer one is a step to add here.
var queueVersions = []int{1, 2, 3, 4, 5, 6}

// queueSteps takes each version of River's tables in a transaction of its own: a later one uses what an earlier one has committed.
func (db *DB) queueSteps() []step {
	steps := make([]step, 0, len(queueVersions))
	for _, version := range queueVersions {
		steps = append(steps, step{
			name:     fmt.Sprintf("river_%03d", version),
			checksum: "river",
			apply: func(ctx context.Context, tx *sql.Tx) error {
				if db.engine.postgres {
					return riverStep(ctx, tx, riverdatabasesql.New(db.writer.DB), version)
				}
				return riverStep(ctx, tx, riversqlite.New(db.writer.DB), version)
			},
		})
	}
	return steps
}

func riverStep(ctx context.Context, tx *sql.Tx, driver riverdriver.Driver[*sql.Tx], version int) error {
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	//nolint:staticcheck // deprecated because all versions in one transaction fail; here each has its own
	_, err = migrator.MigrateTx(ctx, tx, rivermigrate.DirectionUp, &rivermigrate.MigrateOpts{TargetVersion: version})
	return err
}
