package acctest_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/yaml"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// size is what every Flink cluster of the manifests below has.
const size = `
  jobManager: {resource: {memory: 2048m, cpu: 1}}
  taskManager: {resource: {memory: 2048m, cpu: 0.5}}`

// hand is a manifest that somebody has written by hand, in a shape that is common
// in the operator's documentation.
type hand struct {
	// resource is the resource type that it is imported as.
	resource string
	// kind and spec are those of the object.
	kind, spec string
	// labels of the object, as YAML.
	labels string
	// idle tells that no job of it ever runs.
	idle bool
}

var hands = map[string]hand{
	"numbers": {resource: "flink_deployment", kind: "FlinkDeployment", spec: `
  image: registry.example.com/numbers:1
  flinkVersion: v1_20
  serviceAccount: flink
  flinkConfiguration: {taskmanager.numberOfTaskSlots: 2, execution.checkpointing.unaligned: true, rest.port: 8081}
  job: {jarURI: local:///opt/flink/usrlib/numbers.jar, parallelism: 2, upgradeMode: stateless}` + size},
	"little": {resource: "flink_deployment", kind: "FlinkDeployment", spec: `
  image: registry.example.com/little:1
  flinkVersion: v1_20
  serviceAccount: flink
  job: {jarURI: local:///opt/flink/usrlib/little.jar, parallelism: 1}` + size},
	// The operator's own upgrade mode is stateless, and the provider would choose
	// savepoint for these directories.
	"forgetful": {resource: "flink_deployment", kind: "FlinkDeployment", spec: `
  image: registry.example.com/forgetful:1
  flinkVersion: v1_20
  serviceAccount: flink
  flinkConfiguration: {state: {savepoints.dir: "s3://flink/savepoints", checkpoints.dir: "s3://flink/checkpoints"}}
  job: {jarURI: local:///opt/flink/usrlib/forgetful.jar, parallelism: 1}` + size},
	"unserved": {resource: "flink_deployment", kind: "FlinkDeployment", idle: true, spec: `
  image: registry.example.com/unserved:1
  flinkVersion: v1_20
  job: {jarURI: local:///opt/flink/usrlib/unserved.jar, parallelism: 1}` + size},
	"available": {resource: "flink_deployment", kind: "FlinkDeployment", spec: `
  image: registry.example.com/available:1
  imagePullPolicy: IfNotPresent
  flinkVersion: v1_20
  serviceAccount: flink
  flinkConfiguration:
    taskmanager.numberOfTaskSlots: 2
    state: {savepoints.dir: "s3://flink/savepoints", checkpoints.dir: "s3://flink/checkpoints"}
    high-availability: {type: kubernetes, storageDir: "s3://flink/ha"}
    kubernetes.operator.savepoint.format.type: NATIVE
  podTemplate:
    spec:
      containers:
        - name: flink-main-container
          volumeMounts: [{name: scratch, mountPath: /scratch}]
      volumes: [{name: scratch, hostPath: {path: /tmp/scratch, type: Directory}}]
  job: {jarURI: local:///opt/flink/usrlib/available.jar, parallelism: 2, upgradeMode: savepoint, state: running, savepointTriggerNonce: 0, autoscalerResetNonce: 3}` + size},
	"reactive": {resource: "flink_deployment", kind: "FlinkDeployment", spec: `
  image: registry.example.com/reactive:1
  flinkVersion: v1_20
  serviceAccount: flink
  mode: standalone
  flinkConfiguration:
    scheduler-mode: REACTIVE
    state: {checkpoints.dir: "s3://flink/checkpoints"}
    high-availability: {type: org.apache.flink.kubernetes.highavailability.KubernetesHaServicesFactory, storageDir: "s3://flink/ha"}
  job: {jarURI: local:///opt/flink/usrlib/reactive.jar, parallelism: 2, upgradeMode: last-state}` + size},
	"scaled": {resource: "flink_deployment", kind: "FlinkDeployment", spec: `
  image: registry.example.com/scaled:1
  flinkVersion: v1_20
  serviceAccount: flink
  flinkConfiguration:
    job.autoscaler: {enabled: true, stabilization.interval: 1m, metrics.window: 15m, utilization.target: 0.5, target.utilization.boundary: 0.30}
    pipeline.max-parallelism: 32
    jobmanager.scheduler: adaptive
  podTemplate: {spec: {containers: [{name: flink-main-container}]}}
  job:
    jarURI: local:///opt/flink/usrlib/scaled.jar
    entryClass: com.example.Scaled
    parallelism: 1
    upgradeMode: stateless
    args:
    - --load "1;2;4\n8;4;2" --every "60"` + size},
	"ingress": {resource: "flink_deployment", kind: "FlinkDeployment", spec: `
  image: registry.example.com/ingress:1
  flinkVersion: v1_20
  serviceAccount: flink
  ingress:
    template: "flink.example.com/{{namespace}}/{{name}}(/|$)(.*)"
    className: nginx
    annotations: {nginx.ingress.kubernetes.io/rewrite-target: "/$2"}
    labels: {team: a}
    tls: [{hosts: [flink.example.com], secretName: flink-tls}]
  job: {jarURI: local:///opt/flink/usrlib/ingress.jar, parallelism: 1, upgradeMode: stateless}` + size},
	"logging": {resource: "flink_deployment", kind: "FlinkDeployment", spec: `
  image: registry.example.com/logging:1
  flinkVersion: v1_20
  serviceAccount: flink
  logConfiguration:
    log4j-console.properties: |
      rootLogger.level = INFO
      appender.file.fileName = ${sys:log.file}
      appender.file.layout.pattern = %d{HH:mm:ss} %-5p %x - %m%n
  job: {jarURI: local:///opt/flink/usrlib/logging.jar, parallelism: 1, upgradeMode: stateless}` + size},
	"python": {resource: "flink_deployment", kind: "FlinkDeployment", spec: `
  image: registry.example.com/python:1
  flinkVersion: v1_20
  serviceAccount: flink
  flinkConfiguration: {taskmanager.numberOfTaskSlots: "1"}
  job:
    jarURI: local:///opt/flink/opt/flink-python.jar
    entryClass: "org.apache.flink.client.python.PythonDriver"
    args: ["-pyclientexec", "/usr/bin/python3", "-py", "/opt/flink/usrlib/job.py"]
    parallelism: 1
    upgradeMode: stateless` + size},
	"pods": {resource: "flink_deployment", kind: "FlinkDeployment", spec: `
  image: registry.example.com/pods:1
  flinkVersion: v1_20
  serviceAccount: flink
  podTemplate:
    apiVersion: v1
    kind: Pod
    metadata: {name: pod-template, annotations: {prometheus.io/port: "9249"}}
    spec:
      containers:
        - name: flink-main-container
          env: [{name: STAGE, value: "on"}, {name: SECRET, valueFrom: {secretKeyRef: {name: s, key: k}}}]
          volumeMounts: [{mountPath: /opt/flink/log, name: logs}]
        - name: shipper
          image: registry.example.com/shipper:1
          command: [sh, -c, "tail -F /logs/*.log"]
          resources: {limits: {cpu: 1, memory: 64Mi}}
      volumes: [{name: logs, emptyDir: {}}]
  jobManager:
    resource: {memory: 2048m, cpu: 1}
    podTemplate:
      spec:
        initContainers:
          - name: fetch
            image: registry.example.com/busybox:1
            command: [/bin/sh, -c, "wget -O /opt/flink/a.jar \
              https://repo.example.com/a.jar"]
  taskManager: {resource: {memory: 2048m, cpu: 1}}
  job: {jarURI: local:///opt/flink/usrlib/pods.jar, parallelism: 1}`},
	"requests": {resource: "flink_deployment", kind: "FlinkDeployment", spec: `
  image: registry.example.com/requests:1
  flinkVersion: v1_20
  serviceAccount: flink
  jobManager: {resources: {requests: {memory: 2048m, cpu: "1"}}}
  taskManager: {resources: {requests: {memory: 2Gi, cpu: 1}, limits: {cpu: 2, memory: 2Gi}, claims: [{name: gpu}]}}
  job: {jarURI: local:///opt/flink/usrlib/requests.jar, parallelism: 1, upgradeMode: stateless}`},
	"secure": {resource: "flink_session_cluster", kind: "FlinkDeployment", spec: `
  image: registry.example.com/secure:1
  flinkVersion: v1_20
  serviceAccount: flink
  flinkConfiguration:
    security.ssl:
      internal: {enabled: true, keystore: /tls/keystore.jks, keystore-password: secret12, key-password: secret12}
      rest: {enabled: 'true', truststore: /tls/truststore.jks, truststore-password: secret12}
    kubernetes.secrets: 'certificates:/tls'` + size},
	"secure-job": {resource: "flink_session_job", kind: "FlinkSessionJob", spec: `
  deploymentName: secure
  flinkConfiguration: {pipeline.max-parallelism: 24, metrics: {latency: {interval: 1000}}}
  job: {jarURI: "https://repo.example.com/secure.jar", parallelism: 4, upgradeMode: stateless, entryClass: com.example.Secure, checkpointTriggerNonce: 1}`},
	"secure-forgetful": {resource: "flink_session_job", kind: "FlinkSessionJob", spec: `
  deploymentName: secure
  flinkConfiguration: {state: {savepoints.dir: "s3://flink/savepoints", checkpoints.dir: "s3://flink/checkpoints"}}
  job: {jarURI: "https://repo.example.com/secure.jar", parallelism: 1}`},
	"colors": {resource: "flink_deployment", kind: "FlinkBlueGreenDeployment", spec: `
  configuration: {kubernetes.operator.bluegreen.deployment-deletion.delay: "2 s", kubernetes.operator.bluegreen.abort.grace-period: "2 h"}
  template:
    spec:
      image: registry.example.com/colors:1
      flinkVersion: v1_20
      serviceAccount: flink
      flinkConfiguration: {taskmanager.numberOfTaskSlots: 2, state: {checkpoints.dir: "s3://flink/checkpoints", savepoints.dir: "s3://flink/savepoints"}}
      jobManager: {resource: {memory: 2048m, cpu: 1}}
      taskManager: {resource: {memory: 2048m, cpu: 1}}
      job: {jarURI: local:///opt/flink/usrlib/colors.jar, parallelism: 1, upgradeMode: savepoint}`},
	"canary": {resource: "flink_session_cluster", kind: "FlinkDeployment", idle: true, labels: `{"flink.apache.org/canary": "true"}`, spec: " {}"},
	"before": {resource: "flink_savepoint", kind: "FlinkStateSnapshot", idle: true, spec: `
  backoffLimit: 2
  jobReference: {kind: FlinkDeployment, name: available}
  savepoint: {alreadyExists: false, disposeOnDelete: true, formatType: CANONICAL, path: "s3://flink/moves"}`},
	"default": {resource: "flink_savepoint", kind: "FlinkStateSnapshot", idle: true, spec: `
  backoffLimit: 2
  jobReference: {kind: FlinkDeployment, name: available}
  savepoint: {}`},
}

