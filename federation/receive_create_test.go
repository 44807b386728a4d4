package federation

import (
	"context"
	"strings"
	"testing"

	"meent/communities"
)

// mastodonThread starts a thread by mentioning the group; TO and CC say who may see it.
const mastodonThread = `{"@context":["https://www.w3.org/ns/activitystreams",{"sensitive":"as:sensitive"}],"id":"PEER/u/bo/statuses/1/activity","type":"Create",
	"actor":"PEER/u/bo","published":"2026-03-01T10:00:00Z","to":["TO"],"cc":["CC","GROUP","GROUP/followers"],
	"object":{"id":"PEER/u/bo/statuses/1","type":"Note","summary":null,"inReplyTo":null,"published":"2026-03-01T10:00:00Z","url":"PEER/@bo/1",
	"attributedTo":"PEER/u/bo","to":["TO"],"cc":["CC","GROUP","GROUP/followers"],"sensitive":false,
	"content":"<p><span class=\"h-card\"><a href=\"GROUP\" class=\"u-url mention\">@<span>wijkraad</span></a></span> Wanneer komt de speeltuin?</p><p>De oude is al een jaar dicht.<script>alert(1)</script></p>",
	"contentMap":{"nl":"<p>Wanneer komt de speeltuin?</p>"},
	"tag":[{"type":"Mention","href":"GROUP","name":"@wijkraad@stad.test"},{"type":"Hashtag","href":"PEER/tags/spelen","name":"#spelen"}],
	"attachment":[{"type":"Document","mediaType":"image/jpeg","url":"PEER/media/1.jpg","name":"de oude speeltuin","width":800,"height":600,"focalPoint":[0.1,-0.2]}]}}`

// TestThreadByMention: PROTOCOL 1.4.
func TestThreadByMention(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		bo := w.peer("elders.test").person("bo")
		bo.does(strings.NewReplacer("TO", "PUBLIC", "CC", "PEER/u/bo/followers").Replace(mastodonThread))
		p := w.postAt(bo.base + "/u/bo/statuses/1")
		if p.Group != w.group.ID || !p.IsRoot() || p.Title != "Wanneer komt de speeltuin?" || p.Visibility != communities.Public {
			t.Errorf("thread %+v", p)
		}
		if strings.Contains(p.Content, "script") || !strings.Contains(p.Content, "De oude is al een jaar dicht.") {
			t.Errorf("content %q", p.Content)
		}
		if p.Language != "nl" || len(p.Hashtags) != 1 || p.Hashtags[0] != "spelen" || p.URL != bo.base+"/@bo/1" {
			t.Errorf("language %q, hashtags %v, url %s", p.Language, p.Hashtags, p.URL)
		}
		if len(p.Attachments) != 1 || p.Attachments[0].Kind != "image" || p.Attachments[0].Alt != "de oude speeltuin" || p.Attachments[0].FocusX != 0.1 {
			t.Errorf("attachments %+v", p.Attachments)
		}
		if n := w.count("posts WHERE kind = 'boost' AND author_id = ?", w.group.ID); n != 1 {
			t.Errorf("%d boosts by the group, want one", n)
		}
	})
}

// TestThreadIsNotPublished: what is not public is never shown, but goes to the moderators as a message.
func TestThreadIsNotPublished(t *testing.T) {
	t.Parallel()
	for name, to := range map[string]string{"followers only": "PEER/u/bo/followers", "direct": "GROUP"} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *world) {
				bo := w.peer("elders.test").person("bo")
				bo.does(strings.NewReplacer("TO", to, "CC", "PEER/u/bo").Replace(mastodonThread))
				p := w.postAt(bo.base + "/u/bo/statuses/1")
				if p.Group != 0 || p.Visibility != communities.Direct {
					t.Errorf("group %d, visibility %s", p.Group, p.Visibility)
				}
				if !p.MentionsActor(w.anna.ID) || p.MentionsActor(w.kees.ID) {
					t.Errorf("it is for the moderators: %+v", p.Mentions)
				}
				if n := w.count("notifications WHERE recipient_id = ? AND kind = 'mention'", w.anna.ID); n != 1 {
					t.Errorf("%d notifications", n)
				}
				if n := w.count("posts WHERE kind = 'boost'") + w.count("deliveries"); n != 0 {
					t.Errorf("it went on %d times", n)
				}
			})
		})
	}
}

