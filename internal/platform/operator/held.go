package operator

import (
	"context"
	"errors"

	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

var _ platform.Holder = (*Applications)(nil)

// heldOf is what holds a create. A deployment of colors has the mark on one of them, which ends with
// its wait.
func heldOf(change platform.Change) <-chan struct{} {
	if change.Form.BlueGreen() {
		return nil
	}
	return change.Held
}

// hold answers for the create of an object that runs already, until the caller of the create ends: the
// object keeps its mark.
func (d *Deployments) hold(ctx context.Context, observed *platform.Observed, ended <-chan struct{}) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	changes := d.cluster.Follow(ctx, d.kind, keyOf(observed.Ref))
	go func() {
		defer cancel()
		for {
			select {
			case <-ended:
				return
			case change, ok := <-changes:
				if !ok {
					return
				}
				if change.Object != nil && string(change.Object.GetUID()) == observed.UID {
					answer(ctx, d.cluster, d.kind, change.Object)
				}
			}
		}
	}()
}

// Release implements platform.Holder.
func (a *Applications) Release(ctx context.Context, ref platform.Ref, uid string) error {
	bounded, cancel := lastWords(ctx)
	if errors.Is(ctx.Err(), context.Canceled) {
		bounded, cancel = parting(ctx)
	}
	defer cancel()
	_, err := a.single.unmark(bounded, ref, types.UID(uid))
	if isAbsent(err) {
		// It is one of colors, or somebody has deleted it.
		return nil
	}
	return err
}
