package main

import (
	"fmt"
	"net/http"
)

// contentPolicy lets a page use what this node itself serves and nothing else: no script, no frame, no request to a third party. Files may
// come from where the node keeps them.
const contentPolicy = "default-src 'none'; style-src 'self'; img-src 'self'%[1]s; media-src 'self'%[1]s; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// hsts makes browsers come back with TLS only (RFC 6797), for a year.
const hsts = "max-age=31536000"

// varies tells caches what an answer depends on, where pages and documents share a URL.
const varies = "Accept, Signature, Cookie, Authorization"

// secureHeaders sets on every answer what keeps browsers from being talked into something. Files is where else files come from; "": nowhere.
func secureHeaders(https bool, files string, next http.Handler) http.Handler {
	if files != "" {
		files = " " + files
	}
	policy := fmt.Sprintf(contentPolicy, files)
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
