package mastodon

import (
	"cmp"
	"strings"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/storage"
)

// search finds accounts, statuses and hashtags. Without a person nothing is asked of other towns, and no words are looked for in statuses.
func (a *API) search(c *call) (any, error) {
	query, offset := strings.TrimSpace(c.form.text("q")), c.form.number("offset", 0)
	if query == "" {
		return nil, communities.Invalidf("Missing parameter q")
	}
	if c.person == nil && (offset > 0 || c.form.flag("resolve")) {
		return nil, errToken // as Mastodon has it: only people page and resolve
	}
	list, err := a.collectionAt(c, query)
	if err != nil {
		return nil, err
	}
	result := entity.Search{Accounts: []entity.Account{}, Statuses: []entity.Status{}, Hashtags: []entity.Tag{}}
	if len(list) > 0 {
		result.Collections = &list
		return result, nil
	}
	return a.searchAll(c, query, offset, result)
}

// searchAll adds to the result what an app wants of it (type): all when it does not say.
func (a *API) searchAll(c *call, query string, offset int, result entity.Search) (any, error) {
	kind, limit := c.form.text("type"), min(max(c.form.number("limit", statusLength.usual()), 1), statusLength.most())
	wants := func(what string) bool { return cmp.Or(kind, what) == what }
	if wants("statuses") && c.person != nil {
		statuses, err := a.findStatuses(c, query, max(offset, 0), limit)
		if err != nil {
			return nil, err
		}
		result.Statuses = statuses
	}
	if wants("accounts") && !strings.HasPrefix(query, "#") && (len(result.Statuses) == 0 || !isAddress(query)) {
		actors, err := a.findActors(c, query, offset, limit, c.form.flag("resolve"), c.form.flag("following"))
		if err != nil {
			return nil, err
		}
		result.Accounts = a.accounts(actors)
	}
	if wants("hashtags") && !strings.HasPrefix(query, "@") {
		names, err := a.reader(c).FindHashtags(c.Context(), query, max(offset, 0), limit)
		if err != nil {
			return nil, err
		}
		if result.Hashtags, err = a.drawTags(c, names); err != nil {
			return nil, err
		}
	}
	return result, nil
}

func isAddress(query string) bool {
	return strings.HasPrefix(query, "https://") || strings.HasPrefix(query, "http://")
}

// findStatuses finds by words and what [parseQuery] knows, or one by its address.
func (a *API) findStatuses(c *call, query string, offset, limit int) ([]entity.Status, error) {
	if isAddress(query) {
		return a.statusAt(c, query)
	}
	q, err := a.parseQuery(c, query)
	if err != nil || q.nothing {
		return []entity.Status{}, err
	}
	if id, err := parseID[communities.ActorID](c.form.text("account_id")); err == nil {
		q.Author = id
	}
	q.Offset = offset
	page := storage.Page{MaxID: lower(c.bound("max_id"), q.before), MinID: c.bound("min_id"), SinceID: q.after, Limit: limit}
	views, err := a.reader(c).Find(c.Context(), q.Query, page)
	if err != nil {
		return nil, err
	}
	return a.statuses(c, views, anywhere)
}

// resolvesPerMinute is how often somebody may look up what is not known here: each costs other towns a few requests (SECURITY S24, D4).
const resolvesPerMinute = 30

// statusAt finds a status by its address; with resolve also one that is not known here yet.
func (a *API) statusAt(c *call, address string) ([]entity.Status, error) {
	v, err := a.reader(c).PostByURI(c.Context(), address)
	if communities.IsNotFound(err) && c.form.flag("resolve") && a.road != nil && a.mayResolve(c) {
		post, found := a.road.PostByURI(c.Context(), address)
		if found != nil {
			a.Log.DebugContext(c.Context(), "resolve for an app", "err", found)
			return []entity.Status{}, nil
		}
		v, err = a.reader(c).Post(c.Context(), post.ID)
	}
	if communities.IsNotFound(err) {
		return []entity.Status{}, nil
	}
	if err != nil {
		return nil, err
	}
	return a.statuses(c, []*storage.View{v}, anywhere)
}

func (a *API) mayResolve(c *call) bool {
	return a.Allow == nil || a.Allow(c.Request, "resolve", resolvesPerMinute)
}

// findActors finds by the beginning of a handle; with resolve also who is not known here yet, by a whole handle or address.
func (a *API) findActors(c *call, query string, offset, limit int, resolve, following bool) ([]*communities.Actor, error) {
	offset = max(offset, 0)
	found, err := a.reader(c).FindActors(c.Context(), query, offset+limit+maxAsked)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 && resolve && a.mayResolve(c) {
		found = a.resolve(c, query)
	}
	if found, err = a.knownOf(c, found); err != nil {
		return nil, err
	}
	if following {
		if found, err = a.followed(c, found); err != nil {
			return nil, err
		}
	}
	found = found[min(offset, len(found)):]
	return found[:min(limit, len(found))], nil
}

// resolve asks other towns, for a person only: not for whoever passes by (SECURITY S24).
func (a *API) resolve(c *call, query string) []*communities.Actor {
	if c.person == nil || a.road == nil {
		return nil
	}
	query = strings.TrimSpace(query)
	var actor *communities.Actor
	var err error
	switch handle := strings.TrimPrefix(query, "@"); {
	case isAddress(query):
		actor, err = a.road.ActorByURI(c.Context(), query)
	case strings.Contains(handle, "@") && !strings.ContainsAny(handle, " /"):
		actor, err = a.road.ActorByHandle(c.Context(), handle)
	default:
		return nil
	}
	if err != nil { // that nobody is there, or answers, is a search without a result
		a.Log.DebugContext(c.Context(), "resolve for an app", "err", err)
		return nil
	}
	if !actor.Active() {
		return nil
	}
	return []*communities.Actor{actor}
}

func (a *API) followed(c *call, actors []*communities.Actor) ([]*communities.Actor, error) {
	ties, err := a.reader(c).Ties(c.Context(), idsOf(actors))
	if err != nil {
		return nil, err
	}
	var kept []*communities.Actor
	for _, actor := range actors {
		if ties[actor.ID].Following {
			kept = append(kept, actor)
		}
	}
	return kept, nil
}
