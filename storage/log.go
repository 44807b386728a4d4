package storage

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"meent/communities"
)

// LogEntry is one thing that a group announced. The numbers of a group run from 1 without a gap; each hash seals everything before it.
type LogEntry struct {
	Group       communities.ActorID
	Number      int64
	ActivityURI string
	ObjectURI   string
	Content     [sha256.Size]byte // hash of the announced bytes
	Hash        [sha256.Size]byte
	CreatedAt   time.Time
}

type logRow struct {
	bun.BaseModel `bun:"table:group_log,alias:l"`

	Group       communities.ActorID `bun:"group_id,pk"`
	Number      int64               `bun:"number,pk"`
	ActivityURI string              `bun:"activity_uri"`
	ObjectURI   string              `bun:"object_uri"`
	Content     string              `bun:"content_hash"`
	Hash        string              `bun:"hash"`
	CreatedAt   moment              `bun:"created_at"`
}

// ChainHash returns the hash of an entry: SHA-256 over the hash of the one before (zeros before the first), the number as eight bytes, most
// significant first, and the hash of the announced bytes.
func ChainHash(before [sha256.Size]byte, number int64, content [sha256.Size]byte) [sha256.Size]byte {
	link := make([]byte, 0, sha256.Size+8+sha256.Size)
	link = append(link, before[:]...)
	link = binary.BigEndian.AppendUint64(link, uint64(number)) //nolint:gosec // numbers begin at 1
	link = append(link, content[:]...)
	return sha256.Sum256(link)
}

// AppendLog adds what a group announced to its log, at the end of the transaction: the head of a log stays locked from then on until
// the commit, so that no number is missing or given twice, and what a transaction holds besides is never waited for by who holds a head.
func (tx *Tx) AppendLog(group communities.ActorID, activityURI, objectURI string, content [sha256.Size]byte) {
	tx.announced = append(tx.announced, LogEntry{Group: group, ActivityURI: activityURI, ObjectURI: objectURI, Content: content})
}

// flushLog numbers what was announced and chains it, group after group in order of their ids.
func (tx *Tx) flushLog(ctx context.Context) error {
	entries := tx.announced
	slices.SortStableFunc(entries, func(a, b LogEntry) int { return cmp.Compare(a.Group, b.Group) })
	for len(entries) > 0 {
		group := entries[0].Group
		n := 1
		for n < len(entries) && entries[n].Group == group {
			n++
		}
		if err := tx.appendLog(ctx, group, entries[:n]); err != nil {
			return found(err, "append to log of", group)
		}
		entries = entries[n:]
	}
	return nil
}

func (tx *Tx) appendLog(ctx context.Context, group communities.ActorID, entries []LogEntry) error {
	var number int64
	var before string
	err := tx.idb.NewRaw("INSERT INTO group_heads (group_id, number, hash) VALUES (?, 0, '')"+
		" ON CONFLICT (group_id) DO UPDATE SET number = group_heads.number RETURNING number, hash", group).Scan(ctx, &number, &before)
	if err != nil {
		return err
	}
	last, err := hashOf(before)
	if err != nil {
		return err
	}
	b, now := tx.batch(), momentOf(tx.db.now())
	for _, e := range entries {
		number++
		last = ChainHash(last, number, e.Content)
		b.row("group_log (group_id, number, activity_uri, object_uri, content_hash, hash, created_at)", "", "(?, ?, ?, ?, ?, ?, ?)",
			group, varying(number), e.ActivityURI, e.ObjectURI, hex.EncodeToString(e.Content[:]), hex.EncodeToString(last[:]), now)
	}
	b.add("UPDATE group_heads SET number = ?, hash = ? WHERE group_id = ?", varying(number), hex.EncodeToString(last[:]), group)
	return b.exec(ctx)
}

// Log lists up to limit entries of a group's log, from a number on.
func (r reads) Log(ctx context.Context, group communities.ActorID, from int64, limit int) ([]LogEntry, error) {
	var rows []logRow
	err := r.idb.NewSelect().Model(&rows).Where("group_id = ? AND number >= ?", group, from).OrderExpr("number").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, found(err, "read log of", group)
	}
	entries := make([]LogEntry, len(rows))
	for i, row := range rows {
		if entries[i], err = row.entry(); err != nil {
			return nil, fmt.Errorf("read log of %d: %w", group, err)
		}
	}
	return entries, nil
}

// LogHead returns the last number and hash of a group's log; 0 when it announced nothing yet.
func (r reads) LogHead(ctx context.Context, group communities.ActorID) (number int64, hash [sha256.Size]byte, err error) {
	var text string
	err = r.idb.NewRaw("SELECT number, hash FROM group_heads WHERE group_id = ?", group).Scan(ctx, &number, &text)
	if err = found(err, "read head of log of", group); err != nil {
		if communities.IsNotFound(err) {
			err = nil
		}
		return 0, hash, err
	}
	hash, err = hashOf(text)
	return number, hash, err
}

func (row *logRow) entry() (LogEntry, error) {
	content, err := hashOf(row.Content)
	if err != nil {
		return LogEntry{}, err
	}
	hash, err := hashOf(row.Hash)
	return LogEntry{
		Group: row.Group, Number: row.Number, ActivityURI: row.ActivityURI, ObjectURI: row.ObjectURI,
		Content: content, Hash: hash, CreatedAt: row.CreatedAt.time(),
	}, err
}

// hashOf reads a hash as the tables keep it; "" is that before the first.
func hashOf(text string) (hash [sha256.Size]byte, err error) {
	if text == "" {
		return hash, nil
	}
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(hash) {
		return hash, fmt.Errorf("not a hash: %q", text)
	}
	copy(hash[:], raw)
	return hash, nil
}
