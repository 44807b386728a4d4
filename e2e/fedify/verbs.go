//go:build unix

package fedify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
)

// Sent is what became of an activity.
type Sent struct {
	ID         string     `json:"id"`     // of the activity
	Object     string     `json:"object"` // of the new post, if there is one
	Deliveries []Delivery `json:"deliveries"`
}

// Delivery is the answer of one inbox.
type Delivery struct {
	Inbox  string  `json:"inbox"`
	OK     bool    `json:"ok"`
	Status int     `json:"status"` // of the last knock; 0 if there was no answer
	Scheme Scheme  `json:"scheme"` // of the last knock
	Knocks []Knock `json:"knocks"` // two of them when the first scheme was refused
	Error  string  `json:"error"`
}

// Knock is one try to deliver.
type Knock struct {
	Scheme Scheme `json:"scheme"`
	Status int    `json:"status"`
	Error  string `json:"error"`
}

// Post is something to say. The zero value of a field leaves the choice to the peer.
type Post struct {
	As         string   `json:"as,omitempty"` // which person; the first if empty
	Content    string   `json:"content,omitempty"`
	Name       string   `json:"name,omitempty"`
	Summary    string   `json:"summary,omitempty"`
	Type       string   `json:"type,omitempty"` // Note, Article or Question
	Language   string   `json:"language,omitempty"`
	InReplyTo  string   `json:"inReplyTo,omitempty"`
	Audience   string   `json:"audience,omitempty"`
	Visibility string   `json:"visibility,omitempty"` // public, unlisted, followers or direct
	Options    []string `json:"options,omitempty"`    // make it a poll
	Multiple   bool     `json:"multiple,omitempty"`   // more than one of the options may be chosen
	Quotable   bool     `json:"quotable,omitempty"`   // by everybody

	// Mention holds handles or URIs. A reply with nil mentions the author of its parent and whom that mentioned, as
	// apps do; with an empty slice nobody.
	Mention []string `json:"mention,omitzero"`
}

// Wish is the body of any call of the control API, for what the methods below do not cover; README.md lists the calls.
type Wish map[string]any

// Follow asks to follow a handle or URI. The answer comes later: wait for the Accept or Reject of the Sent.ID.
func (p *Peer) Follow(t testing.TB, who string) Sent {
	t.Helper()
	return p.Do(t, "follow", Wish{"uri": who})
}

// Unfollow undoes a Follow.
func (p *Peer) Unfollow(t testing.TB, who string) Sent {
	t.Helper()
	return p.Do(t, "unfollow", Wish{"uri": who})
}

// Post publishes to the followers and to whom it mentions.
func (p *Peer) Post(t testing.TB, post Post) Sent {
	t.Helper()
	return p.Do(t, "post", post)
}

// Reply posts an answer to the object at uri, mentioning whom an app would mention.
func (p *Peer) Reply(t testing.TB, uri, content string) Sent {
	t.Helper()
	return p.Post(t, Post{InReplyTo: uri, Content: content})
}

// Quote posts something that shows the object at uri within, and asks its author for consent.
func (p *Peer) Quote(t testing.TB, uri, content string) Sent {
	t.Helper()
	return p.Do(t, "quote", Wish{"uri": uri, "content": content})
}

// Edit changes the content of a post of the first person's.
func (p *Peer) Edit(t testing.TB, uri, content string) Sent {
	t.Helper()
	return p.Do(t, "edit", Wish{"id": uri, "content": content})
}

// Delete deletes a post of the first person's.
func (p *Peer) Delete(t testing.TB, uri string) Sent {
	t.Helper()
	return p.Do(t, "delete", Wish{"id": uri})
}

// Vote chooses an option of the poll at uri.
func (p *Peer) Vote(t testing.TB, uri, choice string) Sent {
	t.Helper()
	return p.Do(t, "vote", Wish{"uri": uri, "choice": choice})
}

// Like likes the object at uri.
func (p *Peer) Like(t testing.TB, uri string) Sent {
	t.Helper()
	return p.Do(t, "like", Wish{"uri": uri})
}

// Unlike undoes a Like.
func (p *Peer) Unlike(t testing.TB, uri string) Sent {
	t.Helper()
	return p.Do(t, "unlike", Wish{"uri": uri})
}

// Boost announces the object at uri to the followers and to its author.
func (p *Peer) Boost(t testing.TB, uri string) Sent {
	t.Helper()
	return p.Do(t, "boost", Wish{"uri": uri})
}

// Flag reports the object at uri to its author's server.
func (p *Peer) Flag(t testing.TB, uri, complaint string) Sent {
	t.Helper()
	return p.Do(t, "flag", Wish{"uri": uri, "content": complaint})
}

// Do makes a call that sends, and fails the test unless every inbox took it.
func (p *Peer) Do(t testing.TB, verb string, wish any) Sent {
	t.Helper()
	sent, err := p.Try(verb, wish)
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

// Try is Do for a test that expects a refusal: the Deliveries tell which inbox refused, and how.
func (p *Peer) Try(verb string, wish any) (Sent, error) {
	var sent Sent
	err := p.post(verb, wish, &sent)
	return sent, err
}

func (p *Peer) post(verb string, wish, answer any) error {
	body, err := json.Marshal(wish)
	if err != nil {
		return fmt.Errorf("%s: %s: %w", p.Host, verb, err)
	}
	response, err := p.client.Post(p.control+"/"+verb, "application/json", bytes.NewReader(body)) //nolint:noctx // the client has a limit of time
	return p.read(verb, response, err, answer)
}

// read decodes an answer of the control API. A call that failed decodes too: the answer holds what succeeded.
func (p *Peer) read(call string, response *http.Response, err error, answer any) error {
	if err != nil {
		return fmt.Errorf("%s: %s: %w", p.Host, call, err)
	}
	var text json.RawMessage
	err = errors.Join(json.NewDecoder(response.Body).Decode(&text), response.Body.Close())
	if err == nil {
		err = json.Unmarshal(text, answer)
	}
	if err == nil && response.StatusCode != http.StatusOK {
		var failure struct{ Error string }
		err = errors.Join(json.Unmarshal(text, &failure), fmt.Errorf("%s: %s", response.Status, failure.Error))
	}
	if err != nil {
		return fmt.Errorf("%s: %s: %w", p.Host, call, err)
	}
	return nil
}
