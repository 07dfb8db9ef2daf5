package operator

import (
	"context"
	"errors"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
)

// goOn is the rest of a change that an earlier apply has written.
func (a *Applications) goOn(ctx context.Context, change platform.Change) (platform.Rollout, error) {
	observed, err := a.Read(ctx, change.Ref)
	if err != nil {
		return nil, err
	}
	if observed.Form == byOperator {
		return over{observed}, nil
	}
	b := &begun{deployments: a.single, observed: observed, rollout: change.Rollout}
	if observed.Form != bluegreen.ByProvider {
		b.write = foreign(observed)
		return b, nil
	}
	color := *observed
	color.Ref = bluegreen.ColorRef(observed.Ref, observed.Status.ActiveColor)
	b.write, b.observed = foreign(&color), &color
	return &colored{a: a, begun: b, whole: observed.Ref}, nil
}

// over is a change that nothing is left to do about.
type over struct{ observed *platform.Observed }

// Observed implements platform.Rollout.
func (o over) Observed() *platform.Observed { return o.observed }

// Await implements platform.Rollout.
func (o over) Await(context.Context) (*platform.Observed, error) { return o.observed, nil }

// Settle implements platform.Rollout.
func (o over) Settle(context.Context) (*platform.Observed, error) { return o.observed, nil }

// turning is a change that the colors make by an exchange. It is begun with the
// wait, when the deployment has been recorded.
type turning struct {
	a        *Applications
	change   platform.Change
	observed *platform.Observed
}

// Observed returns the deployment before the exchange.
func (t *turning) Observed() *platform.Observed { return t.observed }

// Await makes the switch and waits until it is over.
func (t *turning) Await(ctx context.Context) (*platform.Observed, error) { return t.run(ctx, true) }

// Settle makes a switch of the provider's own engine all the same: nobody else
// would go on with it.
func (t *turning) Settle(ctx context.Context) (*platform.Observed, error) { return t.run(ctx, false) }

func (t *turning) run(ctx context.Context, await bool) (*platform.Observed, error) {
	if t.change.Form == byOperator {
		return (&nativeTurn{Applications: t.a, change: t.change}).run(ctx, await)
	}
	own, err := t.a.single.newTurn(t.change)
	if err != nil {
		return nil, err
	}
	return own.run(ctx)
}

// colored is a write of the active color, without an exchange.
type colored struct {
	a *Applications
	*begun

	// whole is the deployment of the color.
	whole platform.Ref
	// unled is the deployment while nothing leads to its first color; nil for none.
	unled *platform.Deployment
}

// Observed returns the deployment whose active color was written.
func (c *colored) Observed() *platform.Observed { return wholeOf(c.observed, c.whole) }

// Await waits until the color runs.
func (c *colored) Await(ctx context.Context) (*platform.Observed, error) {
	observed, err := c.led(ctx, c.begun.Await)
	var told *platform.RolloutError
	if errors.As(err, &told) && told.RolledBack {
		if back := c.a.single.leadBack(ctx, c.whole, c.Observed().Status.ActiveColor); back != nil {
			err = withDetail(err, "The Service and the ingress could not be put back: "+back.Error())
		}
	}
	return observed, err
}

// Settle records that the write has come to its end.
func (c *colored) Settle(ctx context.Context) (*platform.Observed, error) {
	return c.led(ctx, c.begun.Settle)
}

// led has the Service and the ingress lead to the color, and then ends its write.
func (c *colored) led(ctx context.Context, end func(context.Context) (*platform.Observed, error)) (*platform.Observed, error) {
	if c.unled != nil {
		if err := c.a.leadTo(ctx, *c.unled, c.Observed().Status.ActiveColor); err != nil {
			return c.Observed(), err
		}
	}
	observed, err := end(ctx)
	if observed == nil {
		return nil, err
	}
	return wholeOf(observed, c.whole), err
}

// switches tells whether a change is made by the other color.
func switches(action planner.Action) bool {
	return action == planner.ActionBlueGreen || action == planner.ActionRedeploy
}

// leadTo has the Service and the ingress lead to a color that has the wanted
// specification.
func (a *Applications) leadTo(ctx context.Context, want platform.Deployment, color string) error {
	r, err := routeOf(want, color)
	if err != nil {
		return err
	}
	return a.single.lead(ctx, r)
}
