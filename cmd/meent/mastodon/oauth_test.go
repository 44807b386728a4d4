package mastodon

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"meent/communities"
	"meent/communities/auth"
)

const back = "https://app.example/back?x=%2F1"

// consent walks through the page as a browser does, and returns where it is sent.
func (w *world) consent(fields url.Values, decision string) (*url.URL, reply) {
	w.t.Helper()
	page := app{w: w}.get("/oauth/authorize?" + fields.Encode())
	if page.status != http.StatusOK {
		return nil, page
	}
	form := url.Values{"allow": {decision}}
	for _, field := range regexp.MustCompile(`name="([a-z_]+)" value="([^"]*)"`).FindAllStringSubmatch(string(page.body), -1) {
		if field[1] != "allow" {
			form.Set(field[1], strings.NewReplacer("&amp;", "&", "&#43;", "+").Replace(field[2]))
		}
	}
	answer := app{w: w}.post("/oauth/authorize", form)
	target, err := url.Parse(answer.header.Get("Location"))
	w.must(err)
	return target, answer
}

func asks(c client, redirect string, more ...string) url.Values {
	fields := url.Values{"response_type": {"code"}, "client_id": {c.id}, "redirect_uri": {redirect}, "scope": {"read write follow push"}, "state": {"s t&"}}
	for i := 0; i+1 < len(more); i += 2 {
		fields.Set(more[i], more[i+1])
	}
	return fields
}

func trades(c client, redirect, code string, more ...string) url.Values {
	fields := url.Values{
		"grant_type": {"authorization_code"}, "client_id": {c.id}, "client_secret": {c.secret}, "redirect_uri": {redirect}, "code": {code},
	}
	for i := 0; i+1 < len(more); i += 2 {
		fields.Set(more[i], more[i+1])
	}
	return fields
}

// An app signs in, acts, and signs out.
func TestSignIn(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		c := w.register(back, allScopes)
		_, page := w.consent(asks(c, back), "1")
		if to := page.header.Get("Location"); page.status != http.StatusFound || !strings.HasPrefix(to, "/sign-in?return_to=%2Foauth%2Fauthorize%3F") {
			t.Fatalf("who is not signed in is sent to %d %q", page.status, to)
		}
		w.signedIn = w.bert
		if to, _ := w.consent(asks(c, back), "0"); to.Query().Get("error") != "access_denied" || to.Query().Get("state") != "s t&" {
			t.Errorf("no is told as %s", to)
		}
		to, _ := w.consent(asks(c, back), "1")
		if !strings.HasPrefix(to.String(), back+"&") || to.Query().Get("state") != "s t&" || to.Query().Get("x") != "/1" {
			t.Fatalf("yes is told to %s", to)
		}
		var token struct {
			AccessToken string `json:"access_token"`
			Scope       string
		}
		app{w: w}.post("/oauth/token", trades(c, back, to.Query().Get("code"))).ok(&token)
		if token.Scope != "read write follow push" {
			t.Errorf("scope %q", token.Scope)
		}
		signedIn := app{w: w, token: token.AccessToken}
		var self struct{ Username string }
		if signedIn.get("/api/v1/accounts/verify_credentials").ok(&self); self.Username != "bert" {
			t.Errorf("signed in as %s", self.Username)
		}
		var program struct{ Name string }
		if signedIn.get("/api/v1/apps/verify_credentials").ok(&program); program.Name != "App" {
			t.Errorf("signed in with %s", program.Name)
		}
		other := w.register(back, allScopes)
		revoke := func(c client) reply {
			return app{w: w}.post("/oauth/revoke", url.Values{"client_id": {c.id}, "client_secret": {c.secret}, "token": {token.AccessToken}})
		}
		revoke(other).refused(http.StatusForbidden)
		signedIn.get("/api/v1/accounts/verify_credentials").ok(nil)
		revoke(c).ok(nil)
		signedIn.get("/api/v1/accounts/verify_credentials").refused(http.StatusUnauthorized)
		revoke(c).ok(nil)
	})
}

