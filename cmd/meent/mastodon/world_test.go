package mastodon

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"meent/communities"
	"meent/communities/auth"
	"meent/federation/fetch"
	"meent/federation/webpush"
	"meent/storage"
	"meent/storage/media"
	"meent/storage/storagetest"
)

// world is a town with people, groups and posts, whose API answers on a loopback address.
type world struct {
	t       *testing.T
	town    *communities.Town
	archive *storage.DB
	api     *API
	depot   *media.Depot
	server  *httptest.Server
	push    webpush.Key

	node                *communities.Actor
	anna, bert, cor     *communities.Actor // anna owns the groups, bert follows her and them, cor is a stranger
	fietsen, besloten   *communities.Actor // an open group, a closed one with anna alone
	remote              *communities.Actor // of another town
	thread, reply       *communities.Post  // in fietsen: by anna, answered by bert
	poll, secret, plain *communities.Post  // by anna: a poll in fietsen, a thread in besloten, a post with a hashtag in no group
	afar                *communities.Post  // by remote
	signedIn            *communities.Actor // who has a session with the pages
	notice              *communities.Announcement
	hosts               map[communities.HostPolicy]int64 // ids of decisions
}

// silence is the road of a town that nobody else knows: there is nobody to tell.
type silence struct{}

func (silence) Tell(context.Context, communities.Tx, communities.Happened) error { return nil }

// directory is the road by which others are found: one person of another town.
type directory struct{ *world }

func (d directory) ActorByHandle(_ context.Context, handle string) (*communities.Actor, error) {
	if handle == "nieuw@ergens.example" {
		return d.remote, nil
	}
	return nil, communities.NotFound
}

func (d directory) ActorByURI(_ context.Context, uri string) (*communities.Actor, error) {
	if uri == d.remote.URI {
		return d.remote, nil
	}
	return nil, communities.NotFound
}

// PostByURI finds a second note in the other town.
func (d directory) PostByURI(ctx context.Context, uri string) (post *communities.Post, err error) {
	if uri != "https://ergens.example/@ver/2" {
		return nil, communities.NotFound
	}
	err = d.town.Write(ctx, func(tx communities.Tx) error {
		post, err = d.town.Publish(ctx, tx, communities.Draft{
			Author: d.remote.ID, URI: "https://ergens.example/notes/2", Content: "<p>opgezocht</p>", Visibility: communities.Public,
		})
		return err
	})
	return post, err
}

// Freshen begins a look that never ends.
func (d directory) Freshen(ctx context.Context, thread communities.PostID) (*storage.Refresh, error) {
	err := d.town.Write(ctx, func(tx communities.Tx) error {
		_, err := storage.Of(tx).BeginRefresh(ctx, storage.Refresh{Thread: thread, Name: "blik", StartedAt: time.Now()}, time.Time{})
		return err
	})
	if err != nil {
		return nil, err
	}
	return d.archive.RefreshOf(ctx, thread)
}

func (d directory) Running(look *storage.Refresh) bool { return look.FinishedAt.IsZero() }

func eachWorld(t *testing.T, test func(w *world)) {
	t.Helper()
	storagetest.Each(t, func(t *testing.T, dsn string) { test(newWorld(t, dsn)) })
}

