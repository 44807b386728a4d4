package web

import (
	"regexp"
	"strings"
)

// refusals are the reasons for which the town refuses something, as far as somebody can meet them on a page, with the keys of what pages
// say instead. %s and %d stand for whatever is there; the text in the catalogue has a place for each.
var refusals = []struct{ reason, key string }{
	{"a title has at most %d characters", "refusal.title"},
	{"a text has at most %d characters", "refusal.text"},
	{"a warning has at most %d characters", "refusal.warning"},
	{"write something first", "refusal.empty"},
	{"a poll has %d to %d options", "refusal.options"},
	{"the options of a poll differ, and have 1 to %d characters", "refusal.option"},
	{"this poll is closed", "refusal.pollclosed"},
	{"an event needs a title", "refusal.eventtitle"},
	{"an event needs a start", "refusal.eventstart"},
	{"an event ends after it starts", "refusal.eventend"},
	{"write a date and a time of day", "refusal.date"},
	{"the address of an on-line meeting begins with https://", "refusal.eventlink"},
	{"choose an option", "refusal.choice"},
	{"only the author may do this", "refusal.author"},
	{"only moderators of the group may do this", "refusal.role"},
	{"only managers of the group may do this", "refusal.role"},
	{"only owners of the group may do this", "refusal.role"},
	{"only moderators start threads in %s", "refusal.start"},
	{"only members write in %s; ask its moderators to let you in", "refusal.members"},
	{"your request to join %s has not been approved yet", "refusal.waiting"},
	{"you are banned from the group %s", "refusal.banned"},
	{"you are banned from this node", "refusal.bannednode"},
	{"this thread is locked", "refusal.locked"},
	{"a post that is not public cannot be quoted", "refusal.quoteclosed"},
	{"the author does not want this post to be quoted by you", "refusal.quote"},
	{"a moderator has removed this post", "refusal.removed"},
	{"nobody votes in their own poll", "refusal.ownpoll"},
	{"you cannot do this to yourself", "refusal.self"},
	{"one of you has blocked the other", "refusal.blocked"},
	{"%s has a higher role than you", "refusal.higher"},
	{"a group needs an owner: name another one first", "refusal.owner"},
	{"you have voted already", "refusal.voted"},
	{"search for at most %d characters", "refusal.search"},
	{"this form cannot be read", "refusal.form"},
	{"this request came from a page of another site", "refusal.site"},
}

// refusal says a reason in the language of the page, or as it came where there is no other text for it.
func (c *catalogue) refusal(message string) string {
	for _, refusal := range refusals {
		pattern := "^" + strings.NewReplacer("%s", "(.+)", "%d", "([0-9]+)").Replace(regexp.QuoteMeta(refusal.reason)) + "$"
		found := regexp.MustCompile(pattern).FindStringSubmatch(message)
		if found == nil {
			continue
		}
		args := make([]any, len(found)-1)
		for i, part := range found[1:] {
			args[i] = part
		}
		return c.text(refusal.key, args...)
	}
	return message
}
