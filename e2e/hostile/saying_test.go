//go:build unix

package hostile_test

import (
	"maps"
	"strconv"
	"strings"
	"testing"
)

// saying is what somebody says, rightly signed, though it is not theirs to say. It comes in, and has no effect.
type saying struct {
	rows    string
	name    string
	by      string // default: Eva
	want    string // outcome and reason
	fetches int    // requests to others that it may cause
	doc     string // without context and actor; without id it gets one
}

const toAll = `"to":["$all"],"cc":["$group"]`

var sayings = []saying{
	{rows: "U1", name: "Delete by another origin", want: "refused author", doc: `"type":"Delete","object":"$theirs"`},
	{rows: "U1", name: "Delete by another of the same host", by: "mallory", want: "refused author", doc: `"type":"Delete","object":"$theirs"`},
	{
		rows: "U1", name: "Update by another of the same host", by: "mallory", want: "refused author",
		doc: `"type":"Update","object":{"type":"Note","id":"$theirs","attributedTo":"$vera","content":"vals",` + toAll + `}`,
	},
	{
		rows: "U1", name: "Update by another of the same host, who claims it", by: "mallory", want: "refused author",
		doc: `"type":"Update","object":{"type":"Note","id":"$theirs","attributedTo":"$mallory","content":"vals",` + toAll + `}`,
	},
	{
		rows: "U2", name: "Update of a foreign post", want: "refused origin",
		doc: `"type":"Update","object":{"type":"Note","id":"$theirs","attributedTo":"$vera","content":"vals",` + toAll + `}`,
	},
	{
		rows: "U2", name: "Update of an unknown foreign post", want: "refused origin",
		doc: `"type":"Update","object":{"type":"Note","id":"$vera/new","attributedTo":"$vera","content":"vals",` + toAll + `}`,
	},
	{
		rows: "U4", name: "Update of a foreign Event", want: "refused origin",
		doc: `"type":"Update","object":{"type":"Event","id":"$vera/feest","attributedTo":"$eva","name":"vals","startTime":"2026-06-01T14:00:00Z",` + toAll + `}`,
	},
	{
		rows: "U4", name: "Update of a foreign Video", want: "refused origin",
		doc: `"type":"Update","object":{"type":"Video","id":"$theirs","attributedTo":"$eva","name":"vals",` + toAll + `}`,
	},
	{
		rows: "U4", name: "Update of a foreign Group", want: "refused not-theirs",
		doc: `"type":"Update","object":{"type":"Group","id":"$vera","preferredUsername":"vals","inbox":"$vera/inbox"}`,
	},
	{
		rows: "U4", name: "Update of the profile of another of the same host", by: "mallory", want: "refused not-theirs",
		doc: `"type":"Update","object":{"type":"Person","id":"$vera","preferredUsername":"vera","name":"vals","inbox":"$mallory/inbox"}`,
	},
	{rows: "U5", name: "results of a foreign poll", want: "refused origin", doc: `"type":"Update","object":{"type":"Question","id":"$vera/poll","attributedTo":"$eva",
		"content":"Ja of nee?","oneOf":[{"type":"Note","name":"Ja","replies":{"totalItems":999}},{"type":"Note","name":"Nee","replies":{"totalItems":0}}],` + toAll + `}`},
	{rows: "U5", name: "results of a poll of another of the same host", by: "mallory", want: "refused author", doc: `"type":"Update","object":{"type":"Question",
		"id":"$vera/poll","attributedTo":"$vera","content":"Ja of nee?","oneOf":[{"type":"Note","name":"Ja","replies":{"totalItems":999}},{"type":"Note","name":"Nee","replies":{"totalItems":0}}],` + toAll + `}`},
	{rows: "U6", name: "Delete with a foreign Tombstone", want: "refused author", doc: `"type":"Delete","object":{"type":"Tombstone","id":"$theirs"}`},
	{
		rows: "U6", name: "Delete with a Tombstone that names its own author", want: "refused author",
		doc: `"type":"Delete","object":{"type":"Tombstone","id":"$theirs","attributedTo":"$eva","formerType":"Note"}`,
	},
	{
		rows: "U7", name: "an Event by who does not organise it", by: "mallory", want: "refused author",
		doc: `"type":"Update","object":{"type":"Event","id":"$vera/feest","attributedTo":"$vera","name":"vals","startTime":"2099-06-02T14:00:00Z",` + toAll + `}`,
	},
	{
		rows: "U8", name: "Create of what is another's", want: "refused author",
		doc: `"type":"Create","object":{"type":"Note","id":"$eva/n","attributedTo":"$vera","content":"vals",` + toAll + `}`,
	},
	{
		rows: "U8", name: "Create of what another of the same host wrote", by: "mallory", want: "refused author",
		doc: `"type":"Create","object":{"type":"Note","id":"$mallory/n","attributedTo":"$vera","content":"vals",` + toAll + `}`,
	},
	{rows: "U8", name: "Create without author", want: "refused author", doc: `"type":"Create","object":{"type":"Note","id":"$eva/n","content":"vals",` + toAll + `}`},
	{
		rows: "U8 I13", name: "Create of what is attributed to two hosts", want: "refused author",
		doc: `"type":"Create","object":{"type":"Note","id":"$eva/n","attributedTo":["$eva","$vera"],"content":"vals",` + toAll + `}`,
	},
	{
		rows: "I14", name: "Create under a known id", want: "refused origin",
		doc: `"type":"Create","object":{"type":"Note","id":"$theirs","attributedTo":"$eva","content":"vals",` + toAll + `}`,
	},
	{
		rows: "I14", name: "Create under a known id of the same host, for other readers", by: "mallory", want: "refused forbidden",
		doc: `"type":"Create","to":["$anna"],"object":{"type":"Note","id":"$theirs","attributedTo":"$mallory","content":"vals","to":["$anna"]}`,
	},
	{rows: "U10", name: "Add to a collection of another", want: "ignored unknown-target", doc: `"type":"Add","object":"$theirs","target":"$vera/featured"`},
	{rows: "U10", name: "Add to the followers of another", want: "ignored unknown-target", doc: `"type":"Add","object":"$eva","target":"$group/followers","cc":["$group"]`},
	{rows: "U12", name: "pin by a non-moderator", want: "refused forbidden", doc: `"type":"Add","object":"$ours","target":"$group/featured",` + toAll},
	{rows: "U12", name: "unpin by a non-moderator", want: "refused forbidden", doc: `"type":"Remove","object":"$ours","target":"$group/featured",` + toAll},
	{rows: "U12 U14", name: "moderator by a non-moderator", want: "refused forbidden", doc: `"type":"Add","object":"$eva","target":"$group/moderators",` + toAll},
	{rows: "U12 U14", name: "no moderator any more, by a non-moderator", want: "refused forbidden", doc: `"type":"Remove","object":"$anna","target":"$group/moderators",` + toAll},
	{rows: "U14", name: "Lock by a non-moderator", want: "refused forbidden", doc: `"type":"Lock","object":"$ours",` + toAll},
	{rows: "U14", name: "removal by a non-moderator", want: "refused forbidden", doc: `"type":"Delete","object":"$ours","summary":"weg",` + toAll},
	{rows: "U14", name: "removal by another of the same host", by: "mallory", want: "refused forbidden", doc: `"type":"Delete","object":"$theirs","summary":"weg",` + toAll},
	{rows: "U14", name: "ban by a non-moderator", want: "refused forbidden", doc: `"type":"Block","object":"$kees","target":"$group",` + toAll},
	{rows: "U14", name: "ban by a group elsewhere", by: "club", want: "refused forbidden", doc: `"type":"Block","object":"$kees","target":"$group",` + toAll},
	{rows: "U14", name: "ban from the node", want: "ignored unknown-target", doc: `"type":"Block","object":"$kees","target":"$town/",` + toAll},
	{rows: "U15", name: "Undo of a foreign Like", want: "refused not-theirs", doc: `"type":"Undo","object":{"type":"Like","id":"$vera#like","actor":"$vera","object":"$ours"}`},
	{rows: "U15", name: "Undo of a Like of another, as one's own", by: "mallory", want: "done ", doc: `"type":"Undo","object":{"type":"Like","id":"$vera#like","actor":"$mallory","object":"$ours"}`},
	{rows: "U15", name: "Undo of a foreign Follow", want: "refused not-theirs", doc: `"type":"Undo","object":{"type":"Follow","id":"$vera#follow","actor":"$vera","object":"$group"}`},
	{rows: "U15", name: "Undo of a foreign Follow by its id", want: "refused not-theirs", doc: `"type":"Undo","object":"$vera#follow"`},
	{rows: "U15", name: "Undo of a Follow of another, as one's own", by: "mallory", want: "done ", doc: `"type":"Undo","object":{"type":"Follow","id":"$vera#follow","actor":"$mallory","object":"$group"}`},
	{rows: "U15", name: "Undo of a foreign Block", want: "refused not-theirs", doc: `"type":"Undo","object":{"type":"Block","id":"$vera#block","actor":"$vera","object":"$lotte"}`},
	{rows: "U15", name: "Undo of a Block of another, as one's own", by: "mallory", want: "done ", doc: `"type":"Undo","object":{"type":"Block","id":"$vera#block","actor":"$mallory","object":"$lotte"}`},
	{rows: "U15", name: "Undo of the group's Announce", want: "refused not-theirs", doc: `"type":"Undo","object":"$share"`},
	{rows: "U16", name: "Accept of nothing", want: "refused unknown-follow", doc: `"type":"Accept","object":"$town/act/1"`},
	{rows: "U16", name: "Accept by another", want: "refused not-theirs", doc: `"type":"Accept","object":"$asked"`},
	{rows: "U16", name: "Accept by another of the same host", by: "mallory", want: "refused not-theirs", doc: `"type":"Accept","object":{"type":"Follow","id":"$asked","actor":"$kees","object":"$vera"}`},
	{rows: "U16", name: "Accept of a Follow that was never asked", want: "refused unknown-follow", doc: `"type":"Accept","object":{"type":"Follow","id":"$eva#made-up","actor":"$kees","object":"$eva"}`},
	{rows: "U16", name: "Reject of a Follow of another", want: "refused unknown-follow", doc: `"type":"Reject","object":{"type":"Follow","actor":"$vera","object":"$group"}`},
	{rows: "U17", name: "Move of another", want: "refused not-theirs", doc: `"type":"Move","object":"$vera","target":"$eva"`},
	{rows: "U17", name: "Move of another of the same host", by: "mallory", want: "refused not-theirs", doc: `"type":"Move","object":"$vera","target":"$mallory"`},
	{rows: "U17", name: "Move to who does not name them", want: "refused no-alias", fetches: 1, doc: `"type":"Move","object":"$eva","target":"$vera"`},
	{rows: "U17", name: "Move to one of ours", want: "refused no-alias", doc: `"type":"Move","object":"$eva","target":"$anna"`},
	{rows: "U18", name: "boost of a suspended author", want: "refused not-found", doc: `"type":"Announce","object":"$sally/hi","to":["$all"]`},
	{rows: "U18", name: "boost of what a suspended author wrote since", want: "refused suspended", fetches: 2, doc: `"type":"Announce","object":"$sally/new","to":["$all"]`},
	{
		rows: "U18", name: "what a suspended author did, passed on", by: "club", want: "refused suspended",
		doc: `"type":"Announce","to":["$all"],"object":{"id":"$sally#x","type":"Create","actor":"$sally","object":"$sally/new"}`,
	},
	{
		rows: "U18", name: "reply to a suspended author", want: "refused not-found",
		doc: `"type":"Create","object":{"type":"Note","id":"$eva/n","attributedTo":"$eva","inReplyTo":"$sally/hi","content":"x",` + toAll + `}`,
	},
	{rows: "U20", name: "Like of what one may not see", want: "refused not-found", doc: `"type":"Like","object":"$secret"`},
	{rows: "U20", name: "boost of what one may not see", want: "refused not-found", doc: `"type":"Announce","object":"$secret","to":["$all"]`},
	{rows: "U20", name: "Like by one who is blocked", by: "blocked", want: "refused forbidden", doc: `"type":"Follow","object":"$lotte"`},
	{
		rows: "U23", name: "reply to a boost", want: "refused invalid",
		doc: `"type":"Create","object":{"type":"Note","id":"$eva/n","attributedTo":"$eva","inReplyTo":"$share","content":"x",` + toAll + `}`,
	},
	{
		rows: "U23", name: "reply to what one may not see", want: "refused not-found",
		doc: `"type":"Create","object":{"type":"Note","id":"$eva/n","attributedTo":"$eva","inReplyTo":"$secret","content":"x",` + toAll + `}`,
	},
	{
		rows: "U19", name: "blocked host in a mention", want: "refused blocked",
		doc: `"type":"Create","object":{"type":"Note","id":"$eva/n","attributedTo":"$eva","content":"x",` + toAll + `,"tag":[{"type":"Mention","href":"https://sub.blocked.test/u/x"}]}`,
	},
	{
		rows: "U19", name: "blocked host answered", want: "refused blocked",
		doc: `"type":"Create","object":{"type":"Note","id":"$eva/n","attributedTo":"$eva","inReplyTo":"https://blocked.test/n","content":"x",` + toAll + `}`,
	},
	{rows: "U19", name: "blocked host announced", want: "refused blocked", doc: `"type":"Announce","object":"https://blocked.test/n","to":["$all"]`},

	{
		rows: "U11", name: "Delete by the victim, by the word of a group", by: "club", want: "refused unproven", fetches: 1,
		doc: `"type":"Announce","to":["$all"],"object":{"id":"$vera/d","type":"Delete","actor":"$vera","object":"$theirs"}`,
	},
	{
		rows: "U11", name: "Update by the victim, by the word of a group", by: "club", want: "done ", fetches: 1,
		doc: `"type":"Announce","to":["$all"],"object":{"id":"$vera/up","type":"Update","actor":"$vera","object":{"type":"Note","id":"$theirs","attributedTo":"$vera","content":"vals",` + toAll + `}}`,
	},
	{
		rows: "U11", name: "removal by a group that has no say there", by: "club", want: "refused forbidden",
		doc: `"type":"Announce","to":["$all"],"object":{"id":"$peer/d","type":"Delete","actor":"$eva","object":"$theirs","summary":"weg"}`,
	},
	{
		rows: "U11 U14", name: "Lock by a group that has no say there", by: "club", want: "refused forbidden",
		doc: `"type":"Announce","to":["$all"],"object":{"id":"$peer/l","type":"Lock","actor":"$eva","object":"$ours"}`,
	},
	{
		rows: "U11", name: "Like by the victim, by the word of a group", by: "club", want: "refused unproven", fetches: 1,
		doc: `"type":"Announce","to":["$all"],"object":{"id":"$vera#l2","type":"Like","actor":"$vera","object":"$theirs"}`,
	},
	{
		rows: "U11", name: "ban from our group by a group elsewhere", by: "club", want: "refused other-group",
		doc: `"type":"Announce","to":["$all"],"object":{"id":"$peer/b","type":"Block","actor":"$eva","object":"$kees","target":"$group"}`,
	},
	{
		rows: "U11", name: "Follow by the victim, by the word of a group", by: "club", want: "refused not-announceable",
		doc: `"type":"Announce","to":["$all"],"object":{"id":"$vera#f","type":"Follow","actor":"$vera","object":"$college"}`,
	},
	{
		rows: "U11 U17", name: "Move of the victim, by the word of a group", by: "club", want: "refused not-announceable",
		doc: `"type":"Announce","to":["$all"],"object":{"id":"$vera#m","type":"Move","actor":"$vera","object":"$vera","target":"$eva"}`,
	},
	{
		rows: "U11", name: "farewell of the victim, by the word of a group", by: "club", want: "refused unproven",
		doc: `"type":"Announce","to":["$all"],"object":{"id":"$vera#bye","type":"Delete","actor":"$vera","object":"$vera"}`,
	},
	{
		rows: "U11 B12", name: "Like by one of ours, by the word of a group", by: "club", want: "ignored ours",
		doc: `"type":"Announce","to":["$all"],"object":{"id":"$town/act/1","type":"Like","actor":"$anna","object":"$theirs"}`,
	},
	{rows: "U11 J3", name: "proof that is none", by: "club", want: "refused proof", fetches: 1, doc: `"type":"Announce","to":["$all"],"object":{"id":"$vera#l3","type":"Like","actor":"$vera","object":"$theirs",
		"proof":{"type":"DataIntegrityProof","cryptosuite":"eddsa-jcs-2022","verificationMethod":"$vera#ed","proofPurpose":"assertionMethod","created":"2026-01-01T00:00:00Z","proofValue":"z2"}}`},
	{
		rows: "U24", name: "Announce within an Announce", by: "club", want: "refused not-announceable",
		doc: `"type":"Announce","to":["$all"],"object":{"id":"$peer/a","type":"Announce","actor":"$eva","object":"$theirs"}`,
	},
	{
		rows: "U11", name: "activity passed on by a person", want: "refused not-a-group",
		doc: `"type":"Announce","object":{"type":"Create","id":"$vera/c","actor":"$vera","object":{"type":"Note","id":"$vera/n2","attributedTo":"$vera","content":"vals","to":["$all"]}}`,
	},
	{rows: "I14", name: "Announce under the id of a post", want: "refused identity", doc: `"id":"$eva/hi","type":"Announce","object":"$ours","to":["$all"]`},
	{rows: "D10", name: "Follow of one who is not ours", want: "refused not-followable", doc: `"type":"Follow","object":"$vera"`},
	{rows: "D10", name: "Follow of the node", want: "refused not-followable", doc: `"type":"Follow","object":"$town/"`},
	{
		rows: "D10", name: "an object of no known kind", want: "ignored unknown-object-type",
		doc: `"type":"Create","object":{"type":"Wobble","id":"$eva/w","attributedTo":"$eva",` + toAll + `}`,
	},
	{rows: "D10", name: "an activity of no known kind", want: "ignored unknown-type", doc: `"type":"Travel","object":"$ours"`},
	{rows: "J5", name: "a context elsewhere", want: "done ", doc: `"@context":["https://www.w3.org/ns/activitystreams","$evil/context.json","$canary/context.json"],"type":"Undo","object":{"type":"Like","id":"$eva#none","actor":"$eva","object":"$ours"}`},
}

