package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"meent/cmd/meent/web"
	"meent/communities"
)

const activityJSON = "application/activity+json"

// document asks for the ActivityPub form, as a server that does not say who it is.
func (h *house) document(at string) page {
	h.t.Helper()
	return h.documentFor(at, "")
}

// documentFor asks as a server that says who it is.
func (h *house) documentFor(at, host string) page {
	h.t.Helper()
	request, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, h.Base+at, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	request.Header.Set("Accept", activityJSON)
	if host != "" {
		request.Header.Set("Signature", `keyId="https://`+host+`/actor#main-key",algorithm="hs2019",headers="(request-target) host date",signature="AAAA"`)
	}
	return h.browser().send(request)
}

// SECURITY V3 to V5, V11, V14: no document of any route shows a server that does not say who it is what is not for everybody, neither the post
// nor a collection, an activity or a count that it is in; and none names blind recipients.
func TestDocumentsShowNothingHidden(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(h *house) {
		s := h.stage()
		shown := 0
		for _, route := range h.road.Routes() {
			pattern, read := strings.CutPrefix(route.Pattern, "GET ")
			if !read {
				continue
			}
			for _, at := range s.documents(pattern) {
				got := h.document(at)
				if got.status == http.StatusOK {
					shown++
				}
				if got.status >= http.StatusInternalServerError {
					h.t.Errorf("%s: %d", at, got.status)
				}
				if strings.Contains(got.body, `"bto"`) || strings.Contains(got.body, `"bcc"`) {
					h.t.Errorf("%s names blind recipients: %s", at, got.body)
				}
				for _, post := range s.posts {
					if !slices.Contains(post.seen, "nobody") && strings.Contains(got.body, post.word) {
						h.t.Errorf("%s shows a %s post: %s", at, post.name, got.body)
					}
				}
			}
		}
		if public := h.document("/p/" + fmt.Sprint(s.posts[0].id)); shown < 20 || !strings.Contains(public.body, s.posts[0].word) {
			h.t.Errorf("%d documents were shown, and of the open post %s", shown, public.body)
		}
	})
}

// documents fills the places of a pattern with all that there is.
func (s *stage) documents(pattern string) []string {
	values := map[string][]string{
		"{name}": {"welkom", "auteur", "volger"}, "{version}": {"2.0", "2.1"}, "{$}": {""},
		"{collection}": {"outbox", "followers", "following", "featured", "tags", "collections", "moderators"},
		"{part...}":    {"replies", "context", "likes", "shares", "activity", "create", "announce", "update", "delete"},
	}
	for _, post := range s.posts {
		values["{id}"] = append(values["{id}"], fmt.Sprint(post.id))
		values["{id...}"] = append(values["{id...}"], fmt.Sprint(post.id), fmt.Sprint("announce/", post.id))
	}
	list := []string{pattern, pattern + "?page=1"}
	for place, all := range values {
		var filled []string
		for _, at := range list {
			for _, value := range all {
				filled = append(filled, strings.Replace(at, place, value, 1))
			}
		}
		if strings.Contains(pattern, place) {
			list = filled
		}
	}
	return list
}

// SECURITY V18, V9: what somebody reads who is signed in stays out of every cache that others read from, unless it is what everybody reads;
// and where a page and a document share an address, caches are told what makes the difference.
func TestNothingPrivateIsKeptByCaches(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(h *house) {
		s := h.stage()
		for _, viewer := range viewers {
			for _, route := range pageRoutes(&web.Pages{}) {
				if route.method != http.MethodGet {
					continue
				}
				for _, at := range s.addresses(route.path) {
					got := s.browsers[viewer].get(at)
					if kept := got.header.Get("Cache-Control"); strings.Contains(kept, "public") && got.body != s.browsers["nobody"].get(at).body {
						h.t.Errorf("%s for %s is kept for everybody: %q", at, viewer, kept)
					}
				}
			}
		}
		if vary := s.browsers["nobody"].get("/g/welkom/feed.atom").header.Values("Vary"); !strings.Contains(strings.Join(vary, ","), "Accept-Language") {
			h.t.Errorf("a feed speaks the language of who asks, and varies by %q", vary)
		}
		for _, post := range s.posts {
			got := h.document(fmt.Sprint("/p/", post.id))
			for _, name := range []string{"Accept", "Signature", "Cookie", "Authorization"} {
				if vary := strings.Join(got.header.Values("Vary"), ","); !strings.Contains(vary, name) {
					h.t.Errorf("the document of a %s post varies by %q, without %s", post.name, vary, name)
				}
			}
			if kept := got.header.Get("Cache-Control"); got.status == http.StatusNotFound && strings.Contains(kept, "public") {
				h.t.Errorf("that there is no %s post is kept: %q", post.name, kept)
			}
		}
	})
}

