package mastodon

import (
	"errors"
	"strings"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/communities/auth"
	"meent/storage"
)

// signUpRoutes are how one comes to live here by an app (methods/accounts, methods/emails).
var signUpRoutes = []row{
	{"POST", "/api/v1/accounts", App, "write:accounts", (*API).signUp, signUps},
	{"GET", "/api/v1/emails/check_confirmation", Waiting, "", (*API).checkConfirmation, 0},
	{"POST", "/api/v1/emails/confirmations", Waiting, "write:accounts", (*API).mailAgain, signUps},
}

// signUps is how often a client may sign somebody up, or have mail sent, per minute.
const signUps = 5

// signUp makes a person who waits, and gives the app a token of theirs, which serves for nothing until they are let in.
func (a *API) signUp(c *call) (any, error) {
	if c.person != nil {
		return nil, errScope
	}
	s := communities.SignUp{
		Name: c.form.text("username"), Email: c.form.text("email"), Agreed: c.form.flag("agreement"), Locale: c.localeAsked(),
		Reason: c.form.text("reason"), App: int64(c.app),
	}
	if code := strings.TrimSpace(c.form.text("invite_code")); code != "" {
		s.InviteHash = auth.HashSecret(code)
	}
	token, err := a.signUpAs(c, s)
	if err != nil { // whoever has no account yet says in the form what they speak
		return nil, failureOf(err).in(a.languages.Choose(c.Header.Get("Accept-Language"), c.form.text("locale")))
	}
	return token, nil
}

func (a *API) signUpAs(c *call, s communities.SignUp) (any, error) {
	var err error
	if s.PasswordHash, err = a.newPassword(c); err != nil {
		return nil, err
	}
	secret, hash := auth.NewSecret()
	token := storage.AppToken{Hash: hash, App: c.app, Scopes: c.scopes.String(), CreatedAt: a.Now()}
	err = a.town.Write(c.Context(), func(tx communities.Tx) error {
		person, err := a.town.SignUp(c.Context(), tx, s)
		if err != nil {
			return err
		}
		return a.giveToken(c, tx, token, person)
	})
	if err != nil {
		return nil, err
	}
	return drawToken(secret, token), nil
}

func (a *API) giveToken(c *call, tx communities.Tx, token storage.AppToken, person *communities.Actor) error {
	app, err := a.archive.App(c.Context(), c.app)
	if err != nil {
		return err
	}
	token.Actor = person.ID
	if err := storage.Of(tx).PutAppToken(c.Context(), token); err != nil {
		return err
	}
	return storage.Of(tx).PutAccessToken(c.Context(), storage.AccessToken{
		Hash: token.Hash, Actor: person.ID, App: app.Name, Scopes: token.Scopes, CreatedAt: token.CreatedAt,
	})
}

// newPassword hashes what was chosen, or says what is wrong with it.
func (a *API) newPassword(c *call) (string, error) {
	hash, err := a.passwords.Hash(c.Context(), c.form.text("password"))
	if errors.Is(err, auth.ErrPassword) {
		return "", communities.FieldErrors{{
			Field: "password", Code: communities.FieldTooShort, Why: communities.Invalidf("is too short (at least %d characters), or too long", auth.MinPassword),
		}}
	}
	return hash, err
}

// localeAsked is the language of the pages that fits what the app says.
func (c *call) localeAsked() string {
	for _, spoken := range spokenHere {
		if strings.HasPrefix(strings.ToLower(c.form.text("locale")), spoken) {
			return spoken
		}
	}
	return c.languages()[0]
}

// checkConfirmation tells whether the address was shown to be the person's.
func (a *API) checkConfirmation(c *call) (any, error) { return !c.account.Unconfirmed, nil }

// mailAgain sends the link once more, to another address where one is given.
func (a *API) mailAgain(c *call) (any, error) {
	err := a.town.Write(c.Context(), func(tx communities.Tx) error {
		return a.town.Readdress(c.Context(), tx, c.person.ID, c.form.text("email"))
	})
	return entity.Empty{}, err
}
