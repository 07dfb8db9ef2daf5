package planner

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// diffType is the operator's classification of a changed field, as
// flinkDiffTypes writes it down a second time, independent of effectOf.
type diffType int

const (
	diffIgnore diffType = iota
	diffScale
	diffUpgrade
)

// field is one value of a specification that random specifications set or not.
type field struct {
	name               string
	set                edit
	native, standalone diffType
}

// flinkDiffTypes is the operator's table of annotations (SpecDiff) by field.
var flinkDiffTypes = []field{
	{"image", image("other:1"), diffUpgrade, diffUpgrade},
	{"pull policy", func(s *flink.DeploymentSpec) { s.ImagePullPolicy = new("Always") }, diffUpgrade, diffUpgrade},
	{"service account", func(s *flink.DeploymentSpec) { s.ServiceAccount = new("other") }, diffUpgrade, diffUpgrade},
	{"ingress", func(s *flink.DeploymentSpec) { s.Ingress = &flink.Ingress{Template: new("{{name}}")} }, diffUpgrade, diffUpgrade},
	{"pod template", func(s *flink.DeploymentSpec) {
		s.PodTemplate = flink.Document{"spec": map[string]any{"nodeName": "a"}}
	}, diffUpgrade, diffUpgrade},
	{"log configuration", func(s *flink.DeploymentSpec) { s.LogConfiguration = map[string]string{"log4j-console.properties": "a"} }, diffUpgrade, diffUpgrade},
	{"JobManager's replicas", func(s *flink.DeploymentSpec) { s.JobManager.Replicas = new(int64(2)) }, diffUpgrade, diffUpgrade},
	{"JobManager's memory", func(s *flink.DeploymentSpec) { s.JobManager.Resource.Memory = new("3g") }, diffUpgrade, diffUpgrade},
	{"TaskManager's CPU", func(s *flink.DeploymentSpec) { s.TaskManager.Resource.CPU = new(2.0) }, diffUpgrade, diffUpgrade},
	{"TaskManager's replicas", taskManagers(4), diffUpgrade, diffScale},
	{"parallelism", parallelism(4), diffUpgrade, diffScale},
	{"jar", func(s *flink.DeploymentSpec) { s.Job.JarURI = new("local:///other.jar") }, diffUpgrade, diffUpgrade},
	{"entry class", func(s *flink.DeploymentSpec) { s.Job.EntryClass = new("com.example.Main") }, diffUpgrade, diffUpgrade},
	{"args", func(s *flink.DeploymentSpec) { s.Job.Args = []string{"--other"} }, diffUpgrade, diffUpgrade},
	{"allow non restored state", func(s *flink.DeploymentSpec) { s.Job.AllowNonRestoredState = new(true) }, diffIgnore, diffIgnore},
	{"upgrade mode", upgradeBy(flink.UpgradeLastState), diffIgnore, diffIgnore},
	{"operator's key", config("kubernetes.operator.job.upgrade.ignore-pending-savepoint", "true"), diffIgnore, diffIgnore},
	{"autoscaler's key", config("job.autoscaler.enabled", "true"), diffIgnore, diffIgnore},
	{"default parallelism", config("parallelism.default", "7"), diffIgnore, diffIgnore},
	{"overrides", config("pipeline.jobvertex-parallelism-overrides", "a:2"), diffScale, diffUpgrade},
	{"another key", config("state.backend.type", "rocksdb"), diffUpgrade, diffUpgrade},
	{"restart triggers", nonce(3), diffUpgrade, diffUpgrade},
}

// world is one random input and what is known about it from the way it was made.
type world struct {
	in       Input
	changed  []field
	inPlace  bool
	strong   diffType
	describe string
}

// randomWorld makes two specifications that differ in known fields. Few of them
// differ, so that the rarer actions come up as well.
func randomWorld(r *rand.Rand) world {
	var common []edit
	standalone := r.IntN(2) == 0
	if standalone {
		common = append(common, inMode(flink.ModeStandalone))
	}
	reactive, adaptive := r.IntN(2) == 0, r.IntN(2) == 0
	if reactive {
		common = append(common, config("scheduler-mode", "reactive"))
	}
	if adaptive {
		common = append(common, config("jobmanager.scheduler", "Adaptive"))
	}
	old, next := slices.Clone(common), slices.Clone(common)
	var w world
	hasOverrides := false
	for _, f := range flinkDiffTypes {
		before := r.IntN(3) == 0
		after := before
		if r.IntN(len(flinkDiffTypes)) < 2 {
			after = !before
		}
		if before {
			old = append(old, f.set)
		}
		if after {
			next = append(next, f.set)
		}
		hasOverrides = hasOverrides || f.name == "overrides" && after
		if before == after {
			continue
		}
		w.changed = append(w.changed, f)
		kind := f.native
		if standalone {
			kind = f.standalone
		}
		if f.name == "restart triggers" && !after {
			kind = diffIgnore
		}
		w.strong = max(w.strong, kind)
		w.describe += " " + f.name
	}
	before, after := spec(old...), spec(next...)
	w.inPlace = standalone && reactive || !standalone && adaptive && hasOverrides
	w.describe = fmt.Sprintf("standalone %t, reactive %t, adaptive %t, changed:%s", standalone, reactive, adaptive, w.describe)
	w.in = Input{Name: "orders", Revision: int64(r.IntN(9)), Old: &before, New: after, Status: running}
	return w
}

