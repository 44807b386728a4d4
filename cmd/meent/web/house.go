package web

import (
	"html/template"
	"net/http"
	"time"

	"meent/communities"
)

// houseView is a text of the node, or its rules.
type houseView struct {
	Heading   string
	Text      template.HTML
	Changed   time.Time
	Otherwise string // what is said where no text was written
	Rules     []ruleView
}

type ruleView struct {
	ID         communities.RuleID
	Text, Hint string
}

// Privacy says what happens to people's data.
func (p *Pages) Privacy(w http.ResponseWriter, r *http.Request, v Visitor) error {
	c := p.speak(r)
	return p.house(w, r, v, communities.TextPrivacy, houseView{Heading: c.text("house.privacy"), Otherwise: c.text("about.privacy.text")})
}

// Accessibility says how far everybody can use the pages, and whom to tell who cannot.
func (p *Pages) Accessibility(w http.ResponseWriter, r *http.Request, v Visitor) error {
	c := p.speak(r)
	return p.house(w, r, v, communities.TextAccessibility, houseView{Heading: c.text("house.accessibility"), Otherwise: c.text("house.accessibility.text")})
}

// Terms are there where the municipality has written some.
func (p *Pages) Terms(w http.ResponseWriter, r *http.Request, v Visitor) error {
	return p.house(w, r, v, communities.TextTerms, houseView{Heading: p.speak(r).text("house.terms")})
}

func (p *Pages) house(w http.ResponseWriter, r *http.Request, v Visitor, name communities.TextName, content houseView) error {
	var err error
	if content.Text, content.Changed, err = p.houseText(r, name); err != nil {
		return err
	}
	if content.Text == "" && content.Otherwise == "" {
		return communities.NotFound
	}
	return p.show(w, r, "house", http.StatusOK, page{Title: content.Heading, Visitor: v, Content: content})
}

// houseText finds a text of the node in the language of the page, else in another; "" where there is none.
func (p *Pages) houseText(r *http.Request, name communities.TextName) (template.HTML, time.Time, error) {
	t, err := p.archive.Text(r.Context(), name, p.Now(), p.speak(r).lang)
	if communities.IsNotFound(err) {
		return "", time.Time{}, nil
	}
	if err != nil {
		return "", time.Time{}, err
	}
	return template.HTML(t.Content), t.UpdatedAt, nil //nolint:gosec // made of Markdown by ourselves
}

// Rules lists the rules of the house, in the language of the page where they were translated.
func (p *Pages) Rules(w http.ResponseWriter, r *http.Request, v Visitor) error {
	rules, err := p.archive.Rules(r.Context())
	if err != nil {
		return err
	}
	c := p.speak(r)
	content := houseView{Heading: c.text("house.rules")}
	for _, rule := range rules {
		if !rule.RetiredAt.IsZero() {
			continue
		}
		view := ruleView{ID: rule.ID, Text: rule.Text, Hint: rule.Hint}
		if translated, ok := rule.Translations[c.lang]; ok {
			view.Text, view.Hint = translated.Text, translated.Hint
		}
		content.Rules = append(content.Rules, view)
	}
	if len(content.Rules) == 0 {
		content.Otherwise = c.text("house.norules")
	}
	return p.show(w, r, "house", http.StatusOK, page{Title: content.Heading, Visitor: v, Content: content})
}

// announcementView is an announcement of the municipality.
type announcementView struct {
	When    string // of what it is about
	Since   time.Time
	Content template.HTML
}

// notices are what is announced, without what the visitor has put away.
func (p *Pages) notices(r *http.Request, v Visitor) ([]announcementView, error) {
	announced, err := p.read(v).Announcements(r.Context(), p.Now(), false)
	if err != nil {
		return nil, err
	}
	c := p.speak(r)
	views := make([]announcementView, len(announced))
	for i, a := range announced {
		views[i] = announcementView{Since: a.PublishedAt, Content: p.pictured(a.Content), When: c.span(a.StartsAt, a.EndsAt, a.AllDay)}
	}
	return views, nil
}

// span writes when something begins and ends; "" where it has no time.
func (c *catalogue) span(from, until time.Time, allDay bool) string {
	write := c.moment
	if allDay {
		write = c.day
	}
	switch {
	case from.IsZero() && until.IsZero():
		return ""
	case until.IsZero():
		return c.text("house.from", write(from))
	case from.IsZero():
		return c.text("house.until", write(until))
	}
	return c.text("house.span", write(from), write(until))
}
