package platformtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
)

// Fake is what another platform means, which is as unlike the operator as the
// interfaces allow: a REST service that is polled, with names of 63 characters, its
// own words for states, nothing that scales in place and no blue/green.
type Fake struct{}

var _ platform.Rules = Fake{}

// Name implements platform.Rules.
func (Fake) Name() string { return "fake" }

// Subject implements planner.Semantics.
func (Fake) Subject() string { return "Example Service" }

// Job implements planner.Semantics.
func (Fake) Job(s flink.Status) (planner.Phase, string) {
	switch s.JobState {
	case up:
		return planner.PhaseRunning, s.JobState
	case broken:
		return planner.PhaseFailed, s.JobState
	case "":
		return planner.PhaseUnknown, ""
	default:
		return planner.PhaseDown, s.JobState
	}
}

// Effect implements planner.Semantics: the service restarts for all but the upgrade
// mode, which is the provider's.
func (Fake) Effect(change flink.Change, _ planner.Input) planner.Effect {
	if slices.Equal(change.Path, flink.Path{"job", "upgradeMode"}) || slices.Equal(change.Path, flink.Path{"job", "initialSavepointPath"}) {
		return planner.Ignored
	}
	return planner.Restarts
}

// OverruledBy implements planner.Semantics.
func (Fake) OverruledBy(flink.Path, flink.DeploymentSpec) flink.Path { return nil }

// Rescales implements planner.Semantics.
func (Fake) Rescales(planner.Input) (planner.Rescale, bool) { return planner.Rescale{}, false }

// Savepoint implements planner.Semantics.
func (Fake) Savepoint(planner.Input) flink.Carried { return flink.CanonicalSavepoint }

// WaitsFor implements planner.Semantics.
func (Fake) WaitsFor(planner.Input) string { return "" }

// StopsIdleSessions implements planner.Semantics.
func (Fake) StopsIdleSessions() bool { return false }

// SwitchCosts implements planner.Semantics.
func (Fake) SwitchCosts() string { return "" }

// Has implements platform.Rules.
func (Fake) Has(kind platform.Kind) bool { return kind == platform.KindDeployment }

// Can implements platform.Rules.
func (Fake) Can(platform.Ability) bool { return false }

// PlacedBy implements platform.Rules.
func (Fake) PlacedBy() string { return platform.PlacedByNamespace }

// ValidateEnvironment implements platform.Rules.
func (Fake) ValidateEnvironment(string) string { return "" }

// Validate implements platform.Rules.
func (f Fake) Validate(name string, _ flink.DeploymentSpec) []flink.Finding {
	if longest := f.LongestName(flink.Form{}); len(name) > longest {
		return []flink.Finding{{Path: flink.Path{"metadata", "name"}, Severity: flink.Error, Summary: "The name is too long", Detail: fmt.Sprintf("At most %d.", longest)}}
	}
	return nil
}

// ValidateSecrets implements platform.Rules.
func (Fake) ValidateSecrets(flink.Configuration, map[string]flink.SecretRef) []flink.Finding {
	return nil
}

// ValidateLayer implements platform.Rules.
func (Fake) ValidateLayer(flink.DeploymentSpec) []flink.Finding { return nil }

// Mappings implements platform.Rules.
func (Fake) Mappings() []flink.Mapping { return nil }

// Engines implements platform.Rules.
func (Fake) Engines() []string { return nil }

// LongestName implements platform.Rules.
func (Fake) LongestName(flink.Form) int { return 63 }

// HasFailed implements platform.Rules.
func (Fake) HasFailed(status flink.Status) bool { return status.JobState == broken }

// Client is the service over REST. It implements platform.Deployments.
type Client struct{ URL string }

// poll is how long a wait leaves the service alone.
const poll = time.Millisecond

func (c Client) call(ctx context.Context, method string, ref platform.Ref, rest string, body any) (*job, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, c.URL+"/"+ref.String()+rest, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, &platform.ExplainedError{Cause: "the service cannot be reached", Err: err, Remedy: "Check its endpoint."}
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	switch answer.StatusCode {
	case http.StatusNotFound:
		return nil, &platform.NotFoundError{Kind: "job", Ref: ref}
	case http.StatusConflict:
		return nil, &platform.ExistsError{Err: errors.New(strings.TrimSpace(string(said)))}
	}
	decoder := json.NewDecoder(bytes.NewReader(said))
	decoder.UseNumber()
	var known job
	return &known, decoder.Decode(&known)
}

func observed(ref platform.Ref, j *job) *platform.Observed {
	location := flink.LocationPlatform
	switch {
	case j.State == down && j.Saved != "":
		location = flink.LocationPath
	case j.State == down:
		location = flink.LocationNone
	}
	return &platform.Observed{
		Ref: ref, UID: j.UID, Labels: j.Labels, Spec: j.Spec, RolledOut: j.State == up || j.State == down,
		Status: flink.Status{
			UID: j.UID, JobState: j.State, JobID: fmt.Sprintf("job-%d", j.Started), SavepointPath: j.Saved, StateLocation: location,
			Error: j.Error, RestURL: "http://" + ref.Name, Deployed: true,
		},
	}
}

