package communities

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"meent/communities/text"
)

// What a profile can hold, here and from elsewhere (SECURITY D1).
const (
	MaxDisplayName  = 100   // characters, of this node's actors
	MaxSummary      = 5_000 // characters of Markdown
	MaxFields       = 8
	MaxField        = 500 // characters of a name or value
	MaxAttribution  = 10  // hosts
	maxNameRead     = 2048
	maxFieldsRead   = 50
	maxAliases      = 256
	maxSummaryBytes = 20_000
)

// Profile is what changes of a local person or group; nil fields stay as they are.
type Profile struct {
	Actor        ActorID
	By           ActorID
	DisplayName  *string
	Source       *string  // Markdown of the summary
	Fields       *[]Field // Value is Markdown
	Icon         *Image
	Header       *Image
	Language     *string
	Locked       *bool
	Discoverable *bool
	Indexable    *bool
	Automated    *bool
	Shows        *Shows
	Attribution  *[]string
	AlsoKnownAs  *[]string
	Settings     *GroupSettings // of a group; empty fields: as it begins
}

// EditProfile changes a person's own page and settings.
func (t *Town) EditProfile(ctx context.Context, tx Tx, p Profile) (*Actor, error) {
	c, err := t.May(ctx, tx, EditProfile, p.By, On{Other: p.Actor})
	if err != nil {
		return nil, err
	}
	if c.Other.IsGroup() || p.Settings != nil {
		return nil, Invalidf("%s is not a person", c.Other.Title())
	}
	return t.edit(ctx, tx, c.Other, p)
}

// EditGroup changes what a group says of itself and how it works. What is written already keeps its readers.
func (t *Town) EditGroup(ctx context.Context, tx Tx, p Profile) (*Actor, error) {
	c, err := t.May(ctx, tx, EditGroup, p.By, On{Group: p.Actor})
	if err != nil {
		return nil, err
	}
	if p.Locked != nil {
		return nil, Invalidf("a group is followed by whoever wants to; who writes in it is a matter of joining")
	}
	return t.edit(ctx, tx, c.Group, p)
}

func (t *Town) edit(ctx context.Context, tx Tx, a *Actor, p Profile) (*Actor, error) {
	if !a.Local() {
		return nil, Forbiddenf("%s is changed on its own node", a.Title())
	}
	if err := a.describe(p); err != nil {
		return nil, err
	}
	if err := t.picture(ctx, tx, a, &a.Icon, p.Icon, ForIcon); err != nil {
		return nil, err
	}
	if err := t.picture(ctx, tx, a, &a.Header, p.Header, ForHeader); err != nil {
		return nil, err
	}
	a.UpdatedAt = t.now()
	if err := tx.UpdateActor(ctx, a); err != nil {
		return nil, fmt.Errorf("edit %s: %w", a.Name, err)
	}
	if err := t.verifyLater(ctx, tx, a); err != nil {
		return nil, err
	}
	return a, t.tell(ctx, tx, ActorChanged{Actor: a})
}

// describe puts what is given into the actor.
func (a *Actor) describe(p Profile) (err error) {
	if err := p.check(); err != nil {
		return err
	}
	if p.DisplayName != nil {
		if a.DisplayName, err = checkLine("a name", *p.DisplayName); err != nil {
			return err
		}
	}
	if p.Source != nil {
		if utf8.RuneCountInString(*p.Source) > MaxSummary {
			return Invalidf("a summary has at most %d characters", MaxSummary)
		}
		a.Source, a.Summary = *p.Source, text.Markdown(*p.Source)
	}
	if p.Fields != nil {
		if a.Fields, err = checkFields(*p.Fields, a.Fields); err != nil {
			return err
		}
	}
	if p.Attribution != nil {
		if a.Attribution, err = checkHosts(*p.Attribution); err != nil {
			return err
		}
	}
	if p.Settings != nil {
		settings, err := p.Settings.complete()
		if err != nil {
			return err
		}
		a.Group = &settings
	}
	if p.Language != nil {
		a.Language = text.Language(*p.Language)
	}
	set(&a.Locked, p.Locked)
	set(&a.Discoverable, p.Discoverable)
	set(&a.Indexable, p.Indexable)
	set(&a.Automated, p.Automated)
	set(&a.Shows, p.Shows)
	set(&a.AlsoKnownAs, p.AlsoKnownAs)
	return nil
}

