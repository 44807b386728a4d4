package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"meent/cmd/meent/mail"
	"meent/communities"
	"meent/e2e/postoffice"
)

// posted gives a house a mail server, and returns what it takes.
func (h *house) posted() *postoffice.Office {
	h.t.Helper()
	office := postoffice.Open(h.t, false)
	var err error
	h.mailer, err = mail.New(mail.Settings{Server: office.URL, From: "post@dorp.example", Name: "Ons dorp", URL: h.Base})
	if err != nil {
		h.t.Fatal(err)
	}
	if h.server.Config.Handler, err = h.handler(h.t.Context(), newMetrics()); err != nil {
		h.t.Fatal(err)
	}
	return office
}

// linkIn finds the link in a letter.
func (h *house) linkIn(letter string) (at string) {
	h.t.Helper()
	letter = strings.ReplaceAll(strings.ReplaceAll(letter, "=\r\n", ""), "=3D", "=")
	found := regexp.MustCompile(regexp.QuoteMeta(h.Base) + `(/[^\s"<]+)`).FindStringSubmatch(letter)
	if found == nil {
		h.t.Fatalf("no link in %s", letter)
	}
	return found[1]
}

// Whoever signs up confirms their address by a link that is mailed, is let in, and hears of it.
func TestLettersToNewcomers(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(h *house) {
		office, ctx := h.posted(), t.Context()
		var dirk *communities.Actor
		h.write(func(tx communities.Tx) (err error) {
			if err := h.town.SetRegistrations(ctx, tx, communities.Registrations{Door: communities.DoorApproval}, h.self.ID); err != nil {
				return err
			}
			dirk, err = h.town.SignUp(ctx, tx, communities.SignUp{Name: "dirk", Email: "dirk@elders.example", Agreed: true, Locale: "en"})
			return err
		})
		for range 2 { // a task may run twice: both links work, until one is used
			h.work(communities.Mail{To: dirk.ID, About: communities.MailConfirm})
		}
		at := h.linkIn(<-office.Letters)
		<-office.Letters
		visitor := h.browser()
		if page := visitor.get(at); page.status != http.StatusOK || !strings.Contains(page.body, `action="/confirm"`) {
			t.Fatalf("%d %s", page.status, page.body)
		}
		secret := strings.TrimPrefix(at, "/confirm/")
		if page := visitor.post("/confirm", url.Values{"secret": {secret}}); page.status != http.StatusOK || !strings.Contains(page.body, "beheerder") {
			t.Errorf("%d %s", page.status, page.body)
		}
		if page := visitor.post("/confirm", url.Values{"secret": {secret}}); page.status != http.StatusUnprocessableEntity {
			t.Errorf("a link works twice: %d", page.status)
		}
		if page := visitor.get("/u/dirk"); page.status != http.StatusNotFound {
			t.Errorf("who waits is seen: %d", page.status)
		}
		h.write(func(tx communities.Tx) error {
			return h.town.ApprovePerson(ctx, tx, communities.Standing{Actor: dirk.ID, By: h.self.ID})
		})
		h.work(communities.Mail{To: dirk.ID, About: communities.MailApproved})
		if letter := <-office.Letters; !strings.Contains(letter, "You can join") {
			t.Error(letter)
		}
		if page := visitor.get("/u/dirk"); page.status != http.StatusOK {
			t.Errorf("who was let in is not seen: %d", page.status)
		}
		h.work(communities.Mail{To: dirk.ID, About: communities.MailConfirm}) // nothing to confirm any more
		if len(office.Letters) != 0 {
			t.Error("a letter about nothing")
		}
	})
}

// A link to sign in with is mailed to whoever has an account; the page says the same to everybody, and one cannot fill a mailbox.
func TestSignInByMail(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(h *house) {
		office := h.posted()
		_, _ = h.resident("bert")
		var answers []string
		for _, email := range []string{"bert@example.org", "niemand@elders.example"} {
			page := h.askLink(email)
			if page.status != http.StatusOK {
				t.Fatalf("%d %s", page.status, page.body)
			}
			answers = append(answers, page.body)
		}
		if answers[0] != answers[1] {
			t.Error("the page tells who lives here")
		}
		account, err := h.archive.AccountByEmail(t.Context(), "bert@example.org")
		if err != nil {
			t.Fatal(err)
		}
		for range mostMailed + 2 {
			h.work(communities.Mail{To: account.Actor, About: communities.MailSignIn})
		}
		h.work(communities.Mail{About: communities.MailSignIn}) // for an address that nobody has
		if len(office.Letters) != mostMailed {
			t.Errorf("%d letters, want %d", len(office.Letters), mostMailed)
		}
		visitor := h.browser()
		at := h.linkIn(<-office.Letters)
		if page := visitor.post("/sign-in/link", url.Values{"secret": {strings.TrimPrefix(at, "/sign-in/link/")}}); page.status != http.StatusSeeOther {
			t.Errorf("%d %s", page.status, page.body)
		}
		if page := visitor.get("/notifications"); page.status != http.StatusOK {
			t.Errorf("not signed in: %d", page.status)
		}
	})
}

// Without a mail server nothing is sent, and the log says so.
func TestNoMail(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(h *house) {
		person, _ := h.resident("bert")
		var log strings.Builder
		h.log = slog.New(slog.NewTextHandler(&log, nil))
		h.work(communities.Mail{To: person.ID, About: communities.MailSignIn})
		if !strings.Contains(log.String(), "meent person link") || strings.Contains(log.String(), "/sign-in/link/") {
			t.Error(log.String())
		}
		if page := h.askLink("bert@example.org"); page.status != http.StatusNotFound {
			t.Errorf("a form that does nothing: %d", page.status)
		}
	})
}

func (h *house) askLink(email string) page {
	return h.browser().post("/sign-in/mail", url.Values{"email": {email}})
}

func (h *house) write(do func(tx communities.Tx) error) {
	h.t.Helper()
	if err := h.town.Write(h.t.Context(), do); err != nil {
		h.t.Fatal(err)
	}
}

// work does a task as the queue does.
func (h *house) work(task communities.Mail) {
	h.t.Helper()
	if err := h.mail(context.WithoutCancel(h.t.Context()), task); err != nil {
		h.t.Fatal(err)
	}
}
