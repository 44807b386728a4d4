package federation

import (
	"meent/communities"
	"meent/communities/text"
	"meent/federation/wire"
)

// addQuote says what the post quotes, and who may quote it (FEP-044f). Software that knows no quotes shows a line with a link. What its
// author refused or took back stays named, without consent: that is how others see that they must not show it.
func (r *Road) addQuote(doc *wire.Object, p *communities.Post, s surroundings) {
	doc.CanQuote = r.approvalOf(p, s.author)
	if p.Quote == nil {
		return
	}
	doc.QuoteURL = p.Quote.URI
	if p.Quote.Accepted() {
		doc.QuoteAuthorization = p.Quote.Authorization
	}
	doc.Content = text.WithQuoteLine(doc.Content, orElse(s.quoted, p.Quote.URI))
	for language := range doc.ContentMap {
		doc.ContentMap[language] = doc.Content
	}
}

// approvalOf names the author alone where nobody else may: an empty list counts as none (FEP-044f, "Advertising a quote policy").
func (r *Road) approvalOf(p *communities.Post, author *communities.Actor) *wire.Approval {
	boxes := newBoxes(r.Base, author)
	approval := &wire.Approval{
		Automatic: circleURIs(p.Quotability.Automatic, boxes), Manual: circleURIs(p.Quotability.Manual, boxes),
	}
	if len(approval.Automatic)+len(approval.Manual) == 0 {
		approval.Automatic = []string{author.URI}
	}
	return approval
}

func circleURIs(c communities.Circle, at communities.Endpoints) []string {
	var uris []string
	for _, row := range []struct {
		circle communities.Circle
		uri    string
	}{{communities.Anybody, wire.Public}, {communities.Fans, at.Followers}, {communities.Idols, at.Following}} {
		if c.Has(row.circle) {
			uris = append(uris, row.uri)
		}
	}
	return uris
}

// consent is the document by which the author of what is quoted lets others show it. It names both posts and holds neither (FEP-044f,
// "Approval stamps").
func consent(uri string, quoted *communities.Post, author *communities.Actor, quoting string) wire.Object {
	return wire.Object{
		ID: uri, Types: []string{"QuoteAuthorization"}, AttributedTo: []string{author.URI},
		InteractingObject: quoting, InteractionTarget: quoted.URI,
	}
}

// quoteRequest asks for consent. The quote itself travels within, as the author of what is quoted may not follow who quotes.
func quoteRequest(id string, author, quotedAuthor *communities.Actor, quoted string, quoting wire.Reference) wire.Activity {
	return wire.Activity{
		ID: id, Type: "QuoteRequest", Actor: author.URI, Objects: []wire.Reference{{ID: quoted}}, Instrument: quoting,
		To: []string{quotedAuthor.URI},
	}
}
