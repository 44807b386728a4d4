package mastodon

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// statusShape is that of a status, but for what it quotes.
const statusShape = `id:id uri:string url:url? created_at:time edited_at:time? account:Account content:html text-:string visibility:string sensitive:bool
		spoiler_text:string media_attachments:[]MediaAttachment application:Application? mentions:[]Mention tags:[]StatusTag emojis:[]CustomEmoji
		replies_count:int reblogs_count:int favourites_count:int quotes_count:int in_reply_to_id:id? in_reply_to_account_id:id? reblog:Status?
		poll:Poll? card:PreviewCard? language:string? quote:%s? quote_approval:QuoteApproval
	tagged_collections:[]Collection favourited-:bool reblogged-:bool muted-:bool
		bookmarked-:bool pinned-:bool filtered-:[]FilterResult`

// shapes are the documented entities (https://docs.joinmastodon.org/entities/): name:type of each field. A type that ends in ? may be null;
// a name that ends in - may be absent. Types are those of JSON, entities, and kinds of text: id, time, date, url, html.
var shapes = map[string]string{
	"Account": `id:id username:string acct:string url:url uri:string display_name:string note:html avatar:url avatar_static:url
		avatar_description:string header:url header_static:url header_description:string locked:bool fields:[]Field emojis:[]CustomEmoji
		bot:bool group:bool discoverable:bool? indexable:bool noindex-:bool? hide_collections:bool? show_media:bool
		show_media_replies:bool show_featured:bool moved-:Account suspended-:bool
		limited-:bool memorial-:bool created_at:time last_status_at:date? statuses_count:int followers_count:int following_count:int roles-:[]Role
		feature_approval:FeatureApproval`,
	"FeatureApproval": `automatic:[]string manual:[]string current_user:string`,
	"Collection": `id:id account_id:id uri:url url:url? name:string description:string language:string? local:bool sensitive:bool discoverable:bool
		tag:ShallowTag? item_count:int items:[]CollectionItem created_at:time updated_at:time`,
	"CollectionItem":         `id:id account_id:id? state:string created_at:time`,
	"ShallowTag":             `name:string url:url`,
	"WrappedCollection":      `collection:Collection`,
	"WrappedCollectionItem":  `collection_item:CollectionItem`,
	"Collections":            `collections:[]Collection`,
	"CollectionWithAccounts": `accounts:[]Account collection:Collection`,
	"CredentialAccount":      `+Account source:Source role:CredentialRole`,
	"MutedAccount":           `+Account mute_expires_at:time?`,
	"Field":                  `name:string value:html verified_at:time?`,
	"Source": `privacy:string sensitive:bool language:string? note:string fields:[]Field follow_requests_count:int hide_collections:bool?
		discoverable:bool? indexable:bool attribution_domains:[]string quote_policy:string`,
	"Profile": `id:id display_name:string note:string fields:[]Field avatar:url? avatar_static:url? avatar_description:string header:url?
		header_static:url? header_description:string locked:bool bot:bool hide_collections:bool? discoverable:bool? indexable:bool show_media:bool
		show_media_replies:bool show_featured:bool attribution_domains:[]string featured_tags:[]FeaturedTag`,
	"Role":           `id:string name:string color:string`,
	"CredentialRole": `+Role permissions:string highlighted:bool collection_limit:int`,
	"CustomEmoji":    `shortcode:string url:url static_url:url visible_in_picker:bool category:string?`,

	"Status":          fmt.Sprintf(statusShape, "Quote"),
	"ShallowStatus":   fmt.Sprintf(statusShape, "ShallowQuote"),
	"Quote":           `state:string quoted_status:ShallowStatus?`,
	"ShallowQuote":    `state:string quoted_status_id:id?`,
	"MediaAttachment": `id:string type:string url:url? preview_url:url? remote_url:url? meta:hash description:string? blurhash:string?`,
	"Mention":         `id:id username:string url:url acct:string`,
	"StatusTag":       `name:string url:url`,
	"QuoteApproval":   `automatic:[]string manual:[]string current_user:string`,
	"PreviewCard": `url:url title:string description:string language:string? type:string authors:[]PreviewCardAuthor author_name:string
		author_url:string provider_name:string provider_url:string html:string width:int height:int image:url? image_description:string
		embed_url:string blurhash:string? published_at:time?`,
	"PreviewCardAuthor": `name:string url:string account:Account?`,
	"TranslatedStatus": `content:html spoiler_text:string language:string poll:TranslatedPoll? media_attachments:[]TranslatedDescription
		detected_source_language:string provider:string`,
	"TranslatedPoll":        `id:id options:[]EditOption`,
	"TranslatedDescription": `id:string description:string`,
	"Poll":                  `id:id expires_at:time? expired:bool multiple:bool votes_count:int voters_count:int? options:[]Option emojis:[]CustomEmoji voted-:bool own_votes-:[]int`,
	"Option":                `title:string votes_count:int?`,
	"Context":               `ancestors:[]Status descendants:[]Status`,
	"StatusSource":          `id:id text:string spoiler_text:string`,
	"StatusEdit": `content:html spoiler_text:string sensitive:bool created_at:time account:Account poll-:EditPoll
		media_attachments:[]MediaAttachment emojis:[]CustomEmoji quote:Quote?`,
	"EditPoll":   `options:[]EditOption`,
	"EditOption": `title:string`,

	"AsyncRefreshAnswer": `async_refresh:AsyncRefresh`,
	"AsyncRefresh":       `id:string status:string result_count:int`,

	"ScheduledStatus": `id:id scheduled_at:time params:ScheduledParams media_attachments:[]MediaAttachment`,
	"ScheduledParams": `text:string poll:ScheduledPoll? media_ids:[]string? sensitive:bool? spoiler_text:string? visibility:string? in_reply_to_id:int?
		language:string? application_id:int scheduled_at:null idempotency:string? with_rate_limit:bool quoted_status_id:string?
		quote_approval_policy:string?`,
	"ScheduledPoll": `options:[]string expires_in:int multiple:bool hide_totals:bool`,
	"Conversation":  `id:id unread:bool accounts:[]Account last_status:Status?`,

	"Relationship": `id:id following:bool showing_reblogs:bool notifying:bool languages:[]string? followed_by:bool blocking:bool blocked_by:bool
		muting:bool muting_notifications:bool muting_expires_at:time? requested:bool requested_by:bool domain_blocking:bool endorsed:bool note:string`,
	"FamiliarFollowers":  `id:id accounts:[]Account`,
	"DomainBlockPreview": `following_count:int followers_count:int`,
	"Suggestion":         `source:string sources:[]string account:Account`,
	"Report": `id:id action_taken:bool action_taken_at:time? category:string comment:string forwarded:bool created_at:time status_ids:[]id
		collection_ids:[]id rule_ids:[]string target_account:Account`,

	"Notification": `id:id type:string group_key:string created_at:time account:Account status-:Status report-:Report
		moderation_warning-:AccountWarning collection-:Collection fallback-:NotificationFallback`,
	"NotificationFallback": `title:html summary:string? details:string?`,
	"AccountWarning":       `id:id action:string text:string status_ids:[]id target_account:Account appeal:Empty? created_at:time`,
	"GroupedNotificationsResults": `accounts:[]Account partial_accounts-:[]PartialAccount statuses:[]Status
		notification_groups:[]NotificationGroup`,
	"PartialAccount": `id:id acct:string url:url avatar:url avatar_static:url locked:bool bot:bool`,
	"NotificationGroup": `group_key:string notifications_count:int type:string most_recent_notification_id:int page_min_id-:id page_max_id-:id
		latest_page_notification_at-:time sample_account_ids:[]id status_id-:id report-:Report moderation_warning-:AccountWarning
		collection-:Collection fallback-:NotificationFallback`,
	"NotificationPolicy": `for_not_following:string for_not_followers:string for_new_accounts:string for_private_mentions:string
		for_limited_accounts:string summary:PolicySummary`,
	"PolicySummary": `pending_requests_count:int pending_notifications_count:int`,
	"V1::NotificationPolicy": `filter_not_following:bool filter_not_followers:bool filter_new_accounts:bool filter_private_mentions:bool
		summary:PolicySummary`,
	"NotificationRequest": `id:id created_at:time updated_at:time notifications_count:string account:Account last_status-:Status`,
	"Merged":              `merged:bool`,
	"Count":               `count:int`,
	"WebPushSubscription": `id:int endpoint:url standard:bool alerts:Alerts policy:string server_key:string`,
	"Alerts": `mention:bool quote:bool status:bool reblog:bool follow:bool follow_request:bool favourite:bool poll:bool update:bool
		quoted_update:bool admin.sign_up:bool admin.report:bool`,

	"Filter":        `id:id title:string context:[]string expires_at:time? filter_action:string keywords:[]FilterKeyword statuses:[]FilterStatus`,
	"FilterKeyword": `id:id keyword:string whole_word:bool`,
	"FilterStatus":  `id:id status_id:id`,
	"FilterResult":  `filter:FilterHead keyword_matches:[]string? status_matches:[]id?`,
	"FilterHead":    `id:id title:string context:[]string expires_at:time? filter_action:string`,
	"V1::Filter":    `id:id phrase:string context:[]string expires_at:time? irreversible:bool whole_word:bool`,

	"List":        `id:id title:string replies_policy:string exclusive:bool`,
	"Marker":      `last_read_id:id version:int updated_at:time`,
	"Markers":     `home-:Marker notifications-:Marker`,
	"Tag":         `id:id name:string url:url history:[]TagHistory following-:bool featuring-:bool`,
	"TagHistory":  `day:string uses:string accounts:string`,
	"FeaturedTag": `id:id name:string url:url statuses_count:string last_status_at:date?`,
	"Search":      `accounts:[]Account statuses:[]Status hashtags:[]Tag collections-:[]Collection`,
	"Preferences": `posting:default:visibility:string posting:default:sensitive:bool posting:default:language:string?
		posting:default:quote_policy:string reading:expand:media:string reading:expand:spoilers:bool reading:autoplay:gifs:bool`,

	"Application":           `name:string website:url? scopes:[]string redirect_uri:string redirect_uris:[]string vapid_key:string`,
	"CredentialApplication": `+Application id:id client_id:string client_secret:string client_secret_expires_at:int`,
	"Token":                 `access_token:string token_type:string scope:string created_at:int`,
	"UserInfo":              `iss:url sub:url name:string preferred_username:string profile:url picture:url`,
	"AuthorizationServer": `issuer:url authorization_endpoint:url token_endpoint:url revocation_endpoint:url userinfo_endpoint:url
		app_registration_endpoint:url service_documentation:url scopes_supported:[]string response_types_supported:[]string
		response_modes_supported:[]string grant_types_supported:[]string token_endpoint_auth_methods_supported:[]string
		code_challenge_methods_supported:[]string`,

	"Instance": `domain:string title:string version:string source_url:url description:string usage:hash thumbnail:Thumbnail icon:[]Icon
		languages:[]string configuration:Configuration registrations:Registrations api_versions:hash contact:Contact rules:[]Rule`,
	"Thumbnail": `url:url blurhash:string? versions:hash description:string`,
	"Icon":      `src:url size:string`,
	"Configuration": `urls:InstanceURLs vapid:Vapid accounts:AccountLimits statuses:StatusLimits media_attachments:MediaLimits polls:PollLimits
		translation:Translation timelines_access:hash limited_federation:bool`,
	"InstanceURLs": `streaming:socket status:url? about:url? privacy_policy:url? terms_of_service:url?`,
	"Vapid":        `public_key:string`,
	"AccountLimits": `max_featured_tags:int max_pinned_statuses:int max_profile_fields:int profile_field_name_limit:int
		profile_field_value_limit:int max_display_name_length:int max_note_length:int max_avatar_description_length:int
		max_header_description_length:int`,
	"StatusLimits": `max_characters:int max_media_attachments:int characters_reserved_per_url:int`,
	"MediaLimits": `supported_mime_types:[]string description_limit:int image_size_limit:int image_matrix_limit:int video_size_limit:int
		video_frame_rate_limit:int video_matrix_limit:int`,
	"PollLimits":    `max_options:int max_characters_per_option:int min_expiration:int max_expiration:int`,
	"Translation":   `enabled:bool`,
	"Registrations": `enabled:bool approval_required:bool reason_required:bool? message:string? min_age:int? url:url?`,
	"Contact":       `email:string account:Account?`,
	"Rule":          `id:string text:string hint:string translations:hash`,
	"V1::Instance": `uri:string title:string short_description:string description:string email:string version:string urls:hash stats:Stats
		thumbnail:url? languages:[]string registrations:bool approval_required:bool invites_enabled:bool configuration:hash
		contact_account:Account? rules:[]Rule`,
	"Stats":               `user_count:int status_count:int domain_count:int`,
	"ExtendedDescription": `updated_at:time content:html`,
	"Empty":               ``,

	"PrivacyPolicy":     `updated_at:time content:html`,
	"TermsOfService":    `effective_date:date effective:bool content:html succeeded_by:date?`,
	"Language":          `code:string name:string`,
	"WeekActivity":      `week:string statuses:string logins:string registrations:string`,
	"AnnualReports":     `annual_reports:[]Empty accounts:[]Account statuses:[]Status`,
	"AnnualReportState": `state:string`,
	"Health":            `status:string`,
	"OEmbed": `type:string version:string title:string author_name:string author_url:url provider_name:string provider_url:url cache_age:int
		html:html width:int height:int?`,
	"TrendingLink": `url:url title:string description:string type:string language:string? author_name:string author_url:string provider_name:string
		provider_url:string html:html width:int height:int image:url? image_description:string embed_url:string blurhash:string?
		published_at:time? authors:[]Empty history:[]TagHistory`,
	"DomainBlock": `domain:string digest:string severity:string comment:string`,
	"Announcement": `id:id content:html starts_at:time? ends_at:time? all_day:bool published_at:time updated_at:time read-:bool
		mentions:[]Empty statuses:[]Empty tags:[]StatusTag emojis:[]CustomEmoji reactions:[]Reaction`,
	"Reaction":             `name:string count:int me-:bool url-:url static_url-:url`,
	"AnnouncementReaction": `name:string count:int url-:url static_url-:url announcement_id:id`,

	"AdminAccount": `id:id username:string domain:string? created_at:time email:string? ip:string? ips:[]Empty locale:string? invite_request:string?
		role:CredentialRole? confirmed:bool approved:bool disabled:bool silenced:bool suspended:bool sensitized:bool account:Account
		created_by_application_id-:id invited_by_account_id-:id`,
	"AdminReport": `id:id action_taken:bool action_taken_at:time? category:string comment:string forwarded:bool created_at:time updated_at:time
		account:AdminAccount target_account:AdminAccount assigned_account:AdminAccount? action_taken_by_account:AdminAccount?
		statuses:[]Status rules:[]Rule`,
	"AdminDomainBlock": `id:id domain:string digest:string created_at:time severity:string reject_media:bool reject_reports:bool
		private_comment:string? public_comment:string? obfuscate:bool`,
	"AdminDomainAllow": `id:id domain:string created_at:time`,
}

