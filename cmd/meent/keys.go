package main

import (
	"context"
	"fmt"
	"time"

	"meent/communities"
	"meent/storage"
)

type keysCommand struct {
	Rotate keysRotate `cmd:"" help:"Give actors of this node new keys. Other nodes learn them at the next request."`
}

type keysRotate struct {
	Name string `arg:"" optional:"" help:"Handle of one person or group; the node itself and everybody in it when left out."`
}

// Run retires the keys; new ones are made when they are first needed.
func (k keysRotate) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		actors, err := k.actors(ctx, n)
		if err != nil {
			return err
		}
		for _, actor := range actors {
			err := n.town.Write(ctx, func(tx communities.Tx) error {
				return storage.Of(tx).RetireKeys(ctx, actor.ID, time.Now())
			})
			if err != nil {
				return fmt.Errorf("retire the keys of %s: %w", actor.Name, err)
			}
			t.say("%s has new keys.", actor.Name)
		}
		t.explain("A running node takes them up within a minute. Nodes that hold an old key read the new one when a signature does not fit.")
		return nil
	})
}

func (k keysRotate) actors(ctx context.Context, n *node) ([]*communities.Actor, error) {
	if k.Name == "" {
		return n.archive.LocalActors(ctx)
	}
	actor, err := n.archive.ActorByName(ctx, k.Name, "")
	if err != nil {
		return nil, advise(err, "`meent person list` and `meent group list` show the names.")
	}
	return []*communities.Actor{actor}, nil
}
