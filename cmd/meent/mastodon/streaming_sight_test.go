package mastodon

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"meent/communities"
	"meent/storage"
)

// gaze is somebody with every stream open, and the timeline that each continues.
type gaze struct {
	app
	name   string
	person *communities.Actor
	stream *listener
	lists  []string
}

// boards are the timelines by which streams are measured.
func (g gaze) boards() map[string]string {
	all := map[string]string{
		"user": "home", "public": "public?", "public:local": "public?local=1", "public:remote": "public?remote=1",
		"public:media": "public?only_media=1", "public:local:media": "public?local=1&only_media=1",
		"public:remote:media": "public?remote=1&only_media=1", "hashtag verkeer": "tag/verkeer?", "hashtag:local verkeer": "tag/verkeer?local=1",
	}
	for _, list := range g.lists {
		all["list "+list] = "list/" + list
	}
	return all
}

func (w *world) gaze(name string, person *communities.Actor, lists ...string) *gaze {
	g := &gaze{app: w.app(person), name: name, person: person, lists: lists}
	var requests []string
	for board := range g.boards() {
		kind, param, _ := strings.Cut(board, " ")
		requests = append(requests, fmt.Sprintf(`{"type":"subscribe","stream":%q,"tag":%q,"list":%q}`, kind, param, param))
	}
	g.stream = g.socket(append(requests, subscribe("user:notification"))...)
	return g
}

// caught is what came on a board, by id.
type caught map[string]map[string]string

func (c caught) put(board, id, payload string) {
	if c[board] == nil {
		c[board] = map[string]string{}
	}
	c[board][id] = payload
}

// gather takes what came until the mark, by event.
func (g *gaze) gather(mark string) map[string]caught {
	g.w.t.Helper()
	got := map[string]caught{"update": {}, "status.update": {}, "delete": {}, "notification": {}}
	for _, e := range g.stream.until(func(e event) bool { return e.Event == "announcement.delete" && e.Payload == mark }) {
		if list := got[e.Event]; list != nil {
			var named struct{ ID string }
			if json.Unmarshal([]byte(e.Payload), &named) != nil {
				named.ID = e.Payload
			}
			list.put(strings.Join(e.Stream, " "), named.ID, e.Payload)
		}
	}
	return got
}

// read takes a timeline as it is, by id.
func (g *gaze) read(path string) map[string]string {
	g.w.t.Helper()
	mark := "?"
	if strings.Contains(path, "?") {
		mark = "&"
	}
	answer := g.get(path + mark + "limit=40")
	if answer.status == http.StatusNotFound { // a list that is no longer theirs
		return nil
	}
	var items []json.RawMessage
	answer.ok(&items)
	list := map[string]string{}
	for _, item := range items {
		var named struct{ ID string }
		g.w.must(json.Unmarshal(item, &named))
		list[named.ID] = string(bytes.TrimSpace(item))
	}
	return list
}

func (g *gaze) timelines() caught {
	all := caught{}
	for board, path := range g.boards() {
		if answer := g.read("/api/v1/timelines/" + path); len(answer) > 0 {
			all[board] = answer
		}
	}
	return all
}

// news is what timelines hold that is newer than an id.
func news(since string, after caught) caught {
	fresh := caught{}
	for board, list := range after {
		for id, payload := range list {
			if id > since {
				fresh.put(board, id, payload)
			}
		}
	}
	return fresh
}

// SECURITY X4, for streams: in a town where everybody follows, blocks, mutes and joins whom they please, each stream brings to each person
// exactly what its timeline shows to them after the act, in the same words; and nothing else.
func TestStreamsShowWhatIsRead(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		const rounds, most = 40, 400 // at least, and at most where some kind of event has not come yet
		seed := rand.Uint64()
		t.Cleanup(func() {
			if t.Failed() {
				t.Logf("seed %d", seed)
			}
		})
		r := sightings{world: w, Rand: rand.New(rand.NewPCG(1, seed)), came: map[string]int{}}
		r.people = []*communities.Actor{w.anna, w.bert, w.cor, w.remote}
		fietsen := id(w.fietsen.ID)
		r.gazes = []*gaze{w.gaze("anna", w.anna, fietsen, r.list(w.anna, w.bert, w.remote)), w.gaze("bert", w.bert, fietsen), w.gaze("cor", w.cor, r.list(w.cor, w.anna, w.fietsen))}
		r.posts = []communities.PostID{w.thread.ID, w.plain.ID, w.poll.ID, w.afar.ID}
		r.attempt(func(ctx context.Context, tx communities.Tx) error {
			_, err := w.town.Follow(ctx, tx, communities.Following{Follower: w.anna.ID, Followee: w.fietsen.ID})
			return err
		})
		for _, g := range r.gazes { // also those who could not listen to a list at first
			g.stream.say(`{"type":"subscribe","stream":"list","list":"` + id(w.fietsen.ID) + `"}`)
			g.stream.settle()
		}
		for i := 0; i < rounds || i < most && r.missing() != ""; i++ {
			r.relate()
			r.settle()
			r.round(i)
		}
		if kind := r.missing(); kind != "" {
			t.Errorf("no %s came, which proves nothing", kind)
		}
	})
}

