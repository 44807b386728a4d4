package federation

import (
	"errors"
	"strings"
	"testing"
	"time"

	"meent/communities"
	"meent/federation/fetch"
)

// TestHostileDocuments: what a peer serves under an id must be that id's, of the right media type, and not ours.
func TestHostileDocuments(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		b := newBesieged(t, w)
		vera := b.victim.docs["/u/vera"]
		b.victim.put("/u/vera2", replace(vera, "vera", "vera2"))
		documents := map[string]struct {
			path, doc string
		}{
			"I1 I5 I9 id on another host":      {"/a1", replace(b.evil.docs["/u/eva"], b.eva.uri, b.vera.uri)},
			"I1 id elsewhere on the host":      {"/a2", replace(b.evil.docs["/u/eva"], b.eva.uri, b.evil.base+"/u/none")},
			"I5 redirect to the victim":        {"/a3", "-> " + b.victim.base + "/u/vera2"},
			"I2 text/plain":                    {"/a4.txt", replace(b.evil.docs["/u/eva"], "/u/eva", "/a4.txt")},
			"I11 inbox on another host":        {"/a5", replace(actorAt(b, "/a5"), b.evil.base+"/a5/inbox", b.victim.base+"/inbox")},
			"I11 inbox is a script":            {"/a6", replace(actorAt(b, "/a6"), b.evil.base+"/a6/inbox", "javascript:alert(1)")},
			"I11 S9 inbox is internal":         {"/a7", replace(actorAt(b, "/a7"), b.evil.base+"/a7/inbox", "http://10.0.0.1/inbox")},
			"I12 id is ours":                   {"/a8", replace(actorAt(b, "/a8"), b.evil.base+"/a8", townBase+"/u/anna")},
			"I11 outbox is an object":          {"/a9", replace(actorAt(b, "/a9"), `"outbox":"`+b.evil.base+`/a9/outbox"`, `"outbox":{"x":1}`)},
			"J6 every field of a wrong type":   {"/a10", `{` + as2 + `,"id":"` + b.evil.base + `/a10","type":"Person","preferredUsername":1,"inbox":[],"publicKey":"x"}`},
			"a key of the victim":              {"/a11", replace(actorAt(b, "/a11"), b.evil.base+"/a11#main-key", b.vera.key.ID)},
			"D7 nested too deep":               {"/a12", strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000)},
			"no document":                      {"/a13", "nonsense"},
			"redirects without end":            {"/a14", "-> " + b.evil.base + "/a14"},
			"D1 a megabyte and more of spaces": {"/a15", strings.Repeat(" ", 2<<20) + "{}"},
		}
		before := w.actorsDump()
		for name, d := range documents {
			b.evil.set(d.path, d.doc)
			if a, err := w.road.ActorByURI(t.Context(), b.evil.base+d.path); err == nil && a.URI != b.vera.uri && a.URI != b.victim.base+"/u/vera2" {
				t.Errorf("%s: became %s", name, a.URI)
			}
			if n := b.evil.asked() + b.victim.asked(); n > 6 {
				t.Errorf("%s: %d requests", name, n)
			}
		}
		if after := w.actorsDump(); strings.Contains(difference(before, after), "evil.test") {
			t.Errorf("somebody came in:\n%s", difference(before, after))
		}
		if a, err := w.archive.ActorByURI(t.Context(), b.vera.uri); err != nil || a.Endpoints.Inbox != b.vera.uri+"/inbox" {
			t.Errorf("the victim is changed: %+v %v", a, err)
		}
	})
}

// actorAt is an honest actor's document.
func actorAt(b *besieged, path string) string {
	return replace(b.evil.docs["/u/eva"], "/u/eva", path)
}

