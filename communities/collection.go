package communities

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"meent/communities/text"
)

// Collection is a set of people and groups that somebody recommends to follow (FEP-7aa9).
type Collection struct {
	ID           CollectionID
	Owner        ActorID
	Name         string
	Description  string // plain text
	Language     string // BCP 47
	Tag          string // a hashtag that describes it, in lower case and without #; "": none
	Sensitive    bool
	Discoverable bool // shown on its owner's profile
	CreatedAt    time.Time
	UpdatedAt    time.Time
	Items        []CollectionItem // in the order in which they came in
}

// CollectionItem is one who is recommended.
type CollectionItem struct {
	ID        CollectionItemID
	Actor     ActorID
	CreatedAt time.Time
	RevokedAt time.Time // zero: they are fine with it
}

// Standing lists the items of those who are fine with it.
func (c *Collection) Standing() []CollectionItem {
	return slices.DeleteFunc(slices.Clone(c.Items), func(i CollectionItem) bool { return !i.RevokedAt.IsZero() })
}

// What a collection can hold (Mastodon API, Collection; SECURITY D2).
const (
	MaxCollections           = 10 // of one person
	MaxCollectionItems       = 25
	MaxCollectionName        = 40  // characters
	MaxCollectionDescription = 100 // characters
)

// Collection returns the global id of a collection of an actor of this node.
func (a Address) Collection(owner *Actor, id CollectionID) string {
	return owner.URI + "/collections/" + strconv.FormatInt(int64(id), 10)
}

// FeatureAuthorization returns where an actor of this node says that an item may name it.
func (a Address) FeatureAuthorization(featured *Actor, id CollectionItemID) string {
	return featured.URI + "/featured-in/" + strconv.FormatInt(int64(id), 10)
}

// WantsToBeFeatured tells whether somebody may be put into collections: those of this node who want to be found. Whether people of other
// nodes want it, this node does not ask yet, and silence is no consent (FEP-7aa9).
func (a *Actor) WantsToBeFeatured() bool {
	return a.Local() && a.Active() && a.Discoverable && a.MovedTo == "" && !closed(a) && a.Kind != Application
}

// Collecting is what somebody wants of a collection. Nil fields stay as they are.
type Collecting struct {
	By           ActorID
	Collection   CollectionID // 0: a new one
	Name         *string
	Description  *string
	Language     *string
	Tag          *string
	Sensitive    *bool
	Discoverable *bool
}

// CreateCollection makes an empty collection.
func (t *Town) CreateCollection(ctx context.Context, tx Tx, d Collecting) (*Collection, error) {
	may, err := t.May(ctx, tx, Collect, d.By, On{})
	if err != nil {
		return nil, err
	}
	owned, err := tx.CollectionsOf(ctx, d.By)
	if err != nil {
		return nil, err
	}
	if len(owned) >= MaxCollections {
		return nil, Invalidf("you can have at most %d collections", MaxCollections)
	}
	now := t.now()
	c := &Collection{ID: CollectionID(t.ids.Next()), Owner: d.By, Discoverable: true, CreatedAt: now, UpdatedAt: now}
	if err := c.describe(d); err != nil {
		return nil, err
	}
	if err := tx.PutCollection(ctx, c); err != nil {
		return nil, fmt.Errorf("create collection %q: %w", c.Name, err)
	}
	return c, t.tell(ctx, tx, CollectionChanged{Collection: c, Owner: may.Actor, New: true})
}

