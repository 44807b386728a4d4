package communities

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"meent/communities/text"
)

// TextName is a text that the node says of itself, in each language (see [Town.WriteText]).
type TextName string

const (
	TextAbout         TextName = "about"
	TextPrivacy       TextName = "privacy"
	TextTerms         TextName = "terms"
	TextAccessibility TextName = "accessibility"
	TextDescription   TextName = "description" // a sentence
)

// TextNames lists them.
var TextNames = []TextName{TextAbout, TextPrivacy, TextTerms, TextAccessibility, TextDescription}

// NodeText is one of them in one language. Where there are several of one name and language, the one with the latest Since that has come holds.
type NodeText struct {
	Name      TextName
	Language  string
	Since     time.Time // from when on it holds; zero: always
	Source    string    // Markdown
	Content   string    // sanitised HTML
	UpdatedAt time.Time
}

// Rule is a rule of the house. Its id is for good, since reports name it.
type Rule struct {
	ID           RuleID
	Position     int
	Text         string
	Hint         string
	Translations map[string]RuleText // by language
	RetiredAt    time.Time           // zero: holds
}

// RuleText is a rule in another language.
type RuleText struct {
	Text string `json:"text"`
	Hint string `json:"hint,omitempty"`
}

// MaxHouseText is how many characters of Markdown a text of the node has, MaxRule a rule.
const (
	MaxHouseText = 100_000
	MaxRule      = 300
)

// WriteText sets a text of the node in one language, from a day on. An empty one takes it away.
func (t *Town) WriteText(ctx context.Context, tx Tx, n NodeText, by ActorID) error {
	c, err := t.May(ctx, tx, WriteTexts, by, On{})
	if err != nil {
		return err
	}
	n.Language = text.Language(n.Language)
	switch {
	case !slices.Contains(TextNames, n.Name):
		return Invalidf("there is no text %q", n.Name)
	case n.Language == "":
		return Invalidf("a text has a language, such as nl")
	case utf8.RuneCountInString(n.Source) > MaxHouseText:
		return Invalidf("a text has at most %d characters", MaxHouseText)
	}
	n.Content, n.UpdatedAt = text.Markdown(n.Source), t.now()
	if err := tx.PutText(ctx, &n); err != nil {
		return fmt.Errorf("write text %s: %w", n.Name, err)
	}
	return t.audit(ctx, tx, c.Actor, Audit{Action: WriteTexts, Kind: AuditText, Name: string(n.Name) + " " + n.Language})
}

// WriteRule adds a rule of the house, or changes the one with its id.
func (t *Town) WriteRule(ctx context.Context, tx Tx, r Rule, by ActorID) (*Rule, error) {
	c, err := t.May(ctx, tx, WriteTexts, by, On{})
	if err != nil {
		return nil, err
	}
	r.Text, r.Hint = line(r.Text), line(r.Hint)
	if length := utf8.RuneCountInString(r.Text); length == 0 || length > MaxRule {
		return nil, Invalidf("a rule has 1 to %d characters", MaxRule)
	}
	if r.ID == 0 {
		rules, err := tx.Rules(ctx)
		if err != nil {
			return nil, err
		}
		r.ID = 1
		for _, known := range rules {
			r.ID, r.Position = max(r.ID, known.ID+1), max(r.Position, known.Position+1)
		}
	}
	if err := tx.PutRule(ctx, &r); err != nil {
		return nil, fmt.Errorf("write rule %d: %w", r.ID, err)
	}
	return &r, t.audit(ctx, tx, c.Actor, Audit{Action: WriteTexts, Kind: AuditText, Target: int64(r.ID), Name: "rule: " + r.Text})
}

// RetireRule ends a rule. Reports that name it still do.
func (t *Town) RetireRule(ctx context.Context, tx Tx, id RuleID, by ActorID) error {
	rules, err := tx.Rules(ctx)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(rules, func(r *Rule) bool { return r.ID == id && r.RetiredAt.IsZero() })
	if at < 0 {
		return NotFound
	}
	rule := *rules[at]
	rule.RetiredAt = t.now()
	_, err = t.WriteRule(ctx, tx, rule, by)
	return err
}
