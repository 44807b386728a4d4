package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

type textRow struct {
	bun.BaseModel `bun:"table:texts,alias:txt"`

	Name      communities.TextName `bun:"name,pk"`
	Language  string               `bun:"language,pk"`
	Since     moment               `bun:"since,pk"`
	Source    string               `bun:"source"`
	Content   string               `bun:"content"`
	UpdatedAt moment               `bun:"updated_at"`
}

type ruleRow struct {
	bun.BaseModel `bun:"table:rules,alias:ru"`

	ID           communities.RuleID                      `bun:"id,pk"`
	Position     int                                     `bun:"position"`
	Text         string                                  `bun:"text"`
	Hint         string                                  `bun:"hint"`
	Translations record[map[string]communities.RuleText] `bun:"translations"`
	RetiredAt    moment                                  `bun:"retired_at,nullzero"`
}

// Texts lists the versions of a text of the node, in all languages, the latest first.
func (r reads) Texts(ctx context.Context, name communities.TextName) ([]*communities.NodeText, error) {
	var rows []textRow
	if err := r.idb.NewSelect().Model(&rows).Where("name = ?", name).OrderExpr("since DESC, language").Limit(maxPage).Scan(ctx); err != nil {
		return nil, found(err, "read text", name)
	}
	texts := make([]*communities.NodeText, len(rows))
	for i, row := range rows {
		texts[i] = &communities.NodeText{
			Name: row.Name, Language: row.Language, Since: row.Since.time(), Source: row.Source, Content: row.Content, UpdatedAt: row.UpdatedAt.time(),
		}
	}
	return texts, nil
}

// Text finds the text that holds at a moment, in the first of the languages that there is, else in any.
func (r reads) Text(ctx context.Context, name communities.TextName, at time.Time, languages ...string) (*communities.NodeText, error) {
	texts, err := r.Texts(ctx, name)
	if err != nil {
		return nil, err
	}
	holds := map[string]*communities.NodeText{}
	var first *communities.NodeText
	for _, t := range texts {
		if t.Since.After(at) {
			continue
		}
		if holds[t.Language] == nil {
			holds[t.Language] = t
		}
		if first == nil {
			first = t
		}
	}
	for _, language := range languages {
		if t := holds[language]; t != nil {
			return t, nil
		}
	}
	if first == nil {
		return nil, communities.NotFound
	}
	return first, nil
}

// PutText is told in [communities.Tx].
func (tx *Tx) PutText(ctx context.Context, t *communities.NodeText) error {
	row := textRow{
		Name: t.Name, Language: t.Language, Since: momentOf(t.Since), Source: t.Source, Content: t.Content, UpdatedAt: momentOf(t.UpdatedAt),
	}
	if t.Source == "" {
		_, err := tx.idb.NewDelete().Model(&row).WherePK().Exec(ctx)
		return found(err, "delete text", t.Name)
	}
	_, err := tx.idb.NewInsert().Model(&row).On("CONFLICT (name, language, since) DO UPDATE").
		Set("source = EXCLUDED.source, content = EXCLUDED.content, updated_at = EXCLUDED.updated_at").Exec(ctx)
	return found(err, "put text", t.Name)
}

// Rules is told in [communities.Tx]; it works outside a transaction as well.
func (r reads) Rules(ctx context.Context) ([]*communities.Rule, error) {
	var rows []ruleRow
	if err := r.idb.NewSelect().Model(&rows).OrderExpr("position, id").Scan(ctx); err != nil {
		return nil, found(err, "list", "rules")
	}
	rules := make([]*communities.Rule, len(rows))
	for i, row := range rows {
		rules[i] = &communities.Rule{
			ID: row.ID, Position: row.Position, Text: row.Text, Hint: row.Hint, Translations: row.Translations.of, RetiredAt: row.RetiredAt.time(),
		}
	}
	return rules, nil
}

// PutRule is told in [communities.Tx].
func (tx *Tx) PutRule(ctx context.Context, rule *communities.Rule) error {
	row := ruleRow{
		ID: rule.ID, Position: rule.Position, Text: rule.Text, Hint: rule.Hint,
		Translations: record[map[string]communities.RuleText]{rule.Translations}, RetiredAt: momentOf(rule.RetiredAt),
	}
	_, err := tx.idb.NewInsert().Model(&row).On("CONFLICT (id) DO UPDATE").
		Set("position = EXCLUDED.position, text = EXCLUDED.text, hint = EXCLUDED.hint, translations = EXCLUDED.translations").
		Set("retired_at = EXCLUDED.retired_at").Exec(ctx)
	return found(err, "put rule", rule.ID)
}
