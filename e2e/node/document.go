//go:build unix

package node

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// Activity is the media type of ActivityPub documents (ActivityPub 3.2).
const Activity = "application/activity+json"

// Document reads an ActivityPub document of the node into doc.
func (n *Node) Document(ctx context.Context, url string, doc any) error {
	status, body, err := n.Read(ctx, url, Activity)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("read %s: %d %s", url, status, body)
	}
	if err := json.Unmarshal(body, doc); err != nil {
		return fmt.Errorf("read %s: %w", url, err)
	}
	return nil
}

// collectionPage is a collection or a page of one (ActivityPub 5).
type collectionPage struct {
	TotalItems   int               `json:"totalItems"`
	First        json.RawMessage   `json:"first"`
	Items        []json.RawMessage `json:"items"`
	OrderedItems []json.RawMessage `json:"orderedItems"`
	Next         string            `json:"next"`
}

// Total is how many items a collection of the node says that it has.
func (n *Node) Total(ctx context.Context, url string) (int, error) {
	var page collectionPage
	err := n.Document(ctx, url, &page)
	return page.TotalItems, err
}

// Collection lists the items of a collection of the node, through all its pages.
func (n *Node) Collection(ctx context.Context, url string) ([]json.RawMessage, error) {
	var page collectionPage
	if err := n.Document(ctx, url, &page); err != nil {
		return nil, err
	}
	if len(page.First) > 0 {
		first, err := n.firstPage(ctx, page.First)
		if err != nil {
			return nil, err
		}
		page = first
	}
	var items []json.RawMessage
	for {
		items = append(append(items, page.Items...), page.OrderedItems...)
		if page.Next == "" {
			return items, nil
		}
		next := page.Next
		page = collectionPage{}
		if err := n.Document(ctx, next, &page); err != nil {
			return nil, err
		}
	}
}

// firstPage reads a first page that is embedded or named.
func (n *Node) firstPage(ctx context.Context, first json.RawMessage) (page collectionPage, err error) {
	if first[0] == '{' {
		return page, json.Unmarshal(first, &page)
	}
	var url string
	if err := json.Unmarshal(first, &url); err != nil {
		return page, err
	}
	return page, n.Document(ctx, url, &page)
}

// URIs lists the ids in a collection of the node, whether its items are ids or whole objects.
func (n *Node) URIs(ctx context.Context, url string) ([]string, error) {
	items, err := n.Collection(ctx, url)
	if err != nil {
		return nil, err
	}
	uris := make([]string, len(items))
	for i, item := range items {
		if uris[i], err = idOf(item); err != nil {
			return nil, fmt.Errorf("read %s: %w", url, err)
		}
	}
	return uris, nil
}

func idOf(item json.RawMessage) (string, error) {
	var id string
	if json.Unmarshal(item, &id) == nil {
		return id, nil
	}
	var object struct{ ID string }
	err := json.Unmarshal(item, &object)
	return object.ID, err
}
