package fko

import (
	"encoding/json"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Failure is the operator's status.error, decoded.
type Failure struct {
	// Type is the simple name of the Java class, for example
	// "ValidationException"; empty for plain text.
	Type    string
	Message string
	// Reason is the pod's waiting reason or the event's reason, for example
	// "ErrImagePull".
	Reason string
	// Causes are the messages of the exceptions below, outermost first.
	Causes []string
}

// wireFailure is the JSON in status.error (FlinkResourceException).
type wireFailure struct {
	Type       string         `json:"type"`
	Message    string         `json:"message"`
	Metadata   map[string]any `json:"additionalMetadata"`
	Throwables []wireFailure  `json:"throwableList"`
}

// ParseFailure decodes status.error: JSON, or the plain text that the operator
// writes in a few places. It returns nil for the empty text.
func ParseFailure(text string) *Failure {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	var wire wireFailure
	if err := json.Unmarshal([]byte(text), &wire); err != nil || wire.Type == "" && wire.Message == "" {
		return &Failure{Message: text}
	}
	f := &Failure{Type: simpleName(wire.Type), Message: wire.Message}
	f.Reason, _ = wire.Metadata["reason"].(string)
	for _, cause := range wire.Throwables {
		if cause.Message != "" {
			f.Causes = append(f.Causes, cause.Message)
		} else if cause.Type != "" {
			f.Causes = append(f.Causes, simpleName(cause.Type))
		}
	}
	return f
}

func simpleName(class string) string {
	return class[strings.LastIndexAny(class, ".$")+1:]
}

// Sentence returns the failure in one readable line: what the operator says,
// the deepest cause it knows, and the reason.
func (f *Failure) Sentence() string {
	out := strings.Join(strings.Fields(flink.PlainException(f.Message)), " ")
	// Two sentences that the operator glues together.
	out = strings.ReplaceAll(out, "deleted.Manual restore", "deleted. Manual restore")
	if out == "" {
		out = f.Type
	}
	if n := len(f.Causes); n > 0 {
		deepest := strings.Join(strings.Fields(flink.PlainException(f.Causes[n-1])), " ")
		bare := deepest[strings.Index(deepest, ": ")+1:]
		if deepest != "" && !strings.Contains(out, strings.TrimSpace(bare)) {
			out += ": " + deepest
		}
	}
	if f.Reason != "" && !strings.Contains(out, f.Reason) {
		out = f.Reason + ": " + out
	}
	return out
}

// kind is how much a failure says about the rollout.
type kind int

const (
	// harmless failures are reported when the time is over, and end nothing.
	harmless kind = iota
	// final failures cannot heal by themselves.
	final
	// podFailure ends the wait when the pods stay broken for the grace period.
	podFailure
	// jobFailure is the failed job itself.
	jobFailure
	// retried failures come and go while the operator tries again: they end
	// the wait when they have come back often enough.
	retried
)

// IsJobNotFound tells the operator's plain text for a JobManager that answers
// and does not know the job yet, which is so in the middle of every restart
// (JobStatusObserver).
func (f *Failure) IsJobNotFound() bool { return f.Type == "" && f.Message == "Job Not Found" }

// IsManualRestore tells that the operator has lost track of the job's state
// and will do nothing until somebody says where to restore it from.
func (f *Failure) IsManualRestore() bool {
	return strings.Contains(f.Message, "Manual restore required.")
}

// IsPod tells that the pods of the JobManager do not start.
func (f *Failure) IsPod() bool { return f.Type == "DeploymentFailedException" }

// isMount tells that a volume is not there yet. The operator deletes and
// creates its own config maps during a restart, so a good job passes through
// this one.
func (f *Failure) isMount() bool {
	return f.IsPod() && (f.Reason == "FailedMount" || strings.HasPrefix(f.Message, "MountVolume."))
}

// IsValidation tells that the operator refuses the specification.
func (f *Failure) IsValidation() bool { return f.Type == "ValidationException" }

// IsImage tells that an image cannot be pulled.
func (f *Failure) IsImage() bool {
	switch f.Reason {
	case "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull":
		return true
	}
	return false
}
