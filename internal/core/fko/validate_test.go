package fko

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// validSpec is a specification that no rule has anything to say about.
const validSpec = `
image: flink:1.20
flinkVersion: v1_20
serviceAccount: flink
flinkConfiguration: {execution.checkpointing.dir: s3://c, execution.checkpointing.savepoint-dir: s3://s, high-availability.storageDir: s3://h}
job: {jarURI: "local:///a.jar", parallelism: 2, upgradeMode: savepoint, state: running}
jobManager: {resource: {cpu: 1, memory: 1g}}
taskManager: {resource: {cpu: 1, memory: 2g}}
`

// told is what a test expects of a finding: attribute and summary.
type told struct {
	Severity  flink.Severity
	Attribute string
	Summary   string
}

// tell validates the valid specification with some paths of it replaced; a nil
// value removes the path.
func tell(t *testing.T, name string, changes map[string]any) []told {
	t.Helper()
	tree := document(t, validSpec)
	for path, value := range changes {
		steps := strings.Split(path, "/")
		object := tree
		for _, step := range steps[:len(steps)-1] {
			inner, ok := object[step].(map[string]any)
			if !ok {
				inner = flink.Tree{}
				object[step] = inner
			}
			object = inner
		}
		last := steps[len(steps)-1]
		if value == nil {
			delete(object, last)
			continue
		}
		object[last] = value
	}
	spec, err := flink.SpecOf(tree)
	if err != nil {
		t.Fatal(err)
	}
	var list []told
	for _, finding := range Validate(name, spec) {
		if finding.Detail == "" || !strings.HasSuffix(finding.Detail, ".") || strings.HasSuffix(finding.Summary, ".") {
			t.Errorf("unfinished finding %+v", finding)
		}
		list = append(list, told{finding.Severity, finding.Path.Attribute(), finding.Summary})
	}
	return list
}

func document(t testing.TB, text string) map[string]any {
	t.Helper()
	document, err := flink.ParseDocument(text)
	if err != nil {
		t.Fatalf("test data: %v\n%s", err, text)
	}
	return document
}

type ruleTest struct {
	name    string
	changes map[string]any
	want    []told
}

func runRuleTests(t *testing.T, tests []ruleTest) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, tell(t, "orders", test.changes)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValidateName(t *testing.T) {
	for name, valid := range map[string]bool{
		"a": true, "orders": true, "orders-2": true, strings.Repeat("a", 45): true,
		"": false, "Orders": false, "2orders": false, "orders-": false, "-orders": false, "a.b": false, "a_b": false, strings.Repeat("a", 46): false, "a\n": false,
	} {
		t.Run(name, func(t *testing.T) {
			found := tell(t, name, nil)
			if valid != (len(found) == 0) {
				t.Errorf("valid = %v, want %v: %v", !valid, valid, found)
			}
			if !valid && (found[0].Attribute != "name" || found[0].Severity != flink.Error) {
				t.Errorf("finding %+v, want an error at name", found[0])
			}
		})
	}
}

func TestValidateDeployment(t *testing.T) {
	runRuleTests(t, []ruleTest{
		{"valid", nil, nil},
		{
			"version missing",
			map[string]any{"flinkVersion": nil},
			[]told{{flink.Error, "flink_version", "The Flink version is missing"}},
		},
		{
			"version unreadable",
			map[string]any{"flinkVersion": "1.20"},
			[]told{{flink.Error, "flink_version", `"1.20" is not a Flink version`}},
		},
		{
			"version not supported",
			map[string]any{"flinkVersion": "v1_14", "flinkConfiguration": document(t, `{state.checkpoints.dir: s3://c, state.savepoints.dir: s3://s}`)},
			[]told{{flink.Error, "flink_version", "Flink version v1_14 is not supported by the operator"}},
		},
		{
			"version deprecated",
			map[string]any{"flinkVersion": "v1_18", "flinkConfiguration": document(t, `{state.checkpoints.dir: s3://c, state.savepoints.dir: s3://s}`)},
			[]told{{flink.Warning, "flink_version", "Flink version v1_18 is deprecated by the operator"}},
		},
		{
			"version of the future",
			map[string]any{"flinkVersion": "v2_9"},
			[]told{{flink.Warning, "flink_version", "Flink version v2_9 is newer than this provider"}},
		},
		{
			"version that never was",
			map[string]any{"flinkVersion": "v1_21"},
			[]told{{flink.Error, "flink_version", "There is no Flink version v1_21"}},
		},
		{
			"mode",
			map[string]any{"mode": "serverless"},
			[]told{{flink.Error, "mode", `"serverless" is not a value of mode`}},
		},
		{"standalone", map[string]any{"mode": "standalone"}, nil},
		{
			"image pull policy",
			map[string]any{"imagePullPolicy": "ifNotPresent"},
			[]told{{flink.Error, "image_pull_policy", `"ifNotPresent" is not a value of image_pull_policy`}},
		},
		{"image pull policy known", map[string]any{"imagePullPolicy": "Always"}, nil},
		{
			"service account",
			map[string]any{"serviceAccount": nil},
			[]told{{flink.Error, "service_account", "The service account is missing"}},
		},
		{
			"log file",
			map[string]any{"logConfiguration/log4j.properties": "x", "logConfiguration/logback-console.xml": "x"},
			[]told{{flink.Error, `log_configuration["log4j.properties"]`, `"log4j.properties" is not a log configuration file`}},
		},
	})
}

