package ververica

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/written"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// Take implements platform.Savepoints.
func (s savepoints) Take(ctx context.Context, want platform.Savepoint) (*platform.ObservedSavepoint, error) {
	if err := s.client.require(ctx, want.Namespace); err != nil {
		return nil, told(err)
	}
	w := &savepointWait{savepoints: s, want: want, began: time.Now()}
	taken, err := w.take(ctx)
	if err != nil {
		return nil, told(err)
	}
	return observedSavepoint(platform.ObservedSavepoint{Savepoint: want}, taken), nil
}

// savepointWait is one wait for something about a savepoint.
type savepointWait struct {
	savepoints

	want  platform.Savepoint
	began time.Time
	// live is the deployment as it was seen last, nil for none.
	live object
}

// job is the deployment that runs the job.
func (w *savepointWait) job() platform.Ref {
	return platform.Ref{Namespace: w.want.Namespace, Name: w.want.Job.Name}
}

// take asks for a savepoint as soon as the job runs. The platform sees only a moment later that
// there is no job any more, so it may refuse what seemed possible.
func (w *savepointWait) take(ctx context.Context) (vvp.Savepoint, error) {
	var taken vvp.Savepoint
	err := until(ctx, func(ctx context.Context) (bool, error) {
		runs, err := w.runs(ctx)
		if err != nil || !runs {
			return false, err
		}
		taken, err = w.request(ctx, text(w.live, "metadata", "id"))
		if noJobNow(err) {
			return false, nil
		}
		return err == nil, err
	})
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return taken, w.fail(fmt.Sprintf("the job is %s after %s", cmp.Or(vvp.State(w.live), "not found"), w.elapsed()), "Nothing was written. Apply again when the job runs.")
	}
	return taken, err
}

// runs tells whether a savepoint can be taken of the job now. An error says why none will be.
func (w *savepointWait) runs(ctx context.Context) (bool, error) {
	found, err := w.client.locate(ctx, w.client.lookup, w.job())
	if isAbsent(err) {
		return false, w.fail(fmt.Sprintf("%s %s does not exist", kinds[deployments], w.job()),
			"A savepoint is taken of a running job. Check the name and the environment, and refer to the resource ("+w.attribute()+"), so that Terraform creates it first.")
	}
	if err != nil {
		return false, err
	}
	w.live = found.active()
	if inSession := text(w.live, "spec", "sessionClusterName") != ""; inSession != w.want.Job.Session {
		asked := w.want
		asked.Job.Session = inSession
		return false, w.fail(fmt.Sprintf("%s is a job of another kind", w.want.Job.Name), "Refer to it as what it is: "+(&savepointWait{want: asked}).attribute()+".")
	}
	now, refused := vvp.Savable(vvp.SeenOf(w.live))
	if refused == "" {
		return now, nil
	}
	return false, w.fail(refused, w.newest(ctx), "A savepoint needs a running job.")
}

// attribute is how a configuration refers to the job.
func (w *savepointWait) attribute() string {
	if w.want.Job.Session {
		return "session_job = flink_session_job.<name>.name"
	}
	return "deployment = flink_deployment.<name>.name"
}

// newest says where state of the job is already, as far as that can be asked for.
func (w *savepointWait) newest(ctx context.Context) string {
	known, err := w.client.savepointsOf(ctx, w.want.Namespace, text(w.live, "metadata", "id"))
	newest, found := vvp.Newest(known)
	if err != nil || !found {
		return ""
	}
	return "The job's newest known state is in " + newest.Location + "."
}

// noJobNow tells an answer by which the platform refuses a savepoint of a job that is not there.
func noJobNow(err error) bool {
	var refused *rest.StatusError
	return errors.As(err, &refused) && refused.Code == http.StatusBadRequest && strings.Contains(strings.ToLower(refused.Message), "active job")
}

// request asks for a savepoint. It has a mark, so that one that is there after an answer was lost
// is known to be the one, and no other is taken.
func (w *savepointWait) request(ctx context.Context, deployment string) (vvp.Savepoint, error) {
	before, err := w.client.savepointsOf(ctx, w.want.Namespace, deployment)
	if err != nil {
		return vvp.Savepoint{}, err
	}
	mark := written.Marked(map[string]string{annotationSavepoint: w.want.Name})
	body := object{"kind": savepointKind, "apiVersion": apiVersion, "metadata": object{"namespace": w.want.Namespace, "deploymentId": deployment, "annotations": treeOf(mark)}}
	for try := 1; ; try++ {
		var created object
		err := w.client.do(ctx, w.want.Namespace, rest.Request{Method: http.MethodPost, Path: at(w.want.Namespace, savepointsIn), Body: body}, &created)
		if err == nil && created != nil {
			return vvp.SavepointOf(created), nil
		}
		if unknown := (*rest.UnknownOutcomeError)(nil); err != nil && !errors.As(err, &unknown) {
			return vvp.Savepoint{}, err
		}
		now, looked := w.client.savepointsOf(ctx, w.want.Namespace, deployment)
		found, sure := newOne(now, before, mark)
		switch {
		case found.ID != "":
			return found, nil
		case err == nil, looked != nil, !sure, try == creations:
			return vvp.Savepoint{}, w.lost(err, looked)
		}
	}
}

