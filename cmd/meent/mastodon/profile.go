package mastodon

import (
	"cmp"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
)

// profileRoutes are what people say of themselves, and how their posts begin.
var profileRoutes = []row{
	{"GET", "/api/v1/accounts/verify_credentials", User, "profile", (*API).verifyCredentials, 0},
	{"PATCH", "/api/v1/accounts/update_credentials", User, "write:accounts", (*API).updateCredentials, 0},
	{"PUT", "/api/v1/accounts/update_credentials", User, "write:accounts", (*API).updateCredentials, 0},
	{"GET", "/api/v1/profile", User, "profile", (*API).showProfile, 0},
	{"PATCH", "/api/v1/profile", User, "write:accounts", (*API).updateProfile, 0},
	{"PUT", "/api/v1/profile", User, "write:accounts", (*API).updateProfile, 0},
	{"GET", "/api/v1/preferences", User, "read:accounts", (*API).preferences, 0},
}

func (a *API) verifyCredentials(c *call) (any, error) { return a.oneself(c.Context(), c) }

func (a *API) updateCredentials(c *call) (any, error) {
	if err := a.describe(c); err != nil {
		return nil, err
	}
	return a.oneself(c.Context(), c)
}

func (a *API) updateProfile(c *call) (any, error) {
	if err := a.describe(c); err != nil {
		return nil, err
	}
	return a.showProfile(c)
}

// describe changes what is given of the caller's own profile, and of how their posts begin.
func (a *API) describe(c *call) error {
	posting, err := c.posting()
	if err != nil {
		return err
	}
	profile := c.profile()
	if err := a.pictures(c, &profile); err != nil {
		return refusal(err)
	}
	err = a.town.Write(c.Context(), func(tx communities.Tx) error {
		person, err := a.town.EditProfile(c.Context(), tx, profile)
		if err != nil {
			return err
		}
		if c.person = person; posting == c.account.Posting {
			return nil
		}
		return a.town.SetDefaults(c.Context(), tx, communities.Defaulting{Person: c.id(), Posting: posting})
	})
	c.account.Posting = posting
	return refusal(err)
}

// editProfile changes the caller's own profile and shows it as it is then.
func (a *API) editProfile(c *call, profile communities.Profile) (any, error) {
	err := a.town.Write(c.Context(), func(tx communities.Tx) error {
		person, err := a.town.EditProfile(c.Context(), tx, profile)
		if err == nil {
			c.person = person
		}
		return err
	})
	if err != nil {
		return nil, refusal(err)
	}
	return a.oneself(c.Context(), c)
}

// profile reads what changes.
func (c *call) profile() communities.Profile {
	p := communities.Profile{
		Actor: c.id(), By: c.id(), DisplayName: c.form.given("display_name"), Source: c.form.given("note"),
		Language: c.form.given("source[language]"), Locked: c.form.givenFlag("locked"), Automated: c.form.givenFlag("bot"),
		Discoverable: c.form.givenFlag("discoverable"), Indexable: c.form.givenFlag("indexable"), Shows: c.shows(),
	}
	if rows := c.form.records("fields_attributes"); len(rows) > 0 {
		p.Fields = new([]communities.Field)
		for _, row := range rows {
			if row.text("name")+row.text("value") != "" {
				*p.Fields = append(*p.Fields, communities.Field{Name: row.text("name"), Value: row.text("value")})
			}
		}
	}
	if c.form.has("attribution_domains") {
		p.Attribution = new(c.form.list("attribution_domains"))
	}
	return p
}

// shows reads which parts of the profile others see; apps ask whether they are shown, the town keeps which are not.
func (c *call) shows() *communities.Shows {
	shows := c.person.Shows
	for _, row := range []struct {
		name  string
		hides bool // yes means that it is hidden
		into  *bool
	}{
		{"hide_collections", true, &shows.NoFollows},
		{"show_media", false, &shows.NoMedia},
		{"show_media_replies", false, &shows.NoMediaReplies},
		{"show_featured", false, &shows.NoFeatured},
	} {
		if c.form.has(row.name) {
			*row.into = c.form.flag(row.name) == row.hides
		}
	}
	return &shows
}

// posting reads how the caller's posts shall begin.
func (c *call) posting() (communities.Defaults, error) {
	posting := c.account.Posting
	var err error
	if c.form.has("source[privacy]") {
		if posting.Visibility, err = visibilityOf(c.form.text("source[privacy]")); err != nil {
			return posting, err
		}
	}
	if c.form.has("source[sensitive]") {
		posting.Sensitive = c.form.flag("source[sensitive]")
	}
	if c.form.has("source[quote_policy]") {
		posting.QuotePolicy = communities.QuoteChoice(c.form.text("source[quote_policy]"))
	}
	return posting, nil
}

// showProfile shows what the caller may change, as it was typed (entities/Profile).
func (a *API) showProfile(c *call) (any, error) {
	tags, err := a.shownTags(c, c.person)
	me := c.person
	return entity.Profile{
		ID: entity.ID(me.ID), DisplayName: me.DisplayName, Note: me.Source, Fields: plainFields(me.Fields),
		Avatar: entity.Optional(me.Icon.URL), AvatarStatic: entity.Optional(me.Icon.URL), AvatarDescription: me.Icon.Alt,
		Header: entity.Optional(me.Header.URL), HeaderStatic: entity.Optional(me.Header.URL), HeaderDescription: me.Header.Alt,
		Locked: me.Locked, Bot: isBot(me), HideCollections: &me.Shows.NoFollows, Discoverable: &me.Discoverable, Indexable: me.Indexable,
		ShowMedia: !me.Shows.NoMedia, ShowMediaReplies: !me.Shows.NoMediaReplies, ShowFeatured: !me.Shows.NoFeatured,
		AttributionDomains: entity.List(me.Attribution), FeaturedTags: tags,
	}, err
}

// preferences are how the caller's posts begin; the rest is as apps have it themselves.
func (a *API) preferences(c *call) (any, error) {
	source := c.source()
	return entity.Preferences{
		PostingVisibility: source.Privacy, PostingSensitive: source.Sensitive, PostingLanguage: source.Language,
		PostingQuotePolicy: source.QuotePolicy, ExpandMedia: "default",
	}, nil
}

// source is what apps need to know to begin a post as the caller likes.
func (c *call) source() entity.Source {
	names := map[communities.Visibility]string{
		communities.Public: "public", communities.Unlisted: "unlisted", communities.Followers: "private", communities.Direct: "direct",
	}
	posting := c.account.Posting
	if posting.Visibility == "" {
		posting.Visibility = communities.Public
	}
	return entity.Source{
		Privacy: names[posting.Visibility], Sensitive: posting.Sensitive, Language: entity.Optional(c.language()),
		QuotePolicy: string(cmp.Or(posting.QuotePolicy, communities.QuotableByAnybody)),
	}
}
