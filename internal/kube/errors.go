package kube

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// NotFoundError means that the API is served, and the object is not there, or an object of
// the same name has another uid than the one asked for. Only this error may
// remove an object from Terraform's state.
type NotFoundError struct {
	Ref Ref
}

func (e *NotFoundError) Error() string { return fmt.Sprintf("%s does not exist.", e.Ref) }

// NamespaceNotFoundError means that the namespace that a write goes to does not exist.
type NamespaceNotFoundError struct {
	Ref Ref // the object that was to be written
}

func (e *NamespaceNotFoundError) Error() string {
	return fmt.Sprintf("The namespace %s of %s does not exist.", e.Ref.Key.Namespace, e.Ref)
}

// NotServedError means that the API server does not know the kind, because its custom
// resource definition is not installed (any more, or in this version).
type NotServedError struct {
	Kind     Kind
	Endpoint string
}

func (e *NotServedError) Error() string {
	return fmt.Sprintf("The API server at %s does not serve %s (%s): its custom resource definition %s is not installed, or not in this version.",
		e.Endpoint, e.Kind.Kind, e.Kind.apiVersion(), e.Kind.GroupResource())
}

// FieldConflict is a field that another field manager owns.
type FieldConflict struct {
	Path    string // for example ".spec.job.parallelism"
	Manager string // for example "kubectl-edit"
}

// ConflictError means that server-side apply found fields that others own with other
// values (https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts).
type ConflictError struct {
	Ref    Ref
	Fields []FieldConflict
}

func (e *ConflictError) Error() string {
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = fmt.Sprintf("%s by %q", f.Path, f.Manager)
	}
	return fmt.Sprintf("Other field managers own fields of %s with other values: %s.", e.Ref, strings.Join(parts, ", "))
}

// Cause is one reason for which the API server rejects an object.
type Cause struct {
	Field   string // path in the object, such as "spec.job.parallelism", or empty
	Type    string // machine-readable, such as "FieldValueNotSupported" or "FieldUnknown"
	Message string
}

// CauseUnknownField is the type of the cause for a field that the served schema
// does not have, usually because the definition is older than the field.
const CauseUnknownField = "FieldUnknown"

// InvalidError means that the API server rejects the object by its schema.
type InvalidError struct {
	Ref    Ref
	Causes []Cause
}

func (e *InvalidError) Error() string {
	parts := make([]string, len(e.Causes))
	for i, c := range e.Causes {
		parts[i] = c.Message
		if c.Field != "" {
			parts[i] = c.Field + ": " + c.Message
		}
	}
	return fmt.Sprintf("The API server rejects %s: %s.", e.Ref, strings.TrimSuffix(strings.Join(parts, "; "), "."))
}

// DeniedError means that the request is not allowed, by the access rules of the cluster
// (Verb and Resource are set) or by an admission webhook or policy (Admission
// is set).
type DeniedError struct {
	Ref       Ref
	Verb      string // "patch", "list", …
	Resource  string // "flinkdeployments.flink.apache.org"
	User      string // who the server thinks we are, where it says so
	Admission string // name of the webhook or policy
	Message   string // the server's or the webhook's own words
}

func (e *DeniedError) Error() string {
	message := strings.TrimSuffix(e.Message, ".")
	if e.Admission != "" {
		return fmt.Sprintf("Admission control (%s) refuses %s: %s.", e.Admission, e.Ref, message)
	}
	return fmt.Sprintf("It is not allowed to %s %s: %s.", e.Verb, e.Ref, message)
}

// ExistsError means that an object that was to be created is there already.
type ExistsError struct {
	Ref      Ref
	Managers []string // who owns fields of it, sorted
	Object   *unstructured.Unstructured
}

// Ours says whether this provider has written the object, for example in an
// apply that was killed before it could record it.
func (e *ExistsError) Ours() bool { return slices.Contains(e.Managers, FieldManager) }

func (e *ExistsError) Error() string {
	if len(e.Managers) == 0 {
		return fmt.Sprintf("%s exists already.", e.Ref)
	}
	return fmt.Sprintf("%s exists already and is managed by %s.", e.Ref, strings.Join(e.Managers, ", "))
}

// UnreachableError means that no answer comes from the API server.
type UnreachableError struct {
	Endpoint string
	Cause    error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("The API server at %s cannot be reached: %s.", e.Endpoint, strings.TrimSuffix(rootMessage(e.Cause), "."))
}

func (e *UnreachableError) Unwrap() error { return e.Cause }

// CredentialsError means that the API server does not accept the credentials, or the
// program that should print them fails.
type CredentialsError struct {
	Endpoint string
	Message  string
}

func (e *CredentialsError) Error() string {
	return fmt.Sprintf("The API server at %s does not accept the credentials: %s.", e.Endpoint, strings.TrimSuffix(e.Message, "."))
}

// WebhookUnavailableError means that the API server cannot call an admission or
// conversion webhook, typically because the operator that serves it is just
// being started.
type WebhookUnavailableError struct {
	Ref     Ref
	Webhook string // its name, where the server says it
	// Answered tells that the webhook was reached and failed itself.
	Answered bool
	Message  string
}

func (e *WebhookUnavailableError) Error() string {
	name := "a webhook"
	if e.Webhook != "" {
		name = "the webhook " + e.Webhook
	}
	return fmt.Sprintf("The API server cannot call %s that it needs for %s: %s.", name, e.Ref, strings.TrimSuffix(e.Message, "."))
}

// ServerError is any other answer that is no success.
type ServerError struct {
	Ref     Ref
	Verb    string
	Code    int    // HTTP status
	Reason  string // Kubernetes' reason, such as "TooManyRequests"
	Message string
}

func (e *ServerError) Error() string {
	return fmt.Sprintf("The API server answers %d %s to %s %s: %s.", e.Code, e.Reason, e.Verb, e.Ref, strings.TrimSuffix(e.Message, "."))
}
