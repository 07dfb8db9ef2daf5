package registry

import (
	"fmt"
	"net/http"
	"strings"
)

// NotFoundError means that a registry has no such subject, or no such version of it.
type NotFoundError struct {
	Subject string
	// Version is what the subject does not have; empty when there is no such subject.
	Version string
}

func (e *NotFoundError) Error() string {
	if e.Version == "" {
		return fmt.Sprintf("The schema registry has no subject %q.", e.Subject)
	}
	return fmt.Sprintf("The subject %q of the schema registry has no version %s.", e.Subject, e.Version)
}

// AccessError means that a registry takes no request with these credentials, or not
// this one.
type AccessError struct {
	// Code is the HTTP status, 401 or 403.
	Code int
	Err  error
}

func (e *AccessError) Error() string {
	if e.Code == http.StatusForbidden {
		return "The credentials for the schema registry do not allow this. " + e.Err.Error()
	}
	return "The schema registry does not accept the credentials. " + e.Err.Error()
}

func (e *AccessError) Unwrap() error { return e.Err }

// ForeignError means that what answers is not the interface of a registry.
type ForeignError struct{ Err error }

func (e *ForeignError) Error() string {
	return "There is no schema registry at this URL, or its interface begins at a path below it, as Apicurio's does at /apis/ccompat/v7: " + strings.TrimSuffix(e.Err.Error(), ".") + "."
}

func (e *ForeignError) Unwrap() error { return e.Err }

// InvalidSchemaError means that a registry does not take a text as a schema.
type InvalidSchemaError struct {
	Subject string
	// Message is the registry's own.
	Message string
	// Err is the answer; nil when the registry was not asked.
	Err error
}

func (e *InvalidSchemaError) Error() string {
	return fmt.Sprintf("The schema registry does not take the schema for the subject %q: %s.", e.Subject, strings.TrimSuffix(e.Message, "."))
}

func (e *InvalidSchemaError) Unwrap() error { return e.Err }

// IncompatibleError means that a schema is at odds with those that its subject has.
// Nothing was registered.
type IncompatibleError struct {
	Subject string
	// Words are the registry's own, one for each thing that is at odds. There are
	// none where it does not say.
	Words []string
	// Against is the version that the schema is at odds with; 0 where the registry
	// does not say.
	Against int
	Err     error
}

func (e *IncompatibleError) Error() string {
	text := fmt.Sprintf("The schema is not compatible with those of the subject %q", e.Subject)
	if e.Against > 0 {
		text = fmt.Sprintf("The schema is not compatible with version %d of the subject %q", e.Against, e.Subject)
	}
	if len(e.Words) > 0 {
		text += ": " + strings.Join(e.Words, "; ")
	}
	return strings.TrimSuffix(text, ".") + "."
}

func (e *IncompatibleError) Unwrap() error { return e.Err }

// ModeError means that a registry, or a subject of it, is in a mode in which it
// takes no schemas.
type ModeError struct {
	Subject string
	// Message is the registry's own.
	Message string
	Err     error
}

func (e *ModeError) Error() string {
	return fmt.Sprintf("The schema registry takes no schema for the subject %q now, because of its mode: %s. Whoever runs the registry sets the mode.", e.Subject, strings.TrimSuffix(e.Message, "."))
}

func (e *ModeError) Unwrap() error { return e.Err }

// UnsettledError means that a registry does not say whether it has registered a
// schema. Registering it again is safe.
type UnsettledError struct {
	Subject string
	Err     error
}

func (e *UnsettledError) Error() string {
	return fmt.Sprintf("The schema registry does not say whether the schema is registered for the subject %q now. %s. Try again: a schema that is there is not registered twice.", e.Subject, strings.TrimSuffix(e.Err.Error(), "."))
}

func (e *UnsettledError) Unwrap() error { return e.Err }
