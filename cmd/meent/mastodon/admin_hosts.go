package mastodon

import (
	"crypto/sha256"
	"encoding/hex"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
)

// adminHostRoutes are how administrators decide about other servers (methods/admin/domain_blocks, domain_allows), and what this node does not keep:
// addresses of machines, and domains of mail.
var adminHostRoutes = []row{
	{"GET", "/api/v1/admin/domain_blocks", Staff, "admin:read:domain_blocks", (*API).adminBlocks, 0},
	{"GET", "/api/v1/admin/domain_blocks/{id}", Staff, "admin:read:domain_blocks", (*API).adminBlock, 0},
	{"POST", "/api/v1/admin/domain_blocks", Staff, "admin:write:domain_blocks", (*API).adminAddBlock, 0},
	{"PUT", "/api/v1/admin/domain_blocks/{id}", Staff, "admin:write:domain_blocks", (*API).adminChangeBlock, 0},
	{"DELETE", "/api/v1/admin/domain_blocks/{id}", Staff, "admin:write:domain_blocks", (*API).adminDropBlock, 0},
	{"GET", "/api/v1/admin/domain_allows", Staff, "admin:read:domain_allows", (*API).adminAllows, 0},
	{"GET", "/api/v1/admin/domain_allows/{id}", Staff, "admin:read:domain_allows", (*API).adminAllow, 0},
	{"GET", "/api/v1/admin/email_domain_blocks", Staff, "admin:read:email_domain_blocks", (*API).none, 0},
	{"GET", "/api/v1/admin/email_domain_blocks/{id}", Staff, "admin:read:email_domain_blocks", (*API).absent, 0},
	{"GET", "/api/v1/admin/ip_blocks", Staff, "admin:read:ip_blocks", (*API).none, 0},
	{"GET", "/api/v1/admin/ip_blocks/{id}", Staff, "admin:read:ip_blocks", (*API).absent, 0},
	{"GET", "/api/v1/instance/domain_blocks", Anyone, "", (*API).keptOut, 0},
}

// severities are Mastodon's words for what is decided about a host.
var severities = map[communities.HostPolicy]string{
	communities.HostBlocked: "suspend", communities.HostLimited: "silence", communities.HostNoted: "noop",
}

func policyOf(severity string) (communities.HostPolicy, error) {
	for policy, word := range severities {
		if word == severity {
			return policy, nil
		}
	}
	return "", communities.Invalidf("Validation failed: Severity is not included in the list")
}

// against are the policies that Mastodon calls a block.
var against = []communities.HostPolicy{communities.HostBlocked, communities.HostLimited, communities.HostNoted}

func (a *API) absent(*call) (any, error) { return nil, communities.NotFound }

func (a *API) adminBlocks(c *call) (any, error) {
	rules, err := a.hostRules(c, against...)
	list := make([]entity.AdminDomainBlock, len(rules))
	for i, rule := range rules {
		list[i] = drawBlock(rule)
	}
	return list, err
}

func (a *API) hostRules(c *call, policies ...communities.HostPolicy) ([]*communities.HostRule, error) {
	at := c.page(adminLength)
	rules, err := a.archive.HostRules(c.Context(), at, policies...)
	cursors := make([]int64, len(rules))
	for i, rule := range rules {
		cursors[i] = rule.ID
	}
	a.link(c, at, cursors)
	return rules, err
}

func drawBlock(rule *communities.HostRule) entity.AdminDomainBlock {
	return entity.AdminDomainBlock{
		ID: entity.ID(rule.ID), Domain: rule.Host, Digest: digestOf(rule.Host), CreatedAt: entity.Time(rule.At), Severity: severities[rule.Policy],
		RejectMedia: rule.RejectMedia, RejectReports: rule.RejectReports,
		PrivateComment: entity.Optional(rule.Reason), PublicComment: entity.Optional(rule.Comment),
	}
}

func digestOf(host string) string {
	sum := sha256.Sum256([]byte(host))
	return hex.EncodeToString(sum[:])
}

// hostRule finds the decision that the address names; one for a host where one against it is asked for is absent.
func (a *API) hostRule(c *call, allowed bool) (*communities.HostRule, error) {
	id, err := pathID[entity.ID](c, "id")
	if err != nil {
		return nil, err
	}
	rule, err := a.archive.HostRuleByID(c.Context(), int64(id))
	if err == nil && (rule.Policy == communities.HostAllowed) != allowed {
		return nil, communities.NotFound
	}
	return rule, err
}

