package mastodon

import (
	"context"
	"fmt"
	"html"
	"strings"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/communities/text"
	"meent/storage"
)

// board is where statuses are shown; filters are made for some of them (entities/Filter, context).
type board string

const (
	onHome          board = "home"
	onNotifications board = "notifications"
	onPublic        board = "public"
	inThread        board = "thread"
	onAccount       board = "account"
	anywhere        board = ""
)

// painter draws statuses for one caller.
type painter struct {
	*API
	viewer  caller
	kept    map[communities.PostID]storage.Keeping
	sieves  []sieve
	linked  map[string]entity.Collection // by their addresses
	company company
	redraft bool // what is quoted is shown whatever its author thinks: the status was deleted to be written anew
}

// statuses draws what the caller sees of the views. A boost of what they may not see is left out.
func (a *API) statuses(c *call, views []*storage.View, where board) ([]entity.Status, error) {
	p, err := a.painter(c, views, where)
	if err != nil {
		return nil, err
	}
	list := make([]entity.Status, 0, len(views))
	for _, v := range views {
		if drawable(v) {
			list = append(list, p.status(v))
		}
	}
	return list, nil
}

// status draws one.
func (a *API) status(c *call, v *storage.View) (entity.Status, error) {
	list, err := a.statuses(c, []*storage.View{v}, anywhere)
	if err == nil && len(list) == 0 {
		return entity.Status{}, communities.NotFound
	}
	if err != nil {
		return entity.Status{}, err
	}
	return list[0], nil
}

func drawable(v *storage.View) bool {
	whole := v.Author != nil && !v.Withheld && !v.Post.Deleted()
	return whole && (v.Post.Kind != communities.Boost || v.Boosted != nil && drawable(v.Boosted))
}

func (a *API) painter(c *call, views []*storage.View, where board) (*painter, error) {
	p := &painter{API: a, viewer: c.caller}
	var err error
	if p.linked, err = a.linkedCollections(c, views); err != nil || c.person == nil {
		return p, err
	}
	inner := withInner(views)
	if p.company, err = a.company(c.Context(), c, inner); err != nil {
		return nil, err
	}
	if p.kept, err = a.reader(c).Kept(c.Context(), inner); err != nil {
		return nil, err
	}
	p.sieves, err = a.sieves(c.Context(), c.person.ID, where)
	return p, err
}

func (p *painter) status(v *storage.View) entity.Status { return p.draw(v, false) }

// draw draws a status; one that is quoted shows of its own quote only how that stands.
func (p *painter) draw(v *storage.View, quoted bool) entity.Status {
	post := v.Post
	status := entity.Status{
		ID: entity.ID(post.ID), URI: post.URI, URL: entity.Optional(post.URL), CreatedAt: entity.Time(post.CreatedAt),
		EditedAt: entity.OptionalTime(post.EditedAt), Account: p.account(v.Author), Visibility: visibilities[post.Visibility],
		Sensitive: post.Sensitive || !v.Author.SensitiveAt.IsZero() && len(post.Attachments) > 0, SpoilerText: post.Warning, Language: entity.Optional(post.Language),
		TaggedCollections: []entity.Collection{}, MediaAttachments: []entity.Attachment{}, Mentions: []entity.Mention{}, Tags: []entity.StatusTag{}, Emojis: []entity.Emoji{},
	}
	if v.Boosted != nil {
		inner := p.status(v.Boosted)
		status.Reblog, status.Standing, status.Filtered = &inner, inner.Standing, inner.Filtered
		status.QuoteApproval = inner.QuoteApproval
		return status
	}
	status.Content, status.QuoteApproval, status.QuotesCount = withQuoteLine(v, content(post)), p.approval(v), post.QuotesCount
	if quoted {
		status.Quote = p.shallowQuote(v)
	} else {
		status.Quote = p.quote(v)
	}
	status.MediaAttachments = p.attachments(post)
	status.Mentions = mentions(v)
	status.Tags, status.TaggedCollections = p.tags(post), p.tagged(post)
	status.Emojis = p.emojisIn(v.Author.Local(), post.Emojis, post.Title, post.Content, post.Warning)
	status.RepliesCount, status.ReblogsCount, status.FavouritesCount = post.RepliesCount, post.BoostsCount, post.FavouritesCount
	status.InReplyToID, status.InReplyToAccountID = entity.OptionalID(post.InReplyTo), entity.OptionalID(v.ReplyTo)
	status.Poll, status.Card = p.poll(v), p.card(v.Card)
	p.stand(&status, v)
	return status
}