// fits lists where a value is not of a type.
func fits(at, kind string, value any) []string {
	if kind, nullable := strings.CutSuffix(kind, "?"); nullable {
		if value == nil {
			return nil
		}
		return fits(at, kind, value)
	}
	if element, list := strings.CutPrefix(kind, "[]"); list {
		return fitsList(at, element, value)
	}
	if fields, entity := shapes[kind]; entity {
		return fitsEntity(at, kind, fields, value)
	}
	if is, known := kinds[kind]; !known || !is(value) {
		return []string{fmt.Sprintf("%s is %v, not a %s", at, value, kind)}
	}
	return nil
}

func fitsList(at, element string, value any) (wrong []string) {
	list, ok := value.([]any)
	if !ok {
		return []string{fmt.Sprintf("%s is %v, not a list", at, value)}
	}
	for i, item := range list {
		wrong = append(wrong, fits(fmt.Sprintf("%s[%d]", at, i), element, item)...)
	}
	return wrong
}

func fitsEntity(at, kind, fields string, value any) (wrong []string) {
	object, ok := value.(map[string]any)
	if !ok {
		return []string{fmt.Sprintf("%s is %v, not a %s", at, value, kind)}
	}
	var documented []string
	for _, field := range fieldsOfShape(fields) {
		name, optional := strings.CutSuffix(field.name, "-")
		documented = append(documented, name)
		inner, present := object[name]
		switch {
		case present:
			wrong = append(wrong, fits(at+"."+name, field.kind, inner)...)
		case !optional:
			wrong = append(wrong, at+"."+name+" is missing")
		}
	}
	for name := range object {
		if !slices.Contains(documented, name) {
			wrong = append(wrong, at+"."+name+" is not documented")
		}
	}
	return wrong
}

