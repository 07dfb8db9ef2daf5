package tfkit

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

func TestChecked(t *testing.T) {
	const by = "the webhook validationwebhook.flink.apache.org"
	for name, test := range map[string]struct {
		err     error
		summary string
		at      path.Path
		detail  string
	}{
		"taken": {},
		"a value that is named": {
			err:     &platform.RejectedError{By: by, Path: flink.Path{"jobManager", "replicas"}, Message: "too few"},
			summary: "The operator refuses job_manager.replicas", at: path.Root("job_manager").AtName("replicas"),
			detail: "Tried to check the job, without writing anything: " + by + " answers: Too few.\n",
		},
		"nothing that is named": {
			err:     &platform.RejectedError{By: by, Message: "not on Fridays"},
			summary: "The cluster would refuse this plan", detail: "answers: Not on Fridays.",
		},
		"the schema": {
			err:     &kube.InvalidError{Causes: []kube.Cause{{Field: "spec.jobManager.resources", Type: kube.CauseUnknownField, Message: "unknown field"}}},
			summary: "The Kubernetes cluster rejects job_manager.resources", at: path.Root("job_manager").AtName("resources"),
			detail: "from version 1.16 on",
		},
		"whatever the apply will meet": {err: errors.New("boom")},
	} {
		t.Run(name, func(t *testing.T) {
			diags := (&ProviderData{}).Checked(Attempt{Doing: "check the job"}, test.err)
			if test.summary == "" {
				if len(diags) > 0 {
					t.Errorf("diagnostics %v", diags)
				}
				return
			}
			if len(diags) != 1 || diags[0].Severity() != diag.SeverityError || diags[0].Summary() != test.summary || !strings.Contains(diags[0].Detail(), test.detail) {
				t.Fatalf("diagnostics %v", diags)
			}
			at := path.Empty()
			if here, ok := diags[0].(diag.DiagnosticWithPath); ok {
				at = here.Path()
			}
			if diff := cmp.Diff(test.at.String(), at.String()); diff != "" {
				t.Errorf("path (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAWebhookThatIsAwayIsToldOnce(t *testing.T) {
	data := &ProviderData{}
	away := &platform.UncheckedError{Err: errors.New("connection refused")}
	if diags := data.Checked(Attempt{}, away); len(diags) != 1 || diags[0].Severity() != diag.SeverityWarning || !strings.Contains(diags[0].Detail(), "Connection refused.") {
		t.Errorf("diagnostics %v", diags)
	}
	if diags := data.Checked(Attempt{}, away); len(diags) != 0 {
		t.Errorf("told again: %v", diags)
	}
}
