// Package entity holds what apps read: the entities of the Mastodon client API (https://docs.joinmastodon.org/entities/), one to a file,
// every documented field in it. It has a room of its own so that the shapes can be read beside the documentation, and checked against it,
// without what fills them.
//
// A field that may be absent is omitted; one that may be null is a pointer; a list is never null. An address that does not exist is null,
// because strict decoders stop at an empty one.
package entity

import (
	"strconv"
	"time"
)

// ID is a string to apps, because JavaScript cannot hold our numbers.
type ID int64

// MarshalText implements [encoding.TextMarshaler]: a text is written as it is, where JSON would be read once more.
func (id ID) MarshalText() ([]byte, error) {
	return strconv.AppendInt(make([]byte, 0, maxDigits), int64(id), 10), nil
}

const maxDigits = 19

// UnmarshalText implements [encoding.TextUnmarshaler].
func (id *ID) UnmarshalText(text []byte) error {
	n, err := strconv.ParseInt(string(text), 10, 64)
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

// MarshalText implements [encoding.TextMarshaler].
func (t Time) MarshalText() ([]byte, error) {
	return time.Time(t).UTC().AppendFormat(make([]byte, 0, len(momentFormat)), momentFormat), nil
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
