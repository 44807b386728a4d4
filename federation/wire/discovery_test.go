package wire

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestJRD(t *testing.T) {
	t.Parallel()
	want := JRD{
		Subject: "acct:plein@dorp.example", Aliases: []string{"https://dorp.example/g/plein"},
		Links: []JRDLink{
			{Rel: RelProfilePage, Type: "text/html", Href: "https://dorp.example/g/plein"},
			{Rel: RelSelf, Type: "application/atom+xml", Href: "https://dorp.example/feed"},
			{Rel: RelSelf, Type: `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`, Href: "https://dorp.example/g/plein"},
			{Rel: RelSubscribe, Template: "https://dorp.example/follow?uri={uri}"},
		},
	}
	raw, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseJRD(raw)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got.Self() != "https://dorp.example/g/plein" {
		t.Errorf("self is %q", got.Self())
	}
	if name, host, err := got.Account(); name != "plein" || host != "dorp.example" || err != nil {
		t.Errorf("account is %q, %q (%v)", name, host, err)
	}
}

func TestJRDRefused(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]Reason{
		`{}`: ReasonJRD, `{"subject":1}`: ReasonJRD, `[]`: ReasonJRD, `{"subject":"a","Subject":"b"}`: ReasonDuplicateKey, `<html>`: ReasonSyntax,
	} {
		if _, err := ParseJRD([]byte(raw)); ReasonOf(err) != want {
			t.Errorf("%s: got %v, want %s", raw, err, want)
		}
	}
	for _, subject := range []string{"acct:plein", "acct:@dorp.example", "acct:plein@dorp.example.", "acct:plein@dorp.example/x", "https://dorp.example/g/plein"} {
		if _, _, err := (JRD{Subject: subject}).Account(); err == nil {
			t.Errorf("%s was taken for an account", subject)
		}
	}
	j := JRD{Links: []JRDLink{{Rel: RelSelf, Type: MediaType, Href: "javascript:alert(1)"}, {Rel: RelSelf, Type: "text/html", Href: "https://dorp.example/"}}}
	if j.Self() != "" {
		t.Errorf("self is %q", j.Self())
	}
}

func TestHostMeta(t *testing.T) {
	t.Parallel()
	raw, err := HostMeta{WebFingerTemplate: "https://dorp.example/.well-known/webfinger?resource={uri}"}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		XMLName xml.Name `xml:"http://docs.oasis-open.org/ns/xri/xrd-1.0 XRD"`
		Link    struct {
			Rel      string `xml:"rel,attr"`
			Template string `xml:"template,attr"`
		}
	}
	if err := xml.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if got.Link.Rel != RelLRDD || got.Link.Template != "https://dorp.example/.well-known/webfinger?resource={uri}" {
		t.Errorf("got %+v", got)
	}
}

func TestNodeInfo(t *testing.T) {
	t.Parallel()
	want := NodeInfo{
		Version:  "2.1",
		Software: NodeInfoSoftware{Name: "meent", Version: "1.0.0", Repository: "https://dorp.example/code", Homepage: "https://dorp.example/"}, Protocols: []string{"activitypub"},
		Services: NodeInfoServices{Outbound: []string{"atom1.0"}}, OpenRegistrations: true,
		Usage: NodeInfoUsage{Users: NodeInfoUsers{Total: 3, ActiveMonth: 2, ActiveHalfyear: 3}, LocalPosts: 5, LocalComments: 8},
	}
	raw, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(raw), `"inbound":[]`) || !strings.Contains(string(raw), `"metadata":{}`) {
		t.Errorf("the schema wants both: %s", raw)
	}
	got, err := ParseNodeInfo(raw)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	want.Version = "2.0"
	if raw, err = want.Encode(); err != nil || strings.Contains(string(raw), "repository") {
		t.Errorf("2.0 has no repository: %s (%v)", raw, err)
	}
	if _, err := ParseNodeInfo([]byte(`{"version":"2.0"}`)); ReasonOf(err) != ReasonNodeInfo {
		t.Errorf("without software: %v", err)
	}
}

func TestNodeInfoDiscovery(t *testing.T) {
	t.Parallel()
	want := NewNodeInfoDiscovery("https://dorp.example/nodeinfo/2.0", "https://dorp.example/nodeinfo/2.1", "https://dorp.example/")
	raw, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseNodeInfoDiscovery(raw)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got.Latest() != "https://dorp.example/nodeinfo/2.1" || got.Application() != "https://dorp.example/" {
		t.Errorf("got %q and %q", got.Latest(), got.Application())
	}
	if _, err := ParseNodeInfoDiscovery([]byte(`{"links":[]}`)); ReasonOf(err) != ReasonNodeInfo {
		t.Errorf("without links: %v", err)
	}
}