func TestValidateIngress(t *testing.T) {
	runRuleTests(t, []ruleTest{
		{
			"no template",
			map[string]any{"ingress/className": "nginx"},
			[]told{{flink.Error, "ingress.template", "The ingress has no template"}},
		},
		{"host", map[string]any{"ingress/template": "{{name}}.{{Namespace}}.example.com"}, nil},
		{"path with a regular expression", map[string]any{"ingress/template": "/{{namespace}}/{{name}}(/|$)(.*)"}, nil},
		{"protocol", map[string]any{"ingress/template": "HTTPS://example.com:8443/%zz"}, nil},
		{"user", map[string]any{"ingress/template": "user:password@example.com:80/"}, nil},
		{"IPv6", map[string]any{"ingress/template": "[::1]:80/x"}, nil},
		{"empty port", map[string]any{"ingress/template": "example.com:/x"}, nil},
		{
			"bad port",
			map[string]any{"ingress/template": "example.com:port/x"},
			[]told{{flink.Error, "ingress.template", `The ingress template "example.com:port/x" is not a URL`}},
		},
		{
			"negative port",
			map[string]any{"ingress/template": "example.com:-80"},
			[]told{{flink.Error, "ingress.template", `The ingress template "example.com:-80" is not a URL`}},
		},
		{
			"open bracket",
			map[string]any{"ingress/template": "[::1/x"},
			[]told{{flink.Error, "ingress.template", `The ingress template "[::1/x" is not a URL`}},
		},
	})
}

func TestValidateWhereTheJarIs(t *testing.T) {
	runRuleTests(t, []ruleTest{
		{"a path", map[string]any{"job/jarURI": "/opt/flink/usrlib/a.jar"}, []told{
			{flink.Warning, "job.jar_uri", `The URI "/opt/flink/usrlib/a.jar" of the JAR file has no scheme`},
		}},
		{"a relative path", map[string]any{"job/jarURI": "usrlib/a.jar", "mode": "standalone"}, []told{
			{flink.Warning, "job.jar_uri", `The URI "usrlib/a.jar" of the JAR file has no scheme`},
		}},
		{"in the image", map[string]any{"job/jarURI": "local:///opt/flink/usrlib/a.jar"}, nil},
		{"elsewhere", map[string]any{"job/jarURI": "s3://flink/a.jar"}, nil},
		{"under what standalone mode mounts", map[string]any{"job/jarURI": "local:///opt/flink/usrlib/a.jar", "mode": "standalone"}, []told{
			{flink.Warning, "job.jar_uri", "The job's JAR file is hidden in standalone mode"},
		}},
		{"beside what standalone mode mounts", map[string]any{"job/jarURI": "local:///opt/flink/usrlib2/a.jar", "mode": "standalone"}, nil},
		{"in a volume of its own", map[string]any{
			"job/jarURI": "local:///opt/flink/usrlib/a.jar", "mode": "standalone",
			"podTemplate": map[string]any{"spec": map[string]any{"containers": []any{map[string]any{
				"name": "flink-main-container", "volumeMounts": []any{map[string]any{"name": "jars", "mountPath": "/opt/flink/usrlib"}},
			}}}},
		}, nil},
		{"in the class path", map[string]any{"job/jarURI": nil}, nil},
	})
}

