//go:build unix

package clients

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"meent/e2e/pushservice"
)

// Section O of SECURITY.md: what others got wrong about who may come in, tried on the running program.

// knock is one request; it follows no redirect.
type knock struct {
	method, path string
	token        string
	fields       url.Values
	header       http.Header
	jar          http.CookieJar
}

type heard struct {
	status int
	to     string // where it leads
	body   string
}

func (w town) knock(k knock) heard {
	w.t.Helper()
	address := k.path
	if !strings.HasPrefix(address, "http") {
		address = w.node.Base + k.path
	}
	request, err := http.NewRequestWithContext(w.ctx, k.method, address, strings.NewReader(k.fields.Encode()))
	w.must(err)
	for name, values := range k.header {
		request.Header[name] = values
	}
	if k.fields != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if k.token != "" {
		request.Header.Set("Authorization", "Bearer "+k.token)
	}
	client := &http.Client{
		Transport: w.node.Client.Transport, Jar: k.jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(request)
	w.must(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	w.must(err)
	return heard{answer.StatusCode, answer.Header.Get("Location"), string(body)}
}

// person makes somebody and returns the cookies of a browser in which they signed in.
func (w town) person(name string) http.CookieJar {
	w.t.Helper()
	link := regexp.MustCompile(`/sign-in/link/(\S+)`).FindStringSubmatch(w.run("person", "add", name, "--email", name+"@stad.example"))
	jar, err := cookiejar.New(nil)
	w.must(err)
	w.knock(knock{method: "POST", path: "/sign-in/link", fields: url.Values{"secret": {link[1]}}, jar: jar})
	return jar
}

func (w town) token(person, scopes string) string {
	w.t.Helper()
	return w.run("token", "create", "--person", person, "--scopes", scopes)
}

// program is a registered app.
type program struct{ id, secret, back string }

func (w town) register(back string) program {
	w.t.Helper()
	var made struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	answer := w.knock(knock{method: "POST", path: "/api/v1/apps", fields: url.Values{"client_name": {"App"}, "redirect_uris": {back}, "scopes": {"read write push"}}})
	w.must(json.Unmarshal([]byte(answer.body), &made))
	return program{made.ID, made.Secret, back}
}

// asks for a person's consent, and returns the code that the app gets; "" when it gets none.
func (w town) asks(p program, jar http.CookieJar, more url.Values) (code string) {
	w.t.Helper()
	fields := url.Values{"response_type": {"code"}, "client_id": {p.id}, "redirect_uri": {p.back}, "scope": {"read write push"}, "allow": {"1"}}
	for name, values := range more {
		fields[name] = values
	}
	to, err := url.Parse(w.knock(knock{method: "POST", path: "/oauth/authorize", fields: fields, jar: jar}).to)
	w.must(err)
	return to.Query().Get("code")
}

func (w town) trades(p program, code string, more url.Values) (token string) {
	w.t.Helper()
	fields := url.Values{"grant_type": {"authorization_code"}, "client_id": {p.id}, "client_secret": {p.secret}, "redirect_uri": {p.back}, "code": {code}}
	for name, values := range more {
		fields[name] = values
	}
	var given struct {
		Token string `json:"access_token"`
	}
	w.must(json.Unmarshal([]byte(w.knock(knock{method: "POST", path: "/oauth/token", fields: fields}).body), &given))
	return given.Token
}

// SECURITY O1, O2, O4: every route of the handbook refuses a token without its scope, and an app that came for itself where a person is meant.
func TestEveryDoorAsksForItsScope(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/mastodon-api.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| `([A-Z]+) ([^`]+)` \\| (a person|an app|anyone) \\| ([a-z:_.]*) \\|").FindAllStringSubmatch(string(page), -1)
	if len(rows) < 100 {
		t.Fatalf("the handbook lists %d routes", len(rows))
	}
	eachTown(t, func(w town) {
		w.person("anna")
		bare := map[bool]string{true: w.token("anna", "follow"), false: w.token("anna", "profile")}
		p := w.register("https://app.example/")
		var own struct {
			Token string `json:"access_token"`
		}
		w.must(json.Unmarshal([]byte(w.knock(knock{method: "POST", path: "/oauth/token", fields: url.Values{
			"grant_type": {"client_credentials"}, "client_id": {p.id}, "client_secret": {p.secret}, "scope": {"read write push"},
		}}).body), &own))
		for _, row := range rows {
			path := regexp.MustCompile(`\{[a-z_]+\}`).ReplaceAllString(row[2], "1")
			if row[4] != "" {
				answer := w.knock(knock{method: row[1], path: path, token: bare[row[4] == "profile"]})
				if answer.status != http.StatusForbidden {
					w.t.Errorf("O1: %s %s without %s: %d", row[1], path, row[4], answer.status)
				}
			}
			if row[3] == "a person" {
				if answer := w.knock(knock{method: row[1], path: path}); answer.status != http.StatusUnauthorized {
					w.t.Errorf("O2: %s %s without a token: %d", row[1], path, answer.status)
				}
				if answer := w.knock(knock{method: row[1], path: path, token: own.Token}); answer.status != http.StatusUnprocessableEntity && answer.status != http.StatusForbidden {
					w.t.Errorf("O4: %s %s by an app itself: %d", row[1], path, answer.status)
				}
			}
		}
	})
}

// SECURITY O3: a token reaches the API alone: no page, no password, no other token.
func TestATokenOpensTheAPIAlone(t *testing.T) {
	t.Parallel()
	eachTown(t, func(w town) {
		w.person("anna")
		token := w.token("anna", "read write follow push profile")
		for _, path := range []string{"/apps", "/notifications", "/moderation"} {
			if answer := w.knock(knock{method: "GET", path: path, token: token}); answer.status != http.StatusUnauthorized {
				t.Errorf("%s by a token: %d", path, answer.status)
			}
		}
		p := w.register("https://app.example/")
		ask := "/oauth/authorize?" + url.Values{"response_type": {"code"}, "client_id": {p.id}, "redirect_uri": {p.back}}.Encode()
		if answer := w.knock(knock{method: "GET", path: ask, token: token}); !strings.HasPrefix(answer.to, "/sign-in?") {
			t.Errorf("a token consents: %d %s", answer.status, answer.to)
		}
		for _, grant := range []string{"password", "refresh_token", "urn:ietf:params:oauth:grant-type:token-exchange"} {
			answer := w.knock(knock{method: "POST", path: "/oauth/token", token: token, fields: url.Values{
				"grant_type": {grant}, "client_id": {p.id}, "client_secret": {p.secret}, "username": {"anna@stad.example"}, "password": {"x"}, "subject_token": {token},
			}})
			if answer.status != http.StatusBadRequest || !strings.Contains(answer.body, "unsupported_grant_type") {
				t.Errorf("%s: %d %s", grant, answer.status, answer.body)
			}
		}
	})
}

// SECURITY O8, O9: whoever signed out is out, and a new password ends everything that the old one let in: sessions, tokens, codes, and
// what apps are called for.
func TestOldKeysOpenNothing(t *testing.T) {
	t.Parallel()
	eachTown(t, func(w town) {
		jar := w.person("anna")
		page := knock{method: "GET", path: "/apps", jar: jar}
		home, err := url.Parse(w.node.Base)
		w.must(err)
		old := jar.Cookies(home)
		w.knock(knock{method: "POST", path: "/sign-out", fields: url.Values{}, jar: jar})
		kept, err := cookiejar.New(nil)
		w.must(err)
		kept.SetCookies(home, old)
		if answer := w.knock(knock{method: "GET", path: "/apps", jar: kept}); len(old) == 0 || answer.status != http.StatusUnauthorized {
			t.Errorf("O9: an old cookie still gets %d", answer.status)
		}

		jar = w.person("bert")
		page.jar = jar
		p := w.register("https://app.example/")
		token, code := w.trades(p, w.asks(p, jar, nil), nil), w.asks(p, jar, nil)
		phone, err := pushservice.NewApp("https://push.example/x")
		w.must(err)
		w.knock(knock{method: "POST", path: "/api/v1/push/subscription", token: token, fields: phone.Form(true, "mention")})
		self := knock{method: "GET", path: "/api/v1/push/subscription", token: token}
		if w.knock(page).status != http.StatusOK || w.knock(self).status != http.StatusOK || code == "" {
			t.Fatal("bert is not in")
		}
		_, err = w.node.Type(w.ctx, "een heel nieuw wachtwoord\n", "person", "password", "bert")
		w.must(err)
		if answer := w.knock(page); answer.status != http.StatusUnauthorized {
			t.Errorf("O8: the session still gets %d", answer.status)
		}
		if answer := w.knock(self); answer.status != http.StatusUnauthorized {
			t.Errorf("O8: the token still gets %d", answer.status)
		}
		if w.trades(p, code, nil) != "" {
			t.Error("O8: the code still gets a token")
		}
	})
}

// SECURITY O11: an address is one bare address.
func TestAddressesAreBare(t *testing.T) {
	t.Parallel()
	eachTown(t, func(w town) {
		for _, email := range []string{
			"a@x.example\nBcc: b@y.example", "\"a b\"@x.example", "a@x.example,b@y.example", "a@x.example; b@y.example", "Anna <a@x.example>", "a b@x.example",
			"a@x.example(c)", strings.Repeat("a", 250) + "@x.example", "a", "@x.example", "a@", "a\t@x.example",
		} {
			if said, err := w.node.Run(w.ctx, "person", "add", "eva", "--email", email); err == nil {
				t.Errorf("%q is taken: %s", email, said)
			}
		}
	})
}

// SECURITY O12, O13, O14: with the ids of another's things nobody reads, changes or ends them; what is the other's is the same afterwards.
func TestNobodyElsesThings(t *testing.T) {
	t.Parallel()
	eachTown(t, func(w town) {
		anna, bert := w.person("anna"), w.person("bert")
		p := w.register("https://app.example/")
		hers, his := w.trades(p, w.asks(p, anna, nil), nil), w.token("bert", "read write push")
		phone, err := pushservice.NewApp("https://push.example/x")
		w.must(err)
		w.knock(knock{method: "POST", path: "/api/v1/push/subscription", token: hers, fields: phone.Form(true, "mention")})
		var filter struct{ ID string }
		w.must(json.Unmarshal([]byte(w.knock(knock{method: "POST", path: "/api/v2/filters", token: hers, fields: url.Values{"title": {"x"}, "context[]": {"home"}}}).body), &filter))
		state := func() string {
			return w.knock(knock{method: "GET", path: "/api/v1/push/subscription", token: hers}).body +
				w.knock(knock{method: "GET", path: "/api/v2/filters", token: hers}).body + w.knock(knock{method: "GET", path: "/apps", jar: anna}).body
		}
		before := state()
		for _, k := range []knock{
			{method: "PUT", path: "/api/v1/push/subscription", fields: url.Values{"data[policy]": {"none"}}},
			{method: "GET", path: "/api/v2/filters/" + filter.ID},
			{method: "PUT", path: "/api/v2/filters/" + filter.ID, fields: url.Values{"title": {"y"}}},
			{method: "DELETE", path: "/api/v2/filters/" + filter.ID},
		} {
			k.token = his
			if answer := w.knock(k); answer.status != http.StatusNotFound {
				t.Errorf("O12: %s %s: %d %s", k.method, k.path, answer.status, answer.body)
			}
		}
		w.knock(knock{method: "DELETE", path: "/api/v1/push/subscription", token: his})
		app := regexp.MustCompile(`name="app" value="([0-9]+)"`).FindStringSubmatch(before)
		w.knock(knock{method: "POST", path: "/apps", fields: url.Values{"app": {app[1]}, "name": {"App"}}, jar: bert})
		other := w.register("https://other.example/")
		answer := w.knock(knock{method: "POST", path: "/oauth/revoke", fields: url.Values{"token": {hers}, "client_id": {other.id}, "client_secret": {other.secret}}})
		if answer.status != http.StatusForbidden {
			t.Errorf("O14: another app revokes: %d", answer.status)
		}
		if after := state(); after != before {
			t.Errorf("O13: it became\n%s\nand was\n%s", after, before)
		}
	})
}

// SECURITY O15, O16: a code goes to the address that was registered, to the letter, and works once, with its proof.
func TestCodesGoWhereTheyShould(t *testing.T) {
	t.Parallel()
	eachTown(t, func(w town) {
		jar := w.person("anna")
		for _, back := range []string{"javascript:alert(1)", "data:text/html,x", "http://app.example/", "https://u@app.example/", "https://app.example/#x"} {
			if p := w.register(back); p.id != "" {
				t.Errorf("O15: %s is registered", back)
			}
		}
		p := w.register("https://app.example/a%2Fb?c=d")
		for _, back := range []string{"https://app.example/a/b?c=d", "https://app.example/a%2fb?c=d", "https://app.example/a%2Fb?c=d&e=f", "https://APP.example/a%2Fb?c=d", "https://app.example/"} {
			if code := w.asks(p, jar, url.Values{"redirect_uri": {back}}); code != "" {
				t.Errorf("O15: a code for %s", back)
			}
		}
		code := w.asks(p, jar, nil)
		token := w.trades(p, code, nil)
		self := knock{method: "GET", path: "/api/v1/preferences", token: token}
		if w.knock(self).status != http.StatusOK {
			t.Fatal("the code brought no token")
		}
		if w.trades(p, code, nil) != "" || w.knock(self).status != http.StatusUnauthorized {
			t.Error("O16: a code that comes twice brings a token, or leaves the first")
		}
		verifier := strings.Repeat("abcdef-._~", 5)
		sum := sha256.Sum256([]byte(verifier))
		proof := url.Values{"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"}}
		if w.trades(p, w.asks(p, jar, proof), nil) != "" || w.trades(p, w.asks(p, jar, proof), url.Values{"code_verifier": {verifier + "x"}}) != "" {
			t.Error("O16: a promised proof is not asked for")
		}
		if w.trades(p, w.asks(p, jar, proof), url.Values{"code_verifier": {verifier}}) == "" {
			t.Error("the proof is refused")
		}
		proof.Set("code_challenge_method", "plain")
		if w.asks(p, jar, proof) != "" {
			t.Error("O16: plain is taken")
		}
	})
}

// SECURITY O17: a page of another site makes nobody's browser do anything; and to look at a page does nothing either.
func TestOtherSitesMakeNobodyAct(t *testing.T) {
	t.Parallel()
	eachTown(t, func(w town) {
		jar := w.person("anna")
		p := w.register("https://app.example/")
		consent := url.Values{"response_type": {"code"}, "client_id": {p.id}, "redirect_uri": {p.back}, "allow": {"1"}}
		for _, from := range []http.Header{{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Origin": {"https://elders.example"}}, {"Origin": {"null"}}} {
			for path, fields := range map[string]url.Values{
				"/apps": {"app": {"1"}, "name": {"x"}}, "/oauth/authorize": consent, "/sign-out": {}, "/sign-in": {"email": {"x"}}, "/notifications": {"up_to": {"1"}},
				"/g/welkom/follow": {"on": {"1"}},
			} {
				if answer := w.knock(knock{method: "POST", path: path, fields: fields, header: from, jar: jar}); answer.status != http.StatusForbidden {
					t.Errorf("%s from %v: %d %s", path, from, answer.status, answer.to)
				}
			}
		}
		if answer := w.knock(knock{method: "GET", path: "/oauth/authorize?" + consent.Encode(), jar: jar}); answer.status != http.StatusOK || answer.to != "" {
			t.Errorf("to look at the question answers it: %d %s", answer.status, answer.to)
		}
	})
}

// SECURITY O18: the desk has one door, however its address is written.
func TestTheDeskHasOneDoor(t *testing.T) {
	t.Parallel()
	eachTown(t, func(w town) {
		jar := w.person("anna")
		for _, path := range []string{
			"/moderation", "/moderation%2f", "//moderation", "/Moderation", "/moderation/..;/", "/moderation/", "/./moderation", "/x/../moderation", "/moderation%00",
			"/%6doderation", "/moderation;x=y", "/moderation?x", "/g/welkom/moderation", "/g/welkom/../welkom/moderation", "/G/welkom/moderation", "/metrics", "//metrics",
		} {
			answer := w.knock(knock{method: "GET", path: w.node.Base + path, jar: jar})
			for answer.to != "" && answer.status < 400 {
				answer = w.knock(knock{method: "GET", path: answer.to, jar: jar})
			}
			if answer.status < 400 && !strings.Contains(path, "metrics") || strings.Contains(answer.body, "action=\"/reports/") {
				t.Errorf("%s: %d", path, answer.status)
			}
		}
	})
}

// SECURITY O21: to report what one cannot see tells nothing of it.
func TestReportsTellNothing(t *testing.T) {
	t.Parallel()
	eachTown(t, func(w town) {
		w.person("anna")
		w.person("bert")
		anna, bert := w.token("anna", "read write"), w.token("bert", "read write")
		var secret struct {
			ID      string
			Account struct{ ID string }
		}
		w.must(json.Unmarshal([]byte(w.knock(knock{method: "POST", path: "/api/v1/statuses", token: anna, fields: url.Values{"status": {"geheimpje"}, "visibility": {"direct"}}}).body), &secret))
		report := func(status string) heard {
			return w.knock(knock{method: "POST", path: "/api/v1/reports", token: bert, fields: url.Values{"account_id": {secret.Account.ID}, "status_ids[]": {status}}})
		}
		told, absent := report(secret.ID), report("1000000000000000001")
		if secret.ID == "" || told.status != http.StatusNotFound || told.body != absent.body || strings.Contains(told.body, "geheimpje") {
			t.Errorf("%d %s, of what never was %s", told.status, told.body, absent.body)
		}
	})
}
