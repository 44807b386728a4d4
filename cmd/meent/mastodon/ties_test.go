package mastodon

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"meent/communities"
)

var tieEndpoints = []endpoint{
	{"POST /api/v1/accounts/{id}/note", "/api/v1/accounts/${cor}/note", "comment=Van de markt", "Relationship", "bert"},
	{"POST /api/v1/accounts/{id}/endorse", "/api/v1/accounts/${cor}/endorse", "", "", "bert"},
	{"POST /api/v1/accounts/{id}/endorse", "/api/v1/accounts/${anna}/endorse", "", "Relationship", "bert"},
	{"GET /api/v1/endorsements", "", "", "[]Account", "bert"},
	{"GET /api/v1/accounts/{id}/endorsements", "/api/v1/accounts/${bert}/endorsements", "", "[]Account", "nobody"},
	{"POST /api/v1/accounts/{id}/unendorse", "/api/v1/accounts/${anna}/unendorse", "", "Relationship", "bert"},
	{"POST /api/v1/accounts/{id}/pin", "/api/v1/accounts/${anna}/pin", "", "Relationship", "bert"},
	{"POST /api/v1/accounts/{id}/unpin", "/api/v1/accounts/${anna}/unpin", "", "Relationship", "bert"},
	{"GET /api/v1/domain_blocks/preview", "/api/v1/domain_blocks/preview?domain=ergens.example", "", "DomainBlockPreview", "bert"},
	{"POST /api/v1/domain_blocks", "", "domain=", "", "bert"},
	{"POST /api/v1/domain_blocks", "", "domain=ergens.example", "Empty", "bert"},
	{"GET /api/v1/domain_blocks", "", "", "[]string", "bert"},
	{"DELETE /api/v1/domain_blocks", "", "domain=ergens.example", "Empty", "bert"},
}

type relationship struct {
	Following, Notifying, Endorsed, Muting bool
	ShowingReblogs                         bool `json:"showing_reblogs"`
	FollowedBy                             bool `json:"followed_by"`
	DomainBlocking                         bool `json:"domain_blocking"`
	Note                                   string
	Languages                              []string
}

func (a app) relation(to *communities.Actor) (r relationship) {
	a.w.t.Helper()
	var list []relationship
	a.get("/api/v1/accounts/relationships?id[]=" + id(to.ID)).ok(&list)
	return list[0]
}

// A relationship tells everything that somebody wants of another.
func TestRelationshipIsTrue(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		bert, anna := w.app(w.bert), "/api/v1/accounts/"+id(w.anna.ID)
		var r relationship
		bert.post(anna+"/follow", url.Values{"reblogs": {"false"}, "notify": {"true"}, "languages[]": {"nl", "fy"}}).ok(&r)
		if !r.Following || r.ShowingReblogs || !r.Notifying || !slices.Equal(r.Languages, []string{"nl", "fy"}) {
			t.Errorf("%+v", r)
		}
		bert.post(anna+"/follow", nil).ok(&r)
		if r.ShowingReblogs || !r.Notifying || len(r.Languages) != 2 {
			t.Errorf("to follow again changed something: %+v", r)
		}
		bert.post(anna+"/note", url.Values{"comment": {" Van school "}}).ok(nil)
		bert.post(anna+"/endorse", nil).ok(nil)
		if r = bert.relation(w.anna); r.Note != "Van school" || !r.Endorsed {
			t.Errorf("%+v", r)
		}
		bert.post(anna+"/note", nil).ok(&r)
		bert.post(anna+"/unfollow", nil).ok(&r)
		if r = bert.relation(w.anna); r.Note != "" || r.Endorsed || r.Following || r.ShowingReblogs || r.Notifying {
			t.Errorf("%+v", r)
		}
	})
}

