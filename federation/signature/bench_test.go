package signature

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"testing"
)

// The bare operations, to see what the package adds to them.

func BenchmarkBareSign(b *testing.B) {
	sum := sha256.Sum256(note)
	b.Run("rsa", func(b *testing.B) {
		for b.Loop() {
			must(rsaKey().signer.Sign(rand.Reader, sum[:], crypto.SHA256))
		}
	})
	b.Run("ed25519", func(b *testing.B) {
		for b.Loop() {
			must(edKey().signer.Sign(nil, note, crypto.Hash(0)))
		}
	})
}

func BenchmarkBareVerify(b *testing.B) {
	sum := sha256.Sum256(note)
	value := must(rsaKey().signBytes(note))
	pub := rsaKey().Public().(*rsa.PublicKey)
	b.Run("rsa", func(b *testing.B) {
		for b.Loop() {
			if err := rsa.VerifyPKCS1v15(pub, crypto.SHA256, sum[:], value); err != nil {
				b.Fatal(err)
			}
		}
	})
	value = must(edKey().signBytes(note))
	b.Run("ed25519", func(b *testing.B) {
		for b.Loop() {
			if err := verifyBytes(edKey().Public(), note, value); err != nil {
				b.Fatal(err)
			}
		}
	})
}

var benchmarks = []struct {
	name   string
	key    func() PrivateKey
	scheme Scheme
}{
	{"rsa/draft", rsaKey, Cavage},
	{"rsa/rfc9421", rsaKey, RFC9421},
	{"ed25519/rfc9421", edKey, RFC9421},
}

func BenchmarkSign(b *testing.B) {
	digests := NewBody(note)
	for _, bb := range benchmarks {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			req := outgoing("/inbox", note)
			for b.Loop() {
				if err := Sign(req, digests, bb.key(), bb.scheme, now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	policy := testPolicy()
	for _, bb := range benchmarks {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			r, body := signed(b, "/inbox", note, bb.key(), bb.scheme, now)
			for b.Loop() {
				must(Parse(r, body, policy))
			}
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	policy := testPolicy()
	for _, bb := range benchmarks {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			r, body := signed(b, "/inbox", note, bb.key(), bb.scheme, now)
			claim := must(Parse(r, body, policy))
			for b.Loop() {
				if err := claim.Verify(bb.key().Public()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkProof(b *testing.B) {
	b.Run("sign", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			must(SignProof([]byte(activity), edKey(), now))
		}
	})
	signed := []byte(signedActivity(b))
	b.Run("verify", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := must(ParseProof(signed, now)).Verify(edKey().Public()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
