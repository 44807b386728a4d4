package wire

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
)

const (
	testGroup = "https://dorp.example/g/plein"
	testAnna  = "https://dorp.example/u/anna"
)

var testTime = time.Date(2026, time.March, 2, 9, 15, 0, 0, time.UTC)

// TestEncodedForms shows the documents that Meent sends, one golden file each;
// they are also the place to look up what is on the wire.
func TestEncodedForms(t *testing.T) {
	t.Parallel()
	for name, encode := range map[string]func() ([]byte, error){
		"group":               testGroupActor().Encode,
		"instance":            testInstanceActor().Encode,
		"article":             testArticle().Encode,
		"note":                testNote().Encode,
		"question":            testQuestion().Encode,
		"event":               testEvent().Encode,
		"tombstone":           Object{ID: "https://dorp.example/p/1", Types: []string{"Tombstone"}, FormerType: "Article", Deleted: testTime}.Encode,
		"create":              func() ([]byte, error) { return testCreate(t).Encode() },
		"announce":            func() ([]byte, error) { return testAnnounce(t).Encode() },
		"accept":              func() ([]byte, error) { return testAccept(t).Encode() },
		"delete_by_moderator": testDelete().Encode,
		"flag":                testFlag().Encode,
		"block":               testBlock().Encode,
		"lock": Activity{
			ID: "https://dorp.example/act/9", Type: "Lock", Actor: testAnna, Objects: []Reference{{ID: "https://dorp.example/p/1"}},
			To: []string{Public}, Cc: []string{testGroup}, Audience: []string{testGroup},
		}.Encode,
		"followers": Collection{ID: testGroup + "/followers", Type: "Collection", HasTotalItems: true, TotalItems: 12}.Encode,
		"moderators": Collection{
			ID: testGroup + "/moderators", Type: "OrderedCollection", HasTotalItems: true, TotalItems: 1, Items: []Reference{{ID: testAnna}},
		}.Encode,
		"outbox": Collection{ID: testGroup + "/outbox", Type: "OrderedCollection", HasTotalItems: true, TotalItems: 90, First: testGroup + "/outbox?page=1"}.Encode,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw, err := encode()
			if err != nil {
				t.Fatal(err)
			}
			d, err := Decode(raw)
			if err != nil {
				t.Fatal(err)
			}
			if known := !kinds[d.Type()].extension; known != (d.Recognition == Known) {
				t.Errorf("go-fed does not take it")
			}
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, raw, "", "  "); err != nil {
				t.Fatal(err)
			}
			compareTable(t, "testdata/encoded/"+name+".golden", pretty.String()+"\n")
		})
	}
}

