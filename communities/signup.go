package communities

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxReason is how many characters a reason to come here has.
const MaxReason = 500

// SignUp is somebody who wants to live here.
type SignUp struct {
	Name         string
	Email        string
	PasswordHash string
	Agreed       bool // to the rules and the privacy statement
	Locale       string
	Reason       string
	InviteHash   string // of the code; "": none
	App          int64
}

// SignUp makes a person who waits: until the mail address is shown to be theirs, by a link that is mailed, and until a moderator approves, where
// the door is so. Until then nobody sees them, and they can do nothing. What is wrong comes back as [FieldErrors].
func (t *Town) SignUp(ctx context.Context, tx Tx, s SignUp) (*Actor, error) {
	rules, err := tx.Registrations(ctx)
	if err != nil {
		return nil, err
	}
	if rules.Door == DoorClosed {
		return nil, Forbiddenf("This node takes no registrations")
	}
	invite, err := t.inviteOf(ctx, tx, rules, s)
	if err != nil {
		return nil, err
	}
	email, err := t.checkSignUp(ctx, tx, s, rules.ReasonRequired && rules.Door == DoorApproval && invite == nil)
	if err != nil {
		return nil, err
	}
	return t.admitPending(ctx, tx, s, email, invite)
}

// inviteOf finds the invitation that a code stands for and counts its use; nil without a code.
func (t *Town) inviteOf(ctx context.Context, tx Tx, rules Registrations, s SignUp) (*Invitation, error) {
	if s.InviteHash == "" {
		if rules.Door == DoorInvitation {
			return nil, FieldErrors{{"invite_code", FieldBlank, Invalidf("is needed to sign up here")}}
		}
		return nil, nil //nolint:nilnil // none is fine
	}
	invite, err := tx.UseInvite(ctx, s.InviteHash, t.now())
	if IsNotFound(err) {
		return nil, FieldErrors{{"invite_code", FieldInvalid, Invalidf("is not valid (any more)")}}
	}
	return invite, err
}

// checkSignUp lists all that is wrong at once, as a form wants it.
func (t *Town) checkSignUp(ctx context.Context, tx Tx, s SignUp, reasonRequired bool) (email string, err error) {
	name, err := t.wrongName(ctx, tx, s.Name)
	if err != nil {
		return "", err
	}
	email, address, err := t.wrongEmail(ctx, tx, s.Email)
	if err != nil {
		return "", err
	}
	wrong := append(name, address...)
	if !s.Agreed {
		wrong = append(wrong, FieldError{"agreement", FieldAccepted, Invalidf("must be accepted")})
	}
	switch length := utf8.RuneCountInString(strings.TrimSpace(s.Reason)); {
	case length > MaxReason:
		wrong = append(wrong, FieldError{"reason", FieldTooLong, Invalidf("is too long (at most %d characters)", MaxReason)})
	case length == 0 && reasonRequired:
		wrong = append(wrong, FieldError{"reason", FieldBlank, Invalidf("can't be blank")})
	}
	if len(wrong) > 0 {
		return "", wrong
	}
	return email, nil
}

func (t *Town) wrongName(ctx context.Context, tx Tx, name string) (FieldErrors, error) {
	name = strings.ToLower(name)
	switch {
	case name == "":
		return FieldErrors{{"username", FieldBlank, Invalidf("can't be blank")}}, nil
	case CheckName(name) != nil || len(name) > maxSignUpName:
		return FieldErrors{{"username", FieldInvalid, Invalidf("has at most %d letters, digits and underscores", maxSignUpName)}}, nil
	case slices.Contains(reservedNames, name):
		return FieldErrors{{"username", FieldReserved, Invalidf("is reserved")}}, nil
	}
	known, err := absent(tx.ActorByName(ctx, name, ""))
	if err == nil && known != nil {
		return FieldErrors{{"username", FieldTaken, Invalidf("has already been taken")}}, nil
	}
	return nil, err
}

func (t *Town) wrongEmail(ctx context.Context, tx Tx, given string) (string, FieldErrors, error) {
	if strings.TrimSpace(given) == "" {
		return "", FieldErrors{{"email", FieldBlank, Invalidf("can't be blank")}}, nil
	}
	email, err := checkEmail(given)
	if err != nil {
		return "", FieldErrors{{"email", FieldInvalid, Invalidf("is not an e-mail address")}}, nil
	}
	known, err := absent(tx.AccountByEmail(ctx, email))
	if err == nil && known != nil {
		return "", FieldErrors{{"email", FieldTaken, Invalidf("has already been taken")}}, nil
	}
	return email, nil, err
}

const maxSignUpName = 30 // Mastodon's length, which its servers take from others as well

// reservedNames could be mistaken for the municipality's own.
var reservedNames = []string{
	"admin", "administrator", "beheer", "beheerder", "burgemeester", "gemeente", "griffie", "griffier", "help", "info", "instance.actor",
	"meent", "mod", "moderator", "postmaster", "raad", "root", "security", "support", "webmaster", "wethouder",
}

func (t *Town) admitPending(ctx context.Context, tx Tx, s SignUp, email string, invite *Invitation) (*Actor, error) {
	a := t.newActor(Person, strings.ToLower(s.Name))
	a.Discoverable, a.Indexable = false, false
	a.SuspendedAt = t.now() // nobody sees who waits
	if err := tx.CreateActor(ctx, a); err != nil {
		return nil, err
	}
	account := &Account{
		Actor: a.ID, Email: email, PasswordHash: s.PasswordHash, Role: RoleResident, Locale: s.Locale, CreatedAt: t.now(),
		Unconfirmed: true, Unapproved: invite == nil, Reason: cut(strings.TrimSpace(s.Reason), MaxReason), App: s.App,
	}
	if invite != nil {
		account.Invite = invite.ID
	}
	if err := tx.PutAccount(ctx, account); err != nil {
		return nil, fmt.Errorf("account of %s: %w", a.Name, err)
	}
	return a, tx.Enqueue(ctx, Mail{To: a.ID, About: MailConfirm})
}
