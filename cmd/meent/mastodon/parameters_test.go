package mastodon

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"meent/communities"
)

// called tells ids by the names that the tests use.
func (w *world) called(ids []string) string {
	names := make([]string, len(ids))
	for i, found := range ids {
		names[i] = found
		for name, known := range w.names() {
			if known == found {
				names[i] = name
			}
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// The parameters of timelines leave out what they should (Mastodon API, timelines, accounts/:id/statuses).
func TestTimelineParameters(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		picture := []communities.Attachment{{Kind: "image", URL: "https://dorp.example/1.png"}}
		extra := map[string]*communities.Post{
			"own picture": w.post(communities.Draft{Author: w.anna.ID, Source: "Kiekje #fiets", Attachments: picture}),
			"own answer":  w.post(communities.Draft{Author: w.anna.ID, InReplyTo: w.plain.ID, Source: "En nog iets #fiets"}),
			"an answer":   w.post(communities.Draft{Author: w.anna.ID, InReplyTo: w.reply.ID, Source: "Ja hoor #verkeer #fiets"}),
		}
		called := func(ids []string) string {
			text := w.called(ids)
			for name, post := range extra {
				text = strings.ReplaceAll(text, id(post.ID), name)
			}
			words := strings.Split(strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(text, "own picture", "own_picture"), "own answer", "own_answer"), "an answer", "an_answer"), " ")
			slices.Sort(words)
			return strings.Join(words, " ")
		}
		nobody := app{w: w}
		for path, want := range map[string]string{
			"public":                               "afar own_picture plain poll thread",
			"public?local=true":                    "own_picture plain poll thread",
			"public?remote=true":                   "afar",
			"public?local=true&remote=true":        "afar own_picture plain poll thread",
			"public?only_media=true":               "afar own_picture",
			"public?only_media=1&local=1":          "own_picture",
			"public?only_media=1&remote=1":         "afar",
			"tag/verkeer":                          "afar an_answer plain thread",
			"tag/VERKEER?local=true":               "an_answer plain thread",
			"tag/verkeer?remote=true":              "afar",
			"tag/verkeer?only_media=true":          "afar",
			"tag/verkeer?any[]=fiets":              "afar an_answer own_answer own_picture plain thread",
			"tag/verkeer?all[]=fiets":              "an_answer",
			"tag/verkeer?none[]=fiets":             "afar plain thread",
			"tag/verkeer?any[]=fiets&none[]=Fiets": "afar plain thread",
			"tag/niets?any[]=fiets&only_media=on":  "own_picture",
			"tag/niets":                            "",
		} {
			if got := called(nobody.get("/api/v1/timelines/" + path).ids()); got != want {
				t.Errorf("%s: %s, want %s", path, got, want)
			}
		}
		for query, want := range map[string]string{
			"":                                    "an_answer own_answer own_picture plain poll thread",
			"exclude_replies=true":                "own_answer own_picture plain poll thread",
			"only_media=true":                     "own_picture",
			"tagged=fiets":                        "an_answer own_answer own_picture",
			"tagged=fiets&exclude_replies=1":      "own_answer own_picture",
			"tagged=fiets&only_media=1":           "own_picture",
			"exclude_reblogs=1&exclude_replies=1": "own_answer own_picture plain poll thread",
			"pinned=true":                         "",
		} {
			if got := called(nobody.get("/api/v1/accounts/" + id(w.anna.ID) + "/statuses?" + query).ids()); got != want {
				t.Errorf("%s: %s, want %s", query, got, want)
			}
		}
		if own := nobody.get("/api/v1/accounts/" + id(w.fietsen.ID) + "/statuses?exclude_reblogs=true").ids(); len(own) != 0 {
			t.Errorf("a group wrote %v", own)
		}
	})
}

// Pages of several hashtags together hold each status once, down and up.
func TestPagesOfHashtags(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		var all []string
		for i := range 9 {
			tags := []string{"#een", "#twee", "#een #twee"}[i%3]
			all = append(all, id(w.post(communities.Draft{Author: w.anna.ID, Source: fmt.Sprint(i, " ", tags)}).ID))
		}
		slices.Reverse(all)
		path := "/api/v1/timelines/tag/een?any[]=twee"
		if met := walk(app{w: w}, path, 2); !slices.Equal(met, all) {
			t.Errorf("met %v, want %v", met, all)
		}
		ascend(t, app{w: w}, path, all)
	})
}

