package mastodon

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"meent/communities"
	"meent/communities/auth"
	"meent/storage"
)

var signUpEndpoints = []endpoint{
	{"POST /api/v1/accounts", "", "username=dirk&email=dirk@dorp.example&password=een+lang+wachtwoord&agreement=true&reason=ik+woon+hier", "Token", "app"},
	{"GET /api/v1/emails/check_confirmation", "", "", "bool", "newcomer"},
	{"POST /api/v1/emails/confirmations", "", "email=dirk@nieuw.example", "Empty", "newcomer"},
}

// newcomer is a form to sign up by.
func newcomer(change url.Values) url.Values {
	form := url.Values{
		"username": {"dirk"}, "email": {"dirk@dorp.example"}, "password": {"een lang wachtwoord"}, "agreement": {"true"}, "reason": {"ik woon hier"}, "locale": {"en"},
	}
	for name, values := range change {
		form[name] = values
	}
	return form
}

// What is wrong with the form is said of each field, in codes that apps know.
func TestSignUpSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := newSQLiteWorld(t)
	itself := app{w: w, token: w.tokenOfApp()}
	for _, test := range []struct {
		change url.Values
		want   map[string]string // field to code
	}{
		{url.Values{"username": {""}, "email": {""}, "agreement": {"false"}, "reason": {""}}, map[string]string{
			"username": "ERR_BLANK", "email": "ERR_BLANK", "agreement": "ERR_ACCEPTED", "reason": "ERR_BLANK",
		}},
		{url.Values{"username": {"an na"}, "email": {"niets"}}, map[string]string{"username": "ERR_INVALID", "email": "ERR_INVALID"}},
		{url.Values{"username": {"Anna"}, "email": {"Bert@dorp.example"}}, map[string]string{"username": "ERR_TAKEN", "email": "ERR_TAKEN"}},
		{url.Values{"username": {"burgemeester"}}, map[string]string{"username": "ERR_RESERVED"}},
		{url.Values{"password": {"kort"}}, map[string]string{"password": "ERR_TOO_SHORT"}},
		{url.Values{"invite_code": {"verzonnen"}}, map[string]string{"invite_code": "ERR_INVALID"}},
	} {
		answer := itself.post("/api/v1/accounts", newcomer(test.change))
		var told struct {
			Error   string
			Details map[string][]struct{ Error, Description string }
		}
		if err := json.Unmarshal(answer.body, &told); err != nil || answer.status != http.StatusUnprocessableEntity || told.Error == "" {
			t.Errorf("%v: %d %s", test.change, answer.status, answer.body)
		}
		got := map[string]string{}
		for field, list := range told.Details {
			got[field] = list[0].Error
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", test.change, diff)
		}
	}
	w.app(w.bert).post("/api/v1/accounts", newcomer(nil)).refused(http.StatusForbidden) // a person's token signs nobody up
}

// It is said in the language that the app asks for, else in that of the form.
func TestSignUpSaysItInTheirLanguage(t *testing.T) {
	t.Parallel()
	w := newSQLiteWorld(t)
	itself := app{w: w, token: w.tokenOfApp()}
	const dutch, english = "Dit klopt niet: De gebruikersnaam kunt u niet kiezen", "Validation failed: Username is reserved"
	for _, test := range []struct{ header, locale, want string }{{"", "en", english}, {"", "nl", dutch}, {"nl-BE", "en", dutch}, {"en-GB", "nl", english}, {"", "", dutch}} {
		form := newcomer(url.Values{"username": {"burgemeester"}, "locale": {test.locale}})
		answer := itself.send(http.MethodPost, "/api/v1/accounts", "application/x-www-form-urlencoded", form.Encode(), http.Header{"Accept-Language": {test.header}})
		var told struct {
			Error   string
			Details map[string][]struct{ Description string }
		}
		w.must(json.Unmarshal(answer.body, &told))
		if told.Error != test.want || !strings.HasSuffix(test.want, told.Details["username"][0].Description) {
			t.Errorf("%+v: %+v", test, told)
		}
	}
}

