package wire

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/go-fed/activity/streams"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// What Encode writes, Decode reads back equal, and go-fed takes it.

var (
	genText = rapid.StringMatching(`[a-z<>&"\\/é€ 🏡]{1,30}`)
	genURL  = rapid.StringMatching(`https://dorp\.example/[a-z]{1,8}/[0-9]{1,5}`)
	genTime = rapid.Custom(func(t *rapid.T) time.Time {
		return time.UnixMicro(rapid.Int64Range(946_684_800_000_000, 4_000_000_000_000_000).Draw(t, "µs")).UTC()
	})
	genAddress = rapid.OneOf(genURL, rapid.Just(Public))
	genTag     = rapid.SampledFrom([]string{"nl", "fy", "en", "zh-Hant"})
)

// maybe draws the zero value half of the time.
func maybe[T any](t *rapid.T, g *rapid.Generator[T], label string) T {
	var zero T
	if rapid.Bool().Draw(t, label+"?") {
		return g.Draw(t, label)
	}
	return zero
}

// some draws up to three, nil for none.
func some[T any](t *rapid.T, g *rapid.Generator[T], label string) []T {
	list := rapid.SliceOfN(g, 0, 3).Draw(t, label)
	if len(list) == 0 {
		return nil
	}
	return list
}

func texts(t *rapid.T, beside, label string) map[string]string {
	m := rapid.MapOfN(genTag, genText, 0, 3).Draw(t, label)
	if beside == "" || len(m) == 0 {
		return nil
	}
	return m
}

func genFlag(t *rapid.T, label string) bool { return rapid.Bool().Draw(t, label) }

func genPointer(t *rapid.T, label string) *bool {
	return rapid.SampledFrom([]*bool{nil, new(true), new(false)}).Draw(t, label)
}

func genTags(t *rapid.T) Tags {
	return Tags{
		Mentions: some(t, rapid.Custom(func(t *rapid.T) Mention { return Mention{genURL.Draw(t, "href"), maybe(t, genText, "name")} }), "mentions"),
		Hashtags: some(t, rapid.Custom(func(t *rapid.T) Hashtag {
			return Hashtag{maybe(t, genURL, "href"), "#" + rapid.StringMatching(`[a-z]{1,9}`).Draw(t, "name")}
		}), "hashtags"),
		Emojis: some(t, rapid.Custom(func(t *rapid.T) Emoji {
			return Emoji{maybe(t, genURL, "id"), ":koe:", genURL.Draw(t, "icon"), maybe(t, rapid.Just("image/png"), "type"), maybe(t, genTime, "updated")}
		}), "emojis"),
	}
}

func genImage(t *rapid.T, label string) Image {
	if !genFlag(t, label) {
		return Image{}
	}
	return Image{genURL.Draw(t, "url"), maybe(t, rapid.Just("image/png"), "type"), maybe(t, genText, "alt")}
}

var genAttachment = rapid.Custom(func(t *rapid.T) Attachment {
	a := Attachment{
		Type: rapid.SampledFrom([]string{"Image", "Document", "Link", "Video"}).Draw(t, "type"), URL: genURL.Draw(t, "url"),
		MediaType: maybe(t, rapid.Just("image/webp"), "media"), Name: maybe(t, genText, "alt"), Blurhash: maybe(t, genText, "hash"),
		Width: rapid.IntRange(0, 9000).Draw(t, "w"), Height: rapid.IntRange(0, 9000).Draw(t, "h"),
	}
	if genFlag(t, "focus") {
		a.FocalPoint = &[2]float64{rapid.Float64Range(-1, 1).Draw(t, "x"), rapid.Float64Range(-1, 1).Draw(t, "y")}
	}
	return a
})

func genCounted(t *rapid.T, label string) Counted {
	c := Counted{ID: maybe(t, genURL, label), HasTotal: genFlag(t, label)}
	if c.HasTotal {
		c.Total = rapid.IntRange(0, 1_000_000).Draw(t, "total")
	}
	return c
}

