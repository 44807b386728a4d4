package mastodon

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"meent/communities/auth"
)

// Rows O1, O3 and O4 of the security table, for every route that there is.
func TestEveryRouteAsksForItsScope(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		itself := w.tokenOfApp()
		for _, route := range w.api.Routes() {
			path := exemplary(route.Pattern)
			others := w.token(w.anna, scopesWithout(route.Scope))
			for _, test := range []struct {
				who, token string
				refused    int // 0: not for want of a token or scope
			}{
				{"nobody", "", map[Entry]int{Anyone: 0, App: 401, User: 401, Waiting: 401, Staff: 401}[route.Enter]},
				{"a stranger's token", "made-up", 401},
				{"a token without the scope", others, map[bool]int{true: 0, false: 403}[route.Scope == ""]},
				{"an app for itself", itself, map[Entry]int{Anyone: 0, App: 0, User: 422, Waiting: 422, Staff: 422}[route.Enter]},
			} {
				w.knock(route, test.who, app{w: w, token: test.token}.call(route.Method, path, nil), test.refused)
			}
		}
	})
}

// knock tells whether an answer refuses for want of a token or scope, as it should.
func (w *world) knock(route Route, who string, answer reply, refused int) {
	w.t.Helper()
	told := ""
	if answer.status == 401 || answer.status == 403 || answer.status == 422 {
		told = failureText(answer)
	}
	got := map[string]int{errToken.Message: 401, errScope.Message: 403, errPerson.Message: 422}[told]
	if got != refused || refused != 0 && answer.status != refused {
		w.t.Errorf("%s %s by %s: %d %q, want %d", route.Method, route.Pattern, who, answer.status, told, refused)
	}
	if answer.status == 401 && !strings.HasPrefix(answer.header.Get("WWW-Authenticate"), "Bearer") {
		w.t.Errorf("%s %s does not say how to come in", route.Method, route.Pattern)
	}
}

func failureText(r reply) string {
	if r.header.Get("Content-Type") != "application/json; charset=utf-8" {
		return ""
	}
	return r.refused(r.status)
}

// exemplary fills the parameters of a pattern with what names nothing.
func exemplary(pattern string) string {
	for _, name := range []string{"{id}", "{first}", "{second}", "{group_key}"} {
		pattern = strings.ReplaceAll(pattern, name, "1")
	}
	return strings.NewReplacer("{hashtag}", "x", "{name}", "x", "{date}", "2024-05-01", "{year}", "2024").Replace(pattern)
}

// scopesWithout lists every scope that a token can have, but those that hold one.
func scopesWithout(scope auth.Scope) string {
	var list []string
	for _, candidate := range supportedScopes() {
		granted, err := auth.ParseScopes(candidate)
		if err == nil && (scope == "" || !auth.Allows(granted, scope)) {
			list = append(list, candidate)
		}
	}
	return strings.Join(list, " ")
}

func (w *world) tokenOfApp() string {
	w.t.Helper()
	client := w.register("https://app.example/back", allScopes)
	var token struct {
		AccessToken string `json:"access_token"`
	}
	app{w: w}.post("/oauth/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {client.id}, "client_secret": {client.secret}, "scope": {allScopes},
	}).ok(&token)
	return token.AccessToken
}

// client is a registered app.
type client struct{ id, secret string }

func (w *world) register(redirect, scopes string) client {
	w.t.Helper()
	var made struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	app{w: w}.post("/api/v1/apps", url.Values{"client_name": {"App"}, "redirect_uris": {redirect}, "scopes": {scopes}}).ok(&made)
	return client{made.ID, made.Secret}
}

// A row without an entry opens to nobody.
func TestARouteWithoutAnEntryRefuses(t *testing.T) {
	t.Parallel()
	for _, who := range []caller{{}, {token: "x"}} {
		if err := who.admit(Route{}); err == nil {
			t.Error("a route that does not say who may enter lets in", who)
		}
	}
	for _, row := range routes {
		if row.enter == Nobody {
			t.Errorf("%s %s does not say who may enter", row.method, row.pattern)
		}
		if row.enter >= User && row.method != http.MethodGet && row.scope == "" {
			t.Errorf("%s %s changes something without a scope", row.method, row.pattern)
		}
	}
}

// Web apps of other sites may call what carries no cookie, and nothing else (Mastodon API, CORS).
func TestScriptsOfOtherSites(t *testing.T) {
	t.Parallel()
	w := newSQLiteWorld(t)
	open := map[string]bool{}
	for _, route := range w.api.Routes() {
		open[route.Pattern] = route.Open
		answer := app{w: w}.call(route.Method, exemplary(route.Pattern), nil)
		if got := answer.header.Get("Access-Control-Allow-Origin"); (got == "*") != route.Open || answer.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s %s: allowed %q, open %t", route.Method, route.Pattern, got, route.Open)
		}
		if route.Open && !strings.Contains(answer.header.Get("Access-Control-Expose-Headers"), "Link") {
			t.Errorf("%s %s hides its Link", route.Method, route.Pattern)
		}
	}
	for pattern := range maps.Keys(open) {
		answer := app{w: w}.call(http.MethodOptions, exemplary(pattern), nil)
		allowed := answer.status == http.StatusNoContent && answer.header.Get("Access-Control-Allow-Origin") == "*"
		if allowed != open[pattern] {
			t.Errorf("OPTIONS %s: %d, open %t", pattern, answer.status, open[pattern])
		}
	}
	if open["/oauth/authorize"] || !open["/oauth/token"] || !open["/api/v1/apps"] {
		t.Error("the wrong doors are open")
	}
}

// What is not there is said in JSON, under any method.
func TestNowhere(t *testing.T) {
	t.Parallel()
	w := newSQLiteWorld(t)
	for _, path := range []string{"/api/v1/nope", "/api/v1/streaming", "/api/v1/search", "/api/web/settings", "/oauth/nope", "/api/v1/accounts/x", "/api/v1/statuses/0"} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
			answer := app{w: w}.call(method, path, nil)
			if !slices.Contains([]int{404, 401}, answer.status) || failureText(answer) == "" {
				t.Errorf("%s %s: %d %s", method, path, answer.status, answer.body)
			}
		}
	}
}

// Who comes too often hears until when to wait, as a time (Mastodon API, rate limits).
func TestTooOften(t *testing.T) {
	t.Parallel()
	w := newSQLiteWorld(t)
	left := map[string]int{}
	w.api.Allow = func(_ *http.Request, route string, perMinute int) bool {
		left[route]++
		return left[route] <= perMinute
	}
	fields := url.Values{"client_name": {"App"}, "redirect_uris": {outOfBand}}
	for range registrations {
		app{w: w}.post("/api/v1/apps", fields).ok(nil)
	}
	answer := app{w: w}.post("/api/v1/apps", fields)
	answer.refused(http.StatusTooManyRequests)
	if _, err := time.Parse(time.RFC3339, answer.header.Get("X-RateLimit-Reset")); err != nil {
		t.Error(err)
	}
}
