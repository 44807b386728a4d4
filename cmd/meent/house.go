package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"meent/communities"
)

type textCommand struct {
	Set  textSet  `cmd:"" help:"Set a text of the node: about, privacy, terms, accessibility or description."`
	Show textShow `cmd:"" help:"Print a text of the node."`
	List textList `cmd:"" help:"List the texts that there are."`
}

type textSet struct {
	Name     string `arg:"" enum:"about,privacy,terms,accessibility,description" help:"about, privacy, terms, accessibility, or description (a sentence)."`
	File     string `arg:"" help:"File in Markdown; - reads standard input. An empty one takes the text away."`
	Language string `default:"nl" placeholder:"TAG" help:"Language of the text."`
	Since    string `placeholder:"DAY" help:"From when on it holds, such as 2026-05-01; what held before is kept. Default: always."`
}

// Run sets the text.
func (s textSet) Run(ctx context.Context, c *Config, t terminal) error {
	source, err := readSource(s.File, t)
	if err != nil {
		return err
	}
	since, err := readMoment(s.Since, time.UTC)
	if err != nil {
		return err
	}
	return c.with(ctx, t, func(n *node) error {
		return said(t, n.town.Write(ctx, func(tx communities.Tx) error {
			return n.town.WriteText(ctx, tx, communities.NodeText{Name: communities.TextName(s.Name), Language: s.Language, Since: since, Source: source}, n.self.ID)
		}), "The text %q is set in %s.", s.Name, s.Language)
	})
}

func readSource(file string, t terminal) (string, error) {
	read := func() ([]byte, error) { return os.ReadFile(file) }
	if file == "-" {
		read = func() ([]byte, error) { return io.ReadAll(t.in) }
	}
	source, err := read()
	if err != nil {
		return "", fmt.Errorf("read the text: %w", err)
	}
	return strings.TrimSpace(string(source)), nil
}

type textShow struct {
	Name     string `arg:"" help:"Name of the text."`
	Language string `default:"nl" placeholder:"TAG" help:"Language of the text."`
}

// Run prints the text that holds now.
func (s textShow) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		found, err := n.archive.Text(ctx, communities.TextName(s.Name), time.Now(), s.Language)
		if communities.IsNotFound(err) {
			return advise(errors.New("there is no such text"), "`meent text list` shows them.")
		}
		if err != nil {
			return err
		}
		t.say("%s", found.Source)
		return nil
	})
}

type textList struct{}

// Run lists the texts.
func (textList) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		for _, name := range communities.TextNames {
			texts, err := n.archive.Texts(ctx, name)
			if err != nil {
				return err
			}
			for _, found := range texts {
				since := "always"
				if !found.Since.IsZero() {
					since = found.Since.Format(time.DateOnly)
				}
				t.say("%-14s %-4s %-10s %d characters", name, found.Language, since, len([]rune(found.Source)))
			}
		}
		return nil
	})
}

type ruleCommand struct {
	Add    ruleAdd    `cmd:"" help:"Add a rule of the house, or change one."`
	List   ruleList   `cmd:"" help:"List the rules."`
	Remove ruleRemove `cmd:"" help:"End a rule. Reports that name it still do."`
}

type ruleAdd struct {
	Text      string            `arg:"" help:"The rule, in a sentence."`
	Hint      string            `placeholder:"TEXT" help:"What it means."`
	Translate map[string]string `placeholder:"TAG=TEXT" help:"The rule in another language; may be given more than once."`
	Change    int64             `placeholder:"ID" help:"Number of a rule to change."`
}

// Run adds or changes the rule.
func (r ruleAdd) Run(ctx context.Context, c *Config, t terminal) error {
	rule := communities.Rule{ID: communities.RuleID(r.Change), Position: int(r.Change), Text: r.Text, Hint: r.Hint, Translations: map[string]communities.RuleText{}}
	for language, text := range r.Translate {
		rule.Translations[language] = communities.RuleText{Text: text}
	}
	return c.with(ctx, t, func(n *node) error {
		var made *communities.Rule
		err := n.town.Write(ctx, func(tx communities.Tx) (err error) {
			made, err = n.town.WriteRule(ctx, tx, rule, n.self.ID)
			return err
		})
		if err != nil {
			return err
		}
		t.say("%d", made.ID)
		return nil
	})
}

type ruleList struct{}

// Run lists the rules that hold.
func (ruleList) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		rules, err := n.archive.Rules(ctx)
		for _, rule := range rules {
			if rule.RetiredAt.IsZero() {
				t.say("%d  %s", rule.ID, rule.Text)
			}
		}
		return err
	})
}

type ruleRemove struct {
	ID int64 `arg:"" help:"Number of the rule."`
}

// Run ends the rule.
func (r ruleRemove) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		return said(t, n.town.Write(ctx, func(tx communities.Tx) error {
			return n.town.RetireRule(ctx, tx, communities.RuleID(r.ID), n.self.ID)
		}), "The rule holds no longer.")
	})
}

type registrationsCommand struct {
	Door    string `arg:"" optional:"" enum:"closed,invitation,approval," default:"" help:"closed, invitation (with a code) or approval (a moderator decides). Without it the command prints what is set."`
	Reason  bool   `help:"Whoever signs up must say why."`
	Message string `placeholder:"TEXT" help:"What apps show to whoever comes, in Markdown."`
	URL     string `placeholder:"URL" help:"A page to sign up at, elsewhere."`
}

// Run opens or closes the door.
func (r registrationsCommand) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		if r.Door == "" {
			set, err := n.archive.Registrations(ctx)
			t.say("%s", set.Door)
			return err
		}
		return said(t, n.town.Write(ctx, func(tx communities.Tx) error {
			return n.town.SetRegistrations(ctx, tx, communities.Registrations{
				Door: communities.Door(r.Door), ReasonRequired: r.Reason, Message: r.Message, URL: r.URL,
			}, n.self.ID)
		}), "Registrations: %s.", r.Door)
	})
}
