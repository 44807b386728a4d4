package mastodon

import (
	"slices"
	"strings"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/storage"
)

// filterPart answers GET /api/v2/filters/{first}/{second}: the words or statuses of a filter (ID/keywords, ID/statuses), or one of them by
// its own id (keywords/ID, statuses/ID). One pattern, because [http.ServeMux] cannot tell the four apart.
func (a *API) filterPart(c *call) (any, error) {
	switch first, second := c.PathValue("first"), c.PathValue("second"); {
	case first == "keywords":
		c.SetPathValue("id", second)
		return a.showKeyword(c)
	case first == "statuses":
		c.SetPathValue("id", second)
		return a.showHeld(c)
	case second == "keywords" || second == "statuses":
		c.SetPathValue("id", first)
		f, err := a.ownFilter(c)
		if err != nil {
			return nil, err
		}
		if second == "keywords" {
			return drawKeywords(f), nil
		}
		return drawHeld(f), nil
	}
	return nil, communities.NotFound
}

// ownPart finds one of the caller's own words or held statuses, and where it stands in its filter.
func (a *API) ownPart(c *call, position func(*storage.Filter, storage.FilterID) int) (f *storage.Filter, at int, err error) {
	id, err := pathID[storage.FilterID](c, "id")
	if err != nil {
		return nil, 0, err
	}
	f, err = a.filterWith(c, func(f *storage.Filter) bool { return position(f, id) >= 0 })
	if err != nil {
		return nil, 0, err
	}
	return f, position(f, id), nil
}

func wordAt(f *storage.Filter, id storage.FilterID) int {
	return slices.IndexFunc(f.Keywords, func(k storage.FilterKeyword) bool { return k.ID == id })
}

func heldAt(f *storage.Filter, id storage.FilterID) int {
	return slices.IndexFunc(f.Posts, func(p storage.FilterPost) bool { return p.ID == id })
}

func (a *API) showKeyword(c *call) (any, error) {
	f, at, err := a.ownPart(c, wordAt)
	if err != nil {
		return nil, err
	}
	return drawKeywords(f)[at], nil
}

func (a *API) addKeyword(c *call) (any, error) {
	f, err := a.ownFilter(c)
	if err != nil {
		return nil, err
	}
	f.Keywords = append(f.Keywords, storage.FilterKeyword{ID: storage.FilterID(a.ids.Next()), WholeWord: true})
	return a.changeKeyword(c, f, len(f.Keywords)-1)
}

func (a *API) updateKeyword(c *call) (any, error) {
	f, at, err := a.ownPart(c, wordAt)
	if err != nil {
		return nil, err
	}
	return a.changeKeyword(c, f, at)
}

func (a *API) changeKeyword(c *call, f *storage.Filter, at int) (any, error) {
	changeWord(&f.Keywords[at], c.form)
	if err := checkFilter(f); err != nil {
		return nil, err
	}
	return drawKeywords(f)[at], a.putFilter(c, f)
}

func (a *API) deleteKeyword(c *call) (any, error) {
	f, at, err := a.ownPart(c, wordAt)
	if err != nil {
		return nil, err
	}
	f.Keywords = slices.Delete(f.Keywords, at, at+1)
	return entity.Empty{}, a.putFilter(c, f)
}

func (a *API) showHeld(c *call) (any, error) {
	f, at, err := a.ownPart(c, heldAt)
	if err != nil {
		return nil, err
	}
	return drawHeld(f)[at], nil
}

// holdStatus lets a filter hold a status that the caller may see.
func (a *API) holdStatus(c *call) (any, error) {
	f, err := a.ownFilter(c)
	if err != nil {
		return nil, err
	}
	id, err := parseID[communities.PostID](c.form.text("status_id"))
	if err != nil {
		return nil, err
	}
	if _, err := a.post(c, id); err != nil {
		return nil, err
	}
	at := slices.IndexFunc(f.Posts, func(p storage.FilterPost) bool { return p.Post == id })
	if at >= 0 {
		return drawHeld(f)[at], nil
	}
	if len(f.Posts) >= maxFilterWords {
		return nil, communities.Invalidf("A filter holds at most %d statuses", maxFilterWords)
	}
	f.Posts = append(f.Posts, storage.FilterPost{ID: storage.FilterID(a.ids.Next()), Post: id})
	return drawHeld(f)[len(f.Posts)-1], a.putFilter(c, f)
}