// What was removed goes a second time from those who still could see it: its author and the moderators of its group.
func TestWhatWasRemovedGoesFromModerators(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		r := sightings{world: w, gazes: []*gaze{w.gaze("anna", w.anna), w.gaze("bert", w.bert), w.gaze("cor", w.cor)}}
		for _, follower := range []*communities.Actor{w.anna, w.cor} {
			r.attempt(func(ctx context.Context, tx communities.Tx) error {
				_, err := w.town.Follow(ctx, tx, communities.Following{Follower: follower.ID, Followee: w.bert.ID})
				return err
			})
		}
		post := w.post(communities.Draft{Author: w.bert.ID, Group: w.fietsen.ID, Title: "Titel", Source: "#verkeer"})
		for _, then := range []struct {
			do   func(ctx context.Context, tx communities.Tx) error
			goes map[string]bool
		}{
			{func(ctx context.Context, tx communities.Tx) error {
				return w.town.Remove(ctx, tx, communities.Moderation{Post: post.ID, By: w.anna.ID, Reason: "x"})
			}, map[string]bool{"cor": true}},
			{func(ctx context.Context, tx communities.Tx) error {
				return w.town.Delete(ctx, tx, communities.Deletion{Post: post.ID, By: w.bert.ID})
			}, map[string]bool{"anna": true, "bert": true}},
		} {
			r.settle()
			w.do(then.do)
			mark := r.mark()
			for _, g := range r.gazes {
				if _, gone := g.gather(mark)["delete"]["user"][id(post.ID)]; gone != then.goes[g.name] {
					t.Errorf("it went from %s: %t", g.name, gone)
				}
			}
		}
	})
}

// endless tells of answers that do not end; the tests here look at them.
func endless(row row) bool {
	return within(row.pattern, streamPath+"/") && !within(row.pattern, streamPath+"/health")
}

// SECURITY X4, for streams: everybody of the matrix listens while the posts are made, changed and taken away.
func TestStreamMatrix(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		s := w.theatre()
		gazes := map[string]*gaze{}
		for _, name := range spectators {
			gazes[name] = w.gaze(name, s.people[name])
		}
		s.posts = nil
		removed, deleted := s.play()
		for _, post := range s.posts {
			s.phones[author].call(http.MethodPut, "/api/v1/statuses/"+post.id, url.Values{"status": {post.word + " anders #verkeer"}, "spoiler_text": {post.word}})
		}
		s.takeAway(removed, deleted)
		w.do(func(_ context.Context, tx communities.Tx) error {
			storage.Of(tx).Signal(storage.Signal{Event: "announcement.delete", ID: 1})
			return nil
		})
		for name, g := range gazes {
			heard := 0
			for _, e := range g.stream.until(func(e event) bool { return e.Event == "announcement.delete" }) {
				for _, post := range s.posts {
					early := post.kind == "removed" || post.kind == "deleted" // seen until then by who saw the public one
					seen := slices.Contains(post.seen, name) || early && name != refused
					if !post.in([]byte(e.Payload), "") {
						continue
					}
					if heard++; !seen {
						t.Errorf("%s on %v tells %s of a %s post: %s", e.Event, e.Stream, name, post.kind, e.Payload)
					}
				}
			}
			if heard == 0 && name != refused {
				t.Errorf("%s hears nothing, which proves nothing", name)
			}
		}
	})
}

// sightings are a random life in the town.
type sightings struct {
	*world
	*rand.Rand
	gazes  []*gaze
	people []*communities.Actor
	posts  []communities.PostID
	marks  int
	came   map[string]int // by event
}

