package mastodon

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/storage"
)

// filterRoutes are what people do not want to read.
var filterRoutes = []row{
	{"GET", "/api/v2/filters", User, "read:filters", (*API).listFilters, 0},
	{"POST", "/api/v2/filters", User, "write:filters", (*API).createFilter, 0},
	{"GET", "/api/v2/filters/{id}", User, "read:filters", (*API).showFilter, 0},
	{"PUT", "/api/v2/filters/{id}", User, "write:filters", (*API).updateFilter, 0},
	{"DELETE", "/api/v2/filters/{id}", User, "write:filters", (*API).deleteFilter, 0},
	{"GET", "/api/v2/filters/{first}/{second}", User, "read:filters", (*API).filterPart, 0},
	{"POST", "/api/v2/filters/{id}/keywords", User, "write:filters", (*API).addKeyword, 0},
	{"PUT", "/api/v2/filters/keywords/{id}", User, "write:filters", (*API).updateKeyword, 0},
	{"DELETE", "/api/v2/filters/keywords/{id}", User, "write:filters", (*API).deleteKeyword, 0},
	{"POST", "/api/v2/filters/{id}/statuses", User, "write:filters", (*API).holdStatus, 0},
	{"DELETE", "/api/v2/filters/statuses/{id}", User, "write:filters", (*API).releaseStatus, 0},
	{"GET", "/api/v1/filters", User, "read:filters", (*API).listV1Filters, 0},
	{"POST", "/api/v1/filters", User, "write:filters", (*API).createV1Filter, 0},
	{"GET", "/api/v1/filters/{id}", User, "read:filters", (*API).showV1Filter, 0},
	{"PUT", "/api/v1/filters/{id}", User, "write:filters", (*API).updateV1Filter, 0},
	{"DELETE", "/api/v1/filters/{id}", User, "write:filters", (*API).deleteV1Filter, 0},
}

// Filters are kept by the node and applied by it: a status that one holds says so (entities/Status, filtered).

// What a filter may say (entities/Filter).
var (
	filterContexts = []string{string(onHome), string(onNotifications), string(onPublic), string(inThread), string(onAccount)}
	filterActions  = []string{"warn", "hide", "blur"}
)

const (
	maxFilters      = 100
	maxFilterWords  = 200
	maxFilterLength = 500 // characters of a title or word
)

// sieves makes the filters of a person ready for a board. Without one none is in force: a status that was asked for is shown.
func (a *API) sieves(ctx context.Context, person communities.ActorID, where board) ([]sieve, error) {
	if where == anywhere {
		return nil, nil
	}
	filters, err := a.archive.Filters(ctx, person)
	if err != nil {
		return nil, err
	}
	return a.inForce(filters, where), nil
}

// inForce makes those of the filters ready that are in force on a board.
func (a *API) inForce(filters []*storage.Filter, where board) []sieve {
	var list []sieve
	for _, f := range filters {
		if slices.Contains(f.Contexts, string(where)) && (f.ExpiresAt.IsZero() || a.Now().Before(f.ExpiresAt)) {
			list = append(list, newSieve(f))
		}
	}
	return list
}

// sift tells which filters hold a post.
func sift(sieves []sieve, post *communities.Post) []entity.FilterResult {
	results := []entity.FilterResult{}
	l := look{post: post}
	for i := range sieves {
		s := &sieves[i]
		var result entity.FilterResult
		result.KeywordMatches = s.matches(&l)
		for _, held := range s.Posts {
			if held.Post == post.ID {
				result.StatusMatches = append(result.StatusMatches, entity.ID(post.ID))
			}
		}
		if len(result.KeywordMatches)+len(result.StatusMatches) > 0 {
			result.Filter = filterHead(s.Filter)
			results = append(results, result)
		}
	}
	return results
}

func filterHead(f *storage.Filter) entity.FilterHead {
	return entity.FilterHead{
		ID: entity.ID(f.ID), Title: f.Title, Context: entity.List(f.Contexts), ExpiresAt: entity.OptionalTime(f.ExpiresAt), FilterAction: f.Action,
	}
}

func drawFilter(f *storage.Filter) entity.Filter {
	return entity.Filter{FilterHead: filterHead(f), Keywords: drawKeywords(f), Statuses: drawHeld(f)}
}

func drawKeywords(f *storage.Filter) []entity.FilterKeyword {
	list := make([]entity.FilterKeyword, len(f.Keywords))
	for i, k := range f.Keywords {
		list[i] = entity.FilterKeyword{ID: entity.ID(k.ID), Keyword: k.Word, WholeWord: k.WholeWord}
	}
	return list
}

func drawHeld(f *storage.Filter) []entity.FilterStatus {
	list := make([]entity.FilterStatus, len(f.Posts))
	for i, p := range f.Posts {
		list[i] = entity.FilterStatus{ID: entity.ID(p.ID), StatusID: entity.ID(p.Post)}
	}
	return list
}

func (a *API) listFilters(c *call) (any, error) {
	filters, err := a.archive.Filters(c.Context(), c.id())
	list := make([]entity.Filter, len(filters))
	for i, f := range filters {
		list[i] = drawFilter(f)
	}
	return list, err
}

