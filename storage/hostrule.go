package storage

import (
	"context"
	"net"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"meent/communities"
)

// HostRules lists what was decided about hosts, with one of the policies where some are given, newest first.
func (r reads) HostRules(ctx context.Context, page Page, policies ...communities.HostPolicy) ([]*communities.HostRule, error) {
	if len(policies) == 0 {
		policies = decided
	}
	var rows []hostRow
	query := r.idb.NewSelect().Model(&rows).Where("policy <> '' AND policy IN (?)", bun.List(policies))
	if err := page.apply(query, "policy_id").Scan(ctx); err != nil {
		return nil, found(err, "list", "decisions about hosts")
	}
	rules := make([]*communities.HostRule, len(rows))
	for i := range rows {
		rules[i] = rows[i].rule()
	}
	if page.MinID > 0 {
		slices.Reverse(rules)
	}
	return rules, nil
}

var decided = []communities.HostPolicy{communities.HostBlocked, communities.HostLimited, communities.HostAllowed, communities.HostNoted}

// AllHostRules lists every decision about hosts by name: few, as people make them.
func (r reads) AllHostRules(ctx context.Context) ([]*communities.HostRule, error) {
	var rows []hostRow
	if err := r.idb.NewSelect().Model(&rows).Where("policy <> ''").OrderExpr("name").Scan(ctx); err != nil {
		return nil, found(err, "list", "decisions about hosts")
	}
	rules := make([]*communities.HostRule, len(rows))
	for i := range rows {
		rules[i] = rows[i].rule()
	}
	return rules, nil
}

// HostRule is told in [communities.Tx]; it works outside a transaction as well.
func (r reads) HostRule(ctx context.Context, host string) (*communities.HostRule, error) {
	return r.hostRuleWhere(ctx, host, "name = ?", host)
}

// HostRuleByID finds a decision by its id.
func (r reads) HostRuleByID(ctx context.Context, id int64) (*communities.HostRule, error) {
	return r.hostRuleWhere(ctx, id, "policy_id = ?", id)
}

func (r reads) hostRuleWhere(ctx context.Context, what any, condition string, value any) (*communities.HostRule, error) {
	var row hostRow
	if err := r.idb.NewSelect().Model(&row).Where(condition+" AND policy <> ''", value).Limit(1).Scan(ctx); err != nil {
		return nil, found(err, "read the decision about host", what)
	}
	return row.rule(), nil
}

// HostPolicy is told in [communities.Tx]; it works outside a transaction as well.
func (r reads) HostPolicy(ctx context.Context, hosts ...string) (communities.HostPolicy, error) {
	var names []string
	for _, host := range hosts {
		names = append(names, namesAbove(host)...)
	}
	var policies []communities.HostPolicy
	err := r.idb.NewSelect().Model((*hostRow)(nil)).Column("policy").Where("name IN (?) AND policy <> ''", bun.List(names)).Scan(ctx, &policies)
	strictest := communities.HostOpen
	for _, policy := range policies {
		strictest = strictest.Stricter(policy)
	}
	return strictest, found(err, "read what holds for", hosts)
}

// namesAbove lists a host, without its port, and every name above it.
func namesAbove(host string) []string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	names := []string{host}
	for {
		_, above, more := strings.Cut(host, ".")
		if !more {
			return names
		}
		names, host = append(names, above), above
	}
}

