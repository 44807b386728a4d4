package main

import (
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"meent/communities"
)

// says sends a form that must succeed and returns where it leads.
func (b *browser) says(at string, fields url.Values) string {
	b.house.t.Helper()
	got := b.post(at, fields)
	if got.status != http.StatusSeeOther {
		b.house.t.Fatalf("%s: %d\n%s", at, got.status, got.body)
	}
	return got.header.Get("Location")
}

var (
	yes = url.Values{"on": {"1"}}
	no  = url.Values{"on": {"0"}}
)

// with adds fields to a form.
func with(fields url.Values, pairs ...string) url.Values {
	all := url.Values{}
	for name, values := range fields {
		all[name] = values
	}
	for i := 0; i < len(pairs); i += 2 {
		all.Set(pairs[i], pairs[i+1])
	}
	return all
}

// moderator makes somebody who looks after the first group.
func (h *house) moderator(name string) *browser {
	h.t.Helper()
	person, b := h.resident(name)
	err := h.town.Write(h.t.Context(), func(tx communities.Tx) error {
		return h.town.SetRole(h.t.Context(), tx, communities.RoleChange{Group: h.welcome().ID, Person: person.ID, By: h.self.ID, Role: communities.RoleModerator})
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return b
}

func TestModeratorsLookAfterTheGroup(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(h *house) {
		mod := h.moderator("mod")
		bert, bertsBrowser := h.resident("bert")
		_, cor := h.resident("cor")
		thread := bertsBrowser.says("/g/welkom/posts", url.Values{"title": {"Te koop"}, "text": {"Mijn fiets."}})

		// Somebody reports it, and only moderators hear of that.
		cor.get(thread+"/report").want(h.t, http.StatusOK, "Te koop", "Waarom meldt u dit?")
		done := cor.says(thread+"/report", url.Values{"category": {"spam"}, "comment": {"Dit is handel."}})
		cor.get(done).want(h.t, http.StatusOK, "Dank u. De beheerders kijken naar uw melding.")
		mod.get("/notifications").want(h.t, http.StatusOK, "meldde een bericht", "/g/welkom/moderation")
		mod.get("/g/welkom").want(h.t, http.StatusOK, "Er wacht 1 melding.")
		desk := mod.get("/g/welkom/moderation")
		desk.want(h.t, http.StatusOK, "Dit is handel.", "Het is reclame of spam", "Te koop")
		cor.get("/g/welkom/moderation").want(h.t, http.StatusNotFound)
		cor.get("/moderation").want(h.t, http.StatusNotFound)
		h.browser().get("/g/welkom/moderation").want(h.t, http.StatusUnauthorized)

		// Removed with a reason: the author reads it, others find nothing; then it is given back.
		mod.get(thread).want(h.t, http.StatusOK, "Haal bericht weg", "Sluit gesprek", "Zet bovenaan", "Sluit Bert uit")
		cor.get(thread).want(h.t, http.StatusOK, "!Haal bericht weg", "!Sluit gesprek", "Meld dit bericht")
		cor.post(thread+"/remove", with(yes, "reason", "x")).want(h.t, http.StatusForbidden, "Alleen de moderatoren van de groep mogen dit.")
		mod.says(thread+"/remove", with(yes, "reason", "Geen handel."))
		bertsBrowser.get(thread).want(h.t, http.StatusOK, "De reden: Geen handel.")
		h.browser().get(thread).want(h.t, http.StatusNotFound)
		mod.says(thread+"/remove", no)
		h.browser().get(thread).want(h.t, http.StatusOK, "Mijn fiets.")

		mod.says(thread+"/lock", yes)
		cor.get(thread).want(h.t, http.StatusOK, "Dit gesprek is gesloten", "!Plaats reactie")
		cor.post(thread+"/replies", url.Values{"text": {"Toch"}}).want(h.t, http.StatusForbidden, "Dit gesprek is gesloten.")
		mod.says(thread+"/lock", no)
		mod.says(thread+"/pin", yes)
		cor.get("/g/welkom").want(h.t, http.StatusOK, "bovenaan")

		report := path.Dir(strings.Split(strings.Split(desk.body, `action="/reports/`)[1], `"`)[0])
		cor.post("/reports/"+report+"/resolve", nil).want(h.t, http.StatusNotFound)
		mod.says("/reports/"+report+"/resolve", url.Values{"return_to": {"/g/welkom/moderation"}})
		mod.get("/g/welkom/moderation").want(h.t, http.StatusOK, "!Dit is handel.")

		person := fmt.Sprint(bert.ID)
		mod.says("/g/welkom/bans", with(yes, "person", person, "reason", "Handel."))
		bertsBrowser.post("/g/welkom/posts", url.Values{"title": {"Weer"}, "text": {"ik"}}).want(h.t, http.StatusForbidden, "U mag niet meer schrijven in de groep")
		mod.get("/g/welkom/moderation").want(h.t, http.StatusOK, "Weer toelaten", "Handel.")
		mod.says("/g/welkom/bans", with(no, "person", person))
		bertsBrowser.says("/g/welkom/posts", url.Values{"title": {"Weer"}, "text": {"ik"}})
	})
}

func TestModeratorsLetPeopleIn(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(h *house) {
		settings := communities.GroupSettings{Joining: communities.JoinApproval}
		group := h.welcome()
		err := h.town.Write(h.t.Context(), func(tx communities.Tx) error {
			_, err := h.town.EditGroup(h.t.Context(), tx, communities.Profile{Actor: group.ID, By: h.self.ID, Settings: &settings})
			return err
		})
		if err != nil {
			h.t.Fatal(err)
		}
		mod := h.moderator("mod")
		bert, bertsBrowser := h.resident("bert")
		bertsBrowser.get("/g/welkom").want(h.t, http.StatusOK, "Lid worden", "!Begin een gesprek")
		bertsBrowser.says("/g/welkom/join", yes)
		mod.get("/g/welkom/moderation").want(h.t, http.StatusOK, "Toelaten", "Bert")
		bertsBrowser.post("/g/welkom/requests", with(yes, "person", fmt.Sprint(bert.ID))).want(h.t, http.StatusForbidden)
		mod.says("/g/welkom/requests", with(yes, "person", fmt.Sprint(bert.ID)))
		bertsBrowser.get("/g/welkom").want(h.t, http.StatusOK, "U bent lid van deze groep", "Begin een gesprek")
		bertsBrowser.get("/notifications").want(h.t, http.StatusOK, "liet u toe tot de groep", "nieuw")
	})
}