// missing is a kind of event that has not come yet; "" for none.
func (r *sightings) missing() string {
	for _, kind := range []string{"update", "status.update", "delete", "notification"} {
		if r.came[kind] == 0 {
			return kind
		}
	}
	return ""
}

// list makes a list of whom its owner follows.
func (r *sightings) list(owner *communities.Actor, members ...*communities.Actor) string {
	r.t.Helper()
	l := storage.List{ID: storage.ListID(r.archive.IDs().Next()), Owner: owner.ID, Title: "Lijst", Replies: pick(r, []storage.Replies{storage.RepliesList, storage.RepliesFollowed, storage.RepliesNone})}
	r.do(func(ctx context.Context, tx communities.Tx) error {
		if err := storage.Of(tx).PutList(ctx, l, nil); err != nil {
			return err
		}
		for _, member := range members {
			if _, err := r.town.Follow(ctx, tx, communities.Following{Follower: owner.ID, Followee: member.ID}); err != nil {
				return err
			}
			if err := storage.Of(tx).AddToList(ctx, l, 10, member.ID); communities.KindOf(err) == communities.KindInternal {
				return err
			}
		}
		return nil
	})
	return id(l.ID)
}

func (r *sightings) attempt(work func(ctx context.Context, tx communities.Tx) error) {
	r.t.Helper()
	ctx := context.WithoutCancel(r.t.Context())
	err := r.town.Write(ctx, func(tx communities.Tx) error { return work(ctx, tx) })
	if err != nil && communities.KindOf(err) == communities.KindInternal {
		r.t.Fatal(err)
	}
}

func pick[T any](r *sightings, list []T) T { return list[r.IntN(len(list))] }

// relate changes how some stand to others.
func (r *sightings) relate() {
	r.t.Helper()
	for range r.IntN(3) {
		a, b := pick(r, r.people[:3]), pick(r, append([]*communities.Actor{r.fietsen}, r.people...))
		if a == b {
			continue
		}
		relations := []func(ctx context.Context, tx communities.Tx) error{
			func(ctx context.Context, tx communities.Tx) error {
				_, err := r.town.Follow(ctx, tx, communities.Following{Follower: a.ID, Followee: b.ID})
				return err
			},
			func(ctx context.Context, tx communities.Tx) error {
				return r.town.Block(ctx, tx, communities.Blocking{Blocker: a.ID, Blocked: b.ID})
			},
			func(ctx context.Context, tx communities.Tx) error {
				return r.town.Unblock(ctx, tx, communities.Blocking{Blocker: a.ID, Blocked: b.ID})
			},
			func(ctx context.Context, tx communities.Tx) error {
				return storage.Of(tx).PutMute(ctx, storage.Mute{Muter: a.ID, Muted: b.ID, Notifications: r.IntN(2) == 0, CreatedAt: time.Now()})
			},
			func(ctx context.Context, tx communities.Tx) error {
				return storage.Of(tx).DeleteMute(ctx, a.ID, b.ID)
			},
			func(ctx context.Context, tx communities.Tx) error {
				return storage.Of(tx).FollowTag(ctx, a.ID, "verkeer", 10)
			},
			func(ctx context.Context, tx communities.Tx) error {
				return storage.Of(tx).UnfollowTag(ctx, a.ID, "verkeer")
			},
			func(ctx context.Context, tx communities.Tx) error {
				return storage.Of(tx).PutHostBlock(ctx, a.ID, r.remote.Host)
			},
			func(ctx context.Context, tx communities.Tx) error {
				return storage.Of(tx).DeleteHostBlock(ctx, a.ID, r.remote.Host)
			},
			func(ctx context.Context, tx communities.Tx) error {
				return storage.Of(tx).MuteThread(ctx, a.ID, pick(r, r.posts), time.Now())
			},
			func(ctx context.Context, tx communities.Tx) error {
				return r.town.React(ctx, tx, communities.Reacting{Post: pick(r, r.posts), By: a.ID, Kind: communities.Favourite})
			},
			func(ctx context.Context, tx communities.Tx) error {
				return storage.Of(tx).PutFilter(ctx, &storage.Filter{
					ID: storage.FilterID(r.archive.IDs().Next()), Actor: a.ID, Title: "x", Contexts: []string{"home", "public"}, Action: "warn",
					Keywords: []storage.FilterKeyword{{ID: storage.FilterID(r.archive.IDs().Next()), Word: pick(r, []string{"appel", "peer"})}},
				})
			},
		}
		r.attempt(pick(r, append(relations, relations[0], relations[0], relations[2], relations[4])))
	}
}

