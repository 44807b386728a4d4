package mail

import (
	"context"
	"errors"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"meent/e2e/postoffice"
)

func mailer(t *testing.T, o *postoffice.Office) *Mailer {
	t.Helper()
	m, err := New(Settings{Server: o.URL, From: "post@dorp.example", Name: "Ons dorp", URL: "https://dorp.example"})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A letter arrives in the person's language, as text and as HTML, with the link in both.
func TestSend(t *testing.T) {
	t.Parallel()
	o := postoffice.Open(t, false)
	m := mailer(t, o)
	for _, test := range []struct{ language, about, subject, words string }{
		{"nl", "confirm", "Bevestig uw e-mailadres voor Ons dorp", "Dag dirk,"},
		{"en-GB", "sign-in", "Sign in to Ons dorp", "It works once."},
		{"fy", "approved", "U kunt meedoen op Ons dorp", "goedgekeurd"},
	} {
		l := Letter{
			To: "dirk@elders.example", Language: test.language, About: test.about, Name: "dirk",
			Link: "https://dorp.example/sign-in/link/abc?x=1&y=2", Until: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC),
		}
		if err := m.Send(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		letter, err := netmail.ReadMessage(strings.NewReader(<-o.Letters))
		if err != nil {
			t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(letter.Header.Get("Subject"))
		if err != nil || subject != test.subject {
			t.Errorf("subject %q, want %q", subject, test.subject)
		}
		if letter.Header.Get("Auto-Submitted") == "" || letter.Header.Get("Message-Id") == "" || !strings.Contains(letter.Header.Get("To"), l.To) {
			t.Errorf("headers: %v", letter.Header)
		}
		parts := partsOf(t, letter)
		if !strings.Contains(parts["text/plain"], l.Link) || !strings.Contains(parts["text/plain"], test.words) {
			t.Errorf("text: %s", parts["text/plain"])
		}
		if !strings.Contains(parts["text/html"], `href="https://dorp.example/sign-in/link/abc?x=1&amp;y=2"`) {
			t.Errorf("HTML: %s", parts["text/html"])
		}
	}
}

func partsOf(t *testing.T, letter *netmail.Message) map[string]string {
	t.Helper()
	_, params, err := mime.ParseMediaType(letter.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for reader := multipart.NewReader(letter.Body, params["boundary"]); ; {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return parts
		}
		if err != nil {
			t.Fatal(err)
		}
		media, _, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		parts[media] = string(body)
	}
}

// What the server does not take is an error, so that the task comes back.
func TestRefused(t *testing.T) {
	t.Parallel()
	o := postoffice.Open(t, true)
	l := Letter{To: "dirk@elders.example", About: "approved", Link: "https://dorp.example/"}
	if err := mailer(t, o).Send(t.Context(), l); err == nil {
		t.Error("a letter that was refused counts as sent")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := mailer(t, o).Send(ctx, l); err == nil {
		t.Error("sent after the node was told to stop")
	}
	if err := mailer(t, postoffice.Open(t, false)).Send(t.Context(), Letter{To: "dirk@elders.example\r\nBcc: x@y.example", About: "approved"}); err == nil {
		t.Error("an address with a header in it was taken")
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for _, server := range []string{"", "mail.example", "http://mail.example", "smtp://", "smtp://h:port"} {
		if _, err := New(Settings{Server: server, From: "post@dorp.example"}); err == nil {
			t.Errorf("%q was taken for a mail server", server)
		}
	}
	if _, err := New(Settings{Server: "smtps://u:geheim@mail.example", From: "post@dorp.example"}); err != nil {
		t.Error(err)
	}
	if _, err := New(Settings{Server: "smtp://mail.example", From: "niets"}); err == nil {
		t.Error("no address was taken for the sender")
	}
	if _, err := New(Settings{Server: "ftp://u:geheim@mail.example", From: "post@dorp.example"}); err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("the error tells the password: %v", err)
	}
}

func TestLettersSayTheSameThings(t *testing.T) {
	t.Parallel()
	all, err := readWords()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(all["nl"].texts)), slices.Sorted(maps.Keys(all["en"].texts))); diff != "" {
		t.Errorf("keys of nl (-) and en (+) differ:\n%s", diff)
	}
}
