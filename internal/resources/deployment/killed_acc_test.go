package deployment_test

import (
	"slices"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// slowSavepoint leaves time to end an apply while the savepoint is being taken.
const slowSavepoint = `"standin.flink/savepoint-slow" = "10s"`

// begins follows the FlinkDeployment until the operator works on a generation.
func (f *fixture) begins(after int64) {
	f.t.Helper()
	f.follow("a rollout", func(object *unstructured.Unstructured) bool {
		status := fko.StatusOf(object)
		return status.Generation > after && status.Observed == status.Generation && status.LifecycleState != flink.LifecycleStable
	})
}

func rolloutOf(t *testing.T, values any) map[string]any {
	t.Helper()
	all, _ := values.(map[string]any)
	rollout, ok := all["rollout"].(map[string]any)
	if !ok {
		t.Fatalf("no rollout in %v", values)
	}
	return rollout
}

func expectActions(t *testing.T, change *tfjson.Change, want ...tfjson.Action) {
	t.Helper()
	if !slices.Equal(change.Actions, want) {
		t.Fatalf("the plan has the actions %v, want %v", change.Actions, want)
	}
}

// TestAccKilledInCreate kills the provider before it could tell the CLI what it
// has created.
func TestAccKilledInCreate(t *testing.T) {
	t.Parallel()
	for _, operator := range acctest.Operators() {
		t.Run(operator, func(t *testing.T) {
			t.Parallel()
			f, c := newFixture(t, operator), newCLI(t)
			c.write(f.config(attributes{"annotations": `{ note = "a" }`, "service_account": late}))
			apply := c.start("apply", "-auto-approve", "-input=false")
			f.begins(0)
			uid := f.live().GetUID()
			c.killProvider()
			if code, output := apply.wait(t); code == 0 {
				t.Fatalf("the apply did not notice:\n%s", output)
			}
			expectActions(t, c.plan(), tfjson.ActionCreate)
			f.letStart()
			c.apply()
			if got := f.live(); got.GetUID() != uid || len(got.GetAnnotations()) != 1 {
				t.Errorf("uid %s, want %s; annotations %v", got.GetUID(), uid, got.GetAnnotations())
			}
			if got := f.start(); got.count != "1" {
				t.Errorf("the job started %s times", got.count)
			}
			c.expectNothingLeft()
		})
	}
}

// TestAccKilledInCreateAndChanged changes the configuration after the kill: the
// object is Terraform's all the same.
func TestAccKilledInCreateAndChanged(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	c.write(f.config(attributes{"annotations": `{ note = "a" }`, "service_account": late}))
	apply := c.start("apply", "-auto-approve", "-input=false")
	f.begins(0)
	uid := f.live().GetUID()
	c.killProvider()
	if code, output := apply.wait(t); code == 0 {
		t.Fatalf("the apply did not notice:\n%s", output)
	}
	c.write(f.config(attributes{"image": newer, "service_account": late}))
	expectActions(t, c.plan(), tfjson.ActionCreate)
	f.letStart()
	c.apply()
	if live := f.live(); live.GetUID() != uid || f.specValue("image") != strings.Trim(newer, `"`) || operatorState(live) != flink.StateRunning || len(live.GetAnnotations()) != 0 {
		t.Errorf("uid %s, want %s; the job is %s with the image %s; annotations %v", live.GetUID(), uid, operatorState(live), f.specValue("image"), live.GetAnnotations())
	}
	c.expectNothingLeft()
}

// TestAccKilledInUpdate kills the provider while an upgrade is on its way. The
// next plan says so, and its apply waits for the same upgrade.
func TestAccKilledInUpdate(t *testing.T) {
	t.Parallel()
	for _, operator := range acctest.Operators() {
		t.Run(operator, func(t *testing.T) {
			t.Parallel()
			f, c := newFixture(t, operator), newCLI(t)
			c.write(f.config(nil))
			c.apply()
			before := f.live()

			c.write(f.config(attributes{"annotations": `{ note = "a" }`, "service_account": late, "image": newer}))
			apply := c.start("apply", "-auto-approve", "-input=false")
			f.begins(before.GetGeneration())
			c.killProvider()
			if code, output := apply.wait(t); code == 0 {
				t.Fatalf("the apply did not notice:\n%s", output)
			}

			change := c.plan()
			expectActions(t, change, tfjson.ActionUpdate)
			rollout := rolloutOf(t, change.After)
			if rollout["action"] != "savepoint_upgrade" || !strings.HasPrefix(rollout["summary"].(string), "#2 goes on with") {
				t.Errorf("planned %v", rollout)
			}
			f.letStart()
			c.apply()
			live := f.live()
			if live.GetUID() != before.GetUID() || live.GetGeneration() != before.GetGeneration()+1 || len(live.GetAnnotations()) != 1 {
				t.Errorf("uid %s, generation %d, annotations %v", live.GetUID(), live.GetGeneration(), live.GetAnnotations())
			}
			if got := f.start(); got.count != "2" || !strings.HasPrefix(got.restoredFrom, savepoints) {
				t.Errorf("the job started %s times, last from %q", got.count, got.restoredFrom)
			}
			if got := f.live(); operatorState(got) != flink.StateRunning {
				t.Errorf("the job is %s after the apply", operatorState(got))
			}
			c.expectNothingLeft()
		})
	}
}

// TestAccKilledInDelete kills the provider while the job is stopped with its
// last savepoint.
func TestAccKilledInDelete(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	for _, operator := range acctest.Operators() {
		t.Run(operator, func(t *testing.T) {
			t.Parallel()
			f, c := newFixture(t, operator), newCLI(t)
			c.write(f.config(attributes{"annotations": "{ " + slowSavepoint + " }"}))
			c.apply()
			destroy := c.start("destroy", "-auto-approve", "-input=false")
			f.await("spec.job.state", flink.JobSuspended)
			c.killProvider()
			if code, output := destroy.wait(t); code == 0 {
				t.Fatalf("the destroy did not notice:\n%s", output)
			}
			if c.state() == nil {
				t.Fatal("the deployment is not in the state any more")
			}
			expectText(t, c.run("destroy", "-auto-approve", "-input=false"), `The state of "orders" is kept in `+savepoints)
			f.expectAbsent()
			if c.state() != nil {
				t.Error("the deployment is still in the state")
			}
		})
	}
}

// TestAccRegretsKilledDelete applies again instead of destroying again.
func TestAccRegretsKilledDelete(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	c.write(f.config(attributes{"annotations": "{ " + slowSavepoint + " }"}))
	c.apply()
	destroy := c.start("destroy", "-auto-approve", "-input=false")
	f.await("spec.job.state", flink.JobSuspended)
	c.killProvider()
	destroy.wait(t)
	f.await("status.lifecycleState", flink.LifecycleSuspended)
	change := c.plan()
	expectActions(t, change, tfjson.ActionUpdate)
	if rollout := rolloutOf(t, change.After); rollout["action"] != "resume" || rollout["state"] != "kept" {
		t.Errorf("planned %v", rollout)
	}
	c.apply()
	if got := f.start(); got.count != "2" || !strings.HasPrefix(got.restoredFrom, savepoints) {
		t.Errorf("the job started %s times, last from %q", got.count, got.restoredFrom)
	}
	c.expectNothingLeft()
}

func operatorState(object *unstructured.Unstructured) string {
	return fko.StatusOf(object).JobState
}