func TestPollsAndEvents(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(h *house) {
		_, anna := h.resident("anna")
		_, bert := h.resident("bert")
		poll := url.Values{"form": {"poll"}, "title": {"Koffie of thee?"}, "options": {"Koffie\n\n Thee \n"}, "days": {"7"}}
		anna.post("/g/welkom/posts", with(poll, "options", "Koffie")).
			want(h.t, http.StatusUnprocessableEntity, "Een peiling heeft 2 tot 20 antwoorden.", "Koffie of thee?", ">Koffie</textarea>")
		at := anna.says("/g/welkom/posts", poll)
		anna.get(at).want(h.t, http.StatusOK, "Thee", "!Kies een antwoord")
		bert.get(at).want(h.t, http.StatusOK, "Kies een antwoord", `type="radio"`)
		bert.says(at+"/vote", url.Values{"option": {"1"}})
		bert.get(at).want(h.t, http.StatusOK, "1 persoon stemde", "uw stem", "100%", "!Kies een antwoord")
		bert.post(at+"/vote", url.Values{"option": {"0"}}).want(h.t, http.StatusConflict, "U heeft al gestemd.")
		bert.post(at+"/vote", url.Values{"option": {"x"}}).want(h.t, http.StatusUnprocessableEntity)

		start := time.Now().AddDate(0, 0, 3).Format("2006-01-02") + "T19:30"
		event := url.Values{"form": {"event"}, "title": {"Buurtfeest; met taart, en zo"}, "text": {"Kom ook"}, "starts": {start}, "place": {"Het plein"}}
		anna.post("/g/welkom/posts", with(event, "ends", "2001-01-01T10:00")).want(h.t, http.StatusUnprocessableEntity, "Het einde ligt voor het begin.", start)
		anna.post("/g/welkom/posts", with(event, "starts", "morgen")).want(h.t, http.StatusUnprocessableEntity, "Vul een datum en een tijd in.")
		at = anna.says("/g/welkom/posts", event)
		h.browser().get(at).want(h.t, http.StatusOK, "19:30", "Het plein")
		h.browser().get("/g/welkom/events").want(h.t, http.StatusOK, "Buurtfeest")

		anna.get(at+"/edit").want(h.t, http.StatusOK, start, "Kom ook")
		bert.get(at+"/edit").want(h.t, http.StatusForbidden, "Alleen wie het schreef, mag dit.")
		bert.post(at+"/edit", event).want(h.t, http.StatusForbidden)
		anna.says(at+"/edit", with(event, "text", "Kom vooral", "cancelled", "1"))
		h.browser().get(at).want(h.t, http.StatusOK, "Kom vooral", "aangepast", "gaat niet door")
		calendar := h.browser().get("/g/welkom/events.ics")
		calendar.want(h.t, http.StatusOK, "BEGIN:VEVENT\r\n", `SUMMARY:Buurtfeest\; met taart\, en zo`, "STATUS:CANCELLED", "LOCATION:Het plein", "DESCRIPTION:Kom vooral")
		if got := calendar.header.Get("Content-Type"); got != "text/calendar; charset=utf-8" {
			h.t.Errorf("a calendar is %s", got)
		}
	})
}

