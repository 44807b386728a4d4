package signature

import (
	"crypto/ed25519"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The examples of RFC 9421 do not meet our policy (their key ids are no URLs, they leave out the query), but what is
// signed and how is the same for every signature.
var rfcVectors = []struct {
	name                 string
	target               target
	header               http.Header
	input, line          string
	base                 string
	publicPEM, publicRaw string
}{
	{
		name:   "appendix B.2.6, ed25519",
		target: target{method: "POST", scheme: "https", authority: "example.com", uri: "/foo?param=Value&Pet=dog"},
		header: http.Header{
			"Date":           {"Tue, 20 Apr 2021 02:07:55 GMT"},
			"Content-Type":   {"application/json"},
			"Content-Length": {"18"},
		},
		input: `sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`,
		line:  `sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:`,
		base: `"date": Tue, 20 Apr 2021 02:07:55 GMT
"@method": POST
"@path": /foo
"@authority": example.com
"content-type": application/json
"content-length": 18
"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`,
		publicRaw: "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=",
	},
	{
		name:   "section 4.3, rsa-v1_5-sha256",
		target: target{method: "POST", scheme: "https", authority: "origin.host.internal.example", uri: "/foo?param=Value&Pet=dog"},
		header: http.Header{
			"Date":           {"Tue, 20 Apr 2021 02:07:56 GMT"},
			"Content-Type":   {"application/json"},
			"Content-Length": {"18"},
			"Forwarded":      {"for=192.0.2.123;host=example.com;proto=https"},
			"Content-Digest": {"sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"},
		},
		input: `proxy_sig=("@method" "@authority" "@path" "content-digest" "content-type" "content-length" "forwarded")` +
			`;created=1618884480;keyid="test-key-rsa";alg="rsa-v1_5-sha256";expires=1618884540`,
		line: `proxy_sig=:S6ZzPXSdAMOPjN/6KXfXWNO/f7V6cHm7BXYUh3YD/fRad4BCaRZxP+JH+8XY1I6+8Cy+CM5g92iHgxtRPz+MjniOaYmdkDcn` +
			`L9cCpXJleXsOckpURl49GwiyUpZ10KHgOEe11sx3G2gxI8S0jnxQB+Pu68U9vVcasqOWAEObtNKKZd8tSFu7LB5YAv0RAGhB8tmpv7sFnIm9` +
			`y+7X5kXQfi8NMaZaA8i2ZHwpBdg7a6CMfwnnrtflzvZdXAsD3LH2TwevU+/PBPv0B6NMNk93wUs/vfJvye+YuI87HU38lZHowtznbLVdp770` +
			`I6VHR6WfgS9ddzirrswsE1w5o0LV/g==:`,
		base: `"@method": POST
"@authority": origin.host.internal.example
"@path": /foo
"content-digest": sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:
"content-type": application/json
"content-length": 18
"forwarded": for=192.0.2.123;host=example.com;proto=https
"@signature-params": ("@method" "@authority" "@path" "content-digest" "content-type" "content-length" "forwarded")` +
			`;created=1618884480;keyid="test-key-rsa";alg="rsa-v1_5-sha256";expires=1618884540`,
		publicPEM: `-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEAhAKYdtoeoy8zcAcR874L8cnZxKzAGwd7v36APp7Pv6Q2jdsPBRrw
WEBnez6d0UDKDwGbc6nxfEXAy5mbhgajzrw3MOEt8uA5txSKobBpKDeBLOsdJKFq
MGmXCQvEG7YemcxDTRPxAleIAgYYRjTSd/QBwVW9OwNFhekro3RtlinV0a75jfZg
kne/YiktSvLG34lw2zqXBDTC5NHROUqGTlML4PlNZS5Ri2U4aCNx2rUPRcKIlE0P
uKxI4T+HIaFpv8+rdV6eUgOrB2xeI1dSFFn/nnv5OoZJEIB+VmuKn3DCUcCZSFlQ
PSXSfBDiUGhwOw76WuSSsf1D4b/vLoJ10wIDAQAB
-----END RSA PUBLIC KEY-----
`,
	},
}

func TestVectorsOfRFC9421(t *testing.T) {
	t.Parallel()
	for _, tt := range rfcVectors {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := readMessage(tt.input, tt.line)
			if err != nil {
				t.Fatal(err)
			}
			if s.base, err = s.signatureBase(tt.target, tt.header, tt.target.authority); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.base, string(s.base)); diff != "" {
				t.Fatal(diff)
			}
			var pub any = ed25519.PublicKey(must(base64.StdEncoding.DecodeString(tt.publicRaw)))
			if tt.publicPEM != "" {
				pub = must(ParsePublic(tt.publicPEM))
			}
			if err := s.verify(pub); err != nil {
				t.Error(err)
			}
			s.base[0] ^= 1
			if KindOf(s.verify(pub)) != Mismatch {
				t.Error("a changed base verifies")
			}
		})
	}
}

// The digests of {"hello": "world"} in RFC 9421 appendix B.2 and RFC 9530.
func TestVectorsOfDigests(t *testing.T) {
	t.Parallel()
	body := []byte(`{"hello": "world"}`)
	for _, tt := range []struct{ quote, line string }{
		{":", "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"},
		{":", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"},
		{":", "unixsum=:AAA=:, sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"},
		{"", "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="},
		{"", "sha-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=,unixsum=30637"},
	} {
		if err := checkDigest(tt.line, tt.quote, body); err != nil {
			t.Errorf("%s: %v", tt.line, err)
		}
		if got := KindOf(checkDigest(tt.line, tt.quote, body[1:])); got != Mismatch {
			t.Errorf("%s for another body: %v", tt.line, got)
		}
	}
	if got := NewBody(body); !strings.HasSuffix(got.contentDigest, "X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:") {
		t.Errorf("we write %s", got.contentDigest)
	}
}

// The test vectors of FEP-8b32 and of W3C Data Integrity EdDSA Cryptosuites (eddsa-jcs-2022), by one key at one time.
var proofVectors = []struct{ name, keyID, doc, value string }{
	{
		name:  "FEP-8b32",
		keyID: "https://server.example/users/alice#ed25519-key",
		doc: `{
			"@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v2"],
			"id": "https://server.example/activities/1", "type": "Create", "actor": "https://server.example/users/alice",
			"object": {
				"id": "https://server.example/objects/1", "type": "Note", "attributedTo": "https://server.example/users/alice",
				"content": "Hello world", "location": {"type": "Place", "longitude": -71.184902, "latitude": 25.273962}
			}
		}`,
		value: "z42ffGu6AUKPCFcFPiabmUvnGLPJzC7e4DGWC52NUasSSH37UMa9c58tdgVszUcZfytxa4fQ5TYHaJENCxUDe9SdL",
	},
	{
		name:  "W3C",
		keyID: "https://vc.example/issuers/5678#z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
		doc: `{
			"@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
			"id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33", "type": ["VerifiableCredential", "AlumniCredential"],
			"name": "Alumni Credential", "description": "A minimum viable example of an Alumni Credential.",
			"issuer": "https://vc.example/issuers/5678", "validFrom": "2023-01-01T00:00:00Z",
			"credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"}
		}`,
		value: "z63t83Y53KfzJ5ZosfKTnqfMcKB2dmTrfjSaQjeNNjAD5srBowQfmWqeRb8rRjmeEuCBEsddF9LsVogtuTsijJKh4",
	},
}
