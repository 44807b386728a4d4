package communities

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Emoji is a picture in a text: where :name: stands, it is shown.
type Emoji struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// OwnEmoji is a picture of this node, which its people can use.
type OwnEmoji struct {
	Name      string
	Category  string // heading in the list to choose from; "": none
	Hidden    bool   // not in that list
	MediaType string
	Version   string // of the picture
	UpdatedAt time.Time
}

// NewEmoji is a picture to keep.
type NewEmoji struct {
	By        ActorID
	Name      string
	Category  string
	Hidden    bool
	MediaType string // as its bytes show
	Picture   []byte
	Version   string
}

// MaxEmoji is how many bytes a picture has.
const (
	MaxEmoji       = 256 << 10
	maxEmojisNamed = 100 // in one text from elsewhere
)

var (
	emojiName  = regexp.MustCompile(`^[a-zA-Z0-9_]{2,40}$`)
	emojiTypes = []string{"image/png", "image/gif", "image/webp"}
)

// KeepEmoji adds a picture for texts, or replaces the one of that name.
func (t *Town) KeepEmoji(ctx context.Context, tx Tx, n NewEmoji) error {
	c, err := t.May(ctx, tx, KeepEmoji, n.By, On{})
	if err != nil {
		return err
	}
	switch {
	case !emojiName.MatchString(n.Name):
		return Invalidf("the name of an emoji has 2 to 40 of the characters a-z, A-Z, 0-9 and _")
	case !slices.Contains(emojiTypes, n.MediaType):
		return Invalidf("the picture of an emoji is PNG, GIF or WebP, not %q", n.MediaType)
	case len(n.Picture) > MaxEmoji:
		return Invalidf("the picture of an emoji has at most %d KiB", MaxEmoji>>10)
	}
	own := &OwnEmoji{Name: n.Name, Category: line(n.Category), Hidden: n.Hidden, MediaType: n.MediaType, Version: n.Version, UpdatedAt: t.now()}
	if err := tx.PutEmoji(ctx, own, n.Picture); err != nil {
		return fmt.Errorf("keep emoji %s: %w", n.Name, err)
	}
	return t.audit(ctx, tx, c.Actor, Audit{Action: KeepEmoji, Kind: AuditEmoji, Name: n.Name})
}

// DropEmoji forgets a picture. Texts show its name from then on.
func (t *Town) DropEmoji(ctx context.Context, tx Tx, name string, by ActorID) error {
	c, err := t.May(ctx, tx, KeepEmoji, by, On{})
	if err != nil {
		return err
	}
	if err := tx.DeleteEmoji(ctx, name); err != nil {
		return err
	}
	return t.audit(ctx, tx, c.Actor, Audit{Action: "un" + KeepEmoji, Kind: AuditEmoji, Name: name})
}

// EmojiPath is where the pictures of this node are, below its address: the name and version follow.
const EmojiPath = "/emoji/"

// Emoji returns the address of one of this node's pictures, which changes with the picture.
func (a Address) Emoji(e *OwnEmoji) string { return a.Base + EmojiPath + e.Name + "?v=" + e.Version }

// cleanEmojis keeps those of others that can be shown.
func cleanEmojis(emojis []Emoji) []Emoji {
	var kept []Emoji
	for _, e := range emojis[:min(len(emojis), maxEmojisNamed)] {
		if emojiName.MatchString(e.Name) && webAddress(e.URL) && !slices.ContainsFunc(kept, func(k Emoji) bool { return k.Name == e.Name }) {
			kept = append(kept, e)
		}
	}
	return kept
}
