package mastodon

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"meent/communities"
)

// seen is what a test reads of a status.
type seen struct {
	ID         string
	Content    string
	Visibility string
	Account    struct {
		Acct       string
		Group, Bot bool
	}
	Mentions []struct{ Acct string }
	Reblog   *seen
	Pinned   bool
	Filtered []struct{ Filter struct{ Title string } }
}

// A thread in a group comes home as the group's boost, empty around it, and once; its answers stay in the thread.
func TestGroupsAtHome(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		var home []seen
		w.app(w.bert).get("/api/v1/timelines/home").ok(&home)
		var shared []seen
		for _, s := range home {
			if s.ID == id(w.thread.ID) || s.ID == id(w.reply.ID) {
				t.Errorf("%s stands there by itself: %s", s.ID, s.Content)
			}
			if s.Reblog != nil && s.Reblog.ID == id(w.thread.ID) {
				shared = append(shared, s)
			}
		}
		if len(shared) != 1 {
			t.Fatalf("the thread comes home %d times", len(shared))
		}
		if around := shared[0]; around.Content != "" || around.Account.Acct != "fietsen" || !around.Account.Group || around.Account.Bot {
			t.Errorf("around the thread: %+v", around)
		}
		thread := shared[0].Reblog
		if !strings.HasPrefix(thread.Content, "<p><strong>Fietspad &amp; brug</strong></p><p>") || thread.Account.Acct != "anna" ||
			len(thread.Mentions) != 1 || thread.Mentions[0].Acct != "fietsen" {
			t.Errorf("the thread: %+v", thread)
		}
	})
}

// What is answered stands above, what answers below.
func TestThreads(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		var around struct{ Ancestors, Descendants []seen }
		app{w: w}.get("/api/v1/statuses/" + id(w.reply.ID) + "/context").ok(&around)
		if len(around.Ancestors) != 1 || around.Ancestors[0].ID != id(w.thread.ID) || len(around.Descendants) != 0 {
			t.Errorf("around the answer: %+v", around)
		}
		app{w: w}.get("/api/v1/statuses/" + id(w.thread.ID) + "/context").ok(&around)
		if len(around.Ancestors) != 0 || len(around.Descendants) != 1 || around.Descendants[0].ID != id(w.reply.ID) {
			t.Errorf("below the thread: %+v", around)
		}
		further := w.post(communities.Draft{Author: w.anna.ID, InReplyTo: w.reply.ID, Source: "Zeker"})
		w.do(func(ctx context.Context, tx communities.Tx) error {
			return w.town.Delete(ctx, tx, communities.Deletion{Post: w.reply.ID, By: w.bert.ID})
		})
		app{w: w}.get("/api/v1/statuses/" + id(w.thread.ID) + "/context").ok(&around)
		if len(around.Descendants) != 1 || around.Descendants[0].ID != id(further.ID) {
			t.Errorf("below what was deleted: %+v", around)
		}
	})
}

