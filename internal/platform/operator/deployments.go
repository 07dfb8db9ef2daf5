package operator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Options are the choices of the provider block.
type Options struct {
	// ForceConflicts takes over fields that other field managers own.
	ForceConflicts bool
	// Kind is what the objects of deployments with a job of their own are called
	// where they are kept; empty for FlinkDeployment.
	Kind string
	// Unrouted tells that no Service and no ingress leads to the active color of a
	// deployment: whoever keeps the objects leads to each of them.
	Unrouted bool
	// Noted names where a note is, for messages; nil for a config map.
	Noted func(kube.Key) string
	// MayGo is asked before the job of an object is stopped so that the object can be
	// deleted; its error is why it stays. Nil where nothing can be in the way.
	MayGo func(context.Context, kube.Key) error
}

// Deployments manages FlinkDeployments or FlinkSessionJobs. It implements platform.Deployments and
// is safe for concurrent use.
type Deployments struct {
	managed

	cluster Store
	options Options
	// podErrorGrace is how long an error of a pod may last before it is a
	// failure; zero means two minutes.
	podErrorGrace time.Duration
}

var _ platform.Deployments = (*Deployments)(nil)

// write is what the wait for a rollout has to know about the write before it.
type write struct {
	uid string
	// applied is the specification as sent.
	applied flink.Tree
	// inherited is the operator's error at the time of the write.
	inherited string
	// before is the path of the job's state at the time of the write.
	before string
	// dropped is the path of the state that the write drops for another one,
	// empty when it is not known.
	dropped string
	// unknown is set when another process made the write.
	unknown bool
	create  bool
	// marked tells that the object has the mark of an unfinished write.
	marked bool
	// held ends when the caller of a create ends, nil for none.
	held <-chan struct{}
	// whole is the name of the deployment of which the object is a color, empty
	// for none.
	whole string
	// change is the update that was written, nil for a create.
	change *platform.Change
	// proveFor is how long the job has to run without a restart, unless its first
	// checkpoint completes before; zero asks for no proof.
	proveFor time.Duration
	// grace is how long the job may take until it runs, zero for the time of the
	// wait.
	grace time.Duration
	// jobs are those that ran on a session cluster before the write.
	jobs []string
	// after is set when something else is wanted in the end than what was
	// written: the object to write when the job has been started.
	after *unstructured.Unstructured
}

// begun is what this process has written, and how it goes on. It implements
// platform.Rollout.
type begun struct {
	write

	deployments *Deployments
	observed    *platform.Observed
	rollout     planner.Rollout
}

// Observed is the object as the write left it.
func (b *begun) Observed() *platform.Observed { return b.observed }

// foreign is what is known about a write that another process made.
func foreign(observed *platform.Observed) write {
	return write{uid: observed.UID, applied: observed.Spec, unknown: true}
}

// Begin writes a change of a deployment.
func (d *Deployments) Begin(ctx context.Context, change platform.Change) (platform.Rollout, error) {
	b, err := d.begin(ctx, change)
	if err != nil {
		return nil, err
	}
	return b, nil
}

func (d *Deployments) begin(ctx context.Context, change platform.Change) (b *begun, err error) {
	switch {
	case change.Was == nil:
		if b, err = d.create(ctx, change.Deployment); err == nil {
			b.held = change.Held
		}
	case change.Begun:
		var observed *platform.Observed
		if observed, err = d.Read(ctx, change.Ref); err == nil {
			b = &begun{write: foreign(observed), deployments: d, observed: observed}
		}
	default:
		b, err = d.update(ctx, change)
	}
	if err != nil {
		return nil, err
	}
	b.rollout = change.Rollout
	return b, nil
}

// Read returns the deployment from the list of its namespace, which one process
// reads once.
func (d *Deployments) Read(ctx context.Context, ref platform.Ref) (*platform.Observed, error) {
	object, err := d.cluster.Read(ctx, d.kind, keyOf(ref))
	if err != nil {
		return nil, d.translate(err, ref)
	}
	return observe(object)
}

// translate turns an answer about an absent object into the platform's error.
// Every other error stays what it is.
func (d *Deployments) translate(err error, ref platform.Ref) error {
	var absent *kube.NotFoundError
	if errors.As(err, &absent) {
		return &platform.NotFoundError{Kind: d.kind.Kind, Ref: ref}
	}
	return err
}

// creationOf begins a create.
func (d *Deployments) creationOf(want platform.Deployment) (creation, error) {
	specification, err := fingerprint(want)
	return newCreation(d.cluster, specification), err
}

