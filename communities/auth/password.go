// Package auth holds what proves who somebody is and what they let a program do: passwords, secrets and scopes. It has a room of its own,
// without an archive or HTTP, so that every door keeps the same lock and the lock can be tried by itself.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// The cost of one hash (OWASP Password Storage Cheat Sheet, argon2id). What is stored says by which it was made.
const (
	memory  = 19 * 1024 // KiB
	passes  = 2
	threads = 1
	saltLen = 16 // bytes
	hashLen = 32 // bytes
)

const (
	atOnce      = 2   // hashes; each takes [memory]
	MinPassword = 12  // characters
	maxPassword = 256 // bytes: more is no more secret, only more work
	maxMemory   = 4 * memory
	maxPasses   = 8
	maxThreads  = 4
	format      = "$argon2id$v=%d$m=%d,t=%d,p=%d$" // before salt and hash
)

// ErrPassword says that a new password is too short or too long.
var ErrPassword = fmt.Errorf("a password has at least %d characters and at most %d bytes", MinPassword, maxPassword)

// Passwords hashes and checks passwords, a few at a time, so that nobody fills the memory by knocking. Safe for concurrent use.
type Passwords struct{ slots chan struct{} }

// NewPasswords returns the one place of a process where passwords are hashed.
func NewPasswords() *Passwords { return &Passwords{slots: make(chan struct{}, atOnce)} }

// Hash returns what to store of a new password, in the form that other programs read too (PHC string format).
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	if utf8.RuneCountInString(password) < MinPassword || len(password) > maxPassword {
		return "", ErrPassword
	}
	salt := make([]byte, saltLen)
	_, _ = rand.Read(salt) // never fails, see [rand.Read]
	hash, err := p.derive(ctx, password, cost{memory, passes, threads}, salt, hashLen)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(format, argon2.Version, memory, passes, threads) + encode(salt) + "$" + encode(hash), nil
}

// Check tells whether the password is the one that stored was made of. Where nothing is stored it takes as long, and says no, so
// that the time betrays nothing.
func (p *Passwords) Check(ctx context.Context, password, stored string) (bool, error) {
	if len(password) > maxPassword {
		return false, nil
	}
	s, err := parse(stored)
	if stored == "" {
		s, err = storedHash{cost{memory, passes, threads}, make([]byte, saltLen), make([]byte, hashLen)}, nil
	}
	if err != nil {
		return false, err
	}
	hash, err := p.derive(ctx, password, s.cost, s.salt, uint32(len(s.hash))) //nolint:gosec // parse bounds it
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(hash, s.hash) == 1 && stored != "", nil
}

// Stale tells whether stored was made at another cost than today's, so that it should be made anew at the next sign-in.
func Stale(stored string) bool {
	s, err := parse(stored)
	return err == nil && s.cost != cost{memory, passes, threads}
}

type cost struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

// storedHash is a parsed hash.
type storedHash struct {
	cost
	salt, hash []byte
}

// derive waits for a free slot, or until ctx ends.
func (p *Passwords) derive(ctx context.Context, password string, c cost, salt []byte, length uint32) ([]byte, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to hash a password: %w", ctx.Err())
	}
	defer func() { <-p.slots }()
	return argon2.IDKey([]byte(password), salt, c.passes, c.memory, c.threads, length), nil
}

var errStored = errors.New("the stored password hash cannot be read")

// parse takes nothing that it would not have written so itself, and no cost that would exhaust the machine.
func parse(stored string) (storedHash, error) {
	var s storedHash
	var version int
	if _, err := fmt.Sscanf(stored, format, &version, &s.memory, &s.passes, &s.threads); err != nil || version != argon2.Version {
		return s, errStored
	}
	rest, ok := strings.CutPrefix(stored, fmt.Sprintf(format, version, s.memory, s.passes, s.threads))
	salt, hash, two := strings.Cut(rest, "$")
	var saltErr, hashErr error
	s.salt, saltErr = base64.RawStdEncoding.DecodeString(salt)
	s.hash, hashErr = base64.RawStdEncoding.DecodeString(hash)
	sound := ok && two && saltErr == nil && hashErr == nil && len(s.hash) >= hashLen && len(s.hash) <= maxPassword
	if !sound || s.memory > maxMemory || s.passes == 0 || s.passes > maxPasses || s.threads == 0 || s.threads > maxThreads {
		return s, errStored
	}
	return s, nil
}

func encode(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }
