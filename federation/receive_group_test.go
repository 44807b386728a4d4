package federation

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"meent/communities"
	"meent/federation/signature"
)

// abroad is a group of another server that anna follows, with people around it.
type abroad struct {
	*world
	lemmy, elders *peer
	natuur        *stranger // the group
	mo            *stranger // a moderator of it
	bo            *stranger // somebody of a third server
	group         *communities.Actor
}

func newAbroad(t *testing.T, w *world) *abroad {
	t.Helper()
	a := &abroad{world: w, lemmy: w.peer("lemmy.test"), elders: w.peer("elders.test")}
	a.natuur, a.mo, a.bo = a.lemmy.club("natuur"), a.lemmy.person("mo"), a.elders.person("bo")
	a.lemmy.put("/c/natuur/moderators", `{`+as2+`,"id":"PEER/c/natuur/moderators","type":"OrderedCollection","totalItems":1,"orderedItems":["PEER/u/mo"]}`)
	w.follows(w.anna, a.natuur)
	w.doTasks()
	var err error
	if a.group, err = w.archive.ActorByURI(t.Context(), a.natuur.uri); err != nil {
		t.Fatal(err)
	}
	return a
}

// announces has the group pass on a document.
func (a *abroad) announces(id, object string) string {
	return `{` + as2 + `,"id":"PEER/activities/announce/` + id + `","type":"Announce","actor":"PEER/c/natuur","to":["PUBLIC"],"cc":["PEER/c/natuur/followers"],"object":` + object + `}`
}

// page is a thread by bo in the group, as it stands at its origin, and created.
func (a *abroad) page(id string) (object, create string) {
	object = a.elders.fill(`{` + as2 + `,"id":"PEER/post/` + id + `","type":"Page","attributedTo":"PEER/u/bo","name":"Bomen","content":"<p>Kap ze niet</p>","to":["PUBLIC","` +
		a.natuur.uri + `"],"audience":"` + a.natuur.uri + `","published":"2026-03-01T10:00:00Z"}`)
	a.elders.put("/post/"+id, object)
	return object, a.elders.fill(`{"id":"PEER/activities/create/` + id + `","type":"Create","actor":"PEER/u/bo","to":["PUBLIC"],"cc":["` + a.natuur.uri + `"],"object":` + object + `}`)
}

// TestAnnouncedThread: a group passes on what a third server's author wrote; it is read from its origin, and shown to who follows the group.
func TestAnnouncedThread(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a := newAbroad(t, w)
		_, create := a.page("1")
		a.natuur.does(a.announces("1", replace(create, "Kap ze niet", "VALS")))
		p := w.postAt(a.elders.base + "/post/1")
		if p.Group != a.group.ID || p.Title != "Bomen" || p.Content != "<p>Kap ze niet</p>" {
			t.Errorf("%+v", p)
		}
		if n := w.count("home_entries WHERE owner_id = ?", w.anna.ID); n != 1 {
			t.Errorf("%d entries at home", n)
		}
		a.natuur.does(a.announces("1b", `"`+p.URI+`"`)) // Lemmy sends both forms
		if n := w.count("posts WHERE kind = 'boost'"); n != 1 {
			t.Errorf("%d boosts", n)
		}
		if n := w.count("deliveries") - 1 /* the Follow */ + w.count("group_log"); n != 0 {
			t.Errorf("we passed on %d things of a group that is not ours", n)
		}
	})
}

// TestAnnouncedByID: as Mastodon-like groups do (a.gup.pe, Discourse, WordPress).
func TestAnnouncedByID(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a := newAbroad(t, w)
		a.page("1")
		a.natuur.does(a.announces("1", `"`+a.elders.base+`/post/1"`))
		if p := w.postAt(a.elders.base + "/post/1"); p.Group != a.group.ID || p.BoostsCount != 1 {
			t.Errorf("%+v", p)
		}
	})
}

