package federation

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"meent/communities"
)

// said is a public post of somebody of the town in no group.
func (w *world) said(by *communities.Actor, change ...func(*communities.Draft)) (post *communities.Post) {
	w.t.Helper()
	d := communities.Draft{Author: by.ID, Source: "Hoi"}
	for _, c := range change {
		c(&d)
	}
	w.write(func(ctx context.Context, tx communities.Tx) (err error) {
		post, err = w.town.Publish(ctx, tx, d)
		return err
	})
	return post
}

// quoteNote is a post of bo's that quotes, as Mastodon writes one.
func quoteNote(path, of, more string) string {
	return `{` + as2 + `,"id":"PEER` + path + `","type":"Note","attributedTo":"PEER/u/bo","to":["PUBLIC"],"cc":["PEER/u/bo/followers"],
		"content":"<p class=\"quote-inline\">RE: <a href=\"` + of + `\">x</a></p><p>zie</p>","quote":"` + of + `"` + more + `}`
}

func request(id, of, instrument string) string {
	return `{` + as2 + `,"id":"PEER` + id + `","type":"QuoteRequest","actor":"PEER/u/bo","object":"` + of + `","instrument":` + instrument + `}`
}

// TestQuoteRequest: who may quote is answered with a consent that anybody can read, until it is taken back.
func TestQuoteRequest(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		bo := w.peer("elders.test").person("bo")
		post := w.said(w.anna)
		bo.does(request("/q/1", post.URI, quoteNote("/p/1", post.URI, "")))
		quoting := w.postAt(bo.fill("PEER/p/1"))
		stamp := w.town.QuoteAuthorization(post.URI, quoting.ID)
		if q := quoting.Quote; !q.Accepted() || q.Of != post.ID || q.Authorization != stamp {
			t.Fatalf("quote %+v", q)
		}
		accept := only(t, w.bodies("Accept"))
		if accept["result"] != stamp || accept["actor"] != w.anna.URI || at(accept, "object", "id") != bo.fill("PEER/q/1") || at(accept, "object", "instrument") != quoting.URI {
			t.Errorf("accept %v", accept)
		}
		doc := w.reads(stamp)
		for field, want := range map[string]string{
			"id": stamp, "type": "QuoteAuthorization", "attributedTo": w.anna.URI, "interactingObject": quoting.URI, "interactionTarget": post.URI,
		} {
			if doc[field] != want {
				t.Errorf("%s is %v, want %s", field, doc[field], want)
			}
		}
		bo.does(request("/q/2", post.URI, `"PEER/p/1"`)) // once more, for who missed the answer
		if n := w.postAt(post.URI).QuotesCount; n != 1 || len(w.bodies("Accept")) != 2 {
			t.Errorf("%d quotes", n)
		}

		w.write(func(ctx context.Context, tx communities.Tx) error {
			_, err := w.town.RevokeQuote(ctx, tx, communities.Revocation{Quoted: post.ID, Quoting: quoting.ID, By: w.anna.ID})
			return err
		})
		if w.status(stamp) != http.StatusNotFound {
			t.Error("a consent is shown that was taken back")
		}
		gone := only(t, w.bodies("Delete"))
		if at(gone, "object", "id") != stamp || at(gone, "object", "type") != "QuoteAuthorization" || gone["actor"] != w.anna.URI {
			t.Errorf("delete %v", gone)
		}
		bo.does(request("/q/3", post.URI, `"PEER/p/1"`))
		if len(w.bodies("Reject")) != 1 || w.postAt(quoting.URI).Quote.State != communities.QuoteRevoked {
			t.Error("a consent that was taken back is given again")
		}
	})
}