// SECURITY V9: a server that is kept out reads nothing, whatever others read at the same address a moment before, and no cache keeps its refusal.
func TestBlockedServersReadNothing(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(h *house) {
		err := h.town.Write(h.t.Context(), func(tx communities.Tx) error {
			_, err := h.town.DecideHost(h.t.Context(), tx, communities.HostDecision{By: h.self.ID, Host: "naar.example", Policy: communities.HostBlocked})
			return err
		})
		if err != nil {
			h.t.Fatal(err)
		}
		for _, at := range []string{"/", "/g/welkom", "/g/welkom/outbox", "/g/welkom/followers", "/.well-known/nodeinfo"} {
			for host, want := range map[string]int{"": http.StatusOK, "goed.example": http.StatusOK, "naar.example": http.StatusForbidden, "onder.naar.example": http.StatusForbidden} {
				got := h.documentFor(at, host)
				if got.status != want || want == http.StatusForbidden && got.header.Get("Cache-Control") != "no-store" {
					h.t.Errorf("%s for %q: %d %q, want %d", at, host, got.status, got.header.Get("Cache-Control"), want)
				}
			}
		}
	})
}

// hostileValues are what a query or a path would stumble over that is put together by hand.
var hostileValues = []string{`'`, `"`, `%_!`, "a\x00b", "\xff\xfe", `'; DROP TABLE posts; --`, "-1", "9223372036854775808", "1e9", "../../etc/passwd", "..", "x\r\ny", strings.Repeat("a", 4000)}

// SECURITY P5, P6: whatever stands in whichever place of an address or a form, pages and documents answer or refuse, and nothing fails; no
// dots lead from one route to another.
func TestHostileAddresses(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(h *house) {
		_, anna := h.resident("anna")
		for _, value := range hostileValues {
			fields := url.Values{}
			for _, name := range []string{"q", "max_id", "min_id", "since", "before", "after", "page", "order", "form", "done", "return_to", "person", "option", "on", "text", "title", "resource", "rel", "limit"} {
				fields.Set(name, value)
			}
			for _, route := range pageRoutes(&web.Pages{}) {
				if route.attempts > 0 || route.path == "/sign-out" {
					continue
				}
				at := fill(route.path, value) + "?" + fields.Encode()
				var got page
				if route.method == http.MethodGet {
					got = anna.get(at)
				} else {
					got = anna.post(at, fields)
				}
				if got.status >= http.StatusInternalServerError {
					h.t.Errorf("%s %s with %q: %d", route.method, route.path, value, got.status)
				}
			}
			for _, route := range h.road.Routes() {
				if pattern, read := strings.CutPrefix(route.Pattern, "GET "); read {
					if got := h.document(fill(pattern, value) + "?" + fields.Encode()); got.status >= http.StatusInternalServerError {
						h.t.Errorf("%s with %q: %d %s", route.Pattern, value, got.status, got.body)
					}
				}
			}
		}
		for _, at := range []string{"/api/v1/../../moderation", "/g/../moderation", "/g/welkom/../../moderation", "/assets/%2e%2e/%2e%2e/etc/passwd", "/media/..%2f..%2fmeent.db", "/p/..%2f..%2fmoderation"} {
			if got := anna.get(at); got.status == http.StatusOK {
				h.t.Errorf("%s leads somewhere: %s", at, got.body)
			}
		}
	})
}

// fill puts a value in every place of a pattern.
func fill(pattern, value string) string {
	pattern = strings.TrimSuffix(pattern, "{$}")
	for strings.Contains(pattern, "{") {
		before, rest, _ := strings.Cut(pattern, "{")
		_, after, _ := strings.Cut(rest, "}")
		pattern = before + url.PathEscape(value) + after
	}
	return pattern
}
