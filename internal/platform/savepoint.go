package platform

import "context"

// JobRef names the job that a savepoint is taken of: the one of a deployment,
// or a job in a session cluster.
type JobRef struct {
	// Session tells that Name is a session job's.
	Session bool
	Name    string
}

// Formats of savepoints
// (https://nightlies.apache.org/flink/flink-docs-stable/docs/ops/state/savepoints/#savepoint-format).
const (
	FormatCanonical = "canonical"
	FormatNative    = "native"
)

// Savepoint is what one savepoint shall be. Its Ref is its own name, in the
// namespace of the job.
type Savepoint struct {
	Ref
	Job JobRef
	// Format is FormatCanonical or FormatNative. Empty leaves it to the platform
	// when the savepoint is taken; what it chose is in the ObservedSavepoint.
	Format string
	// Directory is where it is written; empty: the job's own directory.
	Directory string
	// Dispose deletes its files when it is deleted.
	Dispose bool
	// Pinned keeps it where the platform keeps those of the job, and out of reach of
	// what cleans up there (PinSavepoints).
	Pinned bool
}

// SavepointState is how far a savepoint has come.
type SavepointState int

const (
	// SavepointPending is asked for, or being taken.
	SavepointPending SavepointState = iota
	// SavepointCompleted can be restored from.
	SavepointCompleted
	// SavepointFailed will never be taken.
	SavepointFailed
)

// ObservedSavepoint is a savepoint as the platform has it.
type ObservedSavepoint struct {
	Savepoint
	// Receipt is how the platform finds this savepoint again. Only the
	// platform reads it.
	Receipt string
	// Handle tells it from all others in its place where its own name does not
	// (NameSavepoints): the name of the job's object, a slash, and the name that the
	// platform has given it. Empty where it goes by its own name.
	Handle string
	State  SavepointState
	// Location is the path to restore from, empty until it is completed.
	Location string
	// Unpinnable tells that it is completed and cannot be pinned any more, so that
	// only another one can be.
	Unpinnable bool
	// Owner says, in a clause, which job has taken the files for its own
	// (flink.Claims), so that they are or will be gone; empty for none that is known.
	Owner string
	// Problem is the platform's reason in one readable sentence, empty when
	// there is none.
	Problem string
}

// Savepoints takes savepoints on one platform. Errors for an absent savepoint
// satisfy errors.As with *NotFoundError; a wait that ends with the cause returns
// *RolloutError.
type Savepoints interface {
	// Read returns a savepoint that was asked for before. Without a receipt it
	// is the one of that name, whoever asked for it. One that is completed is
	// there for as long as its files are, whatever became of its object.
	Read(ctx context.Context, known ObservedSavepoint) (*ObservedSavepoint, error)
	// Find returns a savepoint that somebody has taken, as it is, for an import: by
	// the name that the platform has it under and, where that does not tell it from
	// others (NameSavepoints), the name of the deployment that it is of.
	Find(ctx context.Context, ref Ref, deployment string) (*ObservedSavepoint, error)
	// Take asks for a savepoint as soon as the job runs, and returns without
	// waiting for it. A job that will not run is an error, and nothing is
	// written then.
	Take(ctx context.Context, want Savepoint) (*ObservedSavepoint, error)
	// Await waits until a savepoint is completed. Beside an error it returns
	// what was last observed.
	Await(ctx context.Context, known ObservedSavepoint) (*ObservedSavepoint, error)
	// Change decides anew whether the files go with the savepoint, and whether it is
	// pinned, and returns it as it is then.
	Change(ctx context.Context, known ObservedSavepoint, want Savepoint) (*ObservedSavepoint, error)
	// Delete deletes the savepoint and waits until it is gone. The note says
	// what is left of it against the wish, or what was done to get rid of it.
	Delete(ctx context.Context, known ObservedSavepoint) (note string, err error)
}