// Row O16: a code works once, for whom it was made, soon, and by its proof.
func TestCodes(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		w.signedIn = w.bert
		c, other := w.register(back, allScopes), w.register(back, allScopes)
		verifier := strings.Repeat("abcdef-._~", 5)
		sum := sha256.Sum256([]byte(verifier))
		challenge := base64.RawURLEncoding.EncodeToString(sum[:])
		plain := []string{}
		pkce := []string{"code_challenge", challenge, "code_challenge_method", "S256"}
		public := client{id: c.id}
		tests := []struct {
			name   string
			asked  []string
			client client
			to     string
			more   []string
			works  bool
		}{
			{"as it should", plain, c, back, nil, true},
			{"with proof", pkce, c, back, []string{"code_verifier", verifier}, true},
			{"with proof instead of a secret", pkce, public, back, []string{"code_verifier", verifier}, true},
			{"with neither", plain, public, back, nil, false},
			{"with the wrong secret", plain, client{c.id, "wrong"}, back, nil, false},
			{"without the proof that was promised", pkce, c, back, nil, false},
			{"with the wrong proof", pkce, c, back, []string{"code_verifier", "x" + verifier}, false},
			{"by another app", plain, other, back, nil, false},
			{"for another address", plain, c, "https://app.example/back?x=/1", nil, false},
		}
		for _, test := range tests {
			to, _ := w.consent(asks(c, back, test.asked...), "1")
			answer := app{w: w}.post("/oauth/token", trades(test.client, test.to, to.Query().Get("code"), test.more...))
			if (answer.status == http.StatusOK) != test.works {
				t.Errorf("%s: %d %s", test.name, answer.status, answer.body)
			}
			if !test.works && test.client.secret != "wrong" {
				if told := answer.refused(http.StatusBadRequest); told != "invalid_grant" {
					t.Errorf("%s: %s", test.name, told)
				}
			}
		}
		to, _ := w.consent(asks(c, back), "1")
		var token struct {
			AccessToken string `json:"access_token"`
		}
		app{w: w}.post("/oauth/token", trades(c, back, to.Query().Get("code"))).ok(&token)
		app{w: w, token: token.AccessToken}.get("/api/v1/preferences").ok(nil)
		app{w: w}.post("/oauth/token", trades(c, back, to.Query().Get("code"))).refused(http.StatusBadRequest)
		app{w: w, token: token.AccessToken}.get("/api/v1/preferences").refused(http.StatusUnauthorized)
	})
}

// What cannot be asked is not asked: before the address is known nobody is redirected, after that the app is told.
func TestRequestsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newSQLiteWorld(t)
	w.signedIn = w.bert
	c := w.register(back, "read write")
	for _, test := range []struct {
		change []string
		told   string // to the app; "": to the person
	}{
		{[]string{"client_id", "none"}, ""},
		{[]string{"redirect_uri", "https://app.example/back"}, ""},
		{[]string{"redirect_uri", "https://evil.example/"}, ""},
		{[]string{"scope", "read follow"}, "invalid_scope"},
		{[]string{"scope", "everything"}, "invalid_scope"},
		{[]string{"scope", "read", "response_type", "token"}, "unsupported_response_type"},
		{[]string{"scope", "read", "code_challenge", "x", "code_challenge_method", "plain"}, "invalid_request"},
		{[]string{"scope", "read", "code_challenge", "short", "code_challenge_method", "S256"}, "invalid_request"},
		{[]string{"scope", "read", "code_challenge_method", "S256"}, "invalid_request"},
	} {
		answer := app{w: w}.get("/oauth/authorize?" + asks(c, back, test.change...).Encode())
		to, _ := url.Parse(answer.header.Get("Location"))
		if told := to.Query().Get("error"); told != test.told || test.told == "" && (answer.status < 400 || to.String() != "") {
			t.Errorf("%v: %d %s", test.change, answer.status, to)
		}
	}
	if told := (app{w: w}).post("/oauth/token", url.Values{"grant_type": {"password"}, "client_id": {c.id}, "client_secret": {c.secret}}).refused(400); told != "unsupported_grant_type" {
		t.Error("a password is taken:", told)
	}
	if told := (app{w: w}).post("/oauth/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {"old"}, "client_secret": {"x"}}).refused(401); told != "invalid_client" {
		t.Error("an app that kept an old id is not told to register again:", told)
	}
	if told := (app{w: w}).post("/oauth/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {c.id}, "client_secret": {c.secret}, "scope": {"push"}}).refused(400); told != "invalid_scope" {
		t.Error("an app gets more than it registered for:", told)
	}
}

