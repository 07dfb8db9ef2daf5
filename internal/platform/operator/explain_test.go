package operator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// TestErrorsLeaveWithWords reads each error as the Terraform layer does: the attributes
// at fault, the first line, and what to do.
func TestErrorsLeaveWithWords(t *testing.T) {
	kind := kube.Kind{GroupVersionResource: schema.GroupVersionResource{Group: "flink.apache.org", Version: "v1beta1", Resource: "flinkdeployments"}, Kind: "FlinkDeployment"}
	ref := kube.Ref{Kind: kind, Key: kube.Key{Namespace: "flink-prod", Name: "orders"}}
	for name, test := range map[string]struct {
		err     error
		at      []string
		summary string
		detail  []string
	}{
		"unreachable": {
			&kube.UnreachableError{Endpoint: "https://10.0.0.1:6443", Cause: errors.New("connection refused")},
			[]string{""},
			`the Kubernetes cluster cannot be reached`,
			[]string{"https://10.0.0.1:6443", "connection refused", "Check"},
		},
		"wrapped": {
			fmt.Errorf("while waiting: %w", &kube.UnreachableError{Endpoint: "https://10.0.0.1:6443", Cause: errors.New("eof")}),
			[]string{""},
			`the Kubernetes cluster cannot be reached`,
			[]string{"https://10.0.0.1:6443"},
		},
		"two conflicts": {
			&kube.ConflictError{Ref: ref, Fields: []kube.FieldConflict{{Path: ".spec.job.parallelism", Manager: "kubectl-edit"}, {Path: ".metadata.labels.a", Manager: "argo"}}},
			[]string{"job.parallelism", ""},
			`"kubectl-edit" owns job.parallelism`,
			[]string{"FlinkDeployment flink-prod/orders", "kubectl-edit", "leave the attribute out", "force_conflicts = true"},
		},
		"invalid": {
			&kube.InvalidError{Ref: ref, Causes: []kube.Cause{{Field: "spec.flinkVersion", Type: "FieldValueNotSupported", Message: `Unsupported value: "v9_9"`}}},
			[]string{"flink_version"},
			"the Kubernetes cluster rejects flink_version",
			[]string{`The API server answers: Unsupported value: "v9_9"`},
		},
		"field of a newer operator": {
			&kube.InvalidError{Ref: ref, Causes: []kube.Cause{{Field: "spec.taskManager.resources", Type: kube.CauseUnknownField, Message: "unknown field"}}},
			[]string{"task_manager.resources"},
			"the Kubernetes cluster rejects task_manager.resources",
			[]string{"from version 1.16 on"},
		},
		"unknown field": {
			&kube.InvalidError{Ref: ref, Causes: []kube.Cause{{Field: "spec.mode", Type: kube.CauseUnknownField, Message: "unknown field"}}},
			[]string{"mode"},
			"the Kubernetes cluster rejects mode",
			[]string{"does not have this field"},
		},
		"type inside a pod template": {
			&kube.InvalidError{Ref: ref, Causes: []kube.Cause{{Field: "spec.podTemplate.spec.containers[0].env[0].value", Type: "FieldValueInvalid", Message: "expected string, got 8123"}}},
			[]string{"pod_template"},
			"the Kubernetes cluster rejects pod_template: spec.containers[0].env[0].value",
			[]string{"The API server answers: expected string"},
		},
		"unknown field inside a pod template": {
			&kube.InvalidError{Ref: ref, Causes: []kube.Cause{{Field: "spec.jobManager.podTemplate.spec.containers[0].volumeMount", Type: kube.CauseUnknownField, Message: "field not declared in schema"}}},
			[]string{"job_manager.pod_template"},
			"the Kubernetes cluster rejects job_manager.pod_template: spec.containers[0].volumeMount",
			[]string{"have no field spec.containers[0].volumeMount", "indentation"},
		},
		"invalid outside the specification": {
			&kube.InvalidError{Ref: ref, Causes: []kube.Cause{{Field: "metadata.name", Message: "too long"}}},
			[]string{""},
			`the Kubernetes cluster rejects metadata.name`,
			[]string{"too long"},
		},
		"invalid without a cause": {
			&kube.InvalidError{Ref: ref}, []string{""}, `the Kubernetes cluster rejects it`, nil,
		},
		"forbidden": {
			&kube.DeniedError{Ref: ref, Verb: "patch", Resource: "flinkdeployments.flink.apache.org", User: "ci", Message: "no"},
			[]string{""},
			`it is not allowed`,
			[]string{"Grant ci the verb patch on flinkdeployments.flink.apache.org"},
		},
		"denied by a webhook": {
			&kube.DeniedError{Ref: ref, Admission: "flink.operator", Message: "Flink Version must be defined."},
			[]string{""},
			`admission control refuses it`,
			[]string{"Flink Version must be defined", "flink.operator"},
		},
		"denied for the JAR file": {
			&kube.DeniedError{Ref: ref, Admission: "flink.operator", Message: "jarURI host 'nexus.internal' cannot be resolved"},
			[]string{""},
			`admission control refuses it`,
			[]string{"jarURI host 'nexus.internal' cannot be resolved", "nexus.internal has no address in the operator's pod"},
		},
		"exists": {
			&kube.ExistsError{Ref: ref},
			[]string{""},
			`it exists already`,
			[]string{"FlinkDeployment flink-prod/orders exists already."},
		},
		"credentials": {
			&kube.CredentialsError{Endpoint: "https://a", Message: "Unauthorized"},
			[]string{""},
			`the Kubernetes cluster does not accept the credentials`,
			[]string{"https://a", "Unauthorized"},
		},
		"definition not installed": {
			&kube.NotServedError{Kind: kind, Endpoint: "https://a"},
			[]string{""},
			`the cluster does not know FlinkDeployment`,
			[]string{"Install the Flink Kubernetes Operator"},
		},
		"no namespace": {
			&kube.NamespaceNotFoundError{Ref: ref}, []string{""}, `the namespace does not exist`, []string{"flink-prod"},
		},
		"webhook away": {
			&kube.WebhookUnavailableError{Ref: ref, Webhook: "w", Message: "refused"},
			[]string{""},
			`a webhook of the cluster does not answer`,
			[]string{"apply again"},
		},
		"timeout": {
			fmt.Errorf("wait: %w", context.DeadlineExceeded), []string{""}, "it takes too long", []string{"timeouts", "kubectl describe"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := explain(test.err)
			if !errors.Is(err, test.err) {
				t.Errorf("%v does not wrap what came back", err)
			}
			at, summary, detail := read(err)
			if diff := cmp.Diff(test.at, at); diff != "" {
				t.Fatalf("attributes (-want +got):\n%s", diff)
			}
			if summary != test.summary {
				t.Errorf("summary %q, want %q", summary, test.summary)
			}
			for _, want := range test.detail {
				if !strings.Contains(detail, want) {
					t.Errorf("the detail lacks %q:\n%s", want, detail)
				}
			}
			if strings.Contains(detail, "8123") {
				t.Errorf("the detail shows a value of a pod template:\n%s", detail)
			}
		})
	}
}