func newWorld(t *testing.T, dsn string) *world {
	t.Helper()
	w := &world{t: t, server: httptest.NewUnstartedServer(nil), hosts: map[communities.HostPolicy]int64{}}
	var err error
	w.archive, err = storage.Open(t.Context(), dsn, storage.Options{})
	w.must(err)
	t.Cleanup(func() {
		w.server.Close()
		w.must(w.archive.Close())
	})
	w.must(w.archive.Migrate(t.Context()))
	_, err = storage.NewJobs(w.archive, nil, storage.JobsOptions{})
	w.must(err)
	w.push, err = PushKey(t.Context(), w.archive)
	w.must(err)
	outside, err := fetch.New(fetch.Config{UserAgent: "test", Development: fetch.Development{Loopback: true}})
	w.must(err)
	t.Cleanup(outside.Close)
	address := communities.Address{Base: "http://" + w.server.Listener.Addr().String()}
	w.town = communities.NewTown(w.archive, silence{}, w.archive.IDs(), address, time.Now)
	seal := w.openDepot(address.Base)
	w.api, err = New(w.town, w.archive, directory{w}, Options{
		Name: "Ons dorp", Version: "1.2.3", Description: "Praat mee", Contact: "anna",
		PublishPeers: PublishAll, PublishActivity: PublishAll, PublishBlocks: PublishAll, Trends: true, Email: "griffie@dorp.example",
		Log: slog.New(slog.DiscardHandler), Now: time.Now, SignIn: "/sign-in",
		Media: w.depot, Shown: seal.Shown,
		Translator: &parrot{}, Outside: outside, PushKey: w.push,
		Session: func(*http.Request) (*communities.Actor, bool) { return w.signedIn, w.signedIn != nil },
	})
	w.must(err)
	mux := http.NewServeMux()
	w.api.Mount(mux)
	w.server.Config.Handler = mux
	w.settle()
	w.server.Start()
	w.stream()
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// do works in a transaction of the town.
func (w *world) do(work func(ctx context.Context, tx communities.Tx) error) {
	w.t.Helper()
	ctx := context.WithoutCancel(w.t.Context())
	w.must(w.town.Write(ctx, func(tx communities.Tx) error { return work(ctx, tx) }))
}

func (w *world) settle() {
	w.do(func(ctx context.Context, tx communities.Tx) (err error) {
		if w.node, err = w.town.Found(ctx, tx, "Ons dorp"); err != nil {
			return err
		}
		w.anna, err = w.person(ctx, tx, "anna", communities.RoleAdmin)
		if err == nil {
			w.bert, err = w.person(ctx, tx, "bert", "")
		}
		if err == nil {
			w.cor, err = w.person(ctx, tx, "cor", "")
		}
		return err
	})
	w.fietsen = w.group("fietsen", communities.GroupSettings{})
	w.besloten = w.group("besloten", communities.GroupSettings{Closed: true})
	w.follow(w.bert, w.fietsen)
	w.follow(w.bert, w.anna)
	w.follow(w.anna, w.besloten)
	w.thread = w.post(communities.Draft{Author: w.anna.ID, Group: w.fietsen.ID, Title: "Fietspad & brug", Source: "Dicht tot *mei*. #verkeer"})
	w.reply = w.post(communities.Draft{Author: w.bert.ID, InReplyTo: w.thread.ID, Source: "Jammer @anna"})
	w.poll = w.post(communities.Draft{
		Author: w.anna.ID, Group: w.fietsen.ID, Title: "Welke dag?", Source: "Kies",
		Poll: &communities.Poll{Options: []communities.Option{{Title: "maandag"}, {Title: "dinsdag"}}, ClosesAt: time.Now().Add(time.Hour)},
	})
	w.secret = w.post(communities.Draft{Author: w.anna.ID, Group: w.besloten.ID, Title: "Intern", Source: "Niet voor iedereen #geheim"})
	w.plain = w.post(communities.Draft{Author: w.anna.ID, Source: "Los bericht #verkeer", Warning: "pas op"})
	w.strangers()
	w.do(func(ctx context.Context, tx communities.Tx) error {
		card := &storage.Card{
			URL: "https://krant.example/brug", Kind: "link", Title: "Brug open", Description: "Vanaf mei", AuthorName: "Griffie", ProviderName: "De Krant",
			Image: "https://krant.example/brug.jpg", Width: 640, Height: 480, PublishedAt: time.Now(), FetchedAt: time.Now(),
		}
		if err := storage.Of(tx).PutCard(ctx, card); err != nil {
			return err
		}
		return storage.Of(tx).SetCard(ctx, w.plain.ID, card.ID)
	})
	w.furnish()
}

// furnish writes the texts of the node, its rules and a notice, opens its door and decides about two hosts.
func (w *world) furnish() {
	w.do(func(ctx context.Context, tx communities.Tx) error {
		for _, name := range communities.TextNames {
			if err := w.town.WriteText(ctx, tx, communities.NodeText{Name: name, Language: "nl", Source: "Zo gaat het hier: *" + string(name) + "*"}, w.node.ID); err != nil {
				return err
			}
		}
		past, next := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC), time.Date(2094, 5, 1, 0, 0, 0, 0, time.UTC)
		for _, since := range []time.Time{past, next} {
			err := w.town.WriteText(ctx, tx, communities.NodeText{Name: communities.TextTerms, Language: "nl", Since: since, Source: "Vanaf " + since.String()}, w.node.ID)
			if err != nil {
				return err
			}
		}
		translations := map[string]communities.RuleText{"en": {Text: "Be kind", Hint: "To everybody"}}
		if _, err := w.town.WriteRule(ctx, tx, communities.Rule{Text: "Wees aardig", Hint: "Voor iedereen", Translations: translations}, w.node.ID); err != nil {
			return err
		}
		err := w.town.KeepEmoji(ctx, tx, communities.NewEmoji{By: w.node.ID, Name: "fiets", Category: "Verkeer", MediaType: "image/png", Picture: w.api.avatar, Version: "1"})
		if err != nil {
			return err
		}
		if w.notice, err = w.town.Announce(ctx, tx, communities.Notice{By: w.node.ID, Source: "De brug is **dicht** :fiets:", StartsAt: time.Now(), EndsAt: time.Now().Add(time.Hour)}); err != nil {
			return err
		}
		for host, policy := range map[string]communities.HostPolicy{"goed.example": communities.HostAllowed, "naar.example": communities.HostBlocked} {
			rule, err := w.town.DecideHost(ctx, tx, communities.HostDecision{By: w.node.ID, Host: host, Policy: policy, Reason: "spam", Comment: "Reclame"})
			if err != nil {
				return err
			}
			w.hosts[policy] = rule.ID
		}
		if _, err := w.town.CreateInvite(ctx, tx, communities.Invitation{By: w.anna.ID, Hash: auth.HashSecret("welkom"), Note: "voor Dirk"}); err != nil {
			return err
		}
		return w.town.SetRegistrations(ctx, tx, communities.Registrations{Door: communities.DoorApproval, ReasonRequired: true, Message: "Even *wachten*"}, w.node.ID)
	})
}

