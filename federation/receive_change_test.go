package federation

import (
	"net/http"
	"strings"
	"testing"

	"meent/communities"
	"meent/storage"
)

// note is a public note by bo for the group; what is BODY comes last.
func publicNote(id, body string) string {
	return `{` + as2 + `,"id":"PEER/c/` + id + `","type":"Create","actor":"PEER/u/bo","to":["PUBLIC"],"cc":["GROUP"],"object":{"id":"PEER/n/` + id + `","type":"Note",
		"attributedTo":"PEER/u/bo","to":["PUBLIC"],"cc":["GROUP"],"published":"2026-03-01T10:00:00Z",` + body + `}}`
}

func TestUpdate(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		peer := w.peer("elders.test")
		bo := peer.person("bo")
		bo.does(publicNote("1", `"content":"<p>Eerst</p>"`))
		bo.does(replace(replace(publicNote("1", `"content":"<p>Later</p>","updated":"2026-03-01T11:00:00Z"`), `"Create"`, `"Update"`), "PEER/c/1", "PEER/c/1#update"))
		p := w.postAt(peer.base + "/n/1")
		if p.Content != "<p>Later</p>" || p.EditedAt.IsZero() || p.Title != "Later" {
			t.Errorf("%q %q %s", p.Title, p.Content, p.EditedAt)
		}
		if n := w.count("post_revisions"); n != 2 {
			t.Errorf("%d versions", n)
		}
		if n := w.count("group_log WHERE object_uri = ?", p.URI); n < 2 {
			t.Errorf("the group passed on %d of its activities", n)
		}
	})
}

// TestUpdateOfPoll: results come from the poll's home only (SECURITY U5).
func TestUpdateOfPoll(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		peer := w.peer("elders.test")
		bo, di := peer.person("bo"), peer.person("diana")
		poll := func(votes string) string {
			return replace(replace(publicNote("1", `"content":"?","oneOf":[{"name":"a","replies":{"totalItems":`+votes+`}},{"name":"b","replies":{"totalItems":0}}],"votersCount":`+votes), `"Note"`, `"Question"`), "c/1", "c/"+votes)
		}
		bo.does(poll("1"))
		bo.does(replace(poll("5"), `"Create"`, `"Update"`))
		if p := w.postAt(peer.base + "/n/1"); p.Poll.Options[0].Votes != 5 || p.Poll.VotersCount != 5 {
			t.Errorf("%+v", p.Poll)
		}
		di.fails("refused author", replace(replace(poll("900"), `"Create"`, `"Update"`), `"actor":"PEER/u/bo"`, `"actor":"PEER/u/diana"`))
	})
}

func TestUpdateOfProfile(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		peer := w.peer("elders.test")
		bo := peer.person("bo")
		bo.does(publicNote("1", `"content":"x"`))
		doc := replace(peer.docs["/u/bo"], `"name":"bo"`, `"name":"Bo de Vries","summary":"<p>hoi<script>x</script></p>"`)
		bo.does(`{` + as2 + `,"id":"PEER/up","type":"Update","actor":"PEER/u/bo","object":` + doc + `}`)
		a, err := w.archive.ActorByURI(t.Context(), bo.uri)
		if err != nil || a.DisplayName != "Bo de Vries" || a.Summary != "<p>hoi</p>" {
			t.Errorf("%+v %v", a, err)
		}
	})
}

