// Package entity holds what apps read: the entities of the Mastodon client API (https://docs.joinmastodon.org/entities/), one to a file,
// every documented field in it. It has a room of its own so that the shapes can be read beside the documentation, and checked against it,
// without what fills them.
//
// A field that may be absent is omitted; one that may be null is a pointer; a list is never null. An address that does not exist is null,
// because strict decoders stop at an empty one.
package entity

import (
	"fmt"
	"strconv"
	"time"
)

// ID is a string to apps, because JavaScript cannot hold our numbers.
type ID int64

// MarshalJSON implements [encoding/json.Marshaler].
func (id ID) MarshalJSON() ([]byte, error) { return []byte(`"` + id.String() + `"`), nil }

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (id *ID) UnmarshalJSON(text []byte) error {
	s, err := strconv.Unquote(string(text))
	if err != nil {
		return fmt.Errorf("an id is a string: %w", err)
	}
	n, err := strconv.ParseInt(s, 10, 64)
	*id = ID(n)
	return err
}

// String returns the decimal form.
func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }

// OptionalID is null for 0.
func OptionalID[T ~int64](id T) *ID {
	if id == 0 {
		return nil
	}
	known := ID(id)
	return &known
}

// Time is a moment in UTC to the millisecond, the form that every app reads.
type Time time.Time

const (
	momentFormat = "2006-01-02T15:04:05.000Z"
	dateFormat   = "2006-01-02"
)

// MarshalJSON implements [encoding/json.Marshaler].
func (t Time) MarshalJSON() ([]byte, error) {
	return []byte(`"` + time.Time(t).UTC().Format(momentFormat) + `"`), nil
}

// OptionalTime is null for the moment that never came.
func OptionalTime(t time.Time) *Time {
	if t.IsZero() {
		return nil
	}
	known := Time(t)
	return &known
}

// Date is a day in UTC; null for the one that never came.
func Date(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	day := t.UTC().Format(dateFormat)
	return &day
}

// Optional is null for the empty string.
func Optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// List is never null.
func List[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
