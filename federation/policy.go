package federation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"meent/communities"
	"meent/federation/wire"
	"meent/storage"
)

// policyFresh is how long what was decided about hosts is believed: a decision by another process holds within it.
const policyFresh = 5 * time.Second

// policies are what was decided about hosts, each with everything below its name. Safe for concurrent use.
type policies struct {
	archive *storage.DB
	only    bool // deal with nobody but those who are allowed
	now     func() time.Time

	mu     sync.Mutex
	rules  map[string]*communities.HostRule
	readAt time.Time
}

// of returns what holds for a canonical host, by its own name and by those of the domains above it: the strictest, with all that each rejects.
func (p *policies) of(ctx context.Context, host string) (communities.HostRule, error) {
	rules, err := p.current(ctx)
	held := communities.HostRule{Host: host}
	if err != nil || len(rules) == 0 && !p.only {
		return held, err
	}
	name, _, _ := strings.Cut(host, ":")
	for more := true; more; _, name, more = strings.Cut(name, ".") {
		if rule := rules[name]; rule != nil {
			held.Policy = held.Policy.Stricter(rule.Policy)
			held.RejectMedia, held.RejectReports = held.RejectMedia || rule.RejectMedia, held.RejectReports || rule.RejectReports
		}
	}
	if p.only && (held.Policy == communities.HostOpen || held.Policy == communities.HostNoted) {
		held.Policy = communities.HostBlocked
	}
	return held, nil
}

// has tells whether a canonical host is blocked.
func (p *policies) has(ctx context.Context, host string) (bool, error) {
	held, err := p.of(ctx, host)
	return held.Policy == communities.HostBlocked, err
}

func (p *policies) current(ctx context.Context) (map[string]*communities.HostRule, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rules != nil && p.now().Sub(p.readAt) < policyFresh {
		return p.rules, nil
	}
	rules, err := p.archive.AllHostRules(ctx)
	if err != nil {
		return nil, fmt.Errorf("read what was decided about hosts: %w", err)
	}
	p.rules, p.readAt = make(map[string]*communities.HostRule, len(rules)), p.now()
	for _, rule := range rules {
		p.rules[rule.Host] = rule
	}
	return p.rules, nil
}

// Permit tells the outbound client which hosts may be spoken to: not this node itself, and none that is blocked (see [fetch.Config]).
func (r *Road) Permit(host string) error {
	if host == hostname(r.Host()) && !r.Development {
		return fmt.Errorf("%s is this node", host)
	}
	blocked, err := r.blocks.has(context.Background(), host)
	if err != nil {
		return err
	}
	if blocked {
		return fmt.Errorf("%s is blocked", host)
	}
	return nil
}

func hostname(host string) string {
	name, _, _ := strings.Cut(host, ":")
	return name
}

// isOwnHost tells whether a canonical host is this node's.
func (r *Road) isOwnHost(host string) bool {
	own, err := wire.CanonicalHost(r.Base)
	return err == nil && own == host
}

// isOwnURI tells whether an id claims to be of this node, however it is spelled (SECURITY B12, B13).
func (r *Road) isOwnURI(uri string) bool {
	if uri == "" {
		return false
	}
	if r.Owns(uri) {
		return true
	}
	host, err := wire.CanonicalHost(uri)
	return err == nil && r.isOwnHost(host)
}

// touchesBlocked tells whether an activity of a host in good standing brings something of a blocked one: whom it answers, quotes, names
// or shares (SECURITY U19).
func (r *Road) touchesBlocked(ctx context.Context, uris ...string) (bool, error) {
	var hosts []string
	for _, uri := range uris {
		host, err := wire.CanonicalHost(uri)
		if uri == "" || uri == wire.Public || err != nil || slices.Contains(hosts, host) {
			continue
		}
		hosts = append(hosts, host)
		blocked, err := r.blocks.has(ctx, host)
		if err != nil || blocked {
			return blocked, err
		}
	}
	return false, nil
}
