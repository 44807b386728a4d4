package mastodon

import (
	"context"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/communities/text"
	"meent/storage"
)

// quoteRoutes are about statuses that show another within (https://docs.joinmastodon.org/client/quotes/).
var quoteRoutes = []row{
	{"GET", "/api/v1/statuses/{id}/quotes", User, "read:statuses", (*API).quotes, 0},
	{"POST", "/api/v1/statuses/{id}/quotes/{quoting}/revoke", User, "write:statuses", (*API).revokeQuote, 0},
	{"PUT", "/api/v1/statuses/{id}/interaction_policy", User, "write:statuses", (*API).setInteractionPolicy, 0},
}

// quotes lists who quotes a status with its author's consent.
func (a *API) quotes(c *call) (any, error) {
	v, err := a.pathOriginal(c)
	if err != nil {
		return nil, err
	}
	at := c.page(statusLength)
	views, err := a.reader(c).Quotes(c.Context(), v.Post.ID, at)
	if err != nil {
		return nil, err
	}
	a.link(c, at, postCursors(views))
	return a.statuses(c, unmuted(views), anywhere)
}

// revokeQuote takes the caller's consent back, and returns the status that quoted. What is not theirs to revoke is not there.
func (a *API) revokeQuote(c *call) (any, error) {
	v, err := a.own(c, a.pathOriginal)
	if err != nil {
		return nil, err
	}
	id, err := pathID[communities.PostID](c, "quoting")
	if err != nil {
		return nil, err
	}
	err = a.town.Write(c.Context(), func(tx communities.Tx) error {
		_, err := a.town.RevokeQuote(c.Context(), tx, communities.Revocation{Quoted: v.Post.ID, Quoting: id, By: c.id()})
		return err
	})
	if err != nil {
		return nil, refusal(err)
	}
	return a.show(c, id)
}

// setInteractionPolicy changes who may quote a status, without an edit.
func (a *API) setInteractionPolicy(c *call) (any, error) {
	v, err := a.own(c, a.pathOriginal)
	if err != nil {
		return nil, err
	}
	err = a.town.Write(c.Context(), func(tx communities.Tx) error { return a.setQuotability(c, tx, v.Post.ID) })
	if err != nil {
		return nil, refusal(err)
	}
	return a.show(c, v.Post.ID)
}

func (a *API) setQuotability(c *call, tx communities.Tx, id communities.PostID) error {
	_, err := a.town.SetQuotability(c.Context(), tx, id, c.id(), communities.QuoteChoice(c.form.text("quote_approval_policy")))
	return err
}

// quotation reads what a new status quotes, and who may quote it. Whoever names a boost means what it shares.
func (a *API) quotation(c *call, d *communities.Draft) error {
	d.Quotable = communities.QuoteChoice(c.form.text("quote_approval_policy"))
	of := c.form.text("quoted_status_id")
	if of == "" {
		return nil
	}
	id, err := parseID[communities.PostID](of)
	if err != nil {
		return err
	}
	v, err := a.original(c, id)
	if err == nil {
		d.Quotes = v.Post.ID
	}
	return err
}

// company is how the caller stands to the authors of what is quoted, and of what could be: nothing is asked where nothing hangs on it.
type company struct {
	ties map[communities.ActorID]storage.Tie
}

func (a *API) company(ctx context.Context, c *call, views []*storage.View) (company, error) {
	var company company
	var authors []communities.ActorID
	for _, v := range views {
		if v.Quoted != nil && v.Quoted.Author != nil {
			authors = append(authors, v.Quoted.Author.ID)
		}
		if circles := v.Post.Quotability.Automatic | v.Post.Quotability.Manual; circles&(communities.Fans|communities.Idols) != 0 {
			authors = append(authors, v.Post.Author)
		}
	}
	if len(authors) == 0 {
		return company, nil
	}
	var err error
	company.ties, err = a.reader(c).Ties(ctx, authors)
	return company, err
}

// withInner lists the views with those that they show within.
func withInner(views []*storage.View) []*storage.View {
	var all []*storage.View
	for _, v := range views {
		if v.Boosted != nil {
			v = v.Boosted
		}
		all = append(all, v)
		if v.Quoted != nil {
			all = append(all, v.Quoted)
		}
	}
	return all
}

// approval tells who may quote a status, and whether the caller may (entities/QuoteApproval).
func (p *painter) approval(v *storage.View) entity.QuoteApproval {
	approval := entity.QuoteApproval{
		Automatic: circleNames(v.Post.Quotability.Automatic), Manual: circleNames(v.Post.Quotability.Manual),
		CurrentUser: string(communities.ConsentDenied),
	}
	if p.viewer.person != nil {
		tie := p.company.ties[v.Post.Author]
		approval.CurrentUser = string(v.Post.MayBeQuoted(v.Post.Author == p.viewer.id(), tie.Following, tie.FollowedBy))
	}
	return approval
}

func circleNames(c communities.Circle) []string {
	names := []string{}
	for _, row := range []struct {
		circle communities.Circle
		name   string
	}{
		{communities.Anybody, "public"},
		{communities.Fans, "followers"},
		{communities.Idols, "following"},
		{communities.SomeOthers, "unsupported_policy"},
	} {
		if c.Has(row.circle) {
			names = append(names, row.name)
		}
	}
	return names
}

// quote draws what a status quotes: nil for one that quotes nothing, and for one that only has a link where nobody was asked.
func (p *painter) quote(v *storage.View) entity.Quoted {
	state, seen := p.quoteState(v)
	switch {
	case state == "":
		return nil
	case !seen:
		return &entity.Quote{State: state}
	}
	inner := p.draw(v.Quoted, true)
	return &entity.Quote{State: state, QuotedStatus: &inner}
}

// shallowQuote is the same in a status that is itself quoted.
func (p *painter) shallowQuote(v *storage.View) entity.Quoted {
	state, seen := p.quoteState(v)
	switch {
	case state == "":
		return nil
	case !seen:
		return &entity.ShallowQuote{State: state}
	}
	return &entity.ShallowQuote{State: state, QuotedStatusID: entity.OptionalID(v.Quoted.Post.ID)}
}

// quoteState tells how a quote stands for the caller, and whether what is quoted goes with it (entities/Quote, state).
func (p *painter) quoteState(v *storage.View) (state string, seen bool) {
	q := v.Post.Quote
	switch {
	case q == nil || q.Legacy && !q.Accepted():
		return "", false
	case !q.Accepted():
		return string(q.State), p.redraft && v.Quoted != nil && drawable(v.Quoted)
	case v.QuotedGone:
		return "deleted", false
	case v.Quoted == nil || !drawable(v.Quoted):
		return "unauthorized", false
	}
	switch {
	case p.company.ties[v.Quoted.Author.ID].Blocking:
		return "blocked_account", true
	case p.company.ties[v.Quoted.Author.ID].HostBlocked:
		return "blocked_domain", true
	case v.Quoted.Muted:
		return "muted_account", true
	default:
		return string(q.State), true
	}
}

// withQuoteLine adds to the text of a quote the line that apps show which know no quotes, and the others hide.
func withQuoteLine(v *storage.View, content string) string {
	if q := v.Post.Quote; q == nil || q.Legacy && !q.Accepted() {
		return content
	}
	page := v.Post.Quote.URI
	if v.Quoted != nil && v.Quoted.Post.URL != "" {
		page = v.Quoted.Post.URL
	}
	return text.WithQuoteLine(content, page)
}