func TestValidateConfiguration(t *testing.T) {
	const prefix = "flinkConfiguration/"
	runRuleTests(t, []ruleTest{
		{
			"forbidden keys",
			map[string]any{prefix + "kubernetes.namespace": "a", prefix + "kubernetes.cluster-id": "b", prefix + "high-availability.cluster-id": "c"},
			[]told{
				{flink.Error, `flink_configuration["kubernetes.namespace"]`, "The configuration key kubernetes.namespace belongs to the operator"},
				{flink.Error, `flink_configuration["kubernetes.cluster-id"]`, "The configuration key kubernetes.cluster-id belongs to the operator"},
				{flink.Error, `flink_configuration["high-availability.cluster-id"]`, "The configuration key high-availability.cluster-id belongs to the operator"},
			},
		},
		{
			"rollback without high availability",
			map[string]any{prefix + keyRollback: "true"},
			[]told{{flink.Warning, `flink_configuration["kubernetes.operator.deployment.rollback.enabled"]`, "The operator's rollback needs high availability"}},
		},
		{"rollback with high availability", map[string]any{prefix + keyRollback: "true", prefix + "high-availability.type": "kubernetes"}, nil},
		{"rollback off", map[string]any{prefix + keyRollback: "false"}, nil},
		{
			"health check without recovery",
			map[string]any{prefix + keyHealthCheck: "true", prefix + keyRecovery: "false"},
			[]told{{flink.Error, `flink_configuration["kubernetes.operator.jm-deployment-recovery.enabled"]`, "The health check needs the recovery of the JobManager's deployment"}},
		},
		{"health check alone", map[string]any{prefix + keyHealthCheck: "true"}, nil},
		{"no recovery alone", map[string]any{prefix + keyRecovery: "false"}, nil},
		{"unreadable values", map[string]any{
			"taskManager/resource/memory":               nil,
			prefix + "taskmanager.memory.process.size":  "2Gi",
			prefix + "execution.checkpointing.interval": "soon",
			prefix + "taskmanager.numberOfTaskSlots":    "2.5",
			prefix + "web.cancel.enable":                "no",
			prefix + "job.autoscaler.quota.cpu":         "much",
			prefix + "my.own.key":                       "anything",
		}, []told{
			{flink.Warning, `flink_configuration["execution.checkpointing.interval"]`, `"soon" is not a value of execution.checkpointing.interval`},
			{flink.Warning, `flink_configuration["job.autoscaler.quota.cpu"]`, `"much" is not a value of job.autoscaler.quota.cpu`},
			{flink.Warning, `flink_configuration["taskmanager.memory.process.size"]`, `"2Gi" is not a value of taskmanager.memory.process.size`},
			{flink.Warning, `flink_configuration["taskmanager.numberOfTaskSlots"]`, `"2.5" is not a value of taskmanager.numberOfTaskSlots`},
			{flink.Warning, `flink_configuration["web.cancel.enable"]`, `"no" is not a value of web.cancel.enable`},
		}},
		{
			"a key that the version does not know",
			map[string]any{"flinkVersion": "v1_19"},
			[]told{
				{flink.Warning, `flink_configuration["execution.checkpointing.dir"]`, "Flink v1_19 does not know the key execution.checkpointing.dir"},
				{flink.Warning, `flink_configuration["execution.checkpointing.savepoint-dir"]`, "Flink v1_19 does not know the key execution.checkpointing.savepoint-dir"},
			},
		},
		{"both names for all versions", map[string]any{"flinkVersion": "v1_19", prefix + "state.checkpoints.dir": "s3://c", prefix + "state.savepoints.dir": "s3://s"}, nil},
		{"a name that the version knows though it is old", map[string]any{
			"flinkVersion": "v1_19", prefix + "execution.checkpointing.dir": nil, prefix + "execution.checkpointing.savepoint-dir": nil,
			prefix + "state.backend.fs.checkpointdir": "s3://c", prefix + "state.savepoints.dir": "s3://s",
		}, nil},
		{
			"keys that Flink 2 does not know any more",
			map[string]any{"flinkVersion": "v2_0", prefix + "taskmanager.network.netty.transport": "nio", prefix + "cluster.evenly-spread-out-slots": "true"},
			[]told{
				{flink.Warning, `flink_configuration["cluster.evenly-spread-out-slots"]`, "Flink v2_0 does not know the key cluster.evenly-spread-out-slots"},
				{flink.Warning, `flink_configuration["taskmanager.network.netty.transport"]`, "Flink v2_0 does not know the key taskmanager.network.netty.transport"},
			},
		},
		{
			"a key that came later",
			map[string]any{prefix + "state.backend.forst.local-dir": "/tmp"},
			[]told{{flink.Warning, `flink_configuration["state.backend.forst.local-dir"]`, "Flink v1_20 does not know the key state.backend.forst.local-dir"}},
		},
		{
			"the heap's former key is no memory in Flink 2",
			map[string]any{"flinkVersion": "v2_0", "taskManager/resource": nil, prefix + "taskmanager.heap.size": "2g"},
			[]told{
				{flink.Warning, "task_manager.resource.memory", "The memory of the TaskManager is missing"},
				{flink.Warning, `flink_configuration["taskmanager.heap.size"]`, "Flink v2_0 does not know the key taskmanager.heap.size"},
			},
		},
		{
			"a duration that was a number",
			map[string]any{
				"flinkVersion": "v1_19", prefix + "execution.checkpointing.dir": nil, prefix + "execution.checkpointing.savepoint-dir": nil,
				prefix + "state.checkpoints.dir": "s3://c", prefix + "state.savepoints.dir": "s3://s", prefix + "heartbeat.timeout": "50 s",
			},
			[]told{{flink.Warning, `flink_configuration["heartbeat.timeout"]`, `"50 s" is not a value of heartbeat.timeout`}},
		},
		{"a duration that was a number, since it is one", map[string]any{prefix + "heartbeat.timeout": "50 s"}, nil},
		{
			"an ISO duration before Flink 2.1",
			map[string]any{prefix + "execution.checkpointing.interval": "PT1M"},
			[]told{{flink.Warning, `flink_configuration["execution.checkpointing.interval"]`, `"PT1M" is not a value of execution.checkpointing.interval`}},
		},
		{"an ISO duration since Flink 2.1", map[string]any{"flinkVersion": "v2_1", prefix + "execution.checkpointing.interval": "PT1M"}, nil},
		{"a blank value is none below Flink 2", map[string]any{prefix + "web.cancel.enable": " "}, nil},
		{
			"a blank value in Flink 2",
			map[string]any{"flinkVersion": "v2_0", prefix + "web.cancel.enable": " "},
			[]told{{flink.Warning, `flink_configuration["web.cancel.enable"]`, `" " is not a value of web.cancel.enable`}},
		},
		{
			"a name of an enum",
			map[string]any{prefix + "execution.checkpointing.mode": "exactly-once"},
			[]told{{flink.Warning, `flink_configuration["execution.checkpointing.mode"]`, `"exactly-once" is not a value of execution.checkpointing.mode`}},
		},
		{
			"overlap in Flink 2",
			map[string]any{"flinkVersion": "v2_0", prefix + "state.backend": "rocksdb", prefix + "state.backend.incremental": "true"},
			[]told{{flink.Error, `flink_configuration["state.backend"]`, "The configuration keys state.backend and state.backend.incremental overlap"}},
		},
		{
			"overlap with a key of the operator",
			map[string]any{"flinkVersion": "v2_0", prefix + "high-availability": "kubernetes"},
			[]told{{flink.Error, `flink_configuration["high-availability"]`, "The configuration keys high-availability and high-availability.cluster-id overlap"}},
		},
		{"overlap in Flink 1", map[string]any{prefix + "state.backend": "rocksdb", prefix + "state.backend.incremental": "true"}, nil},
		{
			"a comment in Flink 1",
			map[string]any{
				prefix + "a.b": "x#y", prefix + "s3.path": "one\ntwo", prefix + "plain": "x", prefix + "block": "one \n",
				prefix + "kubernetes.operator.a": "x#y", prefix + "job.autoscaler.a": "x#y", prefix + "kubernetes.jobmanager.annotations": "a:x#y",
				prefix + "containerized.master.env.URL": "x#y", prefix + "containerized.taskmanager.env.URL": "x#y",
				"job/args": []any{"--a", "x#y"},
			},
			[]told{
				{flink.Error, `flink_configuration["a.b"]`, "Flink v1_20 reads only a part of a.b"},
				{flink.Error, `flink_configuration["containerized.taskmanager.env.URL"]`, "Flink v1_20 reads only a part of containerized.taskmanager.env.URL"},
				{flink.Error, `flink_configuration["s3.path"]`, "Flink v1_20 reads only a part of s3.path"},
				{flink.Error, `job.args[1]`, "Flink v1_20 reads only a part of an argument"},
			},
		},
		{
			"a comment in standalone mode",
			map[string]any{"mode": "standalone", prefix + "containerized.taskmanager.env.URL": "x#y", prefix + "a.b": "x#y", "job/args": []any{"x#y"}},
			[]told{{flink.Error, `flink_configuration["a.b"]`, "Flink v1_20 reads only a part of a.b"}},
		},
		{"no comment in Flink 2", map[string]any{"flinkVersion": "v2_0", prefix + "a.b": "x#y", prefix + "a.c": "one\ntwo"}, nil},
		{
			"blank high availability",
			map[string]any{prefix + "high-availability": ""},
			[]told{{flink.Error, `flink_configuration["high-availability"]`, `"" is no type of high availability`}},
		},
		{
			"padded high availability",
			map[string]any{prefix + "high-availability.type": " none"},
			[]told{{flink.Error, `flink_configuration["high-availability.type"]`, `" none" is no type of high availability`}},
		},
		{"overlap of the operator's keys", map[string]any{"flinkVersion": "v2_0", prefix + "kubernetes.operator.a": "1", prefix + "kubernetes.operator.a.b": "1"}, nil},
	})
}

