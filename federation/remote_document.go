package federation

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"meent/communities"
	"meent/federation/fetch"
	"meent/federation/signature"
	"meent/federation/wire"
)

// fetchDocument reads the document with the id uri. What is found there must bear that id, or is read once more from the id that it bears
// (SECURITY I1, I5): authority comes from an id that its own origin serves, and from nothing else.
func (r *Road) fetchDocument(ctx context.Context, uri string) (*wire.Document, error) {
	res, doc, err := r.fetchOnce(ctx, uri)
	if err != nil {
		return nil, err
	}
	if r.sameURL(doc.ID, res.FinalURL) {
		return doc, nil
	}
	if doc.ID == "" || r.sameURL(doc.ID, uri) {
		return nil, refusef("identity", "%s leads to %s, which says it is %q", uri, res.FinalURL, doc.ID)
	}
	id := doc.ID
	if res, doc, err = r.fetchOnce(ctx, id); err != nil {
		return nil, err
	}
	if doc.ID != id || !r.sameURL(id, res.FinalURL) {
		return nil, refusef("identity", "%s says it is %q", res.FinalURL, doc.ID)
	}
	return doc, nil
}

// fetchRaw reads whatever is at a URL, for who judges its identity in another way.
func (r *Road) fetchRaw(ctx context.Context, uri string) (*wire.Document, error) {
	_, doc, err := r.fetchOnce(ctx, uri)
	return doc, err
}

func (r *Road) fetchOnce(ctx context.Context, uri string) (*fetch.Response, *wire.Document, error) {
	if r.isOwnURI(uri) {
		return nil, nil, refusef("ours", "%s is of this node", uri) // SECURITY I12
	}
	res, err := r.signedGet(ctx, uri)
	if err != nil {
		return nil, nil, err
	}
	doc, err := wire.Decode(res.Body)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", res.FinalURL, err)
	}
	if r.isOwnURI(doc.ID) {
		return nil, nil, refusef("ours", "%s says it is %s, which is of this node", res.FinalURL, doc.ID)
	}
	return res, doc, nil
}

// sameURL compares as the fetch client sees them, without fragment.
func (r *Road) sameURL(a, b string) bool {
	x, errX := r.client.Parse(a)
	y, errY := r.client.Parse(b)
	return errX == nil && errY == nil && x.String() == y.String()
}

// signedGet asks in the name of the node: many show nothing to who does not sign (PROTOCOL 1.1). Who refuses the one scheme is asked once
// more in the other (the "double knock" of RFC 9421's early days).
func (r *Road) signedGet(ctx context.Context, uri string) (*fetch.Response, error) {
	node, err := r.archive.ActorByURI(ctx, r.Actor(communities.Application, ""))
	if err != nil {
		return nil, fmt.Errorf("the node's own actor: %w", err)
	}
	keys, err := r.keys.of(ctx, node)
	if err != nil {
		return nil, err
	}
	res, err := r.client.Document(ctx, uri, schemeCavage.pen(keys, signature.Body{}, r.Now))
	var status *fetch.StatusError
	if errors.As(err, &status) && status.Status == http.StatusUnauthorized {
		return r.client.Document(ctx, uri, schemeRFC9421.pen(keys, signature.Body{}, r.Now))
	}
	return res, err
}

// fetchObject reads an object from its own id.
func (r *Road) fetchObject(ctx context.Context, uri string) (wire.Object, error) {
	doc, err := r.fetchDocument(ctx, uri)
	if err != nil {
		return wire.Object{}, fmt.Errorf("object %s: %w", uri, err)
	}
	o, err := doc.Object()
	if err != nil {
		return wire.Object{}, fmt.Errorf("object %s: %w", uri, err)
	}
	return o, checkAuthors(o)
}

// checkAuthors holds authors to the origin of the object (SECURITY I13).
func checkAuthors(o wire.Object) error {
	if authorOf(o) == "" {
		return refusef("author", "%s names no author", o.ID)
	}
	for _, author := range o.AttributedTo {
		if !wire.SameOrigin(author, o.ID) {
			return refusef("author", "%s is attributed to %s", o.ID, author)
		}
	}
	return nil
}

// authorOf is the first who is named; Mobilizon writes the person in actor and the group in attributedTo.
func authorOf(o wire.Object) string {
	if o.Actor != "" && wire.SameOrigin(o.Actor, o.ID) {
		return o.Actor
	}
	if len(o.AttributedTo) == 0 {
		return ""
	}
	return o.AttributedTo[0]
}

// author reads who wrote an object: the person, where both a person and a group are named (PeerTube).
func (r *Road) author(ctx context.Context, o wire.Object) (*communities.Actor, error) {
	first, err := r.ActorByURI(ctx, authorOf(o))
	if err != nil || !first.IsGroup() {
		return first, err
	}
	for _, uri := range o.AttributedTo[:min(len(o.AttributedTo), maxAuthors)] {
		if a, err := r.ActorByURI(ctx, uri); err != nil || !a.IsGroup() {
			return a, err
		}
	}
	return first, nil
}

// maxAuthors is how many of an object's authors are looked at.
const maxAuthors = 3

const maxPages = 10 // of a collection

// eachItem walks a collection, at most limit items of at most maxPages pages, each page once (SECURITY D3). A page must be on the
// collection's own host. f ends the walk by an error.
func (r *Road) eachItem(ctx context.Context, uri string, limit int, f func(wire.Reference) error) error {
	seen := map[string]bool{}
	left := limit
	for next := uri; next != "" && len(seen) < maxPages && !seen[next] && wire.SameHost(next, uri); {
		seen[next] = true
		page, err := r.fetchCollection(ctx, next)
		if err != nil {
			return err
		}
		follow := page.Next
		if page.FirstPage != nil && len(page.Items) == 0 {
			page.Items, follow = page.FirstPage.Items, page.FirstPage.Next
		} else if len(page.Items) == 0 && page.First != "" {
			follow = page.First
		}
		for _, item := range page.Items[:min(left, len(page.Items))] {
			if err := f(item); err != nil {
				return err
			}
		}
		left -= min(left, len(page.Items))
		if left == 0 {
			return nil
		}
		next = follow
	}
	return nil
}

func (r *Road) fetchCollection(ctx context.Context, uri string) (wire.Collection, error) {
	doc, err := r.fetchRaw(ctx, uri)
	if err != nil {
		return wire.Collection{}, err
	}
	return doc.Collection()
}
