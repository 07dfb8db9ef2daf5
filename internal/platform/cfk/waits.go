package cfk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Begin implements platform.Deployments.
func (d deployments) Begin(ctx context.Context, change platform.Change) (platform.Rollout, error) {
	begun, err := d.Told.Begin(ctx, change)
	if err != nil {
		return nil, err
	}
	return handing{begun, d.store, change.Ref}, nil
}

// handing is a rollout that also tells, when it comes to nothing, how far the controller is with
// what was written.
type handing struct {
	platform.Rollout

	store *applications
	ref   platform.Ref
}

// lookTimeout bounds the look at a resource after a wait that has failed.
const lookTimeout = 5 * time.Second

// Await implements platform.Rollout.
func (h handing) Await(ctx context.Context) (*platform.Observed, error) {
	observed, err := h.Rollout.Await(ctx)
	failed, is := errors.AsType[*platform.RolloutError](err)
	if !is || failed.RolledBack {
		return observed, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookTimeout)
	defer cancel()
	o, lookup := h.store.cluster.Get(ctx, applicationKind, h.store.client.key(h.ref.Name))
	if lookup != nil {
		return observed, err
	}
	if s := syncOf(o); !s.done() {
		told := *failed
		told.Detail += fmt.Sprintf("\n\n%s has not handed FlinkApplication %s/%s on: %s. Check that its controller runs, manages Flink (enableCMFDay2Ops), and reaches the server by its CMFRestClass.",
			product, o.GetNamespace(), o.GetName(), s)
		return observed, &told
	}
	return observed, err
}
