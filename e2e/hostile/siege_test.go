//go:build unix

package hostile_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"meent/communities"
	"meent/e2e/node"
	"meent/storage"
	"meent/storage/storagetest"
)

// siege is a town that runs, with what its people have said, among servers that wish it ill. Victim is another town, whose people are
// known here: Vera, whose posts are at stake, Mallory, who has an account beside hers, and Sally, who is suspended. On evil live Eva, who
// is known as well, and a group that Anna follows.
type siege struct {
	*node.Node
	t       testing.TB
	origin  string
	archive *storage.DB
	town    *communities.Town
	inboxes []string // paths of all inboxes that the town's documents name

	victim, evil              *peer
	vera, mallory, sally, eva *stranger
	club                      *stranger
	canary                    *canary
	follow                    string // of Vera by Kees, unanswered
	names                     map[string]string
}

// patience is how long the node may take for something, on a machine that is busy with other tests.
const patience = 30 * time.Second

// onBoth lays siege to a town on each database.
func onBoth(t *testing.T, attack func(b *siege)) {
	t.Helper()
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, dsn string) { attack(lay(t, dsn)) })
}

// lay starts the town and tells its story so far.
func lay(t *testing.T, dsn string) *siege {
	t.Helper()
	b := begin(t, dsn)
	b.people()
	b.past()
	b.ties()
	b.judgement()
	for _, s := range []*stranger{b.vera, b.eva} { // the node has forgotten that it asked their hosts for their software
		b.does(s, `{$as2,"id":"$me#back","type":"Undo","actor":"$me","object":{"type":"Dislike","actor":"$me","object":"$ours"}}`)
	}
	b.quiet()
	b.learnInboxes()
	b.forget()
	return b
}

// begin starts a town that knows nobody yet.
func begin(t *testing.T, dsn string) *siege {
	t.Helper()
	b := &siege{t: t, victim: newPeer(t, "victim.test"), evil: newPeer(t, "evil.test"), canary: newCanary(t)}
	dir := t.TempDir()
	hosts := filepath.Join(dir, "hosts")
	lines := "127.0.0.1 victim.test evil.test other.test sub.evil.test\n" + b.canary.hosts()
	if err := os.WriteFile(hosts, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	b.Node, err = node.Start(t.Context(), node.Options{
		Host: "stad.test", Dir: filepath.Join(dir, "stad"), Database: dsn, Hosts: hosts,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.leave)
	b.origin = b.Base
	b.open(dsn)
	return b
}

func (b *siege) leave() {
	if err := b.Kill(); err != nil {
		b.t.Error(err)
	}
	if b.t.Failed() {
		b.t.Logf("the node's log ends:\n%s", b.Log())
	}
}

// open looks at the node's tables beside it, and lets the test do what no command does.
func (b *siege) open(dsn string) {
	b.t.Helper()
	var err error
	if b.archive, err = storage.Open(b.t.Context(), dsn, storage.Options{}); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		if err := b.archive.Close(); err != nil {
			b.t.Error(err)
		}
	})
	b.town = communities.NewTown(b.archive, silence{}, b.archive.IDs(), communities.Address{Base: b.origin}, time.Now)
}

// silence tells nobody anything.
type silence struct{}

func (silence) Tell(context.Context, communities.Tx, communities.Happened) error { return nil }

func (b *siege) command(args ...string) string {
	b.t.Helper()
	said, err := b.Run(b.t.Context(), args...)
	if err != nil {
		b.t.Fatal(err)
	}
	return said
}

