package clowder

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/clowd"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/prove"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
)

// rollout is a change that was written, and how it goes on. It implements platform.Rollout.
type rollout struct {
	on     *Platform
	change platform.Change
	found  located
	// deployment is the Deployment that was seen last, nil for none.
	deployment *unstructured.Unstructured
	seen       clowd.Seen
	observed   *platform.Observed
	// began is when this apply began with it.
	began time.Time
	// troubles are since when something keeps it from running, by what that is.
	troubles map[string]time.Time
	// arrived tells that what was written has been seen to run.
	arrived bool
	// proof is how the job has shown that it works.
	proof string
}

func newRollout(on *Platform, found located, seen clowd.Seen, change platform.Change) *rollout {
	return &rollout{on: on, change: change, found: found, seen: seen, observed: observe(change.Ref, found.Place, seen), began: time.Now(), troubles: map[string]time.Time{}}
}

// Observed implements platform.Rollout.
func (r *rollout) Observed() *platform.Observed { return r.observed }

// Settle implements platform.Rollout: it goes on until Clowder does the rest by itself.
func (r *rollout) Settle(ctx context.Context) (*platform.Observed, error) {
	if r.seen.Mark.Phase == clowd.PhaseStop {
		if err := r.follow(ctx, nil, func() bool { return r.seen.Mark.Phase == clowd.PhaseStart }); err != nil {
			return r.observed, err
		}
	}
	return r.end(ctx)
}

// Await implements platform.Rollout.
func (r *rollout) Await(ctx context.Context) (*platform.Observed, error) {
	bounded, cancel := context.WithCancel(ctx)
	if r.change.Rollback {
		bounded, cancel = watch.Reserve(ctx)
	}
	defer cancel()
	err := r.follow(bounded, r.newProof(), nil)
	if told := (*platform.RolloutError)(nil); errors.As(err, &told) && !told.Waiting && r.change.Rollback {
		return r.rollBack(ctx, told)
	}
	if err != nil {
		r.observed = observe(r.change.Ref, r.found.Place, r.seen)
		return r.observed, err
	}
	observed, err := r.end(ctx)
	observed.Status.Proof = r.proof
	return observed, err
}

// newProof is the proof that the job works; nil for a change after which none runs.
func (r *rollout) newProof() *prove.JobProof {
	if need := r.change.Rollout.ProveFor; need > 0 && r.runs() {
		return prove.NewRunningJobProof(need, r.began)
	}
	return nil
}

// runs tells whether the job shall run in the end.
func (r *rollout) runs() bool {
	wanted, err := clowd.Entry(r.found.Place, r.change.Spec)
	return err != nil || clowd.Runs(wanted)
}

// news is a version of the ClowdApp or of the Deployment.
type news struct {
	kube.Change
	app bool
}

func (p *Platform) following(kind kube.Kind, key kube.Key) watch.Source[news] {
	return watch.Map(func(ctx context.Context) <-chan kube.Change { return p.cluster.Follow(ctx, kind, key) }, func(c kube.Change) news {
		return news{c, kind == appKind}
	})
}

// lookEvery is how often pods are looked at, and a job that runs.
const lookEvery = time.Second

// follow waits until the change is done and the job has proved itself, and makes the second
// half of a change that stops the job first. until ends it before; nil for not.
func (r *rollout) follow(ctx context.Context, proof *prove.JobProof, until func() bool) error {
	var failed error
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	step := func(look bool) bool {
		var over bool
		over, failed = r.step(ctx, proof, look)
		return failed != nil || over || until != nil && until()
	}
	err := watch.Wait[news]{
		See: func(n news) bool {
			if failed = r.take(n); failed != nil {
				return true
			}
			return step(false)
		},
		Trouble: unhealing,
		Times:   ticker.C,
		Look:    func(time.Time) bool { return step(true) },
	}.Until(ctx, watch.Join(r.on.following(appKind, r.found.key), r.on.following(deploymentKind, keyIn(r.found.key.Namespace, r.found.Deployment()))))
	if failed != nil {
		return failed
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return r.late(ctx)
	}
	return err
}