// Who signs up waits: for their address to be confirmed, then for a moderator; nobody sees them and their token serves for nothing until then.
func TestSignUpWaits(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		itself := app{w: w, token: w.tokenOfApp()}
		var token struct {
			AccessToken string `json:"access_token"`
		}
		itself.post("/api/v1/accounts", newcomer(nil)).ok(&token)
		dirk := app{w: w, token: token.AccessToken}
		if told := dirk.get("/api/v1/timelines/home").refused(http.StatusForbidden); told != errUnconfirmed.Message {
			t.Error(told)
		}
		dirk.get("/api/v1/apps/verify_credentials").ok(nil)
		itself.get("/api/v1/accounts/lookup?acct=dirk").refused(http.StatusNotFound)
		var confirmed bool
		dirk.get("/api/v1/emails/check_confirmation").ok(&confirmed)
		if confirmed {
			t.Error("confirmed without a link")
		}
		w.confirm("dirk")
		dirk.get("/api/v1/emails/check_confirmation").ok(&confirmed)
		if told := dirk.get("/api/v1/timelines/home").refused(http.StatusForbidden); told != errUnapproved.Message || !confirmed {
			t.Error(told)
		}
		dirk.post("/api/v1/emails/confirmations", nil).refused(http.StatusForbidden)
		anna := w.app(w.anna)
		var pending []struct {
			ID            string
			Confirmed     bool
			Approved      bool
			Suspended     bool
			InviteRequest string `json:"invite_request"`
		}
		anna.get("/api/v1/admin/accounts?pending=true").ok(&pending)
		if len(pending) != 1 || !pending[0].Confirmed || pending[0].Approved || pending[0].Suspended || pending[0].InviteRequest != "ik woon hier" {
			t.Fatalf("%+v", pending)
		}
		var told []struct{ Account struct{ ID string } }
		anna.get("/api/v1/notifications?types[]=admin.sign_up").ok(&told)
		if len(told) != 1 || told[0].Account.ID != pending[0].ID {
			t.Errorf("told of %+v", told)
		}
		anna.post("/api/v1/admin/accounts/"+pending[0].ID+"/approve", nil).ok(nil)
		anna.post("/api/v1/admin/accounts/"+pending[0].ID+"/approve", nil).refused(http.StatusForbidden)
		dirk.get("/api/v1/timelines/home").ok(nil)
		itself.get("/api/v1/accounts/lookup?acct=dirk").ok(nil)
	})
}

// confirm uses a link, as a mail holds it.
func (w *world) confirm(name string) {
	w.t.Helper()
	w.do(func(ctx context.Context, tx communities.Tx) error {
		person, err := tx.ActorByName(ctx, name, "")
		if err != nil {
			return err
		}
		secret, hash := auth.NewSecret()
		err = storage.Of(tx).PutConfirmation(ctx, storage.Confirmation{
			Hash: hash, Actor: person.ID, Email: name + "@dorp.example", CreatedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour),
		})
		if err != nil {
			return err
		}
		_, err = w.town.Confirm(ctx, tx, auth.HashSecret(secret))
		return err
	})
}

// Whoever was invited waits for nobody; a rejected one leaves the name free; a closed door says so.
func TestDoors(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		itself, anna := app{w: w, token: w.tokenOfApp()}, w.app(w.anna)
		itself.post("/api/v1/accounts", newcomer(url.Values{"username": {"els"}, "email": {"els@dorp.example"}, "invite_code": {"welkom"}, "reason": {""}})).ok(nil)
		w.confirm("els")
		itself.get("/api/v1/accounts/lookup?acct=els").ok(nil)

		itself.post("/api/v1/accounts", newcomer(nil)).ok(nil)
		var pending []struct{ ID string }
		anna.get("/api/v2/admin/accounts?status=pending").ok(&pending)
		anna.post("/api/v1/admin/accounts/"+pending[0].ID+"/reject", nil).ok(nil)
		anna.get("/api/v1/admin/accounts/" + pending[0].ID).refused(http.StatusNotFound)
		itself.post("/api/v1/accounts", newcomer(nil)).ok(nil)

		for _, test := range []struct {
			door    communities.Door
			status  int
			enabled bool
		}{{communities.DoorInvitation, http.StatusUnprocessableEntity, true}, {communities.DoorClosed, http.StatusForbidden, false}} {
			w.do(func(ctx context.Context, tx communities.Tx) error {
				return w.town.SetRegistrations(ctx, tx, communities.Registrations{Door: test.door}, w.node.ID)
			})
			itself.post("/api/v1/accounts", newcomer(url.Values{"username": {"fien"}, "email": {"fien@dorp.example"}})).refused(test.status)
			var v2 struct{ Registrations struct{ Enabled bool } }
			var v1 struct{ Registrations bool }
			app{w: w}.get("/api/v2/instance").ok(&v2)
			app{w: w}.get("/api/v1/instance").ok(&v1)
			if v1.Registrations != test.enabled || v2.Registrations.Enabled != test.enabled {
				t.Errorf("%s: %+v %+v", test.door, v1, v2)
			}
		}
	})
}
