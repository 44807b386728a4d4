package communities

import (
	"context"
	"fmt"
)

// QuoteWish is a request from elsewhere to show a post of this node within another (FEP-044f, QuoteRequest).
type QuoteWish struct {
	Quoted  PostID
	By      ActorID
	PostURI string // that quotes
	URI     string // of the request
	Cause   Cause

	// Bring brings in the post that quotes, where it is not known yet. It is asked only when the wish can be granted.
	Bring func(ctx context.Context, tx Tx) (*Post, error)
}

// AnswerQuote grants a wish to quote or refuses it, by what the author chose, and tells who asked. Who may not see the post hears nothing;
// a consent that the author took back is not given again.
func (t *Town) AnswerQuote(ctx context.Context, tx Tx, w QuoteWish) error {
	quoted, err := tx.Post(ctx, w.Quoted)
	if err != nil {
		return err
	}
	c, err := t.May(ctx, tx, QuoteIt, w.By, On{Post: quoted})
	if c == nil || err != nil && KindOf(err) != KindForbidden && KindOf(err) != KindInvalid {
		return err
	}
	answer := QuoteAnswered{
		Request: w.URI, Author: c.Actor, PostURI: w.PostURI, Quoted: quoted, QuotedAuthor: c.Other, Cause: w.Cause,
	}
	if err == nil {
		if answer.Consent, err = t.grant(ctx, tx, c, w); err != nil {
			return err
		}
	}
	return t.tell(ctx, tx, answer)
}

// grant accepts a quote, and returns the URI of the consent: none, if it was taken back before.
func (t *Town) grant(ctx context.Context, tx Tx, c *Case, w QuoteWish) (string, error) {
	p, err := w.Bring(ctx, tx)
	if err != nil {
		return "", fmt.Errorf("bring the quote: %w", err)
	}
	if p.Author != w.By || p.URI != w.PostURI || p.Quote == nil || p.Quote.URI != c.Post.URI {
		return "", Forbiddenf("this post does not quote what it is said to quote")
	}
	if p.Quote.State == QuoteRevoked {
		return "", nil
	}
	known, q := p.Quote.State, *p.Quote
	q.Of, q.State, q.Authorization = c.Post.ID, QuoteAccepted, t.QuoteAuthorization(c.Post.URI, p.ID)
	if err := tx.PutQuote(ctx, p.ID, &q); err != nil {
		return "", fmt.Errorf("accept the quote %d: %w", p.ID, err)
	}
	if p.showTo(c.Other); !p.Visibility.Open() {
		if err := tx.UpdatePost(ctx, p); err != nil {
			return "", fmt.Errorf("show the quote %d to %s: %w", p.ID, c.Other.Name, err)
		}
	}
	if known == QuoteAccepted {
		return q.Authorization, nil
	}
	return q.Authorization, t.notifyIfSeen(ctx, tx, c.Other, c.Actor, p, NotifyQuote)
}

// QuoteAnswer is what the author of what is quoted says: to a request of ours, in a consent that was found, or when they take it back.
type QuoteAnswer struct {
	Quoting       PostID
	By            ActorID
	Accepted      bool
	Authorization string // URI of the consent
	Cause         Cause
}

// SettleQuote takes an answer, of the quoted author only (SECURITY U21). What was refused or taken back stays so; a post of ours that quotes says so anew.
func (t *Town) SettleQuote(ctx context.Context, tx Tx, a QuoteAnswer) error {
	p, err := tx.Post(ctx, a.Quoting)
	if err != nil {
		return err
	}
	if p.Quote == nil || p.Quote.Of == 0 || p.Deleted() {
		return NotFound
	}
	quoted, err := tx.Post(ctx, p.Quote.Of)
	if err != nil {
		return fmt.Errorf("what post %d quotes: %w", p.ID, err)
	}
	if quoted.Author != a.By {
		return Forbiddenf("only the author of what is quoted may say this")
	}
	q := *p.Quote
	if !q.settle(a) {
		return nil
	}
	if err := tx.PutQuote(ctx, p.ID, &q); err != nil {
		return fmt.Errorf("settle the quote %d: %w", p.ID, err)
	}
	return t.restate(ctx, tx, p.ID, a.Cause)
}

// TieQuote ties a quote from elsewhere to what was found under its URI. Whoever quotes themselves needs no consent.
func (t *Town) TieQuote(ctx context.Context, tx Tx, quoting, of PostID) error {
	p, err := tx.Post(ctx, quoting)
	if err != nil {
		return err
	}
	found, err := tx.Post(ctx, of)
	if err != nil {
		return fmt.Errorf("what post %d quotes: %w", quoting, err)
	}
	if p.Quote == nil || p.Quote.URI != found.URI || p.Quote.Of != 0 {
		return nil
	}
	q := quoted{Quote: p.Quote}
	if q.find(found, p.Author); q.Of == 0 {
		return nil
	}
	return tx.PutQuote(ctx, p.ID, q.Quote)
}

// settle tells whether an answer changes anything.
func (q *Quote) settle(a QuoteAnswer) bool {
	switch {
	case a.Accepted && q.State == QuotePending:
		q.State, q.Authorization = QuoteAccepted, a.Authorization
	case !a.Accepted && q.State == QuotePending:
		q.State, q.Authorization = QuoteRejected, ""
	case !a.Accepted && q.State == QuoteAccepted:
		q.State, q.Authorization = QuoteRevoked, ""
	default:
		return false
	}
	return true
}

