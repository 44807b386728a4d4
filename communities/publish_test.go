package communities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "meent/communities"
)

func TestPublishInAGroup(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob, cas := v.person("ann"), v.person("bob"), v.person("cas")
		square := v.group("square", ann, GroupSettings{})
		v.follow(cas, square)
		v.follow(cas, bob)
		v.news()
		p := v.publish(Draft{Author: bob.ID, Group: square.ID, Title: " A\nbench ", Source: "Hello @ann and @nobody, *see* #Benches", Language: "nl"})
		v.tells("RoleChanged Posted")
		want := &Post{
			ID: p.ID, URI: base + "/p/" + p.URI[len(base)+3:], URL: p.URI, Kind: Discussion, Author: bob.ID, Group: square.ID, Thread: p.ID,
			Title: "A bench", Source: "Hello @ann and @nobody, *see* #Benches", Content: p.Content, Language: "nl", Visibility: Public,
			Mentions: []Mention{{Actor: ann.ID, URI: ann.URI, URL: ann.URI, Name: "ann"}}, Hashtags: []string{"benches"},
			CreatedAt: v.now(), LastActivityAt: v.now(), BoostsCount: 1,
			Quotability: Quotability{Automatic: Anybody},
		}
		if diff := cmp.Diff(want, v.post(p.ID)); diff != "" {
			t.Error(diff)
		}
		for _, part := range []string{`href="` + ann.URI, "<em>see</em>", base + "/tags/benches", "@nobody"} {
			if !strings.Contains(p.Content, part) {
				t.Errorf("%q lacks %q", p.Content, part)
			}
		}
		if m := v.membership(square, bob); m == nil || m.Role != RoleMember || m.Pending {
			t.Errorf("who writes in an open group is no member: %+v", m)
		}
		if got := v.home(cas); got != p.Source+", square: "+p.Source {
			t.Errorf("home: %q", got)
		}
		if got := v.notified(ann); got != "mention bob" {
			t.Errorf("notified: %q", got)
		}
	})
}

func TestPublishShares(t *testing.T) {
	inVillage(t, func(v *village) {
		ann := v.person("ann")
		square := v.group("square", ann, GroupSettings{})
		p := v.publish(Draft{Author: ann.ID, Group: square.ID, Source: "open"})
		share := heard[Posted](v).Share
		if share == nil || share.BoostOf != p.ID || share.Author != square.ID || share.URI != v.town.Activity(ActivityID(share.ID)) {
			t.Fatalf("share: %+v", share)
		}
		v.publish(Draft{Author: ann.ID, InReplyTo: p.ID, Source: "an answer"})
		if e := heard[Posted](v); e.Share != nil || e.Group == nil {
			t.Errorf("a reply is shared, or in no group: %+v", e)
		}
		inside := v.publish(Draft{Author: ann.ID, Group: square.ID, Source: "for members", Visibility: GroupOnly})
		if e := heard[Posted](v); e.Share != nil {
			t.Errorf("a post for members is shared: %+v", e.Share)
		}
		answer := v.publish(Draft{Author: ann.ID, InReplyTo: inside.ID, Source: "to all?", Visibility: Public})
		if answer.Visibility != GroupOnly {
			t.Errorf("an answer leads out of the group: %s", answer.Visibility)
		}
		aside := v.publish(Draft{Author: ann.ID, InReplyTo: p.ID, Source: "between us", Visibility: Direct})
		if e := heard[Posted](v); e.Group != nil || aside.Group != 0 || aside.Thread != p.ID {
			t.Errorf("what is said to a few is told in the group: %+v", e)
		}
	})
}

