package standin_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var ingresses = schema.GroupVersionResource{Group: "networking.k8s.io", Version: "v1", Resource: "ingresses"}

const gracePeriod = "kubernetes.operator.bluegreen.abort.grace-period"

// blueGreen is a valid FlinkBlueGreenDeployment that gives a color more time to get ready than any test has.
func blueGreen(name string, annotations object) object {
	return object{
		"apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkBlueGreenDeployment", "metadata": object{"name": name, "annotations": annotations},
		"spec": object{
			"configuration": object{
				gracePeriod: "10 min",
				"kubernetes.operator.bluegreen.reconciliation.reschedule-interval": "2 s",
				"kubernetes.operator.bluegreen.deployment-deletion.delay":          "2 s",
			},
			"template": object{"metadata": object{"labels": object{"team": "a"}}, "spec": application(name, nil)["spec"]},
		},
	}
}

// runs holds when a color is active and runs what the template asks for.
func runs(color string) func(object) bool {
	return func(o object) bool {
		v := viewOf("", o)
		return v.Lifecycle == "ACTIVE_"+color && v.Job == "RUNNING" && v.Generation == "current" && v.Error == ""
	}
}

func inState(state, job string) func(object) bool {
	return func(o object) bool {
		return text(o, "status", "blueGreenState") == state && text(o, "status", "jobStatus", "state") == job
	}
}

func (c *testCluster) patchJob(t *testing.T, namespace, name string, job object) {
	t.Helper()
	c.patch(t, blueGreens, namespace, name, object{"spec": object{"template": object{"spec": object{"job": job}}}})
}

// startBlueGreen creates one and waits until blue is active.
func (c *testCluster) startBlueGreen(t *testing.T, o object) (namespace string) {
	t.Helper()
	namespace = c.namespace(t)
	c.create(t, blueGreens, namespace, o)
	c.await(t, blueGreens, namespace, "a", "blue", runs("BLUE"))
	return namespace
}

// limitTransition sets the time, in steps, that the next color has to get ready.
func (c *testCluster) limitTransition(t *testing.T, namespace string, steps int) {
	t.Helper()
	c.patch(t, blueGreens, namespace, "a", object{"spec": object{"configuration": object{gracePeriod: fmt.Sprintf("%d s", steps)}}})
}

// longGrace is, in steps, a grace period that a healthy color never needs, also where the machine has much else to do.
const longGrace = 200

// outlast waits until the abort of the transition that goes on is due, and gives the operator the time to act on it.
func (c *testCluster) outlast(t *testing.T, namespace string) {
	t.Helper()
	o := c.await(t, blueGreens, namespace, "a", "transition", inState("TRANSITIONING_TO_GREEN", "RECONCILING"))
	due, err := time.Parse(time.RFC3339Nano, text(o, "status", "abortTimestamp"))
	if err != nil || due.Before(time.Unix(1, 0)) {
		t.Fatalf("the transition has no deadline: %v", o["status"])
	}
	time.Sleep(time.Until(due) + 8*speed)
}