func (a *API) releaseStatus(c *call) (any, error) {
	f, at, err := a.ownPart(c, heldAt)
	if err != nil {
		return nil, err
	}
	held := drawHeld(f)[at]
	f.Posts = slices.Delete(f.Posts, at, at+1)
	return held, a.putFilter(c, f)
}

// The filters of older apps: each word is one, by its own id.

func drawV1(f *storage.Filter, at int) entity.V1Filter {
	return entity.V1Filter{
		ID: entity.ID(f.Keywords[at].ID), Phrase: f.Keywords[at].Word, Context: entity.List(f.Contexts),
		ExpiresAt: entity.OptionalTime(f.ExpiresAt), Irreversible: f.Action == "hide", WholeWord: f.Keywords[at].WholeWord,
	}
}

func (a *API) listV1Filters(c *call) (any, error) {
	filters, err := a.archive.Filters(c.Context(), c.id())
	list := []entity.V1Filter{}
	for _, f := range filters {
		for at := range f.Keywords {
			list = append(list, drawV1(f, at))
		}
	}
	return list, err
}

func (a *API) showV1Filter(c *call) (any, error) {
	f, at, err := a.ownPart(c, wordAt)
	if err != nil {
		return nil, err
	}
	return drawV1(f, at), nil
}

func (a *API) createV1Filter(c *call) (any, error) {
	f := &storage.Filter{
		ID: storage.FilterID(a.ids.Next()), Actor: c.id(), Action: filterActions[0],
		Keywords: []storage.FilterKeyword{{ID: storage.FilterID(a.ids.Next())}},
	}
	return a.changeV1Filter(c, f, 0)
}

// updateV1Filter changes a word, and with it the filter that it stands in; where that has other words it would change them too.
func (a *API) updateV1Filter(c *call) (any, error) {
	f, at, err := a.ownPart(c, wordAt)
	if err != nil {
		return nil, err
	}
	if len(f.Keywords) > 1 {
		return nil, communities.Invalidf("This filter has several words; change it with a newer app")
	}
	return a.changeV1Filter(c, f, at)
}

func (a *API) changeV1Filter(c *call, f *storage.Filter, at int) (any, error) {
	if c.form.has("phrase") {
		f.Keywords[at].Word = strings.TrimSpace(c.form.text("phrase"))
		f.Title = f.Keywords[at].Word
	}
	if c.form.has("context") {
		f.Contexts = c.form.list("context")
	}
	if c.form.has("whole_word") {
		f.Keywords[at].WholeWord = c.form.flag("whole_word")
	}
	if c.form.has("irreversible") {
		f.Action = map[bool]string{true: "hide", false: "warn"}[c.form.flag("irreversible")]
	}
	if c.form.has("expires_in") {
		var err error
		if f.ExpiresAt, err = a.fromNow(c.form.text("expires_in")); err != nil {
			return nil, err
		}
	}
	if err := checkFilter(f); err != nil {
		return nil, err
	}
	return drawV1(f, at), a.putFilter(c, f)
}

// deleteV1Filter takes a word away, and the filter with its last one.
func (a *API) deleteV1Filter(c *call) (any, error) {
	f, at, err := a.ownPart(c, wordAt)
	if err != nil {
		return nil, err
	}
	f.Keywords = slices.Delete(f.Keywords, at, at+1)
	if len(f.Keywords) > 0 {
		return entity.Empty{}, a.putFilter(c, f)
	}
	return entity.Empty{}, a.town.Write(c.Context(), func(tx communities.Tx) error {
		return storage.Of(tx).DeleteFilter(c.Context(), c.id(), f.ID)
	})
}