// TestAccImportWithGeneratedConfiguration takes over what people have applied
// with kubectl, with no configuration but the one that the CLI writes: nothing is
// left to do then, and what no attribute holds is told, and stays when Terraform
// writes the object later.
func TestAccImportWithGeneratedConfiguration(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.PrivateCluster(t, acctest.Newest())
	u := newUser(t)
	u.env = append(u.env, "KUBECONFIG="+cluster.Kubeconfig)
	g := gallery{t: t, cluster: cluster, namespace: cluster.Namespace(t)}
	g.applyAll()

	dir, write := folder(t)
	var blocks strings.Builder
	for _, name := range slices.Sorted(maps.Keys(hands)) {
		fmt.Fprintf(&blocks, "import {\n  to = %s.%s\n  id = \"operator/%s/%s\"\n}\n", hands[name].resource, name, g.namespace, name)
	}
	write(blocks.String())
	told := u.must(t, dir, "plan", "-input=false", "-no-color", "-generate-config-out=generated.tf")
	for _, left := range []string{
		"The import of available leaves out spec.job.autoscalerResetNonce and 1 more", "spec.job.savepointTriggerNonce",
		"The import of requests leaves out spec.taskManager.resources.claims", "The import of secure-job leaves out spec.job.checkpointTriggerNonce",
	} {
		if !words(left).MatchString(told) {
			t.Errorf("the plan does not say %q:\n%s", left, told)
		}
	}
	plan := u.must(t, dir, "plan", "-input=false", "-no-color")
	if empty := fmt.Sprintf("Plan: %d to import, 0 to add, 0 to change, 0 to destroy.", len(hands)); !strings.Contains(plan, empty) {
		t.Fatalf("the plan is not %q:\n%s", empty, plan)
	}
	u.must(t, dir, "apply", "-input=false", "-no-color", "-auto-approve")
	if text, code := u.run(t, dir, "plan", "-input=false", "-no-color", "-detailed-exitcode"); code != 0 {
		t.Fatalf("something is left to do after the import:\n%s", text)
	}

	// A label writes the whole object for the first time.
	before := g.started()
	label := "resource \"flink_deployment\" \"available\" {\n  labels = { team = \"a\" }\n}\nresource \"flink_deployment\" \"requests\" {\n  labels = { team = \"a\" }\n}\n"
	if err := os.WriteFile(filepath.Join(dir, "labels_override.tf"), []byte(label), 0o600); err != nil {
		t.Fatal(err)
	}
	u.must(t, dir, "apply", "-input=false", "-no-color", "-auto-approve")
	live := g.live(acctest.FlinkDeployments, "available")
	configuration, err := nested[map[string]any](live, "spec", "flinkConfiguration")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"high-availability.storageDir", "high-availability.type", "kubernetes.operator.savepoint.format.type",
		"state.checkpoints.dir", "state.savepoints.dir", "taskmanager.numberOfTaskSlots",
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(configuration))); diff != "" {
		t.Errorf("keys of the configuration (-want +got):\n%s", diff)
	}
	for _, nonce := range []string{"savepointTriggerNonce", "autoscalerResetNonce"} {
		if _, err := nested[int64](live, "spec", "job", nonce); err != nil {
			t.Error(err)
		}
	}
	if _, err := nested[[]any](g.live(acctest.FlinkDeployments, "requests"), "spec", "taskManager", "resources", "claims"); err != nil {
		t.Error(err)
	}
	if after := g.started(); after != before {
		t.Errorf("the jobs were started at %s, and at %s after the change of a label", before, after)
	}
}

