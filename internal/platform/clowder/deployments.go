package clowder

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"reflect"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/clowd"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// deployments are the entries of ClowdApps. It implements platform.Deployments.
type deployments struct{ on *Platform }

var (
	_ platform.Deployments     = deployments{}
	_ platform.Inspector       = deployments{}
	_ platform.Holder          = deployments{}
	_ platform.StreamletFinder = deployments{}
)

// Read implements platform.Deployments.
func (d deployments) Read(ctx context.Context, ref platform.Ref) (*platform.Observed, error) {
	found, err := d.on.locate(ctx, d.on.cluster.Find, ref)
	if err != nil {
		return nil, err
	}
	seen, err := d.on.see(ctx, d.on.cluster.Find, found)
	if err != nil {
		return nil, err
	}
	return observe(ref, found.Place, seen), nil
}

// Import implements platform.Deployments: what somebody has said is what the mark has.
func (d deployments) Import(ctx context.Context, ref platform.Ref) (*platform.Observed, error) {
	found, err := d.on.locate(ctx, d.on.cluster.Get, ref)
	if err != nil {
		return nil, err
	}
	seen, err := d.on.see(ctx, d.on.cluster.Get, found)
	if err != nil {
		return nil, err
	}
	observed := observe(ref, found.Place, seen)
	observed.Applied = true
	return observed, nil
}

// Inspect implements platform.Inspector: nothing leads to the JobManager in the pod.
func (deployments) Inspect(context.Context, *platform.Observed) platform.JobDetails {
	return platform.JobDetails{}
}

// Begin implements platform.Deployments.
func (d deployments) Begin(ctx context.Context, change platform.Change) (platform.Rollout, error) {
	var begun *rollout
	var err error
	switch {
	case change.Was == nil:
		begun, err = d.create(ctx, change)
	case change.Begun:
		begun, err = d.goOn(ctx, change)
	default:
		begun, err = d.update(ctx, change)
	}
	if err != nil {
		return nil, err
	}
	return begun, nil
}

// create creates an entry. One that a create of the same specification has left, which was
// killed, is taken over.
func (d deployments) create(ctx context.Context, change platform.Change) (*rollout, error) {
	at, err := d.on.placeOf(ctx, change.Deployment)
	if err != nil {
		return nil, err
	}
	if _, taken := d.on.creating.LoadOrStore(change.Ref, true); taken {
		return nil, &platform.BegunError{Here: true, Err: existing(at)}
	}
	begun, err := d.createIn(ctx, at, change)
	if err != nil {
		d.on.creating.Delete(change.Ref)
	}
	return begun, err
}

func (d deployments) createIn(ctx context.Context, at placed, change platform.Change) (*rollout, error) {
	mark, err := clowd.Mark{
		UID: rand.Text(), Revision: 1, Action: string(planner.ActionCreate), Phase: clowd.PhaseStart, Creating: true, By: d.on.cluster.Identity(),
	}.Wrote(change.Spec, change.Labels, change.Annotations)
	if err != nil {
		return nil, err
	}
	wanted, err := clowd.Entry(at.Place, change.Spec)
	if err != nil {
		return nil, err
	}
	resumed, err := d.on.recall(ctx, at, change.Spec)
	if err != nil {
		return nil, err
	}
	app, err := d.on.begin(ctx, at.key, change.Namespace, func(app flink.Tree) (flink.Tree, error) {
		entry, has := clowd.EntryOf(app, at.Entry)
		if !has {
			return clowd.WithEntry(app, mark.Into(wanted)), nil
		}
		left, marked := clowd.MarkOf(entry)
		if !marked || !left.Creating || !reflect.DeepEqual(left.Said, mark.Said) {
			return nil, &platform.ExistsError{Err: existing(at), Ours: marked}
		}
		mark.UID, mark.Revision, mark.Ran = left.UID, left.Revision+1, left.Ran
		return clowd.WithEntry(app, mark.Into(flink.Overlay(entry, nil, wanted))), nil
	})
	if err != nil {
		return nil, err
	}
	r, err := d.begun(ctx, at, app, change, mark)
	if err == nil {
		r.observed.Resumed = resumed
	}
	return r, err
}

