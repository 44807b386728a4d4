//go:build unix

package pages

import (
	"context"
	"fmt"
	"slices"
)

// Place is a page to look at, with who looks.
type Place struct {
	Name string // of the picture
	Who  string // handle of who is signed in; "": nobody
	Path string
	// Act brings the page into the state to look at, such as a form that came back.
	Act func(*Tab) error
}

// Site lists every page of a node, in each state that it has.
func (f *Fair) Site() []Place {
	return slices.Concat(f.house(), f.groups(), f.threads(), f.doors())
}

// house is what a node says of itself.
func (f *Fair) house() []Place {
	return []Place{
		{Name: "front", Path: "/"},
		{Name: "front-signed-in", Who: "bert", Path: "/"},
		{Name: "about", Path: "/about"},
		{Name: "privacy", Path: "/privacy"}, // nobody wrote one
		{Name: "terms", Path: "/terms"},
		{Name: "accessibility", Path: "/accessibility"},
		{Name: "rules", Path: "/rules"},
		{Name: "search", Path: "/search"},
		{Name: "search-found", Path: "/search?q=bankjes"},
		{Name: "search-nothing", Path: "/search?q=xyzzy"},
		{Name: "tag", Path: "/tags/plein"},
	}
}

// groups are those and what their people write in them.
func (f *Fair) groups() []Place {
	group, closed := "/g/"+square, "/g/"+allotments
	return []Place{
		{Name: "group", Path: group},
		{Name: "group-active", Path: group + "?order=active"},
		{Name: "group-events", Path: group + "/events"},
		{Name: "group-resident", Who: "bert", Path: group},
		{Name: "group-moderator", Who: "anna", Path: group},
		{Name: "group-approval", Who: "bert", Path: closed},
		{Name: "group-waiting", Who: "cor", Path: closed},
		{Name: "write", Who: "bert", Path: group + "/new"},
		{Name: "write-poll", Who: "bert", Path: group + "/new?form=poll"},
		{Name: "write-event", Who: "bert", Path: group + "/new?form=event"},
		{Name: "write-mistake", Who: "bert", Path: group + "/new?form=poll", Act: mistake},
		{Name: "moderation", Who: "anna", Path: group + "/moderation"},
		{Name: "moderation-requests", Who: "anna", Path: closed + "/moderation"},
		{Name: "moderation-node", Who: "anna", Path: "/moderation"},
	}
}

// threads are what was written, with its writers.
func (f *Fair) threads() []Place {
	return []Place{
		{Name: "thread", Path: f.Thread},
		{Name: "thread-resident", Who: "bert", Path: f.Thread, Act: unfold(".acts details summary")},
		{Name: "thread-moderator", Who: "anna", Path: f.Thread, Act: unfold(".replies .moderation > summary")},
		{Name: "thread-locked", Path: f.Locked},
		{Name: "event", Path: f.Event},
		{Name: "poll-vote", Who: "cor", Path: f.Poll},
		{Name: "poll-voted", Who: "bert", Path: f.Poll},
		{Name: "edit", Who: "anna", Path: f.Event + "/edit"},
		{Name: "report", Who: "cor", Path: f.Thread + "/report"},
		{Name: "reported", Who: "cor", Path: f.Thread + "?done=reported"},
		{Name: "elsewhere", Path: f.Thread, Act: elsewhere("@buur@elders.example")},
		{Name: "elsewhere-mistake", Path: f.Thread, Act: elsewhere("buur")},
		{Name: "pictures", Path: f.Pictures},
		{Name: "pictures-resident", Who: "bert", Path: f.Pictures},
		{Name: "sensitive", Path: f.Sensitive, Act: unfold(".said > details:last-of-type > summary")},
		{Name: "film", Path: f.Film},
		{Name: "quote", Path: f.Quote},
		{Name: "quote-gone", Path: f.QuoteGone},
		{Name: "card", Path: f.Card},
		{Name: "collection", Path: f.Collection},
		{Name: "collection-empty", Path: f.Empty},
		{Name: "person", Path: "/u/anna"},
		{Name: "person-self", Who: "bert", Path: "/u/bert"},
		{Name: "notifications", Who: "anna", Path: "/notifications"},
	}
}

// doors are how people and apps come in, and where nobody does.
func (f *Fair) doors() []Place {
	return []Place{
		{Name: "sign-in", Path: "/sign-in"},
		{Name: "sign-in-link", Path: "/sign-in/link/x"},
		{Name: "sign-in-mistake", Path: "/sign-in", Act: wrongPassword},
		{Name: "sign-in-mailed", Path: "/sign-in", Act: mailed},
		{Name: "confirm", Path: "/confirm/x"},
		{Name: "confirm-mistake", Path: "/confirm/x", Act: press},
		{Name: "sign-in-link-mistake", Path: "/sign-in/link/x", Act: press},
		{Name: "apps", Who: "bert", Path: "/apps"},
		{Name: "apps-none", Who: "cor", Path: "/apps"},
		{Name: "consent", Who: "bert", Path: f.Consent},
		{Name: "consent-mistake", Who: "bert", Path: "/oauth/authorize?client_id=x"},
		{Name: "not-found", Path: "/nergens"},
		{Name: "sign-in-first", Path: "/notifications"},
	}
}

func unfold(selector string) func(*Tab) error {
	return func(t *Tab) error { return t.Click(selector) }
}

func elsewhere(handle string) func(*Tab) error {
	return func(t *Tab) error {
		for _, step := range []error{t.Click("aside details > summary"), t.Fill("#handle", handle), t.Go("aside details button")} {
			if step != nil {
				return step
			}
		}
		return nil
	}
}

func mistake(t *Tab) error {
	for selector, text := range map[string]string{"#title": "Koffie of thee?", "#options": "Koffie"} {
		if err := t.Fill(selector, text); err != nil {
			return err
		}
	}
	return t.Go("main form button")
}

func wrongPassword(t *Tab) error {
	for selector, text := range map[string]string{"#email": "bert@" + t.Node.Host, "#password": "onzin"} {
		if err := t.Fill(selector, text); err != nil {
			return err
		}
	}
	return t.Go("main form button")
}

func mailed(t *Tab) error {
	if err := t.Fill("#mail", "niemand@"+t.Node.Host); err != nil {
		return err
	}
	return t.Go("form[action='/sign-in/mail'] button")
}

func press(t *Tab) error { return t.Go("main form button") }

// Visit walks through all pages of the site in one tab per person, and lets look see each.
func (f *Fair) Visit(tabs map[string]*Tab, look func(Place, *Tab) error) error {
	for _, place := range f.Site() {
		t := tabs[place.Who]
		if err := t.Open(place.Path); err != nil {
			return err
		}
		if place.Act != nil {
			if err := place.Act(t); err != nil {
				return fmt.Errorf("%s: %w", place.Name, err)
			}
		}
		if err := look(place, t); err != nil {
			return fmt.Errorf("%s: %w", place.Name, err)
		}
	}
	return nil
}

// Tabs opens a tab for nobody in particular and one for each person of the fair, signed in.
func (b *Browser) Tabs(ctx context.Context, f *Fair) (map[string]*Tab, error) {
	tabs := map[string]*Tab{}
	for _, name := range []string{"", "anna", "bert", "cor"} {
		tab, err := b.Tab(f.Node, Look{})
		if err != nil {
			return nil, err
		}
		tabs[name] = tab
		if name == "" {
			continue
		}
		if err := tab.SignIn(ctx, name); err != nil {
			return nil, fmt.Errorf("sign in %s: %w", name, err)
		}
	}
	return tabs, nil
}
