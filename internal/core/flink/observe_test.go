package flink

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestObserve(t *testing.T) {
	for _, test := range []struct{ name, applied, live, want string }{
		{"same", `{image: a}`, `{image: a}`, `{image: a}`},
		{"changed", `{image: a}`, `{image: b}`, `{image: b}`},
		{"gone", `{image: a, mode: native}`, `{image: a}`, `{image: a}`},
		{"added by others", `{image: a}`, `{image: a, mode: native, job: {args: []}}`, `{image: a}`},
		{"added by others deeper", `{jobManager: {resource: {memory: 1g}}}`, `{jobManager: {replicas: 1, resource: {memory: 1g, cpu: 1}}}`, `{jobManager: {resource: {memory: 1g}}}`},
		{"a whole object is gone", `{image: a, job: {state: running}}`, `{image: a}`, `{image: a}`},
		{"a leaf of an object is gone", `{job: {entryClass: A}}`, `{job: {parallelism: 1}}`, `{job: {}}`},
		{"a default that nobody writes out", `{job: {state: running}}`, `{job: {parallelism: 1}}`, `{job: {state: running}}`},
		{"a value that becomes the default", `{job: {upgradeMode: savepoint}}`, `{job: {parallelism: 1}}`, `{job: {upgradeMode: stateless}}`},
		{"own text of equal values", `{taskManager: {resource: {cpu: 1.0, memory: 2048 mb}}}`, `{taskManager: {resource: {cpu: 1, memory: 2g}}}`, `{taskManager: {resource: {cpu: 1.0, memory: 2048 mb}}}`},
		{"live text of other values", `{taskManager: {resource: {memory: 2048 mb}}}`, `{taskManager: {resource: {memory: 3g}}}`, `{taskManager: {resource: {memory: 3g}}}`},
		{"args", `{job: {args: [a, b]}}`, `{job: {args: [a, c]}}`, `{job: {args: [a, c]}}`},
		{"args grow", `{job: {args: [a]}}`, `{job: {args: [a, c]}}`, `{job: {args: [a, c]}}`},
		{"args gone", `{job: {args: [a]}}`, `{job: {args: []}}`, `{job: {}}`},
		{"empty args stay", `{job: {args: []}}`, `{job: {}}`, `{job: {args: []}}`},
		{"empty args are filled", `{job: {args: []}}`, `{job: {args: [a]}}`, `{job: {args: [a]}}`},
		{"an empty object stays", `{jobManager: {}}`, `{jobManager: {replicas: 1}}`, `{jobManager: {}}`},
		{"an empty object is gone", `{jobManager: {}}`, `{}`, `{}`},
		{"no labels stay", `{ingress: {template: a, labels: {}}}`, `{ingress: {template: a}}`, `{ingress: {template: a, labels: {}}}`},
		{"labels of others", `{ingress: {template: a, labels: {}}}`, `{ingress: {template: a, labels: {x: "1"}}}`, `{ingress: {template: a, labels: {}}}`},
		{"an object became text", `{job: {state: running}}`, `{job: x}`, `{job: x}`},
		{"nulls mean nothing", `{image: a, mode: null}`, `{image: a, mode: native}`, `{image: a}`},
		{"log file", `{logConfiguration: {a: "1", b: "2"}}`, `{logConfiguration: {a: "1", b: "3", c: "4"}}`, `{logConfiguration: {a: "1", b: "3"}}`},
		{"configuration: others' keys", `{flinkConfiguration: {a: "1"}}`, `{flinkConfiguration: {a: "1", b: "2"}}`, `{flinkConfiguration: {a: "1"}}`},
		{"configuration: changed and gone", `{flinkConfiguration: {a: "1", b: "2"}}`, `{flinkConfiguration: {a: "3"}}`, `{flinkConfiguration: {a: "3"}}`},
		{"configuration: all gone", `{flinkConfiguration: {a: "1"}}`, `{}`, `{}`},
		{"configuration: emptied", `{flinkConfiguration: {a: "1"}}`, `{flinkConfiguration: {}}`, `{flinkConfiguration: {}}`},
		{
			"configuration: nested and typed", `{flinkConfiguration: {taskmanager.numberOfTaskSlots: "2", web.cancel.enable: "false"}}`,
			`{flinkConfiguration: {taskmanager: {numberOfTaskSlots: 2}, web: {cancel: {enable: false}, port: 1}}}`,
			`{flinkConfiguration: {taskmanager.numberOfTaskSlots: "2", web.cancel.enable: "false"}}`,
		},
		{"configuration: another name", `{flinkConfiguration: {state.checkpoints.dir: s3://a}}`, `{flinkConfiguration: {execution.checkpointing.dir: s3://a}}`, `{flinkConfiguration: {state.checkpoints.dir: s3://a}}`},
		{"configuration: another name and value", `{flinkConfiguration: {state.checkpoints.dir: s3://a}}`, `{flinkConfiguration: {execution.checkpointing.dir: s3://b}}`, `{flinkConfiguration: {state.checkpoints.dir: s3://b}}`},
		{"configuration: own name first", `{flinkConfiguration: {state.checkpoints.dir: s3://a}}`, `{flinkConfiguration: {state.checkpoints.dir: s3://a, execution.checkpointing.dir: s3://b}}`, `{flinkConfiguration: {state.checkpoints.dir: s3://a}}`},
		{"configuration: own text", `{flinkConfiguration: {execution.checkpointing.interval: 1 min}}`, `{flinkConfiguration: {execution.checkpointing.interval: 60 s}}`, `{flinkConfiguration: {execution.checkpointing.interval: 1 min}}`},
		{
			"pod: what Java adds", `{podTemplate: {spec: {containers: [{name: a, image: x}]}}}`,
			`{podTemplate: {apiVersion: v1, kind: Pod, metadata: {}, spec: {containers: [{name: a, image: x, args: []}]}}}`,
			`{podTemplate: {spec: {containers: [{name: a, image: x}]}}}`,
		},
		{
			"pod: what Java leaves out", `{podTemplate: {apiVersion: v1, kind: Pod, spec: {containers: [{name: a, args: []}]}}}`, `{podTemplate: {spec: {containers: [{name: a}]}}}`,
			`{podTemplate: {apiVersion: v1, kind: Pod, spec: {containers: [{name: a, args: []}]}}}`,
		},
		{
			"pod: one element changed", `{podTemplate: {spec: {containers: [{name: a, image: x}, {name: b}]}}}`, `{podTemplate: {spec: {containers: [{name: a, image: "z", tty: true}, {name: b, tty: true}]}}}`,
			`{podTemplate: {spec: {containers: [{name: a, image: "z"}, {name: b}]}}}`,
		},
		{
			"pod: one element more", `{podTemplate: {spec: {containers: [{name: a}]}}}`, `{podTemplate: {spec: {containers: [{name: a, tty: true}, {name: b}]}}}`,
			`{podTemplate: {spec: {containers: [{name: a, tty: true}, {name: b}]}}}`,
		},
		{
			"pod: quantities", `{podTemplate: {spec: {containers: [{resources: {limits: {cpu: 1000m}}}]}}}`, `{podTemplate: {spec: {containers: [{resources: {limits: {cpu: 1}}}]}}}`,
			`{podTemplate: {spec: {containers: [{resources: {limits: {cpu: 1000m}}}]}}}`,
		},
		{
			"pod: emptyDir", `{podTemplate: {spec: {volumes: [{name: a, emptyDir: {}}]}}}`, `{podTemplate: {spec: {volumes: [{name: a, emptyDir: {}}]}}}`,
			`{podTemplate: {spec: {volumes: [{name: a, emptyDir: {}}]}}}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := Observe(tree(t, test.applied), tree(t, test.live))
			if diff := cmp.Diff(tree(t, test.want), got); diff != "" {
				t.Errorf("Observe (-want +got):\n%s", diff)
			}
		})
	}
}

func TestObserveKnowsTheVersion(t *testing.T) {
	applied := tree(t, `{flinkVersion: v1_17, flinkConfiguration: {state.checkpoints.dir: s3://a}}`)
	live := tree(t, `{flinkVersion: v1_17, flinkConfiguration: {execution.checkpointing.dir: s3://a}}`)
	want := tree(t, `{flinkVersion: v1_17, flinkConfiguration: {}}`)
	if diff := cmp.Diff(want, Observe(applied, live)); diff != "" {
		t.Errorf("a key that Flink 1.17 ignores stands in for one that it reads (-want +got):\n%s", diff)
	}
}

func TestObserveWords(t *testing.T) {
	for _, test := range []struct{ name, applied, live, want string }{
		{"the same words", `{image: a, job: {args: [a]}, flinkConfiguration: {a: "1"}}`, `{image: a, job: {args: [a], parallelism: 1}, flinkConfiguration: {a: "1"}}`, ``},
		{"another value", `{image: a}`, `{image: b}`, ``},
		{"nothing there", `{image: a, job: {args: []}, jobManager: {replicas: 1}}`, `{job: {}, jobManager: {}}`, ``},
		{"a size", `{image: a, taskManager: {resource: {memory: 2048m}}}`, `{image: a, mode: native, taskManager: {resource: {memory: 2g, cpu: 1}}}`, `{image: a, taskManager: {resource: {memory: 2g}}}`},
		{"a size beside a change", `{image: a, taskManager: {resource: {memory: 2048m}}}`, `{image: b, taskManager: {resource: {memory: 2g}}}`, `{image: b, taskManager: {resource: {memory: 2g}}}`},
		{"a key", `{flinkConfiguration: {state.checkpoints.dir: s3://a, x: "1"}}`, `{flinkConfiguration: {execution.checkpointing.dir: s3://a, x: "1"}}`, `{flinkConfiguration: {execution.checkpointing.dir: s3://a, x: "1"}}`},
		{"a duration", `{flinkConfiguration: {execution.checkpointing.interval: 1 min}}`, `{flinkConfiguration: {execution.checkpointing.interval: 60 s}}`, `{flinkConfiguration: {execution.checkpointing.interval: 60 s}}`},
		{
			"a quantity in a pod", `{podTemplate: {spec: {containers: [{name: a, resources: {limits: {cpu: 1000m}}}]}}}`, `{podTemplate: {kind: Pod, spec: {containers: [{name: a, tty: true, resources: {limits: {cpu: "1"}}}]}}}`,
			`{podTemplate: {spec: {containers: [{name: a, resources: {limits: {cpu: "1"}}}]}}}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			applied, live := tree(t, test.applied), tree(t, test.live)
			seen, words := ObserveWords(applied, live)
			var want Tree
			if test.want != "" {
				want = tree(t, test.want)
			}
			if diff := cmp.Diff(want, words); diff != "" {
				t.Errorf("words (-want +got):\n%s", diff)
			}
			if words != nil && !Equal(seen, words) {
				t.Errorf("the words mean something else than what was observed: %v", Diff(seen, words))
			}
			// What is kept of the words is what live says, so that nothing restarts.
			if words != nil {
				if diff := cmp.Diff(words, Keep(words, seen)); diff != "" {
					t.Errorf("Keep (-want +got):\n%s", diff)
				}
			}
		})
	}
}
