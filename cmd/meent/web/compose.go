package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"meent/communities"
)

// composeView is the form that a thread is written or changed with, filled in as far as it was.
type composeView struct {
	Group   *nameView // nil: in no group
	Action  string    // where the form goes
	Back    string
	Form    string // post, poll or event
	Edit    bool
	Titled  bool // a reply has no title
	Error   string
	Readers string

	Title, Text, Warning string
	pollForm
	eventForm
}

type pollForm struct {
	Options  string // one a line
	Multiple bool
	Days     int // until it closes; 0: it stays open
}

type eventForm struct {
	Starts, Ends         string // as browsers write them
	Place, Address, Link string
	Cancelled            bool
}

// inputMoment is how browsers send a date and time of day, by the clock of the place.
const inputMoment = "2006-01-02T15:04"

// pollDays are the answers to how long a poll is open.
var pollDays = []int{1, 3, 7, 14, 30, 0}

const usualPollDays = 7

// NewThread shows the form of a new thread: a text, or with it a poll or an event.
func (p *Pages) NewThread(w http.ResponseWriter, r *http.Request, v Visitor) error {
	group, err := p.findGroup(r)
	if err != nil {
		return err
	}
	content := composeView{Form: r.URL.Query().Get("form"), pollForm: pollForm{Days: usualPollDays}}
	return p.composeThread(w, r, v, group, http.StatusOK, content)
}

func (p *Pages) composeThread(w http.ResponseWriter, r *http.Request, v Visitor, group *communities.Actor, status int, content composeView) error {
	name := p.name(group)
	content.Group, content.Action, content.Back, content.Titled = &name, name.URL+"/posts", name.URL, true
	content.Readers = p.speak(r).text("readers.public")
	if content.Form != "poll" && content.Form != "event" {
		content.Form = "post"
	}
	return p.show(w, r, "compose", status, page{Title: p.speak(r).text("group.start"), Hidden: true, Visitor: v, Content: content})
}

// StartThread takes the form of a new thread. Where something is wrong with it, it comes back as it was, with the reason.
func (p *Pages) StartThread(w http.ResponseWriter, r *http.Request, v Visitor) error {
	if err := form(w, r); err != nil {
		return err
	}
	group, err := p.findGroup(r)
	if err != nil {
		return err
	}
	content := composed(r)
	draft, err := p.draft(r, content)
	if err == nil {
		draft.Author, draft.Group = v.ID(), group.ID
		err = p.publish(w, r, draft)
	}
	if known := (*communities.Error)(nil); errors.As(err, &known) && known.Kind == communities.KindInvalid {
		content.Error = p.speak(r).refusal(known)
		return p.composeThread(w, r, v, group, http.StatusUnprocessableEntity, content)
	}
	return err
}

// composed reads the form as it was filled in.
func composed(r *http.Request) composeView {
	days, err := strconv.Atoi(r.PostFormValue("days"))
	if err != nil || days < 0 || days > 366 {
		days = usualPollDays
	}
	return composeView{
		Form: r.PostFormValue("form"), Title: field(r, "title"), Text: field(r, "text"), Warning: field(r, "warning"),
		pollForm: pollForm{Options: field(r, "options"), Multiple: r.PostFormValue("multiple") == "1", Days: days},
		eventForm: eventForm{
			Starts: field(r, "starts"), Ends: field(r, "ends"), Place: field(r, "place"), Address: field(r, "address"), Link: field(r, "link"),
			Cancelled: r.PostFormValue("cancelled") == "1",
		},
	}
}

// draft makes of a form what the town understands.
func (p *Pages) draft(r *http.Request, form composeView) (communities.Draft, error) {
	draft := communities.Draft{Title: form.Title, Source: form.Text, Warning: form.Warning, Language: p.speak(r).lang}
	var err error
	switch form.Form {
	case "poll":
		draft.Poll = form.pollForm.noun(p.Now())
	case "event":
		draft.Event, err = form.eventForm.noun(p.Zone)
	}
	return draft, err
}

