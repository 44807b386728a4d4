package mastodon

import (
	"reflect"
	"runtime"
	"slices"
	"strings"

	"meent/communities/auth"
)

// row is an endpoint: how it is called, who may enter, by what scope, and what answers. A row without an entry is open to nobody.
type row struct {
	method    string
	pattern   string
	enter     Entry
	scope     auth.Scope
	handler   handler
	perMinute int
}

// How often a client may come where it could fill the archive, or guess. A town hall has one address for all who work in it.
const (
	registrations = 30
	guesses       = 60
)

// routes is everything that apps can ask (https://docs.joinmastodon.org/methods/).
var routes = []row{
	// Signing in.
	{"POST", "/api/v1/apps", Anyone, "", (*API).registerApp, registrations},
	{"GET", "/api/v1/apps/verify_credentials", App, "", (*API).verifyApp, 0},
	{"GET", "/oauth/authorize", Anyone, "", (*API).authorize, guesses},
	{"POST", "/oauth/authorize", Anyone, "", (*API).decide, guesses},
	{"POST", "/oauth/token", Anyone, "", (*API).token, guesses},
	{"POST", "/oauth/revoke", Anyone, "", (*API).revoke, guesses},
	{"GET", "/oauth/userinfo", User, auth.Profile, (*API).userInfo, 0},
	{"GET", "/.well-known/oauth-authorization-server", Anyone, "", (*API).authorizationServer, 0},

	// The node.
	{"GET", "/api/v1/instance", Anyone, "", (*API).v1Instance, 0},
	{"GET", "/api/v2/instance", Anyone, "", (*API).instance, 0},
	{"GET", "/api/v1/instance/rules", Anyone, "", (*API).instanceRules, 0},
	{"GET", "/api/v1/instance/peers", Anyone, "", (*API).peers, 0},
	{"GET", "/api/v1/instance/extended_description", Anyone, "", (*API).extendedDescription, 0},
	{"GET", "/api/v1/instance/translation_languages", Anyone, "", (*API).noLanguages, 0},
	{"GET", "/api/v1/custom_emojis", Anyone, "", (*API).customEmojis, 0},
	{"GET", "/api/v1/announcements", User, "", (*API).announcements, 0},
	{"GET", "/api/v1/directory", Anyone, "", (*API).directory, 0},
	{"GET", "/api/v1/streaming/health", Anyone, "", (*API).streamHealth, 0},
	{"GET", avatarPath, Anyone, "", (*API).defaultAvatar, 0},
	{"GET", headerPath, Anyone, "", (*API).defaultHeader, 0},

	// Oneself.
	{"GET", "/api/v1/accounts/verify_credentials", User, auth.Profile, (*API).verifyCredentials, 0},
	{"PATCH", "/api/v1/accounts/update_credentials", User, "write:accounts", (*API).updateCredentials, 0},
	{"PUT", "/api/v1/accounts/update_credentials", User, "write:accounts", (*API).updateCredentials, 0},
	{"GET", "/api/v1/preferences", User, "read:accounts", (*API).preferences, 0},
	{"GET", "/api/v1/markers", User, "read:statuses", (*API).markers, 0},
	{"POST", "/api/v1/markers", User, "write:statuses", (*API).setMarkers, 0},
	{"GET", "/api/v1/favourites", User, "read:favourites", (*API).favourites, 0},
	{"GET", "/api/v1/bookmarks", User, "read:bookmarks", (*API).bookmarks, 0},
	{"GET", "/api/v1/blocks", User, "read:blocks", (*API).blocks, 0},
	{"GET", "/api/v1/mutes", User, "read:mutes", (*API).mutes, 0},
	{"GET", "/api/v1/follow_requests", User, "read:follows", (*API).followRequests, 0},
	{"POST", "/api/v1/follow_requests/{id}/authorize", User, "write:follows", (*API).authorizeFollow, 0},
	{"POST", "/api/v1/follow_requests/{id}/reject", User, "write:follows", (*API).rejectFollow, 0},
	{"GET", "/api/v1/featured_tags", User, "read:accounts", (*API).none, 0},
	{"GET", "/api/v1/followed_tags", User, "read:follows", (*API).none, 0},
	{"GET", "/api/v1/domain_blocks", User, "read:blocks", (*API).none, 0},
	{"GET", "/api/v1/endorsements", User, "read:accounts", (*API).none, 0},
	{"GET", "/api/v1/conversations", User, "read:statuses", (*API).none, 0},
	{"GET", "/api/v1/scheduled_statuses", User, "read:statuses", (*API).none, 0},
	{"POST", "/api/v1/reports", User, "write:reports", (*API).report, 0},

	// Others.
	{"GET", "/api/v1/accounts", Anyone, "read:accounts", (*API).showAccounts, 0},
	{"GET", "/api/v1/accounts/relationships", User, "read:follows", (*API).relationships, 0},
	{"GET", "/api/v1/accounts/familiar_followers", User, "read:follows", (*API).familiarFollowers, 0},
	{"GET", "/api/v1/accounts/search", User, "read:accounts", (*API).searchAccounts, 0},
	{"GET", "/api/v1/accounts/lookup", Anyone, "read:accounts", (*API).lookup, 0},
	{"GET", "/api/v1/accounts/{id}", Anyone, "read:accounts", (*API).showAccount, 0},
	{"GET", "/api/v1/accounts/{id}/statuses", Anyone, "read:statuses", (*API).accountStatuses, 0},
	{"GET", "/api/v1/accounts/{id}/followers", Anyone, "read:accounts", (*API).followers, 0},
	{"GET", "/api/v1/accounts/{id}/following", Anyone, "read:accounts", (*API).following, 0},
	{"GET", "/api/v1/accounts/{id}/featured_tags", Anyone, "read:accounts", (*API).noneOf, 0},
	{"GET", "/api/v1/accounts/{id}/endorsements", Anyone, "read:accounts", (*API).noneOf, 0},
	{"GET", "/api/v1/accounts/{id}/identity_proofs", User, "read:accounts", (*API).noneOf, 0},
	{"GET", "/api/v1/accounts/{id}/lists", User, "read:lists", (*API).accountLists, 0},
	{"POST", "/api/v1/accounts/{id}/follow", User, "write:follows", (*API).follow, 0},
	{"POST", "/api/v1/accounts/{id}/unfollow", User, "write:follows", (*API).unfollow, 0},
	{"POST", "/api/v1/accounts/{id}/remove_from_followers", User, "write:follows", (*API).removeFromFollowers, 0},
	{"POST", "/api/v1/accounts/{id}/block", User, "write:blocks", (*API).block, 0},
	{"POST", "/api/v1/accounts/{id}/unblock", User, "write:blocks", (*API).unblock, 0},
	{"POST", "/api/v1/accounts/{id}/mute", User, "write:mutes", (*API).mute, 0},
	{"POST", "/api/v1/accounts/{id}/unmute", User, "write:mutes", (*API).unmute, 0},
	{"GET", "/api/v1/suggestions", User, auth.Read, (*API).v1Suggestions, 0},
	{"GET", "/api/v2/suggestions", User, auth.Read, (*API).suggestions, 0},

	// Statuses.
	{"POST", "/api/v1/statuses", User, "write:statuses", (*API).createStatus, 0},
	{"GET", "/api/v1/statuses", Anyone, "read:statuses", (*API).showStatuses, 0},
	{"GET", "/api/v1/statuses/{id}", Anyone, "read:statuses", (*API).showStatus, 0},
	{"PUT", "/api/v1/statuses/{id}", User, "write:statuses", (*API).updateStatus, 0},
	{"DELETE", "/api/v1/statuses/{id}", User, "write:statuses", (*API).deleteStatus, 0},
	{"GET", "/api/v1/statuses/{id}/context", Anyone, "read:statuses", (*API).statusContext, 0},
	{"GET", "/api/v1/statuses/{id}/source", User, "read:statuses", (*API).statusSource, 0},
	{"GET", "/api/v1/statuses/{id}/history", Anyone, "read:statuses", (*API).statusHistory, 0},
	{"GET", "/api/v1/statuses/{id}/favourited_by", Anyone, "read:statuses", (*API).favouritedBy, 0},
	{"GET", "/api/v1/statuses/{id}/reblogged_by", Anyone, "read:statuses", (*API).rebloggedBy, 0},
	{"POST", "/api/v1/statuses/{id}/favourite", User, "write:favourites", (*API).favourite, 0},
	{"POST", "/api/v1/statuses/{id}/unfavourite", User, "write:favourites", (*API).unfavourite, 0},
	{"POST", "/api/v1/statuses/{id}/reblog", User, "write:statuses", (*API).reblog, 0},
	{"POST", "/api/v1/statuses/{id}/unreblog", User, "write:statuses", (*API).unreblog, 0},
	{"POST", "/api/v1/statuses/{id}/bookmark", User, "write:bookmarks", (*API).bookmark, 0},
	{"POST", "/api/v1/statuses/{id}/unbookmark", User, "write:bookmarks", (*API).unbookmark, 0},
	{"POST", "/api/v1/statuses/{id}/pin", User, "write:accounts", (*API).pin, 0},
	{"POST", "/api/v1/statuses/{id}/unpin", User, "write:accounts", (*API).unpin, 0},
	{"POST", "/api/v1/media", User, "write:media", (*API).noFiles, 0},
	{"POST", "/api/v2/media", User, "write:media", (*API).noFiles, 0},
	{"GET", "/api/v1/polls/{id}", Anyone, "read:statuses", (*API).showPoll, 0},
	{"POST", "/api/v1/polls/{id}/votes", User, "write:statuses", (*API).vote, 0},

	// Timelines.
	{"GET", "/api/v1/timelines/home", User, "read:statuses", (*API).home, 0},
	{"GET", "/api/v1/timelines/public", Anyone, "read:statuses", (*API).public, 0},
	{"GET", "/api/v1/timelines/tag/{hashtag}", Anyone, "read:statuses", (*API).hashtag, 0},
	{"GET", "/api/v1/timelines/list/{id}", User, "read:lists", (*API).listTimeline, 0},
	{"GET", "/api/v1/lists", User, "read:lists", (*API).lists, 0},
	{"POST", "/api/v1/lists", User, "write:lists", (*API).noLists, 0},
	{"GET", "/api/v1/lists/{id}", User, "read:lists", (*API).showList, 0},
	{"PUT", "/api/v1/lists/{id}", User, "write:lists", (*API).noLists, 0},
	{"DELETE", "/api/v1/lists/{id}", User, "write:lists", (*API).noLists, 0},
	{"GET", "/api/v1/lists/{id}/accounts", User, "read:lists", (*API).listAccounts, 0},
	{"POST", "/api/v1/lists/{id}/accounts", User, "write:lists", (*API).noLists, 0},
	{"DELETE", "/api/v1/lists/{id}/accounts", User, "write:lists", (*API).noLists, 0},
	{"GET", "/api/v1/trends", Anyone, "", (*API).none, 0},
	{"GET", "/api/v1/trends/tags", Anyone, "", (*API).none, 0},
	{"GET", "/api/v1/trends/statuses", Anyone, "", (*API).none, 0},
	{"GET", "/api/v1/trends/links", Anyone, "", (*API).none, 0},
	{"GET", "/api/v2/search", Anyone, "read:search", (*API).search, 0},
	{"GET", "/api/v1/tags/{name}", Anyone, "", (*API).showTag, 0},

	// Notifications.
	{"GET", "/api/v1/notifications", User, "read:notifications", (*API).notifications, 0},
	{"GET", "/api/v1/notifications/unread_count", User, "read:notifications", (*API).unreadCount, 0},
	{"GET", "/api/v1/notifications/requests", User, "read:notifications", (*API).none, 0},
	{"GET", "/api/v1/notifications/{id}", User, "read:notifications", (*API).showNotification, 0},
	{"POST", "/api/v1/notifications/clear", User, "write:notifications", (*API).clearNotifications, 0},
	{"POST", "/api/v1/notifications/{id}/dismiss", User, "write:notifications", (*API).dismissNotification, 0},
	{"GET", "/api/v2/notifications", User, "read:notifications", (*API).groupedNotifications, 0},
	{"GET", "/api/v2/notifications/unread_count", User, "read:notifications", (*API).unreadCount, 0},
	{"GET", "/api/v2/notifications/policy", User, "read:notifications", (*API).notificationPolicy, 0},
	{"PATCH", "/api/v2/notifications/policy", User, "write:notifications", (*API).changeNotificationPolicy, 0},
	{"GET", "/api/v2/notifications/{group_key}", User, "read:notifications", (*API).showGroup, 0},
	{"GET", "/api/v2/notifications/{group_key}/accounts", User, "read:notifications", (*API).groupAccounts, 0},
	{"POST", "/api/v2/notifications/{group_key}/dismiss", User, "write:notifications", (*API).dismissGroup, 0},

	// Filters.
	{"GET", "/api/v2/filters", User, "read:filters", (*API).listFilters, 0},
	{"POST", "/api/v2/filters", User, "write:filters", (*API).createFilter, 0},
	{"GET", "/api/v2/filters/{id}", User, "read:filters", (*API).showFilter, 0},
	{"PUT", "/api/v2/filters/{id}", User, "write:filters", (*API).updateFilter, 0},
	{"DELETE", "/api/v2/filters/{id}", User, "write:filters", (*API).deleteFilter, 0},
	{"GET", "/api/v2/filters/{first}/{second}", User, "read:filters", (*API).filterPart, 0},
	{"POST", "/api/v2/filters/{id}/keywords", User, "write:filters", (*API).addKeyword, 0},
	{"PUT", "/api/v2/filters/keywords/{id}", User, "write:filters", (*API).updateKeyword, 0},
	{"DELETE", "/api/v2/filters/keywords/{id}", User, "write:filters", (*API).deleteKeyword, 0},
	{"POST", "/api/v2/filters/{id}/statuses", User, "write:filters", (*API).holdStatus, 0},
	{"DELETE", "/api/v2/filters/statuses/{id}", User, "write:filters", (*API).releaseStatus, 0},
	{"GET", "/api/v1/filters", User, "read:filters", (*API).listV1Filters, 0},
	{"POST", "/api/v1/filters", User, "write:filters", (*API).createV1Filter, 0},
	{"GET", "/api/v1/filters/{id}", User, "read:filters", (*API).showV1Filter, 0},
	{"PUT", "/api/v1/filters/{id}", User, "write:filters", (*API).updateV1Filter, 0},
	{"DELETE", "/api/v1/filters/{id}", User, "write:filters", (*API).deleteV1Filter, 0},
}

// supportedScopes are those that some route asks for, with the wide ones that hold them.
func supportedScopes() []string {
	known := []string{string(auth.Read), string(auth.Write), string(auth.FollowScope), string(auth.Push), string(auth.Profile)}
	for _, row := range routes {
		if row.scope != "" && !slices.Contains(known, string(row.scope)) {
			known = append(known, string(row.scope))
		}
	}
	return known
}

// nameOf is what the method is called, for those who look for it.
func nameOf(h handler) string {
	full := runtime.FuncForPC(reflect.ValueOf(h).Pointer()).Name()
	return full[strings.LastIndex(full, ".")+1:]
}
