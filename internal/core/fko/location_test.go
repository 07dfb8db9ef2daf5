package fko

import (
	"encoding/json"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/timelines"
)

// found is a status of the operator in the fields that tell where the job's
// state is.
type found struct {
	lifecycle, reconciliation, job, manager string
	// mode is the upgrade mode in lastReconciledSpec.
	mode string
	// path is upgradeSavepointPath, and noted savepointInfo.lastSavepoint, which
	// operators before 1.10 have.
	path, noted string
	// stable tells that some specification has become stable, and ran that the
	// last one has.
	stable, ran bool
	// first tells that the first deployment has not been made.
	first bool
	// stops is a specification with the job suspended.
	stops bool
}

func (f found) object(t *testing.T) *unstructured.Unstructured {
	t.Helper()
	state := flink.JobRunning
	if f.stops {
		state = flink.JobSuspended
	}
	reconciled, err := json.Marshal(map[string]any{
		"spec":              map[string]any{"job": map[string]any{"upgradeMode": f.mode}},
		"resource_metadata": map[string]any{"firstDeployment": f.first},
	})
	if err != nil {
		t.Fatal(err)
	}
	reconciliation := map[string]any{"state": f.reconciliation, "lastReconciledSpec": string(reconciled)}
	switch {
	case f.ran:
		reconciliation["lastStableSpec"] = string(reconciled)
	case f.stable:
		reconciliation["lastStableSpec"] = "{}"
	}
	job := map[string]any{"state": f.job}
	if f.path != "" {
		job["upgradeSavepointPath"] = f.path
	}
	if f.noted != "" {
		job["savepointInfo"] = map[string]any{"lastSavepoint": map[string]any{"location": f.noted}}
	}
	status := map[string]any{"lifecycleState": f.lifecycle, "jobStatus": job, "reconciliationStatus": reconciliation}
	if f.manager != "" {
		status["jobManagerDeploymentStatus"] = f.manager
	}
	return &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"job": map[string]any{"state": state}}, "status": status}}
}

// The location of a job's state is the one from which the operator restores it,
// in the recorded timelines and by its source (AbstractJobReconciler).
func TestWhereTheStateIs(t *testing.T) {
	const (
		savepoint = "s3://sp/savepoint-0123-abc"
		last      = "s3://cp/0123/chk-7"
		none      = flink.LocationNone
		path      = flink.LocationPath
		platform  = flink.LocationPlatform
		unknown   = flink.LocationUnknown
	)
	suspended := func(mode, path string) found {
		return found{lifecycle: "SUSPENDED", reconciliation: "DEPLOYED", job: "FINISHED", manager: "READY", mode: mode, path: path, stable: true, ran: true, stops: true}
	}
	of := func(f found, edit func(*found)) found { edit(&f); return f }
	runs := found{lifecycle: "STABLE", reconciliation: "DEPLOYED", job: "RUNNING", manager: "READY", mode: "savepoint", stable: true, ran: true}
	starts := found{lifecycle: "DEPLOYED", reconciliation: "DEPLOYED", job: "RECONCILING", manager: "ERROR", mode: "stateless"}
	ended := found{lifecycle: "STABLE", reconciliation: "DEPLOYED", job: "FINISHED", manager: "READY", mode: "stateless", stable: true, ran: true}
	failed := found{lifecycle: "FAILED", reconciliation: "DEPLOYED", job: "FAILED", manager: "READY", mode: "savepoint"}
	for name, test := range map[string]struct {
		found
		want flink.StateLocation
	}{
		"suspended by savepoint":                   {suspended("savepoint", savepoint), path},
		"suspended by savepoint, before 1.10":      {of(suspended("savepoint", ""), func(f *found) { f.noted = savepoint }), path},
		"suspended by last state":                  {suspended("last-state", LastStateDummy), platform},
		"suspended by last state, an earlier path": {suspended("last-state", savepoint), platform},
		"suspended by last state, before 1.10":     {of(suspended("last-state", ""), func(f *found) { f.noted = savepoint }), platform},
		"a session job by last state":              {suspended("savepoint", last), path},
		"suspended without state":                  {suspended("stateless", ""), none},
		"suspended without state, an earlier path": {suspended("stateless", savepoint), none},
		"suspended before it ever ran":             {suspended("savepoint", ""), none},
		"suspended, and nobody says how":           {suspended("", ""), unknown},
		"suspended, resumed, and not yet taken up": {of(suspended("last-state", ""), func(f *found) { f.stops = false }), platform},
		"runs":                                     {runs, platform},
		"runs since a savepoint":                   {of(runs, func(f *found) { f.path = savepoint }), platform},
		"runs, asked to stop":                      {of(runs, func(f *found) { f.stops = true }), platform},
		"runs, and is not stable yet":              {of(starts, func(f *found) { f.job, f.manager = "RUNNING", "READY" }), platform},
		"restarts":                                 {of(runs, func(f *found) { f.job, f.path = "RESTARTING", savepoint }), platform},
		"created a moment ago":                     {of(starts, func(f *found) { f.reconciliation, f.lifecycle, f.first = "UPGRADING", "UPGRADING", true }), none},
		"created a moment ago from a path":         {of(starts, func(f *found) { f.reconciliation, f.first, f.path = "UPGRADING", true, savepoint }), path},
		"starts for the first time":                {of(starts, func(f *found) { f.manager = "DEPLOYING" }), unknown},
		"an image that cannot be pulled":           {starts, none},
		"the same from a path":                     {of(starts, func(f *found) { f.mode, f.path = "savepoint", savepoint }), path},
		"the same after an upgrade":                {of(starts, func(f *found) { f.mode, f.path, f.stable = "savepoint", savepoint, true }), path},
		"the same after a last state upgrade":      {of(starts, func(f *found) { f.mode, f.path, f.stable = "last-state", LastStateDummy, true }), platform},
		"the same after a stateless restart":       {of(starts, func(f *found) { f.stable = true }), platform},
		"its JobManager is away":                   {of(runs, func(f *found) { f.job, f.manager = "RECONCILING", "MISSING" }), platform},
		"failed with a checkpoint":                 {of(failed, func(f *found) { f.path, f.stable, f.ran = last, true, true }), path},
		"failed after a last state upgrade":        {of(failed, func(f *found) { f.mode, f.path, f.stable = "last-state", last, true }), path},
		"failed, and the operator knows no path":   {of(failed, func(f *found) { f.stable, f.ran = true, true }), platform},
		"failed at its first start":                {failed, none},
		"canceled by somebody":                     {of(failed, func(f *found) { f.lifecycle, f.job, f.path, f.stable = "STABLE", "CANCELED", last, true }), path},
		"came to its end":                          {of(ended, func(f *found) { f.path = last }), none},
		"came to its end, in another spelling":     {of(ended, func(f *found) { f.path = last + "/_metadata" }), none},
		"came to its end without a checkpoint":     {ended, none},
		"came to its end in a session cluster":     {of(ended, func(f *found) { f.manager, f.path = "", last }), none},
		"was stopped with a savepoint by somebody": {of(ended, func(f *found) { f.path = savepoint }), path},
		"the same, before 1.10":                    {of(ended, func(f *found) { f.noted = savepoint }), path},
		"the same, in a session cluster":           {of(ended, func(f *found) { f.manager, f.path = "", savepoint }), path},
		"was stopped for an upgrade": {of(ended, func(f *found) {
			f.lifecycle, f.reconciliation, f.mode, f.path, f.ran = "UPGRADING", "UPGRADING", "savepoint", savepoint, false
		}), path},
		"runs again after the operator's rollback": {of(runs, func(f *found) {
			f.lifecycle, f.reconciliation, f.path, f.ran = "ROLLED_BACK", "ROLLED_BACK", savepoint, false
		}), platform},
	} {
		t.Run(name, func(t *testing.T) {
			status := StatusOf(test.object(t))
			if status.StateLocation != test.want || status.Flink("").StateLocation != test.want {
				t.Errorf("the state is %q, want %q: %+v", status.StateLocation, test.want, status)
			}
		})
	}
	t.Run("a session cluster has none of its own", func(t *testing.T) {
		object := ended.object(t)
		delete(object.Object["spec"].(map[string]any), "job")
		if status := StatusOf(object); status.StateLocation != unknown {
			t.Errorf("the state is %q", status.StateLocation)
		}
	})
	t.Run("nobody has looked at it", func(t *testing.T) {
		object := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"job": map[string]any{"state": flink.JobSuspended}}}}
		if status := StatusOf(object); status.StateLocation != none {
			t.Errorf("the state is %q", status.StateLocation)
		}
	})
}

