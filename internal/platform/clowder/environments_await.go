package clowder

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/clowd"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
)

// until follows an object until something is seen of it; nil where it is not there.
func (p *Platform) until(ctx context.Context, kind kube.Kind, key kube.Key, see func(*unstructured.Unstructured) bool) error {
	return watch.Wait[news]{See: func(n news) bool { return see(n.Object) }, Trouble: unhealing}.Until(ctx, p.following(kind, key))
}

// reconciled waits until Clowder has carried out what a ClowdEnvironment says, and ends with the
// cause when it does not.
func (e environments) reconciled(ctx context.Context, name string) error {
	var last clowd.Reconciliation
	var failed error
	began, since := time.Now(), time.Time{}
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	err := watch.Wait[news]{
		See: func(n news) bool {
			if n.Object == nil {
				failed = &platform.RolloutError{Summary: fmt.Sprintf("The environment %q was deleted during the wait", name), Detail: "Somebody else did this. Apply again: Terraform then creates it."}
				return true
			}
			tree, err := treeOf(n.Object)
			if err != nil {
				failed = err
				return true
			}
			if last = clowd.ReconciliationOf(tree); last.Problem == "" {
				since = time.Time{}
			} else if since.IsZero() {
				since = time.Now()
			}
			return last.Done
		},
		Trouble: unhealing,
		Times:   ticker.C,
		Look: func(time.Time) bool {
			cause := clowd.EnvironmentCause(last.Problem)
			if since.IsZero() || !cause.Lasting || time.Since(since) < cause.Patience {
				return false
			}
			failed = environmentFailure(name, time.Since(began), cause)
			return true
		},
	}.Until(ctx, e.on.following(environmentKind, kube.Key{Name: name}))
	switch {
	case failed != nil:
		return failed
	case errors.Is(err, context.DeadlineExceeded):
		cause := clowd.EnvironmentCause(last.Problem)
		if last.Problem == "" {
			cause = clowd.Cause{Text: "Clowder has not looked at it", Remedy: "See that Clowder runs (`kubectl get pods -A | grep clowder`), and apply again."}
		}
		return environmentFailure(name, time.Since(began), cause)
	}
	return err
}

func environmentFailure(name string, waited time.Duration, cause clowd.Cause) error {
	return &platform.RolloutError{
		Summary: fmt.Sprintf("The environment %q does not come about: %s", name, cause.Text),
		Detail:  fmt.Sprintf("Waited %s for ClowdEnvironment %s to be reconciled. It is in the state, and Clowder tries it by itself too.\n%s", waited.Round(time.Second), name, cause.Remedy),
	}
}
