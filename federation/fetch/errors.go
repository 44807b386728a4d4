package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// What a call can fail with, besides the errors of the network. Refused tells which of them no retry will mend.
var (
	ErrAddress  = errors.New("address refused")                  // scheme, host, port or resolved address is not for us
	ErrRedirect = errors.New("redirect refused")                 // too many, to plain http, of a POST, or signed and off the host
	ErrTooLarge = errors.New("answer too large")                 // more than Config.MaxBody once decoded
	ErrType     = errors.New("content type refused")             // the answer is not what was asked for
	ErrFormat   = errors.New("answer not understood")            // WebFinger, host-meta or NodeInfo that breaks its format
	ErrBudget   = errors.New("fetch budget used up")             // see WithBudget
	ErrBusy     = errors.New("too many requests to this domain") // see Config.PerDomain
	ErrDeadline = errors.New("took too long")                    // Config.Timeout has passed

	errSign = errors.New("sign request")
)

// StatusError is an answer to a GET that is not in the 200s.
type StatusError struct {
	Status     int
	RetryAfter time.Duration // what the host asked for; 0 if it did not
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("status %d %s", e.Status, http.StatusText(e.Status))
}

// Gone reports whether err is the host's own word that there is nothing at this URL (404, 410).
func Gone(err error) bool {
	var status *StatusError
	return errors.As(err, &status) && (status.Status == http.StatusNotFound || status.Status == http.StatusGone)
}

// Refused reports whether err is our own refusal, which would be the same at the next try.
func Refused(err error) bool {
	for _, refusal := range []error{ErrAddress, ErrRedirect, ErrTooLarge, ErrType, ErrFormat} {
		if errors.Is(err, refusal) {
			return true
		}
	}
	return false
}

// because replaces the bare "context deadline exceeded" of the network by the reason that the context carries.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("%w: %w", cause, err)
	}
	return err
}

// maxRetryAfter bounds what a host can make us wait.
const maxRetryAfter = 24 * time.Hour

// retryAfter reads RFC 9110 10.2.3: seconds or a date.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if value == "" {
		return 0
	}
	wait := time.Duration(0)
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if date, err := http.ParseTime(value); err == nil {
		wait = time.Until(date)
	}
	return min(max(wait, 0), maxRetryAfter)
}
