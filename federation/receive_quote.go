package federation

import (
	"context"
	"slices"
	"strings"

	"meent/communities"
	"meent/federation/fetch"
	"meent/federation/wire"
)

// quoteOf is what an object claims to show within.
func quoteOf(o wire.Object) *communities.Quote {
	if o.QuoteURL == "" || o.QuoteURL == o.ID {
		return nil
	}
	return &communities.Quote{URI: o.QuoteURL, Authorization: o.QuoteAuthorization, Legacy: o.QuoteLegacy}
}

// quotabilityOf reads who may quote an object. It is a hint for who wants to quote, never the proof that somebody may (FEP-044f).
func quotabilityOf(o wire.Object, author *communities.Actor) communities.Quotability {
	if o.CanQuote == nil {
		return communities.Quotability{}
	}
	return communities.Quotability{Automatic: circleOf(o.CanQuote.Automatic, author), Manual: circleOf(o.CanQuote.Manual, author)}
}

func circleOf(uris []string, author *communities.Actor) (circle communities.Circle) {
	for _, uri := range uris {
		switch uri {
		case wire.Public:
			circle |= communities.Anybody
		case author.Endpoints.Followers:
			circle |= communities.Fans
		case author.Endpoints.Following:
			circle |= communities.Idols
		case author.URI: // may anyway
		default:
			circle |= communities.SomeOthers
		}
	}
	return circle
}

// verifyQuoteRequest takes a wish to show a post of ours within another (FEP-044f). The post that quotes is the sender's own, and comes
// along, or is read from its origin.
func (in *incoming) verifyQuoteRequest(ctx context.Context) (effect, error) {
	if in.via != nil {
		return nil, refusef("unproven", "a QuoteRequest by the word of %s", in.via.URI)
	}
	quoted, err := in.post(ctx, in.object())
	if err != nil {
		return nil, err
	}
	if !in.Owns(quoted.URI) {
		return nil, refusef("not-ours", "%s is not of this node", quoted.URI)
	}
	bring, uri, err := in.quotingPost(ctx)
	if err != nil {
		return nil, err
	}
	wish := communities.QuoteWish{Quoted: quoted.ID, By: in.actor.ID, PostURI: uri, URI: in.ID, Cause: in.cause, Bring: bring}
	return func(ctx context.Context, tx communities.Tx) error { return in.town.AnswerQuote(ctx, tx, wish) }, nil
}

type bringer func(context.Context, communities.Tx) (*communities.Post, error)

// quotingPost finds the post that asks, which must be the sender's.
func (in *incoming) quotingPost(ctx context.Context) (bringer, string, error) {
	uri := in.Instrument.ID
	switch _, err := in.archive.PostByURI(ctx, uri); {
	case err == nil:
		return func(ctx context.Context, tx communities.Tx) (*communities.Post, error) { return tx.PostByURI(ctx, uri) }, uri, nil
	case !communities.IsNotFound(err):
		return nil, "", err
	case uri == "" || !wire.SameOrigin(uri, in.Actor):
		return nil, "", refusef("origin", "%q by %s", uri, in.Actor)
	}
	asking := *in
	asking.Type, asking.Objects, asking.wanted = "QuoteRequest", []wire.Reference{in.Instrument}, true
	o, err := asking.ownObject(ctx)
	if err != nil {
		return nil, "", err
	}
	p, err := asking.publication(ctx, o, in.actor)
	if err != nil {
		return nil, "", err
	}
	return p.publish, uri, nil
}

// quoteAnswered finds the quote of ours that an Accept or Reject is about, by the id of the request, which is that of the post.
func (in *incoming) quoteAnswered(ctx context.Context) (*communities.Post, error) {
	uri, isRequest := strings.CutSuffix(in.object(), in.QuoteRequest(""))
	if !isRequest || !in.Owns(uri) {
		return nil, refusef("unknown-quote", "%s", in.object())
	}
	p, err := in.post(ctx, uri)
	if err == nil && p.Quote == nil {
		err = refusef("unknown-quote", "%s quotes nothing", uri)
	}
	return p, err
}

// answersQuote tells whether an Accept or Reject is about a QuoteRequest.
func (in *incoming) answersQuote() bool {
	ref := in.Objects[0]
	return ref.Type == "QuoteRequest" || ref.Type == "" && strings.HasSuffix(ref.ID, in.QuoteRequest(""))
}

// verifyQuoteAnswer takes the answer to a request of ours. That it is the quoted author who answers, the verb sees to; the consent must be of
// their origin (FEP-fe34, SECURITY U21), and needs no other proof than their word.
func (in *incoming) verifyQuoteAnswer(ctx context.Context) (effect, error) {
	p, err := in.quoteAnswered(ctx)
	if err != nil {
		return nil, err
	}
	answer := communities.QuoteAnswer{Quoting: p.ID, By: in.actor.ID, Accepted: in.Type == "Accept", Cause: in.cause}
	if answer.Accepted {
		if answer.Authorization = in.Result; !wire.SameOrigin(in.Result, in.Actor) {
			return nil, refusef("origin", "the consent %q by %s", in.Result, in.Actor)
		}
	}
	return in.settleQuote(answer), nil
}

