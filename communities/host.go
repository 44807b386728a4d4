package communities

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"golang.org/x/net/idna"
)

// HostPolicy is what the node decided about another server, and about every one below its name.
type HostPolicy string

const (
	HostOpen    HostPolicy = ""
	HostBlocked HostPolicy = "blocked" // nothing is taken from it or sent to it, and nobody of it is shown
	HostLimited HostPolicy = "limited" // its people are shown to their followers only
	HostAllowed HostPolicy = "allowed" // on a node that deals with nobody else
	HostNoted   HostPolicy = "noted"   // its people are as any others; some of what it sends is not taken
)

// strictness orders policies: where several hold for a host, by its own name and those above, the strictest does.
var strictness = map[HostPolicy]int{HostOpen: 0, HostNoted: 1, HostAllowed: 2, HostLimited: 3, HostBlocked: 4}

// Stricter returns the policy that keeps out more.
func (p HostPolicy) Stricter(other HostPolicy) HostPolicy {
	if strictness[other] > strictness[p] {
		return other
	}
	return p
}

// HostRule is a decision about a host, as it is kept.
type HostRule struct {
	ID            int64
	Host          string
	Policy        HostPolicy
	Reason        string // for the staff
	Comment       string // for anybody
	RejectMedia   bool   // its pictures are not taken
	RejectReports bool   // its reports are not heard
	At            time.Time
}

// HostDecision is a wish to decide about a host.
type HostDecision struct {
	By            ActorID
	Host          string
	Policy        HostPolicy
	Reason        string
	Comment       string
	RejectMedia   bool
	RejectReports bool
}

// DecideHost sets what holds for a host and everything below its name. To be blocked ends every follow and membership between it and this
// node, which does not come back with a later change of mind; nobody there is told. [HostOpen] takes the decision back.
func (t *Town) DecideHost(ctx context.Context, tx Tx, d HostDecision) (*HostRule, error) {
	c, err := t.May(ctx, tx, DecideHost, d.By, On{})
	if err != nil {
		return nil, err
	}
	host, err := t.hostToDecide(d)
	if err != nil {
		return nil, err
	}
	known, err := absent(tx.HostRule(ctx, host))
	if err != nil {
		return nil, err
	}
	rule := &HostRule{
		Host: host, Policy: d.Policy, Reason: line(d.Reason), Comment: line(d.Comment),
		RejectMedia: d.RejectMedia, RejectReports: d.RejectReports, At: t.now(),
	}
	if known == nil {
		rule.ID = t.ids.Next()
	} else {
		rule.ID, rule.At = known.ID, known.At
	}
	if err := tx.PutHostRule(ctx, rule); err != nil {
		return nil, fmt.Errorf("decide about %s: %w", host, err)
	}
	if d.Policy == HostBlocked {
		if err := tx.SeverHost(ctx, host); err != nil {
			return nil, fmt.Errorf("end the ties with %s: %w", host, err)
		}
	}
	return rule, t.audit(ctx, tx, c.Actor, Audit{Action: DecideHost, Kind: AuditHost, Name: string(d.Policy) + " " + host, Reason: rule.Reason})
}

// hostToDecide reads the name of a host as it is kept, and refuses what is none, or is this node.
func (t *Town) hostToDecide(d HostDecision) (string, error) {
	if _, known := strictness[d.Policy]; !known {
		return "", Invalidf("%q is not something to decide about a server", d.Policy)
	}
	host, err := CanonicalHost(d.Host)
	if err != nil {
		return "", err
	}
	own, _, _ := strings.Cut(t.Host(), ":")
	if (own == host || strings.HasSuffix(own, "."+host)) && d.Policy != HostOpen {
		return "", Invalidf("%s is this node, or holds it", host)
	}
	return host, nil
}

// CanonicalHost reads the name of a host as people write it, with or without a scheme, an @ or a dot at the end: lower case, in ASCII.
func CanonicalHost(name string) (string, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	for _, scheme := range []string{"https://", "http://", "@", "*."} {
		name = strings.TrimPrefix(name, scheme)
	}
	name, _, _ = strings.Cut(name, "/")
	name, _, _ = strings.Cut(name, ":")
	ascii, err := idna.Lookup.ToASCII(strings.TrimSuffix(name, "."))
	if err != nil || ascii == "" || !strings.Contains(ascii, ".") || net.ParseIP(ascii) != nil {
		return "", Invalidf("%q is not the name of a server", name)
	}
	return ascii, nil
}
