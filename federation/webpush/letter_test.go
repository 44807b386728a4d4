package webpush

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"
)

func decode(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// The example of RFC 8291 5, byte for byte.
func TestTheExampleOfTheRFC(t *testing.T) {
	t.Parallel()
	own, err := ecdh.P256().NewPrivateKey(decode(t, "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
	if err != nil {
		t.Fatal(err)
	}
	app, err := ecdh.P256().NewPublicKey(decode(t, "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"))
	if err != nil {
		t.Fatal(err)
	}
	shared, err := own.ECDH(app)
	if err != nil {
		t.Fatal(err)
	}
	s := secrets{
		app: app.Bytes(), own: own.PublicKey().Bytes(), shared: shared,
		auth: decode(t, "BTBZMqHH6r4Tts7J_aSIgg"), salt: decode(t, "DGv6ra1nlYgDCS1FRnbzlw"),
	}
	letter, err := s.seal([]byte("When I grow up, I want to be a watermelon"), Key{}, "")
	if err != nil {
		t.Fatal(err)
	}
	const want = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT" +
		"pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
	if got := base64.RawURLEncoding.EncodeToString(letter.Body); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A key can be kept, and what it signs can be checked with what apps are told of it (RFC 8292 2).
func TestKeys(t *testing.T) {
	t.Parallel()
	made, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	secret, err := made.Secret()
	if err != nil {
		t.Fatal(err)
	}
	key, err := ParseKey(secret)
	if err != nil || key.Public() != made.Public() {
		t.Fatalf("kept as %s, is %s: %v", made.Public(), key.Public(), err)
	}
	now := time.Unix(1_800_000_000, 0)
	token, err := key.token(&url.URL{Scheme: "https", Host: "push.example:8443", Path: "/x"}, "mailto:a@x.example", now)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(token, ".")
	var claims struct {
		Audience string `json:"aud"`
		Expires  int64  `json:"exp"`
		Subject  string `json:"sub"`
	}
	if err := json.Unmarshal(decode(t, parts[1]), &claims); err != nil {
		t.Fatal(err)
	}
	life := time.Unix(claims.Expires, 0).Sub(now)
	if claims.Audience != "https://push.example:8443" || claims.Subject != "mailto:a@x.example" || life <= 0 || life > 24*time.Hour {
		t.Errorf("claims %+v", claims)
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), decode(t, key.Public()))
	if err != nil {
		t.Fatal(err)
	}
	digest, signature := sha256.Sum256([]byte(parts[0]+"."+parts[1])), decode(t, parts[2])
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	if len(signature) != 64 || !ecdsa.Verify(public, digest[:], r, s) {
		t.Error("the signature is not the key's")
	}
	for _, wrong := range []string{"", "x", "AAAA", strings.Repeat("_", 43)} {
		if _, err := ParseKey(wrong); err == nil {
			t.Errorf("%q is taken for a key", wrong)
		}
	}
}

// What nothing can be encrypted for is refused when an app subscribes, and a message never grows beyond what push services take.
func TestLimits(t *testing.T) {
	t.Parallel()
	key, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	reader, err := ecdh.P256().GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	public, auth := reader.PublicKey().Bytes(), make([]byte, AuthLen)
	off := append([]byte{}, public...)
	off[40] ^= 1
	for name, test := range map[string]struct {
		public, auth []byte
		good         bool
	}{
		"good": {public, auth, true}, "short secret": {public, auth[1:], false}, "no key": {nil, auth, false}, "not on the curve": {off, auth, false},
	} {
		if err := CheckKeys(test.public, test.auth); (err == nil) != test.good {
			t.Errorf("%s: %v", name, err)
		}
	}
	app := App{Endpoint: &url.URL{Scheme: "https", Host: "push.example"}, PublicKey: public, Auth: auth}
	for _, app.Standard = range []bool{true, false} {
		letter, err := key.Write(make([]byte, MaxMessage), app, Envelope{})
		if err != nil || len(letter.Body) > record {
			t.Errorf("%d bytes, %v", len(letter.Body), err)
		}
		if _, err := key.Write(make([]byte, MaxMessage+1), app, Envelope{}); err == nil {
			t.Error("one byte more is taken")
		}
	}
}
