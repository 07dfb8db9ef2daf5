package deployment_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	fwresource "github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"sigs.k8s.io/yaml"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/platformtest"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/deployment"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

func deploymentSchema(t *testing.T) schema.Schema {
	t.Helper()
	var resp fwresource.SchemaResponse
	deployment.NewResource(platformtest.Known).Schema(t.Context(), fwresource.SchemaRequest{}, &resp)
	if resp.Diagnostics.HasError() {
		t.Fatal(resp.Diagnostics)
	}
	return resp.Schema
}

// badSpecs are specifications to which each rule has something to say, with the
// attributes that it is about.
var badSpecs = []struct {
	name, spec string
	attributes []string
}{
	{"name", `{}`, []string{"name"}},
	{"versions", `{flinkVersion: v1_14}`, []string{"flink_version"}},
	{"no version", `{flinkVersion: null}`, []string{"flink_version"}},
	{"new version", `{flinkVersion: v2_9}`, []string{"flink_version"}},
	{"no such version", `{flinkVersion: "1.20"}`, []string{"flink_version"}},
	{"mode", `{mode: serverless}`, []string{"mode"}},
	{"pull policy", `{imagePullPolicy: sometimes}`, []string{"image_pull_policy"}},
	{"service account", `{serviceAccount: null}`, []string{"service_account"}},
	{"log file", `{logConfiguration: {log4j.properties: x}}`, []string{`log_configuration["log4j.properties"]`}},
	{"ingress", `{ingress: {className: nginx}}`, []string{"ingress.template"}},
	{"forbidden keys", `{flinkConfiguration: {kubernetes.namespace: a}}`, []string{`flink_configuration["kubernetes.namespace"]`}},
	{"rollback", `{flinkConfiguration: {kubernetes.operator.deployment.rollback.enabled: "true", high-availability.type: null}}`, []string{`flink_configuration["kubernetes.operator.deployment.rollback.enabled"]`}},
	{
		"health check", `{flinkConfiguration: {kubernetes.operator.cluster.health-check.enabled: "true", kubernetes.operator.jm-deployment-recovery.enabled: "false"}}`,
		[]string{`flink_configuration["kubernetes.operator.jm-deployment-recovery.enabled"]`},
	},
	{"value", `{flinkConfiguration: {taskmanager.numberOfTaskSlots: many}}`, []string{`flink_configuration["taskmanager.numberOfTaskSlots"]`}},
	{"overlap", `{flinkVersion: v2_0, flinkConfiguration: {state.backend: rocksdb, state.backend.incremental: "true"}}`, []string{`flink_configuration["state.backend"]`}},
	{"directories", `{flinkConfiguration: {state.checkpoints.dir: null, state.savepoints.dir: null}}`, []string{"upgrade.mode", "upgrade.mode"}},
	{"periodic savepoints", `{flinkConfiguration: {state.savepoints.dir: null, kubernetes.operator.periodic.savepoint.interval: 1 h}, job: {upgradeMode: stateless}}`, []string{`flink_configuration["kubernetes.operator.periodic.savepoint.interval"]`}},
	{"parallelism", `{job: {parallelism: 0}}`, []string{"job.parallelism"}},
	{"no parallelism", `{job: {parallelism: null}}`, []string{"job.parallelism"}},
	{"job state", `{job: {state: paused}}`, []string{"job.state"}},
	{"upgrade mode", `{job: {upgradeMode: hopeful}}`, []string{"upgrade.mode"}},
	{"memory", `{jobManager: {resource: {memory: lots}}, taskManager: {resource: {memory: null}}}`, []string{"job_manager.resource.memory", "task_manager.resource.memory"}},
	{"CPU", `{taskManager: {resource: {cpu: -1}}}`, []string{"task_manager.resource.cpu"}},
	{"storage", `{taskManager: {resource: {ephemeralStorage: 2 g}}}`, []string{"task_manager.resource.ephemeral_storage"}},
	{"size twice", `{taskManager: {resources: {requests: {cpu: "1"}}}}`, []string{"task_manager.resources"}},
	{"amounts", `{jobManager: {resource: null, resources: {requests: {memory: 2Gi, cpu: many}, limits: {memory: 1Gi}}}}`, []string{`job_manager.resources.requests["cpu"]`, `job_manager.resources.requests["memory"]`}},
	{"memory in Flink's words", `{jobManager: {resource: null, resources: {requests: {memory: 2g}}}}`, []string{`job_manager.resources.requests["memory"]`}},
	{"another limit", `{jobManager: {resource: null, resources: {requests: {memory: 2G}, limits: {memory: 4Gi}}}}`, []string{`job_manager.resources.limits["memory"]`}},
	{"replicas", `{jobManager: {replicas: 0}, taskManager: {replicas: 0}}`, []string{"job_manager.replicas", "task_manager.replicas"}},
	{"autoscaler", `{flinkConfiguration: {job.autoscaler.enabled: "true", job.autoscaler.utilization.target: "2"}}`, []string{`flink_configuration["job.autoscaler.utilization.target"]`}},
	{"metrics window", `{flinkConfiguration: {job.autoscaler.enabled: "true", job.autoscaler.metrics.window: 1 s}}`, []string{`flink_configuration["job.autoscaler.metrics.window"]`}},
	{"backend of a later version", `{flinkConfiguration: {state.backend.type: forst}}`, []string{`flink_configuration["state.backend.type"]`, `flink_configuration["state.backend.type"]`}},
	{"format of savepoints", `{flinkVersion: v2_3, flinkConfiguration: {state.backend.type: forst, kubernetes.operator.savepoint.format.type: CANONICAL}}`, []string{`flink_configuration["kubernetes.operator.savepoint.format.type"]`}},
	{"max parallelism", `{flinkConfiguration: {pipeline.max-parallelism: "4", pipeline.jobvertex-parallelism-overrides: "a:8"}, job: {parallelism: 8}}`, []string{"job.parallelism", `flink_configuration["pipeline.jobvertex-parallelism-overrides"]`}},
	{"quiet times", `{flinkConfiguration: {job.autoscaler.enabled: "true", job.autoscaler.scaling.effective.delay: never, job.autoscaler.excluded.periods: night}}`, []string{`flink_configuration["job.autoscaler.excluded.periods"]`}},
}