// check holds what is given to its bounds, where putting it in does not.
func (p Profile) check() error {
	if p.AlsoKnownAs != nil && len(*p.AlsoKnownAs) > maxAliases {
		return Invalidf("an account has at most %d aliases", maxAliases)
	}
	return nil
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

func checkLine(what, s string) (string, error) {
	if s = line(s); utf8.RuneCountInString(s) > MaxDisplayName {
		return "", Invalidf("%s has at most %d characters", what, MaxDisplayName)
	}
	return s, nil
}

// checkFields keeps of what was verified before only what still says the same.
func checkFields(fields, were []Field) ([]Field, error) {
	if len(fields) > MaxFields {
		return nil, Invalidf("a profile has at most %d fields", MaxFields)
	}
	var checked []Field
	for _, f := range fields {
		if utf8.RuneCountInString(f.Name) > MaxField || utf8.RuneCountInString(f.Value) > MaxField {
			return nil, Invalidf("a field has at most %d characters", MaxField)
		}
		value := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(text.Markdown(line(f.Value))), "<p>"), "</p>")
		value = strings.ReplaceAll(value, ` rel="nofollow `, ` rel="me nofollow `) // so that the page there can see that this one is its writer's
		field := Field{Name: line(f.Name), Value: value, Source: line(f.Value)}
		if i := slices.IndexFunc(were, func(w Field) bool { return w.Value == value }); i >= 0 {
			field.VerifiedAt = were[i].VerifiedAt
		}
		checked = append(checked, field)
	}
	return checked, nil
}

// checkHosts takes names of hosts, in lower case.
func checkHosts(hosts []string) ([]string, error) {
	const longest = 253 // RFC 1035 2.3.4, without the last dot
	var checked []string
	for _, host := range hosts {
		host = strings.ToLower(strings.TrimSpace(host))
		if host == "" || slices.Contains(checked, host) {
			continue
		}
		if len(host) > longest || strings.ContainsAny(host, " /@?#\"'<>") || !strings.Contains(host, ".") {
			return nil, Invalidf("%.100q is not the name of a website", host)
		}
		checked = append(checked, host)
	}
	if len(checked) > MaxAttribution {
		return nil, Invalidf("at most %d websites can name you as a writer", MaxAttribution)
	}
	return checked, nil
}

// Defaulting is a person's wish how their posts begin.
type Defaulting struct {
	Person  ActorID
	Posting Defaults
}

// SetDefaults keeps how a person's posts begin, where they do not say otherwise.
func (t *Town) SetDefaults(ctx context.Context, tx Tx, d Defaulting) error {
	v := d.Posting.Visibility
	if v != "" && !slices.Contains([]Visibility{Public, Unlisted, Followers, Direct}, v) {
		return Invalidf("%.50q is not a visibility", v)
	}
	if err := d.Posting.QuotePolicy.Check(); err != nil {
		return err
	}
	return t.changeAccount(ctx, tx, EditProfile, Standing{Actor: d.Person, By: d.Person}, func(a *Account) { a.Posting = d.Posting })
}

// complete fills in how a group begins.
func (s GroupSettings) complete() (GroupSettings, error) {
	s.Joining = cmp.Or(s.Joining, JoinOpen)
	s.Posting = cmp.Or(s.Posting, PostMembers)
	s.Style = cmp.Or(s.Style, StyleForum)
	known := slices.Contains([]Joining{JoinOpen, JoinApproval}, s.Joining) &&
		slices.Contains([]Posting{PostMembers, PostModerators}, s.Posting) &&
		slices.Contains([]Style{StyleForum, StyleNotices}, s.Style)
	if !known {
		return s, Invalidf("a group has no such setting")
	}
	return s, nil
}
