package wire

import (
	"encoding/json"
	"fmt"
	"testing"
)

// whole are documents that use every field we read.
var whole = map[string]string{
	"activity": `{"@context":"https://www.w3.org/ns/activitystreams","id":"https://dorp.example/a/1","type":"Block","actor":"https://dorp.example/u/anna",
		"object":"https://stad.example/u/bob","target":"https://dorp.example/g/plein","origin":"https://dorp.example/g/markt","to":["as:Public"],
		"cc":["https://dorp.example/g/plein"],"audience":"https://dorp.example/g/plein","summary":"spam","content":"text","inReplyTo":"https://dorp.example/n/1",
		"context":"https://dorp.example/c/1","result":"https://dorp.example/r/1","instrument":"https://dorp.example/i/1","published":"2026-01-02T03:04:05Z",
		"updated":"2026-01-02T03:04:06Z","endTime":"2026-02-02T03:04:05Z","expires":"2026-02-02T03:04:05Z","removeData":true,"withReplies":true,
		"tag":[{"type":"Emoji","name":":koe:","icon":{"url":"https://dorp.example/koe.png"}}],"proof":{},"_misskey_reaction":":koe:"}`,
	"object": `{"@context":"https://www.w3.org/ns/activitystreams","id":"https://dorp.example/n/1","type":["Note","Question","Event","Tombstone","Video"],
		"attributedTo":"https://dorp.example/u/anna","actor":"https://dorp.example/u/anna","inReplyTo":"https://dorp.example/n/0","context":"https://dorp.example/c/1",
		"conversation":"tag:dorp.example,2026:1","to":["Public"],"cc":[],"audience":"https://dorp.example/g/plein","name":"Naam","nameMap":{"nl":"Naam"},
		"summary":"<p>kort</p>","summaryMap":{"nl":"<p>kort</p>"},"content":"<p>lang</p>","contentMap":{"nl":"<p>lang</p>"},"mediaType":"text/html",
		"source":{"content":"lang","mediaType":"text/markdown"},"tag":[{"type":"Mention","href":"https://dorp.example/g/plein","name":"@plein@dorp.example"},
		{"type":"Hashtag","href":"https://dorp.example/t/markt","name":"#markt"}],"attachment":[{"type":"Image","url":"https://dorp.example/1.png","name":"een plein",
		"mediaType":"image/png","width":1,"height":2,"blurhash":"x","focalPoint":[0,0.5]}],"url":[{"type":"Link","href":"https://dorp.example/n/1.html","mediaType":"text/html"}],
		"image":{"type":"Image","url":"https://dorp.example/1.png"},"icon":[{"type":"Image","url":"https://dorp.example/2.png"}],"preview":{"type":"Note","content":"x"},
		"language":{"identifier":"nl","name":"Nederlands"},"published":"2026-01-02T03:04:05Z","updated":"2026-01-02T03:04:06Z","sensitive":true,"commentsEnabled":true,
		"stickied":true,"distinguished":true,"replies":{"type":"Collection","id":"https://dorp.example/n/1/replies","totalItems":2},"likes":"https://dorp.example/n/1/likes",
		"shares":{"type":"Collection","totalItems":3},"quote":"https://stad.example/n/2","quoteAuthorization":"https://stad.example/q/1","interactionPolicy":{"canQuote":{"automaticApproval":["as:Public"],
		"manualApproval":"https://dorp.example/u/anna/followers"}},"interactingObject":"https://dorp.example/n/1","interactionTarget":"https://stad.example/n/2","oneOf":[{"type":"Note","name":"ja","replies":{"totalItems":1}}],
		"anyOf":[{"type":"Note","name":"nee"}],"closed":true,"votersCount":4,"startTime":"2026-01-02T03:04:05Z","endTime":"2026-01-03T03:04:05Z",
		"timezone":"Europe/Amsterdam","status":"CONFIRMED","ical:status":"CONFIRMED","joinMode":"free","location":[{"type":"Place","name":"Dorpshuis",
		"address":{"streetAddress":"Brink 1"},"geo":{"latitude":52,"longitude":6}},{"type":"VirtualLocation","url":"https://dorp.example/live"}],
		"formerType":"Note","former_type":"Note","deleted":"2026-01-02T03:04:05Z","proof":{}}`,
	"actor": `{"@context":"https://www.w3.org/ns/activitystreams","id":"https://dorp.example/g/plein","type":"Group","preferredUsername":"plein","name":"Het plein",
		"summary":"<p>x</p>","description":"x","source":{"content":"x","mediaType":"text/markdown"},"icon":{"url":"https://dorp.example/1.png"},
		"image":["https://dorp.example/2.png"],"url":"https://dorp.example/g/plein","inbox":"https://dorp.example/g/plein/inbox","outbox":"https://dorp.example/g/plein/outbox",
		"followers":"https://dorp.example/g/plein/followers","following":"https://dorp.example/g/plein/following","featured":"https://dorp.example/g/plein/featured",
		"moderators":"https://dorp.example/g/plein/moderators","attributedTo":"https://dorp.example/g/plein/moderators","endpoints":{"sharedInbox":"https://dorp.example/inbox"},
		"sharedInbox":"https://dorp.example/inbox","publicKey":{"id":"https://dorp.example/g/plein#main-key","owner":"https://dorp.example/g/plein","publicKeyPem":"PEM"},
		"assertionMethod":[{"id":"https://dorp.example/g/plein#ed","type":"Multikey","controller":"https://dorp.example/g/plein","publicKeyMultibase":"z6Mk"}],
		"manuallyApprovesFollowers":true,"discoverable":true,"indexable":false,"postingRestrictedToMods":true,"sensitive":true,"alsoKnownAs":["https://stad.example/g/plein"],
		"movedTo":"https://stad.example/g/plein","attachment":[{"type":"PropertyValue","name":"Site","value":"x"}],"tag":[],"language":[{"identifier":"nl"}],
		"published":"2026-01-02T03:04:05Z","updated":"2026-01-02T03:04:05Z","suspended":false,"memorial":false,"webfinger":"plein@dorp.example",
		"generator":{"type":"Application","implements":[{"href":"https://dorp.example/x","name":"x"}]},"implements":[]}`,
	"collection": `{"@context":"https://www.w3.org/ns/activitystreams","id":"https://dorp.example/c/1","type":"OrderedCollection","totalItems":1,"first":{"type":
		"OrderedCollectionPage","id":"https://dorp.example/c/1?page=1","orderedItems":["https://dorp.example/n/1"]},"next":"https://dorp.example/c/1?page=2",
		"prev":"https://dorp.example/c/1?page=0","last":"https://dorp.example/c/1?page=3","partOf":"https://dorp.example/c/1","attributedTo":"https://dorp.example/g/plein",
		"name":"x","items":[],"orderedItems":[{"type":"Note","id":"https://dorp.example/n/1"}]}`,
}

