package operator

import (
	"context"
	"fmt"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// setBack gives a job that was started by another upgrade mode its own back. The
// operator takes that up without a restart.
func (d *Deployments) setBack(ctx context.Context, written *platform.Observed, w write) outcome {
	back, err := d.writeAfter(ctx, written, w)
	if err != nil {
		return outcome{observed: written, err: &platform.RolloutError{
			Summary: fmt.Sprintf("The job of %q runs, but its upgrade mode could not be set back", written.Name),
			Detail:  joinLines(err.Error(), "For its start the job had another upgrade mode than it shall have. Apply again to set the mode back; that restarts nothing."),
		}}
	}
	return d.await(ctx, back.observed, back.write, fko.Running)
}

// startRerun waits until a finished job has been started again, which takes
// seconds, and gives it its upgrade mode back.
func (d *Deployments) startRerun(ctx context.Context, written *platform.Observed, w write) (*platform.Observed, error) {
	out := d.await(ctx, written, w, fko.Launched)
	if out.err != nil {
		return out.observed, out.err
	}
	back, err := d.writeAfter(ctx, written, w)
	if err != nil {
		return out.observed, err
	}
	return back.observed, nil
}

// writeAfter writes what is wanted in the end.
func (d *Deployments) writeAfter(ctx context.Context, written *platform.Observed, w write) (*begun, error) {
	live, err := d.cluster.Get(ctx, d.kind, keyOf(written.Ref))
	if err != nil {
		return nil, d.translate(err, written.Ref)
	}
	if err := checkSame(d.kind, written.Ref, live, written.UID); err != nil {
		return nil, err
	}
	object, err := d.apply(ctx, live, w.after)
	if err != nil {
		return nil, d.translate(err, written.Ref)
	}
	return d.written(object, w.after, write{change: w.change})
}