func TestNotificationsAreReadOnce(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(h *house) {
		_, anna := h.resident("anna")
		_, bert := h.resident("bert")
		thread := anna.says("/g/welkom/posts", url.Values{"title": {"Hallo"}, "text": {"Iemand?"}})
		bert.says(thread+"/replies", url.Values{"text": {"Ja!"}})
		anna.get("/").want(h.t, http.StatusOK, "1 nieuw bericht voor u")
		shown := anna.get("/notifications")
		shown.want(h.t, http.StatusOK, "reageerde op uw bericht", "Ik heb alles gezien")
		upTo := strings.Split(strings.Split(shown.body, `name="up_to" value="`)[1], `"`)[0]
		bert.says("/notifications", url.Values{"up_to": {upTo}}) // Bert's reading is not Anna's
		anna.get("/").want(h.t, http.StatusOK, "1 nieuw bericht voor u")
		anna.says("/notifications", url.Values{"up_to": {upTo}})
		anna.get("/notifications").want(h.t, http.StatusOK, "reageerde op uw bericht", "!Ik heb alles gezien", "!nieuw bericht voor u")
	})
}

// SECURITY S24, H9: nobody makes this node ask another server something by naming it, and nothing but a server is named.
func TestTheWayHomeIsALink(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(h *house) {
		_, anna := h.resident("anna")
		thread := anna.says("/g/welkom/posts", url.Values{"title": {"Hallo"}, "text": {"Iemand?"}})
		visitor := h.browser()
		for _, handle := range []string{"@joris@elders.example", "joris@elders.example", "ELDERS.example"} {
			visitor.post(thread+"/elsewhere", url.Values{"handle": {handle}}).want(h.t, http.StatusOK,
				`href="https://elders.example/authorize_interaction?uri=`+url.QueryEscape(h.Base+thread)+`"`)
		}
		visitor.post("/g/welkom/elsewhere", url.Values{"handle": {"elders.example"}}).want(h.t, http.StatusOK, url.QueryEscape(h.Base+"/g/welkom"))
		for _, handle := range []string{"", "joris", "@", "javascript:alert(1)//x.y", "a@b@c d.example", "//elders.example/x", "elders.example:22", ".example.", "127.0.0.1/x", "x?.y"} {
			visitor.post(thread+"/elsewhere", url.Values{"handle": {handle}}).want(h.t, http.StatusUnprocessableEntity, "Dat is geen volledig adres", "!authorize_interaction") //nolint:misspell // Dutch
		}
		visitor.post("/p/1/elsewhere", url.Values{"handle": {"elders.example"}}).want(h.t, http.StatusNotFound)
	})
}

// A list counts the answers to answers, and the front page shows what people elsewhere write in our groups.
func TestListsShowTheWholeThread(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(h *house) {
		_, anna := h.resident("anna")
		thread := anna.says("/g/welkom/posts", url.Values{"title": {"Hallo"}, "text": {"Iemand?"}})
		answer := anna.says(thread+"/replies", url.Values{"text": {"Een"}})
		anna.says(answer+"/replies", url.Values{"text": {"Twee"}})
		for _, at := range []string{"/", "/g/welkom", thread} {
			h.browser().get(at).want(h.t, http.StatusOK, "2 reacties")
		}
		guest := h.stranger("joris", "elders.example")
		h.publish(communities.Draft{
			Author: guest.ID, Group: h.welcome().ID, Title: "Groeten van elders", Content: "<p>Dag</p>", Visibility: communities.Public,
			URI: "https://elders.example/p/1",
		})
		h.browser().get("/").want(h.t, http.StatusOK, "Groeten van elders", "Joris, elders.example")
	})
}

// stranger is somebody of another node.
func (h *house) stranger(name, host string) *communities.Actor {
	h.t.Helper()
	base := "https://" + host
	var stored *communities.Actor
	err := h.town.Write(h.t.Context(), func(tx communities.Tx) (err error) {
		stored, err = h.town.StoreRemoteActor(h.t.Context(), tx, &communities.Actor{
			Kind: communities.Person, Name: name, Host: host, URI: base + "/u/" + name, DisplayName: strings.ToUpper(name[:1]) + name[1:],
			Endpoints: communities.Endpoints{Inbox: base + "/u/" + name + "/inbox"},
		})
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return stored
}