// EditCollection changes what a collection says of itself; those in it hear of it where it says something else of them.
func (t *Town) EditCollection(ctx context.Context, tx Tx, d Collecting) (*Collection, error) {
	c, owner, err := t.ownCollection(ctx, tx, d.By, d.Collection)
	if err != nil {
		return nil, err
	}
	was := *c
	if err := c.describe(d); err != nil {
		return nil, err
	}
	c.UpdatedAt = t.now()
	if err := tx.PutCollection(ctx, c); err != nil {
		return nil, fmt.Errorf("edit collection %d: %w", c.ID, err)
	}
	if err := t.tell(ctx, tx, CollectionChanged{Collection: c, Owner: owner}); err != nil {
		return nil, err
	}
	if was.Name == c.Name && was.Description == c.Description && was.Sensitive == c.Sensitive && was.Tag == c.Tag {
		return c, nil
	}
	for _, item := range c.Standing() {
		if err := t.tellFeatured(ctx, tx, c, item, NotifyCollectionUpdate); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *Collection) describe(d Collecting) error {
	set(&c.Name, d.Name)
	set(&c.Description, d.Description)
	set(&c.Sensitive, d.Sensitive)
	set(&c.Discoverable, d.Discoverable)
	c.Name = line(c.Name)
	if d.Language != nil {
		c.Language = text.Language(*d.Language)
	}
	if d.Tag != nil {
		c.Tag = ""
		if found := text.Find("#" + cmp.Or(strings.TrimPrefix(*d.Tag, "#"), "-")); len(found.Hashtags) == 1 {
			c.Tag = strings.ToLower(found.Hashtags[0])
		} else if *d.Tag != "" {
			return Invalidf("%.50q is not a hashtag", *d.Tag)
		}
	}
	switch {
	case c.Name == "":
		return Invalidf("a collection needs a name")
	case utf8.RuneCountInString(c.Name) > MaxCollectionName:
		return Invalidf("the name of a collection has at most %d characters", MaxCollectionName)
	case utf8.RuneCountInString(c.Description) > MaxCollectionDescription:
		return Invalidf("the description of a collection has at most %d characters", MaxCollectionDescription)
	}
	return nil
}

// ownCollection finds a collection that somebody may change.
func (t *Town) ownCollection(ctx context.Context, tx Tx, by ActorID, id CollectionID) (*Collection, *Actor, error) {
	may, err := t.May(ctx, tx, Collect, by, On{})
	if err != nil {
		return nil, nil, err
	}
	c, err := tx.Collection(ctx, id)
	if err == nil && c.Owner != by {
		err = Forbiddenf("this collection is somebody else's")
	}
	return c, may.Actor, err
}

// DeleteCollection takes a collection away.
func (t *Town) DeleteCollection(ctx context.Context, tx Tx, d Collecting) error {
	c, owner, err := t.ownCollection(ctx, tx, d.By, d.Collection)
	if err != nil {
		return err
	}
	if err := tx.DeleteCollection(ctx, c.ID); err != nil {
		return err
	}
	return t.tell(ctx, tx, CollectionChanged{Collection: c, Owner: owner, Gone: true})
}

// Featuring is somebody's wish to recommend another in a collection of theirs, or no longer.
type Featuring struct {
	By         ActorID
	Collection CollectionID
	Whom       ActorID          // to add
	Item       CollectionItemID // to take away
}

// Feature puts somebody into a collection, who hears of it. Who has taken themselves out stays out; who is in it already is a conflict.
func (t *Town) Feature(ctx context.Context, tx Tx, f Featuring) (*CollectionItem, error) {
	c, owner, err := t.ownCollection(ctx, tx, f.By, f.Collection)
	if err != nil {
		return nil, err
	}
	may, err := t.May(ctx, tx, FeatureThem, f.By, On{Other: f.Whom})
	if err != nil {
		return nil, err
	}
	switch i := slices.IndexFunc(c.Items, func(i CollectionItem) bool { return i.Actor == f.Whom }); {
	case i >= 0 && !c.Items[i].RevokedAt.IsZero():
		return nil, Forbiddenf("they do not want to be in this collection")
	case i >= 0:
		return nil, Conflictf("they are in this collection already")
	case len(c.Standing()) >= MaxCollectionItems:
		return nil, Invalidf("a collection holds at most %d accounts", MaxCollectionItems)
	}
	item := CollectionItem{ID: CollectionItemID(t.ids.Next()), Actor: f.Whom, CreatedAt: t.now()}
	if err := tx.PutCollectionItem(ctx, c.ID, &item); err != nil {
		return nil, fmt.Errorf("feature %d: %w", f.Whom, err)
	}
	if err := t.tellFeatured(ctx, tx, c, item, NotifyCollected); err != nil {
		return nil, err
	}
	return &item, t.tell(ctx, tx, CollectionChanged{Collection: c, Owner: owner, Item: &item, Featured: may.Other})
}

// Unfeature takes somebody out of a collection.
func (t *Town) Unfeature(ctx context.Context, tx Tx, f Featuring) error {
	c, owner, err := t.ownCollection(ctx, tx, f.By, f.Collection)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(c.Items, func(i CollectionItem) bool { return i.ID == f.Item })
	if i < 0 {
		return NotFound
	}
	if err := tx.DeleteCollectionItem(ctx, c.ID, f.Item); err != nil {
		return err
	}
	return t.leaves(ctx, tx, c, owner, c.Items[i])
}

// RevokeFeature is taking oneself out of somebody's collection, for good.
func (t *Town) RevokeFeature(ctx context.Context, tx Tx, f Featuring) error {
	if _, err := t.May(ctx, tx, Collect, f.By, On{}); err != nil {
		return err
	}
	c, err := tx.Collection(ctx, f.Collection)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(c.Items, func(i CollectionItem) bool { return i.ID == f.Item })
	switch {
	case i < 0:
		return NotFound
	case c.Items[i].Actor != f.By:
		return Forbiddenf("this is somebody else in the collection")
	case !c.Items[i].RevokedAt.IsZero():
		return nil
	}
	c.Items[i].RevokedAt = t.now()
	if err := tx.PutCollectionItem(ctx, c.ID, &c.Items[i]); err != nil {
		return err
	}
	owner, err := tx.Actor(ctx, c.Owner)
	if err != nil {
		return err
	}
	return t.leaves(ctx, tx, c, owner, c.Items[i])
}

// leaves tells that somebody is in a collection no longer.
func (t *Town) leaves(ctx context.Context, tx Tx, c *Collection, owner *Actor, item CollectionItem) error {
	featured, err := tx.Actor(ctx, item.Actor)
	if err != nil {
		return err
	}
	return t.tell(ctx, tx, CollectionChanged{Collection: c, Owner: owner, Item: &item, Featured: featured, Gone: true})
}

func (t *Town) tellFeatured(ctx context.Context, tx Tx, c *Collection, item CollectionItem, kind NotificationKind) error {
	to, err := tx.Actor(ctx, item.Actor)
	if err != nil {
		return err
	}
	return t.notify(ctx, tx, to, Notification{Kind: kind, From: c.Owner, Collection: c.ID})
}
