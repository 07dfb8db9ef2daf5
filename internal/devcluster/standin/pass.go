package standin

import (
	"context"
	"errors"
	"reflect"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// pass is one look at one FlinkDeployment or FlinkSessionJob: observe what
// Flink does, validate, reconcile. Like the operator it writes the status
// several times on the way, each time that somebody could learn something.
type pass struct {
	*operator
	gvr        schema.GroupVersionResource
	kind       string
	session    bool // a FlinkSessionJob
	key        types.NamespacedName
	obj        *unstructured.Unstructured
	generation int64 // of the spec that this pass works with
	spec       *spec
	config     map[string]string // effective configuration of the job
	cluster    *spec             // FlinkSessionJob: the session cluster, nil while it is missing
	last       *reconciled       // parsed lastReconciledSpec, nil before the first deployment
	st         *status
	saved      map[string]any
	faults     faults
	in         *instance
	invalid    bool          // the spec failed validation, so the last one is kept
	again      time.Duration // when to look again, 0: not by itself
}

// newPass reads what a pass needs from an object.
func (o *operator) newPass(ctx context.Context, gvr schema.GroupVersionResource, obj *unstructured.Unstructured) (*pass, error) {
	annotations, err := o.faultAnnotations(ctx, obj)
	if err != nil {
		return nil, err
	}
	m, _ := obj.Object["spec"].(map[string]any)
	p := &pass{
		operator: o, gvr: gvr, kind: obj.GetKind(), session: gvr == sessionJobs, key: keyOf(obj), obj: obj,
		generation: obj.GetGeneration(), spec: parseSpec(m), faults: parseFaults(annotations),
	}
	p.config = flatConfig(p.spec.config)
	st, err := readStatus(obj.Object)
	if err != nil {
		return nil, err
	}
	if st == nil {
		st = newStatus(o.version, p.session)
	} else {
		p.saved = st.content()
	}
	p.st = st
	if text := st.Reconciliation.LastReconciledSpec; text != "" {
		if p.last, err = parseReconciled(text); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// application reports whether the object runs a job.
func (p *pass) application() bool { return p.spec.job != nil }

func (p *pass) now() time.Time { return time.Now() }

// lookAgain asks for the next pass after d, or earlier if something else did.
func (p *pass) lookAgain(d time.Duration) {
	if p.again == 0 || d < p.again {
		p.again = d
	}
}

// save writes the status if it says something new.
func (p *pass) save(ctx context.Context) error {
	jobState := ""
	if p.last != nil && p.last.spec.job != nil {
		jobState = p.last.spec.job.state
	}
	p.st.Lifecycle = p.st.lifecycle(jobState)
	if p.saved == nil && p.last == nil && p.st.Error == "" {
		// The first status of an object says more than that nothing was done yet.
		return nil
	}
	content := p.st.content()
	if reflect.DeepEqual(content, p.saved) || p.faults.statusNever {
		return nil
	}
	stored, err := p.api.writeStatus(ctx, p.gvr, p.obj, content)
	if err != nil {
		return err
	}
	p.log.Debug("status", "kind", p.kind, "object", p.key.String(), "lifecycle", p.st.Lifecycle, "reconciliation", p.st.Reconciliation.State,
		"job", p.st.Job.State, "job_manager", p.st.JobManager, "observed", p.st.ObservedGeneration, "error", p.st.Error)
	p.obj, p.saved = stored, content
	return nil
}

// setReconciled records r as lastReconciledSpec.
func (p *pass) setReconciled(r *reconciled) {
	p.last = r
	p.st.Reconciliation.LastReconciledSpec = r.text(p.version, p.session)
}

// acknowledge marks the generation of this pass as seen.
func (p *pass) acknowledge() {
	if p.invalid {
		return
	}
	if p.version.observedGeneration {
		p.st.ObservedGeneration = p.generation
		return
	}
	if p.last != nil && p.last.generation != p.generation {
		r := *p.last
		r.generation = p.generation
		p.setReconciled(&r)
		// The text differs from lastStableSpec until the next look.
		p.lookAgain(p.step)
	}
}

func (p *pass) markStable() {
	p.st.Reconciliation.LastStableSpec = p.st.Reconciliation.LastReconciledSpec
}

func (p *pass) touch() { p.st.Reconciliation.Timestamp = p.now().UnixMilli() }

// finish ends a pass with err, which may be an error for status.error.
func (p *pass) finish(ctx context.Context, err error) (time.Duration, error) {
	var fe *flinkError
	if errors.As(err, &fe) {
		p.st.Error = fe.document()
		p.event(ctx, "Warning", fe.reason, "JobManagerDeployment", fe.Message)
		p.lookAgain(p.interval())
	} else if err != nil {
		return 0, err
	}
	if p.version.conditions && !p.session && p.st.Reconciliation.LastReconciledSpec != "" {
		p.st.setCondition(p.application(), p.now())
	}
	return p.again, p.save(ctx)
}