// A status that names a group is a thread in it; its first line may be the title.
func TestPostIntoAGroup(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		for _, test := range []struct {
			status, visibility string
			group              communities.ActorID
			title, source      string
		}{
			{"@fietsen Nieuwe brug\n\nHij is er!", "public", w.fietsen.ID, "Nieuwe brug", "Hij is er!"},
			{"**Nieuwe brug**\nHij is er!\n\n@fietsen", "", w.fietsen.ID, "Nieuwe brug", "Hij is er!"},
			{"Hij is er! @fietsen", "unlisted", w.fietsen.ID, "", "Hij is er! @fietsen"},
			{"@fietsen Hij is er!", "public", w.fietsen.ID, "", "Hij is er!"},
			{"@fietsen " + strings.Repeat("lang ", 30) + "\n\nen meer", "public", w.fietsen.ID, "", strings.TrimSpace(strings.Repeat("lang ", 30)) + " \n\nen meer"},
			{"@fietsen alleen voor mijn volgers", "private", 0, "", "@fietsen alleen voor mijn volgers"},
			{"@fietsers bestaat niet", "public", 0, "", "@fietsers bestaat niet"},
			{"@besloten is niet te vinden", "public", 0, "", "@besloten is niet te vinden"},
			{"gewoon\n\neen bericht", "public", 0, "", "gewoon\n\neen bericht"},
		} {
			var made seen
			w.app(w.bert).post("/api/v1/statuses", url.Values{"status": {test.status}, "visibility": {test.visibility}}).ok(&made)
			post := w.stored(made.ID)
			if post.Group != test.group || post.Title != test.title || post.Source != test.source {
				t.Errorf("%q became %q %q in %d", test.status, post.Title, post.Source, post.Group)
			}
			var source struct{ Text string }
			w.app(w.bert).get("/api/v1/statuses/" + made.ID + "/source").ok(&source)
			title, body := test.title, source.Text
			if test.title != "" {
				title, body = split(source.Text)
			}
			if title != test.title || body != test.source {
				t.Errorf("%q is typed again as %q", test.status, source.Text)
			}
		}
	})
}

func (w *world) stored(text string) (post *communities.Post) {
	w.t.Helper()
	number, err := parseID[communities.PostID](text)
	w.must(err)
	w.do(func(ctx context.Context, tx communities.Tx) (err error) {
		post, err = tx.Post(ctx, number)
		return err
	})
	return post
}

// What is refused comes as 422 with the reason, which apps show word for word.
func TestReasons(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		w.group("raad", communities.GroupSettings{Posting: communities.PostModerators})
		w.do(func(ctx context.Context, tx communities.Tx) error {
			return w.town.Lock(ctx, tx, communities.Moderation{Post: w.thread.ID, By: w.anna.ID})
		})
		bert := w.app(w.bert)
		for _, test := range []struct {
			path   string
			fields url.Values
			reason string
		}{
			{"/api/v1/statuses", url.Values{"status": {"ook ik"}, "in_reply_to_id": {id(w.thread.ID)}}, "This thread is closed."},
			{"/api/v1/statuses", url.Values{"status": {"@raad hoi"}}, "Only moderators start threads in De raad."},
			{"/api/v1/statuses", url.Values{"status": {" "}}, "Write something first."},
			{"/api/v1/statuses", url.Values{"status": {"x"}, "visibility": {"secret"}}, "Validation failed"},
			{"/api/v1/statuses", url.Values{"status": {"x"}, "media_ids[]": {"1"}}, "One of the files does not exist"},
			{"/api/v1/statuses", url.Values{"status": {"x"}, "poll[options][]": {"a", "b"}, "poll[expires_in]": {"9223372036854775807"}}, "A poll is open for"},
			{"/api/v1/statuses", url.Values{"status": {"x"}, "poll[options][]": {"a", "b"}, "poll[expires_in]": {"18446744074009"}}, "A poll is open for"},
			{"/api/v1/statuses", url.Values{"status": {"x"}, "poll[options][]": {"a", "b"}, "poll[expires_in]": {"92233720368547758070"}}, "A poll is open for"},
			{"/api/v2/filters", url.Values{"title": {"x"}, "context[]": {"home"}, "expires_in": {"18446744074009"}}, "too long"},
			{"/api/v1/filters", url.Values{"phrase": {"x"}, "context[]": {"home"}, "expires_in": {"99999999999999999999"}}, "too long"},
			{"/api/v1/accounts/" + id(w.anna.ID) + "/mute", url.Values{"duration": {"9223372036854775807"}}, "too long"},
			{"/api/v1/statuses", url.Values{"status": {"x"}, "poll[options][]": {"a", "b"}, "poll[expires_in]": {"1"}}, "A poll is open for"},
			{"/api/v1/statuses/" + id(w.thread.ID) + "/pin", nil, "Only moderators of the group may do this."},
			{"/api/v1/statuses/" + id(w.plain.ID) + "/pin", nil, "Only who wrote it may do this."},
			{"/api/v1/polls/" + id(w.poll.ID) + "/votes", url.Values{"choices[]": {"7"}}, "no such answer"},
		} {
			if told := bert.post(test.path, test.fields).refused(http.StatusUnprocessableEntity); !strings.Contains(told, test.reason) {
				t.Errorf("%s %v: %q", test.path, test.fields, told)
			}
		}
		bert.post("/api/v1/polls/"+id(w.poll.ID)+"/votes", url.Values{"choices[]": {"0"}}).ok(nil)
		if told := bert.post("/api/v1/polls/"+id(w.poll.ID)+"/votes", url.Values{"choices[]": {"0"}}).refused(http.StatusUnprocessableEntity); told != "You have voted already." {
			t.Error(told)
		}
		if told := bert.send(http.MethodPatch, "/api/v1/accounts/update_credentials", "multipart/form-data; boundary=B",
			"--B\r\nContent-Disposition: form-data; name=\"avatar\"; filename=\"a.png\"\r\n\r\nPNG\r\n--B--\r\n", nil).refused(http.StatusUnprocessableEntity); !strings.Contains(told, "JPEG") {
			t.Error(told)
		}
	})
}

