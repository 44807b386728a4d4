//go:build unix

package journeys_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"meent/e2e/fedify"
	"meent/e2e/node"
	"meent/storage/storagetest"
)

// phone is somebody's app on their own node.
type phone struct {
	node  *node.Node
	token string
}

func (r region) phone(t *testing.T, n *node.Node, name string) phone {
	t.Helper()
	n.MustRun(t, "person", "add", name, "--email", name+"@"+n.Host)
	return phone{n, n.MustRun(t, "token", "create", "--person", name, "--scopes", "read write follow")}
}

// status is what an app sees of one.
type status struct {
	ID, URI, Content string
	QuotesCount      int `json:"quotes_count"`
	Quote            *struct {
		State        string
		QuotedStatus *status `json:"quoted_status"`
	}
	QuoteApproval struct {
		CurrentUser string `json:"current_user"`
	} `json:"quote_approval"`
}

// quote tells how it stands, with the URI of what is shown.
func (s status) quote() string {
	switch {
	case s.Quote == nil:
		return "none"
	case s.Quote.QuotedStatus == nil:
		return s.Quote.State
	default:
		return s.Quote.State + " " + s.Quote.QuotedStatus.URI
	}
}

func (p phone) try(ctx context.Context, method, path string, fields url.Values, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, p.node.Base+path, strings.NewReader(fields.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+p.token)
	if fields != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := p.node.Client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %d %s", method, path, answer.StatusCode, body)
	}
	return json.Unmarshal(body, into)
}

func (p phone) call(t *testing.T, method, path string, fields url.Values, into any) {
	t.Helper()
	if err := p.try(t.Context(), method, path, fields, into); err != nil {
		t.Fatal(err)
	}
}

func (p phone) says(t *testing.T, fields url.Values) (s status) {
	t.Helper()
	p.call(t, http.MethodPost, "/api/v1/statuses", fields, &s)
	return s
}

// finds a status under its URI, as when its link is typed into the search.
func (p phone) finds(ctx context.Context, uri string) (s status, err error) {
	var found struct{ Statuses []status }
	err = p.try(ctx, http.MethodGet, "/api/v2/search?resolve=true&type=statuses&q="+url.QueryEscape(uri), nil, &found)
	if err == nil && len(found.Statuses) != 1 {
		err = fmt.Errorf("%s finds %d statuses under %s", p.node.Host, len(found.Statuses), uri)
	}
	if err != nil {
		return s, err
	}
	return found.Statuses[0], nil
}

// sees waits until a quote stands so.
func (p phone) sees(t *testing.T, uri, want string) (s status) {
	t.Helper()
	await(t, p.node.Host+" sees "+uri+" "+want, func(ctx context.Context) bool {
		found, err := p.finds(ctx, uri)
		s = found
		return err == nil && s.quote() == want
	})
	return s
}

// A quote across three towns: asked for, granted, shown to a third, taken back; and refused where the author does not want it.
func TestQuoteAcrossThreeTowns(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, database string) {
		r := found(t, waterstad, heuvelrug, bosrand)
		water, hill, wood := r.start(t, waterstad, database), r.start(t, heuvelrug, ""), r.start(t, bosrand, "")
		anna, joris, kees := r.phone(t, water, "anna"), r.phone(t, hill, "joris"), r.phone(t, wood, "kees")
		for _, whom := range []struct {
			reader phone
			name   string
			author phone
			whom   string
		}{{kees, "kees", joris, "joris"}, {joris, "joris", anna, "anna"}} {
			whom.reader.node.MustRun(t, "follow", whom.name, "@"+whom.whom+"@"+whom.author.node.Host)
			await(t, whom.name+" follows "+whom.whom, func(ctx context.Context) bool {
				n, err := whom.author.node.Total(ctx, whom.author.node.Base+"/u/"+whom.whom+"/followers")
				return err == nil && n == 1
			})
		}
		said := anna.says(t, url.Values{"status": {"Een bankje bij de vijver?"}})
		never := anna.says(t, url.Values{"status": {"Liever niet"}, "quote_approval_policy": {"nobody"}})

		there := joris.sees(t, said.URI, "none")
		if there.QuoteApproval.CurrentUser != "automatic" {
			t.Fatalf("%+v", there)
		}
		made := joris.says(t, url.Values{"status": {"Twee bankjes!"}, "quoted_status_id": {there.ID}})
		if !strings.Contains(made.Content, `class="quote-inline"`) {
			t.Errorf("made %+v", made)
		}
		joris.sees(t, made.URI, "accepted "+said.URI)
		atAnna := anna.sees(t, made.URI, "accepted "+said.URI)
		kees.sees(t, made.URI, "accepted "+said.URI)
		if now, err := anna.finds(t.Context(), said.URI); err != nil || now.QuotesCount != 1 {
			t.Errorf("%+v, %v", now, err)
		}
		var notices []struct{ Status status }
		anna.call(t, http.MethodGet, "/api/v1/notifications?types[]=quote", nil, &notices)
		if len(notices) != 1 || notices[0].Status.URI != made.URI {
			t.Errorf("anna is told %+v", notices)
		}
		var stamp, note struct{ QuoteAuthorization, InteractingObject, InteractionTarget string }
		if err := hill.Document(t.Context(), made.URI, &note); err != nil {
			t.Fatal(err)
		}
		if err := water.Document(t.Context(), note.QuoteAuthorization, &stamp); err != nil || stamp.InteractingObject != made.URI || stamp.InteractionTarget != said.URI {
			t.Errorf("the consent is %+v, %v", stamp, err)
		}

		t.Log("the author of what is quoted changes their mind")
		var revoked status
		anna.call(t, http.MethodPost, "/api/v1/statuses/"+said.ID+"/quotes/"+atAnna.ID+"/revoke", nil, &revoked)
		if revoked.quote() != "revoked" {
			t.Errorf("revoked %+v", revoked)
		}
		joris.sees(t, made.URI, "revoked")
		await(t, "kees no longer sees it", func(ctx context.Context) bool {
			s, err := kees.finds(ctx, made.URI)
			return err == nil && s.Quote != nil && s.Quote.QuotedStatus == nil
		})

		t.Log("what its author does not want to be quoted is not")
		closed := joris.sees(t, never.URI, "none")
		if closed.QuoteApproval.CurrentUser != "denied" {
			t.Fatalf("%+v", closed)
		}
		err := joris.try(t.Context(), http.MethodPost, "/api/v1/statuses", url.Values{"status": {"toch"}, "quoted_status_id": {closed.ID}}, &made)
		if err == nil || !strings.Contains(err.Error(), "422") {
			t.Errorf("quoted all the same: %v", err)
		}
	})
}

