//go:build unix

package pages_test

import (
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"meent/communities"
	"meent/e2e/node"
	"meent/e2e/pages"
)

// The ways out of where a text may stand, and what may be tried once out. Whatever of it ran would be stopped by the pages' policy, and the
// browser would complain; so a page that is silent has neither run nor loaded anything.
var (
	escapes = []string{"", `">`, `'>`, `" `, "</textarea>", "</title></h1>", "--><!-- x -->", "]]>", "&quot;&gt;", "\\\"};", "</template></script>", "\u2028"}
	attacks = []string{
		`<script>ran()</script>`, `<img src=x onerror=ran()>`, `<svg onload=ran()>`, `<svg><script href="/x.js"/></svg>`,
		`<iframe src="javascript:ran()"></iframe>`, `<iframe srcdoc="<script>ran()</script>"></iframe>`, `<object data="//elders.example/x"></object>`,
		`<a href="javascript:ran()" autofocus onfocus=ran()>klik</a>`, `[klik](javascript:ran())`, `[klik](JaVa	script:ran())`, `![x](x"onerror="ran())`,
		`<style>@import "//elders.example/x.css";</style>`, `<link rel=stylesheet href=//elders.example/x.css>`, `<base href="//elders.example/">`,
		`<meta http-equiv=refresh content="0;url=//elders.example">`, `<input autofocus onfocus=ran()>`, `<details open ontoggle=ran()>`,
		`<video><source onerror=ran()></video>`, `<math><mtext><img src=x onerror=ran()></mtext></math>`, `onmouseover=ran() x=`,
		`<form action=//elders.example><button>`, `{{ran()}}${ran()}`, `<p style="background:url(//elders.example/x)">x</p>`, "javascript:ran()",
	}
)

func hostile() []string {
	var texts []string
	for _, escape := range escapes {
		for _, attack := range attacks {
			texts = append(texts, escape+attack)
		}
	}
	return texts
}

// SECURITY H8, H10, H11, H13: what people write is text, in whichever field of whichever page it stands.
func TestNothingThatPeopleWriteRuns(t *testing.T) {
	t.Parallel()
	fair, browser := hold(t, "")
	tab, err := browser.Tab(fair.Node, pages.Look{})
	if err != nil {
		t.Fatal(err)
	}
	w := walk{t, tab}
	w.must(tab.SignIn(t.Context(), "anna"))
	w.hears(fair)
	w.house(fair)
	paths := slices.Concat(
		w.names(fair), w.threads(fair.Bert), w.answers(fair), w.shows(fair),
		[]string{"/", "/g/dorpsplein", "/g/dorpsplein?order=active", "/g/dorpsplein/events", "/g/dorpsplein/moderation", "/notifications", "/u/bert", "/about", "/terms", "/rules", "/apps"},
	)
	for i, attack := range attacks {
		paths = append(paths, []string{"/search?q=" + url.QueryEscape(`">`+attack), "/sign-in?return_to=" + url.QueryEscape(attack), "/tags/" + url.PathEscape(attack)}[i%3])
	}
	tab.Requests()
	tab.Complaints()
	seen := 0
	for ; len(paths) > 0; seen++ {
		path := paths[0]
		w.must(tab.Open(path))
		paths = append(paths[1:], w.onward()...)
		if complaints := tab.Complaints(); len(complaints) > 0 {
			t.Errorf("%s: %s", path, complaints)
		}
		for _, request := range tab.Requests() {
			if !strings.HasPrefix(request, fair.Node.Base) && !strings.HasPrefix(request, "data:image/svg") {
				t.Errorf("%s asks for %s", path, request)
			}
		}
	}
	t.Logf("%d texts on %d pages", len(hostile()), seen)
}

// onward is the next page of a list that has one.
func (w walk) onward() []string {
	w.Helper()
	next, err := pages.Evaluate[[]string](w.tab, `[...document.querySelectorAll("main a[rel=next]")].map(a => a.getAttribute("href"))`)
	w.must(err)
	return next
}

// hears makes sure that a page which runs or loads something would be noticed.
func (w walk) hears(fair *pages.Fair) {
	w.Helper()
	for _, attack := range []string{`<img src=x onerror=ran()>`, `<img src=//elders.example/x>`} {
		w.must(w.tab.Open(fair.Thread))
		w.tab.Complaints()
		_, err := pages.Evaluate[bool](w.tab, fmt.Sprintf(`document.querySelector("main").insertAdjacentHTML("beforeend", %q), new Promise(r => setTimeout(() => r(true), 200))`, attack), await)
		w.must(err)
		if len(w.tab.Complaints()) == 0 {
			w.Errorf("nobody would notice %s", attack)
		}
	}
}

