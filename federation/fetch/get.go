package fetch

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Media types of ActivityPub 3.2 and what we ask for.
const (
	TypeActivity   = "application/activity+json"
	TypeLD         = "application/ld+json"
	ProfileAS      = "https://www.w3.org/ns/activitystreams"
	AcceptActivity = TypeActivity + `, ` + TypeLD + `; profile="` + ProfileAS + `"`
)

// Response is a document that was fetched with a status in the 200s.
type Response struct {
	Status   int
	FinalURL string // where the document was found, after redirects, in the form of Parse
	Header   http.Header
	Body     []byte
}

// Document gets an ActivityPub document. An answer of another media type is ErrType, so that a file which somebody
// uploaded cannot pose as an actor. The caller compares the document's id with FinalURL: authority comes from nowhere
// else.
func (c *Client) Document(ctx context.Context, rawURL string, sign Sign) (*Response, error) {
	response, err := c.Get(ctx, rawURL, AcceptActivity, sign)
	if err != nil {
		return nil, err
	}
	if !isActivity(response.Header.Get("Content-Type")) {
		return nil, fmt.Errorf("get %.200s: %w: %.80q", rawURL, ErrType, response.Header.Get("Content-Type"))
	}
	return response, nil
}

// isActivity is ActivityPub 3.2, where the profile of ld+json is a MUST.
func isActivity(contentType string) bool {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	return media == TypeActivity || media == TypeLD && slices.Contains(strings.Fields(params["profile"]), ProfileAS)
}

// Get fetches what is at a URL, following a few redirects, each under the same rules as the first request. A status
// outside the 200s is a *StatusError. Signed requests are redirected within their host only: our signature is shown to
// no other. Failures are remembered for a while, for signed and unsigned requests apart, and returned again without a
// request.
func (c *Client) Get(ctx context.Context, rawURL, accept string, sign Sign) (*Response, error) {
	response, err := c.get(ctx, rawURL, accept, sign)
	if err != nil {
		return nil, fmt.Errorf("get %.200s: %w", rawURL, err)
	}
	return response, nil
}

func (c *Client) get(ctx context.Context, rawURL, accept string, sign Sign) (*Response, error) {
	u, err := c.Parse(rawURL)
	if err != nil {
		return nil, err
	}
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	// One at a time for each URL: a hundred who ask at once for the same dead key cost its host one request.
	key := errand{url: u.String(), signed: sign != nil}
	leave, err := c.enter(ctx, key)
	if err != nil {
		return nil, err
	}
	defer leave()
	if err := c.dead.recall(key); err != nil {
		return nil, err
	}
	response, err := c.follow(ctx, u, accept, sign)
	c.dead.note(key, err)
	return response, err
}

// errand tells GETs apart: a host may hide from the unsigned what it shows to the signed.
type errand struct {
	url    string
	signed bool
}

// enter waits until nobody else is on the same errand.
func (c *Client) enter(ctx context.Context, key errand) (leave func(), err error) {
	for {
		c.mu.Lock()
		busy, taken := c.gates[key]
		if !taken {
			gate := make(chan struct{})
			c.gates[key] = gate
			c.mu.Unlock()
			return func() { c.leave(key, gate) }, nil
		}
		c.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func (c *Client) leave(key errand, gate chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.gates, key)
	close(gate)
}

// follow walks from the first URL to the document.
func (c *Client) follow(ctx context.Context, u *url.URL, accept string, sign Sign) (*Response, error) {
	for range maxRedirects + 1 {
		response, next, err := c.hop(ctx, u, accept, sign)
		if err != nil || response != nil {
			return response, err
		}
		if sign != nil && next.Host != u.Host {
			return nil, fmt.Errorf("%w: signed, to %s", ErrRedirect, next.Host)
		}
		u = next
	}
	return nil, fmt.Errorf("%w: more than %d", ErrRedirect, maxRedirects)
}

// hop makes one request and returns either its document or where to go next.
func (c *Client) hop(ctx context.Context, u *url.URL, accept string, sign Sign) (*Response, *url.URL, error) {
	done, err := c.spend(ctx, u.Hostname())
	if err != nil {
		return nil, nil, err
	}
	defer done()
	request := &http.Request{Method: http.MethodGet, URL: u, Host: u.Host, Header: http.Header{"Accept": {accept}}}
	response, err := c.send(request.WithContext(ctx), nil, sign)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close() // read-only: nothing to lose
	if redirects(response) {
		drain(response)
		next, err := c.target(u, response.Header.Get("Location"))
		return nil, next, err
	}
	document, err := c.read(response)
	if err == nil {
		err = context.Cause(ctx) // a body that ends as the deadline passes may have been cut short
	}
	if err != nil {
		return nil, nil, because(ctx, err)
	}
	document.FinalURL = u.String()
	return document, nil, nil
}

// target resolves a Location, RFC 9110 10.2.2, and never steps down from https.
func (c *Client) target(from *url.URL, location string) (*url.URL, error) {
	if err := plainBytes(location); err != nil {
		return nil, fmt.Errorf("%w: %w: %w", ErrRedirect, ErrAddress, err)
	}
	reference, err := from.Parse(location)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRedirect, err)
	}
	if from.Scheme == "https" && reference.Scheme == "http" {
		return nil, fmt.Errorf("%w: from https to http", ErrRedirect)
	}
	next, err := c.Parse(reference.String())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRedirect, err)
	}
	return next, nil
}

// read takes a body of limited size; the limit counts decoded bytes, against bombs.
func (c *Client) read(r *http.Response) (*Response, error) {
	if r.StatusCode < 200 || r.StatusCode > 299 {
		drain(r)
		return nil, &StatusError{Status: r.StatusCode, RetryAfter: retryAfter(r.Header)}
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" { // gzip was undone by the transport
		return nil, fmt.Errorf("%w: encoding %.20q", ErrType, encoding)
	}
	if r.ContentLength > c.config.MaxBody {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLarge, r.ContentLength)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, c.config.MaxBody+1))
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	if int64(len(body)) > c.config.MaxBody {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, c.config.MaxBody)
	}
	return &Response{Status: r.StatusCode, Header: r.Header, Body: body}, nil
}
