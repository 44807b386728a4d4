package fetch

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/net/publicsuffix"
)

// ActivityBudget is how many requests one inbound activity may cause, all its parents, children and mentions together.
const ActivityBudget = 20

type budgetKey struct{}

// budget is shared by everything that descends from one cause.
type budget struct {
	mu        sync.Mutex
	left      int
	perDomain int
	spent     map[string]int // registrable domain -> requests
}

// WithBudget gives a context, and all contexts made from it, so many GETs to spend, redirects included, of which at most
// perDomain go to one registrable domain; 0 for no such limit. Beyond that GETs return ErrBudget. A budget inside a
// budget spends from both.
func WithBudget(ctx context.Context, fetches, perDomain int) context.Context {
	outer, _ := ctx.Value(budgetKey{}).([]*budget)
	own := &budget{left: fetches, perDomain: perDomain, spent: map[string]int{}}
	return context.WithValue(ctx, budgetKey{}, append(outer[:len(outer):len(outer)], own))
}

// spend takes one request from the budgets of ctx and one of the places that its domain has.
func (c *Client) spend(ctx context.Context, host string) (done func(), err error) {
	domain := registrable(host)
	budgets, _ := ctx.Value(budgetKey{}).([]*budget)
	for i, b := range budgets {
		if err := b.take(domain); err != nil {
			for _, taken := range budgets[:i] {
				taken.giveBack(domain)
			}
			return nil, err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flying[domain] >= c.config.PerDomain {
		return nil, fmt.Errorf("%w: %s", ErrBusy, domain)
	}
	c.flying[domain]++
	return func() { c.landed(domain) }, nil
}

func (c *Client) landed(domain string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flying[domain]--; c.flying[domain] == 0 {
		delete(c.flying, domain)
	}
}

func (b *budget) take(domain string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left <= 0 {
		return ErrBudget
	}
	if b.perDomain > 0 && b.spent[domain] >= b.perDomain {
		return fmt.Errorf("%w for %s", ErrBudget, domain)
	}
	b.left--
	b.spent[domain]++
	return nil
}

func (b *budget) giveBack(domain string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left++
	b.spent[domain]--
}

// registrable is the part of a name that costs money, so that ten thousand subdomains count as one.
func registrable(host string) string {
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return host // a development name, or a public suffix itself
	}
	return domain
}
