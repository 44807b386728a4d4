package storage

import (
	"context"
	"net/url"

	"github.com/uptrace/bun"

	"meent/communities"
)

// actorRow is an actor as the tables keep it.
type actorRow struct {
	bun.BaseModel `bun:"table:actors,alias:a"`

	ID          communities.ActorID       `bun:"id,pk"`
	Kind        communities.ActorKind     `bun:"kind"`
	Name        string                    `bun:"name"`
	Host        string                    `bun:"host"`
	InboxHost   string                    `bun:"inbox_host"`
	URI         string                    `bun:"uri"`
	URL         string                    `bun:"url"`
	DisplayName string                    `bun:"display_name"`
	Summary     string                    `bun:"summary"`
	Source      string                    `bun:"source"`
	Fields      list[communities.Field]   `bun:"fields"`
	Icon        record[communities.Image] `bun:"icon"`
	Header      record[communities.Image] `bun:"header"`
	Language    string                    `bun:"language"`
	Emojis      list[communities.Emoji]   `bun:"emojis"`

	Inbox       string `bun:"inbox"`
	SharedInbox string `bun:"shared_inbox"`
	Outbox      string `bun:"outbox"`
	Followers   string `bun:"followers_url"`
	Following   string `bun:"following_url"`
	Featured    string `bun:"featured_url"`
	Moderators  string `bun:"moderators_url"`

	Locked       bool         `bun:"locked"`
	Discoverable bool         `bun:"discoverable"`
	Indexable    bool         `bun:"indexable"`
	Automated    bool         `bun:"automated"`
	NoFollows    bool         `bun:"hides_follows"`
	NoMedia      bool         `bun:"hides_media"`
	NoMediaReply bool         `bun:"hides_media_replies"`
	NoFeatured   bool         `bun:"hides_featured"`
	Attribution  list[string] `bun:"attribution_domains"`
	AlsoKnownAs  list[string] `bun:"also_known_as"`
	MovedTo      string       `bun:"moved_to"`

	Joining communities.Joining `bun:"joining"`
	Posting communities.Posting `bun:"posting"`
	Style   communities.Style   `bun:"style"`
	Closed  bool                `bun:"closed"`

	FollowersCount int    `bun:"followers_count"`
	FollowingCount int    `bun:"following_count"`
	PostsCount     int    `bun:"posts_count"`
	LastPostAt     moment `bun:"last_post_at,nullzero"`

	CreatedAt   moment `bun:"created_at"`
	UpdatedAt   moment `bun:"updated_at"`
	FetchedAt   moment `bun:"fetched_at,nullzero"`
	SuspendedAt moment `bun:"suspended_at,nullzero"`
	DeletedAt   moment `bun:"deleted_at,nullzero"`

	LimitedAt   moment                 `bun:"limited_at,nullzero"`
	SensitiveAt moment                 `bun:"sensitive_at,nullzero"`
	HostPolicy  communities.HostPolicy `bun:"host_policy"`
}

// actorCounters are kept by what happens, not by who describes the actor. What holds for a host [Tx.PutHostRule] says to all of it.
var actorCounters = []string{"id", "uri", "followers_count", "following_count", "posts_count", "last_post_at", "host_policy"}

// Actor, ActorByURI, ActorByName and ActorsByURI are told in [communities.Tx]; they work outside a transaction as well.
func (r reads) Actor(ctx context.Context, id communities.ActorID) (*communities.Actor, error) {
	return r.actorWhere(ctx, id, "id = ?", id)
}

func (r reads) ActorByURI(ctx context.Context, uri string) (*communities.Actor, error) {
	return r.actorWhere(ctx, uri, "uri = ?", uri)
}

// ActorByName prefers, where a name of another node was given away twice, the one that still exists, then the newer one.
func (r reads) ActorByName(ctx context.Context, name, host string) (*communities.Actor, error) {
	return r.actorWhere(ctx, name, "name = ? AND host = ?", name, host)
}

func (r reads) ActorsByURI(ctx context.Context, uris []string) ([]*communities.Actor, error) {
	if len(uris) == 0 {
		return nil, nil
	}
	return r.actorsWhere(ctx, "uri IN (?)", bun.List(uris))
}

func (r reads) actorWhere(ctx context.Context, what any, condition string, args ...any) (*communities.Actor, error) {
	var row actorRow
	err := r.idb.NewSelect().Model(&row).Where(condition, args...).OrderExpr("deleted_at IS NOT NULL, id DESC").Limit(1).Scan(ctx)
	if err != nil {
		return nil, found(err, "read actor", what)
	}
	return row.noun(), nil
}

func (r reads) actorsWhere(ctx context.Context, condition string, args ...any) ([]*communities.Actor, error) {
	var rows []actorRow
	if err := r.idb.NewSelect().Model(&rows).Where(condition, args...).OrderExpr("id").Scan(ctx); err != nil {
		return nil, found(err, "read actors where", condition)
	}
	actors := make([]*communities.Actor, len(rows))
	for i := range rows {
		actors[i] = rows[i].noun()
	}
	return actors, nil
}