// TestAnnouncedChanges: Update and Delete by a third party's word are looked up at the origin (SECURITY U11).
func TestAnnouncedChanges(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a := newAbroad(t, w)
		object, create := a.page("1")
		a.natuur.does(a.announces("1", create))
		update := a.elders.fill(`{"id":"PEER/up/ID","type":"Update","actor":"PEER/u/bo","to":["PUBLIC"],"object":` + replace(object, "Kap ze niet", "VALS") + `}`)
		a.natuur.does(a.announces("2", replace(update, "ID", "1")))
		if p := w.postAt(a.elders.base + "/post/1"); strings.Contains(p.Content, "VALS") {
			t.Error("the embedded copy was believed")
		}
		a.elders.put("/post/1", replace(replace(object, "Kap ze niet", "Kap er een"), `"published"`, `"updated":"2026-03-02T10:00:00Z","published"`))
		a.natuur.does(a.announces("3", replace(update, "ID", "2")))
		if p := w.postAt(a.elders.base + "/post/1"); p.Content != "<p>Kap er een</p>" {
			t.Errorf("content %q", p.Content)
		}
		gone := a.elders.fill(`{"id":"PEER/del/ID","type":"Delete","actor":"PEER/u/bo","to":["PUBLIC"],"object":"PEER/post/1"}`)
		a.natuur.fails("refused unproven", a.announces("4", replace(gone, "ID", "1")))
		a.elders.bury("/post/1")
		a.natuur.does(a.announces("5", replace(gone, "ID", "2")))
		if p := w.postAt(a.elders.base + "/post/1"); !p.Deleted() {
			t.Error("it stays")
		}
	})
}

// TestAnnouncedByProof: what bears its author's proof is believed as it came (FEP-8b32).
func TestAnnouncedByProof(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a := newAbroad(t, w)
		key, err := signature.GenerateEd25519(a.bo.uri + "#ed25519-key")
		if err != nil {
			t.Fatal(err)
		}
		multibase, err := signature.EncodeMultikey(key.Public())
		if err != nil {
			t.Fatal(err)
		}
		a.elders.put("/u/bo", replace(a.elders.docs["/u/bo"], `"name":`, `"assertionMethod":[{"id":"`+key.ID+`","type":"Multikey","controller":"`+a.bo.uri+`","publicKeyMultibase":"`+multibase+`"}],"name":`))
		_, create := a.page("1")
		a.elders.bury("/post/1") // it can only be believed by its proof
		proven, err := signature.SignProof([]byte(`{`+as2+`,`+create[1:]), key, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		a.natuur.fails("refused proof", a.announces("0", replace(string(proven), "Kap ze niet", "VALS")))
		a.natuur.does(a.announces("1", string(proven)))
		if p := w.postAt(a.elders.base + "/post/1"); p.Content != "<p>Kap ze niet</p>" {
			t.Errorf("%q", p.Content)
		}
	})
}

// TestAnnouncedVotes: a like is believed when its origin is the group's, or shows it; many may come at once (FEP-1a11).
func TestAnnouncedVotes(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a := newAbroad(t, w)
		_, create := a.page("1")
		a.natuur.does(a.announces("1", create))
		post := a.elders.base + "/post/1"
		home := a.lemmy.fill(`{"id":"PEER/like/1","type":"Like","actor":"PEER/u/mo","object":"` + post + `"}`)
		third := a.elders.fill(`{"id":"PEER/like/2","type":"Like","actor":"PEER/u/bo","object":"` + post + `"}`)
		a.natuur.does(a.announces("2", home))
		a.natuur.fails("refused unproven", a.announces("3", third))
		third = replace(third, "like/2", "like/4") // that the other was not there is remembered for a while
		a.elders.put("/like/4", `{`+as2+`,`+third[1:])
		a.natuur.does(a.announces("4", `[`+third+`,`+replace(home, "like/1", "like/3")+`]`))
		if n := w.postAt(post).FavouritesCount; n != 2 {
			t.Errorf("%d favourites", n)
		}
		dislike := replace(replace(home, "Like", "Dislike"), "like/1", "dislike/1")
		a.natuur.does(a.announces("5", `{"type":"OrderedCollection","totalItems":1,"orderedItems":[`+dislike+`]}`))
		if p := w.postAt(post); p.FavouritesCount != 1 || p.DislikesCount != 1 {
			t.Errorf("%d favourites, %d dislikes", p.FavouritesCount, p.DislikesCount)
		}
	})
}

