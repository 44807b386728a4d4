package federation

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"

	"meent/communities"
)

// The readers: one host of each dialect in the region, and everybody, who fetches without a signature.
const (
	everybody = "fetched"
	forum     = "lemmy.example"
	library   = "discourse.example"
	microblog = "mastodon.example" // follows the group
	fan       = "fan.example"      // a microblog that follows anna
)

// papers are the documents that a reader got, by reader and by what happened: "edit" is all of them, "edit/Announce" those of a type.
type papers map[string]map[string][]paper

// paper is a JSON object as the reader parses it.
type paper = map[string]any

// story is a region in which everything happens once, and what each neighbour gets of it.
type story struct {
	*region
	kees   *communities.Actor
	others map[string]*communities.Actor // people of hosts whom nobody misses when they are banned
	poll   *communities.Post
	papers papers
}

// tellStory has everything happen that other servers hear of.
func tellStory(r *region) papers {
	s := &story{region: r, papers: papers{}, others: map[string]*communities.Actor{forum: nil, microblog: nil}}
	s.write(func(tx communities.Tx) (err error) {
		s.kees, err = s.town.CreatePerson(s.Context(), tx, communities.NewPerson{Name: "kees", Email: "kees@stad.example", By: s.node.ID})
		return err
	})
	for host := range s.others {
		s.settleOther(host)
	}
	s.follows()
	thread, reply := s.posts()
	s.reactions(thread)
	s.rulings(thread, reply)
	s.persons()
	s.ends(thread, reply)
	s.fetches()
	return s.papers
}

func (s *story) settleOther(host string) {
	uri := "https://" + host + "/u/cor"
	cor := &communities.Actor{
		Kind: communities.Person, Name: "cor", Host: host, URI: uri,
		Endpoints: communities.Endpoints{Inbox: uri + "/inbox", SharedInbox: "https://" + host + "/inbox"},
	}
	s.write(func(tx communities.Tx) (err error) {
		s.others[host], err = s.town.StoreRemoteActor(s.Context(), tx, cor)
		return err
	})
}

// happens runs a verb and keeps what each neighbour is sent because of it.
func (s *story) happens(event string, verb func(ctx context.Context, tx communities.Tx) error) {
	s.Helper()
	s.write(func(tx communities.Tx) error { return verb(s.Context(), tx) })
	for host := range neighbours {
		due, err := s.db.DueDeliveries(s.Context(), []string{host}, time.Now().Add(time.Hour), 100)
		if err != nil {
			s.Fatal(err)
		}
		for _, row := range due[host] {
			activity, _, err := s.db.OutgoingActivity(s.Context(), row.ActivityID)
			if err != nil {
				s.Fatal(err)
			}
			s.keep(host, event, activity.Body)
		}
	}
	s.forget()
}

func (s *story) keep(reader, event string, body []byte) {
	s.Helper()
	var p paper
	if err := json.Unmarshal(body, &p); err != nil {
		s.Fatalf("%s for %s: %v", event, reader, err)
	}
	if s.papers[reader] == nil {
		s.papers[reader] = map[string][]paper{}
	}
	for _, name := range []string{event, fmt.Sprint(event, "/", p["type"])} {
		s.papers[reader][name] = append(s.papers[reader][name], p)
	}
}

// writes publishes a draft.
func (s *story) writes(event string, d communities.Draft) (p *communities.Post) {
	s.Helper()
	s.happens(event, func(ctx context.Context, tx communities.Tx) (err error) {
		p, err = s.town.Publish(ctx, tx, d)
		return err
	})
	return p
}

func (s *story) follows() {
	for host, bo := range s.people {
		if host != fan {
			s.happens("accept", func(ctx context.Context, tx communities.Tx) error { // asked again, answered again
				_, err := s.town.Follow(ctx, tx, communities.Following{Follower: bo.ID, Followee: s.group.ID, URI: bo.URI + "/follow"})
				return err
			})
		}
	}
	ours := communities.Following{Follower: s.anna.ID, Followee: s.people[microblog].ID}
	s.happens("follow", func(ctx context.Context, tx communities.Tx) error {
		_, err := s.town.Follow(ctx, tx, ours)
		return err
	})
	s.happens("unfollow", func(ctx context.Context, tx communities.Tx) error { return s.town.Unfollow(ctx, tx, ours) })
}

