package communities

import (
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Ids rise whatever the clock does, all have 19 digits, and two processes never make the same one.
func TestIDsRise(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		clock := time.UnixMilli(rapid.Int64Range(0, 1<<42).Draw(t, "start"))
		now := func() time.Time { return clock }
		ours, err := NewIDs(1, now)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := NewIDs(2, now)
		if err != nil {
			t.Fatal(err)
		}
		seen, last := map[int64]bool{}, int64(0)
		for range rapid.IntRange(1, 600).Draw(t, "count") {
			clock = clock.Add(time.Duration(rapid.IntRange(-2, 2).Draw(t, "step")) * time.Millisecond)
			id, other := ours.Next(), theirs.Next()
			if id <= last || seen[id] || seen[other] || id == other || len(strconv.FormatInt(id, 10)) != 19 {
				t.Fatalf("%d after %d, beside %d", id, last, other)
			}
			seen[id], seen[other], last = true, true, id
		}
	})
}

func TestIDsCarryTheirMoment(t *testing.T) {
	t.Parallel()
	ids, err := NewIDs(255, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ given, want time.Time }{
		{noon.Add(-time.Hour), noon.Add(-time.Hour)},
		{time.UnixMilli(0), time.UnixMilli(0)},
		{time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC), time.UnixMilli(0)},
		{noon.Add(time.Hour), noon},    // nobody writes in the future
		{noon.Add(-time.Minute), noon}, // what is recent keeps the order in which it came
		{time.Time{}, noon},
	} {
		id := ids.At(test.given)
		if got := IDTime(id); got.Sub(test.want) < 0 || got.Sub(test.want) >= time.Second {
			t.Errorf("%s: the id %d says %s", test.given, id, got)
		}
	}
	for _, process := range []int{-1, 256} {
		if _, err := NewIDs(process, time.Now); err == nil {
			t.Errorf("process %d is taken", process)
		}
	}
}

// TestManyPostsOfOneSecond: most software tells seconds only, and a busy group gets many posts in one.
func TestManyPostsOfOneSecond(t *testing.T) {
	t.Parallel()
	ids, err := NewIDs(0, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	const posts = 5000
	seen := map[int64]bool{}
	for range posts {
		seen[ids.At(noon.Add(-time.Hour))] = true
	}
	if len(seen) < posts-posts/100 {
		t.Errorf("%d posts of one second got %d ids", posts, len(seen))
	}
}
