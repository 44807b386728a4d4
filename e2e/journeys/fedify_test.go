//go:build unix

package journeys_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"meent/e2e/fedify"
	"meent/e2e/node"
	"meent/storage/storagetest"
)

// guise is how the foreign server appears: what it says that it runs decides what it gets.
type guise struct {
	name     string
	knock    fedify.Scheme
	software string
	thread   string // type of a thread's document for it
	whole    bool   // gets whole activities announced
	byID     bool   // gets ids announced
}

var guises = []guise{
	{"unknown software, RFC 9421", fedify.RFC9421, "", "Article", true, true},
	{"Mastodon, draft-cavage", fedify.Cavage, "mastodon/4.5.0", "Note", false, true},
}

// scene is a town with a group, a second town that follows it, and a foreign server that does.
type scene struct {
	water       *node.Node
	anna, joris *node.Visitor
	square      string // handle
	group       string // id
	peer        *fedify.Peer
	bob         fedify.Person
}

func TestForeignServer(t *testing.T) {
	t.Parallel()
	for _, guise := range guises {
		t.Run(guise.name, func(t *testing.T) {
			t.Parallel()
			storagetest.Each(t, func(t *testing.T, database string) {
				s := meet(t, guise, database)
				everywhere := s.reads(t, guise)
				s.answers(t, everywhere)
				s.startsByMention(t)
			})
		})
	}
}

// meet sets the scene: the foreign person follows the group.
func meet(t *testing.T, guise guise, database string) *scene {
	t.Helper()
	r := found(t, waterstad, heuvelrug, foreigners)
	s := &scene{water: r.start(t, waterstad, database)}
	hill := r.start(t, heuvelrug, "")
	s.anna, s.joris = s.water.MustResident(t, "anna"), hill.MustResident(t, "joris")
	s.square = group(t, s.water, "plein", s.anna)
	s.group = s.water.Base + "/g/plein"
	follow(t, s.water, s.square, s.joris)
	s.peer = fedify.Start(t, fedify.Options{Host: foreigners, Town: r.town, Knock: guise.knock, Software: guise.software})
	s.bob = s.peer.Persons[0]

	seen := s.peer.Lookup(t, "@"+s.square)
	if seen.Type != "Group" || seen.ID != s.group {
		t.Fatalf("the foreign server sees %s %s, want the group %s", seen.Type, seen.ID, s.group)
	}
	sent := s.peer.Follow(t, "@"+s.square)
	for _, delivery := range sent.Deliveries {
		if delivery.Scheme != guise.knock || delivery.Status != http.StatusAccepted || len(delivery.Knocks) != 1 {
			t.Errorf("the Follow was taken as %+v, want at once with %s", delivery, guise.knock)
		}
	}
	s.peer.Receives(t, fedify.Filter{Type: "Accept", Object: sent.ID, Wait: patience})
	counted(t, s.water, s.group+"/followers", 2)
	return s
}

const firstWords = "Er komen nieuwe bankjes."

// reads: a thread reaches the foreign server in the form that its software reads.
func (s *scene) reads(t *testing.T, guise guise) []place {
	t.Helper()
	at, err := s.anna.Start(t.Context(), "plein", "Bankjes", firstWords)
	if err != nil {
		t.Fatal(err)
	}
	uri := s.water.Base + at
	filter := fedify.Filter{Type: "Announce", Actor: s.group, Object: uri, Wait: patience, Count: 1}
	if guise.whole && guise.byID {
		filter.Count = 2
	}
	var whole, byID int
	for _, row := range s.peer.Received(t, filter) {
		if !row.Signature.Valid {
			t.Errorf("the Announce %s bears %+v", row.ID, row.Signature)
		}
		if row.InnerType == "Create" {
			whole++
		} else {
			byID++
		}
	}
	if (whole > 0) != guise.whole || (byID > 0) != guise.byID {
		t.Errorf("%d whole activities and %d ids were announced, want whole %t, ids %t", whole, byID, guise.whole, guise.byID)
	}
	seen := s.peer.Lookup(t, uri)
	if seen.Type != guise.thread || !strings.Contains(seen.Content, firstWords) {
		t.Errorf("the foreign server reads %s %q, want %s with %q", seen.Type, seen.Content, guise.thread, firstWords)
	}
	if guise.thread == "Note" && !strings.Contains(seen.Content, "<strong>Bankjes</strong>") {
		t.Errorf("the Note does not begin with its title: %q", seen.Content)
	}
	return append([]place{{s.anna, at}}, find(t, s.square, "Bankjes", s.joris)...)
}

// answers: a foreign reply reaches the group and the other town, and so do its edit and its end; a like is counted.
func (s *scene) answers(t *testing.T, everywhere []place) {
	t.Helper()
	uri := s.water.Base + everywhere[0].path
	reply := s.peer.Reply(t, uri, "<p>Zet ze bij het water.</p>")
	show(t, everywhere, firstWords, "Zet ze bij het water.")

	s.peer.Like(t, uri)
	counted(t, s.water, uri+"/likes", 1)
	s.peer.Do(t, "unlike", fedify.Wish{"uri": uri})
	counted(t, s.water, uri+"/likes", 0)

	s.peer.Edit(t, reply.Object, "<p>Zet ze aan het water.</p>")
	show(t, everywhere, firstWords, "Zet ze aan het water.")

	everywhere[1].reply(t, "Ja, daar is het stil.") // joris, in the other town
	show(t, everywhere, firstWords, "Zet ze aan het water.", "Ja, daar is het stil.")
	s.peer.Delete(t, reply.Object)
	show(t, everywhere, firstWords, "Ja, daar is het stil.")

	if err := s.anna.Delete(t.Context(), everywhere[0].path); err != nil {
		t.Fatal(err)
	}
	s.peer.Receives(t, fedify.Filter{Type: "Delete", Object: uri, Wait: patience})
	if _, err := s.peer.TryLookup(uri); err == nil || !strings.Contains(err.Error(), "410") {
		t.Errorf("look up a deleted thread: %v, want 410", err)
	}
}

// startsByMention: whoever mentions the group starts a thread in it, whose title is the first line.
func (s *scene) startsByMention(t *testing.T) {
	t.Helper()
	post := s.peer.Post(t, fedify.Post{Content: "<p>Fietspad langs de vaart</p><p>Wie denkt mee?</p>", Mention: []string{"@" + s.square}})
	places := find(t, "plein", "Fietspad langs de vaart", s.anna)
	places = append(places, find(t, s.square, "Fietspad langs de vaart", s.joris)...)
	for _, p := range places {
		if thread := p.read(t); len(thread.Posts) != 1 || !strings.Contains(thread.Posts[0].Text, "Wie denkt mee?") {
			t.Errorf("%s shows %+v", p.who.Node.Host, thread)
		}
	}
	s.peer.Receives(t, fedify.Filter{Type: "Announce", Actor: s.group, Object: post.Object, Wait: patience})
	places[0].reply(t, "Ik!")
	show(t, places[1:], places[1].read(t).Posts[0].Text, "Ik!")
	s.peer.Receives(t, fedify.Filter{Type: "Create", Actor: s.water.Base + "/u/anna", Wait: patience})
	await(t, "the outbox has it", func(ctx context.Context) bool {
		items, err := s.water.Collection(ctx, s.group+"/outbox")
		return err == nil && mentions(items, post.Object)
	})
}

func mentions(items []json.RawMessage, uri string) bool {
	for _, item := range items {
		if strings.Contains(string(item), uri) {
			return true
		}
	}
	return false
}
