package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"meent/communities"
	"meent/storage"
)

type appsView struct {
	Apps  []appView
	Ended bool // one was just taken its rights
}

type appView struct {
	ID      storage.AppID
	Name    string
	Website string
	May     []string
	Since   time.Time
	Used    time.Time
}

// mays are what the first words of scopes allow, in the order in which they are told.
var mays = []struct{ scope, key string }{
	{"read", "apps.may.read"},
	{"write", "apps.may.write"},
	{"follow", "apps.may.follow"},
	{"push", "apps.may.push"},
	{"profile", "apps.may.profile"},
	{"admin", "apps.may.admin"},
}

// Apps lists the apps that may act for the visitor.
func (p *Pages) Apps(w http.ResponseWriter, r *http.Request, v Visitor) error {
	c := p.speak(r)
	list, err := p.archive.AuthorisedApps(r.Context(), v.ID())
	if err != nil {
		return err
	}
	content := appsView{Ended: r.URL.Query().Get("done") == "ended"}
	for _, app := range list {
		content.Apps = append(content.Apps, appView{
			ID: app.App, Name: app.Name, Website: app.Website, May: c.may(app.Scopes), Since: app.Since, Used: app.UsedAt,
		})
	}
	return p.show(w, r, "apps", http.StatusOK, page{Title: c.text("apps.title"), Hidden: true, Visitor: v, Content: content})
}

// may says in words what scopes allow.
func (c *catalogue) may(scopes []string) []string {
	var words []string
	for _, may := range mays {
		for _, scope := range scopes {
			if kind, _, _ := strings.Cut(scope, ":"); kind == may.scope {
				words = append(words, c.text(may.key))
				break
			}
		}
	}
	return words
}

// EndApp takes an app everything that the visitor let it do.
func (p *Pages) EndApp(w http.ResponseWriter, r *http.Request, v Visitor) error {
	if err := form(w, r); err != nil {
		return err
	}
	app, err := strconv.ParseInt(r.PostFormValue("app"), 10, 64)
	if err != nil {
		return communities.Invalidf("this form cannot be read")
	}
	err = p.town.Write(r.Context(), func(tx communities.Tx) error {
		return storage.Of(tx).RevokeApp(r.Context(), v.ID(), storage.AppID(app), r.PostFormValue("name"), p.Now())
	})
	if err != nil {
		return err
	}
	return redirect(w, r, "/apps?done=ended")
}
