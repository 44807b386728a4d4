package federation

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"meent/federation/fetch"
	"meent/storage"
)

func TestJudge(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		before int // attempts
		status int
		err    error
		want   verdict
	}{
		{"taken in", 0, http.StatusAccepted, nil, delivered},
		{"gone", 0, http.StatusGone, nil, dropped},
		{"not wanted", 0, http.StatusForbidden, nil, rowFailed},
		{"not wanted, again and again", mostRefusals - 1, http.StatusForbidden, nil, dropped},
		{"Lemmy has it already", mostRefusals, http.StatusBadRequest, nil, dropped},
		{"our key cannot be fetched", 1000, http.StatusUnauthorized, nil, rowFailed},
		{"NodeBB cannot fetch what is announced", 1000, http.StatusFailedDependency, nil, rowFailed},
		{"too many", 1000, http.StatusTooManyRequests, nil, hostFailed},
		{"GoToSocial does not accept it", 0, http.StatusInternalServerError, nil, rowFailed},
		{"overloaded", 1000, http.StatusServiceUnavailable, nil, hostFailed},
		{"no answer", 1000, 0, errors.New("timeout"), hostFailed},
		{"moved", 0, http.StatusFound, fetch.ErrRedirect, rowFailed},
		{"forbidden address", 0, 0, fetch.ErrAddress, rowFailed},
	} {
		if got := judge(storage.Delivery{Attempts: tt.before}, fetch.Answer{Status: tt.status}, tt.err); got.verdict != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got.verdict, tt.want)
		}
	}
}

func TestBackoffGrowsToItsBound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 1000).Draw(t, "failures")
		pause := backoff(n)
		if pause < firstPause || pause > longPause+longPause/5 {
			t.Fatalf("after %d failures: %s", n, pause)
		}
		if next := backoff(n + 1); n < 10 && next < pause*13/10 {
			t.Fatalf("after %d failures %s, then %s: does not grow", n, pause, next)
		}
	})
}

// TestInOrder: rows of one object to one inbox stay in one queue, in their order; no row is lost.
func TestInOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOf(rapid.Custom(func(t *rapid.T) storage.Delivery {
			return storage.Delivery{
				Inbox: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "inbox"), ObjectURI: rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "object"),
			}
		})).Draw(t, "rows")
		for i := range rows {
			rows[i].ID = int64(i)
		}
		seen := map[int64]bool{}
		for _, queue := range inOrder(rows) {
			for i, row := range queue {
				seen[row.ID] = true
				if row.Inbox != queue[0].Inbox || row.ObjectURI != queue[0].ObjectURI || i > 0 && row.ID <= queue[i-1].ID {
					t.Fatalf("queue %v", queue)
				}
			}
		}
		if len(seen) != len(rows) {
			t.Fatalf("%d of %d rows", len(seen), len(rows))
		}
	})
}

func TestDialects(t *testing.T) {
	t.Parallel()
	got := map[string]dialect{}
	for _, name := range []string{"Lemmy", "mastodon", "discourse", "meent", "something-new"} {
		got[name] = dialectOf(name)
	}
	want := map[string]dialect{
		"Lemmy": dialectForum, "mastodon": dialectMicroblog, "discourse": dialectLibrary, "meent": dialectMeent, "something-new": dialectUnknown,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestStumbles: one activity that a host chokes on holds nothing else up; several in a row say that the host is broken.
func TestStumbles(t *testing.T) {
	t.Parallel()
	r := &route{}
	answer := func(status int) verdict {
		return r.stumbles(judge(storage.Delivery{}, fetch.Answer{Status: status}, nil)).verdict
	}
	for round := range 2 {
		for range mostStumbles - 1 {
			if got := answer(http.StatusInternalServerError); got != rowFailed {
				t.Fatalf("round %d: %v, want the row alone", round, got)
			}
		}
		if got := answer(http.StatusAccepted); got != delivered {
			t.Fatal(got)
		}
	}
	for range mostStumbles - 1 {
		answer(http.StatusInternalServerError)
	}
	if got := answer(http.StatusInternalServerError); got != hostFailed {
		t.Errorf("after %d in a row: %v, want the host", mostStumbles, got)
	}
}
