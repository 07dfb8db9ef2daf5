package operator

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// nativeTurn is one change of a FlinkBlueGreenDeployment. The operator makes the
// switch; what is done here is to write only when it can be taken up, and to see
// what came of it.
type nativeTurn struct {
	*Applications

	change  platform.Change
	options platform.WaitOptions
	began   time.Time
}

// run makes the change, and waits for it unless nobody awaits it.
func (t *nativeTurn) run(ctx context.Context, await bool) (*platform.Observed, error) {
	t.began = time.Now()
	ref := t.change.Ref
	if t.change.Rollout.Action == planner.ActionCreate {
		n, err := t.latest(ctx)
		if err == nil && await {
			err = t.await(ctx, n.parent, n.template(), Running, nativeStatus{})
		}
		return t.finish(ctx, err)
	}
	n, err := t.rest(ctx)
	if err != nil {
		return t.told(ctx, err)
	}
	switch {
	case t.restarts():
		n, err = t.ready(ctx, n)
	case t.change.Rollout.Action == planner.ActionResume:
		n, err = t.awake(ctx, n)
	}
	if err != nil {
		return t.told(ctx, err)
	}
	sent, err := t.object(n)
	if err != nil {
		return nil, err
	}
	before := nativeStatusOf(n.parent)
	written, err := t.native.apply(ctx, n.parent, sent)
	if err != nil {
		return nil, t.native.translate(err, ref)
	}
	if !await {
		return t.finish(ctx, nil)
	}
	want := native{parent: sent}.template()
	goal := t.goal(want)
	if flink.Equal((native{parent: written}).template(), n.template()) {
		// The operator looks at nothing but the template.
		goal = Deferred
	}
	return t.finish(ctx, t.await(ctx, written, want, goal, before))
}

// restarts tells whether the change needs a job that runs: a switch, or the
// restart of one that should.
func (t *nativeTurn) restarts() bool {
	switch t.change.Rollout.Action {
	case planner.ActionMetadata, planner.ActionConfigOnly, planner.ActionSuspend, planner.ActionResume, planner.ActionDeferred, planner.ActionNone:
		return false
	default:
		return true
	}
}

// goal is what the change ends with.
func (t *nativeTurn) goal(want flink.Tree) Want {
	switch t.change.Rollout.Action {
	case planner.ActionMetadata, planner.ActionDeferred:
		return Deferred
	case planner.ActionConfigOnly:
		if steadyState(want) == Suspended {
			return Deferred
		}
		return Acknowledged
	default:
		return steadyState(want)
	}
}

// latest reads what there is now.
func (t *nativeTurn) latest(ctx context.Context) (*native, error) {
	n, err := nativeOf(ctx, t.native.cluster.Get, t.change.Ref)
	if err == nil && n == nil {
		err = &platform.NotFoundError{Kind: blueGreenKind.Kind, Ref: t.change.Ref}
	}
	return n, err
}

// rest waits until the operator has nothing to do: a specification that comes
// while it is on its way to another may jam it for good (finding 36).
func (t *nativeTurn) rest(ctx context.Context) (*native, error) {
	var last native
	err := t.follow(ctx, func(n native) bool {
		last = n
		return n.parent == nil || n.parent.GetDeletionTimestamp() != nil || n.resting()
	})
	switch {
	case err != nil:
		return nil, t.overdue(ctx, err, last, "The operator is still on its way with an earlier change of %q")
	case last.parent == nil:
		return nil, &platform.NotFoundError{Kind: blueGreenKind.Kind, Ref: t.change.Ref}
	case last.parent.GetDeletionTimestamp() != nil:
		return nil, fmt.Errorf("%s %s is being deleted and takes no changes; apply again when it is gone", blueGreenKind.Kind, t.change.Ref)
	}
	return &last, nil
}

// object is the FlinkBlueGreenDeployment to write.
func (t *nativeTurn) object(n *native) (*unstructured.Unstructured, error) {
	sent, err := nativeObject(t.change.Deployment)
	if err != nil {
		return nil, err
	}
	if t.change.Awaited {
		annotate(sent, updateAnnotation, string(t.change.Rollout.Action))
	}
	template := n.template()
	if configured, ok := n.parent.GetAnnotations()[recreationAnnotation]; ok {
		startAt(sent, recreation{path: initialPathIn(template), configured: configured, replaces: n.parent.GetAnnotations()[replacesAnnotation]})
	}
	set := func(value any, path ...string) {
		_ = unstructured.SetNestedField(sent.Object, value, append([]string{"spec", "template", "spec"}, path...)...)
	}
	if t.change.Rollout.Action == planner.ActionRedeploy {
		set(time.Now().Unix(), "job", redeployNonce)
	}
	if retried, ok := setting(template, retryKey); ok {
		set(retried, "flinkConfiguration", retryKey)
	}
	wanted := native{parent: sent}.template()
	child := n.children[n.active()]
	if t.restarts() && child != nil && flink.Equal(flink.Observe(wanted, template), wanted) {
		live, err := specTree(child)
		if err != nil {
			return nil, err
		}
		if bare := withoutPath(wanted); !flink.Equal(flink.Observe(bare, live), bare) {
			set(fmt.Sprint(time.Now().UnixMilli()), "flinkConfiguration", retryKey)
		}
	}
	return sent, nil
}