// people are those of all three places.
func (b *siege) people() {
	b.vera, b.mallory, b.sally = b.victim.actor("Person", "/u/vera", "vera"), b.victim.actor("Person", "/u/mallory", "mallory"), b.victim.actor("Person", "/u/sally", "sally")
	b.eva, b.club = b.evil.actor("Person", "/u/eva", "eva"), b.evil.actor("Group", "/c/club", "club")
	for _, name := range []string{"anna", "kees", "lotte"} {
		b.command("person", "add", name, "--email", name+"@stad.test")
	}
	b.command("group", "add", "wijkraad", "--title", "Wijkraad", "--owner", "anna")
	b.command("group", "add", "college", "--title", "College", "--posting", "moderators", "--owner", "anna")
	b.names = map[string]string{
		"$town": b.origin, "$anna": b.origin + "/u/anna", "$kees": b.origin + "/u/kees", "$lotte": b.origin + "/u/lotte", "$group": b.origin + "/g/wijkraad", "$college": b.origin + "/g/college",
		"$vera": b.vera.uri, "$mallory": b.mallory.uri, "$sally": b.sally.uri, "$eva": b.eva.uri, "$club": b.club.uri,
		"$evil": b.evil.base, "$victim": b.victim.base, "$theirs": b.vera.uri + "/hi", "$canary": b.canary.url(),
		"$all": "https://www.w3.org/ns/activitystreams#Public", "$as2": `"@context":"https://www.w3.org/ns/activitystreams"`,
	}
}

// fill puts the names of this siege into a document. $me is who sends it.
func (b *siege) fill(me *stranger, doc string) string {
	for name, value := range b.names {
		doc = strings.ReplaceAll(doc, name, value)
	}
	return strings.NewReplacer("$me", me.uri, "$peer", me.base).Replace(doc)
}

// past is what has been said before.
func (b *siege) past() {
	ours := b.command("post", "add", "-p", "anna", "--group", "wijkraad", "--title", "Fietspad", "Wat vindt u?")
	b.names["$ours"] = ours
	b.command("post", "add", "-p", "kees", "--reply-to", ours, "Mooi plan.")
	for _, s := range []*stranger{b.vera, b.mallory, b.sally, b.eva} {
		b.does(s, note("$me/hi", "Dag"))
	}
	b.does(b.vera, `{$as2,"id":"$me/poll/create","type":"Create","actor":"$me","to":["$all"],"cc":["$group"],"object":{"id":"$me/poll","type":"Question",
		"attributedTo":"$me","content":"Ja of nee?","to":["$all"],"cc":["$group"],"endTime":"2099-01-01T00:00:00Z","votersCount":3,
		"oneOf":[{"type":"Note","name":"Ja","replies":{"type":"Collection","totalItems":1}},{"type":"Note","name":"Nee","replies":{"type":"Collection","totalItems":2}}]}}`)
	b.does(b.vera, `{$as2,"id":"$me/feest/create","type":"Create","actor":"$me","to":["$all"],"cc":["$group"],"object":{"id":"$me/feest","type":"Event",
		"attributedTo":"$me","name":"Buurtfeest","content":"Kom ook","to":["$all"],"cc":["$group"],"startTime":"2099-06-01T14:00:00Z"}}`)
	b.does(b.vera, `{$as2,"id":"$me#like","type":"Like","actor":"$me","object":"$ours"}`)
	b.does(b.vera, `{$as2,"id":"$me#block","type":"Block","actor":"$me","object":"$lotte"}`)
}

// note is a Create of a note in our group.
func note(id, text string) string {
	return fmt.Sprintf(`{$as2,"id":%[1]q,"type":"Create","actor":"$me","to":["$all"],"cc":["$group"],"object":{"id":%[2]q,"type":"Note",
		"attributedTo":"$me","content":%[3]q,"to":["$all"],"cc":["$group"]}}`, id+"/create", id, text)
}

// ties: Vera follows our group, Anna follows Eva and the club, and Kees waits for an answer from Vera.
func (b *siege) ties() {
	b.does(b.vera, `{$as2,"id":"$me#follow","type":"Follow","actor":"$me","object":"$group"}`)
	for _, s := range []*stranger{b.eva, b.club} {
		b.befriend("anna", s)
	}
	b.follow = b.asks("kees", b.vera)
	b.names["$asked"] = b.follow
}

// befriend has somebody of ours follow a stranger, who accepts.
func (b *siege) befriend(name string, s *stranger) {
	b.t.Helper()
	id := b.asks(name, s)
	b.does(s, `{$as2,"id":"$me#accept-`+name+`","type":"Accept","actor":"$me","object":"`+id+`"}`)
}

