package defaults

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// dice makes random layers.
type dice struct {
	*rand.Rand
	// nulls and directives let layers take away what is below them.
	nulls, directives bool
}

func (d dice) maybe() bool { return d.IntN(2) == 0 }

func (d dice) text() *string { return new("v" + strconv.Itoa(d.IntN(5))) }

func (d dice) layer() Layer {
	var layer Layer
	if d.maybe() {
		layer.Image = d.text()
	}
	if d.maybe() {
		layer.Mode = d.text()
	}
	layer.FlinkConfiguration = d.nullable("state.checkpoints.dir", "execution.checkpointing.dir", "state.savepoints.dir", "a", "b")
	layer.Labels = d.nullable("x", "y")
	layer.Annotations = d.nullable("x", "y")
	if d.maybe() {
		layer.Job = &flink.Job{Parallelism: new(int64(d.IntN(4)))}
		if d.maybe() {
			layer.Job.Args = []string{*d.text()}
		}
	}
	if d.maybe() {
		layer.TaskManager = &flink.TaskManager{PodTemplate: d.template()}
		switch d.IntN(3) {
		case 0:
			layer.TaskManager.Resource = &flink.Resource{Memory: d.text()}
		case 1:
			layer.TaskManager.Resources = &flink.Resources{Requests: map[string]string{"cpu": *d.text()}}
		}
	}
	layer.PodTemplate = d.template()
	return layer
}

func (d dice) nullable(keys ...string) map[string]*string {
	out := map[string]*string{}
	for _, key := range keys {
		switch d.IntN(4) {
		case 0:
			out[key] = d.text()
		case 1:
			if d.nulls {
				out[key] = nil
			}
		}
	}
	return out
}

func (d dice) template() flink.Document {
	if d.maybe() {
		return nil
	}
	pod := map[string]any{}
	if d.maybe() {
		pod["terminationGracePeriodSeconds"] = []any{json.Number("1000000"), 1e6, 1000000, int64(1000000)}[d.IntN(4)]
	}
	if d.maybe() {
		pod["nodeSelector"] = d.object("pool", "zone")
	}
	if d.maybe() {
		pod["tolerations"] = []any{map[string]any{"key": *d.text()}}
	}
	if d.maybe() {
		pod["volumes"] = d.list([]string{"scratch", "config"}, func(element map[string]any) { element["emptyDir"] = map[string]any{} })
	}
	if d.maybe() {
		pod["containers"] = d.list([]string{"flink-main-container", "shipper", "extra"}, func(element map[string]any) {
			element["image"] = *d.text()
			if d.maybe() {
				element["env"] = d.list([]string{"A", "B", "C"}, func(variable map[string]any) { variable["value"] = *d.text() })
			}
			if d.maybe() {
				element["resources"] = map[string]any{"limits": d.object("cpu", "memory")}
			}
		})
	}
	if d.directives && d.IntN(4) == 0 {
		pod["$patch"] = "replace"
	}
	return flink.Document{"spec": pod}
}

func (d dice) object(keys ...string) map[string]any {
	out := map[string]any{}
	for _, key := range keys {
		if d.maybe() {
			out[key] = *d.text()
		} else if d.nulls && d.maybe() {
			out[key] = nil
		}
	}
	if d.directives && d.IntN(4) == 0 {
		out["$patch"] = "replace"
	}
	return out
}

func (d dice) list(names []string, fill func(map[string]any)) []any {
	out := []any{}
	if d.directives && d.IntN(4) == 0 {
		out = append(out, map[string]any{"$patch": "merge", "mergeKey": []string{"name", "env", "other"}[d.IntN(3)]})
	}
	for _, i := range d.Perm(len(names)) {
		if d.maybe() {
			continue
		}
		element := map[string]any{"name": names[i]}
		if d.directives && d.IntN(4) == 0 {
			element["$patch"] = "delete"
		} else {
			fill(element)
		}
		out = append(out, element)
	}
	return out
}