func TestPublishAnswers(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob, cas := v.person("ann"), v.person("bob"), v.person("cas")
		v.follow(cas, bob)
		root := v.publish(Draft{Author: ann.ID, Source: "who?"})
		v.news()
		v.later(time.Minute)
		reply := v.publish(Draft{Author: bob.ID, InReplyTo: root.ID, Source: "me, and @cas"})
		v.tells("Posted")
		if reply.Thread != root.ID || reply.InReplyToURI != root.URI || !reply.MentionsActor(ann.ID) || !reply.MentionsActor(cas.ID) {
			t.Errorf("reply: %+v", reply)
		}
		stored := v.post(root.ID)
		if stored.RepliesCount != 1 || !stored.LastActivityAt.Equal(v.now()) {
			t.Errorf("thread: %d replies, last at %s", stored.RepliesCount, stored.LastActivityAt)
		}
		if ann, cas := v.notified(ann), v.notified(cas); ann != "reply bob" || cas != "mention bob" {
			t.Errorf("notified %q and %q", ann, cas)
		}
		if got := v.home(cas); got != "" {
			t.Errorf("an answer to somebody else is on the home: %q", got)
		}
		v.publish(Draft{Author: bob.ID, InReplyTo: reply.ID, Source: "and more"})
		if got := v.home(cas); got != "and more" {
			t.Errorf("home: %q", got)
		}
	})
}

func TestPublishFromElsewhere(t *testing.T) {
	inVillage(t, func(v *village) {
		ann := v.person("ann")
		square := v.group("square", ann, GroupSettings{})
		eve := v.stranger(Person, "eve", "far.example")
		d := from(eve, "/1", `<p onclick="x()">Hi<script>alert(1)</script></p>`)
		d.Group, d.Mentions, d.Hashtags, d.URL = square.ID, []ActorID{ann.ID, ann.ID}, []string{"#Trees", "trees"}, "javascript:alert(1)"
		d.CreatedAt, d.Cause = v.now().Add(-time.Hour), 42
		d.Title = strings.Repeat("x", 400)
		p := v.publish(d)
		v.tells("RoleChanged Posted")
		if p.Content != "<p>Hi</p>" || p.URL != "" || len([]rune(p.Title)) != MaxTitle || !cmp.Equal(p.Hashtags, []string{"trees"}) || len(p.Mentions) != 1 {
			t.Errorf("stored %+v", p)
		}
		if got := IDTime(p.ID).Truncate(time.Second); !got.Equal(d.CreatedAt) {
			t.Errorf("the id says %s", got)
		}
		again := v.publish(d)
		if again.ID != p.ID {
			t.Errorf("published twice: %d and %d", p.ID, again.ID)
		}
		v.tells("")

		mal := v.stranger(Person, "mal", "far.example")
		stolen := from(mal, "/1", "mine now")
		v.refuses(KindForbidden, "somebody else", v.publishing(stolen)) // SECURITY I14
		for _, uri := range []string{base + "/p/1", "https://other.example/1", ""} {
			stolen.URI = uri
			_, err := try(v, func(tx Tx) (*Post, error) { return v.town.Publish(v.Context(), tx, stolen) })
			if KindOf(err) != KindForbidden {
				t.Errorf("a post with the id %q: %v", uri, err)
			}
		}
		v.run(func(tx Tx) error { return v.town.Delete(v.Context(), tx, Deletion{Post: p.ID, By: eve.ID}) })
		v.news()
		if back := v.publish(d); !back.Deleted() {
			t.Error("a deleted post came back")
		}
		v.tells("")
	})
}

