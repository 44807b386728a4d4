package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
)

// sqliteConnector opens connections that keep the compiled form of a statement; see [places.lift].
type sqliteConnector struct {
	driver.Connector
	kept int
}

func (c sqliteConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := conn.(driverConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the driver of SQLite connects by a %T", conn), conn.Close())
	}
	return &sqliteConn{driverConn: inner, kept: c.kept, compiled: map[string]*compiled{}}, nil
}

// driverConn is what the driver's connections can do.
type driverConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// driverStmt is what the driver's statements can do.
type driverStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// sqliteConn keeps statements compiled. Like every driver's connection it is used by one goroutine at a time.
type sqliteConn struct {
	driverConn
	kept     int
	compiled map[string]*compiled
}

// compiled is a statement. While its rows are being read it cannot run again.
type compiled struct {
	driverStmt
	busy bool
}

// CheckNamedValue lets several statements pass, and leaves everything else to the usual rules.
func (c *sqliteConn) CheckNamedValue(v *driver.NamedValue) error {
	if _, ok := v.Value.(*parcel); ok {
		return nil
	}
	return driver.ErrSkip
}

func (c *sqliteConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	query, args, s, err := c.compile(ctx, query, args)
	switch {
	case err != nil:
		return nil, err
	case s == nil:
		return c.driverConn.QueryContext(ctx, query, args)
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return &compiledRows{rows, s}, nil
}

func (c *sqliteConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if p, ok := parcelOf(args); ok {
		return driver.ResultNoRows, c.send(ctx, p)
	}
	query, args, s, err := c.compile(ctx, query, args)
	switch {
	case err != nil:
		return nil, err
	case s == nil:
		return c.driverConn.ExecContext(ctx, query, args)
	}
	return s.ExecContext(ctx, args)
}

func (c *sqliteConn) send(ctx context.Context, p *parcel) error {
	for _, statement := range p.texts {
		n, err := affected(c.ExecContext(ctx, statement, nil))
		if err != nil {
			return err
		}
		p.met = append(p.met, n)
	}
	return nil
}

// compile finds the statement that a query is, and its arguments. It is nil for what is not worth keeping, and for what is running.
func (c *sqliteConn) compile(
	ctx context.Context, query string, args []driver.NamedValue,
) (text string, lifted []driver.NamedValue, s *compiled, err error) {
	if len(args) > 0 {
		return query, args, nil, nil
	}
	text, lifted, ok := sqlitePlaces.lift(query)
	if !ok {
		return query, nil, nil, nil
	}
	if s := c.compiled[text]; s != nil {
		if s.busy {
			return text, lifted, nil, nil
		}
		return text, lifted, s, nil
	}
	stmt, err := c.driverConn.PrepareContext(ctx, text)
	if err != nil {
		return "", nil, nil, err
	}
	inner, ok := stmt.(driverStmt)
	if !ok {
		return text, lifted, nil, stmt.Close()
	}
	if len(c.compiled) >= c.kept {
		c.forget() // rare, and cheap to fill again
	}
	s = &compiled{driverStmt: inner}
	c.compiled[text] = s
	return text, lifted, s, nil
}

// forget drops all statements that are not running.
func (c *sqliteConn) forget() {
	for text, s := range c.compiled {
		if !s.busy {
			s.Close() //nolint:errcheck // tells once more what its last run said
			delete(c.compiled, text)
		}
	}
}

// Close drops the statements before the connection.
func (c *sqliteConn) Close() error {
	c.forget()
	return c.driverConn.Close()
}

// compiledRows frees its statement at the end.
type compiledRows struct {
	driver.Rows
	of *compiled
}

func (r *compiledRows) Close() error {
	r.of.busy = false
	return r.Rows.Close()
}
