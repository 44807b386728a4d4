package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
)

const secretLen = 32 // bytes: 256 bits, beyond all guessing, so that a fast hash is enough to store them by

// NewSecret returns a secret to give away once (a sign-in link, a session cookie, an access token) and the hash to keep.
func NewSecret() (secret, hash string) {
	b := make([]byte, secretLen)
	_, _ = rand.Read(b) // never fails, see [rand.Read]
	secret = base64.RawURLEncoding.EncodeToString(b)
	return secret, HashSecret(secret)
}

// HashSecret returns the hash to find a presented secret by, in hexadecimal. To look it up by the hash leaks no more by its time than
// what an attacker can compute.
func HashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