func TestBlueGreenSwitch(t *testing.T) {
	t.Parallel()
	for version, early := range map[string]bool{"1.15": false, "1.16": true} {
		t.Run(version, func(t *testing.T) {
			c := cluster(t, version)
			t.Parallel()
			ns := c.startBlueGreen(t, blueGreen("a", object{"team": "b", "standin.flink/blue-stuck-deletion": "true"}))
			c.patchJob(t, ns, "a", object{"parallelism": 2})
			c.await(t, blueGreens, ns, "a", "savepoint", inState("SAVEPOINTING_BLUE", "RUNNING"))
			c.await(t, blueGreens, ns, "a", "transition", inState("TRANSITIONING_TO_GREEN", "RECONCILING"))
			c.await(t, deployments, ns, "a-blue", "deletion of blue", func(o object) bool { return at(o, "metadata", "deletionTimestamp") != nil })
			if early {
				c.await(t, blueGreens, ns, "a", "green beside blue", runs("GREEN"))
			} else {
				time.Sleep(8 * speed)
				c.await(t, blueGreens, ns, "a", "wait for the end of blue", inState("TRANSITIONING_TO_GREEN", "RECONCILING"))
			}
			c.patch(t, blueGreens, ns, "a", object{"metadata": object{"annotations": object{"standin.flink/blue-stuck-deletion": nil}}})
			c.await(t, deployments, ns, "a-blue", "end of blue", gone)
			c.await(t, blueGreens, ns, "a", "green", runs("GREEN"))

			green := c.await(t, deployments, ns, "a-green", "green", stable)
			path := text(green, "spec", "job", "initialSavepointPath")
			if from, _ := c.recorded(t, ns, "a-green", ""); from != path || !strings.HasPrefix(path, "s3://flink/savepoints/savepoint-") {
				t.Errorf("restored from %q, initialSavepointPath %q", from, path)
			}
			list, err := c.dyn.Resource(snapshots).Namespace(ns).List(t.Context(), metav1.ListOptions{})
			if err != nil || len(list.Items) > 0 {
				t.Errorf("%d snapshots, error %v", len(list.Items), err)
			}
			if diff := cmp.Diff(object{"flink/blue-green-deployment-type": "GREEN"}, at(green, "metadata", "labels")); diff != "" {
				t.Errorf("labels of green (-want +got):\n%s", diff)
			}
			if at(green, "metadata", "annotations") != nil {
				t.Errorf("annotations of green: %v", at(green, "metadata", "annotations"))
			}
			owners, _ := at(green, "metadata", "ownerReferences").([]any)
			if len(owners) != 1 || text(owners[0].(object), "name") != "a" || owners[0].(object)["controller"] != false || owners[0].(object)["blockOwnerDeletion"] != true {
				t.Errorf("owners of green: %v", owners)
			}

			// Without a finalizer the parent is gone before its child.
			c.delete(t, blueGreens, ns, "a")
			c.await(t, blueGreens, ns, "a", "end", gone)
			c.await(t, deployments, ns, "a-green", "end of green", gone)
			c.await(t, apps, ns, "a-green", "end of its Deployment", gone)
		})
	}
}

// TestBlueGreenWithoutSavepoint has the ways to the other color that take no savepoint of the running one.
func TestBlueGreenWithoutSavepoint(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	for _, test := range []struct {
		name   string
		change object
		want   string
	}{
		{"stateless", object{"parallelism": 2, "upgradeMode": "stateless"}, ""},
		{"redeploy", object{"savepointRedeployNonce": 1, "initialSavepointPath": "file:///other/savepoint-1"}, "file:///other/savepoint-1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ns := c.startBlueGreen(t, blueGreen("a", nil))
			c.patchJob(t, ns, "a", test.change)
			o := c.await(t, blueGreens, ns, "a", "end of ACTIVE_BLUE", func(o object) bool { return text(o, "status", "blueGreenState") != "ACTIVE_BLUE" })
			if got := text(o, "status", "blueGreenState"); got == "SAVEPOINTING_BLUE" {
				t.Errorf("a savepoint is taken")
			}
			c.await(t, blueGreens, ns, "a", "green", runs("GREEN"))
			if from, _ := c.recorded(t, ns, "a-green", ""); from != test.want {
				t.Errorf("restored from %q, want %q", from, test.want)
			}
		})
	}
}