// Who asked for it is told of each post, of a person or in a group, and not of what they cannot see.
func TestNotifiedOfPosts(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		bert := w.app(w.bert)
		for _, actor := range []*communities.Actor{w.anna, w.fietsen} {
			bert.post("/api/v1/accounts/"+id(actor.ID)+"/follow", url.Values{"notify": {"true"}}).ok(nil)
		}
		w.post(communities.Draft{Author: w.anna.ID, Source: "Nieuws"})
		w.post(communities.Draft{Author: w.cor.ID, Group: w.fietsen.ID, Title: "Vraag", Source: "Weet iemand het?"})
		w.post(communities.Draft{Author: w.anna.ID, InReplyTo: w.reply.ID, Source: "Een antwoord aan een ander"})
		w.post(communities.Draft{Author: w.anna.ID, Group: w.besloten.ID, Title: "Intern 2", Source: "Niet voor bert"})
		w.post(communities.Draft{Author: w.anna.ID, Source: "Niet voor bert", Visibility: communities.Direct})
		var told []struct {
			Type    string
			Account struct{ Username string }
			Status  struct{ ID string }
		}
		bert.get("/api/v1/notifications?types[]=status").ok(&told)
		if len(told) != 2 || told[0].Account.Username != "fietsen" || told[1].Account.Username != "anna" {
			t.Errorf("%+v", told)
		}
	})
}

// A server that somebody blocked is gone for them: its people neither follow nor are followed, and nothing of theirs is shown or told.
func TestDomainBlock(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna := w.app(w.anna)
		w.do(func(ctx context.Context, tx communities.Tx) error {
			_, err := w.town.Follow(ctx, tx, communities.Following{Follower: w.anna.ID, Followee: w.remote.ID})
			if err == nil {
				_, err = w.town.AcceptFollow(ctx, tx, communities.Following{Follower: w.anna.ID, Followee: w.remote.ID})
			}
			if err == nil {
				_, err = w.town.Follow(ctx, tx, communities.Following{Follower: w.remote.ID, Followee: w.anna.ID, URI: "https://ergens.example/f/1"})
			}
			if err == nil {
				err = w.town.React(ctx, tx, communities.Reacting{Post: w.plain.ID, By: w.remote.ID, Kind: communities.Favourite, URI: "https://ergens.example/l/1"})
			}
			return err
		})
		public := func() []string { return anna.get("/api/v1/timelines/public").ids() }
		if !slices.Contains(public(), id(w.afar.ID)) || len(anna.get("/api/v1/notifications?types[]=favourite").ids()) != 1 {
			t.Fatal("there is nothing to lose")
		}
		var lost struct {
			Following int `json:"following_count"`
			Followers int `json:"followers_count"`
		}
		anna.get("/api/v1/domain_blocks/preview?domain=ergens.example").ok(&lost)
		if lost.Following != 1 || lost.Followers != 1 {
			t.Errorf("%+v", lost)
		}
		anna.post("/api/v1/domain_blocks", url.Values{"domain": {"https://Ergens.example/"}}).ok(nil)
		if r := anna.relation(w.remote); !r.DomainBlocking || r.Following || r.FollowedBy {
			t.Errorf("%+v", r)
		}
		if slices.Contains(public(), id(w.afar.ID)) || len(anna.get("/api/v1/notifications?types[]=favourite").ids()) != 0 {
			t.Error("it is still there")
		}
		if err := w.town.Write(t.Context(), func(tx communities.Tx) error {
			_, err := w.town.Follow(t.Context(), tx, communities.Following{Follower: w.remote.ID, Followee: w.anna.ID, URI: "https://ergens.example/f/2"})
			return err
		}); communities.KindOf(err) != communities.KindForbidden {
			t.Errorf("somebody of a blocked server follows: %v", err)
		}
		anna.post("/api/v1/domain_blocks", url.Values{"domain": {w.town.Host()}}).refused(http.StatusUnprocessableEntity)
		anna.call(http.MethodDelete, "/api/v1/domain_blocks", url.Values{"domain": {"ergens.example"}}).ok(nil)
		if !slices.Contains(public(), id(w.afar.ID)) {
			t.Error("it does not come back")
		}
	})
}
