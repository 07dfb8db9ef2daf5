package flink

import "strings"

// Configuration keys of state backends.
const (
	KeyStateBackend  = "state.backend.type"
	keyChangelog     = "state.changelog.enabled"
	keyAsyncSQL      = "table.exec.async-state.enabled"
	keyRocksDBTimers = "state.backend.rocksdb.timer-service.factory"
	keyForStTimers   = "state.backend.forst.timer-service.factory"
)

// StateBackend is where a job keeps the state of its keys: one of the constants, or
// the class of another factory.
type StateBackend string

// The state backends of Flink, by the names that a configuration gives them. Those
// that 1.x also calls "jobmanager" and "filesystem" are StateBackendHashMap.
const (
	StateBackendHashMap StateBackend = "hashmap"
	StateBackendRocksDB StateBackend = "rocksdb"
	StateBackendForSt   StateBackend = "forst"
)

// shortBackends are the names that Flink reads in any case
// (StateBackendLoader.loadUnwrappedStateBackendFromConfig, 1.15 to 2.3). The first two
// of 1.x write checkpoints elsewhere and keep state in the same way.
var shortBackends = map[string]StateBackend{
	"jobmanager": StateBackendHashMap,
	"filesystem": StateBackendHashMap,
	"hashmap":    StateBackendHashMap,
	"rocksdb":    StateBackendRocksDB,
	"forst":      StateBackendForSt,
}

// backendFactories are the classes behind these names, and those of RocksDB before and
// after it changed its package in 2.0.
var backendFactories = map[string]StateBackend{
	"org.apache.flink.runtime.state.memory.MemoryStateBackendFactory":             StateBackendHashMap,
	"org.apache.flink.runtime.state.filesystem.FsStateBackendFactory":             StateBackendHashMap,
	"org.apache.flink.runtime.state.hashmap.HashMapStateBackendFactory":           StateBackendHashMap,
	"org.apache.flink.contrib.streaming.state.RocksDBStateBackendFactory":         StateBackendRocksDB,
	"org.apache.flink.contrib.streaming.state.EmbeddedRocksDBStateBackendFactory": StateBackendRocksDB,
	"org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackendFactory":           StateBackendRocksDB,
	"org.apache.flink.state.forst.ForStStateBackendFactory":                       StateBackendForSt,
}

// StateBackendOf returns the state backend of a configuration. Where it names none,
// given is false and the backend is Flink's default, unless the platform's own
// configuration or the job's code has another.
func StateBackendOf(c Configuration) (backend StateBackend, given bool) {
	name := c.text(KeyStateBackend)
	if name == "" {
		return StateBackendHashMap, false
	}
	if backend, ok := shortBackends[strings.ToLower(name)]; ok {
		return backend, true
	}
	if backend, ok := backendFactories[name]; ok {
		return backend, true
	}
	return StateBackend(name), true
}

// NativeOnly returns why a job of a configuration cannot have a savepoint in canonical
// format, as the subject of a sentence, and by which key; empty when nothing in the
// configuration speaks against one. The backend ForSt writes none (ForStStateBackend.supportsSavepointFormat,
// 2.0 to 2.3) and neither does an operator with asynchronous state, whatever the backend
// (StreamOperatorStateHandler.snapshotState); trying makes the job fail. The
// asynchronous state that a program turns on in its code is not known.
func NativeOnly(c Configuration) (why, key string) {
	if backend, _ := StateBackendOf(c); backend == StateBackendForSt {
		key, _, _ = c.Lookup(KeyStateBackend)
		return "the state backend forst", key
	}
	if async, _ := c.Flag(keyAsyncSQL); async {
		return "asynchronous state (" + keyAsyncSQL + ")", keyAsyncSQL
	}
	return "", ""
}

// NativeSavepoints tells whether a configuration has the operator take savepoints in
// native format.
func NativeSavepoints(c Configuration) bool {
	return strings.EqualFold(c.text(KeySavepointFormat), "native")
}

// Claims tells whether a job of a specification takes the savepoint that it starts from
// for its own, and by which key: Flink deletes such a savepoint when newer checkpoints
// have taken its place (RecoveryClaimMode.CLAIM).
func Claims(spec DeploymentSpec) (key string, claims bool) {
	key, mode := claimMode(spec)
	return key, mode == claimTakes
}

// The modes in which a job starts from a path (RecoveryClaimMode; RestoreMode before
// 2.0). LEGACY is deprecated and was there still in 2.3.
const (
	claimTakes  = "CLAIM"
	claimNot    = "NO_CLAIM"
	claimLegacy = "LEGACY"
)

// claimMode returns the mode in which the job starts from a path, and the key that says
// so. The job of a session cluster is started through its REST interface with Flink's
// default, whatever its configuration says (AbstractFlinkService.runJar, operator
// 1.16.1).
func claimMode(spec DeploymentSpec) (key, mode string) {
	key, mode, _ = spec.FlinkConfiguration.Lookup(keyClaimMode)
	switch mode = strings.ToUpper(TrimBlanks(mode)); {
	case spec.IsSessionJob() || mode == "":
		return keyClaimMode, claimNot
	default:
		return key, mode
	}
}
