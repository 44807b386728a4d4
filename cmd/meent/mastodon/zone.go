package mastodon

import "time"

// zone finds a time zone; UTC for one that is not known.
func zone(name string) *time.Location {
	if found, err := time.LoadLocation(name); err == nil {
		return found
	}
	return time.UTC
}