type shapeField struct{ name, kind string }

func fieldsOfShape(fields string) (list []shapeField) {
	for _, field := range strings.Fields(fields) {
		if base, extends := strings.CutPrefix(field, "+"); extends {
			list = append(list, fieldsOfShape(shapes[base])...)
			continue
		}
		cut := strings.LastIndex(field, ":") // names of preferences hold colons themselves
		list = append(list, shapeField{field[:cut], field[cut+1:]})
	}
	return list
}

var idForm = regexp.MustCompile(`^[0-9]{1,19}$`)

// kinds are the types that are no entities.
var kinds = map[string]func(any) bool{
	"string": func(v any) bool { _, ok := v.(string); return ok },
	"html":   func(v any) bool { _, ok := v.(string); return ok },
	"null":   func(v any) bool { return v == nil },
	"bool":   func(v any) bool { _, ok := v.(bool); return ok },
	"hash":   func(v any) bool { _, ok := v.(map[string]any); return ok },
	"int":    func(v any) bool { n, ok := v.(json.Number); return ok && !strings.ContainsAny(n.String(), ".eE") },
	"id":     func(v any) bool { s, ok := v.(string); return ok && idForm.MatchString(s) },
	"time": func(v any) bool {
		s, ok := v.(string)
		_, err := time.Parse("2006-01-02T15:04:05.000Z", s)
		return ok && err == nil
	},
	"date": func(v any) bool {
		s, ok := v.(string)
		_, err := time.Parse(time.DateOnly, s)
		return ok && err == nil
	},
	"socket": func(v any) bool {
		s, ok := v.(string)
		u, err := url.Parse(s)
		return ok && err == nil && u.Host != "" && u.Path == "" && strings.HasPrefix(u.Scheme, "ws")
	},
	"url": func(v any) bool {
		s, ok := v.(string)
		u, err := url.Parse(s)
		return ok && err == nil && u.Host != "" && strings.HasPrefix(u.Scheme, "http")
	},
}

// The judge itself: what it must find.
func TestFits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind, value string
		right       bool
	}{
		{"Count", `{"count":1}`, true},
		{"Count", `{"count":1.5}`, false},
		{"Count", `{"count":"1"}`, false},
		{"Count", `{}`, false},
		{"Count", `{"count":1,"more":2}`, false},
		{"[]Count", `[]`, true},
		{"[]Count", `null`, false},
		{"[]Count?", `null`, true},
		{"Thumbnail", `{"url":"","blurhash":null,"versions":{},"description":""}`, false},
		{"id", `"12"`, true},
		{"id", `12`, false},
		{"time", `"2026-01-02T03:04:05.678Z"`, true},
		{"time", `"2026-01-02"`, false},
	} {
		decoder := json.NewDecoder(strings.NewReader(test.value))
		decoder.UseNumber()
		var value any
		if err := decoder.Decode(&value); err != nil {
			t.Fatal(err)
		}
		if wrong := fits("it", test.kind, value); (len(wrong) == 0) != test.right {
			t.Errorf("%s as %s: %v", test.value, test.kind, wrong)
		}
	}
}
