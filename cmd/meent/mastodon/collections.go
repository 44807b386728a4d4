package mastodon

import (
	"context"
	"slices"
	"strings"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
)

// collectionRoutes are sets of people and groups that somebody recommends to follow.
var collectionRoutes = []row{
	{"POST", "/api/v1/collections", User, "write:collections", (*API).makeCollection, 0},
	{"GET", "/api/v1/collections/{id}", Anyone, "read:collections", (*API).showCollection, 0},
	{"PATCH", "/api/v1/collections/{id}", User, "write:collections", (*API).changeCollection, 0},
	{"PUT", "/api/v1/collections/{id}", User, "write:collections", (*API).changeCollection, 0},
	{"DELETE", "/api/v1/collections/{id}", User, "write:collections", (*API).deleteCollection, 0},
	{"POST", "/api/v1/collections/{id}/items", User, "write:collections", (*API).addToCollection, 0},
	{"DELETE", "/api/v1/collections/{id}/items/{item}", User, "write:collections", (*API).removeFromCollection, 0},
	{"POST", "/api/v1/collections/{id}/items/{item}/revoke", User, "write:collections", (*API).revokeFromCollection, 0},
	{"GET", "/api/v1/accounts/{id}/collections", Anyone, "read:collections", (*API).accountCollections, 0},
	{"GET", "/api/v1/accounts/{id}/in_collections", User, "read:collections", (*API).inCollections, 0},
}

const collectionLength length = 40 // of a page of them

// collecting reads what a collection shall be.
func (c *call) collecting(id communities.CollectionID) communities.Collecting {
	return communities.Collecting{
		By: c.id(), Collection: id, Name: c.form.given("name"), Description: c.form.given("description"), Language: c.form.given("language"),
		Tag: c.form.given("tag_name"), Sensitive: c.form.givenFlag("sensitive"), Discoverable: c.form.givenFlag("discoverable"),
	}
}