// lost is the error of a savepoint that was perhaps asked for. To try again could take another one.
func (w *savepointWait) lost(causes ...error) error {
	var lines []string
	for _, cause := range causes {
		if cause != nil {
			lines = append(lines, cause.Error())
		}
	}
	return w.fail("nobody knows whether it was asked for",
		append(lines, "The server's answer was lost. Look in the platform whether the deployment has a new savepoint: it can be imported by its id.")...)
}

// newOne returns, of the savepoints of a deployment, the one that was created with a mark. A server
// may drop annotations: then it is the only one that was asked for since. sure tells that none was
// where there is none.
func newOne(now, before []vvp.Savepoint, mark map[string]string) (one vvp.Savepoint, sure bool) {
	var unmarked []vvp.Savepoint
	for _, candidate := range now {
		if written.SameMark(candidate.Annotations, mark) {
			return candidate, true
		}
		old := slices.ContainsFunc(before, func(known vvp.Savepoint) bool { return known.ID == candidate.ID })
		if !old && candidate.Origin == vvp.OriginRequest && candidate.Annotations[written.MarkAnnotation] == "" {
			unmarked = append(unmarked, candidate)
		}
	}
	if len(unmarked) == 1 {
		return unmarked[0], true
	}
	return vvp.Savepoint{}, len(unmarked) == 0
}

// Await implements platform.Savepoints.
func (s savepoints) Await(ctx context.Context, known platform.ObservedSavepoint) (*platform.ObservedSavepoint, error) {
	r, ok := receiptOf(known)
	if !ok {
		return &known, unreadable(known)
	}
	w := &savepointWait{savepoints: s, want: known.Savepoint, began: time.Now()}
	observed := &known
	err := until(ctx, func(ctx context.Context) (bool, error) {
		is, err := s.get(ctx, known.Namespace, r.id)
		if isAbsent(err) {
			return false, w.fail("somebody has deleted it", "Take another one: change triggers, or apply again.")
		}
		if err != nil {
			return false, err
		}
		observed = observedSavepoint(known, is)
		if observed.State == platform.SavepointFailed {
			return false, w.failed(ctx, is)
		}
		return observed.State == platform.SavepointCompleted, nil
	})
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = w.fail("it is not completed after "+w.elapsed().String(), "Flink may be slow to write it, or the job does not come to it. The next apply goes on waiting; raise the timeout in the attribute timeouts.")
	}
	return observed, told(err)
}

// failed is the error of a savepoint that the platform has given up.
func (w *savepointWait) failed(ctx context.Context, is vvp.Savepoint) error {
	hide := func(text string) string { return text }
	if found, err := w.client.locate(ctx, w.client.lookup, w.job()); err == nil {
		hide = hiding(found.active())
	}
	why := cmp.Or(is.Failure, "the platform does not say why")
	if is.Going() {
		why = "somebody deletes it"
	}
	var lines []string
	if about, err := w.client.about(ctx, w.want.Namespace, eventsIn, is.DeploymentID); err == nil {
		events := make([]vvp.Event, len(about))
		for i, one := range about {
			events[i] = vvp.EventOf(one)
		}
		if cause, known := vvp.CauseOf(events, is.Created); known && cause.Remedy != "" {
			lines = append(lines, cause.Remedy)
		}
		for _, line := range vvp.Last(events, is.Created, shownEvents) {
			lines = append(lines, "  event "+hide(line))
		}
	}
	return w.fail(strings.Join(strings.Fields(hide(why)), " "), lines...)
}

// fail reports why a savepoint is not taken.
func (w *savepointWait) fail(cause string, detail ...string) *platform.RolloutError {
	return &platform.RolloutError{
		Summary: fmt.Sprintf("The savepoint %q of %q is not taken: %s", w.want.Name, w.want.Job.Name, strings.TrimSuffix(cause, ".")),
		Detail:  strings.Join(slices.DeleteFunc(detail, func(line string) bool { return line == "" }), "\n"),
	}
}

func (w *savepointWait) elapsed() time.Duration { return time.Since(w.began).Round(time.Second) }
