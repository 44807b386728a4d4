//go:build unix

package main

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/go-fed/activity/streams"
)

const (
	keyBits    = 2048
	operations = 2000 // measured of each kind
	rowSize    = 512  // bytes
)

// floors are what an activity and a delivery cost at the very least.
type floors struct {
	sign, verify, decode, commit time.Duration
}

// ingest is the floor of taking in an activity.
func (f floors) ingest() time.Duration { return f.verify + f.decode + f.commit }

// floorsOf measures the floors with a document that is taken in.
func floorsOf(ctx context.Context, d database, document []byte) (floors, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return floors{}, err
	}
	digest := sha256.Sum256(document)
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		return floors{}, err
	}
	var f floors
	var problems [4]error
	f.sign, problems[0] = each(0, func() error {
		_, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
		return err
	})
	f.verify, problems[1] = each(0, func() error {
		digest := sha256.Sum256(document)
		return rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature)
	})
	f.decode, problems[2] = each(0, func() error { return decode(ctx, document) })
	f.commit, problems[3] = commit(ctx, d)
	return f, errors.Join(problems[:]...)
}

// each is the cost of one of many.
func each(server int, fn func() error) (time.Duration, error) {
	total, err := own(server, func() error {
		for range operations {
			if err := fn(); err != nil {
				return err
			}
		}
		return nil
	})
	return total / operations, err
}

// decode is what the vocabulary library does with a document.
func decode(ctx context.Context, document []byte) error {
	var fields map[string]any
	if err := json.Unmarshal(document, &fields); err != nil {
		return err
	}
	_, err := streams.ToType(ctx, fields)
	return err
}

// commit is the cost of a transaction that inserts one row, client and server together.
func commit(ctx context.Context, d database) (cost time.Duration, err error) {
	dsn, err := d.create()
	if err != nil {
		return 0, err
	}
	db, err := open(dsn)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, "CREATE TABLE rows (id BIGINT PRIMARY KEY, body TEXT NOT NULL)"); err != nil {
		return 0, err
	}
	insert := "INSERT INTO rows (id, body) VALUES ($1, $2)"
	id, body := 0, strings.Repeat("x", rowSize)
	return each(d.server, func() error {
		id++
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, insert, id, body); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		return tx.Commit()
	})
}
