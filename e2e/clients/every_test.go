//go:build unix

package clients

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/mattn/go-mastodon"
)

// Every call that the client has is made by some test of this package: a new version of the client with more of them fails here.
func TestEveryCallIsMade(t *testing.T) {
	t.Parallel()
	made := named(t)
	for _, client := range []reflect.Type{reflect.TypeFor[*mastodon.Client](), reflect.TypeFor[*mastodon.WSClient]()} {
		for i := range client.NumMethod() {
			if name := client.Method(i).Name; !made[name] && !notOurs(client, name) {
				t.Errorf("no test calls %s of %s", name, client)
			}
		}
	}
}

// notOurs leaves out what the client has of what is embedded in it: calls of HTTP and WebSocket in general.
func notOurs(client reflect.Type, name string) bool {
	fields := client.Elem()
	for i := range fields.NumField() {
		if field := fields.Field(i); field.Anonymous {
			if _, has := reflect.PointerTo(field.Type).MethodByName(name); has {
				return true
			}
		}
	}
	return false
}

// named are the names after a dot in the tests.
func named(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if selector, ok := n.(*ast.SelectorExpr); ok {
				names[selector.Sel.Name] = true
			}
			return true
		})
	}
	return names
}

// awaited are the subjects that the node does not answer yet. A subject that it does answer must not be here.
var awaited = map[string]string{
	"files":                  "uploads are refused",
	"lists":                  "there are no lists but those of groups",
	"hashtags":               "nobody follows a hashtag",
	"conversations":          "there is no list of them",
	"administration":         "there are no endpoints for it",
	"activity":               "nobody counts the weeks",
	"announcements":          "there are none",
	"scheduled":              "nothing is posted later",
	"pinned and muted":       "people pin nothing",
	"notes and endorsements": "nobody keeps them",
	"blocked hosts":          "people block people only",
}

// subject runs a test of one subject on each database. Probe is a first call that only works where the node answers the subject.
func subject(t *testing.T, name string, probe func(town, *mastodon.Client) error, test func(town, *mastodon.Client, *mastodon.Client)) {
	t.Helper()
	t.Parallel()
	eachTown(t, func(w town) {
		w.run("person", "add", "anna", "--email", "anna@stad.example")
		w.run("person", "add", "bert", "--email", "bert@stad.example")
		anna := w.app("anna")
		err := probe(w, anna)
		why, waits := awaited[name]
		switch {
		case err == nil && waits:
			t.Errorf("%s are answered now: strike them from what is awaited (%s)", name, why)
		case err != nil && !waits:
			t.Fatalf("%s: %v", name, err)
		}
		if err == nil {
			test(w, anna, w.app("bert"))
		}
	})
}

// refused tells that a call is answered with an error of one of these numbers.
func (w town) refused(err error, numbers ...int) {
	w.t.Helper()
	for _, number := range numbers {
		if failure, ok := err.(*mastodon.APIError); ok && failure.StatusCode == number { //nolint:errorlint // the client wraps nothing
			return
		}
	}
	w.t.Errorf("answered %v, want a refusal with one of %v", err, numbers)
}
