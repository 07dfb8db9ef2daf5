package sql

import (
	"maps"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// Phases of a statement, in the words of Confluent Manager for Apache Flink. Others
// pass.
const (
	PhaseRunning   = "RUNNING"
	PhaseCompleted = "COMPLETED"
	PhaseStopped   = "STOPPED"
	PhaseFailed    = "FAILED"
	PhaseDeleting  = "DELETING"
)

// Statement is what decides about a change of a statement.
type Statement struct {
	Text, Pool                string
	Properties, Configuration map[string]string
	// Parallelism is 0 where nobody says it.
	Parallelism int64
	Stopped     bool
	// Mode is what was chosen of flink.UpgradeSavepoint, flink.UpgradeLastState and
	// flink.UpgradeStateless; empty where nobody chose.
	Mode string
	// SavepointPath is what the statement starts from, empty for nothing.
	SavepointPath string
}

// differences are the attributes that need another statement on the server. How a text
// is laid out is none.
func (s Statement) differences(other Statement) []cause {
	var out []cause
	add := func(differ bool, field string) {
		if differ {
			out = append(out, cause{field: field})
		}
	}
	add(Words(s.Text) != Words(other.Text), "statement")
	if s.Pool != other.Pool {
		out = append(out, cause{"computePool", s.Pool, other.Pool})
	}
	add(!maps.Equal(s.Properties, other.Properties), "properties")
	add(!maps.Equal(s.Configuration, other.Configuration), "flinkConfiguration")
	return out
}

// Seen is what was last observed of a statement.
type Seen struct {
	// Phase is empty where nobody has looked.
	Phase string
	// Mode is how the server stops the statement, of the upgrade modes; empty where
	// nobody knows.
	Mode string
	// Savepoint is the path of the newest savepoint of one that is stopped.
	Savepoint string
	// Idle tells of one that is stopped that it has never run, so that there is no state.
	Idle bool
}

// Change is all that a decision about a statement depends on.
type Change struct {
	Name string
	// Revision is that of the rollout before, 0 for none.
	Revision int64
	// Old is nil for a statement that does not exist.
	Old  *Statement
	New  Statement
	Seen Seen
	// Provider are the attribute paths of what changes beside the statement.
	Provider []string
	// Moves are the attributes that say where the statement is, as far as they change:
	// it is another one then.
	Moves []string
	// PathUnknown tells that New.SavepointPath is not known yet.
	PathUnknown bool
	// CarryOver has another statement go on from the savepoint with which the one
	// before stops.
	CarryOver      bool
	AllowStateLoss bool
}

// Decision is what a change of a statement does.
type Decision struct {
	planner.Decision

	// Unknown tells that nobody knows how the server stops the statement, so that
	// Rollout has nothing to say: the one who applies the change decides again.
	Unknown bool
	// Replaces tells that the statement is deleted, and another one created.
	Replaces bool
	// HandsOver tells that another statement takes over the state of the one before.
	HandsOver bool
}

// cause is a changed attribute, by its name in the specification, with values where
// they can be shown.
type cause struct {
	field    string
	old, new any
}

// moves are the causes that Change.Moves has.
func (c Change) moves() []cause {
	var out []cause
	for _, field := range c.Moves {
		out = append(out, cause{field: field})
	}
	return out
}

func (c cause) path() flink.Path { return flink.Path{c.field} }
