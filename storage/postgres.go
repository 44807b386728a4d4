package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"
)

func (db *DB) openPostgres(ctx context.Context, dsn string, connections int) error {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	var connector driver.Connector = stdlib.GetConnector(*config)
	if !strings.Contains(dsn, "default_query_exec_mode") {
		connector = plainConnector{connector}
	}
	pool := sql.OpenDB(connector)
	fixPool(pool, connections)
	if err := pool.PingContext(ctx); err != nil {
		return errors.Join(fmt.Errorf("open database: %w", err), pool.Close())
	}
	db.writer = bun.NewDB(pool, postgresDialect{pgdialect.New()})
	db.idb = db.writer
	db.engine = engine{postgres: true, collided: postgresCollided, exclusive: advisoryLock}
	return nil
}

// plainConnector opens connections that send a query without arguments as it is. bun writes the arguments into the text, so that each is
// another one, and to prepare it would cost more than to run it. A query with arguments (River's) is prepared once and kept.
type plainConnector struct{ driver.Connector }

func (c plainConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return plainConn{conn.(*stdlib.Conn)}, nil
}

type plainConn struct{ *stdlib.Conn }

func (c plainConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if len(args) == 0 {
		args = []driver.NamedValue{{Ordinal: 1, Value: pgx.QueryExecModeSimpleProtocol}}
	}
	return c.Conn.QueryContext(ctx, query, args)
}

// collisions are the states (PostgreSQL, appendix A) of a transaction that lost against another one.
var collisions = map[string]bool{
	"40001": true, // serialization_failure
	"40P01": true, // deadlock_detected
	"55P03": true, // lock_not_available
}

func postgresCollided(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && collisions[e.Code]
}

// advisoryLock waits until no other transaction holds the lock of that name, and holds it until the end of this one.
func advisoryLock(ctx context.Context, tx *sql.Tx, name string) error {
	_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtext($1))", "meent "+name)
	return err
}

// postgresDialect writes only text that both databases can keep.
type postgresDialect struct{ *pgdialect.Dialect }

func (postgresDialect) AppendString(b []byte, s string) []byte { return appendText(b, s) }

var _ schema.Dialect = postgresDialect{}
