package fetch

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzParse holds that what Parse accepts is https to a plain public name, means the same when read again, and cannot end
// a request line.
func FuzzParse(f *testing.F) {
	for _, seed := range append(spellings, "https://town.nl/", "https://town.nl:443/a?b#c", "https://town.nl/é?é", "https://xn--a.nl/%20") {
		f.Add(seed)
	}
	c := newTestClient(f, Config{}, publicPorts...)
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := c.Parse(raw)
		if err != nil {
			return
		}
		again, err := c.Parse(u.String())
		if err != nil || again.String() != u.String() {
			t.Errorf("%q: %q, then %v %v", raw, u, again, err)
		}
		if u.Scheme != "https" || u.User != nil || u.Port() != "" || c.checkName(u.Host) != nil || u.Host != strings.ToLower(u.Host) {
			t.Errorf("%q: accepted as %q", raw, u)
		}
		if strings.ContainsFunc(u.RequestURI(), func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			t.Errorf("%q: request line %q", raw, u.RequestURI())
		}
	})
}

// FuzzWebFinger feeds handles, JRDs and NodeInfo of strangers: no panic, and only links that could be fetched.
func FuzzWebFinger(f *testing.F) {
	f.Add("@jan@town.nl", `{"subject":"acct:jan@town.nl","links":[{"rel":"self","type":"application/activity+json","href":"https://town.nl/jan"}]}`)
	f.Add("acct:a@b.nl", `{"links":[{"rel":"`+relSubscribe+`","template":"https://b.nl/{uri}"}]}`)
	f.Add("@a@127.0.0.1:22/x?y#", `{"software":{"name":"x","version":"1"},"protocols":{},"usage":{"users":{"total":-1}}}`)
	f.Add("@a@b.nl", `{"links":[{"rel":"`+relNodeInfo+`2.0","href":"https://town.nl/nodeinfo"}]}`)
	c := newTestClient(f, Config{}, publicPorts...)
	f.Fuzz(func(t *testing.T, text, body string) {
		handle, err := ParseHandle(text)
		if err != nil {
			handle = Handle{"a", "town.nl"}
		}
		if u, err := url.Parse("https://" + handle.Host + "/"); err != nil || u.Host != handle.Host || u.Path != "/" {
			t.Errorf("handle %q changed the URL: %v", text, u)
		}
		if account, err := c.parseJRD(handle, []byte(body)); err == nil {
			for _, actor := range account.Actors {
				if _, err := c.Parse(actor); err != nil {
					t.Errorf("actor %q: %v", actor, err)
				}
			}
		}
		if link, err := c.nodeInfoLink(&Response{FinalURL: "https://town.nl/x", Body: []byte(body)}); err == nil && !strings.HasPrefix(link, "https://town.nl") {
			t.Errorf("nodeinfo at %q", link)
		}
		if info, err := parseNodeInfo([]byte(body)); err == nil && (len(info.Software) > maxSoftware*2 || info.Users < 0) {
			t.Errorf("%+v", info)
		}
	})
}
