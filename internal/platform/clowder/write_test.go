package clowder

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/clowd"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

var appKey = keyIn("jobs", "payments")

func ofApp() kube.Ref { return kube.Ref{Kind: appKind, Key: appKey} }

// theirs is a ClowdApp of an application, in which others have something too.
func theirs() flink.Tree {
	return flink.Tree{
		"metadata": flink.Tree{"labels": flink.Tree{platform.ApplicationLabel: "payments"}},
		"spec": flink.Tree{
			"envName": "shop", "cyndi": flink.Tree{}, "testing": flink.Tree{"iqePlugin": ""}, "featureFlags": true,
			"deployments": []any{flink.Tree{"name": "web", "podSpec": flink.Tree{"image": "web:1"}}},
		},
	}
}

// TestEditLeavesWhatOthersHave adds an entry and a topic while others write too.
func TestEditLeavesWhatOthersHave(t *testing.T) {
	t.Parallel()
	store := newMemory(t, map[kube.Ref]flink.Tree{ofApp(): theirs()})
	store.conflicts = 3
	p := New(store)
	_, err := p.begin(t.Context(), appKey, "shop", func(app flink.Tree) (flink.Tree, error) {
		return clowd.WithTopic(clowd.WithEntry(app, flink.Tree{"name": "ingest"}), flink.Tree{"topicName": "orders"}), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	app, err := treeOf(store.objects[ofApp()])
	if err != nil {
		t.Fatal(err)
	}
	want := treeAt(theirs(), "spec")
	want["deployments"] = append(listAt(want, "deployments"), flink.Tree{"name": "ingest"})
	want["kafkaTopics"] = []any{flink.Tree{"topicName": "orders"}}
	if diff := cmp.Diff(want, app["spec"]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	// What others have keeps the ClowdApp there.
	for _, name := range []string{"ingest", "orders"} {
		if err := p.takeOut(t.Context(), appKey, clowd.Empty, func(app flink.Tree) (flink.Tree, error) {
			return clowd.WithoutTopic(clowd.WithoutEntry(app, name), name), nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if store.objects[ofApp()] == nil {
		t.Error("a ClowdApp with what others have is deleted")
	}
}

// TestTakeOutTheLast deletes a ClowdApp of which nothing is left but topics and what Clowder has filled in.
func TestTakeOutTheLast(t *testing.T) {
	t.Parallel()
	app := theirs()
	delete(treeAt(app, "spec"), "featureFlags")
	treeAt(app, "spec")["kafkaTopics"] = []any{flink.Tree{"topicName": "orders"}}
	store := newMemory(t, map[kube.Ref]flink.Tree{ofApp(): app})
	err := New(store).takeOut(t.Context(), appKey, clowd.Idle, func(app flink.Tree) (flink.Tree, error) { return clowd.WithoutEntry(app, "web"), nil })
	if err != nil || store.objects[ofApp()] != nil {
		t.Errorf("it is still there: %v, %v", store.objects[ofApp()], err)
	}
}

func TestOfOthers(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(flink.Tree){
		"no label":            func(app flink.Tree) { delete(app, "metadata") },
		"another environment": func(app flink.Tree) { treeAt(app, "spec")["envName"] = "other" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := theirs()
			change(app)
			store := newMemory(t, map[kube.Ref]flink.Tree{ofApp(): app})
			_, err := New(store).begin(t.Context(), appKey, "shop", func(app flink.Tree) (flink.Tree, error) {
				return clowd.WithEntry(app, flink.Tree{"name": "ingest"}), nil
			})
			if exists := (*platform.ExistsError)(nil); !errors.As(err, &exists) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestWhatHighAvailabilityRemembers takes the job out of it and leaves the checkpoints, or forgets all.
func TestWhatHighAvailabilityRemembers(t *testing.T) {
	t.Parallel()
	at := placed{clowd.Place{App: "payments", Entry: "enrich"}, appKey}
	spec := flink.DeploymentSpec{FlinkConfiguration: flink.Configuration{"high-availability.type": new("kubernetes")}}
	ref := func(name string) kube.Ref { return kube.Ref{Kind: configMapKind, Key: keyIn("jobs", name)} }
	of := func(app string, data flink.Tree) flink.Tree {
		return flink.Tree{"metadata": flink.Tree{"labels": flink.Tree{"app": app, "configmap-type": "high-availability"}}, "data": data}
	}
	objects := func() map[kube.Ref]flink.Tree {
		return map[kube.Ref]flink.Tree{
			ref("cluster"): of("payments-enrich", flink.Tree{"jobGraph-1": "x", "executionPlan-1": "y", "leader": "z"}),
			ref("job"):     of("payments-enrich", flink.Tree{"checkpointID-7": "x", "counter": "8"}),
			ref("other"):   of("payments-score", flink.Tree{"jobGraph-1": "x"}),
		}
	}
	store := newMemory(t, objects())
	resumed, err := New(store).recall(t.Context(), at, spec)
	if err != nil || resumed == nil || resumed.Place != "ConfigMap jobs/job" {
		t.Errorf("recalled %v, %v", resumed, err)
	}
	for name, want := range map[string]map[string]string{"cluster": {"leader": "z"}, "job": {"checkpointID-7": "x", "counter": "8"}, "other": {"jobGraph-1": "x"}} {
		if diff := cmp.Diff(want, dataOf(store.objects[ref(name)])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	store = newMemory(t, objects())
	if err := New(store).prepare(t.Context(), at, spec, true); err != nil {
		t.Fatal(err)
	}
	if len(store.objects) != 1 || store.objects[ref("other")] == nil {
		t.Errorf("left are %v", store.objects)
	}
}
