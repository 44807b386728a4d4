// Package signature says who sent something: it signs our requests and documents, and checks those of others.
//
// It is a protocol room. It knows draft-cavage HTTP signatures, HTTP Message Signatures (RFC 9421) and object
// integrity proofs (FEP-8b32); it knows no database, fetches nothing and has never heard of groups or people.
//
// A valid signature alone proves little: a stranger chooses what it covers. Therefore an incoming request is judged
// in two steps. [Parse] does all that needs no key, and so costs us no fetch: exactly one signature, a body that
// is the one it names, our own origin, a recent date, nothing of weight left uncovered. Only then is there a [Claim],
// whose KeyID is worth looking up, and [Claim.Verify] tells whether the owner of that key made it. Proofs go the same
// way: [ParseProof], then [Proof.Verify].
//
// What a claim is worth, that is whether the owner of the key may speak for the actor named in the body, is for the
// caller to decide.
//
// Linked Data Signatures (RsaSignature2017) have no code here, on purpose: they were broken again and again, because
// they sign a graph and not the document that is read afterwards.
package signature