// The reason comes in the language that the call asks for, else in the person's own.
func TestReasonsInOnesOwnLanguage(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		w.do(func(ctx context.Context, tx communities.Tx) error {
			if err := w.town.Lock(ctx, tx, communities.Moderation{Post: w.thread.ID, By: w.anna.ID}); err != nil {
				return err
			}
			cor, err := tx.Account(ctx, w.cor.ID)
			if err != nil {
				return err
			}
			cor.Locale = "en"
			return tx.PutAccount(ctx, cor)
		})
		const dutch, english = "Dit gesprek is gesloten.", "This thread is closed."
		fields := url.Values{"status": {"ook ik"}, "in_reply_to_id": {id(w.thread.ID)}}.Encode()
		for _, test := range []struct {
			who    *communities.Actor
			wishes string
			told   string
		}{
			{w.bert, "", dutch},
			{w.bert, "en-GB,en;q=0.9", english},
			{w.bert, "nl-BE", dutch},
			{w.bert, "de", dutch},
			{w.cor, "", english},
			{w.cor, "nl", dutch},
			{w.cor, "fr;q=1, nl;q=0.5", dutch},
			{w.cor, "ja", english},
		} {
			answer := w.app(test.who).send(http.MethodPost, "/api/v1/statuses", "application/x-www-form-urlencoded", fields, http.Header{"Accept-Language": {test.wishes}})
			if told := answer.refused(http.StatusUnprocessableEntity); told != test.told {
				t.Errorf("%s, who asks for %q, is told %q", test.who.Name, test.wishes, told)
			}
		}
		nobody := app{w: w}.send(http.MethodGet, "/api/v1/timelines/home", "", "", http.Header{"Accept-Language": {"nl"}})
		if told := nobody.refused(http.StatusUnauthorized); told != errToken.Message {
			t.Errorf("what apps know by its text is told as %q", told)
		}
	})
}

// A private answer to what is for the members of a group is for the members: an app knows no better word for it.
func TestAnswersInAClosedGroup(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		var thread, made seen
		w.app(w.anna).get("/api/v1/statuses/" + id(w.secret.ID)).ok(&thread)
		if thread.Visibility != "private" {
			t.Errorf("what is for members is %s", thread.Visibility)
		}
		w.app(w.anna).post("/api/v1/statuses", url.Values{"status": {"@besloten Begroting\n\nConcept"}, "visibility": {"public"}}).ok(&made)
		if post := w.stored(made.ID); post.Visibility != communities.GroupOnly || post.Group != w.besloten.ID || post.Title != "Begroting" {
			t.Errorf("a thread became %s in %d", post.Visibility, post.Group)
		}
		for _, visibility := range []string{"private", "public", ""} {
			w.app(w.anna).post("/api/v1/statuses", url.Values{"status": {"nog iets"}, "in_reply_to_id": {id(w.secret.ID)}, "visibility": {visibility}}).ok(&made)
			if post := w.stored(made.ID); post.Visibility != communities.GroupOnly || post.Group != w.besloten.ID {
				t.Errorf("a %q answer became %s in %d", visibility, post.Visibility, post.Group)
			}
		}
	})
}

