package auth

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPasswords(t *testing.T) {
	t.Parallel()
	const password = "een lange zin over de meent"
	p := NewPasswords()
	stored, err := p.Hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	again, err := p.Hash(t.Context(), password)
	if err != nil || again == stored {
		t.Errorf("two hashes of one password are alike, or %v", err)
	}
	if Stale(stored) || strings.Contains(stored, password) {
		t.Errorf("stored as %q", stored)
	}
	for _, test := range []struct {
		password, stored string
		want             bool
	}{
		{password, stored, true},
		{password, again, true},
		{password + " ", stored, false},
		{"", stored, false},
		{password, "", false},
		{"", "", false},
		{strings.Repeat("a", maxPassword+1), stored, false},
	} {
		if got, err := p.Check(t.Context(), test.password, test.stored); got != test.want || err != nil {
			t.Errorf("check %q against %q: %t, %v", test.password, test.stored, got, err)
		}
	}
}

func TestPasswordLimits(t *testing.T) {
	t.Parallel()
	p := NewPasswords()
	for _, password := range []string{"", "kort", strings.Repeat("é", MinPassword-1), strings.Repeat("a", maxPassword+1)} {
		if _, err := p.Hash(t.Context(), password); !errors.Is(err, ErrPassword) {
			t.Errorf("hash of %d bytes: %v", len(password), err)
		}
	}
}

func TestStoredHashesOfStrangersAreRefused(t *testing.T) {
	t.Parallel()
	good, err := NewPasswords().Hash(t.Context(), "een lange zin over de meent")
	if err != nil {
		t.Fatal(err)
	}
	for name, stored := range map[string]string{
		"bcrypt":    "$2a$10$N9qo8uLOickgx2ZMRZoMye",
		"memory":    strings.Replace(good, "m=19456", "m=4194304", 1),
		"no passes": strings.Replace(good, "t=2", "t=0", 1),
		"version":   strings.Replace(good, "v=19", "v=16", 1),
		"padding":   strings.Replace(good, "m=19456", "m=019456", 1),
		"short":     good[:len(good)-20],
		"no hash":   good[:strings.LastIndex(good, "$")],
	} {
		if ok, err := NewPasswords().Check(t.Context(), "een lange zin over de meent", stored); ok || err == nil {
			t.Errorf("%s: %t, %v", name, ok, err)
		}
	}
	if !Stale(strings.Replace(good, "t=2", "t=3", 1)) {
		t.Error("a hash at another cost is not stale")
	}
}

// Whoever waits behind busy slots goes when their request ends.
func TestPasswordsWaitForASlot(t *testing.T) {
	t.Parallel()
	p := NewPasswords()
	for range atOnce {
		p.slots <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := p.Check(ctx, "x", ""); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	secret, hash := NewSecret()
	other, _ := NewSecret()
	if secret == other || len(secret) != 43 || len(hash) != 64 || HashSecret(secret) != hash || HashSecret(other) == hash {
		t.Errorf("secret %q, hash %q, other %q", secret, hash, other)
	}
}

func TestParseScopes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		list string
		want Scopes
		ok   bool
	}{
		{"read write follow push", Scopes{Read, Write, FollowScope, Push}, true},
		{"read+write+read", Scopes{Read, Write}, true},
		{"", Scopes{Read}, true},
		{"  read:statuses  profile ", Scopes{"read:statuses", Profile}, true},
		{"admin:read admin:write:accounts", Scopes{AdminRead, "admin:write:accounts"}, true},
		{"write:media", Scopes{"write:media"}, true},
		{"admin", nil, false},
		{"read:media", nil, false},
		{"READ", nil, false},
		{"read,write", nil, false},
	} {
		got, err := ParseScopes(test.list)
		if (err == nil) != test.ok || !cmp.Equal(got, test.want) {
			t.Errorf("%q: %v, %v", test.list, got, err)
		}
		if again, err := ParseScopes(got.String()); test.ok && (err != nil || !cmp.Equal(again, got)) {
			t.Errorf("%q is read back as %v, %v", got, again, err)
		}
	}
}

func TestAllows(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		granted string
		needed  Scope
		want    bool
	}{
		{"read", "read:statuses", true},
		{"read", Read, true},
		{"read", Profile, true},
		{"read:accounts", Profile, true},
		{"read:statuses", "read:accounts", false},
		{"read:statuses", Read, false},
		{"read", "write:statuses", false},
		{"write", "read:statuses", false},
		{"write", "write:media", true},
		{"follow", "write:follows", true},
		{"follow", "read:blocks", true},
		{"follow", "write:statuses", false},
		{"push", Push, true},
		{"read write", Push, false},
		{"read write", AdminRead, false},
		{"admin:read", "admin:read:reports", true},
		{"admin:read", "read:statuses", false},
		{"admin:write:accounts", AdminWrite, false},
		{"profile", "read:accounts", false},
		{"read", "", false},
	} {
		granted, err := ParseScopes(test.granted)
		if err != nil {
			t.Fatal(err)
		}
		if got := Allows(granted, test.needed); got != test.want {
			t.Errorf("%q allows %q = %t", test.granted, test.needed, got)
		}
	}
}

func TestWithin(t *testing.T) {
	t.Parallel()
	registered := Scopes{Read, "write:statuses"}
	for asked, want := range map[string]bool{"read": true, "read:lists write:statuses": true, "write": false, "push": false} {
		scopes, err := ParseScopes(asked)
		if err != nil {
			t.Fatal(err)
		}
		if got := scopes.Within(registered); got != want {
			t.Errorf("%q within %q = %t", asked, registered, got)
		}
	}
}
