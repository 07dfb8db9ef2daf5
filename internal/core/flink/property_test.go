package flink

import (
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// generator makes random specifications of the shapes that matter: known fields
// with values that have several spellings, configurations under several names,
// and free-form pod templates.
type generator struct{ *rand.Rand }

func (g generator) pick(from ...string) string { return from[g.IntN(len(from))] }

func (g generator) maybe() bool { return g.IntN(3) > 0 }

func (g generator) spec() Tree {
	tree := Tree{}
	g.set(tree, "image", func() any { return g.pick("a", "b") })
	g.set(tree, "flinkVersion", func() any { return g.pick("v1_17", "v1_20", "v2_0") })
	g.set(tree, "restartNonce", g.number)
	g.set(tree, "flinkConfiguration", g.configuration)
	g.set(tree, "podTemplate", func() any { return g.document(3) })
	g.set(tree, "logConfiguration", func() any { return Tree{"log4j-console.properties": g.pick("x", "y")} })
	g.set(tree, "job", func() any {
		job := Tree{}
		g.set(job, "parallelism", g.number)
		g.set(job, "state", func() any { return g.pick("running", "suspended") })
		g.set(job, "args", g.texts)
		return job
	})
	for _, component := range []string{"jobManager", "taskManager"} {
		g.set(tree, component, func() any {
			object := Tree{}
			g.set(object, "replicas", g.number)
			g.set(object, "podTemplate", func() any { return g.document(2) })
			g.set(object, "resource", func() any {
				return Tree{"cpu": g.number(), "memory": g.pick("1g", "1024m", "1Gi", "2g", "2048 mb", "nonsense")}
			})
			g.set(object, "resources", func() any {
				return Tree{"requests": Tree{"cpu": g.pick("1", "1000m", "2"), "memory": g.pick("1g", "1Gi")}}
			})
			return object
		})
	}
	return tree
}

func (g generator) set(tree Tree, key string, value func() any) {
	if g.maybe() {
		tree[key] = value()
	}
}

func (g generator) number() any {
	return json.Number(g.pick("1", "1.0", "2", "2e0", "0.5", "3"))
}

func (g generator) texts() any {
	list := make([]any, g.IntN(3))
	for i := range list {
		list[i] = g.pick("a", "b")
	}
	return list
}

func (g generator) configuration() any {
	tree := Tree{}
	g.set(tree, g.pick("state.checkpoints.dir", "execution.checkpointing.dir", "state.backend.fs.checkpointdir"), func() any { return g.pick("s3://a", "s3://b") })
	g.set(tree, "execution.checkpointing.interval", func() any { return g.pick("60 s", "1 min", "60000", "2 min") })
	g.set(tree, "taskmanager.memory.process.size", func() any { return g.pick("1g", "1024m", "2g") })
	g.set(tree, "my.own.key", func() any { return g.pick("1 min", "60 s") })
	if g.maybe() {
		return tree
	}
	tree["taskmanager"] = Tree{"numberOfTaskSlots": json.Number(g.pick("1", "2"))}
	return tree
}

func (g generator) document(depth int) any {
	tree := Tree{}
	g.set(tree, "apiVersion", func() any { return "v1" })
	for _, key := range []string{"metadata", "spec", "labels", "limits", "name"} {
		g.set(tree, key, func() any { return g.value(depth) })
	}
	return tree
}

func (g generator) value(depth int) any {
	if depth == 0 {
		return g.pick("a", "1", "1000m", "b")
	}
	switch g.IntN(5) {
	case 0:
		return g.document(depth - 1)
	case 1:
		list := make([]any, g.IntN(3))
		for i := range list {
			list[i] = g.document(depth - 1)
		}
		return list
	case 2:
		return g.texts()
	case 3:
		return g.number()
	}
	return g.pick("a", "1", "1000m")
}

// extend returns a copy of a tree with more keys in its objects, as others would
// add them: none that has a name of its own in the tree already.
func (g generator) extend(value any) any {
	switch value := value.(type) {
	case map[string]any:
		copied := Tree{}
		for key, inner := range value {
			copied[key] = g.extend(inner)
		}
		if g.maybe() {
			copied["added-"+strconv.Itoa(g.IntN(3))] = "by others"
		}
		return copied
	case []any:
		copied := make([]any, len(value))
		for i := range value {
			copied[i] = g.extend(value[i])
		}
		return copied
	}
	return value
}

func forRandom(t *testing.T, check func(t *testing.T, g generator)) {
	t.Helper()
	for seed := range uint64(600) {
		check(t, generator{rand.New(rand.NewPCG(seed, 7))})
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func TestDiffOfOneSpecificationIsEmpty(t *testing.T) {
	forRandom(t, func(t *testing.T, g generator) {
		t.Helper()
		spec := g.spec()
		copied, err := TreeOf(spec)
		if err != nil {
			t.Fatal(err)
		}
		if changes := Diff(spec, copied); len(changes) > 0 {
			t.Errorf("Diff of a specification and its copy: %v", changes)
		}
	})
}

func TestEqualIsSymmetric(t *testing.T) {
	equal := 0
	forRandom(t, func(t *testing.T, g generator) {
		t.Helper()
		a, b := g.spec(), g.spec()
		// Whole random specifications are hardly ever equal; parts are.
		for _, key := range []string{"flinkConfiguration", "jobManager", "podTemplate", "job"} {
			x, y := Tree{key: a[key]}, Tree{key: b[key]}
			there, back := Diff(x, y), Diff(y, x)
			if Equal(x, y) != Equal(y, x) || len(there) != len(back) {
				t.Errorf("%s: %v\nand back: %v", key, there, back)
			}
			if Equal(x, y) && a[key] != nil {
				equal++
			}
		}
	})
	if equal < 10 {
		t.Errorf("only %d of the random pairs were equal: the property is hardly tested", equal)
	}
}

func TestObserveOfASupersetIsTheApplied(t *testing.T) {
	forRandom(t, func(t *testing.T, g generator) {
		t.Helper()
		applied := g.spec()
		seen := Observe(applied, g.extend(applied).(Tree))
		if !Equal(applied, seen) {
			t.Errorf("differences: %v", Diff(applied, seen))
		}
	})
}

// Drift is what Observe shows: nothing that applied does not have, and after
// applying it again nothing more.
func TestObserveSettles(t *testing.T) {
	forRandom(t, func(t *testing.T, g generator) {
		t.Helper()
		applied, live := g.spec(), g.spec()
		seen := Observe(applied, live)
		if again := Observe(seen, live); !Equal(seen, again) {
			t.Errorf("Observe of what was observed: %s", cmp.Diff(seen, again))
		}
	})
}

func TestObserveLeavesItsArguments(t *testing.T) {
	forRandom(t, func(t *testing.T, g generator) {
		t.Helper()
		applied, live := g.spec(), g.spec()
		before, err := TreeOf(applied)
		if err != nil {
			t.Fatal(err)
		}
		liveBefore, err := TreeOf(live)
		if err != nil {
			t.Fatal(err)
		}
		Observe(applied, live)
		Diff(applied, live)
		if diff := cmp.Diff(before, applied) + cmp.Diff(liveBefore, live); diff != "" {
			t.Errorf("the arguments changed: %s", diff)
		}
	})
}
