package fetch

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

const (
	acceptJRD = "application/jrd+json, application/json"
	acceptXRD = "application/xrd+xml, application/xml"

	relSubscribe = "http://ostatus.org/schema/1.0/subscribe"
	relLRDD      = "lrdd"
)

// Handle is a fediverse address, name@host. Host may carry a port in development.
type Handle struct {
	Name, Host string
}

// String returns the handle as people write it: @name@host.
func (h Handle) String() string { return "@" + h.Name + "@" + h.Host }

// acct is the handle as RFC 7565 writes it.
func (h Handle) acct() string { return "acct:" + h.Name + "@" + h.Host }

// is compares as the network does, without case.
func (h Handle) is(other Handle) bool {
	return strings.EqualFold(h.Name, other.Name) && strings.EqualFold(h.Host, other.Host)
}

// handleText is all that a handle may consist of, so that nothing typed by a person can become path, port or query of a
// URL. Whether the host is one to talk to is decided by Parse.
var handleText = regexp.MustCompile(`^(?:acct:|@|!)?([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,126}[A-Za-z0-9_])?)@` +
	`([A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(?::[1-9][0-9]{0,4})?)$`)

// ParseHandle reads @name@host, name@host, !name@host or acct:name@host. Hosts in other scripts come as punycode.
func ParseHandle(text string) (Handle, error) {
	parts := handleText.FindStringSubmatch(text)
	if parts == nil {
		return Handle{}, fmt.Errorf("%.80q is not a handle: %w", text, ErrAddress)
	}
	return Handle{Name: parts[1], Host: strings.ToLower(parts[2])}, nil
}

// Account is what WebFinger says about a handle.
type Account struct {
	Handle    Handle   // the canonical one; it can be on another host than was asked for
	Actors    []string // ids of the actors that bear this name, at least one; each must name this handle in turn
	Subscribe string   // URL template with {uri} of the host's remote-follow page, empty if it has none
}

// WebFinger asks a handle's host who bears it (RFC 7033). When the host calls the account by a handle of another host, that
// host is asked too and must agree: a handle belongs to the host that serves it. No other host is believed.
func (c *Client) WebFinger(ctx context.Context, handle Handle) (*Account, error) {
	account, err := c.finger(ctx, handle)
	if err != nil {
		return nil, fmt.Errorf("webfinger %s: %w", handle, err)
	}
	if account.Handle.is(handle) {
		return account, nil
	}
	canonical, err := c.finger(ctx, account.Handle)
	if err != nil {
		return nil, fmt.Errorf("webfinger %s for %s: %w", account.Handle, handle, err)
	}
	if !canonical.Handle.is(account.Handle) || canonical.Actors[0] != account.Actors[0] {
		return nil, fmt.Errorf("webfinger %s: %w: %s does not agree", handle, ErrFormat, account.Handle)
	}
	return canonical, nil
}

// finger asks one host.
func (c *Client) finger(ctx context.Context, handle Handle) (*Account, error) {
	response, err := c.getWellKnown(ctx, handle.Host, "webfinger?resource="+url.QueryEscape(handle.acct()), acceptJRD)
	if status := (*StatusError)(nil); errors.As(err, &status) && status.Status == http.StatusNotFound {
		response, err = c.fingerByTemplate(ctx, handle)
	}
	if err != nil {
		return nil, err
	}
	return c.parseJRD(handle, response.Body)
}

// getWellKnown speaks https (RFC 7033 4); on a development network http, too, when https fails.
func (c *Client) getWellKnown(ctx context.Context, host, path, accept string) (*Response, error) {
	response, err := c.Get(ctx, "https://"+host+"/.well-known/"+path, accept, nil)
	var status *StatusError
	if err == nil || !c.config.Loopback || errors.As(err, &status) {
		return response, err
	}
	plain, plainErr := c.Get(ctx, "http://"+host+"/.well-known/"+path, accept, nil)
	if plainErr != nil && !errors.As(plainErr, &status) {
		return nil, errors.Join(err, plainErr)
	}
	return plain, plainErr
}

// fingerByTemplate finds a WebFinger service elsewhere, through host-meta (RFC 6415 3).
func (c *Client) fingerByTemplate(ctx context.Context, handle Handle) (*Response, error) {
	meta, err := c.getWellKnown(ctx, handle.Host, "host-meta", acceptXRD)
	if err != nil {
		return nil, err
	}
	var xrd struct {
		Links []struct {
			Rel      string `xml:"rel,attr"`
			Template string `xml:"template,attr"`
		} `xml:"Link"`
	}
	if err := xml.Unmarshal(meta.Body, &xrd); err != nil {
		return nil, fmt.Errorf("%w: host-meta: %w", ErrFormat, err)
	}
	for _, link := range xrd.Links {
		if link.Rel == relLRDD && strings.Count(link.Template, "{uri}") == 1 {
			return c.Get(ctx, strings.Replace(link.Template, "{uri}", url.QueryEscape(handle.acct()), 1), acceptJRD, nil)
		}
	}
	return nil, &StatusError{Status: http.StatusNotFound}
}

// jrd is the part of RFC 7033 4.4 that we read.
type jrd struct {
	Subject string    `json:"subject"`
	Links   []jrdLink `json:"links"`
}

type jrdLink struct {
	Rel      string `json:"rel"`
	Type     string `json:"type"`
	Href     string `json:"href"`
	Template string `json:"template"`
}

func (c *Client) parseJRD(asked Handle, body []byte) (*Account, error) {
	var doc jrd
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	account := &Account{Handle: asked}
	if doc.Subject != "" {
		subject, err := ParseHandle(doc.Subject)
		if err != nil {
			return nil, fmt.Errorf("%w: subject: %w", ErrFormat, err)
		}
		account.Handle = subject
	}
	for _, link := range doc.Links {
		c.addLink(account, link)
	}
	if len(account.Actors) == 0 {
		return nil, fmt.Errorf("%w: no link to an actor", ErrFormat)
	}
	return account, nil
}

// addLink takes what is safe to use and drops the rest: actors only by the exact media types of ActivityPub 3.2, and a
// subscribe page only on the handle's own host, for people are sent there.
func (c *Client) addLink(account *Account, link jrdLink) {
	switch {
	case link.Rel == "self" && isActivity(link.Type):
		if u, err := c.Parse(link.Href); err == nil {
			account.Actors = append(account.Actors, u.String())
		}
	case link.Rel == relSubscribe:
		u, err := c.Parse(strings.Replace(link.Template, "{uri}", "uri", 1))
		if err == nil && u.Host == account.Handle.Host && strings.Contains(link.Template, "{uri}") {
			account.Subscribe = link.Template
		}
	}
}