// TestBlueGreenAbort has finding 34: the suspended color is reused, and its job goes on from the savepoint of the
// aborted attempt, unless the color is deleted first.
func TestBlueGreenAbort(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	for _, test := range []struct {
		name         string
		deleted, old bool
	}{
		{"reused", false, true},
		{"deleted first", true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			// A file system that the operator strips the scheme of.
			o := blueGreen("a", object{"standin.flink/green-pod-error": "ErrImagePull: no such image"})
			at(o, "spec", "template", "spec", "flinkConfiguration").(object)["state.savepoints.dir"] = "file:///savepoints"
			ns := c.startBlueGreen(t, o)
			c.limitTransition(t, ns, 10)
			c.patchJob(t, ns, "a", object{"parallelism": 2})
			failed := c.await(t, blueGreens, ns, "a", "abort", inState("ACTIVE_BLUE", "FAILING"))
			want := "Aborting deployment 'a-green', rolling B/G deployment back to ACTIVE_BLUE"
			if got := text(failed, "status", "error"); got != want {
				t.Errorf("error %q, want %q", got, want)
			}
			if v := viewOf("", failed); v.Generation != "current" || v.JobManager != "abortTimestamp set; deploymentReadyTimestamp reset; " {
				t.Errorf("after the abort: %+v", v)
			}
			suspended := c.await(t, deployments, ns, "a-green", "suspended green", func(o object) bool { return text(o, "status", "lifecycleState") == "SUSPENDED" })
			first := text(suspended, "spec", "job", "initialSavepointPath")
			if !strings.HasPrefix(first, "/savepoints/savepoint-") {
				t.Errorf("initialSavepointPath %q", first)
			}
			c.await(t, deployments, ns, "a-blue", "blue as before", stable)
			if test.deleted {
				c.delete(t, deployments, ns, "a-green")
				c.await(t, deployments, ns, "a-green", "end of green", gone)
			}

			c.limitTransition(t, ns, 600)
			c.patch(t, blueGreens, ns, "a", object{"metadata": object{"annotations": object{"standin.flink/green-pod-error": nil}}})
			c.patchJob(t, ns, "a", object{"parallelism": 3})
			c.await(t, blueGreens, ns, "a", "green", runs("GREEN"))
			second := text(c.await(t, deployments, ns, "a-green", "green", stable), "spec", "job", "initialSavepointPath")
			from, _ := c.recorded(t, ns, "a-green", "")
			if second == first || (test.old && from != first) || (!test.old && from != second) {
				t.Errorf("restored from %q; savepoint of the first attempt %q, of the second %q", from, first, second)
			}
		})
	}
}

// TestBlueGreenSuspendedTarget suspends a color that runs beside the old one, which is to stay for long: the operator
// aborts when that is due, and before takes the suspended color for the active one.
func TestBlueGreenSuspendedTarget(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	for _, test := range []struct {
		name       string
		due        bool
		state, job string
	}{
		{"when the abort is due", true, "ACTIVE_BLUE", "FAILING"},
		{"before", false, "ACTIVE_GREEN", "SUSPENDED"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := blueGreen("a", nil)
			at(o, "spec", "configuration").(object)["kubernetes.operator.bluegreen.deployment-deletion.delay"] = "1 h"
			ns := c.startBlueGreen(t, o)
			if test.due {
				c.limitTransition(t, ns, longGrace)
			}
			c.patchJob(t, ns, "a", object{"parallelism": 2})
			c.await(t, deployments, ns, "a-green", "green", func(o object) bool {
				return text(o, "status", "lifecycleState") == "STABLE" && text(o, "status", "jobStatus", "state") == "RUNNING"
			})
			if test.due {
				// It is ready, so the abort does not come by itself.
				c.outlast(t, ns)
				c.await(t, blueGreens, ns, "a", "transition", inState("TRANSITIONING_TO_GREEN", "RECONCILING"))
			}
			c.patch(t, deployments, ns, "a-green", object{"spec": object{"job": object{"state": "suspended"}}})
			c.await(t, blueGreens, ns, "a", "end", inState(test.state, test.job))
			if blue := c.await(t, deployments, ns, "a-blue", "blue", func(object) bool { return true }); text(blue, "status", "jobStatus", "state") != "RUNNING" {
				t.Errorf("blue is %v", blue["status"])
			}
		})
	}
}