// makeCollection makes a collection, with whom it names; all of them, or nothing.
func (a *API) makeCollection(c *call) (any, error) {
	asked := c.form.list("account_ids")
	members := parseIDs[communities.ActorID](asked)
	if len(members) < len(slices.Compact(slices.Sorted(slices.Values(asked)))) || len(members) > communities.MaxCollectionItems {
		return nil, communities.Invalidf("A collection holds at most %d accounts, each named by its id", communities.MaxCollectionItems)
	}
	var made *communities.Collection
	err := a.town.Write(c.Context(), func(tx communities.Tx) (err error) {
		if made, err = a.town.CreateCollection(c.Context(), tx, c.collecting(0)); err != nil {
			return err
		}
		for _, member := range members {
			if err := a.feature(c, tx, made.ID, member); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, refusal(err)
	}
	return a.drawCollectionNow(c, made.ID)
}

// feature takes an id that nobody has for a mistake of the request, as Mastodon does.
func (a *API) feature(c *call, tx communities.Tx, collection communities.CollectionID, whom communities.ActorID) error {
	_, err := a.town.Feature(c.Context(), tx, communities.Featuring{By: c.id(), Collection: collection, Whom: whom})
	if communities.IsNotFound(err) {
		return communities.Invalidf("There is no such account")
	}
	return err
}

func (a *API) drawCollectionNow(c *call, id communities.CollectionID) (any, error) {
	collection, err := a.reader(c).Collection(c.Context(), id)
	if err != nil {
		return nil, err
	}
	drawn, err := a.drawCollections(c, []*communities.Collection{collection})
	if err != nil {
		return nil, err
	}
	return entity.WrappedCollection{Collection: drawn[0]}, nil
}

func (a *API) showCollection(c *call) (any, error) {
	id, err := pathID[communities.CollectionID](c, "id")
	if err != nil {
		return nil, err
	}
	collection, err := a.reader(c).Collection(c.Context(), id)
	if err != nil {
		return nil, err
	}
	drawn, err := a.drawCollections(c, []*communities.Collection{collection})
	if err != nil {
		return nil, err
	}
	named := []communities.ActorID{collection.Owner}
	for _, item := range collection.Items {
		named = append(named, item.Actor)
	}
	actors, err := a.reader(c).Actors(c.Context(), named)
	if err != nil {
		return nil, err
	}
	accounts, err := a.drawAccounts(c.Context(), actors)
	return entity.CollectionWithAccounts{Accounts: accounts, Collection: drawn[0]}, err
}

// drawCollections draws collections as the reader gave them: whom the caller may not see is not in them.
func (a *API) drawCollections(c *call, collections []*communities.Collection) ([]entity.Collection, error) {
	owners := make([]communities.ActorID, len(collections))
	for i, collection := range collections {
		owners[i] = collection.Owner
	}
	actors, err := a.reader(c).Actors(c.Context(), owners)
	if err != nil {
		return nil, err
	}
	list := make([]entity.Collection, 0, len(collections))
	for _, collection := range collections {
		owner := actors[slices.IndexFunc(actors, func(actor *communities.Actor) bool { return actor.ID == collection.Owner })]
		list = append(list, a.collection(owner, collection))
	}
	return list, nil
}

func (a *API) collection(owner *communities.Actor, of *communities.Collection) entity.Collection {
	uri := a.town.Collection(owner, of.ID)
	drawn := entity.Collection{
		ID: entity.ID(of.ID), AccountID: entity.ID(of.Owner), URI: uri, URL: &uri, Name: of.Name, Description: of.Description,
		Language: entity.Optional(of.Language), Local: true, Sensitive: of.Sensitive, Discoverable: of.Discoverable,
		ItemCount: len(of.Items), Items: []entity.CollectionItem{},
		CreatedAt: entity.Time(of.CreatedAt), UpdatedAt: entity.Time(of.UpdatedAt),
	}
	if of.Tag != "" {
		drawn.Tag = &entity.ShallowTag{Name: of.Tag, URL: a.town.Hashtag(of.Tag)}
	}
	for i := range of.Items {
		drawn.Items = append(drawn.Items, drawCollectionItem(&of.Items[i]))
	}
	return drawn
}

// drawCollectionItem draws one; whoever is in a collection here has been found fine with it.
func drawCollectionItem(i *communities.CollectionItem) entity.CollectionItem {
	return entity.CollectionItem{
		ID: entity.ID(i.ID), AccountID: entity.OptionalID(i.Actor), State: "accepted", CreatedAt: entity.Time(i.CreatedAt),
	}
}

// changes does something to a collection, which must be there for the caller to see.
func (a *API) changes(c *call, do func(tx communities.Tx, id communities.CollectionID) error) (communities.CollectionID, error) {
	id, err := pathID[communities.CollectionID](c, "id")
	if err != nil {
		return 0, err
	}
	collection, err := a.reader(c).Collection(c.Context(), id)
	if err != nil {
		return 0, err
	}
	err = a.town.Write(c.Context(), func(tx communities.Tx) error { return do(tx, id) })
	if collection.Owner == c.id() { // else 403 says what apps expect: it is not theirs
		err = refusal(err)
	}
	return id, err
}

func (a *API) changeCollection(c *call) (any, error) {
	id, err := a.changes(c, func(tx communities.Tx, id communities.CollectionID) error {
		_, err := a.town.EditCollection(c.Context(), tx, c.collecting(id))
		return err
	})
	if err != nil {
		return nil, err
	}
	return a.drawCollectionNow(c, id)
}

func (a *API) deleteCollection(c *call) (any, error) {
	_, err := a.changes(c, func(tx communities.Tx, id communities.CollectionID) error {
		return a.town.DeleteCollection(c.Context(), tx, c.collecting(id))
	})
	return entity.Empty{}, err
}

func (a *API) addToCollection(c *call) (any, error) {
	whom, err := parseID[communities.ActorID](c.form.text("account_id"))
	if err != nil {
		return nil, communities.Invalidf("`account_id` parameter is missing")
	}
	id, err := a.changes(c, func(tx communities.Tx, id communities.CollectionID) error { return a.feature(c, tx, id, whom) })
	if err != nil {
		return nil, err
	}
	collection, err := a.reader(c).Collection(c.Context(), id)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(collection.Items, func(i communities.CollectionItem) bool { return i.Actor == whom })
	if i < 0 {
		return nil, communities.NotFound
	}
	return entity.WrappedCollectionItem{Item: drawCollectionItem(&collection.Items[i])}, nil
}

func (a *API) removeFromCollection(c *call) (any, error) {
	return a.changeItem(c, a.town.Unfeature)
}

func (a *API) revokeFromCollection(c *call) (any, error) {
	return a.changeItem(c, a.town.RevokeFeature)
}

func (a *API) changeItem(c *call, do func(context.Context, communities.Tx, communities.Featuring) error) (any, error) {
	item, err := pathID[communities.CollectionItemID](c, "item")
	if err != nil {
		return nil, err
	}
	_, err = a.changes(c, func(tx communities.Tx, id communities.CollectionID) error {
		return do(c.Context(), tx, communities.Featuring{By: c.id(), Collection: id, Item: item})
	})
	return entity.Empty{}, err
}

func (a *API) accountCollections(c *call) (any, error) {
	actor, err := a.pathActor(c)
	if err != nil {
		return nil, err
	}
	return a.pageOfCollections(c, func(offset, limit int) ([]*communities.Collection, error) {
		return a.reader(c).CollectionsOf(c.Context(), actor.ID, offset, limit)
	})
}

// inCollections lists where the caller is recommended. Where others are is their own business.
func (a *API) inCollections(c *call) (any, error) {
	actor, err := a.pathActor(c)
	if err == nil && actor.ID != c.id() {
		err = communities.Forbiddenf("This action is not allowed")
	}
	if err != nil {
		return nil, err
	}
	return a.pageOfCollections(c, func(offset, limit int) ([]*communities.Collection, error) {
		return a.reader(c).InCollections(c.Context(), offset, limit)
	})
}

// pageOfCollections pages by counting, as documented.
func (a *API) pageOfCollections(c *call, read func(offset, limit int) ([]*communities.Collection, error)) (any, error) {
	limit, offset := c.page(collectionLength).Limit, min(max(c.form.number("offset", 0), 0), maxOffset)
	list, err := read(offset, limit)
	if err != nil {
		return nil, err
	}
	var links []string
	if len(list) == limit {
		links = append(links, a.neighbour(c, "next", "offset", int64(offset+limit)))
	}
	if offset > 0 {
		links = append(links, a.neighbour(c, "prev", "offset", int64(max(offset-limit, 0))))
	}
	if len(links) > 0 {
		c.header.Set("Link", strings.Join(links, ", "))
	}
	drawn, err := a.drawCollections(c, list)
	return entity.Collections{Collections: drawn}, err
}

const maxOffset = 10_000
