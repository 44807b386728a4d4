package auth

import (
	"fmt"
	"slices"
	"strings"
)

// Scope is a permission that somebody gives to a program (Mastodon API, OAuth scopes). One without a colon holds all below it.
type Scope string

const (
	Read    Scope = "read"
	Write   Scope = "write"
	Push    Scope = "push"
	Profile Scope = "profile"
	// FollowScope is Mastodon's old name for the relations with others, to read and to change.
	FollowScope Scope = "follow"
	AdminRead   Scope = "admin:read"
	AdminWrite  Scope = "admin:write"
)

// below lists what each scope holds (Mastodon API, OAuth scopes: granular scopes).
var below = map[Scope][]string{
	Read: {
		"accounts", "blocks", "bookmarks", "collections", "favourites", "filters", "follows", "lists", "mutes", "notifications", "search",
		"statuses",
	},
	Write: {
		"accounts", "blocks", "bookmarks", "collections", "conversations", "favourites", "filters", "follows", "lists", "media", "mutes", "notifications",
		"reports", "statuses",
	},
	AdminRead: {
		"accounts", "reports", "domain_allows", "domain_blocks", "ip_blocks", "email_domain_blocks", "canonical_email_blocks",
	},
	AdminWrite: {
		"accounts", "reports", "domain_allows", "domain_blocks", "ip_blocks", "email_domain_blocks", "canonical_email_blocks",
	},
}

// holds lists for each scope all that it allows, itself included.
var holds = allHolds()

func allHolds() map[Scope][]Scope {
	all := map[Scope][]Scope{
		Push:        {Push},
		Profile:     {Profile},
		FollowScope: {FollowScope, "read:blocks", "write:blocks", "read:follows", "write:follows", "read:mutes", "write:mutes"},
	}
	for scope, parts := range below {
		all[scope] = []Scope{scope}
		for _, part := range parts {
			granular := scope + ":" + Scope(part)
			all[granular] = []Scope{granular}
			all[scope] = append(all[scope], granular)
		}
	}
	all[Read] = append(all[Read], Profile)
	all["read:accounts"] = append(all["read:accounts"], Profile)
	return all
}

// Scopes is a set of permissions.
type Scopes []Scope

// ParseScopes reads a list that is separated by spaces, or plus signs as some programs send it. An unknown scope is an error, and none at
// all is read (Mastodon API, apps).
func ParseScopes(list string) (Scopes, error) {
	var scopes Scopes
	for _, word := range strings.FieldsFunc(list, func(r rune) bool { return r == ' ' || r == '+' }) {
		if _, ok := holds[Scope(word)]; !ok {
			return nil, fmt.Errorf("%q is not a scope", word)
		}
		if !slices.Contains(scopes, Scope(word)) {
			scopes = append(scopes, Scope(word))
		}
	}
	if len(scopes) == 0 {
		return Scopes{Read}, nil
	}
	return scopes, nil
}

// String returns the list as it is stored and sent.
func (s Scopes) String() string {
	words := make([]string, len(s))
	for i, scope := range s {
		words[i] = string(scope)
	}
	return strings.Join(words, " ")
}

// Allows tells whether what was granted includes what a route needs.
func Allows(granted Scopes, needed Scope) bool {
	return slices.ContainsFunc(granted, func(g Scope) bool { return slices.Contains(holds[g], needed) })
}

// Within tells whether a program asks for no more than it once said it would.
func (s Scopes) Within(registered Scopes) bool {
	return !slices.ContainsFunc(s, func(asked Scope) bool { return !Allows(registered, asked) })
}
