package main

import (
	"fmt"
	"net/http"

	"meent/cmd/meent/web"
	"meent/communities"
)

// entry says who may use a route. What the visitor may do there is decided by the verbs.
type entry int

const (
	undeclared entry = iota // who forgets to say it, finds the program does not start
	anyone
	signedIn
	admins
)

// route is a row of the table in routes.go.
type route struct {
	method   string
	path     string // as [http.ServeMux] reads it
	enter    entry
	attempts int // per minute and client, where somebody could guess; 0: no limit
	page     web.Handler
}

// gate admits visitors to routes: the one place where that happens.
type gate struct {
	pages    *web.Pages
	identify func(r *http.Request) (web.Visitor, error)
	attempts *attempts
	sameSite *http.CrossOriginProtection
}

// check refuses a row that does not say who may enter.
func (r route) check() error {
	if r.enter <= undeclared || r.enter > admins {
		return fmt.Errorf("route %s %s does not declare who may enter", r.method, r.path)
	}
	if r.method == "" || r.path == "" || r.page == nil {
		return fmt.Errorf("route %q %q is not complete", r.method, r.path)
	}
	return nil
}

func (g *gate) handler(route route) http.Handler {
	return g.sameSite.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := g.identify(r)
		if err == nil {
			err = g.admit(route, r, v)
		}
		if err == nil {
			err = route.page(w, r, v)
		}
		if err != nil {
			g.pages.Fail(w, r, v, err)
		}
	}))
}

func (g *gate) admit(route route, r *http.Request, v web.Visitor) error {
	if route.attempts > 0 && !g.attempts.allow(route.method+route.path, clientOf(r), route.attempts) {
		return communities.Limitedf("too many attempts; try again in a minute")
	}
	switch {
	case route.enter == anyone:
		return nil
	case !v.Known():
		return web.ErrSignIn
	case route.enter == admins && !v.Account.Role.AtLeast(communities.RoleAdmin):
		return communities.NotFound // whoever may not use it need not know of it
	}
	return nil
}

// sameSite refuses what another site's page sends along with a visitor's cookie. The public URL counts as this site also behind a proxy
// that changes the Host header.
func sameSite(publicURL string, pages *web.Pages) (*http.CrossOriginProtection, error) {
	protection := http.NewCrossOriginProtection()
	if err := protection.AddTrustedOrigin(publicURL); err != nil {
		return nil, fmt.Errorf("protect %s: %w", publicURL, err)
	}
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pages.Fail(w, r, web.Visitor{}, communities.Forbiddenf("this request came from a page of another site"))
	}))
	return protection, nil
}
