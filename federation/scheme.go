package federation

import "meent/storage"

// scheme is how requests to a host are signed. What a host takes is remembered with it.
type scheme string

const (
	schemeCavage  scheme = "cavage"  // draft-cavage-http-signatures-12 with RSA: the whole network reads it
	schemeRFC9421 scheme = "rfc9421" // with RSA
	schemeEd25519 scheme = "ed25519" // RFC 9421 with Ed25519, a fifteenth of the work: Meent nodes
)

// schemeFor chooses for a host: what it was last seen to take, else what its software takes.
func schemeFor(h storage.HostQueue) scheme {
	switch {
	case h.Signature != "":
		return scheme(h.Signature)
	case dialect(h.Dialect) == dialectMeent:
		return schemeEd25519
	default:
		return schemeCavage
	}
}

// other is the scheme of the second knock.
func (s scheme) other() scheme {
	if s == schemeCavage {
		return schemeRFC9421
	}
	return schemeCavage
}
