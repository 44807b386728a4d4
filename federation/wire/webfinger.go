package wire

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
)

// Media types of discovery.
const (
	MediaTypeJRD      = "application/jrd+json"
	MediaTypeHostMeta = "application/xrd+xml"
)

// Link relations of discovery.
const (
	RelSelf        = "self"
	RelProfilePage = "http://webfinger.net/rel/profile-page"
	RelAvatar      = "http://webfinger.net/rel/avatar"
	RelSubscribe   = "http://ostatus.org/schema/1.0/subscribe"
	RelLRDD        = "lrdd"
	// RelApplication names a server's own actor in NodeInfo (FEP-2677).
	RelApplication = "https://www.w3.org/ns/activitystreams#Application"
)

// JRD is a WebFinger answer (RFC 7033 4.4, RFC 6415).
type JRD struct {
	// Subject is like "acct:name@host".
	Subject string    `json:"subject,omitempty"`
	Aliases []string  `json:"aliases,omitempty"`
	Links   []JRDLink `json:"links,omitempty"`
}

// JRDLink is one link of a JRD; it has a Href or a Template.
type JRDLink struct {
	Rel      string `json:"rel"`
	Type     string `json:"type,omitempty"`
	Href     string `json:"href,omitempty"`
	Template string `json:"template,omitempty"`
}

// MaxLinks is how many links of a discovery document are read.
const MaxLinks = 100

// ParseJRD reads a WebFinger answer. Without a subject it is refused.
func ParseJRD(raw []byte) (JRD, error) {
	root, err := parse(raw)
	if err != nil {
		return JRD{}, err
	}
	j := JRD{Subject: root.get("subject").cut(MaxIDLength), Links: root.jrdLinks()}
	if j.Subject == "" {
		return JRD{}, refuse(ReasonJRD, "no subject")
	}
	aliases := root.get("aliases").list()
	for i := range aliases[:min(len(aliases), MaxAliases)] {
		if alias := aliases[i].cut(MaxIDLength); alias != "" {
			j.Aliases = append(j.Aliases, alias)
		}
	}
	return j, nil
}

func (n *node) jrdLinks() []JRDLink {
	var out []JRDLink
	links := n.get("links").list()
	for i := range links[:min(len(links), MaxLinks)] {
		l := &links[i]
		link := JRDLink{
			Rel: l.get("rel").cut(MaxIDLength), Type: l.get("type").cut(maxMediaType),
			Href: l.get("href").cut(MaxIDLength), Template: l.get("template").cut(MaxIDLength),
		}
		if link.Rel != "" {
			out = append(out, link)
		}
	}
	return out
}

// Self is the id of the actor: the first self link of an ActivityPub type, as
// Mastodon chooses. It is empty when there is none.
func (j JRD) Self() string {
	i := slices.IndexFunc(j.Links, func(l JRDLink) bool {
		return l.Rel == RelSelf && isActivityPub(l.Type) && HTTPURL(l.Href)
	})
	if i < 0 {
		return ""
	}
	return j.Links[i].Href
}

// Account gives the name and the canonical host of the subject (RFC 7565).
func (j JRD) Account() (name, host string, err error) {
	name, host, ok := strings.Cut(strings.TrimPrefix(j.Subject, "acct:"), "@")
	if !ok || name == "" {
		return "", "", refuse(ReasonJRD, "subject is no account")
	}
	if host, err = CanonicalHost(host); err != nil {
		return "", "", err
	}
	return name, host, nil
}

// isActivityPub tells the two media types of ActivityPub 3.2.
func isActivityPub(mediaType string) bool {
	base, params, _ := strings.Cut(mediaType, ";")
	switch strings.TrimSpace(base) {
	case MediaType:
		return true
	case "application/ld+json":
		return strings.Contains(params, contextAS2)
	}
	return false
}

// Encode writes the answer as JSON.
func (j JRD) Encode() ([]byte, error) {
	out, err := marshal(j)
	if err != nil {
		return nil, fmt.Errorf("encode the JRD of %s: %w", j.Subject, err)
	}
	return out, nil
}

// HostMeta is the answer of /.well-known/host-meta (RFC 6415 2), which
// Mastodon asks for where WebFinger answers 404.
type HostMeta struct {
	// WebFingerTemplate is the URL to ask, with "{uri}" for the account.
	WebFingerTemplate string
}

// Encode writes the answer as XRD.
func (h HostMeta) Encode() ([]byte, error) {
	type link struct {
		Rel      string `xml:"rel,attr"`
		Template string `xml:"template,attr"`
	}
	out, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"http://docs.oasis-open.org/ns/xri/xrd-1.0 XRD"`
		Link    link     `xml:"Link"`
	}{Link: link{RelLRDD, h.WebFingerTemplate}})
	if err != nil {
		return nil, fmt.Errorf("encode host-meta: %w", err)
	}
	return append([]byte(xml.Header), out...), nil
}

// marshal is json.Marshal without escaping for HTML, which no reader of ours
// needs and which would swell every text.
func marshal(v any) ([]byte, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return []byte(strings.TrimSuffix(b.String(), "\n")), nil
}
