//go:build unix

package hostile_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// caps: what is longer or more than anybody needs is cut.
func (b *siege) caps() {
	p := newPeer(b.t, "other.test")
	long := strings.Repeat("é", 200_000)
	fields, aliases := make([]map[string]string, 1000), make([]string, 1000)
	for i := range fields {
		fields[i] = map[string]string{"type": "PropertyValue", "name": long[:5000], "value": long[:5000]}
		aliases[i] = p.base + "/u/alias" + strconv.Itoa(i)
	}
	big := p.actorWith("Person", "/u/big", "big", map[string]any{"webfinger": "big@" + p.host, "name": long, "alsoKnownAs": aliases})
	many := p.actorWith("Person", "/u/many", "many", map[string]any{"webfinger": "many@" + p.host, "attachment": fields[:60], "summary": long[:100_000]})
	for _, s := range []*stranger{big, many} {
		b.does(s, like)
	}
	options := make([]map[string]string, 2000)
	for i := range options {
		options[i] = map[string]string{"type": "Note", "name": "keuze " + strconv.Itoa(i)}
	}
	raw, err := json.Marshal(options)
	if err != nil {
		b.t.Fatal(err)
	}
	poll := b.sends(big, `{$as2,"id":"$me/poll#c","type":"Create","actor":"$me","to":["$all"],"cc":["$group"],"object":{"id":"$me/poll","type":"Question","attributedTo":"$me","content":"?",`+toAll+`,"oneOf":`+string(raw)+`}}`)
	for what, most := range map[string]int{
		"SELECT length(display_name) FROM actors WHERE uri = '" + big.uri + "'": 2048, "SELECT length(also_known_as) FROM actors WHERE uri = '" + big.uri + "'": 256 * 64,
		"SELECT length(summary) FROM actors WHERE uri = '" + many.uri + "'": 20_100, "SELECT length(fields) FROM actors WHERE uri = '" + many.uri + "'": 50 * 2 * 2150,
		"SELECT count(*) FROM poll_options o JOIN posts p ON p.id = o.post_id WHERE p.uri = '" + big.uri + "/poll'": 500,
	} {
		if n, err := strconv.Atoi(b.text("SELECT CAST((" + what + ") AS TEXT)")); err != nil || n > most {
			b.t.Errorf("%s: %d, at most %d (poll %s, %v)", what, n, most, poll, err)
		}
	}
}

// mentions: thousands of names in a note tell a few people, and cost no request.
func (b *siege) mentions() {
	var tags strings.Builder
	for i := range 4_000 {
		fmt.Fprintf(&tags, `,{"type":"Mention","href":"$evil/u/%d"},{"type":"Hashtag","name":"#t%d"}`, i, i)
	}
	b.does(b.eva, strings.TrimSuffix(note("$me/n24d", "x"), "}}")+`,"tag":[{"type":"Mention","href":"$group"}`+tags.String()+`]}}`)
	if n := b.fetches(); n != 0 {
		b.t.Errorf("%d requests", n)
	}
	post := "post_id = (SELECT id FROM posts WHERE uri = '" + b.eva.uri + "/n24d')"
	if m, h := b.count("mentions WHERE "+post), b.count("hashtags WHERE "+post); m > 50 || h > 100 {
		b.t.Errorf("%d mentions, %d hashtags", m, h)
	}
}

const longWork = 5 * time.Second // for one activity, on a machine that is busy with other tests

// pathological: text that costs a careless reader the square of its length, or more.
func (b *siege) pathological() {
	for i, piece := range []string{"<", "<a ", "<p>", "</", "<!--", "&", "&amp", "@a@", "#", "<a href='", "<b><i>", "[](", "*_", "http://a.", " "} {
		text := strings.Repeat(piece, (900<<10)/len(piece))
		began := time.Now()
		got := b.sends(b.eva, strings.Replace(note("$me/long-"+strconv.Itoa(i), "TEXT"), "TEXT", strings.Trim(quoted(text), `"`), 1))
		if took := time.Since(began); took > longWork || !strings.HasPrefix(got, "done") && !strings.HasPrefix(got, "refused") {
			b.t.Errorf("%q: %s after %v", piece, got, took)
		}
	}
}

// wrongFields: every field absent, null or of a wrong type is refused or does nothing, and nothing breaks.
func (b *siege) wrongFields() {
	docs := []string{
		like, strings.Replace(note("$me/w", "x"), `"type":"Note"`, `"type":"Note","tag":[{"type":"Mention","href":"$group","name":"@g"}],"attachment":{"type":"Image","url":"$me/x","name":"y"},"source":{"content":"x","mediaType":"text/plain"},"published":"2026-01-01T00:00:00Z"`, 1),
		`{$as2,"id":"$me/w","type":"Follow","actor":"$me","object":"$group","attributionDomains":[{"x":1}]}`,
		`{$as2,"id":"$me/w","type":"Undo","actor":"$me","object":{"type":"Like","id":"$me/l","actor":"$me","object":"$theirs"}}`,
		`{$as2,"id":"$me/w","type":"Update","actor":"$me","object":` + b.eva.doc + `}`,
	}
	nth := 0
	for _, doc := range docs {
		var fields map[string]any
		if err := json.Unmarshal([]byte(b.fill(b.eva, doc)), &fields); err != nil {
			b.t.Fatal(err)
		}
		for _, path := range pathsOf(fields, nil) {
			for _, value := range []any{absent{}, nil, 1, true, "", "x", []any{}, []any{nil, 1}, map[string]any{"id": 1}} {
				nth++
				changed := changedAt(fields, path, value)
				if id, ok := changed["id"].(string); ok && len(id) > 1 {
					changed["id"] = b.evil.base + "/field/" + strconv.Itoa(nth)
				}
				raw, err := json.Marshal(changed)
				if err != nil {
					b.t.Fatal(err)
				}
				switch status := b.post(b.eva, "/inbox", string(raw)); status {
				case http.StatusAccepted, http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
				default:
					b.t.Errorf("status %d for %s", status, raw)
				}
			}
		}
	}
	b.quiet()
	if n := b.count("received WHERE outcome = 'failed'"); n != 0 {
		b.t.Errorf("%d activities failed", n)
	}
	if log := b.Log(); strings.Contains(log, "panic") {
		b.t.Error("something panicked")
	}
}

type absent struct{}

// pathsOf lists the paths of all members.
func pathsOf(value any, at []string) (paths [][]string) {
	fields, ok := value.(map[string]any)
	if !ok {
		return nil
	}
	for name, member := range fields {
		path := append(at[:len(at):len(at)], name)
		paths = append(append(paths, path), pathsOf(member, path)...)
	}
	return paths
}

// changedAt copies the document with one member changed.
func changedAt(fields map[string]any, path []string, value any) map[string]any {
	copied := make(map[string]any, len(fields))
	for name, member := range fields {
		copied[name] = member
	}
	if inner, ok := copied[path[0]].(map[string]any); ok && len(path) > 1 {
		copied[path[0]] = changedAt(inner, path[1:], value)
		return copied
	}
	copied[path[0]] = value
	if _, gone := value.(absent); gone {
		delete(copied, path[0])
	}
	return copied
}
