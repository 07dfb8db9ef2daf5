package platform

import (
	"context"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Told are deployments of a platform in its own words: Tell gives what was observed
// and the error of each operation the form in which they leave the platform. Either
// may be nil.
type Told struct {
	Inner interface {
		Deployments
		Inspector
	}
	Tell func(observed *Observed, err error) (*Observed, error)
}

var (
	_ Deployments = Told{}
	_ Inspector   = Told{}

	_ Adviser         = Told{}
	_ StreamletFinder = Told{}
	_ Holder          = Told{}
)

// Read implements Deployments.
func (t Told) Read(ctx context.Context, ref Ref) (*Observed, error) {
	return t.Tell(t.Inner.Read(ctx, ref))
}

// Import implements Deployments.
func (t Told) Import(ctx context.Context, ref Ref) (*Observed, error) {
	return t.Tell(t.Inner.Import(ctx, ref))
}

// Check implements Deployments.
func (t Told) Check(ctx context.Context, want Deployment, exists bool) error {
	_, err := t.Tell(nil, t.Inner.Check(ctx, want, exists))
	return err
}

// Advise implements Adviser, where what is inside does.
func (t Told) Advise(ctx context.Context, want Deployment) []flink.Finding {
	adviser, ok := t.Inner.(Adviser)
	if !ok {
		return nil
	}
	return adviser.Advise(ctx, want)
}

// Begin implements Deployments.
func (t Told) Begin(ctx context.Context, change Change) (Rollout, error) {
	begun, err := t.Inner.Begin(ctx, change)
	if err != nil {
		_, err = t.Tell(nil, err)
		return nil, err
	}
	return toldRollout{t, begun}, nil
}

// Delete implements Deployments.
func (t Told) Delete(ctx context.Context, ref Ref, options DeleteOptions) (Deleted, error) {
	deleted, err := t.Inner.Delete(ctx, ref, options)
	_, err = t.Tell(nil, err)
	return deleted, err
}

// Inspect implements Inspector.
func (t Told) Inspect(ctx context.Context, observed *Observed) JobDetails {
	return t.Inner.Inspect(ctx, observed)
}

// Streamlets implements StreamletFinder, where what is inside does.
func (t Told) Streamlets(ctx context.Context, namespace, application string) (map[string]Ref, error) {
	finder, ok := t.Inner.(StreamletFinder)
	if !ok {
		return nil, nil
	}
	found, err := finder.Streamlets(ctx, namespace, application)
	_, err = t.Tell(nil, err)
	return found, err
}

// KeptSecret implements StreamletFinder, where what is inside does.
func (t Told) KeptSecret(ctx context.Context, ref Ref, name string) (map[string]string, error) {
	finder, ok := t.Inner.(StreamletFinder)
	if !ok {
		return nil, nil
	}
	values, err := finder.KeptSecret(ctx, ref, name)
	_, err = t.Tell(nil, err)
	return values, err
}

// KeepsSecrets implements StreamletFinder, where what is inside does.
func (t Told) KeepsSecrets(ctx context.Context, ref Ref) (bool, error) {
	finder, ok := t.Inner.(StreamletFinder)
	if !ok {
		return false, nil
	}
	keeps, err := finder.KeepsSecrets(ctx, ref)
	_, err = t.Tell(nil, err)
	return keeps, err
}

// Release implements Holder, where what is inside does.
func (t Told) Release(ctx context.Context, ref Ref, uid string) error {
	holder, ok := t.Inner.(Holder)
	if !ok {
		return nil
	}
	_, err := t.Tell(nil, holder.Release(ctx, ref, uid))
	return err
}

// toldRollout is a rollout of Told.
type toldRollout struct {
	of    Told
	inner Rollout
}

// Observed implements Rollout.
func (r toldRollout) Observed() *Observed {
	observed, _ := r.of.Tell(r.inner.Observed(), nil)
	return observed
}

// Await implements Rollout.
func (r toldRollout) Await(ctx context.Context) (*Observed, error) {
	return r.of.Tell(r.inner.Await(ctx))
}

// Settle implements Rollout.
func (r toldRollout) Settle(ctx context.Context) (*Observed, error) {
	return r.of.Tell(r.inner.Settle(ctx))
}
