//go:build unix

package fedify_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"meent/e2e/fedify"
	"meent/e2e/townca"
)

func TestTwoPeersTalk(t *testing.T) {
	t.Parallel()
	for _, knock := range []fedify.Scheme{fedify.RFC9421, fedify.Cavage} {
		t.Run(string(knock), func(t *testing.T) {
			t.Parallel()
			one, two := startTwo(t, knock)
			bob, ann := one.Persons[0], two.Persons[0]

			follow := one.Follow(t, ann.Handle)
			want := []fedify.Delivery{{
				Inbox: "https://two.example/inbox", OK: true, Status: http.StatusAccepted, Scheme: knock,
				Knocks: []fedify.Knock{{Scheme: knock, Status: http.StatusAccepted}},
			}}
			if diff := cmp.Diff(want, follow.Deliveries); diff != "" {
				t.Errorf("deliveries of the Follow (-want +got):\n%s", diff)
			}
			one.Receives(t, fedify.Filter{Type: "Accept", Object: follow.ID})
			if diff := cmp.Diff([]string{bob.ID}, two.State(t)[0].Followers); diff != "" {
				t.Errorf("followers of ann (-want +got):\n%s", diff)
			}

			post := two.Post(t, fedify.Post{Content: "<p>Hoi</p>", Language: "nl"})
			create := one.Receives(t, fedify.Filter{Type: "Create", Object: post.Object})
			if create.Signature.Scheme != knock || !create.Signature.Valid {
				t.Errorf("the Create bears %+v, want a valid %s signature", create.Signature, knock)
			}
			seen := one.Lookup(t, post.Object)
			if seen.Type != "Note" || seen.Content != "<p>Hoi</p>" || !cmp.Equal(seen.AttributedTo, []string{ann.ID}) {
				t.Errorf("Fedify sees %+v", seen)
			}
			outbox := one.Traverse(t, one.Lookup(t, ann.Handle).Outbox)
			if len(outbox) != 1 || outbox[0].ID != post.ID {
				t.Errorf("the outbox of ann holds %+v, want the Create %s", outbox, post.ID)
			}

			reply := one.Reply(t, post.Object, "Hoi terug")
			two.Receives(t, fedify.Filter{Type: "Create", Object: reply.Object})
			one.Like(t, post.Object)
			two.Receives(t, fedify.Filter{Type: "Like", Object: post.Object})

			two.Edit(t, post.Object, "<p>Hallo</p>")
			update := one.Receives(t, fedify.Filter{Type: "Update", Object: post.Object})
			if got := contentOf(t, update.Activity); got != "<p>Hallo</p>" {
				t.Errorf("the Update says %q", got)
			}
			two.Delete(t, post.Object)
			one.Receives(t, fedify.Filter{Type: "Delete", Object: post.Object})
			if _, err := one.TryLookup(post.Object); err == nil || !strings.Contains(err.Error(), "410") {
				t.Errorf("look up a deleted post: %v, want 410", err)
			}
		})
	}
}

func TestRefusalsAreSeen(t *testing.T) {
	t.Parallel()
	one, two := startTwo(t, fedify.RFC9421)
	forged := fedify.Wish{"type": "Like", "actor": two.Persons[0].ID, "object": two.Persons[0].ID}
	sent, err := one.Try("raw", fedify.Wish{"inbox": two.Persons[0].Inbox, "activity": forged})
	if err == nil || len(sent.Deliveries) != 1 || sent.Deliveries[0].Status != http.StatusUnauthorized {
		t.Errorf("a forged Like: %+v, error %v, want one delivery with 401", sent, err)
	}
	if rows := two.Received(t, fedify.Filter{Type: "Like"}); len(rows) != 0 {
		t.Errorf("the forged Like was received: %+v", rows)
	}
	if rows := two.Received(t, fedify.Filter{Type: "Like", All: true}); len(rows) != 1 || rows[0].Accepted {
		t.Errorf("the ledger has %+v, want one refused Like", rows)
	}
}

func TestTheTownFindsThePeer(t *testing.T) {
	t.Parallel()
	town := newTown(t)
	peer := fedify.Start(t, fedify.Options{Host: "one.example", Town: town, Software: "mastodon/4.5.0"})
	response, err := town.Client().Get("https://one.example/nodeinfo/2.1")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var info struct {
		Software struct{ Name, Version string }
	}
	if err := json.NewDecoder(response.Body).Decode(&info); err != nil {
		t.Fatal(err)
	}
	if info.Software.Name != "mastodon" || info.Software.Version != "4.5.0" {
		t.Errorf("%s says it is %+v", peer.Host, info.Software)
	}
}

func startTwo(t *testing.T, knock fedify.Scheme) (one, two *fedify.Peer) {
	t.Helper()
	town := newTown(t)
	one = fedify.Start(t, fedify.Options{Host: "one.example", Town: town, Knock: knock})
	two = fedify.Start(t, fedify.Options{Host: "two.example", Town: town, Knock: knock, Persons: []string{"ann"}})
	return one, two
}

func newTown(t *testing.T) *townca.Authority {
	t.Helper()
	town, err := townca.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return town
}

func contentOf(t *testing.T, activity json.RawMessage) string {
	t.Helper()
	var parsed struct{ Object struct{ Content string } }
	if err := json.Unmarshal(activity, &parsed); err != nil {
		t.Fatal(err)
	}
	return parsed.Object.Content
}
