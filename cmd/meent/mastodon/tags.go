package mastodon

import (
	"hash/fnv"
	"strconv"
	"strings"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/communities/text"
	"meent/storage"
)

// tagRoutes are hashtags: how often they are used, who follows them, whose profile shows them.
var tagRoutes = []row{
	{"GET", "/api/v1/tags/{name}", Anyone, "", (*API).showTag, 0},
	{"POST", "/api/v1/tags/{name}/follow", User, "write:follows", (*API).followTag, 0},
	{"POST", "/api/v1/tags/{name}/unfollow", User, "write:follows", (*API).unfollowTag, 0},
	{"POST", "/api/v1/tags/{name}/feature", User, "write:accounts", (*API).featureTag, 0},
	{"POST", "/api/v1/tags/{name}/unfeature", User, "write:accounts", (*API).unfeatureTag, 0},
	{"GET", "/api/v1/followed_tags", User, "read:follows", (*API).followedTags, 0},
	{"GET", "/api/v1/featured_tags", User, "read:accounts", (*API).featuredTags, 0},
	{"POST", "/api/v1/featured_tags", User, "write:accounts", (*API).addFeaturedTag, 0},
	{"GET", "/api/v1/featured_tags/suggestions", User, "read:accounts", (*API).suggestedTags, 0},
	{"DELETE", "/api/v1/featured_tags/{id}", User, "write:accounts", (*API).deleteFeaturedTag, 0},
	{"GET", "/api/v1/accounts/{id}/featured_tags", Anyone, "read:accounts", (*API).accountFeaturedTags, 0},
}

// What somebody can keep of hashtags (SECURITY D2).
const (
	maxFollowedTags  = 500
	maxFeaturedTags  = 10
	maxSuggestedTags = 10
)

const tagLength length = 100 // of a page of hashtags

// tags draws hashtags for the caller. The id of one is made of its name, by which apps ask for it.
func (a *API) drawTags(c *call, names []string) ([]entity.Tag, error) {
	history, err := a.reader(c).TagHistory(c.Context(), names)
	if err != nil {
		return nil, err
	}
	followed, featured, err := a.reader(c).KeptTags(c.Context(), names)
	list := make([]entity.Tag, len(names))
	for i, name := range names {
		list[i] = entity.Tag{ID: tagID(name), Name: name, URL: a.town.Hashtag(name), History: []entity.TagHistory{}}
		for _, day := range history[name] {
			list[i].History = append(list[i].History, entity.TagHistory{
				Day: strconv.FormatInt(day.Day.Unix(), 10), Uses: strconv.Itoa(day.Uses), Accounts: strconv.Itoa(day.Accounts),
			})
		}
		if c.person != nil {
			list[i].Following, list[i].Featuring = new(followed[name]), new(featured[name])
		}
	}
	return list, err
}

// shortest is the least number with as many digits as every other id has: apps compare by length first.
const shortest uint64 = 1e18

// tagID makes an id of a name, since tags are kept by name.
func tagID(name string) entity.ID {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(name))                        // never fails, see [hash.Hash]
	return entity.ID(shortest + sum.Sum64()%(8*shortest)) // below 9 x 10^18
}

// tagName reads a hashtag, with or without its sign, in the form that it is kept in; false when it is none.
func tagName(written string) (string, bool) {
	name := strings.TrimPrefix(strings.TrimSpace(written), "#")
	found := text.Find("#" + name)
	if len(found.Hashtags) != 1 || !strings.EqualFold(found.Hashtags[0], name) {
		return "", false
	}
	return strings.ToLower(name), true
}

// showTag tells of a hashtag. It need not have been used.
func (a *API) showTag(c *call) (any, error) {
	name, ok := tagName(c.PathValue("name"))
	if !ok {
		return nil, communities.NotFound
	}
	return a.drawTag(c, name)
}