func (in *incoming) settleQuote(answers ...communities.QuoteAnswer) effect {
	return func(ctx context.Context, tx communities.Tx) error {
		for _, answer := range answers {
			if err := in.town.SettleQuote(ctx, tx, answer); err != nil {
				return err
			}
		}
		return nil
	}
}

// verifyConsentDeleted takes back a consent, where the object of a Delete is one; it is nil for everything else.
func (in *incoming) verifyConsentDeleted(ctx context.Context, uri string) (effect, error) {
	if in.Owns(uri) || !wire.SameOrigin(uri, in.Actor) {
		return nil, nil
	}
	quotes, err := in.archive.QuotesBy(ctx, uri)
	if err != nil || len(quotes) == 0 {
		return nil, err
	}
	if in.unproven && !in.isGone(ctx, uri) {
		return nil, refusef("unproven", "%s still stands at its origin", uri)
	}
	answers := make([]communities.QuoteAnswer, len(quotes))
	for i, p := range quotes {
		answers[i] = communities.QuoteAnswer{Quoting: p.ID, By: in.actor.ID, Cause: in.cause}
	}
	return in.settleQuote(answers...), nil
}

// checkQuote reads what a post from elsewhere quotes, as far as it is not known, and the consent that it shows.
func (r *Road) checkQuote(ctx context.Context, task communities.CheckQuote) error {
	ctx = fetch.WithBudget(ctx, fetchesAround, fetchesDomain)
	p, err := r.archive.Post(ctx, task.Post)
	if communities.IsNotFound(err) || err == nil && (p.Quote == nil || p.Quote.State != communities.QuotePending) {
		return nil
	}
	if err != nil {
		return err
	}
	quoted, err := r.readQuoted(ctx, p.Quote.URI, task.Depth)
	if err != nil || quoted.Kind == communities.Boost { // SECURITY U22
		return quietly(err)
	}
	if p.Quote.Of == 0 {
		if err := r.tieQuote(ctx, p, quoted); err != nil {
			return quietly(err)
		}
	}
	answer, err := r.readConsent(ctx, p, quoted)
	if err != nil || !answer.Accepted {
		return quietly(err)
	}
	return quietly(r.archive.Write(ctx, func(tx communities.Tx) error { return r.town.SettleQuote(ctx, tx, answer) }))
}

// readQuoted finds what is quoted: here, or at its origin.
func (r *Road) readQuoted(ctx context.Context, uri string, depth int) (*communities.Post, error) {
	p, err := r.archive.PostByURI(ctx, uri)
	if !communities.IsNotFound(err) || r.isOwnURI(uri) {
		return p, err
	}
	o, err := r.fetchObject(ctx, uri)
	if err != nil {
		return nil, err
	}
	reader := &incoming{Road: r, actor: &communities.Actor{}, wanted: true}
	found, err := reader.bringing(ctx, o)
	if err != nil {
		return nil, err
	}
	if found.draft.Quote != nil {
		found.draft.Quote.Depth = depth + 1
	}
	err = r.archive.Write(ctx, func(tx communities.Tx) error {
		p, err = found.publish(ctx, tx)
		return err
	})
	return p, err
}

// tieQuote ties a quote to what was found under its URI. Whoever quotes themselves needs no consent.
func (r *Road) tieQuote(ctx context.Context, p, quoted *communities.Post) error {
	return r.archive.Write(ctx, func(tx communities.Tx) error { return r.town.TieQuote(ctx, tx, p.ID, quoted.ID) })
}

// readConsent reads a consent from its own id. It must be the quoted author's, of their origin, and name both posts (SECURITY U21).
func (r *Road) readConsent(ctx context.Context, p, quoted *communities.Post) (communities.QuoteAnswer, error) {
	answer := communities.QuoteAnswer{Quoting: p.ID, By: quoted.Author, Authorization: p.Quote.Authorization}
	author, err := r.archive.Actor(ctx, quoted.Author)
	if err != nil || answer.Authorization == "" || author.Local() || p.Author == quoted.Author {
		return answer, err
	}
	if !wire.SameOrigin(answer.Authorization, author.URI) {
		return answer, refusef("origin", "the consent %s by %s", answer.Authorization, author.URI)
	}
	doc, err := r.fetchDocument(ctx, answer.Authorization)
	if err != nil {
		return answer, err
	}
	o, err := doc.Object()
	if err != nil {
		return answer, err
	}
	answer.Accepted = slices.Contains(o.Types, "QuoteAuthorization") && o.ID == answer.Authorization &&
		slices.Equal(o.AttributedTo, []string{author.URI}) && o.InteractingObject == p.URI && o.InteractionTarget == quoted.URI
	return answer, nil
}
