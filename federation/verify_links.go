package federation

import (
	"context"
	"errors"
	"mime"
	"time"

	"meent/communities"
	"meent/communities/text"
	"meent/federation/fetch"
)

const (
	verifyTries = 3 // of pages that do not answer
	verifyPause = time.Hour
	acceptHTML  = "text/html, application/xhtml+xml;q=0.9"
)

// verifyLinks reads the pages that a profile of this node names, by the one client that leaves the node, and notes which point back. A page
// that does not answer is tried again later, and keeps until then what was known of it.
func (r *Road) verifyLinks(ctx context.Context, task communities.VerifyLinks) error {
	actor, err := r.archive.Actor(ctx, task.Actor)
	if err != nil || !actor.Active() {
		return quietly(err)
	}
	looked, again := map[string]bool{}, false
	for _, field := range actor.Fields {
		link := field.Link()
		if _, done := looked[link]; link == "" || done {
			continue
		}
		back, err := r.pointsBack(ctx, link, actor.URI, actor.URL)
		var status *fetch.StatusError
		if gone := errors.As(err, &status) && status.Status < 500; err != nil && !gone {
			r.Log.DebugContext(ctx, "a page that a profile names does not answer", "page", link, "error", err)
			again = true
			continue
		}
		looked[link] = back
	}
	return r.archive.Write(ctx, func(tx communities.Tx) error {
		if again && task.Tries+1 < verifyTries {
			task.Tries, task.After = task.Tries+1, r.Now().Add(verifyPause)
			if err := tx.Enqueue(ctx, task); err != nil {
				return err
			}
		}
		return quietly(r.town.Verified(ctx, tx, task.Actor, looked))
	})
}

func (r *Road) pointsBack(ctx context.Context, page string, addresses ...string) (bool, error) {
	response, err := r.client.Get(ctx, page, acceptHTML, nil)
	if err != nil {
		return false, err
	}
	media, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if err != nil || media != "text/html" && media != "application/xhtml+xml" {
		return false, nil //nolint:nilerr // what is no page points nowhere
	}
	return text.PointsBack(response.Body, response.FinalURL, addresses...), nil
}
