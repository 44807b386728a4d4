package mastodon

import (
	"strings"
	"time"

	"meent/communities"
	"meent/communities/text"
	"meent/storage"
)

// query is what somebody looks for, read from the words that they typed.
type query struct {
	storage.Query
	api           *API
	call          *call
	before, after int64 // bounds of ids
	nothing       bool  // it asks for what cannot be
}

// operators read the words of a query that have a colon in them: from:anna, has:media (the syntax of Mastodon's search). They are those that
// the archive can answer; any other word with a colon is looked for as it is.
var operators = map[string]func(q *query, value string, not bool) error{
	"from": (*query).from, "has": (*query).has, "is": (*query).is, "language": (*query).language,
	"before": (*query).sooner, "after": (*query).later, "during": (*query).during,
}

// parseQuery takes the operators out of what was typed. The rest are words to look for; a minus before an operator turns it round.
func (a *API) parseQuery(c *call, typed string) (*query, error) {
	q := &query{api: a, call: c}
	var words []string
	for _, word := range strings.Fields(typed) {
		name, value, found := strings.Cut(strings.TrimLeft(word, "+-"), ":")
		read, known := operators[strings.ToLower(name)]
		if !found || !known || value == "" {
			words = append(words, word)
			continue
		}
		if err := read(q, value, strings.HasPrefix(word, "-")); err != nil {
			return nil, err
		}
	}
	q.Words = strings.Join(words, " ")
	return q, nil
}

// from keeps what somebody wrote, or leaves it out; me is who asks. Where nobody bears the name there is nothing to find.
func (q *query) from(value string, not bool) error {
	id := q.call.id()
	if strings.TrimPrefix(value, "@") != "me" {
		actor, err := q.api.byHandle(q.call, value)
		switch {
		case communities.IsNotFound(err):
			q.nothing = q.nothing || !not
			return nil
		case err != nil:
			return err
		}
		id = actor.ID
	}
	if not {
		q.Without = append(q.Without, id)
		return nil
	}
	q.nothing = q.nothing || q.Author != 0 && q.Author != id
	q.Author = id
	return nil
}

// hasFilters and isFilters are what a status can have and be.
var (
	hasFilters = map[string]storage.PostFilter{
		"media": storage.OnlyMedia, "image": storage.OnlyMedia, "video": storage.OnlyMedia, "audio": storage.OnlyMedia,
		"poll": storage.OnlyPolls, "link": storage.OnlyCards, "embed": storage.OnlyCards,
	}
	isFilters = map[string]storage.PostFilter{"reply": storage.OnlyReplies, "sensitive": storage.OnlySensitive}
)

func (q *query) has(value string, not bool) error { return q.filter(hasFilters, value, not) }
func (q *query) is(value string, not bool) error  { return q.filter(isFilters, value, not) }

func (q *query) filter(known map[string]storage.PostFilter, value string, not bool) error {
	filter, ok := known[strings.ToLower(value)]
	switch {
	case !ok:
		q.nothing = q.nothing || !not
	case not:
		q.Filters = append(q.Filters, storage.Not(filter))
	default:
		q.Filters = append(q.Filters, filter)
	}
	return nil
}

func (q *query) language(value string, not bool) error {
	tag, _, _ := strings.Cut(text.Language(value), "-")
	if tag == "" || not {
		q.nothing = q.nothing || !not
		return nil
	}
	q.Language = tag
	return nil
}

// Dates are days in UTC, as Mastodon reads them: before one does not hold it, nor does after.

func (q *query) sooner(value string, not bool) error {
	return q.days(value, not, func(day time.Time) { q.before = lower(q.before, communities.IDBefore(day)) })
}

func (q *query) later(value string, not bool) error {
	return q.days(value, not, func(day time.Time) { q.after = max(q.after, communities.IDBefore(day.AddDate(0, 0, 1))-1) })
}

func (q *query) during(value string, not bool) error {
	return q.days(value, not, func(day time.Time) {
		q.after = max(q.after, communities.IDBefore(day)-1)
		q.before = lower(q.before, communities.IDBefore(day.AddDate(0, 0, 1)))
	})
}

func (q *query) days(value string, not bool, bound func(day time.Time)) error {
	day, err := time.Parse(time.DateOnly, value)
	if err != nil || not || day.Year() < 1970 {
		q.nothing = true
		return nil //nolint:nilerr // what is no date is no fault of the archive's: there is nothing to find
	}
	bound(day)
	return nil
}

// lower is the smaller of two bounds, where 0 is none.
func lower(a, b int64) int64 {
	if a == 0 || b == 0 {
		return a + b
	}
	return min(a, b)
}
