package mastodon

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// hostileValues are what a query would stumble over that is put together by hand.
var hostileValues = []string{`'`, `"`, `%_!`, "a\x00b", "\xff\xfe", `'; DROP TABLE posts; --`, `{"$gt":""}`, `-1`, `9223372036854775808`, `1e9`, "%"}

// Row P5: whatever an app says in whichever field, it is an answer or a refusal, and never an error of ours.
func TestHostileParameters(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(w *world) {
		phone := w.app(w.bert)
		names := []string{
			"q", "max_id", "min_id", "since_id", "limit", "offset", "order", "type", "id[]", "types[]", "account_id", "account_ids[]", "domain", "name", "title",
			"acct", "any[]", "tagged", "timeline[]", "languages[]", "comment", "replies_policy", "status_id", "display_name", "attribution_domains[]",
		}
		for _, row := range routes {
			if !strings.HasPrefix(row.pattern, "/api/") || strings.HasPrefix(row.pattern, "/api/v1/streaming") || row.perMinute > 0 { // streams do not end
				continue
			}
			for _, value := range hostileValues {
				fields := url.Values{}
				for _, name := range names {
					fields.Set(name, value)
				}
				path := row.pattern
				for _, part := range []string{"{id}", "{name}", "{hashtag}", "{group_key}", "{first}", "{second}", "{year}", "{item}"} {
					path = strings.ReplaceAll(path, part, url.PathEscape(value))
				}
				answer := phone.call(row.method, path+"?"+fields.Encode(), fields)
				if answer.status >= http.StatusInternalServerError {
					t.Errorf("%s %s with %q: %d %s", row.method, row.pattern, value, answer.status, answer.body)
				}
			}
		}
	})
}