var genObject = rapid.Custom(func(t *rapid.T) Object {
	kind := rapid.SampledFrom([]string{"Note", "Article", "Page", "Question", "Event", "Tombstone"}).Draw(t, "type")
	o := Object{
		ID: genURL.Draw(t, "id"), Types: []string{kind}, AttributedTo: some(t, genURL, "by"), Actor: maybe(t, genURL, "actor"),
		Name: maybe(t, genText, "name"), Summary: maybe(t, genText, "summary"), Content: maybe(t, genText, "content"),
		MediaType: maybe(t, rapid.Just("text/html"), "media"), Source: Source{maybe(t, genText, "source"), maybe(t, rapid.Just("text/markdown"), "st")},
		InReplyTo: maybe(t, genURL, "irt"), Context: maybe(t, genURL, "context"), Conversation: maybe(t, genText, "conversation"),
		To: some(t, genAddress, "to"), Cc: some(t, genAddress, "cc"), Audience: some(t, genURL, "audience"), Tags: genTags(t),
		Attachments: some(t, genAttachment, "attachment"), URL: maybe(t, genURL, "url"), Image: genImage(t, "image"), Icon: genImage(t, "icon"),
		Preview: maybe(t, genText, "preview"), Language: genTag.Draw(t, "language"), Published: maybe(t, genTime, "published"), Updated: maybe(t, genTime, "updated"),
		Sensitive: genFlag(t, "sensitive"), CommentsEnabled: genPointer(t, "comments"), Stickied: genFlag(t, "sticky"), Distinguished: genFlag(t, "distinguished"),
		Replies: genCounted(t, "replies"), Likes: genCounted(t, "likes"), Shares: genCounted(t, "shares"), QuoteURL: maybe(t, genURL, "quote"),
		QuoteAuthorization: maybe(t, genURL, "consent"), CanQuote: genApproval(t), InteractingObject: maybe(t, genURL, "quoting"), InteractionTarget: maybe(t, genURL, "quoted"),
	}
	o.ContentMap, o.NameMap, o.SummaryMap = texts(t, o.Content, "cm"), texts(t, o.Name, "nm"), texts(t, o.Summary, "sm")
	switch kind {
	case "Question":
		o.Poll = genPoll(t)
	case "Event":
		o.Event = genEvent(t)
	case "Tombstone":
		o.FormerType, o.Deleted = "Note", maybe(t, genTime, "deleted")
	}
	return o
})

func genApproval(t *rapid.T) *Approval {
	if !genFlag(t, "policy") {
		return nil
	}
	return &Approval{Automatic: some(t, genAddress, "automatic"), Manual: some(t, genAddress, "manual")}
}

func genPoll(t *rapid.T) *Poll {
	option := rapid.Custom(func(t *rapid.T) PollOption {
		return PollOption{genText.Draw(t, "name"), rapid.IntRange(0, 99).Draw(t, "votes")}
	})
	return &Poll{
		Options: rapid.SliceOfN(option, 1, 4).Draw(t, "options"), Multiple: genFlag(t, "multiple"), EndTime: maybe(t, genTime, "end"),
		Closed: maybe(t, genTime, "closed"), VotersCount: rapid.IntRange(0, 99).Draw(t, "voters"),
	}
}

func genEvent(t *rapid.T) *Event {
	e := &Event{
		Start: genTime.Draw(t, "start"), End: maybe(t, genTime, "end"), Timezone: maybe(t, rapid.Just("Europe/Amsterdam"), "zone"),
		Status: maybe(t, rapid.Just("CONFIRMED"), "status"), OnlineURL: maybe(t, genURL, "online"), JoinMode: maybe(t, rapid.Just("free"), "join"),
	}
	if genFlag(t, "place") {
		e.Location = &Place{
			ID: maybe(t, genURL, "place"), Name: genText.Draw(t, "name"), Street: maybe(t, genText, "street"), PostalCode: maybe(t, genText, "post"),
			Locality: maybe(t, genText, "town"), Region: maybe(t, genText, "region"), Country: maybe(t, genText, "country"),
		}
		if genFlag(t, "point") {
			e.Location.HasPoint = true
			e.Location.Latitude, e.Location.Longitude = rapid.Float64Range(-90, 90).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lon")
		}
	}
	return e
}

