package storage

import (
	"testing"
	"time"

	"meent/communities"
)

// An invitation counts its uses, and holds no longer than it says.
func TestInvites(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		w := world{t, db}
		ctx := t.Context()
		invite := &communities.Invitation{ID: 1, Hash: "h", By: 2, Note: "n", MaxUses: 2, CreatedAt: day, ExpiresAt: day.Add(time.Hour)}
		w.write(func(tx *Tx) error { return tx.CreateInvite(ctx, invite) })
		w.refused(communities.KindNotFound, func(tx *Tx) error { _, err := tx.UseInvite(ctx, "h", day.Add(2*time.Hour)); return err })
		for uses := range 2 {
			w.write(func(tx *Tx) error {
				got, err := tx.UseInvite(ctx, "h", day)
				invite.Uses = uses + 1
				w.same("invitation", got, invite)
				return err
			})
		}
		w.refused(communities.KindNotFound, func(tx *Tx) error { _, err := tx.UseInvite(ctx, "h", day); return err })
		w.write(func(tx *Tx) error { return tx.RevokeInvite(ctx, 1, day) })
		w.refused(communities.KindNotFound, func(tx *Tx) error { return tx.RevokeInvite(ctx, 1, day) })
	})
}

// The text that holds is the latest whose day has come, in the language that is asked for first.
func TestTexts(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		w := world{t, db}
		ctx := t.Context()
		put := func(language string, since time.Time, source string) {
			w.write(func(tx *Tx) error {
				return tx.PutText(ctx, &communities.NodeText{Name: communities.TextTerms, Language: language, Since: since, Source: source, Content: source, UpdatedAt: day})
			})
		}
		put("nl", time.Time{}, "altijd")
		put("nl", day, "vandaag")
		put("nl", day.AddDate(1, 0, 0), "straks")
		put("en", time.Time{}, "always")
		for _, test := range []struct {
			at        time.Time
			languages []string
			want      string
		}{
			{day.Add(-time.Hour), []string{"nl"}, "altijd"},
			{day, []string{"nl", "en"}, "vandaag"},
			{day.AddDate(2, 0, 0), []string{"nl"}, "straks"},
			{day, []string{"en", "nl"}, "always"},
			{day, []string{"fy"}, "vandaag"},
		} {
			got, err := db.Text(ctx, communities.TextTerms, test.at, test.languages...)
			if err != nil || got.Source != test.want {
				t.Errorf("%v in %v: %+v, %v", test.at, test.languages, got, err)
			}
		}
		put("en", time.Time{}, "") // taken away
		if texts, err := db.Texts(ctx, communities.TextTerms); err != nil || len(texts) != 3 {
			t.Errorf("%d texts, %v", len(texts), err)
		}
	})
}

// A link to confirm an address works once, and in time.
func TestConfirmations(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		w := world{t, db}
		ctx := t.Context()
		anna := w.actor(communities.Person, "anna", "")
		w.write(func(tx *Tx) error {
			return tx.PutConfirmation(ctx, Confirmation{Hash: "h", Actor: anna.ID, Email: "a@x.example", CreatedAt: day, ExpiresAt: day.Add(time.Hour)})
		})
		w.refused(communities.KindNotFound, func(tx *Tx) error { _, _, err := tx.TakeConfirmation(ctx, "h", day.Add(time.Hour)); return err })
		w.write(func(tx *Tx) error {
			person, email, err := tx.TakeConfirmation(ctx, "h", day)
			if person != anna.ID || email != "a@x.example" {
				t.Errorf("%d %s", person, email)
			}
			return err
		})
		w.refused(communities.KindNotFound, func(tx *Tx) error { _, _, err := tx.TakeConfirmation(ctx, "h", day); return err })
		w.write(func(tx *Tx) error { return tx.ForgetPerson(ctx, anna.ID) })
		if _, err := db.Actor(ctx, anna.ID); !communities.IsNotFound(err) {
			t.Errorf("forgotten, and still there: %v", err)
		}
	})
}

// The weeks are counted by what people of this node wrote in them.
func TestActivity(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		w := world{t, db}
		now := time.Now().UTC()
		anna, bert, far := w.actor(communities.Person, "anna", ""), w.actor(communities.Person, "bert", ""), w.actor(communities.Person, "far", "far.example")
		for _, author := range []*communities.Actor{anna, anna, bert, far} {
			w.post(author, func(p *communities.Post) { p.CreatedAt = now })
		}
		w.post(anna, func(p *communities.Post) {
			p.CreatedAt = now.AddDate(0, 0, -14)
			p.ID = communities.PostID(communities.IDBefore(p.CreatedAt))
			p.Thread = p.ID
		})
		weeks, err := db.Activity(t.Context(), now)
		if err != nil || len(weeks) != activityWeeks {
			t.Fatalf("%d weeks, %v", len(weeks), err)
		}
		w.same("this week", [2]int{weeks[0].Posts, weeks[0].Writers}, [2]int{3, 2})
		w.same("two weeks ago", [2]int{weeks[2].Posts, weeks[2].Writers}, [2]int{1, 1})
		if weeks[0].Start.Weekday() != time.Monday || weeks[0].Start.After(now) || now.Sub(weeks[0].Start) > 7*24*time.Hour {
			t.Errorf("this week began on %v", weeks[0].Start)
		}
	})
}
