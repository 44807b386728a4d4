//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"meent/e2e/node"
)

const (
	question = "Bankjes op het plein"
	plan     = "Samen een fietspad"
)

// talk holds a conversation in the local group and one in the regional group, across both towns, and checks that both show all of it.
func (r *region) talk(ctx context.Context, out io.Writer) error {
	if err := r.discuss(ctx, out, square, question, r.anna, r.joris, []string{
		"Er komen nieuwe bankjes. Waar zetten we ze neer?",
		"Bij ons in Heuvelrug staan ze in de zon, dat zit altijd vol.",
		"Dan wordt het de kant van de bibliotheek!",
	}); err != nil {
		return err
	}
	return r.discuss(ctx, out, council, plan, r.joris, r.anna, []string{
		"Een fietspad tussen onze gemeenten: welke route kiest u?",
		"Langs het water, daar is het veilig voor kinderen.",
		"Goed plan. We vragen de raad om geld.",
	})
}

// discuss lets the host of a group and a guest from the other town speak in turn.
func (r *region) discuss(ctx context.Context, out io.Writer, group, title string, host, guest *node.Visitor, lines []string) error {
	atHost, err := host.Start(ctx, group, title, lines[0])
	if err != nil {
		return err
	}
	atGuest, err := guest.Find(ctx, group+"@"+host.Node.Host, title)
	if err != nil {
		return err
	}
	if _, err := guest.Reply(ctx, atGuest, lines[1]); err != nil {
		return err
	}
	if err := sees(ctx, host, atHost, lines[:2]); err != nil {
		return err
	}
	if _, err := host.Reply(ctx, atHost, lines[2]); err != nil {
		return err
	}
	for _, reader := range []struct {
		who  *node.Visitor
		path string
	}{{host, atHost}, {guest, atGuest}} {
		if err := sees(ctx, reader.who, reader.path, lines); err != nil {
			return err
		}
		fmt.Fprintf(out, "%q, as %s shows it: %s%s\n", title, reader.who.Node.Host, reader.who.Node.Base, reader.path)
	}
	return nil
}

// sees waits until somebody reads exactly these lines in a thread.
func sees(ctx context.Context, who *node.Visitor, path string, lines []string) error {
	return node.Await(ctx, fmt.Sprintf("%s shows %d posts", who.Node.Host, len(lines)), func() bool {
		thread, err := who.Thread(ctx, path)
		return err == nil && slices.Equal(thread.Texts(), lines)
	})
}

// invite tells how to look at it, and gives a guest of each town a link to sign in.
func (r *region) invite(ctx context.Context, out io.Writer) error {
	fmt.Fprintf(out, `
Two towns are up, until you press Ctrl-C. Their names exist on this machine only, so a browser needs to be told where they are:

  chromium --user-data-dir=$(mktemp -d) --ignore-certificate-errors \
    --host-resolver-rules="MAP %s %s, MAP %s %s" %s

or, for any program, these lines in /etc/hosts, and trust in %s:

  %s %s
  %s %s

`, r.water.Host, address(r.water), r.hill.Host, address(r.hill), r.water.Base+"/g/"+square, r.town.CAFile(),
		address(r.water), r.water.Host, address(r.hill), r.hill.Host)
	fmt.Fprintf(out, "  curl --cacert %s --resolve %s:443:%s -H 'Accept: %s' %s/g/%s\n\n",
		r.town.CAFile(), r.water.Host, address(r.water), node.Activity, r.water.Base, square)
	for _, n := range []*node.Node{r.water, r.hill} {
		said, err := n.Run(ctx, "person", "add", "gast", "--email", "gast@"+n.Host)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "To join in as @gast@%s:\n%s\n\n", n.Host, said)
	}
	return nil
}
