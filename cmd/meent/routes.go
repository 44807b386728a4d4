package main

import (
	"net/http"

	"meent/cmd/meent/web"
	"meent/federation"
)

const (
	get  = http.MethodGet
	post = http.MethodPost
)

// signInAttempts is how often a client may try to sign in, per minute.
const signInAttempts = 10

// mailAttempts is how often a client may have mail sent, per minute.
const mailAttempts = 5

// formAttempts is how often a client may send a form that anybody may send, per minute.
const formAttempts = 60

// pageRoutes is what people meet: who may enter where. The verbs decide what they may do there.
func pageRoutes(pages *web.Pages) []route {
	return []route{
		{method: get, path: "/{$}", enter: anyone, page: pages.Front},
		{method: get, path: "/about", enter: anyone, page: pages.About},
		{method: get, path: "/privacy", enter: anyone, page: pages.Privacy},
		{method: get, path: "/terms", enter: anyone, page: pages.Terms},
		{method: get, path: "/accessibility", enter: anyone, page: pages.Accessibility},
		{method: get, path: "/rules", enter: anyone, page: pages.Rules},
		{method: get, path: "/search", enter: anyone, page: pages.Search},
		{method: get, path: "/tags/{tag}", enter: anyone, page: pages.Hashtag},
		{method: get, path: "/assets/{file}", enter: anyone, page: pages.Asset},

		{method: get, path: "/g/{name}", enter: anyone, page: pages.Group},
		{method: get, path: "/g/{name}/events", enter: anyone, page: pages.Events},
		{method: get, path: "/g/{name}/events.ics", enter: anyone, page: pages.Calendar},
		{method: get, path: "/g/{name}/feed.atom", enter: anyone, page: pages.Feed},
		{method: get, path: "/g/{name}/new", enter: signedIn, page: pages.NewThread},
		{method: post, path: "/g/{name}/posts", enter: signedIn, page: pages.StartThread},
		{method: post, path: "/g/{name}/follow", enter: signedIn, page: pages.Follow},
		{method: post, path: "/g/{name}/join", enter: signedIn, page: pages.Join},
		{method: post, path: "/g/{name}/elsewhere", enter: anyone, attempts: formAttempts, page: pages.FollowElsewhere},
		{method: get, path: "/g/{name}/moderation", enter: signedIn, page: pages.GroupDesk},
		{method: post, path: "/g/{name}/requests", enter: signedIn, page: pages.Approve},
		{method: post, path: "/g/{name}/bans", enter: signedIn, page: pages.Ban},

		{method: get, path: "/u/{name}", enter: anyone, page: pages.Person},
		{method: get, path: "/u/{name}/collections/{id}", enter: anyone, page: pages.Collection},
		{method: post, path: "/u/{name}/follow", enter: signedIn, page: pages.Follow},

		{method: get, path: "/p/{id}", enter: anyone, page: pages.Thread},
		{method: post, path: "/p/{id}/replies", enter: signedIn, page: pages.Reply},
		{method: post, path: "/p/{id}/favourite", enter: signedIn, page: pages.Favourite},
		{method: post, path: "/p/{id}/vote", enter: signedIn, page: pages.Vote},
		{method: get, path: "/p/{id}/edit", enter: signedIn, page: pages.EditForm},
		{method: post, path: "/p/{id}/edit", enter: signedIn, page: pages.Edit},
		{method: post, path: "/p/{id}/delete", enter: signedIn, page: pages.Delete},
		{method: get, path: "/p/{id}/report", enter: signedIn, page: pages.ReportForm},
		{method: post, path: "/p/{id}/report", enter: signedIn, page: pages.Report},
		{method: post, path: "/p/{id}/elsewhere", enter: anyone, attempts: formAttempts, page: pages.ReplyElsewhere},
		{method: post, path: "/p/{id}/remove", enter: signedIn, page: pages.Remove},
		{method: post, path: "/p/{id}/lock", enter: signedIn, page: pages.Lock},
		{method: post, path: "/p/{id}/pin", enter: signedIn, page: pages.Pin},

		{method: get, path: "/notifications", enter: signedIn, page: pages.Notifications},
		{method: post, path: "/notifications", enter: signedIn, page: pages.ReadNotifications},
		{method: get, path: "/moderation", enter: signedIn, page: pages.Desk},
		{method: post, path: "/reports/{id}/resolve", enter: signedIn, page: pages.Resolve},

		{method: get, path: "/apps", enter: signedIn, page: pages.Apps},
		{method: post, path: "/apps", enter: signedIn, page: pages.EndApp},

		{method: get, path: "/sign-in", enter: anyone, page: pages.SignIn},
		{method: post, path: "/sign-in", enter: anyone, attempts: signInAttempts, page: pages.UsePassword},
		{method: get, path: "/sign-in/link/{secret}", enter: anyone, attempts: signInAttempts, page: pages.Link},
		{method: post, path: "/sign-in/link", enter: anyone, attempts: signInAttempts, page: pages.UseLink},
		{method: post, path: "/sign-in/mail", enter: anyone, attempts: mailAttempts, page: pages.MailLink},
		{method: get, path: "/confirm/{secret}", enter: anyone, attempts: signInAttempts, page: pages.ConfirmForm},
		{method: post, path: "/confirm", enter: anyone, attempts: signInAttempts, page: pages.Confirm},
		{method: post, path: "/sign-out", enter: signedIn, page: pages.SignOut},
		{method: get, path: "/", enter: anyone, page: pages.Nowhere},
	}
}

// routes lays the pages, the road to other servers and the node's own health on one table. Where a page and a document have the same
// address, the Accept header decides (ActivityPub 3.2).
func (n *node) routes(pages *web.Pages, health, figures http.Handler) (http.Handler, error) {
	protection, err := sameSite(n.Base, pages)
	if err != nil {
		return nil, err
	}
	g := &gate{pages: pages, identify: n.identify, attempts: newAttempts(), sameSite: protection}
	documents := map[string]http.Handler{}
	for _, document := range n.road.Routes() {
		documents[document.Pattern] = document.Handler
	}
	mux := http.NewServeMux()
	for _, route := range pageRoutes(pages) {
		if err := route.check(); err != nil {
			return nil, err
		}
		pattern := route.method + " " + route.path
		mux.Handle(pattern, byAccept(documents[pattern], g.handler(route)))
		delete(documents, pattern)
	}
	for pattern, document := range documents {
		mux.Handle(pattern, document)
	}
	n.files.mount(mux, n.log)
	mux.Handle("GET /healthz", health)
	mux.Handle("GET /readyz", health)
	mux.Handle("GET /metrics", figures)
	return mux, nil
}

// byAccept gives requests for an ActivityPub document to the road and those of browsers to the page; document is nil where there is
// only a page.
func byAccept(document, page http.Handler) http.Handler {
	if document == nil {
		return page
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", varies)
		if federation.WantsActivity(r) {
			document.ServeHTTP(w, r)
			return
		}
		page.ServeHTTP(w, r)
	})
}
