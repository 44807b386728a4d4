package web

import (
	"time"

	"meent/communities"
	"meent/communities/text"
	"meent/storage"
)

const quoteLength = 400 // characters of what is quoted; the rest is behind the link

// quoteView is what a post shows within: some words and where to read the rest, or why there is nothing to show.
type quoteView struct {
	Absent  string // why; "": it is there
	Author  nameView
	URL     string
	Title   string
	Created time.Time
	Warning string // instead of the words
	Words   string
	Lang    string
}

// absences are the keys of why a quote is not shown.
var absences = map[communities.QuoteState]string{
	communities.QuotePending: "quote.pending", communities.QuoteRejected: "quote.refused", communities.QuoteRevoked: "quote.refused",
}

// quote draws what a post quotes; nil for one that quotes nothing, and for one that only has a link where nobody was asked.
func (p *Pages) quote(c *catalogue, v *storage.View) *quoteView {
	q := v.Post.Quote
	switch {
	case q == nil || q.Legacy && !q.Accepted():
		return nil
	case !q.Accepted():
		return &quoteView{Absent: c.text(absences[q.State])}
	case v.QuotedGone:
		return &quoteView{Absent: c.text("quote.gone")}
	case v.Quoted == nil || v.Quoted.Author == nil:
		return &quoteView{Absent: c.text("quote.hidden")}
	}
	post := v.Quoted.Post
	view := &quoteView{
		Author: p.name(v.Quoted.Author), URL: postPath(post.ID), Title: post.Title, Created: post.CreatedAt, Warning: post.Warning,
	}
	if post.Warning == "" {
		view.Words = text.Excerpt(text.WithoutQuoteLine(post.Content), quoteLength)
	}
	if post.Language != "" && post.Language != c.lang {
		view.Lang = post.Language
	}
	return view
}

// words is the text of a post without the line that names what it quotes: pages show that itself.
func words(post *communities.Post) string {
	if q := post.Quote; q == nil || q.Legacy && !q.Accepted() {
		return post.Content
	}
	return text.WithoutQuoteLine(post.Content)
}

// withQuoteLine is the text of a post for readers that show nothing within it: with a link.
func withQuoteLine(v *storage.View) string {
	q := v.Post.Quote
	switch {
	case q == nil || q.Legacy && !q.Accepted():
		return v.Post.Content
	case v.Quoted != nil:
		return text.WithQuoteLine(v.Post.Content, original(v.Quoted.Post))
	default:
		return text.WithQuoteLine(v.Post.Content, q.URI)
	}
}