// TestBlueGreenJam has finding 36: a correction of an invalid template before the abort ends everything.
func TestBlueGreenJam(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	ns := c.startBlueGreen(t, blueGreen("a", nil))
	c.limitTransition(t, ns, longGrace)
	c.patch(t, blueGreens, ns, "a", object{"spec": object{"template": object{"spec": object{"serviceAccount": nil}}}})
	c.await(t, deployments, ns, "a-green", "invalid green", errorContains("spec.serviceAccount must be defined"))
	o := c.await(t, blueGreens, ns, "a", "transition", inState("TRANSITIONING_TO_GREEN", "RECONCILING"))
	if got := text(o, "status", "error"); got != "" {
		t.Errorf("the parent has the error %q", got)
	}
	c.patch(t, blueGreens, ns, "a", object{"spec": object{"template": object{"spec": object{"serviceAccount": "flink"}}}})
	c.outlast(t, ns)
	o = c.await(t, blueGreens, ns, "a", "jam", inState("TRANSITIONING_TO_GREEN", "RECONCILING"))
	if v := viewOf("", o); v.Generation != "behind" || v.Error != "" {
		t.Errorf("got %+v", v)
	}
}

// TestBlueGreenSavepoint has what keeps a switch from its savepoint.
func TestBlueGreenSavepoint(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	t.Run("fails", func(t *testing.T) {
		t.Parallel()
		ns := c.startBlueGreen(t, blueGreen("a", object{"standin.flink/blue-savepoint-fails": "access denied"}))
		c.patchJob(t, ns, "a", object{"parallelism": 2})
		o := c.await(t, blueGreens, ns, "a", "failure", inState("ACTIVE_BLUE", "FAILING"))
		if got := text(o, "status", "error"); !strings.HasPrefix(got, "Could not start Transition. Details: Could not fetch savepoint with triggerId: ") || !strings.HasSuffix(got, "access denied") {
			t.Errorf("error %q", got)
		}
		if v := viewOf("", o); v.Generation != "current" {
			t.Errorf("the spec is not marked as reconciled: %+v", v)
		}
		c.await(t, deployments, ns, "a-green", "no green", gone)
	})
	t.Run("never ends", func(t *testing.T) {
		t.Parallel()
		ns := c.startBlueGreen(t, blueGreen("a", object{"standin.flink/blue-savepoint-slow": "1h"}))
		c.patchJob(t, ns, "a", object{"parallelism": 2})
		c.await(t, blueGreens, ns, "a", "savepoint", inState("SAVEPOINTING_BLUE", "RUNNING"))
		time.Sleep(30 * speed)
		c.await(t, blueGreens, ns, "a", "savepoint without end", inState("SAVEPOINTING_BLUE", "RUNNING"))
		c.patch(t, blueGreens, ns, "a", object{"metadata": object{"annotations": object{"standin.flink/blue-savepoint-slow": nil}}})
		c.await(t, blueGreens, ns, "a", "green", runs("GREEN"))
	})
	t.Run("no directory", func(t *testing.T) {
		t.Parallel()
		o := blueGreen("a", nil)
		delete(at(o, "spec", "template", "spec", "flinkConfiguration").(object), "state.savepoints.dir")
		at(o, "spec", "template", "spec", "job").(object)["upgradeMode"] = "last-state"
		ns := c.startBlueGreen(t, o)
		c.patchJob(t, ns, "a", object{"parallelism": 2})
		got := c.await(t, blueGreens, ns, "a", "failure", inState("ACTIVE_BLUE", "FAILING"))
		if v := viewOf("", got); v.Generation != "behind" || text(got, "status", "error") != "Could not trigger Savepoint. Details: null" {
			t.Errorf("got %+v", v)
		}
	})
}

// backend is the service that an Ingress points to.
func backend(o object) string {
	rules, _ := at(o, "spec", "rules").([]any)
	if len(rules) != 1 {
		return ""
	}
	paths, _ := at(rules[0].(object), "http", "paths").([]any)
	return text(rules[0].(object), "host") + " " + text(paths[0].(object), "path") + " " + text(paths[0].(object), "backend", "service", "name")
}

