package main

import (
	"net/http"
	"strings"
)

// contentPolicy lets a page use what this node itself serves and nothing else: no script, no frame, no request to a third party. Pictures,
// films and sound may come from files as well, where the node keeps them elsewhere; "" is nowhere.
func contentPolicy(files string) string {
	shown := strings.TrimSpace("'self' " + files)
	return "default-src 'none'; style-src 'self'; img-src " + shown + "; media-src " + shown +
		"; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}

// hsts makes browsers come back with TLS only (RFC 6797), for a year.
const hsts = "max-age=31536000"

// varies tells caches what an answer depends on, where pages and documents share a URL.
const varies = "Accept, Signature, Cookie, Authorization"

// secureHeaders sets on every answer what keeps browsers from being talked into something.
func secureHeaders(https bool, files string, next http.Handler) http.Handler {
	policy := contentPolicy(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), browsing-topics=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if https {
			h.Set("Strict-Transport-Security", hsts)
		}
		next.ServeHTTP(w, r)
	})
}
