//go:build unix

package pages

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"meent/e2e/node"
)

// Fair is a town with enough going on that every page has something to show.
type Fair struct {
	Node *node.Node
	Anna *node.Visitor // moderates the square and runs the node
	Bert *node.Visitor // a resident
	Cor  *node.Visitor // waits to be let into the allotments

	Thread string // a long one, with answers to answers
	Event  string
	Poll   string // open, nobody but Bert has voted
	Locked string
	Wrong  string // an answer that was reported
	Taken  string // an answer that was taken away

	Pictures, Sensitive string // posts that show something
	Film                string
	Quote, QuoteGone    string
	Card                string

	Collection, Empty string // people to follow, and a collection of nobody

	Consent string // the question of an app
}

// Flags are those of a node to hold a fair on: it has a name, and a way to send mail, which nobody here gets.
func Flags() []string {
	return []string{"--node-name", "Waterstad", "--smtp", "smtp://127.0.0.1:25"}
}

// Names of the groups.
const (
	square     = "dorpsplein"
	allotments = "moestuin"
)

const opening = `De gemeente wil het plein voor de bibliotheek opnieuw inrichten. Er komt meer **groen** en er kunnen bankjes bij.

Wij horen graag van u:

- Waar zit u nu het liefst?
- Wat mist u op het plein?
- Waar maakt u zich zorgen over?

Op basis van uw reacties maken we twee schetsen. Die leggen we hier weer aan u voor. #plein`

// Hold furnishes a node: people, groups, threads, and work for its moderators.
func Hold(ctx context.Context, n *node.Node) (*Fair, error) {
	f := &Fair{Node: n}
	for _, step := range []func(context.Context) error{f.settle, f.talk, f.decide, f.quarrel, f.rule, f.show, f.install} {
		if err := step(ctx); err != nil {
			return nil, fmt.Errorf("furnish %s: %w", n.Host, err)
		}
	}
	return f, nil
}

// settle lets people and groups come.
func (f *Fair) settle(ctx context.Context) error {
	var err error
	if f.Anna, err = f.Node.Resident(ctx, "anna", "--display", "Anna", "--role", "moderator"); err != nil {
		return err
	}
	if f.Bert, err = f.Node.Resident(ctx, "bert", "--display", "Bert"); err != nil {
		return err
	}
	if f.Cor, err = f.Node.Resident(ctx, "cor", "--display", "Cor"); err != nil {
		return err
	}
	for _, command := range [][]string{
		{"group", "add", square, "--title", "Het dorpsplein", "--about", "Alles over het plein en de straten eromheen. Iedereen mag meepraten.", "--owner", "anna"},
		{"group", "add", allotments, "--title", "Moestuin De Akker", "--about", "Voor wie een tuintje heeft of wil.", "--joining", "approval", "--owner", "anna"},
	} {
		if _, err := f.Node.Run(ctx, command...); err != nil {
			return err
		}
	}
	for _, group := range []string{square, allotments} {
		if _, err := f.Cor.Send(ctx, "/g/"+group+"/follow", url.Values{"on": {"1"}}); err != nil {
			return err
		}
	}
	_, err = f.Cor.Send(ctx, "/g/"+allotments+"/join", url.Values{"on": {"1"}})
	return err
}

// talk fills the square with threads of every kind.
func (f *Fair) talk(ctx context.Context) error {
	var err error
	if f.Thread, err = f.Anna.Start(ctx, square, "Waar komen de nieuwe bankjes op het plein?", opening); err != nil {
		return err
	}
	if err := f.answer(ctx); err != nil {
		return err
	}
	start := time.Now().AddDate(0, 0, 9).Format("2006-01-02") + "T19:30"
	if f.Event, err = f.Anna.Send(ctx, "/g/"+square+"/posts", url.Values{
		"form": {"event"}, "title": {"Inloopavond over het plein"}, "text": {"Kom kijken naar de schetsen en praat mee. De koffie staat klaar."},
		"starts": {start}, "ends": {start[:11] + "21:30"}, "place": {"Bibliotheek"}, "address": {"Kerkstraat 2"}, "link": {"https://video.example/plein"},
	}); err != nil {
		return err
	}
	f.Poll, err = f.Anna.Send(ctx, "/g/"+square+"/posts", url.Values{
		"form": {"poll"}, "title": {"Wat vindt u het belangrijkst?"}, "text": {"U kunt een antwoord kiezen."},
		"options": {"Meer groen\nMeer bankjes\nRuimte voor de markt\nEen plek om te spelen"}, "days": {"14"},
	})
	return err
}

