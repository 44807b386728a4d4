//go:build unix

package hostile_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestStories plays attacks that take more than one move, one after the other in one town.
func TestStories(t *testing.T) {
	onBoth(t, func(b *siege) {
		for _, story := range []struct {
			rows string
			play func()
		}{
			{rows: "B17", play: b.replays},
			{rows: "U13", play: b.readOnlyGroup},
			{rows: "U3 U11", play: b.embeddedCopies},
			{rows: "U21 U22", play: b.quotes},
			{rows: "U24", play: b.announcesAreReferences},
			{rows: "I8", play: b.foreignLinks},
			{rows: "B19", play: b.farewells},
			{rows: "U17", play: b.moves},
			{rows: "B11", play: b.newKeys},
		} {
			b.quiet()
			b.forget()
			b.t.Log(story.rows)
			story.play()
		}
	})
}

// readOnlyGroup: who starts a thread where only moderators may hears so, and nobody else hears anything (SECURITY U13).
func (b *siege) readOnlyGroup() {
	posts := b.count("posts")
	got := b.sends(b.eva, strings.ReplaceAll(note("$me/n13", "Ik ook"), "$group", "$college"))
	if got != "refused forbidden" {
		b.t.Errorf("outcome %q", got)
	}
	b.quiet()
	if n := b.count("posts"); n != posts {
		b.t.Errorf("%d posts more", n-posts)
	}
	if told := b.evil.deliveries(); len(told) != 1 || !b.explains(told[0], b.eva) {
		b.t.Errorf("Eva was told %q", told)
	}
	if others := b.victim.deliveries(); len(others) != 0 {
		b.t.Errorf("others were told %q", others)
	}
}

// explains tells whether the group says something to one stranger alone, since no software shows its people a Reject.
func (b *siege) explains(body string, to *stranger) bool {
	var a struct {
		Type, Actor string
		To, Cc      []string
	}
	err := json.Unmarshal([]byte(body), &a)
	return err == nil && a.Type == "Create" && a.Actor == b.names["$college"] && slices.Equal(a.To, []string{to.uri}) && len(a.Cc) == 0
}

// replays: the same request again is acknowledged at every inbox, and has no effect (SECURITY B17).
func (b *siege) replays() {
	b.does(b.eva, like)
	b.quiet()
	b.forget()
	before := b.state()
	for range 3 {
		for _, inbox := range b.inboxes {
			if status := b.post(b.eva, inbox, like); status != http.StatusAccepted {
				b.t.Errorf("%s: status %d", inbox, status)
			}
		}
	}
	// Another activity under the same id is a replay as well: what came first stays.
	if status := b.post(b.eva, "/inbox", strings.Replace(like, `"Like"`, `"Dislike"`, 1)); status != http.StatusAccepted {
		b.t.Errorf("another under the same id: status %d", status)
	}
	b.quiet()
	if err := b.unchanged(before); err != nil {
		b.t.Error(err)
	}
	if n := b.count("received") - before.arrived; n != 0 {
		b.t.Errorf("%d more were remembered", n)
	}
}

// embeddedCopies: what a group shows of somebody else's post is read from there (SECURITY U3, U11).
func (b *siege) embeddedCopies() {
	b.victim.put("/u/vera/real", b.fill(b.vera, `{$as2,"id":"$me/real","type":"Note","attributedTo":"$me","content":"<p>echt</p>","to":["$all"]}`))
	b.does(b.club, `{$as2,"id":"$me#a1","type":"Announce","actor":"$me","to":["$all"],"object":{"id":"$vera/real","type":"Note","attributedTo":"$vera","content":"<p>vals</p>","to":["$all"]}}`)
	b.victim.put("/u/vera/real2", b.fill(b.vera, `{$as2,"id":"$me/real2","type":"Note","attributedTo":"$me","content":"<p>echt</p>","to":["$all"],"cc":["$club"]}`))
	b.does(b.club, `{$as2,"id":"$me#a2","type":"Announce","actor":"$me","to":["$all"],"object":{"id":"$vera/real2/create","type":"Create","actor":"$vera","to":["$all"],"cc":["$me"],
		"object":{"id":"$vera/real2","type":"Note","attributedTo":"$vera","content":"<p>vals</p>","to":["$all"],"cc":["$me"]}}}`)
	for _, id := range []string{"/real", "/real2"} {
		if got := b.text("SELECT content FROM posts WHERE uri = '" + b.vera.uri + id + "'"); !strings.Contains(got, "echt") {
			b.t.Errorf("%s says %q", id, got)
		}
	}
}

// announcesAreReferences: what our group shows is named, or passed on as the whole activity of its author, but never copied as an
// object, which a blocked server's followers could be shown that way (SECURITY U24).
func (b *siege) announcesAreReferences() {
	b.command("post", "add", "-p", "kees", "--group", "wijkraad", "--title", "Nog iets", "Tekst")
	b.does(b.eva, note("$me/n24", "Ook iets"))
	b.quiet()
	announces := 0
	for _, body := range b.victim.deliveries() {
		var a struct {
			Type   string
			Object json.RawMessage
		}
		if err := json.Unmarshal([]byte(body), &a); err != nil {
			b.t.Fatal(err)
		}
		if a.Type != "Announce" {
			continue
		}
		announces++
		var inner struct{ Type, Actor string }
		if err := json.Unmarshal(a.Object, &inner); err == nil && (inner.Actor == "" || inner.Type != "Create") {
			b.t.Errorf("an Announce carries a %s: %s", inner.Type, body)
		}
	}
	if announces == 0 {
		b.t.Error("the group announced nothing")
	}
}

