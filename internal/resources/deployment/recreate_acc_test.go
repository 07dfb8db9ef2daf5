package deployment_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// expectRecreated checks that the deployment was created anew from a savepoint,
// and that nothing of the way there is left.
func (f *fixture) expectRecreated(restored, mode string) {
	f.t.Helper()
	live := f.live()
	if got := f.start(); !strings.HasPrefix(got.restoredFrom, restored) || operatorState(live) != flink.StateRunning {
		f.t.Errorf("the job is %s, restored from %q", operatorState(live), got.restoredFrom)
	}
	if got := f.specValue("mode"); got != mode {
		f.t.Errorf("the mode is %s", got)
	}
	configMaps := schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
	list, err := f.cluster.Client.Resource(configMaps).Namespace(f.namespace).List(f.t.Context(), metav1.ListOptions{LabelSelector: "app.kubernetes.io/managed-by=terraform-provider-flink"})
	if err != nil || len(list.Items) != 0 {
		f.t.Errorf("left are the config maps %v, %v", list, err)
	}
}

// TestAccRecreate goes from native to standalone and back, which the operator
// refuses in place. What fails on the way goes back to what was.
func TestAccRecreate(t *testing.T) {
	t.Parallel()
	for _, operator := range acctest.Operators() {
		t.Run(operator, func(t *testing.T) {
			t.Parallel()
			f, c := newFixture(t, operator), newCLI(t)
			c.write(f.config(nil))
			c.apply()
			first := f.live().GetUID()

			standalone := attributes{"mode": `"standalone"`}
			c.write(f.config(standalone))
			change := c.plan()
			expectActions(t, change, tfjson.ActionUpdate)
			if rollout := rolloutOf(t, change.After); rollout["action"] != "recreate" || rollout["state"] != "kept" || rollout["downtime"] != true {
				t.Errorf("planned %v", rollout)
			}
			expectText(t, c.apply(), `The job "orders" will be down while its deployment is created again`)
			second := f.live().GetUID()
			if second == first {
				t.Error("the deployment is the same object")
			}
			f.expectRecreated(savepoints, "standalone")
			c.expectNothingLeft()

			c.write(f.config(attributes{"image": nope, "timeouts": `{ update = "60s" }`}))
			output := c.fails()
			expectText(t, output, "Rolled back: the previous version (image registry.example.com/orders:1.4.0) runs again, restored from "+savepoints)
			f.expectRecreated(savepoints, "standalone")
			if rollout := rolloutOf(t, c.plan().After); rollout["action"] != "recreate" {
				t.Errorf("planned %v", rollout)
			}
			c.write(f.config(standalone))
			c.expectNothingLeft()
		})
	}
}

// TestAccKilledInRecreate kills the provider when the object is there again and
// its job is not.
func TestAccKilledInRecreate(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	c.write(f.config(nil))
	c.apply()
	first := f.live().GetUID()
	c.write(f.config(attributes{"mode": `"standalone"`, "service_account": late}))
	apply := c.start("apply", "-auto-approve", "-input=false")
	f.follow("another object", func(object *unstructured.Unstructured) bool {
		state, _, _ := unstructured.NestedString(object.Object, "status", "jobStatus", "state")
		return object.GetUID() != first && state != ""
	})
	uid := f.live().GetUID()
	c.killProvider()
	if code, output := apply.wait(t); code == 0 {
		t.Fatalf("the apply did not notice:\n%s", output)
	}
	if rollout := rolloutOf(t, c.plan().After); rollout["action"] != "recreate" || rollout["state"] != "kept" {
		t.Errorf("planned %v", rollout)
	}
	f.letStart()
	c.apply()
	if f.live().GetUID() != uid {
		t.Error("the deployment was created once more")
	}
	f.expectRecreated(savepoints, "standalone")
	c.expectNothingLeft()
}

// TestAccRedeployBefore18 gives another savepoint to a deployed job where the
// operator cannot take it in place.
func TestAccRedeployBefore18(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, "1.7"), newCLI(t)
	c.write(f.config(nil))
	c.apply()
	c.write(f.config(attributes{"job": job(`initial_savepoint_path = "s3://flink/savepoints/other"`), "upgrade": `{ allow_state_loss = true }`}))
	if rollout := rolloutOf(t, c.plan().After); rollout["action"] != "redeploy_from_savepoint" {
		t.Errorf("planned %v", rollout)
	}
	c.apply()
	f.expectRecreated("s3://flink/savepoints/other", "")
	if got := f.specValue("job", "initialSavepointPath"); got != "s3://flink/savepoints/other" {
		t.Errorf("the initial savepoint path is %s", got)
	}
	c.expectNothingLeft()
}

// TestAccFirstDeploymentThatCannotBeRepaired is recorded finding 14: after a bad
// image the operator may refuse every other specification but a stateless one.
func TestAccFirstDeploymentThatCannotBeRepaired(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	lost := `{ "standin.flink/manual-restore" = "true" }`
	c.write(f.config(attributes{"image": nope, "annotations": lost, "timeouts": `{ create = "10s" }`}))
	c.fails()
	uid := f.live().GetUID()
	c.run("untaint", address)
	c.write(f.config(attributes{"annotations": lost}))
	c.apply()
	if f.live().GetUID() != uid || operatorState(f.live()) != flink.StateRunning {
		t.Errorf("the job is %s", operatorState(f.live()))
	}
	if got := f.specValue("job", "upgradeMode"); got != flink.UpgradeSavepoint {
		t.Errorf("the upgrade mode is %s", got)
	}
	c.expectNothingLeft()
}

// TestAccDestroyOfMany leaves a savepoint of each deployment, and prints where.
func TestAccDestroyOfMany(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	const many = 10
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	config := strings.Replace(f.config(attributes{"name": `"orders-${count.index}"`}), "resource \"flink_deployment\" \"test\" {\n",
		fmt.Sprintf("resource \"flink_deployment\" \"test\" {\n  count = %d\n", many), 1)
	c.write(config)
	c.apply()
	output := c.run("destroy", "-auto-approve", "-input=false")
	text := strings.Join(strings.Fields(strings.ReplaceAll(output, "│", " ")), " ")
	told := regexp.MustCompile(`The state of "(orders-\d)" is kept in (`+savepoints+`[0-9a-f-]+)`).FindAllStringSubmatch(text, -1)
	var names, paths []string
	for _, match := range told {
		names, paths = append(names, match[1]), append(paths, match[2])
	}
	slices.Sort(names)
	slices.Sort(paths)
	if len(slices.Compact(names)) != many || len(slices.Compact(paths)) != many {
		t.Errorf("told of %v:\n%s", told, output)
	}
	snapshots := acctest.FlinkStateSnapshots
	list, err := f.cluster.Client.Resource(snapshots).Namespace(f.namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil || len(list.Items) != many {
		t.Errorf("%d savepoints are left, %v", len(list.Items), err)
	}
}
