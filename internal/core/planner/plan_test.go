package planner

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// running is the status of a job in good health.
var running = flink.Status{
	LifecycleState: flink.LifecycleStable,
	JobState:       flink.StateRunning,
	JobManager:     "READY",
	Deployed:       true,
}

func status(edit func(*flink.Status)) flink.Status {
	out := running
	edit(&out)
	return out
}

func inState(state string) flink.Status {
	return status(func(s *flink.Status) { s.JobState = state })
}

// orders is a deployment with everything that savepoint mode needs.
func orders() flink.DeploymentSpec {
	return flink.DeploymentSpec{
		Image:          new("registry.example.com/orders:1.4.0"),
		FlinkVersion:   new("v1_20"),
		ServiceAccount: new("flink"),
		FlinkConfiguration: flink.Configuration{
			"state.checkpoints.dir":         new("s3://flink/checkpoints"),
			"state.savepoints.dir":          new("s3://flink/savepoints"),
			"high-availability.type":        new("kubernetes"),
			"taskmanager.numberOfTaskSlots": new("2"),
		},
		Job: &flink.Job{
			JarURI:      new("local:///opt/flink/usrlib/orders.jar"),
			Args:        []string{"--topic", "orders"},
			Parallelism: new(int64(2)),
			State:       new(flink.JobRunning),
			UpgradeMode: new(flink.UpgradeSavepoint),
		},
		JobManager:  &flink.JobManager{Replicas: new(int64(1)), Resource: &flink.Resource{CPU: new(0.5), Memory: new("1g")}},
		TaskManager: &flink.TaskManager{Resource: &flink.Resource{CPU: new(1.0), Memory: new("2g")}},
	}
}

// edit changes a specification in place.
type edit func(*flink.DeploymentSpec)

func image(value string) edit {
	return func(s *flink.DeploymentSpec) { s.Image = &value }
}

func parallelism(value int64) edit {
	return func(s *flink.DeploymentSpec) { s.Job.Parallelism = &value }
}

func taskManagers(value int64) edit {
	return func(s *flink.DeploymentSpec) { s.TaskManager.Replicas = &value }
}

func upgradeBy(mode string) edit {
	return func(s *flink.DeploymentSpec) { s.Job.UpgradeMode = &mode }
}

func jobState(state string) edit {
	return func(s *flink.DeploymentSpec) { s.Job.State = &state }
}

func from(path string) edit {
	return func(s *flink.DeploymentSpec) { s.Job.InitialSavepointPath = &path }
}

func nonce(value int64) edit {
	return func(s *flink.DeploymentSpec) { s.RestartNonce = &value }
}

func version(value string) edit {
	return func(s *flink.DeploymentSpec) { s.FlinkVersion = &value }
}

func inMode(value string) edit {
	return func(s *flink.DeploymentSpec) { s.Mode = &value }
}

func config(key, value string) edit {
	return func(s *flink.DeploymentSpec) { s.FlinkConfiguration[key] = &value }
}

func without(keys ...string) edit {
	return func(s *flink.DeploymentSpec) {
		for _, key := range keys {
			delete(s.FlinkConfiguration, key)
		}
	}
}

func noJob(s *flink.DeploymentSpec) { s.Job = nil }

func spec(edits ...edit) flink.DeploymentSpec {
	out := orders()
	for _, change := range edits {
		change(&out)
	}
	return out
}

type originMap map[string]string

func (o originMap) Of(path flink.Path) string { return o[path.Attribute()] }

type planCase struct {
	name string
	// common edits both specifications, before and after one of them.
	common, before, after []edit
	absent                bool
	status                flink.Status
	allow                 bool
	origins, oldOrigins   Origins
	provider              []string

	action   Action
	because  []string
	state    State
	downtime bool
	// summary is the whole line after the revision.
	summary string
	// warnings and errors are parts of summaries and details, one for each
	// notice, with the attribute in front: `attribute: part`.
	warnings, errors []string
}