// moves: who has moved does not move again, whatever their profile says meanwhile, and nobody follows anybody unasked (SECURITY U17).
func (b *siege) moves() {
	first := b.evil.actorWith("Person", "/u/eva-two", "eva-two", map[string]any{"alsoKnownAs": []string{b.eva.uri}})
	second := b.evil.actorWith("Person", "/u/eva-three", "eva-three", map[string]any{"alsoKnownAs": []string{b.eva.uri}})
	b.does(b.eva, `{$as2,"id":"$me#move-1","type":"Move","actor":"$me","object":"$me","target":"`+first.uri+`"}`)
	b.does(b.eva, `{$as2,"id":"$me#up-1","type":"Update","actor":"$me","object":`+b.eva.doc+`}`)
	if got := b.sends(b.eva, `{$as2,"id":"$me#move-2","type":"Move","actor":"$me","object":"$me","target":"`+second.uri+`"}`); got != "refused forbidden" {
		b.t.Errorf("a second Move: %q", got)
	}
	if got := b.text("SELECT moved_to FROM actors WHERE uri = '" + b.eva.uri + "'"); got != first.uri {
		b.t.Errorf("moved to %q", got)
	}
}

// newKeys: a key counts once the origin of its owner shows it, and an Update cannot bring its own (SECURITY B11).
func (b *siege) newKeys() {
	fresh := *b.eva
	fresh.key = otherKey()
	old, recent := quotedKey(b, b.eva), quotedKey(b, &fresh)
	profile := b.eva.with(old, recent)
	if profile == b.eva.doc {
		b.t.Fatal("the key is not in the profile")
	}
	update := `{$as2,"id":"$me#new-key","type":"Update","actor":"$me","object":` + profile + `}`
	if status := b.post(&fresh, "/inbox", update); status != http.StatusUnauthorized {
		b.t.Errorf("an Update that brings its own key: status %d", status)
	}
	if status := b.post(&fresh, "/inbox", strings.Replace(like, "like-1", "by-new", 1)); status != http.StatusUnauthorized {
		b.t.Errorf("a Like by the new key: status %d", status)
	}
	b.does(b.eva, update) // by the key that is known
	b.does(&fresh, strings.Replace(like, "like-1", "by-new", 1))
	if status := b.post(b.eva, "/inbox", strings.Replace(like, "like-1", "by-old", 1)); status != http.StatusUnauthorized {
		b.t.Errorf("the old key still counts: status %d", status)
	}
}

func quotedKey(b *siege, s *stranger) string {
	raw, err := json.Marshal(publicPEM(b.t, &s.key.PublicKey))
	if err != nil {
		b.t.Fatal(err)
	}
	return string(raw)
}

// farewells: an actor is gone when its own origin says so, and else only by its own key (SECURITY B19).
func (b *siege) farewells() {
	bye := b.forge("/inbox", forgery{
		by: b.mallory, key: otherKey(), keyID: "$mallory#gone", doc: `{$as2,"id":"$me#bye","type":"Delete","actor":"$me","object":"$me"}`,
	})
	if status := b.send(bye); status != http.StatusUnauthorized {
		b.t.Errorf("while the actor is there: status %d", status)
	}
	deleted := "SELECT COALESCE(CAST(deleted_at AS TEXT), '') FROM actors WHERE uri = '" + b.mallory.uri + "'"
	b.quiet()
	if b.text(deleted) != "" {
		b.t.Fatal("deleted by a stranger")
	}
	unknown := b.forge("/inbox", forgery{by: b.mallory, keyID: "$victim/u/nobody#k", doc: `{$as2,"id":"$victim/u/nobody#bye","type":"Delete","actor":"$victim/u/nobody","object":"$victim/u/nobody"}`})
	b.forget()
	before := b.state()
	if status := b.send(unknown); status != http.StatusAccepted {
		b.t.Errorf("of nobody we know: status %d", status)
	}
	if err := b.unchanged(before); err != nil || b.fetches() != 0 {
		b.t.Errorf("of nobody we know: %v", err)
	}
}

// foreignLinks: the page of a post is on its own host, or it is its id (SECURITY I8).
func (b *siege) foreignLinks() {
	for i, url := range []string{"$victim/login", "javascript:alert(1)", "http://10.0.0.1/", "data:text/html,x", "//zero.test/"} {
		id := "$me/link-" + strconv.Itoa(i)
		b.does(b.eva, strings.Replace(note(id, "x"), `"type":"Note"`, `"type":"Note","url":"`+url+`"`, 1))
		id = b.fill(b.eva, id)
		if got := b.text("SELECT url FROM posts WHERE uri = '" + id + "'"); got != id {
			b.t.Errorf("%s became %s", url, got)
		}
	}
}
