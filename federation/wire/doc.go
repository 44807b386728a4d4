// Package wire turns the bytes of ActivityPub into plain structs and back, so
// that no other room has to know what the fediverse's JSON looks like.
//
// It knows nothing of Meent, holds no database and never fetches: neither a
// JSON-LD context nor a referenced id. What comes in passes [Decode] once: a
// strict JSON gate, then recognition, then one of the readers [Document.Activity],
// [Document.Actor], [Document.Object], [Document.Collection], [Document.Keys].
// What goes out is made by the Encode methods of the same structs.
//
// go-fed/activity is the vocabulary: Decode has it recognise and type-check every
// document. What it does not know (EmojiReact, Lock, Multikey ...) or disputes is
// read from the raw document and marked so in [Document.Recognition].
//
// Writing is ours. go-fed drops contentMap beside content and replaces @context,
// so its output would have to be mended key by key, and reading into its types
// and writing back takes about six times as long as Encode (BenchmarkEncodeCreateNote,
// BenchmarkGoFedEncode). Instead the tests hold every document that we write
// against go-fed: it must take it, and must find in it what AS2 defines. Reading
// costs little more than go-fed alone (BenchmarkDecodeCreateNote, BenchmarkGoFedDecode).
//
// The functions:
//
//	Decode(raw []byte) (*Document, error)            // gate, recognition; Document{ID, Types, Kind, Recognition, Raw}
//	(*Document).Activity() (Activity, error)         // likewise Actor, Object, Collection; Keys() ([]PublicKey, error)
//	(Reference).Decode() (*Document, error)          // an embedded document
//	Embed(raw []byte) (Reference, error)             // bytes to be written verbatim
//	(Activity).Encode() ([]byte, error)              // likewise Actor, Object, Collection: complete, with @context
//	(Object).Embed() (Reference, error)              // likewise Activity, Actor: without @context, for an activity's Objects
//	StripBlind(raw []byte) ([]byte, error)           // without bto and bcc
//	CanonicalHost(hostOrURL string) (string, error); SameHost, SameOrigin(a, b string) bool; HTTPURL(s string) bool
//	ParseJRD(raw []byte) (JRD, error); (JRD).Encode; (HostMeta).Encode
//	ParseNodeInfo, ParseNodeInfoDiscovery; (NodeInfo).Encode, (NodeInfoDiscovery).Encode
//	ReasonOf(err error) Reason
package wire
