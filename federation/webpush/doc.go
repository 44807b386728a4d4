// Package webpush writes letters to apps that sleep: a push service on the way hands them over and cannot read them (RFC 8030, RFC 8291),
// and knows who sent them (RFC 8292). It is a protocol room: it knows keys and bytes, sends nothing, and has never heard of people.
//
// There are two dialects. The standard one is aes128gcm. What most apps for Mastodon still ask for is the draft before it, aesgcm
// (draft-ietf-webpush-encryption-04 with draft-ietf-httpbis-encryption-encoding-03), with its keys in headers.
package webpush
