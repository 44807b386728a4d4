package mastodon

import (
	"cmp"
	"html"
	"strconv"
	"strings"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/communities/text"
)

// nodeRoutes are what apps ask about the node.
var nodeRoutes = []row{
	{"GET", "/api/v1/instance", Anyone, "", (*API).v1Instance, 0},
	{"GET", "/api/v2/instance", Anyone, "", (*API).instance, 0},
	{"GET", "/api/v1/instance/rules", Anyone, "", (*API).instanceRules, 0},
	{"GET", "/api/v1/instance/peers", Anyone, "", (*API).peers, 0},
	{"GET", "/api/v1/instance/extended_description", Anyone, "", (*API).extendedDescription, 0},
	{"GET", "/api/v1/custom_emojis", Anyone, "", (*API).customEmojis, 0},
	{"GET", "/api/v1/announcements", User, "", (*API).announcements, 0},
	{"GET", "/api/v1/directory", Anyone, "", (*API).directory, 0},
	{"GET", avatarPath, Anyone, "", (*API).defaultAvatar, 0},
	{"GET", headerPath, Anyone, "", (*API).defaultHeader, 0},
}

// apiVersion is the set of features that is complete (Mastodon API, api_versions): 2 has notifications in groups.
const apiVersion = 2

// versionLike begins with a number that apps compare with Mastodon's, then says who we are.
func (a *API) versionLike() string { return "4.5.0 (compatible; Meent " + a.Version + ")" }

const reservedPerURL = 23 // characters that a URL counts for in apps; here each counts for itself

// spokenHere are the languages of the pages.
var spokenHere = []string{"nl", "en"}

func (a *API) instance(c *call) (any, error) {
	counts, err := a.archive.Counts(c.Context(), a.Now())
	if err != nil {
		return nil, err
	}
	contact, err := a.contact(c)
	if err != nil {
		return nil, err
	}
	about := a.town.Base + "/about"
	drawn := entity.Instance{
		Domain: a.town.Host(), Title: a.Name, Version: a.versionLike(), SourceURL: cmp.Or(a.Source, about), Description: a.Description,
		Thumbnail: entity.Thumbnail{URL: a.town.Base + headerPath, Versions: map[string]string{}}, Icon: []entity.InstanceIcon{},
		Languages: spokenHere, APIVersions: map[string]int{"mastodon": apiVersion}, Contact: entity.Contact{Email: a.Email, Account: contact},
		Rules: a.rules(), Registrations: entity.Registrations{URL: &about},
		Configuration: entity.Configuration{
			URLs: entity.ConfigurationURLs{Streaming: a.streamURL(), About: &about}, Vapid: entity.Vapid{PublicKey: a.PushKey.Public()},
			Accounts: accountLimits(), Statuses: statusLimits(), MediaAttachments: mediaLimits(),
			Polls: pollLimits(), TimelinesAccess: map[string]entity.Timeline{},
		},
	}
	drawn.Configuration.Translation.Enabled = a.Translator != nil
	drawn.Usage.Users.ActiveMonth = counts.ActiveMonth
	for _, timeline := range []string{"live_feeds", "hashtag_feeds", "trending_link_feeds"} {
		drawn.Configuration.TimelinesAccess[timeline] = entity.Timeline{Local: "public", Remote: "public"}
	}
	return drawn, nil
}

// The limits are those of the town, which decides.

func accountLimits() entity.AccountLimits {
	return entity.AccountLimits{
		MaxProfileFields: communities.MaxFields, ProfileFieldNameLimit: communities.MaxField, ProfileFieldValueLimit: communities.MaxField,
		MaxDisplayNameLength: communities.MaxDisplayName, MaxNoteLength: communities.MaxSummary,
	}
}

func statusLimits() entity.StatusLimits {
	return entity.StatusLimits{MaxCharacters: communities.MaxText, CharactersReservedPerURL: reservedPerURL}
}

func mediaLimits() entity.MediaLimits {
	return entity.MediaLimits{SupportedMIMETypes: []string{}, DescriptionLimit: communities.MaxAlt}
}

func pollLimits() entity.PollLimits {
	return entity.PollLimits{
		MaxOptions: communities.MaxOptions, MaxCharactersPerOption: communities.MaxOption,
		MinExpiration: int(minPoll.Seconds()), MaxExpiration: int(maxPoll.Seconds()),
	}
}

func (a *API) contact(c *call) (*entity.Account, error) {
	if a.Contact == "" {
		return nil, nil //nolint:nilnil // nobody is a fair answer
	}
	actor, err := a.archive.ActorByName(c.Context(), strings.ToLower(a.Contact), "")
	if communities.IsNotFound(err) || err == nil && !actor.Active() {
		return nil, nil //nolint:nilnil // the same
	}
	if err != nil {
		return nil, err
	}
	account := a.account(actor)
	return &account, nil
}

func (a *API) v1Instance(c *call) (any, error) {
	counts, err := a.archive.Counts(c.Context(), a.Now())
	if err != nil {
		return nil, err
	}
	hosts, err := a.archive.Hosts(c.Context())
	if err != nil {
		return nil, err
	}
	contact, err := a.contact(c)
	thumbnail := a.town.Base + headerPath
	return entity.V1Instance{
		URI: a.town.Host(), Title: a.Name, ShortDescription: a.Description, Description: a.Description, Email: a.Email,
		Version: a.versionLike(), URLs: entity.V1URLs{StreamingAPI: a.streamURL()}, Thumbnail: &thumbnail, Languages: spokenHere, ContactAccount: contact, Rules: a.rules(),
		Stats:         entity.V1Stats{UserCount: counts.People, StatusCount: counts.Threads + counts.Replies, DomainCount: len(hosts)},
		Configuration: entity.V1Configuration{Accounts: accountLimits(), Statuses: statusLimits(), MediaAttachments: mediaLimits(), Polls: pollLimits()},
	}, err
}

func (a *API) rules() []entity.Rule {
	list := make([]entity.Rule, len(a.Rules))
	for i, rule := range a.Rules {
		list[i] = entity.Rule{ID: strconv.Itoa(i + 1), Text: rule, Translations: map[string]entity.RuleText{}}
	}
	return list
}

func (a *API) instanceRules(*call) (any, error) { return a.rules(), nil }

func (a *API) extendedDescription(*call) (any, error) {
	content := text.Sanitise(a.About)
	if content == "" && a.Description != "" {
		content = "<p>" + html.EscapeString(a.Description) + "</p>"
	}
	return entity.ExtendedDescription{UpdatedAt: entity.Time(a.Now()), Content: content}, nil
}

// peers lists the towns that this one knows. Which they are is public anyway: every thread shows it.
func (a *API) peers(c *call) (any, error) {
	hosts, err := a.archive.Hosts(c.Context())
	names := make([]string, 0, len(hosts))
	for _, host := range hosts {
		if host.Policy == "" {
			names = append(names, host.Name)
		}
	}
	return names, err
}

func (a *API) customEmojis(*call) (any, error)  { return []entity.Emoji{}, nil }
func (a *API) announcements(*call) (any, error) { return []entity.Empty{}, nil }
