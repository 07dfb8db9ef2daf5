package deployment_test

import (
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// soon is how long a plan may take to say that the cluster is away, which it
// tries for ten seconds.
const soon = 20 * time.Second

// TestAccClusterAway stops the apiserver before a plan, and during a wait.
func TestAccClusterAway(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.PrivateCluster(t, acctest.Newest())
	f := &fixture{t: t, cluster: cluster, namespace: cluster.Namespace(t)}
	c := newCLI(t)

	// A create goes on when the cluster is back.
	c.write(f.config(attributes{"service_account": late}))
	apply := c.start("apply", "-auto-approve", "-input=false")
	f.begins(0)
	cluster.StopAPIServer(t)
	cluster.StartAPIServer(t)
	f.letStart()
	if code, output := apply.wait(t); code != 0 {
		t.Fatalf("the apply ends with %d:\n%s", code, output)
	}
	if live := f.live(); operatorState(live) != flink.StateRunning || live.GetGeneration() != 1 {
		t.Errorf("the job is %s at generation %d", operatorState(live), live.GetGeneration())
	}
	c.expectNothingLeft()

	// A plan fails at once, and the state stays.
	cluster.StopAPIServer(t)
	began := time.Now()
	code, output := c.start("plan", "-input=false").wait(t)
	took := time.Since(began)
	if code == 0 || took > soon {
		t.Errorf("the plan ends with %d after %s:\n%s", code, took, output)
	}
	if got := strings.Count(output, "Error:"); got != 1 {
		t.Errorf("%d errors in:\n%s", got, output)
	}
	expectText(t, output, "the Kubernetes cluster cannot be reached")
	expectText(t, output, cluster.Endpoint)
	if c.state() == nil {
		t.Error("the deployment is not in the state any more")
	}
	if failed := c.fails(); !strings.Contains(failed, cluster.Endpoint) || c.state() == nil {
		t.Errorf("the apply says\n%s", failed)
	}
	cluster.StartAPIServer(t)
	c.expectNothingLeft()

	// An upgrade goes on too, although the operator is away as well.
	cluster.PauseOperator(t)
	c.write(f.config(attributes{"service_account": late, "image": newer}))
	generation := f.live().GetGeneration()
	apply = c.start("apply", "-auto-approve", "-input=false")
	f.follow("the write of the update", func(object *unstructured.Unstructured) bool { return object.GetGeneration() > generation })
	cluster.StopAPIServer(t)
	cluster.StartAPIServer(t)
	cluster.ResumeOperator(t)
	if code, output := apply.wait(t); code != 0 {
		t.Fatalf("the apply ends with %d:\n%s", code, output)
	}
	if got := f.start(); f.live().GetGeneration() != generation+1 || !strings.HasPrefix(got.restoredFrom, savepoints) {
		t.Errorf("generation %d, last started from %q", f.live().GetGeneration(), got.restoredFrom)
	}
	c.expectNothingLeft()
}
