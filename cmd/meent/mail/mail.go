// Package mail writes to the people of the node: links by which an address is confirmed or somebody signs in, and word that they are let in. It has
// a room of its own, because it is a face like pages and apps, with words in each language, and the only one that speaks SMTP.
package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	mail "github.com/wneessen/go-mail"
)

// timeout is how long one letter may take to hand over, so that a server that hangs holds up a worker and not the node.
const timeout = 30 * time.Second

// Settings say how to send. Server is smtp://USER:PASSWORD@HOST:PORT, with TLS where the server offers it, or smtps:// for TLS from the
// first byte (RFC 8314 3). Without a user nobody signs in.
type Settings struct {
	Server string
	From   string // address in From
	Name   string // of the node, beside it
	URL    string // of the node
}

// Mailer sends letters. Safe for concurrent use.
type Mailer struct {
	settings Settings
	host     string
	options  []mail.Option
	words    map[string]words
	pages    pages
}

// New reads the settings and everything that letters are made of, so that a mistake shows at the start.
func New(s Settings) (*Mailer, error) {
	m := &Mailer{settings: s}
	var err error
	if m.host, m.options, err = readServer(s.Server); err != nil {
		return nil, err
	}
	if err := mail.NewMsg().From(s.From); err != nil {
		return nil, fmt.Errorf("%q cannot be the sender of mail: %w", s.From, err)
	}
	if m.words, err = readWords(); err != nil {
		return nil, err
	}
	m.pages, err = readPages()
	return m, err
}

// defaultPorts are those for handing mail in (RFC 6409 3.1, RFC 8314 3.3).
var defaultPorts = map[string]int{"smtp": 587, "smtps": 465}

func readServer(server string) (host string, options []mail.Option, err error) {
	u, err := url.Parse(server)
	if err != nil || defaultPorts[u.Scheme] == 0 || u.Hostname() == "" {
		return "", nil, errors.New("a mail server is smtp://HOST, smtp://USER:PASSWORD@HOST:PORT, or the same with smtps") // without the text: it may hold a password
	}
	port := defaultPorts[u.Scheme]
	if u.Port() != "" {
		if port, err = strconv.Atoi(u.Port()); err != nil {
			return "", nil, fmt.Errorf("read the port of the mail server: %w", err)
		}
	}
	options = []mail.Option{mail.WithPort(port), mail.WithTimeout(timeout), mail.WithTLSPolicy(mail.TLSOpportunistic)}
	if u.Scheme == "smtps" {
		options = append(options, mail.WithSSL())
	}
	if password, given := u.User.Password(); given {
		if u.Scheme == "smtp" && !loopback(u.Hostname()) {
			options = append(options, mail.WithTLSPolicy(mail.TLSMandatory)) // a password never goes out in the clear
		}
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(u.User.Username()), mail.WithPassword(password))
	}
	return u.Hostname(), options, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Letter is what to say to whom.
type Letter struct {
	To       string // address
	Language string // BCP 47; one that is not spoken here gets the first that is
	About    string // a kind of letter: confirm, sign-in, approved
	Name     string // of the person
	Link     string
	Until    time.Time // when the link runs out; zero: it does not
}

// Send hands a letter to the mail server. An error means that it was not taken; to try again may send it twice.
func (m *Mailer) Send(ctx context.Context, l Letter) error {
	message, err := m.write(l)
	if err != nil {
		return fmt.Errorf("write a letter about %s: %w", l.About, err)
	}
	client, err := mail.NewClient(m.host, m.options...)
	if err != nil {
		return fmt.Errorf("prepare to send mail: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, message); err != nil {
		return fmt.Errorf("send mail about %s: %w", l.About, err)
	}
	return nil
}

// write makes the message: plain text first, HTML for those who prefer it (RFC 2046 5.1.4). It asks no program to answer (RFC 3834 5).
func (m *Mailer) write(l Letter) (*mail.Msg, error) {
	text, html, subject, err := m.draw(l)
	if err != nil {
		return nil, err
	}
	message := mail.NewMsg()
	if err := message.FromFormat(m.settings.Name, m.settings.From); err != nil {
		return nil, err
	}
	if err := message.To(l.To); err != nil {
		return nil, err
	}
	message.Subject(subject)
	message.SetDate()
	message.SetMessageID()
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetGenHeader("Content-Language", m.speech(l.Language).lang)
	message.SetBodyString(mail.TypeTextPlain, text)
	message.AddAlternativeString(mail.TypeTextHTML, html)
	return message, nil
}