// min_id gives what comes next, since_id the newest; no page is longer than allowed, whatever is asked for.
func TestBounds(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		var all []string
		for i := range 90 {
			all = append(all, id(w.post(communities.Draft{Author: w.cor.ID, Source: fmt.Sprint("bericht ", i)}).ID))
		}
		slices.Reverse(all)
		path := "/api/v1/accounts/" + id(w.cor.ID) + "/statuses?"
		for query, want := range map[string][]string{
			"":                                       all[:20],
			"limit=40":                               all[:40],
			"limit=4000":                             all[:40],
			"limit=0":                                all[:20],
			"limit=-5":                               all[:20],
			"limit=x":                                all[:20],
			"limit=3&since_id=" + all[10]:            all[:3],
			"limit=3&min_id=" + all[10]:              all[7:10],
			"limit=3&max_id=" + all[10]:              all[11:14],
			"max_id=" + all[4] + "&min_id=" + all[9]: all[5:9],
			"max_id=" + all[4] + "&since_id=" + all[9]: all[5:9],
			"max_id=nonsense":                          all[:20],
			"max_id=99999999999999999999999":           all[:20],
		} {
			if got := w.app(w.bert).get(path + query).ids(); !slices.Equal(got, want) {
				t.Errorf("%s: %d from %v on, want %d", query, len(got), got[:min(len(got), 1)], len(want))
			}
		}
		if last := w.app(w.bert).get(path + "limit=40&max_id=" + all[80]); last.linked("next") != "" || len(last.ids()) != 9 {
			t.Error("the last page leads on")
		}
		if empty := w.app(w.bert).get(path + "max_id=" + all[89]); empty.header.Get("Link") != "" {
			t.Error("an empty page leads on")
		}
	})
}

// Favourites and bookmarks come in the order in which they were made, page by page, and their cursors are none of the statuses'.
func TestKeptInTheirOwnOrder(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		bert := w.app(w.bert)
		order := []string{id(w.plain.ID), id(w.thread.ID), id(w.afar.ID), id(w.poll.ID), id(w.reply.ID)}
		for _, name := range []string{"favourite", "bookmark"} {
			for _, status := range order {
				bert.post("/api/v1/statuses/"+status+"/"+name, nil).ok(nil)
				time.Sleep(2 * time.Millisecond)
			}
			want := slices.Clone(order)
			slices.Reverse(want)
			path := "/api/v1/" + name + "s"
			if met := walk(bert, path, 2); !slices.Equal(met, want) {
				t.Errorf("%s: %s, want %s", path, w.called(met), w.called(want))
			}
			page := bert.get(path + "?limit=2")
			if next := page.linked("next"); next == "" || strings.Contains(next, "max_id="+want[1]) {
				t.Errorf("%s goes on at %q", path, next)
			}
			if back := bert.get(bert.get(page.linked("next")).linked("prev")).ids(); !slices.Equal(back, want[:2]) {
				t.Errorf("%s back: %v", path, back)
			}
		}
	})
}

// What one wrote outside of groups can be pinned on one's profile, a few at a time; what is for a few cannot, nor what another wrote.
func TestPinOnProfile(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		bert, path := w.app(w.bert), "/api/v1/accounts/"+id(w.bert.ID)+"/statuses?pinned=true"
		var pinned []string
		for i := range communities.MaxPins + 1 {
			status := id(w.post(communities.Draft{Author: w.bert.ID, Source: fmt.Sprint("vast ", i)}).ID)
			answer := bert.post("/api/v1/statuses/"+status+"/pin", nil)
			if i == communities.MaxPins {
				answer.refused(http.StatusUnprocessableEntity)
				continue
			}
			var drawn struct{ Pinned bool }
			if answer.ok(&drawn); !drawn.Pinned {
				t.Error("not pinned")
			}
			pinned = append(pinned, status)
			time.Sleep(2 * time.Millisecond)
		}
		slices.Reverse(pinned)
		if shown := (app{w: w}).get(path).ids(); !slices.Equal(shown, pinned) {
			t.Errorf("shown %v, want %v", shown, pinned)
		}
		bert.post("/api/v1/statuses/"+pinned[0]+"/unpin", nil).ok(nil)
		bert.call(http.MethodDelete, "/api/v1/statuses/"+pinned[1], nil).ok(nil)
		if shown := (app{w: w}).get(path).ids(); !slices.Equal(shown, pinned[2:]) {
			t.Errorf("left %v", shown)
		}
		bert.post("/api/v1/statuses/"+bert.whisper("Zeg @anna", "")+"/pin", nil).refused(http.StatusUnprocessableEntity)
		bert.post("/api/v1/statuses/"+id(w.plain.ID)+"/pin", nil).refused(http.StatusUnprocessableEntity)
	})
}

