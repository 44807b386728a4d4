package fetch

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"
)

const (
	maxDrain  = 4 << 10 // read from an answer so that its connection can be used again
	maxReason = 512     // kept of an error page
)

// Answer is what a host said to a POST.
type Answer struct {
	Status     int
	Header     http.Header
	RetryAfter time.Duration // what the host asked for; 0 if it did not
	Reason     string        // the start of the body when the status is an error, for the log; without control characters
}

// OK reports whether the host took it (any 2xx).
func (a Answer) OK() bool { return a.Status >= 200 && a.Status < 300 }

// Post sends body once and returns the host's answer, whatever its status. Redirects are never followed: they are
// ErrRedirect, because an inbox that moved says so in its actor. Body may be shared between calls; it is only read.
func (c *Client) Post(ctx context.Context, rawURL string, body []byte, contentType string, sign Sign) (Answer, error) {
	answer, err := c.post(ctx, rawURL, body, contentType, sign)
	if err != nil {
		return answer, fmt.Errorf("post %.200s: %w", rawURL, err)
	}
	return answer, nil
}

func (c *Client) post(ctx context.Context, rawURL string, body []byte, contentType string, sign Sign) (Answer, error) {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	request, err := c.postRequest(ctx, rawURL, body, contentType)
	if err != nil {
		return Answer{}, err
	}
	response, err := c.send(request, body, sign)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close() // read-only: nothing to lose
	answer := Answer{Status: response.StatusCode, Header: response.Header, RetryAfter: retryAfter(response.Header)}
	answer.Reason = drain(response)
	if redirects(response) {
		return answer, fmt.Errorf("%w: status %d", ErrRedirect, response.StatusCode)
	}
	return answer, nil
}

func (c *Client) postRequest(ctx context.Context, rawURL string, body []byte, contentType string) (*http.Request, error) {
	u, err := c.Parse(rawURL)
	if err != nil {
		return nil, err
	}
	rewind := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	if len(body) == 0 {
		rewind = func() (io.ReadCloser, error) { return http.NoBody, nil }
	}
	content, _ := rewind()
	request := &http.Request{
		Method: http.MethodPost,
		URL:    u,
		Host:   u.Host,
		Header: http.Header{
			"Content-Type":    {contentType},
			"Accept-Encoding": {"identity"}, // we throw the answer away
			// Known to net/http, not sent: lets it repeat the request when a kept-alive connection turns out to be closed.
			// Receivers remember activity ids, so a repetition is harmless.
			"Idempotency-Key": {},
		},
		Body:          content,
		GetBody:       rewind,
		ContentLength: int64(len(body)),
	}
	return request.WithContext(ctx), nil
}

func redirects(r *http.Response) bool {
	return r.StatusCode >= 300 && r.StatusCode < 400 && r.Header.Get("Location") != ""
}

// drain empties a short answer and returns the start of an error page.
func drain(r *http.Response) string {
	var reason strings.Builder
	body := io.LimitReader(r.Body, maxDrain)
	if r.StatusCode >= 400 {
		_, _ = io.CopyN(&reason, body, maxReason) // a broken error page is no worse than none
	}
	_, _ = io.Copy(io.Discard, body) // fails only for a connection that is then closed
	return printable(reason.String())
}

// printable keeps a stranger's text from breaking lines in our log (ASVS 16.4.1).
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.TrimSpace(strings.ToValidUTF8(s, "?")))
}
