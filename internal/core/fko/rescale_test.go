package fko_test

import (
	"strings"
	"testing"

	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// TestRescales has what the operator and Flink do about new overrides of the
// vertices' parallelism.
func TestRescales(t *testing.T) {
	t.Parallel()
	const overrides = "pipeline.jobvertex-parallelism-overrides"
	spec := func(version, mode, value string, more ...string) flink.DeploymentSpec {
		configuration := flink.Configuration{"jobmanager.scheduler": ptr.To("Adaptive"), "scheduler-mode": ptr.To("reactive")}
		if value != "" {
			configuration[overrides] = &value
		}
		for i := 0; i < len(more); i += 2 {
			configuration[more[i]] = &more[i+1]
		}
		return flink.DeploymentSpec{FlinkVersion: ptr.To(version), Mode: ptr.To(mode), FlinkConfiguration: configuration}
	}
	native := func(version, value string, more ...string) flink.DeploymentSpec {
		return spec(version, flink.ModeNative, value, more...)
	}
	for _, test := range []struct {
		name     string
		old, new flink.DeploymentSpec
		state    string
		// does begins what the operator does, and when is what the job waits for;
		// without does it upgrades the job.
		does, when string
		next       bool
	}{
		{"1.17", native("v1_17", "a:1"), native("v1_17", "a:2"), flink.StateRunning, "", "", false},
		{"1.18", native("v1_18", "a:1"), native("v1_18", "a:2"), flink.StateRunning, "asks the JobManager", "there are slots for it", false},
		{
			"1.20", native("v1_20", "a:1"), native("v1_20", "a:2"), flink.StateRunning, "asks the JobManager",
			"there are slots for it (and jobmanager.adaptive-scheduler.scaling-interval.min has passed since its last start, by default 30 s)", false,
		},
		{
			"2.3", native("v2_3", "a:1"), native("v2_3", "a:2"), flink.StateRunning, "asks the JobManager",
			"there are slots for it (and jobmanager.adaptive-scheduler.executing.cooldown-after-rescaling has passed since its last start, by default 30 s)", true,
		},
		{"the first overrides", native("v1_18", ""), native("v1_18", "a:2"), flink.StateRunning, "asks the JobManager", "there are slots for it", false},
		{"one vertex more", native("v1_18", "a:1"), native("v1_18", "a:1, b:2"), flink.StateRunning, "asks the JobManager", "there are slots for it", false},
		{"one vertex less", native("v1_18", "a:1,b:2"), native("v1_18", "a:1"), flink.StateRunning, "", "", false},
		{"none any more", native("v1_18", "a:1"), native("v1_18", ""), flink.StateRunning, "", "", false},
		{"another scheduler", native("v1_18", "a:1"), native("v1_18", "a:2", "jobmanager.scheduler", "Default"), flink.StateRunning, "", "", false},
		{"switched off", native("v1_18", "a:1"), native("v1_18", "a:2", "kubernetes.operator.job.upgrade.inplace-scaling.enabled", "false"), flink.StateRunning, "", "", false},
		{"a failed job", native("v1_18", "a:1"), native("v1_18", "a:2"), flink.StateFailed, "", "", false},
		{"standalone", spec("v1_18", flink.ModeStandalone, ""), spec("v1_18", flink.ModeStandalone, ""), flink.StateRunning, "changes the number of TaskManagers", "that number of them is there", false},
		{"standalone, not reactive", spec("v1_18", flink.ModeStandalone, ""), spec("v1_18", flink.ModeStandalone, "", "scheduler-mode", ""), flink.StateRunning, "", "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			how, ok := fko.Semantics{}.Rescales(planner.Input{Old: &test.old, New: test.new, Status: flink.Status{JobState: test.state, Deployed: true}})
			switch {
			case ok != (test.does != ""):
				t.Errorf("rescales: %t, %+v", ok, how)
			case ok && (!strings.HasPrefix(how.Does, test.does) || how.When != test.when || how.NextCheckpoint != test.next):
				t.Errorf("it is %+v", how)
			}
		})
	}
}

// TestParallelism reads Flink's notation of a map; what a plan refuses has none.
func TestParallelism(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		mode, text string
		want       map[string]int
	}{
		{flink.ModeNative, "e5a7:2, a61a:14", map[string]int{"e5a7": 2, "a61a": 14}},
		{flink.ModeNative, "e5a7:2,b:", nil},
		{flink.ModeStandalone, "e5a7:2", nil},
	} {
		spec := flink.DeploymentSpec{Mode: &test.mode, FlinkConfiguration: flink.Configuration{"pipeline.jobvertex-parallelism-overrides": &test.text}}
		got := fko.Parallelism(spec)
		if len(got) != len(test.want) || got["e5a7"] != test.want["e5a7"] || got["a61a"] != test.want["a61a"] {
			t.Errorf("%s, %s: %v, want %v", test.mode, test.text, got, test.want)
		}
	}
}

// TestReactiveSlots counts the slots of the TaskManagers that the operator starts.
func TestReactiveSlots(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, mode, scheduler, slots string
		replicas, parallelism        *int64
		want                         int64
	}{
		{"TaskManagers are given", flink.ModeStandalone, "reactive", "2", ptr.To[int64](3), ptr.To[int64](1), 6},
		{"a part of the last TaskManager is too much", flink.ModeStandalone, "REACTIVE", "2", nil, ptr.To[int64](3), 4},
		{"one slot each", flink.ModeStandalone, "reactive", "", ptr.To[int64](3), nil, 3},
		{"slots that nobody can read", flink.ModeStandalone, "reactive", "many", ptr.To[int64](3), nil, 0},
		{"not reactive", flink.ModeStandalone, "", "2", ptr.To[int64](3), nil, 0},
		{"native", flink.ModeNative, "reactive", "2", ptr.To[int64](3), nil, 0},
		{"nothing is given", flink.ModeStandalone, "reactive", "2", nil, nil, 0},
	} {
		spec := flink.DeploymentSpec{Mode: &test.mode, FlinkConfiguration: flink.Configuration{}, Job: &flink.Job{Parallelism: test.parallelism}}
		if test.replicas != nil {
			spec.TaskManager = &flink.TaskManager{Replicas: test.replicas}
		}
		for key, value := range map[string]string{"scheduler-mode": test.scheduler, "taskmanager.numberOfTaskSlots": test.slots} {
			if value != "" {
				spec.FlinkConfiguration[key] = &value
			}
		}
		if got, ok := fko.ReactiveSlots(spec); got != test.want || ok != (test.want != 0) {
			t.Errorf("%s: %d, %t, want %d", test.name, got, ok, test.want)
		}
	}
}