// Quotes with a server that is not ours: each asks the other, and believes the other's word, until it is taken back.
func TestQuotesWithAForeignServer(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, database string) {
		r := found(t, waterstad, foreigners)
		water := r.start(t, waterstad, database)
		anna := r.phone(t, water, "anna")
		peer := fedify.Start(t, fedify.Options{Host: foreigners, Town: r.town, Knock: fedify.Cavage, Software: "mastodon/4.5.0"})
		said := anna.says(t, url.Values{"status": {"Wie komt er ook?"}})

		t.Log("the foreigner quotes")
		sent := peer.Quote(t, said.URI, "<p>Ik!</p>")
		var accept struct{ Result string }
		rows := peer.Received(t, fedify.Filter{Type: "Accept", Object: sent.ID, Wait: patience, Count: 1})
		if err := json.Unmarshal(rows[0].Activity, &accept); err != nil || !rows[0].Signature.Valid {
			t.Fatalf("%+v, %v", rows[0], err)
		}
		stamp := peer.Lookup(t, accept.Result)
		if stamp.Type != "QuoteAuthorization" || stamp.InteractingObject != sent.Object || stamp.InteractionTarget != said.URI {
			t.Errorf("the foreigner reads the consent as %+v", stamp)
		}
		if s := anna.sees(t, said.URI, "none"); s.QuotesCount != 1 {
			t.Errorf("anna sees %+v", s)
		}
		atAnna := anna.sees(t, sent.Object, "accepted "+said.URI)
		var revoked status
		anna.call(t, http.MethodPost, "/api/v1/statuses/"+said.ID+"/quotes/"+atAnna.ID+"/revoke", nil, &revoked)
		peer.Receives(t, fedify.Filter{Type: "Delete", Object: accept.Result, Wait: patience})

		t.Log("the foreigner is quoted")
		water.MustRun(t, "follow", "anna", "@"+peer.Persons[0].Name+"@"+foreigners)
		peer.Receives(t, fedify.Filter{Type: "Follow", Wait: patience})
		await(t, "the foreigner is followed", func(ctx context.Context) bool {
			n, err := water.Total(ctx, water.Base+"/u/anna/following")
			return err == nil && n == 1
		})
		theirs := peer.Post(t, fedify.Post{Content: "<p>Kom allen</p>", Quotable: true})
		quoted := anna.sees(t, theirs.Object, "none")
		made := anna.says(t, url.Values{"status": {"Zie"}, "quoted_status_id": {quoted.ID}})
		if made.Quote != nil && made.Quote.State != "pending" {
			t.Errorf("made %+v", made)
		}
		anna.sees(t, made.URI, "accepted "+theirs.Object)
		seen := peer.Lookup(t, made.URI)
		if seen.Quote != theirs.Object || !strings.HasPrefix(seen.QuoteAuthorization, "https://"+foreigners) {
			t.Errorf("the foreigner reads the quote as %+v", seen)
		}
		peer.Do(t, "unquote", fedify.Wish{"id": seen.QuoteAuthorization})
		anna.sees(t, made.URI, "revoked")
	})
}
