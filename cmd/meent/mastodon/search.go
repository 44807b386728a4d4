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
	query, kind, offset := strings.TrimSpace(c.form.text("q")), c.form.text("type"), c.form.number("offset", 0)
	limit := min(max(c.form.number("limit", statusLength.usual()), 1), statusLength.most())
	result := entity.Search{Accounts: []entity.Account{}, Statuses: []entity.Status{}, Hashtags: []entity.Tag{}}
	if query == "" {
		return nil, communities.Invalidf("Missing parameter q")
	}
	if c.person == nil && (offset > 0 || c.form.flag("resolve")) {
		return nil, errToken // as Mastodon has it: only people page and resolve
	}
	wants := func(what string) bool { return cmp.Or(kind, what) == what }
	if wants("accounts") && !strings.HasPrefix(query, "#") {
		actors, err := a.findActors(c, query, offset, limit, c.form.flag("resolve"), c.form.flag("following"))
		if err != nil {
			return nil, err
		}
		result.Accounts = a.accounts(actors)
	}
	if wants("statuses") && c.person != nil {
		statuses, err := a.findStatuses(c, query, offset, limit)
		if err != nil {
			return nil, err
		}
		result.Statuses = statuses
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

// findStatuses finds by words, or one by its address.
func (a *API) findStatuses(c *call, query string, offset, limit int) ([]entity.Status, error) {
	if strings.HasPrefix(query, "https://") || strings.HasPrefix(query, "http://") {
		v, err := a.reader(c).PostByURI(c.Context(), query)
		if communities.IsNotFound(err) {
			return []entity.Status{}, nil
		}
		if err != nil {
			return nil, err
		}
		return a.statuses(c, []*storage.View{v}, anywhere)
	}
	at := storage.Page{MaxID: c.bound("max_id"), MinID: c.bound("min_id"), Limit: max(offset, 0) + limit}
	views, err := a.reader(c).Search(c.Context(), query, at)
	if err != nil {
		return nil, err
	}
	if id, err := parseID[communities.ActorID](c.form.text("account_id")); err == nil {
		views = by(views, id)
	}
	return a.statuses(c, views[min(max(offset, 0), len(views)):], anywhere)
}

func by(views []*storage.View, author communities.ActorID) []*storage.View {
	var kept []*storage.View
	for _, v := range views {
		if v.Post.Author == author {
			kept = append(kept, v)
		}
	}
	return kept
}

// findActors finds by the beginning of a handle; with resolve also who is not known here yet, by a whole handle or address.
func (a *API) findActors(c *call, query string, offset, limit int, resolve, following bool) ([]*communities.Actor, error) {
	offset = max(offset, 0)
	found, err := a.reader(c).FindActors(c.Context(), query, offset+limit+maxAsked)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 && resolve {
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
	case strings.HasPrefix(query, "https://") || strings.HasPrefix(query, "http://"):
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
