package signature

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"
)

// A Multikey is a public key as FEP-521a publishes it: "z" for base58btc, then the multicodec of its kind, then
// the key itself.
const multibaseBase58 = "z"

var multicodecEd25519 = []byte{0xed, 0x01}

// EncodeMultikey writes an Ed25519 public key as a publicKeyMultibase (FEP-521a). Other kinds are an error.
func EncodeMultikey(pub crypto.PublicKey) (string, error) {
	key, ok := pub.(ed25519.PublicKey)
	if !ok {
		return "", fmt.Errorf("encode multikey: a %T has no place in it", pub)
	}
	return encodeMultibase(slices.Concat(multicodecEd25519, key)), nil
}

// ParseMultikey reads a publicKeyMultibase (FEP-521a) that holds an Ed25519 key; others are refused.
func ParseMultikey(text string) (ed25519.PublicKey, error) {
	raw, err := decodeMultibase(text)
	if err != nil {
		return nil, err
	}
	key, ok := bytes.CutPrefix(raw, multicodecEd25519)
	if !ok || len(key) != ed25519.PublicKeySize {
		return nil, refuse(Forbidden, "multikey of another kind than Ed25519")
	}
	return key, nil
}

const (
	base58Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	// maxBase58 bounds the quadratic work of decoding; the longest text in use is a signature.
	maxBase58 = 128
)

func encodeMultibase(raw []byte) string { return multibaseBase58 + encodeBase58(raw) }

func decodeMultibase(text string) ([]byte, error) {
	digits, ok := strings.CutPrefix(text, multibaseBase58)
	if !ok {
		return nil, refuse(Malformed, "multibase other than base58btc")
	}
	if len(digits) > maxBase58 {
		return nil, refuse(Malformed, "multibase text of %d characters", len(digits))
	}
	return decodeBase58(digits)
}

// encodeBase58 divides the number by 58 again and again; each leading zero byte becomes a leading "1".
func encodeBase58(raw []byte) string {
	number := bytes.TrimLeft(raw, "\x00")
	zeros := len(raw) - len(number)
	var digits []byte // least significant first
	for _, b := range number {
		carry := uint(b)
		for i := range digits {
			carry += uint(digits[i]) << 8
			digits[i], carry = byte(carry%58), carry/58
		}
		for ; carry > 0; carry /= 58 {
			digits = append(digits, byte(carry%58))
		}
	}
	text := bytes.Repeat([]byte{base58Alphabet[0]}, zeros)
	for _, digit := range slices.Backward(digits) {
		text = append(text, base58Alphabet[digit])
	}
	return string(text)
}

func decodeBase58(text string) ([]byte, error) {
	number := strings.TrimLeft(text, base58Alphabet[:1])
	zeros := len(text) - len(number)
	var raw []byte // least significant first
	for _, char := range []byte(number) {
		digit := strings.IndexByte(base58Alphabet, char)
		if digit < 0 {
			return nil, refuse(Malformed, "%q in base58", char)
		}
		carry := uint(digit)
		for i := range raw {
			carry += uint(raw[i]) * 58
			raw[i], carry = byte(carry&0xff), carry>>8
		}
		for ; carry > 0; carry >>= 8 {
			raw = append(raw, byte(carry&0xff))
		}
	}
	slices.Reverse(raw)
	return append(make([]byte, zeros), raw...), nil
}
