package storage

import (
	"context"
	"database/sql"
	"strings"

	"github.com/uptrace/bun"
)

// behind has each statement of a transaction run after what was put off with [Tx.later], as it might depend on that. What it writes may
// change how people stand.
type behind struct {
	bun.Tx
	of *Tx
}

func (b behind) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := b.of.before(ctx, query); err != nil {
		return nil, err
	}
	return b.Tx.QueryContext(ctx, query, args...)
}

func (b behind) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := b.of.before(ctx, query); err != nil {
		return nil, err
	}
	return b.Tx.ExecContext(ctx, query, args...)
}

func (tx *Tx) before(ctx context.Context, query string) error {
	if !strings.HasPrefix(query, "SELECT ") {
		clear(tx.seen.footings)
	}
	return tx.flush(ctx)
}

func (b behind) NewSelect() *bun.SelectQuery { return b.Tx.NewSelect().Conn(b) }
func (b behind) NewInsert() *bun.InsertQuery { return b.Tx.NewInsert().Conn(b) }
func (b behind) NewUpdate() *bun.UpdateQuery { return b.Tx.NewUpdate().Conn(b) }
func (b behind) NewDelete() *bun.DeleteQuery { return b.Tx.NewDelete().Conn(b) }

func (b behind) NewRaw(query string, args ...any) *bun.RawQuery {
	return b.Tx.NewRaw(query, args...).Conn(b)
}