// unhealing returns an error that no time heals: the access rules do not allow to follow an object.
func unhealing(err error) error {
	if denied := (*kube.DeniedError)(nil); errors.As(err, &denied) {
		return err
	}
	return nil
}

// take takes note of a new version of what is followed.
func (r *rollout) take(n news) error {
	if n.app {
		if n.Object == nil {
			return r.disappeared("the ClowdApp was deleted")
		}
		app, err := treeOf(n.Object)
		if err != nil {
			return err
		}
		entry, has := clowd.EntryOf(app, r.found.Entry)
		mark, marked := clowd.MarkOf(entry)
		switch {
		case !has || !marked || mark.UID != r.found.mark.UID:
			return r.disappeared("its deployment was taken out of the ClowdApp")
		case mark.Revision > r.found.mark.Revision:
			return r.disappeared("another apply has written it meanwhile")
		}
		// What was written is known better than a watch that lags behind tells it.
		r.found.app = app
		if mark.Revision == r.found.mark.Revision {
			r.found.entry = entry
		}
	} else {
		r.deployment = n.Object
	}
	seen, err := seenOf(r.found, r.deployment)
	r.seen = seen
	return err
}

// step makes the next step by what was seen last. look asks for more than the objects tell.
func (r *rollout) step(ctx context.Context, proof *prove.JobProof, look bool) (over bool, err error) {
	if r.seen.Mark.Phase == clowd.PhaseStop {
		if r.seen.Gone() {
			return false, r.start(ctx)
		}
	} else if r.arrived = r.arrived || r.seen.Arrived(); r.arrived && r.seen.Working() {
		// What others write to the ClowdApp meanwhile does not touch the job.
		if proof == nil {
			return true, nil
		}
		if look {
			switch verdict := proof.Look(ctx, true, noREST); verdict.Progress {
			case prove.Done:
				r.proof = verdict.How
				return true, nil
			case prove.Failed:
				return false, r.crash(ctx, verdict.How)
			case prove.Waiting:
			}
		}
		return false, nil
	} else if proof != nil && look && r.arrived {
		proof.Look(ctx, false, noREST)
	}
	if look {
		return false, r.trouble(ctx)
	}
	return false, nil
}

// noREST is Flink's REST API of a pod to which nothing leads.
func noREST(context.Context, string) ([]byte, error) { return nil, errNoREST }

var errNoREST = errors.New("nothing leads to the JobManager")

// start is the second half of a change: the job of before is gone.
func (r *rollout) start(ctx context.Context) error {
	if err := r.on.prepare(ctx, r.found.placed, r.change.Spec, r.found.mark.Fresh); err != nil {
		return err
	}
	if r.change.Was != nil && r.change.Was.Spec.Job != nil {
		// Another cluster id has another memory.
		if err := r.on.prepare(ctx, r.found.placed, r.change.Was.Spec, r.found.mark.Fresh); err != nil {
			return err
		}
	}
	wanted, err := clowd.Entry(r.found.Place, r.change.Spec)
	if err != nil {
		return err
	}
	logctx.From(ctx).DebugContext(ctx, "The job of before is gone", "deployment", r.change.String())
	var mark clowd.Mark
	app, err := r.on.edit(ctx, r.found.key, func(app flink.Tree) (flink.Tree, error) {
		live, _ := clowd.EntryOf(app, r.found.Entry)
		is, marked := clowd.MarkOf(live)
		if !marked || is.UID != r.found.mark.UID {
			return nil, r.disappeared("its deployment was taken out of the ClowdApp")
		}
		mark = is
		mark.Phase, mark.Revision = clowd.PhaseStart, is.Revision+1
		return clowd.WithEntry(app, mark.Into(flink.Overlay(live, nil, flink.Tree{"replicas": wanted["replicas"]}))), nil
	})
	if err != nil {
		return err
	}
	return r.wrote(app, mark)
}

