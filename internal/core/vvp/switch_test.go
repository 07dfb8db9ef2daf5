package vvp

import (
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// TestSwitchTellsItsCost has the warning of a switch say what two deployments cost.
func TestSwitchTellsItsCost(t *testing.T) {
	t.Parallel()
	colors := flink.Form{Strategy: flink.StrategyBlueGreen, Engine: flink.EngineProvider}
	spec := func(image string) flink.DeploymentSpec {
		return flink.DeploymentSpec{Image: &image, Job: &flink.Job{UpgradeMode: new(flink.UpgradeSavepoint)}}
	}
	old := spec("a:1")
	decision := planner.Plan(planner.Input{
		Semantics: Semantics{}, Name: "orders", Old: &old, New: spec("a:2"), OldForm: colors, NewForm: colors,
		Status: flink.Status{LifecycleState: StateRunning, Deployed: true, StateLocation: flink.LocationPlatform},
	})
	if len(decision.Warnings) != 1 || !strings.Contains(decision.Warnings[0].Detail, "quota of the platform's license") || decision.Rollout.Action != planner.ActionBlueGreen {
		t.Errorf("the plan says %+v", decision)
	}
}
