package communities

import (
	"context"
	"fmt"
	"net/mail"
	"strings"
	"unicode"
)

// Found makes sure that the node has an actor of its own, in whose name commands act and documents are fetched. Title is the
// municipality's name; it is taken the first time only.
func (t *Town) Found(ctx context.Context, tx Tx, title string) (*Actor, error) {
	uri := t.Actor(Application, "")
	if known, err := absent(tx.ActorByURI(ctx, uri)); known != nil || err != nil {
		return known, err
	}
	a := t.newActor(Application, t.Host())
	a.DisplayName = line(title)
	return a, tx.CreateActor(ctx, a)
}

// NewPerson is somebody who comes to live here.
type NewPerson struct {
	By           ActorID // an administrator, or the node's own actor for a command
	Name         string
	DisplayName  string
	Email        string
	PasswordHash string   // "": they sign in by a link
	Role         NodeRole // "": resident
	Locale       string
}

// CreatePerson makes a person with an account.
func (t *Town) CreatePerson(ctx context.Context, tx Tx, n NewPerson) (*Actor, error) {
	if _, err := t.May(ctx, tx, CreatePerson, n.By, On{}); err != nil {
		return nil, err
	}
	email, err := checkEmail(n.Email)
	if err != nil {
		return nil, err
	}
	if n.Role == "" {
		n.Role = RoleResident
	}
	if _, ok := nodeRank[n.Role]; !ok {
		return nil, Invalidf("%q is not a role on the node", n.Role)
	}
	a, err := t.createLocal(ctx, tx, Person, n.Name, Profile{DisplayName: &n.DisplayName})
	if err != nil {
		return nil, err
	}
	account := &Account{
		Actor: a.ID, Email: email, PasswordHash: n.PasswordHash, Role: n.Role, Locale: n.Locale, CreatedAt: a.CreatedAt,
	}
	if err := tx.PutAccount(ctx, account); err != nil {
		return nil, fmt.Errorf("account of %s: %w", a.Name, err)
	}
	return a, nil
}

const maxEmail = 254 // RFC 5321 4.5.3.1.3, less the angle brackets

// checkEmail takes a bare address only, in lower case: no name, no quotes, no list, nothing that a mail header could mistake (SECURITY O11).
func checkEmail(email string) (string, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	parsed, err := mail.ParseAddress(email)
	odd := strings.ContainsAny(email, `"'(),:;<>[\]`) || strings.ContainsFunc(email, unicode.IsControl) || strings.ContainsFunc(email, unicode.IsSpace)
	if err != nil || odd || parsed.Address != email || len(email) > maxEmail {
		return "", Invalidf("%q is not an e-mail address", email)
	}
	return email, nil
}

// NewGroup is a group that begins here.
type NewGroup struct {
	By          ActorID // who becomes its owner, unless it is the node itself
	Name        string
	DisplayName string
	Source      string // Markdown: what it is about
	Language    string
	Settings    GroupSettings // empty fields: open, members post, a forum
}

// CreateGroup makes a group. Its maker owns it.
func (t *Town) CreateGroup(ctx context.Context, tx Tx, n NewGroup) (*Actor, error) {
	c, err := t.May(ctx, tx, CreateGroup, n.By, On{})
	if err != nil {
		return nil, err
	}
	a, err := t.createLocal(ctx, tx, Group, n.Name, Profile{
		DisplayName: &n.DisplayName, Source: &n.Source, Language: &n.Language, Settings: &n.Settings,
	})
	if err != nil {
		return nil, err
	}
	if c.Actor.Kind == Person {
		m := &Membership{Group: a.ID, Person: n.By, Role: RoleOwner, CreatedAt: a.CreatedAt}
		if err := tx.PutMembership(ctx, m); err != nil {
			return nil, fmt.Errorf("owner of %s: %w", a.Name, err)
		}
	}
	return a, nil
}

// createLocal makes an actor of this node under a free name.
func (t *Town) createLocal(ctx context.Context, tx Tx, kind ActorKind, name string, p Profile) (*Actor, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	known, err := absent(tx.ActorByName(ctx, name, ""))
	if err != nil {
		return nil, err
	}
	if known != nil {
		return nil, Conflictf("the name %s is taken", name)
	}
	a := t.newActor(kind, name)
	if err := a.describe(p); err != nil {
		return nil, err
	}
	return a, tx.CreateActor(ctx, a)
}

// newActor fills in what follows from kind and name.
func (t *Town) newActor(kind ActorKind, name string) *Actor {
	now, uri := t.now(), t.Actor(kind, name)
	return &Actor{
		ID: ActorID(t.ids.Next()), Kind: kind, Name: name, URI: uri, URL: uri, Discoverable: true, Indexable: true,
		Endpoints: t.endpoints(kind, uri), CreatedAt: now, UpdatedAt: now,
	}
}

func (a Address) endpoints(kind ActorKind, uri string) Endpoints {
	shared := a.Base + "/inbox"
	if kind == Application {
		return Endpoints{Inbox: shared, SharedInbox: shared, Outbox: a.Base + "/outbox"}
	}
	e := Endpoints{
		Inbox: uri + "/inbox", SharedInbox: shared, Outbox: uri + "/outbox", Followers: uri + "/followers",
		Following: uri + "/following", Featured: uri + "/featured",
	}
	if kind == Group {
		e.Moderators = uri + "/moderators"
	}
	return e
}
