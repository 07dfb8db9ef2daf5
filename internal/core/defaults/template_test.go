package defaults

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// The rules are those of "Strategic Merge Patch for Kubernetes Pod Templates" in the vendor's
// documentation of Deployments (Ververica Platform 2.x): elements match where their values
// under the key are equal, whatever these are; those that match are merged deeply, and a list
// in them is merged only with a directive of its own.
func TestTemplatesAreMergedByDirective(t *testing.T) {
	t.Parallel()
	template := func(text string) *flink.Ververica {
		document, err := flink.ParseDocument(text)
		if err != nil {
			t.Fatal(err)
		}
		return &flink.Ververica{DeploymentTemplate: document}
	}
	below := Layer{DeploymentSpec: flink.DeploymentSpec{Ververica: template(`
spec:
  logging: { loggingProfile: default }
  kubernetes:
    jobManagerPodTemplate:
      spec:
        containers:
          - name: main
            env: [{ name: REGION, value: eu }]
            image: a
            ports: [{ containerPort: 1 }]
            volumeMounts: [{ name: data, mountPath: /data }, { name: logs, mountPath: /logs }]
          - name: sidecar
            env: [{ name: REGION, value: us }]
          - name: bare
        tolerations: [{ key: a }]
`)}}
	own := Layer{DeploymentSpec: flink.DeploymentSpec{Job: &flink.Job{}, Ververica: template(`
spec:
  logging: { log4jLoggers: { "": WARN } }
  kubernetes:
    jobManagerPodTemplate:
      spec:
        containers:
          - { $patch: merge, mergeKey: env }
          - env: [{ name: REGION, value: eu }]
            image: b
            ports: [{ containerPort: 2 }]
            volumeMounts: [{ $patch: merge, mergeKey: name }, { name: data, readOnly: true }, { name: more, mountPath: /more }]
          - env: [{ name: REGION, value: ap }]
            name: another
          - name: appended
        tolerations: [{ $patch: merge }, { key: b }]
`)}}
	got, err := Expand(Settings{Environment: "prod", Defaults: &below}, own)
	if err != nil {
		t.Fatal(err)
	}
	want := template(`
spec:
  logging: { loggingProfile: default, log4jLoggers: { "": WARN } }
  kubernetes:
    jobManagerPodTemplate:
      spec:
        containers:
          - name: main
            env: [{ name: REGION, value: eu }]
            image: b
            ports: [{ containerPort: 2 }]
            volumeMounts: [{ name: data, mountPath: /data, readOnly: true }, { name: logs, mountPath: /logs }, { name: more, mountPath: /more }]
          - name: sidecar
            env: [{ name: REGION, value: us }]
          - name: bare
          - env: [{ name: REGION, value: ap }]
            name: another
          - name: appended
        tolerations: [{ key: a }, { key: b }]
`)
	if diff := cmp.Diff(want.DeploymentTemplate, got.Spec.Ververica.DeploymentTemplate); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
