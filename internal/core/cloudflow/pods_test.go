package cloudflow_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/blueprint"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/cloudflow"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func template(t *testing.T, text string) flink.Document {
	t.Helper()
	var out flink.Document
	if err := yaml.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPods(t *testing.T) {
	t.Parallel()
	spec := akka(func(s *flink.DeploymentSpec) {
		s.PodTemplate = template(t, `
metadata:
  labels: { team: a }
  annotations: { flink-terraform.io/runtime: akka, example.com/a: b }
spec:
  containers:
  - name: flink-main-container
    env: [{ name: A, value: b }]
    ports: [{ containerPort: 8080, name: http }]
    volumeMounts: [{ name: data, mountPath: /data }, { name: more, mountPath: /more, readOnly: true, subPath: x }]
  volumes:
  - name: data
    persistentVolumeClaim: { claimName: store }
  - name: more
    configMap: { name: settings, items: [{ key: a, path: b }] }
`)
		s.TaskManager = &flink.TaskManager{Resource: &flink.Resource{CPU: new(0.5), Memory: new("2g")}}
	})
	got, findings := cloudflow.PodsOf(spec)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	want := template(t, `
labels: { team: a }
annotations: { example.com/a: b }
volumes:
  data: { pvc: { name: store, read-only: false } }
  more: { config-map: { name: settings, items: { a: { path: b } } } }
containers:
  container:
    env: [{ name: A, value: b }]
    ports: [{ container-port: 8080, name: http }]
    resources: { requests: { cpu: "0.5", memory: "2147483648" }, limits: { cpu: "0.5", memory: "2147483648" } }
    volume-mounts: { data: { mount-path: /data, read-only: false }, more: { mount-path: /more, read-only: true, subPath: x } }
`)
	if diff := cmp.Diff(map[string]any(want), wire(t, got)); diff != "" {
		t.Errorf("the pods (-want +got):\n%s", diff)
	}
}

// What a streamlet is told is mounted where its document says, and no mount lies within another one.
func TestDocumentsAreMounted(t *testing.T) {
	t.Parallel()
	app := blueprint.Application{
		Name: "payments", Streamlets: map[string]blueprint.Streamlet{"ingest": {
			Runtime: "akka", Outlets: map[string]blueprint.Port{"valid": {}}, ConfigSecrets: map[string]flink.SecretRef{"key": {Secret: "bank", Key: "api-key"}},
		}},
		Topics: map[string]blueprint.Topic{"orders": {Producers: []string{"ingest.valid"}}},
	}
	registry := "registry"
	rendered, err := app.Render(blueprint.Connections{Kafka: &defaults.Kafka{BootstrapServers: "kafka:9092"}, Registry: &defaults.SchemaRegistry{URL: "http://r", Secret: &registry}}).PodTemplate("ingest", "payments-ingest-1")
	if err != nil {
		t.Fatal(err)
	}
	spec := akka(func(s *flink.DeploymentSpec) { s.PodTemplate = rendered })
	if !cloudflow.IsAkka(spec) {
		t.Error("the pods do not say their runtime")
	}
	got, findings := cloudflow.PodsOf(spec)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	mounts, _ := wire(t, got)["containers"].(map[string]any)["container"].(map[string]any)["volume-mounts"].(map[string]any)
	volumes, _ := wire(t, got)["volumes"].(map[string]any)
	places := map[string]string{}
	for name, m := range mounts {
		of, _ := volumes[name].(map[string]any)
		secret, _ := of["secret"].(map[string]any)
		at, _ := m.(map[string]any)["mount-path"].(string)
		places[at], _ = secret["name"].(string)
	}
	want := map[string]string{
		"/etc/flink-application/application.json": "payments-ingest-1", "/etc/flink-application/secrets/bank": "bank", "/etc/flink-application/secrets/registry": "registry",
	}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Errorf("the mounts (-want +got):\n%s", diff)
	}
}

// What Cloudflow cannot set is said at plan: one wrong key has its operator ignore all of the configuration.
func TestPodsThatCannotBe(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`spec: { hostNetwork: true }`:                                                               "spec.hostNetwork",
		`spec: { containers: [{ name: sidecar }] }`:                                                 "the container sidecar",
		`spec: { volumes: [{ name: a, emptyDir: {} }] }`:                                            `the volume "a"`,
		`metadata: { annotations: { my-team.io/a: b } }`:                                            `annotations["my-team.io/a"]`,
		`spec: { volumes: [{ name: a, secret: { secretName: b, items: [] } }] }`:                    "spec.volumes.0.secret.items",
		`spec: { containers: [{ name: flink-main-container, env: [{ name: A, valueFrom: {} }] }] }`: "the variable A",
		`spec: { containers: [{ name: flink-main-container, command: [sh] }] }`:                     "spec.containers.0.command",
	} {
		_, findings := cloudflow.PodsOf(akka(func(s *flink.DeploymentSpec) { s.PodTemplate = template(t, text) }))
		if len(findings) != 1 || !strings.Contains(findings[0].Summary, want) || findings[0].Severity != flink.Error {
			t.Errorf("%s: %v, want %q", text, findings, want)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	if findings := cloudflow.Validate("payments-ingest", akka(nil)); len(findings) > 0 {
		t.Errorf("a streamlet in order: %v", findings)
	}
	said := func(change func(*flink.DeploymentSpec)) string {
		var out []string
		for _, f := range cloudflow.Validate("payments-ingest", akka(change)) {
			out = append(out, f.Path.Attribute()+": "+f.Detail)
		}
		return strings.Join(out, "\n")
	}
	for attribute, change := range map[string]func(*flink.DeploymentSpec){
		"image":                      func(s *flink.DeploymentSpec) { s.Image = nil },
		"job.entry_class":            func(s *flink.DeploymentSpec) { s.Job.EntryClass = nil },
		"job.jar_uri":                func(s *flink.DeploymentSpec) { s.Job.JarURI = new("local:///a.jar") },
		"job.args":                   func(s *flink.DeploymentSpec) { s.Job.Args = []string{"a"} },
		"job.state":                  func(s *flink.DeploymentSpec) { s.Job.State = new(flink.JobSuspended) },
		"upgrade.mode":               func(s *flink.DeploymentSpec) { s.Job.UpgradeMode = new(flink.UpgradeSavepoint) },
		"job.initial_savepoint_path": func(s *flink.DeploymentSpec) { s.Job.InitialSavepointPath = new("s3://a") },
		"flink_version":              func(s *flink.DeploymentSpec) { s.FlinkVersion = new("v1_20") },
		"job_manager":                func(s *flink.DeploymentSpec) { s.JobManager = &flink.JobManager{} },
		"task_manager.replicas":      func(s *flink.DeploymentSpec) { s.TaskManager = &flink.TaskManager{Replicas: new(int64(2))} },
		"flink_configuration": func(s *flink.DeploymentSpec) {
			s.FlinkConfiguration = flink.Configuration{"a": new("b")}
		},
	} {
		if got := said(change); !strings.HasPrefix(got, attribute+": ") || len(got) < len(attribute)+10 {
			t.Errorf("%s: %q", attribute, got)
		}
	}
	if got := cloudflow.Validate(strings.Repeat("a", 46), akka(nil)); len(got) != 1 {
		t.Errorf("a name of 46 characters: %v", got)
	}
}
