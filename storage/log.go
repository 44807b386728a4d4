package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/uptrace/bun"

	"meent/communities"
)

// LogEntry is one of the numbered things that a group announced. Hash chains it to the one before.
type LogEntry struct {
	bun.BaseModel `bun:"table:group_log,alias:entry"`

	Group       communities.ActorID `bun:"group_id,pk"`
	Number      int64               `bun:"number,pk"`
	ActivityURI string              `bun:"activity_uri"`
	ObjectURI   string              `bun:"object_uri"`
	ContentHash string              `bun:"content_hash"` // SHA-256 of what was announced, hex
	Hash        string              `bun:"hash"`         // see ChainHash
	CreatedAt   int64               `bun:"created_at"`   // milliseconds since 1970
}

// ChainHash is SHA-256 over the hash before, the number and the content's hash, each on a line of its own, in hex.
func ChainHash(before string, number int64, content string) string {
	sum := sha256.Sum256([]byte(before + "\n" + strconv.FormatInt(number, 10) + "\n" + content + "\n"))
	return hex.EncodeToString(sum[:])
}

// AppendLog numbers what a group announces. The head is locked until the transaction ends, so numbers have no gaps and follow the order
// of the commits.
func (tx *Tx) AppendLog(ctx context.Context, group communities.ActorID, activityURI, objectURI string, content [sha256.Size]byte) (int64, error) {
	var head struct {
		Number int64
		Hash   string
	}
	err := tx.idb.NewRaw(`INSERT INTO group_heads (group_id, number, hash) VALUES (?, 1, '')
		ON CONFLICT (group_id) DO UPDATE SET number = group_heads.number + 1 RETURNING number, hash`, group).Scan(ctx, &head.Number, &head.Hash)
	if err != nil {
		return 0, fmt.Errorf("number what group %d announces: %w", group, err)
	}
	contentHash := hex.EncodeToString(content[:])
	entry := &LogEntry{
		Group: group, Number: head.Number, ActivityURI: activityURI, ObjectURI: objectURI, ContentHash: contentHash,
		Hash: ChainHash(head.Hash, head.Number, contentHash), CreatedAt: tx.db.now().UnixMilli(),
	}
	b := tx.batch()
	b.query(tx.idb.NewInsert().Model(entry))
	b.add("UPDATE group_heads SET hash = ? WHERE group_id = ?", entry.Hash, group)
	return entry.Number, found(b.exec(ctx), "log what was announced by", group)
}

// Log lists entries of a group from a number on.
func (r reads) Log(ctx context.Context, group communities.ActorID, from int64, limit int) ([]LogEntry, error) {
	var entries []LogEntry
	err := r.idb.NewSelect().Model(&entries).Where("group_id = ? AND number >= ?", group, from).OrderExpr("number").Limit(int64(limit)).Scan(ctx)
	return entries, found(err, "read the log of", group)
}

// LogHead is the number of a group's newest entry, 0 when there is none, and its hash.
func (r reads) LogHead(ctx context.Context, group communities.ActorID) (number int64, hash string, err error) {
	err = r.idb.NewRaw("SELECT number, hash FROM group_heads WHERE group_id = ?", group).Scan(ctx, &number, &hash)
	if err = found(err, "read the log of", group); communities.IsNotFound(err) {
		return 0, "", nil
	}
	return number, hash, err
}