func TestValidateJob(t *testing.T) {
	const prefix = "flinkConfiguration/"
	noDirectories := map[string]any{prefix + flink.KeyCheckpointDirectory: nil, prefix + flink.KeySavepointDirectory: nil}
	with := func(changes map[string]any) map[string]any {
		for path, value := range noDirectories {
			if _, set := changes[path]; !set {
				changes[path] = value
			}
		}
		return changes
	}
	runRuleTests(t, []ruleTest{
		{"savepoint without directories", with(map[string]any{}), []told{
			{flink.Warning, "upgrade.mode", "Upgrade mode savepoint needs a directory for checkpoints"},
			{flink.Warning, "upgrade.mode", "Upgrade mode savepoint needs a directory for savepoints"},
		}},
		{"last-state without directories", with(map[string]any{"job/upgradeMode": "last-state"}), []told{
			{flink.Warning, "upgrade.mode", "Upgrade mode last_state needs a directory for checkpoints"},
			{flink.Warning, "upgrade.mode", "Upgrade mode last_state needs high availability"},
		}},
		{"last-state with all that it needs", map[string]any{"job/upgradeMode": "last-state", prefix + "high-availability.type": "kubernetes", prefix + flink.KeyCheckpointInterval: "10 s"}, nil},
		{"last-state without high availability", map[string]any{"job/upgradeMode": "last-state", prefix + "high-availability.type": "NONE"}, []told{
			{flink.Warning, "upgrade.mode", "Upgrade mode last_state needs high availability"},
		}},
		{"last-state without checkpoints", map[string]any{"job/upgradeMode": "last-state", prefix + "high-availability": "kubernetes", prefix + flink.KeyCheckpointInterval: "0"}, []told{
			{flink.Warning, "upgrade.mode", "Upgrade mode last_state needs checkpoints"},
		}},
		{"savepoint without checkpoints", map[string]any{prefix + flink.KeyCheckpointInterval: "0"}, nil},
		{"former names", with(map[string]any{prefix + "state.checkpoints.dir": "s3://c", prefix + "state.savepoints.dir": "s3://s"}), nil},
		{"stateless without directories", with(map[string]any{"job/upgradeMode": "stateless"}), nil},
		{"operator's default mode without directories", with(map[string]any{"job/upgradeMode": nil}), nil},
		{"periodic savepoints", with(map[string]any{"job/upgradeMode": "stateless", prefix + keyPeriodicSavepoint: "1 h"}), []told{
			{flink.Warning, `flink_configuration["kubernetes.operator.periodic.savepoint.interval"]`, "Periodic savepoints need a directory for savepoints"},
		}},
		{"maximum age of checkpoints", with(map[string]any{"job/upgradeMode": "stateless", prefix + keyMaxCheckpointAge: "1 h"}), []told{
			{flink.Warning, `flink_configuration["kubernetes.operator.job.upgrade.last-state.max.allowed.checkpoint.age"]`, "A maximum age of checkpoints needs a directory for savepoints"},
		}},
		{"no parallelism", map[string]any{"job/parallelism": nil}, []told{
			{flink.Error, "job.parallelism", "The job's parallelism is missing"},
		}},
		{"no parallelism but replicas", map[string]any{"job/parallelism": nil, "taskManager/replicas": 2}, nil},
		{"parallelism 0", map[string]any{"job/parallelism": 0}, []told{
			{flink.Error, "job.parallelism", "A parallelism of 0 is too small"},
		}},
		{"replicas 0", map[string]any{"taskManager/replicas": 0}, []told{
			{flink.Error, "task_manager.replicas", "0 TaskManagers are too few"},
		}},
		{"state", map[string]any{"job/state": "paused"}, []told{
			{flink.Error, "job.state", `"paused" is not a value of job.state`},
		}},
		{"upgrade mode", map[string]any{"job/upgradeMode": "last_state"}, []told{
			{flink.Error, "upgrade.mode", `"last_state" is not an upgrade mode`},
		}},
		{"session cluster", with(map[string]any{"job": nil, prefix + keyPeriodicSavepoint: "1 h"}), nil},
	})
}

