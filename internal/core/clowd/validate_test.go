package clowd

import (
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

const kept = `"flinkConfiguration": {"high-availability.type": "kubernetes", "high-availability.storageDir": "s3://ha", "state.checkpoints.dir": "s3://c"}`

func TestValidate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spec, path, words string
		severity          flink.Severity
	}{
		"native":               {`{"mode": "native"}`, "mode", "standalone", flink.Error},
		"ingress":              {`{"ingress": {"template": "x"}}`, "ingress", "web services", flink.Error},
		"a service account":    {`{"serviceAccount": "flink"}`, "serviceAccount", "makes a service account", flink.Error},
		"two TaskManagers":     {`{"taskManager": {"replicas": 2}}`, "taskManager.replicas", "more than 1", flink.Error},
		"its own pod template": {`{"jobManager": {"podTemplate": {"spec": {"hostNetwork": true}}}}`, "jobManager.podTemplate", "one pod", flink.Error},
		"a foreign container":  {`{"podTemplate": {"spec": {"containers": [{"name": "other"}]}}}`, "podTemplate", `no "other"`, flink.Error},
		"a node selector":      {`{"podTemplate": {"spec": {"nodeSelector": {"a": "b"}}}}`, "podTemplate", "spec.nodeSelector", flink.Error},
		"a variable of ours":   {`{"podTemplate": {"spec": {"containers": [{"name": "flink-main-container", "env": [{"name": "FLINK_PROPERTIES"}]}]}}}`, "podTemplate", "FLINK_PROPERTIES", flink.Error},
		"cancelled":            {`{"job": {"state": "cancelled"}}`, "job.state", "suspended", flink.Error},
		"an option of Flink's": {`{"job": {"args": ["--host", "x"]}}`, "job.args", "rename", flink.Error},
		"two lines":            {"{\"flinkConfiguration\": {\"a\": \"b\\nc\"}}", "flinkConfiguration.a", "line by line", flink.Error},
		"the namespace":        {`{"flinkConfiguration": {"kubernetes.namespace": "x"}}`, "flinkConfiguration.kubernetes.namespace", "Remove the key", flink.Error},
		"no image":             {`{` + kept + `}`, "image", "Set image", flink.Error},
		"no parallelism":       {`{` + kept + `}`, "job.parallelism", "Set job.parallelism", flink.Error},
		"a JAR from outside":   {`{"flinkVersion": "v1_18", "job": {"jarURI": "https://repo/a.jar"}}`, "job.jarURI", "1.19", flink.Error},
		"last state without":   {`{"job": {"upgradeMode": "last-state"}}`, "job.upgradeMode", "high-availability.type", flink.Error},
		"no state at all":      {`{"job": {"upgradeMode": "savepoint"}}`, "flinkConfiguration", "starts pods anew", flink.Warning},
		"by ZooKeeper":         {`{"flinkConfiguration": {"high-availability.type": "zookeeper", "high-availability.storageDir": "s3://ha", "state.checkpoints.dir": "s3://c"}}`, "flinkConfiguration.high-availability.type", "kubernetes", flink.Error},
		"no storage":           {`{"flinkConfiguration": {"high-availability.type": "kubernetes", "state.checkpoints.dir": "s3://c"}}`, "flinkConfiguration", "high-availability.storageDir", flink.Error},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := specOf(t, test.spec)
			if spec.Job == nil {
				spec.Job = &flink.Job{}
			}
			for _, finding := range Validate("payments-enrich", spec) {
				if strings.Join(finding.Path, ".") == test.path && finding.Severity == test.severity && strings.Contains(finding.Detail, test.words) {
					return
				}
			}
			t.Errorf("nothing says %q at %s: %v", test.words, test.path, Validate("payments-enrich", spec))
		})
	}
	if findings := Validate("payments-enrich", specOf(t, whole)); len(findings) > 0 {
		t.Errorf("something is wrong with everything: %v", findings)
	}
}

// TestWhatAChangeDoes plans changes of a job that runs.
func TestWhatAChangeDoes(t *testing.T) {
	t.Parallel()
	job := func(image, configuration, mode, version string) flink.DeploymentSpec {
		return specOf(t, `{"image": "`+image+`", "flinkVersion": "`+version+`", "job": {"entryClass": "A", "parallelism": 1, "upgradeMode": "`+mode+`"}, `+configuration+`}`)
	}
	const lost = `"flinkConfiguration": {"state.checkpoints.dir": "s3://c", "state.savepoints.dir": "s3://s"}`
	for name, test := range map[string]struct {
		old, new flink.DeploymentSpec
		action   planner.Action
		state    planner.State
		refused  string
	}{
		"by a savepoint":            {job("i:1", kept, "savepoint", "v1_20"), job("i:2", kept, "savepoint", "v1_20"), planner.ActionLastState, planner.StateKept, ""},
		"by the last state":         {job("i:1", kept, "last-state", "v1_20"), job("i:2", kept, "last-state", "v1_20"), planner.ActionLastState, planner.StateKept, ""},
		"without":                   {job("i:1", lost, "savepoint", "v1_20"), job("i:2", lost, "savepoint", "v1_20"), planner.ActionStateless, planner.StateLost, "set high availability"},
		"from now on":               {job("i:1", lost, "savepoint", "v1_20"), job("i:1", kept, "savepoint", "v1_20"), planner.ActionStateless, planner.StateLost, "from this change on"},
		"another version":           {job("i:1", kept, "savepoint", "v1_19"), job("i:2", kept, "savepoint", "v1_20"), planner.ActionStateless, planner.StateLost, "newest retained checkpoint"},
		"what nobody but we know":   {job("i:1", kept, "savepoint", "v1_20"), job("i:1", kept, "last-state", "v1_20"), planner.ActionConfigOnly, planner.StateKept, ""},
		"without state, on purpose": {job("i:1", kept, "stateless", "v1_20"), job("i:2", kept, "stateless", "v1_20"), planner.ActionStateless, planner.StateLost, `set upgrade.mode to "savepoint" or "last_state"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status := flink.Status{LifecycleState: StateRunning, JobState: flink.StateRunning, Deployed: true, StateLocation: flink.LocationPlatform}
			got := planner.Plan(planner.Input{Semantics: Semantics{}, Name: "enrich", Old: &test.old, New: test.new, Status: status})
			if got.Rollout.Action != test.action || got.Rollout.State != test.state {
				t.Errorf("it is %s with the state %s, want %s and %s: %s", got.Rollout.Action, got.Rollout.State, test.action, test.state, got.Rollout.Summary)
			}
			words := ""
			for _, notice := range got.Errors {
				words += notice.Detail
			}
			if (test.refused == "") != (len(got.Errors) == 0) || !strings.Contains(words, test.refused) {
				t.Errorf("it says %q, want %q", words, test.refused)
			}
		})
	}
}
