package mastodon

import (
	"context"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/storage"
)

// tieRoutes are what people keep about others: notes, recommendations, and the servers that they want nothing to do with.
var tieRoutes = []row{
	{"POST", "/api/v1/accounts/{id}/note", User, "write:accounts", (*API).note, 0},
	{"POST", "/api/v1/accounts/{id}/endorse", User, "write:accounts", (*API).endorse, 0},
	{"POST", "/api/v1/accounts/{id}/unendorse", User, "write:accounts", (*API).unendorse, 0},
	{"POST", "/api/v1/accounts/{id}/pin", User, "write:accounts", (*API).endorse, 0},
	{"POST", "/api/v1/accounts/{id}/unpin", User, "write:accounts", (*API).unendorse, 0},
	{"GET", "/api/v1/accounts/{id}/endorsements", Anyone, "read:accounts", (*API).accountEndorsements, 0},
	{"GET", "/api/v1/endorsements", User, "read:accounts", (*API).endorsements, 0},
	{"GET", "/api/v1/domain_blocks", User, "read:blocks", (*API).domainBlocks, 0},
	{"POST", "/api/v1/domain_blocks", User, "write:blocks", (*API).blockDomain, 0},
	{"DELETE", "/api/v1/domain_blocks", User, "write:blocks", (*API).unblockDomain, 0},
	{"GET", "/api/v1/domain_blocks/preview", User, "read:blocks", (*API).previewDomainBlock, 0},
}

// What somebody can keep (SECURITY D2).
const (
	maxNote         = 2000 // characters
	maxDomain       = 253  // RFC 1035 2.3.4, without the last dot
	maxDomainBlocks = 5000
	maxPreviewed    = 1000 // follows that are counted before they are lost
)

const domainLength length = 100 // of a page of blocked domains

func (a *API) note(c *call) (any, error) {
	words := strings.TrimSpace(c.form.text("comment"))
	if utf8.RuneCountInString(words) > maxNote {
		return nil, communities.Invalidf("Validation failed: Comment is too long (maximum is %d characters)", maxNote)
	}
	return a.relate(c, func(ctx context.Context, tx communities.Tx, other communities.ActorID) error {
		return storage.Of(tx).PutNote(ctx, c.id(), other, words)
	})
}

func (a *API) endorse(c *call) (any, error) {
	return a.relate(c, func(ctx context.Context, tx communities.Tx, other communities.ActorID) error {
		return storage.Of(tx).PutEndorsement(ctx, c.id(), other)
	})
}

func (a *API) unendorse(c *call) (any, error) {
	return a.relate(c, func(ctx context.Context, tx communities.Tx, other communities.ActorID) error {
		return storage.Of(tx).DeleteEndorsement(ctx, c.id(), other)
	})
}

func (a *API) endorsements(c *call) (any, error) { return a.endorsed(c, c.id()) }

func (a *API) accountEndorsements(c *call) (any, error) {
	actor, err := a.pathActor(c)
	if err != nil {
		return nil, err
	}
	return a.endorsed(c, actor.ID)
}

func (a *API) endorsed(c *call, by communities.ActorID) (any, error) {
	at := c.page(accountLength)
	edges, err := a.reader(c).Endorsements(c.Context(), by, at)
	return a.edges(c, at, edges, err)
}

func (a *API) domainBlocks(c *call) (any, error) {
	at := c.page(domainLength)
	blocks, err := a.reader(c).HostBlocks(c.Context(), at)
	hosts, cursors := make([]string, len(blocks)), make([]int64, len(blocks))
	for i, block := range blocks {
		hosts[i], cursors[i] = block.Host, block.ID
	}
	a.link(c, at, cursors)
	return hosts, err
}

// domain reads the host that is meant, as it stands in handles. Apps also send addresses.
func domain(c *call) (string, error) {
	written := strings.ToLower(strings.TrimSpace(c.form.text("domain")))
	written = strings.TrimPrefix(strings.TrimPrefix(written, "https://"), "http://")
	written, _, _ = strings.Cut(written, "/")
	if written = strings.TrimPrefix(written, "@"); written == "" {
		return "", communities.Invalidf("Validation failed: Domain can't be blank")
	}
	if ascii, err := idna.Lookup.ToASCII(written); err == nil {
		written = ascii
	}
	if len(written) > maxDomain || strings.ContainsAny(written, " @?#\"'<>\\") {
		return "", communities.Invalidf("Validation failed: Domain is not a valid domain name")
	}
	return written, nil
}

func (a *API) blockDomain(c *call) (any, error) {
	host, err := domain(c)
	if err != nil {
		return nil, err
	}
	return entity.Empty{}, a.town.Write(c.Context(), func(tx communities.Tx) error {
		if err := a.town.BlockHost(c.Context(), tx, communities.HostBlocking{Blocker: c.id(), Host: host}); err != nil {
			return err
		}
		n, err := storage.Of(tx).CountHostBlocks(c.Context(), c.id())
		if err == nil && n > maxDomainBlocks {
			return communities.Invalidf("You can block at most %d servers", maxDomainBlocks)
		}
		return err
	})
}

func (a *API) unblockDomain(c *call) (any, error) {
	host, err := domain(c)
	if err != nil {
		return nil, err
	}
	return entity.Empty{}, a.town.Write(c.Context(), func(tx communities.Tx) error {
		return a.town.UnblockHost(c.Context(), tx, communities.HostBlocking{Blocker: c.id(), Host: host})
	})
}

// previewDomainBlock tells what would be lost.
func (a *API) previewDomainBlock(c *call) (any, error) {
	host, err := domain(c)
	if err != nil {
		return nil, err
	}
	following, followers, err := a.reader(c).HostTies(c.Context(), host, maxPreviewed)
	return entity.DomainBlockPreview{FollowingCount: following, FollowersCount: followers}, err
}