// gallery are the manifests on a cluster.
type gallery struct {
	t         *testing.T
	cluster   *acctest.ClusterHandle
	namespace string
}

// resources are the resources of the kinds by which the apiserver serves them.
func (h hand) resources() schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: "flink.apache.org", Version: "v1beta1", Resource: strings.ToLower(h.kind) + "s"}
}

// applyAll creates the objects as kubectl apply does: first those of jobs, and
// when these run, their savepoints.
func (g gallery) applyAll() {
	g.t.Helper()
	for _, savepoints := range []bool{false, true} {
		for name, h := range hands {
			if (h.resource == "flink_savepoint") == savepoints {
				g.apply(name, h)
			}
		}
		for name, h := range hands {
			if !h.idle {
				g.await(name, h, "jobStatus", "RUNNING")
			}
			if savepoints && h.resource == "flink_savepoint" {
				g.await(name, h, "", "COMPLETED")
			}
		}
	}
}

func (g gallery) apply(name string, h hand) {
	g.t.Helper()
	object := &unstructured.Unstructured{}
	text := fmt.Sprintf("apiVersion: flink.apache.org/v1beta1\nkind: %s\nmetadata:\n  name: %s\n  labels: %s\nspec:%s\n", h.kind, name, h.labels, h.spec)
	if err := yaml.Unmarshal([]byte(text), &object.Object); err != nil {
		g.t.Fatalf("%s: %s\n%s", name, err, text)
	}
	object.SetAnnotations(map[string]string{"kubectl.kubernetes.io/last-applied-configuration": "{}"})
	_, err := g.cluster.Client.Resource(h.resources()).Namespace(g.namespace).Create(g.t.Context(), object, metav1.CreateOptions{FieldManager: "kubectl-client-side-apply"})
	if err != nil {
		g.t.Fatal(err)
	}
}

