package main

import (
	"context"
	"fmt"
	"time"

	"meent/communities"
	"meent/communities/auth"
	"meent/storage"
)

type tokenCommand struct {
	Create tokenCreate `cmd:"" help:"Make a token by which a program acts as a person. Prints the token alone on standard output."`
}

type tokenCreate struct {
	Person string `required:"" placeholder:"NAME" help:"For whom the program acts."`
	Scopes string `default:"read" placeholder:"LIST" help:"What it may do: scopes of the Mastodon API with spaces between, such as \"read write follow push\"."`
	App    string `default:"command line" placeholder:"NAME" help:"What to call the program where the person sees the list."`
}

// Run makes the token. Only its hash is kept, so it is shown this once.
func (k tokenCreate) Run(ctx context.Context, c *Config, t terminal) error {
	return c.with(ctx, t, func(n *node) error {
		person, err := n.person(ctx, k.Person)
		if err != nil {
			return err
		}
		scopes, err := auth.ParseScopes(k.Scopes)
		if err != nil {
			return advise(err, "Scopes are words such as: read write follow push write:statuses")
		}
		secret, hash := auth.NewSecret()
		err = n.town.Write(ctx, func(tx communities.Tx) error {
			return storage.Of(tx).PutAccessToken(ctx, storage.AccessToken{
				Hash: hash, Actor: person.ID, App: k.App, Scopes: scopes.String(), CreatedAt: time.Now(),
			})
		})
		if err != nil {
			return fmt.Errorf("keep the token: %w", err)
		}
		t.say("%s", secret)
		t.explain("Whoever has this token may %s as %s. It is shown this once.", scopes, person.Name)
		return nil
	})
}