const goodSpec = `
image: flink:1.20
flinkVersion: v1_20
serviceAccount: flink
flinkConfiguration: {state.checkpoints.dir: s3://c, state.savepoints.dir: s3://s}
job: {jarURI: "local:///a.jar", parallelism: 2, upgradeMode: savepoint}
jobManager: {resource: {cpu: 1, memory: 1g}}
taskManager: {resource: {cpu: 1, memory: 2g}}
`

// merged returns a tree with the values of a patch, null for none (RFC 7386).
func merged(base, patch map[string]any) map[string]any {
	for key, value := range patch {
		inner, isObject := value.(map[string]any)
		existing, _ := base[key].(map[string]any)
		switch {
		case value == nil:
			delete(base, key)
		case isObject && existing != nil:
			base[key] = merged(existing, inner)
		default:
			base[key] = value
		}
	}
	return base
}

func parsed(t *testing.T, text string) map[string]any {
	t.Helper()
	body, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(body, &tree); err != nil {
		t.Fatal(err)
	}
	return tree
}

// TestFindingsAreAtAttributes has every rule speak, and looks its attribute up in
// the schema.
func TestFindingsAreAtAttributes(t *testing.T) {
	all := deploymentSchema(t)
	for _, row := range badSpecs {
		t.Run(row.name, func(t *testing.T) {
			body, err := json.Marshal(merged(parsed(t, goodSpec), parsed(t, row.spec)))
			if err != nil {
				t.Fatal(err)
			}
			tree, err := flink.ParseTree(body)
			if err != nil {
				t.Fatal(err)
			}
			spec, err := flink.SpecOf(tree)
			if err != nil {
				t.Fatal(err)
			}
			name := "orders"
			if row.name == "name" {
				name = "Orders!"
			}
			var got []string
			for _, found := range tfkit.Findings(fko.Validate(name, spec)) {
				at, ok := found.(diag.DiagnosticWithPath)
				if !ok {
					t.Errorf("%q is at no attribute", found.Summary())
					continue
				}
				if _, diags := all.TypeAtPath(t.Context(), at.Path()); diags.HasError() {
					t.Errorf("%q is at %s, which the schema does not have", found.Summary(), at.Path())
				}
				got = append(got, at.Path().String())
			}
			for _, want := range row.attributes {
				if !strings.Contains(strings.Join(got, "\n"), want) {
					t.Errorf("findings at %q, want one at %s", got, want)
				}
			}
		})
	}
}

