package federation

import (
	"errors"
	"net/http"
	"strings"

	"meent/communities"
	"meent/federation/wire"
)

// asker is who reads a document. What everybody may read needs no proof of who asks; the rest is read by a proven node's eyes.
type asker struct {
	road    *Road
	req     *http.Request
	signed  bool
	dialect dialect // by the host that the signature names: it decides the form only, never the right to read
}

// asker reads who a request says it is from.
func (r *Road) asker(req *http.Request) (asker, error) {
	who := asker{road: r, req: req}
	keyID := signer(req)
	if keyID == "" {
		return who, nil
	}
	who.signed = true
	host, err := wire.CanonicalHost(keyID)
	if err != nil {
		return who, refuseWith(http.StatusUnauthorized, "the key id of the signature is no web address")
	}
	known, err := r.archive.Host(req.Context(), host)
	if err != nil && !communities.IsNotFound(err) {
		return who, err
	}
	if blocked, err := r.blocks.has(req.Context(), host); err != nil || blocked {
		return who, errors.Join(err, refuseWith(http.StatusForbidden, "this node does not exchange with yours"))
	}
	if known != nil {
		who.dialect = dialect(known.Dialect)
	}
	return who, nil
}

// mayRead demands a proven signature of everybody when the node is set to (secure mode).
func (a asker) mayRead(demanded bool) error {
	if !demanded {
		return nil
	}
	if !a.signed {
		return refuseWith(http.StatusUnauthorized, "this node reads signed requests only")
	}
	_, err := a.prove()
	return err
}

// prove verifies the signature and returns the viewer that the signer's node is.
func (a asker) prove() (communities.Viewer, error) {
	if !a.signed {
		return communities.Viewer{}, nil
	}
	actor, err := a.road.WhoAsks(a.req)
	if err != nil {
		return communities.Viewer{}, err
	}
	return communities.Viewer{Host: actor.Host}, nil
}

// signer returns the key id that a request's signature names, unproven; "" when it has none. Both schemes write keyid="..." or keyId="...".
func signer(req *http.Request) string {
	for _, name := range []string{"Signature-Input", "Signature"} {
		line := req.Header.Get(name)
		at := strings.Index(strings.ToLower(line), `keyid="`)
		if at < 0 {
			continue
		}
		id, _, _ := strings.Cut(line[at+len(`keyid="`):], `"`)
		return id
	}
	return ""
}
