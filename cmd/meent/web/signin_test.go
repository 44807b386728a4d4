package web

import "testing"

// Whoever signs in is led to a page of this node, whatever the address says that sent them.
func TestSigningInLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	for next, want := range map[string]string{
		"/": "/", "/oauth/authorize?client_id=x&redirect_uri=https%3A%2F%2Fapp.example%2F": "/oauth/authorize?client_id=x&redirect_uri=https%3A%2F%2Fapp.example%2F",
		"/g/plein#p-1": "/g/plein#p-1", "/search?q=//x": "/search?q=//x",
		"": "/", "g/plein": "/", "https://elders.example/": "/", "//elders.example/": "/", "///elders.example": "/", `/\elders.example`: "/",
		"/\t/elders.example": "/", "/\n/elders.example": "/", "/\r/elders.example": "/", "\t//elders.example": "/", "/\x00/elders.example": "/", "/\x7f": "/",
		"javascript:alert(1)": "/", "data:text/html,x": "/", "\\\\elders.example": "/", "/%zz": "/", " //elders.example": "/", "http:/elders.example": "/",
		"/a\\..\\\\elders.example": "/", "?x": "/", "#x": "/",
	} {
		if got := ownPath(next); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
}
