package signature

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Sign signs an outgoing request with one of the schemes, replacing an earlier signature, so that a request which was
// refused can be signed again the other way. It sets Date and the digest of the body, which must be the one that
// will be sent; a GET has the zero [Body]. Safe for concurrent use with one key and one body.
//
// Draft-cavage wants an RSA key, and Content-Type on a POST, Accept on a GET: it signs them.
func Sign(req *http.Request, body Body, key PrivateKey, scheme Scheme, now time.Time) error {
	if key.signer == nil || strings.ContainsAny(key.ID, "\"\\\r\n ") {
		return fmt.Errorf("sign %s %s: no usable key %q", req.Method, req.URL, key.ID)
	}
	if body == (Body{}) && carriesBody(req.Method, 0) {
		body = NewBody(nil)
	}
	for _, name := range []string{"Signature", "Signature-Input", "Digest", "Content-Digest"} {
		req.Header.Del(name)
	}
	req.Header.Set("Date", now.UTC().Format(http.TimeFormat))
	var err error
	switch scheme {
	case Cavage:
		err = signDraft(req, body, key)
	case RFC9421:
		err = signMessage(req, body, key, now)
	default:
		err = fmt.Errorf("unknown scheme %q", scheme)
	}
	if err != nil {
		return fmt.Errorf("sign %s %s: %w", req.Method, req.URL, err)
	}
	return nil
}

// hostOf is what net/http will send as Host.
func hostOf(req *http.Request) string {
	if req.Host != "" {
		return req.Host
	}
	return req.URL.Host
}
