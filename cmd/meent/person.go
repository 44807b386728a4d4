package main

import (
	"bufio"
	"context"
	"errors"
	"strings"
	"time"

	"meent/communities"
	"meent/communities/auth"
	"meent/storage"
)

type personCommand struct {
	Add      personAdd      `cmd:"" help:"Make a person with an account. Prints a link to sign in with, once."`
	List     personList     `cmd:"" help:"List the people of this node."`
	Link     personLink     `cmd:"" help:"Print a link with which a person can sign in, once; or by which they confirm their address, when they signed up and have not."`
	Password personPassword `cmd:"" help:"Set a person's password, read from standard input."`
	Disable  personDisable  `cmd:"" help:"Keep a person from signing in. What they wrote stays."`
	Alias    personAlias    `cmd:"" help:"Name an account elsewhere that is the same person, so that it can move here."`
	Move     personMove     `cmd:"" help:"Mark a person as moved to another account, and take the followers along."`

	Approve   personApprove   `cmd:"" help:"Let somebody in who signed up."`
	Reject    personReject    `cmd:"" help:"Turn away somebody who signed up, and forget them."`
	Suspend   personSuspend   `cmd:"" help:"Hide somebody, here or elsewhere, with all that they wrote, and take nothing more from them."`
	Limit     personLimit     `cmd:"" help:"Show somebody, here or elsewhere, to their followers only."`
	Sensitive personSensitive `cmd:"" help:"Hide somebody's pictures until they are asked for."`
}

type personAdd struct {
	Name    string `arg:"" help:"Handle: a-z, 0-9 and _."`
	Email   string `required:"" placeholder:"ADDRESS" help:"E-mail address."`
	Display string `placeholder:"NAME" help:"Name as people read it."`
	Role    string `default:"resident" enum:"resident,moderator,admin" placeholder:"ROLE" help:"What the person may do on the whole node: resident, moderator or admin."`
	Locale  string `default:"nl" placeholder:"TAG" help:"Language of mail to the person."`
}

// Run makes the person.
func (p personAdd) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		link, err := n.addPerson(ctx, communities.NewPerson{
			Name: p.Name, DisplayName: p.Display, Email: p.Email, Role: communities.NodeRole(p.Role), Locale: p.Locale,
		})
		if err != nil {
			return advise(err, "Another name or e-mail address may help; `meent person list` shows who is there.")
		}
		t.say("%s lives here now: %s", p.Name, n.Actor(communities.Person, p.Name))
		t.say("Sign in, once, until %s: %s", link.until(), link.url)
		return nil
	})
}

// addPerson makes a person, and a link to sign in with.
func (n *node) addPerson(ctx context.Context, person communities.NewPerson) (signInLink, error) {
	person.By = n.self.ID
	var link signInLink
	err := n.town.Write(ctx, func(tx communities.Tx) error {
		actor, err := n.town.CreatePerson(ctx, tx, person)
		if err != nil {
			return err
		}
		link, err = n.link(ctx, tx, actor)
		return err
	})
	return link, err
}

// with opens the node for a command and closes it after.
func (c *Config) with(ctx context.Context, t terminal, do func(*node) error) error {
	n, err := c.openNode(ctx, t)
	if err != nil {
		return err
	}
	return errors.Join(do(n), n.Close())
}

type personList struct{}

// Run lists everybody with an account.
func (personList) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		accounts, err := n.archive.Accounts(ctx)
		if err != nil {
			return err
		}
		for _, account := range accounts {
			person, err := n.archive.Actor(ctx, account.Actor)
			if err != nil {
				return err
			}
			t.say("%-20s %-10s %-11s %s", person.Name, account.Role, state(account), account.Email)
		}
		return nil
	})
}

func state(account *communities.Account) string {
	switch {
	case account.Unconfirmed:
		return "unconfirmed"
	case account.Unapproved:
		return "waiting"
	case account.DisabledAt.IsZero():
		return "active"
	}
	return "disabled"
}

type personLink struct {
	Name string `arg:"" help:"Handle."`
}

// Run prints a new link.
func (p personLink) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		person, err := n.person(ctx, p.Name)
		if err != nil {
			return err
		}
		link, err := n.linkNow(ctx, person)
		if err != nil {
			return err
		}
		t.say("%s", link.url)
		t.explain("It works once, until %s, for whoever has it.", link.until())
		return nil
	})
}

// linkNow makes the link that fits: to confirm an address, for whoever has not, else to sign in with.
func (n *node) linkNow(ctx context.Context, person *communities.Actor) (link signInLink, err error) {
	resident, err := n.archive.Resident(ctx, person.ID)
	if err != nil {
		return link, err
	}
	if resident.Account != nil && resident.Account.Unconfirmed {
		return n.confirmLink(ctx, resident)
	}
	err = n.town.Write(ctx, func(tx communities.Tx) (err error) {
		link, err = n.link(ctx, tx, person)
		return err
	})
	return link, err
}

type personPassword struct {
	Name string `arg:"" help:"Handle."`
}

// Run reads a line and makes it the password. It is not an argument: those are for all the machine's users to see.
func (p personPassword) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		person, err := n.person(ctx, p.Name)
		if err != nil {
			return err
		}
		t.explain("New password for %s, then Enter:", person.Name)
		line, err := bufio.NewReader(t.in).ReadString('\n')
		if err != nil && line == "" {
			return advise(errors.New("no password was given"), "Type it, or: echo PASSWORD | meent person password %s", p.Name)
		}
		hash, err := auth.NewPasswords().Hash(ctx, strings.TrimRight(line, "\r\n"))
		if err != nil {
			return advise(err, "Take a sentence of your own.")
		}
		if err := n.setPassword(ctx, person, hash); err != nil {
			return err
		}
		t.say("%s has a new password; every session and token of theirs has ended.", person.Name)
		return nil
	})
}

// setPassword also ends every session and token: whoever knew the old password is out, and what they let in.
func (n *node) setPassword(ctx context.Context, person *communities.Actor, hash string) error {
	return n.town.Write(ctx, func(tx communities.Tx) error {
		account, err := tx.Account(ctx, person.ID)
		if err != nil {
			return err
		}
		account.PasswordHash = hash
		if err := tx.PutAccount(ctx, account); err != nil {
			return err
		}
		return storage.Of(tx).LockOut(ctx, person.ID, time.Now())
	})
}

type personDisable struct {
	Name string `arg:"" help:"Handle."`
	Undo bool   `help:"Let the person sign in again."`
}

// Run closes or opens the account.
func (p personDisable) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		person, err := n.person(ctx, p.Name)
		if err != nil {
			return err
		}
		standing := communities.Standing{Actor: person.ID, By: n.self.ID}
		change, done := n.town.Disable, "can no longer sign in; every session and token of theirs has lost its use"
		if p.Undo {
			change, done = n.town.Enable, "can sign in again"
		}
		if err := n.town.Write(ctx, func(tx communities.Tx) error { return change(ctx, tx, standing) }); err != nil {
			return err
		}
		t.say("%s %s.", person.Name, done)
		return nil
	})
}