// Read implements platform.Deployments.
func (c Client) Read(ctx context.Context, ref platform.Ref) (*platform.Observed, error) {
	j, err := c.call(ctx, http.MethodGet, ref, "", nil)
	if err != nil {
		return nil, err
	}
	return observed(ref, j), nil
}

// Import implements platform.Deployments.
func (c Client) Import(ctx context.Context, ref platform.Ref) (*platform.Observed, error) {
	return c.Read(ctx, ref)
}

// Check implements platform.Deployments: the service does not check.
func (Client) Check(context.Context, platform.Deployment, bool) error { return nil }

// Delete implements platform.Deployments.
func (c Client) Delete(ctx context.Context, ref platform.Ref, options platform.DeleteOptions) (platform.Deleted, error) {
	var out platform.Deleted
	if options.Savepoint {
		stopped, err := c.call(ctx, http.MethodPost, ref, "/stop?savepoint=true", nil)
		if err != nil {
			return out, err
		}
		out.SavepointPath = stopped.Saved
	}
	_, err := c.call(ctx, http.MethodDelete, ref, "", nil)
	return out, err
}

// Begin implements platform.Deployments.
func (c Client) Begin(ctx context.Context, change platform.Change) (platform.Rollout, error) {
	want, err := flink.TreeOf(change.Spec)
	if err != nil {
		return nil, err
	}
	body := job{Spec: want, Labels: change.Labels}
	began := &polled{client: c, change: change}
	if change.Was == nil {
		began.now, err = c.call(ctx, http.MethodPost, change.Ref, "?start=", body)
		return began, err
	}
	if began.now, err = c.call(ctx, http.MethodGet, change.Ref, "", nil); err != nil || change.Begun {
		return began, err
	}
	if uid := change.Was.UID; uid != "" && uid != began.now.UID {
		return nil, &platform.OtherObjectError{Kind: "job", Ref: change.Ref, UID: began.now.UID, Planned: uid}
	}
	rest := ""
	switch change.Rollout.Action {
	case planner.ActionMetadata, planner.ActionConfigOnly, planner.ActionDeferred:
	case planner.ActionSuspend:
		_, err = c.stop(ctx, change, began.now)
	case planner.ActionRedeploy:
		rest = "?start=" + *change.Spec.Job.InitialSavepointPath
	default:
		var saved string
		if saved, err = c.stop(ctx, change, began.now); change.Rollout.State.GoesOn() {
			began.from = saved
		}
		rest = "?start=" + began.from
	}
	if err == nil {
		began.now, err = c.call(ctx, http.MethodPut, change.Ref, rest, body)
	}
	return began, err
}

// stop stops a job that runs, with a savepoint where the change keeps its state, and
// returns the newest one.
func (c Client) stop(ctx context.Context, change platform.Change, now *job) (string, error) {
	if now.State == down {
		return now.Saved, nil
	}
	stopped, err := c.call(ctx, http.MethodPost, change.Ref, fmt.Sprintf("/stop?savepoint=%t", change.Rollout.State.GoesOn()), nil)
	if err != nil {
		return "", err
	}
	return stopped.Saved, nil
}

// polled is a change that was written. It implements platform.Rollout.
type polled struct {
	client Client
	change platform.Change
	from   string
	now    *job
}

// Observed implements platform.Rollout.
func (p *polled) Observed() *platform.Observed { return observed(p.change.Ref, p.now) }

// Settle implements platform.Rollout.
func (p *polled) Settle(ctx context.Context) (*platform.Observed, error) {
	return p.client.Read(ctx, p.change.Ref)
}

// look is what one poll has told.
type look struct {
	job *job
	err error
}

// Trouble implements watch.News.
func (l look) Trouble() error { return l.err }

// follow polls the job.
func (p *polled) follow(ctx context.Context) <-chan look {
	out := make(chan look)
	go func() {
		for {
			j, err := p.client.call(ctx, http.MethodGet, p.change.Ref, "", nil)
			select {
			case out <- look{j, err}:
			case <-ctx.Done():
				return
			}
			select {
			case <-time.After(poll):
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// wait waits until the job is where it shall be.
func (p *polled) wait(ctx context.Context) error {
	return watch.Wait[look]{
		See:     func(l look) bool { p.now = l.job; return l.job.State != starting },
		Trouble: func(err error) error { return err },
	}.Until(ctx, p.follow)
}

// Await implements platform.Rollout.
func (p *polled) Await(ctx context.Context) (*platform.Observed, error) {
	if err := p.wait(ctx); err != nil {
		return p.Observed(), err
	}
	if p.now.State != broken {
		return p.Observed(), nil
	}
	failed := &platform.RolloutError{Summary: fmt.Sprintf("The new version of %q does not start: %s", p.change.Name, p.now.Error)}
	if !p.change.Rollback {
		return p.Observed(), failed
	}
	before, err := flink.TreeOf(p.change.Was.Spec)
	if err == nil {
		p.now, err = p.client.call(ctx, http.MethodPut, p.change.Ref, "?start="+p.from, job{Spec: before, Labels: p.change.Was.Labels})
	}
	if err == nil {
		err = p.wait(ctx)
	}
	if err != nil {
		return p.Observed(), errors.Join(failed, err)
	}
	failed.RolledBack, failed.Detail = true, "Rolled back: the previous version runs again, restored from "+p.from+"."
	return p.Observed(), failed
}
