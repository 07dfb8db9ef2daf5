package deployment_test

import (
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

const newer = `"registry.example.com/orders:1.4.1"`

// expectUpgraded checks that the job runs, restored from a path that begins in
// one of the ways.
func (f *fixture) expectUpgraded(image string, restored ...string) {
	f.t.Helper()
	begins := func(prefix string) bool { return strings.HasPrefix(f.start().restoredFrom, prefix) }
	if got := f.start(); !slices.ContainsFunc(restored, begins) || operatorState(f.live()) != flink.StateRunning || f.specValue("image") != strings.Trim(image, `"`) {
		f.t.Errorf("the job is %s with the image %s, started %s times, last from %q", operatorState(f.live()), f.specValue("image"), got.count, got.restoredFrom)
	}
}

// expectSummary checks the first line of the error of an output.
func expectSummary(t *testing.T, output, begins string, parts ...string) {
	t.Helper()
	got := firstError(t, output)
	if !strings.HasPrefix(got, begins) {
		t.Errorf("the error is %q, want one that begins with %q", got, begins)
	}
	for _, part := range parts {
		if !strings.Contains(got, part) {
			t.Errorf("the error is %q, want one with %q", got, part)
		}
	}
}

// TestAccOperatorDown changes a job while no operator runs: nothing happens to
// the job, and the change is made when the operator is back.
func TestAccOperatorDown(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.PrivateCluster(t, acctest.Newest())
	f := &fixture{t: t, cluster: cluster, namespace: cluster.Namespace(t)}
	c := newCLI(t)
	c.write(f.config(nil))
	c.apply()
	cluster.PauseOperator(t)
	changed := attributes{"image": newer, "timeouts": `{ update = "12s" }`}
	c.write(f.config(changed))
	output := c.fails()
	expectSummary(t, output, `The new version of "orders" does not start within `, "the operator has not taken up generation")
	expectText(t, output, "The operator has not looked at this specification. Check that it runs and watches the namespace "+f.namespace)
	if got := f.start(); got.count != "1" || operatorState(f.live()) != flink.StateRunning {
		t.Errorf("the job is %s after %s starts", operatorState(f.live()), got.count)
	}
	if c.state() == nil {
		t.Fatal("the deployment is not in the state any more")
	}
	cluster.ResumeOperator(t)
	delete(changed, "timeouts")
	c.write(f.config(changed))
	c.apply()
	f.expectUpgraded(newer, savepoints)
	c.expectNothingLeft()
}

// TestAccStatusNever has an operator that never writes a status.
func TestAccStatusNever(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	c.write(f.config(attributes{"annotations": `{ "standin.flink/status-never" = "true" }`, "timeouts": `{ create = "6s" }`}))
	output := c.fails()
	expectSummary(t, output, `The deployment "orders" does not start within `, "the operator has not taken up generation 1")
	expectText(t, output, "Check that it runs and watches the namespace "+f.namespace)
	if state := c.state(); state == nil || !state.Tainted {
		t.Fatalf("the state has %+v", state)
	}
	c.write(f.config(nil))
	c.apply()
	c.expectNothingLeft()
}

// TestAccSavepointFails upgrades and destroys a job whose storage takes no
// savepoint: it runs on, and nothing is deleted.
func TestAccSavepointFails(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	broken := `{ "standin.flink/savepoint-fails" = "No space left on device" }`
	c.write(f.config(attributes{"annotations": broken}))
	c.apply()
	uid := f.live().GetUID()

	c.write(f.config(attributes{"annotations": broken, "image": newer}))
	output := c.fails()
	expectSummary(t, output, `The new version of "orders" does not start: `, "No space left on device")
	expectText(t, output, "Rolled back: the previous version (image registry.example.com/orders:1.4.0) was never stopped and runs on.")
	expectActions(t, c.plan(), "update")

	c.write(f.config(attributes{"annotations": broken}))
	code, output := c.start("destroy", "-auto-approve", "-input=false").wait(t)
	if code == 0 {
		t.Fatalf("the destroy is not refused:\n%s", output)
	}
	expectSummary(t, output, `The job "orders" is not suspended: `, "No space left on device")
	expectText(t, output, "Nothing was deleted.")
	if got := f.start(); f.live().GetUID() != uid || got.count != "1" || c.state() == nil {
		t.Errorf("uid %s, %s starts", f.live().GetUID(), got.count)
	}
	c.write(f.config(attributes{"image": newer}))
	c.apply()
	f.expectUpgraded(newer, savepoints)
	c.expectNothingLeft()
}

// TestAccSavepointTakesTooLong gives up waiting for a savepoint that is still
// being taken.
func TestAccSavepointTakesTooLong(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	slow := attributes{"annotations": `{ "standin.flink/savepoint-slow" = "30s" }`, "upgrade": `{ on_failure = "keep" }`}
	c.write(f.config(slow))
	c.apply()
	slow["image"], slow["timeouts"] = newer, `{ update = "6s" }`
	c.write(f.config(slow))
	output := c.fails()
	expectSummary(t, output, `The new version of "orders" does not start within `, "the operator has not taken up generation")
	expectText(t, output, "whether an earlier upgrade of the job is still waiting for a savepoint")
	if got := f.start(); got.count != "1" || operatorState(f.live()) != flink.StateRunning {
		t.Errorf("the job is %s after %s starts", operatorState(f.live()), got.count)
	}
	c.goesOn("savepoint_upgrade")
	delete(slow, "timeouts")
	c.write(f.config(slow))
	c.apply()
	f.expectUpgraded(newer, savepoints)
	c.expectNothingLeft()
}

// TestAccJobFailedBefore upgrades a job that has failed: it goes on from its last
// checkpoint.
func TestAccJobFailedBefore(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	c.write(f.config(nil))
	c.apply()
	f.patch(`{"metadata":{"annotations":{"standin.flink/job-fails":"after-running:poisoned record"}},"spec":{"restartNonce":7}}`)
	f.await("status.jobStatus.state", flink.StateFailed)
	f.patch(`{"metadata":{"annotations":{"standin.flink/job-fails":null}}}`)
	path, _, _ := unstructured.NestedString(f.live().Object, "status", "jobStatus", "upgradeSavepointPath")
	c.write(f.config(attributes{"image": newer}))
	rollout := rolloutOf(t, c.plan().After)
	if summary, _ := rollout["summary"].(string); rollout["state"] != "kept" || !strings.Contains(summary, "the job is FAILED, it restarts from "+path) {
		t.Errorf("planned %v with the state in %s", rollout, path)
	}
	c.apply()
	f.expectUpgraded(newer, path)
	c.expectNothingLeft()
}

// TestAccJobManagerMissing upgrades a job whose JobManager is gone, with high
// availability, and without, where the operator needs to be told what to restore.
func TestAccJobManagerMissing(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	without := attributes{"flink_configuration": `{
    "state.checkpoints.dir" = "s3://flink/checkpoints"
    "state.savepoints.dir"  = "s3://flink/savepoints"
  }`}
	lose := func(f *fixture) {
		t.Helper()
		now := int64(0)
		err := f.cluster.Client.Resource(appsKind).Namespace(f.namespace).Delete(f.t.Context(), "orders", metav1.DeleteOptions{GracePeriodSeconds: &now})
		if err != nil {
			f.t.Fatal(err)
		}
	}
	t.Run("with high availability", func(t *testing.T) {
		t.Parallel()
		f, c := newFixture(t, acctest.Newest()), newCLI(t)
		c.write(f.config(nil))
		c.apply()
		lose(f)
		c.write(f.config(attributes{"image": newer}))
		c.apply()
		// The operator may have brought the job back before the upgrade, which
		// then has a savepoint; else the high-availability metadata know the state.
		f.expectUpgraded(newer, savepoints, "KUBERNETES_OPERATOR_LAST_STATE")
		c.expectNothingLeft()
	})
	t.Run("without high availability", func(t *testing.T) {
		t.Parallel()
		f, c := newFixture(t, acctest.Newest()), newCLI(t)
		c.write(f.config(without))
		c.apply()
		first := attributes{"flink_configuration": without["flink_configuration"], "image": newer}
		c.write(f.config(first))
		c.apply()
		savepoint := f.start().restoredFrom
		lose(f)
		f.await("status.jobManagerDeploymentStatus", "MISSING")

		next := attributes{"flink_configuration": without["flink_configuration"], "image": `"registry.example.com/orders:1.4.2"`, "timeouts": `{ update = "60s" }`}
		c.write(f.config(next))
		output := c.fails()
		expectSummary(t, output, `The new version of "orders" does not start: `, "Manual restore required.")
		expectText(t, output, "The newest savepoint of the job that the operator names is "+savepoint+", and the job has run since.")
		if c.state() == nil {
			t.Fatal("the deployment is not in the state any more")
		}
		// Its state is not dropped without leave, and not guessed either.
		next["job"] = job(`initial_savepoint_path = "` + savepoint + `"`)
		c.write(f.config(next))
		expectText(t, c.fails(), "This change drops the state of job")
		next["upgrade"] = "{ allow_state_loss = true }"
		c.write(f.config(next))
		c.apply()
		f.expectUpgraded(next["image"], savepoint)
		c.expectNothingLeft()
	})
}

// TestAccSuspendedByLastState suspends a job by its last state some time after an
// upgrade by savepoint. The path of that savepoint is not where its state is.
func TestAccSuspendedByLastState(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	for _, operator := range acctest.Operators() {
		t.Run(operator, func(t *testing.T) {
			t.Parallel()
			f, c := newFixture(t, operator), newCLI(t)
			checkpoints := configuration(`"execution.checkpointing.interval" = "3 s"`)
			c.write(f.config(attributes{"flink_configuration": checkpoints}))
			c.apply()
			c.write(f.config(attributes{"flink_configuration": checkpoints, "image": newer}))
			c.apply()
			earlier := f.start().restoredFrom
			suspended := attributes{"flink_configuration": checkpoints, "image": newer, "upgrade": `{ mode = "last_state" }`, "job": job(`state = "suspended"`)}
			c.write(f.config(suspended))
			c.apply()
			status, _ := c.state().AttributeValues["status"].(map[string]any)
			if status["lifecycle_state"] != flink.LifecycleSuspended || status["savepoint_path"] != nil {
				t.Errorf("the status is %v", status)
			}
			code, output := c.start("destroy", "-auto-approve", "-input=false").wait(t)
			if code == 0 {
				t.Fatalf("the destroy is not refused:\n%s", output)
			}
			expectText(t, output, `The deployment "orders" is not deleted, because the state of its job would be lost`)

			suspended["mode"] = `"standalone"`
			c.write(f.config(suspended))
			expectText(t, c.fails(), "nobody knows the path of the suspended job's state")

			delete(suspended, "mode")
			delete(suspended, "job")
			c.write(f.config(suspended))
			c.apply()
			if got := f.start(); got.restoredFrom == "" || got.restoredFrom == earlier || operatorState(f.live()) != flink.StateRunning {
				t.Errorf("the job is %s, started from %q, and the earlier savepoint is %s", operatorState(f.live()), got.restoredFrom, earlier)
			}
			c.expectNothingLeft()
		})
	}
}

// TestAccChangedDuringTheWait ends a wait when somebody else changes what was
// applied, and puts it back.
func TestAccChangedDuringTheWait(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	c.write(f.config(nil))
	c.apply()
	generation := f.live().GetGeneration()
	changed := attributes{"service_account": late, "image": newer}
	c.write(f.config(changed))
	apply := c.start("apply", "-auto-approve", "-input=false")
	f.begins(generation)
	f.patch(`{"spec":{"image":"registry.example.com/orders:edited"}}`)
	code, output := apply.wait(t)
	if code == 0 {
		t.Fatalf("the apply did not notice:\n%s", output)
	}
	expectSummary(t, output, `The new version of "orders" does not start: somebody else changed its specification during the wait`)
	expectText(t, output, "image: registry.example.com/orders:1.4.1 became registry.example.com/orders:edited")
	f.letStart()
	f.settled()
	c.write(f.config(changed))
	if rollout := rolloutOf(t, c.plan().After); rollout["state"] != "kept" {
		t.Errorf("planned %v", rollout)
	}
	c.apply()
	f.expectUpgraded(newer, savepoints)
	c.expectNothingLeft()
}

// TestAccRootCauses has the cause in the first line of the error.
func TestAccRootCauses(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	for _, row := range []struct{ name, fault, cause string }{
		{"crash loop", "CrashLoopBackOff: back-off 10s restarting failed container", "CrashLoopBackOff: "},
		{"memory", "OOMKilled: the container used more than its limit", "OOMKilled: the container used more than its limit"},
		{"nodes", "Unschedulable: 0/3 nodes are available: 3 Insufficient memory", "0/3 nodes are available: 3 Insufficient memory"},
		{"quota", "FailedCreate: pods \"orders-1\" is forbidden: exceeded quota: team-a", "exceeded quota: team-a"},
		{"admission", "FailedCreate: admission webhook \"policy\" denied the request: no limits", "admission webhook \"policy\" denied the request: no limits"},
		{"configuration", "CreateContainerConfigError:secret \"s3\" not found", "secret \"s3\" not found"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f, c := newFixture(t, acctest.Newest()), newCLI(t)
			c.write(f.config(attributes{
				"annotations": `{ "standin.flink/pod-error" = "` + strings.ReplaceAll(row.fault, `"`, `\"`) + `" }`,
				"timeouts":    `{ create = "12s" }`,
			}))
			output := c.fails()
			expectSummary(t, output, `The deployment "orders" does not start within `, row.cause)
			_, told, _ := strings.Cut(output, "Error: ")
			told = strings.Join(strings.Fields(strings.ReplaceAll(told, "│", " ")), " ")
			if n := strings.Count(told, row.cause); n != 1 {
				t.Errorf("the cause is told %d times:\n%s", n, told)
			}
		})
	}
}