// wrong are values that some field somewhere does not expect.
var wrong = []string{
	`null`, `true`, `0`, `-1`, `1e300`, `""`, `"x"`, `"javascript:alert(1)"`, `[]`, `[[]]`, `[null]`, `[{}]`, `{}`, `{"id":1}`,
	`{"type":"Note"}`, `[["https://dorp.example/x"]]`, `{"id":{"id":{"id":1}}}`, `{"href":[],"url":{},"totalItems":"1"}`, `["x",{"@value":1},3]`,
}

// TestEveryFieldWrong removes each field, or gives it a wrong type: never a
// panic, and every refusal has a reason (SECURITY.md D10, J6).
func TestEveryFieldWrong(t *testing.T) {
	t.Parallel()
	for class, text := range whole {
		t.Run(class, func(t *testing.T) {
			t.Parallel()
			if got, _, err := understand([]byte(text)); got != class || err != nil {
				t.Fatalf("as it is, it reads as %q (%v)", got, err)
			}
			var doc map[string]json.RawMessage
			if err := json.Unmarshal([]byte(text), &doc); err != nil {
				t.Fatal(err)
			}
			for key := range doc {
				tryWithout(t, doc, key)
				for _, value := range wrong {
					tryWith(t, doc, key, value)
				}
			}
		})
	}
}

func tryWithout(t *testing.T, doc map[string]json.RawMessage, key string) {
	t.Helper()
	without := make(map[string]json.RawMessage)
	for k, v := range doc {
		if k != key {
			without[k] = v
		}
	}
	mustNotSurprise(t, key+" absent", without)
}

func tryWith(t *testing.T, doc map[string]json.RawMessage, key, value string) {
	t.Helper()
	with := make(map[string]json.RawMessage)
	for k, v := range doc {
		with[k] = v
	}
	with[key] = json.RawMessage(value)
	mustNotSurprise(t, key+" = "+value, with)
}

func mustNotSurprise(t *testing.T, what string, doc map[string]json.RawMessage) {
	t.Helper()
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Decode(raw)
	if err != nil {
		wantReason(t, what, err)
		return
	}
	readEvery(t, what, d)
}

// readEvery tries every reader on a document, also those of other kinds.
func readEvery(t *testing.T, what string, d *Document) {
	t.Helper()
	for _, read := range []func() error{
		func() error { _, err := d.Activity(); return err },
		func() error { _, err := d.Actor(); return err },
		func() error { _, err := d.Object(); return err },
		func() error { _, err := d.Collection(); return err },
		func() error { _, err := d.Keys(); return err },
	} {
		if err := read(); err != nil {
			wantReason(t, what, err)
		}
	}
	if a, err := d.Activity(); err == nil && (a.Actor == "" || len(a.Objects) == 0 || a.ID == "") {
		t.Errorf("%s: taken, though incomplete: %+v", what, a)
	}
}