func existing(at placed) error {
	return fmt.Errorf("ClowdApp %s has a deployment %s already", at.key, at.Entry)
}

// begun returns what is left to do about a change that was written.
func (d deployments) begun(ctx context.Context, at placed, app flink.Tree, change platform.Change, mark clowd.Mark) (*rollout, error) {
	entry, _ := clowd.EntryOf(app, at.Entry)
	found := located{at, app, entry, mark}
	seen, err := d.on.see(ctx, d.on.cluster.Get, found)
	if err != nil {
		return nil, err
	}
	return newRollout(d.on, found, seen, change), nil
}

// same returns the entry of a change, or says that there is another one.
func (d deployments) same(ctx context.Context, ref platform.Ref, uid string) (located, error) {
	found, err := d.on.locate(ctx, d.on.cluster.Get, ref)
	if err == nil && uid != "" && found.mark.UID != uid {
		return found, &platform.OtherObjectError{Kind: "deployment of a ClowdApp", Ref: ref, UID: found.mark.UID, Planned: uid}
	}
	return found, err
}

// goOn is the rest of a change that an earlier apply has written.
func (d deployments) goOn(ctx context.Context, change platform.Change) (*rollout, error) {
	found, err := d.same(ctx, change.Ref, change.Was.UID)
	if err != nil {
		return nil, err
	}
	if !found.mark.Unfinished() {
		found.mark.Action, found.mark.Phase = string(change.Rollout.Action), clowd.PhaseStart
	}
	if spec, err := flink.SpecOf(clowd.Live(found.Place, found.entry, found.mark)); err == nil {
		change.Spec = spec
	}
	return d.begun(ctx, found.placed, found.app, change, found.mark)
}

// update begins a change of an entry. A job that has state stops first: what it runs is in
// Flink's high availability, and would be started again as it was.
func (d deployments) update(ctx context.Context, change platform.Change) (*rollout, error) {
	found, err := d.same(ctx, change.Ref, change.Was.UID)
	if err != nil {
		return nil, err
	}
	return d.write(ctx, found, change, change.Was.Spec)
}

// write writes the first half of a change of an entry that exists. was is what was wanted
// before.
func (d deployments) write(ctx context.Context, found located, change platform.Change, was flink.DeploymentSpec) (*rollout, error) {
	wanted, err := clowd.Entry(found.Place, change.Spec)
	if err != nil {
		return nil, err
	}
	before, err := clowd.Entry(found.Place, was)
	if err != nil {
		// What was there cannot be said any more, so nothing of it is known to be the provider's.
		before = nil
	}
	mark, err := found.mark.Wrote(change.Spec, change.Labels, change.Annotations)
	if err != nil {
		return nil, err
	}
	mark.Action, mark.Phase, mark.Fresh = string(change.Rollout.Action), clowd.PhaseStart, !change.Rollout.State.GoesOn()
	stops := stopsFirst(change, was)
	if stops {
		mark.Phase = clowd.PhaseStop
	}
	var written clowd.Mark
	app, err := d.on.edit(ctx, found.key, func(app flink.Tree) (flink.Tree, error) {
		live, has := clowd.EntryOf(app, found.Entry)
		is, marked := clowd.MarkOf(live)
		if !has || !marked || is.UID != found.mark.UID {
			return nil, &platform.OtherObjectError{Kind: "deployment of a ClowdApp", Ref: change.Ref, UID: is.UID, Planned: found.mark.UID}
		}
		written = mark
		written.Revision, written.Ran, written.Creating, written.By = is.Revision+1, is.Ran || found.mark.Ran, is.Creating, is.By
		next := flink.Overlay(live, before, wanted)
		if stops {
			next = clowd.Paused(next)
		}
		return clowd.WithEntry(app, written.Into(withoutAnnotations(next, is.Annotations))), nil
	})
	if err != nil {
		return nil, err
	}
	return d.begun(ctx, found.placed, app, change, written)
}

