package communities

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"meent/communities/text"
)

// Announcement is a notice of the municipality to everybody here, such as that a bridge is closed (Mastodon API, entities/Announcement).
type Announcement struct {
	ID          AnnouncementID
	By          ActorID
	Source      string    // Markdown
	Content     string    // sanitised HTML
	StartsAt    time.Time // of what it is about; zero: no time
	EndsAt      time.Time // zero: no end
	AllDay      bool      // of StartsAt and EndsAt only the days count
	PublishedAt time.Time // zero: a draft
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// MaxAnnouncement is how many characters of Markdown one holds. MaxNoticeReactions is how many different reactions one gets.
const (
	MaxAnnouncement    = 5_000
	MaxNoticeReactions = 8
)

// Notice is what is announced: a new one when ID is 0, else what changes of a known one.
type Notice struct {
	ID       AnnouncementID
	By       ActorID
	Source   string
	StartsAt time.Time
	EndsAt   time.Time
	AllDay   bool
	Draft    bool // keep it from others
}

// Announce tells everybody here something, or something else than before. Whoever had put it away gets to see what was changed.
func (t *Town) Announce(ctx context.Context, tx Tx, n Notice) (*Announcement, error) {
	c, err := t.May(ctx, tx, Announce, n.By, On{})
	if err != nil {
		return nil, err
	}
	if err := n.check(); err != nil {
		return nil, err
	}
	a, err := t.announcement(ctx, tx, n)
	if err != nil {
		return nil, err
	}
	a.Source, a.Content, a.StartsAt, a.EndsAt, a.AllDay, a.UpdatedAt = n.Source, text.Markdown(n.Source), n.StartsAt, n.EndsAt, n.AllDay, t.now()
	switch {
	case n.Draft:
		a.PublishedAt = time.Time{}
	case a.PublishedAt.IsZero():
		a.PublishedAt = t.now()
	}
	if err := tx.PutAnnouncement(ctx, a); err != nil {
		return nil, fmt.Errorf("announce: %w", err)
	}
	if err := t.audit(ctx, tx, c.Actor, Audit{Action: Announce, Kind: AuditAnnouncement, Target: int64(a.ID), Name: text.Excerpt(a.Content, MaxTitle)}); err != nil {
		return nil, err
	}
	return a, t.tell(ctx, tx, Announced{Announcement: a, Gone: n.Draft})
}

func (n Notice) check() error {
	switch length := utf8.RuneCountInString(n.Source); {
	case length == 0:
		return Invalidf("an announcement says something")
	case length > MaxAnnouncement:
		return Invalidf("an announcement has at most %d characters", MaxAnnouncement)
	case !n.EndsAt.IsZero() && n.EndsAt.Before(n.StartsAt):
		return Invalidf("it ends before it begins")
	}
	return nil
}

func (t *Town) announcement(ctx context.Context, tx Tx, n Notice) (*Announcement, error) {
	if n.ID != 0 {
		return tx.Announcement(ctx, n.ID)
	}
	return &Announcement{ID: AnnouncementID(t.ids.Next()), By: n.By, CreatedAt: t.now()}, nil
}

// Unannounce takes an announcement away for good.
func (t *Town) Unannounce(ctx context.Context, tx Tx, id AnnouncementID, by ActorID) error {
	c, err := t.May(ctx, tx, Announce, by, On{})
	if err != nil {
		return err
	}
	a, err := tx.Announcement(ctx, id)
	if err != nil {
		return err
	}
	if err := tx.DeleteAnnouncement(ctx, id); err != nil {
		return err
	}
	done := Audit{Action: "un" + Announce, Kind: AuditAnnouncement, Target: int64(id), Name: text.Excerpt(a.Content, MaxTitle)}
	if err := t.audit(ctx, tx, c.Actor, done); err != nil {
		return err
	}
	return t.tell(ctx, tx, Announced{Announcement: a, Gone: true})
}

// NoticeReaction is a person's emoji under an announcement: a Unicode one, or the name of one of this node's pictures.
type NoticeReaction struct {
	Announcement AnnouncementID
	By           ActorID
	Name         string
}

// ReactToNotice puts an emoji under an announcement. To do it twice does nothing more.
func (t *Town) ReactToNotice(ctx context.Context, tx Tx, r NoticeReaction) error {
	a, err := t.reactable(ctx, tx, r)
	if err != nil {
		return err
	}
	if err := t.checkReaction(ctx, tx, r); err != nil {
		return err
	}
	created, err := tx.PutNoticeReaction(ctx, r, t.now())
	if err != nil || !created {
		return err
	}
	return t.tell(ctx, tx, NoticeReacted{Announcement: a, Reaction: r})
}

// UnreactToNotice takes it back. Where there is none it does nothing.
func (t *Town) UnreactToNotice(ctx context.Context, tx Tx, r NoticeReaction) error {
	a, err := t.reactable(ctx, tx, r)
	if err != nil {
		return err
	}
	if err := tx.DeleteNoticeReaction(ctx, r); err != nil {
		if IsNotFound(err) {
			return nil
		}
		return err
	}
	return t.tell(ctx, tx, NoticeReacted{Announcement: a, Reaction: r, Undone: true})
}

// reactable reads an announcement that the person can see.
func (t *Town) reactable(ctx context.Context, tx Tx, r NoticeReaction) (*Announcement, error) {
	if _, err := t.May(ctx, tx, AnswerNotice, r.By, On{}); err != nil {
		return nil, err
	}
	a, err := tx.Announcement(ctx, r.Announcement)
	if err == nil && a.PublishedAt.IsZero() {
		return nil, NotFound
	}
	return a, err
}

func (t *Town) checkReaction(ctx context.Context, tx Tx, r NoticeReaction) error {
	if !isEmoji(r.Name) {
		own, err := absent(tx.Emoji(ctx, r.Name))
		if err != nil {
			return err
		}
		if own == nil {
			return Invalidf("%q is not an emoji that is known here", r.Name)
		}
	}
	names, err := tx.NoticeReactionNames(ctx, r.Announcement)
	if err != nil {
		return err
	}
	if !slices.Contains(names, r.Name) && len(names) >= MaxNoticeReactions {
		return Invalidf("there are enough different reactions")
	}
	return nil
}

const maxEmojiRunes = 12 // of the longest Unicode sequences: families, flags of regions

// isEmoji tells whether a text can be one Unicode emoji: symbols with what joins and colours them (UTS 51), and a keycap's digit.
func isEmoji(s string) bool {
	if s == "" || utf8.RuneCountInString(s) > maxEmojiRunes {
		return false
	}
	symbol := false
	for _, r := range s {
		switch {
		case unicode.Is(unicode.So, r), unicode.Is(unicode.Sk, r) && r > unicode.MaxASCII, r == '\u20e3', unicode.Is(unicode.Sm, r) && r > unicode.MaxASCII:
			symbol = true
		case r == '\u203c' || r == '\u2049' || r == '\u3030' || r == '\u303d':
			symbol = true
		case r == '\u200d', r == '\ufe0f', r >= '\U000e0020' && r <= '\U000e007f', unicode.IsDigit(r), r == '#', r == '*':
		default:
			return false
		}
	}
	return symbol
}
