package mastodon

import "net/http"

// What web apps may read of an answer, and send (Mastodon API, CORS).
const (
	exposedHeaders = "Link, Mastodon-Async-Refresh, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id"
	allowedHeaders = "Authorization, Content-Type, Idempotency-Key"
	allowedMethods = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
	preflightAge   = "7200" // seconds
)

// allowAll lets scripts of any site read the answer: without credentials, so that no cookie of ours comes along.
func allowAll(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", exposedHeaders)
}

func preflightAnswer(w http.ResponseWriter, _ *http.Request) {
	allowAll(w.Header())
	w.Header().Set("Access-Control-Allow-Methods", allowedMethods)
	w.Header().Set("Access-Control-Allow-Headers", allowedHeaders)
	w.Header().Set("Access-Control-Max-Age", preflightAge)
	w.WriteHeader(http.StatusNoContent)
}
