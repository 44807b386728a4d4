package fetch

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

const (
	acceptJSON   = "application/json"
	relNodeInfo  = "http://nodeinfo.diaspora.software/ns/schema/"
	maxSoftware  = 64
	nodeInfoWant = "2." // 2.0, 2.1 and 2.2 agree in what we read
)

// NodeInfo is what a host says about its software.
type NodeInfo struct {
	Software  string // lower case, such as "mastodon"
	Version   string
	Protocols []string
	Open      bool // registrations are open
	Users     int  // in total; 0 if it does not say
}

// NodeInfo asks a host for its software (NodeInfo 2.x). The document must be on the host that names it.
func (c *Client) NodeInfo(ctx context.Context, host string) (*NodeInfo, error) {
	info, err := c.nodeInfo(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("nodeinfo of %.80s: %w", host, err)
	}
	return info, nil
}

func (c *Client) nodeInfo(ctx context.Context, host string) (*NodeInfo, error) {
	if strings.ContainsAny(host, "/?#@") {
		return nil, fmt.Errorf("%w: host %.80q", ErrAddress, host)
	}
	index, err := c.getWellKnown(ctx, host, "nodeinfo", acceptJSON)
	if err != nil {
		return nil, err
	}
	link, err := c.nodeInfoLink(index)
	if err != nil {
		return nil, err
	}
	document, err := c.Get(ctx, link, acceptJSON, nil)
	if err != nil {
		return nil, err
	}
	return parseNodeInfo(document.Body)
}

// nodeInfoLink picks the newest version, on the host that serves the index and no other.
func (c *Client) nodeInfoLink(index *Response) (string, error) {
	var doc struct {
		Links []struct {
			Rel  string `json:"rel"`
			Href string `json:"href"`
		} `json:"links"`
	}
	if err := json.Unmarshal(index.Body, &doc); err != nil {
		return "", fmt.Errorf("%w: %w", ErrFormat, err)
	}
	served, err := url.Parse(index.FinalURL)
	if err != nil {
		return "", err
	}
	best, href := "", ""
	for _, link := range doc.Links {
		version, known := strings.CutPrefix(link.Rel, relNodeInfo)
		if known && strings.HasPrefix(version, nodeInfoWant) && version > best {
			best, href = version, link.Href
		}
	}
	u, err := c.Parse(href)
	if err != nil {
		return "", err
	}
	if u.Host != served.Host || u.Scheme != served.Scheme {
		return "", fmt.Errorf("%w: %s points to %s", ErrAddress, served.Host, u.Host)
	}
	return u.String(), nil
}

func parseNodeInfo(body []byte) (*NodeInfo, error) {
	var doc struct {
		Software struct {
			Name    string `json:"name"`
			Version string `json:"version"`
		} `json:"software"`
		Protocols json.RawMessage `json:"protocols"` // an object in some old servers
		Open      bool            `json:"openRegistrations"`
		Usage     struct {
			Users struct {
				Total int `json:"total"`
			} `json:"users"`
		} `json:"usage"`
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	info := &NodeInfo{
		Software: strings.ToLower(clip(doc.Software.Name)),
		Version:  clip(doc.Software.Version),
		Open:     doc.Open,
		Users:    max(doc.Usage.Users.Total, 0),
	}
	if json.Unmarshal(doc.Protocols, &info.Protocols) != nil {
		info.Protocols = nil
	}
	return info, nil
}

// clip keeps a stranger's word short and printable.
func clip(s string) string {
	s = printable(s)
	if len(s) > maxSoftware {
		s = strings.ToValidUTF8(s[:maxSoftware], "")
	}
	return s
}
