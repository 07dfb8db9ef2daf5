package standin

import (
	"math"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
)

// Keys of the operator's own configuration that the stand-in follows.
const (
	keySavepointOnDeletion = "kubernetes.operator.job.savepoint-on-deletion"
	keyRollback            = "kubernetes.operator.deployment.rollback.enabled"
	keyReadinessTimeout    = "kubernetes.operator.deployment.readiness.timeout"
	keyRecovery            = "kubernetes.operator.jm-deployment-recovery.enabled"
	keyHealthCheck         = "kubernetes.operator.cluster.health-check.enabled"
	keyLastStateFallback   = "kubernetes.operator.job.upgrade.last-state-fallback.enabled"
	keyBlockOnSessionJobs  = "kubernetes.operator.session.deletion.block-on-session-jobs"
	keyPeriodicSavepoint   = "kubernetes.operator.periodic.savepoint.interval"
	keyMaxCheckpointAge    = "kubernetes.operator.job.upgrade.last-state.max.allowed.checkpoint.age"
)

func first(config map[string]string, keys ...string) string {
	for _, k := range keys {
		if v := config[k]; v != "" {
			return v
		}
	}
	return ""
}

func checkpointDir(config map[string]string) string {
	return first(config, "execution.checkpointing.dir", "state.checkpoints.dir")
}

func savepointDir(config map[string]string) string {
	return first(config, "execution.checkpointing.savepoint-dir", "state.savepoints.dir")
}

// checkpointing reports whether Flink takes checkpoints; for mode last-state
// the operator sets an interval by itself.
func checkpointing(config map[string]string, upgradeMode string) bool {
	return checkpointDir(config) != "" && (config["execution.checkpointing.interval"] != "" || upgradeMode == modeLastState)
}

func highAvailability(config map[string]string) bool {
	mode := strings.ToLower(first(config, "high-availability.type", "high-availability"))
	return mode != "" && mode != "none"
}

func enabled(config map[string]string, key string, fallback bool) bool {
	v, ok := config[key]
	if !ok {
		return fallback
	}
	return strings.EqualFold(v, "true")
}

// units of Flink's TimeUtils that matter here; no unit means milliseconds.
var units = map[string]time.Duration{
	"": time.Millisecond, "ms": time.Millisecond, "milli": time.Millisecond, "millis": time.Millisecond, "millisecond": time.Millisecond, "milliseconds": time.Millisecond,
	"s": time.Second, "sec": time.Second, "secs": time.Second, "second": time.Second, "seconds": time.Second,
	"m": time.Minute, "min": time.Minute, "mins": time.Minute, "minute": time.Minute, "minutes": time.Minute,
	"h": time.Hour, "hour": time.Hour, "hours": time.Hour, "d": 24 * time.Hour, "day": 24 * time.Hour, "days": 24 * time.Hour,
}

// flinkDuration reads Flink's duration syntax, e.g. "60 s".
func flinkDuration(text string, fallback time.Duration) time.Duration {
	text = strings.TrimSpace(text)
	digits := strings.TrimLeft(text, "0123456789")
	n, err := strconv.ParseInt(strings.TrimSuffix(text, digits), 10, 64)
	unit, known := units[strings.ToLower(strings.TrimSpace(digits))]
	if err != nil || !known {
		return fallback
	}
	return time.Duration(n) * unit
}

// taskManagers is how many TaskManagers the operator expects for a job.
func (s *spec) taskManagers() int64 {
	if s.taskManager != nil && s.taskManager.replicas != nil {
		return *s.taskManager.replicas
	}
	return int64(math.Ceil(float64(s.job.parallelism) / float64(s.slots())))
}

// slots is how many slots a TaskManager has.
func (s *spec) slots() int64 {
	slots, err := strconv.ParseInt(flatConfig(s.config)["taskmanager.numberOfTaskSlots"], 10, 64)
	if err != nil || slots < 1 {
		return 1
	}
	return slots
}

// vertexParallelism is that of a job's vertex: as many as there are slots in reactive mode, and otherwise one.
func (s *spec) vertexParallelism() int64 {
	if plain(s.mode) == "standalone" && strings.EqualFold(flatConfig(s.config)["scheduler-mode"], "reactive") {
		return s.taskManagers() * s.slots()
	}
	return 1
}

// patchReleases are the releases of Flink that clusterInfo names.
var patchReleases = map[string]string{
	"v1_15": "1.15.4", "v1_16": "1.16.3", "v1_17": "1.17.2", "v1_18": "1.18.1", "v1_19": "1.19.3", "v1_20": "1.20.1", "v2_0": "2.0.0", "v2_1": "2.1.0", "v2_2": "2.2.0",
}

func (s *spec) release() string {
	if s.flinkVersion == nil {
		return ""
	}
	if r := patchReleases[*s.flinkVersion]; r != "" {
		return r
	}
	return strings.ReplaceAll(strings.TrimPrefix(*s.flinkVersion, "v"), "_", ".") + ".0"
}

// clusterInfo is what the JobManager's REST tells about the cluster; a session
// cluster has no TaskManagers before its first job.
func (s *spec) clusterInfo() map[string]string {
	config := flatConfig(s.config)
	cpu, memory := s.jobManager.size(config, "jobmanager")
	if s.job != nil {
		taskCPU, taskMemory := s.taskManager.size(config, "taskmanager")
		n := s.taskManagers()
		cpu += float64(n) * taskCPU
		memory += n * taskMemory
	}
	return map[string]string{
		"flink-version": s.release(), "flink-revision": "stand-in",
		"total-cpu": strconv.FormatFloat(cpu, 'f', 1, 64), "total-memory": strconv.FormatInt(memory, 10),
	}
}

// size is what one process may use: CPUs after the limit factor, and bytes.
func (c *componentSpec) size(config map[string]string, process string) (cpu float64, memory int64) {
	if c == nil || c.resource == nil {
		return 0, 0
	}
	switch n := c.resource["cpu"].(type) {
	case int64:
		cpu = float64(n)
	case float64:
		cpu = n
	}
	if factor, err := strconv.ParseFloat(config["kubernetes."+process+".cpu.limit-factor"], 64); err == nil {
		cpu *= factor
	}
	text, _ := c.resource["memory"].(string)
	return cpu, memoryBytes(text)
}

// memoryBytes reads Flink's memory syntax, where m means mebibytes, and else a
// Kubernetes quantity.
func memoryBytes(text string) int64 {
	digits := strings.TrimLeft(strings.TrimSpace(text), "0123456789")
	n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(text), digits), 10, 64)
	shift, known := memoryUnits[strings.ToLower(strings.TrimSpace(digits))]
	if err == nil && known {
		return n << shift
	}
	quantity, err := resource.ParseQuantity(text)
	if err != nil {
		return 0
	}
	return quantity.Value()
}

var memoryUnits = map[string]uint{
	"": 0, "b": 0, "bytes": 0, "k": 10, "kb": 10, "kibibytes": 10, "m": 20, "mb": 20, "mebibytes": 20,
	"g": 30, "gb": 30, "gibibytes": 30, "t": 40, "tb": 40, "tebibytes": 40,
}
