package platform

import (
	"fmt"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// NotFoundError says that an object does not exist: the platform answered, and
// said so.
type NotFoundError struct {
	Kind string
	Ref  Ref
}

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("%s %s does not exist", e.Kind, e.Ref)
}

// NoEnvironmentError says that no environment of a name was found, or not which.
type NoEnvironmentError struct {
	Name string
	// Looked are the places where it was looked for, each with the outcome.
	Looked []string
	// Namespaces are where environments of this name are, when there are several.
	Namespaces []string
}

func (e *NoEnvironmentError) Error() string {
	if len(e.Namespaces) > 0 {
		return fmt.Sprintf("there are environments %q in the namespaces %s", e.Name, strings.Join(e.Namespaces, ", "))
	}
	return fmt.Sprintf("no environment %q was found: %s", e.Name, strings.Join(e.Looked, "; "))
}

// RejectedError is a platform's answer, before anything is written, that it would
// not take an object.
type RejectedError struct {
	// By says who answers, for example "the webhook validationwebhook.flink.apache.org".
	By string
	// Path is the value at fault; nil where the message names none.
	Path flink.Path
	// Message is the platform's own.
	Message string
}

func (e *RejectedError) Error() string { return e.By + ": " + e.Message }

// UncheckedError says why a platform that could say whether it would take an
// object does not say it.
type UncheckedError struct{ Err error }

func (e *UncheckedError) Error() string { return e.Err.Error() }

// InUseError says that an environment still holds Flink resources.
type InUseError struct {
	Namespace string
	// Resources are the resources in it, each as "Kind name".
	Resources []string
}

func (e *InUseError) Error() string {
	return fmt.Sprintf("namespace %s still holds %s", e.Namespace, strings.Join(e.Resources, ", "))
}

// RolloutError says why what was written does not run.
type RolloutError struct {
	// Summary is one line with the first cause, for example `the new version
	// of "orders" does not start: image "…" cannot be pulled`.
	Summary string
	// Detail has what was waited for, the platform's error, events, the job's
	// exception, and what to do.
	Detail string
	// RolledBack tells that the previous specification runs again.
	RolledBack bool
}

func (e *RolloutError) Error() string { return e.Summary + "\n" + e.Detail }
