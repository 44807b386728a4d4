//go:build unix

package journeys_test

import (
	"context"
	"testing"

	"meent/storage/storagetest"
)

// A thread across three towns: said, answered, changed, taken back, liked, shared and moderated, and alike in all of them.
func TestThreadAcrossThreeTowns(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, database string) {
		r := found(t, waterstad, heuvelrug, bosrand)
		water, hill, wood := r.start(t, waterstad, database), r.start(t, heuvelrug, ""), r.start(t, bosrand, "")
		anna, joris, kees := water.MustResident(t, "anna"), hill.MustResident(t, "joris"), wood.MustResident(t, "kees")
		square := group(t, water, "plein", anna)
		follow(t, water, square, joris, kees)

		const title, question = "Bankjes", "Waar komen de bankjes?"
		at, err := anna.Start(t.Context(), "plein", title, question)
		if err != nil {
			t.Fatal(err)
		}
		everywhere := append([]place{{anna, at}}, find(t, square, title, joris, kees)...)
		atJoris, atKees := everywhere[1], everywhere[2]

		atJoris.reply(t, "In de zon.")
		show(t, everywhere, question, "In de zon.")
		atKees.reply(t, "In de schaduw.")
		show(t, everywhere, question, "In de zon.", "In de schaduw.")

		t.Log("a reply is edited")
		hill.MustRun(t, "post", "edit", "--person", "joris", atJoris.post(t, "In de zon."), "Half in de zon.")
		show(t, everywhere, question, "Half in de zon.", "In de schaduw.")

		t.Log("the first post is edited by its author, in the group's own town")
		const better = "Waar komen de vier bankjes?"
		water.MustRun(t, "post", "edit", "--person", "anna", at, better)
		show(t, everywhere, better, "Half in de zon.", "In de schaduw.")

		t.Log("somebody likes and shares it from elsewhere")
		if err := kees.Favourite(t.Context(), atKees.path); err != nil {
			t.Fatal(err)
		}
		hill.MustRun(t, "post", "boost", "--person", "joris", atJoris.path)
		counted(t, water, water.Base+at+"/likes", 1)
		counted(t, water, water.Base+at+"/shares", 1)

		t.Log("a reply is taken back")
		if err := kees.Delete(t.Context(), atKees.post(t, "In de schaduw.")); err != nil {
			t.Fatal(err)
		}
		show(t, everywhere, better, "Half in de zon.")

		t.Log("a moderator removes a reply")
		atKees.reply(t, "Koop uw bankje bij mij!")
		show(t, everywhere, better, "Half in de zon.", "Koop uw bankje bij mij!")
		water.MustRun(t, "post", "remove", "--person", "anna", "--reason", "reclame", everywhere[0].post(t, "Koop uw bankje bij mij!"))
		show(t, everywhere, better, "Half in de zon.")
		t.Log("who is banned is not heard any more")
		water.MustRun(t, "group", "ban", "plein", "@kees@"+wood.Host, "--person", "anna", "--reason", "reclame")
		_, _ = kees.Reply(t.Context(), atKees.path, "Mijn bankjes zijn de beste!") // his own town may know already, and refuse
		atJoris.reply(t, "Rustig hier.")
		show(t, everywhere[:2], better, "Half in de zon.", "Rustig hier.")
	})
}

// A town that is down for a while catches up with what was said, changed and taken back meanwhile.
func TestTownThatWasDownCatchesUp(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, database string) {
		r := found(t, waterstad, heuvelrug, bosrand)
		water, hill := r.start(t, waterstad, database), r.start(t, heuvelrug, "")
		anna, joris := water.MustResident(t, "anna"), hill.MustResident(t, "joris")
		square := group(t, water, "plein", anna)
		follow(t, water, square, joris)

		at, err := anna.Start(t.Context(), "plein", "Markt", "Wanneer is de markt?")
		if err != nil {
			t.Fatal(err)
		}
		everywhere := append([]place{{anna, at}}, find(t, square, "Markt", joris)...)
		if err := hill.Kill(); err != nil {
			t.Fatal(err)
		}
		everywhere[0].reply(t, "Op zaterdag.")
		everywhere[0].reply(t, "Of op zondag?")
		water.MustRun(t, "post", "edit", "--person", "anna", everywhere[0].post(t, "Op zaterdag."), "Op vrijdag.")
		if err := anna.Delete(t.Context(), everywhere[0].post(t, "Of op zondag?")); err != nil {
			t.Fatal(err)
		}
		if err := hill.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		show(t, everywhere, "Wanneer is de markt?", "Op vrijdag.")
	})
}

// A regional group follows a local one, and people of one town write in the group of the other.
func TestThreadFromAnotherTown(t *testing.T) {
	t.Parallel()
	r := found(t, waterstad, heuvelrug, bosrand)
	water, hill := r.start(t, waterstad, storagetest.Postgres(t)), r.start(t, heuvelrug, "")
	anna, joris := water.MustResident(t, "anna"), hill.MustResident(t, "joris")
	square := group(t, water, "plein", anna)
	group(t, hill, "regio", joris)
	follow(t, water, square, joris)
	hill.MustRun(t, "follow", "regio", "@"+square)
	await(t, "the region follows", func(ctx context.Context) bool {
		n, err := water.Total(ctx, water.Base+"/g/plein/followers")
		return err == nil && n == 2
	})
	if _, err := joris.Start(t.Context(), square, "Vraag van de buren", "Mogen wij ook komen?"); err != nil {
		t.Fatal(err)
	}
	atAnna := find(t, "plein", "Vraag van de buren", anna)
	atAnna[0].reply(t, "Natuurlijk!")
	show(t, append(atAnna, find(t, square, "Vraag van de buren", joris)...), "Mogen wij ook komen?", "Natuurlijk!")
}
