package standin_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/standin"
)

func TestRunRefusesAnUnknownVersion(t *testing.T) {
	t.Parallel()
	if err := standin.Run(t.Context(), cluster(t, "1.15").config, standin.Options{Version: "2.0"}); err == nil {
		t.Error("no error")
	}
}

// TestRunEndsWithItsContext also covers the time before the CRDs are there.
func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.7") // has no FlinkStateSnapshot, so that 1.15 waits for it
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- standin.Run(ctx, c.config, standin.Options{Version: "1.15"}) }()
	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Error("it does not end")
	}
}

// TestWritesInBetween changes the object all the time: every status write of the
// stand-in meets a conflict sooner or later.
func TestWritesInBetween(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.15")
	ns := c.namespace(t)
	c.create(t, deployments, ns, application("a", nil))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan int)
	go func() {
		n := 0
		for ; ctx.Err() == nil; n++ {
			patch := fmt.Sprintf(`{"metadata":{"labels":{"n":"%d"}}}`, n)
			if _, err := c.dyn.Resource(deployments).Namespace(ns).Patch(ctx, "a", types.MergePatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
				break
			}
		}
		done <- n
	}()
	o := c.await(t, deployments, ns, "a", "running job", stable)
	cancel()
	if n := <-done; n < 10 {
		t.Fatalf("only %d writes in between", n)
	}
	if text(o, "metadata", "labels", "n") == "" {
		t.Error("the labels are lost")
	}
}

// TestManyAtOnce creates 200 deployments; all of them run in reasonable time.
func TestManyAtOnce(t *testing.T) {
	c := cluster(t, "1.15")
	ns := c.namespace(t)
	const count = 200
	for i := range count {
		c.create(t, deployments, ns, application(fmt.Sprintf("a%d", i), nil))
	}
	running := 0
	for deadline := time.Now().Add(6 * patience); running < count && time.Now().Before(deadline); time.Sleep(4 * speed) {
		list, err := c.dyn.Resource(deployments).Namespace(ns).List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		running = 0
		for _, o := range list.Items {
			if stable(o.Object) {
				running++
			}
		}
	}
	if running != count {
		t.Errorf("%d of %d deployments run", running, count)
	}
	if err := c.dyn.Resource(deployments).Namespace(ns).DeleteCollection(t.Context(), metav1.DeleteOptions{}, metav1.ListOptions{}); err != nil {
		t.Error(err)
	}
}

// TestRestarts stops the apiserver in the middle of an upgrade and then the
// stand-in itself; both times the work goes on, and the job is not lost.
func TestRestarts(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "1.15")
	t.Cleanup(func() { c.stop(); c.Stop() })
	ns := c.namespace(t)
	c.create(t, deployments, ns, application("a", nil))
	c.await(t, deployments, ns, "a", "running job", stable)

	c.patch(t, deployments, ns, "a", object{"spec": object{"job": object{"parallelism": 2}}})
	if err := c.StopAPIServer(); err != nil {
		t.Fatal(err)
	}
	if err := c.StartAPIServer(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := c.await(t, deployments, ns, "a", "upgrade", stable)
	if from, starts := c.recorded(t, ns, "a", ""); from == "" || starts != "2" {
		t.Errorf("restored from %q, %s starts", from, starts)
	}

	c.stop()
	c.patch(t, deployments, ns, "a", object{"spec": object{"job": object{"parallelism": 3}}})
	c.stop = c.play("1.15")
	after := c.await(t, deployments, ns, "a", "second upgrade", stable)
	from, starts := c.recorded(t, ns, "a", "")
	if from == "" || from == text(before, "status", "jobStatus", "upgradeSavepointPath") || from != text(after, "status", "jobStatus", "upgradeSavepointPath") || starts != "3" {
		t.Errorf("restored from %q, %s starts", from, starts)
	}
	c.delete(t, deployments, ns, "a")
	c.await(t, deployments, ns, "a", "end", gone)
	c.await(t, apps, ns, "a", "end of the Deployment", gone)
}
