package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
)

// Sealer locks what has to come out again as it was, which a hash does not let it: AES-GCM under a key for one purpose. Who reads a table,
// a backup of it or a log of statements has nothing; who has the node's own keys as well has it all. Safe for concurrent use.
type Sealer struct{ gcm cipher.AEAD }

// NewSealer derives the key for a purpose from a secret of the node.
func NewSealer(secret []byte, purpose string) (Sealer, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "meent "+purpose, secretLen)
	if err != nil {
		return Sealer{}, fmt.Errorf("derive the key of %s: %w", purpose, err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return Sealer{}, fmt.Errorf("key of %s: %w", purpose, err)
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	return Sealer{gcm}, err
}

// Seal locks a text to a place: it opens there only.
func (s Sealer) Seal(text, place string) []byte {
	return s.gcm.Seal(nil, nil, []byte(text), []byte(place)) //nolint:gosec // the cipher makes a nonce each time
}

// Open gives the text back; an error when it was changed, moved to another place, or sealed by another node.
func (s Sealer) Open(sealed []byte, place string) (string, error) {
	text, err := s.gcm.Open(nil, nil, sealed, []byte(place))
	if err != nil {
		return "", fmt.Errorf("open what is sealed: %w", err)
	}
	return string(text), nil
}