func (f *Fair) answer(ctx context.Context) error {
	first, err := f.say(ctx, f.Bert, f.Thread, "Bij de grote boom zit je uit de wind. Daar mis ik een bankje.")
	if err != nil {
		return err
	}
	second, err := f.say(ctx, f.Anna, first, "Dank u, die plek nemen we mee in de schetsen.")
	if err != nil {
		return err
	}
	if _, err = f.say(ctx, f.Cor, second, "Let u dan ook op de wortels? De tegels liggen er nu al scheef."); err != nil {
		return err
	}
	if _, err = f.say(ctx, f.Cor, f.Thread, "Een bankje bij de speelplaats zou ook fijn zijn."); err != nil {
		return err
	}
	return f.Bert.Favourite(ctx, f.Thread)
}

// say answers a post and returns the path of the answer, which no other has the text of.
func (f *Fair) say(ctx context.Context, who *node.Visitor, to, text string) (string, error) {
	landed, err := who.Reply(ctx, to, text)
	if err != nil {
		return "", err
	}
	thread, err := who.Thread(ctx, landed)
	if err != nil {
		return "", err
	}
	for _, said := range thread.Posts {
		if said.Text == text {
			return "/p/" + said.ID, nil
		}
	}
	return "", fmt.Errorf("%s does not show %q", landed, text)
}

// decide votes, closes and pins.
func (f *Fair) decide(ctx context.Context) error {
	var err error
	if f.Locked, err = f.Anna.Start(ctx, square, "De kerstmarkt is voorbij", "Dank aan alle vrijwilligers!"); err != nil {
		return err
	}
	for _, act := range []struct {
		who    *node.Visitor
		where  string
		fields url.Values
	}{
		{f.Bert, f.Poll + "/vote", url.Values{"option": {"1"}}},
		{f.Anna, f.Locked + "/lock", url.Values{"on": {"1"}}},
		{f.Anna, f.Thread + "/pin", url.Values{"on": {"1"}}},
	} {
		if _, err := act.who.Send(ctx, act.where, act.fields); err != nil {
			return err
		}
	}
	return nil
}

// quarrel gives the moderators something to do.
func (f *Fair) quarrel(ctx context.Context) error {
	var err error
	if f.Taken, err = f.say(ctx, f.Bert, f.Thread, "Koop bij mij de beste bankjes, nu goedkoop!"); err != nil {
		return err
	}
	if f.Wrong, err = f.say(ctx, f.Bert, f.Thread, "Wie dit niet wil, is niet goed bij zijn hoofd."); err != nil {
		return err
	}
	if _, err := f.Anna.Send(ctx, f.Taken+"/remove", url.Values{"on": {"1"}, "reason": {"Reclame hoort hier niet."}}); err != nil {
		return err
	}
	_, err = f.Cor.Send(ctx, f.Wrong+"/report", url.Values{"category": {"violation"}, "comment": {"Dit is niet aardig."}})
	return err
}

// install makes an app known that asks Bert for consent, and gives him another one that he uses already.
func (f *Fair) install(ctx context.Context) error {
	asks, err := Install(ctx, f.Node, "Fietsbel", "fietsbel://terug")
	if err != nil {
		return err
	}
	f.Consent = asks.Consent
	_, err = f.Node.Run(ctx, "token", "create", "--person", "bert", "--scopes", "read write push")
	return err
}

// App is a program that was registered at a node.
type App struct {
	ID, Secret, Redirect string
	Consent              string // path of the page on which it asks
}

// Install registers an app whose answers go to an address.
func Install(ctx context.Context, n *node.Node, name, redirect string) (App, error) {
	form := url.Values{"client_name": {name}, "redirect_uris": {redirect}, "scopes": {"read write push"}, "website": {"https://fietsbel.example"}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, n.Base+"/api/v1/apps", strings.NewReader(form.Encode()))
	if err != nil {
		return App{}, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := n.Client.Do(request)
	if err != nil {
		return App{}, fmt.Errorf("register an app: %w", err)
	}
	defer answer.Body.Close()
	var made struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&made); err != nil {
		return App{}, fmt.Errorf("register an app: %w", err)
	}
	query := url.Values{"response_type": {"code"}, "client_id": {made.ID}, "redirect_uri": {redirect}, "scope": {"read write push"}, "state": {"s&t"}}
	return App{made.ID, made.Secret, redirect, "/oauth/authorize?" + query.Encode()}, nil
}