// read returns the attributes at fault, "" for none, the first line and the rest of
// the first fault.
func read(err error) (at []string, summary, detail string) {
	var (
		explained *platform.ExplainedError
		fields    *platform.FieldsError
		exists    *platform.ExistsError
	)
	switch {
	case errors.As(err, &fields):
		for _, field := range fields.Fields {
			at = append(at, field.Path.Attribute())
		}
		first := fields.Fields[0]
		return at, first.Summary, first.By + " answers: " + first.Message + " " + first.Detail
	case errors.As(err, &explained):
		return []string{""}, explained.Cause, err.Error() + " " + explained.Remedy
	case errors.As(err, &exists):
		return []string{""}, "it exists already", err.Error()
	}
	return nil, "", err.Error()
}

// What the rest of the package says itself is said already.
func TestOwnErrorsLeaveAsTheyAre(t *testing.T) {
	ref := platform.Ref{Namespace: "a", Name: "b"}
	for _, err := range []error{
		&platform.RolloutError{Summary: "it fails"}, &platform.OtherObjectError{Ref: ref}, &platform.InUseError{Place: "namespace a"},
		&platform.NotFoundError{Ref: ref}, &platform.BegunError{Err: &kube.ExistsError{}}, &platform.RejectedError{}, errors.New("anything else"),
	} {
		if got := explain(err); got != err { //nolint:errorlint // It is the very error.
			t.Errorf("%T leaves as %T", err, got)
		}
	}
	if explain(nil) != nil {
		t.Error("no error leaves as one")
	}
}
