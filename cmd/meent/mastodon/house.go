package mastodon

import (
	"context"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/communities/text"
)

// houseRoutes are what the node says of itself in words and figures (methods/instance, methods/oembed).
var houseRoutes = []row{
	{"GET", "/api/v1/instance/rules", Anyone, "", (*API).instanceRules, 0},
	{"GET", "/api/v1/instance/extended_description", Anyone, "", (*API).extendedDescription, 0},
	{"GET", "/api/v1/instance/privacy_policy", Anyone, "", (*API).privacyPolicy, 0},
	{"GET", "/api/v1/instance/terms_of_service", Anyone, "", (*API).termsOfService, 0},
	{"GET", "/api/v1/instance/terms_of_service/{date}", Anyone, "", (*API).termsOfDay, 0},
	{"GET", "/api/v1/instance/languages", Anyone, "", (*API).languagesSpoken, 0},
	{"GET", "/api/v1/instance/activity", Anyone, "", (*API).activity, 0},
	{"GET", "/api/v1/instance/peers", Anyone, "", (*API).peers, 0},
	{"GET", "/api/v1/peers/search", Anyone, "", (*API).searchPeers, 0},
	{"GET", "/api/v1/annual_reports", User, "read:accounts", (*API).annualReports, 0},
	{"GET", "/api/v1/annual_reports/{year}", User, "read:accounts", (*API).annualReports, 0},
	{"GET", "/api/v1/annual_reports/{year}/state", User, "read:accounts", (*API).annualReportState, 0},
	{"GET", "/api/oembed", Anyone, "", (*API).oembed, 0},
	{"GET", "/health", Anyone, "", (*API).healthy, 0},
	{"GET", "/.well-known/change-password", Anyone, "", (*API).changePassword, 0},
	{"GET", communities.EmojiPath + "{name}", Anyone, "", (*API).showEmoji, 0},
}

// languages are those of the pages, the ones first that the app asked for.
func (c *call) languages() []string {
	wanted, _, _ := language.ParseAcceptLanguage(c.Request.Header.Get("Accept-Language"))
	var list []string
	for _, tag := range wanted {
		base, _ := tag.Base()
		if slices.Contains(spokenHere, base.String()) && !slices.Contains(list, base.String()) {
			list = append(list, base.String())
		}
	}
	for _, spoken := range spokenHere {
		if !slices.Contains(list, spoken) {
			list = append(list, spoken)
		}
	}
	return list
}

func (a *API) houseText(c *call, name communities.TextName) (*communities.NodeText, error) {
	return a.archive.Text(c.Context(), name, a.Now(), c.languages()...)
}

// description is a sentence about the node.
func (a *API) description(c *call) (string, error) {
	t, err := a.houseText(c, communities.TextDescription)
	if communities.IsNotFound(err) {
		return a.Description, nil
	}
	if err != nil {
		return "", err
	}
	return text.Plain(t.Content), nil
}

// rules are those that hold; with all, also those that held once.
func (a *API) rules(c *call, all bool) ([]entity.Rule, error) {
	rules, err := a.archive.Rules(c.Context())
	list := []entity.Rule{}
	for _, rule := range rules {
		if !all && !rule.RetiredAt.IsZero() {
			continue
		}
		drawn := entity.Rule{ID: entity.ID(rule.ID).String(), Text: rule.Text, Hint: rule.Hint, Translations: map[string]entity.RuleText{}}
		for tongue, translated := range rule.Translations {
			drawn.Translations[tongue] = entity.RuleText{Text: translated.Text, Hint: translated.Hint}
		}
		list = append(list, drawn)
	}
	return list, err
}

func (a *API) instanceRules(c *call) (any, error) { return a.rules(c, false) }

func (a *API) extendedDescription(c *call) (any, error) {
	t, err := a.houseText(c, communities.TextAbout)
	if err == nil {
		return entity.ExtendedDescription{UpdatedAt: entity.Time(t.UpdatedAt), Content: t.Content}, nil
	}
	if !communities.IsNotFound(err) {
		return nil, err
	}
	sentence, err := a.description(c)
	if sentence != "" {
		sentence = "<p>" + html.EscapeString(sentence) + "</p>"
	}
	return entity.ExtendedDescription{UpdatedAt: entity.Time(a.Now()), Content: sentence}, err
}

// privacyPolicy answers always, as documented; where no text was written it points to the page, which says what the program does.
func (a *API) privacyPolicy(c *call) (any, error) {
	t, err := a.houseText(c, communities.TextPrivacy)
	if communities.IsNotFound(err) {
		page := html.EscapeString(a.pageOfText(communities.TextPrivacy))
		return entity.PrivacyPolicy{UpdatedAt: entity.Time(a.Now()), Content: `<p><a href="` + page + `">` + page + `</a></p>`}, nil
	}
	if err != nil {
		return nil, err
	}
	return entity.PrivacyPolicy{UpdatedAt: entity.Time(t.UpdatedAt), Content: t.Content}, nil
}

// pageOfText is where people read a text of the node.
func (a *API) pageOfText(name communities.TextName) string { return a.town.Base + "/" + string(name) }

func (a *API) termsOfService(c *call) (any, error) {
	t, err := a.houseText(c, communities.TextTerms)
	if err != nil {
		return nil, err
	}
	return a.drawTerms(c, t)
}

// termsOfDay finds the terms that hold from a very day on.
func (a *API) termsOfDay(c *call) (any, error) {
	day, err := time.Parse(time.DateOnly, c.PathValue("date"))
	if err != nil {
		return nil, communities.NotFound
	}
	texts, err := a.archive.Texts(c.Context(), communities.TextTerms)
	if err != nil {
		return nil, err
	}
	for _, spoken := range c.languages() {
		for _, t := range texts {
			if t.Language == spoken && effective(t).Equal(day) {
				return a.drawTerms(c, t)
			}
		}
	}
	return nil, communities.NotFound
}

