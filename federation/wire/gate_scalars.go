package wire

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// str reads a string; g.pos is at its opening quote.
func (g *gate) str() (string, error) {
	start := g.pos + 1
	for i := start; i < len(g.raw); i++ {
		switch c := g.raw[i]; {
		case c == '"':
			g.pos = i + 1
			return string(g.raw[start:i]), nil
		case c == '\\':
			return g.escaped(start, i)
		case c < ' ':
			return "", g.syntax("control character in a string")
		}
	}
	return "", g.syntax("unfinished string")
}

// escaped reads a string that has a backslash at from.
func (g *gate) escaped(start, from int) (string, error) {
	out := append(make([]byte, 0, from-start+64), g.raw[start:from]...)
	for i := from; i < len(g.raw); {
		switch c := g.raw[i]; {
		case c == '"':
			g.pos = i + 1
			return string(out), nil
		case c < ' ':
			return "", g.syntax("control character in a string")
		case c != '\\':
			out = append(out, c)
			i++
		default:
			r, size := unescape(g.raw[i:])
			if size == 0 {
				return "", g.syntax("bad escape")
			}
			out = utf8.AppendRune(out, r)
			i += size
		}
	}
	return "", g.syntax("unfinished string")
}

var simpleEscapes = map[byte]rune{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescape reads one escape and returns its length, 0 if it is none. A lone
// surrogate becomes U+FFFD, as in encoding/json.
func unescape(b []byte) (r rune, size int) {
	if len(b) < 2 {
		return 0, 0
	}
	if b[1] != 'u' {
		if simple, ok := simpleEscapes[b[1]]; ok {
			return simple, 2
		}
		return 0, 0
	}
	first, ok := hex4(b)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(first) {
		return first, 6
	}
	if second, ok := hex4(b[6:]); ok {
		if pair := utf16.DecodeRune(first, second); pair != unicode.ReplacementChar {
			return pair, 12
		}
	}
	return unicode.ReplacementChar, 6
}

// hex4 reads \uXXXX.
func hex4(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return rune(n), err == nil
}

// number reads a number and refuses one that float64 cannot hold.
func (g *gate) number() (string, error) {
	start := g.pos
	for g.pos < len(g.raw) && strings.IndexByte("+-.eE0123456789", g.raw[g.pos]) >= 0 {
		g.pos++
	}
	if g.pos-start > MaxNumberLength {
		return "", refuse(ReasonNumber, "too long")
	}
	text := g.raw[start:g.pos]
	if !json.Valid(text) {
		return "", g.syntax("bad number")
	}
	if f, err := strconv.ParseFloat(string(text), 64); err != nil || math.IsInf(f, 0) {
		return "", refuse(ReasonNumber, string(text))
	}
	return string(text), nil
}

func (g *gate) literal() (nodeKind, error) {
	for _, l := range []struct {
		text string
		kind nodeKind
	}{{"true", trueNode}, {"false", falseNode}, {"null", nullNode}} {
		if bytes.HasPrefix(g.raw[g.pos:], []byte(l.text)) {
			g.pos += len(l.text)
			return l.kind, nil
		}
	}
	return nullNode, g.syntax("unexpected character or end")
}

func (g *gate) space() {
	for g.pos < len(g.raw) {
		switch g.raw[g.pos] {
		case ' ', '\t', '\n', '\r':
			g.pos++
		default:
			return
		}
	}
}

// peek returns the next byte, or 0 at the end.
func (g *gate) peek() byte {
	if g.pos < len(g.raw) {
		return g.raw[g.pos]
	}
	return 0
}

func (g *gate) syntax(detail string) error {
	return refuse(ReasonSyntax, detail+" at byte "+strconv.Itoa(g.pos))
}
