package federation

import (
	"strings"
	"testing"

	"meent/communities"
)

// stories in which somebody says, rightly signed, what is not theirs to say. Each must be without any effect. EVE is the attacker's id,
// VERA the victim's, THEIRS the victim's post, OURS a thread of this node.
var trespasses = map[string]struct{ want, doc string }{
	"U1 Delete by another origin":        {"refused author", `"type":"Delete","object":"THEIRS"`},
	"U6 Delete with a foreign Tombstone": {"refused author", `"type":"Delete","object":{"type":"Tombstone","id":"THEIRS"}`},
	"U2 Update of a foreign post":        {"refused origin", `"type":"Update","object":{"type":"Note","id":"THEIRS","attributedTo":"VERA","content":"vals","to":["PUBLIC"]}`},
	"U2 Update of an unknown foreign post": {
		"refused origin",
		`"type":"Update","object":{"type":"Note","id":"VERA/new","attributedTo":"VERA","content":"vals","to":["PUBLIC"]}`,
	},
	"U4 Update of a foreign Event": {
		"refused origin",
		`"type":"Update","object":{"type":"Event","id":"THEIRS","attributedTo":"EVE","name":"vals","startTime":"2026-06-01T14:00:00Z","to":["PUBLIC"]}`,
	},
	"U4 Update of a foreign Group": {
		"refused not-theirs",
		`"type":"Update","object":{"type":"Group","id":"VERA","preferredUsername":"vals","inbox":"VERA/inbox"}`,
	},
	"U8 Create of what is another's": {
		"refused author",
		`"type":"Create","object":{"type":"Note","id":"EVE/n","attributedTo":"VERA","content":"vals","to":["PUBLIC"],"cc":["GROUP"]}`,
	},
	"U8 Create without author": {
		"refused author",
		`"type":"Create","object":{"type":"Note","id":"EVE/n","content":"vals","to":["PUBLIC"],"cc":["GROUP"]}`,
	},
	"I14 Create under a known id": {
		"refused origin",
		`"type":"Create","object":{"type":"Note","id":"THEIRS","attributedTo":"EVE","content":"vals","to":["PUBLIC"],"cc":["GROUP"]}`,
	},
	"U10 Add to a collection of another":     {"ignored unknown-target", `"type":"Add","object":"THEIRS","target":"VERA/featured"`},
	"U12 Add to featured by a non-moderator": {"refused forbidden", `"type":"Add","object":"OURS","target":"GROUP/featured","to":["PUBLIC"],"cc":["GROUP"]`},
	"U12 moderators by a non-moderator":      {"refused forbidden", `"type":"Add","object":"EVE","target":"GROUP/moderators","to":["PUBLIC"],"cc":["GROUP"]`},
	"U14 Lock by a non-moderator":            {"refused forbidden", `"type":"Lock","object":"OURS","to":["PUBLIC"],"cc":["GROUP"]`},
	"U14 removal by a non-moderator":         {"refused forbidden", `"type":"Delete","object":"OURS","summary":"weg","to":["PUBLIC"],"cc":["GROUP"]`},
	"U14 ban by a non-moderator":             {"refused forbidden", `"type":"Block","object":"TOWN/u/kees","target":"GROUP","to":["PUBLIC"],"cc":["GROUP"]`},
	"U15 Undo of a foreign Like": {
		"refused not-theirs",
		`"type":"Undo","object":{"type":"Like","id":"VERA#like","actor":"VERA","object":"OURS"}`,
	},
	"U15 Undo of a foreign Follow": {
		"refused not-theirs",
		`"type":"Undo","object":{"type":"Follow","id":"VERA#follow","actor":"VERA","object":"GROUP"}`,
	},
	"U15 Undo of a foreign Follow by its id": {"refused not-theirs", `"type":"Undo","object":"VERA#follow"`},
	"U15 Undo of a foreign Block": {
		"refused not-theirs",
		`"type":"Undo","object":{"type":"Block","id":"VERA#block","actor":"VERA","object":"TOWN/u/kees"}`,
	},
	"U16 Accept of nothing": {"refused unknown-follow", `"type":"Accept","object":"TOWN/act/1"`},
	"U16 Reject of a Follow of another": {
		"refused unknown-follow",
		`"type":"Reject","object":{"type":"Follow","actor":"VERA","object":"GROUP"}`,
	},
	"U17 Move of another":             {"refused not-theirs", `"type":"Move","object":"VERA","target":"EVE"`},
	"U18 boost of a suspended author": {"refused not-found", `"type":"Announce","object":"SALLY/hi","to":["PUBLIC"]`},
	"U23 reply to a boost": {
		"refused invalid",
		`"type":"Create","object":{"type":"Note","id":"EVE/n","attributedTo":"EVE","inReplyTo":"SHARE","content":"x","to":["PUBLIC"],"cc":["GROUP"]}`,
	},
	"U23 reply to what one may not see": {
		"refused not-found",
		`"type":"Create","object":{"type":"Note","id":"EVE/n","attributedTo":"EVE","inReplyTo":"SECRET","content":"x","to":["PUBLIC"],"cc":["GROUP"]}`,
	},
	"U20 Like of what one may not see":   {"refused not-found", `"type":"Like","object":"SECRET"`},
	"U20 boost of what one may not see":  {"refused not-found", `"type":"Announce","object":"SECRET","to":["PUBLIC"]`},
	"an Announce under the id of a post": {"refused identity", `"id":"EVE/hi","type":"Announce","object":"OURS","to":["PUBLIC"]`},
	"an Announce of an activity by a person": {
		"refused not-a-group",
		`"type":"Announce","object":{"type":"Create","id":"VERA/c","actor":"VERA","object":{"type":"Note","id":"VERA/n2","attributedTo":"VERA","content":"vals","to":["PUBLIC"]}}`,
	},
	"a Follow of one who is not ours": {"refused not-followable", `"type":"Follow","object":"VERA"`},
	"a Follow of the node":            {"refused not-followable", `"type":"Follow","object":"TOWN/"`},
	"an object of no known kind":      {"ignored unknown-object-type", `"type":"Create","object":{"type":"Wobble","id":"EVE/w","attributedTo":"EVE","to":["PUBLIC"],"cc":["GROUP"]}`},
	"a post that concerns nobody":     {"ignored no-concern", `"type":"Create","object":{"type":"Note","id":"EVE/n3","attributedTo":"EVE","content":"reclame","to":["PUBLIC"]}`},
	"U19 blocked host in tag": {
		"refused blocked",
		`"type":"Create","object":{"type":"Note","id":"EVE/n4","attributedTo":"EVE","content":"x","to":["PUBLIC"],"cc":["GROUP"],"tag":[{"type":"Mention","href":"https://sub.blocked.test/u/x"}]}`,
	},
	"U19 blocked host in inReplyTo": {
		"refused blocked",
		`"type":"Create","object":{"type":"Note","id":"EVE/n5","attributedTo":"EVE","inReplyTo":"https://blocked.test/n","content":"x","to":["PUBLIC"],"cc":["GROUP"]}`,
	},
	"U19 blocked host in object": {"refused blocked", `"type":"Announce","object":"https://blocked.test/n","to":["PUBLIC"]`},
	"U19 blocked host in attributedTo": {
		"refused author",
		`"type":"Create","object":{"type":"Note","id":"EVE/n6","attributedTo":["EVE","https://blocked.test/u/x"],"content":"x","to":["PUBLIC"],"cc":["GROUP"]}`,
	},
}