// In every recorded version of an object, the state is where its phase says, and
// nothing but a first start leaves it open.
func TestWhereTheStateIsInTheTimelines(t *testing.T) {
	seen := map[string]int{}
	for _, file := range slices.Concat(timelines.List(t, "1.15.0/*.jsonl"), timelines.List(t, "1.7.0/*.jsonl")) {
		for _, track := range timelines.Tracks(t, file) {
			for _, version := range track.Versions {
				s := StatusOf(version.Object)
				if SteadyStateOf(version.Object) == SessionReady {
					continue
				}
				var phase string
				var want []flink.StateLocation
				switch {
				case !s.Deployed:
					phase, want = "not deployed", []flink.StateLocation{flink.LocationNone, flink.LocationPath}
				case s.LifecycleState == flink.LifecycleSuspended && s.LastState:
					phase, want = "suspended by last state", []flink.StateLocation{flink.LocationPlatform}
				case s.LifecycleState == flink.LifecycleSuspended && s.Mode == flink.UpgradeSavepoint && s.SavepointPath != "":
					phase, want = "suspended by savepoint", []flink.StateLocation{flink.LocationPath}
				case s.LifecycleState == flink.LifecycleSuspended:
					phase, want = "suspended without state", []flink.StateLocation{flink.LocationNone}
				case s.JobState == flink.StateRunning:
					phase, want = "running", []flink.StateLocation{flink.LocationPlatform}
				case Finished(s.Flink("")) && s.LifecycleState == flink.LifecycleStable:
					phase, want = "finished", []flink.StateLocation{flink.LocationNone}
				case s.EverRan:
					phase, want = "not running", []flink.StateLocation{flink.LocationPlatform, flink.LocationPath}
				default:
					continue
				}
				seen[phase]++
				if !slices.Contains(want, s.StateLocation) {
					t.Errorf("%s, %s at %.1f, %s: the state is %q, want %q: %+v", track.File, track.Name, version.At, phase, s.StateLocation, want, s)
				}
			}
		}
	}
	for _, phase := range []string{"not deployed", "suspended by last state", "suspended by savepoint", "running", "finished", "not running"} {
		if seen[phase] < 2 {
			t.Errorf("only %d versions are %s", seen[phase], phase)
		}
	}
}