// TestQuoteRequestRefused: what its author does not want to be quoted, what is not for who asks, what is not theirs to quote with (SECURITY U22).
func TestQuoteRequestRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		elders := w.peer("elders.test")
		bo, eva := elders.person("bo"), elders.person("eva")
		never := w.said(w.anna, func(d *communities.Draft) { d.Quotable = communities.QuotableByNobody })
		private := w.said(w.anna, func(d *communities.Draft) { d.Visibility = communities.Followers })
		open := w.said(w.anna)
		bo.does(request("/q/1", never.URI, quoteNote("/p/1", never.URI, "")))
		if reject := only(t, w.bodies("Reject")); at(reject, "object", "instrument") != bo.fill("PEER/p/1") || reject["result"] != nil {
			t.Errorf("reject %v", reject)
		}
		var boost *communities.Post
		w.write(func(ctx context.Context, tx communities.Tx) (err error) {
			boost, err = w.town.Boost(ctx, tx, communities.Boosting{Post: open.ID, By: w.kees.ID})
			return err
		})
		bo.fails("refused not-found", request("/q/2", private.URI, quoteNote("/p/2", private.URI, "")))
		bo.does(request("/q/3", boost.URI, quoteNote("/p/3", boost.URI, "")))
		bo.fails("refused forbidden", request("/q/4", open.URI, quoteNote("/p/4", never.URI, "")))
		eva.fails("refused author", strings.Replace(request("/q/5", open.URI, quoteNote("/p/5", open.URI, "")), `"actor":"PEER/u/bo"`, `"actor":"PEER/u/eva"`, 1))
		bo.fails("refused origin", request("/q/6", open.URI, `"https://evil.test/p/1"`))
		bo.fails("ignored unknown-object", request("/q/7", "TOWN/p/12", quoteNote("/p/7", "TOWN/p/12", "")))
		if len(w.bodies("Accept")) != 0 || w.postAt(open.URI).QuotesCount != 0 {
			t.Error("something was accepted")
		}
	})
}

// TestQuoteAsked: a quote of a post elsewhere asks first, and shows the consent to everybody once it has it. Nobody else's word counts (U21).
func TestQuoteAsked(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		elders := w.peer("elders.test")
		bo, eva, evil := elders.person("bo"), elders.person("eva"), w.peer("evil.test").person("bo")
		w.follows(w.anna, bo)
		bo.does(`{` + as2 + `,"id":"PEER/c/1","type":"Create","actor":"PEER/u/bo","object":{"id":"PEER/p/1","type":"Note","attributedTo":"PEER/u/bo",
			"to":["PUBLIC"],"content":"x","interactionPolicy":{"canQuote":{"automaticApproval":["PUBLIC"]}}}}`)
		theirs := w.postAt(bo.fill("PEER/p/1"))
		post := w.said(w.anna, func(d *communities.Draft) { d.Quotes = theirs.ID })
		asked := only(t, w.bodies("QuoteRequest"))
		if asked["object"] != theirs.URI || at(asked, "instrument", "quote") != theirs.URI || at(asked, "instrument", "id") != post.URI {
			t.Fatalf("asked %v", asked)
		}
		if content, _ := at(asked, "instrument", "content").(string); !strings.HasPrefix(content, `<p class="quote-inline">RE: <a href="`+theirs.URI) {
			t.Errorf("content %s", content)
		}
		if n := w.count("deliveries WHERE inbox = ?", bo.fill("PEER/inbox")); n == 0 {
			t.Error("nobody is asked")
		}
		accept := func(id, by, result string) string {
			return `{` + as2 + `,"id":"PEER` + id + `","type":"Accept","actor":"` + by + `","object":{"type":"QuoteRequest","id":"` + asked["id"].(string) + `",
				"actor":"TOWN/u/anna","object":"` + theirs.URI + `","instrument":"` + post.URI + `"},"result":"` + result + `"}`
		}
		eva.fails("refused forbidden", accept("/a/1", "PEER/u/eva", "PEER/stamp"))
		evil.fails("refused forbidden", accept("/a/1", "PEER/u/bo", "PEER/stamp"))
		bo.fails("refused origin", accept("/a/2", "PEER/u/bo", "https://evil.test/stamp"))
		bo.fails("refused origin", accept("/a/3", "PEER/u/bo", ""))
		bo.does(accept("/a/4", "PEER/u/bo", "PEER/stamp"))
		stamp := bo.fill("PEER/stamp")
		if q := w.postAt(post.URI).Quote; !q.Accepted() || q.Authorization != stamp {
			t.Errorf("quote %+v", q)
		}
		if update := only(t, w.bodies("Update")); at(update, "object", "quoteAuthorization") != stamp {
			t.Errorf("update %v", update)
		}
		if doc := w.reads(post.URI); doc["quoteAuthorization"] != stamp || doc["quoteUri"] != theirs.URI || at(doc, "interactionPolicy", "canQuote", "automaticApproval") == nil {
			t.Errorf("served %v", doc)
		}
		eva.fails("refused forbidden", `{`+as2+`,"id":"PEER/d/0","type":"Delete","actor":"PEER/u/eva","object":"PEER/stamp"}`)
		bo.does(`{` + as2 + `,"id":"PEER/d/1","type":"Delete","actor":"PEER/u/bo","object":{"id":"PEER/stamp","type":"QuoteAuthorization"}}`)
		if q := w.postAt(post.URI).Quote; q.State != communities.QuoteRevoked || w.reads(post.URI)["quoteAuthorization"] != nil || len(w.bodies("Update")) != 2 {
			t.Errorf("quote %+v", q)
		}
	})
}

