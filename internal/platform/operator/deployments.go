package operator

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Options are the choices of the provider block.
type Options struct {
	// ForceConflicts takes over fields that other field managers own.
	ForceConflicts bool
}

// Deployments manages FlinkDeployments or FlinkSessionJobs. It implements platform.Deployments and
// is safe for concurrent use.
type Deployments struct {
	managed

	cluster cluster
	options Options

	mu     sync.Mutex
	writes map[platform.Ref]write
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
	// whole is the name of the deployment of which the object is a color, empty
	// for none.
	whole string
	// change is the update that was written, nil for a create.
	change *platform.Change
	// jobs are those that ran on a session cluster before the write.
	jobs []string
	// after is set when something else is wanted in the end than what was
	// written: the object to write when the job has been started.
	after *unstructured.Unstructured
}

// remember keeps what is known about a write until its wait.
func (d *Deployments) remember(ref platform.Ref, w write) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.writes[ref] = w
}

// recall returns what is known about the write of an object, which is nothing
// when another process made it.
func (d *Deployments) recall(written *platform.Observed) write {
	d.mu.Lock()
	defer d.mu.Unlock()
	w, ok := d.writes[written.Ref]
	if !ok || w.uid != written.UID {
		return write{uid: written.UID, applied: written.Spec, unknown: true}
	}
	return w
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

// Create creates the deployment. An object that is there already is a
// *kube.ExistsError, unless an interrupted create left it: then it is continued,
// also with another specification.
func (d *Deployments) Create(ctx context.Context, want platform.Deployment) (*platform.Observed, error) {
	object, err := objectOf(d.kind, want)
	if err != nil {
		return nil, err
	}
	mark, err := fingerprint(want)
	if err != nil {
		return nil, err
	}
	annotate(object, creationAnnotation, mark)
	if err := d.checkSessionCluster(ctx, want); err != nil {
		return nil, err
	}
	interrupted, err := d.recreationOf(ctx, want.Ref)
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

	created, err := d.cluster.Create(ctx, d.kind, object)
	var exists *kube.ExistsError
	if errors.As(err, &exists) && (isInterrupted(exists, mark) || takesOver(exists, object)) {
		logctx.From(ctx).InfoContext(ctx, "Continuing a create that was interrupted", "object", want.String())
		if refusesInPlace(exists.Object, object) {
			created, object, err = d.recreate(ctx, exists.Object, want, replacement{})
		} else {
			object.SetUID(exists.Object.GetUID())
			created, err = d.cluster.Apply(ctx, d.kind, object, kube.ApplyOptions{Force: d.options.ForceConflicts})
		}
	}
	if errors.As(err, &exists) && exists.Object != nil && exists.Object.GetDeletionTimestamp() != nil {
		return nil, fmt.Errorf("%w It is being deleted since %s; apply again when it is gone", err, exists.Object.GetDeletionTimestamp().UTC().Format(time.RFC3339))
	}
	if err != nil {
		return nil, d.translate(err, want.Ref)
	}
	return d.written(created, object, write{create: true, marked: true})
}

// isInterrupted tells whether an object is what a create of the same
// specification left when it was killed, or a re-creation of whatever
// specification: the object before it was ours, and its state must not be lost.
func isInterrupted(exists *kube.ExistsError, mark string) bool {
	if exists.Object == nil || !exists.Ours() || exists.Object.GetDeletionTimestamp() != nil {
		return false
	}
	annotations := exists.Object.GetAnnotations()
	_, again := annotations[recreationAnnotation]
	return again || annotations[creationAnnotation] == mark
}

// takesOver tells whether a create goes on with what one of another specification
// left when it was killed, as if it had been created from that: not when the job
// has started from another path, and not when it has run and would lose its
// state.
func takesOver(exists *kube.ExistsError, object *unstructured.Unstructured) bool {
	left, unended := exists.Object, false
	if left != nil && exists.Ours() && left.GetDeletionTimestamp() == nil {
		_, unended = left.GetAnnotations()[creationAnnotation]
	}
	if !unended {
		return false
	}
	status := StatusOf(left)
	keeps := !status.EverRan || upgradeModeOf(object) != flink.UpgradeStateless
	return !status.Deployed || keeps && initialPath(left) == initialPath(object)
}

// written remembers a write and returns its result.
func (d *Deployments) written(result, sent *unstructured.Unstructured, w write) (*platform.Observed, error) {
	observed, err := observe(result)
	if err != nil {
		return nil, err
	}
	if w.applied, err = specTree(sent); err != nil {
		return nil, err
	}
	w.uid, w.inherited, w.before = observed.UID, observed.Status.Error, observed.Status.SavepointPath
	d.remember(observed.Ref, w)
	return observed, nil
}

// Settle records that a create has come to its end.
func (d *Deployments) Settle(ctx context.Context, written *platform.Observed) (*platform.Observed, error) {
	w := d.recall(written)
	switch {
	case w.after != nil:
		return d.startRerun(ctx, written, w)
	case !w.marked && !w.unknown:
		return written, nil
	}
	object, err := d.unmark(ctx, written.Ref)
	if err != nil {
		return written, d.translate(err, written.Ref)
	}
	return observe(object)
}

// unmark removes the marks of an unfinished create or update.
func (d *Deployments) unmark(ctx context.Context, ref platform.Ref) (*unstructured.Unstructured, error) {
	patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:null,%q:null}}}`, creationAnnotation, updateAnnotation)
	return d.cluster.MergePatch(ctx, d.kind, keyOf(ref), []byte(patch))
}
