package standin_test

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// recorded returns what the stand-in recorded on the Deployment.
func (c *testCluster) recorded(t *testing.T, namespace, name, suffix string) (restoredFrom, starts string) {
	t.Helper()
	o := c.await(t, apps, namespace, name, "Deployment", func(o object) bool { return o != nil })
	return text(o, "metadata", "annotations", "standin.flink/restored-from"+suffix), text(o, "metadata", "annotations", "standin.flink/starts"+suffix)
}

func TestWhatAJobIsRestoredFrom(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	for _, test := range []struct {
		name   string
		change object
		want   func(path string) bool
		starts string
	}{
		{"savepoint", object{"job": object{"parallelism": 2}}, func(p string) bool { return strings.HasPrefix(p, "s3://flink/savepoints/savepoint-") }, "2"},
		{"last-state", object{"job": object{"parallelism": 2, "upgradeMode": "last-state"}}, func(p string) bool {
			return strings.HasPrefix(p, "s3://flink/checkpoints/") && strings.Contains(p, "/chk-")
		}, "2"},
		{"stateless", object{"job": object{"parallelism": 2, "upgradeMode": "stateless"}}, func(p string) bool { return p == "" }, "2"},
		{"redeploy", object{"job": object{"savepointRedeployNonce": 1, "initialSavepointPath": "s3://other/savepoint-1"}}, func(p string) bool { return p == "s3://other/savepoint-1" }, "2"},
		{"ignored change", object{"flinkConfiguration": object{"kubernetes.operator.x": "1"}}, func(p string) bool { return p == "" }, "1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ns := c.namespace(t)
			c.create(t, deployments, ns, application("a", nil))
			c.await(t, deployments, ns, "a", "running job", stable)
			if from, starts := c.recorded(t, ns, "a", ""); from != "" || starts != "1" {
				t.Fatalf("a new job: restored from %q, %s starts", from, starts)
			}
			c.patch(t, deployments, ns, "a", object{"spec": test.change})
			c.await(t, deployments, ns, "a", "new generation", stable)
			if from, starts := c.recorded(t, ns, "a", ""); !test.want(from) || starts != test.starts {
				t.Errorf("restored from %q, %s starts", from, starts)
			}
		})
	}
}

func TestANonceThatGoes(t *testing.T) {
	t.Parallel()
	for operator, want := range map[string]string{"1.7": "2", "1.15": "1"} {
		t.Run(operator, func(t *testing.T) {
			t.Parallel()
			c := cluster(t, operator)
			ns := c.namespace(t)
			o := application("a", nil)
			o["spec"].(object)["restartNonce"], o["spec"].(object)["flinkVersion"] = 7, "v1_18"
			c.create(t, deployments, ns, o)
			c.await(t, deployments, ns, "a", "running job", stable)
			c.patch(t, deployments, ns, "a", object{"spec": object{"restartNonce": nil}})
			c.await(t, deployments, ns, "a", "new generation", stable)
			if _, starts := c.recorded(t, ns, "a", ""); starts != want {
				t.Errorf("%s starts, want %s", starts, want)
			}
		})
	}
}

func TestFirstDeploymentFromASavepoint(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	ns := c.namespace(t)
	o := application("a", nil)
	o["spec"].(object)["job"].(object)["initialSavepointPath"] = "s3://other/savepoint-1"
	c.create(t, deployments, ns, o)
	c.await(t, deployments, ns, "a", "running job", stable)
	if from, _ := c.recorded(t, ns, "a", ""); from != "s3://other/savepoint-1" {
		t.Errorf("restored from %q", from)
	}
}

func TestSessionJobIsRestored(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	ns := c.namespace(t)
	c.create(t, sessionJobs, ns, sessionJob("j", "shared"))
	c.create(t, deployments, ns, sessionCluster("shared"))
	c.await(t, sessionJobs, ns, "j", "running job", stable)
	c.patch(t, sessionJobs, ns, "j", object{"spec": object{"job": object{"parallelism": 2}}})
	o := c.await(t, sessionJobs, ns, "j", "upgrade", stable)
	from, starts := c.recorded(t, ns, "shared", ".j")
	if from == "" || from != text(o, "status", "jobStatus", "upgradeSavepointPath") || starts != "2" {
		t.Errorf("restored from %q, %s starts", from, starts)
	}
}