// TestQuoteRefused: the post stays, and shows nothing within.
func TestQuoteRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		bo := w.peer("elders.test").person("bo")
		w.follows(w.anna, bo)
		bo.does(`{` + as2 + `,"id":"PEER/c/1","type":"Create","actor":"PEER/u/bo","object":{"id":"PEER/p/1","type":"Note","attributedTo":"PEER/u/bo",
			"to":["PUBLIC"],"content":"x","interactionPolicy":{"canQuote":{"manualApproval":["PUBLIC"]}}}}`)
		post := w.said(w.anna, func(d *communities.Draft) { d.Quotes = w.postAt(bo.fill("PEER/p/1")).ID })
		bo.does(`{` + as2 + `,"id":"PEER/r/1","type":"Reject","actor":"PEER/u/bo","object":"` + w.town.QuoteRequest(post.URI) + `"}`)
		if q := w.postAt(post.URI).Quote; q.State != communities.QuoteRejected {
			t.Errorf("quote %+v", q)
		}
	})
}

// consents are documents that come under the id of a consent, and whether they count: it names both posts, its author is that of what
// is quoted, and it stands at their origin (FEP-044f "Verifying", FEP-fe34, SECURITY U21).
var consents = map[string]struct {
	doc  string
	good bool
}{
	"right":         {`{` + as2 + `,"id":"PEER/s/1","type":"QuoteAuthorization","attributedTo":"PEER/u/eva","interactingObject":"PEER/p/1","interactionTarget":"PEER/p/0"}`, true},
	"other quote":   {`{` + as2 + `,"id":"PEER/s/1","type":"QuoteAuthorization","attributedTo":"PEER/u/eva","interactingObject":"PEER/p/2","interactionTarget":"PEER/p/0"}`, false},
	"other post":    {`{` + as2 + `,"id":"PEER/s/1","type":"QuoteAuthorization","attributedTo":"PEER/u/eva","interactingObject":"PEER/p/1","interactionTarget":"PEER/p/3"}`, false},
	"other author":  {`{` + as2 + `,"id":"PEER/s/1","type":"QuoteAuthorization","attributedTo":"PEER/u/bo","interactingObject":"PEER/p/1","interactionTarget":"PEER/p/0"}`, false},
	"two authors":   {`{` + as2 + `,"id":"PEER/s/1","type":"QuoteAuthorization","attributedTo":["PEER/u/eva","PEER/u/bo"],"interactingObject":"PEER/p/1","interactionTarget":"PEER/p/0"}`, false},
	"another type":  {`{` + as2 + `,"id":"PEER/s/1","type":"LikeAuthorization","attributedTo":"PEER/u/eva","interactingObject":"PEER/p/1","interactionTarget":"PEER/p/0"}`, false},
	"another id":    {`{` + as2 + `,"id":"PEER/s/2","type":"QuoteAuthorization","attributedTo":"PEER/u/eva","interactingObject":"PEER/p/1","interactionTarget":"PEER/p/0"}`, false},
	"not a consent": {`{` + as2 + `,"id":"PEER/s/1","type":"Note","attributedTo":"PEER/u/eva","content":"ja hoor"}`, false},
}

