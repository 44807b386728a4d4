package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"meent/communities"
	"meent/communities/auth"
	"meent/storage"
)

type inviteCommand struct {
	Create inviteCreate `cmd:"" help:"Make a code by which people can sign up. Prints it, once."`
	List   inviteList   `cmd:"" help:"List the invitations."`
	Revoke inviteRevoke `cmd:"" help:"End an invitation. Who came by it stays."`
}

type inviteCreate struct {
	Note string        `placeholder:"TEXT" help:"For whom it is."`
	Uses int           `placeholder:"N" help:"How many people may come by it. Default: any number."`
	Days time.Duration `default:"168h" name:"for" placeholder:"DURATION" help:"How long it holds, such as 24h; 0 is for good."`
}

// Run makes the invitation.
func (i inviteCreate) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		code, hash := auth.NewSecret()
		invitation := communities.Invitation{By: n.self.ID, Hash: hash, Note: i.Note, MaxUses: i.Uses}
		if i.Days > 0 {
			invitation.ExpiresAt = time.Now().Add(i.Days)
		}
		err := n.town.Write(ctx, func(tx communities.Tx) error {
			_, err := n.town.CreateInvite(ctx, tx, invitation)
			return err
		})
		if err != nil {
			return err
		}
		t.say("%s", code)
		t.explain("Whoever has this code can sign up. It is not shown again.")
		return nil
	})
}

type inviteList struct{}

// Run lists the invitations, newest first.
func (inviteList) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		invites, err := n.archive.Invites(ctx, storage.Page{Limit: listed})
		for _, i := range invites {
			state := "holds"
			switch {
			case !i.RevokedAt.IsZero():
				state = "revoked"
			case !i.ExpiresAt.IsZero() && i.ExpiresAt.Before(time.Now()):
				state = "expired"
			case i.MaxUses > 0 && i.Uses >= i.MaxUses:
				state = "used up"
			}
			t.say("%d  %-8s %d used  %s", i.ID, state, i.Uses, i.Note)
		}
		return err
	})
}

// listed is how much of a list is printed.
const listed = 200

type inviteRevoke struct {
	ID int64 `arg:"" help:"Number of the invitation, as list shows it."`
}

// Run ends the invitation.
func (i inviteRevoke) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		return said(t, n.town.Write(ctx, func(tx communities.Tx) error {
			return n.town.RevokeInvite(ctx, tx, communities.InviteID(i.ID), n.self.ID)
		}), "Revoked.")
	})
}

type announceCommand struct {
	Add    announceAdd    `cmd:"" default:"withargs" help:"Tell everybody here something, or change what was told."`
	List   announceList   `cmd:"" help:"List the announcements."`
	Remove announceRemove `cmd:"" help:"Take an announcement away."`
}

type announceAdd struct {
	Text   string `arg:"" help:"What to say, in Markdown."`
	From   string `placeholder:"TIME" help:"When what it is about begins: 2026-05-01, or 2026-05-01T09:00."`
	Until  string `placeholder:"TIME" help:"When it ends; the announcement goes then."`
	AllDay bool   `help:"Only the days count."`
	Draft  bool   `help:"Keep it from others."`
	Change int64  `placeholder:"ID" help:"Number of an announcement to change."`
}

// Run makes or changes the announcement.
func (a announceAdd) Run(ctx context.Context, c *Config, t terminal) error {
	zone, err := c.zone()
	if err != nil {
		return err
	}
	notice := communities.Notice{ID: communities.AnnouncementID(a.Change), Source: a.Text, AllDay: a.AllDay, Draft: a.Draft}
	if notice.StartsAt, err = readMoment(a.From, zone); err != nil {
		return err
	}
	if notice.EndsAt, err = readMoment(a.Until, zone); err != nil {
		return err
	}
	return c.with(ctx, t, func(n *node) error {
		notice.By = n.self.ID
		var made *communities.Announcement
		err := n.town.Write(ctx, func(tx communities.Tx) (err error) {
			made, err = n.town.Announce(ctx, tx, notice)
			return err
		})
		if err != nil {
			return err
		}
		t.say("%d", made.ID)
		t.explain("People find it on the front page and in their apps.")
		return nil
	})
}

func readMoment(text string, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{time.DateOnly, "2006-01-02T15:04"} {
		if moment, err := time.ParseInLocation(form, text, zone); err == nil {
			return moment, nil
		}
	}
	return time.Time{}, advise(fmt.Errorf("%q is no day or time", text), "Write 2026-05-01, or 2026-05-01T09:00.")
}

type announceList struct{}

// Run lists the announcements, newest first.
func (announceList) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		list, err := n.archive.AllAnnouncements(ctx, storage.Page{Limit: listed})
		for _, a := range list {
			state := "published"
			switch {
			case a.PublishedAt.IsZero():
				state = "draft"
			case !a.EndsAt.IsZero() && a.EndsAt.Before(time.Now()):
				state = "over"
			}
			t.say("%d  %-9s %s", a.ID, state, a.Source)
		}
		return err
	})
}

type announceRemove struct {
	ID int64 `arg:"" help:"Number of the announcement."`
}

// Run takes it away.
func (a announceRemove) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		return said(t, n.town.Write(ctx, func(tx communities.Tx) error {
			return n.town.Unannounce(ctx, tx, communities.AnnouncementID(a.ID), n.self.ID)
		}), "Removed.")
	})
}

type emojiCommand struct {
	Add    emojiAdd    `cmd:"" help:"Add a picture that people can put in texts, or replace it."`
	List   emojiList   `cmd:"" help:"List the pictures."`
	Remove emojiRemove `cmd:"" help:"Forget a picture. Texts show its name from then on."`
}

type emojiAdd struct {
	Name     string `arg:"" help:"Name between colons: a-z, A-Z, 0-9 and _."`
	File     string `arg:"" type:"existingfile" help:"PNG, GIF or WebP."`
	Category string `placeholder:"TEXT" help:"Heading in the list to choose from."`
	Hidden   bool   `help:"Leave it out of that list."`
}

// Run keeps the picture. What it is, its bytes say, and not its name.
func (e emojiAdd) Run(ctx context.Context, c *Config, t terminal) error {
	picture, err := os.ReadFile(e.File)
	if err != nil {
		return fmt.Errorf("read the picture: %w", err)
	}
	sum := sha256.Sum256(picture)
	return c.with(ctx, t, func(n *node) error {
		return said(t, n.town.Write(ctx, func(tx communities.Tx) error {
			return n.town.KeepEmoji(ctx, tx, communities.NewEmoji{
				By: n.self.ID, Name: e.Name, Category: e.Category, Hidden: e.Hidden, MediaType: http.DetectContentType(picture),
				Picture: picture, Version: hex.EncodeToString(sum[:4]),
			})
		}), ":%s: is there.", e.Name)
	})
}

type emojiList struct{}

// Run lists the pictures by name.
func (emojiList) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		list, err := n.archive.Emojis(ctx)
		for _, e := range list {
			t.say("%-24s %-12s %s", e.Name, e.MediaType, e.Category)
		}
		return err
	})
}

type emojiRemove struct {
	Name string `arg:"" help:"Name of the picture."`
}

// Run forgets the picture.
func (e emojiRemove) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		err := n.town.Write(ctx, func(tx communities.Tx) error { return n.town.DropEmoji(ctx, tx, e.Name, n.self.ID) })
		if communities.IsNotFound(err) {
			return advise(errors.New("there is no such emoji"), "`meent emoji list` shows them.")
		}
		return said(t, err, ":%s: is gone.", e.Name)
	})
}
