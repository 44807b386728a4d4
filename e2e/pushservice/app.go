// Package pushservice is a push service on loopback with the apps behind it: it takes letters as RFC 8030 has it, checks who sends them
// (RFC 8292), and opens them with the app's own key (RFC 8291, and the draft before it). It shares no code with the node: what it reads,
// others can read.
package pushservice

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// App is who subscribes and reads.
type App struct {
	Endpoint string
	private  *ecdh.PrivateKey
	auth     []byte
}

// NewApp makes the keys of an app that is called at an endpoint.
func NewApp(endpoint string) (*App, error) {
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("keys of an app: %w", err)
	}
	auth := make([]byte, 16)
	_, err = rand.Read(auth)
	return &App{endpoint, private, auth}, err
}

// Keys are what the app gives: its public key and the secret that it shares.
func (a *App) Keys() (public, auth []byte) { return a.private.PublicKey().Bytes(), a.auth }

// Form is what the app sends to subscribe (Mastodon API, POST /api/v1/push/subscription), with the names of what it wants to hear of.
func (a *App) Form(standard bool, alerts ...string) url.Values {
	form := url.Values{
		"subscription[endpoint]":     {a.Endpoint},
		"subscription[keys][p256dh]": {base64.RawURLEncoding.EncodeToString(a.private.PublicKey().Bytes())},
		"subscription[keys][auth]":   {base64.RawURLEncoding.EncodeToString(a.auth)},
		"subscription[standard]":     {strconv.FormatBool(standard)},
	}
	for _, alert := range alerts {
		form.Set("data[alerts]["+alert+"]", "true")
	}
	return form
}

// open reads a letter in either dialect.
func (a *App) open(header http.Header, body []byte) ([]byte, error) {
	switch encoding := header.Get("Content-Encoding"); encoding {
	case "aes128gcm":
		return a.openStandard(body)
	case "aesgcm":
		return a.openDraft(header, body)
	default:
		return nil, fmt.Errorf("unknown encoding %q", encoding)
	}
}

// openStandard reads RFC 8188 2.1: salt, record size, length of the key id, key id, and one record.
func (a *App) openStandard(body []byte) ([]byte, error) {
	const fixed = 16 + 4 + 1
	if len(body) < fixed || len(body) < fixed+int(body[fixed-1]) {
		return nil, errors.New("the letter has no header")
	}
	salt, size, sender, box := body[:16], binary.BigEndian.Uint32(body[16:20]), body[fixed:fixed+int(body[20])], body[fixed+int(body[20]):]
	if int(size) < len(box) {
		return nil, fmt.Errorf("a record of %d bytes holds %d", size, len(box))
	}
	shared, err := a.agree(sender)
	if err != nil {
		return nil, err
	}
	base, err := hkdf.Key(sha256.New, shared, a.auth, "WebPush: info\x00"+string(a.private.PublicKey().Bytes())+string(sender), 32)
	if err != nil {
		return nil, err
	}
	text, err := decrypt(base, salt, "Content-Encoding: aes128gcm\x00", "Content-Encoding: nonce\x00", box)
	if err != nil {
		return nil, err
	}
	end := bytes.LastIndexByte(text, 2) // RFC 8188 2: the delimiter of the last record, then padding of zeros
	if end < 0 || len(bytes.Trim(text[end+1:], "\x00")) > 0 {
		return nil, errors.New("the record is not the last one")
	}
	return text[:end], nil
}

// openDraft reads draft-ietf-webpush-encryption-04: salt and key are in headers.
func (a *App) openDraft(header http.Header, body []byte) ([]byte, error) {
	salt, err := parameter(header.Get("Encryption"), "salt")
	if err != nil {
		return nil, err
	}
	sender, err := parameter(header.Get("Crypto-Key"), "dh")
	if err != nil {
		return nil, err
	}
	shared, err := a.agree(sender)
	if err != nil {
		return nil, err
	}
	base, err := hkdf.Key(sha256.New, shared, a.auth, "Content-Encoding: auth\x00", 32)
	if err != nil {
		return nil, err
	}
	own := a.private.PublicKey().Bytes()
	context := "P-256\x00\x00\x41" + string(own) + "\x00\x41" + string(sender) // 0x41: 65 bytes
	text, err := decrypt(base, salt, "Content-Encoding: aesgcm\x00"+context, "Content-Encoding: nonce\x00"+context, body)
	if err != nil {
		return nil, err
	}
	if len(text) < 2 || len(text) < 2+int(binary.BigEndian.Uint16(text)) {
		return nil, errors.New("the letter has no padding")
	}
	return text[2+int(binary.BigEndian.Uint16(text)):], nil
}

func (a *App) agree(sender []byte) ([]byte, error) {
	public, err := ecdh.P256().NewPublicKey(sender)
	if err != nil {
		return nil, fmt.Errorf("key of the sender: %w", err)
	}
	return a.private.ECDH(public)
}

func decrypt(base, salt []byte, keyInfo, nonceInfo string, box []byte) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, base, salt, keyInfo, 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, base, salt, nonceInfo, 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return gcm.Open(nil, nonce, box, nil)
}

// parameter reads one of name=value;name=value, in base64url.
func parameter(header, name string) ([]byte, error) {
	for part := range strings.SplitSeq(header, ";") {
		if found, value, _ := strings.Cut(strings.TrimSpace(part), "="); found == name {
			return base64.RawURLEncoding.DecodeString(value)
		}
	}
	return nil, fmt.Errorf("%q has no %s", header, name)
}
