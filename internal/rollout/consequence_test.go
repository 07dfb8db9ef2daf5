package rollout

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/platformtest"
)

// said is what somebody says of a job.
type said struct {
	image, mode, state, path string
	parallelism              int64
	configuration            flink.Configuration
	labels                   map[string]*string
	loss                     bool
}

func (s said) layer() defaults.Layer {
	optional := func(text string) *string {
		if text == "" {
			return nil
		}
		return &text
	}
	configuration := flink.Configuration{"execution.checkpointing.dir": new("s3://a/b"), "execution.checkpointing.savepoint-dir": new("s3://a/c")}
	for key, value := range s.configuration {
		configuration[key] = value
	}
	return defaults.Layer{Labels: s.labels, DeploymentSpec: flink.DeploymentSpec{
		Image: new("orders:" + cmp.Or(s.image, "1")), FlinkVersion: new("v1_20"), ServiceAccount: new("flink"), FlinkConfiguration: configuration,
		Job: &flink.Job{
			JarURI: new("local:///a.jar"), Parallelism: new(max(s.parallelism, 2)), UpgradeMode: optional(s.mode), State: optional(s.state), InitialSavepointPath: optional(s.path),
		},
		JobManager:  &flink.JobManager{Resource: &flink.Resource{CPU: new(1.0), Memory: new("2g")}},
		TaskManager: &flink.TaskManager{Resource: &flink.Resource{CPU: new(1.0), Memory: new("2g")}},
	}}
}

// thing is one job on a platform, with what is on record of it.
type thing struct {
	*testing.T
	rules  platform.Rules
	on     platform.Deployments
	name   string
	before said
	record *Record
}

func (x *thing) desired(s said) Desired {
	x.Helper()
	expanded, findings := Expand(defaults.Settings{}, s.layer())
	if len(findings) > 0 {
		x.Fatal(findings)
	}
	return Desired{Rules: x.rules, Name: x.name, ID: "x/shop/" + x.name, Expansion: expanded, Choices: Choices{AllowStateLoss: s.loss}}
}

func (x *thing) plan(s said) Decision {
	x.Helper()
	if x.record != nil {
		x.record.Said = func() Expansion { return x.desired(x.before).Expansion }
	}
	return Decide(x.desired(s), x.record)
}

// apply plans and does what the plan says, and keeps what is to be recorded.
func (x *thing) apply(s said) (Decision, error) {
	x.Helper()
	ctx, ref := x.Context(), platform.Ref{Namespace: "shop", Name: x.name}
	d := x.plan(s)
	if flink.HasErrors(d.Findings) {
		return d, errors.New(d.Findings[0].Summary)
	}
	begun, err := x.begin(ctx, ref, &d, s)
	if err != nil {
		return d, err
	}
	now, err := Finish(ctx, begun, true)
	if failed := (*platform.RolloutError)(nil); errors.As(err, &failed) && failed.RolledBack {
		x.record.Status, x.record.UID = now.Status, now.UID
		return d, err
	}
	x.record, x.before = &Record{Effective: d.Text, Last: d.Rollout, Status: now.Status, UID: now.UID, Form: now.Form}, s
	if err != nil {
		x.record.Unfinished = d.Rollout.Action
	}
	return d, err
}

func (x *thing) begin(ctx context.Context, ref platform.Ref, d *Decision, s said) (platform.Rollout, error) {
	if x.record != nil {
		return Begin(ctx, x.on, ref, *x.record, d, Choices{AllowStateLoss: s.loss}, true, platform.KindDeployment)
	}
	want, err := d.Wanted(ref)
	if err != nil {
		return nil, err
	}
	return x.on.Begin(ctx, platform.Change{Deployment: want, Rollout: d.Rollout, Awaited: true})
}

// planned is what a plan says.
type planned struct {
	action   planner.Action
	state    planner.State
	downtime bool
}

