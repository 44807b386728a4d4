package storage

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// batch collects statements of which nothing is asked but how many rows they met, and sends them in one round trip: first those that were
// added, in their order; then the rows for each table, together; then what is added to counters, of each row once; then what follows.
type batch struct {
	tx      *Tx
	list    []errand
	sheafs  []*sheaf
	raised  []*raise
	last    []errand
	settled []settled
	err     error
}

// errand is one statement. met may refuse how many rows it met.
type errand struct {
	text string
	met  func(n int64) error
}

func (tx *Tx) batch() *batch { return &batch{tx: tx} }

// later is the batch of what can wait: it leaves before the transaction asks or writes anything else, and at the latest at its end. What
// several passengers of a transaction put off so leaves together.
func (tx *Tx) later() *batch {
	if tx.waiting == nil {
		tx.waiting = tx.batch()
	}
	return tx.waiting
}

// flush sends what waits.
func (tx *Tx) flush(ctx context.Context) error {
	b := tx.waiting
	if b == nil {
		return nil
	}
	tx.waiting = nil
	return b.exec(ctx)
}

// add appends a statement with its arguments written in.
func (b *batch) add(query string, args ...any) {
	b.list = append(b.list, errand{text: b.gen().FormatQuery(query, args...)})
}

// follow appends a statement to what comes last, as it depends on the rest. met may be nil.
func (b *batch) follow(met func(n int64) error, query string, args ...any) {
	b.last = append(b.last, errand{b.gen().FormatQuery(query, args...), met})
}

// query appends a statement that bun builds.
func (b *batch) query(q schema.QueryAppender) {
	sql, err := q.AppendQuery(b.gen(), nil)
	if err != nil {
		b.err = errors.Join(b.err, err)
		return
	}
	b.list = append(b.list, errand{text: string(sql)})
}

// row appends a row to those that one INSERT writes: into names the table and its columns, tail is what ends the statement. No row of a
// batch depends on another.
func (b *batch) row(into, tail, row string, args ...any) {
	i := slices.IndexFunc(b.sheafs, func(s *sheaf) bool { return s.into == into && s.tail == tail })
	if i < 0 {
		i = len(b.sheafs)
		b.sheafs = append(b.sheafs, &sheaf{into: into, tail: tail})
	}
	b.sheafs[i].rows.add(b, row, args...)
}

// unlessThere is the tail of an INSERT that leaves alone what is there.
const unlessThere = " ON CONFLICT DO NOTHING"

// raise is what is added to one row's counters.
func (b *batch) raise(table string, id int64) *raise {
	i := slices.IndexFunc(b.raised, func(r *raise) bool { return r.id == id && r.table == table })
	if i < 0 {
		i = len(b.raised)
		b.raised = append(b.raised, &raise{table: table, id: id})
	}
	return b.raised[i]
}

func (b *batch) gen() schema.QueryGen { return b.tx.db.writer.QueryGen() }

// exec sends the batch, after what waited before it.
func (b *batch) exec(ctx context.Context) error {
	if err := errors.Join(b.err, b.tx.flush(ctx)); err != nil {
		return err
	}
	if len(b.list) > 0 {
		clear(b.tx.seen.footings)
	}
	errands := b.errands()
	if len(errands) == 0 {
		return nil
	}
	p := parcel{texts: make([]string, len(errands))}
	for i, e := range errands {
		p.texts[i] = e.text
	}
	if _, err := b.tx.tx.Tx.ExecContext(ctx, sendAll, &p); err != nil {
		return err
	}
	for i, e := range errands {
		if e.met == nil {
			continue
		}
		if err := e.met(p.met[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) errands() []errand {
	list := b.list
	for _, s := range b.sheafs {
		for statement := range s.statements(b.tx.db.engine.postgres) {
			list = append(list, errand{text: statement})
		}
	}
	// Whoever counts on several rows locks them in this order.
	slices.SortFunc(b.raised, func(r, s *raise) int { return cmp.Or(cmp.Compare(r.table, s.table), cmp.Compare(r.id, s.id)) })
	for _, r := range b.raised {
		list = append(list, errand{text: r.statement(b)})
	}
	list = append(list, b.last...)
	for _, s := range b.settled {
		list = append(list, s.errand(b))
	}
	return list
}

// sheaf are rows for one table.
type sheaf struct {
	into, tail string
	rows       values
}

// statements cuts the rows into few different lengths, so that each is compiled once: on PostgreSQL powers of two. On SQLite a statement
// costs no more than its rows.
func (s *sheaf) statements(postgres bool) iter.Seq[string] {
	return func(yield func(string) bool) {
		for rest := s.rows; len(rest) > 0; {
			n := 1
			for postgres && 2*n <= min(len(rest), mostTogether) {
				n *= 2
			}
			if !yield("INSERT INTO " + s.into + " VALUES " + strings.Join(rest[:n], ", ") + s.tail) {
				return
			}
			rest = rest[n:]
		}
	}
}

// raise adds to counters of a row, and moves a date of it forward.
type raise struct {
	table   string
	id      int64
	columns []string
	by      []int
	date    string
	at      moment
}

func (r *raise) add(column string, n int) {
	i := slices.Index(r.columns, column)
	if i < 0 {
		i = len(r.columns)
		r.columns, r.by = append(r.columns, column), append(r.by, 0)
	}
	r.by[i] += n
}

func (r *raise) latest(column string, at moment) { r.date, r.at = column, max(r.at, at) }

func (r *raise) statement(b *batch) string {
	var set values
	for i, column := range r.columns {
		set.add(b, "? = ? + ?", bun.Safe(column), bun.Safe(column), varying(r.by[i]))
	}
	if r.date != "" {
		date := bun.Safe(r.date)
		set.add(b, "? = CASE WHEN ? > ? THEN ? ELSE ? END", date, date, r.at, date, r.at)
	}
	return b.gen().FormatQuery("UPDATE ? SET ? WHERE id = ?", bun.Safe(r.table), set.list(), r.id)
}
