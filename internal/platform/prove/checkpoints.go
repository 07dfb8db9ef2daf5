package prove

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"
)

// Checkpoints are what Flink knows of a job's state.
type Checkpoints struct {
	// Completed is the path of the newest completed checkpoint or savepoint since the
	// JobManager took the job up, and Restored that of what it was restored from; empty for
	// none.
	Completed, Restored string
	// Told is false when Flink has not said whether there is one.
	Told bool
}

// Newest is the path of the newest state, empty for none.
func (c Checkpoints) Newest() string { return cmp.Or(c.Completed, c.Restored) }

// AskCheckpoints asks Flink about the checkpoints of a job (CheckpointingStatistics). Beside an
// error nothing is told.
func AskCheckpoints(ctx context.Context, get FlinkREST, job string) (Checkpoints, error) {
	body, err := get(ctx, "/jobs/"+job+"/checkpoints")
	if err != nil {
		return Checkpoints{}, err
	}
	type checkpoint struct {
		Path      string `json:"external_path"`
		Triggered int64  `json:"trigger_timestamp"`
	}
	var answer struct {
		Counts *struct{} `json:"counts"`
		Latest struct {
			Completed *checkpoint `json:"completed"`
			Savepoint *checkpoint `json:"savepoint"`
			Restored  *checkpoint `json:"restored"`
		} `json:"latest"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return Checkpoints{}, err
	}
	out, newest := Checkpoints{Told: answer.Counts != nil}, int64(-1)
	for _, c := range []*checkpoint{answer.Latest.Completed, answer.Latest.Savepoint} {
		switch {
		case c == nil || c.Triggered <= newest:
		case c.Path == "" || strings.HasPrefix(c.Path, "<"):
			// It is in memory (CheckpointProperties, "<checkpoint-not-externally-addressable>").
			out.Told, newest = false, c.Triggered
		default:
			out.Completed, newest = c.Path, c.Triggered
		}
	}
	if c := answer.Latest.Restored; c != nil {
		out.Restored = c.Path
	}
	return out, nil
}