// TestQuoteChecked: of two strangers, where one quotes the other, the consent is read from its own id.
func TestQuoteChecked(t *testing.T) {
	t.Parallel()
	for name, test := range consents {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *world) {
				elders := w.peer("elders.test")
				bo := elders.person("bo")
				elders.person("eva")
				w.follows(w.anna, bo)
				elders.put("/p/0", `{`+as2+`,"id":"PEER/p/0","type":"Note","attributedTo":"PEER/u/eva","to":["PUBLIC"],"content":"eerst"}`)
				elders.put("/s/1", test.doc)
				bo.does(`{` + as2 + `,"id":"PEER/c/1","type":"Create","actor":"PEER/u/bo","object":` + quoteNote("/p/1", "PEER/p/0", `,"quoteAuthorization":"PEER/s/1"`) + `}`)
				if q := w.postAt(bo.fill("PEER/p/1")).Quote; q.State != communities.QuotePending {
					t.Errorf("accepted before it was checked: %+v", q)
				}
				w.doTasks()
				q := w.postAt(bo.fill("PEER/p/1")).Quote
				if q.Accepted() != test.good || q.Of != w.postAt(bo.fill("PEER/p/0")).ID {
					t.Errorf("quote %+v", q)
				}
			})
		})
	}
}

// TestQuoteOfOtherOrigin: a consent that does not stand where the quoted author lives is not even asked for.
func TestQuoteOfOtherOrigin(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		elders, evil := w.peer("elders.test"), w.peer("evil.test")
		bo := elders.person("bo")
		evil.person("mal")
		victim := w.peer("victim.test").person("eva")
		w.follows(w.anna, bo)
		victim.put("/p/0", `{`+as2+`,"id":"PEER/p/0","type":"Note","attributedTo":"PEER/u/eva","to":["PUBLIC"],"content":"eerst"}`)
		stamp := evil.fill("PEER/s/1")
		evil.set("/s/1", `{`+as2+`,"id":"`+stamp+`","type":"QuoteAuthorization","attributedTo":"`+victim.uri+`","interactingObject":"`+bo.fill("PEER/p/1")+`","interactionTarget":"`+victim.fill("PEER/p/0")+`"}`)
		bo.does(`{` + as2 + `,"id":"PEER/c/1","type":"Create","actor":"PEER/u/bo","object":` + quoteNote("/p/1", victim.fill("PEER/p/0"), `,"quoteAuthorization":"`+stamp+`"`) + `}`)
		w.doTasks()
		if q := w.postAt(bo.fill("PEER/p/1")).Quote; q.State != communities.QuotePending || evil.asked() != 0 {
			t.Errorf("quote %+v", q)
		}
	})
}

// TestLegacyQuotes: older ways to quote know no consent. They count where somebody quotes themselves, and are no request for anybody else.
func TestLegacyQuotes(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		elders := w.peer("elders.test")
		bo := elders.person("bo")
		w.follows(w.anna, bo)
		ours := w.said(w.anna)
		elders.put("/p/0", `{`+as2+`,"id":"PEER/p/0","type":"Note","attributedTo":"PEER/u/bo","to":["PUBLIC"],"content":"eerst"}`)
		old := func(key, path, of string) string {
			return `{` + as2 + `,"id":"PEER/c` + path + `","type":"Create","actor":"PEER/u/bo","object":{"id":"PEER` + path + `","type":"Note",
				"attributedTo":"PEER/u/bo","to":["PUBLIC"],"content":"zie","` + key + `":"` + of + `"}}`
		}
		bo.does(old("_misskey_quote", "/p/1", "PEER/p/0"))
		bo.does(old("quoteUrl", "/p/2", ours.URI))
		bo.does(old("quoteUri", "/p/3", "https://evil.test/p/1"))
		elders.asked()
		w.doTasks()
		for path, want := range map[string]communities.QuoteState{
			"/p/1": communities.QuoteAccepted, "/p/2": communities.QuotePending, "/p/3": communities.QuotePending,
		} {
			if q := w.postAt(bo.fill("PEER" + path)).Quote; q.State != want || !q.Legacy {
				t.Errorf("%s: %+v", path, q)
			}
		}
		if n := w.postAt(ours.URI).QuotesCount; n != 0 {
			t.Errorf("%d quotes without consent", n)
		}
	})
}

