package lifecycle

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

var (
	anApplication    = flink.Tree{"image": "orders:1", "job": flink.Tree{"jarURI": "local:///a.jar"}}
	aSessionJob      = flink.Tree{"deploymentName": "shared", "job": flink.Tree{"jarURI": "local:///a.jar"}}
	aSessionCluster  = flink.Tree{"image": "orders:1"}
	failedForGood    = flink.Status{LifecycleState: flink.LifecycleFailed, JobState: flink.StateFailed, Error: "No topic"}
	failedAfterwards = flink.Status{LifecycleState: flink.LifecycleStable, JobState: flink.StateFailed}
	deployedNever    = flink.Status{LifecycleState: flink.LifecycleFailed, Error: "Image cannot be pulled"}
	suspendedFailed  = flink.Status{LifecycleState: flink.LifecycleSuspended, JobState: flink.StateFailed}
)

// refreshed reads a resource whose state has the specification, and whose
// cluster answers with what is observed, nil for nothing.
func refreshed(t *testing.T, spec flink.Tree, last flink.Status, observed *platform.Observed) resource.ReadResponse {
	t.Helper()
	one := &sameAnswer{observed: observed}
	if observed == nil {
		one.err = &platform.NotFoundError{Kind: "FlinkDeployment", Ref: platform.Ref{Namespace: "flink-prod", Name: "orders"}}
	} else {
		observed.Spec, observed.RolledOut = spec, true
	}
	r := &plainResource{Resource{Type: plainType, data: dataOf(one)}}
	shortcut := NewShortcut(t.Context(), plainType, r)
	var schema resource.SchemaResponse
	r.Schema(t.Context(), resource.SchemaRequest{}, &schema)
	state := tfsdk.State{Schema: schema.Schema, Raw: stateWith(t, shortcut, spec, last)}
	resp := resource.ReadResponse{State: state}
	r.Read(t.Context(), resource.ReadRequest{State: state}, &resp)
	if resp.Diagnostics.HasError() {
		t.Fatal(resp.Diagnostics)
	}
	return resp
}

func TestARefreshSaysThatAJobHasFailed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		spec   flink.Tree
		status flink.Status
		want   string
	}{
		{"a job that runs", anApplication, flink.Status{LifecycleState: flink.LifecycleStable, JobState: flink.StateRunning}, ""},
		{"a job that failed", anApplication, failedForGood, `The job "orders" is FAILED`},
		{"a job that failed under an operator that finds that stable", anApplication, failedAfterwards, `The job "orders" is FAILED`},
		{"a deployment that never came up", anApplication, deployedNever, `The job "orders" is FAILED`},
		{"a session job", aSessionJob, failedForGood, `The job "orders" is FAILED`},
		{"a session cluster", aSessionCluster, deployedNever, `The session cluster "orders" is FAILED`},
		{"a job that was suspended after it failed", anApplication, suspendedFailed, ""},
		{"a job that came to its end", anApplication, flink.Status{LifecycleState: flink.LifecycleStable, JobState: flink.StateFinished}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			warnings := refreshed(t, test.spec, test.status, &platform.Observed{Status: test.status}).Diagnostics
			if test.want == "" {
				if len(warnings) > 0 {
					t.Errorf("warned: %v", warnings)
				}
				return
			}
			if len(warnings) != 1 || warnings[0].Summary() != test.want {
				t.Fatalf("warned: %v", warnings)
			}
			for _, part := range []string{test.status.Error, "restart_triggers"} {
				if !strings.Contains(warnings[0].Detail(), part) {
					t.Errorf("no %q in %q", part, warnings[0].Detail())
				}
			}
		})
	}
}