func TestTrespasses(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		b := newBesieged(t, w)
		w.block("blocked.test")
		b.vera.does(`{` + as2 + `,"id":"` + b.vera.uri + `#follow","type":"Follow","actor":"` + b.vera.uri + `","object":"GROUP"}`)
		b.vera.does(`{` + as2 + `,"id":"` + b.vera.uri + `#block","type":"Block","actor":"` + b.vera.uri + `","object":"TOWN/u/kees"}`)
		w.follows(w.anna, b.vera)
		ours := w.thread(w.anna, "Nog een")
		b.vera.does(`{` + as2 + `,"id":"` + b.vera.uri + `#like","type":"Like","actor":"` + b.vera.uri + `","object":"` + ours.URI + `"}`)
		var secret, share *communities.Post
		w.write(func(ctx ctx, tx communities.Tx) (err error) {
			if share, err = tx.BoostBy(ctx, w.group.ID, ours.ID); err != nil {
				return err
			}
			secret, err = w.town.Publish(ctx, tx, communities.Draft{Author: w.anna.ID, Source: "geheim", Visibility: communities.Followers})
			return err
		})
		nth := 0
		for name, story := range trespasses {
			nth++
			doc := story.doc
			for from, to := range map[string]string{
				"THEIRS": b.vera.uri + "/hi", "OURS": ours.URI, "EVE": b.eva.uri, "VERA": b.vera.uri, "SALLY": b.sally.uri, "SECRET": secret.URI, "SHARE": share.URI,
			} {
				doc = replace(doc, from, to)
			}
			t.Log(name)
			if !strings.HasPrefix(doc, `"id":`) {
				doc = `"id":"PEER/t/` + itoa(nth) + `",` + doc
			}
			b.eva.fails(story.want, `{`+as2+`,"actor":"PEER/u/eva",`+doc+`}`)
		}
	})
}

