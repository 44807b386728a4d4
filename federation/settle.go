package federation

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"meent/federation/fetch"
	"meent/storage"
)

const (
	// giveUpAfter is how long a delivery is tried.
	giveUpAfter = 7 * 24 * time.Hour
	// mostRefusals is how often a host may say that it has read an activity and will not have it. What comes after it about the same object
	// waits as long.
	mostRefusals = 3
)

// noes are the answers of who has read an activity and will not have it. All other failures may pass: keys are fetched again (401), proxies
// are mended (404), what is announced can be read later (424).
var noes = map[int]bool{
	http.StatusBadRequest: true, http.StatusForbidden: true, http.StatusMethodNotAllowed: true, http.StatusNotAcceptable: true,
	http.StatusConflict: true, http.StatusRequestEntityTooLarge: true, http.StatusUnsupportedMediaType: true,
	http.StatusUnprocessableEntity: true, http.StatusUnavailableForLegalReasons: true,
}

// verdict is what an attempt means for the row and for the host.
type verdict int

const (
	delivered  verdict = iota
	dropped            // the inbox is gone, or will not have it
	rowFailed          // this activity is not wanted now; others may be
	hostFailed         // nothing gets through
)

// result is the end of one attempt or, with released, of the work on a host.
type result struct {
	row      storage.Delivery
	host     string
	verdict  verdict
	status   int
	wait     time.Duration // what the host asked for
	scheme   scheme        // newly learnt
	reason   string
	released bool
}

// refused tells whether the signature may be what the host did not like.
func (r result) refused() bool {
	return r.verdict == rowFailed && (r.status == http.StatusUnauthorized || r.status == http.StatusBadRequest)
}

// judge reads an answer: 2xx is delivered, 410 is gone, and so it is after enough noes; 408, 429 and 5xx mean the host; any other 4xx means
// this activity only, as NodeBB's 424 does. So does 500, with which GoToSocial answers what it does not accept: see [route.stumbles].
func judge(row storage.Delivery, answer fetch.Answer, err error) result {
	res := result{row: row, host: row.Host, status: answer.Status, wait: answer.RetryAfter, reason: answer.Reason}
	switch {
	case errors.Is(err, fetch.ErrRedirect) || errors.Is(err, fetch.ErrAddress):
		res.verdict, res.reason = rowFailed, err.Error()
	case err != nil:
		res.verdict, res.reason = hostFailed, err.Error()
	case answer.OK():
		res.verdict = delivered
	case answer.Status == http.StatusGone || noes[answer.Status] && row.Attempts+1 >= mostRefusals:
		res.verdict = dropped
	case answer.Status > http.StatusInternalServerError || answer.Status == http.StatusTooManyRequests || answer.Status == http.StatusRequestTimeout:
		res.verdict = hostFailed
	default:
		res.verdict = rowFailed
	}
	if res.verdict >= rowFailed && res.reason == "" {
		res.reason = http.StatusText(answer.Status)
	}
	return res
}

// settle writes results down together, until there are none: a transaction per delivery would cost more than the delivery. ctx ends when
// the program has to; what is not written down by then is sent again: at least once.
func (c *carrier) settle(ctx context.Context) {
	for first := range c.done {
		batch := c.gather(first)
		outcomes := c.outcomes(batch)
		for {
			err := c.archive.SettleDeliveries(context.WithoutCancel(ctx), c.holder, outcomes)
			if err == nil {
				break
			}
			c.Log.ErrorContext(ctx, "settle deliveries", "error", err, "count", len(batch))
			if ctx.Err() != nil {
				break
			}
			rest(ctx) // the archive is away; nothing is delivered meanwhile
		}
		c.Ring() // a released host may have more rows
	}
}

func (c *carrier) gather(first result) []result {
	batch := []result{first}
	pause := time.NewTimer(settlePause)
	defer pause.Stop()
	for len(batch) < settleMost {
		select {
		case r, ok := <-c.done:
			if !ok {
				return batch
			}
			batch = append(batch, r)
		case <-pause.C:
			return batch
		}
	}
	return batch
}

// outcomes turns results into what the archive keeps.
func (c *carrier) outcomes(batch []result) storage.Settlement {
	now := c.Now()
	s := storage.Settlement{Now: now, Hosts: map[string]storage.HostOutcome{}}
	for _, r := range batch {
		host := s.Hosts[r.host]
		switch {
		case r.released:
			host.Released, host.Failed, host.RetryAfter, host.Reason = true, r.verdict == hostFailed, r.wait, r.reason
		case r.verdict == delivered:
			s.Done = append(s.Done, r.row)
			host.Succeeded, host.Signature = true, string(r.scheme)
		case r.verdict == dropped || now.Sub(r.row.CreatedAt) > giveUpAfter:
			s.Dropped = append(s.Dropped, r.row)
		case r.verdict == hostFailed: // the host's own pause holds the row back
			s.Retry = append(s.Retry, storage.Retry{ID: r.row.ID, DueAt: now, Reason: r.reason})
		default:
			s.Retry = append(s.Retry, storage.Retry{ID: r.row.ID, DueAt: now.Add(backoff(r.row.Attempts)), Reason: r.reason})
		}
		s.Hosts[r.host] = host
	}
	return s
}

const (
	firstPause = time.Second
	longPause  = time.Hour
)

// backoff is how long to wait after so many failures: doubling, with a fifth of chance, so that a host that comes back is not met by all
// at once.
func backoff(failures int) time.Duration {
	pause := longPause
	if failures < 12 {
		pause = min(firstPause<<failures, longPause)
	}
	return pause + rand.N(pause/5) //nolint:gosec // spreads load, guards nothing
}