// actorsDump shows all actors but for when they were read.
func (w *world) actorsDump() string {
	w.t.Helper()
	rows, err := w.archive.SQL().QueryContext(w.t.Context(), "SELECT uri, inbox, name, host, display_name FROM actors ORDER BY uri")
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	var out strings.Builder
	for rows.Next() {
		var f [5]string
		if err := rows.Scan(&f[0], &f[1], &f[2], &f[3], &f[4]); err != nil {
			w.t.Fatal(err)
		}
		out.WriteString(strings.Join(f[:], " ") + "\n")
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	return out.String()
}

// TestHostileObjects: objects that are announced or answered are believed from their own origin only (SECURITY I6, I7, I13, S20).
func TestHostileObjects(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		b := newBesieged(t, w)
		w.follows(w.anna, b.eva)
		note := func(id, by, more string) string {
			return `{` + as2 + `,"id":"` + id + `","type":"Note","attributedTo":"` + by + `","content":"<p>vals</p>","to":["PUBLIC"]` + more + `}`
		}
		objects := map[string]string{
			"I6 of the victim":                note(b.victim.base+"/n/new", b.vera.uri, ""),
			"I13 attributed to the victim":    note("PEER/o/ID", b.vera.uri, ""),
			"I7 url is the victim's":          note("PEER/o/other", b.eva.uri, `,"url":"`+b.victim.base+`/n/new"`),
			"I12 ours":                        note("TOWN/p/1", "TOWN/u/anna", ""),
			"without author":                  replace(note("PEER/o/ID", "", ""), `"attributedTo":"",`, ""),
			"not public":                      replace(note("PEER/o/ID", b.eva.uri, ""), "PUBLIC", b.eva.uri+"/followers"),
			"S20 first leads inside":          `{` + as2 + `,"id":"PEER/o/ID","type":"Collection","first":"http://127.0.0.1:9/","items":["http://169.254.169.254/"]}`,
			"an actor":                        replace(b.evil.docs["/u/eva"], b.eva.uri, "PEER/o/ID"),
			"of a suspended author elsewhere": note(b.sally.uri+"/hi2", b.sally.uri, ""),
		}
		before := w.dump()
		nth := 0
		for name, doc := range objects {
			nth++
			id := itoa(nth)
			b.evil.put("/o/"+id, replace(doc, "/o/ID", "/o/"+id))
			b.evil.asked()
			outcome, reason := b.eva.sends(`{` + as2 + `,"id":"PEER/s/` + id + `","type":"Announce","actor":"PEER/u/eva","to":["PUBLIC"],"object":"PEER/o/` + id + `"}`)
			if outcome == "done" {
				t.Errorf("%s: %s %s", name, outcome, reason)
			}
			if n := b.evil.asked(); n > 3 {
				t.Errorf("%s: %d requests", name, n)
			}
		}
		if after := w.dump(); after != before {
			t.Errorf("an effect:\n%s", difference(before, after))
		}
	})
}

// TestFetchedUpwards: what is answered is held to the same rules, at every step (SECURITY I13).
func TestFetchedUpwards(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		b := newBesieged(t, w)
		w.follows(w.anna, b.eva)
		b.evil.put("/n/0", `{`+as2+`,"id":"PEER/n/0","type":"Note","attributedTo":"`+b.vera.uri+`","content":"<p>vals</p>","to":["PUBLIC"]}`)
		b.eva.does(`{` + as2 + `,"id":"PEER/c","type":"Create","actor":"PEER/u/eva","to":["PUBLIC"],"object":{"id":"PEER/n/1","type":"Note","attributedTo":"PEER/u/eva",
			"content":"x","inReplyTo":"PEER/n/0","to":["PUBLIC"]}}`)
		if _, err := w.archive.PostByURI(t.Context(), b.evil.base+"/n/0"); !communities.IsNotFound(err) {
			t.Errorf("a false parent came in: %v", err)
		}
		if p := w.postAt(b.evil.base + "/n/1"); p.InReplyTo != 0 {
			t.Errorf("%+v", p)
		}
	})
}

