package storage

import (
	"fmt"
	"strings"
	"testing"
)

func TestLift(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		query, sqlite, postgres string
		args                    []any
	}{
		{`SELECT "a'b" FROM x WHERE id = 1000000000000000000`, `SELECT "a'b" FROM x WHERE id = ?`, `SELECT "a'b" FROM x WHERE id = $1::bigint`, []any{int64(1e18)}},
		{`SELECT 1 WHERE a = 'it''s' AND b = 'public' LIMIT 20`, `SELECT 1 WHERE a = ? AND b = 'public' LIMIT 20`, `SELECT 1 WHERE a = $1 AND b = 'public' LIMIT 20`, []any{"it's"}},
		{`UPDATE t1234567890123 SET a = -9000000000, b = ''`, `UPDATE t1234567890123 SET a = -?, b = ''`, `UPDATE t1234567890123 SET a = -$1::bigint, b = ''`, []any{int64(9e9)}},
		{`INSERT INTO t VALUES ('''; DROP', 2147483648, '-- x')`, `INSERT INTO t VALUES (?, ?, ?)`, `INSERT INTO t VALUES ($1, $2::bigint, $3)`, []any{"'; DROP", int64(1 << 31), "-- x"}},
	} {
		for places, want := range map[places]string{sqlitePlaces: test.sqlite, postgresPlaces: test.postgres} {
			text, args, ok := places.lift(test.query)
			var values []any
			for _, a := range args {
				values = append(values, a.Value)
			}
			if !ok || text != want || fmt.Sprint(values) != fmt.Sprint(test.args) {
				t.Errorf("%s: %s %v", test.query, text, values)
			}
		}
	}
}

func TestLiftLeavesAlone(t *testing.T) {
	t.Parallel()
	for _, query := range []string{
		"CREATE TABLE t (a TEXT DEFAULT 'a b')", "SELECT $1, 'a b'", "SELECT ?, 'a b'", "SELECT 'a b'; SELECT 'c d'", "SELECT 'a b' -- it's",
		"SELECT 'a b' /* it's */", `SELECT E'a\'b c'`, "SELECT 'a b", "SELECT 5000000000.5, 'a b'", "SELECT $$a b$$", "SELECT `a b`", "SELECT U&'a b'",
	} {
		if text, args, ok := postgresPlaces.lift(query); ok || text != query || len(args) > 0 {
			t.Errorf("%s: %s %v", query, text, args)
		}
	}
	if text, args, ok := sqlitePlaces.lift("INSERT INTO t VALUES (X'00ff', NULL)"); !ok || text != "INSERT INTO t VALUES (?, NULL)" || string(args[0].Value.([]byte)) != "\x00\xff" {
		t.Errorf("bytes: %s %v", text, args)
	}
	if _, _, ok := sqlitePlaces.lift("SELECT " + strings.Repeat("'", 3)); ok {
		t.Error("an open string was lifted")
	}
}