// withoutAnnotations is an entry without the annotations that were said before.
func withoutAnnotations(entry flink.Tree, were map[string]string) flink.Tree {
	annotations := maps.Clone(treeAt(entry, "metadata", "annotations"))
	for name := range were {
		delete(annotations, name)
	}
	out, metadata := maps.Clone(entry), maps.Clone(treeAt(entry, "metadata"))
	if metadata == nil {
		metadata = flink.Tree{}
	}
	metadata["annotations"] = annotations
	out["metadata"] = metadata
	return out
}

// stopsFirst tells whether a change begins by stopping the job: it starts another one that has
// to find the state of this one, or must not.
func stopsFirst(change platform.Change, was flink.DeploymentSpec) bool {
	switch change.Rollout.Action {
	case planner.ActionNone, planner.ActionMetadata, planner.ActionConfigOnly, planner.ActionDeferred, planner.ActionSuspend:
		return false
	default:
		return clowd.Keeps(was) || clowd.Keeps(change.Spec)
	}
}

// Release implements platform.Holder.
func (d deployments) Release(ctx context.Context, ref platform.Ref, uid string) error {
	d.on.creating.Delete(ref)
	found, err := d.same(ctx, ref, uid)
	if other := (*platform.OtherObjectError)(nil); isGone(err) || errors.As(err, &other) || err == nil && !found.mark.Creating {
		return nil
	}
	if err == nil {
		_, err = d.on.remark(ctx, found.placed, uid, func(mark *clowd.Mark) { mark.Creating, mark.By = false, "" })
	}
	if isGone(err) {
		return nil
	}
	return err
}

func isGone(err error) bool {
	var absent *platform.NotFoundError
	return errors.As(err, &absent) || isAbsent(err)
}

// remark changes the mark of an entry alone. What Clowder has made of the entry stays what it
// is, so the revision does too.
func (p *Platform) remark(ctx context.Context, at placed, uid string, change func(*clowd.Mark)) (flink.Tree, error) {
	return p.edit(ctx, at.key, func(app flink.Tree) (flink.Tree, error) {
		entry, _ := clowd.EntryOf(app, at.Entry)
		mark, marked := clowd.MarkOf(entry)
		if !marked || uid != "" && mark.UID != uid {
			return nil, &platform.NotFoundError{Kind: appKind.Kind, Ref: platform.Ref{Namespace: at.key.Namespace, Name: at.Deployment()}}
		}
		change(&mark)
		return clowd.WithEntry(app, mark.Into(entry)), nil
	})
}

// Streamlets implements platform.StreamletFinder.
func (d deployments) Streamlets(ctx context.Context, environment, application string) (map[string]platform.Ref, error) {
	out := map[string]platform.Ref{}
	namespace, err := d.on.namespace(ctx, environment)
	if missing := (*noPlaceError)(nil); errors.As(err, &missing) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	found, err := d.on.cluster.Get(ctx, appKind, keyIn(namespace, application))
	if isAbsent(err) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	app, err := treeOf(found)
	if err != nil || textAt(app, "spec", "envName") != environment {
		return out, err
	}
	for _, item := range listAt(app, "spec", clowd.FieldDeployments) {
		entry, _ := item.(flink.Tree)
		if mark, marked := clowd.MarkOf(entry); marked && mark.Labels[platform.ApplicationLabel] == application {
			name := textAt(entry, "name")
			out[name] = platform.Ref{Namespace: environment, Name: application + "-" + name}
		}
	}
	return out, nil
}

// KeptSecret implements platform.StreamletFinder: none is kept.
func (deployments) KeptSecret(context.Context, platform.Ref, string) (map[string]string, error) {
	return nil, nil
}

// KeepsSecrets implements platform.StreamletFinder.
func (deployments) KeepsSecrets(context.Context, platform.Ref) (bool, error) { return false, nil }
