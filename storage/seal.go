package storage

import (
	"context"
	"encoding/json"

	"github.com/riverqueue/river/rivertype"
)

// sealing keeps the JSON of a task as a string within JSON. On PostgreSQL the driver reads the tasks of a transaction into values and writes
// them again, by which an id, whose digits are more than a float64 holds, would become another one.
type sealing struct{}

// sealed is a task as the database keeps it.
type sealed struct {
	Task string `json:"task"`
}

// IsHook implements [rivertype.Hook].
func (sealing) IsHook() bool { return true }

// InsertBegin implements [rivertype.HookInsertBegin].
func (sealing) InsertBegin(_ context.Context, job *rivertype.JobInsertParams) (err error) {
	job.EncodedArgs, err = json.Marshal(sealed{string(job.EncodedArgs)})
	return err
}

// WorkBegin implements [rivertype.HookWorkBegin].
func (sealing) WorkBegin(_ context.Context, job *rivertype.JobRow) error {
	var s sealed
	if err := json.Unmarshal(job.EncodedArgs, &s); err != nil {
		return err
	}
	if s.Task != "" { // else it was kept before there were seals
		job.EncodedArgs = []byte(s.Task)
	}
	return nil
}

var (
	_ rivertype.HookInsertBegin = sealing{}
	_ rivertype.HookWorkBegin   = sealing{}
)