func expanded(t *testing.T, settings Settings, own Layer) Result {
	t.Helper()
	result, err := Expand(settings, own)
	if err != nil {
		t.Fatalf("%v\nsettings %s\nown %s", err, encoded(t, settings), encoded(t, own))
	}
	return result
}

// layer returns a result as a layer again.
func (r Result) layer() Layer {
	pointers := func(values map[string]string) map[string]*string {
		out := map[string]*string{}
		for key, value := range values {
			out[key] = &value
		}
		return out
	}
	return Layer{DeploymentSpec: r.Spec, Labels: pointers(r.Labels), Annotations: pointers(r.Annotations), Upgrade: &Upgrade{OnFailure: &r.OnFailure}}
}

func same(t *testing.T, what string, want, got Result) {
	t.Helper()
	if diff := cmp.Diff(encoded(t, want.layer()), encoded(t, got.layer())); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

func TestExpansionIsIdentityWithoutEnvironment(t *testing.T) {
	d := dice{Rand: rand.New(rand.NewPCG(1, 1))}
	for range 500 {
		own := d.layer()
		got := expanded(t, Settings{}, own)
		again := expanded(t, Settings{}, got.layer())
		same(t, "expanded twice", got, again)
		want := specTree(t, own.DeploymentSpec)
		tree := specTree(t, got.Spec)
		if own.Job != nil {
			delete(tree["job"].(map[string]any), "state")
			delete(tree["job"].(map[string]any), "upgradeMode")
		}
		// Only the spelling of numbers may differ.
		if diff := flink.Diff(want, tree); len(diff) > 0 {
			t.Fatalf("an environment without settings changed %v", diff)
		}
	}
}

func TestDefaultsAreIdempotent(t *testing.T) {
	d := dice{Rand: rand.New(rand.NewPCG(2, 2))}
	for range 500 {
		defaults, own := d.layer(), d.layer()
		settings := Settings{Defaults: &defaults}
		once := expanded(t, settings, own)
		same(t, "defaults applied twice", once, expanded(t, settings, once.layer()))
	}
}

func TestOverridesAlwaysWin(t *testing.T) {
	d := dice{Rand: rand.New(rand.NewPCG(3, 3)), nulls: true}
	for range 500 {
		defaults, own, overrides := d.layer(), d.layer(), d.layer()
		got := expanded(t, Settings{Defaults: &defaults, Overrides: &overrides}, own)
		want := specTree(t, overrides.DeploymentSpec)
		if own.Job == nil {
			delete(want, "job")
		}
		holds(t, nil, want, normalise(specTree(t, got.Spec)))
		for key, value := range overrides.Labels {
			label, ok := got.Labels[key]
			if ok != (value != nil) || ok && label != *value {
				t.Fatalf("label %s is %q, %t", key, label, ok)
			}
		}
	}
}

// holds checks that a merged value has all that the last layer says, and
// nothing of what it removes.
func holds(t *testing.T, path flink.Path, said, merged any) {
	t.Helper()
	switch said := normalise(said).(type) {
	case nil:
		if merged != nil {
			t.Fatalf("%v was removed and is %v", path, merged)
		}
	case map[string]any:
		// An object of which nothing remains may be left out.
		object, ok := merged.(map[string]any)
		if !ok && merged != nil {
			t.Fatalf("%v is %v, want an object", path, merged)
		}
		for key, value := range said {
			holds(t, append(path, key), value, object[key])
		}
	case []any:
		list, _ := merged.([]any)
		for _, element := range said {
			object, named := element.(map[string]any)
			if !named || object["name"] == nil {
				if diff := cmp.Diff(said, list); diff != "" {
					t.Fatalf("list %v (-want +got):\n%s", path, diff)
				}
				return
			}
			at := position(list, object, "name")
			if at < 0 {
				t.Fatalf("%v lacks %v", path, object["name"])
			}
			holds(t, append(path, fmt.Sprint(object["name"])), object, list[at])
		}
	default:
		if merged != said {
			t.Fatalf("%v is %v, want %v", path, merged, said)
		}
	}
}

func TestNothingOfTheMergeRemains(t *testing.T) {
	d := dice{Rand: rand.New(rand.NewPCG(4, 4)), nulls: true, directives: true}
	for range 1000 {
		defaults, own, overrides := d.layer(), d.layer(), d.layer()
		settings := Settings{Defaults: &defaults, Overrides: &overrides}
		before := encoded(t, []any{settings, own})
		got := expanded(t, settings, own)
		text := encoded(t, specTree(t, got.Spec))
		for _, rest := range []string{"$", "null", "e+"} {
			if strings.Contains(text, rest) {
				t.Fatalf("%q remains in\n%s", rest, text)
			}
		}
		if encoded(t, []any{settings, own}) != before {
			t.Fatal("the layers were changed")
		}
		same(t, "expanded again", got, expanded(t, settings, own))
	}
}

func TestOneSpellingOfEachOption(t *testing.T) {
	d := dice{Rand: rand.New(rand.NewPCG(5, 5)), nulls: true}
	for range 500 {
		defaults := d.layer()
		own := Layer{DeploymentSpec: flink.DeploymentSpec{FlinkConfiguration: flink.Configuration{"execution.checkpointing.dir": d.text()}}}
		got := expanded(t, Settings{Defaults: &defaults}, own).Spec.FlinkConfiguration
		if _, former := got["state.checkpoints.dir"]; former || *got["execution.checkpointing.dir"] != *own.FlinkConfiguration["execution.checkpointing.dir"] {
			t.Fatalf("configuration %s", encoded(t, got))
		}
	}
}

// FuzzMergePodTemplate looks for documents that break the merge, whatever they
// hold.
func FuzzMergePodTemplate(f *testing.F) {
	f.Add(`{"spec":{"containers":[{"name":"a"}]}}`, `{"spec":{"containers":[{"name":"a","image":"b"}]}}`)
	f.Add(`{"spec":{"containers":[{"name":{}}]}}`, `{"spec":{"containers":[{"name":{}}]}}`)
	f.Add(`{"spec":{"volumes":[{"name":"v","emptyDir":{}}]}}`, `{"spec":{"$setElementOrder/volumes":[{"name":"v"}],"volumes":[{"name":"v","$retainKeys":["name"]}]}}`)
	f.Add(`{"metadata":{"finalizers":["a"]}}`, `{"metadata":{"$deleteFromPrimitiveList/finalizers":["a"],"finalizers":["b"]}}`)
	f.Add(`{"spec":{"volumes":[{"name":"v"}]}}`, `{"spec":{"volumes":[{"$patch":"merge","mergeKey":"name"},{"name":"v","emptyDir":{}}]}}`)
	f.Add(`{"metadata":{"finalizers":["a"]}}`, `{"metadata":{"finalizers":[{"$patch":"merge","mergeKey":"b"},"a",{"b":[{"$patch":"merge"}]}]}}`)
	f.Add(`{}`, `{"metadata":{"$deleteFromPrimitiveList/finalizers":["a"],"finalizers":["a"]}}`)
	f.Add(`{"spec":{"args":[[1]]}}`, `{"spec":{"containers":[[]],"hostAliases":[{"ip":1}]}}`)
	f.Fuzz(func(t *testing.T, base, patch string) {
		below, err := flink.ParseTree([]byte(base))
		if err != nil {
			t.Skip()
		}
		over, err := flink.ParseTree([]byte(patch))
		if err != nil || over == nil {
			t.Skip()
		}
		merged, err := mergePodTemplate(below, over)
		if err != nil {
			return
		}
		if text := encoded(t, merged); hasDirective(merged) {
			t.Fatalf("a directive remains in\n%s", text)
		}
		again, err := mergePodTemplate(below, over)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(merged, again); diff != "" {
			t.Fatalf("merged again (-first +now):\n%s", diff)
		}
	})
}