// ownFilter finds one of the caller's own; nobody else's is there.
func (a *API) ownFilter(c *call) (*storage.Filter, error) {
	id, err := pathID[storage.FilterID](c, "id")
	if err != nil {
		return nil, err
	}
	return a.filterWith(c, func(f *storage.Filter) bool { return f.ID == id })
}

func (a *API) filterWith(c *call, is func(*storage.Filter) bool) (*storage.Filter, error) {
	filters, err := a.archive.Filters(c.Context(), c.id())
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(filters, is); i >= 0 {
		return filters[i], nil
	}
	return nil, communities.NotFound
}

func (a *API) showFilter(c *call) (any, error) {
	f, err := a.ownFilter(c)
	if err != nil {
		return nil, err
	}
	return drawFilter(f), nil
}

func (a *API) createFilter(c *call) (any, error) {
	filters, err := a.archive.Filters(c.Context(), c.id())
	if err != nil {
		return nil, err
	}
	if len(filters) >= maxFilters {
		return nil, communities.Invalidf("You can have at most %d filters", maxFilters)
	}
	f := &storage.Filter{ID: storage.FilterID(a.ids.Next()), Actor: c.id(), Action: filterActions[0]}
	return a.changeFilter(c, f)
}

func (a *API) updateFilter(c *call) (any, error) {
	f, err := a.ownFilter(c)
	if err != nil {
		return nil, err
	}
	return a.changeFilter(c, f)
}

func (a *API) changeFilter(c *call, f *storage.Filter) (any, error) {
	if c.form.has("title") {
		f.Title = strings.TrimSpace(c.form.text("title"))
	}
	if c.form.has("context") {
		f.Contexts = c.form.list("context")
	}
	if c.form.has("filter_action") {
		f.Action = c.form.text("filter_action")
	}
	if c.form.has("expires_in") {
		var err error
		if f.ExpiresAt, err = a.fromNow(c.form.text("expires_in")); err != nil {
			return nil, err
		}
	}
	if err := a.changeWords(f, c.form.records("keywords_attributes")); err != nil {
		return nil, err
	}
	if err := checkFilter(f); err != nil {
		return nil, err
	}
	return drawFilter(f), a.putFilter(c, f)
}

// longestWait is how far ahead something may end; what is to last longer need not end.
const longestWait = 100 * 365 * 24 * time.Hour

// fromNow reads a number of seconds; without one it is never.
func (a *API) fromNow(seconds string) (time.Time, error) {
	n, err := strconv.ParseInt(seconds, 10, 64) // what is no number is 0
	if errors.Is(err, strconv.ErrRange) || n > int64(longestWait/time.Second) {
		return time.Time{}, communities.Invalidf("%.40s seconds is too long", seconds)
	}
	if n <= 0 {
		return time.Time{}, nil
	}
	return a.Now().Add(time.Duration(n) * time.Second), nil
}

// changeWords adds, changes and takes away words (Mastodon API, keywords_attributes).
func (a *API) changeWords(f *storage.Filter, changes []form) error {
	for _, change := range changes {
		i := -1
		if change.has("id") {
			id, err := parseID[storage.FilterID](change.text("id"))
			if err != nil {
				return err
			}
			if i = wordAt(f, id); i < 0 {
				return communities.NotFound
			}
		}
		switch {
		case i >= 0 && change.flag("_destroy"):
			f.Keywords = slices.Delete(f.Keywords, i, i+1)
		case i >= 0:
			changeWord(&f.Keywords[i], change)
		default:
			word := storage.FilterKeyword{ID: storage.FilterID(a.ids.Next())}
			changeWord(&word, change)
			f.Keywords = append(f.Keywords, word)
		}
	}
	return nil
}

func changeWord(k *storage.FilterKeyword, change form) {
	if change.has("keyword") {
		k.Word = strings.TrimSpace(change.text("keyword"))
	}
	if change.has("whole_word") {
		k.WholeWord = change.flag("whole_word")
	}
}

func checkFilter(f *storage.Filter) error {
	switch {
	case f.Title == "" || len(f.Title) > maxFilterLength:
		return communities.Invalidf("Validation failed: Title can't be blank, or is too long")
	case len(f.Contexts) == 0:
		return communities.Invalidf("Validation failed: Context None or invalid context supplied")
	case !slices.Contains(filterActions, f.Action):
		return communities.Invalidf("Validation failed: Filter action is not included in the list")
	case len(f.Keywords) > maxFilterWords:
		return communities.Invalidf("A filter has at most %d words", maxFilterWords)
	}
	for _, where := range f.Contexts {
		if !slices.Contains(filterContexts, where) {
			return communities.Invalidf("Validation failed: Context None or invalid context supplied")
		}
	}
	for _, k := range f.Keywords {
		if k.Word == "" || len(k.Word) > maxFilterLength {
			return communities.Invalidf("Validation failed: Keyword can't be blank, or is too long")
		}
	}
	return nil
}

func (a *API) putFilter(c *call, f *storage.Filter) error {
	return a.town.Write(c.Context(), func(tx communities.Tx) error { return storage.Of(tx).PutFilter(c.Context(), f) })
}

func (a *API) deleteFilter(c *call) (any, error) {
	id, err := pathID[storage.FilterID](c, "id")
	if err != nil {
		return nil, err
	}
	return entity.Empty{}, a.town.Write(c.Context(), func(tx communities.Tx) error {
		return storage.Of(tx).DeleteFilter(c.Context(), c.id(), id)
	})
}
