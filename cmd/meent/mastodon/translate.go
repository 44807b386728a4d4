package mastodon

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"slices"
	"strings"
	"time"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/communities/text"
	"meent/storage"
)

// translationRoutes say a status in another language, where the node has a service for it.
var translationRoutes = []row{
	{"GET", "/api/v1/instance/translation_languages", Anyone, "", (*API).translationLanguages, 0},
	{"POST", "/api/v1/statuses/{id}/translate", User, "read:statuses", (*API).translate, translations},
}

// translations is how often somebody may have something translated, per minute: the service is paid for, or slow.
const translations = 30

var (
	errNoTranslation   = &failure{status: http.StatusServiceUnavailable, Message: "The translation service does not answer now. Try again later"}
	errOwnWordsOnly    = communities.Forbiddenf("Only public posts are translated, because their text goes to another service")
	errUnknownLanguage = communities.Forbiddenf("This cannot be translated into that language")
)

// translationLanguages lists what can be translated into what; nothing, where the node has no service.
func (a *API) translationLanguages(c *call) (any, error) {
	if a.Translator == nil {
		return map[string][]string{}, nil
	}
	languages, err := a.Translator.Languages(c.Context())
	if err != nil {
		return nil, a.serviceFails(c, err)
	}
	return languages, nil
}

func (a *API) serviceFails(c *call, err error) error {
	a.Log.WarnContext(c.Context(), "translate", "err", err)
	return errNoTranslation
}

// translate says a public status in the language that the caller reads, or asks for by lang.
func (a *API) translate(c *call) (any, error) {
	if a.Translator == nil {
		return nil, communities.NotFound
	}
	v, err := a.pathOriginal(c)
	if err != nil {
		return nil, err
	}
	if !v.Post.Visibility.Open() {
		return nil, errOwnWordsOnly
	}
	to, err := a.translateInto(c, v.Post)
	if err != nil {
		return nil, err
	}
	version := v.Post.CreatedAt
	if !v.Post.EditedAt.IsZero() {
		version = v.Post.EditedAt
	}
	kept, err := a.archive.Translation(c.Context(), v.Post.ID, to, version)
	if err == nil {
		return json.RawMessage(kept), nil
	}
	if !communities.IsNotFound(err) {
		return nil, err
	}
	drawn, err := a.translated(c, v, to)
	if err != nil {
		return nil, err
	}
	return drawn, a.keepTranslation(c.Context(), v.Post.ID, to, version, drawn)
}

// translateInto finds the language, and whether the service knows it.
func (a *API) translateInto(c *call, post *communities.Post) (string, error) {
	asked := cmp.Or(c.form.text("lang"), c.language(), c.account.Locale, spokenHere[0])
	to, _, _ := strings.Cut(text.Language(asked), "-")
	languages, err := a.Translator.Languages(c.Context())
	if err != nil {
		return "", a.serviceFails(c, err)
	}
	for from, targets := range languages {
		if slices.Contains(targets, to) && (post.Language == "" || baseOf(post.Language) == from) {
			return to, nil
		}
	}
	return "", errUnknownLanguage
}

func baseOf(language string) string {
	base, _, _ := strings.Cut(language, "-")
	return base
}

// translated asks the service for all that a status says at once: its text, warning, options and what its pictures show.
func (a *API) translated(c *call, v *storage.View, to string) (*entity.TranslatedStatus, error) {
	files := a.attachments(v.Post)
	texts := []string{content(v.Post), html.EscapeString(v.Post.Warning)}
	for _, option := range optionsOf(v.Post) {
		texts = append(texts, html.EscapeString(option.Title))
	}
	for _, file := range v.Post.Attachments {
		texts = append(texts, html.EscapeString(file.Alt))
	}
	said, detected, err := a.Translator.Translate(c.Context(), texts, baseOf(v.Post.Language), to)
	if err != nil || len(said) != len(texts) {
		return nil, a.serviceFails(c, errors.Join(err, fmt.Errorf("%d texts for %d", len(said), len(texts))))
	}
	drawn := &entity.TranslatedStatus{
		Content: text.Sanitise(said[0]), SpoilerText: plainLine(said[1]), Language: to, MediaAttachments: []entity.TranslatedDescription{},
		DetectedLanguage: detected, Provider: a.Translator.Name(),
	}
	said = said[2:]
	if v.Post.Poll != nil {
		drawn.Poll = &entity.TranslatedPoll{ID: entity.ID(v.Post.ID)}
		for range v.Post.Poll.Options {
			drawn.Poll.Options = append(drawn.Poll.Options, entity.EditOption{Title: plainLine(said[0])})
			said = said[1:]
		}
	}
	for i := range v.Post.Attachments {
		drawn.MediaAttachments = append(drawn.MediaAttachments, entity.TranslatedDescription{ID: files[i].ID, Description: text.Plain(said[i])})
	}
	return drawn, nil
}

func optionsOf(post *communities.Post) []communities.Option {
	if post.Poll == nil {
		return nil
	}
	return post.Poll.Options
}

// plainLine is what the service made of one line of plain text.
func plainLine(said string) string { return strings.Join(strings.Fields(text.Plain(said)), " ") }

func (a *API) keepTranslation(ctx context.Context, post communities.PostID, to string, version time.Time, drawn *entity.TranslatedStatus) error {
	body, err := json.Marshal(drawn)
	if err != nil {
		return err
	}
	return a.town.Write(ctx, func(tx communities.Tx) error {
		return storage.Of(tx).PutTranslation(ctx, post, to, version, string(body), a.Now())
	})
}