func TestPublishEarlyReplies(t *testing.T) {
	inVillage(t, func(v *village) {
		ann := v.person("ann")
		square := v.group("square", ann, GroupSettings{})
		eve, fay, mal := v.stranger(Person, "eve", "far.example"), v.stranger(Person, "fay", "near.example"), v.stranger(Person, "mal", "near.example")
		v.run(func(tx Tx) error {
			return v.town.Ban(v.Context(), tx, Banning{Group: square.ID, Person: mal.ID, By: ann.ID})
		})
		root := v.publish(Draft{Author: ann.ID, Group: square.ID, Source: "root"})
		early, worse := from(fay, "/2", "early"), from(mal, "/3", "early too")
		early.InReplyToURI, worse.InReplyToURI = "https://far.example/1", "https://far.example/1"
		first, second := v.publish(early), v.publish(worse)
		v.news()
		middle := from(eve, "/1", "middle")
		middle.InReplyToURI = root.URI
		parent := v.publish(middle)
		v.tells("RoleChanged Posted RoleChanged Posted")
		first, second = v.post(first.ID), v.post(second.ID)
		if first.InReplyTo != parent.ID || first.Thread != root.ID || first.Group != square.ID {
			t.Errorf("the early reply hangs at %d in thread %d, group %d", first.InReplyTo, first.Thread, first.Group)
		}
		if second.Group != 0 {
			t.Error("a banned person got into the group by being early")
		}
		lost := from(fay, "/4", "to nothing")
		lost.InReplyToURI = base + "/p/1"
		v.refuses(KindNotFound, "", v.publishing(lost))
	})
}

func TestPublishRefuses(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob, cas := v.person("ann"), v.person("bob"), v.person("cas")
		square := v.group("square", ann, GroupSettings{})
		council := v.group("council", ann, GroupSettings{Joining: JoinApproval})
		secret := v.group("secret", ann, GroupSettings{Closed: true})
		notices := v.group("notices", ann, GroupSettings{Posting: PostModerators})
		root := v.publish(Draft{Author: ann.ID, Group: square.ID, Source: "root"})
		whisper := v.publish(Draft{Author: ann.ID, Source: "only @cas", Visibility: Direct})
		v.run(func(tx Tx) error { return v.town.Block(v.Context(), tx, Blocking{Blocker: bob.ID, Blocked: cas.ID}) })
		byCas := v.publish(Draft{Author: cas.ID, Source: "mine"})
		options := []Option{{Title: "a"}, {Title: "b"}}
		for _, test := range []struct {
			name string
			d    Draft
			kind Kind
			says string
		}{
			{"approval", Draft{Group: council.ID, Source: "x"}, KindForbidden, "only members write in council"},
			{"closed", Draft{Group: secret.ID, Source: "x"}, KindNotFound, ""},
			{"notices", Draft{Group: notices.ID, Source: "x"}, KindForbidden, "only moderators"},
			{"not a group", Draft{Group: ann.ID, Source: "x"}, KindInvalid, "not a group"},
			{"other group", Draft{Group: notices.ID, InReplyTo: root.ID, Source: "x"}, KindInvalid, "stays in the group"},
			{"unseen", Draft{InReplyTo: whisper.ID, Source: "x"}, KindNotFound, ""},
			{"absent", Draft{InReplyTo: 1, Source: "x"}, KindNotFound, ""},
			{"unknown uri", Draft{InReplyToURI: "https://far.example/1", Source: "x"}, KindNotFound, ""},
			{"blocked", Draft{InReplyTo: byCas.ID, Source: "x"}, KindForbidden, "blocked"},
			{"empty", Draft{Source: " \n"}, KindInvalid, "write something"},
			{"title", Draft{Title: strings.Repeat("é", MaxTitle+1)}, KindInvalid, "300"},
			{"text", Draft{Source: strings.Repeat("é", MaxText+1)}, KindInvalid, "50000"},
			{"visibility", Draft{Source: "x", Visibility: "all"}, KindInvalid, "visibility"},
			{"members of nothing", Draft{Source: "x", Visibility: GroupOnly}, KindInvalid, "needs a group"},
			{"direct thread in a group", Draft{Source: "x", Group: square.ID, Visibility: Direct}, KindInvalid, "public, or for its members"},
			{"own uri", Draft{Source: "x", URI: "https://far.example/9"}, KindInvalid, "get their ids here"},
			{"attachment", Draft{Attachments: []Attachment{{URL: "file:///etc/passwd"}}}, KindInvalid, "https://"},
			{"attachments", Draft{Attachments: make([]Attachment, MaxAttachments+1)}, KindInvalid, "at most 16"},
			{"one option", Draft{Source: "x", Poll: &Poll{Options: options[:1]}}, KindInvalid, "2 to 20"},
			{"same options", Draft{Source: "x", Poll: &Poll{Options: []Option{{Title: "a"}, {Title: " a "}}}}, KindInvalid, "differ"},
			{"poll over", Draft{Source: "x", Poll: &Poll{Options: options, ClosesAt: v.now()}}, KindInvalid, "future"},
			{"event", Draft{Title: "x", Event: &Event{}}, KindInvalid, "start"},
			{"event end", Draft{Title: "x", Event: &Event{StartsAt: v.now(), EndsAt: v.now().Add(-1)}}, KindInvalid, "ends after"},
			{"event zone", Draft{Title: "x", Event: &Event{StartsAt: v.now(), Timezone: "Meent/Meent"}}, KindInvalid, "time zone"},
		} {
			test.d.Author = bob.ID
			_, err := try(v, func(tx Tx) (*Post, error) { return v.town.Publish(v.Context(), tx, test.d) })
			if err == nil || KindOf(err) != test.kind || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%s: got %v, want kind %d saying %q", test.name, err, test.kind, test.says)
			}
		}
		if got := v.list("SELECT source FROM posts WHERE author_id = $1", int64(bob.ID)); got != "" {
			t.Errorf("a refused post is stored: %q", got)
		}
		if m := v.membership(square, bob); m != nil {
			t.Errorf("who was refused is a member: %+v", m)
		}
	})
}

