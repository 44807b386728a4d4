package communities

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"meent/communities/text"
)

// What a post can hold. Whoever writes here and asks for more hears so; what comes from elsewhere is cut (SECURITY D1, D24).
const (
	MaxTitle       = 300    // characters
	MaxText        = 50_000 // characters of Markdown
	MaxHTML        = 200_000
	MaxWarning     = 500
	MaxAlt         = 10_000
	MaxAttachments = 16
	MaxMentions    = 50
	MaxHashtags    = 100
	MinOptions     = 2
	MaxOptions     = 20  // of a poll that is made here
	MaxOptionsRead = 500 // of a poll from elsewhere
	MaxOption      = 200 // characters
	maxBlurhash    = 6 + 2*9*9
)

// Draft is a thread or a reply that somebody wants to publish. People of this node give Source; others come with Content and a URI.
type Draft struct {
	Author       ActorID
	Group        ActorID // 0: none, or that of what is answered
	InReplyTo    PostID
	InReplyToURI string // instead of InReplyTo; may be unknown here when it comes from elsewhere
	Title        string // plain text
	Source       string // Markdown
	Content      string // HTML as it came, of remote authors
	Warning      string
	Sensitive    bool
	Language     string     // BCP 47
	Visibility   Visibility // "": that of what is answered, else public; never "" from elsewhere
	Attachments  []Attachment
	Mentions     []ActorID // beside those that the Source names
	Hashtags     []string  // beside those that the Source holds
	Emojis       []Emoji   // of posts from elsewhere
	Poll         *Poll
	Event        *Event
	Quotes       PostID      // what it shows within; 0: nothing
	Quotable     QuoteChoice // "": as the author prefers

	URI          string // of remote posts
	URL          string
	Conversation string
	Quote        *Quote      // of remote posts: what it claims to show within, as the author's software says
	Quotability  Quotability // of remote posts
	CreatedAt    time.Time   // zero: now
	EditedAt     time.Time   // of an edit; zero: now
	Cause        Cause

	kind   PostKind // follows from the parts
	quoted quoted
}

// tidy brings the parts of a draft into their normal form.
func (d *Draft) tidy() {
	d.Title, d.Warning = line(d.Title), line(d.Warning)
	d.Language = text.Language(d.Language)
	d.Hashtags = tidyHashtags(d.Hashtags)
	d.Sensitive = d.Sensitive || d.Warning != ""
	switch {
	case d.Poll != nil:
		d.kind = Question
	case d.Event != nil:
		d.kind = Happening
	default:
		d.kind = Discussion
	}
	if d.Poll != nil {
		poll := *d.Poll
		poll.Options = slices.Clone(poll.Options)
		for i := range poll.Options {
			poll.Options[i].Title = line(poll.Options[i].Title)
		}
		d.Poll = &poll
	}
}

// line makes one line of plain text without control characters.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

func tidyHashtags(tags []string) []string {
	var tidy []string
	for _, tag := range tags {
		tag = strings.ToLower(strings.TrimPrefix(line(tag), "#"))
		if tag != "" && !slices.Contains(tidy, tag) && len(tidy) < MaxHashtags {
			tidy = append(tidy, tag)
		}
	}
	return tidy
}

// check tells somebody of this node what is wrong with their draft.
func (d *Draft) check(now time.Time) error {
	for _, limit := range []struct {
		what  string
		value string
		most  int
	}{{"a title", d.Title, MaxTitle}, {"a text", d.Source, MaxText}, {"a warning", d.Warning, MaxWarning}} {
		if utf8.RuneCountInString(limit.value) > limit.most {
			return Invalidf("%s has at most %d characters", limit.what, limit.most)
		}
	}
	if d.Title == "" && strings.TrimSpace(d.Source) == "" && len(d.Attachments) == 0 && d.Quotes == 0 {
		return Invalidf("write something first")
	}
	if err := checkAttachments(d.Attachments); err != nil {
		return err
	}
	if err := d.Poll.check(now); err != nil {
		return err
	}
	if d.Event != nil && d.Title == "" {
		return Invalidf("an event needs a title")
	}
	return d.Event.check()
}

