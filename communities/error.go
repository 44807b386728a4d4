package communities

import (
	"errors"
	"fmt"
)

// Kind says what went wrong, in the town's terms. Only faces know the HTTP numbers for it.
type Kind int

const (
	KindInternal  Kind = iota
	KindNotFound       // absent, or withheld: nobody may learn which
	KindInvalid        // the request itself is wrong; the message says how to mend it
	KindForbidden      // known, but this person may not
	KindConflict       // contradicts what is there (a name that is taken)
	KindGone           // was here, is deleted
	KindLimited        // too much, try later
)

// Error is an error with a message for people. Everything else that happens is internal: it is logged, and shown to nobody.
type Error struct {
	Kind    Kind
	Message string // in English

	// Reason is the message with places for Args: by it, faces find the words in other languages.
	Reason string
	Args   []any
}

func (e *Error) Error() string { return e.Message }

// NotFound is the answer for what is absent and for what is withheld alike.
var NotFound = &Error{Kind: KindNotFound, Message: "not found", Reason: "not found"}

// Gone is the answer for what was deleted.
var Gone = &Error{Kind: KindGone, Message: "deleted", Reason: "deleted"}

func Invalidf(format string, args ...any) error { return refusef(KindInvalid, format, args) }

func Forbiddenf(format string, args ...any) error { return refusef(KindForbidden, format, args) }

func Conflictf(format string, args ...any) error { return refusef(KindConflict, format, args) }

func Limitedf(format string, args ...any) error { return refusef(KindLimited, format, args) }

func refusef(kind Kind, format string, args []any) error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), Reason: format, Args: args}
}

// KindOf returns the kind of err, KindInternal when it has none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return KindInternal
}

// IsNotFound tells whether err says that something is absent or withheld.
func IsNotFound(err error) bool { return KindOf(err) == KindNotFound }

// refused tells whether err is an answer for people, and not a failure of ours.
func refused(err error) bool { return err != nil && KindOf(err) != KindInternal }
