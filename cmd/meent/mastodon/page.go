package mastodon

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"meent/communities"
	"meent/storage"
)

// length is how long a page of a list is, unless an app asks for another one: up to twice that (Mastodon API, pagination).
type length int

const (
	statusLength  length = 20
	accountLength length = 40
)

func (l length) usual() int { return int(l) }
func (l length) most() int  { return 2 * int(l) }

// page reads which part of a list is asked for. A bound that is no id is ignored, as Mastodon does.
func (c *call) page(l length) storage.Page {
	limit := c.form.number("limit", l.usual())
	if limit < 1 {
		limit = l.usual()
	}
	return storage.Page{
		MaxID: c.bound("max_id"), SinceID: c.bound("since_id"), MinID: c.bound("min_id"), Limit: min(limit, l.most()),
	}
}

func (c *call) bound(name string) int64 {
	n, err := strconv.ParseInt(c.form.text(name), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// link tells where the pages before and after this one are (Mastodon API, pagination). Cursors are those of the items on it, newest first;
// a page that is not full is the last, and says so by naming none after it.
func (a *API) link(c *call, page storage.Page, cursors []int64) {
	if len(cursors) == 0 {
		return
	}
	var links []string
	if len(cursors) >= page.Limit {
		links = append(links, a.neighbour(c, "next", "max_id", cursors[len(cursors)-1]))
	}
	links = append(links, a.neighbour(c, "prev", "min_id", cursors[0]))
	c.header.Set("Link", strings.Join(links, ", "))
}

func (a *API) neighbour(c *call, rel, bound string, cursor int64) string {
	query := url.Values{}
	for name, values := range c.URL.Query() {
		if !slices.Contains([]string{"max_id", "min_id", "since_id", "offset", "access_token"}, name) {
			query[name] = values
		}
	}
	query.Set(bound, strconv.FormatInt(cursor, 10))
	return "<" + a.town.Base + c.URL.EscapedPath() + "?" + query.Encode() + `>; rel="` + rel + `"`
}

// pathID reads an id from the address. What is none names nothing.
func pathID[T ~int64](c *call, name string) (T, error) {
	id, err := parseID[T](c.PathValue(name))
	if err != nil {
		return 0, communities.NotFound
	}
	return id, nil
}

func parseID[T ~int64](text string) (T, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return 0, communities.NotFound
	}
	return T(n), nil
}

// parseIDs keeps those that are ids.
func parseIDs[T ~int64](texts []string) []T {
	var ids []T
	for _, text := range texts {
		if id, err := parseID[T](text); err == nil && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}
