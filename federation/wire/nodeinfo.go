package wire

import (
	"fmt"
	"slices"
	"strings"
)

// NodeInfo is what a server tells about itself (FEP-f1d5, NodeInfo 2.0 and
// 2.1). Peers choose their dialect by Software.
type NodeInfo struct {
	// Version is "2.0" or "2.1".
	Version           string           `json:"version"`
	Software          NodeInfoSoftware `json:"software"`
	Protocols         []string         `json:"protocols"`
	Services          NodeInfoServices `json:"services"`
	OpenRegistrations bool             `json:"openRegistrations"`
	Usage             NodeInfoUsage    `json:"usage"`
	// Metadata is free; nil is written as an empty object, which the schema asks for.
	Metadata map[string]any `json:"metadata"`
}

// NodeInfoSoftware names the program; Repository and Homepage are of 2.1 only.
type NodeInfoSoftware struct {
	// Name is in [a-z0-9-]; readers get it lower-cased.
	Name       string `json:"name"`
	Version    string `json:"version"`
	Repository string `json:"repository,omitempty"`
	Homepage   string `json:"homepage,omitempty"`
}

// NodeInfoServices are third-party services that the server reads and feeds.
type NodeInfoServices struct {
	Inbound  []string `json:"inbound"`
	Outbound []string `json:"outbound"`
}

// NodeInfoUsage counts what is there.
type NodeInfoUsage struct {
	Users         NodeInfoUsers `json:"users"`
	LocalPosts    int           `json:"localPosts"`
	LocalComments int           `json:"localComments"`
}

// NodeInfoUsers counts accounts: all, and those active in 30 and 180 days.
type NodeInfoUsers struct {
	Total          int `json:"total"`
	ActiveMonth    int `json:"activeMonth"`
	ActiveHalfyear int `json:"activeHalfyear"`
}

// ParseNodeInfo reads a NodeInfo document of any version. Without a software
// name it is refused. Metadata is not read.
func ParseNodeInfo(raw []byte) (NodeInfo, error) {
	root, err := parse(raw)
	if err != nil {
		return NodeInfo{}, err
	}
	text := func(n *node, key string) string { return n.get(key).cut(maxMediaType) }
	software, usage := root.get("software"), root.get("usage")
	n := NodeInfo{
		Version: text(root, "version"),
		Software: NodeInfoSoftware{
			Name: strings.ToLower(text(software, "name")), Version: text(software, "version"),
			Repository: software.get("repository").link(), Homepage: software.get("homepage").link(),
		},
		Protocols: root.get("protocols").words(),
		Services: NodeInfoServices{
			Inbound: root.get("services").get("inbound").words(), Outbound: root.get("services").get("outbound").words(),
		},
		OpenRegistrations: root.get("openRegistrations").bool(),
	}
	if n.Software.Name == "" {
		return NodeInfo{}, refuse(ReasonNodeInfo, "no software name")
	}
	users := usage.get("users")
	n.Usage.Users.Total, _ = users.get("total").count()
	n.Usage.Users.ActiveMonth, _ = users.get("activeMonth").count()
	n.Usage.Users.ActiveHalfyear, _ = users.get("activeHalfyear").count()
	n.Usage.LocalPosts, _ = usage.get("localPosts").count()
	n.Usage.LocalComments, _ = usage.get("localComments").count()
	return n, nil
}

// words reads a short list of short strings.
func (n *node) words() []string {
	var out []string
	for i := range n.items[:min(len(n.items), MaxLinks)] {
		if s := n.items[i].cut(maxMediaType); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// Encode writes the document. The 2.0 form leaves out what 2.1 added.
func (n NodeInfo) Encode() ([]byte, error) {
	if n.Version == "2.0" {
		n.Software.Repository, n.Software.Homepage = "", ""
	}
	for _, list := range []*[]string{&n.Protocols, &n.Services.Inbound, &n.Services.Outbound} {
		if *list == nil {
			*list = []string{}
		}
	}
	if n.Metadata == nil {
		n.Metadata = map[string]any{}
	}
	out, err := marshal(n)
	if err != nil {
		return nil, fmt.Errorf("encode NodeInfo: %w", err)
	}
	return out, nil
}

// nodeInfoSchema precedes the version in a link of the discovery document.
const nodeInfoSchema = "http://nodeinfo.diaspora.software/ns/schema/"

// NodeInfoDiscovery is the answer of /.well-known/nodeinfo (FEP-f1d5).
type NodeInfoDiscovery struct {
	Links []JRDLink `json:"links"`
}

// NodeInfoMediaType is the Content-Type of a NodeInfo document of a version.
func NodeInfoMediaType(version string) string {
	return fmt.Sprintf("application/json; profile=%q", nodeInfoSchema+version+"#")
}

// NewNodeInfoDiscovery names the documents of both versions and the server's
// own actor (FEP-2677). GoToSocial takes the last version and reads 2.0 only.
func NewNodeInfoDiscovery(v20, v21, application string) NodeInfoDiscovery {
	return NodeInfoDiscovery{Links: []JRDLink{
		{Rel: nodeInfoSchema + "2.1", Href: v21},
		{Rel: nodeInfoSchema + "2.0", Href: v20},
		{Rel: RelApplication, Href: application},
	}}
}

// ParseNodeInfoDiscovery reads a discovery document. Without a link to
// NodeInfo or to an application actor it is refused.
func ParseNodeInfoDiscovery(raw []byte) (NodeInfoDiscovery, error) {
	root, err := parse(raw)
	if err != nil {
		return NodeInfoDiscovery{}, err
	}
	d := NodeInfoDiscovery{Links: root.jrdLinks()}
	if d.Latest() == "" && d.Application() == "" {
		return NodeInfoDiscovery{}, refuse(ReasonNodeInfo, "no link")
	}
	return d, nil
}

// Latest is the URL of the newest NodeInfo version on offer, or "".
func (d NodeInfoDiscovery) Latest() string {
	for _, version := range []string{"2.2", "2.1", "2.0", "1.1", "1.0"} {
		if href := d.href(nodeInfoSchema + version); href != "" {
			return href
		}
	}
	return ""
}

// Application is the id of the server's own actor (FEP-2677), or "".
func (d NodeInfoDiscovery) Application() string { return d.href(RelApplication) }

func (d NodeInfoDiscovery) href(rel string) string {
	i := slices.IndexFunc(d.Links, func(l JRDLink) bool { return l.Rel == rel && HTTPURL(l.Href) })
	if i < 0 {
		return ""
	}
	return d.Links[i].Href
}

// Encode writes the document.
func (d NodeInfoDiscovery) Encode() ([]byte, error) {
	out, err := marshal(d)
	if err != nil {
		return nil, fmt.Errorf("encode the NodeInfo discovery: %w", err)
	}
	return out, nil
}