// replies to a thread of ours, in the shapes in which they are sent. THREAD stands for its id.
var replies = map[string]string{
	"Mastodon, by inReplyTo only": `{` + as2 + `,"id":"PEER/r/activity","type":"Create","actor":"PEER/u/bo","to":["PUBLIC"],"cc":["PEER/u/bo/followers"],
		"object":{"id":"PEER/r","type":"Note","attributedTo":"PEER/u/bo","inReplyTo":"THREAD","content":"<p>Goed plan</p>","to":["PUBLIC"],"cc":["PEER/u/bo/followers"]}}`,
	"Lemmy 0.19": `{` + as2 + `,"actor":"PEER/u/bo","to":["PUBLIC"],"cc":["GROUP","TOWN/u/anna"],"audience":"GROUP","type":"Create","id":"PEER/activities/create/1",
		"object":{"type":"Note","id":"PEER/r","attributedTo":"PEER/u/bo","to":["PUBLIC"],"cc":["GROUP","TOWN/u/anna"],"content":"<p>Goed plan</p>\n",
		"inReplyTo":"THREAD","mediaType":"text/html","source":{"content":"Goed plan","mediaType":"text/markdown"},"published":"2026-03-01T10:00:00.123456Z",
		"tag":[{"href":"TOWN/u/anna","name":"@anna@stad.test","type":"Mention"}],"distinguished":false,"language":{"identifier":"nl","name":"Nederlands"},"audience":"GROUP"}}`,
	"Lemmy 1.0": `{` + as2 + `,"actor":"PEER/u/bo","to":["GROUP","PUBLIC"],"cc":["TOWN/u/anna"],"type":"Create","id":"PEER/activities/create/1",
		"object":{"type":"Note","id":"PEER/r","attributedTo":"PEER/u/bo","to":["GROUP","PUBLIC"],"cc":["TOWN/u/anna"],"content":"<p>Goed plan</p>",
		"inReplyTo":"THREAD","context":"THREAD/context","tag":[{"type":"Mention","href":"GROUP","name":"@wijkraad@stad.test"}]}}`,
	"PieFed": `{` + as2 + `,"id":"PEER/activities/create/x","actor":"PEER/u/bo","to":["PUBLIC"],"cc":["GROUP"],"type":"Create","audience":"GROUP",
		"object":{"id":"PEER/r","type":"Note","attributedTo":"PEER/u/bo","to":["PUBLIC","TOWN/u/anna"],"cc":["GROUP","PEER/u/bo/followers"],"content":"<p>Goed plan</p>",
		"inReplyTo":"THREAD","mediaType":"text/html","source":{"content":"Goed plan","mediaType":"text/markdown"},"tag":[],"audience":"GROUP","flair":null,"repliesEnabled":true}}`,
	"Mbin": `{` + as2 + `,"id":"PEER/m/x#create","type":"Create","actor":"PEER/u/bo","published":"2026-03-01T10:00:00+00:00","to":["PUBLIC","TOWN/u/anna"],"cc":["GROUP"],
		"object":{"id":"PEER/r","type":"Note","attributedTo":"PEER/u/bo","inReplyTo":"THREAD","to":["PUBLIC","TOWN/u/anna"],"cc":["GROUP"],"audience":"GROUP","sensitive":false,
		"content":"<p>Goed plan</p>","mediaType":"text/html","url":"PEER/m/x","tag":[]}}`,
	"NodeBB": `{` + as2 + `,"id":"PEER/post/9#activity/create/1","type":"Create","actor":"PEER/u/bo","to":["PUBLIC"],"cc":["PEER/u/bo/followers","TOWN/u/anna","GROUP"],
		"object":{"id":"PEER/r","type":"Note","attributedTo":"PEER/u/bo","inReplyTo":"THREAD","context":"THREAD/context","audience":"GROUP","name":null,"summary":null,
		"to":["PUBLIC"],"cc":["PEER/u/bo/followers","TOWN/u/anna","GROUP"],"content":"<p>Goed plan</p>","source":{"content":"Goed plan","mediaType":"text/markdown"},"tag":[],"attachment":[]}}`,
	"GoToSocial": `{` + as2 + `,"actor":"PEER/u/bo","cc":["PEER/u/bo/followers","TOWN/u/anna"],"id":"PEER/u/bo/statuses/01J/activity#Create","type":"Create","to":"PUBLIC",
		"object":{"attachment":[],"attributedTo":"PEER/u/bo","cc":["PEER/u/bo/followers","TOWN/u/anna"],"content":"<p>Goed plan</p>","contentMap":{"nl":"<p>Goed plan</p>"},"id":"PEER/r",
		"inReplyTo":"THREAD","interactionPolicy":{"canLike":{"always":"PUBLIC"}},"tag":{"href":"TOWN/u/anna","name":"@anna@stad.test","type":"Mention"},"to":"PUBLIC","type":"Note","url":"PEER/@bo/r"}}`,
	"Misskey": `{` + as2 + `,"id":"PEER/notes/r/activity","actor":"PEER/u/bo","type":"Create","published":"2026-03-01T10:00:00.000Z","to":["PUBLIC"],"cc":["PEER/u/bo/followers","TOWN/u/anna"],
		"object":{"id":"PEER/r","type":"Note","attributedTo":"PEER/u/bo","summary":null,"content":"<p>Goed plan</p>","_misskey_content":"Goed plan","source":{"content":"Goed plan","mediaType":"text/x.misskeymarkdown"},
		"to":["PUBLIC"],"cc":["PEER/u/bo/followers","TOWN/u/anna"],"inReplyTo":"THREAD","attachment":[],"sensitive":false,"tag":[]}}`,
	"Fedify": `{"@context":["https://www.w3.org/ns/activitystreams","https://w3id.org/security/data-integrity/v1"],"id":"PEER/r#create","type":"Create","actor":"PEER/u/bo","to":"as:Public",
		"object":{"type":"Note","id":"PEER/r","attributedTo":"PEER/u/bo","inReplyTo":"THREAD","content":"<p>Goed plan</p>","to":"as:Public"}}`,
}

