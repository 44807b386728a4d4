package signature

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds the nesting of a document; honest ones stay below ten.
const maxDepth = 64

// Canonicalize returns the one spelling of a JSON document that everybody agrees on (RFC 8785, JCS). It refuses what
// has no such spelling, or hides a second reading: keys that stand twice, broken Unicode, integers that would lose
// digits, bottomless nesting.
func Canonicalize(doc []byte) ([]byte, error) {
	if !json.Valid(doc) || !utf8.Valid(doc) {
		return nil, refuse(Malformed, "document is not JSON in UTF-8")
	}
	c := canonicalizer{src: doc}
	return c.value(make([]byte, 0, len(doc)))
}

// member is one property of an object.
type member struct {
	name      string
	canonical []byte // its value
}

// canonicalizeObject is Canonicalize for a document that is an object, opened to its top-level members, which come
// in canonical order.
func canonicalizeObject(doc []byte) ([]member, error) {
	if !json.Valid(doc) || !utf8.Valid(doc) {
		return nil, refuse(Malformed, "document is not JSON in UTF-8")
	}
	c := canonicalizer{src: doc}
	if c.next() != '{' {
		return nil, refuse(Malformed, "document is not an object")
	}
	return c.members()
}

// appendObject writes members, which must be in canonical order.
func appendObject(dst []byte, members []member) []byte {
	dst = append(dst, '{')
	for i, m := range members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, m.name), ':')
		dst = append(dst, m.canonical...)
	}
	return append(dst, '}')
}

func sortMembers(members []member) {
	slices.SortFunc(members, func(a, b member) int { return compareUTF16(a.name, b.name) })
}

// compareUTF16 orders as RFC 8785 3.2.3 demands: by UTF-16 code units. Without characters beyond U+FFFF, whose
// UTF-8 starts at 0xf0, that is the order of the bytes.
func compareUTF16(a, b string) int {
	if isBasic(a) && isBasic(b) {
		return strings.Compare(a, b)
	}
	return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
}

func isBasic(text string) bool {
	for i := range len(text) {
		if text[i] >= 0xf0 {
			return false
		}
	}
	return true
}

// canonicalizer walks over a document that is known to be valid JSON, so it need not look for syntax errors.
type canonicalizer struct {
	src   []byte
	pos   int
	depth int
}

// next skips white space and returns the byte where the next token starts.
func (c *canonicalizer) next() byte {
	for strings.IndexByte(" \t\r\n", c.src[c.pos]) >= 0 {
		c.pos++
	}
	return c.src[c.pos]
}

// value appends the canonical form of the value that comes next.
func (c *canonicalizer) value(dst []byte) ([]byte, error) {
	switch c.next() {
	case '{':
		members, err := c.members()
		return appendObject(dst, members), err
	case '[':
		return c.array(dst)
	case '"':
		text, err := c.text()
		return appendString(dst, text), err
	}
	token := c.token()
	if bytes.ContainsAny(token[:1], "tfn") {
		return append(dst, token...), nil
	}
	return appendNumber(dst, string(token))
}

// token takes a number or a literal.
func (c *canonicalizer) token() []byte {
	start := c.pos
	for c.pos < len(c.src) && strings.IndexByte(" \t\r\n,]}", c.src[c.pos]) < 0 {
		c.pos++
	}
	return c.src[start:c.pos]
}

func (c *canonicalizer) members() ([]member, error) {
	var members []member
	err := c.each('}', func() error {
		c.next()
		name, err := c.text()
		if err != nil {
			return err
		}
		c.next()
		c.pos++ // the colon
		canonical, err := c.value(nil)
		members = append(members, member{name, canonical})
		return err
	})
	if err != nil {
		return nil, err
	}
	sortMembers(members)
	for i := range members[min(1, len(members)):] {
		if members[i].name == members[i+1].name {
			return nil, refuse(Malformed, "key %.40q stands twice", members[i].name)
		}
	}
	return members, nil
}

func (c *canonicalizer) array(dst []byte) ([]byte, error) {
	dst = append(dst, '[')
	start := len(dst)
	err := c.each(']', func() (err error) {
		if len(dst) > start {
			dst = append(dst, ',')
		}
		dst, err = c.value(dst)
		return err
	})
	return append(dst, ']'), err
}