func (test planCase) input() Input {
	in := Input{
		Name: "orders", Revision: 1, New: spec(slices.Concat(test.common, test.after)...),
		Origins: test.origins, OldOrigins: test.oldOrigins, Provider: test.provider,
		Status: test.status, AllowStateLoss: test.allow,
	}
	if !test.absent {
		old := spec(slices.Concat(test.common, test.before)...)
		in.Old = &old
	} else {
		in.Revision = 0
	}
	return in
}

func (test planCase) run(t *testing.T) {
	in := test.input()
	got := Plan(in)
	want := Rollout{
		Revision: in.Revision + 1, Action: test.action, Because: test.because, State: test.state, Downtime: test.downtime,
		Summary: fmt.Sprintf("#%d %s", in.Revision+1, test.summary),
	}
	if want.Because == nil {
		want.Because = []string{}
	}
	if diff := cmp.Diff(want, got.Rollout); diff != "" {
		t.Errorf("rollout (-want +got):\n%s", diff)
	}
	checkNotices(t, "warnings", test.warnings, got.Warnings)
	checkNotices(t, "errors", test.errors, got.Errors)
}

func checkNotices(t *testing.T, kind string, want []string, got []Notice) {
	t.Helper()
	var lines []string
	for _, n := range got {
		if n.Attribute != n.Path.Attribute() {
			t.Errorf("attribute %s of path %s", n.Attribute, n.Path.Attribute())
		}
		lines = append(lines, fmt.Sprintf("%s: %s\n%s", n.Attribute, n.Summary, n.Detail))
	}
	if len(want) != len(lines) {
		t.Errorf("%d %s, want %d:\n%s", len(lines), kind, len(want), strings.Join(lines, "\n"))
		return
	}
	for i, part := range want {
		attribute, text, _ := strings.Cut(part, ": ")
		if !strings.HasPrefix(lines[i], attribute+": ") || !strings.Contains(lines[i], text) {
			t.Errorf("%s %d is\n%s\nwant %q with %q", kind, i, lines[i], attribute, text)
		}
	}
}

func runPlans(t *testing.T, tests []planCase) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, test.run)
	}
}

