//go:build unix

package hostile_test

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"meent/federation/signature"
)

// mutation changes one thing about a letter on its way.
type mutation struct {
	name   string
	change func(b *siege, l *letter)
}

func set(name string, values ...string) mutation {
	return mutation{fmt.Sprintf("%s: %.40q", name, values), func(_ *siege, l *letter) { l.set(name, values...) }}
}

func swap(name, old, replacement string) mutation {
	return mutation{fmt.Sprintf("%s: %.24q for %.24q", name, replacement, old), func(b *siege, l *letter) {
		l.replace(name, b.fill(b.eva, old), b.fill(b.eva, replacement))
	}}
}

// anyMutations concern what every signature must bind.
func anyMutations() []mutation {
	var all []mutation
	for _, method := range []string{"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "POSt", "CONNECT", "TRACE"} {
		all = append(all, mutation{"method " + method, func(_ *siege, l *letter) { l.method = method }})
	}
	for _, change := range []string{"?", "?a=b", "/", "x", "%20", ";a", "%00", "#x", "/../inbox", "%2f"} {
		all = append(all, mutation{"path with " + change, func(_ *siege, l *letter) { l.target += change }})
	}
	for _, target := range []string{"/", "/inbo", "/Inbox", "//inbox", "/./inbox", "/%69nbox", "/u/kees/inbox", "/g/college/inbox"} {
		all = append(all, mutation{"path " + target, func(_ *siege, l *letter) { l.target = target }})
	}
	for _, host := range []string{
		"", "other.test", "stad.test", "stad.test.", "stad.test:80", "xstad.test", "stad.test@evil.test", "stad.tes", "stad.test,evil.test", "127.0.0.1", "[::1]",
	} {
		all = append(all, mutation{"host " + host, func(_ *siege, l *letter) { l.host = host }})
	}
	for name, change := range map[string]func(string) string{
		"empty":         func(string) string { return "" },
		"byte added":    func(s string) string { return s + " " },
		"byte in front": func(s string) string { return " " + s },
		"cut":           func(s string) string { return s[:len(s)-1] },
		"letter":        func(s string) string { return strings.Replace(s, "like-1", "like-2", 1) },
		"doubled":       func(s string) string { return s + s },
		"other":         func(string) string { return `{"type":"Delete"}` },
	} {
		all = append(all, mutation{"body " + name, func(_ *siege, l *letter) { l.body = change(l.body) }})
	}
	return append(all, set("Signature"), set("Signature", ""), set("Signature", "keyId"), set("Signature", "sig1=::"))
}

// draftMutations concern draft-cavage-http-signatures.
func draftMutations() []mutation {
	now := time.Now().UTC()
	return []mutation{
		set("Date"),
		set("Date", now.Add(time.Hour/2).Format(http.TimeFormat)),
		set("Date", now.Add(-time.Minute).Format(http.TimeFormat)),
		set("Date", now.Add(-24*time.Hour).Format(http.TimeFormat)),
		set("Date", now.Format(time.RFC850)),
		{"two Dates", func(_ *siege, l *letter) { l.set("Date", l.get("Date"), l.get("Date")) }},
		set("Digest"),
		set("Digest", "SHA-256=AAAA"),
		{"two Digests", func(_ *siege, l *letter) { l.set("Digest", l.get("Digest"), "SHA-256=AAAA") }},
		{"lower-case Digest", func(_ *siege, l *letter) { l.replace("Digest", "SHA-256", "sha-256") }},
		{"Digest and another", func(_ *siege, l *letter) { l.set("Digest", l.get("Digest")+",SHA-512=AAAA") }},
		set("Content-Type"),
		set("Content-Type", "text/plain"),
		set("Content-Type", "application/json"),
		swap("Signature", "(request-target) ", ""),
		swap("Signature", " host", ""),
		swap("Signature", " date", ""),
		swap("Signature", " digest", ""),
		swap("Signature", " content-type", ""),
		swap("Signature", "host date", "date host"),
		swap("Signature", " content-type", " content-type user-agent"),
		swap("Signature", "date", "(created)"),
		swap("Signature", "rsa-sha256", "hmac-sha256"),
		swap("Signature", "rsa-sha256", "rsa-sha1"),
		swap("Signature", "$eva", "$vera"),
		swap("Signature", "$eva", "$anna"),
		swap("Signature", "http://evil", "https://evil"),
		swap("Signature", "#main-key", ""),
		swap("Signature", "#main-key", "#main-key2"),
		swap("Signature", "evil", "sub.evil"),
		swap("Signature", "signature=", "expires=1,signature="),
		swap("Signature", "signature=", `signature="AAAA",signature=`),
		swap("Signature", "keyId=", `keyId="$vera#main-key",keyId=`),
	}
}

// messageMutations concern RFC 9421.
func messageMutations() []mutation {
	return []mutation{
		set("Content-Digest"),
		set("Content-Digest", "sha-256=:AAAA:"),
		set("Content-Digest", "sha-512=:AAAA:"),
		{"two digests", func(_ *siege, l *letter) { l.set("Content-Digest", l.get("Content-Digest"), "sha-256=:AAAA:") }},
		{"digest and another", func(_ *siege, l *letter) { l.set("Content-Digest", l.get("Content-Digest")+", sha-512=:AAAA:") }},
		set("Signature-Input"),
		set("Signature-Input", ""),
		set("Signature-Input", "sig1=()"),
		{"input twice", func(_ *siege, l *letter) {
			l.set("Signature-Input", l.get("Signature-Input"), l.get("Signature-Input"))
		}},
		swap("Signature-Input", `"@method" `, ""),
		swap("Signature-Input", `"@target-uri" `, ""),
		swap("Signature-Input", ` "content-digest"`, ""),
		swap("Signature-Input", `"@method"`, `"@method";req`),
		swap("Signature-Input", `"@target-uri"`, `"@path"`),
		swap("Signature-Input", `"@method"`, `"date"`),
		swap("Signature-Input", ";created=", ";created=1"),
		swap("Signature-Input", ";created=", ";x="),
		swap("Signature-Input", ";created", ";expires=1;created"),
		swap("Signature-Input", ";created", `;nonce="x";created`),
		swap("Signature-Input", ";created", `;tag="x";created`),
		swap("Signature-Input", "$eva", "$vera"),
		swap("Signature-Input", "$eva", "$anna"),
		swap("Signature-Input", "http://evil", "https://evil"),
		swap("Signature-Input", "#main-key", ""),
		swap("Signature-Input", "sig1", "sig2"),
		swap("Signature", "sig1", "sig2"),
		swap("Signature", "sig1=:", "sig1=:AAAA"),
		swap("Signature-Input", "sig1=", `sig0=("date"), sig1=`),
		{"an older signature", func(b *siege, l *letter) {
			other := b.signed(b.eva, l.target, strings.Replace(like, "like-1", "like-3", 1), signature.RFC9421)
			l.set("Signature", other.get("Signature"))
		}},
	}
}
