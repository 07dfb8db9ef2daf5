package standin_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// application is a valid FlinkDeployment with a job.
func application(name string, annotations object) object {
	return object{
		"apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkDeployment", "metadata": object{"name": name, "annotations": annotations},
		"spec": object{
			"image": "flink:1.20", "flinkVersion": "v1_20", "serviceAccount": "flink",
			"flinkConfiguration": object{
				"high-availability.type": "kubernetes", "execution.checkpointing.interval": "3 s",
				"state.checkpoints.dir": "s3://flink/checkpoints", "state.savepoints.dir": "s3://flink/savepoints",
			},
			"job":        object{"jarURI": "local:///a.jar", "parallelism": int64(1), "upgradeMode": "savepoint"},
			"jobManager": object{"resource": object{"cpu": int64(1), "memory": "1g"}}, "taskManager": object{"resource": object{"cpu": int64(1), "memory": "1g"}},
		},
	}
}

// sessionCluster is the same without the job.
func sessionCluster(name string) object {
	o := application(name, nil)
	delete(o["spec"].(object), "job")
	return o
}

func sessionJob(name, cluster string) object {
	return object{
		"apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkSessionJob", "metadata": object{"name": name},
		"spec": object{"deploymentName": cluster, "job": object{"jarURI": "https://example.com/a.jar", "parallelism": int64(1), "upgradeMode": "savepoint"}},
	}
}

// await polls an object until a condition holds; what says it in a failure.
func (c *testCluster) await(t *testing.T, gvr schema.GroupVersionResource, namespace, name, what string, ok func(o object) bool) object {
	t.Helper()
	var last object
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(speed / 5) {
		u, err := c.dyn.Resource(gvr).Namespace(namespace).Get(t.Context(), name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			u, err = &unstructured.Unstructured{}, nil
		}
		if err != nil {
			t.Fatal(err)
		}
		if last = u.Object; ok(last) {
			return last
		}
	}
	raw, _ := json.MarshalIndent(object{"metadata": last["metadata"], "status": last["status"]}, "", "  ")
	t.Fatalf("%s %s: no %s; last seen:\n%s", gvr.Resource, name, what, raw)
	return nil
}

func text(o object, path ...string) string {
	s, _ := at(o, path...).(string)
	return s
}

// stable holds when the current generation runs.
func stable(o object) bool {
	v := viewOf("", o)
	return v.Lifecycle == "STABLE" && v.Generation == "current" && v.Job == "RUNNING" && (v.JobManager == "READY" || v.JobManager == "") && v.Error == ""
}

func gone(o object) bool { return o == nil }

func errorContains(part string) func(object) bool {
	return func(o object) bool { return strings.Contains(text(o, "status", "error"), part) }
}

func (c *testCluster) patch(t *testing.T, gvr schema.GroupVersionResource, namespace, name string, patch object) {
	t.Helper()
	raw, err := json.Marshal(patch)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.dyn.Resource(gvr).Namespace(namespace).Patch(t.Context(), name, types.MergePatchType, raw, metav1.PatchOptions{}); err != nil {
		t.Fatalf("patch %s %s: %v", gvr.Resource, name, err)
	}
}

func (c *testCluster) annotate(t *testing.T, namespace, name, annotation string, value any) {
	t.Helper()
	c.patch(t, deployments, namespace, name, object{"metadata": object{"annotations": object{"standin.flink/" + annotation: value}}})
}

func (c *testCluster) delete(t *testing.T, gvr schema.GroupVersionResource, namespace, name string) {
	t.Helper()
	if err := c.dyn.Resource(gvr).Namespace(namespace).Delete(t.Context(), name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
}

// pod returns the one JobManager pod of a deployment.
func (c *testCluster) pod(t *testing.T, namespace, name string) object {
	t.Helper()
	list, err := c.dyn.Resource(pods).Namespace(namespace).List(t.Context(), metav1.ListOptions{LabelSelector: "component=jobmanager,app=" + name})
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Items) != 1 {
		t.Fatalf("%d JobManager pods of %s, want 1", len(list.Items), name)
	}
	return list.Items[0].Object
}

func waitingReason(pod object) string {
	containers, _ := at(pod, "status", "containerStatuses").([]any)
	if len(containers) == 0 {
		return ""
	}
	return text(containers[0].(object), "state", "waiting", "reason")
}

func TestPodErrors(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	for _, test := range []struct{ annotation, reason, waiting string }{
		{"ImagePullBackOff: no such image", "ImagePullBackOff", "ImagePullBackOff"},
		{"CrashLoopBackOff", "CrashLoopBackOff", "CrashLoopBackOff"},
		{"OOMKilled", "OOMKilled", "CrashLoopBackOff"},
		{"CreateContainerConfigError: secret not found", "CreateContainerConfigError", "CreateContainerConfigError"},
		{"FailedMount: no such volume", "FailedMount", "ContainerCreating"},
	} {
		t.Run(test.reason, func(t *testing.T) {
			t.Parallel()
			ns := c.namespace(t)
			c.create(t, deployments, ns, application("a", object{"standin.flink/pod-error": test.annotation}))
			o := c.await(t, deployments, ns, "a", "JobManager ERROR", func(o object) bool { return text(o, "status", "jobManagerDeploymentStatus") == "ERROR" })
			if !strings.Contains(text(o, "status", "error"), `"reason":"`+test.reason+`"`) || text(o, "status", "lifecycleState") != "DEPLOYED" {
				t.Errorf("lifecycle %s, error %s", text(o, "status", "lifecycleState"), text(o, "status", "error"))
			}
			if got := waitingReason(c.pod(t, ns, "a")); got != test.waiting {
				t.Errorf("the pod waits for %q, want %q", got, test.waiting)
			}
			c.annotate(t, ns, "a", "pod-error", nil)
			c.await(t, deployments, ns, "a", "recovery", stable)
			if got := text(c.pod(t, ns, "a"), "status", "phase"); got != "Running" {
				t.Errorf("the pod is %s", got)
			}
		})
	}
}

