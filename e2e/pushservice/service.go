package pushservice

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// Letter is what came for an app.
type Letter struct {
	Path    string
	Header  http.Header
	Key     string // of the sender, as it says
	Subject string // whom to turn to
	Message []byte // what the app reads
}

// Service takes letters. Each app has a path.
type Service struct {
	URL    string
	server *httptest.Server

	mu      sync.Mutex
	apps    map[string]*App
	answers []int // to the next letters
	wrong   []error
	letters []Letter
	calls   int
}

// Start listens on loopback until Close.
func Start() *Service {
	s := &Service{apps: map[string]*App{}}
	s.server = httptest.NewServer(http.HandlerFunc(s.take))
	s.URL = s.server.URL
	return s
}

// Close stops it.
func (s *Service) Close() { s.server.Close() }

// App makes an app that is called at a path.
func (s *Service) App(path string) (*App, error) {
	app, err := NewApp(s.URL + path)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.apps[path] = app
	return app, err
}

// Answer has the next letters answered with these numbers, and not taken.
func (s *Service) Answer(statuses ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = append(s.answers, statuses...)
}

// Letters lists what was taken, Calls counts the requests, and Wrong lists what no app could read.
func (s *Service) Letters() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Letter{}, s.letters...)
}

// Calls is told with Letters.
func (s *Service) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// Wrong is told with Letters.
func (s *Service) Wrong() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.wrong...)
}

func (s *Service) take(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if len(s.answers) > 0 {
		status := s.answers[0]
		s.answers = s.answers[1:]
		w.WriteHeader(status)
		return
	}
	letter, err := s.read(r)
	if err != nil {
		s.wrong = append(s.wrong, err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.letters = append(s.letters, letter)
	w.WriteHeader(http.StatusCreated)
}

func (s *Service) read(r *http.Request) (Letter, error) {
	letter := Letter{Path: r.URL.Path, Header: r.Header}
	app := s.apps[r.URL.Path]
	body, err := io.ReadAll(r.Body)
	switch {
	case err != nil:
		return letter, err
	case app == nil || r.Method != http.MethodPost:
		return letter, fmt.Errorf("%s %s is for nobody", r.Method, r.URL.Path)
	case r.Header.Get("TTL") == "":
		return letter, errors.New("a letter without TTL") // RFC 8030 5.2
	case len(body) > 4096:
		return letter, fmt.Errorf("a letter of %d bytes", len(body)) // RFC 8030 7.2
	}
	if letter.Key, letter.Subject, err = s.sender(r.Header); err != nil {
		return letter, err
	}
	letter.Message, err = app.open(r.Header, body)
	return letter, err
}

// sender verifies who sent a letter (RFC 8292 3, and draft-ietf-webpush-vapid-01 3 for the draft).
func (s *Service) sender(header http.Header) (key, subject string, err error) {
	scheme, rest, _ := strings.Cut(header.Get("Authorization"), " ")
	token := rest
	switch scheme {
	case "vapid":
		for part := range strings.SplitSeq(rest, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			if name == "t" {
				token = value
			}
			if name == "k" {
				key = value
			}
		}
	case "WebPush":
		raw, err := parameter(header.Get("Crypto-Key"), "p256ecdsa")
		if err != nil {
			return "", "", err
		}
		key = base64.RawURLEncoding.EncodeToString(raw)
	default:
		return "", "", fmt.Errorf("nobody signs with %q", scheme)
	}
	subject, err = s.verify(token, key)
	return key, subject, err
}

func (s *Service) verify(token, key string) (subject string, err error) {
	parts := strings.Split(token, ".")
	point, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil || len(parts) != 3 {
		return "", fmt.Errorf("no token and key: %q, %q", token, key)
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return "", err
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || len(signature) != 64 {
		return "", errors.New("no signature of ES256")
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(public, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		return "", errors.New("the signature does not fit the key")
	}
	var claims struct {
		Audience string `json:"aud"`
		Expires  int64  `json:"exp"`
		Subject  string `json:"sub"`
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(raw, &claims)
	}
	left := time.Until(time.Unix(claims.Expires, 0))
	if err == nil && (claims.Audience != s.URL || left <= 0 || left > 24*time.Hour) {
		err = fmt.Errorf("the token is for %s, for %s", claims.Audience, left)
	}
	return claims.Subject, err
}