func TestARefreshSaysWhereTheStateOfALostJobIs(t *testing.T) {
	t.Parallel()
	const path = "s3://flink/savepoints/savepoint-1"
	running := flink.Status{JobState: flink.StateRunning, StateLocation: flink.LocationPlatform, SavepointPath: path}
	for _, test := range []struct {
		name string
		spec flink.Tree
		last flink.Status
		want []string
		not  string
	}{
		{"a job that ran", anApplication, running, []string{"starts empty", path, "may have a newer checkpoint", "job.initial_savepoint_path"}, ""},
		{"a session job", aSessionJob, running, []string{"starts empty", path, "job.initial_savepoint_path"}, ""},
		{
			"a job that was suspended", anApplication,
			flink.Status{JobState: flink.StateFinished, StateLocation: flink.LocationPath, SavepointPath: path},
			[]string{"is in " + path, "job.initial_savepoint_path"},
			"newer",
		},
		{"a job without a path", anApplication, flink.Status{JobState: flink.StateRunning, StateLocation: flink.LocationPlatform}, []string{"starts empty", "retained checkpoint"}, ""},
		{"a job that never ran", anApplication, flink.Status{StateLocation: flink.LocationNone}, []string{"had no state"}, "empty"},
		{"a session cluster", aSessionCluster, flink.Status{RestURL: "http://orders-rest"}, []string{"creates it again"}, "empty"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			resp := refreshed(t, test.spec, test.last, nil)
			if !resp.State.Raw.IsNull() {
				t.Error("it is still in the state")
			}
			if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Summary() != `The plain thing "orders" does not exist any more` {
				t.Fatalf("warned: %v", resp.Diagnostics)
			}
			detail := resp.Diagnostics[0].Detail()
			for _, part := range test.want {
				if !strings.Contains(detail, part) {
					t.Errorf("no %q in %q", part, detail)
				}
			}
			if test.not != "" && strings.Contains(detail, test.not) {
				t.Errorf("%q in %q", test.not, detail)
			}
		})
	}
}

// TestARefreshSaysThatTheJobAloneIsLost finds the object of a deployment without
// the part of it that ran the job.
func TestARefreshSaysThatTheJobAloneIsLost(t *testing.T) {
	t.Parallel()
	const path = "s3://flink/savepoints/savepoint-1"
	running := flink.Status{JobState: flink.StateRunning, JobID: "a", StateLocation: flink.LocationPlatform, SavepointPath: path}
	deleted := flink.Status{LifecycleState: flink.LifecycleDeleted}
	for _, test := range []struct {
		name string
		last flink.Status
		now  *platform.Observed
		want []string
	}{
		{"a job that ran", running, &platform.Observed{Status: deleted}, []string{"creates it again", "starts empty", path, "job.initial_savepoint_path"}},
		{"a job that was lost before", flink.Status{LifecycleState: flink.LifecycleDeleted, SavepointPath: path}, &platform.Observed{Status: deleted}, []string{path}},
		{"a job that is being created again", running, &platform.Observed{}, nil},
		{"a job that runs", running, &platform.Observed{Status: running}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			resp := refreshed(t, anApplication, test.last, test.now)
			if resp.State.Raw.IsNull() {
				t.Error("it is not in the state any more")
			}
			var told string
			for _, warning := range resp.Diagnostics {
				told += warning.Summary() + ": " + warning.Detail()
			}
			if len(test.want) == 0 && told != "" || len(test.want) > 0 && !strings.HasPrefix(told, `The job of "orders" does not exist any more: `) {
				t.Errorf("warned: %s", told)
			}
			for _, part := range test.want {
				if !strings.Contains(told, part) {
					t.Errorf("no %q in %q", part, told)
				}
			}
		})
	}
}

func TestARefreshSaysThatSomebodyElseHasTheName(t *testing.T) {
	t.Parallel()
	state := &Model{Record: Record{EffectiveSpec: types.StringValue(withDirectory), Status: StatusObject(flink.Status{JobState: flink.StateRunning})}}
	diags := (&Resource{Type: plainType}).gone(platform.Ref{Namespace: "flink-prod", Name: "orders"}, true, state)
	if len(diags) != 1 || !strings.Contains(diags[0].Detail(), "the name is taken") || !strings.Contains(diags[0].Detail(), "starts empty") {
		t.Errorf("warned: %v", diags)
	}
}
