package storm

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// job is what runs of a deployment: which start of which cluster, and from what it was restored.
type job struct{ cluster, starts, from string }

var (
	blueGreens = schema.GroupVersionResource{Group: "flink.apache.org", Version: "v1beta1", Resource: "flinkbluegreendeployments"}
	services   = schema.GroupVersionResource{Version: "v1", Resource: "services"}
	configMaps = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
)

// unfinished are the annotations that no deployment has at the end of an apply.
var unfinished = []string{"creation", "creation-asked", "update", "recreation"}

// ours picks what the provider makes beside a deployment.
const ours = "app.kubernetes.io/managed-by=terraform-provider-flink"

func (l *lane) list(kind schema.GroupVersionResource, selector string) []unstructured.Unstructured {
	l.t.Helper()
	list, err := l.cluster.Client.Resource(kind).Namespace(l.namespace).List(l.t.Context(), metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		if apierrors.IsNotFound(err) && l.cluster.Operator == "1.7" && (kind == blueGreens || kind == acctest.FlinkStateSnapshots) {
			return nil
		}
		l.t.Fatal(err)
	}
	return list.Items
}

func names(objects []unstructured.Unstructured) []string {
	var out []string
	for i := range objects {
		out = append(out, objects[i].GetName())
	}
	slices.Sort(out)
	return out
}

// check looks for what is orphaned, doubled or lost.
func (l *lane) check(does deed) {
	l.t.Helper()
	deployments, parents, clusters := l.list(acctest.FlinkDeployments, ""), names(l.list(blueGreens, "")), l.list(acctest.Deployments, "")
	leading, notes := names(l.list(services, ours)), names(l.list(configMaps, ours))
	switches := slices.DeleteFunc(names(l.list(acctest.FlinkStateSnapshots, "")), func(name string) bool { return !strings.HasSuffix(name, "-switch") })
	if len(notes) > 0 {
		l.fail("notes are left: %v", notes)
	}
	if !l.exists {
		if len(deployments)+len(parents)+len(clusters)+len(leading)+len(switches) > 0 {
			l.fail("a destroy has left something")
		}
		l.ran, l.used = job{}, nil
		return
	}
	wantParents, wantLeading := []string(nil), []string(nil)
	switch l.form {
	case byOperator:
		wantParents = []string{"orders"}
	case byProvider:
		wantLeading = []string{"orders-active"}
	}
	if l.form != byProvider && len(switches) > 0 {
		l.fail("savepoints of switches are left: %v", switches)
	}
	if !slices.Equal(parents, wantParents) || !slices.Equal(leading, wantLeading) || len(deployments) != 1 || len(clusters) != 1 {
		l.fail("there have to be the parents %v, the services %v, and one deployment", wantParents, wantLeading)
	}
	for _, object := range append(l.list(blueGreens, ""), deployments...) {
		if marks := marksOf(&object); len(marks) > 0 {
			l.fail("%s has the marks %v", object.GetName(), marks)
		}
	}
	deployment := &deployments[0]
	if status := fko.StatusOf(deployment); status.JobState != flink.StateRunning {
		l.fail("the job is %s", status)
	}
	image, _, _ := unstructured.NestedString(deployment.Object, "spec", "image")
	if want := fmt.Sprintf(":1.%d.0", l.version); !strings.HasSuffix(image, want) {
		l.fail("the image is %s, and has to be %s", image, want)
	}
	l.checkState(does, &clusters[0])
	run, err := l.cli.Start(l.t.Context(), "plan", "-input=false", "-detailed-exitcode")
	if err != nil {
		l.t.Fatal(err)
	}
	if code, output, err := run.Wait(); code != 0 || err != nil {
		l.fail("the plan is not empty (%d, %v):\n%s", code, err, output)
	}
}

// checkState checks that a job that was started again goes on from a state that no start had used at the end of the
// last round: an older one would repeat what came since.
func (l *lane) checkState(does deed, cluster *unstructured.Unstructured) {
	l.t.Helper()
	annotations := cluster.GetAnnotations()
	now := job{string(cluster.GetUID()), annotations["standin.flink/starts"], annotations["standin.flink/restored-from"]}
	began := l.ran == job{}
	if now.cluster == l.ran.cluster && now.starts == l.ran.starts {
		return
	}
	if now.from == "" && (began || does == destroy) {
		l.used = nil
	} else if now.from == "" || l.used[now.from] {
		l.fail("the job has started from %q; it was %+v, and the starts before were from %v", now.from, l.ran, slices.Sorted(maps.Keys(l.used)))
	}
	if l.used == nil {
		l.used = map[string]bool{}
	}
	l.ran, l.used[now.from] = now, true
}

// marksOf are the marks of an object that an apply has not come to its end.
func marksOf(object *unstructured.Unstructured) []string {
	return slices.DeleteFunc(slices.Clone(unfinished), func(mark string) bool {
		_, ok := object.GetAnnotations()["flink-terraform.io/"+mark]
		return !ok
	})
}

// describe is what there is.
func (l *lane) describe() string {
	var out strings.Builder
	for title, kind := range map[string]schema.GroupVersionResource{
		"FlinkBlueGreenDeployments": blueGreens, "FlinkDeployments": acctest.FlinkDeployments, "clusters": acctest.Deployments, "snapshots": acctest.FlinkStateSnapshots,
	} {
		for _, object := range l.list(kind, "") {
			image, _, _ := unstructured.NestedString(object.Object, "spec", "image")
			fmt.Fprintf(&out, "%s: %s %s %s, annotations %v\n", title, object.GetName(), image, fko.StatusOf(&object), object.GetAnnotations())
		}
	}
	for _, object := range append(l.list(services, ours), l.list(configMaps, ours)...) {
		fmt.Fprintf(&out, "%s %s: %v\n", object.GetKind(), object.GetName(), object.Object["data"])
	}
	return out.String()
}
