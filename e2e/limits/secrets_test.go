//go:build unix

package limits_test

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"meent/e2e/node"
)

// SECURITY H17, X12: whatever goes wrong, neither an answer nor the log, where it says most, tells what opens a door.
func TestErrorsTellNoSecrets(t *testing.T) {
	t.Parallel()
	n := node.ForTest(t, node.Options{Host: "middelstad.test", Dir: t.TempDir(), Flags: []string{"--log-level", "debug"}}, (*node.Node).Kill)
	made := n.MustRun(t, "person", "add", "anna", "--email", "anna@middelstad.test")
	_, link, found := strings.Cut(made, "/sign-in/link/")
	if !found {
		t.Fatal(made)
	}
	token, link := strings.TrimSpace(n.MustRun(t, "token", "create", "--person", "anna", "--scopes", "read write")), strings.Fields(link)[0]
	const password = "een geheime zin van anna"
	for _, path := range []string{
		"/", "/nergens", "/api/v1/nergens", "/api/v1/statuses/x", "/api/v1/admin/accounts", "/api/v2/search?q=%00", "/api/v1/timelines/home?max_id='",
		"/oauth/token", "/oauth/revoke", "/oauth/authorize?client_id=x", "/sign-in", "/sign-in/link", "/sign-in/link/" + link, "/p/x", "/g/x/feed.atom", "/inbox", "/metrics",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
			fields := url.Values{"token": {token}, "password": {password}, "email": {"anna@middelstad.test"}, "client_secret": {token}}
			request, err := http.NewRequestWithContext(t.Context(), method, n.Base+path, strings.NewReader(fields.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Authorization", "Bearer "+token)
			request.Header.Set("Cookie", "meent="+token)
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			answer, err := n.Client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(answer.Body)
			if err == nil {
				err = answer.Body.Close()
			}
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(body), token) || strings.Contains(string(body), password) {
				t.Errorf("%s %s tells a secret: %s", method, path, body)
			}
		}
	}
	written, err := os.ReadFile(filepath.Join(n.Dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	log := string(written)
	if !strings.Contains(log, "/api/v1/nergens") {
		t.Error("the log does not say what was asked for")
	}
	for _, secret := range []string{token, password, link} {
		if at := strings.Index(log, secret); at >= 0 {
			t.Errorf("the log tells a secret: ... %s", log[max(0, at-200):at+len(secret)])
		}
	}
}