// each calls read in front of each element until the closing bracket.
func (c *canonicalizer) each(closing byte, read func() error) error {
	if c.depth++; c.depth > maxDepth {
		return refuse(Malformed, "document nests deeper than %d", maxDepth)
	}
	c.pos++ // the opening bracket
	for c.next() != closing {
		if c.src[c.pos] == ',' {
			c.pos++
		}
		if err := read(); err != nil {
			return err
		}
	}
	c.pos++
	c.depth--
	return nil
}

// text takes a string and decodes it. Unlike encoding/json it refuses a lone surrogate instead of replacing it:
// replaced, two different documents would share one signature.
func (c *canonicalizer) text() (string, error) {
	c.pos++
	start := c.pos
	for c.src[c.pos] != '"' && c.src[c.pos] != '\\' {
		c.pos++
	}
	decoded := c.src[start:c.pos:c.pos]
	for c.src[c.pos] != '"' {
		if c.src[c.pos] != '\\' {
			decoded = append(decoded, c.src[c.pos])
			c.pos++
			continue
		}
		char, err := c.escape()
		if err != nil {
			return "", err
		}
		decoded = utf8.AppendRune(decoded, char)
	}
	c.pos++
	return string(decoded), nil
}

// shortEscapes are the escapes of RFC 8259 7 that have a letter. RFC 8785 3.2.2.2 writes control characters so.
var shortEscapes = map[byte]rune{
	'b': '\b', 't': '\t', 'n': '\n', 'f': '\f', 'r': '\r', '"': '"', '\\': '\\', '/': '/',
}

func (c *canonicalizer) escape() (rune, error) {
	letter := c.src[c.pos+1]
	if letter != 'u' {
		c.pos += len(`\n`)
		return shortEscapes[letter], nil
	}
	char := c.unicodeEscape()
	if !utf16.IsSurrogate(char) {
		return char, nil
	}
	if bytes.HasPrefix(c.src[c.pos:], []byte(`\u`)) {
		if pair := utf16.DecodeRune(char, c.unicodeEscape()); pair != utf8.RuneError {
			return pair, nil
		}
	}
	return 0, refuse(Malformed, "lone surrogate in a string")
}

func (c *canonicalizer) unicodeEscape() rune {
	digits := c.src[c.pos+len(`\u`) : c.pos+len(`\uffff`)]
	c.pos += len(`\uffff`)
	unit, _ := strconv.ParseUint(string(digits), 16, 16) // json.Valid has seen to the digits
	return rune(unit)
}

// appendString writes RFC 8785 3.2.2.2: nothing is escaped that need not be.
func appendString(dst []byte, text string) []byte {
	dst = append(dst, '"')
	for i := range len(text) {
		switch char := text[i]; {
		case char == '"' || char == '\\':
			dst = append(dst, '\\', char)
		case char >= ' ':
			dst = append(dst, char)
		default:
			dst = appendControl(dst, char)
		}
	}
	return append(dst, '"')
}

func appendControl(dst []byte, char byte) []byte {
	for letter, meaning := range shortEscapes {
		if rune(char) == meaning {
			return append(dst, '\\', letter)
		}
	}
	return append(append(dst, `\u00`...), hex.EncodeToString([]byte{char})...)
}

// exactDigits is how many digits of an integer a double always holds.
const exactDigits = 15

// appendNumber writes a number as ECMAScript does (RFC 8785 3.2.2.3). A long integer that changes on the way is refused:
// its neighbours would share its signature, while a reader with 64-bit integers tells them apart.
func appendNumber(dst []byte, literal string) ([]byte, error) {
	number, err := strconv.ParseFloat(literal, 64)
	if err != nil {
		return dst, refuse(Malformed, "number %.40q", literal)
	}
	written := appendFloat(nil, number)
	if len(literal) > exactDigits && isInteger(literal) && string(written) != literal {
		return dst, refuse(Malformed, "integer %.40q has too many digits", literal)
	}
	return append(dst, written...), nil
}

func isInteger(literal string) bool {
	return !strings.ContainsAny(literal, ".eE")
}

func appendFloat(dst []byte, number float64) []byte {
	size := math.Abs(number)
	switch {
	case number == 0: // minus zero too
		return append(dst, '0')
	case size >= 1e-6 && size < 1e21:
		return strconv.AppendFloat(dst, number, 'f', -1, 64)
	}
	dst = strconv.AppendFloat(dst, number, 'e', -1, 64)
	// Go writes e-07 where ECMAScript writes e-7.
	if n := len(dst); dst[n-2] == '0' && (dst[n-3] == '-' || dst[n-3] == '+') {
		dst = append(dst[:n-2], dst[n-1])
	}
	return dst
}
