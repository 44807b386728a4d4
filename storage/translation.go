package storage

import (
	"context"
	"time"

	"meent/communities"
)

// translationsKept is how long a translation is kept: long enough to spare the service, and no archive of what people have edited or deleted since.
const translationsKept = 7 * 24 * time.Hour

// Translation finds what a service made of a version of a post in a language, as it was kept.
func (r reads) Translation(ctx context.Context, post communities.PostID, language string, version time.Time) (string, error) {
	var body string
	err := r.idb.NewRaw("SELECT body FROM translations WHERE post_id = ? AND language = ? AND of_at = ?", post, language, momentOf(version)).
		Scan(ctx, &body)
	return body, found(err, "read translation of", post)
}

// PutTranslation keeps what a service made of a version of a post, and forgets what is old.
func (tx *Tx) PutTranslation(ctx context.Context, post communities.PostID, language string, version time.Time, body string, now time.Time) error {
	b := tx.batch()
	b.add("DELETE FROM translations WHERE created_at < ?", momentOf(now.Add(-translationsKept)))
	b.add(`INSERT INTO translations (post_id, language, of_at, body, created_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (post_id, language) DO UPDATE SET of_at = EXCLUDED.of_at, body = EXCLUDED.body, created_at = EXCLUDED.created_at`,
		post, language, momentOf(version), body, momentOf(now))
	return found(b.exec(ctx), "keep translation of", post)
}
