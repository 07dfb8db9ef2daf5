package operator

import (
	"context"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
)

// firstOf returns what the first object of a deployment shall be: the deployment
// itself in place, and blue with the provider's engine.
func firstOf(want platform.Deployment) (platform.Deployment, error) {
	if want.Form == bluegreen.ByProvider {
		return colorOf(want, flink.Blue)
	}
	return want, nil
}

// reform gives a deployment another form: its job is stopped with a savepoint,
// what it consists of is deleted, and the new form is created from the
// savepoint. Before the delete the path of the state is recorded in the cluster,
// where Create finds it.
func (a *Applications) reform(ctx context.Context, found *located, change platform.Change) (platform.Rollout, error) {
	d := a.single
	first, err := firstOf(change.Deployment)
	if err != nil {
		return nil, err
	}
	object, whole := found.active(), found.identity()
	rehearsed := first
	rehearsed.Spec.Ingress = nil
	if err := d.rehearseNew(ctx, rehearsed); err != nil {
		return nil, err
	}
	if change.Form == bluegreen.ByProvider {
		if err := d.rehearseLead(ctx, change.Deployment); err != nil {
			return nil, err
		}
	}
	note := recordOf(change.Ref, change.Form)
	recorded, err := d.recreationOf(ctx, note)
	if err != nil {
		return nil, err
	}
	uid := string(whole.GetUID())
	r := recreation{uid: uid, configured: initialPathOf(first), replaces: strings.TrimSpace(whole.GetAnnotations()[replacesAnnotation] + " " + uid)}
	if r.specification, err = fingerprint(first); err != nil {
		return nil, err
	}
	switch {
	case recorded != nil && recorded.uid == uid && (object == nil || fko.StatusOf(object).Deleting):
		r.path = recorded.path
	case given(change) != "":
		r.path = given(change)
	case isStateless(change.Spec):
	case object == nil:
		// It was to be created from a state itself.
		if own, err := d.recreationOf(ctx, recordOf(change.Ref, found.form)); err != nil {
			return nil, err
		} else if own != nil {
			r.path = own.path
		}
	default:
		how := replacement{allowLoss: change.AllowStateLoss, directory: flink.SavepointDirectory(change.Spec.FlinkConfiguration)}
		if r.path, err = d.retain(ctx, object, how); err != nil {
			return nil, err
		}
	}
	if err := d.record(ctx, note, r); err != nil {
		return nil, err
	}
	// What another change of the form has left is older.
	if err := d.forget(ctx, otherRecordOf(change.Ref, change.Form)); err != nil {
		return nil, err
	}
	logctx.From(ctx).InfoContext(ctx, "Giving the deployment another form", "deployment", change.String(), "from", r.path)
	if err := a.removeAll(ctx, change.Ref, found); err != nil {
		return nil, withDetail(err, d.whereabouts(r, note))
	}
	created, err := a.create(ctx, change)
	if err != nil {
		return nil, d.notCreatedAgain(err, note, r)
	}
	return created, nil
}

// mustReform tells whether a FlinkBlueGreenDeployment has to be created again to
// make a change: the operator writes it over a child that does not run, where it
// refuses some, or it has stopped to start anything.
func (l *located) mustReform(change platform.Change) (bool, error) {
	child := l.active()
	if l.native == nil || child == nil {
		return l.native != nil && l.native.Bereft(), nil
	}
	object, err := objectOf(deploymentKind, change.Deployment)
	if err != nil {
		return false, err
	}
	return change.Rollout.Action == planner.ActionRecreate && refusesInPlace(child, object) ||
		l.native.Jammed() && fko.SteadyStateOf(object) == fko.Running, nil
}

// active is the object whose job is the deployment's, nil for a
// FlinkBlueGreenDeployment that has no child.
func (l *located) active() *unstructured.Unstructured {
	if l.form == bluegreen.ByProvider {
		active, _ := l.colors.roles()
		return l.colors[active]
	}
	if l.native != nil {
		return l.native.Children[l.native.Active()]
	}
	return l.object
}

// identity is the object whose uid is the deployment's.
func (l *located) identity() *unstructured.Unstructured {
	if l.native != nil {
		return l.native.Parent
	}
	return l.active()
}

// removeAll deletes what a deployment consists of, its active object last, so
// that whoever goes on after an interruption finds it.
func (a *Applications) removeAll(ctx context.Context, whole platform.Ref, found *located) error {
	if found.form == bluegreen.ByProvider {
		if _, other := found.colors.roles(); other != "" {
			if err := a.single.remove(ctx, found.colors[other]); err != nil {
				return err
			}
		}
		if err := a.single.unlead(ctx, whole); err != nil {
			return err
		}
		a.single.dropSavepoints(ctx, whole)
	}
	if found.native != nil {
		return a.removeNative(ctx, whole, found.native)
	}
	return a.single.remove(ctx, found.active())
}

// recordOf is the note of a deployment while it gets a form.
func recordOf(whole platform.Ref, form flink.Form) noted {
	return noted{whole: whole, colored: form == bluegreen.ByProvider}
}

// otherRecordOf is the note of a deployment while it gets another form.
func otherRecordOf(whole platform.Ref, form flink.Form) noted {
	return noted{whole: whole, colored: form != bluegreen.ByProvider}
}

// dropRecords forgets where the state of a job was when an apply that was killed
// had stopped it to create its deployment again. It goes on in the deployment
// that it has, and what was noted would be an older state.
func (a *Applications) dropRecords(ctx context.Context, found *located, change platform.Change) error {
	if err := a.single.forget(ctx, otherRecordOf(change.Ref, found.form)); err != nil {
		return err
	}
	lives := found.identity()
	// Who creates it again once more still needs its own note.
	if _, again := lives.GetAnnotations()[recreationAnnotation]; again || change.Rollout.Action == planner.ActionRecreate && found.form != byOperator {
		return nil
	}
	return a.single.forget(ctx, recordOf(change.Ref, found.form))
}

// moveRecord has a create find the state of a job whose deployment was to get
// another form when the apply was killed, and is now wanted in the one that it
// had.
func (a *Applications) moveRecord(ctx context.Context, want platform.Deployment) error {
	d, other := a.single, otherRecordOf(want.Ref, want.Form)
	r, err := d.recreationOf(ctx, other)
	if r == nil || err != nil {
		return err
	}
	if err := d.record(ctx, recordOf(want.Ref, want.Form), *r); err != nil {
		return err
	}
	return d.forget(ctx, other)
}

func initialPathOf(want platform.Deployment) string {
	if job := want.Spec.Job; job != nil && job.InitialSavepointPath != nil {
		return *job.InitialSavepointPath
	}
	return ""
}

// isStateless tells whether a job is upgraded without state, as the operator
// does when nobody says a mode.
func isStateless(spec flink.DeploymentSpec) bool {
	return spec.Job == nil || spec.Job.UpgradeMode == nil || *spec.Job.UpgradeMode == flink.UpgradeStateless
}
