package mastodon

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/communities/auth"
	"meent/storage"
)

// oauthError is an error in the words of RFC 6749 5.2. Apps that kept an old id register again when they read invalid_client.
func oauthError(status int, code, description string) *failure {
	return &failure{status: status, Message: code, Description: description}
}

var (
	errClient = oauthError(http.StatusUnauthorized, "invalid_client",
		"Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.")
	errGrant = oauthError(http.StatusBadRequest, "invalid_grant",
		"The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.")
	errGrantType = oauthError(http.StatusBadRequest, "unsupported_grant_type", "The authorization grant type is not supported by the authorization server.")
	errScopes    = oauthError(http.StatusBadRequest, "invalid_scope", "The requested scope is invalid, unknown, or malformed.")
	errNotYours  = oauthError(http.StatusForbidden, "unauthorized_client", "You are not authorized to revoke this token")
)

// token gives an app a token, for itself or for the person whose code it brings.
func (a *API) token(c *call) (any, error) {
	app, proven, err := a.client(c)
	if err != nil {
		return nil, err
	}
	switch c.form.text("grant_type") {
	case "client_credentials":
		if !proven {
			return nil, errClient
		}
		return a.tokenOfApp(c, app)
	case "authorization_code":
		return a.tokenForCode(c, app, proven)
	}
	return nil, errGrantType
}

// client finds the app (RFC 6749 2.3.1: in the header or the body), and whether it has proven who it is by its secret. A wrong secret is refused;
// without one an app still has to prove by PKCE that the code is its own.
func (a *API) client(c *call) (app storage.App, proven bool, err error) {
	id, secret, basic := c.BasicAuth()
	if !basic {
		id, secret = c.form.text("client_id"), c.form.text("client_secret")
	}
	app, err = a.archive.AppByClientID(c.Context(), id)
	switch {
	case communities.IsNotFound(err):
		return app, false, errClient
	case err != nil:
		return app, false, err
	case secret == "":
		return app, false, nil
	case subtle.ConstantTimeCompare([]byte(auth.HashSecret(secret)), []byte(app.SecretHash)) != 1:
		return app, false, errClient
	}
	return app, true, nil
}

func (a *API) tokenOfApp(c *call, app storage.App) (any, error) {
	scopes, err := a.asked(c, app)
	if err != nil {
		return nil, err
	}
	secret, hash := auth.NewSecret()
	token := storage.AppToken{Hash: hash, App: app.ID, Scopes: scopes.String(), CreatedAt: a.Now()}
	err = a.town.Write(c.Context(), func(tx communities.Tx) error { return storage.Of(tx).PutAppToken(c.Context(), token) })
	return drawToken(secret, token), err
}

// asked are the scopes that a request names: no more than the app said when it registered.
func (a *API) asked(c *call, app storage.App) (auth.Scopes, error) {
	registered, err := auth.ParseScopes(app.Scopes)
	if err != nil {
		return nil, err
	}
	scopes, err := auth.ParseScopes(c.form.text("scope"))
	if err != nil {
		return nil, errScopes
	}
	if !scopes.Within(registered) {
		if c.form.text("scope") == "" {
			return registered, nil
		}
		return nil, errScopes
	}
	return scopes, nil
}

func drawToken(secret string, token storage.AppToken) entity.Token {
	return entity.Token{AccessToken: secret, TokenType: "Bearer", Scope: token.Scopes, CreatedAt: token.CreatedAt.Unix()}
}

// tokenForCode exchanges a code. Whatever is wrong with it, it is used up; a code that comes a second time takes its tokens with it, because
// one of the two who brought it has stolen it (RFC 6749 4.1.2; SECURITY O16).
func (a *API) tokenForCode(c *call, app storage.App, proven bool) (any, error) {
	secret, hash := auth.NewSecret()
	var token storage.AppToken
	var refused error
	err := a.town.Write(c.Context(), func(tx communities.Tx) error {
		archive := storage.Of(tx)
		code, err := archive.TakeAuthorizationCode(c.Context(), auth.HashSecret(c.form.text("code")), a.Now())
		if refused = nil; communities.IsNotFound(err) {
			refused = errGrant
			return nil
		}
		if err != nil {
			return err
		}
		if !code.UsedAt.IsZero() {
			refused = errGrant
			return archive.RevokeTokensOfCode(c.Context(), code.Hash, a.Now())
		}
		if !a.sound(c, code, app, proven) {
			refused = errGrant
			return nil
		}
		token = storage.AppToken{Hash: hash, App: app.ID, Actor: code.Actor, CodeHash: code.Hash, Scopes: code.Scopes, CreatedAt: a.Now()}
		if err := archive.PutAppToken(c.Context(), token); err != nil {
			return err
		}
		return archive.PutAccessToken(c.Context(), storage.AccessToken{
			Hash: hash, Actor: code.Actor, App: app.Name, Scopes: code.Scopes, CreatedAt: a.Now(),
		})
	})
	if err != nil {
		return nil, err
	}
	if refused != nil {
		return nil, refused
	}
	return drawToken(secret, token), nil
}

// sound tells whether a code was given to this app, for this address, not long ago, and is brought by who asked for it.
func (a *API) sound(c *call, code storage.AuthorizationCode, app storage.App, proven bool) bool {
	if code.App != app.ID || code.RedirectURI != c.form.text("redirect_uri") || !a.Now().Before(code.ExpiresAt) {
		return false
	}
	if code.Challenge == "" {
		return proven
	}
	sum := sha256.Sum256([]byte(c.form.text("code_verifier")))
	return subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(code.Challenge)) == 1
}

// revoke ends a token of the app that asks (RFC 7009). That it is not known is no error; that it is another's is.
func (a *API) revoke(c *call) (any, error) {
	app, proven, err := a.client(c)
	if err != nil {
		return nil, err
	}
	if !proven {
		return nil, errNotYours
	}
	hash := auth.HashSecret(c.form.text("token"))
	err = a.town.Write(c.Context(), func(tx communities.Tx) error {
		return storage.Of(tx).RevokeAppToken(c.Context(), app.ID, hash, a.Now())
	})
	if !communities.IsNotFound(err) {
		return entity.Empty{}, err
	}
	if _, err := a.archive.AccessToken(c.Context(), hash); err == nil {
		return nil, errNotYours
	}
	return entity.Empty{}, nil
}