var genReference = rapid.Custom(func(t *rapid.T) Reference {
	if genFlag(t, "bare") {
		return Reference{ID: genURL.Draw(t, "id")}
	}
	r, err := genObject.Draw(t, "object").Embed()
	if err != nil {
		t.Fatal(err)
	}
	return r
})

// activityTypes are the ones that Meent sends.
var activityTypes = []string{
	"Create", "Update", "Delete", "Announce", "Follow", "Accept", "Reject", "Undo", "Like", "Dislike", "Flag", "Add", "Remove", "Block", "Lock", "Move",
}

var genActivity = rapid.Custom(func(t *rapid.T) Activity {
	return Activity{
		ID: genURL.Draw(t, "id"), Type: rapid.SampledFrom(activityTypes).Draw(t, "type"), Actor: genURL.Draw(t, "actor"),
		Objects: rapid.SliceOfN(genReference, 1, 3).Draw(t, "objects"), Target: maybe(t, genReference, "target"), Origin: maybe(t, genReference, "origin"),
		To: some(t, genAddress, "to"), Cc: some(t, genAddress, "cc"), Audience: some(t, genURL, "audience"), Summary: maybe(t, genText, "summary"),
		Content: maybe(t, genText, "content"), InReplyTo: maybe(t, genURL, "irt"), Context: maybe(t, genURL, "context"), Result: maybe(t, genURL, "result"),
		Instrument: Reference{ID: maybe(t, genURL, "instrument")}, Published: maybe(t, genTime, "published"), Updated: maybe(t, genTime, "updated"),
		EndTime: maybe(t, genTime, "end"), RemoveData: genFlag(t, "remove"), WithReplies: genFlag(t, "replies"), Tags: genTags(t),
	}
})

var genActor = rapid.Custom(func(t *rapid.T) Actor {
	id := genURL.Draw(t, "id")
	key := rapid.Custom(func(t *rapid.T) PublicKey {
		return PublicKey{genURL.Draw(t, "key") + "#main-key", id, genText.Draw(t, "pem")}
	})
	a := Actor{
		ID: id, Type: rapid.SampledFrom([]string{"Person", "Group", "Application", "Service", "Organization"}).Draw(t, "type"),
		PreferredUsername: rapid.StringMatching(`[a-z0-9_]{1,20}`).Draw(t, "username"), Name: maybe(t, genText, "name"), Summary: maybe(t, genText, "summary"),
		Description: maybe(t, genText, "description"), Source: Source{maybe(t, genText, "source"), maybe(t, rapid.Just("text/markdown"), "st")},
		Icon: genImage(t, "icon"), Image: genImage(t, "image"), URL: maybe(t, genURL, "url"), Inbox: genURL.Draw(t, "inbox"),
		SharedInbox: maybe(t, genURL, "shared"), Outbox: maybe(t, genURL, "outbox"), Followers: maybe(t, genURL, "followers"),
		Following: maybe(t, genURL, "following"), Featured: maybe(t, genURL, "featured"), PublicKeys: some(t, key, "keys"),
		AssertionMethods: some(t, rapid.Custom(func(t *rapid.T) Multikey {
			return Multikey{genURL.Draw(t, "key") + "#ed25519-key", id, "z6Mk" + rapid.StringMatching(`[a-z]{3}`).Draw(t, "multibase")}
		}), "methods"),
		ManuallyApprovesFollowers: genFlag(t, "manually"), Discoverable: genPointer(t, "discoverable"), Indexable: genPointer(t, "indexable"),
		PostingRestrictedToMods: genFlag(t, "restricted"), Sensitive: genFlag(t, "sensitive"), AlsoKnownAs: some(t, genURL, "aliases"),
		MovedTo: maybe(t, genURL, "moved"), Fields: some(t, rapid.Custom(func(t *rapid.T) Field {
			return Field{genText.Draw(t, "name"), genText.Draw(t, "value")}
		}), "fields"), Tags: genTags(t), Languages: some(t, genTag, "languages"), Published: maybe(t, genTime, "published"), Updated: maybe(t, genTime, "updated"),
		Suspended: genFlag(t, "suspended"), Memorial: genFlag(t, "memorial"), Webfinger: maybe(t, rapid.Just("plein@dorp.example"), "webfinger"),
		Generator: maybe(t, genURL, "generator"),
		Implements: some(t, rapid.Custom(func(t *rapid.T) Capability {
			return Capability{genURL.Draw(t, "href"), maybe(t, genText, "name")}
		}), "implements"),
	}
	if a.Type == "Group" {
		a.Moderators = maybe(t, genURL, "moderators")
	}
	if a.Moderators == "" {
		a.AttributedTo = some(t, genURL, "owners")
	}
	return a
})

