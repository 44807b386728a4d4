package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// fields is a JSON object under construction: its keys are written in the
// order in which they were added, so that the same struct gives the same bytes.
type fields []field

type field struct {
	key   string
	value any // string, bool, int, float64, []string, []any, fields, json.RawMessage
}

func (f *fields) add(key string, value any) { *f = append(*f, field{key, value}) }

// text, flag, maybe, moment and number add what is not zero.
func (f *fields) text(key, value string) {
	if value != "" {
		f.add(key, value)
	}
}

func (f *fields) flag(key string, value bool) {
	if value {
		f.add(key, true)
	}
}

func (f *fields) maybe(key string, value *bool) {
	if value != nil {
		f.add(key, *value)
	}
}

func (f *fields) moment(key string, value time.Time) {
	if !value.IsZero() {
		f.add(key, value.UTC().Format("2006-01-02T15:04:05.999999Z07:00"))
	}
}

func (f *fields) number(key string, value int) {
	if value != 0 {
		f.add(key, value)
	}
}

// nested adds an object unless it is empty.
func (f *fields) nested(key string, value fields) {
	if len(value) > 0 {
		f.add(key, value)
	}
}

// list adds an array unless it is empty.
func (f *fields) list(key string, value []any) {
	if len(value) > 0 {
		f.add(key, value)
	}
}

// single adds one entry as a string and several as an array, for receivers
// that read only a string (NodeBB: attributedTo, Lemmy: audience).
func (f *fields) single(key string, values []string) {
	switch len(values) {
	case 0:
	case 1:
		f.add(key, values[0])
	default:
		f.add(key, values)
	}
}

// addresses adds to and cc, both or none and always as arrays: Lemmy has no
// default for either.
func (f *fields) addresses(to, cc []string) {
	if len(to)+len(cc) > 0 {
		f.add("to", to)
		f.add("cc", cc)
	}
}

// languages adds a contentMap, sorted by tag.
func (f *fields) languages(key string, texts map[string]string) {
	var out fields
	for _, tag := range slices.Sorted(maps.Keys(texts)) {
		out.add(tag, texts[tag])
	}
	f.nested(key, out)
}

// reference adds an id, or the embedded document verbatim.
func (f *fields) reference(key string, r Reference) {
	if !r.IsZero() {
		f.add(key, r.value())
	}
}

func (r Reference) value() any {
	if r.Raw != nil {
		return json.RawMessage(r.Raw)
	}
	return r.ID
}

func references(list []Reference) []any {
	out := make([]any, 0, len(list))
	for _, r := range list {
		out = append(out, r.value())
	}
	return out
}

// encode writes the object without @context.
func (f fields) encode() ([]byte, error) {
	var b bytes.Buffer
	if err := appendValue(&b, f); err != nil {
		return nil, fmt.Errorf("encode JSON: %w", err)
	}
	return b.Bytes(), nil
}

func appendValue(b *bytes.Buffer, value any) error {
	switch v := value.(type) {
	case fields:
		return appendObject(b, v)
	case []any:
		return appendArray(b, len(v), func(i int) any { return v[i] })
	case []string:
		return appendArray(b, len(v), func(i int) any { return v[i] })
	case json.RawMessage:
		b.Write(v)
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case int:
		b.WriteString(strconv.Itoa(v))
	default: // strings and floats, with encoding/json's rules
		encoder := json.NewEncoder(b)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(v); err != nil {
			return err
		}
		b.Truncate(b.Len() - 1) // the encoder's line end
	}
	return nil
}

func appendObject(b *bytes.Buffer, object fields) error {
	b.WriteByte('{')
	for i, f := range object {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := appendValue(b, f.key); err != nil {
			return err
		}
		b.WriteByte(':')
		if err := appendValue(b, f.value); err != nil {
			return fmt.Errorf("%s: %w", f.key, err)
		}
	}
	b.WriteByte('}')
	return nil
}

func appendArray(b *bytes.Buffer, length int, at func(int) any) error {
	b.WriteByte('[')
	for i := range length {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := appendValue(b, at(i)); err != nil {
			return err
		}
	}
	b.WriteByte(']')
	return nil
}
