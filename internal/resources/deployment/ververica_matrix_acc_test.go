package deployment_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/ververica"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
	"github.com/flink-terraform/terraform-provider-flink/internal/rollout"
)

// driven is the deployment of the fixture, driven without a CLI, which proves nothing here.
type driven struct {
	*vvpFixture

	on     platform.Deployments
	record *rollout.Record
	before rollout.Desired
}

// desired is the deployment with an image and a state.
func (e *driven) desired(tag, state string) rollout.Desired {
	e.t.Helper()
	said := defaults.Layer{DeploymentSpec: flink.DeploymentSpec{
		Image: new("registry.example.com/orders:" + tag), FlinkVersion: new("v1_20"),
		FlinkConfiguration: flink.Configuration{"state.checkpoints.dir": new("s3://flink/checkpoints"), "state.savepoints.dir": new("s3://flink/savepoints")},
		Job:                &flink.Job{JarURI: new("s3://artifacts/orders.jar"), Parallelism: new(int64(2)), State: &state},
		Ververica:          &flink.Ververica{MaxJobCreationAttempts: new(int64(1))},
	}}
	expanded, findings := rollout.Expand(defaults.Settings{}, said)
	if len(findings) > 0 {
		e.t.Fatal(findings)
	}
	expanded.ProveFor = 0
	return rollout.Desired{Rules: ververica.Rules{}, Name: "orders", ID: e.id(), Expansion: expanded, Choices: rollout.Choices{AllowStateLoss: state == flink.JobCancelled}}
}

// apply refreshes, plans and does what the plan says, as a run of a CLI does.
func (e *driven) apply(ctx context.Context, want rollout.Desired) (*platform.Observed, error) {
	ref := platform.Ref{Namespace: e.namespace, Name: "orders"}
	if e.record != nil {
		observed, err := e.on.Read(ctx, ref)
		if err != nil {
			return nil, err
		}
		now, _ := rollout.Refresh(e.id(), e.record.Effective, e.record.Status, observed)
		if e.record.Status, e.record.Unfinished = now.Status, observed.Unfinished; now.Drifted {
			e.record.Effective = now.Effective
		}
		e.record.Said = func() rollout.Expansion { return e.before.Expansion }
	}
	d := rollout.Decide(want, e.record)
	if flink.HasErrors(d.Findings) {
		return nil, fmt.Errorf("the plan is refused: %v", d.Findings)
	}
	var begun platform.Rollout
	var err error
	switch {
	case e.record == nil:
		var wanted platform.Deployment
		if wanted, err = d.Wanted(ref); err == nil {
			begun, err = e.on.Begin(ctx, platform.Change{Deployment: wanted, Rollout: d.Rollout, Awaited: true})
		}
	case !d.Writes() && e.record.Unfinished == "":
		return e.on.Read(ctx, ref)
	default:
		begun, err = rollout.Begin(ctx, e.on, ref, *e.record, &d, want.Choices, true, platform.KindDeployment)
	}
	if err != nil {
		return nil, err
	}
	now, err := rollout.Finish(ctx, begun, true)
	if err == nil {
		e.record, e.before = &rollout.Record{Effective: d.Text, Last: d.Rollout, Status: now.Status, UID: now.UID, Form: now.Form}, want
	}
	return now, err
}

// ends is where a deployment ends: its state, and whether its job has the state of before.
type ends struct {
	state string
	kept  bool
}

// transitions have, for each state in which a change finds the deployment, where it ends when
// another version is to run, and when it is to be suspended or cancelled.
var transitions = map[string]struct {
	bring                        func(f *vvpFixture)
	running, suspended, canceled ends
}{
	vvp.StateRunning: {
		func(*vvpFixture) {}, ends{vvp.StateRunning, true}, ends{state: vvp.StateSuspended}, ends{state: vvp.StateCancelled},
	},
	vvp.StateSuspended: {
		func(f *vvpFixture) { f.patch(`{"spec":{"state":"SUSPENDED"}}`); f.await("orders", vvp.StateSuspended) },
		ends{vvp.StateRunning, true},
		ends{state: vvp.StateSuspended},
		ends{state: vvp.StateCancelled},
	},
	vvp.StateCancelled: {
		// Nothing was kept, so nothing can come back; and what does not run is not suspended.
		func(f *vvpFixture) { f.patch(`{"spec":{"state":"CANCELLED"}}`); f.await("orders", vvp.StateCancelled) },
		ends{vvp.StateRunning, false},
		ends{state: vvp.StateCancelled},
		ends{state: vvp.StateCancelled},
	},
	vvp.StateTransitioning: {
		func(f *vvpFixture) {
			f.patch(`{"spec":{"template":{"spec":{"parallelism":3}}}}`)
			f.await("orders", vvp.StateTransitioning)
		},
		ends{vvp.StateRunning, true},
		ends{state: vvp.StateSuspended},
		ends{state: vvp.StateCancelled},
	},
	vvp.StateFailed: {
		func(f *vvpFixture) {
			f.patch(`{"metadata":{"annotations":{"standin.flink/fails":"broken"}},"spec":{"template":{"spec":{"parallelism":3}}}}`)
			f.await("orders", vvp.StateFailed)
			f.patch(`{"metadata":{"annotations":{"standin.flink/fails":null}}}`)
		},
		ends{vvp.StateRunning, true},
		ends{state: vvp.StateCancelled},
		ends{state: vvp.StateCancelled},
	},
	vvp.StateFinished: {
		func(f *vvpFixture) {
			f.patch(`{"metadata":{"annotations":{"standin.flink/finishes":"true"}},"spec":{"template":{"spec":{"parallelism":3}}}}`)
			f.await("orders", vvp.StateFinished)
			f.patch(`{"metadata":{"annotations":{"standin.flink/finishes":null}}}`)
		},
		ends{vvp.StateRunning, false},
		ends{state: vvp.StateCancelled},
		ends{state: vvp.StateCancelled},
	},
}