var genCollection = rapid.Custom(func(t *rapid.T) Collection {
	c := Collection{
		ID: genURL.Draw(t, "id"), Next: maybe(t, genURL, "next"), Prev: maybe(t, genURL, "prev"), Last: maybe(t, genURL, "last"), PartOf: maybe(t, genURL, "partOf"),
		Type: rapid.SampledFrom([]string{"Collection", "OrderedCollection", "CollectionPage", "OrderedCollectionPage"}).Draw(t, "type"),
		Name: maybe(t, genText, "name"), AttributedTo: maybe(t, genURL, "owner"), First: maybe(t, genURL, "first"),
		Items: some(t, genReference, "items"), HasTotalItems: genFlag(t, "counted"),
	}
	if c.HasTotalItems {
		c.TotalItems = rapid.IntRange(0, 1_000_000).Draw(t, "total")
	}
	if genFlag(t, "embedded page") {
		c.FirstPage = &Collection{ID: genURL.Draw(t, "page"), Type: "CollectionPage", Items: some(t, genReference, "items")}
		c.First = c.FirstPage.ID
	}
	return c
})

var withoutRaw = cmp.Options{
	cmpopts.IgnoreFields(Activity{}, "Raw"), cmpopts.IgnoreFields(Object{}, "Raw"), cmpopts.IgnoreFields(Actor{}, "Raw"), cmpopts.IgnoreFields(Collection{}, "Raw"),
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	t.Run("activity", func(t *testing.T) { t.Parallel(); roundTrip(t, genActivity, Activity.Encode, (*Document).Activity) })
	t.Run("object", func(t *testing.T) { t.Parallel(); roundTrip(t, genObject, Object.Encode, (*Document).Object) })
	t.Run("actor", func(t *testing.T) { t.Parallel(); roundTrip(t, genActor, Actor.Encode, (*Document).Actor) })
	t.Run("collection", func(t *testing.T) {
		t.Parallel()
		roundTrip(t, genCollection, Collection.Encode, (*Document).Collection)
	})
}

func roundTrip[T any](t *testing.T, generator *rapid.Generator[T], encode func(T) ([]byte, error), read func(*Document) (T, error)) {
	rapid.Check(t, func(t *rapid.T) {
		want := generator.Draw(t, "value")
		raw, err := encode(want)
		if err != nil {
			t.Fatal(err)
		}
		again, err := encode(want)
		if err != nil || string(again) != string(raw) {
			t.Fatalf("not the same bytes twice (%v)", err)
		}
		d, err := Decode(raw)
		if err != nil {
			t.Fatalf("%v in %s", err, raw)
		}
		got, err := read(d)
		if err != nil {
			t.Fatalf("%v in %s", err, raw)
		}
		if diff := cmp.Diff(want, got, withoutRaw); diff != "" {
			t.Fatalf("%s\n%s", raw, diff)
		}
		if known := !kinds[d.Type()].extension; known != (d.Recognition == Known) || d.AssumedContext {
			t.Fatalf("go-fed: %v on %s", d.Recognition, raw)
		}
	})
}

