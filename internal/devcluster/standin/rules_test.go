package standin

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// goodSpec is a valid application; set changes fields by their dotted path.
func goodSpec(t *testing.T, set map[string]any) map[string]any {
	t.Helper()
	m := map[string]any{
		"image": "flink:1.20", "flinkVersion": "v1_20", "serviceAccount": "flink",
		"flinkConfiguration": map[string]any{"state.checkpoints.dir": "s3://c", "state.savepoints.dir": "s3://s", "high-availability.type": "kubernetes"},
		"job":                map[string]any{"jarURI": "local:///a.jar", "parallelism": int64(1), "upgradeMode": "savepoint", "state": "running"},
		"jobManager":         map[string]any{"resource": map[string]any{"cpu": int64(1), "memory": "1g"}},
		"taskManager":        map[string]any{"resource": map[string]any{"cpu": int64(1), "memory": "1g"}},
	}
	for path, value := range set {
		at := m
		// Configuration keys hold dots themselves, so the path ends at a slash there.
		parts := strings.Split(path, "/")
		for _, p := range parts[:len(parts)-1] {
			next, ok := at[p].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[p] = next
			}
			at = next
		}
		if value == nil {
			delete(at, parts[len(parts)-1])
			continue
		}
		at[parts[len(parts)-1]] = value
	}
	return m
}

func TestCompare(t *testing.T) {
	type set = map[string]any
	one, two := int64(1), int64(2)
	for _, test := range []struct {
		name          string
		before, after set
		want          diffType
		changes       int
	}{
		{"nothing", nil, nil, diffIgnore, 0},
		{"image", nil, set{"image": "flink:2"}, diffUpgrade, 1},
		{"parallelism, native", nil, set{"job/parallelism": two}, diffUpgrade, 1},
		{"parallelism, standalone", set{"mode": "standalone"}, set{"mode": "standalone", "job/parallelism": two}, diffScale, 1},
		{"task managers, native", nil, set{"taskManager/replicas": two}, diffUpgrade, 1},
		{"task managers, standalone", set{"mode": "standalone"}, set{"mode": "standalone", "taskManager/replicas": two}, diffScale, 1},
		{"upgrade mode", nil, set{"job/upgradeMode": "last-state"}, diffIgnore, 1},
		{"allowNonRestoredState", nil, set{"job/allowNonRestoredState": true}, diffIgnore, 1},
		{"initialSavepointPath", nil, set{"job/initialSavepointPath": "s3://x"}, diffIgnore, 1},
		{"savepointTriggerNonce", nil, set{"job/savepointTriggerNonce": one}, diffIgnore, 1},
		{"savepointRedeployNonce", nil, set{"job/savepointRedeployNonce": one}, diffRedeploy, 1},
		{"savepointRedeployNonce taken away", set{"job/savepointRedeployNonce": one}, nil, diffIgnore, 1},
		{"restartNonce", nil, set{"restartNonce": one}, diffUpgrade, 1},
		{"restartNonce taken away", set{"restartNonce": one}, nil, diffIgnore, 1},
		{"job state", nil, set{"job/state": "suspended"}, diffUpgrade, 1},
		{"empty args are no args", nil, set{"job/args": []any{}}, diffIgnore, 0},
		{"args", nil, set{"job/args": []any{"x"}}, diffUpgrade, 1},
		{"operator's configuration", nil, set{"flinkConfiguration/kubernetes.operator.x": "1"}, diffIgnore, 1},
		{"autoscaler's configuration", nil, set{"flinkConfiguration/job.autoscaler.enabled": "true"}, diffIgnore, 1},
		{"default parallelism", nil, set{"flinkConfiguration/parallelism.default": "2"}, diffIgnore, 1},
		{"vertex overrides, native", nil, set{"flinkConfiguration/pipeline.jobvertex-parallelism-overrides": "a:2"}, diffScale, 1},
		{"vertex overrides, standalone", set{"mode": "standalone"}, set{"mode": "standalone", "flinkConfiguration/pipeline.jobvertex-parallelism-overrides": "a:2"}, diffUpgrade, 1},
		{"other configuration", nil, set{"flinkConfiguration/x.y": "1"}, diffUpgrade, 1},
		{"nested is dotted", set{"flinkConfiguration/x.y": "1"}, set{"flinkConfiguration/x": map[string]any{"y": one}}, diffIgnore, 0},
		{"the greatest wins", nil, set{"job/upgradeMode": "stateless", "image": "flink:2"}, diffUpgrade, 2},
		{"empty taskManager where none was", set{"taskManager": nil}, set{"taskManager": map[string]any{}}, diffUpgrade, 1},
		{"an amount as a number", set{"taskManager/resources": map[string]any{"limits": map[string]any{"cpu": one}}}, set{"taskManager/resources": map[string]any{"limits": map[string]any{"cpu": "1"}}}, diffIgnore, 0},
		{"default replicas of the JobManager", nil, set{"jobManager/replicas": one}, diffIgnore, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := compare(parseSpec(goodSpec(t, test.before)), parseSpec(goodSpec(t, test.after)))
			if d.kind != test.want || len(d.changes) != test.changes {
				t.Errorf("got %s %q, want %s and %d changes", d.kind, d.changes, test.want, test.changes)
			}
		})
	}
}