// create creates the deployment. An object that is there already is a
// *kube.ExistsError, unless an interrupted create left it: then it is continued,
// also with another specification.
func (d *Deployments) create(ctx context.Context, want platform.Deployment) (*begun, error) {
	object, err := objectOf(d.kind, want)
	if err != nil {
		return nil, err
	}
	mark, err := d.creationOf(want)
	if err != nil {
		return nil, err
	}
	annotate(object, creationAnnotation, mark.String())
	if err := d.checkSessionCluster(ctx, want); err != nil {
		return nil, err
	}
	interrupted, err := d.recreationOf(ctx, d.notedOf(want.Ref, want.Labels))
	if err != nil {
		return nil, err
	}
	if interrupted != nil {
		if path := initialPath(object); path != interrupted.configured {
			// A path that somebody has given meanwhile wins.
			interrupted.path = path
		}
		logctx.From(ctx).InfoContext(ctx, "Continuing a re-creation that was interrupted", "object", want.String(), "from", interrupted.path)
		object = startingFrom(object, *interrupted)
	}
	resumed := d.resumed(want, interrupted)

	created, err := d.cluster.Create(ctx, d.kind, object)
	var exists *kube.ExistsError
	if errors.As(err, &exists) {
		created, object, err = d.goOn(ctx, exists, mark, object, want)
	}
	if errors.As(err, &exists) && exists.Object.GetDeletionTimestamp() != nil {
		return nil, fmt.Errorf("%w It is being deleted since %s; apply again when it is gone", err, exists.Object.GetDeletionTimestamp().UTC().Format(time.RFC3339))
	}
	if err != nil {
		return nil, d.translate(err, want.Ref)
	}
	written, err := d.written(created, object, write{create: true, marked: true})
	if err == nil {
		written.observed.Resumed = resumed
	}
	return written, err
}

// goOn continues a create that was killed, also with another specification. What
// is there for another reason stays an *kube.ExistsError.
func (d *Deployments) goOn(ctx context.Context, exists *kube.ExistsError, mark creation, object *unstructured.Unstructured, want platform.Deployment) (created, sent *unstructured.Unstructured, err error) {
	left, err := mark.inherit(ctx, d.cluster, exists, func(by creation, left *unstructured.Unstructured) bool {
		return by.specification == mark.specification || takesOver(left, object)
	})
	switch {
	case isAbsent(err):
		// Somebody has deleted it meanwhile.
		created, err = d.cluster.Create(ctx, d.kind, object)
		return created, object, err
	case err != nil:
		return nil, nil, err
	case refusesInPlace(left, object):
		return d.recreate(ctx, left, want, replacement{})
	}
	object.SetUID(left.GetUID())
	created, err = d.cluster.Apply(ctx, d.kind, object, kube.ApplyOptions{Force: d.options.ForceConflicts})
	return created, object, err
}

// takesOver tells whether a create goes on with what one of another specification
// left when it was killed, as if it had been created from that: not when the job
// has started from another path, and not when it has run and would lose its
// state.
func takesOver(left, object *unstructured.Unstructured) bool {
	status := fko.StatusOf(left)
	keeps := !status.EverRan || upgradeModeOf(object) != flink.UpgradeStateless
	return !status.Deployed || keeps && initialPath(left) == initialPath(object)
}

// written returns what there is to know about a write with its result.
func (d *Deployments) written(result, sent *unstructured.Unstructured, w write) (*begun, error) {
	observed, err := observe(result)
	if err != nil {
		return nil, err
	}
	if w.applied, err = fko.SpecOf(sent); err != nil {
		return nil, err
	}
	w.whole = orElse(w.whole, sent.GetLabels()[deploymentLabel])
	w.uid, w.inherited, w.before = observed.UID, observed.Status.Error, observed.Status.SavepointPath
	return &begun{write: w, deployments: d, observed: observed}, nil
}

// Settle records that a write has come to its end.
func (b *begun) Settle(ctx context.Context) (*platform.Observed, error) {
	d, written, w := b.deployments, b.observed, b.write
	switch {
	case w.after != nil:
		return d.startRerun(ctx, written, w)
	case w.held != nil:
		d.hold(ctx, written, w.held)
		return written, nil
	case !w.marked && !w.unknown:
		return written, nil
	}
	object, err := d.unmark(ctx, written.Ref, types.UID(written.UID))
	if err != nil {
		return written, d.translate(err, written.Ref)
	}
	if _, recreated := object.GetAnnotations()[recreationAnnotation]; recreated {
		// Nobody waits for the job. The path is in the object by now, so the note
		// has come to its end.
		if err := d.forget(ctx, d.notedOf(written.Ref, object.GetLabels())); err != nil {
			return written, err
		}
	}
	return observe(object)
}

// unmark removes the marks of an unfinished create or update from the object with
// the uid.
func (d *Deployments) unmark(ctx context.Context, ref platform.Ref, uid types.UID) (*unstructured.Unstructured, error) {
	return d.cluster.MergePatch(ctx, d.kind, keyOf(ref), patchOf(uid).RemoveAnnotations(unfinishedMarks...))
}
