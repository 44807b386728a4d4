package mastodon

import (
	"net"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"meent/cmd/meent/mastodon/entity"
	"meent/communities"
	"meent/communities/auth"
	"meent/storage"
)

// signInRoutes are how apps make themselves known and get their tokens.
var signInRoutes = []row{
	{"POST", "/api/v1/apps", Anyone, "", (*API).registerApp, registrations},
	{"GET", "/api/v1/apps/verify_credentials", App, "", (*API).verifyApp, 0},
	{"GET", "/oauth/authorize", Anyone, "", (*API).authorize, guesses},
	{"POST", "/oauth/authorize", Anyone, "", (*API).decide, guesses},
	{"POST", "/oauth/token", Anyone, "", (*API).token, guesses},
	{"POST", "/oauth/revoke", Anyone, "", (*API).revoke, guesses},
	{"GET", "/oauth/userinfo", User, auth.Profile, (*API).userInfo, 0},
	{"GET", "/.well-known/oauth-authorization-server", Anyone, "", (*API).authorizationServer, 0},
}

// Signing in with an app: RFC 6749 with PKCE (RFC 7636), in the dialect of Mastodon (https://docs.joinmastodon.org/spec/oauth/).

// outOfBand is the redirect address of an app that cannot be redirected to: the code is shown for people to copy.
const outOfBand = "urn:ietf:wg:oauth:2.0:oob"

const (
	maxAppName   = 60   // characters
	maxAddresses = 20   // redirect addresses of an app
	maxAddress   = 2000 // bytes
)

// registerApp makes an app known. Anybody may; what it can do people decide.
func (a *API) registerApp(c *call) (any, error) {
	scopes, err := auth.ParseScopes(c.form.text("scopes"))
	if err != nil {
		return nil, communities.Invalidf("Validation failed: Scopes doesn't match configured on the server.")
	}
	name := strings.TrimSpace(c.form.text("client_name"))
	if name == "" || utf8.RuneCountInString(name) > maxAppName {
		return nil, communities.Invalidf("Validation failed: Application name has 1 to %d characters", maxAppName)
	}
	addresses, err := redirectAddresses(c.form.list("redirect_uris"))
	if err != nil {
		return nil, err
	}
	website := c.form.text("website")
	if website != "" && !isWebAddress(website) {
		return nil, communities.Invalidf("Validation failed: Application website must be a valid URL")
	}
	id, _ := auth.NewSecret()
	secret, hash := auth.NewSecret()
	app := storage.App{
		ID: storage.AppID(a.ids.Next()), ClientID: id, SecretHash: hash, Name: name, Website: website,
		RedirectURIs: addresses, Scopes: scopes.String(), CreatedAt: a.Now(),
	}
	err = a.town.Write(c.Context(), func(tx communities.Tx) error { return storage.Of(tx).PutApp(c.Context(), app) })
	return entity.CredentialApplication{ID: entity.ID(app.ID), Application: a.drawApp(app), ClientID: id, ClientSecret: secret}, err
}

func (a *API) drawApp(app storage.App) entity.Application {
	return entity.Application{
		Name: app.Name, Website: entity.Optional(app.Website), Scopes: strings.Fields(app.Scopes),
		RedirectURI: strings.Join(app.RedirectURIs, "\n"), RedirectURIs: app.RedirectURIs, VapidKey: a.PushKey.Public(),
	}
}

// redirectAddresses reads a list, or one text with a line for each. They are compared as they are, character by character.
func redirectAddresses(values []string) ([]string, error) {
	addresses := strings.Fields(strings.Join(values, "\n"))
	if len(addresses) == 0 || len(addresses) > maxAddresses {
		return nil, communities.Invalidf("Validation failed: Redirect URI can't be blank, and there are at most %d", maxAddresses)
	}
	for _, address := range addresses {
		if !mayRedirectTo(address) {
			return nil, communities.Invalidf("Validation failed: Redirect URI must be an absolute URI, with https unless on this machine.")
		}
	}
	return addresses, nil
}

// scripted are schemes that run or show what the address holds itself.
var scripted = []string{"javascript", "data", "vbscript", "file", "blob", "about", "view-source", "filesystem"}

// mayRedirectTo refuses what a code must never be sent to (SECURITY O15; RFC 8252 7): scripts, plain http but on the person's own machine,
// and addresses with a user or a fragment. Apps have schemes of their own.
func mayRedirectTo(address string) bool {
	if address == outOfBand {
		return true
	}
	u, err := url.Parse(address)
	if err != nil || len(address) > maxAddress || u.Scheme == "" || u.User != nil || u.Fragment != "" || strings.Contains(address, "#") {
		return false
	}
	switch {
	case slices.Contains(scripted, u.Scheme):
		return false
	case u.Scheme == "https":
		return u.Host != ""
	case u.Scheme == "http":
		ip := net.ParseIP(u.Hostname())
		return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	}
	return true
}

func isWebAddress(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

func (a *API) verifyApp(c *call) (any, error) {
	if c.app == 0 {
		token, err := a.archive.AppToken(c.Context(), c.token)
		if communities.IsNotFound(err) { // a token that was made on the command line
			return a.unregistered(c)
		}
		if err != nil {
			return nil, err
		}
		c.app = token.App
	}
	app, err := a.archive.App(c.Context(), c.app)
	if err != nil {
		return nil, err
	}
	return a.drawApp(app), nil
}

// unregistered draws what is known of a program that a token was made for, without its asking.
func (a *API) unregistered(c *call) (any, error) {
	token, err := a.archive.AccessToken(c.Context(), c.token)
	return entity.Application{Name: token.App, Scopes: strings.Fields(token.Scopes), RedirectURIs: []string{}, VapidKey: a.PushKey.Public()}, err
}

func (a *API) userInfo(c *call) (any, error) {
	account := a.account(c.person)
	return entity.UserInfo{
		Issuer: a.town.Base, Subject: c.person.URI, Name: c.person.Title(), PreferredUsername: c.person.Name,
		Profile: account.URL, Picture: account.Avatar,
	}, nil
}

func (a *API) authorizationServer(*call) (any, error) {
	base := a.town.Base
	return entity.AuthorizationServer{
		Issuer: base, AuthorizationEndpoint: base + "/oauth/authorize", TokenEndpoint: base + "/oauth/token",
		RevocationEndpoint: base + "/oauth/revoke", UserInfoEndpoint: base + "/oauth/userinfo", RegistrationEndpoint: base + "/api/v1/apps",
		ServiceDocumentation: "https://docs.joinmastodon.org/", Scopes: a.scopes,
		ResponseTypes: []string{"code"}, ResponseModes: []string{"query"}, GrantTypes: []string{"authorization_code", "client_credentials"},
		TokenAuthMethods: []string{"client_secret_basic", "client_secret_post"}, CodeChallengeMethods: []string{"S256"},
	}, nil
}
