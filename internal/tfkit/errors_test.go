package tfkit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

func TestErrorsSayWhatWasTriedWhatCameBackAndWhatToDo(t *testing.T) {
	for name, test := range map[string]struct {
		err     error
		at      []string
		summary string
		detail  []string
	}{
		"explained": {
			fmt.Errorf("while waiting: %w", &platform.ExplainedError{Cause: "it is not allowed", Err: errors.New("no"), Remedy: "Grant it."}),
			[]string{""},
			`Cannot create the deployment "orders": it is not allowed`,
			[]string{"While waiting: no.\n\nGrant it."},
		},
		"a field of somebody else": {
			&platform.FieldsError{Fields: []platform.Field{
				{Path: flink.Path{"job", "parallelism"}, Summary: `"kubectl-edit" owns job.parallelism`, Detail: "Leave the attribute out."},
				{Summary: `"argo" owns metadata.labels.a`, Detail: "Leave the label out."},
			}},
			[]string{"job.parallelism", ""},
			`"kubectl-edit" owns job.parallelism`,
			[]string{`Tried to create the deployment "orders". Leave the attribute out.`},
		},
		"a field that is refused": {
			&platform.FieldsError{Fields: []platform.Field{{Path: flink.Path{"podTemplate", "spec", "nodeName"}, Summary: "the cluster rejects pod_template", By: "The server", Message: "expected string", Detail: "Correct it."}}},
			[]string{"pod_template"},
			"The cluster rejects pod_template",
			[]string{`Tried to create the deployment "orders". The server answers: Expected string.` + "\n\nCorrect it."},
		},
		"a field outside the specification": {
			&platform.FieldsError{Fields: []platform.Field{{Summary: "the cluster rejects metadata.name", By: "The server", Message: "too long"}}},
			[]string{""},
			`Cannot create the deployment "orders": the cluster rejects metadata.name`,
			[]string{"The server answers: Too long."},
		},
		"exists": {
			&platform.ExistsError{Err: errors.New("it is there")},
			[]string{""},
			`Cannot create the deployment "orders": it exists already`,
			[]string{"terraform import flink_deployment.orders operator/flink-prod/orders"},
		},
		"exists and is ours": {
			&platform.ExistsError{Err: errors.New("it is there"), Ours: true},
			[]string{""},
			`Cannot create the deployment "orders": it exists already`,
			[]string{"Another resource or another state has made it", "terraform import flink_deployment.orders operator/flink-prod/orders"},
		},
		"another object": {
			&platform.OtherObjectError{Kind: "FlinkDeployment", Ref: platform.Ref{Namespace: "flink-prod", Name: "orders"}, UID: "b", Planned: "a", Created: "2026-11-28T10:00:00Z"},
			[]string{""},
			`Cannot create the deployment "orders": it is another object now`,
			[]string{"FlinkDeployment flink-prod/orders has the uid b", "created at 2026-11-28T10:00:00Z", "the uid a", "Nothing was written", "Plan again with a refresh", "import"},
		},
		"configuration not known": {
			&UnknownConfigError{Attributes: []string{"kubernetes.host"}},
			[]string{""},
			`Cannot create the deployment "orders": the provider's configuration is not known yet`,
			[]string{"kubernetes.host"},
		},
		"gone": {
			&platform.NotFoundError{Kind: "FlinkDeployment", Ref: platform.Ref{Namespace: "a", Name: "b"}},
			[]string{""},
			`Cannot create the deployment "orders": it does not exist`,
			[]string{"FlinkDeployment a/b does not exist."},
		},
		"in use": {
			&platform.InUseError{Place: "namespace a", Resources: []string{"FlinkDeployment b"}},
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
	if _, refused := Refused(&platform.ExplainedError{Err: errors.New("x")}); refused {
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
