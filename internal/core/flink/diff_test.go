package flink

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree reads a specification from YAML, which is shorter than JSON.
func tree(t *testing.T, text string) Tree {
	t.Helper()
	document, err := ParseDocument(text)
	if err != nil {
		t.Fatalf("test data: %v\n%s", err, text)
	}
	return Tree(document)
}

// paths returns the changes without their values.
func paths(changes []Change) []string {
	var list []string
	for _, change := range changes {
		list = append(list, change.Path.wire())
	}
	return list
}

func (p Path) wire() string {
	text := ""
	for _, step := range p {
		text += "/" + step
	}
	return text
}

func TestDiff(t *testing.T) {
	for _, test := range []struct {
		name, from, to string
		want           []string
	}{
		{"same", `{image: a}`, `{image: a}`, nil},
		{"scalar", `{image: a}`, `{image: b}`, []string{"/image"}},
		{"appears", `{image: a}`, `{image: a, mode: native}`, []string{"/mode"}},
		{"goes", `{image: a, mode: native}`, `{image: a}`, []string{"/mode"}},
		{"null is absent", `{image: a, mode: null}`, `{image: a}`, nil},
		{"numbers by value", `{taskManager: {resource: {cpu: 1}}, job: {parallelism: 2}}`, `{taskManager: {resource: {cpu: 1.0}}, job: {parallelism: 2}}`, nil},
		{"number and text differ", `{job: {parallelism: 2}}`, `{job: {parallelism: "2"}}`, []string{"/job/parallelism"}},
		{"large numbers exactly", `{restartNonce: 9007199254740993}`, `{restartNonce: 9007199254740992}`, []string{"/restartNonce"}},
		{"memory by value", `{taskManager: {resource: {memory: 2g}}}`, `{taskManager: {resource: {memory: 2048 mb}}}`, nil},
		{"memory as quantity", `{taskManager: {resource: {memory: 2g}}}`, `{taskManager: {resource: {memory: 2Gi}}}`, nil},
		{"memory differs", `{taskManager: {resource: {memory: 2g}}}`, `{taskManager: {resource: {memory: 2G b}}}`, []string{"/taskManager/resource/memory"}},
		{"memory without unit is bytes", `{taskManager: {resource: {memory: 2k}}}`, `{taskManager: {resource: {memory: "2048"}}}`, nil},
		{"unreadable memory is text", `{taskManager: {resource: {memory: lots}}}`, `{taskManager: {resource: {memory: more}}}`, []string{"/taskManager/resource/memory"}},
		{"storage is a quantity", `{jobManager: {resource: {ephemeralStorage: 1Gi}}}`, `{jobManager: {resource: {ephemeralStorage: 1024Mi}}}`, nil},
		{"storage in Flink's words is none", `{jobManager: {resource: {ephemeralStorage: 2048m}}}`, `{jobManager: {resource: {ephemeralStorage: 2Gi}}}`, []string{"/jobManager/resource/ephemeralStorage"}},
		{"requests: quantities", `{jobManager: {resources: {requests: {memory: 2048Mi, cpu: 1}}}}`, `{jobManager: {resources: {requests: {memory: 2Gi, cpu: 1000m}}}}`, nil},
		{"requests: memory in Flink's words is another quantity", `{jobManager: {resources: {requests: {memory: 2048m}}}}`, `{jobManager: {resources: {requests: {memory: 2Gi}}}}`, []string{"/jobManager/resources/requests/memory"}},
		{"limits: decimal and binary", `{jobManager: {resources: {limits: {memory: 2G}}}}`, `{jobManager: {resources: {limits: {memory: 2Gi}}}}`, []string{"/jobManager/resources/limits/memory"}},
		{"requests: empty is none", `{jobManager: {resources: {requests: {cpu: 1}, limits: {}}}}`, `{jobManager: {resources: {requests: {cpu: 1}}}}`, nil},
		{"the job's state: running when absent", `{job: {state: running}}`, `{job: {}}`, nil},
		{"the job's state: suspended is not the default", `{job: {}}`, `{job: {state: suspended}}`, []string{"/job/state"}},
		{"upgrade mode: stateless when absent", `{job: {}}`, `{job: {upgradeMode: stateless}}`, nil},
		{"upgrade mode: null is absent", `{job: {upgradeMode: null}}`, `{job: {upgradeMode: stateless}}`, nil},
		{"upgrade mode: savepoint is not the default", `{job: {upgradeMode: savepoint}}`, `{job: {}}`, []string{"/job/upgradeMode"}},
		{"JobManagers: one when absent", `{jobManager: {replicas: 1}}`, `{jobManager: {}}`, nil},
		{"JobManagers: with the object", `{jobManager: {replicas: 1}}`, `{}`, []string{"/jobManager/replicas"}},
		{"TaskManagers have no default", `{taskManager: {replicas: 1}}`, `{taskManager: {}}`, []string{"/taskManager/replicas"}},
		{"args: empty is none", `{job: {args: []}}`, `{job: {}}`, nil},
		{"args as one", `{job: {args: [a, b]}}`, `{job: {args: [a, c, d]}}`, []string{"/job/args"}},
		{"args keep their order", `{job: {args: [a, b]}}`, `{job: {args: [b, a]}}`, []string{"/job/args"}},
		{"an empty object is there", `{image: a}`, `{image: a, jobManager: {}}`, []string{"/jobManager"}},
		{"an object appears leaf by leaf", `{}`, `{job: {jarURI: "local:///a.jar", args: [x]}}`, []string{"/job/args", "/job/jarURI"}},
		{"an object replaced by text", `{job: {}}`, `{job: x}`, []string{"/job"}},
		{"log files", `{logConfiguration: {a: "1\n"}}`, `{logConfiguration: {a: "1"}}`, []string{"/logConfiguration/a"}},
		{
			"configuration keys", `{flinkConfiguration: {a: "1", b: "2"}}`, `{flinkConfiguration: {b: "3", c: "4"}}`,
			[]string{"/flinkConfiguration/a", "/flinkConfiguration/b", "/flinkConfiguration/c"},
		},
		{"configuration: nested or dotted", `{flinkConfiguration: {taskmanager: {numberOfTaskSlots: 2}}}`, `{flinkConfiguration: {taskmanager.numberOfTaskSlots: "2"}}`, nil},
		{"configuration: lists", `{flinkConfiguration: {pipeline.jars: [a, b]}}`, `{flinkConfiguration: {pipeline.jars: a;b}}`, nil},
		{"configuration: former name", `{flinkConfiguration: {state.checkpoints.dir: s3://a}}`, `{flinkConfiguration: {execution.checkpointing.dir: s3://a}}`, nil},
		{
			"configuration: former name, other value", `{flinkConfiguration: {state.checkpoints.dir: s3://a}}`, `{flinkConfiguration: {execution.checkpointing.dir: s3://b}}`,
			[]string{"/flinkConfiguration/execution.checkpointing.dir"},
		},
		{
			"configuration: name not known to the version", `{flinkVersion: v1_17, flinkConfiguration: {execution.checkpointing.dir: s3://a}}`,
			`{flinkVersion: v1_17, flinkConfiguration: {state.checkpoints.dir: s3://a}}`,
			[]string{"/flinkConfiguration/execution.checkpointing.dir", "/flinkConfiguration/state.checkpoints.dir"},
		},
		{
			"configuration: name known to the version", `{flinkVersion: v1_20, flinkConfiguration: {execution.checkpointing.dir: s3://a}}`,
			`{flinkVersion: v1_20, flinkConfiguration: {state.checkpoints.dir: s3://a}}`, nil,
		},
		{
			"configuration: the present name wins", `{flinkConfiguration: {state.checkpoints.dir: s3://x, execution.checkpointing.dir: s3://a}}`,
			`{flinkConfiguration: {execution.checkpointing.dir: s3://a}}`, nil,
		},
		{"configuration: durations", `{flinkConfiguration: {execution.checkpointing.interval: 60 s}}`, `{flinkConfiguration: {execution.checkpointing.interval: 1min}}`, nil},
		{"configuration: memory", `{flinkConfiguration: {taskmanager.memory.process.size: 1g}}`, `{flinkConfiguration: {taskmanager.memory.process.size: 1024m}}`, nil},
		{"configuration: unknown keys are text", `{flinkConfiguration: {my.timeout: 60 s}}`, `{flinkConfiguration: {my.timeout: 1 min}}`, []string{"/flinkConfiguration/my.timeout"}},
		{
			"pod: inner path", `{podTemplate: {spec: {containers: [{name: a, image: x}]}}}`, `{podTemplate: {spec: {containers: [{name: a, image: "y"}]}}}`,
			[]string{"/podTemplate/spec/containers/0/image"},
		},
		{
			"pod: one more container", `{podTemplate: {spec: {containers: [{name: a}]}}}`, `{podTemplate: {spec: {containers: [{name: a}, {name: b}]}}}`,
			[]string{"/podTemplate/spec/containers/1/name"},
		},
		{"pod: kind and apiVersion say nothing new", `{podTemplate: {apiVersion: v1, kind: Pod, spec: {hostNetwork: true}}}`, `{podTemplate: {spec: {hostNetwork: true}}}`, nil},
		{"pod: another kind", `{podTemplate: {kind: Pod}}`, `{podTemplate: {kind: PodTemplate}}`, []string{"/podTemplate/kind"}},
		{"pod: kind deeper is a value", `{podTemplate: {spec: {x: {kind: Pod}}}}`, `{podTemplate: {spec: {x: {}}}}`, []string{"/podTemplate/spec/x/kind"}},
		{
			"pod: Kubernetes' quantities", `{taskManager: {podTemplate: {spec: {containers: [{resources: {limits: {cpu: "1", memory: 1Gi}}}]}}}}`,
			`{taskManager: {podTemplate: {spec: {containers: [{resources: {limits: {cpu: 1000m, memory: 1024Mi}}}]}}}}`, nil,
		},
		{
			"pod: memory there is Kubernetes'", `{podTemplate: {spec: {containers: [{resources: {limits: {memory: 2048m}}}]}}}`,
			`{podTemplate: {spec: {containers: [{resources: {limits: {memory: 2Gi}}}]}}}`,
			[]string{"/podTemplate/spec/containers/0/resources/limits/memory"},
		},
		{
			"pod: a quantity as number", `{podTemplate: {spec: {containers: [{resources: {limits: {cpu: 1}}}]}}}`,
			`{podTemplate: {spec: {containers: [{resources: {limits: {cpu: "1"}}}]}}}`, nil,
		},
		{
			"pod: quantities of other fields", `{podTemplate: {spec: {volumes: [{emptyDir: {sizeLimit: 1Gi}}], containers: [{env: [{valueFrom: {resourceFieldRef: {divisor: 1}}}]}]}}}`,
			`{podTemplate: {spec: {volumes: [{emptyDir: {sizeLimit: 1024Mi}}], containers: [{env: [{valueFrom: {resourceFieldRef: {divisor: "1"}}}]}]}}}`, nil,
		},
		{
			"pod: emptyDir means something", `{podTemplate: {spec: {volumes: [{name: a, emptyDir: {}}]}}}`, `{podTemplate: {spec: {volumes: [{name: a}]}}}`,
			[]string{"/podTemplate/spec/volumes/0/emptyDir"},
		},
		{"pod: an empty map of labels does not", `{podTemplate: {metadata: {labels: {}}}}`, `{podTemplate: {metadata: {}}}`, nil},
		{
			"sorted by index", `{ingress: {tls: [{a: 1},{a: 1},{a: 1},{a: 1},{a: 1},{a: 1},{a: 1},{a: 1},{a: 1},{a: 1},{a: 1}]}}`,
			`{ingress: {tls: [{a: 1},{a: 2},{a: 2},{a: 1},{a: 1},{a: 1},{a: 1},{a: 1},{a: 1},{a: 1},{a: 2}]}}`,
			[]string{"/ingress/tls/1/a", "/ingress/tls/2/a", "/ingress/tls/10/a"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			from, to := tree(t, test.from), tree(t, test.to)
			if diff := cmp.Diff(test.want, paths(Diff(from, to))); diff != "" {
				t.Errorf("paths (-want +got):\n%s", diff)
			}
			if got, want := Equal(to, from), len(test.want) == 0; got != want {
				t.Errorf("Equal(to, from) = %v, want %v", got, want)
			}
		})
	}
}

func TestDiffValues(t *testing.T) {
	from := tree(t, `{image: a, job: {args: [x]}, flinkConfiguration: {state.checkpoints.dir: s3://a, gone: "1"}}`)
	to := tree(t, `{image: b, mode: native, flinkConfiguration: {execution.checkpointing.dir: s3://b}}`)
	want := []Change{
		{Path{"flinkConfiguration", "execution.checkpointing.dir"}, "s3://a", "s3://b"},
		{Path{"flinkConfiguration", "gone"}, "1", nil},
		{Path{"image"}, "a", "b"},
		{Path{"job", "args"}, []any{"x"}, nil},
		{Path{"mode"}, nil, "native"},
	}
	if diff := cmp.Diff(want, Diff(from, to)); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}