func TestPlanWithoutRestart(t *testing.T) {
	runPlans(t, []planCase{
		{
			name: "create", absent: true,
			action: ActionCreate, state: StateFresh, summary: "create",
		},
		{
			name: "create from a savepoint", absent: true, after: []edit{from("s3://old/savepoint-1")},
			action: ActionCreate, state: StateKept, summary: "create: the job starts from s3://old/savepoint-1",
		},
		{
			name: "create suspended", absent: true, after: []edit{jobState(flink.JobSuspended)},
			action: ActionCreate, state: StateNone, summary: "create: suspended, nothing runs until job.state is running",
		},
		{
			name: "create a session cluster", absent: true, after: []edit{noJob},
			action: ActionCreate, state: StateNone, summary: "create",
		},
		{
			name: "metadata", status: running, provider: []string{"labels", "annotations"},
			action: ActionMetadata, state: StateNone, because: []string{"labels", "annotations"},
			summary: "metadata: labels, annotations; the job is not touched",
		},
		{
			name: "metadata of a suspended job", status: running, common: []edit{jobState(flink.JobSuspended)}, provider: []string{"labels"},
			action: ActionMetadata, state: StateNone, because: []string{"labels"},
			summary: "metadata: labels; the job is not touched",
		},
		{
			name: "operator's key", status: running, after: []edit{config("kubernetes.operator.savepoint.history.max.count", "5")},
			action: ActionConfigOnly, state: StateKept, because: []string{`flink_configuration["kubernetes.operator.savepoint.history.max.count"]`},
			summary: `config only: flink_configuration["kubernetes.operator.savepoint.history.max.count"] set to 5; the job keeps running`,
		},
		{
			name: "autoscaler's key, default parallelism, allow_non_restored_state", status: running,
			after:  []edit{config("job.autoscaler.enabled", "true"), config("parallelism.default", "3"), func(s *flink.DeploymentSpec) { s.Job.AllowNonRestoredState = new(true) }},
			action: ActionConfigOnly, state: StateKept,
			because: []string{`flink_configuration["job.autoscaler.enabled"]`, `flink_configuration["parallelism.default"]`, "job.allow_non_restored_state"},
			summary: `config only: flink_configuration["job.autoscaler.enabled"] set to true, flink_configuration["parallelism.default"] set to 3, job.allow_non_restored_state set to true; the job keeps running`,
		},
		{
			name: "upgrade mode", status: running, after: []edit{upgradeBy(flink.UpgradeLastState)},
			action: ActionConfigOnly, state: StateKept, because: []string{"upgrade.mode"},
			summary: "config only: upgrade.mode savepoint -> last_state; the job keeps running",
		},
		{
			name: "upgrade mode to stateless", status: running, after: []edit{upgradeBy(flink.UpgradeStateless)},
			action: ActionConfigOnly, state: StateKept, because: []string{"upgrade.mode"},
			summary:  "config only: upgrade.mode savepoint -> stateless; the job keeps running",
			warnings: []string{"upgrade.mode: From now on every restart of job \"orders\" drops its state"},
		},
		{
			name: "restart triggers removed", status: running, before: []edit{nonce(7)},
			action: ActionConfigOnly, state: StateKept, because: []string{"restart_triggers"},
			summary: "config only: restart_triggers changed; the job keeps running",
		},
		{
			name: "initial savepoint path taken away", status: running, before: []edit{from("s3://old/savepoint-1")},
			action: ActionConfigOnly, state: StateKept, because: []string{"job.initial_savepoint_path"},
			summary: "config only: job.initial_savepoint_path removed; the job keeps running",
		},
		{
			name: "scale standalone reactive", status: running,
			common: []edit{inMode(flink.ModeStandalone), config("scheduler-mode", "REACTIVE")}, before: []edit{taskManagers(2)}, after: []edit{taskManagers(4)},
			action: ActionScaleInPlace, state: StateKept, because: []string{"task_manager.replicas"},
			summary: "scale in place: task_manager.replicas 2 -> 4; the running job is rescaled without a restart",
		},
		{
			name: "scale standalone reactive with an ignored key", status: running,
			common: []edit{inMode(flink.ModeStandalone), config("scheduler-mode", "reactive")},
			after:  []edit{parallelism(4), config("kubernetes.operator.x", "1"), upgradeBy(flink.UpgradeStateless)},
			action: ActionScaleInPlace, state: StateKept, because: []string{"job.parallelism"},
			summary:  "scale in place: job.parallelism 2 -> 4; the running job is rescaled without a restart",
			warnings: []string{"upgrade.mode: From now on"},
		},
		{
			name: "scale native by overrides", status: running, common: []edit{config("jobmanager.scheduler", "adaptive")},
			before: []edit{config("pipeline.jobvertex-parallelism-overrides", "a:1")}, after: []edit{config("pipeline.jobvertex-parallelism-overrides", "a:2")},
			action: ActionScaleInPlace, state: StateKept, because: []string{`flink_configuration["pipeline.jobvertex-parallelism-overrides"]`},
			summary: `scale in place: flink_configuration["pipeline.jobvertex-parallelism-overrides"] a:1 -> a:2; the running job is rescaled without a restart`,
		},
	})
}

