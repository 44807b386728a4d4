//go:build unix

package clients

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mattn/go-mastodon"

	"meent/e2e/node"
	"meent/e2e/postoffice"
	"meent/storage/storagetest"
)

// Somebody signs up in an app: a letter comes, its link is followed, a moderator lets them in, and the token that the app got serves.
func TestSignUpInAnApp(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, dsn string) {
		office := postoffice.Open(t, false)
		o := node.Options{
			Host: "stad.example", Dir: filepath.Join(t.TempDir(), "node"), Database: dsn,
			Env: []string{"MEENT_SMTP=" + office.URL, "MEENT_MAIL_FROM=post@stad.example"},
		}
		w := town{t, t.Context(), node.ForTest(t, o, (*node.Node).Stop)}
		w.run("registrations", "approval", "--reason")
		app := got[*mastodon.Application](t)(mastodon.RegisterApp(w.ctx, &mastodon.AppConfig{
			Client: *w.node.Client, Server: w.node.Base, ClientName: "App", Scopes: scopes, RedirectURIs: "urn:ietf:wg:oauth:2.0:oob",
		}))
		var itself, made struct {
			AccessToken string `json:"access_token"`
		}
		w.post("/oauth/token", "", url.Values{
			"grant_type": {"client_credentials"}, "client_id": {app.ClientID}, "client_secret": {app.ClientSecret}, "scope": {scopes},
		}, &itself)
		w.post("/api/v1/accounts", itself.AccessToken, url.Values{
			"username": {"dirk"}, "email": {"dirk@elders.example"}, "password": {"een lang wachtwoord"}, "agreement": {"true"}, "locale": {"nl"}, "reason": {"ik woon hier"},
		}, &made)
		letter := office.Next(t)
		secret := regexp.MustCompile(`/confirm/([\w-]+)`).FindStringSubmatch(letter)
		if secret == nil || !strings.Contains(letter, "dirk@elders.example") {
			t.Fatal(letter)
		}
		dirk := mastodon.NewClient(&mastodon.Config{Server: w.node.Base, AccessToken: made.AccessToken})
		dirk.Client = *w.node.Client
		if _, err := dirk.GetAccountCurrentUser(w.ctx); err == nil || !strings.Contains(err.Error(), "confirmed e-mail") {
			t.Errorf("before the link: %v", err)
		}
		w.post("/confirm", "", url.Values{"secret": {secret[1]}}, nil)
		if _, err := dirk.GetAccountCurrentUser(w.ctx); err == nil || !strings.Contains(err.Error(), "pending approval") {
			t.Errorf("before the approval: %v", err)
		}
		w.run("person", "approve", "dirk")
		if self := got[*mastodon.Account](t)(dirk.GetAccountCurrentUser(w.ctx)); self.Username != "dirk" {
			t.Errorf("%+v", self)
		}
		if letter := office.Next(t); !strings.Contains(letter, "U kunt meedoen") {
			t.Error(letter)
		}
	})
}

// post sends a form, with a token where there is one, and reads the JSON that comes back.
func (w town) post(path, token string, form url.Values, into any) {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.ctx, http.MethodPost, w.node.Base+path, strings.NewReader(form.Encode()))
	w.must(err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := w.node.Client.Do(request)
	w.must(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	w.must(err)
	if response.StatusCode != http.StatusOK {
		w.t.Fatalf("POST %s: %d %s", path, response.StatusCode, body)
	}
	if into != nil {
		w.must(json.Unmarshal(body, into))
	}
}
