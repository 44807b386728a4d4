package federation

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"meent/communities"
	"meent/federation/fetch"
	"meent/federation/wire"
	"meent/storage"
	"meent/storage/storagetest"
)

var update = flag.Bool("update", false, "rewrite docs/corpus-routing.md")

const routingTable = "../docs/corpus-routing.md"

// TestCorpusRouting takes every real document that MEENT_CORPUS holds through the table of activities, or in as what was fetched, with
// nothing fetched: each is stored, or left with a reason, never a panic. docs/corpus-routing.md shows the result.
func TestCorpusRouting(t *testing.T) {
	root := os.Getenv("MEENT_CORPUS")
	if root == "" {
		t.Skip("MEENT_CORPUS is not set: no corpus of real documents to route")
	}
	files, err := filepath.Glob(filepath.Join(root, "*", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents in %s (%v)", root, err)
	}
	w := newWorld(t, storagetest.SQLite(t))
	platforms := map[string]*routed{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		platform := filepath.Base(filepath.Dir(file))
		if platforms[platform] == nil {
			platforms[platform] = &routed{reasons: map[string]int{}}
		}
		outcome, reason := w.route(unwrapped([]byte(placeholders.Replace(string(raw)))))
		w.forget()
		if outcome == "" {
			t.Errorf("%s: %s", file, reason)
		}
		t.Logf("%s: %s %s", file, outcome, reason)
		platforms[platform].add(outcome, reason)
	}
	compareRouting(t, routedTable(platforms))
}

// placeholders stand in some fixtures where the server had an id.
var placeholders = strings.NewReplacer("SCRUBBED_ID", "https://kbin.test/scrubbed", "{{domain}}", "placeholder.example",
	`"{{activity_id}}"`, `"https://placeholder.example/1"`, "{{object_id}}", "1", "{{nickname}}", "anna",
	".local/", ".example/", `.local"`, `.example"`)

// errTried undoes what one document brought about, so that the next finds the town as it was.
var errTried = errors.New("tried")

func (w *world) try(ctx context.Context, fn func(tx communities.Tx) error) error {
	err := w.archive.Write(ctx, func(tx communities.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return errTried
	})
	if errors.Is(err, errTried) {
		return nil
	}
	return err
}

// forget drops whom the last document named.
func (w *world) forget() {
	for _, query := range []string{"DELETE FROM keys WHERE private IS NULL", "DELETE FROM actors WHERE host <> ''"} {
		if _, err := w.archive.SQL().ExecContext(context.Background(), query); err != nil {
			w.t.Fatal(err)
		}
	}
	w.road.witnesses = newWitnesses()
}

// routed counts what became of one platform's documents.
type routed struct {
	files, activities, objects, actors, fetches, ignored, refused int
	reasons                                                       map[string]int
}

func (r *routed) add(outcome, reason string) {
	r.files++
	switch outcome {
	case "activity":
		r.activities++
	case "object":
		r.objects++
	case "actor":
		r.actors++
	case "fetch":
		r.fetches++
	case string(storage.Ignored):
		r.ignored++
	default:
		r.refused++
	}
	if reason != "" && outcome != "fetch" {
		r.reasons[reason]++
	}
}

// unwrapped takes the body out of a recorded HTTP reply.
func unwrapped(raw []byte) []byte {
	var reply struct {
		Body    string
		Headers map[string]any
	}
	if json.Unmarshal(bytes.TrimPrefix(raw, []byte("\ufeff")), &reply) == nil && reply.Body != "" && reply.Headers != nil {
		return []byte(reply.Body)
	}
	return raw
}

// route takes one document in, as if somebody here wanted it.
func (w *world) route(raw []byte) (outcome, reason string) {
	ctx := fetch.WithBudget(context.Background(), 0, 0)
	doc, err := wire.Decode(raw)
	if err != nil {
		return verdictAs(err)
	}
	w.meet(ctx, raw)
	switch doc.Kind {
	case wire.KindActivity:
		return w.routeActivity(ctx, doc)
	case wire.KindActor:
		return w.routeActor(ctx, doc)
	case wire.KindObject:
		return w.routeObject(ctx, doc)
	default:
		return string(storage.Ignored), "document-" + map[wire.Kind]string{wire.KindCollection: "collection", wire.KindKey: "key", wire.KindLink: "link"}[doc.Kind]
	}
}

func verdictAs(err error) (outcome, reason string) {
	if isTransient(err) {
		return "", err.Error()
	}
	kind, reason := verdictOf(err)
	if reason == "budget" {
		return "fetch", ""
	}
	return string(kind), reason
}

// meet makes known whoever a document names as actor or author, so that nobody has to be fetched.
func (w *world) meet(ctx context.Context, raw []byte) {
	var value any
	if json.Unmarshal(bytes.TrimPrefix(raw, []byte("\ufeff")), &value) != nil {
		return
	}
	kinds := map[string]string{}
	partiesIn(value, kinds)
	for uri, kind := range kinds {
		host, err := wire.CanonicalHost(uri)
		if err != nil || w.road.isOwnURI(uri) {
			continue
		}
		a := &communities.Actor{
			Kind: communities.ActorKind(kind), Name: "x", Host: host, URI: uri, Endpoints: communities.Endpoints{Inbox: uri + "/inbox", Followers: uri + "/followers"},
		}
		err = w.archive.Write(ctx, func(tx communities.Tx) error {
			_, err := w.town.StoreRemoteActor(ctx, tx, a)
			return err
		})
		if err != nil && communities.KindOf(err) == communities.KindInternal {
			w.t.Fatalf("%s: %v", uri, err)
		}
	}
}

// partiesIn finds the actors and authors of a document and of all within it. Who announces an activity is a group.
func partiesIn(value any, kinds map[string]string) {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			partiesIn(item, kinds)
		}
	case map[string]any:
		for _, name := range []string{"actor", "attributedTo"} {
			uri, ok := value[name].(string)
			if whole, embedded := value[name].(map[string]any); embedded {
				uri, ok = whole["id"].(string)
			}
			if !ok {
				continue
			}
			if inner, ok := value["object"].(map[string]any); ok && value["type"] == "Announce" && inner["actor"] != nil {
				kinds[uri] = "Group"
			} else if kinds[uri] == "" {
				kinds[uri] = "Person"
			}
		}
		for _, member := range value {
			partiesIn(member, kinds)
		}
	}
}