func TestPlanNothing(t *testing.T) {
	old := orders()
	for _, test := range []struct {
		name string
		new  flink.DeploymentSpec
	}{
		{"the same", orders()},
		{"the same in other words", spec(func(s *flink.DeploymentSpec) { s.TaskManager.Resource.Memory = new("2048m") })},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := Plan(Input{Name: "orders", Revision: 4, Old: &old, New: test.new, Status: running})
			want := Decision{Rollout: Rollout{Revision: 4, Action: ActionNone, State: StateNone, Summary: "#4 no change"}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("decision (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPlanUpgrades(t *testing.T) {
	const down = `will be down while it restarts`
	runPlans(t, []planCase{
		{
			name: "savepoint", status: running, after: []edit{parallelism(4)},
			action: ActionSavepoint, state: StateKept, downtime: true, because: []string{"job.parallelism"},
			summary:  "savepoint upgrade: job.parallelism 2 -> 4; the job stops with a savepoint and restarts from it",
			warnings: []string{"job.parallelism: The job \"orders\" will be down while it restarts\njob.parallelism changes from 2 to 4. The operator stops the job with a savepoint (s3://flink/savepoints) and restarts it from there."},
		},
		{
			name: "what does not restart is no cause", status: running, after: []edit{image("registry.example.com/orders:1.4.1"), config("kubernetes.operator.x", "1")},
			action: ActionSavepoint, state: StateKept, downtime: true, because: []string{"image"},
			summary:  "savepoint upgrade: image registry.example.com/orders:1.4.0 -> registry.example.com/orders:1.4.1; the job stops with a savepoint and restarts from it",
			warnings: []string{"image: " + down},
		},
		{
			name: "restart triggers", status: running, before: []edit{nonce(7)}, after: []edit{nonce(8)},
			action: ActionSavepoint, state: StateKept, downtime: true, because: []string{"restart_triggers"},
			summary:  "savepoint upgrade: restart_triggers changed; the job stops with a savepoint and restarts from it",
			warnings: []string{"restart_triggers: " + down},
		},
		{
			name: "first restart triggers", status: running, after: []edit{nonce(8)},
			action: ActionSavepoint, state: StateKept, downtime: true, because: []string{"restart_triggers"},
			summary:  "savepoint upgrade: restart_triggers changed; the job stops with a savepoint and restarts from it",
			warnings: []string{"restart_triggers: " + down},
		},
		{
			name: "last state", status: running, common: []edit{upgradeBy(flink.UpgradeLastState)}, after: []edit{parallelism(4)},
			action: ActionLastState, state: StateKept, downtime: true, because: []string{"job.parallelism"},
			summary:  "last state upgrade: job.parallelism 2 -> 4; the job restarts from its last checkpoint",
			warnings: []string{"job.parallelism: " + down},
		},
		{
			name: "last state with another Flink version", status: running, common: []edit{upgradeBy(flink.UpgradeLastState)}, after: []edit{version("v2_0")},
			action: ActionLastState, state: StateKept, downtime: true, because: []string{"flink_version"},
			summary:  "last state upgrade: flink_version v1_20 -> v2_0; as the Flink version changes, the job stops with a savepoint and restarts from it",
			warnings: []string{"flink_version: As the Flink version changes, the operator stops the job with a savepoint (s3://flink/savepoints)"},
		},
		{
			name: "the new mode counts", status: running, after: []edit{parallelism(4), upgradeBy(flink.UpgradeLastState)},
			action: ActionLastState, state: StateKept, downtime: true, because: []string{"job.parallelism", "upgrade.mode"},
			summary:  "last state upgrade: job.parallelism 2 -> 4, upgrade.mode savepoint -> last_state; the job restarts from its last checkpoint",
			warnings: []string{"job.parallelism: " + down},
		},
		{
			name: "away from stateless", status: running, before: []edit{upgradeBy(flink.UpgradeStateless)}, after: []edit{parallelism(4)},
			action: ActionSavepoint, state: StateKept, downtime: true, because: []string{"job.parallelism", "upgrade.mode"},
			summary:  "savepoint upgrade: job.parallelism 2 -> 4, upgrade.mode stateless -> savepoint; the job stops with a savepoint and restarts from it",
			warnings: []string{"job.parallelism: " + down},
		},
		{
			name: "scale native by parallelism", status: running, common: []edit{config("jobmanager.scheduler", "adaptive")}, after: []edit{parallelism(4)},
			action: ActionSavepoint, state: StateKept, downtime: true, because: []string{"job.parallelism"},
			summary:  "savepoint upgrade: job.parallelism 2 -> 4; the job stops with a savepoint and restarts from it",
			warnings: []string{"job.parallelism: " + down},
		},
		{
			name: "scale standalone without the reactive scheduler", status: running, common: []edit{inMode(flink.ModeStandalone)}, before: []edit{taskManagers(2)}, after: []edit{taskManagers(4)},
			action: ActionSavepoint, state: StateKept, downtime: true, because: []string{"task_manager.replicas"},
			summary:  "savepoint upgrade: task_manager.replicas 2 -> 4; the job stops with a savepoint and restarts from it",
			warnings: []string{"task_manager.replicas: " + down},
		},
		{
			name: "scaling together with a restart", status: running, common: []edit{inMode(flink.ModeStandalone), config("scheduler-mode", "reactive")}, after: []edit{parallelism(4), image("b:1")},
			action: ActionSavepoint, state: StateKept, downtime: true, because: []string{"image", "job.parallelism"},
			summary:  "savepoint upgrade: image registry.example.com/orders:1.4.0 -> b:1, job.parallelism 2 -> 4; the job stops with a savepoint and restarts from it",
			warnings: []string{"image: " + down},
		},
		{
			name: "the whole task manager", status: running, common: []edit{inMode(flink.ModeStandalone), config("scheduler-mode", "reactive")},
			before: []edit{func(s *flink.DeploymentSpec) { s.TaskManager = nil }}, after: []edit{func(s *flink.DeploymentSpec) { s.TaskManager = &flink.TaskManager{Replicas: new(int64(2))} }},
			action: ActionSavepoint, state: StateKept, downtime: true, because: []string{"task_manager.replicas"},
			summary:  "savepoint upgrade: task_manager.replicas set to 2; the job stops with a savepoint and restarts from it",
			warnings: []string{"task_manager.replicas: " + down},
		},
		{
			name: "default of the environment", status: running, after: []edit{config("state.backend.type", "rocksdb")},
			origins: originMap{`flink_configuration["state.backend.type"]`: "default of environment prod"},
			action:  ActionSavepoint, state: StateKept, downtime: true, because: []string{`flink_configuration["state.backend.type"] (default of environment prod)`},
			summary:  `savepoint upgrade: flink_configuration["state.backend.type"] set to rocksdb (default of environment prod); the job stops with a savepoint and restarts from it`,
			warnings: []string{`flink_configuration["state.backend.type"]: ` + down},
		},
		{
			name: "default that is gone from the environment", status: running, before: []edit{config("state.backend.type", "rocksdb")},
			origins: originMap{}, oldOrigins: originMap{`flink_configuration["state.backend.type"]`: "default of environment prod"},
			action: ActionSavepoint, state: StateKept, downtime: true, because: []string{`flink_configuration["state.backend.type"] (default of environment prod)`},
			summary:  `savepoint upgrade: flink_configuration["state.backend.type"] removed (default of environment prod); the job stops with a savepoint and restarts from it`,
			warnings: []string{`flink_configuration["state.backend.type"]: ` + down},
		},
		{
			name: "a notice stands at what the deployment says", status: running, after: []edit{image("b:1"), parallelism(3)},
			origins: originMap{"image": "override of environment prod"},
			action:  ActionSavepoint, state: StateKept, downtime: true, because: []string{"image (override of environment prod)", "job.parallelism"},
			summary:  `savepoint upgrade: image registry.example.com/orders:1.4.0 -> b:1 (override of environment prod), job.parallelism 2 -> 3; the job stops with a savepoint and restarts from it`,
			warnings: []string{"job.parallelism: " + down},
		},
		{
			name: "job failed, path known", after: []edit{image("b:1")},
			status: status(func(s *flink.Status) {
				s.JobState, s.LifecycleState, s.SavepointPath = flink.StateFailed, flink.LifecycleFailed, "s3://flink/checkpoints/1/chk-7"
			}),
			action: ActionSavepoint, state: StateKept, downtime: true, because: []string{"image"},
			summary:  "savepoint upgrade: image registry.example.com/orders:1.4.0 -> b:1; the job is FAILED, it restarts from s3://flink/checkpoints/1/chk-7",
			warnings: []string{"image: The job is FAILED, so the operator cannot take a savepoint: it restarts the job from s3://flink/checkpoints/1/chk-7."},
		},
		{
			name: "job failed, nothing known", status: inState(flink.StateFailed), after: []edit{image("b:1")},
			action: ActionSavepoint, state: StateKept, downtime: true, because: []string{"image"},
			summary:  "savepoint upgrade: image registry.example.com/orders:1.4.0 -> b:1; the job is FAILED, it restarts from its last checkpoint",
			warnings: []string{"image: " + down},
		},
		{
			name: "job restarting, an older savepoint known", after: []edit{image("b:1")},
			status: status(func(s *flink.Status) { s.JobState, s.SavepointPath = flink.StateRestarting, "s3://flink/savepoints/1" }),
			action: ActionSavepoint, state: StateKept, downtime: true, because: []string{"image"},
			summary:  "savepoint upgrade: image registry.example.com/orders:1.4.0 -> b:1; the job is RESTARTING, it restarts from its last checkpoint or s3://flink/savepoints/1",
			warnings: []string{"image: " + down},
		},
		{
			name: "JobManager does not start after an upgrade", after: []edit{image("b:1")},
			status: status(func(s *flink.Status) {
				s.JobState, s.JobManager, s.SavepointPath = flink.StateReconciling, "ERROR", "s3://flink/savepoints/1"
			}),
			action: ActionSavepoint, state: StateKept, downtime: true, because: []string{"image"},
			summary:  "savepoint upgrade: image registry.example.com/orders:1.4.0 -> b:1; the job is RECONCILING, it restarts from s3://flink/savepoints/1",
			warnings: []string{"image: " + down},
		},
		{
			name: "last state placeholder is no path", common: []edit{upgradeBy(flink.UpgradeLastState)}, after: []edit{image("b:1")},
			status: status(func(s *flink.Status) { s.JobState, s.SavepointPath = flink.StateFailed, lastStatePlaceholder }),
			action: ActionLastState, state: StateKept, downtime: true, because: []string{"image"},
			summary:  "last state upgrade: image registry.example.com/orders:1.4.0 -> b:1; the job is FAILED, it restarts from its last checkpoint",
			warnings: []string{"image: " + down},
		},
		{
			name: "fallback to the last state forbidden", status: inState(flink.StateRestarting),
			common: []edit{config("kubernetes.operator.job.upgrade.last-state-fallback.enabled", "false")}, after: []edit{image("b:1")},
			action: ActionSavepoint, state: StateKept, downtime: true, because: []string{"image"},
			summary:  "savepoint upgrade: image registry.example.com/orders:1.4.0 -> b:1; the job is RESTARTING, the operator waits until it runs to stop it with a savepoint",
			warnings: []string{"image: kubernetes.operator.job.upgrade.last-state-fallback.enabled is false, so the operator waits until the job runs"},
		},
		{
			name: "session cluster with high availability", status: status(func(s *flink.Status) { s.JobState = "" }), common: []edit{noJob}, after: []edit{image("b:1")},
			action: ActionLastState, state: StateKept, downtime: true, because: []string{"image"},
			summary:  "last state upgrade: image registry.example.com/orders:1.4.0 -> b:1; the session cluster restarts and recovers the jobs that run on it",
			warnings: []string{"image: The session cluster \"orders\" will be down while it restarts"},
		},
		{
			name: "session cluster without", status: status(func(s *flink.Status) { s.JobState = flink.StateFinished }), common: []edit{noJob, without("high-availability.type")}, after: []edit{image("b:1")},
			action: ActionStateless, state: StateNone, downtime: true, because: []string{"image"},
			summary:  "stateless restart: image registry.example.com/orders:1.4.0 -> b:1; the session cluster restarts without the jobs that run on it",
			warnings: []string{"image: without high availability"},
		},
	})
}
