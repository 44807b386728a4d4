package main

import (
	"net/http"
	"testing"

	"meent/cmd/meent/web"
)

// SECURITY V15: who adds a route says who may enter.
func TestEveryRouteDeclaresWhoMayEnter(t *testing.T) {
	t.Parallel()
	routes := pageRoutes(&web.Pages{})
	for _, route := range routes {
		if err := route.check(); err != nil {
			t.Error(err)
		}
		if route.method == http.MethodPost && route.enter == anyone && route.attempts == 0 {
			t.Errorf("anybody may do %s %s as often as they like", route.method, route.path)
		}
	}
	undeclared := routes[0]
	undeclared.enter = 0
	if undeclared.check() == nil {
		t.Error("a route that does not declare who may enter is taken")
	}
}
