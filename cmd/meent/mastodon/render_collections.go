package mastodon

import (
	"regexp"
	"slices"
	"strings"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/storage"
)

// collectionLink is a link to a collection of this node, as it stands in a text.
var collectionLink = regexp.MustCompile(`href="([^"]*/u/[a-z0-9_]+/collections/([0-9]{1,19}))"`)

// collectionLinks finds them, in the few posts that can hold any.
func collectionLinks(post *communities.Post) [][]string {
	if !strings.Contains(post.Content, "/collections/") {
		return nil
	}
	return collectionLink.FindAllStringSubmatch(post.Content, -1)
}

// collectionAddress is that address alone.
var collectionAddress = regexp.MustCompile(`^[^"]*/u/[a-z0-9_]+/collections/([0-9]{1,19})$`)

// collectionAt finds a collection of this node by its address; none is no error.
func (a *API) collectionAt(c *call, address string) ([]entity.Collection, error) {
	parts := collectionAddress.FindStringSubmatch(address)
	if parts == nil {
		return nil, nil
	}
	id, err := parseID[communities.CollectionID](parts[1])
	if err != nil {
		return nil, nil //nolint:nilerr // no collection has such an address
	}
	collection, err := a.reader(c).Collection(c.Context(), id)
	if communities.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list, err := a.drawCollections(c, []*communities.Collection{collection})
	if err == nil && list[0].URI != address {
		return nil, nil // of that number in another town
	}
	return list, err
}

const maxTagged = 40 // collections that a page of statuses is looked through for

// linkedCollections finds the collections that statuses link to, by the address that they have (entities/Status, tagged_collections).
func (a *API) linkedCollections(c *call, views []*storage.View) (map[string]entity.Collection, error) {
	wanted := map[communities.CollectionID]bool{}
	for _, v := range views {
		if v.Boosted != nil {
			v = v.Boosted
		}
		for _, link := range collectionLinks(v.Post) {
			if id, err := parseID[communities.CollectionID](link[2]); err == nil && len(wanted) < maxTagged {
				wanted[id] = true
			}
		}
	}
	linked := map[string]entity.Collection{}
	for id := range wanted {
		collection, err := a.reader(c).Collection(c.Context(), id)
		if communities.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		drawn, err := a.drawCollections(c, []*communities.Collection{collection})
		if err != nil {
			return nil, err
		}
		linked[drawn[0].URI] = drawn[0]
	}
	return linked, nil
}

// tagged lists those that one status links to, each once.
func (p *painter) tagged(post *communities.Post) []entity.Collection {
	list := []entity.Collection{}
	var seen []string
	for _, link := range collectionLinks(post) {
		if collection, known := p.linked[link[1]]; known && !slices.Contains(seen, link[1]) {
			list, seen = append(list, collection), append(seen, link[1])
		}
	}
	return list
}