// PutHostRule is told in [communities.Tx]. It looks through all actors of other nodes, a second for some hundred thousand
// of them: an index by the end of a name would cost each actor that is stored, and somebody decides now and then. What it writes spares
// everybody else to look at hosts.
func (tx *Tx) PutHostRule(ctx context.Context, rule *communities.HostRule) error {
	tx.seen.forget()
	row := hostRow{
		Name: rule.Host, Policy: rule.Policy, PolicyReason: rule.Reason, PolicyID: rule.ID, PolicyAt: momentOf(rule.At),
		PolicyComment: rule.Comment, RejectMedia: rule.RejectMedia, RejectReports: rule.RejectReports,
	}
	_, err := tx.idb.NewInsert().Model(&row).On("CONFLICT (name) DO UPDATE").
		Set("policy = EXCLUDED.policy, policy_reason = EXCLUDED.policy_reason, policy_id = EXCLUDED.policy_id, policy_at = EXCLUDED.policy_at").
		Set("policy_comment = EXCLUDED.policy_comment, reject_media = EXCLUDED.reject_media, reject_reports = EXCLUDED.reject_reports").Exec(ctx)
	if err != nil {
		return found(err, "put the decision about", rule.Host)
	}
	if err := tx.spread(ctx, rule.Host); err != nil {
		return err
	}
	if rule.Policy != communities.HostBlocked {
		return nil
	}
	b := tx.batch()
	b.add("UPDATE hosts SET due_at = NULL WHERE ?", bun.Safe(tx.below("name", rule.Host)))
	b.add("DELETE FROM deliveries WHERE ?", bun.Safe(tx.below("host", rule.Host)))
	return found(b.exec(ctx), "drop deliveries to", rule.Host)
}

// below is the condition for a host of that name or below it, whatever its port.
func (tx *Tx) below(column, name string) string {
	text := strings.NewReplacer("$column", column).Replace("($column = ? OR $column LIKE ? OR $column LIKE ? OR $column LIKE ?)")
	return tx.db.writer.QueryGen().FormatQuery(text, name, "%."+name, name+":%", "%."+name+":%")
}

// spread has what holds for a host hold for everybody who lives below its name.
func (tx *Tx) spread(ctx context.Context, host string) error {
	var homes []struct{ Host, InboxHost string }
	err := tx.idb.NewRaw("SELECT DISTINCT host, inbox_host FROM actors WHERE host <> '' AND (? OR ?)",
		bun.Safe(tx.below("host", host)), bun.Safe(tx.below("inbox_host", host))).Scan(ctx, &homes)
	if err != nil {
		return found(err, "list who lives at", host)
	}
	b := tx.batch()
	for _, home := range homes {
		policy, err := tx.HostPolicy(ctx, home.Host, home.InboxHost)
		if err != nil {
			return err
		}
		b.add("UPDATE actors SET host_policy = ? WHERE host = ? AND inbox_host = ? AND host_policy <> ?", policy, home.Host, home.InboxHost, policy)
	}
	return found(b.exec(ctx), "spread what holds for", host)
}

// SeverHost is told in [communities.Tx]. [Tx.PutHostRule] has said who they are. The counters of those who stay go down first.
func (tx *Tx) SeverHost(ctx context.Context, host string) error {
	tx.seen.forget()
	const them = "SELECT id FROM actors WHERE host_policy = 'blocked'"
	b := tx.batch()
	b.add(`UPDATE actors SET followers_count = followers_count - (SELECT count(*) FROM follows AS f WHERE f.followee_id = actors.id AND f.accepted
		AND f.follower_id IN (` + them + `)) WHERE host = '' AND id IN (SELECT followee_id FROM follows WHERE accepted AND follower_id IN (` + them + `))`)
	b.add(`UPDATE actors SET following_count = following_count - (SELECT count(*) FROM follows AS f WHERE f.follower_id = actors.id AND f.accepted
		AND f.followee_id IN (` + them + `)) WHERE host = '' AND id IN (SELECT follower_id FROM follows WHERE accepted AND followee_id IN (` + them + `))`)
	b.add("UPDATE actors SET followers_count = 0, following_count = 0 WHERE id IN (" + them + ")")
	for _, tie := range []string{
		"follows WHERE follower_id", "follows WHERE followee_id", "memberships WHERE person_id", "memberships WHERE group_id",
		"notifications WHERE from_id",
	} {
		b.add("DELETE FROM " + tie + " IN (" + them + ")")
	}
	return found(b.exec(ctx), "end the ties with", host)
}

func (row *hostRow) rule() *communities.HostRule {
	return &communities.HostRule{
		ID: row.PolicyID, Host: row.Name, Policy: row.Policy, Reason: row.PolicyReason, Comment: row.PolicyComment,
		RejectMedia: row.RejectMedia, RejectReports: row.RejectReports, At: row.PolicyAt.time(),
	}
}
