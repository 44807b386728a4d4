package storage

import (
	"database/sql/driver"
	"encoding/hex"
	"math"
	"strconv"
	"strings"

	"github.com/uptrace/bun/schema"
)

// bun writes arguments into the text of a statement, so that each text is another one, which the database has to compile anew: that costs
// more than to run it. lift takes what differs from one call to the next out of the text again and leaves places in its stead, so that
// the text repeats and its compiled form can be kept. The connections to both databases do so below everything else; whoever writes a
// query need not know.
//
// Lifted are strings, bytes and long numbers, which are ids and moments. Words and short numbers stay: they name kinds, states and
// limits, of which there are few, and the database must see them to choose a partial index. A statement in which lift meets anything
// that it does not know stays as it is.
func (p places) lift(query string) (text string, args []driver.NamedValue, ok bool) {
	if !repeats(query) {
		return query, nil, false
	}
	l := lifter{places: p, in: query, out: make([]byte, 0, len(query))}
	for l.at < len(l.in) {
		if !l.next() {
			return query, nil, false
		}
	}
	return string(l.out), l.args, true
}

// varying is a number that is short, and yet another one each time.
type varying int64

// AppendQuery writes the number as text, which is lifted.
func (v varying) AppendQuery(_ schema.QueryGen, b []byte) ([]byte, error) {
	b = append(b, "CAST('"...)
	b = strconv.AppendInt(b, int64(v), 10)
	return append(b, "' AS BIGINT)"...), nil
}

// places says how a place for an argument is written.
type places struct {
	text, number string // "%" stands for the place's number
	hex          bool   // X'...' is bytes
}

var (
	// sqlitePlaces: SQLite numbers its places itself.
	sqlitePlaces = places{text: "?", number: "?", hex: true}
	// postgresPlaces: a string in quotes and a place are both of unknown type, until it follows from where they stand. A number is not, so
	// its place says the type that the number has.
	postgresPlaces = places{text: "$%", number: "$%::bigint"}
)

// repeats tells whether a statement is of a kind that comes often.
func repeats(query string) bool {
	verb, _, _ := strings.Cut(query, " ")
	switch verb {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH":
		return true
	}
	return false
}

const (
	longestWord  = 12            // bytes
	longestShort = math.MaxInt32 // of numbers; what is above is of type bigint, and so is its place
)

// lifter reads one statement.
type lifter struct {
	places
	in   string
	at   int
	out  []byte
	args []driver.NamedValue
}

// next reads one token. It is false where the statement must stay as it is: it has places of its own, consists of several statements, or
// holds what only one of the databases knows.
func (l *lifter) next() bool {
	switch c := l.in[l.at]; {
	case c == '\'':
		return l.quoted()
	case c == '"':
		end := strings.IndexByte(l.in[l.at+1:], '"')
		l.keep(end + 2)
		return end >= 0
	case isDigit(c):
		return l.digits()
	case isLetter(c):
		return l.name()
	case c == '?' || c == '$' || c == ';' || c == '`' || c == '\\':
		return false
	case c == '-' || c == '/': // a comment?
		if strings.HasPrefix(l.in[l.at:], "--") || strings.HasPrefix(l.in[l.at:], "/*") {
			return false
		}
	}
	l.keep(1)
	return true
}

func (l *lifter) keep(n int) {
	l.out = append(l.out, l.in[l.at:l.at+n]...)
	l.at += n
}

// quoted lifts a string.
func (l *lifter) quoted() bool {
	text, length, ok := unquote(l.in[l.at:])
	switch {
	case !ok || l.at > 0 && l.in[l.at-1] == '&': // U&'...' has escapes of its own
		return false
	case isWord(text):
		l.keep(length)
	default:
		l.put(l.text, text, length)
	}
	return true
}

// unquote reads a string in quotes, in which a quote stands twice.
func unquote(s string) (text string, length int, ok bool) {
	for end := 1; end < len(s); end++ {
		if s[end] != '\'' {
			continue
		}
		if end+1 < len(s) && s[end+1] == '\'' {
			end++
			continue
		}
		text = s[1:end]
		if strings.IndexByte(text, '\'') >= 0 {
			text = strings.ReplaceAll(text, "''", "'")
		}
		return text, end + 1, true
	}
	return "", 0, false
}

// isWord tells of short strings of letters only, and of the empty one.
func isWord(s string) bool {
	if len(s) > longestWord {
		return false
	}
	for i := range len(s) {
		if !isLetter(s[i]) {
			return false
		}
	}
	return true
}

// digits lifts a whole number, if it is a long one.
func (l *lifter) digits() bool {
	length := 1
	for l.at+length < len(l.in) && isDigit(l.in[l.at+length]) {
		length++
	}
	if end := l.at + length; end < len(l.in) && (l.in[end] == '.' || isLetter(l.in[end])) {
		return false // a fraction, or an exponent
	}
	number, err := strconv.ParseInt(l.in[l.at:l.at+length], 10, 64)
	if err != nil || number <= longestShort {
		l.keep(length)
		return true
	}
	l.put(l.number, number, length)
	return true
}

// name keeps a name or keyword. Only bytes may follow their letter in quotes at once.
func (l *lifter) name() bool {
	length := 1
	for l.at+length < len(l.in) && (isLetter(l.in[l.at+length]) || isDigit(l.in[l.at+length])) {
		length++
	}
	if end := l.at + length; end >= len(l.in) || l.in[end] != '\'' {
		l.keep(length)
		return true
	}
	if !l.hex || l.in[l.at:l.at+length] != "X" {
		return false
	}
	digits, quoted, ok := unquote(l.in[l.at+1:])
	value, err := hex.DecodeString(digits)
	if !ok || err != nil {
		return false
	}
	l.put(l.text, value, quoted+1)
	return true
}

// put writes a place for a value in the stead of the next length bytes.
func (l *lifter) put(place string, value driver.Value, length int) {
	l.args = append(l.args, driver.NamedValue{Ordinal: len(l.args) + 1, Value: value})
	before, after, numbered := strings.Cut(place, "%")
	l.out = append(l.out, before...)
	if numbered {
		l.out = strconv.AppendInt(l.out, int64(len(l.args)), 10)
	}
	l.out = append(l.out, after...)
	l.at += length
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= 0x80
}

// parcel is several statements that are sent as one, and how many rows each met: the argument of [sendAll].
type parcel struct {
	texts []string
	met   []int64
}

// sendAll is the query beside a [parcel].
const sendAll = "-- several"

// parcelOf finds the statements that an argument of a connection is.
func parcelOf(args []driver.NamedValue) (*parcel, bool) {
	if len(args) != 1 {
		return nil, false
	}
	p, ok := args[0].Value.(*parcel)
	return p, ok
}