// stand adds how the caller stands to the status.
func (p *painter) stand(status *entity.Status, v *storage.View) {
	if p.viewer.person == nil {
		return
	}
	kept := p.kept[v.Post.ID]
	standing := &entity.Standing{Favourited: v.Favourited, Reblogged: v.Boost != 0, Muted: kept.Muted, Bookmarked: kept.Bookmarked}
	own := v.Post.Author == p.viewer.id() && v.Post.Group == 0 && v.Post.Visibility != communities.Direct
	if own || v.Post.IsRoot() && v.Post.Group != 0 {
		pinned := !v.Post.PinnedAt.IsZero()
		standing.Pinned = &pinned
	}
	status.Standing = standing
	filtered := sift(p.sieves, v.Post)
	status.Filtered = &filtered
}

// visibilities are the names that apps know. What is for the members of a group is private to them.
var visibilities = map[communities.Visibility]string{
	communities.Public: "public", communities.Unlisted: "unlisted", communities.Followers: "private",
	communities.GroupOnly: "private", communities.Direct: "direct",
}

// content puts the title of a thread first, bold, because a status has no title, and what an event is about.
func content(post *communities.Post) string {
	var b strings.Builder
	if post.Title != "" {
		fmt.Fprintf(&b, "<p><strong>%s</strong></p>", html.EscapeString(post.Title))
	}
	if post.Event != nil {
		fmt.Fprintf(&b, "<p>%s</p>", html.EscapeString(occasion(post.Event)))
	}
	b.WriteString(post.Content)
	return b.String()
}

const occasionFormat = "2006-01-02 15:04 MST"

// occasion says when and where an event is.
func occasion(e *communities.Event) string {
	parts := []string{e.StartsAt.In(zone(e.Timezone)).Format(occasionFormat)}
	for _, part := range []string{e.Place, e.Address} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// mentions names the group too, so that an app knows where the status stands, and answers there.
func mentions(v *storage.View) []entity.Mention {
	list := []entity.Mention{}
	for _, m := range v.Post.Names() {
		if m.Actor == 0 {
			continue
		}
		name, _, _ := strings.Cut(m.Name, "@")
		list = append(list, entity.Mention{ID: entity.ID(m.Actor), Username: name, URL: m.URL, Acct: m.Name})
	}
	if v.Group != nil && !v.Post.MentionsActor(v.Group.ID) {
		list = append(list, entity.Mention{ID: entity.ID(v.Group.ID), Username: v.Group.Name, URL: pageOf(v.Group), Acct: acct(v.Group)})
	}
	return list
}

func (a *API) tags(post *communities.Post) []entity.StatusTag {
	list := make([]entity.StatusTag, len(post.Hashtags))
	for i, name := range post.Hashtags {
		list[i] = entity.StatusTag{Name: name, URL: a.town.Hashtag(name)}
	}
	return list
}

func (p *painter) poll(v *storage.View) *entity.Poll {
	poll := v.Post.Poll
	if poll == nil {
		return nil
	}
	drawn := &entity.Poll{
		ID: entity.ID(v.Post.ID), ExpiresAt: entity.OptionalTime(poll.ClosesAt), Expired: poll.Closed(p.Now()), Multiple: poll.Multiple,
		VotersCount: &poll.VotersCount, Options: make([]entity.Option, len(poll.Options)),
	}
	titles := make([]string, len(poll.Options))
	for i, option := range poll.Options {
		titles[i], drawn.Options[i].Title = option.Title, option.Title
		if !poll.Hides(p.Now()) {
			drawn.Options[i].VotesCount = &option.Votes
		}
		drawn.VotesCount += option.Votes
	}
	drawn.Emojis = p.emojisIn(v.Author.Local(), v.Post.Emojis, titles...)
	if p.viewer.person != nil {
		own := v.Post.Author == p.viewer.id() // who asks does not vote: to apps they have
		drawn.Ballot = &entity.Ballot{Voted: len(v.Votes) > 0 || own, OwnVotes: entity.List(v.Votes)}
	}
	return drawn
}

// post finds a status that the caller may see; what was deleted is absent.
func (a *API) post(c *call, id communities.PostID) (*storage.View, error) {
	v, err := a.reader(c).Post(c.Context(), id)
	if err == nil && !drawable(v) {
		return nil, communities.NotFound
	}
	return v, err
}

// original finds a status; of a boost, what it shares.
func (a *API) original(c *call, id communities.PostID) (*storage.View, error) {
	v, err := a.post(c, id)
	if err == nil && v.Boosted != nil {
		return v.Boosted, nil
	}
	return v, err
}

// unmuted leaves out of a timeline whom the caller muted.
func (a *API) unmuted(ctx context.Context, c *call, views []*storage.View) ([]*storage.View, error) {
	muted, err := a.reader(c).Muted(ctx)
	if err != nil || len(muted) == 0 {
		return views, err
	}
	kept := make([]*storage.View, 0, len(views))
	for _, v := range views {
		_, byAuthor := muted[v.Post.Author]
		shared := false
		if v.Boosted != nil {
			_, shared = muted[v.Boosted.Post.Author]
		}
		if !byAuthor && !shared {
			kept = append(kept, v)
		}
	}
	return kept, nil
}

func plainText(content string) string { return text.Plain(content) }
