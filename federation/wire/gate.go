package wire

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
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