// TestAnnouncedModeration: what a group decides about its own threads holds, and no further.
func TestAnnouncedModeration(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a := newAbroad(t, w)
		_, create := a.page("1")
		a.natuur.does(a.announces("1", create))
		post := a.elders.base + "/post/1"
		ruling := func(kind, extra string) string {
			return a.lemmy.fill(`{"id":"PEER/mod/` + kind + `","type":"` + kind + `","actor":"PEER/u/mo","to":["PUBLIC"],"cc":["PEER/c/natuur"],"object":"` + post + `"` + extra + `}`)
		}
		undo := func(inner string) string {
			return a.lemmy.fill(`{"id":"PEER/mod/undo","type":"Undo","actor":"PEER/u/mo","to":["PUBLIC"],"cc":["PEER/c/natuur"],"object":` + inner + `}`)
		}
		steps := []struct {
			doc  string
			want func(*communities.Post) bool
		}{
			{ruling("Lock", ""), (*communities.Post).Locked},
			{undo(ruling("Lock", "")), func(p *communities.Post) bool { return !p.Locked() }},
			{ruling("Add", `,"target":"PEER/c/natuur/featured"`), func(p *communities.Post) bool { return !p.PinnedAt.IsZero() }},
			{ruling("Remove", `,"target":"PEER/c/natuur/featured"`), func(p *communities.Post) bool { return p.PinnedAt.IsZero() }},
			{ruling("Delete", `,"summary":"reclame"`), func(p *communities.Post) bool { return p.Removed() && p.Removal.Reason == "reclame" }},
			{undo(ruling("Delete", `,"summary":"reclame"`)), func(p *communities.Post) bool { return !p.Removed() }},
		}
		for i, step := range steps {
			a.natuur.does(a.announces("s"+itoa(i), step.doc))
			if p := w.postAt(post); !step.want(p) {
				t.Errorf("step %d: %+v", i, p)
			}
		}
		ours := w.thread(w.anna, "Van ons")
		a.natuur.fails("refused forbidden", a.announces("x", replace(ruling("Lock", ""), post, ours.URI)))
	})
}

// TestModeratorsAbroad: a group's list of moderators is read, and grows and shrinks by what it passes on.
func TestModeratorsAbroad(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a := newAbroad(t, w)
		moderators := func() int { return w.count("memberships WHERE group_id = ? AND role = 'moderator'", a.group.ID) }
		if n := moderators(); n != 1 {
			t.Fatalf("%d moderators were read", n)
		}
		add := a.lemmy.fill(`{"id":"PEER/add","type":"Add","actor":"PEER/u/mo","to":["PUBLIC"],"cc":["PEER/c/natuur"],"object":"` + a.bo.uri + `","target":"PEER/c/natuur/moderators"}`)
		a.natuur.does(a.announces("1", add))
		if n := moderators(); n != 2 {
			t.Errorf("%d moderators", n)
		}
		a.natuur.does(a.announces("2", replace(replace(add, "Add", "Remove"), "PEER/add", "PEER/remove")))
		if n := moderators(); n != 1 {
			t.Errorf("%d moderators after Remove", n)
		}
	})
}

// TestModeratorOfOurs: a member of another server who moderates a group of ours may do so from there; others may not (SECURITY U12, U14).
func TestModeratorOfOurs(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		thread := w.thread(w.kees, "Bankjes")
		peer := w.peer("elders.test")
		bo, di := peer.person("bo"), peer.person("diana")
		moderator, err := w.road.ActorByURI(t.Context(), bo.uri)
		if err != nil {
			t.Fatal(err)
		}
		w.write(func(ctx ctx, tx communities.Tx) error {
			return w.town.SetRole(ctx, tx, communities.RoleChange{Group: w.group.ID, Person: moderator.ID, By: w.anna.ID, Role: communities.RoleModerator})
		})
		ruling := func(by, kind, extra string) string {
			return `{` + as2 + `,"id":"PEER/` + by + `/` + kind + `","type":"` + kind + `","actor":"PEER/u/` + by + `","to":["PUBLIC"],"cc":["GROUP"],"object":"` + thread.URI + `"` + extra + `}`
		}
		block := func(by string) string {
			return `{` + as2 + `,"id":"PEER/` + by + `/block","type":"Block","actor":"PEER/u/` + by + `","to":["PUBLIC"],"cc":["GROUP"],"object":"TOWN/u/kees","target":"GROUP","summary":"herrie"}`
		}
		di.fails("refused forbidden", ruling("diana", "Lock", ""))
		di.fails("refused forbidden", ruling("diana", "Add", `,"target":"GROUP/featured"`))
		di.fails("refused forbidden", ruling("diana", "Delete", `,"summary":"weg"`))
		if status := di.post("/inbox", ruling("diana", "Delete", ``)); status != http.StatusForbidden {
			t.Errorf("a Delete of what is ours, as if by its author: %d", status) // SECURITY B20
		}
		di.fails("refused forbidden", block("diana"))
		bo.does(ruling("bo", "Lock", ""))
		bo.does(ruling("bo", "Add", `,"target":"GROUP/featured"`))
		if p := w.postAt(thread.URI); !p.Locked() || p.PinnedAt.IsZero() {
			t.Errorf("%+v", p)
		}
		bo.does(ruling("bo", "Delete", `,"summary":"weg"`))
		if p := w.postAt(thread.URI); !p.Removed() {
			t.Errorf("%+v", p.Removal)
		}
		bo.does(block("bo"))
		if n := w.count("bans WHERE group_id = ?", w.group.ID); n != 1 {
			t.Errorf("%d bans", n)
		}
		bo.does(`{` + as2 + `,"id":"PEER/unblock","type":"Undo","actor":"PEER/u/bo","object":` + replace(block("bo"), as2+",", "") + `}`)
		if n := w.count("bans"); n != 0 {
			t.Errorf("%d bans after Undo", n)
		}
	})
}