func TestValidateSessionJob(t *testing.T) {
	t.Parallel()
	const jar = "https://repo.example.com/orders.jar"
	full := flink.Configuration{"state.checkpoints.dir": new("s3://c"), "state.savepoints.dir": new("s3://s")}
	for _, test := range []struct {
		name    string
		cluster string
		job     flink.Job
		config  flink.Configuration
		want    []told
	}{
		{name: "nothing to say", cluster: "shared", job: flink.Job{JarURI: new(jar), Parallelism: new(int64(1)), UpgradeMode: new(flink.UpgradeSavepoint)}, config: full},
		{name: "a jar in the cluster", cluster: "shared", job: flink.Job{Parallelism: new(int64(1))}},
		{
			name: "everything wrong", cluster: "Shared", job: flink.Job{JarURI: new("orders.jar"), UpgradeMode: new(flink.UpgradeSavepoint)},
			want: []told{
				{flink.Error, "session_cluster", `The name "Shared" is not valid for a session cluster`},
				{flink.Error, "job.jar_uri", `The URI "orders.jar" has no scheme`},
				{flink.Warning, "upgrade.mode", "Upgrade mode savepoint needs a directory for checkpoints"},
				{flink.Warning, "upgrade.mode", "Upgrade mode savepoint needs a directory for savepoints"},
				{flink.Error, "job.parallelism", "The job's parallelism is missing"},
			},
		},
		{name: "no URI", cluster: "shared", job: flink.Job{JarURI: new("https://a b"), Parallelism: new(int64(1))}, want: []told{{flink.Error, "job.jar_uri", `"https://a b" is no URI`}}},
		{name: "no host", cluster: "shared", job: flink.Job{JarURI: new("https:///a.jar"), Parallelism: new(int64(1))}, want: []told{{flink.Error, "job.jar_uri", `The URI "https:///a.jar" has no host`}}},
		{name: "what the operator's release and administrator decide", cluster: "shared", job: flink.Job{JarURI: new("local:///a.jar"), Parallelism: new(int64(1))}},
		{
			name: "a configuration that cannot be read", cluster: "shared", job: flink.Job{JarURI: new(jar), Parallelism: new(int64(0))}, config: flink.Configuration{"execution.checkpointing.interval": new("often")},
			want: []told{
				{flink.Error, "job.parallelism", "A parallelism of 0 is too small"},
				{flink.Warning, `flink_configuration["execution.checkpointing.interval"]`, `"often" is not a value of execution.checkpointing.interval`},
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			spec := flink.DeploymentSpec{DeploymentName: &test.cluster, FlinkConfiguration: test.config, Job: &test.job}
			var got []told
			for _, f := range Validate("Orders", spec) {
				got = append(got, told{f.Severity, f.Path.Attribute(), f.Summary})
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}
