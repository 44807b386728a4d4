package signature

import (
	"errors"
	"fmt"
)

// Kind says what is wrong with a signature or proof, so that a face can choose its answer: [Malformed] is a
// 400 Bad Request, everything else a 401 Unauthorized.
type Kind int

// The kinds of failure.
const (
	Malformed Kind = iota + 1 // it cannot be read, or can be read in two ways
	Missing                   // it is not there, or leaves out something that must be covered
	Stale                     // made too long ago, in the future, or expired
	Forbidden                 // an algorithm, key or key id that is never accepted
	Mismatch                  // it was made by another key, or for another body, host or document
)

var kindNames = map[Kind]string{
	Malformed: "malformed",
	Missing:   "missing",
	Stale:     "stale",
	Forbidden: "forbidden",
	Mismatch:  "mismatch",
}

func (k Kind) String() string { return kindNames[k] }

// Error is how every refusal of this package reads. Its text may quote the sender: log it, do not echo it.
type Error struct {
	Kind   Kind
	Detail string
}

func (e *Error) Error() string { return fmt.Sprintf("signature %s: %s", e.Kind, e.Detail) }

// KindOf returns the kind of a refusal, however deeply wrapped, and zero for every other error.
func KindOf(err error) Kind {
	var refusal *Error
	if errors.As(err, &refusal) {
		return refusal.Kind
	}
	return 0
}

func refuse(kind Kind, format string, args ...any) error {
	return &Error{Kind: kind, Detail: fmt.Sprintf(format, args...)}
}
