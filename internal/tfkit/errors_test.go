package tfkit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

func TestErrorsSayWhatWasTriedWhatCameBackAndWhatToDo(t *testing.T) {
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
			`Cannot create the deployment "orders": the Kubernetes cluster cannot be reached`,
			[]string{"https://10.0.0.1:6443", "connection refused", "Check"},
		},
		"wrapped": {
			fmt.Errorf("while waiting: %w", &kube.UnreachableError{Endpoint: "https://10.0.0.1:6443", Cause: errors.New("eof")}),
			[]string{""},
			`Cannot create the deployment "orders": the Kubernetes cluster cannot be reached`,
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
			"The Kubernetes cluster rejects flink_version",
			[]string{`Unsupported value: "v9_9".`, "create the deployment"},
		},
		"field of a newer operator": {
			&kube.InvalidError{Ref: ref, Causes: []kube.Cause{{Field: "spec.taskManager.resources", Type: kube.CauseUnknownField, Message: "unknown field"}}},
			[]string{"task_manager.resources"},
			"The Kubernetes cluster rejects task_manager.resources",
			[]string{"from version 1.16 on"},
		},
		"unknown field": {
			&kube.InvalidError{Ref: ref, Causes: []kube.Cause{{Field: "spec.mode", Type: kube.CauseUnknownField, Message: "unknown field"}}},
			[]string{"mode"},
			"The Kubernetes cluster rejects mode",
			[]string{"does not have this field"},
		},
		"invalid outside the specification": {
			&kube.InvalidError{Ref: ref, Causes: []kube.Cause{{Field: "metadata.name", Message: "too long"}}},
			[]string{""},
			`Cannot create the deployment "orders": the Kubernetes cluster rejects metadata.name`,
			[]string{"Too long."},
		},
		"invalid without a cause": {
			&kube.InvalidError{Ref: ref}, []string{""}, `Cannot create the deployment "orders": the Kubernetes cluster rejects it`, nil,
		},
		"forbidden": {
			&kube.DeniedError{Ref: ref, Verb: "patch", Resource: "flinkdeployments.flink.apache.org", User: "ci", Message: "no"},
			[]string{""},
			`Cannot create the deployment "orders": it is not allowed`,
			[]string{"Grant ci the verb patch on flinkdeployments.flink.apache.org"},
		},
		"denied by a webhook": {
			&kube.DeniedError{Ref: ref, Admission: "flink.operator", Message: "Flink Version must be defined."},
			[]string{""},
			`Cannot create the deployment "orders": admission control refuses it`,
			[]string{"Flink Version must be defined", "flink.operator"},
		},
		"exists": {
			&kube.ExistsError{Ref: ref},
			[]string{""},
			`Cannot create the deployment "orders": it exists already`,
			[]string{"terraform import flink_deployment.orders operator/flink-prod/orders"},
		},
		"credentials": {
			&kube.CredentialsError{Endpoint: "https://a", Message: "Unauthorized"},
			[]string{""},
			`Cannot create the deployment "orders": the Kubernetes cluster does not accept the credentials`,
			[]string{"https://a", "Unauthorized"},
		},
		"configuration": {
			&kube.ConfigError{Attribute: "context", Problem: "The kubeconfig has no context."},
			[]string{""},
			`Cannot create the deployment "orders": there is no usable configuration of a Kubernetes cluster`,
			[]string{"Correct kubernetes.context in the provider block"},
		},
		"no configuration": {
			&kube.ConfigError{Problem: "There is none.", Tried: []string{"KUBECONFIG is not set"}},
			[]string{""},
			`Cannot create the deployment "orders": there is no usable configuration of a Kubernetes cluster`,
			[]string{"KUBECONFIG is not set", "or set KUBECONFIG"},
		},
		"configuration not known": {
			&UnknownConfigError{Attributes: []string{"kubernetes.host"}},
			[]string{""},
			`Cannot create the deployment "orders": the provider's configuration is not known yet`,
			[]string{"kubernetes.host"},
		},
		"definition not installed": {
			&kube.NotServedError{Kind: kind, Endpoint: "https://a"},
			[]string{""},
			`Cannot create the deployment "orders": the cluster does not know FlinkDeployment`,
			[]string{"Install the Flink Kubernetes Operator"},
		},
		"no namespace": {
			&kube.NamespaceNotFoundError{Ref: ref}, []string{""}, `Cannot create the deployment "orders": the namespace does not exist`, []string{"flink-prod"},
		},
		"webhook away": {
			&kube.WebhookUnavailableError{Ref: ref, Webhook: "w", Message: "refused"},
			[]string{""},
			`Cannot create the deployment "orders": a webhook of the cluster does not answer`,
			[]string{"apply again"},
		},
		"gone": {
			&platform.NotFoundError{Kind: "FlinkDeployment", Ref: platform.Ref{Namespace: "a", Name: "b"}},
			[]string{""},
			`Cannot create the deployment "orders": it does not exist`,
			[]string{"FlinkDeployment a/b does not exist."},
		},
		"in use": {
			&platform.InUseError{Namespace: "a", Resources: []string{"FlinkDeployment b"}},
			[]string{""},
			`Cannot create the deployment "orders": it is still in use`,
			[]string{"FlinkDeployment b", "Destroy these"},
		},
		"rollout": {
			&platform.RolloutError{Summary: "The job fails", Detail: "Boom."}, []string{""}, "The job fails", []string{"Boom."},
		},
		"timeout": {
			fmt.Errorf("wait: %w", context.DeadlineExceeded), []string{""}, `Cannot create the deployment "orders": it takes too long`, []string{"timeouts"},
		},
		"interrupted": {
			context.Canceled, []string{""}, `Cannot create the deployment "orders": Terraform was interrupted`, []string{"Apply again"},
		},
		"anything else": {
			errors.New("500 internal"), []string{""}, `Cannot create the deployment "orders": the platform answers with an error`, []string{"500 internal."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			attempt := Attempt{Doing: `create the deployment "orders"`, Import: "terraform import flink_deployment.orders operator/flink-prod/orders"}
			diags := attempt.Diagnostics(test.err)
			if diff := cmp.Diff(test.at, attributes(diags)); diff != "" {
				t.Fatalf("attributes (-want +got):\n%s", diff)
			}
			if got := diags[0].Summary(); got != test.summary {
				t.Errorf("summary %q, want %q", got, test.summary)
			}
			for _, want := range test.detail {
				if !strings.Contains(diags[0].Detail(), want) {
					t.Errorf("the detail lacks %q:\n%s", want, diags[0].Detail())
				}
			}
		})
	}
}

func TestRefusedOnlyForAnUnknownConfiguration(t *testing.T) {
	if warning, refused := Refused(fmt.Errorf("read: %w", &UnknownConfigError{Attributes: []string{"kubernetes.host"}})); !refused || !strings.Contains(warning.Detail(), "kubernetes.host") {
		t.Errorf("refused = %t, %v", refused, warning)
	}
	if _, refused := Refused(&kube.UnreachableError{Cause: errors.New("x")}); refused {
		t.Error("a cluster that is away is an error")
	}
}

func TestFindings(t *testing.T) {
	diags := Findings([]flink.Finding{
		{Path: flink.Path{"jobManager", "replicas"}, Severity: flink.Error, Summary: "Too few", Detail: "At least one."},
		{Path: flink.Path{"flinkConfiguration", "a.b"}, Severity: flink.Warning, Summary: "Odd", Detail: "Look."},
	})
	if diff := cmp.Diff([]string{"job_manager.replicas"}, attributes(diags)); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if diags.WarningsCount() != 1 || diags.Warnings()[0].Summary() != "Odd" {
		t.Errorf("warnings %v", diags.Warnings())
	}
}
