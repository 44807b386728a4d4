package federation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"meent/federation/wire"
	"meent/storage"
)

// blocksFresh is how long the list of blocked hosts is believed: a block by another process holds within it.
const blocksFresh = 5 * time.Second

// blocklist are the hosts with which this node has nothing to do, each with everything below its name. Safe for concurrent use.
type blocklist struct {
	archive *storage.DB
	now     func() time.Time

	mu     sync.Mutex
	hosts  map[string]bool
	readAt time.Time
}

// has tells whether a canonical host is blocked, by its own name or by that of a domain above it.
func (b *blocklist) has(ctx context.Context, host string) (bool, error) {
	hosts, err := b.current(ctx)
	if err != nil || len(hosts) == 0 {
		return false, err
	}
	name, _, _ := strings.Cut(host, ":")
	for {
		if hosts[name] {
			return true, nil
		}
		_, above, more := strings.Cut(name, ".")
		if !more {
			return false, nil
		}
		name = above
	}
}

func (b *blocklist) current(ctx context.Context) (map[string]bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.hosts != nil && b.now().Sub(b.readAt) < blocksFresh {
		return b.hosts, nil
	}
	names, err := b.archive.BlockedHosts(ctx)
	if err != nil {
		return nil, fmt.Errorf("read blocked hosts: %w", err)
	}
	b.hosts, b.readAt = make(map[string]bool, len(names)), b.now()
	for _, name := range names {
		b.hosts[name] = true
	}
	return b.hosts, nil
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
