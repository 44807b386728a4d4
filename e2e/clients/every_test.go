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

// subject runs a test of one subject on each database, with the apps of two residents.
func subject(t *testing.T, test func(w town, anna, bert *mastodon.Client)) {
	t.Helper()
	t.Parallel()
	eachTown(t, func(w town) {
		w.run("person", "add", "anna", "--email", "anna@stad.example")
		w.run("person", "add", "bert", "--email", "bert@stad.example")
		test(w, w.app("anna"), w.app("bert"))
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
