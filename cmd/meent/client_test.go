package main

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

// SECURITY D22: the header of a peer that nobody trusts means nothing, and a chain is read from the right.
func TestForwardedForIsBelievedFromTrustedProxiesOnly(t *testing.T) {
	t.Parallel()
	trusted := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.0.0.0/8")}
	for _, test := range []struct {
		name, peer, forwarded, want string
	}{
		{"direct", "203.0.113.9:5", "", "203.0.113.9"},
		{"a stranger's invention", "203.0.113.9:5", "198.51.100.1", "203.0.113.9"},
		{"our proxy", "127.0.0.1:5", "198.51.100.1", "198.51.100.1"},
		{"the client's invention before it", "127.0.0.1:5", "192.0.2.7, 198.51.100.1", "198.51.100.1"},
		{"two proxies of ours", "127.0.0.1:5", "198.51.100.1, 10.1.2.3", "198.51.100.1"},
		{"nonsense", "127.0.0.1:5", "198.51.100.1, unknown", "127.0.0.1"},
		{"no header", "127.0.0.1:5", "", "127.0.0.1"},
		{"one household", "[2001:db8:1:2:3:4:5:6]:5", "", "2001:db8:1:2::/64"},
		{"mapped", "[::ffff:203.0.113.9]:5", "", "203.0.113.9"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got string
			handler := behindProxies(trusted, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = clientOf(r) }))
			request := httptest.NewRequest(http.MethodGet, "/", nil)
			request.RemoteAddr = test.peer
			if test.forwarded != "" {
				request.Header.Set("X-Forwarded-For", test.forwarded)
			}
			handler.ServeHTTP(httptest.NewRecorder(), request)
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// SECURITY P7: figures are for this machine alone, and not for who comes through a proxy on it.
func TestFiguresAreShownHereOnly(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		peer, header string
		want         int
	}{
		{"127.0.0.1:5", "", http.StatusOK},
		{"[::1]:5", "", http.StatusOK},
		{"203.0.113.9:5", "", http.StatusNotFound},
		{"127.0.0.1:5", "X-Forwarded-For", http.StatusNotFound},
		{"127.0.0.1:5", "Forwarded", http.StatusNotFound},
	} {
		request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		request.RemoteAddr = test.peer
		if test.header != "" {
			request.Header.Set(test.header, "203.0.113.9")
		}
		answer := httptest.NewRecorder()
		hereOnly(newMetrics().handler()).ServeHTTP(answer, request)
		if answer.Code != test.want {
			t.Errorf("%s %s: %d, want %d", test.peer, test.header, answer.Code, test.want)
		}
	}
}

func TestAttemptsAreCountedByClientAndRoute(t *testing.T) {
	t.Parallel()
	a := newAttempts()
	for range 3 {
		if !a.allow("POST /sign-in", "192.0.2.1", 3) {
			t.Fatal("refused too early")
		}
	}
	if a.allow("POST /sign-in", "192.0.2.1", 3) {
		t.Error("the fourth of three attempts is allowed")
	}
	if !a.allow("POST /sign-in", "192.0.2.2", 3) || !a.allow("POST /other", "192.0.2.1", 3) {
		t.Error("others pay for it")
	}
}
