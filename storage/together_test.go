package storage

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"meent/communities"
)

// TestWriteTogether has many write at once, of whom some fail and some panic: nobody else is harmed, and everybody hears of their own end.
func TestWriteTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, w := t.Context(), world{t, db}
		const writers = 60
		refused := errors.New("refused")
		var shared atomic.Int64
		var commits sync.Map
		atOnce(t, writers, func(i int) (err error) {
			defer func() {
				if cause := recover(); (cause != nil) != (i%10 == 7) {
					err = fmt.Errorf("panic: %v", cause)
				}
			}()
			ends := db.WriteTogether(ctx, func(tx communities.Tx) error {
				if err := tx.CreateActor(ctx, &communities.Actor{
					ID: communities.ActorID(w.id()), Kind: communities.Person, Name: fmt.Sprint("p", i), URI: fmt.Sprint("https://here.example/u/p", i),
				}); err != nil {
					return err
				}
				tx.AfterCommit(func() {
					if _, known := commits.LoadOrStore(tx, true); known {
						shared.Add(1)
					}
				})
				switch i % 10 {
				case 3:
					return refused
				case 7:
					panic("bug")
				}
				return nil
			})
			if errors.Is(ends, refused) != (i%10 == 3) || ends != nil && !errors.Is(ends, refused) {
				return fmt.Errorf("writer %d: %w", i, ends)
			}
			return nil
		})
		for i := range writers {
			_, err := db.ActorByName(ctx, fmt.Sprint("p", i), "")
			if undone := i%10 == 3 || i%10 == 7; communities.IsNotFound(err) != undone || !undone && err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
		}
		if shared.Load() == 0 {
			t.Log("nobody shared a commit") // a matter of chance
		}
	})
}