func (s *story) posts() (thread, reply *communities.Post) {
	thread = s.writes("thread", communities.Draft{
		Author: s.anna.ID, Group: s.group.ID, Title: "Bomen & bankjes", Source: "Wat **vindt** u? #groen", Language: "nl",
		Attachments: []communities.Attachment{
			{Kind: "image", URL: "https://stad.example/media/1", MediaType: "image/png", Alt: "een boom"},
			{Kind: "video", URL: "https://stad.example/media/2", MediaType: "video/mp4"},
			{Kind: "link", URL: "https://krant.example/bomen"},
		},
	})
	reply = s.writes("reply", communities.Draft{Author: s.kees.ID, InReplyTo: thread.ID, Source: "Mooi.", Language: "nl"})
	s.happens("edit", func(ctx context.Context, tx communities.Tx) error {
		_, err := s.town.Edit(ctx, tx, thread.ID, communities.Draft{Author: s.anna.ID, Title: "Bomen", Source: "Wat vindt u?", Language: "nl"})
		return err
	})
	s.poll = s.writes("poll", communities.Draft{Author: s.anna.ID, Group: s.group.ID, Title: "Hoe laat?", Source: "Kies.", Poll: &communities.Poll{
		Options: []communities.Option{{Title: "vroeg"}, {Title: "laat"}}, ClosesAt: time.Now().Add(time.Hour),
	}})
	s.writes("event", communities.Draft{Author: s.anna.ID, Group: s.group.ID, Title: "Feest", Source: "Kom ook.", Event: &communities.Event{
		StartsAt: time.Now().Add(time.Hour), EndsAt: time.Now().Add(2 * time.Hour), Timezone: "Europe/Amsterdam", Place: "Buurthuis",
	}})
	for _, v := range []communities.Visibility{communities.Public, communities.Unlisted, communities.Followers, communities.Direct} {
		s.writes("note "+string(v), communities.Draft{
			Author: s.anna.ID, Source: "Dag.", Language: "nl", Visibility: v, Mentions: []communities.ActorID{s.people[microblog].ID},
		})
	}
	return thread, reply
}

func (s *story) reactions(p *communities.Post) {
	like := communities.Reacting{Post: p.ID, By: s.kees.ID, Kind: communities.Favourite}
	s.happens("like", func(ctx context.Context, tx communities.Tx) error { return s.town.React(ctx, tx, like) })
	s.happens("unlike", func(ctx context.Context, tx communities.Tx) error { return s.town.Unreact(ctx, tx, like) })
	like.Kind = communities.Dislike
	s.happens("dislike", func(ctx context.Context, tx communities.Tx) error { return s.town.React(ctx, tx, like) })
	boost := communities.Boosting{Post: p.ID, By: s.anna.ID}
	s.happens("boost", func(ctx context.Context, tx communities.Tx) error {
		_, err := s.town.Boost(ctx, tx, boost)
		return err
	})
	s.happens("unboost", func(ctx context.Context, tx communities.Tx) error { return s.town.Unboost(ctx, tx, boost) })
}

// rulings are what a moderator decides.
func (s *story) rulings(thread, reply *communities.Post) {
	role := communities.RoleChange{Group: s.group.ID, Person: s.kees.ID, By: s.node.ID, Role: communities.RoleModerator}
	s.happens("appoint", func(ctx context.Context, tx communities.Tx) error { return s.town.SetRole(ctx, tx, role) })
	by := communities.Moderation{Post: thread.ID, By: s.kees.ID, Reason: "reclame"}
	onReply := communities.Moderation{Post: reply.ID, By: s.kees.ID, Reason: "reclame"}
	ban := communities.Banning{Group: s.group.ID, Person: s.others[forum].ID, By: s.kees.ID, Reason: "ruzie", Until: time.Now().Add(time.Hour)}
	for _, ruling := range []struct {
		event string
		verb  func(ctx context.Context, tx communities.Tx) error
	}{
		{"pin", func(ctx context.Context, tx communities.Tx) error { return s.town.Pin(ctx, tx, by) }},
		{"unpin", func(ctx context.Context, tx communities.Tx) error { return s.town.Unpin(ctx, tx, by) }},
		{"lock", func(ctx context.Context, tx communities.Tx) error { return s.town.Lock(ctx, tx, by) }},
		{"unlock", func(ctx context.Context, tx communities.Tx) error { return s.town.Unlock(ctx, tx, by) }},
		{"removal", func(ctx context.Context, tx communities.Tx) error { return s.town.Remove(ctx, tx, onReply) }},
		{"restoral", func(ctx context.Context, tx communities.Tx) error { return s.town.Restore(ctx, tx, onReply) }},
		{"ban", func(ctx context.Context, tx communities.Tx) error { return s.town.Ban(ctx, tx, ban) }},
		{"unban", func(ctx context.Context, tx communities.Tx) error { return s.town.Unban(ctx, tx, ban) }},
		{"pin", func(ctx context.Context, tx communities.Tx) error { return s.town.Pin(ctx, tx, by) }},
	} {
		s.happens(ruling.event, ruling.verb)
	}
	s.happens("pin of a poll", func(ctx context.Context, tx communities.Tx) error { // which Lemmy would not take for a thread
		return s.town.Pin(ctx, tx, communities.Moderation{Post: s.poll.ID, By: s.kees.ID})
	})
	// Somebody of a microblog who writes in the group and is banned for it.
	cor := s.others[microblog]
	theirs := s.theirs(cor, communities.Draft{Group: s.group.ID, Title: "Koop nu", Content: "<p>Koop nu.</p>"})
	s.happens("removal of theirs", func(ctx context.Context, tx communities.Tx) error {
		return s.town.Remove(ctx, tx, communities.Moderation{Post: theirs.ID, By: s.kees.ID, Reason: "reclame"})
	})
	theirBan := communities.Banning{Group: s.group.ID, Person: cor.ID, By: s.kees.ID, Reason: "reclame"}
	s.happens("ban of theirs", func(ctx context.Context, tx communities.Tx) error { return s.town.Ban(ctx, tx, theirBan) })
	s.happens("unban of theirs", func(ctx context.Context, tx communities.Tx) error { return s.town.Unban(ctx, tx, theirBan) })
	for _, host := range []string{forum, microblog} {
		post := s.theirs(s.people[host], communities.Draft{InReplyTo: thread.ID, Content: "<p>Lelijk.</p>"})
		s.happens("report", func(ctx context.Context, tx communities.Tx) error {
			_, err := s.town.Report(ctx, tx, communities.Complaint{
				Reporter: s.kees.ID, Target: post.Author, Posts: []communities.PostID{post.ID}, Comment: "ongepast", Forward: true,
			})
			return err
		})
	}
}

