package storage

import (
	"context"

	"github.com/uptrace/bun"
)

type settingRow struct {
	bun.BaseModel `bun:"table:settings,alias:set"`

	Name  string `bun:"name,pk"`
	Value string `bun:"value"`
}

// Setting reads what the node's administrators or the node itself keep under a name.
func (r reads) Setting(ctx context.Context, name string) (string, error) {
	var row settingRow
	if err := r.idb.NewSelect().Model(&row).Where("name = ?", name).Scan(ctx); err != nil {
		return "", found(err, "read setting", name)
	}
	return row.Value, nil
}

// KeepSetting stores a setting that is made once, and returns what is kept: of two that come at the same time, the first.
func (tx *Tx) KeepSetting(ctx context.Context, name, value string) (kept string, err error) {
	_, err = tx.idb.NewInsert().Model(&settingRow{Name: name, Value: value}).On("CONFLICT DO NOTHING").Exec(ctx)
	if err != nil {
		return "", found(err, "keep setting", name)
	}
	return tx.Setting(ctx, name)
}

// PutSetting makes or replaces a setting.
func (tx *Tx) PutSetting(ctx context.Context, name, value string) error {
	_, err := tx.idb.NewInsert().Model(&settingRow{Name: name, Value: value}).
		On("CONFLICT (name) DO UPDATE").Set("value = EXCLUDED.value").Exec(ctx)
	return found(err, "put setting", name)
}
