package signature

import (
	"bytes"
	"encoding/json"
	"testing"
)

// A stranger's header is never accepted under a key that did not sign, and never makes us panic.
func FuzzDraftHeader(f *testing.F) {
	r, body := signed(f, "/inbox", note, rsaKey(), Cavage, now)
	honest := r.Header.Get("Signature")
	for _, seed := range []string{
		honest, "", ",", "keyId", `keyId="a,b",signature="AAAA"`, `keyId="",signature=""`, `keyId="a" , signature = "AAAA"`,
		`keyId="` + keyID + `",created=1,expires=2,headers="(request-target) host (created) digest",signature="AAAA"`,
		`keyId="` + keyID + `",headers="(created) (expires) (request-target) authorization",signature="AAAA"`,
		`Signature keyId="a"`, `keyId="\"",signature="AAAA"`, `keyId=a,signature=AAAA`, "\x00=\"", `a=b=c,="",=`,
	} {
		f.Add(seed)
	}
	foreign := foreignRSA().Public()
	f.Fuzz(func(t *testing.T, line string) {
		changed := r.Clone(t.Context())
		changed.Header.Set("Signature", line)
		claim, err := Parse(changed, body, testPolicy())
		if (claim == nil) != (err != nil) {
			t.Fatalf("claim %v, error %v", claim, err)
		}
		if err != nil {
			if KindOf(err) == 0 {
				t.Errorf("refused without a kind: %v", err)
			}
			return
		}
		if claim.Verify(foreign) == nil {
			t.Error("verified by a key that did not sign")
		}
	})
}

func FuzzMessageHeaders(f *testing.F) {
	r, body := signed(f, "/inbox", note, edKey(), RFC9421, now)
	f.Add(r.Header.Get("Signature-Input"), r.Header.Get("Signature"))
	f.Add("", "")
	f.Add("sig1", "sig1")
	f.Add("sig1=()", "sig1=::")
	f.Add(`sig1=("@method";req "a";key="b";bs);created=1;keyid="a"`, "sig1=:AAAA:")
	f.Add(`sig1=("@method"), sig1=("@path")`, "sig1=:AAAA:, sig1=:AAAA:")
	f.Add(`sig1=("@target-uri" "@query-param");created=-1.5;expires=@1;keyid=:AAAA:`, "sig1=:AAAA:")
	f.Add(`a=("\"");keyid="\\"`, "a=:AAAA:")
	foreign := foreignEd().Public()
	f.Fuzz(func(t *testing.T, input, line string) {
		changed := r.Clone(t.Context())
		changed.Header.Set("Signature-Input", input)
		changed.Header.Set("Signature", line)
		claim, err := Parse(changed, body, testPolicy())
		if (claim == nil) != (err != nil) || (err != nil) != (KindOf(err) != 0) {
			t.Fatalf("claim %v, error %v", claim, err)
		}
		if err == nil && claim.Verify(foreign) == nil {
			t.Error("verified by a key that did not sign")
		}
	})
}

// Only the right digest passes: whatever the line, it cannot fit two bodies.
func FuzzDigest(f *testing.F) {
	f.Add(NewBody(note).digest, "", note)
	f.Add(NewBody(note).contentDigest, ":", note)
	f.Add("", ":", []byte{})
	f.Add("SHA-256=", "", []byte{})
	f.Add("sha-256=::,sha-512=::", ":", []byte{})
	f.Add("sha-256=:", ":", []byte{})
	f.Add("SHA-256=AAAA,sha-256=AAAA,=,", "", []byte{})
	f.Fuzz(func(t *testing.T, line, quote string, body []byte) {
		err := checkDigest(line, quote, body)
		if err != nil && KindOf(err) == 0 {
			t.Errorf("refused without a kind: %v", err)
		}
		if err == nil && checkDigest(line, quote, append(bytes.Clone(body), 0)) == nil {
			t.Errorf("%q fits two bodies", line)
		}
	})
}

// A proof never verifies under a key that did not sign, and what verifies has one canonical form.
func FuzzProof(f *testing.F) {
	f.Add(signedActivity(f))
	f.Add(activity)
	for _, v := range proofVectors {
		f.Add(v.doc)
	}
	for _, seed := range []string{
		`{}`, `[]`, `{"proof":{}}`, `{"proof":[{}]}`, `{"proof":{"type":"DataIntegrityProof","cryptosuite":"eddsa-jcs-2022"}}`,
		`{"a":1e309}`, `{"a":"\ud800"}`, `{"a":1,"a":2}`, `{"\u0000":-0.0,"\ud83d\ude00":[[[]]]}`, "",
	} {
		f.Add(seed)
	}
	foreign := foreignEd().Public()
	f.Fuzz(func(t *testing.T, doc string) {
		p, err := ParseProof([]byte(doc), now)
		if (p == nil) != (err != nil) {
			t.Fatalf("proof %v, error %v", p, err)
		}
		if err == nil && p.Verify(foreign) == nil {
			t.Error("verified by a key that did not sign")
		}
		once, err := Canonicalize([]byte(doc))
		if err != nil {
			return
		}
		if twice, err := Canonicalize(once); err != nil || !bytes.Equal(once, twice) || !json.Valid(once) {
			t.Errorf("%s became %s: %v", once, twice, err)
		}
	})
}