// TestOwnThreadReturns: a group elsewhere shows what one of ours wrote in it.
func TestOwnThreadReturns(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a := newAbroad(t, w)
		var post *communities.Post
		w.write(func(ctx ctx, tx communities.Tx) (err error) {
			post, err = w.town.Publish(ctx, tx, communities.Draft{Author: w.kees.ID, Group: a.group.ID, Title: "Bomen", Source: "Kap ze niet"})
			return err
		})
		create, _ := json.Marshal(map[string]any{"id": post.URI + "/create", "type": "Create", "actor": w.kees.URI, "object": map[string]any{"id": post.URI, "type": "Article", "content": "VALS"}})
		a.natuur.does(a.announces("1", string(create)))
		if p := w.postAt(post.URI); p.BoostsCount != 1 || strings.Contains(p.Content, "VALS") {
			t.Errorf("%+v", p)
		}
		if n := w.count("home_entries WHERE owner_id = ?", w.anna.ID); n != 1 {
			t.Errorf("%d entries at home", n)
		}
	})
}

// TestPassedOnByTwo: what another group tells of a thread of ours, ours passes on as its author said it (SECURITY U24).
func TestPassedOnByTwo(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a := newAbroad(t, w)
		a.bo.does(publicNote("1", `"content":"x"`))
		a.elders.bury("/n/1")
		before := w.count("group_log")
		a.natuur.does(a.announces("1", a.elders.fill(`{"id":"PEER/del","type":"Delete","actor":"PEER/u/bo","object":"PEER/n/1"}`)))
		if n := w.count("group_log") - before; n != 2 {
			t.Errorf("the group said %d things, want the Delete and the end of its boost", n)
		}
		for _, body := range w.bodies("Announce") {
			if strings.Count(body, `"type":"Announce"`) != 1 {
				t.Errorf("an Announce of an Announce: %s", body)
			}
		}
	})
}

// TestBackfill: the first follower of a group makes us read its outbox, what it has pinned and the threads, within a budget.
func TestBackfill(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a := newAbroad(t, w)
		_, first := a.page("1")
		a.page("2")
		reply := a.elders.fill(`{` + as2 + `,"id":"PEER/comment/1","type":"Note","attributedTo":"PEER/u/bo","content":"<p>Mee eens</p>","inReplyTo":"PEER/post/1","to":["PUBLIC"],"audience":"` + a.natuur.uri + `"}`)
		a.elders.put("/comment/1", reply)
		a.elders.put("/post/1", replace(a.elders.docs["/post/1"], `"published"`, `"replies":"PEER/post/1/replies","published"`))
		a.elders.put("/post/1/replies", `{`+as2+`,"id":"PEER/post/1/replies","type":"Collection","first":{"type":"CollectionPage","items":["PEER/comment/1"],"next":"PEER/post/1/replies?page=2"}}`)
		a.elders.put("/post/1/replies?page=2", `{`+as2+`,"id":"PEER/post/1/replies?page=2","type":"CollectionPage","items":[],"next":"PEER/post/1/replies?page=2"}`)
		a.lemmy.put("/c/natuur/outbox", `{`+as2+`,"id":"PEER/c/natuur/outbox","type":"OrderedCollection","totalItems":1,"orderedItems":[`+
			`{"id":"PEER/activities/announce/9","type":"Announce","actor":"PEER/c/natuur","object":`+first+`}]}`)
		a.lemmy.put("/c/natuur/featured", `{`+as2+`,"id":"PEER/c/natuur/featured","type":"OrderedCollection","orderedItems":["`+a.elders.base+`/post/2"]}`)
		w.write(func(ctx ctx, tx communities.Tx) error { return tx.Enqueue(ctx, BackfillGroup{Group: a.group.ID}) })
		w.doTasks()
		for _, uri := range []string{"/post/1", "/post/2"} {
			if p := w.postAt(a.elders.base + uri); p.Group != a.group.ID || p.BoostsCount != 1 {
				t.Errorf("%s: %+v", uri, p)
			}
		}
		if p := w.postAt(a.elders.base + "/comment/1"); p.InReplyTo != w.postAt(a.elders.base+"/post/1").ID || p.Group != a.group.ID {
			t.Errorf("comment %+v", p)
		}
		if n := w.count("home_entries"); n == 0 {
			t.Error("nothing is shown")
		}
		if n := w.count("deliveries WHERE inbox <> ?", a.lemmy.base+"/inbox"); n != 0 {
			t.Errorf("reading made %d deliveries", n)
		}
	})
}

