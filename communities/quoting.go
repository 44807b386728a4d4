package communities

import (
	"context"
	"fmt"
)

// mostQuoteDepth is how far quotes of quotes are read for somebody's sake (SECURITY D6).
const mostQuoteDepth = 2

// quoted is what a new post quotes. Most quote nothing: then there is no Quote.
type quoted struct {
	*Quote
	post   *Post  // nil: not known here
	author *Actor // of post, where a person of this node quotes it
	asks   bool   // consent is to be asked for
	depth  int
}

// quote judges what somebody wants to quote.
func (t *Town) quote(ctx context.Context, tx Tx, author *Actor, d *Draft) (err error) {
	if author.Local() {
		d.quoted, err = t.quotingHere(ctx, tx, author, d)
	} else {
		d.quoted, err = t.quotingElsewhere(ctx, tx, author, d.Quote)
	}
	return err
}

// quotingHere judges by the rules. Who quotes what is for their own followers, tells it to nobody else.
func (t *Town) quotingHere(ctx context.Context, tx Tx, author *Actor, d *Draft) (quoted, error) {
	if d.Quotes == 0 {
		return quoted{}, nil
	}
	p, err := tx.Post(ctx, d.Quotes)
	if err != nil {
		return quoted{}, fmt.Errorf("find what is quoted: %w", err)
	}
	c, err := t.May(ctx, tx, QuoteIt, author.ID, On{Post: p})
	if err != nil {
		return quoted{}, err
	}
	if p.Visibility == Followers && (d.Visibility == "" || d.Visibility.Open()) {
		d.Visibility = Followers
	}
	q := quoted{Quote: &Quote{Of: p.ID, URI: p.URI, State: QuoteAccepted}, post: p, author: c.Other}
	if !c.Other.Local() {
		q.State, q.asks = QuotePending, true
	}
	return q, nil
}

// quotingElsewhere notes what somebody elsewhere quotes. Nobody needs consent for what they wrote themselves; of all else the author decides,
// and what is claimed is looked into afterwards.
func (t *Town) quotingElsewhere(ctx context.Context, tx Tx, author *Actor, claim *Quote) (quoted, error) {
	if claim == nil {
		return quoted{}, nil
	}
	q := quoted{Quote: &Quote{URI: claim.URI, State: QuotePending, Authorization: claim.Authorization, Legacy: claim.Legacy}, depth: claim.Depth}
	if claim.Depth > mostQuoteDepth {
		return q, nil
	}
	p, err := absent(tx.PostByURI(ctx, claim.URI))
	if err != nil {
		return quoted{}, fmt.Errorf("find what is quoted: %w", err)
	}
	if p == nil {
		q.asks = !t.Owns(claim.URI) && (!claim.Legacy || sameHost(claim.URI, author.URI))
		return q, nil
	}
	q.find(p, author.ID)
	q.asks = q.State == QuotePending && claim.Authorization != "" && !t.Owns(p.URI)
	return q, nil
}

// find ties a quote to a post that is known here. A boost is nobody's own words (SECURITY U22).
func (q *quoted) find(p *Post, quoting ActorID) {
	if p.Kind == Boost {
		return
	}
	q.Of, q.post = p.ID, p
	if p.Author == quoting {
		q.State, q.Authorization = QuoteAccepted, ""
	}
}

// attach gives a new post its quote and its own quotability.
func (p *Post) attach(c *Case, d Draft) error {
	q := d.quoted
	p.Quotability = d.Quotability
	if c.Actor.Local() {
		if err := p.choose(d.Quotable, c.Account); err != nil {
			return err
		}
	}
	if p.Quote = q.Quote; p.Quote == nil {
		return nil
	}
	if !c.Actor.Local() {
		return nil
	}
	switch {
	case p.Visibility == Direct && q.author.ID != p.Author && !p.MentionsActor(q.author.ID):
		return Invalidf("a post for some people only names the author of what it quotes")
	case q.asks && (p.Visibility == GroupOnly || closed(c.Group)):
		return Invalidf("what is for the members of a group cannot quote a post of another place")
	}
	p.showTo(q.author)
	return nil
}

// choose settles who may quote the post. What is not for everybody nobody else may (Mastodon API).
func (p *Post) choose(choice QuoteChoice, account *Account) error {
	if choice != "" {
		if err := choice.Check(); err != nil {
			return err
		}
	} else if account != nil {
		choice = account.Posting.QuotePolicy
	}
	p.Quotability = quotabilities[choice]
	if !p.Visibility.Open() {
		p.Quotability = Quotability{}
	}
	return nil
}

// showTo lets the author of what a post quotes see it, who must be able to say no.
func (p *Post) showTo(author *Actor) {
	if !p.Visibility.Open() && author.ID != p.Author && !p.MentionsActor(author.ID) {
		silent := mentionOf(author)
		silent.Silent = true
		p.Mentions = append(p.Mentions, silent)
	}
}

// CheckQuote is the task to find out whether what a post from elsewhere shows within may be shown there.
type CheckQuote struct {
	Post  PostID
	Depth int
}

// Kind implements [Task].
func (CheckQuote) Kind() string { return "check_quote" }

// askConsent does for a new quote what has to follow: whoever is quoted hears of it, or is asked.
func (t *Town) askConsent(ctx context.Context, tx Tx, c *Case, p *Post, q quoted) error {
	switch {
	case q.Quote == nil:
		return nil
	case q.asks && !c.Actor.Local():
		return tx.Enqueue(ctx, CheckQuote{Post: p.ID, Depth: q.depth})
	case q.asks:
		return t.tell(ctx, tx, QuoteAsked{Post: p, Author: c.Actor, Group: c.Group, Quoted: q.post, QuotedAuthor: q.author})
	case q.State == QuoteAccepted && q.author != nil:
		return t.notifyIfSeen(ctx, tx, q.author, c.Actor, p, NotifyQuote)
	}
	return nil
}

// notifyQuoters tells the people of this node who quoted a post that it says something else now.
func (t *Town) notifyQuoters(ctx context.Context, tx Tx, author *Actor, p *Post) error {
	if p.QuotesCount == 0 {
		return nil
	}
	quotes, err := tx.LocalQuotes(ctx, p.ID)
	if err != nil {
		return fmt.Errorf("who quoted post %d: %w", p.ID, err)
	}
	for _, quoting := range quotes {
		quoter, err := tx.Actor(ctx, quoting.Author)
		if err != nil {
			return fmt.Errorf("author of post %d: %w", quoting.ID, err)
		}
		n := noticeOf(quoting, author, NotifyQuotedEdit)
		if err := t.notify(ctx, tx, quoter, n); err != nil {
			return err
		}
	}
	return nil
}
