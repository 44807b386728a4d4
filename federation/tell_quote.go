package federation

import (
	"context"

	"meent/communities"
	"meent/federation/wire"
	"meent/storage"
)

// tellRestated: an Update of a post whose words are the same. By it a consent reaches everybody who has the quote, and its end too: who
// quotes has to pass that on (FEP-044f, "Handling a revocation"), and the author of an Update is believed where a forwarded Delete is not.
func (o outgoing) tellRestated(ctx context.Context, e communities.Restated) error {
	if !travels(e.Post, e.Group) {
		return nil
	}
	own, err := o.tellOwn(ctx, saying{"Update", o.Now()}, e.Post, e.Author, e.Group)
	if err != nil || !isOurs(e.Group) || !e.Post.Visibility.Open() {
		return err
	}
	return o.passOn(ctx, e.Group, 0, own, e.Post.URI)
}

// tellQuoteAsked: a QuoteRequest to the author of what is quoted, in the forms that the quote has.
func (o outgoing) tellQuoteAsked(ctx context.Context, e communities.QuoteAsked) error {
	around, err := o.surround(ctx, e.Post, e.Author, e.Group)
	if err != nil {
		return err
	}
	forms := storage.Forms{}
	for _, d := range everyDialect {
		form := dialectUnknown
		if d.readsNotes() && hasTwoForms(e.Post) {
			form = d
		}
		if forms[string(form)] == nil {
			inner, err := o.objectDocument(e.Post, around, form).Embed()
			if err != nil {
				return err
			}
			request := quoteRequest(o.QuoteRequest(e.Post.URI), e.Author, e.QuotedAuthor, e.Quoted.URI, inner)
			asked, err := o.say(ctx, e.Author, request, e.Post.URI, form)
			if err != nil {
				return err
			}
			forms[string(form)] = []communities.ActivityID{asked.id}
		}
		forms[string(d)] = forms[string(form)]
	}
	return o.tx.Deliver(ctx, to(e.QuotedAuthor), forms, e.Post.URI)
}

// tellQuoteAnswered: Accept with the consent as its result, or Reject. The request is embedded, as Mastodon reads it.
func (o outgoing) tellQuoteAnswered(ctx context.Context, e communities.QuoteAnswered) error {
	if e.Author.Local() || !e.QuotedAuthor.Local() {
		return nil
	}
	question, err := quoteRequest(e.Request, e.Author, e.QuotedAuthor, e.Quoted.URI, reference(e.PostURI)).Embed()
	if err != nil {
		return err
	}
	answer := wire.Activity{Type: "Reject", Objects: []wire.Reference{question}, To: []string{e.Author.URI}}
	if e.Consent != "" {
		answer.Type, answer.Result = "Accept", e.Consent
	}
	_, err = o.sayTo(ctx, e.QuotedAuthor, answer, e.PostURI, to(e.Author))
	return err
}

// tellConsentRevoked: a Delete of the consent, to whose quote it is and to whoever may have seen either post.
func (o outgoing) tellConsentRevoked(ctx context.Context, e communities.ConsentRevoked) error {
	if e.Consent == "" || !e.QuotedAuthor.Local() {
		return nil
	}
	inner, err := consent(e.Consent, e.Quoted, e.QuotedAuthor, e.Post.URI).Embed()
	if err != nil {
		return err
	}
	a := wire.Activity{ID: e.Consent + "#delete", Type: "Delete", Objects: []wire.Reference{inner}, To: []string{wire.Public}}
	audience := to(e.Author)
	audience.FollowersOf, audience.Holders = []communities.ActorID{e.QuotedAuthor.ID, e.Author.ID}, e.Quoted.URI
	_, err = o.sayTo(ctx, e.QuotedAuthor, a, e.Post.URI, audience)
	return err
}
