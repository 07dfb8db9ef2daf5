package standin

import (
	"bytes"
	"encoding/json"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	k8sjson "k8s.io/apimachinery/pkg/util/json"
)

// recordedObjects calls f for every object of some kinds in the recorded
// timelines, and says how many there were.
func recordedObjects(t *testing.T, operatorVersion string, kinds []string, f func(file string, obj map[string]any)) int {
	t.Helper()
	count := 0
	for file, content := range Timelines(t) {
		if path.Dir(file) != operatorVersion+".0" || strings.HasSuffix(file, ".events.jsonl") {
			continue
		}
		for text := range bytes.Lines(content) {
			var line struct {
				Object json.RawMessage `json:"object"`
			}
			if err := json.Unmarshal(text, &line); err != nil {
				t.Fatal(err)
			}
			var obj map[string]any
			if line.Object == nil || k8sjson.Unmarshal(line.Object, &obj) != nil {
				continue
			}
			if kind, _ := obj["kind"].(string); slices.Contains(kinds, kind) {
				f(path.Base(file), obj)
				count++
			}
		}
	}
	if count == 0 {
		t.Fatalf("no %v in the recorded timelines of operator %s", kinds, operatorVersion)
	}
	return count
}

// jobKinds run jobs.
var jobKinds = []string{"FlinkDeployment", "FlinkSessionJob"}