func (w *world) routeActivity(ctx context.Context, doc *wire.Document) (outcome, reason string) {
	a, err := readActivity(doc.Raw, wire.Decode)
	if err != nil {
		return verdictAs(err)
	}
	if !wire.SameOrigin(a.ID, a.Actor) {
		return string(storage.Refused), "origin" // as the inbox does
	}
	actor, err := w.archive.ActorByURI(ctx, a.Actor)
	if err != nil {
		return verdictAs(err)
	}
	actor.FollowersCount = 1
	in := &incoming{Road: w.road, Activity: a, actor: actor, wanted: true}
	effect, err := in.check(ctx)
	if err != nil {
		return verdictAs(err)
	}
	err = w.try(ctx, func(tx communities.Tx) error {
		row := storage.Received{
			ID: communities.ActivityID(w.archive.IDs().Next()), URI: a.ID + "#" + fmt.Sprint(w.archive.IDs().Next()), Kind: a.Type, Body: a.Raw, ReceivedAt: w.road.Now(),
		}
		in.cause = row.ID
		if _, err := storage.Of(tx).Remember(ctx, row); err != nil {
			return err
		}
		return effect(ctx, tx)
	})
	if err != nil {
		return verdictAs(err)
	}
	return "activity", ""
}

func (w *world) routeActor(ctx context.Context, doc *wire.Document) (outcome, reason string) {
	actor, err := doc.Actor()
	if err == nil {
		err = w.try(ctx, func(tx communities.Tx) error {
			_, err := w.road.storeActor(ctx, tx, actor)
			return err
		})
	}
	if err != nil {
		return verdictAs(err)
	}
	return "actor", ""
}

func (w *world) routeObject(ctx context.Context, doc *wire.Document) (outcome, reason string) {
	o, err := doc.Object()
	if err != nil {
		return verdictAs(err)
	}
	in := &incoming{Road: w.road, actor: &communities.Actor{FollowersCount: 1}}
	p, err := in.bringing(ctx, o)
	if err != nil {
		return verdictAs(err)
	}
	err = w.try(ctx, func(tx communities.Tx) error {
		_, err := p.publish(ctx, tx)
		return err
	})
	if err != nil {
		return verdictAs(err)
	}
	return "object", ""
}

func routedTable(platforms map[string]*routed) string {
	var out strings.Builder
	out.WriteString("# What becomes of real documents\n\nMade by `go test ./federation -run TestCorpusRouting -update` with MEENT_CORPUS set. Each document is taken in as if it came from its\n" +
		"actor, or had been fetched, and as if somebody here wanted it; whoever it names is known, and nothing else may be fetched. *Needs a fetch* is\nwhat " +
		"would be read from its origin before it is believed. The reasons are those that the archive keeps with an activity.\n\n" +
		"| platform | files | activities taken | posts taken | actors taken | needs a fetch | ignored | refused | reasons |\n|---|---|---|---|---|---|---|---|---|\n")
	total := routed{}
	for _, name := range slices.Sorted(maps.Keys(platforms)) {
		r := platforms[name]
		var reasons []string
		for _, reason := range slices.Sorted(maps.Keys(r.reasons)) {
			reasons = append(reasons, fmt.Sprintf("%s %d", reason, r.reasons[reason]))
		}
		fmt.Fprintf(&out, "| %s | %d | %d | %d | %d | %d | %d | %d | %s |\n",
			name, r.files, r.activities, r.objects, r.actors, r.fetches, r.ignored, r.refused, strings.Join(reasons, ", "))
		total.files, total.activities, total.objects = total.files+r.files, total.activities+r.activities, total.objects+r.objects
		total.actors, total.fetches = total.actors+r.actors, total.fetches+r.fetches
		total.ignored, total.refused = total.ignored+r.ignored, total.refused+r.refused
	}
	fmt.Fprintf(&out, "| **all** | %d | %d | %d | %d | %d | %d | %d | |\n",
		total.files, total.activities, total.objects, total.actors, total.fetches, total.ignored, total.refused)
	return out.String()
}

func compareRouting(t *testing.T, table string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(routingTable, []byte(table), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	kept, err := os.ReadFile(routingTable)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(kept), table); diff != "" {
		t.Errorf("%s is not what the documents come to now; see -update (-file +now):\n%s", routingTable, diff)
	}
}
