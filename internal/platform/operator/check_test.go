package operator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
)

const validationWebhook = "validationwebhook.flink.apache.org"

var checked = platform.Deployment{
	Ref: platform.Ref{Namespace: "prod", Name: "orders"},
	Spec: flink.DeploymentSpec{
		FlinkVersion:       new("v1_20"),
		FlinkConfiguration: flink.Configuration{"state.backend": new("rocksdb"), "state.backend.type": new("rocksdb")},
	},
}

// unreadable is how the operator's JSON reader ends, quoted by the API server as it was seen to be, shortened.
const unreadable = `Internal error occurred: failed calling webhook "mutationwebhook.flink.apache.org": failed to call webhook: an error on the server (` +
	`"java.lang.RuntimeException: java.lang.IllegalArgumentException: Cannot deserialize value of type ` + "`FlinkVersion`" + ` from String \"v1.20\": ` +
	`not one of the values accepted for Enum class: [v1_20, v2_0]\n at [Source: UNKNOWN; byte offset: #UNKNOWN] (through reference chain: ` +
	`org.apache.flink.kubernetes.operator.api.FlinkDeployment[\"spec\"]->org.apache.flink.kubernetes.operator.api.spec.FlinkDeploymentSpec[\"flinkVersion\"])` +
	`\n\tat org.apache.flink.kubernetes.operator.admission.mutator.FlinkMutator.mutateDeployment(FlinkMutator.java:109)") has prevented the request from succeeding`

const cannotRead = "Cannot deserialize value of type `FlinkVersion` from String \"v1.20\": not one of the values accepted for Enum class: [v1_20, v2_0]"

func TestCheck(t *testing.T) {
	denied := func(message string) error { return &kube.DeniedError{Admission: validationWebhook, Message: message} }
	rejected := func(by, path, message string) *platform.RejectedError {
		e := &platform.RejectedError{By: by, Message: message}
		if path != "" {
			e.Path = strings.Split(path, ".")
		}
		return e
	}
	const byWebhook = "the webhook " + validationWebhook
	invalid := &kube.InvalidError{Causes: []kube.Cause{{Field: "spec.a", Type: kube.CauseUnknownField}}}
	for _, test := range []struct {
		name     string
		answer   error
		exists   bool
		rejected *platform.RejectedError
		// unchecked and other tell of errors of other types.
		unchecked, other bool
	}{
		{name: "accepted"},
		{name: "denied", answer: denied("Job parallelism must be larger than 0"), rejected: rejected(byWebhook, "job.parallelism", "Job parallelism must be larger than 0")},
		{name: "denied by somebody else", answer: denied("No deployments on Fridays"), rejected: rejected(byWebhook, "", "No deployments on Fridays")},
		{
			name: "a change that is denied", answer: denied("Cannot switch from session to job cluster"), exists: true,
			rejected: rejected(byWebhook, "job", "Cannot switch from session to job cluster"),
		},
		{name: "a change of what will be gone", answer: denied("Cannot switch from session to job cluster")},
		{name: "not allowed", answer: &kube.DeniedError{Verb: "patch", Resource: "flinkdeployments"}},
		{name: "no namespace", answer: &kube.NamespaceNotFoundError{}},
		{name: "no definition", answer: &kube.NotServedError{}},
		{name: "not in the schema", answer: invalid, other: true},
		{
			name: "a value that Java cannot read", answer: &kube.WebhookUnavailableError{Message: unreadable},
			rejected: rejected("the operator's webhook", "flinkVersion", cannotRead),
		},
		{
			name: "the same as a denial", answer: denied(unreadable),
			rejected: rejected(byWebhook, "flinkVersion", cannotRead),
		},
		{name: "a webhook that is away", answer: &kube.WebhookUnavailableError{Webhook: validationWebhook, Message: "connection refused"}, unchecked: true},
		{
			name: "a webhook in trouble", unchecked: true,
			answer: &kube.WebhookUnavailableError{Message: `an error on the server ("java.lang.NullPointerException: text is null\n\tat java.base/java.util.regex.Matcher.reset(Matcher.java:415)")`},
		},
		{name: "a webhook that is slow", answer: fmt.Errorf("the request was interrupted: %w", context.DeadlineExceeded), unchecked: true},
		{name: "an API server that is away", answer: &kube.UnreachableError{Cause: errors.New("refused")}},
		{name: "an API server that is busy", answer: &kube.ServerError{Code: http.StatusTooManyRequests}},
		{name: "an API server in trouble", answer: &kube.ServerError{Code: http.StatusInternalServerError}, unchecked: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t)
			f.webhook = validationWebhook
			f.reject = func(*unstructured.Unstructured) error { return test.answer }
			err := NewDeployments(f, Options{}).Check(t.Context(), checked, test.exists)
			var got *platform.RejectedError
			var unchecked *platform.UncheckedError
			errors.As(err, &got)
			if diff := cmp.Diff(test.rejected, got); diff != "" {
				t.Errorf("rejected (-want +got):\n%s", diff)
			}
			if errors.As(err, &unchecked) != test.unchecked || test.unchecked && strings.Contains(err.Error(), "Matcher.java") {
				t.Errorf("unchecked: %v", err)
			}
			if (err != nil) != (test.rejected != nil || test.unchecked || test.other) {
				t.Errorf("returned %v", err)
			}
			if diff := cmp.Diff([]kube.ApplyOptions{{DryRun: true, Force: true, Probe: true}}, f.options); diff != "" || len(f.objects) != 0 {
				t.Errorf("options (-want +got):\n%s\n%d objects", diff, len(f.objects))
			}
		})
	}
	t.Run("nobody to ask", func(t *testing.T) {
		f := newFake(t)
		if err := NewDeployments(f, Options{}).Check(t.Context(), checked, true); err != nil || len(f.calls) != 0 {
			t.Errorf("returned %v after %v", err, f.calls)
		}
	})
}

func TestCheckAsksNothingWithoutAWebhook(t *testing.T) {
	for _, form := range []flink.Form{{}, bluegreen.ByProvider, byOperator} {
		f := newFake(t)
		want := checked
		want.Form = form
		if err := NewApplications(f, Options{}).Check(t.Context(), want, true); err != nil || len(f.calls) != 0 {
			t.Errorf("%+v: returned %v after %v", form, err, f.calls)
		}
	}
}