// asks has somebody of ours ask to follow a stranger, and returns the id of the Follow as it arrived.
func (b *siege) asks(name string, s *stranger) (id string) {
	b.t.Helper()
	b.command("follow", name, s.uri)
	b.await("the Follow of "+s.uri+" arrives", func() bool {
		for _, body := range s.deliveries() {
			var a struct{ ID, Type, Object string }
			if json.Unmarshal([]byte(body), &a) == nil && a.Type == "Follow" && a.Object == s.uri {
				id = a.ID
			}
		}
		return id != ""
	})
	return id
}

// judgement: Sally is suspended, a host is blocked, and Anna has said something to her followers alone. No command does any of these,
// so the archive is told while the node is away.
func (b *siege) judgement() {
	b.t.Helper()
	b.quiet()
	if err := b.Stop(); err != nil {
		b.t.Fatal(err)
	}
	err := b.archive.Write(b.t.Context(), func(tx communities.Tx) error {
		ctx := b.t.Context()
		anna, err := tx.ActorByName(ctx, "admin", "")
		if err != nil {
			return err
		}
		sally, err := tx.ActorByURI(ctx, b.sally.uri)
		if err != nil {
			return err
		}
		if err := b.town.Suspend(ctx, tx, communities.Standing{Actor: sally.ID, By: anna.ID}); err != nil {
			return err
		}
		secret, err := b.town.Publish(ctx, tx, communities.Draft{Author: anna.ID, Source: "geheim", Visibility: communities.Followers})
		if err != nil {
			return err
		}
		ours, err := tx.PostByURI(ctx, b.names["$ours"])
		if err != nil {
			return err
		}
		share, err := tx.BoostBy(ctx, ours.Group, ours.ID)
		if err != nil {
			return err
		}
		b.names["$secret"], b.names["$share"] = secret.URI, share.URI
		return tx.PutHostRule(ctx, &communities.HostRule{ID: 1, Host: "blocked.test", Policy: communities.HostBlocked, At: time.Now()})
	})
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.Start(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

// learnInboxes reads the inboxes of everybody from the documents that name them (SECURITY B9).
func (b *siege) learnInboxes() {
	b.t.Helper()
	seen := map[string]bool{}
	for _, actor := range []string{"/", "/u/anna", "/g/wijkraad"} {
		var doc struct {
			Inbox     string
			Endpoints struct{ SharedInbox string }
		}
		if err := b.Document(b.t.Context(), b.origin+actor, &doc); err != nil {
			b.t.Fatal(err)
		}
		for _, inbox := range []string{doc.Inbox, doc.Endpoints.SharedInbox} {
			path, ours := strings.CutPrefix(inbox, b.origin)
			if ours && !seen[path] {
				seen[path] = true
				b.inboxes = append(b.inboxes, path)
			}
		}
	}
	if len(b.inboxes) != 4 {
		b.t.Fatalf("the inboxes of the node, a person, a group, and the shared one: %q", b.inboxes)
	}
}

// does sends what must be taken.
func (b *siege) does(s *stranger, doc string) {
	b.t.Helper()
	if outcome := b.sends(s, doc); outcome != "done " {
		b.t.Fatalf("%s: %s", outcome, b.fill(s, doc))
	}
}

// sends hands in a document and returns what became of it.
func (b *siege) sends(s *stranger, doc string) (outcome string) {
	b.t.Helper()
	doc = b.fill(s, doc)
	if status := b.post(s, "/inbox", doc); status != http.StatusAccepted {
		return fmt.Sprintf("status %d", status)
	}
	var a struct{ ID string }
	if err := json.Unmarshal([]byte(doc), &a); err != nil {
		b.t.Fatal(err)
	}
	b.await(a.ID+" is worked on", func() bool {
		outcome = b.outcome(a.ID)
		return outcome != ""
	})
	return outcome
}

func (b *siege) await(what string, done func() bool) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), patience)
	defer cancel()
	for !done() {
		select {
		case <-ctx.Done():
			b.t.Fatalf("%v until %s\n%s", patience, what, b.Log())
		case <-time.After(5 * time.Millisecond):
		}
	}
}