// theirs is a post that came from elsewhere.
func (s *story) theirs(by *communities.Actor, d communities.Draft) *communities.Post {
	d.Author, d.URI, d.Visibility = by.ID, by.URI+"/post/"+fmt.Sprint(s.db.IDs().Next()), communities.Public
	return s.writes("theirs", d)
}

// persons is what concerns persons and profiles.
func (s *story) persons() {
	bo := s.people[microblog]
	blocking := communities.Blocking{Blocker: s.kees.ID, Blocked: bo.ID}
	s.happens("block", func(ctx context.Context, tx communities.Tx) error { return s.town.Block(ctx, tx, blocking) })
	s.happens("unblock", func(ctx context.Context, tx communities.Tx) error { return s.town.Unblock(ctx, tx, blocking) })
	title := "Wijkraad Oost"
	s.happens("group profile", func(ctx context.Context, tx communities.Tx) error {
		_, err := s.town.EditGroup(ctx, tx, communities.Profile{Actor: s.group.ID, By: s.node.ID, DisplayName: &title})
		return err
	})
	s.happens("person profile", func(ctx context.Context, tx communities.Tx) error {
		_, err := s.town.EditProfile(ctx, tx, communities.Profile{Actor: s.anna.ID, By: s.anna.ID, DisplayName: &title})
		return err
	})
	question := s.theirs(bo, communities.Draft{Content: "<p>Soep?</p>", Poll: &communities.Poll{
		Options: []communities.Option{{Title: "ja"}, {Title: "nee"}}, ClosesAt: time.Now().Add(time.Hour),
	}})
	s.happens("vote", func(ctx context.Context, tx communities.Tx) error {
		_, err := s.town.Vote(ctx, tx, communities.Ballot{Post: question.ID, Voter: s.kees.ID, Options: []int{1}})
		return err
	})
}

// ends fetches the posts while they are there, and then takes them back.
func (s *story) ends(thread, reply *communities.Post) {
	for event, uri := range map[string]string{
		"thread": thread.URI, "reply": reply.URI, "replies": thread.URI + "/replies", "context": thread.URI + "/context",
		"featured": s.group.URI + "/featured",
	} {
		s.fetch(event, uri)
	}
	s.happens("deletion of reply", func(ctx context.Context, tx communities.Tx) error {
		return s.town.Delete(ctx, tx, communities.Deletion{Post: reply.ID, By: s.kees.ID})
	})
	s.happens("deletion", func(ctx context.Context, tx communities.Tx) error {
		return s.town.Delete(ctx, tx, communities.Deletion{Post: thread.ID, By: s.anna.ID})
	})
}

func (s *story) fetches() {
	for event, uri := range map[string]string{
		"group": s.group.URI, "person": s.anna.URI, "node": here.Base + "/", "outbox": s.group.URI + "/outbox",
		"followers": s.group.URI + "/followers", "moderators": s.group.URI + "/moderators", "their outbox": s.anna.URI + "/outbox",
		"webfinger": here.Base + "/.well-known/webfinger?resource=" + url.QueryEscape("acct:wijkraad@stad.example"),
		"nodeinfo":  here.Base + "/nodeinfo/2.1", "nodeinfo links": here.Base + "/.well-known/nodeinfo",
	} {
		s.fetch(event, uri)
	}
}

// fetch reads a document without a signature.
func (s *story) fetch(event, uri string) {
	s.Helper()
	routes := http.NewServeMux()
	for _, route := range s.road.Routes() {
		routes.HandleFunc(route.Pattern, route.Handler)
	}
	req := httptest.NewRequest(http.MethodGet, uri, nil)
	req.Header.Set("Accept", "application/activity+json")
	answer := httptest.NewRecorder()
	routes.ServeHTTP(answer, req)
	if answer.Code != http.StatusOK {
		s.Fatalf("%s: status %d", uri, answer.Code)
	}
	s.keep(everybody, event, answer.Body.Bytes())
}
