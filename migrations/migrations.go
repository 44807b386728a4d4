// Package migrations is the history of the archive's tables: a numbered pair (up, down) per database for each step. A step that has
// landed never changes; what is wrong with it is put right by the next one.
package migrations

import "embed"

// Files holds NUMBER_NAME.DATABASE.up.sql and .down.sql, DATABASE being postgres or sqlite.
//
//go:embed *.sql
var Files embed.FS
