package mastodon

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/mastodon-api.md anew")

const handbook = "../../../docs/mastodon-api.md"

// The page of the handbook is made from the routes and the table that tries them: go test ./cmd/meent/mastodon -update
func TestHandbook(t *testing.T) {
	t.Parallel()
	want := handbookPage()
	if *update {
		if err := os.WriteFile(handbook, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(handbook)
	if err != nil {
		t.Fatal(err)
	}
	if string(kept) != want {
		t.Errorf("%s is not up to date: go test ./cmd/meent/mastodon -update", handbook)
	}
}

var entries = map[Entry]string{Anyone: "anyone", App: "an app", User: "a person", Waiting: "a person, also one who waits to be let in", Staff: "who looks after the node"}

func handbookPage() string {
	var b strings.Builder
	fmt.Fprintf(&b, `# The client API

Apps made for Mastodon work with a Meent node. This page is made from the program's own table of routes; what is not here answers 404.
A node says `+"`api_versions.mastodon: %d`"+`. A group is an account with `+"`group: true`"+`: follow it, mention it to start a thread in it, and find it among
your lists. Each row is tried on both databases by `+"`TestEndpoints`"+` against the documented entity, and by
`+"`TestEveryRouteAsksForItsScope`"+` for who may enter.

| Endpoint | For | Scope | Handler | Tried as |
|---|---|---|---|---|
`, apiVersion)
	tried := map[string][]string{}
	for _, e := range endpoints {
		shape := e.shape
		if shape == "" {
			shape = "error"
		}
		if list := tried[e.route]; len(list) == 0 || list[len(list)-1] != shape {
			tried[e.route] = append(list, shape)
		}
	}
	for _, row := range routes {
		route := row.method + " " + row.pattern
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", route, entries[row.enter], row.scope, nameOf(row.handler), strings.Join(tried[route], ", "))
	}
	return b.String()
}
