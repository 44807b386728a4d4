//go:build unix

// Package journeys_test follows people from town to town: it runs two or three real nodes under their own names, with TLS, and a server
// that is not ours, and looks at what each of them shows, as a browser or another server sees it.
package journeys_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"meent/e2e/node"
	"meent/e2e/townca"
)

// patience is how long anything may take to be seen everywhere, on a machine that is busy with other tests.
const patience = 40 * time.Second

// region is where the towns of one test lie.
type region struct{ town *townca.Authority }

// The names of towns, and of the server that is not ours.
const (
	waterstad  = "waterstad.example"
	heuvelrug  = "heuvelrug.example"
	bosrand    = "bosrand.example"
	foreigners = "fedi.example"
)

// found gives every town that there will be its address, for a node reads the list of names when it starts.
func found(t *testing.T, hosts ...string) region {
	t.Helper()
	town, err := townca.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range hosts {
		_, err := town.Settle(host)
		townca.Check(t, err)
	}
	return region{town}
}

// start runs a node until the test ends. An empty database is SQLite.
func (r region) start(t *testing.T, host, database string) *node.Node {
	t.Helper()
	o := node.Options{Host: host, Dir: filepath.Join(t.TempDir(), host), Database: database, Town: r.town}
	return node.ForTest(t, o, (*node.Node).Stop)
}

// group makes a group of a node, whose owner moderates it, and returns its name as others write it.
func group(t *testing.T, n *node.Node, name string, owner *node.Visitor) (handle string) {
	t.Helper()
	n.MustRun(t, "group", "add", name, "--title", strings.ToUpper(name[:1])+name[1:], "--owner", owner.Name)
	return name + "@" + n.Host
}

// follow lets people of other nodes follow a group, and waits until the group has them all.
func follow(t *testing.T, home *node.Node, handle string, people ...*node.Visitor) {
	t.Helper()
	for _, person := range people {
		person.Node.MustRun(t, "follow", person.Name, "@"+handle)
	}
	name, _, _ := strings.Cut(handle, "@")
	await(t, "the group is followed by all", func(ctx context.Context) bool {
		n, err := home.Total(ctx, home.Base+"/g/"+name+"/followers")
		return err == nil && n >= len(people)
	})
}

func await(t *testing.T, what string, done func(context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := node.Await(ctx, what, func() bool { return done(ctx) }); err != nil {
		t.Fatal(err)
	}
}

// place is a thread as somebody finds it on their own node.
type place struct {
	who  *node.Visitor
	path string
}

// find waits until a thread of a group has come to everybody's node.
func find(t *testing.T, handle, title string, people ...*node.Visitor) []place {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	places := make([]place, len(people))
	for i, person := range people {
		path, err := person.Find(ctx, handle, title)
		if err != nil {
			t.Fatal(err)
		}
		places[i] = place{person, path}
	}
	return places
}

// read is the thread as it stands now.
func (p place) read(t *testing.T) node.Thread {
	t.Helper()
	thread, err := p.who.Thread(t.Context(), p.path)
	if err != nil {
		t.Fatal(err)
	}
	return thread
}

// reply answers the thread's first post, and returns where the answer stands.
func (p place) reply(t *testing.T, text string) {
	t.Helper()
	if _, err := p.who.Reply(t.Context(), p.path, text); err != nil {
		t.Fatal(err)
	}
}

// post is the path of the post with this text, on the reader's node.
func (p place) post(t *testing.T, text string) string {
	t.Helper()
	for _, said := range p.read(t).Posts {
		if said.Text == text {
			return "/p/" + said.ID
		}
	}
	t.Fatalf("%s does not show %q", p.who.Node.Host, text)
	return ""
}

// show waits until the thread has exactly these texts everywhere, in whatever order.
func show(t *testing.T, places []place, texts ...string) {
	t.Helper()
	want := slices.Sorted(slices.Values(texts))
	for _, p := range places {
		var seen []string
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		err := node.Await(ctx, "the thread has these texts", func() bool {
			thread, err := p.who.Thread(ctx, p.path)
			seen = slices.Sorted(slices.Values(thread.Texts()))
			return err == nil && slices.Equal(seen, want)
		})
		cancel()
		if err != nil {
			t.Fatalf("%s shows %q, want %q", p.who.Node.Host, seen, want)
		}
	}
}

// counted waits until a collection has so many items.
func counted(t *testing.T, n *node.Node, url string, want int) {
	t.Helper()
	await(t, url+" has its items", func(ctx context.Context) bool {
		got, err := n.Total(ctx, url)
		return err == nil && got == want
	})
}