func TestDelete(t *testing.T) {
	t.Parallel()
	deletes := map[string]string{
		"Mastodon": `{` + as2 + `,"id":"PEER/n/1#delete","type":"Delete","actor":"PEER/u/bo","to":["PUBLIC"],"object":{"id":"PEER/n/1","type":"Tombstone","atomUri":"PEER/n/1"}}`,
		"Lemmy":    `{` + as2 + `,"actor":"PEER/u/bo","to":["PUBLIC"],"object":"PEER/n/1","cc":["GROUP"],"audience":"GROUP","type":"Delete","id":"PEER/activities/delete/1"}`,
	}
	for platform, doc := range deletes {
		t.Run(platform, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *world) {
				peer := w.peer("elders.test")
				bo := peer.person("bo")
				bo.does(publicNote("1", `"content":"x"`))
				bo.does(doc)
				if p := w.postAt(peer.base + "/n/1"); !p.Deleted() || p.Content != "" {
					t.Errorf("%+v", p)
				}
				if n := w.count("posts WHERE kind = 'boost'"); n != 0 {
					t.Errorf("%d boosts stay", n)
				}
				if outcome, _ := bo.sends(replace(replace(doc, "n/1", "n/2"), "delete/1", "delete/2")); outcome != storage.Ignored {
					t.Errorf("of an unknown post: %s", outcome)
				}
			})
		})
	}
}

// TestFarewell: an actor that deletes itself goes with all it wrote, also when its key is gone already and its origin says so.
func TestFarewell(t *testing.T) {
	t.Parallel()
	for _, keyGone := range []bool{false, true} {
		onBothNamed(t, map[bool]string{false: "key known", true: "key gone"}[keyGone], func(t *testing.T, w *world) {
			peer := w.peer("elders.test")
			bo := peer.person("bo")
			bo.does(publicNote("1", `"content":"x"`))
			if keyGone {
				w.write(func(ctx ctx, tx communities.Tx) error { return storage.Of(tx).DeleteKey(ctx, bo.key.ID) })
				w.road.witnesses.forget(bo.uri)
			}
			peer.bury("/u/bo")
			bo.does(`{` + as2 + `,"id":"PEER/u/bo#delete","type":"Delete","actor":"PEER/u/bo","to":["PUBLIC"],"object":"PEER/u/bo"}`)
			w.doTasks()
			a, err := w.archive.ActorByURI(t.Context(), bo.uri)
			if err != nil || a.DeletedAt.IsZero() {
				t.Errorf("%+v %v", a, err)
			}
			if p := w.postAt(peer.base + "/n/1"); !p.Deleted() {
				t.Error("the posts stay")
			}
		})
	}
}

func onBothNamed(t *testing.T, name string, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { onBoth(t, test) })
}

func TestReactions(t *testing.T) {
	t.Parallel()
	likes := map[string]struct {
		doc  string
		kind communities.ReactionKind
	}{
		"Mastodon Like":    {`{` + as2 + `,"id":"PEER/u/bo#likes/1","type":"Like","actor":"PEER/u/bo","object":"THREAD"}`, communities.Favourite},
		"Lemmy Like":       {`{` + as2 + `,"actor":"PEER/u/bo","object":"THREAD","type":"Like","id":"PEER/activities/like/1","audience":"GROUP"}`, communities.Favourite},
		"Lemmy Dislike":    {`{` + as2 + `,"actor":"PEER/u/bo","object":"THREAD","type":"Dislike","id":"PEER/activities/dislike/1","audience":"GROUP"}`, communities.Dislike},
		"Misskey emoji":    {`{` + as2 + `,"type":"Like","id":"PEER/likes/1","actor":"PEER/u/bo","object":"THREAD","content":"🎉","_misskey_reaction":"🎉"}`, communities.Favourite},
		"Pleroma reaction": {`{` + as2 + `,"type":"EmojiReact","id":"PEER/activities/1","actor":"PEER/u/bo","object":"THREAD","content":"🔥"}`, communities.Favourite},
	}
	for name, like := range likes {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *world) {
				thread := w.thread(w.anna, "Bankjes")
				bo := w.peer("elders.test").person("bo")
				doc := replace(like.doc, "THREAD", thread.URI)
				bo.does(doc)
				if n := w.count("reactions WHERE kind = ?", like.kind); n != 1 {
					t.Errorf("%d reactions", n)
				}
				inner := replace(strings.TrimPrefix(doc, `{`+as2+`,`), "\n", "")
				bo.does(`{` + as2 + `,"id":"PEER/undo","type":"Undo","actor":"PEER/u/bo","object":{` + inner + `}`)
				if n := w.count("reactions"); n != 0 {
					t.Errorf("%d reactions after Undo", n)
				}
			})
		})
	}
}

