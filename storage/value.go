package storage

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
)

// moment is a point in time as the tables keep it: milliseconds since 1970 UTC. Zero, the time that never came, is NULL in columns
// with the option nullzero.
type moment int64

func momentOf(t time.Time) moment {
	if t.IsZero() {
		return 0
	}
	return moment(t.UnixMilli())
}

func (m moment) time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(m)).UTC()
}

// list is a list as one column keeps it: JSON text, [] when empty.
type list[T any] []T

func (l list[T]) Value() (driver.Value, error) {
	if len(l) == 0 {
		return "[]", nil
	}
	return toJSON([]T(l))
}

func (l *list[T]) Scan(src any) error {
	*l = nil
	return fromJSON(src, "[]", (*[]T)(l))
}

// record is a struct as one column keeps it: JSON text.
type record[T any] struct{ of T }

func (r record[T]) Value() (driver.Value, error) { return toJSON(r.of) }

func (r *record[T]) Scan(src any) error { return fromJSON(src, "{}", &r.of) }

func toJSON(v any) (driver.Value, error) {
	text, err := json.Marshal(v)
	return string(text), err
}

// fromJSON leaves dest as it is for empty, which most columns are.
func fromJSON(src any, empty string, dest any) error {
	switch text := src.(type) {
	case string:
		if text == empty || text == "" {
			return nil
		}
		return json.Unmarshal([]byte(text), dest)
	case []byte:
		if string(text) == empty || len(text) == 0 {
			return nil
		}
		return json.Unmarshal(text, dest)
	default:
		return fmt.Errorf("a JSON column holds %T", src)
	}
}

// among is the condition that a number is one of some. However many they are its text is the same, so that each statement is compiled once.
func among[T ~int64](idb bun.IDB, ids []T) bun.Safe {
	text := make([]byte, 0, (maxDigits+1)*(len(ids)+1))
	for i, id := range ids {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendInt(text, int64(id), 10)
	}
	if idb.Dialect().Name() == dialect.PG {
		return bun.Safe("= ANY ('{" + string(text) + "}'::bigint[])")
	}
	return bun.Safe("IN (SELECT value FROM json_each('[" + string(text) + "]'))")
}

const maxDigits = 19 // of an id

// appendText writes s as an SQL literal, without what PostgreSQL cannot keep: NUL characters and what is not UTF-8.
func appendText(b []byte, s string) []byte {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	b = append(b, '\'')
	for {
		quote := strings.IndexByte(s, '\'')
		if quote < 0 {
			break
		}
		b = append(b, s[:quote+1]...)
		b = append(b, '\'')
		s = s[quote+1:]
	}
	b = append(b, s...)
	return append(b, '\'')
}