// strangers are somebody of another town, and what they wrote.
func (w *world) strangers() {
	w.do(func(ctx context.Context, tx communities.Tx) (err error) {
		w.remote, err = w.town.StoreRemoteActor(ctx, tx, &communities.Actor{
			Kind: communities.Person, Name: "ver", Host: "ergens.example", URI: "https://ergens.example/users/ver", URL: "https://ergens.example/@ver",
			Endpoints: communities.Endpoints{Inbox: "https://ergens.example/inbox"}, DisplayName: "Ver Weg", Indexable: true,
		})
		return err
	})
	w.afar = w.post(communities.Draft{
		Author: w.remote.ID, URI: "https://ergens.example/notes/1", URL: "https://ergens.example/@ver/1", Content: "<p>van ver</p>",
		Visibility: communities.Public, CreatedAt: time.Now().Add(-time.Minute), Hashtags: []string{"verkeer"},
		Attachments: []communities.Attachment{{Kind: "image", URL: "https://ergens.example/1.png", MediaType: "image/png", Alt: "een fiets", Width: 640, Height: 480}},
	})
}

func (w *world) person(ctx context.Context, tx communities.Tx, name string, role communities.NodeRole) (*communities.Actor, error) {
	return w.town.CreatePerson(ctx, tx, communities.NewPerson{By: w.node.ID, Name: name, DisplayName: strings.ToUpper(name), Email: name + "@dorp.example", Role: role, Locale: "nl"})
}

