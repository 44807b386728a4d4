package webpush

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"time"
)

// Key is by what push services know a sender (RFC 8292 2): apps name its public half when they subscribe. Safe for concurrent use.
type Key struct {
	private *ecdsa.PrivateKey
	public  string
}

// NewKey makes a key.
func NewKey() (Key, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Key{}, fmt.Errorf("make a push key: %w", err)
	}
	return keyOf(private)
}

// ParseKey reads what [Key.Secret] wrote.
func ParseKey(secret string) (Key, error) {
	raw, err := base64.RawURLEncoding.DecodeString(secret)
	if err != nil {
		return Key{}, fmt.Errorf("read a push key: %w", err)
	}
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
	if err != nil {
		return Key{}, fmt.Errorf("read a push key: %w", err)
	}
	return keyOf(private)
}

func keyOf(private *ecdsa.PrivateKey) (Key, error) {
	public, err := private.PublicKey.Bytes()
	if err != nil {
		return Key{}, fmt.Errorf("public half of a push key: %w", err)
	}
	return Key{private, base64.RawURLEncoding.EncodeToString(public)}, nil
}

// Public is the half that apps are told (RFC 8292 3.2): the uncompressed point, in base64url.
func (k Key) Public() string { return k.public }

// Secret is the other half, to keep.
func (k Key) Secret() (string, error) {
	raw, err := k.private.Bytes()
	return base64.RawURLEncoding.EncodeToString(raw), err
}

// tokenLife is how long a proof of the sender holds; RFC 8292 2 allows a day.
const tokenLife = 12 * time.Hour

// token proves to the service at an endpoint who sends (RFC 8292 2): a JWT (RFC 7519) signed with ES256 (RFC 7518 3.4).
func (k Key) token(endpoint *url.URL, contact string, now time.Time) (string, error) {
	claims, err := json.Marshal(map[string]any{
		"aud": endpoint.Scheme + "://" + endpoint.Host, "exp": now.Add(tokenLife).Unix(), "sub": contact,
	})
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + encode(claims)
	digest := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, k.private, digest[:])
	if err != nil {
		return "", fmt.Errorf("sign for %s: %w", endpoint.Host, err)
	}
	signature := make([]byte, 2*coordinate)
	r.FillBytes(signature[:coordinate])
	s.FillBytes(signature[coordinate:])
	return text + "." + encode(signature), nil
}

const coordinate = 32 // bytes of a number of P-256