// TestQuoteUpdated: an Update brings the consent, takes it away, or quotes something else; and who may quote changes with it.
func TestQuoteUpdated(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		elders := w.peer("elders.test")
		bo := elders.person("bo")
		elders.person("eva")
		w.follows(w.anna, bo)
		elders.put("/p/0", `{`+as2+`,"id":"PEER/p/0","type":"Note","attributedTo":"PEER/u/eva","to":["PUBLIC"],"content":"eerst"}`)
		elders.put("/s/1", consents["right"].doc)
		says := func(verb, id, more string) {
			t.Helper()
			bo.does(`{` + as2 + `,"id":"PEER/x/` + id + `","type":"` + verb + `","actor":"PEER/u/bo","object":` + quoteNote("/p/1", "PEER/p/0", more) + `}`)
			w.doTasks()
		}
		is := func(want communities.QuoteState, count int) {
			t.Helper()
			if q := w.postAt(bo.fill("PEER/p/1")).Quote; q.State != want || w.postAt(bo.fill("PEER/p/0")).QuotesCount != count {
				t.Errorf("%+v, want %s", q, want)
			}
		}
		says("Create", "1", "")
		is(communities.QuotePending, 0)
		says("Update", "2", `,"quoteAuthorization":"PEER/s/1"`)
		is(communities.QuoteAccepted, 1)
		says("Update", "3", `,"interactionPolicy":{"canQuote":{"automaticApproval":"PEER/u/bo/followers","manualApproval":["PEER/u/eva"]}}`)
		is(communities.QuotePending, 0)
		want := communities.Quotability{Automatic: communities.Fans, Manual: communities.SomeOthers}
		if got := w.postAt(bo.fill("PEER/p/1")).Quotability; got != want {
			t.Errorf("quotability %+v", got)
		}
		bo.does(`{` + as2 + `,"id":"PEER/x/4","type":"Update","actor":"PEER/u/bo","object":{"id":"PEER/p/1","type":"Note","attributedTo":"PEER/u/bo","to":["PUBLIC"],"content":"toch niet"}}`)
		if q := w.postAt(bo.fill("PEER/p/1")).Quote; q != nil {
			t.Errorf("quote %+v", q)
		}
	})
}

// TestQuoteChain: quotes of quotes are read two deep, and no further (SECURITY D6).
func TestQuoteChain(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		elders := w.peer("elders.test")
		bo := elders.person("bo")
		w.follows(w.anna, bo)
		for n := range 8 {
			elders.put("/p/"+itoa(n), quoteNote("/p/"+itoa(n), "PEER/p/"+itoa(n+1), ""))
		}
		bo.does(`{` + as2 + `,"id":"PEER/c/1","type":"Create","actor":"PEER/u/bo","object":` + quoteNote("/p/0", "PEER/p/1", "") + `}`)
		w.doTasks()
		if n := w.count("posts WHERE uri LIKE ?", bo.fill("PEER/p/%")); n != 4 {
			t.Errorf("%d posts were read", n)
		}
	})
}

// TestConsentIsAsPrivate as the post that it is about: who may not see that sees no consent.
func TestConsentIsAsPrivate(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		private := w.said(w.anna, func(d *communities.Draft) { d.Visibility = communities.Followers })
		own := w.said(w.anna, func(d *communities.Draft) { d.Quotes, d.Visibility = private.ID, communities.Followers })
		for _, uri := range []string{w.town.QuoteAuthorization(private.URI, own.ID), private.URI + "/quotes/1", private.URI + "/quotes/x", own.URI + "/quotes/" + itoa(int(own.ID))} {
			if status := w.status(uri); status != http.StatusNotFound {
				t.Errorf("%s: %d", uri, status)
			}
		}
	})
}

func (w *world) get(uri string) *httptest.ResponseRecorder {
	w.t.Helper()
	req := httptest.NewRequest(http.MethodGet, uri, nil)
	req.Header.Set("Accept", "application/activity+json")
	recorder := httptest.NewRecorder()
	w.routes.ServeHTTP(recorder, req)
	return recorder
}

func (w *world) status(uri string) int { return w.get(uri).Code }

// reads a document of the town as a stranger.
func (w *world) reads(uri string) map[string]any {
	w.t.Helper()
	answer := w.get(uri)
	if answer.Code != http.StatusOK {
		w.t.Fatalf("%s: %d %s", uri, answer.Code, answer.Body)
	}
	return fieldsOf(w.t, answer.Body.String())
}

func fieldsOf(t testing.TB, doc string) map[string]any {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal([]byte(doc), &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

// only is the first of the documents, which all say the same.
func only(t testing.TB, docs []string) map[string]any {
	t.Helper()
	if len(docs) == 0 {
		t.Fatal("nothing was said")
	}
	return fieldsOf(t, docs[0])
}

// at finds a field by its path.
func at(doc map[string]any, path ...string) any {
	for _, name := range path[:len(path)-1] {
		doc, _ = doc[name].(map[string]any)
	}
	return doc[path[len(path)-1]]
}
