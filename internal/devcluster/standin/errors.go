package standin

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

const exceptionPackage = "org.apache.flink.kubernetes.operator.exception."

// Java types that status.error names.
const (
	typeSerializedThrowable = "org.apache.flink.util.SerializedThrowable"
	typeValidation          = exceptionPackage + "ValidationException"
	typeDeploymentFailed    = exceptionPackage + "DeploymentFailedException"
	typeUpgradeFailure      = exceptionPackage + "UpgradeFailureException"
	typeReconciliation      = exceptionPackage + "ReconciliationException"
)

// throwable is one entry of the error document.
type throwable struct {
	Type     string         `json:"type"`
	Message  string         `json:"message"`
	Metadata map[string]any `json:"additionalMetadata"`
}

// flinkError is an error that ends up as JSON in status.error. It stops the
// pass over the object that returned it, which is then tried again after one
// reconcile interval.
type flinkError struct {
	throwable
	Causes []throwable `json:"throwableList"`

	reason string // of the Event that goes with it
}

func (e *flinkError) Error() string { return e.Type + ": " + e.Message }

// document is the error as the operator writes it, which escapes no < and > as Go does.
func (e *flinkError) document() string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(e); err != nil {
		panic(err) // plain data always encodes
	}
	return strings.TrimSuffix(text.String(), "\n")
}

func newError(typ, reason, format string, args ...any) *flinkError {
	return &flinkError{
		throwable: throwable{Type: typ, Message: cut(fmt.Sprintf(format, args...)), Metadata: map[string]any{}},
		Causes:    []throwable{}, reason: reason,
	}
}

func (e *flinkError) because(typ, message string) *flinkError {
	e.Causes = append(e.Causes, throwable{Type: typ, Message: cut(message), Metadata: map[string]any{}})
	return e
}

// cut keeps the operator's limit of 2048 characters a field.
func cut(s string) string {
	if len(s) > 2048 {
		return s[:2048]
	}
	return s
}

// manualRestore is the error of an upgrade that finds no state to go on from.
func manualRestore() *flinkError {
	return newError(typeUpgradeFailure, "UpgradeFailed", "JobManager deployment is missing and HA metadata is not available to make stateful upgrades. "+
		"It is possible that the job has finished or terminally failed, or the configmaps have been deleted.Manual restore required.")
}

// errGone says that the object vanished while it was worked on.
var errGone = errors.New("the object is gone")
