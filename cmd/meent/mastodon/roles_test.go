package mastodon

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"meent/communities"
)

// candidate is somebody before every door, and how far they come.
type candidate struct {
	name  string
	token string
	// refusal is what each entry says to them; nil: come in.
	refusal map[Entry]*failure
}

// SECURITY X5, P1 to P3, V10: every route of the API is opened to whom it names and to nobody else: to no app where a person is needed, to
// no resident where the node is looked after, to nobody whose account waits or is closed, by no token without the scope.
func TestEveryDoorForEverybody(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		for _, who := range w.candidates() {
			phone := app{w: w, token: who.token}
			for _, row := range routes {
				refusal := who.refusal[row.enter]
				if refusal == nil && (endless(row) || row.method != http.MethodGet) {
					continue // what people do when they are in, is tried by TestEndpoints
				}
				answer := phone.call(row.method, exemplary(row.pattern), nil)
				if refusal != nil && (answer.status != refusal.status || failureText(answer) != refusal.Message) {
					t.Errorf("%s %s to %s: %d %s, want %d %q", row.method, row.pattern, who.name, answer.status, answer.body, refusal.status, refusal.Message)
				}
				if refusal == nil && turnedAway(answer) {
					t.Errorf("%s %s turns %s away: %d %s", row.method, row.pattern, who.name, answer.status, answer.body)
				}
			}
		}
	})
}

// turnedAway tells whether an answer is that of the door, and not of what is behind it.
func turnedAway(answer reply) bool {
	if answer.status < http.StatusBadRequest {
		return false
	}
	for _, refusal := range []*failure{errToken, errScope, errPerson, errRole, errUnconfirmed, errUnapproved} {
		if strings.Contains(string(answer.body), refusal.Message) {
			return true
		}
	}
	return false
}

// everywhere refuses at all entries alike.
func everywhere(refusal *failure) map[Entry]*failure {
	return map[Entry]*failure{Anyone: refusal, App: refusal, User: refusal, Waiting: refusal, Staff: refusal}
}

// waits is what somebody meets whose account cannot be used yet: no more than anybody, and the way out.
func waits(refusal *failure) map[Entry]*failure {
	return map[Entry]*failure{User: refusal, Staff: refusal}
}

func (w *world) candidates() []candidate {
	w.t.Helper()
	moderator, suspended, disabled := w.somebody("moe"), w.somebody("sus"), w.somebody("dis")
	unconfirmed, unapproved := w.somebody("unc"), w.somebody("una")
	tokens := map[*communities.Actor]string{}
	for _, person := range []*communities.Actor{moderator, suspended, disabled, unconfirmed, unapproved, w.anna, w.bert} {
		tokens[person] = w.token(person, allScopes)
	}
	w.do(func(ctx context.Context, tx communities.Tx) error {
		if err := w.town.SetNodeRole(ctx, tx, communities.Standing{Actor: moderator.ID, By: w.node.ID, Role: communities.RoleNodeModerator}); err != nil {
			return err
		}
		return w.town.Suspend(ctx, tx, communities.Standing{Actor: suspended.ID, By: w.node.ID})
	})
	w.changeAccount(disabled, func(a *communities.Account) { a.DisabledAt = time.Now() })
	w.changeAccount(unconfirmed, func(a *communities.Account) { a.Unconfirmed, a.Unapproved = true, true })
	w.changeAccount(unapproved, func(a *communities.Account) { a.Unapproved = true })
	return []candidate{
		{"nobody", "", map[Entry]*failure{App: errToken, User: errToken, Waiting: errToken, Staff: errToken}},
		{"an app for itself", w.tokenOfApp(), map[Entry]*failure{User: errPerson, Waiting: errPerson, Staff: errPerson}},
		{"a resident", tokens[w.bert], map[Entry]*failure{Staff: errRole}},
		{"a moderator", tokens[moderator], nil},
		{"an administrator", tokens[w.anna], nil},
		{"who is suspended", tokens[suspended], everywhere(errToken)},
		{"whose account is closed", tokens[disabled], everywhere(errToken)},
		{"whose address is not confirmed", tokens[unconfirmed], waits(errUnconfirmed)},
		{"who is not let in yet", tokens[unapproved], waits(errUnapproved)},
	}
}

// somebody moves in.
func (w *world) somebody(name string) (person *communities.Actor) {
	w.t.Helper()
	w.do(func(ctx context.Context, tx communities.Tx) (err error) {
		person, err = w.person(ctx, tx, name, "")
		return err
	})
	return person
}

func (w *world) changeAccount(person *communities.Actor, change func(*communities.Account)) {
	w.t.Helper()
	w.do(func(ctx context.Context, tx communities.Tx) error {
		account, err := tx.Account(ctx, person.ID)
		if err != nil {
			return err
		}
		change(account)
		return tx.PutAccount(ctx, account)
	})
}

// undone is what an answer says only to people: that they did nothing of it yet, and whether they may quote it.
var undone = regexp.MustCompile(`"\w+":(false|\[\]),?|"current_user":"\w+",?`)

func impersonal(body []byte) string {
	return strings.ReplaceAll(undone.ReplaceAllString(string(body), ""), ",}", "}")
}

// SECURITY V10: to whom waits, what anybody may read is no more than what nobody reads, even where they have a name in it.
func TestWhoWaitsIsNobody(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		waiting := w.somebody("una")
		w.do(func(ctx context.Context, tx communities.Tx) error {
			_, err := w.town.Follow(ctx, tx, communities.Following{Follower: waiting.ID, Followee: w.anna.ID})
			return err
		})
		private := w.post(communities.Draft{Author: w.anna.ID, Source: "Onder ons @una", Visibility: communities.Followers, Mentions: []communities.ActorID{waiting.ID}})
		phone, nobody := w.app(waiting), app{w: w}
		phone.get("/api/v1/statuses/" + id(private.ID)).ok(nil)
		w.changeAccount(waiting, func(a *communities.Account) { a.Unapproved = true })
		for _, row := range routes {
			if row.enter != Anyone || row.method != http.MethodGet || !strings.HasPrefix(row.pattern, "/api/") {
				continue
			}
			for _, path := range append(readings(w, row.pattern), strings.ReplaceAll(row.pattern, "{id}", id(private.ID))) {
				if got, want := phone.get(path), nobody.get(path); got.status != want.status || impersonal(got.body) != impersonal(want.body) {
					t.Errorf("GET %s: %d %s, nobody reads %d %s", path, got.status, impersonal(got.body), want.status, impersonal(want.body))
				}
			}
		}
	})
}
