package storage

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
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
	plain := strings.Contains(dsn, "default_query_exec_mode")
	options := []stdlib.OptionOpenDB{stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		keepNumbers(conn.TypeMap())
		if plain {
			return nil
		}
		return planOnce(ctx, conn)
	})}
	pool := sql.OpenDB(connector{stdlib.GetConnector(*config, options...), plain})
	fixPool(pool, connections)
	if err := pool.PingContext(ctx); err != nil {
		return errors.Join(fmt.Errorf("open database: %w", err), pool.Close())
	}
	db.writer = bun.NewDB(pool, postgresDialect{pgdialect.New()})
	db.idb = db.writer
	db.engine = engine{postgres: true, collided: postgresCollided, exclusive: advisoryLock}
	return nil
}

// keepNumbers has JSON pass as it was written. The driver reads and writes anew what River gives it for a list of tasks, and would by
// default make floating-point numbers of ids, which are too long for them.
func keepNumbers(types *pgtype.Map) {
	read := func(text []byte, into any) error {
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		return decoder.Decode(into)
	}
	one := &pgtype.Type{Name: "jsonb", OID: pgtype.JSONBOID, Codec: &pgtype.JSONBCodec{Marshal: json.Marshal, Unmarshal: read}}
	types.RegisterType(one)
	types.RegisterType(&pgtype.Type{Name: "_jsonb", OID: pgtype.JSONBArrayOID, Codec: &pgtype.ArrayCodec{ElementType: one}})
}

// planOnce makes plans that serve for every argument and are kept. A plan is made when its tables may still be small, and to read all of a
// small table looks cheap; every question that comes often has its index, so that one is taken from the first day. To compile plans to
// machine code pays for none.
func planOnce(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "SET enable_seqscan = off; SET jit = off; SET plan_cache_mode = force_generic_plan")
	return err
}

// connector opens connections that keep the compiled form of a statement; see [places.lift]. pgx prepares a query with arguments once.
type connector struct {
	driver.Connector
	plain bool // somebody else's choice of how statements are sent, in the address: theirs are sent as they are
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := conn.(*stdlib.Conn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the driver of PostgreSQL connects by a %T", conn), conn.Close())
	}
	return postgresConn{inner, c.plain}, nil
}

type postgresConn struct {
	*stdlib.Conn
	plain bool
}

// BeginTx on a connection that broke while it waited has the pool take another one: nothing was done on it yet.
func (c postgresConn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	tx, err := c.Conn.BeginTx(ctx, options)
	if err != nil && ctx.Err() == nil && c.Conn.Conn().IsClosed() {
		return nil, driver.ErrBadConn
	}
	return tx, err
}

func (c postgresConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	query, args = c.lift(query, args)
	return c.Conn.QueryContext(ctx, query, args)
}

func (c postgresConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if p, ok := parcelOf(args); ok {
		return driver.ResultNoRows, c.send(ctx, p)
	}
	query, args = c.lift(query, args)
	return c.Conn.ExecContext(ctx, query, args)
}

// lift leaves a query that has arguments of its own. What cannot be lifted is not worth preparing.
func (c postgresConn) lift(query string, args []driver.NamedValue) (string, []driver.NamedValue) {
	if len(args) > 0 || c.plain {
		return query, args
	}
	text, lifted, ok := postgresPlaces.lift(query)
	if !ok {
		return query, []driver.NamedValue{{Ordinal: 1, Value: pgx.QueryExecModeSimpleProtocol}}
	}
	return text, lifted
}

// send sends all statements before it reads the first answer.
func (c postgresConn) send(ctx context.Context, p *parcel) error {
	var batch pgx.Batch
	for _, statement := range p.texts {
		text, lifted := statement, []driver.NamedValue(nil)
		if !c.plain {
			text, lifted, _ = postgresPlaces.lift(statement)
		}
		args := make([]any, len(lifted))
		for i := range lifted {
			args[i] = lifted[i].Value
		}
		batch.Queue(text, args...).Exec(func(done pgconn.CommandTag) error {
			p.met = append(p.met, done.RowsAffected())
			return nil
		})
	}
	return c.Conn.Conn().SendBatch(ctx, &batch).Close()
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
