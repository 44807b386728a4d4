package web

import (
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

type elsewhereView struct {
	Back   nameView
	URI    string // what one looks for at home
	Handle string
	Host   string // the visitor's own server, once they have named it
	Link   string
	Error  string
}

// ReplyElsewhere leads somebody with an account on another server to a post there.
func (p *Pages) ReplyElsewhere(w http.ResponseWriter, r *http.Request, v Visitor) error {
	found, err := p.findPost(r, v)
	if err != nil {
		return err
	}
	return p.elsewhere(w, r, v, elsewhereView{Back: nameView{Name: p.titleOf(p.speak(r), found), URL: postPath(found.Post.ID)}, URI: found.Post.URI})
}

// FollowElsewhere does the same for a group.
func (p *Pages) FollowElsewhere(w http.ResponseWriter, r *http.Request, v Visitor) error {
	group, err := p.findGroup(r)
	if err != nil {
		return err
	}
	return p.elsewhere(w, r, v, elsewhereView{Back: p.name(group), URI: group.URI})
}

// elsewhere shows the way: a link that the visitor follows themselves. This node asks the other server nothing, whoever wants it to
// (SECURITY S24, H9); so it does not look for the server's own template (FEP-3b86 2) but takes the address that most of them know.
func (p *Pages) elsewhere(w http.ResponseWriter, r *http.Request, v Visitor, content elsewhereView) error {
	if err := form(w, r); err != nil {
		return err
	}
	status := http.StatusOK
	content.Handle = strings.TrimSpace(r.PostFormValue("handle"))
	host, ok := homeOf(content.Handle)
	if ok {
		content.Host = host
		content.Link = "https://" + host + "/authorize_interaction?uri=" + url.QueryEscape(content.URI)
	} else {
		status, content.Error = http.StatusUnprocessableEntity, p.speak(r).text("elsewhere.bad")
	}
	return p.show(w, r, "elsewhere", status, page{Title: p.speak(r).text("elsewhere.title"), Hidden: true, Visitor: v, Content: content})
}

// homeOf returns the host of a handle: @name@host, name@host, or the host alone.
func homeOf(handle string) (host string, ok bool) {
	host = handle[strings.LastIndex(handle, "@")+1:]
	host, err := idna.Lookup.ToASCII(strings.ToLower(host))
	if err != nil || len(host) > 253 || !strings.Contains(host, ".") || strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" {
		return "", false
	}
	return host, strings.Trim(host, ".") == host
}