// await waits until what was written runs. The operator is waited for until it
// has aborted a version that fails: a correction before that would jam it.
func (t *nativeTurn) await(ctx context.Context, written *unstructured.Unstructured, want flink.Tree, goal Want, before nativeStatus) error {
	if goal == Deferred {
		return nil
	}
	j := judgeOf(native{parent: written}, want, goal, before)
	var last native
	err := t.follow(ctx, func(n native) bool { last = n; return j.see(n).Progress != Waiting })
	if err != nil {
		return t.overdue(ctx, err, last, t.subject()+" within "+t.elapsed()+": "+strings.ReplaceAll(j.verdict.Cause, "%", "%%"))
	}
	if j.verdict.Progress == Done {
		return nil
	}
	return t.failed(ctx, last, j.verdict.Cause)
}

func (t *nativeTurn) subject() string {
	if t.change.Rollout.Action == planner.ActionCreate {
		return "The deployment %q does not start"
	}
	return "The new version of %q does not start"
}

func (t *nativeTurn) elapsed() string { return time.Since(t.began).Round(time.Second).String() }

// told returns what there is beside an error from before the write.
func (t *nativeTurn) told(ctx context.Context, err error) (*platform.Observed, error) {
	words, cancel := lastWords(ctx)
	defer cancel()
	n, readErr := t.latest(words)
	if readErr != nil {
		return nil, err
	}
	observed, _ := n.observe(t.change.Ref)
	return observed, err
}

// finish removes the marks of a change that has come to its end, and the path
// from which a job was started that was created in the place of another.
func (t *nativeTurn) finish(ctx context.Context, failure error) (*platform.Observed, error) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return t.told(ctx, ctx.Err())
	}
	words, cancel := lastWords(ctx)
	defer cancel()
	n, err := t.latest(words)
	if err != nil {
		return nil, errors.Join(failure, err)
	}
	configured, recreated := n.parent.GetAnnotations()[recreationAnnotation]
	if failure == nil && recreated && len(n.children) > 0 {
		return t.conclude(ctx, n, configured)
	}
	if isMarked(n.parent) {
		if object, err := t.native.unmark(words, t.change.Ref); err == nil {
			n.parent = object
		} else {
			logctx.From(ctx).WarnContext(ctx, "The mark of an unfinished write stays", "error", err.Error())
		}
	}
	observed, err := n.observe(t.change.Ref)
	return observed, errors.Join(failure, err)
}

// conclude ends the creation of a FlinkBlueGreenDeployment in the place of
// another form.
func (t *nativeTurn) conclude(ctx context.Context, n *native, configured string) (*platform.Observed, error) {
	ref := t.change.Ref
	if err := t.native.forget(ctx, ref); err != nil {
		return nil, err
	}
	path := "null"
	if configured != "" {
		path = fmt.Sprintf("%q", configured)
	}
	before := nativeStatusOf(n.parent)
	patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:null,%q:null,%q:null}},"spec":{"template":{"spec":{"job":{"initialSavepointPath":%s}}}}}`,
		creationAnnotation, updateAnnotation, recreationAnnotation, path)
	object, err := t.native.cluster.MergePatch(ctx, blueGreenKind, keyOf(ref), []byte(patch))
	if err != nil {
		return nil, t.native.translate(err, ref)
	}
	if err := t.await(ctx, object, native{parent: object}.template(), Acknowledged, before); err != nil {
		return t.told(ctx, err)
	}
	latest, err := t.latest(ctx)
	if err != nil {
		return nil, err
	}
	return latest.observe(ref)
}

// follow shows every version of the deployment and its colors to done until it
// says that the wait is over.
func (t *nativeTurn) follow(ctx context.Context, done func(n native) bool) error {
	following, stop := context.WithCancel(ctx)
	defer stop()
	type news struct {
		color  string
		change kube.Change
	}
	all := make(chan news)
	listen := func(color string, kind kube.Kind, ref platform.Ref) {
		for change := range t.native.cluster.Follow(following, kind, keyOf(ref)) {
			select {
			case all <- news{color, change}:
			case <-following.Done():
				return
			}
		}
	}
	go listen("", blueGreenKind, t.change.Ref)
	go listen(flink.Blue, deploymentKind, colorRef(t.change.Ref, flink.Blue))
	go listen(flink.Green, deploymentKind, colorRef(t.change.Ref, flink.Green))
	latest, heard := native{children: colors{}}, map[string]bool{}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case n := <-all:
			var denied *kube.DeniedError
			if errors.As(n.change.Err, &denied) {
				return n.change.Err
			}
			if n.change.Err != nil {
				continue
			}
			heard[n.color] = true
			switch {
			case n.color == "":
				latest.parent = n.change.Object
			case n.change.Object == nil || !isChild(n.change.Object):
				delete(latest.children, n.color)
			default:
				latest.children[n.color] = n.change.Object
			}
			if len(heard) == 3 && done(native{parent: latest.parent, children: maps.Clone(latest.children)}) {
				stop()
				letSettle(ctx, nil)
				return nil
			}
		}
	}
}
