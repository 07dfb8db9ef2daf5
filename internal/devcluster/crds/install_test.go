package crds_test

import (
	"context"
	"strings"
	"testing"
	"time"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/controlplane"
	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/crds"
)

var deployments = schema.GroupVersionResource{Group: crds.Group, Version: crds.Version, Resource: "flinkdeployments"}

// TestInstall asks a real apiserver what it makes of the definitions, first of an old operator and then of a newer one
// that takes its place.
func TestInstall(t *testing.T) {
	cluster, err := controlplane.Start(t.Context(), controlplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Stop)
	client, err := dynamic.NewForConfig(cluster.Config())
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		spec string
		// refused is part of the apiserver's message for each version that refuses the spec.
		refused map[string]string
	}{
		"plain": {spec: `{image: "flink:1.18", flinkVersion: v1_18, flinkConfiguration: {a.b: "2"}, job: {parallelism: 2}}`},
		"numbers in flinkConfiguration": {
			spec:    `{flinkConfiguration: {taskmanager.numberOfTaskSlots: 2}}`,
			refused: map[string]string{"1.7": "spec.flinkConfiguration.taskmanager.numberOfTaskSlots"},
		},
		"nested flinkConfiguration": {
			spec:    `{flinkConfiguration: {state: {backend: {type: rocksdb}}}}`,
			refused: map[string]string{"1.7": "spec.flinkConfiguration.state"},
		},
		"newer Flink": {
			spec:    `{flinkVersion: v2_3}`,
			refused: map[string]string{"1.7": `Unsupported value: "v2_3"`, "1.15": `Unsupported value: "v2_3"`},
		},
		"newer field": {
			spec: `{jobManager: {resources: {requests: {memory: 2g, cpu: 1}}}}`,
			refused: map[string]string{
				"1.7": `unknown field "spec.jobManager.resources"`, "1.15": `unknown field "spec.jobManager.resources"`,
			},
		},
		"misspelled field": {
			spec: `{podTemplate: {spec: {container: []}}}`,
			refused: map[string]string{
				"1.7":  `unknown field "spec.podTemplate.spec.container"`,
				"1.15": `unknown field "spec.podTemplate.spec.container"`,
				"1.16": `unknown field "spec.podTemplate.spec.container"`,
			},
		},
		"wrong type": {
			spec: `{job: {parallelism: many}}`,
			refused: map[string]string{
				"1.7": "spec.job.parallelism", "1.15": "spec.job.parallelism", "1.16": "spec.job.parallelism",
			},
		},
		"quantities in a pod template": {
			spec: `{podTemplate: {spec: {containers: [{name: c, resources: {limits: {cpu: 1, memory: 1Gi}}, ports: [{containerPort: 80}], livenessProbe: {httpGet: {port: http}}}]}}}`,
		},
	}
	for _, version := range crds.Versions() {
		if err := crds.Install(t.Context(), cluster.Config(), version); err != nil {
			t.Fatal(err)
		}
		for name, test := range tests {
			t.Run(version+" "+name, func(t *testing.T) {
				want, refused := test.refused[version]
				var err error
				asWanted := func(ctx context.Context) (bool, error) {
					err = create(ctx, t, client, test.spec)
					return refused && err != nil && strings.Contains(err.Error(), want) || !refused && err == nil, nil
				}
				// The apiserver takes up a replaced definition a moment after it has accepted it.
				if wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, 5*time.Second, true, asWanted) != nil {
					t.Errorf("got the error %v, want one with %q", err, want)
				}
			})
		}
	}
}

// create tries to create a deployment with strict validation, without storing it.
func create(ctx context.Context, t *testing.T, client dynamic.Interface, spec string) error {
	t.Helper()
	object := &unstructured.Unstructured{}
	text := "{apiVersion: flink.apache.org/v1beta1, kind: FlinkDeployment, metadata: {name: a}, spec: " + spec + "}"
	if err := yaml.Unmarshal([]byte(text), &object.Object); err != nil {
		t.Fatal(err)
	}
	_, err := client.Resource(deployments).Namespace("default").Create(ctx, object, meta.CreateOptions{
		FieldValidation: meta.FieldValidationStrict, DryRun: []string{meta.DryRunAll},
	})
	return err
}
