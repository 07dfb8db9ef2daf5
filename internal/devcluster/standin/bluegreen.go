package standin

import (
	"context"
	"errors"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// Configuration of a FlinkBlueGreenDeployment, read from spec.configuration alone. A second of it is one step here.
const (
	keyAbortGracePeriod = "kubernetes.operator.bluegreen.abort.grace-period"
	keyReschedule       = "kubernetes.operator.bluegreen.reconciliation.reschedule-interval"
	keyDeletionDelay    = "kubernetes.operator.bluegreen.deployment-deletion.delay"
)

// blueGreenPass is one look at one FlinkBlueGreenDeployment. It sees of its two FlinkDeployments what the apiserver
// has of them, and nothing of the Flink behind.
type blueGreenPass struct {
	*operator
	key      types.NamespacedName
	obj      *unstructured.Unstructured
	spec     *blueGreenSpec
	last     *blueGreenSpec // parsed lastReconciledSpec, nil before the first deployment
	st       *blueGreenStatus
	children map[color]*child
}

// reconcileBlueGreen brings one FlinkBlueGreenDeployment a bit further. It has no finalizer: when it goes, the garbage
// collector deletes what it owns.
func (o *operator) reconcileBlueGreen(ctx context.Context, key types.NamespacedName) (time.Duration, error) {
	again, err := o.passBlueGreen(ctx, key)
	var thrown exceptionError
	if errors.As(err, &thrown) {
		o.log.Info("the operator throws", "kind", blueGreenKind, "object", key.String(), "exception", err)
		return o.interval(), nil
	}
	return again, err
}

// exceptionError is an exception in the operator: it tries again, and tells nobody but its log.
type exceptionError string

func (e exceptionError) Error() string { return string(e) }

func (o *operator) passBlueGreen(ctx context.Context, key types.NamespacedName) (time.Duration, error) {
	obj, err := o.api.get(ctx, blueGreens, key)
	if apierrors.IsNotFound(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if obj.GetDeletionTimestamp() != nil {
		return 0, nil
	}
	b := &blueGreenPass{operator: o, key: key, obj: obj}
	if b.st, err = readBlueGreenStatus(obj.Object); err != nil {
		return 0, err
	}
	if b.st == nil {
		b.st = newBlueGreenStatus()
		return b.soon(), b.record(ctx, initializingBlue, "", "")
	}
	m, _ := obj.Object["spec"].(map[string]any)
	b.spec = parseBlueGreenSpec(m)
	if b.st.LastReconciledSpec != "" {
		if b.last, err = parseBlueGreenReconciled(b.st.LastReconciledSpec); err != nil {
			return 0, err
		}
	}
	if b.spec.template == nil {
		return 0, exceptionError("the template has no spec")
	}
	if b.st.State == initializingBlue {
		return b.initialize(ctx)
	}
	if err := b.findChildren(ctx); err != nil {
		return 0, err
	}
	if len(b.children) == 0 {
		return 0, exceptionError("Unexpected number of dependent deployments: 0")
	}
	for _, c := range colors {
		switch b.st.State {
		case active(c):
			return b.active(ctx, c)
		case savepointing(c):
			return b.savepointing(ctx, c)
		case transitioningTo(c):
			return b.transition(ctx, c)
		}
	}
	return 0, exceptionError("unknown state " + b.st.State)
}

// initialize deploys blue for the first time, or once more with a changed spec after that was aborted.
func (b *blueGreenPass) initialize(ctx context.Context) (time.Duration, error) {
	if job := b.spec.template.job; job != nil && job.state == stateSuspended {
		return 0, b.record(ctx, "", jobSuspended, "")
	}
	if b.last != nil && (b.st.Job.State != jobFailing || b.diff() == blueGreenIgnore) {
		return 0, nil
	}
	b.reconciled()
	return b.deploy(ctx, blue, "")
}

// record writes the status with a new state and state of the job, where they are not empty. The error goes with the
// state of the job.
func (b *blueGreenPass) record(ctx context.Context, state, job, message string) error {
	if state != "" {
		b.st.State = state
	}
	if job != "" {
		b.st.Job.State = job
	}
	switch job {
	case jobFailing:
		b.st.Error = message
	case jobReconciling, jobRunning:
		b.st.Error = ""
	}
	b.st.LastReconciledTimestamp = instant(time.Now())
	stored, err := b.api.writeStatus(ctx, blueGreens, b.obj, contentOf(b.st))
	if err != nil {
		return err
	}
	b.obj = stored
	b.log.Debug("status", "kind", b.obj.GetKind(), "object", b.key.String(), "state", b.st.State, "job", b.st.Job.State, "error", b.st.Error)
	return nil
}

// soon is the time until the pass that follows a write at once.
func (b *blueGreenPass) soon() time.Duration { return b.step / 10 }

func (b *blueGreenPass) rescheduleInterval() time.Duration {
	return b.configured(keyReschedule, 15*time.Second)
}

func (b *blueGreenPass) configured(key string, fallback time.Duration) time.Duration {
	return b.inSteps(flinkDuration(b.spec.configuration[key], fallback))
}

// instant is a point in time as the operator's Java classes write it.
func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// epoch is what the operator resets its points in time to.
var epoch = time.UnixMilli(0)

// instantOf reads one; none, and one that was reset, are the epoch.
func instantOf(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return epoch
	}
	return t
}