func TestBoost(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		thread := w.thread(w.anna, "Bankjes")
		bo := w.peer("elders.test").person("bo")
		announce := `{` + as2 + `,"id":"PEER/s/1/activity","type":"Announce","actor":"PEER/u/bo","published":"2026-03-01T10:00:00Z","to":["PUBLIC"],"cc":["PEER/u/bo/followers","TOWN/u/anna"],"object":"` + thread.URI + `"}`
		bo.does(announce)
		if got := w.postAt(thread.URI).BoostsCount; got != 2 { // the group's is the other
			t.Errorf("%d boosts", got)
		}
		bo.does(`{` + as2 + `,"id":"PEER/s/1/undo","type":"Undo","actor":"PEER/u/bo","object":{"id":"PEER/s/1/activity","type":"Announce","actor":"PEER/u/bo","object":"` + thread.URI + `"}}`)
		if got := w.postAt(thread.URI).BoostsCount; got != 1 {
			t.Errorf("%d boosts after Undo", got)
		}
	})
}

// TestBoostOfTheUnknown: an embedded copy counts for nothing, the object is read from its id (SECURITY U3); and only when somebody here
// follows who shares it.
func TestBoostOfTheUnknown(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		elders, lemmy := w.peer("elders.test"), w.peer("lemmy.test")
		bo, di := elders.person("bo"), lemmy.person("diana")
		lemmy.put("/n/1", `{`+as2+`,"id":"PEER/n/1","type":"Note","attributedTo":"PEER/u/diana","content":"<p>echt</p>","to":["PUBLIC"]}`)
		announce := `{` + as2 + `,"id":"PEER/s/ID","type":"Announce","actor":"PEER/u/bo","to":["PUBLIC"],"object":{"id":"` + lemmy.base + `/n/1","type":"Note",
			"attributedTo":"` + di.uri + `","content":"<p>vals</p>","to":["PUBLIC"]}}`
		bo.fails("ignored no-concern", replace(announce, "ID", "1"))
		w.follows(w.anna, bo)
		bo.does(replace(announce, "ID", "2"))
		if p := w.postAt(lemmy.base + "/n/1"); p.Content != "<p>echt</p>" || p.BoostsCount != 1 {
			t.Errorf("%q, %d boosts", p.Content, p.BoostsCount)
		}
		if n := w.count("home_entries WHERE owner_id = ?", w.anna.ID); n != 1 {
			t.Errorf("%d entries at home", n)
		}
	})
}

func TestFlag(t *testing.T) {
	t.Parallel()
	flags := map[string]string{
		"Mastodon": `{` + as2 + `,"id":"PEER/flag/1","type":"Flag","actor":"PEER/actor","content":"Scheldt <b>iedereen</b> uit","object":["TOWN/u/kees","POST"]}`,
		"Lemmy":    `{` + as2 + `,"actor":"PEER/actor","to":["GROUP"],"audience":"GROUP","object":"POST","summary":"Scheldt iedereen uit","type":"Flag","id":"PEER/flag/1"}`,
		"Mbin":     `{` + as2 + `,"id":"PEER/flag/1","type":"Flag","actor":"PEER/actor","object":["POST","TOWN/u/kees"],"audience":"GROUP","summary":"Scheldt iedereen uit","content":"Scheldt iedereen uit"}`,
	}
	for platform, doc := range flags {
		t.Run(platform, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *world) {
				post := w.thread(w.kees, "Stom")
				peer := w.peer("elders.test")
				peer.actor("Application", "/actor", "elders.test", 1).does(replace(doc, "POST", post.URI))
				if n := w.count("reports WHERE comment = ?", "Scheldt iedereen uit"); n != 1 {
					t.Errorf("%d reports", n)
				}
				if n := w.count("notifications WHERE recipient_id = ? AND kind = 'admin.report'", w.anna.ID); n != 1 {
					t.Errorf("%d moderators told", n)
				}
			})
		})
	}
}

