package storage

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"meent/communities"
)

// Needs are what a transaction will ask for. What several need who write together is read together, one question for each kind; whatever is
// not foreseen is read when it is asked for.
type Needs struct {
	Actors  []communities.ActorID
	Posts   []string // URIs, also of what may not be there yet
	Threads []communities.PostID
	Stands  []Stand
}

// Stand is what [reads.Footing] is asked about.
type Stand struct{ Person, Group, Other communities.ActorID }

// foresee reads what is needed into the transaction's memory.
func (tx *Tx) foresee(ctx context.Context, all []Needs) error {
	var n Needs
	for _, one := range all {
		n.Actors = append(n.Actors, one.Actors...)
		n.Posts = append(n.Posts, one.Posts...)
		n.Threads = append(n.Threads, one.Threads...)
		n.Stands = append(n.Stands, one.Stands...)
	}
	for _, read := range []func(context.Context, Needs) error{tx.foreseeActors, tx.foreseePosts, tx.foreseeThreads, tx.foreseeFootings} {
		if err := read(ctx, n); err != nil {
			return fmt.Errorf("foresee what is needed: %w", err)
		}
	}
	return nil
}

func (tx *Tx) foreseeActors(ctx context.Context, n Needs) error {
	if len(n.Actors) == 0 {
		return nil
	}
	actors, err := tx.actorsWhere(ctx, "id IN (?)", bun.List(evened(unique(n.Actors))))
	for _, a := range actors {
		tx.seen.actors.keep(a, actorKeys)
	}
	return err
}

// foreseePosts remembers as well which are not there.
func (tx *Tx) foreseePosts(ctx context.Context, n Needs) error {
	if len(n.Posts) == 0 {
		return nil
	}
	for _, uri := range n.Posts {
		tx.seen.absent[uri] = true
	}
	return tx.foreseePostsWhere(ctx, "uri IN (?)", bun.List(evened(unique(n.Posts))))
}

func (tx *Tx) foreseeThreads(ctx context.Context, n Needs) error {
	var missing []communities.PostID
	for _, id := range unique(n.Threads) {
		if tx.seen.posts.known[id] == nil {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return tx.foreseePostsWhere(ctx, "id IN (?)", bun.List(evened(missing)))
}

func (tx *Tx) foreseePostsWhere(ctx context.Context, condition string, arg any) error {
	var rows []postRow
	posts, err := tx.postNouns(ctx, &rows, tx.idb.NewSelect().Model(&rows).Where(condition, arg).Scan(ctx))
	for _, p := range posts {
		tx.seen.posts.keep(p, postKeys)
		delete(tx.seen.absent, p.URI)
	}
	return err
}

// foreseeFootings leaves out who is banned: of these more must be read, and few write.
func (tx *Tx) foreseeFootings(ctx context.Context, n Needs) error {
	if len(n.Stands) == 0 {
		return nil
	}
	rows, err := tx.footings(ctx, evened(unique(n.Stands)))
	for _, row := range rows {
		if !row.Banned {
			tx.seen.footings[Stand{row.Person, row.Group, row.Other}] = row.footing()
		}
	}
	return err
}

func unique[T comparable](list []T) []T {
	seen := make(map[T]bool, len(list))
	var once []T
	for _, v := range list {
		if !seen[v] {
			seen[v] = true
			once = append(once, v)
		}
	}
	return once
}

// evened repeats the last of a list up to a power of two, so that statements about lists come in few lengths and each is compiled once.
func evened[T any](list []T) []T {
	for n := len(list); n > 0 && n&(n-1) != 0; n++ {
		list = append(list, list[len(list)-1])
	}
	return list
}
