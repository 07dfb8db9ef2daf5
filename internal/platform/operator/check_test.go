package operator

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

const validationWebhook = "validationwebhook.flink.apache.org"

var checked = platform.Deployment{
	Ref: platform.Ref{Namespace: "prod", Name: "orders"},
	Spec: flink.DeploymentSpec{
		FlinkVersion:       new("v1_20"),
		FlinkConfiguration: flink.Configuration{"state.backend": new("rocksdb"), "state.backend.type": new("rocksdb")},
	},
}

// TestMessagesOfTheValidator has the messages of the operator's validator, as
// facts and the stand-in of the operator know them.
func TestMessagesOfTheValidator(t *testing.T) {
	for message, want := range map[string]string{
		"The FlinkDeployment name: Orders is invalid, must consist of lower case alphanumeric characters": "name",
		"Flink Version must be defined.":                                                      "flink_version",
		"Flink version v1_13 is not supported by this operator version":                       "flink_version",
		"Changing flinkVersion after last-state suspend is not allowed. Restore your cluster": "flink_version",
		"Forbidden Flink config key: kubernetes.cluster-id":                                   `flink_configuration["kubernetes.cluster-id"]`,
		"HA must be enabled for rollback support.":                                            `flink_configuration["kubernetes.operator.deployment.rollback.enabled"]`,
		"Deployment recovery (kubernetes.operator.jm-deployment-recovery.enabled) must be enabled for job health check (kubernetes.operator.cluster.health-check.enabled) support.": `flink_configuration["kubernetes.operator.jm-deployment-recovery.enabled"]`,
		"Ingress template must be defined":                                                                                                      "ingress.template",
		"Unable to process the Ingress template(a b). Error: Illegal character":                                                                 "ingress.template",
		"Invalid log config key: log4j.properties. Allowed keys are [log4j-console.properties, logback-console.xml]":                            `log_configuration["log4j.properties"]`,
		"Checkpoint directory[execution.checkpointing.dir] must be defined for last-state and savepoint upgrade modes":                          `flink_configuration["execution.checkpointing.dir"]`,
		"Job could not be upgraded with savepoint while config key[state.savepoints.dir] is not set":                                            `flink_configuration["state.savepoints.dir"]`,
		"Savepoint could not be manually triggered for the running job while config key[state.savepoints.dir] is not set":                       `flink_configuration["state.savepoints.dir"]`,
		"Periodic savepoints cannot be enabled when config key[execution.checkpointing.savepoint-dir] is not set":                               `flink_configuration["execution.checkpointing.savepoint-dir"]`,
		"In order to use max-checkpoint age functionality config key[state.savepoints.dir] must be set to allow triggering savepoint upgrades.": `flink_configuration["state.savepoints.dir"]`,
		"TaskManager replicas must be larger than 0":                                                                                            "task_manager.replicas",
		"Job parallelism must be larger than 0":                                                                                                 "job.parallelism",
		"JobManager resource memory must be defined using `spec.jobManager.resource.memory`":                                                    "job_manager.resource.memory",
		"JobManager resource memory parse error: Could not parse value 'x'":                                                                     "job_manager.resource.memory",
		"JobManager resource ephemeral storage parse error: no quantity":                                                                        "job_manager.resource.ephemeral_storage",
		"JobManager resource requirements cpu request (2) must not exceed its limit (1)":                                                        "job_manager.resources",
		"JobManager replicas should not be configured less than one.":                                                                           "job_manager.replicas",
		"High availability should be enabled when starting standby JobManagers.":                                                                "job_manager.replicas",
		"TaskManager resource memory must be defined using `spec.taskManager.resource.memory`":                                                  "task_manager.resource.memory",
		"TaskManager resource ephemeral storage parse error: no quantity":                                                                       "task_manager.resource.ephemeral_storage",
		"TaskManager resource requirements memory request (2) must not exceed its limit (1)":                                                    "task_manager.resources",
		"TaskManager replicas should not be configured less than one.":                                                                          "task_manager.replicas",
		"Cannot switch from session to job cluster":                                                                                             "job",
		"Cannot switch from job to session cluster":                                                                                             "job",
		"Cannot switch from native kubernetes to standalone kubernetes cluster":                                                                 "mode",
		"InitialSavepointPath must not be empty for savepoint redeployment":                                                                     "job.initial_savepoint_path",
		"spec.serviceAccount must be defined. If you use helm, its value":                                                                       "service_account",
		"The AutoScalerOption job.autoscaler.utilization.target is invalid, it should be a value within the range [0.0, 1.0]":                   `flink_configuration["job.autoscaler.utilization.target"]`,
		"state.backend.type must be hashmap here":                                                                                               `flink_configuration["state.backend.type"]`,
		"No deployments on Fridays": "",
	} {
		t.Run(message, func(t *testing.T) {
			object, err := objectOf(deploymentKind, checked)
			if err != nil {
				t.Fatal(err)
			}
			if got := explainDenial(message, deploymentKind, object).Path.Attribute(); got != want {
				t.Errorf("is about %q, want %q", got, want)
			}
		})
	}
	for message, want := range map[string]string{
		"jarURI host 'x' cannot be resolved":                            "job.jarURI",
		"The FlinkDeployment name: Cluster is invalid, must consist of": "deploymentName",
		"The job spec should not be empty":                              "job",
		"The deploymentName can't be changed":                           "deploymentName",
		"Can not submit session job to application cluster":             "deploymentName",
		"jarURI scheme 'ftp' is not in the allowlist [https]. Configure 'kubernetes.operator.user.artifacts.allowed-schemes' to extend": "job.jarURI",
	} {
		if got := strings.Join(explainDenial(message, sessionJobKind, &unstructured.Unstructured{}).Path, "."); got != want {
			t.Errorf("%q is about %q, want %q", message, got, want)
		}
	}
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