func TestRefuse(t *testing.T) {
	inVillage(t, func(v *village) {
		ann := v.person("ann")
		council := v.group("council", ann, GroupSettings{Joining: JoinApproval})
		eve := v.stranger(Person, "eve", "far.example")
		d := from(eve, "/1", "let me in")
		d.Group = council.ID
		for range 2 {
			v.run(func(tx Tx) error { // as the road does: the refusal is committed
				_, err := v.town.Publish(v.Context(), tx, d)
				if KindOf(err) != KindForbidden {
					t.Errorf("published: %v", err)
				}
				return v.town.Refuse(v.Context(), tx, Refusal{Author: eve.ID, Group: council.ID, PostURI: d.URI, Err: err})
			})
		}
		v.tells("Refused Refused")
		if m := v.membership(council, eve); m == nil || !m.Pending {
			t.Errorf("membership: %+v", m)
		}
		if got := v.notified(ann); got != "join_request eve" {
			t.Errorf("notified: %q", got)
		}
		v.run(func(tx Tx) error {
			return v.town.Approve(v.Context(), tx, Approval{Group: council.ID, Person: eve.ID, By: ann.ID})
		})
		v.publish(d)
		v.tells("RoleChanged Posted")
	})
}

func TestMentionsAreOfThoseWhoWantThem(t *testing.T) {
	inVillage(t, func(v *village) {
		ann, bob := v.person("ann"), v.person("bob")
		eve := v.stranger(Person, "eve", "far.example")
		v.run(func(tx Tx) error { return v.town.Block(v.Context(), tx, Blocking{Blocker: ann.ID, Blocked: bob.ID}) })
		p := v.publish(Draft{Author: bob.ID, Source: "@ann @eve@far.example @bob@meent.example"})
		if p.MentionsActor(ann.ID) || !p.MentionsActor(eve.ID) || !p.MentionsActor(bob.ID) || p.Mentions[0].Name != "eve@far.example" {
			t.Errorf("mentions: %+v", p.Mentions)
		}
		v.run(func(tx Tx) error { return v.town.Block(v.Context(), tx, Blocking{Blocker: ann.ID, Blocked: eve.ID}) })
		d := from(eve, "/1", "hello ann")
		d.Mentions = []ActorID{ann.ID}
		v.publish(d)
		if got := v.notified(ann) + v.notified(bob); got != "" {
			t.Errorf("notified: %q", got)
		}
	})
}
