package mastodon

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"meent/communities"
)

// hidden is a post that some may see and others may not, with a word of its own in every field that an answer could show.
type hidden struct {
	kind string
	word string
	id   string
	seen []string // who may see it
}

// theatre is a town with somebody of every kind before the same posts.
type theatre struct {
	*world
	people map[string]*communities.Actor
	phones map[string]app
	posts  []hidden
	dorp   *communities.Actor // a group
}

// The viewers of the matrix. gone followed the author, was a member, and kept what they saw; then both ended. waiting asked to follow the
// author and to join, and was not answered. app is an app without a person.
const (
	nobodyAtAll = "nobody"
	anApp       = "app"
	stranger    = "stranger"
	waiting     = "waiting"
	gone        = "gone"
	refused     = "refused" // the author blocked them
	follower    = "follower"
	named       = "named"
	member      = "member"
	moderator   = "moderator"
	author      = "author"
)

var (
	spectators = []string{stranger, waiting, gone, refused, follower, named, member, moderator, author}
	viewers    = append([]string{nobodyAtAll, anApp}, spectators...)
)

// SECURITY V1, V5, V7, V12, V16, O21, X4: over every route of the API, a post is shown to nobody who may not see it; a route that is added
// joins by itself. Where it is not shown, its own addresses answer as those of a post that never was.
func TestVisibilityMatrix(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		s := w.theatre()
		cells := 0
		for _, viewer := range viewers {
			for _, row := range routes {
				if row.method == http.MethodGet && !endless(row) {
					cells += s.read(viewer, row)
				}
			}
			s.present(viewer)
		}
		for _, viewer := range viewers { // writes last, as they leave traces
			for _, row := range routes {
				cells += s.absent(viewer, row)
			}
		}
		t.Logf("%d viewers x %d posts: %d answers looked at", len(viewers), len(s.posts), cells)
	})
}

// theatre makes the people and their posts.
func (w *world) theatre() *theatre {
	s := &theatre{world: w, people: map[string]*communities.Actor{}, phones: map[string]app{nobodyAtAll: {w: w}, anApp: {w: w, token: w.tokenOfApp()}}}
	for _, name := range spectators {
		w.do(func(ctx context.Context, tx communities.Tx) (err error) {
			s.people[name], err = w.person(ctx, tx, name, "")
			return err
		})
		s.phones[name] = w.app(s.people[name])
	}
	s.dorp = w.group("dorp", communities.GroupSettings{})
	s.phones[author].call(http.MethodPatch, "/api/v1/accounts/update_credentials", url.Values{"locked": {"true"}}).ok(nil)
	for _, name := range []string{waiting, gone, follower} {
		w.follow(s.people[name], s.people[author])
	}
	for _, name := range []string{gone, follower} {
		s.phones[author].post("/api/v1/follow_requests/"+id(s.people[name].ID)+"/authorize", nil).ok(nil)
	}
	s.phones[author].post("/api/v1/accounts/"+id(s.people[refused].ID)+"/block", nil).ok(nil)
	for _, name := range []string{gone, member, author, moderator} {
		s.join(s.dorp, name)
	}
	w.do(func(ctx context.Context, tx communities.Tx) error {
		return w.town.SetRole(ctx, tx, communities.RoleChange{Group: s.dorp.ID, Person: s.people[moderator].ID, By: w.anna.ID, Role: communities.RoleModerator})
	})
	removed, deleted := s.play()
	s.leave(s.dorp)
	s.takeAway(removed, deleted)
	return s
}

// play publishes the posts; two of them are to be taken away.
func (s *theatre) play() (removed, deleted *communities.Post) {
	s.t.Helper()
	people, dorp, everybody := s.people, s.dorp, slices.DeleteFunc(slices.Clone(viewers), func(name string) bool { return name == refused })
	mentions := []communities.ActorID{people[named].ID}
	open := s.post(communities.Draft{Author: people[author].ID, Group: dorp.ID, Title: "Open", Source: "Voor wie wil"})
	s.add("public", everybody, communities.Draft{Group: dorp.ID})
	s.add("unlisted", everybody, communities.Draft{Visibility: communities.Unlisted})
	s.add("followers", []string{author, follower, named}, communities.Draft{Visibility: communities.Followers, Mentions: mentions})
	s.add("direct", []string{author, named}, communities.Draft{Visibility: communities.Direct, Mentions: mentions})
	s.add("reply to followers", []string{author, follower}, communities.Draft{Visibility: communities.Followers, InReplyTo: open.ID})
	s.add("members", []string{author, member, moderator}, communities.Draft{Visibility: communities.GroupOnly, Group: dorp.ID})
	removed = s.add("removed", []string{author, moderator}, communities.Draft{Group: dorp.ID})
	deleted = s.add("deleted", nil, communities.Draft{Group: dorp.ID})
	return removed, deleted
}

func (s *theatre) takeAway(removed, deleted *communities.Post) {
	s.t.Helper()
	s.do(func(ctx context.Context, tx communities.Tx) error {
		if err := s.town.Remove(ctx, tx, communities.Moderation{Post: removed.ID, By: s.people[moderator].ID, Reason: "huisregels"}); err != nil {
			return err
		}
		return s.town.Delete(ctx, tx, communities.Deletion{Post: deleted.ID, By: s.people[author].ID})
	})
}

func (s *theatre) join(group *communities.Actor, name string) {
	s.do(func(ctx context.Context, tx communities.Tx) error {
		_, err := s.town.Join(ctx, tx, communities.Entry{Group: group.ID, Person: s.people[name].ID})
		return err
	})
}

