package ververica

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/prove"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// rollout is a change that was written, and how it goes on. It implements platform.Rollout.
type rollout struct {
	jobs jobs

	change   platform.Change
	id       string
	mark     vvp.Mark
	live     object
	observed *platform.Observed
	// over tells that nothing is left to do.
	over bool
	// began is when this apply began with it.
	began time.Time
	// last is the step before the present one.
	last vvp.Step
	// version is the platform's number of the specification that the job has to be of; 0 for none.
	version int
	// counted are the restarts that the platform has counted, by its job.
	counted map[string]int64
	// proof is how the job has shown that it works.
	proof string
}

// Observed implements platform.Rollout.
func (r *rollout) Observed() *platform.Observed { return r.observed }

// Settle implements platform.Rollout: it goes on until the platform does the rest by itself.
func (r *rollout) Settle(ctx context.Context) (*platform.Observed, error) {
	if r.over {
		return r.observed, nil
	}
	if r.mark.Phase == vvp.PhaseStart && r.mark.Restore == "" || r.mark.Final != vvp.StateRunning {
		return r.end(ctx)
	}
	if err := r.follow(ctx, nil); err != nil {
		return r.observed, err
	}
	return r.end(ctx)
}

// Await implements platform.Rollout.
func (r *rollout) Await(ctx context.Context) (*platform.Observed, error) {
	if r.over {
		return r.observed, nil
	}
	bounded, cancel := r.bounded(ctx)
	defer cancel()
	err := r.follow(bounded, r.newProof())
	if told := (*platform.RolloutError)(nil); errors.As(err, &told) && !told.Waiting && r.change.Rollback {
		return r.rollBack(ctx, told)
	}
	if err != nil {
		return r.look(ctx), err
	}
	observed, err := r.end(ctx)
	if observed != nil {
		observed.Status.Proof = r.proof
	}
	return observed, err
}

// bounded leaves time for a rollback, where there may be one.
func (r *rollout) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if r.change.Rollback {
		return watch.Reserve(ctx)
	}
	return context.WithCancel(ctx)
}

// newProof is the proof that the job works; nil for a change after which none runs.
func (r *rollout) newProof() *prove.JobProof {
	if r.mark.Final != vvp.StateRunning {
		return nil
	}
	if need := r.change.Rollout.ProveFor; need > 0 {
		return prove.NewRunningJobProof(need, r.began)
	}
	return nil
}

// follow goes from step to step until the change is done and the job has proved itself; nil
// asks for no proof. Its error is a *platform.RolloutError where the platform has given up.
func (r *rollout) follow(ctx context.Context, proof *prove.JobProof) error {
	var failed error
	ticker := time.NewTicker(proofPause)
	defer ticker.Stop()
	wait := watch.Wait[seen]{
		See: func(s seen) bool {
			r.live = s.object
			var over bool
			over, failed = r.see(ctx, proof)
			return over || failed != nil
		},
		Trouble: lasting,
	}
	if proof != nil {
		wait.Times = ticker.C
		wait.Look = func(time.Time) bool {
			if r.last != vvp.StepDone {
				return false
			}
			var over bool
			over, failed = r.see(ctx, proof)
			return over || failed != nil
		}
	}
	err := wait.Until(ctx, r.jobs.client.waitsIn(r.change.Namespace).Source(r.change.Name))
	if failed != nil {
		return failed
	}
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return r.late(ctx, proof)
	}
	return err
}

// proofPause is how often a job that runs is asked how it does.
const proofPause = time.Second

// see makes the next step by what was seen last.
func (r *rollout) see(ctx context.Context, proof *prove.JobProof) (over bool, err error) {
	if is := text(r.live, "metadata", "id"); is != r.id {
		return false, &platform.OtherObjectError{Kind: kinds[deployments], Ref: r.change.Ref, UID: is, Planned: r.id}
	}
	step := r.mark.Next(vvp.SeenOf(r.live))
	if step != r.last {
		logctx.From(ctx).DebugContext(ctx, "A step of the rollout", "deployment", r.change.String(), "state", vvp.State(r.live), "step", step.String())
	}
	r.last = step
	switch step {
	case vvp.StepBring:
		return false, r.bring(ctx)
	case vvp.StepCancel:
		return false, r.remark(ctx, func(next object) { specOf(next)["state"] = vvp.StateCancelled })
	case vvp.StepStart:
		return false, r.start(ctx)
	case vvp.StepDone:
		if r.early(ctx) {
			r.last = vvp.StepWait
			return false, nil
		}
		return r.proved(ctx, proof)
	case vvp.StepFailed:
		return false, r.failure(ctx)
	case vvp.StepOverruled:
		return false, r.overruled()
	case vvp.StepWait:
	}
	return false, nil
}

// early tells that the job which runs is of a specification from before the change: somebody
// else's transition was on its way when it was written. A platform that does not number its
// specifications is believed.
func (r *rollout) early(ctx context.Context) bool {
	job := text(r.live, "status", "running", "jobId")
	if job == "" || r.version == 0 || r.mark.Phase != vvp.PhaseStart {
		return false
	}
	found, err := r.jobs.client.job(ctx, r.change.Namespace, job)
	is := numberOf(found)
	return err == nil && is != 0 && is < r.version
}

// numberOf is the number of a deployment's specification, or that of the one of which a job is;
// 0 where the platform does not tell.
func numberOf(of object) int {
	number, err := strconv.Atoi(text(of, "metadata", "annotations", annotationVersion))
	if err != nil {
		return 0
	}
	return number
}

// annotationVersion numbers the specifications of a deployment.
const annotationVersion = serverAnnotations + "controller.deployment.spec.version"