// TestSessionJobWithoutSavepoint follows the cancellation that a stateless
// upgrade of a session job shows: UPGRADING at the old generation.
func TestSessionJobWithoutSavepoint(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	ns := c.namespace(t)
	c.create(t, deployments, ns, sessionCluster("shared"))
	c.create(t, sessionJobs, ns, sessionJob("j", "shared"))
	c.await(t, sessionJobs, ns, "j", "running job", stable)
	c.patch(t, sessionJobs, ns, "j", object{"spec": object{"job": object{"parallelism": 2, "upgradeMode": "stateless"}}})
	c.await(t, sessionJobs, ns, "j", "cancellation", func(o object) bool {
		v := viewOf("", o)
		return v.Lifecycle == "UPGRADING" && v.Job == "CANCELLING" && v.Generation == "behind"
	})
	c.await(t, sessionJobs, ns, "j", "upgrade", stable)
	if from, starts := c.recorded(t, ns, "shared", ".j"); from != "" || starts != "2" {
		t.Errorf("restored from %q, %s starts", from, starts)
	}
}

func TestStandaloneScalesInPlace(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	ns := c.namespace(t)
	o := application("a", nil)
	o["spec"].(object)["mode"] = "standalone"
	o["spec"].(object)["flinkConfiguration"].(object)["scheduler-mode"] = "reactive"
	o["spec"].(object)["taskManager"].(object)["replicas"] = int64(1)
	c.create(t, deployments, ns, o)
	c.await(t, deployments, ns, "a", "running job", stable)
	c.patch(t, deployments, ns, "a", object{"spec": object{"taskManager": object{"replicas": 3}}})
	got := c.await(t, deployments, ns, "a", "scaled job", stable)
	if n := number(at(got, "status", "taskManager", "replicas")); n != 3 {
		t.Errorf("%d TaskManagers", n)
	}
	if _, starts := c.recorded(t, ns, "a", ""); starts != "1" {
		t.Errorf("%s starts", starts)
	}
}

// TestLostJobManagerIsRecovered deletes the Deployment of a job with HA: the
// operator brings it back from the last checkpoint.
func TestLostJobManagerIsRecovered(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	ns := c.namespace(t)
	c.create(t, deployments, ns, application("a", nil))
	c.await(t, deployments, ns, "a", "running job", stable)
	c.delete(t, apps, ns, "a")
	c.await(t, apps, ns, "a", "new Deployment", func(o object) bool {
		return text(o, "metadata", "annotations", "standin.flink/starts") == "2"
	})
	c.await(t, deployments, ns, "a", "recovered job", stable)
	if from, _ := c.recorded(t, ns, "a", ""); !strings.Contains(from, "/chk-") {
		t.Errorf("restored from %q", from)
	}
}

// TestSwitchOfTwoDeployments is what a client does that has two FlinkDeployments: a savepoint of the running job by
// nonce, a second job from it beside the first, and the end of the first.
func TestSwitchOfTwoDeployments(t *testing.T) {
	t.Parallel()
	for version, flinkVersion := range map[string]string{"1.7": "v1_18", "1.15": "v1_20"} {
		t.Run(version, func(t *testing.T) {
			c := cluster(t, version)
			t.Parallel()
			ns := c.namespace(t)
			first := application("a", nil)
			first["spec"].(object)["flinkVersion"] = flinkVersion
			c.create(t, deployments, ns, first)
			c.await(t, deployments, ns, "a", "running job", stable)
			c.patch(t, deployments, ns, "a", object{"spec": object{"job": object{"savepointTriggerNonce": 7}}})
			path := ""
			if version == "1.7" {
				c.await(t, deployments, ns, "a", "savepoint", func(o object) bool {
					path = text(o, "status", "jobStatus", "savepointInfo", "lastSavepoint", "location")
					return number(at(o, "status", "jobStatus", "savepointInfo", "lastSavepoint", "triggerNonce")) == 7
				})
			} else {
				c.await(t, deployments, ns, "a", "savepoint", func(object) bool {
					list, err := c.dyn.Resource(snapshots).Namespace(ns).List(t.Context(), metav1.ListOptions{})
					if err != nil {
						t.Fatal(err)
					}
					for _, o := range list.Items {
						path = text(o.Object, "status", "path")
					}
					return path != ""
				})
			}
			if !strings.HasPrefix(path, "s3://flink/savepoints/savepoint-") {
				t.Errorf("savepoint at %q", path)
			}

			second := application("b", nil)
			second["spec"].(object)["flinkVersion"] = flinkVersion
			second["spec"].(object)["job"].(object)["initialSavepointPath"] = path
			c.create(t, deployments, ns, second)
			c.await(t, deployments, ns, "b", "second job", stable)
			c.await(t, deployments, ns, "a", "first job, still", stable)
			if from, _ := c.recorded(t, ns, "b", ""); from != path {
				t.Errorf("restored from %q, want %q", from, path)
			}
			if from, starts := c.recorded(t, ns, "a", ""); from != "" || starts != "1" {
				t.Errorf("the first job: restored from %q, %s starts", from, starts)
			}
			c.delete(t, deployments, ns, "a")
			c.await(t, deployments, ns, "a", "end", gone)
		})
	}
}
