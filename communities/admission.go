package communities

import (
	"context"
	"fmt"
	"time"
)

// Confirm takes a link that was mailed: the address is theirs. Whoever waits for nothing else is in; else the moderators hear of them.
func (t *Town) Confirm(ctx context.Context, tx Tx, hash string) (*Actor, error) {
	person, email, err := tx.TakeConfirmation(ctx, hash, t.now())
	if err != nil {
		return nil, err
	}
	account, err := tx.Account(ctx, person)
	if err != nil {
		return nil, err
	}
	a, err := tx.Actor(ctx, person)
	if err != nil {
		return nil, err
	}
	if !account.Unconfirmed {
		return a, nil
	}
	account.Unconfirmed, account.Email = false, email
	if account.Unapproved {
		if err := t.notifyStaff(ctx, tx, nil, Notification{Kind: NotifySignUp, From: a.ID}); err != nil {
			return nil, err
		}
	}
	return a, t.letIn(ctx, tx, a, account)
}

// Readdress changes the address that somebody who waits signed up with, and mails the link anew.
func (t *Town) Readdress(ctx context.Context, tx Tx, person ActorID, email string) error {
	account, err := tx.Account(ctx, person)
	if err != nil {
		return err
	}
	if !account.Unconfirmed {
		return Forbiddenf("This method is only available while the e-mail is awaiting confirmation")
	}
	if email != "" {
		if account.Email, err = checkEmail(email); err != nil {
			return err
		}
		if err := tx.PutAccount(ctx, account); err != nil {
			return err
		}
	}
	return tx.Enqueue(ctx, Mail{To: person, About: MailConfirm})
}

// letIn keeps what has changed, and shows the person once they wait for nothing more.
func (t *Town) letIn(ctx context.Context, tx Tx, a *Actor, account *Account) error {
	if err := tx.PutAccount(ctx, account); err != nil {
		return fmt.Errorf("account of %s: %w", a.Name, err)
	}
	if account.Pending() {
		return nil
	}
	a.SuspendedAt = time.Time{}
	if err := tx.UpdateActor(ctx, a); err != nil {
		return fmt.Errorf("let %s in: %w", a.Name, err)
	}
	return nil
}

// ApprovePerson lets somebody in who waits for it. See [Town.RejectPerson].
func (t *Town) ApprovePerson(ctx context.Context, tx Tx, s Standing) error {
	c, account, err := t.pending(ctx, tx, s, func(a *Account) bool { return a.Unapproved })
	if err != nil {
		return err
	}
	account.Unapproved = false
	if err := t.letIn(ctx, tx, c.Other, account); err != nil {
		return err
	}
	if !account.Pending() {
		if err := tx.Enqueue(ctx, Mail{To: s.Actor, About: MailApproved}); err != nil {
			return err
		}
	}
	return t.auditActor(ctx, tx, c.Actor, ApprovePerson, c.Other, s.Reason)
}

// RejectPerson forgets somebody who waits, without a trace but in the record of decisions: the name is free again.
func (t *Town) RejectPerson(ctx context.Context, tx Tx, s Standing) error {
	c, _, err := t.pending(ctx, tx, s, (*Account).Pending)
	if err != nil {
		return err
	}
	if err := tx.ForgetPerson(ctx, s.Actor); err != nil {
		return fmt.Errorf("reject %s: %w", c.Other.Name, err)
	}
	return t.auditActor(ctx, tx, c.Actor, "un"+ApprovePerson, c.Other, s.Reason)
}

func (t *Town) pending(ctx context.Context, tx Tx, s Standing, waits func(*Account) bool) (*Case, *Account, error) {
	c, err := t.May(ctx, tx, ApprovePerson, s.By, On{Other: s.Actor})
	if err != nil {
		return nil, nil, err
	}
	account, err := tx.Account(ctx, s.Actor)
	if err == nil && !waits(account) {
		return nil, nil, Forbiddenf("%s does not wait to be let in", c.Other.Title())
	}
	return c, account, err
}