func TestBlueGreenIngress(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	o := blueGreen("a", nil)
	o["spec"].(object)["ingress"] = object{"template": "flink.example.com/{{namespace}}/{{name}}", "className": "nginx", "annotations": object{"x": "y"}}
	at(o, "spec", "template", "spec").(object)["ingress"] = object{"template": "{{name}}.example.com"}
	ns := c.startBlueGreen(t, o)
	pointsTo := func(service string) func(object) bool {
		return func(o object) bool { return backend(o) == "flink.example.com /"+ns+"/a "+service }
	}
	c.await(t, ingresses, ns, "a", "Ingress to blue", pointsTo("a-blue-rest"))
	if got := text(c.await(t, deployments, ns, "a-blue", "blue", stable), "spec", "ingress", "template"); got != "blue-{{name}}.example.com" {
		t.Errorf("template of blue's own Ingress: %q", got)
	}
	c.patchJob(t, ns, "a", object{"parallelism": 2})
	c.await(t, blueGreens, ns, "a", "green", runs("GREEN"))
	c.await(t, ingresses, ns, "a", "Ingress to green", pointsTo("a-green-rest"))
	c.patch(t, blueGreens, ns, "a", object{"spec": object{"ingress": nil}})
	c.await(t, ingresses, ns, "a", "end of the Ingress", gone)
}

// TestBlueGreenStartsSuspended: nothing is deployed before it is to run.
func TestBlueGreenStartsSuspended(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	ns := c.namespace(t)
	o := blueGreen("a", nil)
	at(o, "spec", "template", "spec", "job").(object)["state"] = "suspended"
	c.create(t, blueGreens, ns, o)
	c.await(t, blueGreens, ns, "a", "suspension", inState("INITIALIZING_BLUE", "SUSPENDED"))
	c.await(t, deployments, ns, "a-blue", "no blue", gone)
	c.patchJob(t, ns, "a", object{"state": "running"})
	c.await(t, blueGreens, ns, "a", "blue", runs("BLUE"))
}

// TestBlueGreenNameLimit: with 40 characters the name of green is too long, with 41 that of blue too. Only the child
// says so.
func TestBlueGreenNameLimit(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	ns := c.namespace(t)
	name := strings.Repeat("a", 41)
	c.create(t, blueGreens, ns, blueGreen(name, nil))
	c.await(t, deployments, ns, name+"-blue", "invalid name", errorContains("the length must be no more than 45 characters"))
}

// TestBlueGreenAcrossRestart stops the stand-in in the middle of a switch.
func TestBlueGreenAcrossRestart(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "1.15")
	t.Cleanup(func() { c.stop(); c.Stop() })
	ns := c.startBlueGreen(t, blueGreen("a", object{"standin.flink/green-slow-start": "500ms"}))
	c.patchJob(t, ns, "a", object{"parallelism": 2})
	c.await(t, blueGreens, ns, "a", "transition", inState("TRANSITIONING_TO_GREEN", "RECONCILING"))
	c.stop()
	c.stop = c.play("1.15")
	c.await(t, blueGreens, ns, "a", "green", runs("GREEN"))
	c.await(t, deployments, ns, "a-blue", "end of blue", gone)
}

// TestBlueGreenTimestampsAreRenewed has finding 31: many events without news while a color starts.
func TestBlueGreenTimestampsAreRenewed(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	ns := c.namespace(t)
	c.create(t, blueGreens, ns, blueGreen("a", object{"standin.flink/blue-pod-error": "Unschedulable"}))
	var seen []string
	c.await(t, blueGreens, ns, "a", "four timestamps", func(o object) bool {
		if at, transition := text(o, "status", "lastReconciledTimestamp"), inState("TRANSITIONING_TO_BLUE", "RECONCILING")(o); transition && !slices.Contains(seen, at) {
			seen = append(seen, at)
		}
		return len(seen) == 4
	})
	raw, err := json.Marshal(at(c.await(t, blueGreens, ns, "a", "status", inState("TRANSITIONING_TO_BLUE", "RECONCILING")), "status", "jobStatus"))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"checkpointInfo":{"lastPeriodicCheckpointTimestamp":0},"savepointInfo":{"lastPeriodicSavepointTimestamp":0,"savepointHistory":[]},"state":"RECONCILING"}`
	if string(raw) != want {
		t.Errorf("job status %s, want %s", raw, want)
	}
}
