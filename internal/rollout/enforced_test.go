package rollout

import (
	"slices"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/platformtest"
)

// What the platform adds to a specification by itself, and is then wanted, is written
// and restarts nothing. Whether it runs is asked by what the values mean, and of
// secrets by their fingerprints.
func TestWhatRunsAlreadyIsNoChangeForTheJob(t *testing.T) {
	t.Parallel()
	const (
		because  = `flink_configuration["taskmanager.numberOfTaskSlots"] (override of environment shop)`
		secret   = "s3.secret-key"
		ofSecret = `flink_configuration["` + secret + `"] (override of environment shop)`
	)
	overrides := func(key, value string) defaults.Settings {
		return defaults.Settings{Environment: "shop", Overrides: &defaults.Layer{DeploymentSpec: flink.DeploymentSpec{FlinkConfiguration: flink.Configuration{key: &value}}}}
	}
	slots := func(value string) flink.Tree {
		return flink.Tree{"flinkConfiguration": map[string]any{"taskmanager.numberOfTaskSlots": value, "of.others": "x"}}
	}
	for name, test := range map[string]struct {
		settings defaults.Settings
		runs     flink.Tree
		image    string
		action   planner.Action
		because  string
	}{
		"it runs":               {overrides("taskmanager.numberOfTaskSlots", "2"), slots("2"), "1", planner.ActionMetadata, because},
		"another value runs":    {overrides("taskmanager.numberOfTaskSlots", "3"), slots("2"), "1", planner.ActionSavepoint, because},
		"nothing of it runs":    {overrides("taskmanager.numberOfTaskSlots", "2"), nil, "1", planner.ActionSavepoint, because},
		"and the image changes": {overrides("taskmanager.numberOfTaskSlots", "2"), slots("2"), "2", planner.ActionSavepoint, "image"},
		"a secret runs":         {overrides(secret, "hush"), flink.Tree{"flinkConfiguration": map[string]any{secret: "hush"}}, "1", planner.ActionMetadata, ofSecret},
		"it is not wanted":      {defaults.Settings{}, slots("2"), "1", planner.ActionNone, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := &thing{T: t, rules: platformtest.Known[0], name: "orders"}
			desired := func(settings defaults.Settings, image string) Desired {
				want := x.desired(said{mode: "savepoint"})
				expanded, findings := Expand(settings, said{mode: "savepoint", image: image}.layer())
				if len(findings) > 0 {
					t.Fatal(findings)
				}
				want.Expansion = expanded
				return want
			}
			first := Decide(desired(defaults.Settings{}, "1"), nil)
			record := &Record{
				Effective: first.Text, Last: first.Rollout, Status: flink.Status{JobState: flink.StateRunning, LifecycleState: flink.LifecycleStable, Deployed: true},
				Enforced: Enforced("x/shop/orders", &platform.Observed{Enforced: test.runs}),
				Said:     func() Expansion { return desired(defaults.Settings{}, "1").Expansion },
			}
			d := Decide(desired(test.settings, test.image), record)
			if test.action == planner.ActionNone {
				if d.Writes() || d.Rollout.Revision != first.Rollout.Revision {
					t.Fatalf("%+v is written", d.Rollout)
				}
				return
			}
			if d.Rollout.Action != test.action || !slices.Contains(d.Rollout.Because, test.because) || d.Rollout.Downtime == (test.action == planner.ActionMetadata) {
				t.Errorf("the rollout is %+v", d.Rollout)
			}
			// It is written all the same.
			if !d.Writes() {
				t.Error("nothing is written")
			}
		})
	}
}