// TestGoFedKeepsIt sends what we wrote through go-fed's types and back: what
// AS2 defines must arrive.
func TestGoFedKeepsIt(t *testing.T) {
	t.Parallel()
	kept := []string{"id", "type", "actor", "object", "attributedTo", "to", "cc", "name", "content", "summary", "inReplyTo", "url", "inbox", "outbox", "totalItems"}
	for _, encode := range []func(*rapid.T) ([]byte, error){
		func(t *rapid.T) ([]byte, error) { return genActivity.Draw(t, "activity").Encode() },
		func(t *rapid.T) ([]byte, error) { return genObject.Draw(t, "object").Encode() },
		func(t *rapid.T) ([]byte, error) { return genActor.Draw(t, "actor").Encode() },
		func(t *rapid.T) ([]byte, error) { return genCollection.Draw(t, "collection").Encode() },
	} {
		rapid.Check(t, func(t *rapid.T) {
			raw, err := encode(t)
			if err != nil {
				t.Fatal(err)
			}
			before, after := throughGoFed(t, raw)
			for _, key := range kept {
				if after != nil && (before[key] == nil) != (after[key] == nil) && !isEmptyList(before[key]) {
					t.Fatalf("go-fed lost %s of %s", key, raw)
				}
			}
		})
	}
}

func isEmptyList(v any) bool {
	list, ok := v.([]any)
	return ok && len(list) == 0
}

// throughGoFed gives the document before and after go-fed; nil after if the
// type is beyond its vocabulary.
func throughGoFed(t *rapid.T, raw []byte) (before, after map[string]any) {
	if err := json.Unmarshal(raw, &before); err != nil {
		t.Fatal(err)
	}
	if kind := fmt.Sprint(before["type"]); kinds[kind].extension {
		return before, nil
	}
	value, err := streams.ToType(t.Context(), before)
	if err != nil {
		t.Fatalf("go-fed refuses: %v in %s", err, raw)
	}
	if after, err = streams.Serialize(value); err != nil {
		t.Fatalf("go-fed cannot write back: %v in %s", err, raw)
	}
	return before, after
}

// TestVerbatim shows that an announced activity keeps each byte (FEP-1b12).
func TestVerbatim(t *testing.T) {
	t.Parallel()
	inner := `{ "type" : "Create","id":"https://stad.example/a/1", "actor":"https://stad.example/u/bob", "object":{"type":"Note","content":"é \u00e9"}, "proof":{} }`
	object, err := Embed([]byte(inner))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := Activity{ID: "https://dorp.example/a/2", Type: "Announce", Actor: "https://dorp.example/g/plein", Objects: []Reference{object}, To: []string{Public}}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	d, err := Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	outer, err := d.Activity()
	if err != nil {
		t.Fatal(err)
	}
	if string(outer.Objects[0].Raw) != inner {
		t.Errorf("got %s", outer.Objects[0].Raw)
	}
	embedded, err := outer.Objects[0].Decode()
	if err != nil {
		t.Fatal(err)
	}
	create, err := embedded.Activity()
	if err != nil || !create.HasProof || string(create.Objects[0].Raw) != `{"type":"Note","content":"é \u00e9"}` {
		t.Errorf("got %+v (%v)", create, err)
	}
}

// TestContextHasOnlyWhatIsUsed also looks into embedded parts.
func TestContextHasOnlyWhatIsUsed(t *testing.T) {
	t.Parallel()
	contextOf := func(raw []byte, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		root, err := parse(raw)
		if err != nil || root.members[0].key != "@context" {
			t.Fatalf("@context is not first in %s (%v)", raw, err)
		}
		c := root.members[0].value
		return string(raw[c.start:c.end])
	}
	plain := Object{ID: "https://dorp.example/n/1", Types: []string{"Note"}, Content: "x"}
	if got, want := contextOf(plain.Encode()), `"`+contextAS2+`"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	plain.Sensitive = true
	inner, err := plain.Embed()
	if err != nil {
		t.Fatal(err)
	}
	create := Activity{ID: "https://dorp.example/a/1", Type: "Create", Actor: "https://dorp.example/u/anna", Objects: []Reference{inner}}
	if got, want := contextOf(create.Encode()), `["`+contextAS2+`",{"sensitive":"as:sensitive"}]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestKindsKnowWhatGoFedKnows(t *testing.T) {
	t.Parallel()
	for name, kind := range kinds {
		_, err := streams.ToType(t.Context(), map[string]any{"@context": contextAS2, "type": name})
		if known := err == nil; known == kind.extension {
			t.Errorf("%s: go-fed says %v, the table says extension: %v", name, err, kind.extension)
		}
	}
	if !slices.Contains(objectless, "Travel") {
		t.Error("AS2 vocabulary 3.1 has Travel without an object")
	}
}