// consequences are the rows that hold for every platform, but for what the fake does
// otherwise: nil where it does the same as the operator.
var consequences = []struct {
	name          string
	before, after said
	operator      planned
	fake          *planned
	// took are the writes of the fake, and from is what its job has restored.
	took []string
	from string
}{
	{
		name: "a label", after: said{labels: map[string]*string{"team": new("a")}},
		operator: planned{planner.ActionMetadata, planner.StateNone, false}, took: []string{"PUT shop/orders"},
	},
	{
		name: "a key that the operator takes up", after: said{configuration: flink.Configuration{"kubernetes.operator.savepoint.history.max.count": new("5")}},
		operator: planned{planner.ActionConfigOnly, planner.StateKept, false}, fake: &planned{planner.ActionSavepoint, planner.StateKept, true},
		took: []string{"POST shop/orders/stop?savepoint=true", "PUT shop/orders?start=s3://saved/1"}, from: "s3://saved/1",
	},
	{
		name: "the upgrade mode", after: said{mode: flink.UpgradeLastState},
		operator: planned{planner.ActionConfigOnly, planner.StateKept, false}, took: []string{"PUT shop/orders"},
	},
	{
		name: "the parallelism", after: said{parallelism: 4},
		operator: planned{planner.ActionSavepoint, planner.StateKept, true},
		took:     []string{"POST shop/orders/stop?savepoint=true", "PUT shop/orders?start=s3://saved/1"}, from: "s3://saved/1",
	},
	{
		name: "an image without state", before: said{mode: flink.UpgradeStateless, loss: true}, after: said{mode: flink.UpgradeStateless, image: "2", loss: true},
		operator: planned{planner.ActionStateless, planner.StateLost, true},
		took:     []string{"POST shop/orders/stop?savepoint=false", "PUT shop/orders?start="},
	},
	{
		name: "suspended", after: said{state: flink.JobSuspended},
		operator: planned{planner.ActionSuspend, planner.StateKept, true}, took: []string{"POST shop/orders/stop?savepoint=true", "PUT shop/orders"},
	},
	{
		name: "resumed", before: said{state: flink.JobSuspended}, after: said{},
		operator: planned{planner.ActionResume, planner.StateKept, false}, took: []string{"PUT shop/orders?start=s3://saved/1"}, from: "s3://saved/1",
	},
	{
		name: "an image while it is suspended", before: said{state: flink.JobSuspended}, after: said{state: flink.JobSuspended, image: "2"},
		operator: planned{planner.ActionDeferred, planner.StateKept, false}, took: []string{"PUT shop/orders"},
	},
	{
		name: "another path to start from", after: said{path: "s3://old/1", loss: true},
		operator: planned{planner.ActionRedeploy, planner.StateLost, true}, took: []string{"PUT shop/orders?start=s3://old/1"}, from: "s3://old/1",
	},
}

// TestConsequencesOnTwoPlatforms plans each row on both, and applies it on the fake.
func TestConsequencesOnTwoPlatforms(t *testing.T) {
	t.Parallel()
	for _, row := range consequences {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			service := platformtest.NewService(t)
			x := &thing{T: t, rules: platformtest.Fake{}, on: platformtest.Client{URL: service.URL}, name: "orders"}
			if d, err := x.apply(said{mode: row.before.mode, loss: row.before.loss}); err != nil || d.Rollout.Action != planner.ActionCreate {
				t.Fatal(d.Rollout.Action, err)
			}
			if row.before.state != "" {
				if _, err := x.apply(row.before); err != nil {
					t.Fatal(err)
				}
			}
			service.Took()
			want := row.operator
			if row.fake != nil {
				want = *row.fake
			}
			d, err := x.apply(row.after)
			if err != nil {
				t.Fatal(err)
			}
			if got := (planned{d.Rollout.Action, d.Rollout.State, d.Rollout.Downtime}); got != want {
				t.Errorf("the fake plans %+v, want %+v", got, want)
			}
			if diff := gocmp.Diff(row.took, service.Took()); diff != "" {
				t.Errorf("writes (-want +got):\n%s", diff)
			}
			if slices.ContainsFunc(d.Findings, func(f flink.Finding) bool { return strings.Contains(f.Summary+f.Detail, "he operator") }) {
				t.Errorf("the fake speaks of the operator: %v", d.Findings)
			}
			if from := service.From("/shop/orders"); from != row.from {
				t.Errorf("the job has restored %q, want %q", from, row.from)
			}
			x.same(row.after)
			x.onTheOperator(row.before, row.after, row.operator)
		})
	}
}

// same plans once more after a refresh: nothing is to do.
func (x *thing) same(s said) {
	x.Helper()
	observed, err := x.on.Read(x.Context(), platform.Ref{Namespace: "shop", Name: x.name})
	if err != nil {
		x.Fatal(err)
	}
	now, findings := Refresh("x/shop/"+x.name, x.record.Effective, x.record.Status, observed)
	if now.Drifted || len(findings) > 0 {
		x.Errorf("a refresh finds %+v, %v", now, findings)
	}
	x.record.Status = now.Status
	if d := x.plan(s); d.Writes() || d.Rollout.Revision != x.record.Last.Revision {
		x.Errorf("the next plan has %+v", d.Rollout)
	}
}