// CreateActor stores a new actor; see [communities.Tx].
func (tx *Tx) CreateActor(ctx context.Context, a *communities.Actor) error {
	result, err := tx.idb.NewInsert().Model(actorOf(a)).On("CONFLICT DO NOTHING").Exec(ctx)
	n, err := affected(result, err)
	if err == nil && n == 0 {
		return communities.Conflictf("the name %s is taken", a.Name)
	}
	return found(err, "create actor", a.URI)
}

// UpdateActor stores what describes the actor; see [communities.Tx].
func (tx *Tx) UpdateActor(ctx context.Context, a *communities.Actor) error {
	tx.seen.forget()
	if a.Local() && !a.Active() {
		tx.noteEnd(a.ID)
	}
	result, err := tx.idb.NewUpdate().Model(actorOf(a)).ExcludeColumn(actorCounters...).WherePK().Exec(ctx)
	return changed(result, err, "update actor", a.ID)
}

func actorOf(a *communities.Actor) *actorRow {
	row := &actorRow{
		ID: a.ID, Kind: a.Kind, Name: a.Name, Host: a.Host, InboxHost: hostOf(a.Inbox()), URI: a.URI, URL: a.URL,
		DisplayName: a.DisplayName, Summary: a.Summary, Source: a.Source, Fields: a.Fields,
		Icon: record[communities.Image]{a.Icon}, Header: record[communities.Image]{a.Header}, Language: a.Language, Emojis: a.Emojis,
		Inbox: a.Endpoints.Inbox, SharedInbox: a.Endpoints.SharedInbox, Outbox: a.Endpoints.Outbox,
		Followers: a.Endpoints.Followers, Following: a.Endpoints.Following,
		Featured: a.Endpoints.Featured, Moderators: a.Endpoints.Moderators,
		Locked: a.Locked, Discoverable: a.Discoverable, Indexable: a.Indexable, AlsoKnownAs: a.AlsoKnownAs, MovedTo: a.MovedTo,
		Automated: a.Automated, NoFollows: a.Shows.NoFollows, NoMedia: a.Shows.NoMedia, NoMediaReply: a.Shows.NoMediaReplies,
		NoFeatured: a.Shows.NoFeatured, Attribution: a.Attribution,
		FollowersCount: a.FollowersCount, FollowingCount: a.FollowingCount, PostsCount: a.PostsCount, LastPostAt: momentOf(a.LastPostAt),
		CreatedAt: momentOf(a.CreatedAt), UpdatedAt: momentOf(a.UpdatedAt), FetchedAt: momentOf(a.FetchedAt),
		SuspendedAt: momentOf(a.SuspendedAt), DeletedAt: momentOf(a.DeletedAt),
		LimitedAt: momentOf(a.LimitedAt), SensitiveAt: momentOf(a.SensitiveAt), HostPolicy: a.HostPolicy,
	}
	if g := a.Group; g != nil {
		row.Joining, row.Posting, row.Style, row.Closed = g.Joining, g.Posting, g.Style, g.Closed
	}
	return row
}

func (row *actorRow) noun() *communities.Actor {
	a := &communities.Actor{
		ID: row.ID, Kind: row.Kind, Name: row.Name, Host: row.Host, URI: row.URI, URL: row.URL,
		DisplayName: row.DisplayName, Summary: row.Summary, Source: row.Source, Fields: row.Fields,
		Icon: row.Icon.of, Header: row.Header.of, Language: row.Language, Emojis: row.Emojis,
		Endpoints: communities.Endpoints{
			Inbox: row.Inbox, SharedInbox: row.SharedInbox, Outbox: row.Outbox, Followers: row.Followers,
			Following: row.Following, Featured: row.Featured, Moderators: row.Moderators,
		},
		Locked: row.Locked, Discoverable: row.Discoverable, Indexable: row.Indexable, AlsoKnownAs: row.AlsoKnownAs, MovedTo: row.MovedTo,
		Automated: row.Automated, Attribution: row.Attribution, Shows: communities.Shows{
			NoFollows: row.NoFollows, NoMedia: row.NoMedia, NoMediaReplies: row.NoMediaReply, NoFeatured: row.NoFeatured,
		},
		FollowersCount: row.FollowersCount, FollowingCount: row.FollowingCount, PostsCount: row.PostsCount, LastPostAt: row.LastPostAt.time(),
		CreatedAt: row.CreatedAt.time(), UpdatedAt: row.UpdatedAt.time(), FetchedAt: row.FetchedAt.time(),
		SuspendedAt: row.SuspendedAt.time(), DeletedAt: row.DeletedAt.time(),
		LimitedAt: row.LimitedAt.time(), SensitiveAt: row.SensitiveAt.time(), HostPolicy: row.HostPolicy,
	}
	if row.Kind == communities.Group {
		a.Group = &communities.GroupSettings{Joining: row.Joining, Posting: row.Posting, Style: row.Style, Closed: row.Closed}
	}
	return a
}

// hostOf returns the host that a URL is fetched from or delivered to; "" when it has none.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