// TestReply: a reply joins its thread whatever software sends it, its author becomes a member, and forum software hears of it.
func TestReply(t *testing.T) {
	t.Parallel()
	for platform, doc := range replies {
		t.Run(platform, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *world) {
				thread := w.thread(w.anna, "Bankjes")
				peer := w.peer("elders.test")
				bo := peer.person("bo")
				bo.does(replace(doc, "THREAD", thread.URI))
				p := w.postAt(peer.base + "/r")
				if p.InReplyTo != thread.ID || p.Thread != thread.ID || p.Group != w.group.ID || p.Title != "" || !p.Visibility.Open() {
					t.Errorf("reply %+v", p)
				}
				if !strings.HasPrefix(strings.TrimSpace(p.Content), "<p>Goed plan</p>") {
					t.Errorf("content %q", p.Content)
				}
				if got := w.postAt(thread.URI).RepliesCount; got != 1 {
					t.Errorf("%d replies counted", got)
				}
				if n := w.count("notifications WHERE recipient_id = ?", w.anna.ID); n != 1 {
					t.Errorf("%d notifications for the author of the thread", n)
				}
				if n := w.count("group_log WHERE object_uri = ?", p.URI); n != 1 {
					t.Errorf("the group announced it %d times", n)
				}
			})
		})
	}
}