// round lets somebody do something, and compares for each what came with what is there.
func (r *sightings) round(number int) {
	r.t.Helper()
	before, could := map[*gaze]caught{}, map[*gaze]map[communities.PostID]bool{}
	for _, g := range r.gazes {
		before[g] = g.timelines()
		could[g] = map[communities.PostID]bool{}
		for _, post := range r.posts {
			could[g][post] = g.get("/api/v1/statuses/"+id(post)).status == http.StatusOK
		}
	}
	since := fmt.Sprint(r.archive.IDs().Next())
	what := r.act()
	mark := r.mark()
	for _, g := range r.gazes {
		told := fmt.Sprintf("round %d, %s, to %s", number, what, g.name)
		got := g.gather(mark)
		for kind, boards := range got {
			for _, list := range boards {
				r.came[kind] += len(list)
			}
		}
		r.compareNews(told, g, news(since, g.timelines()), got["update"])
		r.compareEdits(told, g, got["status.update"])
		r.compareGone(told, g, before[g], could[g], got["delete"])
		r.compareNotices(told, g, got["notification"])
	}
}

// settle waits until what happened has come.
func (r *sightings) settle() {
	r.t.Helper()
	mark := r.mark()
	for _, g := range r.gazes {
		g.gather(mark)
	}
}

// mark is told to all after everything that has happened.
func (r *sightings) mark() string {
	r.t.Helper()
	r.marks++
	r.attempt(func(_ context.Context, tx communities.Tx) error {
		storage.Of(tx).Signal(storage.Signal{Event: "announcement.delete", ID: int64(r.marks)})
		return nil
	})
	return fmt.Sprint(r.marks)
}

// compareNews leaves out boards that the person does not listen to: a list that is theirs only since.
func (r *sightings) compareNews(told string, g *gaze, fresh, came caught) {
	r.t.Helper()
	for board := range came {
		if kind, list, _ := strings.Cut(board, " "); kind == "list" && !slices.Contains(g.lists, list) {
			if g.get("/api/v1/timelines/list/"+list).status != http.StatusOK {
				r.t.Errorf("%s: %s came, which is not theirs", told, board)
			}
			delete(came, board)
		}
	}
	if diff := cmp.Diff(fresh, came); diff != "" {
		r.t.Errorf("%s (-read +came):\n%s", told, diff)
	}
}

func (r *sightings) compareEdits(told string, g *gaze, came caught) {
	r.t.Helper()
	for board, list := range came {
		for post, payload := range list {
			answer := g.get("/api/v1/statuses/" + post)
			if answer.status != http.StatusOK {
				r.t.Errorf("%s: on %s a change of %s, which they cannot read", told, board, post)
				continue
			}
			var read, said seen
			answer.ok(&read)
			r.must(json.Unmarshal([]byte(payload), &said))
			if read.Content != said.Content {
				r.t.Errorf("%s: on %s %q, and it reads %q", told, board, said.Content, read.Content)
			}
		}
	}
}

// compareGone: who hears that a post is gone could read it before, and can no longer; and who had it at home hears it.
func (r *sightings) compareGone(told string, g *gaze, before caught, could map[communities.PostID]bool, came caught) {
	r.t.Helper()
	for board, list := range came {
		for gone := range list {
			post, err := parseID[communities.PostID](gone)
			r.must(err)
			if known, kept := could[post]; kept && !known && before["user"][gone] == "" {
				r.t.Errorf("%s: on %s that %s is gone, which they could not read", told, board, gone)
			}
			if g.get("/api/v1/statuses/"+gone).status == http.StatusOK {
				r.t.Errorf("%s: on %s that %s is gone, and it is there", told, board, gone)
			}
		}
	}
	home := g.read("/api/v1/timelines/home")
	for had, payload := range before["user"] {
		if home[had] == "" && came["user"][had] == "" && len(before["user"]) < 30 && g.follows(payload) {
			r.t.Errorf("%s: %s went from home, and nobody said so", told, had)
		}
	}
}

// follows tells whether the person follows who wrote or shared a status: what came home earlier may go unsaid.
func (g *gaze) follows(payload string) bool {
	g.w.t.Helper()
	var status struct{ Account struct{ ID string } }
	g.w.must(json.Unmarshal([]byte(payload), &status))
	var ties []struct{ Following bool }
	g.get("/api/v1/accounts/relationships?id[]=" + status.Account.ID).ok(&ties)
	return len(ties) == 1 && ties[0].Following
}

