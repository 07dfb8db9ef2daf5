package vvp

// States of a savepoint that is deleted, with its files (SavepointStatus.state): the platform
// tries until it gives up.
const (
	SavepointPendingDeletion = "PENDING_DELETION"
	SavepointDeleting        = "DELETING"
	SavepointFailedDeletion  = "FAILED_DELETION"
)

// OriginRequest is the origin of a savepoint that somebody has asked for
// (SavepointMetadata.origin).
const OriginRequest = "USER_REQUEST"

// Going tells whether a savepoint is being deleted.
func (s Savepoint) Going() bool {
	return s.State == SavepointPendingDeletion || s.State == SavepointDeleting
}

// Restorable tells whether a job can be started from a savepoint.
func (s Savepoint) Restorable() bool {
	return s.Location != "" && (s.State == SavepointCompleted || s.State == SavepointFailedDeletion)
}

// Savable tells whether a savepoint can be taken of a Deployment now. refused says, in a clause
// about the job, why none will be until somebody does something about it.
func Savable(seen Seen) (now bool, refused string) {
	switch {
	case seen.State == StateFailed:
		return false, "the job has failed"
	case seen.State == StateFinished:
		return false, "the job has come to its end"
	case seen.Desired == StateSuspended:
		return false, "the job is suspended"
	case seen.Desired == StateCancelled:
		return false, "the job is cancelled"
	}
	return seen.State == StateRunning, ""
}
