package clowd

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

var place = Place{App: "payments", Entry: "enrich"}

// specOf is a specification of JSON text.
func specOf(t *testing.T, text string) flink.DeploymentSpec {
	t.Helper()
	tree, err := flink.ParseTree([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	spec, err := flink.SpecOf(tree)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

func treeOf(t *testing.T, value any) flink.Tree {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := flink.ParseTree(text)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

const whole = `{
  "image": "registry.example.com/enrich:1", "flinkVersion": "v1_20",
  "flinkConfiguration": {"high-availability.type": "kubernetes", "high-availability.storageDir": "s3://ha", "state.checkpoints.dir": "s3://c", "a.price": "$5 and $(HOME)"},
  "job": {"jarURI": "local:///opt/flink/usrlib/enrich.jar", "entryClass": "com.example.Enrich", "args": ["--rate", "5", "$(X)", "--host"], "parallelism": 2, "state": "running", "upgradeMode": "last-state",
    "allowNonRestoredState": true, "initialSavepointPath": "s3://savepoints/1"},
  "jobManager": {"resource": {"cpu": 0.5, "memory": "1g"}}, "taskManager": {"resource": {"cpu": 1, "memory": "2048m"}},
  "podTemplate": {"metadata": {"annotations": {"document": "{\"a\":1}"}}, "spec": {"volumes": [{"name": "v", "emptyDir": {}}], "terminationGracePeriodSeconds": 60,
    "containers": [{"name": "flink-main-container", "env": [{"name": "A", "value": "b"}], "volumeMounts": [{"name": "v", "mountPath": "/v"}]}]}},
  "restartNonce": 7
}`

// written is the entry of a specification as the provider writes it, and its mark.
func written(t *testing.T, spec flink.DeploymentSpec) (flink.Tree, Mark) {
	t.Helper()
	entry, err := Entry(place, spec)
	if err != nil {
		t.Fatal(err)
	}
	mark, err := Mark{UID: "one", Revision: 1}.Wrote(spec, map[string]string{"l": "1"}, map[string]string{"a": "2"})
	if err != nil {
		t.Fatal(err)
	}
	live := treeOf(t, mark.Into(entry))
	read, ok := MarkOf(live)
	if !ok {
		t.Fatal("the mark cannot be read")
	}
	return live, read
}

// TestEntryComesBack writes an entry as Clowder has it afterwards, and reads the specification out of it.
func TestEntryComesBack(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"everything":              whole,
		"little":                  `{"image": "i:1", "job": {"entryClass": "A", "parallelism": 1}}`,
		"suspended":               `{"image": "i:1", "job": {"entryClass": "A", "parallelism": 1, "state": "suspended"}}`,
		"a JAR file from outside": `{"image": "i:1", "flinkVersion": "v1_19", "job": {"jarURI": "https://repo/a.jar", "args": ["x"], "parallelism": 1}}`,
		"slots of its own":        `{"image": "i:1", "job": {"entryClass": "A", "parallelism": 2}, "flinkConfiguration": {"taskmanager.numberOfTaskSlots": "4"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := specOf(t, text)
			live, mark := written(t, spec)
			back := func(live flink.Tree) {
				if diff := cmp.Diff(treeOf(t, spec), Live(place, live, mark)); diff != "" {
					t.Errorf("what was said (-) and what comes back (+) differ:\n%s", diff)
				}
			}
			back(live)
			// What Clowder writes back with its finalizer.
			live["webServices"] = flink.Tree{"public": flink.Tree{}, "private": flink.Tree{}, "metrics": flink.Tree{}}
			pod, _ := live["podSpec"].(flink.Tree)
			for _, field := range []string{"metadata", "resources"} {
				if pod[field] == nil {
					pod[field] = flink.Tree{}
				}
			}
			back(live)
		})
	}
}

// TestDriftByPath changes something of a live entry: the specification differs there and nowhere else.
func TestDriftByPath(t *testing.T) {
	t.Parallel()
	env := func(entry flink.Tree, change func(string) string) {
		for _, item := range listAt(entry, "podSpec", "env") {
			if variable, _ := item.(flink.Tree); variable["name"] == envProperties {
				variable["value"] = change(textAt(variable, "value"))
			}
		}
	}
	for name, test := range map[string]struct {
		change func(flink.Tree)
		want   []string
	}{
		"nothing":      {func(flink.Tree) {}, nil},
		"the image":    {func(e flink.Tree) { put(e, "other:2", "podSpec", "image") }, []string{"image"}},
		"the replicas": {func(e flink.Tree) { e["replicas"] = json.Number("0") }, []string{"job.state"}},
		"another key":  {func(e flink.Tree) { env(e, func(s string) string { return s + "taskmanager.host: x\n" }) }, []string{"flinkConfiguration.taskmanager.host"}},
		"a value":      {func(e flink.Tree) { env(e, func(s string) string { return strings.Replace(s, "s3://c", "s3://d", 1) }) }, []string{"flinkConfiguration.state.checkpoints.dir"}},
		"the parallelism": {func(e flink.Tree) {
			env(e, func(s string) string {
				return strings.Replace(s, "parallelism.default: 2", "parallelism.default: 3", 1)
			})
		}, []string{"job.parallelism"}},
		"the memory": {func(e flink.Tree) {
			env(e, func(s string) string {
				return strings.Replace(s, keyManagerMemory+": 1073741824b", keyManagerMemory+": 2g", 1)
			})
		}, []string{"jobManager.resource.memory"}},
		"an argument": {func(e flink.Tree) {
			put(e, append(listAt(e, "podSpec", "args"), "--more"), "podSpec", "args")
		}, []string{"job.args"}},
		"a volume":           {func(e flink.Tree) { put(e, []any{}, "podSpec", "volumes") }, []string{"podTemplate.spec.volumes.0.emptyDir", "podTemplate.spec.volumes.0.name"}},
		"an annotation":      {func(e flink.Tree) { put(e, "x", "podSpec", "metadata", "annotations", "document") }, []string{"podTemplate.metadata.annotations.document"}},
		"somebody else's":    {func(e flink.Tree) { put(e, "x", "podSpec", "metadata", "annotations", "theirs") }, nil},
		"the same resources": {func(e flink.Tree) { put(e, "1500m", "podSpec", "resources", "requests", "cpu") }, nil},
		"other resources":    {func(e flink.Tree) { put(e, "4", "podSpec", "resources", "requests", "cpu") }, []string{"jobManager.resource.cpu", "taskManager.resource.cpu"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := specOf(t, whole)
			live, mark := written(t, spec)
			test.change(live)
			var got []string
			for _, change := range flink.Diff(treeOf(t, spec), Live(place, live, mark)) {
				got = append(got, strings.Join(change.Path, "."))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("paths (-want +got):\n%s", diff)
			}
		})
	}
}

// TestPausedIsNotSaid has an entry between the two halves of a change.
func TestPausedIsNotSaid(t *testing.T) {
	t.Parallel()
	spec := specOf(t, whole)
	live, mark := written(t, spec)
	mark.Action, mark.Phase = "last_state_upgrade", PhaseStop
	if got := textAt(Live(place, Paused(live), mark), "job", "state"); got != flink.JobRunning {
		t.Errorf("the job shall be %s", got)
	}
}

// TestKubernetesReplacesNothing has texts with what Kubernetes would put a variable's value in the place of.
func TestKubernetesReplacesNothing(t *testing.T) {
	t.Parallel()
	live, _ := written(t, specOf(t, whole))
	text := envOf(treeAt(live, "podSpec"), envProperties)
	if !strings.Contains(text, "a.price: $$5 and $$(HOME)\n") || !strings.Contains(text, "kubernetes.namespace: $(FLINK_NAMESPACE)\n") {
		t.Errorf("the configuration is %s", text)
	}
	if args := listAt(live, "podSpec", "args"); args[len(args)-2] != "$$(X)" {
		t.Errorf("the arguments are %v", args)
	}
}

// TestEveryFieldHasAMapping compares the rows with the fields of a specification.
func TestEveryFieldHasAMapping(t *testing.T) {
	t.Parallel()
	rows := map[string]bool{}
	for _, mapping := range Mappings() {
		rows[strings.Join(mapping.Path, ".")] = true
	}
	var walk func(of reflect.Type, prefix string)
	walk = func(of reflect.Type, prefix string) {
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			inner := of.Field(i).Type
			if inner.Kind() == reflect.Pointer && inner.Elem().Kind() == reflect.Struct && (name == "job" || name == "jobManager" || name == "taskManager") {
				walk(inner.Elem(), name+".")
			} else if !rows[prefix+name] {
				t.Errorf("no row says what becomes of %s%s", prefix, name)
			}
		}
	}
	walk(reflect.TypeFor[flink.DeploymentSpec](), "")
}