// disturbances are what happens on the server meanwhile.
var disturbances = map[string]func(f *vvpFixture){
	"nothing":    func(*vvpFixture) {},
	"it is slow": func(f *vvpFixture) { f.patch(`{"metadata":{"annotations":{"standin.flink/slow":"700ms"}}}`) },
	"it fails": func(f *vvpFixture) {
		f.server.Make(acctest.Trouble{Method: http.MethodPut, Path: "deployments", Times: 1, Code: http.StatusConflict})
		f.server.Make(acctest.Trouble{Method: http.MethodPut, Path: "deployments", Times: 1, Loses: true})
		f.server.Make(acctest.Trouble{Method: http.MethodGet, Path: "deployments", Times: 2, Code: http.StatusBadGateway})
	},
	"others change it": func(f *vvpFixture) {
		f.server.Make(acctest.Trouble{Method: http.MethodPut, Path: "deployments", Times: 1, Then: func() {
			f.patch(`{"metadata":{"labels":{"of":"others"}},"spec":{"template":{"spec":{"flinkConfiguration":{"of.others":"1"}}}}}`)
		}})
	},
}

// TestAccVervericaTransitions has each observed state met by each desired one, with each
// disturbance, and ends as the platform's rules say: 72 rows.
func TestAccVervericaTransitions(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	acctest.SkipUnlessAcceptance(t)
	for from, row := range transitions {
		for to, want := range map[string]ends{flink.JobRunning: row.running, flink.JobSuspended: row.suspended, flink.JobCancelled: row.canceled} {
			for meanwhile, disturb := range disturbances {
				t.Run(strings.ReplaceAll(fmt.Sprintf("%s to %s, %s", from, to, meanwhile), " ", "_"), func(t *testing.T) {
					t.Parallel()
					f := newVVPFixture(t, "2.15.1")
					client, err := ververica.Connect(ververica.Config{Config: rest.Config{Endpoint: f.server.Endpoint}}, func(string) string { return "" }, nil)
					if err != nil {
						t.Fatal(err)
					}
					e := &driven{vvpFixture: f, on: client.Deployments(platform.KindDeployment)}
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					defer cancel()
					if _, err := e.apply(ctx, e.desired("1", flink.JobRunning)); err != nil {
						t.Fatal(err)
					}
					disturb(f)
					row.bring(f)
					now, err := e.apply(ctx, e.desired("2", to))
					f.server.End()
					if err != nil {
						t.Fatalf("it is %v: %s", in(f.live("orders"), "status"), err)
					}
					if now.Status.LifecycleState != want.state || now.Unfinished != "" {
						t.Errorf("it ends as %s, unfinished %q", now.Status.LifecycleState, now.Unfinished)
					}
					if restored := f.restored("orders"); want.state == vvp.StateRunning && strings.HasPrefix(restored, "s3://flink/savepoints") != want.kept {
						t.Errorf("the job has started from %q", restored)
					}
					live := f.live("orders")
					if tag := in(live, "spec", "template", "spec", "artifact", "flinkImageTag"); tag != "2" {
						t.Errorf("the image has the tag %v", tag)
					}
					// What is there is what was asked for: a plan has nothing to do.
					observed, err := e.on.Read(ctx, platform.Ref{Namespace: f.namespace, Name: "orders"})
					if err != nil {
						t.Fatal(err)
					}
					if seen, _ := rollout.Refresh(e.id(), e.record.Effective, e.record.Status, observed); seen.Drifted {
						t.Errorf("a plan after it finds %s", seen.Effective)
					}
				})
			}
		}
	}
}
