package communities

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// picture puts another picture in the place of one of an actor's, or another description beside it, and has the bytes of the one before
// deleted. Nil changes nothing; an empty one takes the picture away.
func (t *Town) picture(ctx context.Context, tx Tx, a *Actor, is, wanted *Image, purpose Purpose) error {
	if wanted == nil {
		return nil
	}
	had := *is
	*is = *wanted
	if is.Alt = strings.TrimSpace(is.Alt); utf8.RuneCountInString(is.Alt) > MaxAlt {
		return Invalidf("a description has at most %d characters", MaxAlt)
	}
	if is.Media == had.Media && is.Media != 0 {
		is.URL, is.MediaType = had.URL, had.MediaType
		return nil
	}
	if is.Media != 0 {
		m, err := t.usable(ctx, tx, a.ID, is.Media, purpose)
		if err != nil {
			return err
		}
		is.URL, is.MediaType, m.ExpiresAt = m.File.URL, m.File.MediaType, time.Time{}
		if err := tx.UpdateMedia(ctx, m); err != nil {
			return fmt.Errorf("picture of %s: %w", a.Name, err)
		}
	}
	if had.Media == 0 {
		return nil
	}
	return t.letGo(ctx, tx, []Attachment{{Media: had.Media}}, 0)
}
