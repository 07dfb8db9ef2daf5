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

// ExplainedError is what came back from a platform, with words for whoever has to
// do something about it.
type ExplainedError struct {
	// Cause completes "Cannot create the deployment: ", for example "it is not
	// allowed".
	Cause string
	// Err is what came back.
	Err error
	// Remedy says what to do.
	Remedy string
}

func (e *ExplainedError) Error() string { return e.Err.Error() }

func (e *ExplainedError) Unwrap() error { return e.Err }

// FieldsError says which fields of what was written are at fault.
type FieldsError struct {
	// Err is what came back.
	Err    error
	Fields []Field
}

func (e *FieldsError) Error() string { return e.Err.Error() }

func (e *FieldsError) Unwrap() error { return e.Err }

// Field is one field at fault.
type Field struct {
	// Path is the value in the specification; nil for what is not part of it.
	Path flink.Path
	// Summary is one line, for example "the cluster rejects image".
	Summary string
	// By says who has answered, for example "The API server", and Message what;
	// both are empty where Detail says it.
	By, Message string
	// Detail says what to do, or is empty.
	Detail string
}

// ExistsError says that what was to be created exists already.
type ExistsError struct {
	Err error
	// Ours tells that this provider has written it.
	Ours bool
}

func (e *ExistsError) Error() string { return e.Err.Error() }

func (e *ExistsError) Unwrap() error { return e.Err }

// OtherObjectError says that the object of a name is not the one that a change
// was planned for: that one was deleted, and another one created. Nothing was
// written.
type OtherObjectError struct {
	Kind string
	Ref  Ref
	// UID is the uid of the object that exists, and Planned that of the one of
	// the plan.
	UID, Planned string
	// Created is when the object that exists was created, in RFC 3339, or empty.
	Created string
}

func (e *OtherObjectError) Error() string {
	created := ""
	if e.Created != "" {
		created = " and was created at " + e.Created
	}
	return fmt.Sprintf("%s %s has the uid %s%s; the change was planned for the object with the uid %s", e.Kind, e.Ref, e.UID, created, e.Planned)
}

// BegunError says that what was to be created is being created already, by
// another resource.
type BegunError struct {
	// Here tells that the other resource is in the same apply.
	Here bool
	// Err says what exists.
	Err error
}

func (e *BegunError) Error() string {
	who := "another apply, which is at work on it"
	if e.Here {
		who = "another resource in this apply"
	}
	return fmt.Sprintf("%s It was created just now by %s.", e.Err, who)
}

func (e *BegunError) Unwrap() error { return e.Err }

// NoEnvironmentError says that no environment of a name was found, or not which.
type NoEnvironmentError struct {
	Name string
	// Looked are the places where it was looked for, each with the outcome.
	Looked []string
	// Namespaces are where environments of this name are, when there are several.
	Namespaces []string
	// Names are the environments of the namespace, when no name was asked for and
	// there are several.
	Names []string
}

func (e *NoEnvironmentError) Error() string {
	switch {
	case len(e.Names) > 0:
		return "the namespace has the environments " + strings.Join(e.Names, ", ")
	case e.Name == "":
		return "no environment was found: " + strings.Join(e.Looked, "; ")
	case len(e.Namespaces) > 0:
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
	// Remedy says what to do where the message does not; empty otherwise.
	Remedy string
}

func (e *RejectedError) Error() string { return e.By + ": " + e.Message }

// UncheckedError says why a platform that could say whether it would take an
// object does not say it.
type UncheckedError struct {
	// Who is a clause about whom it would have asked.
	Who string
	Err error
	// Remedy says what an apply needs, and what to do.
	Remedy string
}

func (e *UncheckedError) Error() string { return e.Err.Error() }

// InUseError says that an environment still holds Flink resources.
type InUseError struct {
	// Place is for example "namespace flink-prod".
	Place string
	// Resources are the resources in it, each as "Kind name".
	Resources []string
}

func (e *InUseError) Error() string {
	return fmt.Sprintf("%s still holds %s", e.Place, strings.Join(e.Resources, ", "))
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
	// Waiting tells that nothing has failed: the time of the wait was over, and
	// what was written may still come to run.
	Waiting bool
}

func (e *RolloutError) Error() string { return e.Summary + "\n" + e.Detail }
