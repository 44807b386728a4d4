package signature

import (
	"crypto"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestVectorsOfProofs(t *testing.T) {
	t.Parallel()
	created := time.Date(2023, 2, 24, 23, 36, 38, 0, time.UTC)
	for _, tt := range proofVectors {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			key := vectorKey(tt.keyID)
			signed, err := SignProof([]byte(tt.doc), key, created)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(signed), `"proofValue":"`+tt.value+`"`) {
				t.Errorf("signed as %s\nwant %s", signed, tt.value)
			}
			p, err := ParseProof(signed, now)
			if err != nil {
				t.Fatal(err)
			}
			if p.VerificationMethod != tt.keyID || !p.Created.Equal(created) || !p.Expires.IsZero() {
				t.Errorf("proof = %+v", p)
			}
			if err := p.Verify(must(ParseMultikey(vectorPublic))); err != nil {
				t.Error(err)
			}
		})
	}
}

const activity = `{"@context":["https://www.w3.org/ns/activitystreams","https://w3id.org/security/data-integrity/v2"],
 "id":"https://dorp.example/a/1","type":"Create","actor":"https://dorp.example/u/anna",
 "object":{"id":"https://dorp.example/n/1","type":"Note","content":"Wie doet mee?","startTime":1.50}
}
`

func signedActivity(t testing.TB) string {
	t.Helper()
	return string(must(SignProof([]byte(activity), edKey(), now)))
}

func judgeProof(doc string, pub crypto.PublicKey) error {
	p, err := ParseProof([]byte(doc), now)
	if err != nil {
		return err
	}
	return p.Verify(pub)
}

func TestSignProofKeepsTheDocument(t *testing.T) {
	t.Parallel()
	signed := signedActivity(t)
	if untouched := strings.TrimRight(activity, "\n}"); !strings.HasPrefix(signed, untouched) {
		t.Errorf("rewritten: %s", signed)
	}
	if err := judgeProof(signed, edKey().Public()); err != nil {
		t.Error(err)
	}
	for _, doc := range []string{`{}`, ` { } `, `{"a":{}}`, "{\"a\":1\n}\n"} {
		out, err := SignProof([]byte(doc), edKey(), now)
		if err != nil || !json.Valid(out) || judgeProof(string(out), edKey().Public()) != nil {
			t.Errorf("%q became %s: %v", doc, out, err)
		}
	}
}

// Spelling is not content: what JSON reads the same verifies the same.
func TestProofSurvivesAnotherSpelling(t *testing.T) {
	t.Parallel()
	var doc map[string]any
	if err := json.Unmarshal([]byte(signedActivity(t)), &doc); err != nil {
		t.Fatal(err)
	}
	respelled := strings.ReplaceAll(string(must(json.MarshalIndent(doc, "", "  "))), "doet", `d\u006fet`)
	if err := judgeProof(respelled, edKey().Public()); err != nil {
		t.Error(err)
	}
}

