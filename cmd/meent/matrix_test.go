package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"meent/cmd/meent/web"
	"meent/communities"
)

// secretPost is a post that some may see and others may not, with a word of its own in every field that a page could show.
type secretPost struct {
	name string
	word string
	id   communities.PostID
	seen []string // who may see it
}

// stage is a node with somebody of every kind before the same posts.
type stage struct {
	*house
	browsers map[string]*browser
	posts    []secretPost
}

// The viewers of the matrix: nobody, a stranger, a follower of the author, who is mentioned, a moderator of the group, the author.
var viewers = []string{"nobody", "vreemde", "volger", "genoemd", "moderator", "auteur"}

// SECURITY V1, V2, V5, V7, V12: over every page and feed of the route table, a post is shown to nobody who may not see it; a route that is
// added joins by itself. Where it is not shown, its own addresses answer as those of a post that never was.
func TestVisibilityMatrix(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(h *house) {
		s := h.stage()
		for _, viewer := range viewers {
			for _, route := range pageRoutes(&web.Pages{}) {
				if route.method == http.MethodGet {
					s.visit(viewer, route)
				}
			}
			s.absent(viewer)
			s.present(viewer)
		}
	})
}

// stage makes the people and their posts.
func (h *house) stage() *stage {
	h.t.Helper()
	s := &stage{house: h, browsers: map[string]*browser{"nobody": h.browser()}}
	people := map[string]*communities.Actor{}
	for _, name := range viewers[1:] {
		people[name], s.browsers[name] = h.resident(name)
	}
	group, author := h.welcome(), people["auteur"]
	err := h.town.Write(h.t.Context(), func(tx communities.Tx) error {
		ctx := h.t.Context()
		if _, err := h.town.Follow(ctx, tx, communities.Following{Follower: people["volger"].ID, Followee: author.ID}); err != nil {
			return err
		}
		return h.town.SetRole(ctx, tx, communities.RoleChange{Group: group.ID, Person: people["moderator"].ID, By: h.self.ID, Role: communities.RoleModerator})
	})
	if err != nil {
		h.t.Fatal(err)
	}
	open := h.publish(communities.Draft{Author: author.ID, Group: group.ID, Title: "Open", Source: "Voor iedereen."})
	everybody, own := viewers, []string{"auteur"}
	s.add("public", everybody, communities.Draft{Author: author.ID, Group: group.ID})
	s.add("followers", append(own, "volger", "genoemd"), communities.Draft{Author: author.ID, Visibility: communities.Followers, Mentions: []communities.ActorID{people["genoemd"].ID}})
	s.add("direct", append(own, "genoemd"), communities.Draft{Author: author.ID, Visibility: communities.Direct, Mentions: []communities.ActorID{people["genoemd"].ID}})
	s.add("answer to followers", append(own, "volger"), communities.Draft{Author: author.ID, InReplyTo: open.ID, Visibility: communities.Followers})
	s.add("members", append(own, "moderator"), communities.Draft{Author: author.ID, Group: group.ID, Visibility: communities.GroupOnly})
	removed := s.add("removed", append(own, "moderator"), communities.Draft{Author: author.ID, Group: group.ID})
	deleted := s.add("deleted", nil, communities.Draft{Author: author.ID, Group: group.ID})
	err = h.town.Write(h.t.Context(), func(tx communities.Tx) error {
		if err := h.town.Remove(h.t.Context(), tx, communities.Moderation{Post: removed, By: people["moderator"].ID, Reason: "huisregels"}); err != nil {
			return err
		}
		return h.town.Delete(h.t.Context(), tx, communities.Deletion{Post: deleted, By: author.ID})
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// add publishes a post with its word in the title, the text, the warning and a hashtag, and as an event in the place.
func (s *stage) add(name string, seen []string, draft communities.Draft) communities.PostID {
	s.t.Helper()
	word := fmt.Sprintf("geheim%dwoord", len(s.posts))
	draft.Source = word + " #" + word
	if draft.InReplyTo == 0 {
		draft.Title = word
		draft.Event = &communities.Event{StartsAt: time.Now().Add(24 * time.Hour), Place: word, Timezone: "Europe/Amsterdam"}
	}
	post := s.publish(draft)
	s.posts = append(s.posts, secretPost{name, word, post.ID, seen})
	return post.ID
}

// visit opens a route with everything that its address can name, and looks for words that the viewer should not read.
func (s *stage) visit(viewer string, route route) {
	s.t.Helper()
	for _, at := range s.addresses(route.path) {
		got := s.browsers[viewer].get(at)
		if got.status >= http.StatusInternalServerError {
			s.t.Errorf("%s for %s: %d", at, viewer, got.status)
		}
		said := got.body
		for _, echo := range []string{url.QueryEscape(at), at} { // an address that the viewer typed themselves
			said = strings.ReplaceAll(said, echo, "")
		}
		for _, post := range s.posts {
			if slices.Contains(post.seen, viewer) || strings.Contains(at, post.word) && !strings.Contains(said, "/p/"+fmt.Sprint(post.id)) {
				continue
			}
			if strings.Contains(said, post.word) {
				s.t.Errorf("%s shows %s a %s post", at, viewer, post.name)
			}
		}
	}
}

// addresses fills the places of a route with all that there is.
func (s *stage) addresses(path string) []string {
	names := map[string][]string{"{name}": {"welkom", "auteur"}, "{file}": {"x"}, "{secret}": {"x"}}
	for _, post := range s.posts {
		names["{id}"] = append(names["{id}"], fmt.Sprint(post.id))
		names["{tag}"] = append(names["{tag}"], post.word)
	}
	path = strings.TrimSuffix(path, "{$}")
	for place, values := range names {
		if !strings.Contains(path, place) {
			continue
		}
		var filled []string
		for _, value := range values {
			filled = append(filled, strings.ReplaceAll(path, place, value))
		}
		return filled
	}
	if path != "/search" {
		return []string{path}
	}
	var searches []string
	for _, post := range s.posts {
		searches = append(searches, path+"?q="+post.word)
	}
	return searches
}

// absent compares each page of a hidden post with that of one that never was.
func (s *stage) absent(viewer string) {
	s.t.Helper()
	b := s.browsers[viewer]
	for _, route := range pageRoutes(&web.Pages{}) {
		if route.method != http.MethodGet || !strings.Contains(route.path, "{id}") {
			continue
		}
		never := b.get(strings.ReplaceAll(route.path, "{id}", "1000000000000000001"))
		for _, post := range s.posts {
			if slices.Contains(post.seen, viewer) || post.name == "deleted" { // that it was deleted, anybody may know who could see it
				continue
			}
			got := b.get(strings.ReplaceAll(route.path, "{id}", fmt.Sprint(post.id)))
			if got.status != never.status || strings.ReplaceAll(got.body, fmt.Sprint(post.id), "1000000000000000001") != never.body {
				s.t.Errorf("%s tells %s that a %s post is there: %d, not %d", route.path, viewer, post.name, got.status, never.status)
			}
		}
	}
}

// present makes sure that the posts are there to be hidden: who may see one, reads it.
func (s *stage) present(viewer string) {
	s.t.Helper()
	for _, post := range s.posts {
		if !slices.Contains(post.seen, viewer) {
			continue
		}
		got := s.browsers[viewer].get(fmt.Sprintf("/p/%d", post.id))
		if got.status == http.StatusSeeOther { // an answer, in its thread
			got = s.browsers[viewer].get(got.header.Get("Location"))
		}
		got.want(s.t, http.StatusOK, post.word)
	}
}
