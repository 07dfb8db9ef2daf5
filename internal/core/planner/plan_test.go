package planner_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// running is the status of a job in good health.
var running = flink.Status{
	LifecycleState: flink.LifecycleStable,
	JobState:       flink.StateRunning,
	JobManager:     "READY",
	StateLocation:  flink.LocationPlatform,
	Deployed:       true,
}

func status(edit func(*flink.Status)) flink.Status {
	out := running
	edit(&out)
	return out
}

func inState(state string) flink.Status {
	return status(func(s *flink.Status) {
		if s.JobState = state; state == flink.StateFinished {
			s.StateLocation = flink.LocationNone
		}
	})
}

// keptAt is the status of a job that does not run, and whose state is at a path.
func keptAt(path string, edit func(*flink.Status)) flink.Status {
	return status(func(s *flink.Status) {
		s.SavepointPath, s.StateLocation = path, flink.LocationPath
		edit(s)
	})
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
	origins, oldOrigins   planner.Origins
	provider              []string
	// form is of which objects the deployment consists, and reform of which it
	// shall, when that is another.
	form   flink.Form
	reform *flink.Form

	// accept is upgrade.accept_state_risk.
	accept   string
	action   planner.Action
	because  []string
	state    planner.State
	downtime bool
	// summary is the whole line after the revision.
	summary string
	// warnings and errors are parts of summaries and details, one for each
	// notice, with the attribute in front: `attribute: part`.
	warnings, errors []string
}

func (test planCase) input() planner.Input {
	in := planner.Input{
		Semantics: fko.Semantics{}, Name: "orders", Revision: 1, New: spec(slices.Concat(test.common, test.after)...),
		Origins: test.origins, OldOrigins: test.oldOrigins, Provider: test.provider,
		Status: test.status, AllowStateLoss: test.allow, AcceptStateRisk: test.accept, OldForm: test.form, NewForm: test.form,
	}
	if test.reform != nil {
		in.NewForm = *test.reform
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
	got := planner.Plan(in)
	want := planner.Rollout{
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

func checkNotices(t *testing.T, kind string, want []string, got []planner.Notice) {
	t.Helper()
	var lines []string
	for _, n := range got {
		lines = append(lines, fmt.Sprintf("%s: %s\n%s", n.Path.Attribute(), n.Summary, n.Detail))
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
