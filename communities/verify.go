package communities

import (
	"context"
	"fmt"
	"html"
	"strings"
	"time"
)

// Link returns the address that is all there is in a field; "" when it says something else. Only such an address can be verified.
func (f Field) Link() string {
	rest, is := strings.CutPrefix(f.Value, `<a href="`)
	href, rest, closed := strings.Cut(rest, `"`)
	if !is || !closed || strings.Count(rest, "</a>") != 1 || !strings.HasSuffix(rest, "</a>") {
		return ""
	}
	return html.UnescapeString(href)
}

// VerifyLinks is the task to look whether the pages that a profile of this node names point back to it (rel=me).
type VerifyLinks struct {
	Actor ActorID   `json:"actor"`
	Tries int       `json:"tries,omitempty"`
	After time.Time `json:"after,omitzero"`
}

// Kind implements [Task].
func (VerifyLinks) Kind() string { return "verify_links" }

// NotBefore implements [Timed].
func (v VerifyLinks) NotBefore() time.Time { return v.After }

// verifyLater has the links of a profile looked at, where there are any.
func (t *Town) verifyLater(ctx context.Context, tx Tx, a *Actor) error {
	for _, f := range a.Fields {
		if f.Link() != "" {
			return tx.Enqueue(ctx, VerifyLinks{Actor: a.ID, After: t.now()})
		}
	}
	return nil
}

// Verified notes which links of a profile point back: those that were looked at. A field that was changed meanwhile waits for its own turn.
func (t *Town) Verified(ctx context.Context, tx Tx, actor ActorID, pointsBack map[string]bool) error {
	a, err := tx.Actor(ctx, actor)
	if err != nil {
		return err
	}
	changed := false
	for i, f := range a.Fields {
		back, looked := pointsBack[f.Link()]
		if !looked || back == !f.VerifiedAt.IsZero() {
			continue
		}
		changed, a.Fields[i].VerifiedAt = true, time.Time{}
		if back {
			a.Fields[i].VerifiedAt = t.now()
		}
	}
	if !changed {
		return nil
	}
	if err := tx.UpdateActor(ctx, a); err != nil {
		return fmt.Errorf("note the links of %s: %w", a.Name, err)
	}
	return nil
}
