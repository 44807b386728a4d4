package federation

import (
	"net/http"

	"meent/communities"
	"meent/federation/wire"
)

// software is our own name in NodeInfo, by which other Meent nodes know us.
const software = "meent"

// clientDialect names whose client API is spoken here, for libraries that choose by NodeInfo and know no software by our name (megalodon).
const clientDialect = "mastodon"

// nodeInfoDiscovery names the versions and the node's own actor (FEP-f1d5, FEP-2677).
func (r *Road) nodeInfoDiscovery(*http.Request, asker) (document, error) {
	answer := wire.NewNodeInfoDiscovery(r.Base+"/nodeinfo/2.0", r.Base+"/nodeinfo/2.1", r.Actor(communities.Application, ""))
	body, err := answer.Encode()
	return document{mediaType: "application/json", body: body}, err
}

// nodeInfo tells the software and a few counts. Others choose their dialect by it.
func (r *Road) nodeInfo(req *http.Request, _ asker) (document, error) {
	version := req.PathValue("version")
	if version != "2.0" && version != "2.1" {
		return document{}, communities.NotFound
	}
	counts, err := r.archive.Counts(req.Context(), r.Now())
	if err != nil {
		return document{}, err
	}
	answer := wire.NodeInfo{
		Version:   version,
		Software:  wire.NodeInfoSoftware{Name: software, Version: r.Version},
		Protocols: []string{"activitypub"},
		Usage: wire.NodeInfoUsage{
			Users:      wire.NodeInfoUsers{Total: counts.People, ActiveMonth: counts.ActiveMonth, ActiveHalfyear: counts.ActiveHalfYear},
			LocalPosts: counts.Threads, LocalComments: counts.Replies,
		},
		Metadata: map[string]any{"nodeName": r.Name, "upstream": map[string]string{"name": clientDialect}},
	}
	body, err := answer.Encode()
	return document{mediaType: wire.NodeInfoMediaType(version), body: body}, err
}
