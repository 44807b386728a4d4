package fetch

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestParseHandle is rows S15 and S25: a handle never becomes another part of a URL.
func TestParseHandle(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Handle{
		"@jan@town.nl": {"jan", "town.nl"}, "jan@Town.NL": {"jan", "town.nl"}, "acct:Jan@town.nl": {"Jan", "town.nl"}, "!markt@town.nl": {"markt", "town.nl"},
		"@town.nl@town.nl": {"town.nl", "town.nl"}, "@a-b_c.d@localhost:8080": {"a-b_c.d", "localhost:8080"},
	} {
		if got, err := ParseHandle(text); err != nil || got != want {
			t.Errorf("%s: %v %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "@", "jan", "@jan", "@jan@", "@@town.nl", "@a@127.0.0.1:22/x?y#", "@a@h@evil", "@a@h/../..", "@a/b@h.nl", "@a@h.nl/", "@a@h.nl?x", "@a@h.nl#x", "@a@h.nl:0x50",
		"@a@h.nl:", "@a@h.nl:123456", "@a@[::1]", "@a@h.nl\\x", "@a@h.nl\n", "@a@h.nl%2f", "@a b@h.nl", "@a@h .nl", "@a@h．nl", "@a@tówn.nl", "@a@-h.nl", "@.a@h.nl", "@a.@h.nl",
		"acct:@a@h.nl", "https://h.nl/@a", "@a&b@h.nl", "@a@h.nl\x00", "@" + strings.Repeat("a", 200) + "@h.nl", "@a@" + strings.Repeat("h", 300),
	} {
		if got, err := ParseHandle(text); !errors.Is(err, ErrAddress) {
			t.Errorf("%q: %v %v", text, got, err)
		}
	}
}

func link(rel, mediaType, href string) string {
	return fmt.Sprintf(`{"rel":%q,"type":%q,"href":%q}`, rel, mediaType, href)
}

// finger answers WebFinger for the resources it knows.
func finger(answers map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, ok := answers[r.URL.Query().Get("resource")]
		if r.URL.Path != "/.well-known/webfinger" || !ok {
			http.NotFound(w, r)
			return
		}
		serve("application/jrd+json", answer)(w, r)
	}
}

func TestWebFinger(t *testing.T) {
	t.Parallel()
	network := newTowns(t)
	answers := map[string]string{}
	a := network.found("a.test", finger(answers))
	jan := a.URL + "/users/jan"
	answers["acct:jan@"+a.host()] = `{"subject":"acct:Jan@` + a.host() + `","links":[` + strings.Join([]string{
		link("http://webfinger.net/rel/profile-page", "text/html", a.URL+"/@jan"),
		link("self", "application/json", a.URL+"/wrong"),
		link("self", TypeActivity, "http://10.0.0.1/wrong"),
		link("self", TypeActivity, jan),
		link("self", TypeLD+`; profile="`+ProfileAS+`"`, a.URL+"/c/jan"),
		`{"rel":"` + relSubscribe + `","template":"` + a.URL + `/follow?uri={uri}"}`,
	}, ",") + `]}`
	account, err := network.client().WebFinger(t.Context(), Handle{"jan", a.host()})
	if err != nil {
		t.Fatal(err)
	}
	want := &Account{Handle: Handle{"Jan", a.host()}, Actors: []string{jan, a.URL + "/c/jan"}, Subscribe: a.URL + "/follow?uri={uri}"}
	if diff := cmp.Diff(want, account); diff != "" {
		t.Error(diff)
	}
}

// TestWebFingerSubject is row I10: a host speaks for its own handles only.
func TestWebFingerSubject(t *testing.T) {
	t.Parallel()
	network := newTowns(t)
	social, evil, main := map[string]string{}, map[string]string{}, map[string]string{}
	s := network.found("social.a.test", finger(social))
	e := network.found("evil.test", finger(evil))
	m := network.found("a.test", finger(main))
	jan := link("self", TypeActivity, s.URL+"/jan")
	subject := `{"subject":"acct:jan@` + m.host() + `","links":[` + jan + `]}`
	social["acct:jan@"+s.host()] = subject
	main["acct:jan@"+m.host()] = subject
	evil["acct:jan@"+e.host()] = `{"subject":"acct:jan@` + m.host() + `","links":[` + link("self", TypeActivity, e.URL+"/jan") + `]}`
	evil["acct:x@"+e.host()] = `{"subject":"acct:x@` + m.host() + `","links":[` + jan + `]}`
	c := network.client()
	account, err := c.WebFinger(t.Context(), Handle{"jan", s.host()})
	if err != nil || account.Handle.Host != m.host() {
		t.Errorf("split domain: %+v %v", account, err)
	}
	for _, name := range []string{"jan", "x"} {
		if account, err := c.WebFinger(t.Context(), Handle{name, e.host()}); err == nil {
			t.Errorf("evil.test speaks for %v", account.Handle)
		}
	}
}

func TestWebFingerRefusals(t *testing.T) {
	t.Parallel()
	network := newTowns(t)
	answers := map[string]string{}
	a := network.found("a.test", finger(answers))
	for name, answer := range map[string]string{
		"nojson": `<html>`, "empty": `{}`, "array": `[]`, "nolinks": `{"subject":"acct:nolinks@` + a.host() + `"}`, "types": `{"subject":5,"links":{}}`,
		"relative": `{"links":[` + link("self", TypeActivity, "/x") + `]}`, "script": `{"links":[` + link("self", TypeActivity, "javascript:x") + `]}`,
		"noprofile": `{"links":[` + link("self", TypeLD, a.URL+"/x") + `]}`, "subject": `{"subject":"acct:x@h/..","links":[` + link("self", TypeActivity, a.URL+"/x") + `]}`,
	} {
		answers["acct:"+name+"@"+a.host()] = answer
		if account, err := network.client().WebFinger(t.Context(), Handle{name, a.host()}); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %+v %v", name, account, err)
		}
	}
	if _, err := network.client().WebFinger(t.Context(), Handle{"nobody", a.host()}); !Gone(err) {
		t.Errorf("nobody: %v", err)
	}
}