// TestReplyBeforeItsThread: what is answered is read upwards and, when it cannot be had, the reply waits for it (SECURITY D6).
func TestReplyBeforeItsThread(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		peer := w.peer("elders.test")
		bo, di := peer.person("bo"), peer.person("diana")
		w.follows(w.anna, bo)
		note := func(id, inReplyTo, by string) string {
			return `{` + as2 + `,"id":"PEER/n/` + id + `","type":"Note","attributedTo":"` + by + `","content":"<p>` + id + `</p>","inReplyTo":` + inReplyTo + `,"to":["PUBLIC"]}`
		}
		peer.put("/n/1", note("1", "null", di.uri))
		peer.put("/n/2", note("2", `"PEER/n/1"`, bo.uri))
		bo.does(`{` + as2 + `,"id":"PEER/n/3/create","type":"Create","actor":"PEER/u/bo","to":["PUBLIC"],"object":` + note("3", `"PEER/n/2"`, bo.uri) + `}`)
		root, reply := w.postAt(peer.base+"/n/1"), w.postAt(peer.base+"/n/3")
		if reply.Thread != root.ID || reply.InReplyTo != w.postAt(peer.base+"/n/2").ID {
			t.Errorf("reply %d in thread %d", reply.InReplyTo, reply.Thread)
		}
		bo.does(`{` + as2 + `,"id":"PEER/n/5/create","type":"Create","actor":"PEER/u/bo","to":["PUBLIC"],"object":` + note("5", `"PEER/n/4"`, bo.uri) + `}`)
		waiting := w.postAt(peer.base + "/n/5")
		if waiting.InReplyTo != 0 || waiting.InReplyToURI != peer.base+"/n/4" {
			t.Errorf("waiting reply %+v", waiting)
		}
	})
}

// TestEndlessThread: a chain of replies without end costs a bounded number of requests, and no stack (SECURITY D6).
func TestEndlessThread(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		peer := w.peer("elders.test")
		bo := peer.person("bo")
		w.follows(w.anna, bo)
		for i := range 300 {
			peer.put("/n/"+itoa(i), `{`+as2+`,"id":"PEER/n/`+itoa(i)+`","type":"Note","attributedTo":"PEER/u/bo","content":"x","inReplyTo":"PEER/n/`+itoa(i+1)+`","to":["PUBLIC"]}`)
		}
		peer.asked()
		bo.does(`{` + as2 + `,"id":"PEER/c","type":"Create","actor":"PEER/u/bo","to":["PUBLIC"],"object":{"id":"PEER/start","type":"Note","attributedTo":"PEER/u/bo",
			"content":"x","inReplyTo":"PEER/n/0","to":["PUBLIC"]}}`)
		if n := peer.asked(); n > fetchesAround {
			t.Errorf("%d requests for one activity", n)
		}
		w.postAt(peer.base + "/start")
		w.doTasks()
		if n := peer.asked(); n > maxHops*threadBudget {
			t.Errorf("%d requests for the rest of the thread", n)
		}
	})
}

func itoa(i int) string { return communities.Address{}.Post(communities.PostID(i))[len("/p/"):] }