// bring has the platform know of the savepoint that the job starts from, as its newest.
func (r *rollout) bring(ctx context.Context) error {
	if _, err := r.jobs.client.bringSavepoint(ctx, r.change.Namespace, r.id, r.mark.From); err != nil {
		return err
	}
	r.mark.Brought = true
	return r.remark(ctx, func(object) {})
}

// start asks for the job to run, now that it is stopped.
func (r *rollout) start(ctx context.Context) error {
	r.mark.Phase = vvp.PhaseStart
	err := r.remark(ctx, func(next object) { specOf(next)["state"] = vvp.StateRunning })
	if err == nil {
		r.version = numberOf(r.live)
	}
	return err
}

// remark writes the mark anew, and what goes with it.
func (r *rollout) remark(ctx context.Context, edit func(next object)) error {
	written, err := r.jobs.client.change(ctx, r.change.Ref, r.id, func(deployment object) object {
		next := copied(deployment)
		note(next, vvp.AnnotationUnfinished, r.mark.String())
		edit(next)
		return next
	})
	if err == nil {
		r.live = written
	}
	return asProtected(r.change.Ref, err)
}

// proved tells whether the job has shown that it works.
func (r *rollout) proved(ctx context.Context, proof *prove.JobProof) (bool, error) {
	if proof == nil || vvp.State(r.live) == vvp.StateFinished {
		return true, nil
	}
	job := text(r.live, "status", "running", "jobId")
	verdict := proof.Look(ctx, !r.restarts(ctx, job), r.jobs.client.flinkOf(r.change.Namespace, job))
	switch verdict.Progress {
	case prove.Done:
		r.proof = verdict.How
		return true, nil
	case prove.Failed:
		return false, r.crash(ctx, verdict.How)
	case prove.Waiting:
	}
	return false, nil
}

// restarts tells whether the platform has seen the job restart since the last look. Where Flink
// cannot be asked, that is all that is known.
func (r *rollout) restarts(ctx context.Context, job string) bool {
	if slices.Contains(conditions(r.live), jobFailing) {
		return true
	}
	found, err := r.jobs.client.job(ctx, r.change.Namespace, job)
	if err != nil {
		return false
	}
	count := restartsOf(found)
	before, counted := r.counted[job]
	if r.counted == nil {
		r.counted = map[string]int64{}
	}
	r.counted[job] = count
	return counted && count > before
}

// jobFailing is the condition of a deployment whose job restarts again and again.
const jobFailing = "JobFailing"

// restartsOf is how often the platform has seen Flink restart a job.
func restartsOf(job object) int64 {
	number, _ := part(part(job, "status"), "started")["observedFlinkJobRestarts"].(json.Number)
	count, _ := number.Int64()
	return count
}

// conditions are the types of the conditions of a running deployment that hold.
func conditions(deployment object) []string {
	running := part(part(deployment, "status"), "running")
	all, _ := running["conditions"].([]any)
	var out []string
	for _, entry := range all {
		condition, _ := entry.(object)
		if condition["status"] == "True" {
			out = append(out, text(condition, "type"))
		}
	}
	return out
}

// flinkOf is Flink's REST API of a job of the platform, through the platform.
func (c *Client) flinkOf(namespace, job string) prove.FlinkREST {
	return func(ctx context.Context, path string) ([]byte, error) {
		ctx, cancel := context.WithTimeout(ctx, prove.AnswerTimeout)
		defer cancel()
		path, query, _ := strings.Cut(path, "?")
		request := rest.Request{Method: http.MethodGet, Path: c.flinkPath(namespace, job, strings.Split(strings.Trim(path, "/"), "/")...)}
		if name, value, ok := strings.Cut(query, "="); ok {
			request.Query = map[string][]string{name: {value}}
		}
		answer, err := c.in(namespace).Do(ctx, request)
		if err != nil {
			return nil, err
		}
		return answer.Body, nil
	}
}

// end records that the change has come to its end: without its mark, and with the strategies
// that were asked for.
func (r *rollout) end(ctx context.Context) (*platform.Observed, error) {
	if r.held() {
		r.jobs.client.held.Store(r.change.Ref, r.mark)
		status := r.live["status"]
		r.live = finished(r.live, r.mark)
		r.live["status"] = status
		return r.observe(ctx)
	}
	written, err := r.jobs.client.change(ctx, r.change.Ref, r.id, func(deployment object) object { return finished(deployment, r.mark) })
	if err != nil {
		return r.observed, asProtected(r.change.Ref, err)
	}
	r.live = written
	if r.mark.From != "" {
		r.jobs.client.forgetRecreation(ctx, wholeRef(r.change.Ref, r.live), r.mark.From)
	}
	return r.observe(ctx)
}

// observe returns the deployment as it was seen last.
func (r *rollout) observe(ctx context.Context) (*platform.Observed, error) {
	observed, err := r.jobs.client.observe(ctx, r.change.Ref, r.live, true)
	if err != nil {
		return r.observed, err
	}
	r.observed = observed
	return observed, nil
}

// look is observe beside an error, for which what is known has to do.
func (r *rollout) look(ctx context.Context) *platform.Observed {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	observed, err := r.observe(ctx)
	if err != nil {
		logctx.From(ctx).WarnContext(ctx, "The deployment cannot be read after a failure", "deployment", r.change.String(), "error", err.Error())
	}
	return observed
}

// afterwards bounds what is asked after the end of a wait.
const afterwards = 10 * time.Second

// restoresState tells whether the change was to go on with the job's state.
func (r *rollout) restoresState() bool { return r.change.Rollout.State.GoesOn() }

// subject says of what version an error speaks.
func (r *rollout) subject() string {
	if r.change.Was == nil || r.change.Rollout.Action == planner.ActionCreate {
		return fmt.Sprintf("The job %q", r.change.Name)
	}
	return fmt.Sprintf("The new version of %q", r.change.Name)
}
