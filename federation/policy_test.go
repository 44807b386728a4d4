package federation

import (
	"net/http"
	"testing"
	"time"

	"meent/communities"
)

// A suspension or its end, or a block of a host, holds at the inbox at once, also when another process decided it: nothing that this one remembers of the
// actor counts (SECURITY B18).
func TestDecisionsOfAnotherProcessHoldAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		b := newBesieged(t, w)
		if status := b.eva.post("/inbox", like(b.eva, "1")); status != http.StatusAccepted {
			t.Fatalf("status %d", status) // and the key is remembered from here on
		}
		decide := func(decision func(ctx, communities.Tx, communities.Standing) error) {
			w.write(func(ctx ctx, tx communities.Tx) error {
				a, err := tx.ActorByURI(ctx, b.eva.uri)
				if err != nil {
					return err
				}
				return decision(ctx, tx, communities.Standing{Actor: a.ID, By: w.anna.ID})
			})
		}
		decide(w.town.Suspend)
		for _, id := range []string{"2", "3"} {
			if status := b.eva.post("/inbox", like(b.eva, id)); status != http.StatusForbidden {
				t.Errorf("suspended: status %d", status)
			}
		}
		decide(w.town.Unsuspend)
		if status := b.eva.post("/inbox", like(b.eva, "4")); status != http.StatusAccepted {
			t.Errorf("let in again: status %d", status)
		}
		if status := b.vera.post("/inbox", like(b.vera, "1")); status != http.StatusAccepted {
			t.Fatalf("status %d", status)
		}
		w.write(func(ctx ctx, tx communities.Tx) error { // the list of blocked hosts is believed for a while longer
			return tx.PutHostRule(ctx, &communities.HostRule{ID: 1, Host: "victim.test", Policy: communities.HostBlocked, At: time.Now()})
		})
		if status := b.vera.post("/inbox", like(b.vera, "2")); status != http.StatusForbidden {
			t.Errorf("blocked: status %d", status)
		}
	})
}

// Of a host whose pictures or reports are not taken, the rest is.
func TestWhatIsNotTaken(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		b := newBesieged(t, w)
		w.write(func(ctx ctx, tx communities.Tx) error {
			rule := &communities.HostRule{ID: 1, Host: "evil.test", Policy: communities.HostNoted, RejectMedia: true, RejectReports: true, At: time.Now()}
			return tx.PutHostRule(ctx, rule)
		})
		w.road.blocks.readAt = time.Time{}
		b.eva.does(`{` + as2 + `,"id":"` + b.eva.uri + `/foto/create","type":"Create","actor":"` + b.eva.uri + `","to":["PUBLIC"],"cc":["GROUP"],"object":{"id":"` +
			b.eva.uri + `/foto","type":"Note","attributedTo":"` + b.eva.uri + `","content":"<p>Kijk :zon:</p>","to":["PUBLIC"],"cc":["GROUP"],
			"attachment":[{"type":"Image","url":"https://evil.test/foto.png","mediaType":"image/png"}],
			"tag":[{"type":"Emoji","name":":zon:","icon":{"type":"Image","url":"https://evil.test/zon.png"}}]}}`)
		post, err := w.archive.PostByURI(t.Context(), b.eva.uri+"/foto")
		if err != nil {
			t.Fatal(err)
		}
		if len(post.Attachments) != 0 || len(post.Emojis) != 1 || post.Emojis[0].Name != "zon" {
			t.Errorf("%+v", post)
		}
		b.eva.post("/inbox", `{`+as2+`,"id":"`+b.eva.uri+`/flag","type":"Flag","actor":"`+b.eva.uri+`","object":["`+w.anna.URI+`"],"content":"stout"}`)
		w.work()
		b.vera.does(`{` + as2 + `,"id":"` + b.vera.uri + `/flag","type":"Flag","actor":"` + b.vera.uri + `","object":["` + w.anna.URI + `"],"content":"stout"}`)
		if reports, err := w.archive.OpenReports(t.Context()); err != nil || len(reports) != 1 {
			t.Errorf("%d reports, %v", len(reports), err)
		}
	})
}

// A node that deals only with whom it allows takes nothing from others, and what is decided above a name holds below it.
func TestPoliciesBelowAName(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.write(func(ctx ctx, tx communities.Tx) error {
			for i, rule := range []communities.HostRule{
				{Host: "goed.example", Policy: communities.HostAllowed},
				{Host: "stil.goed.example", Policy: communities.HostLimited, RejectMedia: true},
				{Host: "slecht.example", Policy: communities.HostBlocked},
			} {
				rule.ID, rule.At = int64(i+1), time.Now()
				if err := tx.PutHostRule(ctx, &rule); err != nil {
					return err
				}
			}
			return nil
		})
		for _, test := range []struct {
			host        string
			policy      communities.HostPolicy
			onlyAllowed communities.HostPolicy
		}{
			{"goed.example", communities.HostAllowed, communities.HostAllowed},
			{"a.goed.example:8443", communities.HostAllowed, communities.HostAllowed},
			{"a.stil.goed.example", communities.HostLimited, communities.HostLimited},
			{"a.b.slecht.example", communities.HostBlocked, communities.HostBlocked},
			{"nietslecht.example", communities.HostOpen, communities.HostBlocked},
			{"example", communities.HostOpen, communities.HostBlocked},
		} {
			for only, want := range map[bool]communities.HostPolicy{false: test.policy, true: test.onlyAllowed} {
				p := &policies{archive: w.archive, only: only, now: time.Now}
				if held, err := p.of(t.Context(), test.host); err != nil || held.Policy != want {
					t.Errorf("%s, only allowed ones: %t: %q, want %q, %v", test.host, only, held.Policy, want, err)
				}
			}
			if got, err := w.archive.HostPolicy(t.Context(), test.host); err != nil || got != test.policy {
				t.Errorf("the archive says of %s: %q, want %q, %v", test.host, got, test.policy, err)
			}
		}
	})
}