// await waits until the state in a part of the status is the wanted one. A
// session cluster has no state but that of its lifecycle.
func (g gallery) await(name string, h hand, part, state string) {
	g.t.Helper()
	path := []string{"status", part, "state"}
	switch {
	case h.resource == "flink_session_cluster":
		path, state = []string{"status", "jobManagerDeploymentStatus"}, "READY"
	case part == "":
		path = []string{"status", "state"}
	}
	var last string
	err := wait.PollUntilContextTimeout(g.t.Context(), 50*time.Millisecond, time.Minute, true, func(context.Context) (bool, error) {
		last, _, _ = unstructured.NestedString(g.live(h.resources(), name).Object, path...)
		return last == state, nil
	})
	if err != nil {
		g.t.Fatalf("%s of %s is %q, not %s: %s", strings.Join(path, "."), name, last, state, err)
	}
}

func (g gallery) live(kind schema.GroupVersionResource, name string) *unstructured.Unstructured {
	g.t.Helper()
	object, err := g.cluster.Client.Resource(kind).Namespace(g.namespace).Get(g.t.Context(), name, metav1.GetOptions{})
	if err != nil {
		g.t.Fatal(err)
	}
	return object
}

// started tells which jobs run, and since when.
func (g gallery) started() string {
	g.t.Helper()
	var jobs []string
	for _, name := range []string{"available", "requests"} {
		status, err := nested[map[string]any](g.live(acctest.FlinkDeployments, name), "status", "jobStatus")
		if err != nil {
			g.t.Fatal(err)
		}
		jobs = append(jobs, fmt.Sprintf("%v %v", status["jobId"], status["startTime"]))
	}
	return strings.Join(jobs, ", ")
}

// nested returns a value of an object; that there is none, or one of another
// type, is an error.
func nested[T any](object *unstructured.Unstructured, path ...string) (T, error) {
	value, _, _ := unstructured.NestedFieldNoCopy(object.Object, path...)
	typed, ok := value.(T)
	if !ok {
		return typed, fmt.Errorf("%s %s: %s is %v", object.GetKind(), object.GetName(), strings.Join(path, "."), value)
	}
	return typed, nil
}
