package wire

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzDecode throws bytes at the inbox: no panic, no refusal without a reason,
// never another reading than encoding/json's, and no blind recipients left.
func FuzzDecode(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		agree(t, raw)
		d, err := Decode(raw)
		if err != nil {
			wantReason(t, "decode", err)
			return
		}
		if root, err := parse(d.Raw); err != nil || root.hasBlind() {
			t.Fatalf("kept %s (%v)", d.Raw, err)
		}
		readEvery(t, "read", d)
		if a, err := d.Activity(); err == nil {
			mustEncode(t, a.Encode)
		}
		if o, err := d.Object(); err == nil {
			mustEncode(t, o.Encode)
		}
		if c, err := d.Collection(); err == nil {
			mustEncode(t, c.Encode)
		}
	})
}

// FuzzActor shows that whatever is taken for an actor keeps to its own host,
// and can be written again.
func FuzzActor(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := Decode(raw)
		if err != nil {
			return
		}
		a, err := d.Actor()
		if err != nil {
			wantReason(t, "actor", err)
			return
		}
		for _, url := range []string{a.Inbox, a.Outbox, a.Followers, a.Following, a.Featured, a.SharedInbox} {
			if url != "" && (!HTTPURL(url) || !SameHost(url, a.ID)) {
				t.Fatalf("%q of %s", url, a.ID)
			}
		}
		mustEncode(t, a.Encode)
	})
}

// FuzzJRD throws bytes at the readers of discovery.
func FuzzJRD(f *testing.F) {
	f.Add([]byte(`{"subject":"acct:plein@dorp.example","aliases":["x",1],"links":[{"rel":"self","type":"application/activity+json","href":"https://dorp.example/g/plein"},{}]}`))
	f.Add([]byte(`{"links":[{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.1","href":"https://dorp.example/nodeinfo/2.1"}]}`))
	f.Add([]byte(`{"version":"2.1","software":{"name":"Meent"},"protocols":["activitypub"],"usage":{"users":{"total":-1}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if j, err := ParseJRD(raw); err != nil {
			wantReason(t, "jrd", err)
		} else if self := j.Self(); self != "" && !HTTPURL(self) {
			t.Fatalf("self is %q", self)
		}
		if n, err := ParseNodeInfo(raw); err != nil {
			wantReason(t, "nodeinfo", err)
		} else if n.Usage.Users.Total < 0 {
			t.Fatalf("%d users", n.Usage.Users.Total)
		}
		if d, err := ParseNodeInfoDiscovery(raw); err != nil {
			wantReason(t, "discovery", err)
		} else if latest := d.Latest(); latest != "" && !HTTPURL(latest) {
			t.Fatalf("latest is %q", latest)
		}
	})
}

func seed(f *testing.F) {
	f.Helper()
	f.Add([]byte(`{"type":"Video","id":"https://dorp.example/1","duration":""}`)) // go-fed panics
	for _, text := range whole {
		f.Add([]byte(text))
	}
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
}

// mustEncode shows that what we write is a document that we take.
func mustEncode(t *testing.T, encode func() ([]byte, error)) {
	t.Helper()
	raw, err := encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parse(raw); err != nil && ReasonOf(err) != ReasonTooDeep {
		t.Fatalf("wrote %s: %v", raw, err)
	}
}