// TestVote: FEP-9967.
func TestVote(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		bo := w.peer("elders.test").person("bo")
		var poll *communities.Post
		w.write(func(ctx context.Context, tx communities.Tx) (err error) {
			poll, err = w.town.Publish(ctx, tx, communities.Draft{
				Author: w.anna.ID, Group: w.group.ID, Title: "Kleur", Source: "?",
				Poll: &communities.Poll{Options: []communities.Option{{Title: "rood"}, {Title: "groen"}}},
			})
			return err
		})
		ballot := `{` + as2 + `,"id":"PEER/v/ID/activity","type":"Create","actor":"PEER/u/bo","to":"TOWN/u/anna",
			"object":{"id":"PEER/v/ID","type":"Note","attributedTo":"PEER/u/bo","name":"NAME","inReplyTo":"` + poll.URI + `","to":"TOWN/u/anna"}}`
		bo.does(strings.NewReplacer("ID", "1", "NAME", "groen").Replace(ballot))
		bo.fails("refused conflict", strings.NewReplacer("ID", "2", "NAME", "rood").Replace(ballot))
		bo.fails("refused no-option", strings.NewReplacer("ID", "3", "NAME", "blauw").Replace(ballot))
		p := w.postAt(poll.URI)
		if p.Poll.Options[0].Votes != 0 || p.Poll.Options[1].Votes != 1 || p.Poll.VotersCount != 1 {
			t.Errorf("poll %+v", p.Poll)
		}
		if n := w.count("posts WHERE author_id <> ? AND kind <> 'boost'", w.anna.ID); n != 0 {
			t.Errorf("a vote became %d posts", n)
		}
	})
}

// TestRefusalIsTold: who may not write in the group hears why (SECURITY U13).
func TestRefusalIsTold(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		settings := communities.GroupSettings{Posting: communities.PostModerators}
		w.write(func(ctx context.Context, tx communities.Tx) error {
			_, err := w.town.EditGroup(ctx, tx, communities.Profile{Actor: w.group.ID, By: w.anna.ID, Settings: &settings})
			return err
		})
		bo := w.peer("elders.test").person("bo")
		outcome, reason := bo.sends(strings.NewReplacer("TO", "PUBLIC", "CC", "PEER/u/bo/followers").Replace(mastodonThread))
		if outcome != "refused" || reason != "forbidden" {
			t.Errorf("%s %s", outcome, reason)
		}
		if n := w.count("posts"); n != 0 {
			t.Errorf("%d posts", n)
		}
		if n := w.count("activities WHERE kind = 'Create'"); n != 1 || w.count("deliveries") != 1 {
			t.Errorf("the author was told %d times", n)
		}
	})
}