func testGroupActor() Actor {
	return Actor{
		ID: testGroup, Type: "Group", PreferredUsername: "plein", Webfinger: "plein@dorp.example", Name: "Het plein", Description: "Over het plein",
		Summary: "<p>Over het plein</p>", Source: Source{"Over het plein", "text/markdown"}, URL: testGroup,
		Icon: Image{URL: "https://dorp.example/media/1.png", MediaType: "image/png"}, Inbox: testGroup + "/inbox", Outbox: testGroup + "/outbox",
		Followers: testGroup + "/followers", Featured: testGroup + "/featured", Moderators: testGroup + "/moderators", SharedInbox: "https://dorp.example/inbox",
		PublicKeys:       []PublicKey{{testGroup + "#main-key", testGroup, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"}},
		AssertionMethods: []Multikey{{testGroup + "#ed25519-key", testGroup, "z6MkexampleExampleExample"}},
		Discoverable:     new(true), Indexable: new(true), Languages: []string{"nl"}, Published: testTime, Updated: testTime,
		Generator: "https://dorp.example/", Implements: []Capability{{"https://datatracker.ietf.org/doc/html/rfc9421", "RFC 9421"}},
	}
}

func testInstanceActor() Actor {
	a := testGroupActor()
	return Actor{
		ID: "https://dorp.example/", Type: "Application", PreferredUsername: "dorp.example", Name: "Gemeente Dorp", Inbox: "https://dorp.example/inbox",
		Outbox: "https://dorp.example/outbox", Implements: a.Implements,
		PublicKeys: []PublicKey{{"https://dorp.example/#main-key", "https://dorp.example/", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"}},
	}
}

// testArticle is a thread as forum software reads it, testNote as microblogs do.
func testArticle() Object {
	return Object{
		ID: "https://dorp.example/p/1", Types: []string{"Article"}, URL: testGroup + "/p/1", AttributedTo: []string{testAnna}, To: []string{Public, testGroup},
		Cc: []string{testGroup + "/followers"}, Audience: []string{testGroup}, Name: "De bank", Summary: "<p>Waar komt de bank?</p>",
		Content: "<p>Waar komt de bank?</p>", ContentMap: map[string]string{"nl": "<p>Waar komt de bank?</p>"}, MediaType: "text/html",
		Source: Source{"Waar komt de bank?", "text/markdown"}, Language: "nl", Preview: "<p>De bank</p>", Context: "https://dorp.example/p/1/context",
		Tags: Tags{Mentions: []Mention{{testGroup, "@plein@dorp.example"}}}, CommentsEnabled: new(true), Replies: Counted{ID: "https://dorp.example/p/1/replies"},
		Attachments: []Attachment{{Type: "Image", URL: "https://dorp.example/media/2.webp", MediaType: "image/webp", Name: "Een lege brink", Width: 800, Height: 600}},
		Likes:       Counted{ID: "https://dorp.example/p/1/likes", Total: 3, HasTotal: true}, Published: testTime,
	}
}

func testNote() Object {
	o := testArticle()
	o.Types, o.Name, o.Summary, o.Preview = []string{"Note"}, "", "", ""
	o.Content = "<p><strong>De bank</strong></p><p>Waar komt de bank?</p>"
	o.ContentMap = map[string]string{"nl": o.Content}
	return o
}

func testQuestion() Object {
	o := testNote()
	o.Types, o.Attachments = []string{"Question"}, nil
	o.Poll = &Poll{Options: []PollOption{{"Bij de kerk", 4}, {"Bij de haven", 0}}, EndTime: testTime.AddDate(0, 0, 7), VotersCount: 4}
	return o
}

func testEvent() Object {
	o := testArticle()
	o.Types, o.Attachments = []string{"Event"}, nil
	o.Event = &Event{
		Start: testTime, End: testTime.Add(time.Hour), Timezone: "Europe/Amsterdam", Status: "CONFIRMED",
		Location: &Place{Name: "Dorpshuis", Street: "Brink 1", PostalCode: "9999 AA", Locality: "Dorp", Country: "Nederland"},
	}
	return o
}

func testCreate(t *testing.T) Activity {
	t.Helper()
	inner, err := testArticle().Embed()
	if err != nil {
		t.Fatal(err)
	}
	return Activity{
		ID: "https://dorp.example/act/1", Type: "Create", Actor: testAnna, Objects: []Reference{inner}, To: []string{Public, testGroup},
		Cc: []string{testGroup + "/followers", testAnna + "/followers"}, Audience: []string{testGroup}, Published: testTime,
	}
}

func testAnnounce(t *testing.T) Activity {
	t.Helper()
	inner, err := Embed([]byte(`{"@context": "https://www.w3.org/ns/activitystreams", "type":"Like" ,"id":"https://stad.example/l/1", "actor":"https://stad.example/u/bob",
		"object":"https://dorp.example/p/1"}`))
	if err != nil {
		t.Fatal(err)
	}
	return Activity{
		ID: "https://dorp.example/act/2", Type: "Announce", Actor: testGroup, Objects: []Reference{inner}, To: []string{Public},
		Cc: []string{testGroup + "/followers"}, Published: testTime,
	}
}

// testAccept embeds the whole Follow, which Lemmy 0.19 needs.
func testAccept(t *testing.T) Activity {
	t.Helper()
	follow, err := Activity{ID: "https://stad.example/f/1", Type: "Follow", Actor: "https://stad.example/u/bob", Objects: []Reference{{ID: testGroup}}}.Embed()
	if err != nil {
		t.Fatal(err)
	}
	return Activity{ID: "https://dorp.example/act/3", Type: "Accept", Actor: testGroup, Objects: []Reference{follow}, To: []string{"https://stad.example/u/bob"}}
}

func testDelete() Activity {
	return Activity{
		ID: "https://dorp.example/act/4", Type: "Delete", Actor: testAnna, Objects: []Reference{{ID: "https://stad.example/p/2"}}, Summary: "reclame",
		To: []string{Public}, Cc: []string{testGroup}, Audience: []string{testGroup},
	}
}

// testFlag fills summary and content: Lemmy reads either, Mastodon the latter.
func testFlag() Activity {
	return Activity{
		ID: "https://dorp.example/act/5", Type: "Flag", Actor: "https://dorp.example/", Summary: "reclame", Content: "reclame",
		Objects: []Reference{{ID: "https://stad.example/u/eve"}, {ID: "https://stad.example/p/2"}}, To: []string{"https://stad.example/u/eve"},
	}
}

func testBlock() Activity {
	return Activity{
		ID: "https://dorp.example/act/6", Type: "Block", Actor: testAnna, Objects: []Reference{{ID: "https://stad.example/u/eve"}}, Target: Reference{ID: testGroup},
		Summary: "reclame", EndTime: testTime.AddDate(0, 1, 0), RemoveData: true, To: []string{Public}, Cc: []string{testGroup}, Audience: []string{testGroup},
	}
}
