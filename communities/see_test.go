package communities

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestMaySee(t *testing.T) {
	t.Parallel()
	viewers := map[string]struct {
		Viewer
		facts SeeFacts
	}{
		"anybody":           {},
		"stranger":          {Viewer: Viewer{Actor: 1}},
		"author":            {Viewer{Actor: 1}, SeeFacts{Own: true}},
		"follower":          {Viewer{Actor: 1}, SeeFacts{Follows: true}},
		"mentioned":         {Viewer{Actor: 1}, SeeFacts{Mentioned: true}},
		"member":            {Viewer{Actor: 1}, SeeFacts{Member: true}},
		"moderator":         {Viewer{Actor: 1}, SeeFacts{Member: true, Moderator: true}},
		"blocked":           {Viewer{Actor: 1}, SeeFacts{Blocked: true}},
		"blocked follower":  {Viewer{Actor: 1}, SeeFacts{Blocked: true, Follows: true}},
		"blocked mentioned": {Viewer{Actor: 1}, SeeFacts{Blocked: true, Mentioned: true}},
		"blocked moderator": {Viewer{Actor: 1}, SeeFacts{Blocked: true, Member: true, Moderator: true}},
		"host":              {Viewer: Viewer{Host: "far.example"}},
		"author's host":     {Viewer{Host: "far.example"}, SeeFacts{Own: true}},
		"follower's host":   {Viewer{Host: "far.example"}, SeeFacts{Follows: true}},
		"mentioned's host":  {Viewer{Host: "far.example"}, SeeFacts{Mentioned: true}},
	}
	const (
		all  = "anybody, stranger, author, follower, mentioned, member, moderator, host, author's host, follower's host, mentioned's host"
		own  = "author, author's host"
		kept = own + ", moderator"
	)
	audiences := map[Visibility]string{
		Public:    all,
		Unlisted:  all,
		Followers: own + ", follower, mentioned, follower's host, mentioned's host",
		Direct:    own + ", mentioned, mentioned's host",
		GroupOnly: own + ", member, moderator",
		"":        own,
		"private": own, // what is not known is shown to nobody
	}
	for visibility, seen := range audiences {
		moderated := own
		if visibility.Open() || visibility == GroupOnly {
			moderated = kept
		}
		for _, state := range []struct {
			name   string
			change func(*SeeFacts)
			seen   string
		}{
			{"standing", func(*SeeFacts) {}, seen},
			{"removed", func(f *SeeFacts) { f.Post.Removal.At = noon }, moderated},
			{"deleted", func(f *SeeFacts) { f.Post.DeletedAt = noon }, ""},
			{"author suspended", func(f *SeeFacts) { f.AuthorActive = false }, ""},
		} {
			t.Run(fmt.Sprintf("%s/%s", visibility, state.name), func(t *testing.T) {
				t.Parallel()
				for name, viewer := range viewers {
					f := viewer.facts
					f.Post, f.AuthorActive = &Post{Visibility: visibility}, true
					state.change(&f)
					if got, want := MaySee(viewer.Viewer, f), slices.Contains(strings.Split(state.seen, ", "), name); got != want {
						t.Errorf("%s: sees = %t, want %t", name, got, want)
					}
				}
			})
		}
	}
}

// A fact about somebody can give nothing to a viewer of whom nothing is known.
func TestAnybodySeesOnlyWhatIsOpen(t *testing.T) {
	t.Parallel()
	for v := range audience {
		f := SeeFacts{Post: &Post{Visibility: v}, AuthorActive: true, Own: true, Follows: true, Mentioned: true, Member: true, Moderator: true}
		if got := MaySee(Viewer{}, f); got != v.Open() {
			t.Errorf("%s: anybody sees = %t", v, got)
		}
	}
}
