package storage

import (
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"meent/communities"
)

type collectionRow struct {
	bun.BaseModel `bun:"table:collections,alias:c"`

	ID           communities.CollectionID `bun:"id,pk"`
	Owner        communities.ActorID      `bun:"owner_id"`
	Name         string                   `bun:"name"`
	Description  string                   `bun:"description"`
	Language     string                   `bun:"language"`
	Tag          string                   `bun:"tag"`
	Sensitive    bool                     `bun:"sensitive"`
	Discoverable bool                     `bun:"discoverable"`
	CreatedAt    moment                   `bun:"created_at"`
	UpdatedAt    moment                   `bun:"updated_at"`
}

type collectionItemRow struct {
	bun.BaseModel `bun:"table:collection_items,alias:i"`

	ID         communities.CollectionItemID `bun:"id,pk"`
	Collection communities.CollectionID     `bun:"collection_id"`
	Actor      communities.ActorID          `bun:"actor_id"`
	CreatedAt  moment                       `bun:"created_at"`
	RevokedAt  moment                       `bun:"revoked_at,nullzero"`
}

// Collection and CollectionsOf are told in [communities.Tx]; they work outside a transaction as well.
func (r reads) Collection(ctx context.Context, id communities.CollectionID) (*communities.Collection, error) {
	list, err := r.collectionsWhere(ctx, Page{}, 0, "c.id = ?", id)
	if err == nil && len(list) == 0 {
		return nil, communities.NotFound
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

func (r reads) CollectionsOf(ctx context.Context, owner communities.ActorID) ([]*communities.Collection, error) {
	return r.collectionsWhere(ctx, Page{Limit: maxPage}, 0, "c.owner_id = ?", owner)
}

// CollectionWith finds the collection that holds an item.
func (r reads) CollectionWith(ctx context.Context, item communities.CollectionItemID) (*communities.Collection, error) {
	list, err := r.collectionsWhere(ctx, Page{}, 0, "c.id IN (SELECT i.collection_id FROM collection_items AS i WHERE i.id = ?)", item)
	if err == nil && len(list) == 0 {
		return nil, communities.NotFound
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// collectionsWhere reads collections with their items, whose actors are still there.
func (r reads) collectionsWhere(ctx context.Context, page Page, offset int, condition string, args ...any) ([]*communities.Collection, error) {
	var rows []collectionRow
	err := r.idb.NewSelect().Model(&rows).Where(condition, args...).
		Where("(SELECT a.suspended_at IS NULL AND a.deleted_at IS NULL FROM actors AS a WHERE a.id = c.owner_id)").
		OrderExpr("c.id DESC").Limit(int64(page.limit())).Offset(int64(offset)).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return nil, found(err, "read", "collections")
	}
	list, byID := make([]*communities.Collection, len(rows)), map[communities.CollectionID]*communities.Collection{}
	for i, row := range rows {
		list[i] = &communities.Collection{
			ID: row.ID, Owner: row.Owner, Name: row.Name, Description: row.Description, Language: row.Language, Tag: row.Tag,
			Sensitive: row.Sensitive, Discoverable: row.Discoverable, CreatedAt: row.CreatedAt.time(), UpdatedAt: row.UpdatedAt.time(),
		}
		byID[row.ID] = list[i]
	}
	var items []collectionItemRow
	err = r.idb.NewSelect().Model(&items).Where("i.collection_id IN (?)", bun.List(keysOf(byID))).
		Where("(SELECT a.suspended_at IS NULL AND a.deleted_at IS NULL FROM actors AS a WHERE a.id = i.actor_id)").OrderExpr("i.id").Scan(ctx)
	for _, item := range items {
		c := byID[item.Collection]
		c.Items = append(c.Items, communities.CollectionItem{
			ID: item.ID, Actor: item.Actor, CreatedAt: item.CreatedAt.time(), RevokedAt: item.RevokedAt.time(),
		})
	}
	return list, found(err, "read", "collection items")
}

// PutCollection, DeleteCollection, PutCollectionItem and DeleteCollectionItem are told in [communities.Tx].
func (tx *Tx) PutCollection(ctx context.Context, c *communities.Collection) error {
	row := collectionRow{
		ID: c.ID, Owner: c.Owner, Name: c.Name, Description: c.Description, Language: c.Language, Tag: c.Tag,
		Sensitive: c.Sensitive, Discoverable: c.Discoverable, CreatedAt: momentOf(c.CreatedAt), UpdatedAt: momentOf(c.UpdatedAt),
	}
	_, err := tx.idb.NewInsert().Model(&row).On("CONFLICT (id) DO UPDATE").
		Set(`name = EXCLUDED.name, description = EXCLUDED.description, language = EXCLUDED.language, tag = EXCLUDED.tag,
			sensitive = EXCLUDED.sensitive, discoverable = EXCLUDED.discoverable, updated_at = EXCLUDED.updated_at`).Exec(ctx)
	return found(err, "put collection", c.ID)
}

func (tx *Tx) DeleteCollection(ctx context.Context, id communities.CollectionID) error {
	b := tx.batch()
	b.add("DELETE FROM notifications WHERE report_id = ? AND kind IN (?)", id, bun.List(slices.Collect(maps.Keys(aboutCollection))))
	b.add("DELETE FROM collection_items WHERE collection_id = ?", id)
	b.add("DELETE FROM collections WHERE id = ?", id)
	return found(b.exec(ctx), "delete collection", id)
}

func (tx *Tx) PutCollectionItem(ctx context.Context, collection communities.CollectionID, i *communities.CollectionItem) error {
	row := collectionItemRow{ID: i.ID, Collection: collection, Actor: i.Actor, CreatedAt: momentOf(i.CreatedAt), RevokedAt: momentOf(i.RevokedAt)}
	_, err := tx.idb.NewInsert().Model(&row).On("CONFLICT (id) DO UPDATE").Set("revoked_at = EXCLUDED.revoked_at").Exec(ctx)
	return found(err, "put collection item", i.ID)
}

func (tx *Tx) DeleteCollectionItem(ctx context.Context, collection communities.CollectionID, item communities.CollectionItemID) error {
	result, err := tx.idb.NewDelete().Model((*collectionItemRow)(nil)).Where("id = ? AND collection_id = ?", item, collection).Exec(ctx)
	return changed(result, err, "delete collection item", item)
}

// Collection finds a collection as the viewer sees it: without those whom they blocked, and not that of an owner who blocked them.
func (r *Reader) Collection(ctx context.Context, id communities.CollectionID) (*communities.Collection, error) {
	list, err := r.collections(ctx, Page{}, 0, "c.id = ?", id)
	if err == nil && len(list) == 0 {
		return nil, communities.NotFound
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// CollectionsOf lists the collections that somebody shows; to themselves also the others.
func (r *Reader) CollectionsOf(ctx context.Context, owner communities.ActorID, offset, limit int) ([]*communities.Collection, error) {
	return r.collections(ctx, Page{Limit: limit}, offset, "c.owner_id = ? AND (c.discoverable OR c.owner_id = ?)", owner, r.viewer.Actor)
}

// InCollections lists the collections that the viewer is in.
func (r *Reader) InCollections(ctx context.Context, offset, limit int) ([]*communities.Collection, error) {
	return r.collections(ctx, Page{Limit: limit}, offset,
		"c.id IN (SELECT i.collection_id FROM collection_items AS i WHERE i.actor_id = ? AND i.revoked_at IS NULL)", r.viewer.Actor)
}

func (r *Reader) collections(ctx context.Context, page Page, offset int, condition string, args ...any) ([]*communities.Collection, error) {
	list, err := r.db.collectionsWhere(ctx, page, offset, condition, args...)
	if err != nil {
		return nil, err
	}
	var named []communities.ActorID
	for _, c := range list {
		c.Items = c.Standing()
		named = append(named, c.Owner)
		for _, item := range c.Items {
			named = append(named, item.Actor)
		}
	}
	ties, err := r.Ties(ctx, named)
	for _, c := range list {
		c.Items = slices.DeleteFunc(c.Items, func(i communities.CollectionItem) bool {
			return ties[i.Actor].Blocking || ties[i.Actor].HostBlocked
		})
	}
	return slices.DeleteFunc(list, func(c *communities.Collection) bool { return ties[c.Owner].BlockedBy }), err
}

// addCollections gives notices the collections that they are about.
func (r *Reader) addCollections(ctx context.Context, notices []*Notice) error {
	about := map[communities.CollectionID]*communities.Collection{}
	for _, n := range notices {
		if n.Notification.Collection != 0 {
			about[n.Notification.Collection] = nil
		}
	}
	if len(about) == 0 {
		return nil
	}
	list, err := r.collections(ctx, Page{Limit: len(about)}, 0, "c.id IN (?)", bun.List(keysOf(about)))
	for _, c := range list {
		about[c.ID] = c
	}
	for _, n := range notices {
		n.Collection = about[n.Notification.Collection]
	}
	return err
}