func mustVersion(t *testing.T, name string) version {
	t.Helper()
	v, err := versionOf(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestReconciledTextIsTheOperators renders every recorded lastReconciledSpec
// again, byte for byte: clients compare these texts, and STABLE depends on them.
func TestReconciledTextIsTheOperators(t *testing.T) {
	for _, name := range []string{"1.15", "1.7"} {
		t.Run(name, func(t *testing.T) {
			v := mustVersion(t, name)
			seen := map[string]bool{}
			recordedObjects(t, name, jobKinds, func(file string, obj map[string]any) {
				st, err := readStatus(obj)
				if err != nil {
					t.Fatal(err)
				}
				if st == nil || seen[st.Reconciliation.LastReconciledSpec] {
					return
				}
				want := st.Reconciliation.LastReconciledSpec
				seen[want] = true
				if want == "" {
					return
				}
				r, err := parseReconciled(want)
				if err != nil {
					t.Fatal(err)
				}
				if got := r.text(v, obj["kind"] == "FlinkSessionJob"); got != want {
					t.Errorf("%s (-recorded +ours):\n%s", file, cmp.Diff(want, got))
				}
			})
		})
	}
}

// TestBlueGreenReconciledTextIsTheOperators does the same for blue/green
// deployments, and also renders the text from the spec that was current then.
func TestBlueGreenReconciledTextIsTheOperators(t *testing.T) {
	v := mustVersion(t, "1.15")
	current := 0
	recorded := recordedObjects(t, "1.15", []string{blueGreenKind}, func(file string, obj map[string]any) {
		st, err := readBlueGreenStatus(obj)
		if err != nil {
			t.Fatal(err)
		}
		if st == nil || st.LastReconciledSpec == "" {
			return
		}
		want := st.LastReconciledSpec
		s, err := parseBlueGreenReconciled(want)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.text(v); got != want {
			t.Errorf("%s (-recorded +ours):\n%s", file, cmp.Diff(want, got))
		}
		m, _ := obj["spec"].(map[string]any)
		if parseBlueGreenSpec(m).text(v) == want {
			current++
		}
	})
	if current < recorded/2 {
		t.Errorf("of %d recorded objects only %d have the text of their spec", recorded, current)
	}
}

// TestChildIsTheOperators prepares the FlinkDeployment of each recorded first
// deployment, and of each switch, from the recorded parent.
func TestChildIsTheOperators(t *testing.T) {
	v := mustVersion(t, "1.15")
	parents := map[string]map[string]any{}
	children := 0
	recordedObjects(t, "1.15", append([]string{blueGreenKind}, jobKinds...), func(file string, obj map[string]any) {
		if obj["kind"] == blueGreenKind {
			parents[file], _ = obj["spec"].(map[string]any)
			return
		}
		child := &unstructured.Unstructured{Object: obj}
		// What the client wrote to a child, and what it wrote to the parent since, is left out by the generation.
		if _, ok := parentOf(child); !ok || child.GetGeneration() != 1 || len(child.GetFinalizers()) > 0 || parents[file] == nil {
			return
		}
		want, _ := obj["spec"].(map[string]any)
		path, _, _ := unstructured.NestedString(obj, "spec", "job", "initialSavepointPath")
		c, template := color(child.GetLabels()[labelColor]), parseBlueGreenSpec(parents[file]).template
		if own := template.job.initialSavepointPath; own != nil && *own == path {
			path = "" // a redeployment
		}
		if path != "" {
			path = "file:" + path
		}
		got, err := childSpec(template, c, path, v)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s, %s (-recorded +ours):\n%s", file, c, diff)
		}
		children++
	})
	if len(parents) > 0 && children < len(parents) {
		t.Errorf("only %d children of %d parents", children, len(parents))
	}
}

// TestFirstReconciledTextComesFromTheSpec checks what a spec becomes on its
// first deployment, against own data: defaults and nulls written out, in order.
func TestFirstReconciledTextComesFromTheSpec(t *testing.T) {
	s := parseSpec(map[string]any{
		"image": "flink:1.20", "flinkVersion": "v1_20", "serviceAccount": "flink",
		"flinkConfiguration": map[string]any{"b": "<2>", "a": "1"},
		"job":                map[string]any{"jarURI": "local:///a.jar", "parallelism": int64(2)},
		"jobManager":         map[string]any{"resource": map[string]any{"cpu": int64(1), "memory": "1g"}},
	})
	head := `{"spec":{"job":{"jarURI":"local:///a.jar","parallelism":2,"entryClass":null,"args":[],"state":"running","savepointTriggerNonce":null,` +
		`"initialSavepointPath":null,"checkpointTriggerNonce":null,"upgradeMode":"stateless","allowNonRestoredState":null`
	tail := `,"restartNonce":null,"flinkConfiguration":{"a":"1","b":"<2>"},"image":"flink:1.20","imagePullPolicy":null,"serviceAccount":"flink",` +
		`"flinkVersion":"v1_20","ingress":null,"podTemplate":null,"jobManager":{"resource":{"cpu":1.0,"memory":"1g","ephemeralStorage":null},%"replicas":1,"podTemplate":null},` +
		`"taskManager":null,"logConfiguration":null,"mode":null},"resource_metadata":{"apiVersion":"flink.apache.org/v1beta1",`
	for _, test := range []struct{ version, job, resources, metadata string }{
		{"1.7", `}`, ``, `"metadata":{"generation":3},"firstDeployment":true}}`},
		{"1.15", `,"savepointRedeployNonce":null,"autoscalerResetNonce":null}`, ``, `"firstDeployment":true}}`},
		{"1.16", `,"savepointRedeployNonce":null,"autoscalerResetNonce":null}`, `"resources":null,`, `"firstDeployment":true}}`},
	} {
		t.Run(test.version, func(t *testing.T) {
			got := (&reconciled{spec: s, generation: 3, first: true}).text(mustVersion(t, test.version), false)
			want := head + test.job + strings.Replace(tail, "%", test.resources, 1) + test.metadata
			if got != want {
				t.Errorf("(-want +got):\n%s", cmp.Diff(want, got))
			}
		})
	}
}

// TestLifecycleIsTheOperators derives the lifecycle state of every recorded
// status from the rest of that status.
func TestLifecycleIsTheOperators(t *testing.T) {
	for _, name := range []string{"1.15", "1.7"} {
		recordedObjects(t, name, jobKinds, func(file string, obj map[string]any) {
			st, err := readStatus(obj)
			if err != nil {
				t.Fatal(err)
			}
			if st == nil || st.Lifecycle == lifecycleDeleting {
				return
			}
			jobState := ""
			if text := st.Reconciliation.LastReconciledSpec; text != "" {
				r, err := parseReconciled(text)
				if err != nil {
					t.Fatal(err)
				}
				if r.spec.job != nil {
					jobState = r.spec.job.state
				}
			}
			if got := st.lifecycle(jobState); got != st.Lifecycle {
				t.Errorf("%s %s: lifecycle %s, recorded %s", name, file, got, st.Lifecycle)
			}
		})
	}
}

func TestLifecycle(t *testing.T) {
	for _, test := range []struct {
		name, jobState, want string
		st                   status
	}{
		{"nothing yet", "", lifecycleCreated, status{}},
		{"nothing but an error", "", lifecycleFailed, status{Error: "x"}},
		{"deleting stays", "", lifecycleDeleting, status{Lifecycle: lifecycleDeleting}},
		{"upgrading", "", lifecycleUpgrading, status{Reconciliation: reconciliation{State: recUpgrading, LastReconciledSpec: "a"}}},
		{"rolling back", "", lifecycleRollingBack, status{Reconciliation: reconciliation{State: recRollingBack, LastReconciledSpec: "a"}}},
		{"suspended", stateSuspended, lifecycleSuspended, status{Reconciliation: reconciliation{State: recDeployed, LastReconciledSpec: "a"}}},
		{"job failed", stateRunning, lifecycleFailed, status{Job: jobStatus{State: jobFailed}, Reconciliation: reconciliation{State: recDeployed, LastReconciledSpec: "a", LastStableSpec: "a"}}},
		{"lost without HA", stateRunning, lifecycleFailed, status{JobManager: jmMissing, Error: "... Manual restore required.", Reconciliation: reconciliation{State: recDeployed, LastReconciledSpec: "a"}}},
		{"error with a ready JobManager", stateRunning, lifecycleDeployed, status{JobManager: jmReady, Error: "... Manual restore required.", Reconciliation: reconciliation{State: recDeployed, LastReconciledSpec: "a"}}},
		{"rolled back", stateRunning, lifecycleRolledBack, status{Reconciliation: reconciliation{State: recRolledBack, LastReconciledSpec: "a"}}},
		{"stable", stateRunning, lifecycleStable, status{Reconciliation: reconciliation{State: recDeployed, LastReconciledSpec: "a", LastStableSpec: "a"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.st.lifecycle(test.jobState); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
