package main

import (
	"cmp"
	"context"
	"errors"
	"time"

	"meent/cmd/meent/mail"
	"meent/cmd/meent/web"
	"meent/communities"
	"meent/communities/auth"
	"meent/storage"
)

const (
	// confirmLife is how long a link to confirm an address can be used.
	confirmLife = 7 * 24 * time.Hour

	// mailedLife is how long a link to sign in with can be used that was mailed: others may get to see that mail.
	mailedLife = 30 * time.Minute

	// At most this many links are mailed to one person in that time, however often they are asked for.
	mostMailed  = 3
	mailedWhile = 15 * time.Minute
)

// openMail reads how mail is sent; nil where it is not.
func (c *Config) openMail(n *node) (*mail.Mailer, error) {
	if c.SMTP == "" {
		return nil, nil //nolint:nilnil // a node can do without
	}
	mailer, err := mail.New(mail.Settings{
		Server: c.SMTP, From: cmp.Or(c.MailFrom, "post@"+n.hostname()), Name: n.title(), URL: n.Base + "/",
	})
	return mailer, advise(err, "Look at --smtp and --mail-from.")
}

// letters tell how a kind of letter is made. Each returns false where there is nothing (more) to say.
var letters = map[communities.MailKind]func(*node, context.Context, storage.Resident) (mail.Letter, bool, error){
	communities.MailConfirm:  (*node).confirmLetter,
	communities.MailSignIn:   (*node).signInLetter,
	communities.MailApproved: (*node).approvedLetter,
}

// mail writes to a person. The link is made here, so that no secret waits in the queue; a letter that is sent twice holds two that work.
func (n *node) mail(ctx context.Context, task communities.Mail) error {
	write, known := letters[task.About]
	if !known || task.To == 0 { // for an address that nobody here has
		return nil
	}
	person, err := n.archive.Resident(ctx, task.To)
	if communities.IsNotFound(err) || err == nil && person.Account == nil {
		return nil
	}
	if err != nil {
		return err
	}
	if n.mailer == nil {
		n.log.WarnContext(ctx, "no mail is sent, because --smtp is not set; `meent person link` prints the link", "to", person.Actor.Name, "about", task.About)
		return nil
	}
	letter, wanted, err := write(n, ctx, person)
	if err != nil || !wanted {
		return err
	}
	letter.To, letter.Language, letter.Name, letter.About = person.Account.Email, person.Account.Locale, person.Actor.Title(), string(task.About)
	if err := n.mailer.Send(ctx, letter); err != nil {
		return err
	}
	n.log.InfoContext(ctx, "mail was sent", "to", person.Actor.Name, "about", task.About)
	return nil
}

func (n *node) confirmLetter(ctx context.Context, person storage.Resident) (mail.Letter, bool, error) {
	if !person.Account.Unconfirmed {
		return mail.Letter{}, false, nil
	}
	link, err := n.confirmLink(ctx, person)
	return mail.Letter{Link: link.url, Until: link.expires}, true, err
}

// confirmLink makes a link by which the person shows that the address is theirs.
func (n *node) confirmLink(ctx context.Context, person storage.Resident) (signInLink, error) {
	secret, hash := auth.NewSecret()
	now := time.Now()
	link := signInLink{url: n.Base + web.ConfirmPath + secret, expires: now.Add(confirmLife)}
	err := n.town.Write(ctx, func(tx communities.Tx) error {
		return storage.Of(tx).PutConfirmation(ctx, storage.Confirmation{
			Hash: hash, Actor: person.Actor.ID, Email: person.Account.Email, CreatedAt: now, ExpiresAt: link.expires,
		})
	})
	return link, err
}

func (n *node) signInLetter(ctx context.Context, person storage.Resident) (mail.Letter, bool, error) {
	if !person.Account.DisabledAt.IsZero() || !person.Actor.Active() {
		return mail.Letter{}, false, nil
	}
	var link signInLink
	err := n.town.Write(ctx, func(tx communities.Tx) error {
		made, err := storage.Of(tx).CountSignInLinks(ctx, person.Actor.ID, time.Now().Add(-mailedWhile))
		if err != nil {
			return err
		}
		if made >= mostMailed {
			return errEnough
		}
		link, err = n.linkFor(ctx, tx, person.Actor, mailedLife)
		return err
	})
	if errors.Is(err, errEnough) {
		return mail.Letter{}, false, nil
	}
	return mail.Letter{Link: link.url, Until: link.expires}, true, err
}

var errEnough = errors.New("enough links were mailed")

func (n *node) approvedLetter(context.Context, storage.Resident) (mail.Letter, bool, error) {
	return mail.Letter{Link: n.Base + "/sign-in"}, true, nil
}
