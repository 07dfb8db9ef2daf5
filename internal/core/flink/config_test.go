package flink

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// configuration makes a Configuration of alternating keys and values.
func configuration(pairs ...string) Configuration {
	config := Configuration{}
	for i := 0; i+1 < len(pairs); i += 2 {
		config[pairs[i]] = &pairs[i+1]
	}
	return config
}

func TestCanonicalKey(t *testing.T) {
	for _, test := range []struct{ key, want string }{
		{"state.checkpoints.dir", "execution.checkpointing.dir"},
		{"state.backend.fs.checkpointdir", "execution.checkpointing.dir"},
		{"state.savepoints.dir", "execution.checkpointing.savepoint-dir"},
		{"state.backend", "state.backend.type"},
		{"high-availability", "high-availability.type"},
		{"restart-strategy", "restart-strategy.type"},
		{"akka.ask.timeout", "pekko.ask.timeout"},
		{"taskmanager.network.memory.min", "taskmanager.memory.network.min"},
		{"kubernetes.container.image", "kubernetes.container.image.ref"},
		{"kubernetes.operator.reconciler.reschedule.interval", "kubernetes.operator.reconcile.interval"},
		{"kubernetes.operator.job.autoscaler.enabled", "job.autoscaler.enabled"},
		{"kubernetes.operator.job.autoscaler.target.utilization", "job.autoscaler.utilization.target"},
		{"execution.checkpointing.dir", "execution.checkpointing.dir"},
		{"rest.port", "rest.port"},
		{"web.port", "web.port"},
		{"my.own.key", "my.own.key"},
		{"", ""},
	} {
		t.Run(test.key, func(t *testing.T) {
			if got := CanonicalKey(test.key); got != test.want {
				t.Errorf("CanonicalKey(%q) = %q, want %q", test.key, got, test.want)
			}
		})
	}
}

// The table must resolve every key in one step, and every line of it must parse.
func TestAliasTable(t *testing.T) {
	lines := strings.Count(strings.TrimSpace(aliasTable), "\n") + 1
	if got := len(aliases().byFormer); got != lines {
		t.Errorf("%d aliases of %d lines: a name stands twice or a line is broken", got, lines)
	}
	for former, entry := range aliases().byFormer {
		if next, chained := aliases().byFormer[entry.present]; chained {
			t.Errorf("%s leads to %s, which leads on to %s", former, entry.present, next.present)
		}
	}
}

func TestKeyOfVersion(t *testing.T) {
	for _, test := range []struct{ version, key, want string }{
		{"v1_19", "state.checkpoints.dir", "state.checkpoints.dir"},
		{"v1_20", "state.checkpoints.dir", "execution.checkpointing.dir"},
		{"v2_4", "state.checkpoints.dir", "execution.checkpointing.dir"},
		{"v1_16", "high-availability", "high-availability"},
		{"v1_17", "high-availability", "high-availability.type"},
		{"v1_20", "taskmanager.net.transport", "taskmanager.network.netty.transport"},
		{"v2_0", "taskmanager.net.transport", "taskmanager.net.transport"},
	} {
		t.Run(test.version+" "+test.key, func(t *testing.T) {
			version, err := ParseVersion(test.version)
			if err != nil {
				t.Fatal(err)
			}
			if got := keyIn(&version, test.key); got != test.want {
				t.Errorf("keyIn = %q, want %q", got, test.want)
			}
		})
	}
}

func TestConfigurationGet(t *testing.T) {
	config := configuration("state.checkpoints.dir", "s3://old", "kubernetes.operator.job.autoscaler.enabled", "true")
	config["removed"] = nil
	for _, test := range []struct {
		key, want string
		ok        bool
	}{
		{"execution.checkpointing.dir", "s3://old", true},
		{"state.checkpoints.dir", "s3://old", true},
		{"state.backend.fs.checkpointdir", "s3://old", true},
		{"job.autoscaler.enabled", "true", true},
		{"removed", "", false},
		{"other", "", false},
	} {
		t.Run(test.key, func(t *testing.T) {
			if got, ok := config.Get(test.key); got != test.want || ok != test.ok {
				t.Errorf("Get(%q) = %q, %v, want %q, %v", test.key, got, ok, test.want, test.ok)
			}
		})
	}
	t.Run("the present name wins", func(t *testing.T) {
		both := configuration("state.checkpoints.dir", "s3://old", "execution.checkpointing.dir", "s3://new")
		if got, _ := both.Get("state.checkpoints.dir"); got != "s3://new" {
			t.Errorf("Get = %q, want the value of the present name", got)
		}
	})
	t.Run("a removed present name leaves the former", func(t *testing.T) {
		both := configuration("state.checkpoints.dir", "s3://old")
		both["execution.checkpointing.dir"] = nil
		if got, _ := both.Get("execution.checkpointing.dir"); got != "s3://old" {
			t.Errorf("Get = %q, want the value of the former name", got)
		}
	})
}