// onTheOperator plans the row with what the operator means.
func (x *thing) onTheOperator(before, after said, want planned) {
	x.Helper()
	o := &thing{T: x.T, rules: platformtest.Known[0], name: x.name, before: before}
	d := Decide(o.desired(before), nil)
	status := flink.Status{JobState: flink.StateRunning, LifecycleState: flink.LifecycleStable, StateLocation: flink.LocationPlatform, RestURL: "http://a", Deployed: true}
	if before.state == flink.JobSuspended {
		status.JobState, status.LifecycleState = flink.StateFinished, flink.LifecycleSuspended
		status.StateLocation, status.SavepointPath = flink.LocationPath, "s3://saved/1"
	}
	o.record = &Record{Effective: d.Text, Last: d.Rollout, Status: status}
	got := o.plan(after)
	if flink.HasErrors(got.Findings) {
		x.Fatal(got.Findings)
	}
	if got := (planned{got.Rollout.Action, got.Rollout.State, got.Rollout.Downtime}); got != want {
		x.Errorf("the operator plans %+v, want %+v", got, want)
	}
}

// A version that does not come up is a failure, and the one before runs again from
// the savepoint of this very upgrade.
func TestAFailureOnAnotherPlatformIsRolledBack(t *testing.T) {
	t.Parallel()
	service := platformtest.NewService(t)
	x := &thing{T: t, rules: platformtest.Fake{}, on: platformtest.Client{URL: service.URL}, name: "orders"}
	if _, err := x.apply(said{}); err != nil {
		t.Fatal(err)
	}
	service.Took()
	_, err := x.apply(said{image: "2:broken"})
	var failed *platform.RolloutError
	if !errors.As(err, &failed) || !failed.RolledBack || !strings.Contains(failed.Summary, "the image has no job") {
		t.Fatal(err)
	}
	want := []string{"POST shop/orders/stop?savepoint=true", "PUT shop/orders?start=s3://saved/1", "PUT shop/orders?start=s3://saved/1"}
	if diff := gocmp.Diff(want, service.Took()); diff != "" {
		t.Errorf("writes (-want +got):\n%s", diff)
	}
	x.same(said{})
	if d := x.plan(said{image: "2:broken"}); d.Rollout.Action != planner.ActionSavepoint {
		t.Errorf("the change does not stay in the next plan: %+v", d.Rollout)
	}
}

// What a platform means decides, wherever the operator has a rule.
func TestAnotherPlatformHasItsOwnLimits(t *testing.T) {
	t.Parallel()
	service := platformtest.NewService(t)
	on := func(rules platform.Rules, length int, change func(*Desired)) []flink.Finding {
		x := &thing{T: t, rules: rules, on: platformtest.Client{URL: service.URL}, name: "o" + strings.Repeat("o", length-1)}
		want := x.desired(said{})
		change(&want)
		return Decide(want, nil).Findings
	}
	same := func(*Desired) {}
	if findings := on(platformtest.Fake{}, 63, same); len(findings) > 0 {
		t.Errorf("a name of 63: %v", findings)
	}
	if findings := on(platformtest.Fake{}, 64, same); !flink.HasErrors(findings) {
		t.Error("a name of 64 is taken")
	}
	if findings := on(platformtest.Known[0], 63, same); !flink.HasErrors(findings) {
		t.Error("the operator takes a name of 63")
	}
	blueGreen := func(d *Desired) { d.Expansion.Strategy = flink.StrategyBlueGreen }
	if findings := on(platformtest.Fake{}, 6, blueGreen); !flink.HasErrors(findings) || !strings.Contains(findings[0].Summary, `"fake" has no engine`) {
		t.Errorf("blue/green where there is none: %v", findings)
	}
}

// A destroy, a refresh and a second create on the fake speak its words.
func TestAnotherPlatformIsDestroyedAndRefreshed(t *testing.T) {
	t.Parallel()
	service := platformtest.NewService(t)
	ref := platform.Ref{Namespace: "shop", Name: "orders"}
	x := &thing{T: t, rules: platformtest.Fake{}, on: platformtest.Client{URL: service.URL}, name: "orders"}
	if _, err := x.apply(said{}); err != nil {
		t.Fatal(err)
	}
	twin := &thing{T: t, rules: x.rules, on: x.on, name: x.name}
	var exists *platform.ExistsError
	if _, err := twin.apply(said{}); !errors.As(err, &exists) {
		t.Errorf("a second job of the name: %v", err)
	}
	spec, _ := Spec(x.record.Effective)
	told := Destroy(x.rules, x.name, spec, x.record.Status, Choices{SavepointOnDestroy: true}, true)
	if len(told) != 1 || told[0].Summary != `The job "orders" will be stopped with a savepoint and destroyed` || !strings.Contains(told[0].Detail, "Example Service writes the savepoint to s3://a/c") {
		t.Errorf("a destroy says %v", told)
	}
	deleted, err := x.on.Delete(t.Context(), ref, platform.DeleteOptions{UID: x.record.UID, Savepoint: true})
	if err != nil || deleted.SavepointPath != "s3://saved/1" {
		t.Errorf("deleted with %+v, %v", deleted, err)
	}
	var absent *platform.NotFoundError
	if _, err := x.on.Read(t.Context(), ref); !errors.As(err, &absent) {
		t.Errorf("after a destroy: %v", err)
	}
}
