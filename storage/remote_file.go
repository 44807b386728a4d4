package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

// RemoteFile is a file of another node whose bytes are kept here for a while.
type RemoteFile struct {
	Name      string // of the bytes
	URL       string // where it is at home
	MediaType string
	Size      int64 // bytes
	FetchedAt time.Time
	UsedAt    time.Time // noted once in a while
}

type remoteFileRow struct {
	bun.BaseModel `bun:"table:remote_files,alias:rf"`

	Name      string `bun:"name,pk"`
	URL       string `bun:"url"`
	MediaType string `bun:"media_type"`
	Size      int64  `bun:"size"`
	Going     bool   `bun:"going"` // its bytes are being deleted
	FetchedAt moment `bun:"fetched_at"`
	UsedAt    moment `bun:"used_at"`
}

// RemoteFile finds a file that is kept.
func (r reads) RemoteFile(ctx context.Context, name string) (RemoteFile, error) {
	var row remoteFileRow
	if err := r.idb.NewSelect().Model(&row).Where("name = ? AND NOT going", name).Scan(ctx); err != nil {
		return RemoteFile{}, found(err, "read remote file", name)
	}
	return row.noun(), nil
}

// PutRemoteFile keeps a file, or notes that it was fetched anew.
func (tx *Tx) PutRemoteFile(ctx context.Context, f RemoteFile) error {
	row := remoteFileRow{
		Name: f.Name, URL: f.URL, MediaType: f.MediaType, Size: f.Size, FetchedAt: momentOf(f.FetchedAt), UsedAt: momentOf(f.UsedAt),
	}
	_, err := tx.idb.NewInsert().Model(&row).On("CONFLICT (name) DO UPDATE").
		Set("media_type = EXCLUDED.media_type, size = EXCLUDED.size, going = EXCLUDED.going, fetched_at = EXCLUDED.fetched_at, used_at = EXCLUDED.used_at").
		Exec(ctx)
	return found(err, "keep remote file", f.Name)
}

// UseRemoteFile notes that somebody looked at a file.
func (tx *Tx) UseRemoteFile(ctx context.Context, name string, at time.Time) error {
	_, err := tx.idb.NewUpdate().Model((*remoteFileRow)(nil)).Set("used_at = ?", momentOf(at)).Where("name = ?", name).Exec(ctx)
	return found(err, "use remote file", name)
}

// RemoteFilesSize returns how many bytes are kept of other nodes' files.
func (r reads) RemoteFilesSize(ctx context.Context) (size int64, err error) {
	err = r.idb.NewSelect().Model((*remoteFileRow)(nil)).ColumnExpr("coalesce(sum(size), 0)").Scan(ctx, &size)
	return size, found(err, "measure", "remote files")
}

// EvictRemoteFiles marks the files that nobody has looked at for longest as going, until no more than a number of bytes stays, and returns
// them, with those that were marked before and are still there. Only then may their bytes be deleted.
func (tx *Tx) EvictRemoteFiles(ctx context.Context, most int64) ([]RemoteFile, error) {
	kept, err := tx.RemoteFilesSize(ctx)
	if err != nil {
		return nil, err
	}
	var victims []RemoteFile
	for kept > most {
		rows, err := tx.oldestRemoteFiles(ctx, len(victims))
		if err != nil || len(rows) == 0 {
			return victims, err
		}
		for _, row := range rows {
			if kept <= most {
				break
			}
			victims, kept = append(victims, row.noun()), kept-row.Size
		}
	}
	return victims, tx.markGoing(ctx, victims)
}

const evictAtOnce = 100

func (tx *Tx) oldestRemoteFiles(ctx context.Context, after int) (rows []remoteFileRow, err error) {
	err = tx.idb.NewSelect().Model(&rows).OrderExpr("used_at, name").Offset(int64(after)).Limit(evictAtOnce).Scan(ctx)
	return rows, found(err, "read", "oldest remote files")
}

// ForgetRemoteFiles marks files as going by their names.
func (tx *Tx) ForgetRemoteFiles(ctx context.Context, names []string) error {
	files := make([]RemoteFile, len(names))
	for i, name := range names {
		files[i].Name = name
	}
	return tx.markGoing(ctx, files)
}

func (tx *Tx) markGoing(ctx context.Context, files []RemoteFile) error {
	if len(files) == 0 {
		return nil
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.Name
	}
	_, err := tx.idb.NewUpdate().Model((*remoteFileRow)(nil)).Set("going = TRUE").Where("name IN (?)", bun.List(names)).Exec(ctx)
	return found(err, "mark", "remote files")
}

// DeleteRemoteFile forgets a file that is going, once its bytes are gone.
func (tx *Tx) DeleteRemoteFile(ctx context.Context, name string) error {
	_, err := tx.idb.NewDelete().Model((*remoteFileRow)(nil)).Where("name = ? AND going", name).Exec(ctx)
	return found(err, "delete remote file", name)
}

func (row *remoteFileRow) noun() RemoteFile {
	return RemoteFile{
		Name: row.Name, URL: row.URL, MediaType: row.MediaType, Size: row.Size, FetchedAt: row.FetchedAt.time(), UsedAt: row.UsedAt.time(),
	}
}