func TestFlatten(t *testing.T) {
	text := "value"
	for _, test := range []struct {
		name  string
		value any
		want  map[string]string
	}{
		{"absent", nil, map[string]string{}},
		{"dotted", map[string]any{"a.b": "1"}, map[string]string{"a.b": "1"}},
		{"nested", map[string]any{"a": map[string]any{"b": map[string]any{"c": json.Number("2")}, "d.e": true}}, map[string]string{"a.b.c": "2", "a.d.e": "true"}},
		{"nested and dotted", map[string]any{"a": map[string]any{"b": "1"}, "a.b": "2"}, map[string]string{"a.b": "2"}},
		{"list", map[string]any{"a": []any{"x", json.Number("2"), false}}, map[string]string{"a": "x;2;false"}},
		{"empty list", map[string]any{"a": []any{}}, map[string]string{}},
		{"empty object", map[string]any{"a": map[string]any{}}, map[string]string{}},
		{"null", map[string]any{"a": nil}, map[string]string{}},
		{"numbers of Go", map[string]any{"a": 1.5, "b": int64(7), "c": 1e6}, map[string]string{"a": "1.5", "b": "7", "c": "1000000"}},
		{"configuration", Configuration{"a": &text, "b": nil}, map[string]string{"a": "value"}},
		{"texts", map[string]string{"a": "1"}, map[string]string{"a": "1"}},
		{"no object", "text", map[string]string{}},
		{"a list alone", []any{"a"}, map[string]string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Flatten(test.value)); diff != "" {
				t.Errorf("Flatten (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSameConfigValue(t *testing.T) {
	const memory, duration = "taskmanager.memory.process.size", "execution.checkpointing.interval"
	for _, test := range []struct {
		key, a, b string
		want      bool
	}{
		{memory, "1g", "1024 mb", true},
		{memory, "1g", " 1g ", true},
		{memory, "1g", "1024", false},
		{memory, "1g", "1Gi", false},
		{memory, "1Gi", "1Gi", true},
		{memory, "2 bytes", "2", true},
		{"taskmanager.network.memory.min", "64m", "65536k", true},
		{duration, "60 s", "1 min", true},
		{duration, "60000", "1min", true},
		{duration, "60 s", "61 s", false},
		{"kubernetes.operator.reconcile.interval", "60 s", "1 min", true},
		{"job.autoscaler.metrics.window", "15m", "900 s", true},
		{"kubernetes.operator.job.autoscaler.metrics.window", "15m", "900 s", true},
		{"restart-strategy.fixed-delay.delay", "10 s", "10000 ms", true},
		{"high-availability.storageDir", "1g", "1024m", false},
		{"taskmanager.numberOfTaskSlots", "2", "02", true},
		{"taskmanager.numberOfTaskSlots", "2", "2.0", false},
		{"taskmanager.numberOfTaskSlots", "2", "3", false},
		{"job.autoscaler.utilization.target", "0.5", "0.50", true},
		{"job.autoscaler.utilization.target", "0.5", "5e-1", true},
		{"web.cancel.enable", "true", "TRUE", true},
		{"web.cancel.enable", "true", "false", false},
		{"web.cancel.enable", "true", "yes", false},
		{"execution.checkpointing.mode", "EXACTLY_ONCE", "exactly_once", true},
		{"state.backend.type", "rocksdb", "RocksDB", true},
		{"state.backend.type", "rocksdb", "hashmap", false},
		{"high-availability.type", "kubernetes", "KUBERNETES", true},
		{"high-availability.type", "none", " none", false},
		{"restart-strategy.type", "fixed-delay", "FixedDelay", true},
		{"restart-strategy.type", "off", "disable", true},
		{"restart-strategy.type", "off", "fixed-delay", false},
		{"heartbeat.timeout", "50000", "50 s", false},
		{"execution.checkpointing.interval", "PT1M", "60 s", false},
		{"pipeline.jars", "[a, b]", "a;b", false},
		{"pipeline.jars", "a; b", "a;b", true},
		{"kubernetes.jobmanager.labels", "a:b,c:d", "c:d, a:b", true},
		{"web.cancel.enable", "true", "true ", false},
		{"my.own.key", "1 min", "60 s", false},
		{"my.own.key", "true", "TRUE", false},
		{"my.own.key", "a ", "a", false},
		{"my.own.key", "a", "a", true},
	} {
		t.Run(test.key+" "+test.a+" "+test.b, func(t *testing.T) {
			if got := SameConfigValue(test.key, test.a, test.b); got != test.want {
				t.Errorf("SameConfigValue(%q, %q) = %v, want %v", test.a, test.b, got, test.want)
			}
			if got := SameConfigValue(test.key, test.b, test.a); got != test.want {
				t.Errorf("SameConfigValue(%q, %q) = %v, want %v", test.b, test.a, got, test.want)
			}
		})
	}
}

func TestSameByVersion(t *testing.T) {
	for _, test := range []struct {
		version, key, a, b string
		want               bool
	}{
		{"v1_19", "heartbeat.timeout", "50000", "50 s", false},
		{"v1_20", "heartbeat.timeout", "50000", "50 s", true},
		{"v2_0", "execution.checkpointing.interval", "PT1M", "60 s", false},
		{"v2_1", "execution.checkpointing.interval", "PT1M", "60 s", true},
		{"v1_20", "web.cancel.enable", "true", " true", true},
		{"v2_0", "web.cancel.enable", "true", " true", false},
		{"v1_20", "high-availability.storageDir", "s3://a", " s3://a", true},
		{"v2_0", "high-availability.storageDir", "s3://a", " s3://a", false},
		{"v1_20", "high-availability.type", "none", " none", false},
		{"v1_20", "pipeline.jars", "[a, b]", "a;b", false},
		{"v2_0", "pipeline.jars", "[a, b]", "a;b", true},
		{"v2_0", "pipeline.global-job-parameters", "{a: b}", "a:b", true},
		{"v1_20", "state.backend.forst.writebuffer.size", "1g", "1024m", false},
		{"v2_0", "state.backend.forst.writebuffer.size", "1g", "1024m", true},
		{"v2_4", "execution.checkpointing.interval", "PT1M", "60 s", true},
		{"v1_13", "taskmanager.memory.process.size", "1g", "1024m", true},
		{"v2_1", "kubernetes.operator.reconcile.interval", "PT1M", "60 s", false},
		{"v2_1", "kubernetes.operator.reconcile.interval", "1 min", "60 s", true},
		{"v2_1", "my.own.key", "1 min", "60 s", false},
	} {
		version, err := ParseVersion(test.version)
		if err != nil {
			t.Fatal(err)
		}
		if got := ReaderOf(&version).Same(test.key, test.a, test.b); got != test.want {
			t.Errorf("%s: %q and %q of %s are the same: %v", test.version, test.a, test.b, test.key, got)
		}
	}
}

func TestHighAvailability(t *testing.T) {
	for _, test := range []struct {
		name   string
		config Configuration
		want   bool
	}{
		{"absent", nil, false},
		{"kubernetes", configuration("high-availability.type", "kubernetes"), true},
		{"former name", configuration("high-availability", "zookeeper"), true},
		{"a class", configuration("high-availability", "org.apache.flink.kubernetes.highavailability.KubernetesHaServicesFactory"), true},
		{"none", configuration("high-availability.type", "None"), false},
		{"the older name of none", configuration("high-availability.type", "standalone"), false},
		{"blank", configuration("high-availability.type", " "), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := HasHighAvailability(test.config); got != test.want {
				t.Errorf("HasHighAvailability = %v, want %v", got, test.want)
			}
		})
	}
}

func TestDefaultUpgradeMode(t *testing.T) {
	const checkpoints, savepoints, availability = "state.checkpoints.dir", "execution.checkpointing.savepoint-dir", "high-availability"
	for _, test := range []struct {
		name   string
		config Configuration
		want   string
	}{
		{"nothing", nil, UpgradeStateless},
		{"everything", configuration(checkpoints, "s3://c", savepoints, "s3://s", availability, "kubernetes"), UpgradeSavepoint},
		{"both directories", configuration(checkpoints, "s3://c", savepoints, "s3://s"), UpgradeSavepoint},
		{"checkpoints and high availability", configuration(checkpoints, "s3://c", availability, "kubernetes"), UpgradeLastState},
		{"checkpoints alone", configuration(checkpoints, "s3://c"), UpgradeStateless},
		{"savepoints alone", configuration(savepoints, "s3://s"), UpgradeStateless},
		{"savepoints and high availability", configuration(savepoints, "s3://s", availability, "kubernetes"), UpgradeStateless},
		{"a blank directory", configuration(checkpoints, " ", savepoints, "s3://s"), UpgradeStateless},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := DefaultUpgradeMode(DeploymentSpec{FlinkConfiguration: test.config}); got != test.want {
				t.Errorf("DefaultUpgradeMode = %q, want %q", got, test.want)
			}
		})
	}
}