// Where totals are hidden, nobody sees them before the end, the author no more than others; not in the edit of it either.
func TestHiddenTotals(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna, bert := w.app(w.anna), w.app(w.bert)
		type poll struct {
			ID         string
			VotesCount int `json:"votes_count"`
			Options    []struct {
				Votes *int `json:"votes_count"`
			}
		}
		var status struct {
			ID   string
			Poll poll
		}
		fields := url.Values{"status": {"Geheim"}, "poll[options][]": {"a", "b"}, "poll[expires_in]": {"300"}, "poll[hide_totals]": {"true"}}
		anna.post("/api/v1/statuses", fields).ok(&status)
		path := "/api/v1/polls/" + status.Poll.ID
		bert.post(path+"/votes", url.Values{"choices[]": {"1"}}).ok(nil)
		var seen poll
		for _, who := range []app{anna, bert, {w: w}} {
			if who.get(path).ok(&seen); seen.Options[1].Votes != nil || seen.VotesCount != 1 {
				t.Errorf("the poll tells %+v", seen)
			}
		}
		now := w.api.Now
		w.api.Now = func() time.Time { return now().Add(time.Hour) }
		if bert.get(path).ok(&seen); seen.Options[1].Votes == nil || *seen.Options[1].Votes != 1 {
			t.Errorf("in the end it tells %+v", seen)
		}
		w.api.Now = now
		fields.Del("poll[hide_totals]")
		seen = poll{}
		anna.call(http.MethodPut, "/api/v1/statuses/"+status.ID, fields).ok(nil)
		if bert.get(path).ok(&seen); seen.Options[1].Votes == nil || *seen.Options[1].Votes != 1 {
			t.Errorf("shown by its author it tells %+v", seen)
		}
	})
}

// Polls as they are documented: several choices where that is allowed, one ballot, results that count.
func TestPolls(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		anna, bert := w.app(w.anna), w.app(w.bert)
		type poll struct {
			ID          string
			Multiple    bool
			Expired     bool
			Voted       *bool
			OwnVotes    []int `json:"own_votes"`
			VotesCount  int   `json:"votes_count"`
			VotersCount int   `json:"voters_count"`
			Options     []struct {
				Votes int `json:"votes_count"`
			}
		}
		var status struct{ Poll poll }
		anna.post("/api/v1/statuses", url.Values{
			"status": {"Kies er twee"}, "poll[options][]": {"a", "b", "c"}, "poll[expires_in]": {"300"}, "poll[multiple]": {"true"},
		}).ok(&status)
		path := "/api/v1/polls/" + status.Poll.ID
		anna.post(path+"/votes", url.Values{"choices[]": {"0"}}).refused(http.StatusUnprocessableEntity)
		bert.post(path+"/votes", nil).refused(http.StatusUnprocessableEntity)
		bert.post(path+"/votes", url.Values{"choices[]": {"x"}}).refused(http.StatusUnprocessableEntity)
		var p poll
		bert.post(path+"/votes", url.Values{"choices[]": {"0", "2", "2"}}).ok(&p)
		if p.VotesCount != 2 || p.VotersCount != 1 || !*p.Voted || !slices.Equal(p.OwnVotes, []int{0, 2}) || !p.Multiple || p.Expired {
			t.Errorf("the poll says %+v", p)
		}
		bert.post(path+"/votes", url.Values{"choices[]": {"1"}}).refused(http.StatusUnprocessableEntity)
		p = poll{}
		if (app{w: w}).get(path).ok(&p); p.Voted != nil || p.Options[0].Votes != 1 {
			t.Errorf("to nobody it says %+v", p)
		}
	})
}
