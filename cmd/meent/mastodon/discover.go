package mastodon

import (
	"slices"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/storage"
)

// suggestions are the groups of this node that the caller does not follow yet.
func (a *API) suggestions(c *call) (any, error) {
	groups, err := a.suggested(c)
	list := make([]entity.Suggestion, len(groups))
	for i, group := range groups {
		list[i] = entity.Suggestion{Source: "staff", Sources: []string{"featured"}, Account: a.account(group)}
	}
	return list, err
}

func (a *API) v1Suggestions(c *call) (any, error) {
	groups, err := a.suggested(c)
	return a.accounts(groups), err
}

func (a *API) suggested(c *call) ([]*communities.Actor, error) {
	groups, err := a.reader(c).Groups(c.Context())
	if err != nil {
		return nil, err
	}
	ties, err := a.reader(c).Ties(c.Context(), idsOf(groups))
	if err != nil {
		return nil, err
	}
	dismissed, err := a.reader(c).Dismissed(c.Context())
	if err != nil {
		return nil, err
	}
	var kept []*communities.Actor
	for _, group := range groups {
		if tie := ties[group.ID]; !tie.Following && !tie.Requested && !slices.Contains(dismissed, group.ID) {
			kept = append(kept, group)
		}
	}
	return kept[:min(len(kept), c.page(accountLength).Limit)], nil
}

// dismissSuggestion is never to suggest somebody again.
func (a *API) dismissSuggestion(c *call) (any, error) {
	actor, err := a.pathActor(c)
	if err != nil {
		return nil, err
	}
	err = a.town.Write(c.Context(), func(tx communities.Tx) error {
		return storage.Of(tx).DismissSuggestion(c.Context(), c.id(), actor.ID)
	})
	return entity.Empty{}, err
}

// directory lists who lives here and wants to be found. Who lives elsewhere stands in the directory there.
func (a *API) directory(c *call) (any, error) {
	people, err := a.reader(c).Directory(c.Context(), c.form.text("order") == "new", max(c.form.number("offset", 0), 0), c.page(accountLength).Limit)
	return a.accounts(people), err
}

func (a *API) familiarFollowers(c *call) (any, error) {
	list := []entity.FamiliarFollowers{}
	ids := parseIDs[communities.ActorID](c.form.list("id"))
	for _, id := range ids[:min(len(ids), maxAsked)] {
		if _, err := a.actor(c, id); err != nil {
			if communities.KindOf(err) == communities.KindInternal {
				return nil, err
			}
			continue
		}
		actors, err := a.reader(c).Familiar(c.Context(), id, accountLength.usual())
		if err != nil {
			return nil, err
		}
		list = append(list, entity.FamiliarFollowers{ID: entity.ID(id), Accounts: a.accounts(actors)})
	}
	return list, nil
}
