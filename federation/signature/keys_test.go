package signature

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestKeysComeBack(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]PrivateKey{"RSA": rsaKey(), "Ed25519": edKey()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			private := must(key.EncodePEM())
			back, err := ParsePrivate(key.ID, private)
			if err != nil {
				t.Fatal(err)
			}
			if !samePublic(back.Public(), key.Public()) || back.ID != key.ID {
				t.Error("private key came back as another")
			}
			public, err := ParsePublic(must(EncodePublic(key.Public())))
			if err != nil {
				t.Fatal(err)
			}
			if !samePublic(public, key.Public()) {
				t.Error("public key came back as another")
			}
		})
	}
}

func samePublic(a, b crypto.PublicKey) bool {
	return a.(interface{ Equal(crypto.PublicKey) bool }).Equal(b)
}

func TestParsePublicTakesPKCS1(t *testing.T) {
	t.Parallel()
	pub := rsaKey().Public().(*rsa.PublicKey)
	for _, label := range []string{"RSA PUBLIC KEY", "PUBLIC KEY"} {
		text := pem.EncodeToMemory(&pem.Block{Type: label, Bytes: x509.MarshalPKCS1PublicKey(pub)})
		got, err := ParsePublic(string(text))
		if err != nil || !pub.Equal(got) {
			t.Errorf("%s: %v", label, err)
		}
	}
}

// B16: keys that are too weak, too expensive or of another kind.
func TestParsePublicRefuses(t *testing.T) {
	t.Parallel()
	odd := func(bits uint) *rsa.PublicKey {
		n := new(big.Int).Lsh(big.NewInt(1), bits-1)
		return &rsa.PublicKey{N: n.Add(n, big.NewInt(1)), E: 65537}
	}
	ec := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	spki := func(pub any) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: must(x509.MarshalPKIXPublicKey(pub))}))
	}
	for _, tt := range []struct {
		row, name, text string
		want            Kind
	}{
		{"B16", "RSA 1024", spki(odd(1024)), Forbidden},
		{"B16", "RSA 2047", spki(odd(2047)), Forbidden},
		{"B16", "RSA 8200", spki(odd(8200)), Forbidden},
		{"B16", "RSA 16384", spki(odd(16384)), Forbidden},
		{"B16", "ECDSA", spki(&ec.PublicKey), Forbidden},
		{"B16", "no PEM", "MIIB", Malformed},
		{"B16", "empty", "", Malformed},
		{"B16", "garbage", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", Malformed},
		{"B16", "huge", strings.Repeat(" ", maxPEM+1), Malformed},
	} {
		t.Run(tt.row+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := ParsePublic(tt.text); KindOf(err) != tt.want {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestParsePrivateRefuses(t *testing.T) {
	t.Parallel()
	ec := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	der := must(x509.MarshalPKCS8PrivateKey(ec))
	for name, text := range map[string][]byte{
		"no PEM": []byte("secret"),
		"ECDSA":  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
		"broken": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der[:20]}),
	} {
		if _, err := ParsePrivate(keyID, text); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestPrivateKeyPrintsAsItsID(t *testing.T) {
	t.Parallel()
	key := edKey()
	for _, verb := range []string{"%v", "%+v", "%s", "%#v"} {
		got := fmt.Sprintf(verb, key)
		if !strings.Contains(got, edID) || len(got) > len(edID)+30 {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}

// The key pair of the test vectors in W3C Data Integrity EdDSA Cryptosuites, appendix B.
const (
	vectorPublic  = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
	vectorPrivate = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"
)

// vectorKey is that key; a private Multikey has a multicodec of two bytes too.
func vectorKey(id string) PrivateKey {
	raw := must(decodeMultibase(vectorPrivate))
	return PrivateKey{ID: id, signer: ed25519.NewKeyFromSeed(raw[len(multicodecEd25519):])}
}

func TestMultikey(t *testing.T) {
	t.Parallel()
	key := vectorKey(edID)
	if got := must(EncodeMultikey(key.Public())); got != vectorPublic {
		t.Errorf("encoded as %s, want %s", got, vectorPublic)
	}
	back, err := ParseMultikey(vectorPublic)
	if err != nil || !samePublic(back, key.Public()) {
		t.Errorf("parsed as %x: %v", back, err)
	}
	if text, err := EncodeMultikey(rsaKey().Public()); err == nil {
		t.Errorf("RSA encoded as %s", text)
	}
}

func TestParseMultikeyRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text string
		want Kind
	}{
		"empty":          {"", Malformed},
		"other base":     {"u7QEU", Malformed},
		"letter outside": {"z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ0", Malformed},
		"too long":       {"z" + strings.Repeat("2", maxBase58+1), Malformed},
		"too short":      {vectorPublic[:len(vectorPublic)-1], Forbidden},
		"private key":    {vectorPrivate, Forbidden},
		"nothing":        {"z", Forbidden},
	} {
		if _, err := ParseMultikey(tt.text); KindOf(err) != tt.want {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
}

func TestBase58(t *testing.T) {
	t.Parallel()
	for text, raw := range map[string]string{ // draft-msporny-base58-03, 5
		"2NEpo7TZRRrLZSi2U": "Hello World!",
		"USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z": "The quick brown fox jumps over the lazy dog.",
		"11233QC4": "\x00\x00\x28\x7f\xb4\xcd",
	} {
		if got := encodeBase58([]byte(raw)); got != text {
			t.Errorf("%q encoded as %s, want %s", raw, got, text)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOfN(rapid.Byte(), 0, 80).Draw(t, "raw")
		back, err := decodeBase58(encodeBase58(raw))
		if err != nil || !bytes.Equal(back, raw) {
			t.Fatalf("%x came back as %x: %v", raw, back, err)
		}
	})
}
