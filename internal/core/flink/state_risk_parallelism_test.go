package flink_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// TestDefaultMaxParallelism has values that KeyGroupRangeAssignment of 1.18.1 and 2.3.0
// returns.
func TestDefaultMaxParallelism(t *testing.T) {
	for parallelism, want := range map[int64]int64{
		1: 128, 85: 128, 86: 256, 170: 256, 171: 256, 172: 512, 341: 512, 342: 1024, 21845: 32768, 21846: 32768, 32768: 32768,
	} {
		if got := flink.DefaultMaxParallelism(parallelism); got != want {
			t.Errorf("of %d it is %d, want %d", parallelism, got, want)
		}
	}
}

func TestRisksOfAnotherMaxParallelism(t *testing.T) {
	parts := func(n string) func(*flink.DeploymentSpec) { return having("pipeline.max-parallelism", n) }
	overrides := func(text string) func(*flink.DeploymentSpec) {
		return having("pipeline.jobvertex-parallelism-overrides", text)
	}
	replicas := func(n int64, slots string) func(*flink.DeploymentSpec) {
		return func(s *flink.DeploymentSpec) {
			s.TaskManager = &flink.TaskManager{Replicas: &n}
			s.FlinkConfiguration["taskmanager.numberOfTaskSlots"] = &slots
		}
	}
	at := func(edits ...func(*flink.DeploymentSpec)) flink.DeploymentSpec { return jobOf("v1_20", edits...) }
	const path = `flink_configuration["pipeline.max-parallelism"]`
	const each = `flink_configuration["pipeline.jobvertex-parallelism-overrides"]`
	testRisks(t, []riskRow{
		{
			name: "another", from: at(parts("128")), to: at(parts("256")), want: "refused " + path,
			says: []string{"128", "256", `upgrade.mode = "stateless"`, "upgrade.allow_state_loss = true"},
		},
		{name: "another, by a checkpoint", from: at(parts("128")), to: at(parts("256")), carried: flink.Checkpoint, want: "refused " + path},
		{name: "the same", from: at(parts("128")), to: at(parts(" 128 "))},
		{name: "removed", from: at(parts("64")), to: at()},
		{name: "Flink's sign for none", from: at(parts("64")), to: at(parts("-1"))},
		{name: "set to what Flink had chosen", from: at(), to: at(parts("128")), want: "note " + path},
		{name: "set to what Flink had chosen, of many", from: at(parallel(100)), to: at(parallel(100), parts("256")), want: "note " + path},
		{
			name: "set to something else", from: at(), to: at(parts("256")), want: "at risk " + path + " max-parallelism:128->256",
			says: []string{"Flink chose 128 when the job first started, if that was with a parallelism of 2"},
		},
		{name: "removed, and more parallel than it", from: at(parts("64")), to: at(parallel(65)), want: "refused job.parallelism"},
		{name: "more parallel within what Flink had chosen", from: at(), to: at(parallel(128))},
		{name: "more parallel than what Flink had chosen", from: at(), to: at(parallel(129)), want: "at risk job.parallelism parallelism:129", says: []string{"is 128 unless it started with a larger parallelism"}},
		{name: "by more TaskManagers", from: at(replicas(2, "2")), to: at(replicas(65, "2")), want: "at risk task_manager.replicas parallelism:130"},
		{name: "less parallel", from: at(parallel(200)), to: at(parallel(4))},
		{name: "one vertex above", from: at(), to: at(overrides("a:4,b:200")), want: "at risk " + each + " parallelism:200", says: []string{"of the vertex b"}},
		{name: "one vertex that was so already", from: at(overrides("b:200")), to: at(overrides("b:300"))},
		{name: "one vertex above what was configured", from: at(parts("64")), to: at(overrides("{b: 65}")), want: "refused " + each},
		{name: "a session cluster", from: at(sessionCluster, parts("64")), to: at(sessionCluster, parts("128"))},
	})
}

func TestRisksOfStateThatNobodyClaims(t *testing.T) {
	allow := func(s *flink.DeploymentSpec) { s.Job.AllowNonRestoredState = new(true) }
	image := func(name string) func(*flink.DeploymentSpec) {
		return func(s *flink.DeploymentSpec) { s.Image = &name }
	}
	at := func(edits ...func(*flink.DeploymentSpec)) flink.DeploymentSpec { return jobOf("v1_20", edits...) }
	testRisks(t, []riskRow{
		{name: "turned on", from: at(image("a")), to: at(image("a"), allow), want: "warn job.allow_non_restored_state", says: []string{"kept except for operators that the new version no longer has"}},
		{name: "on, with another program", from: at(image("a"), allow), to: at(image("b"), allow), want: "warn job.allow_non_restored_state"},
		{name: "on, with the same program", from: at(allow), to: at(allow, parallel(4)), want: "note job.allow_non_restored_state", says: []string{"except for operators"}},
		{name: "turned off", from: at(allow), to: at()},
		{
			name: "by its key", from: at(image("a")), to: at(image("b"), having("execution.savepoint.ignore-unclaimed-state", "true")),
			want: `warn flink_configuration["execution.savepoint.ignore-unclaimed-state"]`,
		},
		{
			name: "the attribute wins over the key", from: at(), to: at(having("execution.savepoint.ignore-unclaimed-state", "true"), func(s *flink.DeploymentSpec) { s.Job.AllowNonRestoredState = new(false) }),
		},
	})
}

func TestParallelismOverrides(t *testing.T) {
	for text, want := range map[string][]flink.Override{
		"":                   nil,
		"b:2,a:4":            {{"a", 4}, {"b", 2}},
		" a:4 , b:2 ":        {{"a", 4}, {"b", 2}},
		`{"a": "4", "b": 2}`: {{"a", 4}, {"b", 2}},
	} {
		got, err := flink.ParallelismOverrides(flink.Configuration{"pipeline.jobvertex-parallelism-overrides": &text})
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v (-want +got):\n%s", text, err, diff)
		}
	}
	for _, text := range []string{"a", "a:", "a:0", "a:-1", "a:x", "{a", "a:4;b:2"} {
		if got, err := flink.ParallelismOverrides(flink.Configuration{"pipeline.jobvertex-parallelism-overrides": &text}); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}
