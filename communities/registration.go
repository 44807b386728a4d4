package communities

import (
	"context"
	"net/url"
	"slices"
	"strings"
)

// Door is how one comes to live here without being asked by an administrator.
type Door string

const (
	DoorClosed     Door = "closed"
	DoorInvitation Door = "invitation" // with a code that somebody was given
	DoorApproval   Door = "approval"   // a moderator decides; who has a code need not wait
)

// Registrations is what an administrator set about it.
type Registrations struct {
	Door           Door   `json:"door"`
	ReasonRequired bool   `json:"reason_required,omitempty"`
	Message        string `json:"message,omitempty"` // for whoever comes to a closed door; Markdown
	URL            string `json:"url,omitempty"`     // of a page to sign up at, elsewhere
}

// SetRegistrations opens or closes the door.
func (t *Town) SetRegistrations(ctx context.Context, tx Tx, r Registrations, by ActorID) error {
	c, err := t.May(ctx, tx, WriteTexts, by, On{})
	if err != nil {
		return err
	}
	if !slices.Contains([]Door{DoorClosed, DoorInvitation, DoorApproval}, r.Door) {
		return Invalidf("registrations are %s, by %s or by %s", DoorClosed, DoorInvitation, DoorApproval)
	}
	if u, err := url.Parse(r.URL); r.URL != "" && (err != nil || u.Host == "" || u.Scheme != "https") {
		return Invalidf("%q is not an https address", r.URL)
	}
	if err := tx.PutRegistrations(ctx, r); err != nil {
		return err
	}
	return t.audit(ctx, tx, c.Actor, Audit{Action: "set registrations", Kind: AuditText, Name: string(r.Door)})
}

// FieldError is what is wrong with one field of a form. Code is one that apps know (Mastodon API, POST /api/v1/accounts).
type FieldError struct {
	Field, Code string
	Why         error // goes on where the name of the field ends; made by [Invalidf]
}

// FieldErrors are all that is wrong with a form; an error of [KindInvalid].
type FieldErrors []FieldError

func (f FieldErrors) Error() string {
	messages := make([]string, len(f))
	for i, e := range f {
		messages[i] = e.Field + " " + e.Why.Error()
	}
	return strings.Join(messages, ", ")
}

// As makes it the [Error] that it stands for.
func (f FieldErrors) As(target any) bool {
	e, ok := target.(**Error)
	if ok {
		*e = &Error{Kind: KindInvalid, Message: f.Error()}
	}
	return ok
}

// Codes of [FieldError].
const (
	FieldTaken    = "ERR_TAKEN"
	FieldInvalid  = "ERR_INVALID"
	FieldBlank    = "ERR_BLANK"
	FieldTooLong  = "ERR_TOO_LONG"
	FieldTooShort = "ERR_TOO_SHORT"
	FieldAccepted = "ERR_ACCEPTED"
	FieldReserved = "ERR_RESERVED"
)