func TestPersonalBlock(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		bo := w.peer("elders.test").person("bo")
		bo.does(`{` + as2 + `,"id":"PEER/b","type":"Block","actor":"PEER/u/bo","object":"TOWN/u/kees"}`)
		if n := w.count("blocks"); n != 1 {
			t.Errorf("%d blocks", n)
		}
		bo.does(`{` + as2 + `,"id":"PEER/b/undo","type":"Undo","actor":"PEER/u/bo","object":{"id":"PEER/b","type":"Block","actor":"PEER/u/bo","object":"TOWN/u/kees"}}`)
		if n := w.count("blocks"); n != 0 {
			t.Errorf("%d blocks after Undo", n)
		}
	})
}

// TestMove: FEP-7628; SECURITY U17.
func TestMove(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		elders, lemmy := w.peer("elders.test"), w.peer("lemmy.test")
		bo, nieuw := elders.person("bo"), lemmy.person("nieuw")
		w.follows(w.anna, bo)
		move := `{` + as2 + `,"id":"PEER/m/ID","type":"Move","actor":"PEER/u/bo","object":"OBJECT","target":"` + nieuw.uri + `"}`
		bo.fails("refused no-alias", strings.NewReplacer("ID", "1", "OBJECT", "PEER/u/bo").Replace(move))
		lemmy.set("/u/nieuw", replace(lemmy.docs["/u/nieuw"], `"name":`, `"alsoKnownAs":["`+bo.uri+`"],"name":`))
		bo.fails("refused not-theirs", strings.NewReplacer("ID", "2", "OBJECT", nieuw.uri).Replace(move))
		bo.does(strings.NewReplacer("ID", "3", "OBJECT", "PEER/u/bo").Replace(move))
		to, err := w.archive.ActorByURI(t.Context(), nieuw.uri)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.archive.Follow(t.Context(), w.anna.ID, to.ID); err != nil {
			t.Errorf("anna follows the new account: %v", err)
		}
		ander := lemmy.person("ander")
		lemmy.set("/u/ander", replace(lemmy.docs["/u/ander"], `"name":`, `"alsoKnownAs":["`+bo.uri+`"],"name":`))
		bo.fails("refused forbidden", `{`+as2+`,"id":"PEER/m/4","type":"Move","actor":"PEER/u/bo","object":"PEER/u/bo","target":"`+ander.uri+`"}`)
	})
}

// TestUnknownTypes: remembered, counted, and no error.
func TestUnknownTypes(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		bo := w.peer("elders.test").person("bo")
		for i, kind := range []string{"View", "Listen", "LikeRequest", "Offer", "Wobble"} {
			bo.fails("ignored unknown-type", `{`+as2+`,"id":"PEER/x/`+itoa(i)+`","type":"`+kind+`","actor":"PEER/u/bo","object":"PEER/y"}`)
		}
	})
}

// TestFarewellOfTheUnknown: of whom we never knew there is nothing to delete: it costs no request and no memory (SECURITY B19).
func TestFarewellOfTheUnknown(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		bo := w.peer("elders.test").person("bo")
		bo.bury("/u/bo")
		if status := bo.post("/inbox", `{`+as2+`,"id":"PEER/u/bo#delete","type":"Delete","actor":"PEER/u/bo","object":"PEER/u/bo"}`); status != http.StatusAccepted {
			t.Errorf("status %d", status)
		}
		if n := bo.asked() + w.count("received"); n != 0 {
			t.Errorf("it cost %d requests or rows", n)
		}
	})
}
