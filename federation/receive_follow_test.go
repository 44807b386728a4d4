package federation

import (
	"testing"

	"meent/communities"
	"meent/storage"
)

const as2 = `"@context":"https://www.w3.org/ns/activitystreams"`

// follows in the shapes in which they are sent.
var follows = map[string]string{
	"Mastodon":   `{` + as2 + `,"id":"PEER/8a1f","type":"Follow","actor":"PEER/u/bo","object":"GROUP"}`,
	"Lemmy":      `{` + as2 + `,"actor":"PEER/u/bo","to":["GROUP"],"object":"GROUP","type":"Follow","id":"PEER/activities/follow/1"}`,
	"Misskey":    `{` + as2 + `,"id":"PEER/follows/9a/7b","type":"Follow","actor":"PEER/u/bo","object":"GROUP"}`,
	"GoToSocial": `{` + as2 + `,"actor":"PEER/u/bo","id":"PEER/u/bo/follow/01J","object":"GROUP","to":"GROUP","type":"Follow"}`,
}

func TestFollow(t *testing.T) {
	t.Parallel()
	for platform, doc := range follows {
		t.Run(platform, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *world) {
				bo := w.peer("elders.test").person("bo")
				bo.does(doc)
				follow, err := w.archive.FollowByURI(t.Context(), idOf(bo.fill(doc)))
				if err != nil || !follow.Accepted || follow.Followee != w.group.ID {
					t.Fatalf("follow %+v, %v", follow, err)
				}
				if n := w.count("deliveries"); n != 1 {
					t.Errorf("%d deliveries, want the Accept", n)
				}
				if n := w.count("activities WHERE kind = ?", "Accept"); n != 1 {
					t.Errorf("%d answers", n)
				}
			})
		})
	}
}

// TestFollowAgain: who missed the answer asks once more and gets it (a well-known server answers 500).
func TestFollowAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		bo := w.peer("elders.test").person("bo")
		bo.does(follows["Mastodon"])
		bo.does(`{` + as2 + `,"id":"PEER/8a1g","type":"Follow","actor":"PEER/u/bo","object":"GROUP"}`)
		if n := w.count("follows"); n != 1 {
			t.Errorf("%d follows", n)
		}
		if n := w.count("activities WHERE kind = ?", "Accept"); n != 2 {
			t.Errorf("%d answers", n)
		}
	})
}

func TestUndoFollow(t *testing.T) {
	t.Parallel()
	undos := map[string]string{
		"embedded":   `{` + as2 + `,"id":"PEER/u1","type":"Undo","actor":"PEER/u/bo","object":{"id":"PEER/8a1f","type":"Follow","actor":"PEER/u/bo","object":"GROUP"}}`,
		"without id": `{` + as2 + `,"id":"PEER/u1","type":"Undo","actor":"PEER/u/bo","object":{"type":"Follow","actor":"PEER/u/bo","object":"GROUP"}}`,
		"by id":      `{` + as2 + `,"id":"PEER/u1","type":"Undo","actor":"PEER/u/bo","object":"PEER/8a1f"}`,
	}
	for name, undo := range undos {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *world) {
				bo := w.peer("elders.test").person("bo")
				bo.does(follows["Mastodon"])
				bo.does(undo)
				if n := w.count("follows"); n != 0 {
					t.Errorf("%d follows", n)
				}
			})
		})
	}
}

// TestAnswers: Accept and Reject of what we asked, and of nothing else (SECURITY U15, U16).
func TestAnswers(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		elders := w.peer("elders.test")
		natuur, bo := elders.club("natuur"), elders.person("bo")
		group, err := w.road.ActorByURI(t.Context(), natuur.uri)
		if err != nil {
			t.Fatal(err)
		}
		follow := w.asks(group)
		accept := `{` + as2 + `,"id":"PEER/a1","type":"Accept","actor":"ACTOR","object":"` + follow.URI + `"}`

		if w.accepted(group) {
			t.Fatal("a follow holds before it is accepted") // SECURITY U16
		}
		bo.fails("refused not-theirs", replace(accept, "ACTOR", "PEER/u/bo"))
		natuur.fails("refused unknown-follow", `{`+as2+`,"id":"PEER/a2","type":"Accept","actor":"PEER/c/natuur","object":"TOWN/act/1"}`)
		natuur.does(`{` + as2 + `,"id":"PEER/a3","type":"Accept","actor":"PEER/c/natuur","object":{"id":"` + follow.URI + `","type":"Follow",
			"actor":"TOWN/u/anna","object":"PEER/c/natuur"}}`)
		if !w.accepted(group) {
			t.Error("the follow was accepted")
		}
		if tasks := w.tasks.take(); !hasTask(tasks, BackfillGroup{}.Kind()) {
			t.Errorf("the first follower of a group makes us read it: %v", tasks)
		}
		natuur.does(`{` + as2 + `,"id":"PEER/r1","type":"Reject","actor":"PEER/c/natuur","object":{"type":"Follow",
			"actor":"TOWN/u/anna","object":"PEER/c/natuur"}}`)
		if n := w.count("follows"); n != 0 {
			t.Errorf("%d follows after the Reject", n)
		}
		if outcome, reason := natuur.sends(`{` + as2 + `,"id":"PEER/a9","type":"Accept","actor":"PEER/c/natuur","object":{"type":"Join","id":"PEER/j"}}`); outcome != storage.Ignored {
			t.Errorf("%s %s", outcome, reason)
		}
	})
}

// asks has anna ask to follow a remote actor.
func (w *world) asks(whom *communities.Actor) (follow *communities.Follow) {
	w.t.Helper()
	w.write(func(ctx ctx, tx communities.Tx) (err error) {
		follow, err = w.town.Follow(ctx, tx, communities.Following{Follower: w.anna.ID, Followee: whom.ID})
		return err
	})
	return follow
}

func (w *world) accepted(whom *communities.Actor) bool {
	w.t.Helper()
	follow, err := w.archive.Follow(w.t.Context(), w.anna.ID, whom.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return follow.Accepted
}

func hasTask(tasks []communities.Task, kind string) bool {
	for _, task := range tasks {
		if task.Kind() == kind {
			return true
		}
	}
	return false
}