// TestEndlessCollections: pages that lead to themselves, in a circle, or nowhere for ever, cost a bounded number of requests (SECURITY D3).
func TestEndlessCollections(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a := newAbroad(t, w)
		outboxes := map[string]map[string]string{
			"itself": {"": `"first":"PEER/c/natuur/outbox?p=1"`, "?p=1": `"next":"PEER/c/natuur/outbox?p=1","orderedItems":[]`},
			"circle": {"": `"first":"PEER/c/natuur/outbox?p=1"`, "?p=1": `"next":"PEER/c/natuur/outbox?p=2"`, "?p=2": `"next":"PEER/c/natuur/outbox?p=1"`},
		}
		endless := map[string]string{"": `"first":"PEER/c/natuur/outbox?p=0"`}
		for i := range 200 {
			endless["?p="+itoa(i)] = `"next":"PEER/c/natuur/outbox?p=` + itoa(i+1) + `","orderedItems":[]`
		}
		outboxes["endless"] = endless
		for name, pages := range outboxes {
			for query, fields := range pages {
				a.lemmy.put("/c/natuur/outbox"+query, `{`+as2+`,"id":"PEER/c/natuur/outbox`+query+`","type":"OrderedCollectionPage",`+fields+`}`)
			}
			a.lemmy.asked()
			w.write(func(ctx ctx, tx communities.Tx) error { return tx.Enqueue(ctx, BackfillGroup{Group: a.group.ID}) })
			w.doTasks()
			if n := a.lemmy.asked(); n > maxPages+5 {
				t.Errorf("%s: %d requests", name, n)
			}
		}
	})
}

// TestLearnHost: NodeInfo decides the dialect; the User-Agent does where there is none.
func TestLearnHost(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		lemmy, elders := w.peer("lemmy.test"), w.peer("elders.test")
		lemmy.put("/.well-known/nodeinfo", `{"links":[{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.1","href":"PEER/nodeinfo/2.1"}]}`)
		lemmy.put("/nodeinfo/2.1", `{"version":"2.1","software":{"name":"lemmy","version":"0.19.20"},"protocols":["activitypub"]}`)
		lemmy.person("mo").does(follows2("mo"))
		elders.person("bo").post("/inbox", follows2("bo"), agent("http.rb/5.2.0 (Mastodon/4.4.1; +https://elders.test/)"))
		w.doTasks()
		for host, want := range map[string]dialect{lemmy.host: dialectForum, elders.host: dialectMicroblog} {
			known, err := w.archive.Host(t.Context(), host)
			if err != nil || dialect(known.Dialect) != want {
				t.Errorf("%s: %+v %v", host, known, err)
			}
		}
	})
}

func follows2(name string) string {
	return `{` + as2 + `,"id":"PEER/f/` + name + `","type":"Follow","actor":"PEER/u/` + name + `","object":"GROUP"}`
}

// TestHandle: a handle belongs to the host that serves it and that the actor agrees with (SECURITY I10).
func TestHandle(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		elders, lemmy := w.peer("elders.test"), w.peer("lemmy.test")
		elders.person("bo")
		finger := func(p *peer, handle, actor string) {
			p.put("/.well-known/webfinger?resource=acct%3A"+replace(replace(handle, "@", "%40"), ":", "%3A"),
				`{"subject":"acct:`+handle+`","links":[{"rel":"self","type":"application/activity+json","href":"`+actor+`"}]}`)
		}
		finger(elders, "bo@"+elders.host, elders.base+"/u/bo")
		finger(lemmy, "koning@"+lemmy.host, elders.base+"/u/bo")
		a, err := w.road.ActorByHandle(t.Context(), "@bo@"+elders.host)
		if err != nil || a.URI != elders.base+"/u/bo" {
			t.Errorf("%+v %v", a, err)
		}
		if a, err := w.road.ActorByHandle(t.Context(), "@koning@"+lemmy.host); !communities.IsNotFound(err) {
			t.Errorf("a handle that the actor does not bear: %+v %v", a, err)
		}
		for _, handle := range []string{"@a@127.0.0.1:22/x?y#", "@a@h@evil", "@a@h/../..", "", "@", "@@x"} {
			if _, err := w.road.ActorByHandle(t.Context(), handle); communities.KindOf(err) != communities.KindInvalid {
				t.Errorf("%q: %v", handle, err) // SECURITY S15
			}
		}
	})
}
