package webpush

import (
	"bytes"
	"cmp"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Urgency tells a push service whether to wake a device for a letter (RFC 8030 5.3).
type Urgency string

const (
	Low    Urgency = "low"
	Normal Urgency = "normal"
)

// App is who reads a letter: what it gave when it subscribed (RFC 8291 2).
type App struct {
	Endpoint  *url.URL
	PublicKey []byte // an uncompressed point of P-256
	Auth      []byte
	Standard  bool // it reads RFC 8291, else the draft
}

// Sizes of what an app gives.
const (
	pointLen = 1 + 2*coordinate
	AuthLen  = 16
)

// CheckKeys refuses keys for which nothing can be encrypted.
func CheckKeys(publicKey, auth []byte) error {
	if len(auth) != AuthLen {
		return fmt.Errorf("a secret of %d bytes, not %d", len(auth), AuthLen)
	}
	if _, err := ecdh.P256().NewPublicKey(publicKey); err != nil {
		return fmt.Errorf("public key of an app: %w", err)
	}
	return nil
}

// Letter is a message that only the app can read, with the headers under which it travels.
type Letter struct {
	Body   []byte
	Header http.Header
}

// Envelope is what a push service reads.
type Envelope struct {
	Contact string // of the sender: an address that begins with mailto: or https:
	Life    time.Duration
	Urgency Urgency
	Now     time.Time
}

// Write encrypts a message of at most [MaxMessage] bytes for an app.
func (k Key) Write(message []byte, app App, envelope Envelope) (Letter, error) {
	if len(message) > MaxMessage {
		return Letter{}, fmt.Errorf("a message of %d bytes is too long for a push service", len(message))
	}
	token, err := k.token(app.Endpoint, envelope.Contact, envelope.Now)
	if err != nil {
		return Letter{}, err
	}
	s, err := newSecrets(app)
	if err != nil {
		return Letter{}, err
	}
	seal := s.sealDraft
	if app.Standard {
		seal = s.seal
	}
	letter, err := seal(message, k, token)
	if err != nil {
		return Letter{}, err
	}
	letter.Header.Set("Content-Type", "application/octet-stream")
	letter.Header.Set("TTL", strconv.Itoa(int(envelope.Life.Seconds()))) // RFC 8030 5.2
	letter.Header.Set("Urgency", string(cmp.Or(envelope.Urgency, Normal)))
	return letter, nil
}

const (
	record = 4096 // bytes that every push service takes (RFC 8030 7.2)
	tagLen = 16   // of AES-GCM

	// MaxMessage leaves room for all that encryption adds (RFC 8291 4).
	MaxMessage = record - saltLen - 4 - 1 - pointLen - tagLen - 1
)

const (
	saltLen  = 16
	keyLen   = 16
	nonceLen = 12
)

// secrets are those of one letter: a key pair made for it, what it shares with the app's, and a salt.
type secrets struct {
	app    []byte // public
	own    []byte // public
	shared []byte
	auth   []byte
	salt   []byte
}

func newSecrets(app App) (secrets, error) {
	theirs, err := ecdh.P256().NewPublicKey(app.PublicKey)
	if err != nil {
		return secrets{}, fmt.Errorf("public key of an app: %w", err)
	}
	own, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return secrets{}, fmt.Errorf("make a key for a letter: %w", err)
	}
	shared, err := own.ECDH(theirs)
	if err != nil {
		return secrets{}, fmt.Errorf("agree with an app: %w", err)
	}
	salt := make([]byte, saltLen)
	_, _ = rand.Read(salt) // never fails, see [rand.Read]
	return secrets{app: app.PublicKey, own: own.PublicKey().Bytes(), shared: shared, auth: app.Auth, salt: salt}, nil
}

// seal writes RFC 8291 3.4 in one record of RFC 8188 2, with a header that names all but the app's own secrets.
func (s secrets) seal(message []byte, k Key, token string) (Letter, error) {
	base, err := derive(s.shared, s.auth, "WebPush: info\x00"+string(s.app)+string(s.own), sha256.Size)
	if err != nil {
		return Letter{}, err
	}
	box, err := s.encrypt(base, "aes128gcm", "", append(bytes.Clone(message), 2)) // 2: the last record, unpadded
	if err != nil {
		return Letter{}, err
	}
	body := binary.BigEndian.AppendUint32(bytes.Clone(s.salt), record)
	body = append(append(append(body, pointLen), s.own...), box...)
	header := http.Header{}
	header.Set("Content-Encoding", "aes128gcm")
	header.Set("Authorization", "vapid t="+token+", k="+k.public) // RFC 8292 3
	return Letter{body, header}, nil
}

// sealDraft writes draft-ietf-webpush-encryption-04 4.2: a salt and a key in headers, two bytes that say how much padding follows.
func (s secrets) sealDraft(message []byte, k Key, token string) (Letter, error) {
	base, err := derive(s.shared, s.auth, "Content-Encoding: auth\x00", sha256.Size)
	if err != nil {
		return Letter{}, err
	}
	size := string(binary.BigEndian.AppendUint16(nil, pointLen))
	context := "P-256\x00" + size + string(s.app) + size + string(s.own)
	box, err := s.encrypt(base, "aesgcm", context, append([]byte{0, 0}, message...))
	if err != nil {
		return Letter{}, err
	}
	encode := base64.RawURLEncoding.EncodeToString
	header := http.Header{}
	header.Set("Content-Encoding", "aesgcm")
	header.Set("Encryption", "salt="+encode(s.salt))
	header.Set("Crypto-Key", "dh="+encode(s.own)+";p256ecdsa="+k.public)
	header.Set("Authorization", "WebPush "+token)
	return Letter{box, header}, nil
}

// encrypt derives the key and the nonce of a content encoding (RFC 8188 2.2, 2.3) and seals text with them.
func (s secrets) encrypt(base []byte, encoding, context string, text []byte) ([]byte, error) {
	key, err := derive(base, s.salt, "Content-Encoding: "+encoding+"\x00"+context, keyLen)
	if err != nil {
		return nil, err
	}
	nonce, err := derive(base, s.salt, "Content-Encoding: nonce\x00"+context, nonceLen)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("encrypt a letter: %w", err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("encrypt a letter: %w", err)
	}
	return gcm.Seal(nil, nonce, text, nil), nil
}

func derive(secret, salt []byte, info string, length int) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, secret, salt, info, length)
	if err != nil {
		return nil, fmt.Errorf("derive a key for a letter: %w", err)
	}
	return key, nil
}