func checkAttachments(attachments []Attachment) error {
	if len(attachments) > MaxAttachments {
		return Invalidf("a post has at most %d attachments", MaxAttachments)
	}
	for _, a := range attachments {
		if !webAddress(a.URL) {
			return Invalidf("an attachment needs an address that begins with https://")
		}
		if utf8.RuneCountInString(a.Alt) > MaxAlt {
			return Invalidf("a description has at most %d characters", MaxAlt)
		}
	}
	return nil
}

func webAddress(url string) bool {
	return strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://")
}

func (p *Poll) check(now time.Time) error {
	if p == nil {
		return nil
	}
	if len(p.Options) < MinOptions || len(p.Options) > MaxOptions {
		return Invalidf("a poll has %d to %d options", MinOptions, MaxOptions)
	}
	seen := map[string]bool{}
	for _, option := range p.Options {
		if option.Title == "" || utf8.RuneCountInString(option.Title) > MaxOption || seen[option.Title] {
			return Invalidf("the options of a poll differ, and have 1 to %d characters", MaxOption)
		}
		seen[option.Title] = true
	}
	if p.Closed(now) {
		return Invalidf("a poll closes in the future")
	}
	return nil
}

var eventStatus = []string{"CONFIRMED", "TENTATIVE", "CANCELLED"} // RFC 5545 3.8.1.11

func (e *Event) check() error {
	switch {
	case e == nil:
		return nil
	case e.StartsAt.IsZero():
		return Invalidf("an event needs a start")
	case !e.EndsAt.IsZero() && e.EndsAt.Before(e.StartsAt):
		return Invalidf("an event ends after it starts")
	case e.Status != "" && !slices.Contains(eventStatus, e.Status):
		return Invalidf("the status of an event is one of %s", strings.Join(eventStatus, ", "))
	case e.URL != "" && !webAddress(e.URL):
		return Invalidf("the address of an on-line meeting begins with https://")
	}
	if _, err := time.LoadLocation(e.Timezone); err != nil {
		return Invalidf("%q is not the name of a time zone", e.Timezone)
	}
	return nil
}

// trim cuts what came from elsewhere to size, and makes its HTML safe: this is where it enters.
func (d *Draft) trim() {
	d.Title, d.Warning = cut(d.Title, MaxTitle), cut(d.Warning, MaxWarning)
	d.Content, d.Source = safeHTML(d.Content), cut(d.Source, MaxText)
	d.Attachments = trimAttachments(d.Attachments)
	d.Mentions = d.Mentions[:min(len(d.Mentions), MaxMentions)]
	if !webAddress(d.URL) {
		d.URL = "" // SECURITY I8
	}
	if d.Poll != nil {
		d.Poll.Options = d.Poll.Options[:min(len(d.Poll.Options), MaxOptionsRead)]
		for i := range d.Poll.Options {
			d.Poll.Options[i].Title = cut(d.Poll.Options[i].Title, MaxOption)
		}
	}
	if d.Event != nil && !webAddress(d.Event.URL) {
		event := *d.Event
		event.URL = ""
		d.Event = &event
	}
}

// safeHTML sanitises; of a text beyond all measure it keeps the first words.
func safeHTML(content string) string {
	if len(content) > MaxHTML {
		return text.Markdown(text.Excerpt(content[:MaxHTML], MaxText))
	}
	return text.Sanitise(content)
}

func trimAttachments(attachments []Attachment) []Attachment {
	var kept []Attachment
	for _, a := range attachments {
		if webAddress(a.URL) && len(kept) < MaxAttachments {
			a.Media, a.Preview, a.Alt = 0, "", cut(a.Alt, MaxAlt)
			if len(a.Blurhash) > maxBlurhash {
				a.Blurhash = ""
			}
			kept = append(kept, a)
		}
	}
	return kept
}

// cut keeps the first characters.
func cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}