func (r *sightings) compareNotices(told string, g *gaze, came caught) {
	r.t.Helper()
	for board, list := range came {
		for notice, payload := range list {
			if answer := g.get("/api/v1/notifications/" + notice); strings.TrimSpace(string(answer.body)) != payload {
				r.t.Errorf("%s: on %s %s, and it reads %s", told, board, payload, answer.body)
			}
		}
	}
}

// act does something that others may see.
func (r *sightings) act() string {
	r.t.Helper()
	by, post := pick(r, r.people), pick(r, r.posts)
	switch r.IntN(12) {
	case 0:
		r.attempt(func(ctx context.Context, tx communities.Tx) error {
			return r.town.Delete(ctx, tx, communities.Deletion{Post: post, By: r.author(ctx, tx, post)})
		})
		return "deleted " + id(post)
	case 1:
		r.attempt(func(ctx context.Context, tx communities.Tx) error {
			return r.town.Remove(ctx, tx, communities.Moderation{Post: post, By: r.anna.ID, Reason: "x"})
		})
		return "removed " + id(post)
	case 2, 5:
		r.attempt(func(ctx context.Context, tx communities.Tx) error {
			_, err := r.town.Edit(ctx, tx, post, communities.Draft{Author: r.author(ctx, tx, post), Source: fmt.Sprint("anders ", r.Int()), Content: "<p>anders</p>"})
			return err
		})
		return "edited " + id(post)
	case 3, 4:
		r.attempt(func(ctx context.Context, tx communities.Tx) error {
			_, err := r.town.Boost(ctx, tx, communities.Boosting{Post: post, By: by.ID, URI: r.uri(by)})
			return err
		})
		return by.Name + " boosted " + id(post)
	}
	return r.write(by, post)
}

func (r *sightings) author(ctx context.Context, tx communities.Tx, post communities.PostID) communities.ActorID {
	p, err := tx.Post(ctx, post)
	r.must(err)
	return p.Author
}

func (r *sightings) uri(by *communities.Actor) string {
	if by != r.remote {
		return ""
	}
	return fmt.Sprintf("https://ergens.example/notes/%d", r.Int())
}

// write publishes something, in a group or not, as an answer or not, to whomever.
func (r *sightings) write(by *communities.Actor, parent communities.PostID) string {
	r.t.Helper()
	word := pick(r, []string{"appel", "peer", "pruim"})
	draft := communities.Draft{
		Author: by.ID, Source: "Over een " + word + " #verkeer", Hashtags: []string{"verkeer"}, URI: r.uri(by),
		Visibility: pick(r, []communities.Visibility{communities.Public, communities.Public, communities.Unlisted, communities.Followers, communities.Direct}),
	}
	if by == r.remote {
		draft.Content, draft.Source = "<p>"+draft.Source+"</p>", ""
	}
	if r.IntN(3) == 0 {
		draft.Mentions = []communities.ActorID{pick(r, r.people[:3]).ID}
	}
	switch r.IntN(4) {
	case 0:
		draft.InReplyTo = parent
	case 1:
		draft.Group, draft.Title = pick(r, []communities.ActorID{r.fietsen.ID, r.besloten.ID}), "Titel"
		draft.Visibility = pick(r, []communities.Visibility{"", communities.Public, communities.GroupOnly})
	}
	if by != r.remote && r.IntN(6) == 0 {
		draft.Quotes = pick(r, r.posts)
	}
	if by == r.remote && r.IntN(2) == 0 {
		draft.Attachments = []communities.Attachment{{Kind: "image", URL: "https://ergens.example/2.png", MediaType: "image/png"}}
	}
	var made *communities.Post
	r.attempt(func(ctx context.Context, tx communities.Tx) (err error) {
		made = nil
		if made, err = r.town.Publish(ctx, tx, draft); err != nil {
			made = nil
		}
		return err
	})
	if made == nil {
		return by.Name + " was not allowed to write"
	}
	r.posts = append(r.posts, made.ID)
	return fmt.Sprintf("%s wrote %d, %s in %d answering %d to %v", by.Name, made.ID, made.Visibility, made.Group, made.InReplyTo, url.Values{"m": {fmt.Sprint(draft.Mentions)}})
}
