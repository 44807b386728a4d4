package signature

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

const (
	// newRSABits is what every platform takes and signs quickly enough for a large fan-out.
	newRSABits = 2048
	minRSABits = 2048
	// maxRSABits bounds what a stranger's key may cost us: verifying grows with the square of its size.
	maxRSABits = 8192
	maxPEM     = 16 << 10
)

// PrivateKey is a key that signs, together with the id under which others find its public half,
// as https://stad.example/g/wijkraad#main-key. It may be used from many goroutines at once and prints as its id.
type PrivateKey struct {
	ID string

	signer crypto.Signer // *rsa.PrivateKey or ed25519.PrivateKey
}

// GenerateRSA makes a new RSA key: the kind that every platform verifies.
func GenerateRSA(id string) (PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, newRSABits)
	if err != nil {
		return PrivateKey{}, fmt.Errorf("generate RSA key: %w", err)
	}
	key.Precompute()
	return PrivateKey{ID: id, signer: key}, nil
}

// GenerateEd25519 makes a new Ed25519 key, for proofs (FEP-8b32) and RFC 9421.
func GenerateEd25519(id string) (PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return PrivateKey{}, fmt.Errorf("generate Ed25519 key: %w", err)
	}
	return PrivateKey{ID: id, signer: key}, nil
}

// ParsePrivate reads a key from a PEM block that holds PKCS #8, as [PrivateKey.EncodePEM] writes it.
func ParsePrivate(id string, text []byte) (PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return PrivateKey{}, errors.New("parse private key: no PEM block")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return PrivateKey{}, fmt.Errorf("parse private key: %w", err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return PrivateKey{}, fmt.Errorf("parse private key: a %T cannot sign", key)
	}
	if err := checkPublic(signer.Public()); err != nil {
		return PrivateKey{}, fmt.Errorf("parse private key: %w", err)
	}
	return PrivateKey{ID: id, signer: signer}, nil
}

// EncodePEM writes the key, unencrypted, as a PEM block that holds PKCS #8.
func (k PrivateKey) EncodePEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.signer)
	if err != nil {
		return nil, fmt.Errorf("encode private key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// Public returns the half that verifies: *rsa.PublicKey or ed25519.PublicKey.
func (k PrivateKey) Public() crypto.PublicKey { return k.signer.Public() }

// String keeps the secret out of logs.
func (k PrivateKey) String() string { return k.ID }

// GoString keeps the secret out of logs written with %#v.
func (k PrivateKey) GoString() string { return fmt.Sprintf("signature.PrivateKey{%q}", k.ID) }

// EncodePublic writes a public key as actors publish it in publicKeyPem: a PEM block that holds SPKI.
func EncodePublic(pub crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return "", fmt.Errorf("encode public key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}

// ParsePublic reads a stranger's publicKeyPem: SPKI, or PKCS #1 as some platforms write, whatever the label says.
// Only RSA keys of a sane size and Ed25519 keys come out.
func ParsePublic(text string) (crypto.PublicKey, error) {
	if len(text) > maxPEM {
		return nil, refuse(Malformed, "public key of %d bytes", len(text))
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, refuse(Malformed, "public key without PEM block")
	}
	pub, err := parseSPKI(block.Bytes)
	if err != nil {
		return nil, refuse(Malformed, "public key: %v", err)
	}
	if err := checkPublic(pub); err != nil {
		return nil, err
	}
	return pub, nil
}

func parseSPKI(der []byte) (crypto.PublicKey, error) {
	pub, err := x509.ParsePKIXPublicKey(der)
	if err == nil {
		return pub, nil
	}
	if old, oldErr := x509.ParsePKCS1PublicKey(der); oldErr == nil {
		return old, nil
	}
	return nil, err
}

// checkPublic refuses every key that is not of the two kinds in use. The kind of the key is what chooses the
// algorithm: a name in a header never does, or a public key could be passed off as the secret of an HMAC.
func checkPublic(pub crypto.PublicKey) error {
	switch key := pub.(type) {
	case *rsa.PublicKey:
		if key == nil || key.N == nil {
			return refuse(Forbidden, "empty RSA key")
		}
		if bits := key.N.BitLen(); bits < minRSABits || bits > maxRSABits {
			return refuse(Forbidden, "RSA key of %d bits", bits)
		}
	case ed25519.PublicKey:
		if len(key) != ed25519.PublicKeySize {
			return refuse(Forbidden, "Ed25519 key of %d bytes", len(key))
		}
	default:
		return refuse(Forbidden, "key of type %T", pub)
	}
	return nil
}

// signBytes makes the signature that both RFC 9421 and proofs need: RSASSA-PKCS1-v1_5 over SHA-256, or Ed25519.
func (k PrivateKey) signBytes(message []byte) ([]byte, error) {
	if _, ok := k.signer.(*rsa.PrivateKey); ok {
		sum := sha256.Sum256(message)
		return k.signer.Sign(rand.Reader, sum[:], crypto.SHA256)
	}
	return k.signer.Sign(rand.Reader, message, crypto.Hash(0))
}

// verifyBytes is the other side of signBytes.
func verifyBytes(pub crypto.PublicKey, message, signature []byte) error {
	if err := checkPublic(pub); err != nil {
		return err
	}
	valid := false
	switch key := pub.(type) {
	case *rsa.PublicKey:
		sum := sha256.Sum256(message)
		valid = rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) == nil
	case ed25519.PublicKey:
		valid = ed25519.Verify(key, message, signature)
	}
	if !valid {
		return refuse(Mismatch, "not made by this key")
	}
	return nil
}
