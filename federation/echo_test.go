package federation

import (
	"context"
	"strings"
	"testing"

	"meent/communities"
)

// TestEcho: forum software gets back what its own people wrote, since it waits to see it accepted; others have it already.
func TestEcho(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		for i, tt := range []struct {
			reads dialect
			want  int
		}{{dialectForum, 1}, {dialectMeent, 0}, {dialectUnknown, 0}} {
			bo := w.peer([]string{"elders.test", "lemmy.test", "victim.test"}[i]).person("bo")
			bo.does(`{` + as2 + `,"id":"PEER/follow","type":"Follow","actor":"PEER/u/bo","object":"GROUP"}`)
			if _, err := w.archive.SQL().ExecContext(t.Context(), "UPDATE hosts SET dialect = '"+string(tt.reads)+"'"); err != nil {
				t.Fatal(err)
			}
			bo.does(strings.NewReplacer("TO", "PUBLIC", "CC", "PEER/u/bo/followers").Replace(mastodonThread))
			const back = "deliveries AS d JOIN activities AS a ON a.id = d.activity_id WHERE a.kind = 'Announce' AND d.object_uri = ? AND d.host = ?"
			if n := w.count(back, bo.base+"/u/bo/statuses/1", bo.host); n != tt.want {
				t.Errorf("%q gets its own back %d times, want %d", tt.reads, n, tt.want)
			}
		}
	})
}

// TestPinnedFromElsewhere: a pinned thread of another node is in the list, under its own id: Lemmy unpins what is not.
func TestPinnedFromElsewhere(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		bo := w.peer("elders.test").person("bo")
		bo.does(strings.NewReplacer("TO", "PUBLIC", "CC", "PEER/u/bo/followers").Replace(mastodonThread))
		p, own := w.postAt(bo.base+"/u/bo/statuses/1"), w.thread(w.anna, "Van hier")
		w.write(func(ctx context.Context, tx communities.Tx) error {
			for _, pinned := range []communities.PostID{p.ID, own.ID} {
				if err := w.town.Pin(ctx, tx, communities.Moderation{Post: pinned, By: w.anna.ID}); err != nil {
					return err
				}
			}
			return nil
		})
		list, err := featured(t.Context(), w.road, w.group, "https://stad.test/g/wijkraad/featured")
		if err != nil {
			t.Fatal(err)
		}
		whole := map[string]string{}
		for _, item := range list.Items {
			whole[item.ID] = string(item.Raw)
		}
		if len(whole) != 2 || !strings.Contains(whole[p.URI], bo.uri) || !strings.Contains(whole[own.URI], "Wat vindt u?") {
			t.Errorf("pinned: %v", whole)
		}
	})
}