// TestSayings: who says what is not theirs to say changes nothing.
func TestSayings(t *testing.T) {
	onBoth(t, func(b *siege) {
		b.victim.put("/u/vera/hi", b.fill(b.vera, `{$as2,"id":"$theirs","type":"Note","attributedTo":"$me","content":"Dag",`+toAll+`}`))
		b.victim.put("/u/sally/new", b.fill(b.sally, `{$as2,"id":"$me/new","type":"Note","attributedTo":"$me","content":"Ik weer",`+toAll+`}`))
		speakers := map[string]*stranger{"": b.eva, "mallory": b.mallory, "club": b.club, "blocked": b.vera}
		face, figures := b.face(), b.received()
		want := maps.Clone(figures)
		for i, s := range sayings {
			before, by := b.state(), speakers[s.by]
			b.forget()
			if got := b.sends(by, s.document(i)); got != s.want {
				b.t.Errorf("%s, %s: %q, want %q", s.rows, s.name, got, s.want)
			}
			want[strings.Fields(s.want)[0]]++
			if n := b.fetches(); n > s.fetches {
				b.t.Errorf("%s, %s: %d requests to others, at most %d", s.rows, s.name, n, s.fetches)
			}
			if err := b.unchanged(before); err != nil {
				b.t.Errorf("%s, %s: %v", s.rows, s.name, err)
			}
		}
		b.quiet()
		if after := b.face(); after != face {
			b.t.Errorf("the node shows something else:\n%s", news(face, after))
		}
		if got := b.received(); !maps.Equal(got, want) {
			b.t.Errorf("the node counts %v, want %v", got, want)
		}
	})
}

func (s saying) document(nth int) string {
	doc := s.doc
	if !strings.HasPrefix(doc, `"id":`) {
		doc = `"id":"$me/said/` + strconv.Itoa(nth) + `",` + doc
	}
	if !strings.Contains(doc, `"@context":`) {
		doc = `$as2,` + doc
	}
	return `{"actor":"$me",` + doc + `}`
}
