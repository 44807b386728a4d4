package web

import (
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"meent/communities"
	"meent/communities/text"
	"meent/storage"
)

const excerptLength = 180 // characters

// nameView is how somebody is named on a page. Town says where they are from, when that is elsewhere.
type nameView struct {
	Name, URL, Town, Initial string
	Picture                  string // "": none
	Mark                     string // what they speak for, if not for themselves
}

func (p *Pages) name(a *communities.Actor) nameView {
	if a == nil {
		return nameView{Name: "?", Initial: "?"}
	}
	return nameView{Name: a.Title(), URL: p.actorPage(a), Town: a.Host, Initial: initial(a.Title()), Picture: p.Shown(a.Icon.URL)}
}

// actorPage returns where people read about an actor: here, or for people of other towns at their own place.
func (p *Pages) actorPage(a *communities.Actor) string {
	switch {
	case a.IsGroup() && a.Local():
		return "/g/" + a.Name
	case a.IsGroup():
		return "/g/" + a.Name + "@" + a.Host
	case a.Kind == communities.Application && a.Local():
		return "/about"
	case a.Local():
		return "/u/" + a.Name
	case a.URL != "":
		return a.URL
	default:
		return a.URI
	}
}

func initial(title string) string {
	for _, r := range title {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return "·"
}

// postPath is the page of a post.
func postPath(id communities.PostID) string { return "/p/" + strconv.FormatInt(int64(id), 10) }

// threadView is a thread in a list.
type threadView struct {
	URL, Title, Excerpt  string
	Author               nameView
	Group                *nameView // nil where the list is the group's own
	Created, Active      time.Time // Active is zero when nobody replied
	Replies              int
	Pinned, Locked, Poll bool
	Reply, Removed       bool
	Event                *eventView
}

// threads draws a list as a visitor sees it; with groups it names the group of each. Of a thread all answers count, of an answer those to it.
func (p *Pages) threads(r *http.Request, visitor Visitor, views []*storage.View, groups bool) ([]threadView, error) {
	var firsts []communities.PostID
	for _, v := range views {
		if v.Post.Thread == v.Post.ID {
			firsts = append(firsts, v.Post.ID)
		}
	}
	answers, err := p.read(visitor).Answers(r.Context(), firsts)
	if err != nil {
		return nil, err
	}
	list := make([]threadView, 0, len(views))
	for _, v := range views {
		t := p.thread(p.speak(r), v, groups)
		if v.Post.Thread == v.Post.ID {
			t.Replies = answers[v.Post.ID]
		}
		list = append(list, t)
	}
	return list, nil
}

func (p *Pages) thread(c *catalogue, v *storage.View, groups bool) threadView {
	post := v.Post
	t := threadView{
		URL: postPath(post.ID), Title: p.titleOf(c, v), Author: p.name(v.Author), Created: post.CreatedAt, Replies: post.RepliesCount,
		Pinned: !post.PinnedAt.IsZero(), Locked: post.Locked(), Poll: post.Poll != nil, Event: eventOf(post.Event), Removed: post.Removed(),
	}
	if !post.IsRoot() {
		t.URL, t.Reply = postPath(post.ID), true
	}
	if post.Warning == "" && !post.Removed() && post.Title != "" {
		t.Excerpt = text.Excerpt(beforeLists(words(post)), excerptLength)
	}
	if post.LastActivityAt.After(post.CreatedAt) && post.Thread == post.ID {
		t.Active = post.LastActivityAt
	}
	if groups && v.Group != nil {
		name := p.name(v.Group)
		t.Group = &name
	}
	return t
}

// beforeLists returns what a text says before its first list, which would not read as a sentence; all of it where that is nothing.
func beforeLists(content string) string {
	end := len(content)
	for _, tag := range []string{"<ul", "<ol"} {
		if at := strings.Index(content, tag); at > 0 {
			end = min(end, at)
		}
	}
	return content[:end]
}

// titleOf returns what to call a post: its title, else its first words, else who wrote it.
func (p *Pages) titleOf(c *catalogue, v *storage.View) string {
	switch {
	case v.Post.Deleted():
		return c.text("post.deleted")
	case v.Post.Title != "":
		return v.Post.Title
	case v.Post.Warning != "":
		return c.text("post.warning", v.Post.Warning)
	case v.Withheld:
		return c.text("post.removed")
	}
	if title := text.Title(text.Plain(words(v.Post))); title != "" {
		return title
	}
	return c.text("post.titleof", p.name(v.Author).Name)
}

type eventView struct {
	Starts, Ends         time.Time
	Place, Address, Link string
	Cancelled            bool
}

func eventOf(e *communities.Event) *eventView {
	if e == nil {
		return nil
	}
	return &eventView{Starts: e.StartsAt, Ends: e.EndsAt, Place: e.Place, Address: e.Address, Link: e.URL, Cancelled: e.Status == "CANCELLED"}
}

// postView is a post in its thread.
type postView struct {
	ID                communities.PostID
	Path, URL         string // of its own page; and where its moment links to
	Author            nameView
	Created, Edited   time.Time
	Content           template.HTML
	Lang              string // "" where it is that of the page
	Warning, Audience string
	Deleted           bool
	Removed           bool // shown all the same, to its author and to moderators
	Withheld          bool // taken away from this visitor
	Reason            string
	Pinned            bool
	Event             *eventView
	Poll              *pollView
	Card              *storage.Card // of the page that it links to: words only, no page of ours asks others for anything
	Quote             *quoteView
	Files             []fileView
	Hidden            bool   // files are shown when asked for
	Original          string // where it was written, if elsewhere
	Favourites        int
	Favourited        bool
	MayFavourite      bool
	MayReply          bool
	MayEdit           bool
	MayDelete         bool
	MayReport         bool
	Moderation        *moderationView // nil: the visitor is no moderator of it
	Readers           string          // who will read an answer
	Replies           []*postView
}

// Bare tells whether nothing is left of the post to act on.
func (v *postView) Bare() bool { return v.Deleted || v.Withheld }

// moderationView is what a moderator may do with a post.
type moderationView struct {
	ID                                 communities.PostID
	Group                              string // its path
	Author                             communities.ActorID
	Name                               string
	Root, Removed, Locked, Pinned      bool
	MayRemove, MayLock, MayPin, MayBan bool
}

// post draws a post of a thread that begins with first.
func (p *Pages) post(c *catalogue, v *storage.View, s *standing, first *storage.View) *postView {
	post := v.Post
	view := &postView{
		ID: post.ID, Path: postPath(post.ID), URL: postPath(post.ID), Author: p.name(v.Author), Created: post.CreatedAt, Edited: post.EditedAt,
		Content: p.picturedOf(post, v.Author),
		Warning: post.Warning, Deleted: post.Deleted(), Withheld: v.Withheld, Removed: post.Removed(), Reason: post.Removal.Reason,
		Pinned: !post.PinnedAt.IsZero(), Event: eventOf(post.Event), Poll: p.pollOf(post.Poll, v.Votes), Quote: p.quote(c, v), Card: v.Card, Files: p.files(c, post.Attachments),
		Hidden:     post.Sensitive || post.Warning != "",
		Favourites: post.FavouritesCount, Favourited: v.Favourited, Audience: c.text("audience." + string(post.Visibility)),
	}
	if post.Language != "" && post.Language != c.lang {
		view.Lang = post.Language
	}
	if !p.town.Owns(post.URI) {
		view.Original = original(post)
	}
	if mark := s.mark(v.Author); mark != "" {
		view.Author.Mark = c.text(mark)
	}
	if s.known && !view.Bare() {
		p.offer(c, view, v, s, first)
	}
	return view
}

// offer adds what the visitor may do with a post.
func (p *Pages) offer(c *catalogue, view *postView, v *storage.View, s *standing, first *storage.View) {
	own := v.Author != nil && v.Author.ID == s.facts.Actor.ID
	view.Readers = c.text(readers(v.Post.Visibility))
	view.MayReply = s.mayDo(communities.Reply, v, first.Post)
	view.MayFavourite = !own && s.mayDo(communities.React, v, first.Post)
	view.MayEdit, view.MayDelete = s.mayDo(communities.Edit, v, first.Post), s.mayDo(communities.DeleteOwn, v, first.Post)
	view.MayReport = !own && s.mayDo(communities.ReportThem, v, first.Post)
	if view.Poll != nil {
		view.Poll.MayVote = len(v.Votes) == 0 && s.mayDo(communities.CastVote, v, first.Post)
	}
	m := moderationView{
		ID: v.Post.ID, Root: v.Post.IsRoot(), Removed: v.Post.Removed(), Locked: v.Post.Locked(), Pinned: view.Pinned, Name: view.Author.Name,
		MayRemove: s.mayDo(communities.Remove, v, first.Post),
	}
	if v.Group != nil && v.Author != nil {
		m.Group, m.Author = p.actorPage(v.Group), v.Author.ID
		m.MayLock = v.Post.IsRoot() && s.mayDo(communities.Lock, v, first.Post)
		m.MayPin = s.mayDo(communities.Pin, v, first.Post)
		m.MayBan = !own && s.mayDo(communities.BanFrom, v, first.Post)
	}
	if m.MayRemove && !own || m.MayLock || m.MayPin || m.MayBan {
		view.Moderation = &m
	}
}

func original(post *communities.Post) string {
	if post.URL != "" {
		return post.URL
	}
	return post.URI
}

// readers is the key of the sentence that says who will read an answer to a post.
func readers(v communities.Visibility) string {
	switch {
	case v.Open():
		return "readers.public"
	case v == communities.GroupOnly:
		return "readers.group"
	default:
		return "readers.limited"
	}
}

type pollView struct {
	Options  []optionView
	Voters   int
	Multiple bool
	Closes   time.Time // zero: it stays open
	Closed   bool
	MayVote  bool
	Voted    bool
	Hidden   bool // the counts, until it is closed
}

type optionView struct {
	Title  string
	Votes  int
	Share  int // of all who voted, in percent
	Chosen bool
}

// pollOf draws a poll, with what the visitor chose.
func (p *Pages) pollOf(poll *communities.Poll, chosen []int) *pollView {
	if poll == nil {
		return nil
	}
	view := &pollView{
		Voters: poll.VotersCount, Multiple: poll.Multiple, Closes: poll.ClosesAt, Closed: poll.Closed(p.Now()), Voted: len(chosen) > 0,
	}
	view.Hidden = poll.Hides(p.Now())
	for _, option := range poll.Options {
		view.Voters = max(view.Voters, option.Votes) // some software does not tell how many voted
	}
	for i, option := range poll.Options {
		share := 0
		if view.Voters > 0 {
			share = (100*option.Votes + view.Voters/2) / view.Voters
		}
		view.Options = append(view.Options, optionView{Title: option.Title, Votes: option.Votes, Share: share, Chosen: slices.Contains(chosen, i)})
	}
	return view
}
