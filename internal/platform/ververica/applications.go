package ververica

import (
	"context"
	"net/http"
	"slices"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/prove"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// applications are the deployments with a job, whichever form they have: one that is upgraded
// in place, or two colors. It implements platform.Deployments and platform.Inspector.
type applications struct{ jobs }

var (
	_ platform.Deployments = applications{}
	_ platform.Inspector   = applications{}
)

// located is what exists of a deployment: the one object of it, or its colors.
type located struct {
	object object
	colors pair
}

func (l located) form() flink.Form {
	if len(l.colors) > 0 {
		return bluegreen.ByProvider
	}
	return flink.Form{}
}

// active is the object whose job is the deployment's.
func (l located) active() object {
	if len(l.colors) == 0 {
		return l.object
	}
	active, _ := l.colors.roles()
	return l.colors[active]
}

// locate finds a deployment in whatever form it exists. look is Client.lookup or Client.known.
func (c *Client) locate(ctx context.Context, look looker, ref platform.Ref) (located, error) {
	one, err := look(ctx, ref.Namespace, deployments, ref.Name)
	if rest.Code(err) != http.StatusNotFound {
		return located{object: one}, err
	}
	colors, err := c.colorsOf(ctx, look, ref)
	if err == nil && len(colors) == 0 {
		err = &platform.NotFoundError{Kind: kinds[deployments], Ref: ref}
	}
	return located{colors: colors}, err
}

// Read implements platform.Deployments.
func (a applications) Read(ctx context.Context, ref platform.Ref) (*platform.Observed, error) {
	found, err := a.client.locate(ctx, a.client.known, ref)
	if err != nil {
		return nil, err
	}
	if len(found.colors) > 0 {
		fresh := a.client.written.Has(key{ref.Namespace, deployments, bluegreen.ColorRef(ref, flink.Blue).Name}) || a.client.written.Has(key{ref.Namespace, deployments, bluegreen.ColorRef(ref, flink.Green).Name})
		return a.client.observePair(ctx, ref, found.colors, fresh)
	}
	return a.client.observe(ctx, ref, found.object, a.client.written.Has(key{ref.Namespace, deployments, ref.Name}))
}

// Import implements platform.Deployments.
func (a applications) Import(ctx context.Context, ref platform.Ref) (*platform.Observed, error) {
	found, err := a.client.locate(ctx, a.client.lookup, ref)
	if err != nil {
		return nil, err
	}
	if len(found.colors) == 0 {
		return a.jobs.Import(ctx, ref)
	}
	active, _ := found.colors.roles()
	observed, err := a.jobs.Import(ctx, bluegreen.ColorRef(ref, active))
	if err != nil {
		return nil, err
	}
	return wholeOf(observed, ref), nil
}

// Check implements platform.Deployments: the server does not check without writing.
func (applications) Check(context.Context, platform.Deployment, bool) error { return nil }

// Begin implements platform.Deployments.
func (a applications) Begin(ctx context.Context, change platform.Change) (platform.Rollout, error) {
	if err := a.client.require(ctx, change.Namespace); err != nil {
		return nil, err
	}
	if change.Was == nil {
		return a.first(ctx, change, nil)
	}
	found, err := a.client.locate(ctx, a.client.lookup, change.Ref)
	if err != nil {
		return nil, err
	}
	id := text(found.active(), "metadata", "id")
	switch {
	case change.Begun && len(found.colors) == 0:
		return untyped(a.begin(ctx, change))
	case change.Begun:
		return a.goOnColored(ctx, change, found, id)
	}
	if planned := change.Was.UID; planned != "" && !found.has(planned) {
		return nil, &platform.OtherObjectError{Kind: kinds[deployments], Ref: change.Ref, UID: id, Planned: planned, Created: text(found.active(), "metadata", "createdAt")}
	}
	switch {
	case found.form() != change.Form:
		return a.reform(ctx, change, found.active())
	case len(found.colors) == 0:
		return untyped(a.begin(ctx, change))
	}
	observed, err := a.client.observePair(ctx, change.Ref, found.colors, true)
	if err != nil {
		return nil, err
	}
	if change.Rollout.Action == planner.ActionBlueGreen || change.Rollout.Action == planner.ActionRedeploy {
		own, err := a.newTurn(change, observed)
		if err != nil {
			return nil, err
		}
		return turning{own}, nil
	}
	active, _ := found.colors.roles()
	begun, err := a.begin(ctx, changeOf(change, active, id))
	if err != nil {
		return nil, err
	}
	return colored{begun, change.Ref}, nil
}

// untyped keeps a nil rollout from being one that is not nil.
func untyped(r *rollout, err error) (platform.Rollout, error) {
	if err != nil {
		return nil, err
	}
	return r, nil
}

// has tells whether an id is that of an object of the deployment, of which a switch exchanges
// one for the other.
func (l located) has(id string) bool {
	if len(l.colors) == 0 {
		return slices.Contains(identities(l.object), id)
	}
	for _, one := range l.colors {
		if slices.Contains(identities(one), id) {
			return true
		}
	}
	return false
}

// first creates a deployment in the form that is wanted, in the place of an object; nil for none.
// Blue is the first color.
func (a applications) first(ctx context.Context, change platform.Change, before object) (platform.Rollout, error) {
	if _, taken := a.client.creating.LoadOrStore(change.Ref, true); taken {
		return nil, &platform.BegunError{Here: true, Err: existing(change.Ref)}
	}
	begun, err := a.firstOf(ctx, change, before)
	if err != nil {
		a.client.creating.Delete(change.Ref)
	}
	return begun, err
}

func (a applications) firstOf(ctx context.Context, change platform.Change, before object) (platform.Rollout, error) {
	found, err := a.client.locate(ctx, a.client.lookup, change.Ref)
	if err != nil && !isAbsent(err) {
		return nil, err
	}
	if err == nil && (found.form() != change.Form || len(found.colors) > 1) {
		return nil, existing(change.Ref)
	}
	if !change.Form.BlueGreen() {
		return untyped(a.create(ctx, change, vvp.Create(change.Spec), before))
	}
	whole := change.Ref
	// A switch may follow before the caller ends, and looks for colors without a mark.
	change.Held = nil
	change.Deployment = colorOf(change.Deployment, flink.Blue)
	begun, err := a.create(ctx, change, vvp.Create(change.Spec), before)
	if err != nil {
		return nil, err
	}
	return colored{begun, whole}, nil
}

// goOnColored is the rest of a change of a deployment with colors: of a switch where there
// are two.
func (a applications) goOnColored(ctx context.Context, change platform.Change, found located, id string) (platform.Rollout, error) {
	active, _ := found.colors.roles()
	ref := change.Ref
	color := change
	color.Ref = bluegreen.ColorRef(ref, active)
	color.Was = &platform.Was{UID: id}
	begun, err := a.goOn(ctx, color)
	if err != nil {
		return nil, err
	}
	return colored{begun, ref}, nil
}

// colored is a change of the active color, without an exchange.
type colored struct {
	*rollout

	whole platform.Ref
}

// Observed implements platform.Rollout.
func (c colored) Observed() *platform.Observed { return wholeOf(c.rollout.Observed(), c.whole) }

// Await implements platform.Rollout.
func (c colored) Await(ctx context.Context) (*platform.Observed, error) {
	observed, err := c.rollout.Await(ctx)
	return wholeOf(observed, c.whole), err
}

// Settle implements platform.Rollout.
func (c colored) Settle(ctx context.Context) (*platform.Observed, error) {
	observed, err := c.rollout.Settle(ctx)
	return wholeOf(observed, c.whole), err
}

// reform gives a deployment another form: its job is stopped with a savepoint, what it
// consists of is deleted, and the new form is created from the savepoint.
func (a applications) reform(ctx context.Context, change platform.Change, before object) (platform.Rollout, error) {
	deleted, err := a.Delete(ctx, change.Ref, platform.DeleteOptions{Savepoint: change.Rollout.State.GoesOn(), AllowStateLoss: change.AllowStateLoss, Replaced: true})
	if err != nil {
		return nil, err
	}
	again := change
	again.Was = nil
	created, err := a.first(ctx, again, before)
	if err != nil {
		return nil, afterDelete(err, change.Ref, deleted)
	}
	// It goes on from there on purpose.
	created.Observed().Resumed = nil
	return created, nil
}

// Delete implements platform.Deployments. The active color goes last, so that a delete that is
// interrupted finds it again.
func (a applications) Delete(ctx context.Context, ref platform.Ref, options platform.DeleteOptions) (platform.Deleted, error) {
	a.client.creating.Delete(ref)
	found, err := a.client.locate(ctx, a.client.lookup, ref)
	if isAbsent(err) {
		return platform.Deleted{}, nil
	}
	if err != nil || len(found.colors) == 0 {
		if err != nil {
			return platform.Deleted{}, err
		}
		return a.jobs.Delete(ctx, ref, options)
	}
	if options.UID != "" && !found.has(options.UID) {
		return platform.Deleted{}, nil
	}
	active, other := found.colors.roles()
	if other != "" {
		if _, err := a.jobs.Delete(ctx, bluegreen.ColorRef(ref, other), platform.DeleteOptions{AllowStateLoss: true}); err != nil {
			return platform.Deleted{}, err
		}
	}
	options.UID = text(found.colors[active], "metadata", "id")
	return a.jobs.Delete(ctx, bluegreen.ColorRef(ref, active), options)
}

// Inspect implements platform.Inspector.
func (a applications) Inspect(ctx context.Context, observed *platform.Observed) platform.JobDetails {
	var out platform.JobDetails
	job := observed.Status.JobID
	if job == "" {
		return out
	}
	ctx, cancel := context.WithTimeout(ctx, afterwards)
	defer cancel()
	found, err := a.client.job(ctx, observed.Namespace, job)
	if err != nil {
		return out
	}
	get := a.client.flinkOf(observed.Namespace, job)
	inFlink := text(found, "status", "started", "flinkJobId")
	out.RestoredFrom = text(found, "spec", "savepointLocation")
	out.Exception = prove.RootException(ctx, get, inFlink, text(found, "spec", "sessionClusterName") != "")
	if known, err := prove.AskCheckpoints(ctx, get, inFlink); err == nil {
		out.LatestCheckpoint = known.Completed
	}
	return out
}
