package vvp

import (
	"cmp"
	"slices"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Event is what the platform tells about a deployment at one moment.
type Event struct{ Created, Name, Message, JobID string }

// EventOf reads an Event.
func EventOf(object flink.Tree) Event {
	said := func(path ...string) string {
		value, _ := at(object, path...).(string)
		return value
	}
	return Event{Created: said("metadata", "createdAt"), Name: said("metadata", "name"), JobID: said("metadata", "jobId"), Message: said("spec", "message")}
}

// failures are the events that tell of a failure (EventMetadata.name), those that say why
// before those that only say that it was too much.
var failures = []string{
	"REFERENCED_DEPLOYMENT_TARGET_DOES_NOT_EXIST",
	"RESOURCE_QUOTA_EXCEEDED",
	"JOB_IS_NOT_CONFIGURED_WITH_SAVEPOINT_SUPPORT",
	"FAILED_TO_CREATE_CLUSTER_FOR_JOB",
	"FAILED_CREATING_A_NEW_JOB",
	"TERMINATING_A_JOB_DUE_TO_AN_UNRECOVERABLE_FAILURE",
	"TRANSITIONING_TO_FAILED_STATE_BECAUSE_SAVEPOINT_FAILED_IN_FLINK",
	"AN_UN_RECOVERABLE_FAILURE_WHILE_TRIGGERING_A_SAVEPOINT",
	"AN_UNRECOVERABLE_FAILURE_WHILE_TAKING_A_SAVEPOINT",
	"RECOVERABLE_FAILURE_WHILE_TRIGGERING_A_SAVEPOINT",
	"RECOVERABLE_FAILURE_WHILE_CHECKING_A_SAVEPOINT_STATUS",
	"GENERAL_FAILURE",
	"COULD_NOT_FIND_A_JOB_TO_SUSPEND",
	"TRANSITIONING_TO_FAILED_STATE_BECAUSE_JOB_NOT_STARTED",
	"TRANSITIONING_TO_FAILED_STATE_BECAUSE_OF_A_MISSING_JOB",
	"TOO_MANY_FAILED_SUSPENSION_ATTEMPTS",
	"TOO_MANY_FAILED_JOB_CREATION_ATTEMPTS",
}

// Remedies says what to do about failures whose cause is outside of the job.
var remedies = map[string]string{
	"RESOURCE_QUOTA_EXCEEDED":                      "The CPU quota of the platform is in use: free some, or ask for more.",
	"JOB_IS_NOT_CONFIGURED_WITH_SAVEPOINT_SUPPORT": "Set execution.checkpointing.savepoint-dir in flink_configuration, or have an administrator configure blob storage for the platform.",
	"REFERENCED_DEPLOYMENT_TARGET_DOES_NOT_EXIST":  "Create the deployment target, or name another one in ververica.deployment_target.",
}

// Cause is why a transition has failed, as events tell it.
type Cause struct {
	// Name is the event's, Text one readable line, and Remedy what to do, empty where that
	// depends on the text.
	Name, Text, Remedy string
}

// CauseOf returns the cause that the events since a moment tell: that which says most, and of
// several the newest; false where none tells of a failure. Moments are texts of the server's.
func CauseOf(events []Event, since string) (Cause, bool) {
	best := -1
	var found Event
	for _, event := range events {
		rank := slices.Index(failures, event.Name)
		if rank < 0 || Earlier(event.Created, since) {
			continue
		}
		if best < 0 || rank < best || rank == best && !Earlier(event.Created, found.Created) {
			best, found = rank, event
		}
	}
	if best < 0 {
		return Cause{}, false
	}
	return Cause{found.Name, cmp.Or(strings.Join(strings.Fields(found.Message), " "), Words(found.Name)), remedies[found.Name]}, true
}

// Words writes a name of the platform's as people do.
func Words(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", " ")) }

// Last returns the newest events since a moment, in the order in which they happened, as lines of a
// message.
func Last(events []Event, since string, count int) []string {
	kept := slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return Earlier(e.Created, since) })
	slices.SortStableFunc(kept, func(a, b Event) int {
		switch {
		case Earlier(a.Created, b.Created):
			return -1
		case Earlier(b.Created, a.Created):
			return 1
		}
		return 0
	})
	var out []string
	for _, event := range kept[max(0, len(kept)-count):] {
		line := event.Name
		if event.Message != "" {
			line += ": " + strings.Join(strings.Fields(event.Message), " ")
		}
		out = append(out, line)
	}
	return out
}
