package web

import (
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"meent/communities"
	"meent/communities/text"
	"meent/storage"
)

const (
	calendarLength = 200
	calendarPast   = 31 * 24 * time.Hour // what was on the agenda this long ago stays in the feed
	maxCalendar    = 75                  // bytes of a line (RFC 5545 3.1)
	utcMoment      = "20060102T150405Z"  // RFC 5545 3.3.5, form 2
)

// Calendar gives a group's agenda as iCalendar (RFC 5545). It shows what anybody may see, whoever asks: programs keep and share it.
func (p *Pages) Calendar(w http.ResponseWriter, r *http.Request, _ Visitor) error {
	group, err := p.findGroup(r)
	if err != nil {
		return err
	}
	events, err := p.read(Visitor{}).Events(r.Context(), group.ID, p.Now().Add(-calendarPast), calendarLength)
	if err != nil {
		return err
	}
	var c calendar
	c.line("BEGIN:VCALENDAR")
	c.line("VERSION:2.0")
	c.line("PRODID:-//Meent//" + p.Version + "//EN")
	c.text("NAME", group.Title()+" · "+p.Name) // RFC 7986 5.1
	for _, v := range events {
		p.addEvent(&c, v)
	}
	c.line("END:VCALENDAR")
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=300")
	return p.write(w, r, http.StatusOK, []byte(c.String()))
}

func (p *Pages) addEvent(c *calendar, v *storage.View) {
	post, e := v.Post, v.Post.Event
	c.line("BEGIN:VEVENT")
	c.text("UID", post.URI)
	c.line("DTSTAMP:" + changed(post).UTC().Format(utcMoment))
	c.line("DTSTART:" + e.StartsAt.UTC().Format(utcMoment))
	if !e.EndsAt.IsZero() {
		c.line("DTEND:" + e.EndsAt.UTC().Format(utcMoment))
	}
	c.text("SUMMARY", post.Title)
	if place := strings.Join(strings.FieldsFunc(e.Place+"\n"+e.Address, func(r rune) bool { return r == '\n' }), ", "); place != "" {
		c.text("LOCATION", place)
	}
	if post.Warning == "" {
		c.text("DESCRIPTION", text.Plain(post.Content))
	}
	c.line("URL:" + p.town.Base + postPath(post.ID))
	if e.Status != "" {
		c.line("STATUS:" + e.Status)
	}
	c.line("END:VEVENT")
}

// changed returns when a post was last written.
func changed(post *communities.Post) time.Time {
	if post.EditedAt.IsZero() {
		return post.CreatedAt
	}
	return post.EditedAt
}

// calendar is a text in lines as RFC 5545 wants them.
type calendar struct{ strings.Builder }

var escapeCalendar = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`) // RFC 5545 3.3.11

func (c *calendar) text(name, value string) { c.line(name + ":" + escapeCalendar.Replace(value)) }

// line folds what is too long, never inside a character (RFC 5545 3.1).
func (c *calendar) line(s string) {
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' {
			return -1
		}
		return r
	}, s)
	for most := maxCalendar; len(s) > most; most = maxCalendar - 1 {
		cut := most
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		c.WriteString(s[:cut] + "\r\n ")
		s = s[cut:]
	}
	c.WriteString(s + "\r\n")
}
