//go:build unix

package pages_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"meent/e2e/node"
	"meent/e2e/pages"
	"meent/storage/storagetest"
)

// A resident lets apps in from a browser that nobody was signed in to: the page of the app leads to sign in, that leads back to the question,
// and the answer to the app, by its own scheme (form-action of the page's policy names it, or the browser would stop there) or by a code to
// copy. The page of apps then shows what was given, and takes it back.
func TestAnAppIsLetInAndOut(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, dsn string) {
		town := start(t, dsn)
		browser := launch(t, town)
		if _, err := town.Run(t.Context(), "person", "add", "eva", "--email", "eva@localhost"); err != nil {
			t.Fatal(err)
		}
		if _, err := town.Type(t.Context(), password+"\n", "person", "password", "eva"); err != nil {
			t.Fatal(err)
		}
		for i, look := range []pages.Look{{Width: pages.Narrow, NoScript: true}, {Width: pages.Wide}} {
			tab, err := browser.Tab(town, look)
			if err != nil {
				t.Fatal(err)
			}
			w := walk{t, tab}
			scheme, err := pages.Install(t.Context(), town, "Fietsbel", "fietsbel://terug")
			w.must(err)
			w.signsInFor(scheme, i == 0)
			w.trades(town, scheme, w.allows())
			if complaints := tab.Complaints(); len(complaints) > 0 {
				t.Errorf("look %d: the browser complains: %s", i, complaints)
			}
			w.must(tab.Close()) // it waits for a program that this machine does not have

			tab, err = browser.Tab(town, look)
			w.must(err)
			w.tab = tab
			w.must(tab.SignIn(t.Context(), "eva"))
			byHand, err := pages.Install(t.Context(), town, "Schrijfmachine", "urn:ietf:wg:oauth:2.0:oob")
			w.must(err)
			w.must(tab.Open(byHand.Consent))
			w.must(tab.Go("main form button[value='1']"))
			code, err := tab.Text("#code")
			w.must(err)
			token := w.trades(town, byHand, strings.TrimSpace(code))

			w.must(tab.Open("/u/eva"))
			w.must(tab.Go(`main a[href="/apps"]`))
			w.reads("main li:first-child h2", "Schrijfmachine")
			w.reads("main li:nth-child(2) h2", "Fietsbel")
			w.must(tab.Go("main li:first-child form button"))
			w.reads("main [role=status]", "mag niets meer")
			w.reads("main li:first-child h2", "Fietsbel")
			if status := asks(w, town, token); status != http.StatusUnauthorized {
				t.Errorf("look %d: the app still gets %d", i, status)
			}
			w.must(tab.Go("main li:first-child form button"))
			w.reads("main", "Er is geen app")
			if complaints := tab.Complaints(); len(complaints) > 0 {
				t.Errorf("look %d: the browser complains: %s", i, complaints)
			}
			w.must(tab.Close())
		}
	})
}

const password = "een zin van eva zelf"

// signsInFor opens the question of an app in a browser that nobody is signed in to, and signs in by a link or by the form.
func (w walk) signsInFor(app pages.App, byLink bool) {
	w.Helper()
	w.must(w.tab.Open(app.Consent))
	w.reads("h1", "Inloggen")
	if byLink {
		w.must(w.tab.SignIn(w.Context(), "eva"))
	} else {
		w.must(w.tab.Fill("#email", "eva@localhost"))
		w.must(w.tab.Fill("#password", password))
		w.must(w.tab.Go("main form button"))
	}
	if at, err := w.tab.Path(); err != nil || !strings.HasPrefix(at, "/oauth/authorize?") {
		w.Fatalf("after signing in at %s, %v", at, err)
	}
	w.reads("main form", "Fietsbel")
	w.reads("main form", "berichten plaatsen en dingen wijzigen")
}

// allows says yes to an app with a scheme of its own, and returns the code that went there.
func (w walk) allows() string {
	w.Helper()
	w.tab.Redirects()
	w.must(w.tab.Click("main form button[value='1']"))
	var code string
	w.must(node.Await(w.Context(), "the browser is led to the app", func() bool {
		for _, to := range w.tab.Redirects() {
			if u, err := url.Parse(to); err == nil && u.Scheme == "fietsbel" && u.Query().Get("state") == "s&t" {
				code = u.Query().Get("code")
			}
		}
		return code != ""
	}))
	return code
}

// trades exchanges a code for a token that works.
func (w walk) trades(town *node.Node, app pages.App, code string) (token string) {
	w.Helper()
	answer, err := town.Client.PostForm(town.Base+"/oauth/token", url.Values{
		"grant_type": {"authorization_code"}, "client_id": {app.ID}, "client_secret": {app.Secret}, "redirect_uri": {app.Redirect}, "code": {code},
	})
	w.must(err)
	defer answer.Body.Close()
	var given struct {
		Token string `json:"access_token"`
	}
	w.must(json.NewDecoder(answer.Body).Decode(&given))
	if status := asks(w, town, given.Token); status != http.StatusOK {
		w.Errorf("with the token it gets %d", status)
	}
	return given.Token
}

func asks(w walk, town *node.Node, token string) int {
	w.Helper()
	request, err := http.NewRequestWithContext(w.Context(), http.MethodGet, town.Base+"/api/v1/accounts/verify_credentials", nil)
	w.must(err)
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := town.Client.Do(request)
	w.must(err)
	defer answer.Body.Close()
	return answer.StatusCode
}