func TestProofsOfOthers(t *testing.T) {
	t.Parallel()
	signed := signedActivity(t)
	context := `"@context":["https://www.w3.org/ns/activitystreams","https://w3id.org/security/data-integrity/v2"]`
	for name, doc := range map[string]string{
		"context left out of the proof": strings.Replace(signed, `"proof":{`+context+`,`, `"proof":{`, 1),
		"with LD signature":             strings.Replace(signed, `"type":"Create"`, `"type":"Create","signature":{"type":"RsaSignature2017"}`, 1),
	} {
		if doc == signed {
			t.Fatalf("%s: nothing changed", name)
		}
		if err := judgeProof(doc, edKey().Public()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestForgedProofs(t *testing.T) {
	t.Parallel()
	signed := signedActivity(t)
	change := func(old, replacement string) string {
		changed := strings.Replace(signed, old, replacement, 1)
		if changed == signed {
			t.Fatalf("no %s in %s", old, signed)
		}
		return changed
	}
	ldSigned := strings.TrimRight(activity, "\n}") + `}, "signature":{"type":"RsaSignature2017","signatureValue":"AAAA"}}`
	created := now.Format(time.RFC3339)
	for _, tt := range []struct {
		row, name, doc string
		want           Kind
	}{
		{"J1", "LD signature alone", ldSigned, Missing},
		{"J1", "named graph added", change(`"type":"Create"`, `"type":"Create","@graph":[]`), Mismatch},
		{"J1", "@included added", change(`"type":"Create"`, `"type":"Create","@included":[]`), Mismatch},
		{"J1", "@reverse added", change(`"type":"Note"`, `"type":"Note","@reverse":{}`), Mismatch},
		{"J2", "object moved into a graph", change(`"object":{`, `"@graph":{`), Mismatch},
		{"J3", "unsigned key beside", change(`"type":"Create"`, `"type":"Create","bto":"https://dorp.example/u/bob"`), Mismatch},
		{"J3", "content changed", change("Wie", "Hoe"), Mismatch},
		{"J3", "number changed", change("1.50", "1.51"), Mismatch},
		{"J3", "member removed", change(`"type":"Note",`, ``), Mismatch},
		{"J4", "term redefined at the end", change(`data-integrity/v2"],`, `data-integrity/v2",{"content":"as:actor"}],`), Mismatch},
		{"J4", "nested context", change(`"type":"Note"`, `"type":"Note","@context":{"content":"as:actor"}`), Mismatch},
		{"J4", "both contexts", strings.ReplaceAll(signed, `data-integrity/v2"]`, `data-integrity/v2","https://evil.example/"]`), Mismatch},
		{"J7", "actor twice", change(`"type":"Create"`, `"type":"Create","actor":"https://elders.example/u/piet"`), Malformed},
		{"J7", "actor in capitals", change(`"type":"Create"`, `"type":"Create","ACTOR":"https://elders.example/u/piet"`), Mismatch},
		{"J7", "proof twice", change(`"type":"Create"`, `"type":"Create","proof":{}`), Malformed},
		{"", "other key id", change("anna#ed25519-key", "bob#ed25519-key"), Mismatch},
		{"", "did key id", change(edID, "did:key:"+vectorPublic), Forbidden},
		{"", "acct key id", change(edID, "acct:anna@dorp.example"), Forbidden},
		{"", "no key id", change(edID, ""), Forbidden},
		{"", "other type", change("DataIntegrityProof", "Ed25519Signature2020"), Forbidden},
		{"", "other suite", change("eddsa-jcs-2022", "eddsa-rdfc-2022"), Forbidden},
		{"", "other purpose", change("assertionMethod", "authentication"), Forbidden},
		{"", "other time", change(created, now.Add(time.Second).Format(time.RFC3339)), Mismatch},
		{"", "from the future", change(created, now.Add(2*time.Hour).Format(time.RFC3339)), Stale},
		{"", "expired", change(`"created"`, `"expires":"2020-01-01T00:00:00Z","created"`), Stale},
		{"", "expiry added", change(`"created"`, `"expires":"2999-01-01T00:00:00Z","created"`), Mismatch},
		{"", "no time", change(created, "yesterday"), Malformed},
		{"", "option added", change(`"created"`, `"domain":"stad.example","created"`), Mismatch},
		{"", "option of a wrong type", change(`"type":"DataIntegrityProof"`, `"type":["DataIntegrityProof"]`), Malformed},
		{"", "value in base64", change(`"proofValue":"z`, `"proofValue":"u`), Malformed},
		{"", "value too short", change(`"proofValue":"z`, `"proofValue":"z"  ,"was":"`), Mismatch},
		{"", "proof in an array", strings.TrimSuffix(change(`"proof":{`, `"proof":[{`), "}") + "]}", Malformed},
		{"", "proof is a text", strings.TrimRight(activity, "\n}") + `},"proof":"yes"}`, Malformed},
		{"", "document is an array", "[" + signed + "]", Malformed},
		{"", "too large", strings.Repeat(" ", maxDocument) + signed, Malformed},
	} {
		t.Run(tt.row+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			if err := judgeProof(tt.doc, edKey().Public()); KindOf(err) != tt.want {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestProofByOtherKeys(t *testing.T) {
	t.Parallel()
	signed := signedActivity(t)
	if got := KindOf(judgeProof(signed, foreignEd().Public())); got != Mismatch {
		t.Errorf("foreign key: %v", got)
	}
	if got := KindOf(judgeProof(signed, rsaKey().Public())); got != Forbidden {
		t.Errorf("RSA key: %v", got)
	}
	if _, err := SignProof([]byte(activity), rsaKey(), now); err == nil {
		t.Error("signed with RSA")
	}
	if _, err := SignProof([]byte(signed), edKey(), now); err == nil {
		t.Error("signed twice")
	}
}

// X6 for proofs: no bit of the signature may change.
func TestProofValueMutations(t *testing.T) {
	t.Parallel()
	signed := []byte(signedActivity(t))
	p := must(ParseProof(signed, now))
	for i := range p.value {
		p.value[i] ^= 1
		if KindOf(p.Verify(edKey().Public())) != Mismatch {
			t.Errorf("byte %d changed, accepted", i)
		}
		p.value[i] ^= 1
	}
	if err := p.Verify(edKey().Public()); err != nil {
		t.Error(err)
	}
}