// add publishes a post of the author with its word in all that it says.
func (s *theatre) add(kind string, seen []string, draft communities.Draft) *communities.Post {
	s.t.Helper()
	word := fmt.Sprintf("geheim%dwoord", len(s.posts))
	draft.Author, draft.Source, draft.Warning = s.people[author].ID, word+" #"+word, word
	draft.Attachments = []communities.Attachment{{Kind: "image", URL: "https://ergens.example/" + word + ".png", MediaType: "image/png", Alt: word}}
	if draft.InReplyTo == 0 {
		draft.Title = word
		draft.Poll = &communities.Poll{Options: []communities.Option{{Title: word}, {Title: "niet"}}, ClosesAt: time.Now().Add(time.Hour)}
	}
	post := s.post(draft)
	s.posts = append(s.posts, hidden{kind, word, id(post.ID), seen})
	return post
}

// leave lets who is gone take along all that they can of what they still see, and then go.
func (s *theatre) leave(group *communities.Actor) {
	s.t.Helper()
	phone := s.phones[gone]
	for _, post := range s.posts {
		if post.kind == "direct" {
			continue
		}
		for _, keepsake := range []string{"bookmark", "favourite"} {
			if kept := phone.post("/api/v1/statuses/"+post.id+"/"+keepsake, nil); kept.status != http.StatusOK {
				s.t.Fatalf("%s of %s by who still sees it: %d %s", keepsake, post.kind, kept.status, kept.body)
			}
		}
	}
	s.phones[author].post("/api/v1/accounts/"+id(s.people[gone].ID)+"/remove_from_followers", nil).ok(nil)
	s.do(func(ctx context.Context, tx communities.Tx) error {
		return s.town.Leave(ctx, tx, communities.Entry{Group: group.ID, Person: s.people[gone].ID})
	})
}

// read asks for everything that a route can name, and looks for words that the viewer should not read.
func (s *theatre) read(viewer string, row row) (cells int) {
	s.t.Helper()
	for _, at := range s.addresses(row.pattern) {
		answer := s.phones[viewer].get(at)
		if answer.status >= http.StatusInternalServerError {
			s.t.Errorf("GET %s for %s: %d %s", at, viewer, answer.status, answer.body)
		}
		for _, post := range s.posts {
			cells++
			if !slices.Contains(post.seen, viewer) && post.in(answer.body, at) {
				s.t.Errorf("GET %s shows %s a %s post: %s", at, viewer, post.kind, answer.body)
			}
		}
	}
	return cells
}

// in tells whether an answer shows the post. What the viewer typed themselves tells nothing.
func (h hidden) in(body []byte, typed string) bool {
	said := string(body)
	if strings.Contains(typed, h.word) {
		return strings.Contains(said, `"id":"`+h.id)
	}
	return strings.Contains(said, h.word) || !strings.Contains(typed, h.id) && strings.Contains(said, h.id)
}

// addresses fills the places of a pattern, and the fields that choose, with all that there is.
func (s *theatre) addresses(pattern string) (list []string) {
	ids := []string{id(s.people[author].ID), id(s.people[moderator].ID)}
	every := url.Values{}
	for _, post := range s.posts {
		ids = append(ids, post.id)
		every.Add("id[]", post.id)
		every.Add("q", post.word)
	}
	if !strings.Contains(pattern, "{") {
		list = []string{pattern + "?" + every.Encode(), pattern}
		for _, post := range s.posts {
			list = append(list, pattern+"?"+url.Values{"q": {post.word}, "account_id": ids[:1], "url": {s.address("/p/" + post.id)}}.Encode())
		}
		return list
	}
	for _, one := range ids {
		list = append(list, strings.NewReplacer("{id}", one, "{group_key}", "favourite-"+one, "{first}", one, "{second}", "statuses").Replace(pattern))
	}
	for _, post := range s.posts {
		list = append(list, strings.NewReplacer("{hashtag}", post.word, "{name}", post.word, "{id}", ids[0]).Replace(pattern))
	}
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(path string) bool { return strings.Contains(path, "{") })
}

// present makes sure that the posts are there to be hidden: who may see one, reads it.
func (s *theatre) present(viewer string) {
	s.t.Helper()
	for _, post := range s.posts {
		answer := s.phones[viewer].get("/api/v1/statuses/" + post.id)
		if got := answer.status == http.StatusOK && post.in(answer.body, ""); got != slices.Contains(post.seen, viewer) {
			s.t.Errorf("%s sees a %s post: %t", viewer, post.kind, got)
		}
	}
}

// absent calls a route with each hidden post, and with one that never was: the answers are the same.
func (s *theatre) absent(viewer string, row row) (cells int) {
	s.t.Helper()
	if !within(row.pattern, "/api/v1/statuses/{id}") && !within(row.pattern, "/api/v1/polls/{id}") {
		return 0
	}
	const never = "1000000000000000001"
	fields := url.Values{"status": {"x"}, "choices[]": {"0"}}
	without := s.phones[viewer].call(row.method, strings.ReplaceAll(row.pattern, "{id}", never), fields)
	for _, post := range s.posts {
		if slices.Contains(post.seen, viewer) {
			continue
		}
		cells++
		answer := s.phones[viewer].call(row.method, strings.ReplaceAll(row.pattern, "{id}", post.id), fields)
		if answer.status != without.status || strings.ReplaceAll(string(answer.body), post.id, never) != string(without.body) {
			s.t.Errorf("%s %s tells %s that a %s post is there: %d %s, not %d %s",
				row.method, row.pattern, viewer, post.kind, answer.status, answer.body, without.status, without.body)
		}
	}
	return cells
}
