package mastodon

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"meent/communities"
	"meent/communities/auth"
	"meent/communities/text"
)

// draft reads what the caller wrote, as a thread in a group, a reply or a post of their own.
func (a *API) draft(c *call) (communities.Draft, error) {
	d, err := a.words(c)
	if err != nil {
		return d, err
	}
	if d.Visibility, err = visibilityOf(c.form.text("visibility")); err != nil {
		return d, err
	}
	if err := a.quotation(c, &d); err != nil {
		return d, err
	}
	for _, later := range []struct{ field, why string }{} {
		if c.form.text(later.field) != "" {
			return d, communities.Invalidf("%s", later.why)
		}
	}
	if parent := c.form.text("in_reply_to_id"); parent != "" {
		return d, a.reply(c, parent, &d)
	}
	if err := a.place(c, &d); err != nil {
		return d, err
	}
	if d.Group == 0 && d.Visibility == "" {
		d.Visibility = c.account.Posting.Visibility
	}
	return d, nil
}

// words reads what a new status and an edited one have in common.
func (a *API) words(c *call) (communities.Draft, error) {
	d := communities.Draft{
		Author: c.id(), Source: strings.ReplaceAll(c.form.text("status"), "\r\n", "\n"), Warning: c.form.text("spoiler_text"),
		Sensitive: c.account.Posting.Sensitive, Language: c.form.text("language"),
	}
	if c.form.has("sensitive") {
		d.Sensitive = c.form.flag("sensitive")
	}
	if d.Language == "" {
		d.Language = c.language()
	}
	for _, id := range parseIDs[communities.MediaID](c.form.list("media_ids")) {
		d.Attachments = append(d.Attachments, communities.Attachment{Media: id})
	}
	if options := c.form.list("poll[options]"); len(options) > 0 {
		d.Poll = &communities.Poll{Multiple: c.form.flag("poll[multiple]"), HideTotals: c.form.flag("poll[hide_totals]")}
		for _, option := range options {
			d.Poll.Options = append(d.Poll.Options, communities.Option{Title: option})
		}
		open := c.form.number("poll[expires_in]", 0) // seconds
		if open < int(minPoll/time.Second) || open > int(maxPoll/time.Second) {
			return d, communities.Invalidf("A poll is open for %d minutes to %d days", minPoll/time.Minute, maxPoll/(24*time.Hour))
		}
		d.Poll.ClosesAt = a.Now().Add(time.Duration(open) * time.Second)
	}
	return d, nil
}

// How long a poll can be open; apps offer what lies between.
const (
	minPoll = 5 * time.Minute
	maxPoll = 60 * 24 * time.Hour
)

// visibilityOf reads the name that apps use; empty leaves it to the town.
func visibilityOf(name string) (communities.Visibility, error) {
	known := map[string]communities.Visibility{
		"": "", "public": communities.Public, "unlisted": communities.Unlisted, "private": communities.Followers, "direct": communities.Direct,
	}
	v, ok := known[name]
	if !ok {
		return "", communities.Invalidf("Validation failed: Visibility is not included in the list")
	}
	return v, nil
}

// reply puts the draft below what it answers. What is for members apps know as private, so that private there means the members.
func (a *API) reply(c *call, parent string, d *communities.Draft) error {
	id, err := parseID[communities.PostID](parent)
	if err != nil {
		return err
	}
	v, err := a.original(c, id)
	if err != nil {
		return err
	}
	d.InReplyTo = v.Post.ID
	if v.Post.Visibility == communities.GroupOnly && d.Visibility == communities.Followers {
		d.Visibility = communities.GroupOnly
	}
	return nil
}

// place puts a public draft that names a group into it, as a thread: that is how one writes in a group from an app. The first group that
// is known counts; where the author may not write they hear so, rather than write elsewhere than they think.
func (a *API) place(c *call, d *communities.Draft) error {
	if d.Visibility != "" && !d.Visibility.Open() {
		return nil
	}
	for _, m := range text.Find(d.Source).Mentions {
		actor, err := a.byHandle(c, m.String())
		if communities.IsNotFound(err) || err == nil && !actor.IsGroup() {
			continue
		}
		if err != nil {
			return err
		}
		d.Group = actor.ID
		d.Title, d.Source = split(without(d.Source, m, a.town.Host()))
		return nil
	}
	return nil
}

// without takes the name of the group away where it only leads or ends the text: the thread stands in the group.
func without(source string, m text.Mention, here string) string {
	names := []string{m.String()}
	if m.Host == "" {
		names = append(names, m.String()+"@"+here)
	}
	source = strings.TrimSpace(source)
	for _, name := range names {
		if rest, ok := strings.CutPrefix(source, name); ok && !continues(rest) {
			return strings.TrimLeft(rest, " ,:\n")
		}
		if rest, ok := strings.CutSuffix(source, name); ok && strings.HasSuffix(rest, "\n") {
			return strings.TrimSpace(rest)
		}
	}
	return source
}

// continues tells whether a name goes on: @fiets is not the beginning of @fietsers.
func continues(rest string) bool {
	return rest != "" && strings.ContainsAny(rest[:1], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@")
}

// shortTitle is the longest first line that is a title by itself, in characters.
const shortTitle = 100

// split finds the title in a text: its first line, when that is bold, or short and followed by an empty one.
func split(source string) (title, body string) {
	first, rest, more := strings.Cut(source, "\n")
	first = strings.TrimSpace(first)
	if bold, ok := strings.CutPrefix(first, "**"); ok {
		if bold, ok = strings.CutSuffix(bold, "**"); ok && bold != "" && !strings.Contains(bold, "**") {
			return bold, strings.TrimSpace(rest)
		}
	}
	next, _, _ := strings.Cut(rest, "\n")
	if !more || first == "" || strings.TrimSpace(next) != "" || utf8.RuneCountInString(first) > shortTitle {
		return "", source
	}
	return first, strings.TrimSpace(rest)
}

// joined is what [split] takes apart: how a thread is typed again.
func joined(title, source string) string {
	switch {
	case title == "":
		return source
	case strings.Contains(title, "**"): // which [split] would not take for bold
		return title + "\n\n" + source
	}
	return strings.TrimSpace("**" + title + "**\n\n" + source)
}

// publish makes the post, once for each key that an app repeats a request with (Mastodon API, Idempotency-Key).
func (a *API) publish(ctx context.Context, c *call, d communities.Draft) (communities.PostID, error) {
	key := c.Header.Get("Idempotency-Key")
	if key != "" {
		key = auth.HashSecret(key) // of one length, whatever the app sends
	}
	return once(func() (communities.PostID, error) { return a.publishOnce(ctx, d, key) }, key)
}

// once does something again that another request with the same key was doing at the same moment: then it finds what came of that.
func once[ID any](do func() (ID, error), key string) (ID, error) {
	for tries := 0; ; tries++ {
		id, err := do()
		if communities.KindOf(err) != communities.KindConflict || key == "" || tries > 0 {
			return id, err
		}
	}
}