// TestSubscribe is row H9.
func TestSubscribe(t *testing.T) {
	t.Parallel()
	network := newTowns(t)
	answers := map[string]string{}
	a := network.found("a.test", finger(answers))
	c := network.client()
	for i, template := range []string{"javascript:alert({uri})", "https://evil.test/{uri}", "//evil.test/{uri}", a.URL + "/none", a.URL + "@evil.test/{uri}", "data:{uri}"} {
		name := fmt.Sprintf("p%d", i)
		answers["acct:"+name+"@"+a.host()] = `{"links":[` + link("self", TypeActivity, a.URL+"/x") + `,{"rel":"` + relSubscribe + `","template":"` + template + `"}]}`
		account, err := c.WebFinger(t.Context(), Handle{name, a.host()})
		if err != nil || account.Subscribe != "" {
			t.Errorf("%s: %+v %v", template, account, err)
		}
	}
}

func TestHostMeta(t *testing.T) {
	t.Parallel()
	network := newTowns(t)
	answers := map[string]string{}
	b := network.found("b.test", finger(answers))
	template := b.URL + "/.well-known/webfinger?resource={uri}"
	a := network.found("a.test", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/.well-known/host-meta" {
			http.NotFound(w, r)
			return
		}
		serve("application/xrd+xml", `<?xml version="1.0"?><XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0"><Link rel="lrdd" template="`+template+`"/></XRD>`)(w, r)
	})
	answers["acct:jan@"+a.host()] = `{"subject":"acct:jan@` + a.host() + `","links":[` + link("self", TypeActivity, b.URL+"/jan") + `]}`
	account, err := network.client().WebFinger(t.Context(), Handle{"jan", a.host()})
	if err != nil || account.Actors[0] != b.URL+"/jan" {
		t.Errorf("%+v %v", account, err)
	}
	template = "http://10.0.0.1/?{uri}"
	if _, err := network.client().WebFinger(t.Context(), Handle{"jan", a.host()}); !errors.Is(err, ErrAddress) {
		t.Errorf("template to %s: %v", template, err)
	}
}