// TestAnotherOfTheSameHost: sharing a host gives no rights (SECURITY U1, U14).
func TestAnotherOfTheSameHost(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		b := newBesieged(t, w)
		mallory := b.victim.person("mallory")
		post := b.vera.uri + "/hi"
		mallory.fails("refused author", `{`+as2+`,"id":"PEER/1","type":"Delete","actor":"PEER/u/mallory","object":"`+post+`"}`)
		mallory.fails("refused author", `{`+as2+`,"id":"PEER/2","type":"Update","actor":"PEER/u/mallory","object":{"type":"Note","id":"`+post+`","attributedTo":"`+b.vera.uri+`","content":"vals","to":["PUBLIC"]}}`)
		mallory.fails("refused author", `{`+as2+`,"id":"PEER/3","type":"Update","actor":"PEER/u/mallory","object":{"type":"Note","id":"`+post+`","attributedTo":"PEER/u/mallory","content":"vals","to":["PUBLIC"]}}`)
		mallory.fails("refused forbidden", `{`+as2+`,"id":"PEER/4","type":"Create","actor":"PEER/u/mallory","to":["TOWN/u/anna"],"object":{"type":"Note","id":"`+post+`","attributedTo":"PEER/u/mallory","content":"vals","to":["PUBLIC"]}}`)
		mallory.fails("refused forbidden", `{`+as2+`,"id":"PEER/5","type":"Delete","actor":"PEER/u/mallory","object":"`+post+`","summary":"weg","cc":["GROUP"]}`)
	})
}

// TestHostileGroup: a group that somebody here follows has power over its own threads only (SECURITY U10, U11, U24).
func TestHostileGroup(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		b := newBesieged(t, w)
		b.victim.put("/u/vera/hi", `{`+as2+`,"id":"PEER/u/vera/hi","type":"Note","attributedTo":"PEER/u/vera","content":"<p>Dag</p>","to":["PUBLIC"]}`)
		club := b.evil.club("club")
		w.follows(w.anna, club)
		theirs := b.vera.uri + "/hi"
		inner := map[string]struct{ want, doc string }{
			"U11 Delete":             {"refused unproven", `{"id":"` + b.vera.uri + `/d","type":"Delete","actor":"` + b.vera.uri + `","object":"` + theirs + `"}`},
			"U11 removal":            {"refused forbidden", `{"id":"` + b.vera.uri + `/d","type":"Delete","actor":"` + b.vera.uri + `2","object":"` + theirs + `","summary":"weg"}`},
			"U11 removal by its own": {"refused forbidden", `{"id":"PEER/d","type":"Delete","actor":"PEER/u/eva","object":"` + theirs + `","summary":"weg"}`},
			"Lock":                   {"refused forbidden", `{"id":"PEER/l","type":"Lock","actor":"PEER/u/eva","object":"` + theirs + `"}`},
			"a Like by the victim":   {"refused unproven", `{"id":"` + b.vera.uri + `#l","type":"Like","actor":"` + b.vera.uri + `","object":"` + theirs + `"}`},
			"a ban from our group":   {"refused other-group", `{"id":"PEER/b","type":"Block","actor":"PEER/u/eva","object":"TOWN/u/kees","target":"GROUP"}`},
			"a Follow by the victim": {"refused not-announceable", `{"id":"` + b.vera.uri + `#f","type":"Follow","actor":"` + b.vera.uri + `","object":"GROUP"}`},
			"U24 an Announce":        {"refused not-announceable", `{"id":"PEER/a","type":"Announce","actor":"PEER/u/eva","object":"` + theirs + `"}`},
			"a Like by one of ours":  {"ignored ours", `{"id":"TOWN/act/1","type":"Like","actor":"TOWN/u/anna","object":"` + theirs + `"}`},
			"an id of another's":     {"refused origin", `{"id":"` + b.vera.uri + `#x","type":"Like","actor":"PEER/u/eva","object":"` + theirs + `"}`},
			"U18 by a suspended":     {"refused suspended", `{"id":"` + b.sally.uri + `#x","type":"Create","actor":"` + b.sally.uri + `","object":"` + b.sally.uri + `/hi2"}`},
		}
		b.victim.actor("Person", "/u/vera2", "vera2", 1)
		nth := 0
		for name, story := range inner {
			nth++
			t.Log(name)
			club.fails(story.want, `{`+as2+`,"id":"PEER/announce/`+itoa(nth)+`","type":"Announce","actor":"PEER/c/club","to":["PUBLIC"],"object":`+story.doc+`}`)
		}
	})
}
