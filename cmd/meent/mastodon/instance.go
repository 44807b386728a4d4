package mastodon

import (
	"cmp"
	"strings"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/communities/text"
)

// nodeRoutes are what apps ask about the node.
var nodeRoutes = []row{
	{"GET", "/api/v1/instance", Anyone, "", (*API).v1Instance, 0},
	{"GET", "/api/v2/instance", Anyone, "", (*API).instance, 0},
	{"GET", "/api/v1/custom_emojis", Anyone, "", (*API).customEmojis, 0},
	{"GET", "/api/v1/directory", Anyone, "", (*API).directory, 0},
	{"GET", avatarPath, Anyone, "", (*API).defaultAvatar, 0},
	{"GET", headerPath, Anyone, "", (*API).defaultHeader, 0},
}

// apiVersion is the set of features that is complete; each number holds those below it (Mastodon API, entities/Instance, api_versions):
//
//	2 notifications in groups               7 quotes and who may
//	3 PKCE                                  8 the profile of one's own
//	4 push as standardised, DELETE of media 9 descriptions of avatar and header
//	5 filters that blur
//	6 people featured on a profile
//
// Collections (10) are there for who lives here; the number waits until people of other nodes can be put into them, too.
const apiVersion = 9

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
	said, err := a.saying(c)
	if err != nil {
		return nil, err
	}
	about := a.town.Base + "/about"
	drawn := entity.Instance{
		Domain: a.town.Host(), Title: a.Name, Version: a.versionLike(), SourceURL: cmp.Or(a.Source, about), Description: said.description,
		Thumbnail: entity.Thumbnail{URL: a.town.Base + headerPath, Versions: map[string]string{}}, Icon: []entity.InstanceIcon{},
		Languages: spokenHere, APIVersions: map[string]int{"mastodon": apiVersion}, Contact: entity.Contact{Email: a.Email, Account: contact},
		Rules: said.rules, Registrations: said.registrations,
		Configuration: entity.Configuration{
			URLs:  entity.ConfigurationURLs{Streaming: a.streamURL(), About: &about, PrivacyPolicy: said.privacy, TermsOfService: said.terms},
			Vapid: entity.Vapid{PublicKey: a.PushKey.Public()}, Accounts: accountLimits(), Statuses: statusLimits(), MediaAttachments: a.mediaLimits(),
			Polls: pollLimits(), TimelinesAccess: map[string]entity.Timeline{}, LimitedFederation: a.AllowedOnly,
		},
	}
	drawn.Configuration.Translation.Enabled = a.Translator != nil
	drawn.Usage.Users.ActiveMonth = counts.ActiveMonth
	for _, timeline := range []string{"live_feeds", "hashtag_feeds", "trending_link_feeds"} {
		drawn.Configuration.TimelinesAccess[timeline] = entity.Timeline{Local: "public", Remote: "public"}
	}
	return drawn, nil
}

// saying is what both documents tell of the node in words.
type saying struct {
	description    string
	rules          []entity.Rule
	registrations  entity.Registrations
	invites        bool
	privacy, terms *string
}

func (a *API) saying(c *call) (said saying, err error) {
	if said.description, err = a.description(c); err != nil {
		return said, err
	}
	if said.rules, err = a.rules(c, false); err != nil {
		return said, err
	}
	door, err := a.archive.Registrations(c.Context())
	if err != nil {
		return said, err
	}
	said.registrations, said.invites = drawRegistrations(door), door.Door != communities.DoorClosed
	said.privacy = new(a.pageOfText(communities.TextPrivacy)) // the page says something before the municipality does
	_, err = a.houseText(c, communities.TextTerms)
	if communities.IsNotFound(err) {
		return said, nil
	}
	said.terms = new(a.pageOfText(communities.TextTerms))
	return said, err
}

// drawRegistrations tells how one comes to live here (entities/Instance, registrations). To be invited looks to apps as if one had to be approved.
func drawRegistrations(r communities.Registrations) entity.Registrations {
	drawn := entity.Registrations{
		Enabled: r.Door != communities.DoorClosed, ApprovalRequired: r.Door == communities.DoorApproval || r.Door == communities.DoorInvitation,
		URL: entity.Optional(r.URL),
	}
	if r.Door == communities.DoorApproval {
		drawn.ReasonRequired = &r.ReasonRequired
	}
	if r.Message != "" {
		message := text.Markdown(r.Message)
		drawn.Message = &message
	}
	return drawn
}

// The limits are those of the town, which decides.

func accountLimits() entity.AccountLimits {
	return entity.AccountLimits{
		MaxFeaturedTags: maxFeaturedTags, MaxPinnedStatuses: communities.MaxPins,
		MaxProfileFields: communities.MaxFields, ProfileFieldNameLimit: communities.MaxField, ProfileFieldValueLimit: communities.MaxField,
		MaxDisplayNameLength: communities.MaxDisplayName, MaxNoteLength: communities.MaxSummary,
		MaxAvatarDescriptionLength: communities.MaxAlt, MaxHeaderDescriptionLength: communities.MaxAlt,
	}
}

func statusLimits() entity.StatusLimits {
	return entity.StatusLimits{MaxCharacters: communities.MaxText, MaxMediaAttachments: communities.MaxMedia, CharactersReservedPerURL: reservedPerURL}
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
	if err != nil {
		return nil, err
	}
	said, err := a.saying(c)
	thumbnail := a.town.Base + headerPath
	return entity.V1Instance{
		URI: a.town.Host(), Title: a.Name, ShortDescription: said.description, Description: said.description, Email: a.Email,
		Version: a.versionLike(), URLs: entity.V1URLs{StreamingAPI: a.streamURL()}, Thumbnail: &thumbnail, Languages: spokenHere, ContactAccount: contact, Rules: said.rules,
		Registrations: said.registrations.Enabled, ApprovalRequired: said.registrations.ApprovalRequired, InvitesEnabled: said.invites,
		Stats:         entity.V1Stats{UserCount: counts.People, StatusCount: counts.Threads + counts.Replies, DomainCount: len(hosts)},
		Configuration: entity.V1Configuration{Accounts: accountLimits(), Statuses: statusLimits(), MediaAttachments: a.mediaLimits(), Polls: pollLimits()},
	}, err
}