// TestMentionFlood: thousands of names in a post cost no request (SECURITY D4, D5, D24).
func TestMentionFlood(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		b := newBesieged(t, w)
		var tags strings.Builder
		for i := range 5_000 {
			tags.WriteString(`,{"type":"Mention","href":"https://h` + itoa(i) + `.evil.test/u/x"}`)
		}
		b.eva.does(`{` + as2 + `,"id":"PEER/c","type":"Create","actor":"PEER/u/eva","to":["PUBLIC"],"cc":["GROUP"],"object":{"id":"PEER/n/1","type":"Note","attributedTo":"PEER/u/eva",
			"content":"x","to":["PUBLIC"],"cc":["GROUP"],"tag":[{"type":"Mention","href":"GROUP"}` + tags.String() + `]}}`)
		if n := b.evil.asked(); n != 0 {
			t.Errorf("%d requests", n)
		}
		if p := w.postAt(b.evil.base + "/n/1"); len(p.Mentions) > communities.MaxMentions {
			t.Errorf("%d mentions", len(p.Mentions))
		}
	})
}

// TestPermit: the outbound client is kept off this node and off blocked hosts (SECURITY S19).
func TestPermit(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.block("evil.test")
		for host, want := range map[string]bool{"elders.test": true, "evil.test": false, "sub.evil.test": false, "notevil.test": true} {
			if got := w.road.Permit(host) == nil; got != want {
				t.Errorf("%s: %v", host, got)
			}
		}
		w.road.Development = false
		if w.road.Permit("stad.test") == nil {
			t.Error("the node may call itself")
		}
		w.road.Development = true
		if _, err := w.road.ActorByURI(t.Context(), "http://10.0.0.1/u/x"); !errors.Is(err, fetch.ErrAddress) {
			t.Errorf("%v", err)
		}
	})
}

// TestForeignLink: the page of a post is on its own host, or it is its id (SECURITY I8).
func TestForeignLink(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		b := newBesieged(t, w)
		for i, url := range []string{b.victim.base + "/login", "javascript:alert(1)", "http://10.0.0.1/"} {
			id := itoa(i)
			b.eva.does(`{` + as2 + `,"id":"PEER/c/` + id + `","type":"Create","actor":"PEER/u/eva","to":["PUBLIC"],"cc":["GROUP"],"object":{"id":"PEER/n/` + id + `","type":"Note",
				"attributedTo":"PEER/u/eva","content":"x","url":"` + url + `","to":["PUBLIC"],"cc":["GROUP"]}}`)
			if p := w.postAt(b.evil.base + "/n/" + id); p.URL != p.URI {
				t.Errorf("%s became %s", url, p.URL)
			}
		}
	})
}

// TestBoundedMemory: what is remembered of strangers has a bound, whatever they invent (SECURITY D9).
func TestBoundedMemory(t *testing.T) {
	t.Parallel()
	now := time.Now()
	seen, missed, keys := newLately[string](time.Hour, 100), newTallies(time.Hour, 100), newWitnesses()
	for i := range 10_000 {
		seen.first(itoa(i), now)
		missed.add(itoa(i), now)
		keys.put(itoa(i), witness{})
	}
	if n := len(seen.young) + len(seen.old); n > 100 {
		t.Errorf("%d keys remembered", n)
	}
	if n := len(missed.counts); n > 100 {
		t.Errorf("%d hosts counted", n)
	}
	if n := len(keys.byKey); n > maxWitnesses {
		t.Errorf("%d keys kept", n)
	}
	if seen.first(itoa(9_999), now) || !seen.first(itoa(9_999), now.Add(2*time.Hour)) {
		t.Error("the newest is forgotten, or never")
	}
	if missed.of(itoa(9_999), now) != 1 || missed.of(itoa(9_999), now.Add(2*time.Hour)) != 0 {
		t.Error("the count of the newest is wrong")
	}
}
