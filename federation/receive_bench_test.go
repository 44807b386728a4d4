package federation

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"testing"
	"time"

	"meent/communities"
	"meent/federation/wire"
	"meent/storage"
	"meent/storage/storagetest"
)

// BenchmarkIngest takes signed Creates, from the request to the post. Its floor is [BenchmarkIngestFloor].
func BenchmarkIngest(b *testing.B) {
	onEach(b, func(b *testing.B, w *world) {
		bo := w.peer("elders.test").person("bo")
		if status := bo.post("/inbox", publicNote("warm", `"content":"x"`)); status != http.StatusAccepted {
			b.Fatal(status)
		}
		w.work()
		requests := make([]*http.Request, b.N)
		for i := range requests {
			requests[i] = bo.request("/inbox", publicNote(itoa(i), `"content":"<p>Wanneer komt de speeltuin? De oude is al een jaar dicht.</p>"`))
		}
		b.ResetTimer()
		for _, req := range requests {
			if status := w.answer(req); status != http.StatusAccepted {
				b.Fatal(status)
			}
		}
		for {
			rows, err := w.archive.ClaimReceived(b.Context(), time.Now(), receiveLease, claimAtOnce)
			if err != nil {
				b.Fatal(err)
			}
			if len(rows) == 0 {
				break
			}
			for _, row := range rows {
				w.road.work(b.Context(), row)
			}
		}
		b.StopTimer()
		if n := w.count("posts WHERE kind <> 'boost'"); n != b.N+1 {
			b.Fatalf("%d posts of %d", n, b.N+1)
		}
	})
}

// BenchmarkIngestFloor is what no server can do without: one RSA verification, one look at the document by the vocabulary, one commit.
func BenchmarkIngestFloor(b *testing.B) {
	onEach(b, func(b *testing.B, w *world) {
		bo := w.peer("elders.test").person("bo")
		body := []byte(bo.fill(publicNote("1", `"content":"<p>Wanneer komt de speeltuin? De oude is al een jaar dicht.</p>"`)))
		made := signBytes(b, bo.key, body)
		sum := sha256.Sum256(body)
		for i := range b.N {
			if err := verifyBytes(bo.key, sum, made); err != nil {
				b.Fatal(err)
			}
			if _, err := wire.Decode(body); err != nil {
				b.Fatal(err)
			}
			err := w.archive.Write(b.Context(), func(tx communities.Tx) error {
				_, err := storage.Of(tx).Remember(b.Context(), storage.Received{
					ID: communities.ActivityID(w.archive.IDs().Next()), URI: fmt.Sprint(i), Body: body, ReceivedAt: time.Now(),
				})
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

func onEach(b *testing.B, bench func(b *testing.B, w *world)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) { bench(b, newWorld(b, storagetest.SQLite(b))) })
	b.Run("postgres", func(b *testing.B) { bench(b, newWorld(b, storagetest.Postgres(b))) })
}