// restate says a post of ours again, as it stands now.
func (t *Town) restate(ctx context.Context, tx Tx, id PostID, cause Cause) error {
	p, err := tx.Post(ctx, id)
	if err != nil {
		return err
	}
	author, err := tx.Actor(ctx, p.Author)
	if err != nil {
		return fmt.Errorf("author of post %d: %w", id, err)
	}
	if !author.Local() || !author.Active() {
		return nil
	}
	var group *Actor
	if p.Group != 0 {
		if group, err = tx.Actor(ctx, p.Group); err != nil {
			return fmt.Errorf("group of post %d: %w", id, err)
		}
	}
	return t.tell(ctx, tx, Restated{Post: p, Author: author, Group: group, Cause: cause})
}

// Revocation is an author's wish that a post no longer shows theirs within.
type Revocation struct {
	Quoted  PostID
	Quoting PostID
	By      ActorID
}

// RevokeQuote takes the consent back, for good, and returns the post that quoted. To revoke twice does nothing more.
func (t *Town) RevokeQuote(ctx context.Context, tx Tx, r Revocation) (*Post, error) {
	quoted, err := tx.Post(ctx, r.Quoted)
	if err != nil {
		return nil, err
	}
	c, err := t.May(ctx, tx, RevokeQuote, r.By, On{Post: quoted})
	if err != nil {
		return nil, err
	}
	p, err := tx.Post(ctx, r.Quoting)
	if err != nil || p.Quote == nil || p.Quote.Of != r.Quoted {
		return nil, orNotFound(err)
	}
	was := *p.Quote
	if was.State == QuoteRevoked || was.State == QuoteRejected {
		return p, nil
	}
	if err := tx.PutQuote(ctx, p.ID, &Quote{Of: was.Of, URI: was.URI, State: QuoteRevoked, Legacy: was.Legacy}); err != nil {
		return nil, fmt.Errorf("revoke the quote %d: %w", p.ID, err)
	}
	if p, err = tx.Post(ctx, p.ID); err != nil {
		return nil, err
	}
	author, err := tx.Actor(ctx, p.Author)
	if err != nil {
		return nil, fmt.Errorf("author of post %d: %w", p.ID, err)
	}
	err = t.tell(ctx, tx, ConsentRevoked{
		Post: p, Author: author, Quoted: quoted, QuotedAuthor: c.Actor, Consent: was.Authorization,
	})
	if err != nil {
		return nil, err
	}
	return p, t.restate(ctx, tx, p.ID, 0)
}

func orNotFound(err error) error {
	if err != nil {
		return err
	}
	return NotFound
}

// SetQuotability lets an author choose who may quote a post from now on. What was accepted stays so; of what is not for everybody the
// choice is not asked (Mastodon API, interaction_policy).
func (t *Town) SetQuotability(ctx context.Context, tx Tx, id PostID, by ActorID, choice QuoteChoice) (*Post, error) {
	p, err := tx.Post(ctx, id)
	if err != nil {
		return nil, err
	}
	c, err := t.May(ctx, tx, Edit, by, On{Post: p})
	if err != nil {
		return nil, err
	}
	if err := choice.Check(); err != nil {
		return nil, err
	}
	was := p.Quotability
	if err := p.choose(choice, nil); err != nil || p.Quotability == was {
		return p, err
	}
	if err := tx.UpdatePost(ctx, p); err != nil {
		return nil, fmt.Errorf("quotability of post %d: %w", id, err)
	}
	return p, t.tell(ctx, tx, Restated{Post: p, Author: c.Actor, Group: c.Group})
}

// Requoting is what an edit from elsewhere says of quotes: what the post claims to quote now, and who may quote it.
type Requoting struct {
	Post        PostID
	By          ActorID
	Quote       *Quote
	Quotability Quotability
}

// Requote takes it over. A quote that says what it said is looked into again only when it shows another consent, or none any more.
func (t *Town) Requote(ctx context.Context, tx Tx, r Requoting) error {
	p, err := tx.Post(ctx, r.Post)
	if err != nil {
		return err
	}
	c, err := t.May(ctx, tx, Edit, r.By, On{Post: p})
	if err != nil {
		return err
	}
	if p.Quotability != r.Quotability {
		p.Quotability = r.Quotability
		if err := tx.UpdatePost(ctx, p); err != nil {
			return fmt.Errorf("quotability of post %d: %w", p.ID, err)
		}
	}
	if !t.claimsOther(p.Quote, r.Quote) {
		return nil
	}
	q, err := t.quotingElsewhere(ctx, tx, c.Actor, r.Quote)
	if err != nil {
		return err
	}
	if err := tx.PutQuote(ctx, p.ID, q.Quote); err != nil {
		return fmt.Errorf("quote of post %d: %w", p.ID, err)
	}
	return t.askConsent(ctx, tx, c, p, q)
}

// claimsOther tells whether what a post claims is news: that it quotes something else, or shows another consent. What was taken back stays so.
func (t *Town) claimsOther(known, claim *Quote) bool {
	switch {
	case known == nil || claim == nil:
		return known != claim
	case known.URI != claim.URI:
		return true
	case known.State == QuoteRevoked || known.Authorization == claim.Authorization:
		return false
	default: // of a consent that was given here its author may not have heard yet
		return known.State != QuoteAccepted || (known.Authorization != "" && !t.Owns(known.URI))
	}
}