// One request that an app repeats makes one post, also when it repeats it at once.
func TestIdempotency(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		phone, other := w.app(w.bert), w.app(w.anna)
		made := make(chan string, 8)
		for range cap(made) {
			go func() {
				made <- string(phone.send(http.MethodPost, "/api/v1/statuses", "application/json", `{"status":"eens"}`, http.Header{"Idempotency-Key": {"k"}}).body)
			}()
		}
		ids := map[string]bool{}
		for range cap(made) {
			_, rest, _ := strings.Cut(<-made, `"id":"`)
			first, _, _ := strings.Cut(rest, `"`)
			ids[first] = true
		}
		if len(ids) != 1 || ids[""] {
			t.Errorf("%d posts: %v", len(ids), ids)
		}
		var mine seen
		other.send(http.MethodPost, "/api/v1/statuses", "application/json", `{"status":"eens"}`, http.Header{"Idempotency-Key": {"k"}}).ok(&mine)
		if ids[mine.ID] {
			t.Error("a key of somebody else's was taken")
		}
	})
}

// Filters and mutes hold what they should, for their owner alone.
func TestFiltersAndMutes(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		bert, cor := w.app(w.bert), w.app(w.cor)
		bert.post("/api/v2/filters", url.Values{
			"title": {"Bruggen"}, "context[]": {"public"}, "keywords_attributes[][keyword]": {"BRUG"}, "keywords_attributes[][whole_word]": {"true"},
		}).ok(nil)
		bert.post("/api/v1/accounts/"+id(w.remote.ID)+"/mute", nil).ok(nil)
		for _, test := range []struct {
			who            app
			filtered, afar bool
		}{{bert, true, false}, {cor, false, true}, {app{w: w}, false, true}} {
			var list []seen
			test.who.get("/api/v1/timelines/public").ok(&list)
			find := func(text string) int { return slices.IndexFunc(list, func(s seen) bool { return s.ID == text }) }
			at := find(id(w.thread.ID))
			if at < 0 || (len(list[at].Filtered) == 1) != test.filtered {
				t.Errorf("filtered %t: %+v", test.filtered, list)
			}
			if (find(id(w.afar.ID)) >= 0) != test.afar {
				t.Errorf("from afar %t: %+v", test.afar, list)
			}
		}
		bert.post("/api/v1/accounts/"+id(w.remote.ID)+"/unmute", nil).ok(nil)
		if !slices.Contains(bert.get("/api/v1/timelines/public").ids(), id(w.afar.ID)) {
			t.Error("still muted")
		}
	})
}

// Only a person resolves, and only what looks like somebody (SECURITY S24).
func TestResolve(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		const handle = "/api/v2/search?resolve=true&type=accounts&q=@nieuw@ergens.example"
		app{w: w}.get(handle).refused(http.StatusUnauthorized)
		app{w: w, token: w.tokenOfApp()}.get(handle).refused(http.StatusUnauthorized)
		var found struct{ Accounts []struct{ Acct string } }
		w.app(w.bert).get(handle).ok(&found)
		if len(found.Accounts) != 1 {
			t.Errorf("found %v", found)
		}
		w.app(w.bert).get(strings.Replace(handle, "resolve=true&", "", 1)).ok(&found)
		if len(found.Accounts) != 0 {
			t.Errorf("found without asking: %v", found)
		}
	})
}
