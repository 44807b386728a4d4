package federation

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"meent/communities"
	"meent/federation/signature"
	"meent/storage"
)

// The fragments under which a local actor's keys are found. Lemmy demands ACTOR#fragment.
const (
	rsaFragment     = "#main-key"
	ed25519Fragment = "#ed25519-key"
)

// keysFresh is how long a pair is kept in memory: a rotation by another process is noticed within it.
const keysFresh = time.Minute

// pair is what a local actor signs with: RSA for requests, which everybody verifies, and Ed25519 for proofs (FEP-8b32) and for requests
// to those who read it (FEP-521a).
type pair struct {
	rsa     signature.PrivateKey
	ed25519 signature.PrivateKey
	readAt  time.Time
}

// keyring holds the keys of local actors. A key is made when it is first needed. Safe for concurrent use.
type keyring struct {
	archive *storage.DB
	now     func() time.Time

	mu    sync.Mutex
	pairs map[communities.ActorID]pair
}

func newKeyring(archive *storage.DB, now func() time.Time) *keyring {
	return &keyring{archive: archive, now: now, pairs: map[communities.ActorID]pair{}}
}

// of returns both keys of a local actor. It must not be called inside a transaction: it opens one where a key is missing, and making an
// RSA key takes a good part of a second.
func (k *keyring) of(ctx context.Context, a *communities.Actor) (pair, error) {
	if p, ok := k.remembered(a.ID); ok && p.rsa.ID != "" {
		return p, nil
	}
	p, err := k.read(ctx, a, k.archive.KeysOf)
	if err != nil {
		return pair{}, err
	}
	if p.rsa.ID == "" {
		if p.rsa, err = signature.GenerateRSA(a.URI + rsaFragment); err != nil {
			return pair{}, err
		}
	}
	if p.ed25519.ID == "" {
		if p.ed25519, err = signature.GenerateEd25519(a.URI + ed25519Fragment); err != nil {
			return pair{}, err
		}
	}
	return k.keep(ctx, a, p)
}

// keep stores what is new of a pair. Where another process was faster, its keys hold.
func (k *keyring) keep(ctx context.Context, a *communities.Actor, p pair) (pair, error) {
	err := k.archive.Write(ctx, func(inner communities.Tx) error {
		tx := storage.Of(inner)
		there, err := k.read(ctx, a, tx.KeysOf)
		if err != nil {
			return err
		}
		if there.rsa.ID == "" {
			if err := k.put(ctx, tx, a, p.rsa); err != nil {
				return err
			}
			there.rsa = p.rsa
		}
		if there.ed25519.ID == "" {
			if err := k.put(ctx, tx, a, p.ed25519); err != nil {
				return err
			}
			there.ed25519 = p.ed25519
		}
		p = there
		return nil
	})
	if err != nil {
		return pair{}, fmt.Errorf("keep the keys of %s: %w", a.Name, err)
	}
	return k.remember(a.ID, p), nil
}

// prover returns the Ed25519 key inside a transaction.
func (k *keyring) prover(ctx context.Context, tx *storage.Tx, a *communities.Actor) (signature.PrivateKey, error) {
	if p, ok := k.remembered(a.ID); ok {
		return p.ed25519, nil
	}
	p, err := k.read(ctx, a, tx.KeysOf)
	if err != nil {
		return signature.PrivateKey{}, err
	}
	if p.ed25519.ID != "" {
		k.remember(a.ID, p)
		return p.ed25519, nil
	}
	fresh, err := signature.GenerateEd25519(a.URI + ed25519Fragment)
	if err != nil {
		return signature.PrivateKey{}, err
	}
	return fresh, k.put(ctx, tx, a, fresh) // not remembered: the transaction may yet fail
}

// within returns both keys inside a transaction, for the rare document that needs them there.
func (k *keyring) within(ctx context.Context, tx *storage.Tx, a *communities.Actor) (pair, error) {
	p, err := k.read(ctx, a, tx.KeysOf)
	if err != nil {
		return pair{}, err
	}
	if p.rsa.ID == "" {
		if p.rsa, err = signature.GenerateRSA(a.URI + rsaFragment); err != nil {
			return pair{}, err
		}
		if err := k.put(ctx, tx, a, p.rsa); err != nil {
			return pair{}, err
		}
	}
	if p.ed25519.ID == "" {
		p.ed25519, err = k.prover(ctx, tx, a)
	}
	return p, err
}

// read takes the keys of an actor from the archive; what is missing is left empty.
func (k *keyring) read(ctx context.Context, a *communities.Actor, keysOf func(context.Context, communities.ActorID) ([]storage.Key, error)) (pair, error) {
	rows, err := keysOf(ctx, a.ID)
	if err != nil {
		return pair{}, fmt.Errorf("read the keys of %s: %w", a.Name, err)
	}
	p := pair{readAt: k.now()}
	for _, row := range rows {
		if len(row.Private) == 0 {
			continue
		}
		key, err := signature.ParsePrivate(row.URI, row.Private)
		if err != nil {
			return pair{}, fmt.Errorf("read key %s: %w", row.URI, err)
		}
		switch row.Kind {
		case storage.KeyRSA:
			p.rsa = key
		case storage.KeyEd25519:
			p.ed25519 = key
		default:
			return pair{}, errors.New("a local key of unknown kind " + row.Kind)
		}
	}
	return p, nil
}

func (k *keyring) put(ctx context.Context, tx *storage.Tx, a *communities.Actor, key signature.PrivateKey) error {
	private, err := key.EncodePEM()
	if err != nil {
		return err
	}
	public, err := signature.EncodePublic(key.Public())
	if err != nil {
		return err
	}
	kind := storage.KeyRSA
	if key.ID == a.URI+ed25519Fragment {
		kind = storage.KeyEd25519
	}
	return tx.PutKey(ctx, storage.Key{
		URI: key.ID, Actor: a.ID, Kind: kind, Public: []byte(public), Private: private, CreatedAt: k.now(),
	})
}

func (k *keyring) remembered(id communities.ActorID) (pair, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p, ok := k.pairs[id]
	return p, ok && k.now().Sub(p.readAt) < keysFresh
}

func (k *keyring) remember(id communities.ActorID, p pair) pair {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.pairs) >= maxPairs {
		clear(k.pairs) // rare, and cheap to fill again
	}
	p.readAt = k.now()
	k.pairs[id] = p
	return p
}

// maxPairs bounds the memory of a node with many writers.
const maxPairs = 4096