// effective is the day from which on a text holds: the day that it was written, where none was named.
func effective(t *communities.NodeText) time.Time {
	if t.Since.IsZero() {
		return t.UpdatedAt.UTC().Truncate(24 * time.Hour)
	}
	return t.Since.UTC().Truncate(24 * time.Hour)
}

func (a *API) drawTerms(c *call, t *communities.NodeText) (any, error) {
	texts, err := a.archive.Texts(c.Context(), communities.TextTerms)
	drawn := entity.TermsOfService{
		EffectiveDate: effective(t).Format(time.DateOnly), Effective: !effective(t).After(a.Now()), Content: t.Content,
	}
	for _, next := range texts { // the latest first: the last one that is later than this one succeeds it
		if next.Language == t.Language && next.Since.After(t.Since) {
			drawn.SucceededBy = entity.Date(effective(next))
		}
	}
	return drawn, err
}

var tongues = map[string]string{"nl": "Nederlands", "en": "English"}

func (a *API) languagesSpoken(*call) (any, error) {
	list := make([]entity.Language, len(spokenHere))
	for i, code := range spokenHere {
		list[i] = entity.Language{Code: code, Name: tongues[code]}
	}
	return list, nil
}

// activity counts the last weeks. Who only reads leaves no trace here, so that logins are those who wrote.
func (a *API) activity(c *call) (any, error) {
	if err := a.PublishActivity.mayRead(c); err != nil {
		return nil, err
	}
	return a.weeks.get(c.Context(), a.Now(), a.countWeeks)
}

func (a *API) countWeeks(ctx context.Context) ([]entity.WeekActivity, error) {
	weeks, err := a.archive.Activity(ctx, a.Now())
	list := make([]entity.WeekActivity, len(weeks))
	for i, week := range weeks {
		list[i] = entity.WeekActivity{
			Week: strconv.FormatInt(week.Start.Unix(), 10), Statuses: strconv.Itoa(week.Posts),
			Logins: strconv.Itoa(week.Writers), Registrations: strconv.Itoa(week.Registrations),
		}
	}
	return list, err
}

// peers lists the towns that this one knows. Which they are is public anyway: every thread shows it.
func (a *API) peers(c *call) (any, error) {
	if err := a.PublishPeers.mayRead(c); err != nil {
		return nil, err
	}
	names, err := a.archive.PeersLike(c.Context(), "", maxPeers)
	return entity.List(names), err
}

const (
	maxPeers      = 10_000
	maxPeersFound = 10
)

func (a *API) searchPeers(c *call) (any, error) {
	part := strings.ToLower(strings.TrimSpace(c.form.text("q")))
	if err := a.PublishPeers.mayRead(c); err != nil || part == "" {
		return []string{}, err
	}
	names, err := a.archive.PeersLike(c.Context(), part, maxPeersFound)
	return entity.List(names), err
}

func (a *API) annualReports(c *call) (any, error) {
	if year := c.PathValue("year"); year != "" {
		if _, err := strconv.Atoi(year); err != nil {
			return nil, communities.NotFound
		}
	}
	return entity.AnnualReports{AnnualReports: []entity.Empty{}, Accounts: []entity.Account{}, Statuses: []entity.Status{}}, nil
}

func (a *API) annualReportState(*call) (any, error) {
	return entity.AnnualReportState{State: "ineligible"}, nil
}

const (
	embedWidth = 400 // pixels
	embedCache = 24 * time.Hour
)

// oembed shows a public post on another site: its words as a quotation, without a script or a frame.
func (a *API) oembed(c *call) (any, error) {
	asked, err := url.Parse(c.form.text("url"))
	if err != nil || asked.Host != a.town.Host() {
		return nil, communities.NotFound
	}
	last := asked.Path[strings.LastIndex(asked.Path, "/")+1:]
	id, err := parseID[communities.PostID](last)
	if err != nil {
		return nil, err
	}
	v, err := a.archive.As(communities.Viewer{}).Post(c.Context(), id)
	if err != nil {
		return nil, err
	}
	if !drawable(v) || v.Boosted != nil || !v.Author.Local() {
		return nil, communities.NotFound
	}
	words := text.Excerpt(content(v.Post), communities.MaxTitle)
	quotation := fmt.Sprintf(`<blockquote cite="%s"><p>%s</p><p>%s, <a href="%s">%s</a></p></blockquote>`, html.EscapeString(pageOfPost(v.Post)),
		html.EscapeString(words), html.EscapeString(v.Author.Title()), html.EscapeString(pageOfPost(v.Post)), html.EscapeString(a.Name))
	return entity.OEmbed{
		Type: "rich", Version: "1.0", Title: words, AuthorName: v.Author.Title(), AuthorURL: pageOf(v.Author),
		ProviderName: a.Name, ProviderURL: a.town.Base, CacheAge: int(embedCache.Seconds()), HTML: quotation,
		Width: min(max(c.form.number("maxwidth", embedWidth), 1), embedWidth),
	}, nil
}

func pageOfPost(p *communities.Post) string {
	if p.URL != "" {
		return p.URL
	}
	return p.URI
}

func (a *API) healthy(*call) (any, error) { return entity.Health{Status: "OK"}, nil }

// changePassword leads to where one signs in by a link, after which a new password can be chosen (W3C, A Well-Known URL for Changing Passwords).
func (a *API) changePassword(*call) (any, error) { return redirect(a.SignIn), nil }