// Row O15: where a code may be sent.
func TestRedirectAddresses(t *testing.T) {
	t.Parallel()
	for address, allowed := range map[string]bool{
		outOfBand: true, "https://app.example": true, "https://app.example/a?b=%2F": true, "http://localhost:3000/x": true,
		"http://127.0.0.1:1/": true, "http://[::1]/": true, "icecubesapp://": true, "oauth2redirect://com.example.app/": true,
		"tuba://auth_code": true, "mastodon://joinmastodon.org/oauth": true, "com.example.app:/callback": true,
		"": false, "javascript:alert(1)": false, "JavaScript:alert(1)": false, "data:text/html,x": false, "http://app.example/": false,
		"https://u:p@app.example/": false, "https://app.example/#x": false, "https://app.example/#": false, "https:///x": false,
		"/relative": false, "file:///etc/passwd": false, "https://": false, "blob:x": false,
	} {
		if mayRedirectTo(address) != allowed {
			t.Errorf("%q: allowed %t", address, !allowed)
		}
	}
}

// Browsers apply form-action to the redirect as well: the target must be in it, in a form that they understand.
func TestConsentPage(t *testing.T) {
	t.Parallel()
	w := newSQLiteWorld(t)
	w.signedIn = w.bert
	for redirect, target := range map[string]string{
		"icecubesapp://": "icecubesapp:", "https://app.example:8443/x": "https://app.example:8443", outOfBand: "",
	} {
		c := w.register(redirect, allScopes)
		page := app{w: w}.get("/oauth/authorize?" + asks(c, redirect, "lang", "en").Encode())
		policy := page.header.Get("Content-Security-Policy")
		if _, action, _ := strings.Cut(policy, "form-action "); action != strings.TrimSpace("'self' "+target) {
			t.Errorf("%s: %q", redirect, policy)
		}
		for _, text := range []string{`<html lang="en">`, "<strong>App</strong>", "BERT", "post, and change things"} {
			if !strings.Contains(string(page.body), text) {
				t.Errorf("the page lacks %q: %s", text, page.body)
			}
		}
	}
	c := w.register(outOfBand, allScopes)
	_, shown := w.consent(asks(c, outOfBand), "1")
	code := regexp.MustCompile(`<code id="code">([^<]+)</code>`).FindSubmatch(shown.body)
	if code == nil || !strings.Contains(string(shown.body), `<html lang="nl">`) {
		t.Fatalf("no code: %s", shown.body)
	}
	app{w: w}.post("/oauth/token", trades(c, outOfBand, string(code[1]))).ok(nil)
	foreign := app{w: w}.send(http.MethodPost, "/oauth/authorize", "application/x-www-form-urlencoded", asks(c, outOfBand, "allow", "1").Encode(),
		http.Header{"Sec-Fetch-Site": {"cross-site"}})
	foreign.refused(http.StatusForbidden)
}

// Rows O3, O8 and V10: a token that was taken back, or whose person may no longer come in, opens nothing, and none of them is kept as it is.
func TestTokensEnd(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		phone := w.app(w.cor)
		phone.get("/api/v1/preferences").ok(nil)
		if _, err := w.archive.AccessToken(t.Context(), phone.token); !communities.IsNotFound(err) {
			t.Error("a token is kept as it is")
		}
		if _, err := w.archive.AccessToken(t.Context(), auth.HashSecret(phone.token)); err != nil {
			t.Error(err)
		}
		w.do(func(ctx context.Context, tx communities.Tx) error {
			return w.town.Disable(ctx, tx, communities.Standing{Actor: w.cor.ID, By: w.node.ID})
		})
		phone.get("/api/v1/preferences").refused(http.StatusUnauthorized)
		phone.get("/api/v1/timelines/public").refused(http.StatusUnauthorized)
	})
}