// diagnostic is what `terraform plan -json` tells.
type diagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Address  string `json:"address"`
	Snippet  struct {
		Code string `json:"code"`
	} `json:"snippet"`
}

// TestAccBadInput plans what the rules refuse, in one plan: the error is at the
// attribute, and no cluster is asked.
func TestAccBadInput(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	rows := []struct {
		severity string
		change   attributes
		at       string
		summary  string
	}{
		{"error", attributes{"name": `"Orders"`}, `name =`, `The name "Orders" is not valid for a deployment`},
		{"error", attributes{"flink_version": "null"}, `flink_version =`, "The Flink version is missing"},
		{"error", attributes{"flink_version": `"v1_14"`}, `flink_version =`, "Flink version v1_14 is not supported by the operator"},
		{"warning", attributes{"flink_version": `"v1_18"`}, `flink_version =`, "Flink version v1_18 is deprecated by the operator"},
		{"error", attributes{"service_account": "null"}, `service_account =`, "The service account is missing"},
		{"error", attributes{"mode": `"serverless"`}, `mode =`, "Invalid Attribute Value Match"},
		{"error", attributes{"flink_configuration": configuration(`"kubernetes.cluster-id" = "x"`)}, `"kubernetes.cluster-id" =`, "The configuration key kubernetes.cluster-id belongs to the operator"},
		{"warning", attributes{"flink_configuration": configuration(`"execution.checkpointing.interval" = "soon"`)}, `"execution.checkpointing.interval" =`, `"soon" is not a value of execution.checkpointing.interval`},
		{"error", attributes{"ingress": `{ class_name = "nginx" }`}, `ingress.template`, "The ingress has no template"},
		{"error", attributes{"log_configuration": `{ "log4j.properties" = "x" }`}, `log_configuration =`, "Invalid Attribute Value Match"},
		{"error", attributes{"job": `{ jar_uri = "local:///a.jar" }`}, `job.parallelism`, "The job's parallelism is missing"},
		{"error", attributes{"job": `{ jar_uri = "local:///a.jar", parallelism = 0 }`}, `job.parallelism`, "Invalid Attribute Value"},
		{"warning", attributes{"flink_configuration": "null", "upgrade": `{ mode = "savepoint" }`}, `upgrade.mode`, "Upgrade mode savepoint needs a directory for savepoints"},
		{"error", attributes{"task_manager": `{ resource = { cpu = 1, memory = "lots" } }`}, `task_manager.resource.memory`, "The memory size cannot be read"},
		{"warning", attributes{"task_manager": `{ resource = { cpu = 1, memory = "1024" } }`}, `set task_manager.resource.memory to "1024m"`, "The memory of the TaskManager is only 1 KiB"},
		{"warning", attributes{"job": `{ jar_uri = "/opt/flink/usrlib/a.jar", parallelism = 1 }`}, `job.jar_uri = "local:///opt/flink/usrlib/a.jar"`, `The URI "/opt/flink/usrlib/a.jar" of the JAR file has no scheme`},
		{"error", attributes{"task_manager": `{ resource = { cpu = -1, memory = "1g" } }`}, `task_manager.resource.cpu`, "Invalid Attribute Value"},
		{"error", attributes{"job_manager": `{ resources = { requests = { memory = "2g" } } }`}, `for example 2Gi or 512Mi`, "The quantity cannot be read"},
		{"error", attributes{"job_manager": `{ resources = { requests = { memory = "2048m" }, limits = { memory = "4Gi" } } }`}, `set job_manager.resources.requests["memory"] to "2Gi"`, "The JobManager would get another limit of memory than 4Gi"},
		{"error", attributes{"job_manager": `{ resources = { requests = { memory = "2Gi" }, limits = { memory = "1Gi" } } }`}, `job_manager.resources.requests["memory"]`, "The JobManager requests more memory than its limit"},
		{"warning", attributes{"job_manager": `{ replicas = 2, resource = { memory = "1g" } }`, "flink_configuration": "null"}, `job_manager.replicas`, "Standby JobManagers need high availability"},
		{"error", attributes{"pod_template": `"spec: [unclosed"`}, `pod_template =`, "The text is no YAML or JSON object"},
		{"error", attributes{"pod_template": `yamlencode({ spec = { containers = [{ name = "flink-main-container", env = [{ name = "PORT", value = 8123 }] }] } })`}, `pod_template =`, "pod_template: spec.containers[0].env[0].value must be a string, not a number"},
		{"error", attributes{"job_manager": `{ resource = { memory = "1g" }, pod_template = "spec: {containers: [{name: flink-main-container, volumeMount: []}]}" }`}, `Did you mean volumeMounts?`, "job_manager.pod_template: spec.containers[0].volumeMount is no field of a pod"},
		{"warning", attributes{"task_manager": `{ resource = { memory = "1g" }, pod_template = "spec: {schedulingFuture: fast}" }`}, `newer`, "task_manager.pod_template: spec.schedulingFuture is no field that this provider knows"},
		{"error", attributes{"savepoint_schedule": `"retention: ["`}, `savepoint_schedule =`, "The text is no YAML or JSON object"},
		{"error", attributes{"savepoint_schedule": `jsonencode({ retention = { keepLast = 7 } })`}, `savepoint_schedule =`, `The platform "operator" has no schedule of savepoints`},
		{"error", attributes{"labels": `{ team = "not a label!" }`}, `labels =`, "This is no value of a Kubernetes label"},
		{"error", attributes{"annotations": `{ "not a key" = "x" }`}, `annotations =`, "This is no key of Kubernetes metadata"},
		{"error", attributes{"environment": `{ name = "prod" }`}, `name the namespace`, "The environment has no namespace"},
		{"error", attributes{"environment": `{ namespace = "prod", platform = "elsewhere" }`}, `environment.platform`, "The platform is not supported"},
		{"error", attributes{"environment": `{ namespace = "prod", platform = "confluent" }`}, `or name it`, "The environment has no name"},
		{"error", attributes{"upgrade": `{ strategy = "rolling" }`}, `upgrade.strategy`, "Invalid Attribute Value Match"},
	}
	f := &fixture{t: t, cluster: &acctest.ClusterHandle{Operator: acctest.Newest(), Kubeconfig: "/nonexistent"}, namespace: "prod"}
	found := map[string][]diagnostic{}
	// Terraform plans nothing while the schema's own validators refuse
	// something, so each kind is planned by itself.
	for _, schemaOnly := range []bool{true, false} {
		c := newCLI(t)
		var config strings.Builder
		config.WriteString(acctest.ProviderConfig(f.cluster))
		for i, row := range rows {
			if isSchemas(row.summary) != schemaOnly {
				continue
			}
			_, block, _ := strings.Cut(f.config(row.change), "\nresource ")
			config.WriteString("\nresource " + strings.Replace(block, `"test"`, fmt.Sprintf(`"row%d"`, i), 1))
		}
		c.write(config.String())
		_, output := c.start("plan", "-input=false", "-json").wait(t)
		for _, line := range strings.Split(output, "\n") {
			var message struct {
				Diagnostic diagnostic `json:"diagnostic"`
			}
			if json.Unmarshal([]byte(line), &message) == nil && message.Diagnostic.Address != "" {
				found[message.Diagnostic.Address] = append(found[message.Diagnostic.Address], message.Diagnostic)
			}
		}
	}
	for i, row := range rows {
		var told []string
		ok := false
		for _, d := range found[fmt.Sprintf("flink_deployment.row%d", i)] {
			told = append(told, fmt.Sprintf("%s at %q: %s %s", d.Severity, strings.TrimSpace(d.Snippet.Code), d.Summary, d.Detail))
			// Terraform marks the line of a whole attribute; where the value is
			// deeper, the words have to say it.
			placed := strings.HasPrefix(strings.TrimSpace(d.Snippet.Code), row.at)
			if !strings.HasSuffix(row.at, "=") {
				placed = strings.Contains(d.Summary+" "+d.Detail, row.at)
			}
			ok = ok || d.Severity == row.severity && d.Summary == row.summary && d.Detail != "" && placed
		}
		if !ok {
			t.Errorf("row %d: want %s at %q: %s, got %q", i, row.severity, row.at, row.summary, told)
		}
	}
}

// isSchemas tells whether a summary is one of the schema's own validators.
func isSchemas(summary string) bool {
	for _, prefix := range []string{"Invalid Attribute", "The memory size", "The quantity", "The text is", "This is no", "pod_template: ", "job_manager.pod_template: ", "task_manager.pod_template: "} {
		if strings.HasPrefix(summary, prefix) {
			return true
		}
	}
	return false
}
