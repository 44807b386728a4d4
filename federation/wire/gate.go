package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// parse is the strict JSON gate (RFC 8259). Go's encoding/json takes the last
// of several equal keys and lets "ACTOR" stand for "actor", so that two readers
// of the same bytes may see two different actors; here both are refused. It
// runs once over raw, with a stack of its own that is at most MaxDepth high.
func parse(raw []byte) (*node, error) {
	raw = trimBOM(raw)
	if !utf8.Valid(raw) {
		return nil, refuse(ReasonSyntax, "not UTF-8")
	}
	g := &gate{raw: raw, stack: make([]frame, 0, MaxDepth)}
	return g.run()
}

// trimBOM removes a byte order mark (RFC 8259 8.1: a parser may ignore it).
func trimBOM(raw []byte) []byte { return bytes.TrimPrefix(raw, []byte("\ufeff")) }

// gate is the state of one pass.
type gate struct {
	raw    []byte
	pos    int
	values int
	stack  []frame
}

// frame is an array or object that is still open.
type frame struct {
	node node
	// key is the name of the member being read and keyStart where it begins.
	key      string
	keyStart int
	// folded holds the keys seen so far once there are too many to compare one by one.
	folded map[string]struct{}
	// context is true inside an @context, where names differ by case on purpose.
	context bool
}

// fewKeys is up to how many keys comparing beats a map.
const fewKeys = 32

func (g *gate) run() (*node, error) {
	for {
		v, opened, err := g.value()
		if err != nil {
			return nil, err
		}
		if opened {
			continue
		}
		for {
			if len(g.stack) == 0 {
				return g.finish(v)
			}
			closed, err := g.attach(v)
			if err != nil {
				return nil, err
			}
			if !closed {
				break
			}
			v = g.pop()
		}
	}
}

// finish sees to it that nothing follows the document.
func (g *gate) finish(v node) (*node, error) {
	g.space()
	if g.pos != len(g.raw) {
		return nil, g.syntax("data after the document")
	}
	return &v, nil
}

// value reads a scalar or an empty container, or opens a container (opened).
func (g *gate) value() (v node, opened bool, err error) {
	g.space()
	if g.values++; g.values > MaxValues {
		return v, false, refuse(ReasonTooMany, "")
	}
	start := g.pos
	switch c := g.peek(); {
	case c == '{' || c == '[':
		return g.open()
	case c == '"':
		v.kind = stringNode
		v.text, err = g.str()
	case c == '-' || c >= '0' && c <= '9':
		v.kind = numberNode
		v.text, err = g.number()
	default:
		v.kind, err = g.literal()
	}
	v.start, v.end = start, g.pos
	return v, false, err
}

func (g *gate) open() (v node, opened bool, err error) {
	v = node{kind: objectNode, start: g.pos}
	closer := byte('}')
	if g.raw[g.pos] == '[' {
		v.kind, closer = arrayNode, ']'
	}
	if len(g.stack) == MaxDepth {
		return v, false, refuse(ReasonTooDeep, "")
	}
	g.pos++
	g.space()
	if g.peek() == closer {
		g.pos++
		v.end = g.pos
		return v, false, nil
	}
	f := frame{node: v, context: g.inContext()}
	g.stack = append(g.stack, f)
	if v.kind == objectNode {
		err = g.memberKey()
	}
	return v, true, err
}

func (g *gate) inContext() bool {
	if len(g.stack) == 0 {
		return false
	}
	top := &g.stack[len(g.stack)-1]
	return top.context || top.node.kind == objectNode && top.key == "@context"
}

// attach puts v into the innermost container and reads on to the next entry
// or to the container's end.
func (g *gate) attach(v node) (closed bool, err error) {
	top := &g.stack[len(g.stack)-1]
	closer := byte(']')
	if top.node.kind == objectNode {
		top.node.members = append(top.node.members, member{key: top.key, start: top.keyStart, value: v})
		closer = '}'
	} else {
		top.node.items = append(top.node.items, v)
	}
	g.space()
	switch g.peek() {
	case closer:
		g.pos++
		top.node.end = g.pos
		return true, nil
	case ',':
		g.pos++
		if top.node.kind == objectNode {
			return false, g.memberKey()
		}
		return false, nil
	}
	return false, g.syntax("expected a comma or an end")
}

func (g *gate) pop() node {
	last := len(g.stack) - 1
	v := g.stack[last].node
	g.stack = g.stack[:last]
	return v
}

// memberKey reads a key and its colon into the innermost frame.
func (g *gate) memberKey() error {
	g.space()
	if g.values++; g.values > MaxValues {
		return refuse(ReasonTooMany, "")
	}
	top := &g.stack[len(g.stack)-1]
	top.keyStart = g.pos
	if g.peek() != '"' {
		return g.syntax("expected a key")
	}
	key, err := g.str()
	if err != nil {
		return err
	}
	g.space()
	if g.peek() != ':' {
		return g.syntax("expected a colon")
	}
	g.pos++
	top.key = key
	return top.admit(key)
}

// admit refuses a second key of the same name and the keywords by which JSON-LD
// can restructure a document after it was checked (SECURITY.md J1).
func (f *frame) admit(key string) error {
	if !f.context && (key == "@graph" || key == "@included" || key == "@reverse") {
		return refuse(ReasonGraph, key)
	}
	if f.seen(key) {
		return refuse(ReasonDuplicateKey, fmt.Sprintf("%.64q", key))
	}
	return nil
}

func (f *frame) seen(key string) bool {
	if len(f.node.members) < fewKeys {
		for i := range f.node.members {
			known := f.node.members[i].key
			if known == key || !f.context && strings.EqualFold(known, key) {
				return true
			}
		}
		return false
	}
	if f.folded == nil {
		f.folded = make(map[string]struct{}, 2*fewKeys)
		for i := range f.node.members {
			f.folded[f.fold(f.node.members[i].key)] = struct{}{}
		}
	}
	folded := f.fold(key)
	_, twice := f.folded[folded]
	f.folded[folded] = struct{}{}
	return twice
}

// fold maps keys that encoding/json would match to one key.
func (f *frame) fold(key string) string {
	if f.context {
		return key
	}
	return strings.Map(func(r rune) rune {
		smallest := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			smallest = min(smallest, next)
		}
		return smallest
	}, key)
}

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