// The operator's table, written down twice, gives one answer.
func TestPlanFollowsTheDiffTypes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	seen := map[Action]int{}
	for range 1500 {
		w := randomWorld(r)
		got := Plan(w.in).Rollout
		seen[got.Action]++
		var want []Action
		switch {
		case len(w.changed) == 0:
			want = []Action{ActionNone}
		case w.strong == diffIgnore:
			want = []Action{ActionConfigOnly}
		case w.strong == diffScale && w.inPlace:
			want = []Action{ActionScaleInPlace}
		default:
			want = []Action{ActionSavepoint, ActionLastState}
		}
		if !slices.Contains(want, got.Action) {
			t.Fatalf("%s: planned %s, want one of %s", w.describe, got.Action, want)
		}
		if restarts := got.Action == ActionSavepoint || got.Action == ActionLastState; got.Downtime != restarts {
			t.Fatalf("%s: %s with downtime %t", w.describe, got.Action, got.Downtime)
		}
	}
	for _, action := range []Action{ActionNone, ActionConfigOnly, ActionScaleInPlace, ActionSavepoint, ActionLastState} {
		if seen[action] < 10 {
			t.Errorf("only %d random changes came to %s", seen[action], action)
		}
	}
}

// What holds for every input, however odd.
func TestPlanInvariants(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	lost := 0
	for range 2000 {
		w := randomWorld(r)
		in := w.in
		states := []string{"", flink.StateRunning, flink.StateFailed, flink.StateFinished, flink.StateRestarting, flink.StateReconciling}
		in.Status.JobState = states[r.IntN(len(states))]
		in.Status.Deployed = r.IntN(4) > 0
		in.Status.SavepointPath = []string{"", lastStatePlaceholder, "s3://flink/savepoints/1"}[r.IntN(3)]
		in.AllowStateLoss = r.IntN(2) == 0
		for _, s := range []*flink.DeploymentSpec{in.Old, &in.New} {
			for _, odd := range []edit{upgradeBy(flink.UpgradeStateless), jobState(flink.JobSuspended), from("s3://given"), inMode(flink.ModeStandalone), version("v2_0"), noJob} {
				if r.IntN(5) == 0 && s.Job != nil {
					odd(s)
				}
			}
		}
		if r.IntN(10) == 0 {
			in.Old = nil
		}
		got := Plan(in)
		rollout := got.Rollout
		if diff := cmp.Diff(got, Plan(in)); diff != "" {
			t.Fatalf("planned twice (-first +second):\n%s", diff)
		}
		if rollout.State == StateLost {
			lost++
			if !in.AllowStateLoss && len(got.Errors) == 0 {
				t.Fatalf("state is lost without leave and without an error: %+v", rollout)
			}
			if in.AllowStateLoss && len(got.Errors)+len(got.Warnings) == 0 {
				t.Fatalf("state is lost without a word: %+v", rollout)
			}
		}
		wantRevision := in.Revision + 1
		if rollout.Action == ActionNone {
			wantRevision = in.Revision
		}
		if rollout.Revision != wantRevision || !strings.HasPrefix(rollout.Summary, fmt.Sprintf("#%d ", wantRevision)) {
			t.Fatalf("revision %d after %d: %+v", rollout.Revision, in.Revision, rollout)
		}
		if strings.Contains(rollout.Summary, "\n") || strings.Contains(rollout.Summary, "nodeName") {
			t.Fatalf("summary %q", rollout.Summary)
		}
		if rollout.Downtime && len(got.Warnings)+len(got.Errors) == 0 {
			t.Fatalf("downtime without a word: %+v", rollout)
		}
		if in.Old != nil && !in.AllowStateLoss && len(got.Errors) > 0 && len(got.Warnings) > 0 {
			t.Fatalf("warnings beside errors: %+v", got)
		}
	}
	if lost < 50 {
		t.Errorf("only %d random changes lost state", lost)
	}
}
