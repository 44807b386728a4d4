//go:build unix

package hostile_test

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"meent/e2e/node"
)

// effects are the tables in which an effect of anything would be seen.
var effects = []string{
	"posts", "post_revisions", "polls", "poll_options", "poll_votes", "events", "reactions", "mentions", "hashtags", "follows", "memberships", "bans",
	"blocks", "notifications", "reports", "home_entries", "activities", "deliveries", "holders", "group_log", "accounts",
}

// state is all that an attack could change.
type state struct {
	tables  string
	actors  string
	arrived int // activities that were remembered
}

func (b *siege) state() state {
	b.t.Helper()
	return state{tables: b.tables(), actors: b.actors(), arrived: b.count("received")}
}

// unchanged tells what an attack did, which must be nothing.
func (b *siege) unchanged(before state) error {
	b.t.Helper()
	after := b.state()
	var errs []error
	if after.tables != before.tables {
		errs = append(errs, fmt.Errorf("had an effect:\n%s", news(before.tables, after.tables)))
	}
	if after.actors != before.actors {
		errs = append(errs, fmt.Errorf("changed actors:\n%s", news(before.actors, after.actors)))
	}
	for _, p := range []*peer{b.victim, b.evil} {
		if got := p.deliveries(); len(got) > 0 {
			errs = append(errs, fmt.Errorf("made the node send %q to %s", got, p.host))
		}
	}
	if n := b.canary.knocks.Load(); n != 0 {
		errs = append(errs, fmt.Errorf("the canary was called %d times", n))
	}
	return errors.Join(errs...)
}

// tables shows every row in which an effect would be seen.
func (b *siege) tables() string {
	var out strings.Builder
	for _, table := range effects {
		b.rows(&out, table, "SELECT * FROM "+table+" ORDER BY 1, 2")
	}
	return out.String()
}

// actors shows everybody but for when they were last read, and the keys that they are known by.
func (b *siege) actors() string {
	var out strings.Builder
	b.rows(&out, "actors", `SELECT uri, kind, name, host, display_name, summary, inbox, shared_inbox, featured_url, moderators_url, also_known_as, moved_to,
		followers_count, following_count, posts_count, suspended_at, deleted_at FROM actors ORDER BY uri`)
	b.rows(&out, "keys", "SELECT uri, actor_id, kind, public FROM keys WHERE private IS NULL ORDER BY uri")
	b.rows(&out, "hosts", "SELECT name, policy FROM hosts WHERE policy <> '' ORDER BY name")
	return out.String()
}

func (b *siege) rows(out *strings.Builder, title, query string) {
	b.t.Helper()
	rows, err := b.archive.SQL().QueryContext(b.t.Context(), query)
	if err != nil {
		b.t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		b.t.Fatal(err)
	}
	cells, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			b.t.Fatal(err)
		}
		fmt.Fprintf(out, "%s %s\n", title, cells)
	}
	if err := rows.Err(); err != nil {
		b.t.Fatal(err)
	}
}

// news are the lines that were not there before.
func news(before, after string) string {
	old := map[string]bool{}
	for line := range strings.Lines(before) {
		old[line] = true
	}
	var fresh strings.Builder
	for line := range strings.Lines(after) {
		if !old[line] {
			fresh.WriteString(line)
		}
	}
	return fresh.String()
}

func (b *siege) count(from string) (n int) {
	b.t.Helper()
	if err := b.archive.SQL().QueryRowContext(b.t.Context(), "SELECT count(*) FROM "+from).Scan(&n); err != nil {
		b.t.Fatal(err)
	}
	return n
}

// text reads one value from the tables, "" when there is none.
func (b *siege) text(query string) (value string) {
	b.t.Helper()
	err := b.archive.SQL().QueryRowContext(b.t.Context(), query).Scan(&value)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		b.t.Fatal(err)
	}
	return value
}

// outcome is what became of a received activity: outcome and reason, "" as long as it waits.
func (b *siege) outcome(uri string) string {
	uri = strings.ReplaceAll(uri, "'", "''")
	return b.text("SELECT outcome || ' ' || reason FROM received WHERE uri = '" + uri + "' AND outcome <> ''")
}

// quiet waits until nothing is left to do: nothing received, to deliver or planned.
func (b *siege) quiet() {
	b.t.Helper()
	calm := 0
	b.await("nothing is left to do", func() bool {
		busy := b.count("received WHERE outcome = ''") + b.count("deliveries") +
			b.count("river_job WHERE state IN ('available', 'running', 'retryable')")
		if calm++; busy > 0 {
			calm = 0
		}
		time.Sleep(10 * time.Millisecond)
		return calm > 5
	})
}

// forget empties the peers' books.
func (b *siege) forget() {
	for _, p := range []*peer{b.victim, b.evil} {
		p.requests()
		p.deliveries()
	}
}

// fetches counts what the node asked of others since the last call.
func (b *siege) fetches() int { return len(b.victim.requests()) + len(b.evil.requests()) }

// face is what the node shows to everybody: documents and pages.
func (b *siege) face() string {
	b.t.Helper()
	ours := strings.TrimPrefix(b.names["$ours"], b.origin)
	var out strings.Builder
	for _, path := range []string{
		"/", "/u/anna", "/u/anna/outbox", "/u/anna/followers", "/u/kees", "/g/wijkraad", "/g/wijkraad/outbox", "/g/wijkraad/featured", "/g/wijkraad/moderators",
		"/g/wijkraad/followers", "/g/college/outbox", ours, ours + "/context", ours + "/replies", ours + "/likes", ours + "/shares",
	} {
		status, body, err := b.Read(b.t.Context(), b.origin+path, node.Activity)
		if err != nil {
			b.t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s %d %s\n", path, status, body)
	}
	for _, path := range []string{"/g/wijkraad", ours} {
		status, body, err := b.Read(b.t.Context(), b.origin+path, "text/html")
		if err != nil || status != http.StatusOK {
			b.t.Fatalf("%s: %d %v", path, status, err)
		}
		fmt.Fprintf(&out, "%s %s\n", path, body)
	}
	return out.String()
}

// received sums the figures that the node keeps of what it took in, by outcome.
func (b *siege) received() map[string]int {
	b.t.Helper()
	_, body, err := b.Read(b.t.Context(), b.origin+"/metrics", "text/plain")
	if err != nil {
		b.t.Fatal(err)
	}
	sums := map[string]int{}
	for line := range strings.Lines(string(body)) {
		labels, ok := strings.CutPrefix(line, "meent_activities_received_total{")
		if !ok {
			continue
		}
		_, outcome, _ := strings.Cut(labels, `outcome="`)
		outcome, rest, _ := strings.Cut(outcome, `"`)
		var n int
		if _, err := fmt.Sscan(rest[strings.Index(rest, "} ")+2:], &n); err != nil {
			b.t.Fatalf("%q: %v", line, err)
		}
		sums[outcome] += n
	}
	return sums
}