func (f pollForm) noun(now time.Time) *communities.Poll {
	question := &communities.Poll{Multiple: f.Multiple}
	for title := range strings.Lines(f.Options) {
		if title = strings.TrimSpace(title); title != "" {
			question.Options = append(question.Options, communities.Option{Title: title})
		}
	}
	if f.Days > 0 {
		question.ClosesAt = now.AddDate(0, 0, f.Days)
	}
	return question
}

func (f eventForm) noun(zone *time.Location) (*communities.Event, error) {
	happening := &communities.Event{Timezone: zone.String(), Place: f.Place, Address: f.Address, URL: f.Link, Status: "CONFIRMED"}
	if f.Cancelled {
		happening.Status = "CANCELLED"
	}
	for _, moment := range []struct {
		text string
		to   *time.Time
	}{{f.Starts, &happening.StartsAt}, {f.Ends, &happening.EndsAt}} {
		if moment.text == "" {
			continue
		}
		at, err := time.ParseInLocation(inputMoment, moment.text, zone)
		if err != nil {
			return nil, communities.Invalidf("write a date and a time of day")
		}
		*moment.to = at
	}
	return happening, nil
}

// EditForm shows what somebody wrote, to change it.
func (p *Pages) EditForm(w http.ResponseWriter, r *http.Request, v Visitor) error {
	found, err := p.findPost(r, v)
	if err != nil {
		return err
	}
	if found.Author.ID != v.ID() {
		return communities.Forbiddenf("only the author may do this")
	}
	post := found.Post
	content := composeView{Form: "post", Title: post.Title, Text: post.Source, Warning: post.Warning}
	if post.Event != nil {
		content.Form, content.eventForm = "event", p.eventForm(post.Event)
	}
	return p.composeEdit(w, r, v, post, http.StatusOK, content)
}

func (p *Pages) eventForm(e *communities.Event) eventForm {
	f := eventForm{Starts: e.StartsAt.In(p.Zone).Format(inputMoment), Place: e.Place, Address: e.Address, Link: e.URL, Cancelled: e.Status == "CANCELLED"}
	if !e.EndsAt.IsZero() {
		f.Ends = e.EndsAt.In(p.Zone).Format(inputMoment)
	}
	return f
}

func (p *Pages) composeEdit(w http.ResponseWriter, r *http.Request, v Visitor, post *communities.Post, status int, content composeView) error {
	content.Edit, content.Titled = true, post.IsRoot()
	content.Back = postPath(post.ID)
	content.Action, content.Readers = content.Back+"/edit", p.speak(r).text(readers(post.Visibility))
	return p.show(w, r, "compose", status, page{Title: p.speak(r).text("post.edit"), Hidden: true, Visitor: v, Content: content})
}

// Edit takes a changed post.
func (p *Pages) Edit(w http.ResponseWriter, r *http.Request, v Visitor) error {
	if err := form(w, r); err != nil {
		return err
	}
	found, err := p.findPost(r, v)
	if err != nil {
		return err
	}
	content := composed(r)
	if content.Form = "post"; found.Post.Event != nil {
		content.Form = "event"
	}
	draft, err := p.draft(r, content)
	if err == nil {
		draft.Author, draft.Language, draft.Attachments = v.ID(), found.Post.Language, found.Post.Attachments
		draft.Sensitive = found.Post.Sensitive && draft.Warning == found.Post.Warning
		err = p.town.Write(r.Context(), func(tx communities.Tx) error {
			_, err := p.town.Edit(r.Context(), tx, found.Post.ID, draft)
			return err
		})
	}
	if known := (*communities.Error)(nil); errors.As(err, &known) && known.Kind == communities.KindInvalid {
		content.Error = p.speak(r).refusal(known)
		return p.composeEdit(w, r, v, found.Post, http.StatusUnprocessableEntity, content)
	}
	if err != nil {
		return err
	}
	return redirect(w, r, postPath(found.Post.ID))
}