func TestBlueGreenDiff(t *testing.T) {
	type set = map[string]any
	one := int64(1)
	for _, test := range []struct {
		name          string
		before, after set
		want          blueGreenDiff
	}{
		{"nothing", nil, nil, blueGreenIgnore},
		{"defaults written out", nil, set{"job/args": []any{}, "jobManager/replicas": one}, blueGreenIgnore},
		{"suspend", nil, set{"job/state": "suspended"}, blueGreenSuspend},
		{"suspend with other changes", nil, set{"job/state": "suspended", "image": "flink:2"}, blueGreenSuspend},
		{"resume", set{"job/state": "suspended"}, set{"job/parallelism": int64(2)}, blueGreenResume},
		{"redeploy", nil, set{"job/savepointRedeployNonce": one, "image": "flink:2"}, blueGreenRedeploy},
		{"upgrade mode", nil, set{"job/upgradeMode": "last-state"}, blueGreenPatch},
		{"operator's configuration", nil, set{"flinkConfiguration/kubernetes.operator.x": "1"}, blueGreenPatch},
		{"parallelism", nil, set{"job/parallelism": int64(2)}, blueGreenTransition},
		{"parallelism, standalone", set{"mode": "standalone"}, set{"mode": "standalone", "job/parallelism": int64(2)}, blueGreenTransition},
		{"vertex overrides", nil, set{"flinkConfiguration/pipeline.jobvertex-parallelism-overrides": "a:2"}, blueGreenTransition},
		{"image", nil, set{"image": "flink:2"}, blueGreenTransition},
	} {
		t.Run(test.name, func(t *testing.T) {
			of := func(changes set) *blueGreenSpec { return &blueGreenSpec{template: parseSpec(goodSpec(t, changes))} }
			b := &blueGreenPass{operator: &operator{version: mustVersion(t, "1.15")}, last: of(test.before), spec: of(test.after)}
			if got := b.diff(); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestCompareNamesTheChanges(t *testing.T) {
	d := compare(parseSpec(goodSpec(t, nil)), parseSpec(goodSpec(t, map[string]any{"job/parallelism": int64(2), "flinkConfiguration/a": "1"})))
	want := []string{"job.parallelism : 1 -> 2", "flinkConfiguration.a : null -> 1"}
	if diff := cmp.Diff(want, d.changes); diff != "" {
		t.Error(diff)
	}
}

func TestValidateDeployment(t *testing.T) {
	type set = map[string]any
	for _, test := range []struct {
		name string
		set  set
		want string // "" valid, else part of the message
	}{
		{"good", nil, ""},
		{"forbidden key", set{"flinkConfiguration/kubernetes.cluster-id": "x"}, "Forbidden Flink config key: kubernetes.cluster-id"},
		{"forbidden key, nested", set{"flinkConfiguration/kubernetes": map[string]any{"namespace": "x"}}, "Forbidden Flink config key: kubernetes.namespace"},
		{"rollback without HA", set{"flinkConfiguration/high-availability.type": nil, "flinkConfiguration/" + keyRollback: "true"}, "HA must be enabled for rollback support."},
		{"health check without recovery", set{"flinkConfiguration/" + keyHealthCheck: "true", "flinkConfiguration/" + keyRecovery: "false"}, "Deployment recovery ("},
		{"ingress without template", set{"ingress/className": "nginx"}, "Ingress template must be defined"},
		{"ingress with placeholders", set{"ingress/template": "{{name}}.{{namespace}}.example.com"}, ""},
		{"log configuration", set{"logConfiguration/log4j.properties": "x"}, "Invalid log config key: log4j.properties"},
		{"no checkpoint directory", set{"flinkConfiguration/state.checkpoints.dir": nil}, "Checkpoint directory[execution.checkpointing.dir] must be defined"},
		{"newer name of it", set{"flinkConfiguration/state.checkpoints.dir": nil, "flinkConfiguration/execution.checkpointing.dir": "s3://c"}, ""},
		{"no savepoint directory", set{"flinkConfiguration/state.savepoints.dir": nil}, "Job could not be upgraded with savepoint while config key[execution.checkpointing.savepoint-dir] is not set"},
		{"none needed for stateless", set{"flinkConfiguration/state.savepoints.dir": nil, "job/upgradeMode": "stateless"}, ""},
		{"trigger without savepoint directory", set{"flinkConfiguration/state.savepoints.dir": nil, "job/upgradeMode": "stateless", "job/savepointTriggerNonce": int64(1)}, "Savepoint could not be manually triggered"},
		{"parallelism", set{"job/parallelism": int64(0)}, "Job parallelism must be larger than 0"},
		{"parallelism from task managers", set{"job/parallelism": int64(0), "taskManager/replicas": int64(2)}, ""},
		{"task managers", set{"taskManager/replicas": int64(0)}, "TaskManager replicas must be larger than 0"},
		{"JobManager memory", set{"jobManager": nil}, "JobManager resource memory must be defined using `spec.jobManager.resource.memory`"},
		{"JobManager memory in the configuration", set{"jobManager": nil, "flinkConfiguration/jobmanager.memory.heap.size": "1g"}, ""},
		{"TaskManager memory", set{"taskManager": nil}, "TaskManager resource memory must be defined"},
		{"memory unit", set{"jobManager/resource/memory": "1 parsec"}, "JobManager resource memory parse error"},
		{"memory as a quantity", set{"jobManager/resource/memory": "2Gi"}, ""},
		{"storage", set{"taskManager/resource/ephemeralStorage": "much"}, "TaskManager resource ephemeral storage parse error"},
		{"standby without HA", set{"flinkConfiguration/high-availability.type": nil, "jobManager/replicas": int64(2)}, "High availability should be enabled when starting standby JobManagers."},
		{"no JobManager", set{"jobManager/replicas": int64(0)}, "JobManager replicas should not be configured less than one."},
		{"no service account", set{"serviceAccount": nil}, "spec.serviceAccount must be defined."},
		{"first failure wins", set{"serviceAccount": nil, "job/parallelism": int64(0)}, "Job parallelism must be larger than 0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := mustVersion(t, "1.15").validateDeployment("orders", parseSpec(goodSpec(t, test.set)), nil, "")
			if (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestValidateDeploymentNameAndChanges(t *testing.T) {
	v := mustVersion(t, "1.15")
	good := parseSpec(goodSpec(t, nil))
	for name, valid := range map[string]bool{"a": true, strings.Repeat("a", 45): true, strings.Repeat("a", 46): false, "A": false, "1a": false, "a-": false} {
		if got := v.validateDeployment(name, good, nil, ""); (got == "") != valid {
			t.Errorf("name %q: %q", name, got)
		}
	}
	for _, test := range []struct {
		name          string
		before, after map[string]any
		suspendedWith string
		want          string
	}{
		{"to a session cluster", nil, map[string]any{"job": nil}, "", "Cannot switch from job to session cluster"},
		{"to an application", map[string]any{"job": nil}, nil, "", "Cannot switch from session to job cluster"},
		{"to standalone", nil, map[string]any{"mode": "standalone"}, "", "Cannot switch from native kubernetes to standalone kubernetes cluster"},
		{"to native", map[string]any{"mode": "standalone"}, map[string]any{"mode": "native"}, "", "Cannot switch from standalone kubernetes to native kubernetes cluster"},
		{"redeploy without a path", nil, map[string]any{"job/savepointRedeployNonce": int64(1)}, "", "InitialSavepointPath must not be empty"},
		{"version after last-state suspend", nil, map[string]any{"flinkVersion": "v1_19", "job/upgradeMode": "last-state"}, modeLastState, "Changing flinkVersion after last-state suspend is not allowed."},
		{"version after savepoint suspend", nil, map[string]any{"flinkVersion": "v1_19"}, modeSavepoint, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := v.validateDeployment("orders", parseSpec(goodSpec(t, test.after)), parseSpec(goodSpec(t, test.before)), test.suspendedWith)
			if (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestValidateSessionJob(t *testing.T) {
	v := mustVersion(t, "1.15")
	job := func(set map[string]any) *spec {
		m := map[string]any{"deploymentName": "shared", "job": map[string]any{"jarURI": "https://x/a.jar", "parallelism": int64(1)}}
		maps.Copy(m, set)
		return parseSpec(m)
	}
	session := parseSpec(goodSpec(t, map[string]any{"job": nil}))
	for _, test := range []struct {
		name          string
		s             *spec
		last, cluster *spec
		want          string
	}{
		{"good", job(nil), nil, session, ""},
		{"cluster to come", job(nil), nil, nil, ""},
		{"no job", job(map[string]any{"job": nil}), nil, session, "The job spec should not be empty"},
		{"cluster name", job(map[string]any{"deploymentName": "No"}), nil, nil, "The FlinkSessionJob name: No is invalid"},
		{"other cluster", job(nil), job(map[string]any{"deploymentName": "old"}), session, "The deploymentName can't be changed"},
		{"scheme", job(map[string]any{"job": map[string]any{"jarURI": "ftp://x/a.jar", "parallelism": int64(1)}}), nil, session, "jarURI scheme 'ftp' is not in the allowlist [https]. Configure 'kubernetes.operator.user.artifacts.allowed-schemes' to extend the allowlist."},
		{"application", job(nil), nil, parseSpec(goodSpec(t, nil)), "Can not submit session job to application cluster"},
		{"parallelism", job(map[string]any{"job": map[string]any{"jarURI": "https://x/a.jar"}}), nil, session, "Job parallelism must be larger than 0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := v.validateSessionJob(test.s, test.last, test.cluster)
			if (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestJavaDefaults(t *testing.T) {
	var spec map[string]any
	if err := yaml.Unmarshal([]byte(`{job: {parallelism: 1}, jobManager: {podTemplate: {spec: {}}}, taskManager: {}, podTemplate: {kind: Pod, spec: {}}}`), &spec); err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(javaDefaults(spec))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"job":{"args":[]},"jobManager":{"podTemplate":{"apiVersion":"v1","kind":"Pod"},"replicas":1},"podTemplate":{"apiVersion":"v1","kind":"Pod"}}`
	if string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
	full := map[string]any{"job": map[string]any{"args": []any{"a"}}, "jobManager": map[string]any{"replicas": int64(2)}}
	if changes := javaDefaults(full); len(changes) != 0 {
		t.Errorf("a complete spec is changed: %v", changes)
	}
}

func TestFlinkDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{"60 s": time.Minute, "5min": 5 * time.Minute, "250": 250 * time.Millisecond, "1 h": time.Hour, "soon": 7, "": 7} {
		if got := flinkDuration(text, 7); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestParseVersion(t *testing.T) {
	if _, err := parseVersion("0.1"); err == nil || !strings.Contains(err.Error(), `"0.1"`) {
		t.Errorf("unknown version: %v", err)
	}
	v1_13, v2_1 := "v1_13", "v2_1"
	old, latest := mustVersion(t, "1.7"), mustVersion(t, "1.16")
	if !old.supportedFlink(&v1_13) || latest.supportedFlink(&v1_13) || old.supportedFlink(&v2_1) || !latest.supportedFlink(&v2_1) || latest.supportedFlink(nil) {
		t.Error("supported versions of Flink")
	}
}