// wrote takes note of what was written.
func (r *rollout) wrote(app flink.Tree, mark clowd.Mark) error {
	r.found.app, r.found.mark = app, mark
	r.found.entry, _ = clowd.EntryOf(app, r.found.Entry)
	clear(r.troubles)
	r.arrived = false
	seen, err := seenOf(r.found, r.deployment)
	r.seen = seen
	return err
}

// end records that the change has come to its end. What Clowder makes of that is not waited
// for: it changes nothing that runs.
func (r *rollout) end(ctx context.Context) (*platform.Observed, error) {
	arrived := r.arrived || r.seen.Arrived()
	mark := r.found.mark
	app, err := r.on.remark(ctx, r.found.placed, mark.UID, func(is *clowd.Mark) {
		is.Action, is.Phase, is.Fresh = "", "", false
		is.Ran = is.Ran || arrived && clowd.Runs(r.found.entry)
		if r.change.Held == nil {
			is.Creating, is.By = false, ""
		}
		mark = *is
	})
	if err != nil {
		return r.observed, err
	}
	if r.change.Was == nil && r.change.Held == nil {
		r.on.creating.Delete(r.change.Ref)
	}
	r.found.mark = mark
	r.found.entry, _ = clowd.EntryOf(app, r.found.Entry)
	r.seen.Entry, r.seen.Mark = r.found.entry, mark
	r.observed = observe(r.change.Ref, r.found.Place, r.seen)
	if r.change.Was == nil {
		// The caller sees the end of its create through.
		r.observed.Unfinished, r.observed.Written = "", nil
	}
	return r.observed, nil
}

// rollBack puts the previous specification back after a failure. Its job goes on from the
// newest checkpoint that high availability knows.
func (r *rollout) rollBack(ctx context.Context, failed *platform.RolloutError) (*platform.Observed, error) {
	result := *failed
	if ctx.Err() != nil {
		result.Detail += "\nNot rolled back: no time was left for it. Raise timeouts.update."
		return observe(r.change.Ref, r.found.Place, r.seen), &result
	}
	logctx.From(ctx).WarnContext(ctx, "Rolling back", "deployment", r.change.String(), "cause", failed.Summary)
	was := r.change.Was
	back := platform.Change{
		Deployment: platform.Deployment{Ref: r.change.Ref, Labels: was.Labels, Annotations: was.Annotations, Spec: was.Spec},
		Was:        &platform.Was{UID: r.found.mark.UID, Spec: r.change.Spec}, Rollout: planner.Rollout{Action: planner.ActionLastState, State: planner.StateKept, ProveFor: r.change.Rollout.ProveFor},
	}
	if r.change.Rollout.State == planner.StateLost {
		back.Rollout.State = planner.StateLost
	}
	found, err := deployments{r.on}.same(ctx, r.change.Ref, r.found.mark.UID)
	var again *rollout
	if err == nil {
		again, err = deployments{r.on}.write(ctx, found, back, r.change.Spec)
	}
	if err == nil {
		err = again.follow(ctx, again.newProof(), nil)
	}
	observed := r.observed
	if again != nil {
		observed = observe(r.change.Ref, r.found.Place, again.seen)
	}
	if err == nil {
		observed, err = again.end(ctx)
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return observed, ctx.Err()
	}
	if err != nil {
		result.Summary += "; the rollback failed as well"
		result.Detail += "\nTried to go back to the previous version:\n  " + err.Error()
		return observed, &result
	}
	observed.Status.Proof = again.proof
	image := ""
	if was.Spec.Image != nil {
		image = fmt.Sprintf(" (image %s)", *was.Spec.Image)
	}
	from := ""
	if clowd.Keeps(was.Spec) {
		from = ", from its newest checkpoint"
	}
	result.RolledBack = true
	result.Detail += fmt.Sprintf("\nRolled back: the previous version%s runs again%s.\nThe change stays in the next plan. Correct the cause and apply again.", image, from)
	return observed, &result
}