func (w *world) group(name string, settings communities.GroupSettings) (group *communities.Actor) {
	w.do(func(ctx context.Context, tx communities.Tx) (err error) {
		group, err = w.town.CreateGroup(ctx, tx, communities.NewGroup{By: w.anna.ID, Name: name, DisplayName: "De " + name, Settings: settings})
		return err
	})
	return group
}

func (w *world) follow(who, whom *communities.Actor) {
	w.do(func(ctx context.Context, tx communities.Tx) error {
		_, err := w.town.Follow(ctx, tx, communities.Following{Follower: who.ID, Followee: whom.ID})
		return err
	})
}

func (w *world) post(d communities.Draft) (post *communities.Post) {
	w.t.Helper()
	w.do(func(ctx context.Context, tx communities.Tx) (err error) {
		post, err = w.town.Publish(ctx, tx, d)
		return err
	})
	return post
}

// token makes one for a person, as the command line does.
func (w *world) token(person *communities.Actor, scopes string) string {
	secret, hash := auth.NewSecret()
	w.do(func(ctx context.Context, tx communities.Tx) error {
		return storage.Of(tx).PutAccessToken(ctx, storage.AccessToken{Hash: hash, Actor: person.ID, App: "test", Scopes: scopes, CreatedAt: time.Now()})
	})
	return secret
}

// allScopes is what apps ask for.
const allScopes = "read write follow push profile admin:read admin:write"

// reply is an answer as a test looks at it.
type reply struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

// app is somebody's app: it sends forms with a token.
type app struct {
	w     *world
	token string
}

func (w *world) app(person *communities.Actor) app {
	return app{w: w, token: w.token(person, allScopes)}
}

func (a app) get(path string) reply { return a.call(http.MethodGet, path, nil) }

func (a app) post(path string, fields url.Values) reply { return a.call(http.MethodPost, path, fields) }

func (a app) call(method, path string, fields url.Values) reply {
	a.w.t.Helper()
	return a.send(method, path, "application/x-www-form-urlencoded", fields.Encode(), nil)
}

func (a app) send(method, path, media, body string, header http.Header) reply {
	a.w.t.Helper()
	request, err := http.NewRequestWithContext(a.w.t.Context(), method, a.w.address(path), strings.NewReader(body))
	a.w.must(err)
	if strings.HasPrefix(path, "/api/") {
		request.Header.Set("Accept-Language", "en")
	}
	for name, values := range header {
		request.Header[name] = values
	}
	if media != "" && method != http.MethodGet {
		request.Header.Set("Content-Type", media)
	}
	if a.token != "" {
		request.Header.Set("Authorization", "Bearer "+a.token)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	a.w.must(err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	a.w.must(err)
	return reply{a.w.t, response.StatusCode, response.Header, answer}
}

func (w *world) address(path string) string {
	if strings.HasPrefix(path, "http") {
		return path
	}
	return w.server.URL + path
}

// ok reads the JSON of an answer that must be one.
func (r reply) ok(into any) {
	r.t.Helper()
	if r.status != http.StatusOK {
		r.t.Fatalf("status %d: %s", r.status, r.body)
	}
	if into != nil {
		if err := json.NewDecoder(bytes.NewReader(r.body)).Decode(into); err != nil {
			r.t.Fatalf("%v: %s", err, r.body)
		}
	}
}

// refused tells that an answer is an error of a kind, in JSON, and returns its text.
func (r reply) refused(status int) string {
	r.t.Helper()
	var told struct{ Error string }
	if err := json.Unmarshal(r.body, &told); err != nil || r.status != status || told.Error == "" {
		r.t.Errorf("status %d, want %d with an error: %s", r.status, status, r.body)
	}
	return told.Error
}

func id[T ~int64](of T) string { return strings.Trim(string(must(json.Marshal(int64(of)))), `"`) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// newSQLiteWorld is for what no database answers.
func newSQLiteWorld(t *testing.T) *world {
	t.Helper()
	return newWorld(t, storagetest.SQLite(t))
}