func (a *API) adminBlock(c *call) (any, error) {
	rule, err := a.hostRule(c, false)
	if err != nil {
		return nil, err
	}
	return drawBlock(rule), nil
}

func (a *API) adminAddBlock(c *call) (any, error) {
	host, err := communities.CanonicalHost(c.form.text("domain"))
	if err != nil {
		return nil, communities.Invalidf("Validation failed: Domain is not a valid domain name")
	}
	known, err := a.archive.HostRule(c.Context(), host)
	if err == nil && known.Policy != communities.HostAllowed {
		return nil, communities.Invalidf("Validation failed: There is a decision about %s already", host)
	}
	if err != nil && !communities.IsNotFound(err) {
		return nil, err
	}
	return a.decideHost(c, &communities.HostRule{Host: host, Policy: communities.HostLimited})
}

func (a *API) adminChangeBlock(c *call) (any, error) {
	rule, err := a.hostRule(c, false)
	if err != nil {
		return nil, err
	}
	return a.decideHost(c, rule)
}

// decideHost takes what the form says, and leaves the rest of the decision as it was.
func (a *API) decideHost(c *call, was *communities.HostRule) (any, error) {
	d := communities.HostDecision{
		By: c.id(), Host: was.Host, Policy: was.Policy, Reason: was.Reason, Comment: was.Comment,
		RejectMedia: was.RejectMedia, RejectReports: was.RejectReports,
	}
	if c.form.has("severity") {
		policy, err := policyOf(c.form.text("severity"))
		if err != nil {
			return nil, err
		}
		d.Policy = policy
	}
	for name, text := range map[string]*string{"private_comment": &d.Reason, "public_comment": &d.Comment} {
		if c.form.has(name) {
			*text = c.form.text(name)
		}
	}
	for name, flag := range map[string]*bool{"reject_media": &d.RejectMedia, "reject_reports": &d.RejectReports} {
		if c.form.has(name) {
			*flag = c.form.flag(name)
		}
	}
	var rule *communities.HostRule
	err := a.town.Write(c.Context(), func(tx communities.Tx) (err error) {
		rule, err = a.town.DecideHost(c.Context(), tx, d)
		return err
	})
	if err != nil {
		return nil, err
	}
	return drawBlock(rule), nil
}

func (a *API) adminDropBlock(c *call) (any, error) {
	rule, err := a.hostRule(c, false)
	if err != nil {
		return nil, err
	}
	err = a.town.Write(c.Context(), func(tx communities.Tx) error {
		_, err := a.town.DecideHost(c.Context(), tx, communities.HostDecision{By: c.id(), Host: rule.Host, Policy: communities.HostOpen})
		return err
	})
	return entity.Empty{}, err
}

func (a *API) adminAllows(c *call) (any, error) {
	rules, err := a.hostRules(c, communities.HostAllowed)
	list := make([]entity.AdminDomainAllow, len(rules))
	for i, rule := range rules {
		list[i] = drawAllow(rule)
	}
	return list, err
}

func drawAllow(rule *communities.HostRule) entity.AdminDomainAllow {
	return entity.AdminDomainAllow{ID: entity.ID(rule.ID), Domain: rule.Host, CreatedAt: entity.Time(rule.At)}
}

func (a *API) adminAllow(c *call) (any, error) {
	rule, err := a.hostRule(c, true)
	if err != nil {
		return nil, err
	}
	return drawAllow(rule), nil
}

// Publish is who may read something that the node tells of itself.
type Publish string

const (
	PublishNobody Publish = "nobody"
	PublishPeople Publish = "people" // who lives here
	PublishAll    Publish = "all"
)

// mayRead refuses those for whom it is not: as absent, or until they sign in.
func (p Publish) mayRead(c *call) error {
	switch {
	case p == PublishAll, p == PublishPeople && c.person != nil:
		return nil
	case p == PublishPeople:
		return errToken
	default:
		return communities.NotFound
	}
}

// keptOut tells which servers this node keeps out, to whom the node's policy says.
func (a *API) keptOut(c *call) (any, error) {
	if err := a.PublishBlocks.mayRead(c); err != nil {
		return nil, err
	}
	rules, err := a.archive.AllHostRules(c.Context())
	list := []entity.DomainBlock{}
	for _, rule := range rules {
		if rule.Policy == communities.HostBlocked || rule.Policy == communities.HostLimited {
			list = append(list, entity.DomainBlock{
				Domain: rule.Host, Digest: digestOf(rule.Host), Severity: severities[rule.Policy], Comment: rule.Comment,
			})
		}
	}
	return list, err
}
