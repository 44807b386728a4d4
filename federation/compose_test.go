package federation

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"meent/communities"
	"meent/federation/wire"
)

var (
	here  = communities.Address{Base: "https://stad.example"}
	noon  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	anna  = &communities.Actor{ID: 1, Kind: communities.Person, Name: "anna", URI: "https://stad.example/u/anna"}
	board = &communities.Actor{
		ID: 2, Kind: communities.Group, Name: "wijkraad", URI: "https://stad.example/g/wijkraad",
		Group: &communities.GroupSettings{Joining: communities.JoinOpen}, Endpoints: communities.Endpoints{Followers: "https://stad.example/g/wijkraad/followers"},
	}
)

func thread() *communities.Post {
	return &communities.Post{
		ID: 7, Thread: 7, URI: "https://stad.example/p/7", URL: "https://stad.example/p/7", Kind: communities.Discussion, Author: 1, Group: 2,
		Title: "Bomen & bankjes", Source: "Wat **vindt** u?", Content: "<p>Wat <strong>vindt</strong> u?</p>", Language: "nl",
		Visibility: communities.Public, CreatedAt: noon, Hashtags: []string{"groen"},
		Mentions: []communities.Mention{{Actor: 3, URI: "https://elders.example/u/bo", Name: "bo@elders.example"}},
	}
}

// TestThreadHasTwoForms: one id, a Note with a bold title for microblogs, an Article for all others; PROTOCOL 1.3.
func TestThreadHasTwoForms(t *testing.T) {
	t.Parallel()
	road := &Road{Options: Options{Address: here}}
	around := surroundings{author: anna, group: board, context: "https://stad.example/p/7/context"}

	article := road.objectDocument(thread(), around, dialectForum)
	if article.Types[0] != "Article" || article.Name != "Bomen & bankjes" || article.Content != thread().Content {
		t.Errorf("forum software gets %s %q %q", article.Types[0], article.Name, article.Content)
	}
	if article.Summary != "<p>Wat vindt u?</p>" || article.Source.Content != "Wat **vindt** u?" {
		t.Errorf("summary %q, source %q", article.Summary, article.Source.Content)
	}
	note := road.objectDocument(thread(), around, dialectMicroblog)
	if want := "<p><strong>Bomen &amp; bankjes</strong></p><p>Wat <strong>vindt</strong> u?</p>"; note.Types[0] != "Note" || note.Content != want {
		t.Errorf("microblogs get %s %q", note.Types[0], note.Content)
	}
	if note.Name != "" || note.Summary != "" {
		t.Errorf("a Note's summary is a content warning and its name hides the text: %q %q", note.Name, note.Summary)
	}
	if note.ID != article.ID {
		t.Error("both forms have one id")
	}
}

// TestEveryObjectMentionsTheGroup: otherwise a reply from Mastodon does not reach it (PROTOCOL 0.3).
func TestEveryObjectMentionsTheGroup(t *testing.T) {
	t.Parallel()
	road := &Road{Options: Options{Address: here}}
	reply := thread()
	reply.InReplyToURI, reply.Thread = "https://stad.example/p/1", 1
	for _, p := range []*communities.Post{thread(), reply} {
		doc := road.objectDocument(p, surroundings{author: anna, group: board, inReplyTo: p.InReplyToURI}, dialectMicroblog)
		want := wire.Mention{Href: board.URI, Name: "@wijkraad@stad.example"}
		if len(doc.Tags.Mentions) == 0 || doc.Tags.Mentions[0] != want {
			t.Errorf("mentions %v, want the group first", doc.Tags.Mentions)
		}
		if !cmp.Equal(doc.Audience, []string{board.URI}) || doc.InReplyTo != p.InReplyToURI {
			t.Errorf("audience %v, inReplyTo %q", doc.Audience, doc.InReplyTo)
		}
	}
}

func TestAddressing(t *testing.T) {
	t.Parallel()
	road := &Road{Options: Options{Address: here}}
	const bo, followers, group = "https://elders.example/u/bo", "https://stad.example/u/anna/followers", "https://stad.example/g/wijkraad"
	for _, tt := range []struct {
		visibility communities.Visibility
		group      *communities.Actor
		to, cc     []string
	}{
		{communities.Public, nil, []string{wire.Public}, []string{followers, bo}},
		{communities.Unlisted, nil, []string{followers}, []string{wire.Public, bo}},
		{communities.Followers, nil, []string{followers}, []string{bo}},
		{communities.Direct, nil, []string{bo}, nil},
		{communities.Public, board, []string{wire.Public, group}, []string{followers, group + "/followers", bo}},
	} {
		p := thread()
		p.Visibility = tt.visibility
		doc := road.objectDocument(p, surroundings{author: anna, group: tt.group}, dialectForum)
		if !cmp.Equal(doc.To, tt.to) || !cmp.Equal(doc.Cc, tt.cc) {
			t.Errorf("%s: to %v cc %v, want %v %v", tt.visibility, doc.To, doc.Cc, tt.to, tt.cc)
		}
	}
}

// TestEveryFormIsReadable: what we compose passes our own strict reader and says the same.
func TestEveryFormIsReadable(t *testing.T) {
	t.Parallel()
	road := &Road{Options: Options{Address: here}}
	question := thread()
	question.Kind = communities.Question
	question.Poll = &communities.Poll{Options: []communities.Option{{Title: "ja", Votes: 2}, {Title: "nee"}}, ClosesAt: noon.Add(time.Hour)}
	happening := thread()
	happening.Kind = communities.Happening
	happening.Event = &communities.Event{StartsAt: noon, EndsAt: noon.Add(time.Hour), Timezone: "Europe/Amsterdam", Place: "Buurthuis"}
	for name, p := range map[string]*communities.Post{"thread": thread(), "question": question, "event": happening} {
		for _, d := range []dialect{dialectUnknown, dialectMicroblog, dialectForum, dialectLibrary, dialectMeent} {
			body, err := road.objectDocument(p, surroundings{author: anna, group: board}, d).Encode()
			if err != nil {
				t.Fatalf("%s for %s: %v", name, d, err)
			}
			doc, err := wire.Decode(body)
			if err != nil {
				t.Fatalf("%s for %s: %v\n%s", name, d, err, body)
			}
			object, err := doc.Object()
			if err != nil || object.ID != p.URI || doc.Recognition != wire.Known {
				t.Errorf("%s for %s: %v, recognition %v\n%s", name, d, err, doc.Recognition, body)
			}
			var raw map[string]any
			if err := json.Unmarshal(body, &raw); err != nil {
				t.Fatal(err)
			}
			if _, single := raw["attributedTo"].(string); !single {
				t.Errorf("%s for %s: attributedTo must be one string (NodeBB), is %v", name, d, raw["attributedTo"])
			}
			if !strings.Contains(string(body), p.Title) && !strings.Contains(string(body), "Bomen \\u0026amp;") && !strings.Contains(string(body), "Bomen &amp;") {
				t.Errorf("%s for %s: no title\n%s", name, d, body)
			}
		}
	}
}
