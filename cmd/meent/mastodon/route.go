package mastodon

import (
	"net/http"
	"strings"

	"meent/communities"
	"meent/communities/auth"
	"meent/storage"
)

// Entry says who may use a route. What they may do there is decided by the verbs and the reader.
type Entry int

const (
	Nobody  Entry = iota // who forgets to say it, has a route that refuses everybody
	Anyone               // without a token; with one, only when its scope allows
	App                  // any valid token, also one that an app got for itself
	User                 // a token that a person gave
	Waiting              // the same, also of somebody who cannot use their account yet
	Staff                // a token that a person gave who looks after the node
)

// Route is one endpoint of the API.
type Route struct {
	Method    string
	Pattern   string // as [http.ServeMux] reads it
	Enter     Entry
	Scope     auth.Scope // that a token needs; "": none in particular
	Open      bool       // scripts of any site may call it (CORS)
	PerMinute int        // times a client may come where somebody could guess or fill the archive; 0: no limit
	Handler   http.Handler
	Name      string // of the method that answers
}

// handler answers a call. What it returns is written as JSON, unless it can write itself, see [answer].
type handler func(*API, *call) (any, error)

// Routes lists every endpoint.
func (a *API) Routes() []Route {
	list := make([]Route, 0, len(routes))
	for _, row := range routes {
		route := Route{
			Method: row.method, Pattern: row.pattern, Enter: row.enter, Scope: row.scope, PerMinute: row.perMinute,
			Open: openToScripts(row.pattern), Name: nameOf(row.handler),
		}
		route.Handler = a.serve(route, row.handler)
		list = append(list, route)
	}
	return list
}

// call is one request that was let in.
type call struct {
	*http.Request
	caller
	form   form
	header http.Header     // of the answer
	eyes   *storage.Reader // see [API.reader]
}

// serve is the one way in: who comes is found out, admitted or not, heard, and answered.
func (a *API) serve(route Route, handle handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if route.Open {
			allowAll(w.Header())
		}
		c := &call{Request: r, header: w.Header()}
		result, err := a.handle(route, handle, w, c)
		if err != nil {
			a.fail(w, r, c.caller, err)
			return
		}
		a.answer(w, r, result)
	})
}

func (a *API) handle(route Route, handle handler, w http.ResponseWriter, c *call) (any, error) {
	if route.PerMinute > 0 && a.Allow != nil && !a.Allow(c.Request, route.Method+" "+route.Pattern, route.PerMinute) {
		return nil, communities.Limitedf("too many attempts; try again in a minute")
	}
	var err error
	if c.caller, err = a.identify(c.Request); err != nil {
		return nil, err
	}
	if err := c.admit(route); err != nil {
		return nil, err
	}
	c.form, err = readForm(w, c.Request, a.shelfFor(w, route))
	defer c.form.close(a.Log)
	if err != nil {
		return nil, err
	}
	return handle(a, c)
}

// openToScripts are the addresses that web apps of other sites call; they carry a token, never a cookie.
func openToScripts(pattern string) bool {
	return within(pattern, "/api/") || within(pattern, "/.well-known/") ||
		pattern == "/oauth/token" || pattern == "/oauth/revoke" || pattern == "/oauth/userinfo"
}

func within(pattern, prefix string) bool { return strings.HasPrefix(pattern, prefix) }