// TestPlainWebFinger: without TLS, on a development network only.
func TestPlainWebFinger(t *testing.T) {
	t.Parallel()
	answers := map[string]string{}
	server := httptest.NewServer(finger(answers))
	defer server.Close()
	host := strings.Replace(strings.TrimPrefix(server.URL, "http://"), "127.0.0.1", "localhost", 1)
	answers["acct:jan@"+host] = `{"links":[` + link("self", TypeActivity, "http://"+host+"/jan") + `]}`
	c := newTestClient(t, Config{Development: Development{Loopback: true}}, publicPorts...)
	if account, err := c.WebFinger(t.Context(), Handle{"jan", host}); err != nil || account.Handle.Name != "jan" {
		t.Errorf("%+v %v", account, err)
	}
	strict := newTestClient(t, Config{}, publicPorts...)
	if _, err := strict.WebFinger(t.Context(), Handle{"jan", host}); !errors.Is(err, ErrAddress) {
		t.Errorf("production: %v", err)
	}
}

func TestNodeInfo(t *testing.T) {
	t.Parallel()
	network := newTowns(t)
	index := ""
	a := network.found("a.test", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/.well-known/nodeinfo":
			serve("application/json", index)(w, r)
		case "/nodeinfo/2.1":
			serve("application/json", `{"version":"2.1","software":{"name":"Lemmy","version":"1.0\n`+strings.Repeat("x", 100)+`"},"protocols":["activitypub"],"openRegistrations":true,"usage":{"users":{"total":7}}}`)(w, r)
		case "/old":
			serve("application/json", `{"software":{"name":"friendica","version":"1"},"protocols":{"inbound":[]}}`)(w, r)
		default:
			http.NotFound(w, r)
		}
	})
	const schema = relNodeInfo
	c := network.client()
	index = `{"links":[` + link(schema+"2.0", "", a.URL+"/old") + `,` + link(schema+"2.1", "", a.URL+"/nodeinfo/2.1") + `,` + link(schema+"1.0", "", a.URL+"/x") + `]}`
	info, err := c.NodeInfo(t.Context(), a.host())
	if err != nil {
		t.Fatal(err)
	}
	want := &NodeInfo{Software: "lemmy", Version: "1.0 " + strings.Repeat("x", maxSoftware-4), Protocols: []string{"activitypub"}, Open: true, Users: 7}
	if diff := cmp.Diff(want, info); diff != "" {
		t.Error(diff)
	}
	index = `{"links":[` + link(schema+"2.0", "", a.URL+"/old") + `]}`
	if info, err := c.NodeInfo(t.Context(), a.host()); err != nil || info.Software != "friendica" || info.Protocols != nil {
		t.Errorf("old: %+v %v", info, err)
	}
}

// TestNodeInfoLink is row S7.
func TestNodeInfoLink(t *testing.T) {
	t.Parallel()
	bird := newCanary(t)
	network := newTowns(t)
	index := ""
	a := network.found("a.test", func(w http.ResponseWriter, r *http.Request) { serve("application/json", index)(w, r) })
	b := network.found("b.test", serve("application/json", "{}"))
	c := network.client()
	for _, href := range []string{
		b.URL + "/nodeinfo", fmt.Sprintf("https://127.0.0.1:%d/", bird.port), fmt.Sprintf("http://127.0.0.1:%d/", bird.port), "data:application/json,{}",
		"/nodeinfo/2.0", "", strings.Replace(a.URL, "https", "http", 1) + "/x", a.URL + ".evil.test/",
	} {
		index = `{"links":[` + link(relNodeInfo+"2.0", "", href) + `]}`
		if info, err := c.NodeInfo(t.Context(), a.host()); !errors.Is(err, ErrAddress) {
			t.Errorf("%s: %+v %v", href, info, err)
		}
	}
	for _, host := range []string{"a.test/x", "a.test?x", "x@a.test", "a.test#x", ""} {
		if _, err := c.NodeInfo(t.Context(), host); !errors.Is(err, ErrAddress) {
			t.Errorf("%q: %v", host, err)
		}
	}
	if b.requests() != 0 {
		t.Error("another host was asked")
	}
	bird.mustLive(t)
}