func (a *API) drawTag(c *call, name string) (any, error) {
	list, err := a.drawTags(c, []string{name})
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// keepTag does something with the hashtag that the address names, and shows it.
func (a *API) keepTag(c *call, do func(tx *storage.Tx, name string) error) (any, error) {
	name, ok := tagName(c.PathValue("name"))
	if !ok {
		return nil, communities.NotFound
	}
	err := a.town.Write(c.Context(), func(tx communities.Tx) error { return do(storage.Of(tx), name) })
	if err != nil {
		return nil, err
	}
	return a.drawTag(c, name)
}

func (a *API) followTag(c *call) (any, error) {
	return a.keepTag(c, func(tx *storage.Tx, name string) error {
		return tx.FollowTag(c.Context(), c.id(), name, maxFollowedTags)
	})
}

func (a *API) unfollowTag(c *call) (any, error) {
	return a.keepTag(c, func(tx *storage.Tx, name string) error { return tx.UnfollowTag(c.Context(), c.id(), name) })
}

func (a *API) featureTag(c *call) (any, error) {
	return a.keepTag(c, func(tx *storage.Tx, name string) error {
		return tx.FeatureTag(c.Context(), c.id(), name, maxFeaturedTags)
	})
}

func (a *API) unfeatureTag(c *call) (any, error) {
	return a.keepTag(c, func(tx *storage.Tx, name string) error { return tx.UnfeatureTag(c.Context(), c.id(), name) })
}

func (a *API) followedTags(c *call) (any, error) {
	at := c.page(tagLength)
	kept, err := a.reader(c).FollowedTags(c.Context(), at)
	if err != nil {
		return nil, err
	}
	names, cursors := make([]string, len(kept)), make([]int64, len(kept))
	for i, tag := range kept {
		names[i], cursors[i] = tag.Name, tag.ID
	}
	a.link(c, at, cursors)
	return a.drawTags(c, names)
}

func (a *API) featuredTags(c *call) (any, error) { return a.shownTags(c, c.person) }

func (a *API) accountFeaturedTags(c *call) (any, error) {
	actor, err := a.pathActor(c)
	if err != nil {
		return nil, err
	}
	return a.shownTags(c, actor)
}

func (a *API) shownTags(c *call, of *communities.Actor) ([]entity.FeaturedTag, error) {
	shown, err := a.reader(c).FeaturedTags(c.Context(), of.ID)
	list := make([]entity.FeaturedTag, len(shown))
	for i, tag := range shown {
		list[i] = entity.FeaturedTag{
			ID: entity.ID(tag.ID), Name: tag.Name, URL: a.town.Hashtag(tag.Name), StatusesCount: strconv.Itoa(tag.Posts),
			LastStatusAt: entity.Date(tag.LastPostAt),
		}
	}
	return list, err
}

func (a *API) addFeaturedTag(c *call) (any, error) {
	name, ok := tagName(c.form.text("name"))
	if !ok {
		return nil, communities.Invalidf("Validation failed: Tag is invalid")
	}
	err := a.town.Write(c.Context(), func(tx communities.Tx) error {
		return storage.Of(tx).FeatureTag(c.Context(), c.id(), name, maxFeaturedTags)
	})
	if err != nil {
		return nil, err
	}
	return a.shownTag(c, func(tag entity.FeaturedTag) bool { return tag.Name == name })
}

// shownTag finds one on the caller's own profile.
func (a *API) shownTag(c *call, is func(entity.FeaturedTag) bool) (entity.FeaturedTag, error) {
	shown, err := a.shownTags(c, c.person)
	for _, tag := range shown {
		if is(tag) {
			return tag, err
		}
	}
	if err == nil {
		err = communities.NotFound
	}
	return entity.FeaturedTag{}, err
}

func (a *API) deleteFeaturedTag(c *call) (any, error) {
	id, err := pathID[entity.ID](c, "id")
	if err != nil {
		return nil, err
	}
	tag, err := a.shownTag(c, func(tag entity.FeaturedTag) bool { return tag.ID == id })
	if err != nil {
		return nil, err
	}
	return entity.Empty{}, a.town.Write(c.Context(), func(tx communities.Tx) error {
		return storage.Of(tx).UnfeatureTag(c.Context(), c.id(), tag.Name)
	})
}

// suggestedTags are those that the caller uses and does not show yet.
func (a *API) suggestedTags(c *call) (any, error) {
	names, err := a.reader(c).UsedTags(c.Context(), maxSuggestedTags)
	if err != nil {
		return nil, err
	}
	return a.drawTags(c, names)
}
