package tfkit

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
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
		"what has a remedy of its own": {
			err:     &platform.RejectedError{By: by, Message: "not on Fridays", Remedy: "Wait for Monday."},
			summary: "The cluster would refuse this plan", detail: "answers: Not on Fridays.\n\nWait for Monday. To plan without",
		},
		"the schema": {
			err:     &platform.FieldsError{Fields: []platform.Field{{Path: flink.Path{"jobManager", "resources"}, Summary: "the Kubernetes cluster rejects job_manager.resources", By: "The API server", Message: "unknown field", Detail: "The operator knows it from version 1.16 on."}}},
			summary: "The Kubernetes cluster rejects job_manager.resources", at: path.Root("job_manager").AtName("resources"),
			detail: "from version 1.16 on",
		},
		"whatever the apply will meet": {err: errors.New("boom")},
	} {
		t.Run(name, func(t *testing.T) {
			diags := (&ProviderData{}).Checked(Attempt{Doing: "check the job"}, "The operator", test.err)
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
	away := &platform.UncheckedError{Who: "The webhook does not answer", Err: errors.New("connection refused"), Remedy: "An apply needs it."}
	if diags := data.Checked(Attempt{}, "The operator", away); len(diags) != 1 || diags[0].Severity() != diag.SeverityWarning || !strings.Contains(diags[0].Detail(), "The webhook does not answer: Connection refused. What the provider knows itself was checked. An apply needs it.") {
		t.Errorf("diagnostics %v", diags)
	}
	if diags := data.Checked(Attempt{}, "The operator", away); len(diags) != 0 {
		t.Errorf("told again: %v", diags)
	}
}
