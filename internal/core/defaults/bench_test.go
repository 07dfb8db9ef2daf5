package defaults

import (
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// commonTemplate is a pod template of some sixty lines, as platform teams give
// to all their jobs.
const commonTemplate = `
apiVersion: v1
kind: Pod
metadata:
  labels: {team: data, cost-center: "4711"}
  annotations: {prometheus.io/scrape: "true", prometheus.io/port: "9249"}
spec:
  terminationGracePeriodSeconds: 60
  priorityClassName: streaming
  securityContext: {runAsUser: 9999, runAsGroup: 9999, fsGroup: 9999}
  nodeSelector: {pool: flink}
  tolerations:
    - {key: flink, operator: Exists, effect: NoSchedule}
  topologySpreadConstraints:
    - {maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: ScheduleAnyway}
  initContainers:
    - name: fetch
      image: registry.example.com/fetch:1.0.0
      env:
        - {name: TARGET, value: /plugins}
      volumeMounts:
        - {name: plugins, mountPath: /plugins}
  containers:
    - name: flink-main-container
      env:
        - {name: REGION, value: eu-central-1}
        - name: TOKEN
          valueFrom: {secretKeyRef: {name: token, key: token}}
      ports:
        - {containerPort: 9249, name: metrics}
      volumeMounts:
        - {name: plugins, mountPath: /opt/flink/plugins/s3}
        - {name: scratch, mountPath: /scratch}
      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
    - name: shipper
      image: registry.example.com/shipper:2.1.0
      args: [--path, /opt/flink/log]
      resources:
        requests: {cpu: 50m, memory: 64Mi}
        limits: {memory: 128Mi}
      volumeMounts:
        - {name: logs, mountPath: /opt/flink/log}
  volumes:
    - {name: plugins, emptyDir: {}}
    - {name: scratch, emptyDir: {sizeLimit: 10Gi}}
    - {name: logs, emptyDir: {}}
`

// BenchmarkExpand is one deployment of a plan: defaults with a pod template, an
// own pod template and an override.
func BenchmarkExpand(b *testing.B) {
	parse := func(text string) flink.Document {
		var document flink.Document
		if err := yaml.Unmarshal([]byte(text), &document); err != nil {
			b.Fatal(err)
		}
		return document
	}
	defaults := Layer{DeploymentSpec: flink.DeploymentSpec{
		FlinkVersion:       new("v1_20"),
		ServiceAccount:     new("flink"),
		FlinkConfiguration: flink.Configuration{"state.checkpoints.dir": new("s3://c"), "state.savepoints.dir": new("s3://s")},
		PodTemplate:        parse(commonTemplate),
		TaskManager:        &flink.TaskManager{Resource: &flink.Resource{CPU: new(1.0), Memory: new("2g")}},
	}}
	overrides := Layer{DeploymentSpec: flink.DeploymentSpec{FlinkConfiguration: flink.Configuration{"web.cancel.enable": new("false")}}}
	settings := Settings{Environment: "prod", Defaults: &defaults, Overrides: &overrides}
	own := Layer{DeploymentSpec: flink.DeploymentSpec{
		Image:       new("registry.example.com/orders:1.4.0"),
		Job:         &flink.Job{JarURI: new("local:///orders.jar"), Parallelism: new(int64(4))},
		PodTemplate: parse(`spec: {containers: [{name: flink-main-container, env: [{name: APP, value: orders}]}]}`),
	}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Expand(settings, own); err != nil {
			b.Fatal(err)
		}
	}
}