// kinds of contribution, as the software that is known for each sends it.
var contributed = map[string]struct {
	doc   string
	check func(*communities.Post) bool
}{
	"Lemmy Page with a link": {
		`{"type":"Page","id":"PEER/o","attributedTo":"PEER/u/bo","name":"Nieuw plan","cc":[],"to":["GROUP","PUBLIC"],"audience":"GROUP","mediaType":"text/html",
		"content":"<p>Lees dit</p>\n","source":{"content":"Lees dit","mediaType":"text/markdown"},"attachment":[{"href":"https://plan.example/x","mediaType":"text/html; charset=utf-8","type":"Link"}],
		"sensitive":false,"published":"2026-03-01T10:00:00Z","tag":[{"type":"Hashtag","href":"PEER/o","name":"#wijkraad"}]}`,
		func(p *communities.Post) bool {
			return p.Title == "Nieuw plan" && p.Attachments[0].Kind == "link" && p.Source == "Lees dit"
		},
	},
	"WordPress Article": {
		`{"type":"Article","id":"PEER/o","attributedTo":"PEER/u/bo","name":"Nieuw plan","summary":"<p>Kort</p>","content":"<h2>Kop</h2><p>Lang</p>","to":["PUBLIC","GROUP"]}`,
		func(p *communities.Post) bool { return p.Title == "Nieuw plan" && p.Warning == "" },
	},
	"Pleroma Question": {
		`{"type":"Question","id":"PEER/o","attributedTo":"PEER/u/bo","content":"<p>Welke kleur?</p>","oneOf":[{"type":"Note","name":"rood","replies":{"type":"Collection","totalItems":3}},
		{"type":"Note","name":"groen","replies":{"type":"Collection","totalItems":1}}],"votersCount":4,"closed":"2099-01-01T00:00:00Z","to":["PUBLIC","GROUP"]}`,
		func(p *communities.Post) bool {
			return p.Kind == communities.Question && p.Title == "Welke kleur?" && p.Poll.Options[0].Votes == 3 && p.Poll.VotersCount == 4
		},
	},
	"Mobilizon Event": {
		`{"type":"Event","id":"PEER/o","actor":"PEER/u/bo","attributedTo":"PEER/u/bo","name":"Buurtfeest","content":"<p>Kom ook</p>","startTime":"2026-06-01T14:00:00+02:00",
		"endTime":"2026-06-01T18:00:00+02:00","timezone":"Europe/Amsterdam","ical:status":"CONFIRMED","location":{"type":"Place","name":"Het Plein","address":{"type":"PostalAddress",
		"streetAddress":"Plein 1","postalCode":"1234 AB","addressLocality":"Stad"}},"to":["PUBLIC"],"cc":["GROUP"]}`,
		func(p *communities.Post) bool {
			return p.Kind == communities.Happening && p.Event.Place == "Het Plein" && p.Event.StartsAt.Hour() == 12
		},
	},
	"PeerTube Video": {
		`{"type":"Video","id":"PEER/o","attributedTo":[{"type":"Person","id":"PEER/u/bo"}],"name":"Raadsvergadering","mediaType":"text/markdown","content":"**Opname**",
		"url":[{"type":"Link","mediaType":"text/html","href":"PEER/w/o"},{"type":"Link","mediaType":"video/mp4","href":"PEER/o.mp4","height":720}],"to":["PUBLIC"],"cc":["GROUP"]}`,
		func(p *communities.Post) bool {
			return p.Title == "Raadsvergadering" && strings.Contains(p.Content, "<strong>Opname") && p.Attachments[0].Kind == "video"
		},
	},
	"Mastodon Note with a warning": {
		`{"type":"Note","id":"PEER/o","attributedTo":"PEER/u/bo","summary":"gevoelig","sensitive":true,"content":"<p>@wijkraad kijk</p>","to":["PUBLIC"],"cc":["GROUP"]}`,
		func(p *communities.Post) bool { return p.Warning == "gevoelig" && p.Sensitive && p.Title == "kijk" },
	},
}

func TestContributions(t *testing.T) {
	t.Parallel()
	for name, c := range contributed {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *world) {
				peer := w.peer("elders.test")
				peer.person("bo").does(`{` + as2 + `,"id":"PEER/create","type":"Create","actor":"PEER/u/bo","to":["PUBLIC"],"cc":["GROUP"],"object":` + c.doc + `}`)
				p := w.postAt(peer.base + "/o")
				if p.Group != w.group.ID || !c.check(p) {
					t.Errorf("%+v poll %+v event %+v", p, p.Poll, p.Event)
				}
			})
		})
	}
}

// TestChatMessage: Lemmy's private message is a direct one here.
func TestChatMessage(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		peer := w.peer("lemmy.test")
		peer.person("bo").does(`{` + as2 + `,"id":"PEER/activities/create/1","type":"Create","actor":"PEER/u/bo","to":["TOWN/u/kees"],"object":{"type":"ChatMessage","id":"PEER/private_message/1",
			"attributedTo":"PEER/u/bo","to":["TOWN/u/kees"],"content":"<p>Hallo</p>\n","mediaType":"text/html","source":{"content":"Hallo","mediaType":"text/markdown"}}}`)
		p := w.postAt(peer.base + "/private_message/1")
		if p.Visibility != communities.Direct || !p.MentionsActor(w.kees.ID) || p.MentionsActor(w.anna.ID) {
			t.Errorf("%s %+v", p.Visibility, p.Mentions)
		}
		if n := w.count("notifications WHERE recipient_id = ?", w.kees.ID); n != 1 {
			t.Errorf("%d notifications", n)
		}
	})
}
