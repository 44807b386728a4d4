package main

import (
	"context"
	"strings"

	"meent/communities"
	"meent/storage"
)

type hostCommand struct {
	Block hostBlock `cmd:"" help:"Have nothing to do with a server: take and send nothing, show nobody of it, end every follow."`
	Limit hostLimit `cmd:"" help:"Show the people of a server to their followers only."`
	Allow hostAllow `cmd:"" help:"Deal with a server on a node that deals with nobody else (--allowed-only)."`
	Note  hostNote  `cmd:"" help:"Deal with a server as with others, but not take its pictures or reports."`
	Clear hostClear `cmd:"" help:"Take a decision about a server back. Follows that were ended do not come back."`
	List  hostList  `cmd:"" help:"List what was decided about servers."`
}

// hostDecision is what every decision has.
type hostDecision struct {
	Host          string `arg:"" help:"Name of the server. What is decided holds for every name below it too."`
	Reason        string `placeholder:"TEXT" help:"Why; for those who look after the node."`
	Comment       string `placeholder:"TEXT" help:"Why; for everybody who may read the list."`
	RejectMedia   bool   `help:"Take none of its pictures."`
	RejectReports bool   `help:"Hear none of its reports."`
}

func (h hostDecision) decide(ctx context.Context, c *Config, t terminal, policy communities.HostPolicy, done string) error {
	return c.with(ctx, t, func(n *node) error {
		var rule *communities.HostRule
		err := n.town.Write(ctx, func(tx communities.Tx) (err error) {
			rule, err = n.town.DecideHost(ctx, tx, communities.HostDecision{
				By: n.self.ID, Host: h.Host, Policy: policy, Reason: h.Reason, Comment: h.Comment, RejectMedia: h.RejectMedia, RejectReports: h.RejectReports,
			})
			return err
		})
		if err != nil {
			return err
		}
		t.say("%s is %s.", rule.Host, done)
		t.explain("A node that runs knows within seconds.")
		return nil
	})
}

type (
	hostBlock struct{ hostDecision }
	hostLimit struct{ hostDecision }
	hostAllow struct{ hostDecision }
	hostNote  struct{ hostDecision }
	hostClear struct {
		Host string `arg:"" help:"Name of the server."`
	}
)

// Run blocks the server.
func (h hostBlock) Run(ctx context.Context, c *Config, t terminal) error {
	return h.decide(ctx, c, t, communities.HostBlocked, "blocked")
}

// Run limits the server.
func (h hostLimit) Run(ctx context.Context, c *Config, t terminal) error {
	return h.decide(ctx, c, t, communities.HostLimited, "limited")
}

// Run allows the server.
func (h hostAllow) Run(ctx context.Context, c *Config, t terminal) error {
	return h.decide(ctx, c, t, communities.HostAllowed, "allowed")
}

// Run notes what is not taken from the server.
func (h hostNote) Run(ctx context.Context, c *Config, t terminal) error {
	return h.decide(ctx, c, t, communities.HostNoted, "noted")
}

// Run takes the decision back.
func (h hostClear) Run(ctx context.Context, c *Config, t terminal) error {
	return hostDecision{Host: h.Host}.decide(ctx, c, t, communities.HostOpen, "like any other again")
}

type hostList struct{}

// Run lists the decisions by name.
func (hostList) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		rules, err := n.archive.AllHostRules(ctx)
		for _, rule := range rules {
			var also []string
			for words, on := range map[string]bool{"no pictures": rule.RejectMedia, "no reports": rule.RejectReports} {
				if on {
					also = append(also, words)
				}
			}
			t.say("%-30s %-8s %s  %s %s", rule.Host, rule.Policy, rule.At.Format("2006-01-02"), rule.Reason, strings.Join(also, ", "))
		}
		return err
	})
}

type auditCommand struct {
	Limit int `default:"40" placeholder:"N" help:"How many, the last ones first."`
}

// Run lists what was decided by those who look after the node.
func (a auditCommand) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		decisions, err := n.archive.Audits(ctx, storage.Page{Limit: a.Limit})
		if err != nil {
			return err
		}
		for _, d := range decisions {
			by, err := n.archive.Actor(ctx, d.By)
			if err != nil {
				return err
			}
			t.say("%s  %-12s %-24s %s  %s", d.At.Format("2006-01-02 15:04"), by.Name, d.Action, d.Name, d.Reason)
		}
		return nil
	})
}
