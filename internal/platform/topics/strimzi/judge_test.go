package strimzi

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"
)

// parsed is a resource of generation 3.
func parsed(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	object := &unstructured.Unstructured{}
	body, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	// Whole numbers are such, as the client has them.
	if err := utiljson.Unmarshal(body, &object.Object); err != nil {
		t.Fatal(err)
	}
	if object.GetGeneration() == 0 {
		object.SetGeneration(3)
	}
	return object
}

func TestJudge(t *testing.T) {
	t.Parallel()
	const finalized = `metadata: {generation: 3, finalizers: [strimzi.io/topic-operator]}`
	for name, test := range map[string]struct {
		object  string
		want    progress
		problem string
	}{
		"nothing ever":    {`{}`, unseen, "no Topic Operator"},
		"finalizer alone": {finalized, unseen, "present specification"},
		"ready":           {`status: {observedGeneration: 3, conditions: [{type: Ready, status: "True"}]}`, ready, ""},
		"ready, of an older generation": {
			`status: {observedGeneration: 2, conditions: [{type: Ready, status: "True"}]}`, unseen, "present specification",
		},
		"refused, of an older generation": {
			`status: {observedGeneration: 2, conditions: [{type: Ready, status: "False", reason: NotSupported}]}`, unseen, "present specification",
		},
		"a warning beside": {
			`status: {observedGeneration: 3, conditions: [{type: Warning, status: "True", reason: DeprecatedFields}, {type: Ready, status: "True"}]}`, ready, "",
		},
		"fewer partitions": {
			`status: {observedGeneration: 3, conditions: [{type: Ready, status: "False", reason: NotSupported, message: Decreasing partitions not supported}]}`,
			failed, "NotSupported: Decreasing partitions not supported",
		},
		"a second resource": {
			`status: {observedGeneration: 3, conditions: [{type: Ready, status: "False", reason: ResourceConflict, message: "Managed by Ref{namespace='kafka', name='c'}"}]}`,
			failed, "ResourceConflict: Managed by",
		},
		"an unknown key": {
			`status: {observedGeneration: 3, conditions: [{type: Ready, status: "False", reason: KafkaError, message: "org.apache.kafka.common.errors.InvalidConfigurationException: Unknown topic config name: nonsense"}]}`,
			failed, "KafkaError: org.apache.kafka.common.errors.InvalidConfigurationException: Unknown topic config name: nonsense",
		},
		"no brokers": {
			`status: {observedGeneration: 3, conditions: [{type: Ready, status: "False", reason: KafkaError, message: "org.apache.kafka.common.errors.TimeoutException: Timed out waiting for a node assignment. Call: describeTopics"}]}`,
			retrying, "Timed out waiting for a node assignment",
		},
		"trouble of another kind": {
			`status: {observedGeneration: 3, conditions: [{type: Ready, status: "False", reason: InternalError, message: oh}]}`, retrying, "InternalError: oh",
		},
		"unmanaged": {
			`{metadata: {annotations: {strimzi.io/managed: "false"}}, status: {observedGeneration: 1, conditions: [{type: Unmanaged, status: "True"}]}}`, unmanaged, managedAnnotation,
		},
		"managed again": {
			`status: {observedGeneration: 3, conditions: [{type: Unmanaged, status: "True"}]}`, unseen, "present specification",
		},
		"paused": {
			`{metadata: {annotations: {strimzi.io/pause-reconciliation: "true"}}, status: {observedGeneration: 1, conditions: [{type: ReconciliationPaused, status: "True"}]}}`, paused, pausedAnnotation,
		},
		"paused no more": {
			`status: {observedGeneration: 3, conditions: [{type: ReconciliationPaused, status: "True"}]}`, unseen, "present specification",
		},
		"a status that makes no sense": {`status: {observedGeneration: x, conditions: [7, {type: [], status: "True"}, null]}`, unseen, "present specification"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := judge(parsed(t, test.object))
			if got.progress != test.want {
				t.Errorf("got the progress %d, want %d", got.progress, test.want)
			}
			if problem := got.problem(); !strings.Contains(problem, test.problem) || test.problem == "" && problem != "" {
				t.Errorf("got the problem %q, want %q", problem, test.problem)
			}
		})
	}
}
