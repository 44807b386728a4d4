package communities

import (
	"context"
	"fmt"
	"slices"
)

// Complaint asks the moderators to look at somebody, and at posts of theirs.
type Complaint struct {
	Reporter    ActorID // the other node's own actor, for what comes from elsewhere
	Target      ActorID
	Posts       []PostID
	Collections []CollectionID
	Group       ActorID  // whose moderators are asked; 0: the group of the first post, else the node's
	Category    string   // one of categories; "": other
	Rules       []RuleID // of the house, that were broken
	Comment     string   // plain text
	Forward     bool     // tell the target's own node as well
	URI         string   // of the Flag, from elsewhere
	Cause       Cause
}

var categories = []string{"other", "spam", "legal", "violation"} // Mastodon API, Report

// MaxReported is how many posts one report names, MaxComment how many characters its comment has.
const (
	MaxReported = 50
	MaxComment  = 1000
)

// Report stores a complaint and tells the moderators. Somebody of this node can report only what they may see (SECURITY O21); for
// a complaint from elsewhere nothing is shown to who sent it.
func (t *Town) Report(ctx context.Context, tx Tx, r Complaint) (*Report, error) {
	c, err := t.May(ctx, tx, ReportThem, r.Reporter, On{Other: r.Target})
	if err != nil {
		return nil, err
	}
	if len(r.Posts)+len(r.Collections) > MaxReported {
		return nil, Invalidf("a report names at most %d posts", MaxReported)
	}
	posts, err := t.reported(ctx, tx, c.Actor, r)
	if err != nil {
		return nil, err
	}
	if err := t.checkRules(ctx, tx, r.Rules); err != nil {
		return nil, err
	}
	for _, id := range r.Collections {
		collection, err := tx.Collection(ctx, id)
		if err == nil && collection.Owner != r.Target {
			err = Invalidf("a report is about the collections of one owner")
		}
		if err != nil {
			return nil, err
		}
	}
	report, group, err := t.newReport(ctx, tx, c.Actor, r, posts)
	if err != nil {
		return nil, err
	}
	if err := tx.CreateReport(ctx, report); err != nil {
		return nil, fmt.Errorf("report %s: %w", c.Other.Name, err)
	}
	n := Notification{Kind: NotifyReport, From: r.Reporter, Group: report.Group, Report: report.ID}
	if err := t.notifyStaff(ctx, tx, group, n); err != nil {
		return nil, err
	}
	return report, t.tell(ctx, tx, Reported{Report: report, Target: c.Other, Posts: posts, Cause: r.Cause})
}

// reported reads the posts, which must be by the target.
func (t *Town) reported(ctx context.Context, tx Tx, reporter *Actor, r Complaint) ([]*Post, error) {
	var posts []*Post
	for _, id := range r.Posts {
		p, err := tx.Post(ctx, id)
		if err != nil {
			return nil, err
		}
		if reporter.Local() {
			if _, err := t.May(ctx, tx, ReportThem, r.Reporter, On{Post: p}); err != nil {
				return nil, err
			}
		}
		if p.Author != r.Target {
			return nil, Invalidf("a report is about the posts of one author")
		}
		posts = append(posts, p)
	}
	return posts, nil
}

// checkRules refuses rules that there are not.
func (t *Town) checkRules(ctx context.Context, tx Tx, ids []RuleID) error {
	if len(ids) == 0 {
		return nil
	}
	rules, err := tx.Rules(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if !slices.ContainsFunc(rules, func(r *Rule) bool { return r.ID == id }) {
			return Invalidf("there is no rule %d", id)
		}
	}
	return nil
}

// newReport makes the report, and finds the group of this node whose moderators are asked.
func (t *Town) newReport(ctx context.Context, tx Tx, reporter *Actor, r Complaint, posts []*Post) (*Report, *Actor, error) {
	if r.Group == 0 && len(posts) > 0 {
		r.Group = posts[0].Group
	}
	var group *Actor
	if r.Group != 0 {
		found, err := tx.Actor(ctx, r.Group)
		if err != nil {
			return nil, nil, fmt.Errorf("group %d: %w", r.Group, err)
		}
		if found.Local() && found.IsGroup() {
			group = found
		}
	}
	id := ReportID(t.ids.Next())
	report := &Report{
		ID: id, URI: r.URI, Reporter: r.Reporter, Target: r.Target, Posts: r.Posts, Collections: r.Collections, Category: r.Category,
		Rules: r.Rules, Comment: cut(r.Comment, MaxComment), Forward: r.Forward, CreatedAt: t.now(),
	}
	if reporter.Local() {
		report.URI = t.Activity(ActivityID(id))
	}
	if group != nil {
		report.Group = group.ID
	}
	report.Category = categoryOf(report.Category, report.Rules)
	return report, group, nil
}

// categoryOf is the category that counts: rules can only be broken by a violation.
func categoryOf(category string, rules []RuleID) string {
	switch {
	case len(rules) > 0:
		return "violation"
	case !slices.Contains(categories, category):
		return categories[0]
	}
	return category
}
