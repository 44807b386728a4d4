package main

import (
	"context"
	"fmt"

	"meent/storage"
)

type migrateCommand struct {
	Status migrateStatus `cmd:"" help:"List the steps of the tables' history, and which have been taken."`
	Up     migrateUp     `cmd:"" help:"Take the steps that are left. Running nodes need not stop; serve does this by itself when it starts."`
}

type migrateStatus struct{}

// Run lists the steps.
func (migrateStatus) Run(ctx context.Context, c *Config, t terminal) error {
	archive, err := c.openArchive(ctx, c.quietLogger(t.err))
	if err != nil {
		return err
	}
	defer archive.Close() //nolint:errcheck // nothing was written
	steps, err := archive.MigrationStatus(ctx)
	if err != nil {
		return fmt.Errorf("read the state of the tables: %w", err)
	}
	for _, step := range steps {
		state := "to do"
		if !step.AppliedAt.IsZero() {
			state = step.AppliedAt.Format("2006-01-02 15:04:05")
		}
		t.say("%-24s %s", step.Name, state)
	}
	if left := waiting(steps); left > 0 {
		t.explain("%d to do: run `meent migrate up`.", left)
	}
	return nil
}

// waiting counts the steps that were not taken.
func waiting(steps []storage.Step) int {
	left := 0
	for _, step := range steps {
		if step.AppliedAt.IsZero() {
			left++
		}
	}
	return left
}

type migrateUp struct{}

// Run takes the steps that are left.
func (migrateUp) Run(ctx context.Context, c *Config, t terminal) error {
	archive, err := c.makeArchive(ctx, c.quietLogger(t.err))
	if err != nil {
		return err
	}
	before, err := archive.MigrationStatus(ctx)
	if err == nil {
		err = archive.Migrate(ctx)
	}
	if err != nil {
		return advise(fmt.Errorf("migrate: %w", err), "The steps before it are kept. Restore a backup if you need to go back.")
	}
	t.say("%d steps taken, all are done", waiting(before))
	return archive.Close()
}
