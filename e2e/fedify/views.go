//go:build unix

package fedify

import (
	"encoding/json"
	"net/url"
	"strconv"
	"testing"
	"time"
)

// patience is how long Receives waits when the filter does not say.
const patience = 10 * time.Second

// Filter chooses activities that came in; what is empty matches all.
type Filter struct {
	Type      string        // of the activity, such as Announce
	Inner     string        // type of its object, such as Create in Announce{Create}
	ID        string        // of the activity
	Actor     string        // id
	Object    string        // id of the object at any depth, such as the note in Announce{Create{Note}}
	Recipient string        // name of the person whose inbox it came to; the shared inbox has none
	Since     int           // only rows with a higher Number
	Wait      time.Duration // how long to wait for Count rows
	Count     int           // 1 if zero
	All       bool          // also what was refused or had come before
}

// Received is one POST to an inbox of the peer.
type Received struct {
	Number              int             `json:"number"` // counts from 1 in order of arrival
	Inbox               string          `json:"inbox"`  // path
	Status              int             `json:"status"` // what the peer answered
	Accepted            bool            `json:"accepted"`
	Duplicate           bool            `json:"duplicate"`
	Errors              []string        `json:"errors"`
	Type                string          `json:"type"`
	ID                  string          `json:"id"`
	Actor               string          `json:"actor"`
	Objects             []string        `json:"objects"`
	InnerType           string          `json:"innerType"`
	Proof               bool            `json:"proof"`               // bears a FEP-8b32 proof
	LinkedDataSignature bool            `json:"linkedDataSignature"` // bears an RsaSignature2017
	Signature           Signature       `json:"signature"`
	Activity            json.RawMessage `json:"activity"` // as it came; a string if it was no JSON
}

// Signature is the verdict on an HTTP signature.
type Signature struct {
	Scheme Scheme `json:"scheme"` // "none" if there was none
	Valid  bool   `json:"valid"`
	KeyID  string `json:"keyId"`
	Reason string `json:"reason"` // why it is not valid
}

// Seen is what Fedify understood of an object or actor. Raw is the JSON as its server sent it.
type Seen struct {
	Type               string          `json:"type"`
	ID                 string          `json:"id"`
	Name               string          `json:"name"`
	Summary            string          `json:"summary"`
	Content            string          `json:"content"`
	URL                string          `json:"url"`
	InReplyTo          string          `json:"inReplyTo"`
	Quote              string          `json:"quote"`
	QuoteAuthorization string          `json:"quoteAuthorization"`
	InteractingObject  string          `json:"interactingObject"`
	InteractionTarget  string          `json:"interactionTarget"`
	AttributedTo       []string        `json:"attributedTo"`
	To                 []string        `json:"to"`
	CC                 []string        `json:"cc"`
	Audience           []string        `json:"audience"`
	Tag                []Tag           `json:"tag"`
	PreferredUsername  string          `json:"preferredUsername"`
	Inbox              string          `json:"inbox"`
	SharedInbox        string          `json:"sharedInbox"`
	Outbox             string          `json:"outbox"`
	Followers          string          `json:"followers"`
	Featured           string          `json:"featured"`
	TotalItems         int             `json:"totalItems"`
	Raw                json.RawMessage `json:"raw"`
}

// Tag is a Mention, a Hashtag or an Emoji.
type Tag struct {
	Type string `json:"type"`
	Name string `json:"name"`
	Href string `json:"href"`
}

// PersonState is whom a person knows.
type PersonState struct {
	Name      string        `json:"name"`
	Followers []string      `json:"followers"`
	Following []FollowState `json:"following"`
	Requests  []string      `json:"requests"` // Follows that wait for an answer
}

// FollowState is one Follow and what became of it: pending, accepted or rejected.
type FollowState struct {
	ID     string `json:"id"` // of the actor
	State  string `json:"state"`
	Follow string `json:"follow"` // id of the activity
}

// Received returns what came in so far, or until the filter's Wait is over. It may be nothing.
func (p *Peer) Received(t testing.TB, filter Filter) []Received {
	t.Helper()
	var answer struct{ Items []Received }
	p.get(t, "received?"+filter.query().Encode(), &answer)
	return answer.Items
}

// Receives waits for an activity and returns the first that matches. If none comes, the test fails, and tells what came
// instead.
func (p *Peer) Receives(t testing.TB, filter Filter) Received {
	t.Helper()
	if filter.Wait == 0 {
		filter.Wait = patience
	}
	rows := p.Received(t, filter)
	if len(rows) > 0 {
		return rows[0]
	}
	for _, row := range p.Received(t, Filter{All: true}) {
		t.Logf("%s: no. %d, %s{%s} %s from %s: %d %v",
			p.Host, row.Number, row.Type, row.InnerType, row.ID, row.Actor, row.Status, row.Errors)
	}
	t.Fatalf("%s: nothing came in %v that matches %v", p.Host, filter.Wait, filter.query())
	return Received{}
}

// Lookup fetches an object by its URI, or an actor by its handle, signed by the first person.
func (p *Peer) Lookup(t testing.TB, name string) Seen {
	t.Helper()
	seen, err := p.TryLookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

// TryLookup is Lookup for a test that expects a refusal; the error has what the other server answered.
func (p *Peer) TryLookup(name string) (Seen, error) {
	var seen Seen
	err := p.post("lookup", Wish{"uri": name}, &seen)
	return seen, err
}

// Traverse walks a collection through all its pages.
func (p *Peer) Traverse(t testing.TB, uri string) []Seen {
	t.Helper()
	var answer struct{ Items []Seen }
	if err := p.post("traverse", Wish{"uri": uri}, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Items
}

// State returns what the persons know, in the order of the options.
func (p *Peer) State(t testing.TB) []PersonState {
	t.Helper()
	var answer struct{ Persons []PersonState }
	p.get(t, "state", &answer)
	return answer.Persons
}

func (p *Peer) get(t testing.TB, call string, answer any) {
	t.Helper()
	response, err := p.client.Get(p.control + "/" + call) //nolint:noctx // as in post
	if err := p.read(call, response, err, answer); err != nil {
		t.Fatal(err)
	}
}

func (f Filter) query() url.Values {
	query := url.Values{}
	for name, value := range map[string]string{
		"type": f.Type, "inner": f.Inner, "id": f.ID, "actor": f.Actor, "object": f.Object, "recipient": f.Recipient,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	query.Set("since", strconv.Itoa(f.Since))
	query.Set("wait", strconv.FormatInt(f.Wait.Milliseconds(), 10))
	query.Set("count", strconv.Itoa(max(f.Count, 1)))
	query.Set("all", strconv.FormatBool(f.All))
	return query
}