func TestUnschedulablePodIsNoError(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	ns := c.namespace(t)
	c.create(t, deployments, ns, application("a", object{"standin.flink/pod-error": "Unschedulable: 0/3 nodes are available"}))
	c.await(t, deployments, ns, "a", "JobManager DEPLOYING", func(o object) bool { return text(o, "status", "jobManagerDeploymentStatus") == "DEPLOYING" })
	time.Sleep(10 * speed)
	o := c.await(t, deployments, ns, "a", "status", func(object) bool { return true })
	if v := viewOf("", o); v.JobManager != "DEPLOYING" || v.Error != "" {
		t.Errorf("got %+v", v)
	}
	conditions, _ := at(c.pod(t, ns, "a"), "status", "conditions").([]any)
	if len(conditions) != 1 || text(conditions[0].(object), "reason") != "Unschedulable" {
		t.Errorf("conditions of the pod: %v", conditions)
	}
}

func TestJobFails(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	for when, message := range map[string]string{"at-start": "The main method caused an error: bad topic", "after-running": "bad topic"} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			ns := c.namespace(t)
			c.create(t, deployments, ns, application("a", object{"standin.flink/job-fails": when + ": bad topic"}))
			o := c.await(t, deployments, ns, "a", "failure", errorContains(message))
			if v := viewOf("", o); v.Lifecycle != "FAILED" || v.Job != "FAILED" || v.Error != "SerializedThrowable" || v.JobManager != "READY" {
				t.Errorf("got %+v", v)
			}
			hasStable := text(o, "status", "reconciliationStatus", "lastStableSpec") != ""
			if hasStable != (when == "after-running") {
				t.Errorf("last stable spec: %v", hasStable)
			}
		})
	}
}

func TestSlowStart(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	ns := c.namespace(t)
	begin := time.Now()
	c.create(t, deployments, ns, application("a", object{"standin.flink/slow-start": "1500ms"}))
	c.await(t, deployments, ns, "a", "running job", stable)
	if took := time.Since(begin); took < 1500*time.Millisecond {
		t.Errorf("running after %s", took)
	}
}

func TestStatusNever(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	ns := c.namespace(t)
	c.create(t, deployments, ns, application("a", object{"standin.flink/status-never": "true"}))
	c.await(t, deployments, ns, "a", "finalizer", func(o object) bool { return at(o, "metadata", "finalizers") != nil })
	time.Sleep(8 * speed)
	c.await(t, deployments, ns, "a", "object without status", func(o object) bool { return at(o, "status") == nil })
	c.delete(t, deployments, ns, "a")
	c.await(t, deployments, ns, "a", "end", gone)
}

func TestStuckDeletion(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	ns := c.namespace(t)
	c.create(t, deployments, ns, application("a", object{"standin.flink/stuck-deletion": "true"}))
	c.await(t, deployments, ns, "a", "running job", stable)
	c.delete(t, deployments, ns, "a")
	time.Sleep(8 * speed)
	c.await(t, deployments, ns, "a", "stuck object", func(o object) bool { return at(o, "metadata", "deletionTimestamp") != nil })
	c.annotate(t, ns, "a", "stuck-deletion", nil)
	c.await(t, deployments, ns, "a", "end", gone)
	c.await(t, apps, ns, "a", "end of the Deployment", gone)
}

func TestSavepointFails(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	ns := c.namespace(t)
	c.create(t, deployments, ns, application("a", object{"standin.flink/savepoint-fails": "access denied"}))
	c.await(t, deployments, ns, "a", "running job", stable)
	c.patch(t, deployments, ns, "a", object{"spec": object{"job": object{"parallelism": 2}}})
	o := c.await(t, deployments, ns, "a", "savepoint error", errorContains("access denied"))
	if v := viewOf("", o); v.Lifecycle != "STABLE" || v.Job != "RUNNING" || v.Generation != "behind" || v.Error != "UpgradeFailureException" {
		t.Errorf("got %+v", v)
	}
	c.annotate(t, ns, "a", "savepoint-fails", nil)
	c.await(t, deployments, ns, "a", "upgrade", stable)
}

func TestSavepointSlow(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	ns := c.namespace(t)
	c.create(t, deployments, ns, application("a", object{"standin.flink/savepoint-slow": "1500ms"}))
	c.await(t, deployments, ns, "a", "running job", stable)
	begin := time.Now()
	c.patch(t, deployments, ns, "a", object{"spec": object{"job": object{"parallelism": 2}}})
	c.await(t, deployments, ns, "a", "upgrade", func(o object) bool { return text(o, "status", "lifecycleState") == "UPGRADING" })
	if took := time.Since(begin); took < 1500*time.Millisecond {
		t.Errorf("savepoint after %s", took)
	}
}

func TestMissingServiceAccount(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	ns := c.namespace(t)
	o := application("a", nil)
	o["spec"].(object)["serviceAccount"] = "missing"
	c.create(t, deployments, ns, o)
	c.await(t, deployments, ns, "a", "refused pod", errorContains(`serviceaccount \"missing\" not found`))
	c.create(t, accounts, ns, object{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": object{"name": "missing"}})
	c.await(t, deployments, ns, "a", "recovery", stable)
}