func wantReason(t *testing.T, what string, err error) {
	t.Helper()
	if ReasonOf(err) == "" {
		t.Errorf("%s: refused without a reason: %v", what, err)
	}
}

// TestActorEndpoints holds SECURITY.md I11: an endpoint that is no plain URL on
// the actor's host refuses the actor.
func TestActorEndpoints(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"inbox", "outbox", "followers", "following"} {
		for _, value := range []string{
			`"javascript:alert(1)"`, `["https://dorp.example/inbox"]`, `{"id":"https://dorp.example/inbox"}`, `"/inbox"`, `"https://stad.example/inbox"`,
			`"https://dorp.example:8443/inbox"`, `"https://dorp.example./inbox"`, `"https://a:b@dorp.example/inbox"`, `"https://dorp.example/inbox#x"`,
			`"ftp://dorp.example/inbox"`, `""`, `1`,
		} {
			if _, err := decodeActor(t, key, value); ReasonOf(err) != ReasonEndpoint {
				t.Errorf("%s %s: got %v", key, value, err)
			}
		}
	}
	if _, err := decodeActor(t, "publicKey", `{"id":"https://stad.example/u#k","owner":"https://dorp.example/g/plein","publicKeyPem":"P"}`); ReasonOf(err) != ReasonKey {
		t.Errorf("a key on another host: got %v", err)
	}
	if _, err := decodeActor(t, "publicKey", `{"id":"https://dorp.example/u#k","owner":"https://dorp.example/u/eve","publicKeyPem":"P"}`); ReasonOf(err) != ReasonKey {
		t.Errorf("another actor's key: got %v", err)
	}
	a, err := decodeActor(t, "endpoints", `{"sharedInbox":"https://stad.example/inbox"}`)
	if err != nil || a.SharedInbox != "" {
		t.Errorf("a shared inbox on another host: got %q, %v", a.SharedInbox, err)
	}
}

func decodeActor(t *testing.T, key, value string) (Actor, error) {
	t.Helper()
	var doc map[string]json.RawMessage
	if err := json.Unmarshal([]byte(whole["actor"]), &doc); err != nil {
		t.Fatal(err)
	}
	doc[key] = json.RawMessage(value)
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	return d.Actor()
}

// TestLinksAreHTTP holds SECURITY.md H4.
func TestLinksAreHTTP(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"javascript:alert(1)", "data:text/html,x", "vbscript:x", "\tjava\nscript:alert(1)"} {
		link, err := json.Marshal(bad)
		if err != nil {
			t.Fatal(err)
		}
		d, err := Decode(fmt.Appendf(nil, `{"type":"Note","id":"https://dorp.example/1","url":%[1]s,"image":{"url":%[1]s},"icon":%[1]s,
			"attachment":[{"type":"Document","url":%[1]s},{"type":"Link","href":%[1]s}],"tag":[{"type":"Mention","href":%[1]s}]}`, link))
		if err != nil {
			t.Fatal(err)
		}
		o, err := d.Object()
		if err != nil || o.URL != "" || o.Image.URL != "" || o.Icon.URL != "" || o.Attachments != nil || o.Tags.Mentions != nil {
			t.Errorf("%q got through: %+v (%v)", bad, o, err)
		}
	}
}

// TestCaps holds SECURITY.md D1 and D24.
func TestCaps(t *testing.T) {
	t.Parallel()
	list := func(n int, entry string) string {
		out := "["
		for i := range n {
			if i > 0 {
				out += ","
			}
			out += entry
		}
		return out + "]"
	}
	long := func(n int) string { return fmt.Sprintf("%0*d", n, 0) }
	d, err := Decode([]byte(noteWith(`,"tag":` + list(MaxTags+50, `{"type":"Hashtag","name":"#x"}`) +
		`,"attachment":` + list(MaxAttachments+5, `{"type":"Image","url":"https://dorp.example/1.png","name":"`+long(MaxAltLength+1)+`"}`) +
		`,"name":"` + long(MaxNameLength+1) + `","summary":"` + long(MaxSummaryLength+1) + `"`)))
	if err != nil {
		t.Fatal(err)
	}
	o, err := d.Object()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what      string
		got, want int
	}{
		{"tags", len(o.Tags.Hashtags), MaxTags},
		{"attachments", len(o.Attachments), MaxAttachments},
		{"alt", len(o.Attachments[0].Name), MaxAltLength},
		{"name", len(o.Name), MaxNameLength},
		{"summary", len(o.Summary), MaxSummaryLength},
		{"characters, not bytes", len(truncate("ééé", 2)), 4},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %d, want %d", c.what, c.got, c.want)
		}
	}
	a, err := decodeActor(t, "attachment", list(MaxFields+1, `{"type":"PropertyValue","name":"a","value":"`+long(MaxFieldLength+1)+`"}`))
	if err != nil || len(a.Fields) != MaxFields || len(a.Fields[0].Value) != MaxFieldLength {
		t.Errorf("fields: %d (%v)", len(a.Fields), err)
	}
}