// names gives people and groups names and descriptions, and returns the pages that show them.
func (w walk) names(fair *pages.Fair) []string {
	w.Helper()
	var paths []string
	for i, attack := range attacks[:6] {
		name := fmt.Sprint("boef", i)
		for _, command := range [][]string{
			{"person", "add", name, "--email", name + "@localhost", "--display", `">` + attack},
			{"group", "add", "bende" + fmt.Sprint(i), "--title", `">` + attack, "--about", strings.Join(attacks, "\n\n")},
			{"post", "add", "--person", name, "--group", "bende" + fmt.Sprint(i), "--title", attack, attack},
		} {
			if _, err := fair.Node.Run(w.Context(), command...); err != nil {
				w.Fatal(err)
			}
		}
		paths = append(paths, "/u/"+name, "/g/bende"+fmt.Sprint(i))
	}
	return paths
}

// threads puts every text into every field of threads: title, text, warning, place, address, and answer of a poll. Lists show all of them
// by title and place; of the threads themselves it returns every fifth, as a page holds everything that the others hold.
func (w walk) threads(who *node.Visitor) []string {
	w.Helper()
	texts := hostile()
	var paths []string
	for i, text := range texts {
		fields := url.Values{"form": {"event"}, "title": {text}, "text": {text}, "starts": {"2030-01-01T10:00"}, "place": {text}, "address": {text}}
		if i%3 == 0 {
			fields.Set("warning", text)
		}
		if i%6 == 0 { // and the five after it
			options := slices.Clone(texts[i:min(i+6, len(texts))])
			fields = url.Values{"form": {"poll"}, "title": {text}, "text": {text}, "options": {strings.Join(options, "\n")}}
		}
		path, err := who.Send(w.Context(), "/g/dorpsplein/posts", fields)
		w.must(err)
		if i%5 == 0 {
			paths = append(paths, path)
		}
	}
	return paths
}

// house lets those who look after the node write its rules and texts, and tell everybody something.
func (w walk) house(fair *pages.Fair) {
	w.Helper()
	for _, attack := range attacks {
		for _, command := range [][]string{
			{"announce", "add", `">` + attack}, {"rule", "add", attack, "--hint", `">` + attack},
		} {
			_, err := fair.Node.Run(w.Context(), command...)
			w.must(err)
		}
		if _, err := fair.Node.Run(w.Context(), "emoji", "add", attack, filepath.Join(fair.Node.Dir, "boom.png")); err == nil {
			w.Errorf("a picture may be called %s", attack)
		}
	}
	for _, name := range []string{"about", "terms"} {
		_, err := fair.Node.Type(w.Context(), strings.Join(hostile(), "\n\n"), "text", "set", name, "-")
		w.must(err)
	}
}

// shows puts every attack where an app may write: beside a picture, in what is quoted, over a collection, on the name of the app itself; and
// on a page elsewhere that somebody links to.
func (w walk) shows(fair *pages.Fair) (paths []string) {
	w.Helper()
	phone, err := fair.Phone(w.Context(), "bert")
	w.must(err)
	called := map[string]string{}
	site, err := pages.Open(w.Context(), func(r *http.Request) string { return called[r.URL.Path] })
	w.must(err)
	defer site.Close()
	for i, attack := range attacks {
		called[fmt.Sprint("/", i)] = `">` + attack
	}
	keep := func(path string, err error) string {
		w.must(err)
		paths = append(paths, path)
		return path
	}
	for i, attack := range attacks {
		text := `">` + attack
		picture, err := phone.Give(w.Context(), pages.Painting(8, 8), text)
		w.must(err)
		shown := keep(phone.Publish(w.Context(), "Kijk", url.Values{"status": {text}, "media_ids[]": {picture}}))
		keep(phone.Publish(w.Context(), "Lees", url.Values{"quoted_status_id": {node.ID(shown)}}))
		keep(phone.Carded(w.Context(), fmt.Sprint(site.URL, "/", i)))
		if i < communities.MaxCollections {
			keep(phone.Collect(w.Context(), "bert", url.Values{"name": {attack[:min(len(attack), communities.MaxCollectionName)]}, "description": {text}}))
		}
		app, err := pages.Install(w.Context(), fair.Node, text, fmt.Sprint("fietsbel://", i))
		w.must(err)
		paths = append(paths, app.Consent)
	}
	return paths
}

// answers lets moderators give reasons and residents complain.
func (w walk) answers(fair *pages.Fair) []string {
	w.Helper()
	thread, err := fair.Bert.Start(w.Context(), "dorpsplein", "Reacties", "Zeg het maar.")
	w.must(err)
	for _, text := range hostile() {
		_, err := fair.Cor.Reply(w.Context(), thread, text)
		w.must(err)
	}
	for _, attack := range attacks {
		bad, err := fair.Bert.Start(w.Context(), "dorpsplein", `">`+attack, attack)
		w.must(err)
		_, err = fair.Cor.Send(w.Context(), bad+"/report", url.Values{"category": {"spam"}, "comment": {attack}})
		w.must(err)
		_, err = fair.Anna.Send(w.Context(), bad+"/remove", url.Values{"on": {"1"}, "reason": {attack}})
		w.must(err)
	}
	return []string{thread}
}
