package clowd

import (
	"slices"

	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// Semantics is what becomes of a change: another pod starts, and nothing else does.
type Semantics struct{}

var _ planner.Unsaved = Semantics{}

// Subject implements planner.Semantics.
func (Semantics) Subject() string { return Product }

// Job implements planner.Semantics.
func (Semantics) Job(s flink.Status) (planner.Phase, string) {
	switch s.LifecycleState {
	case StateRunning:
		return planner.PhaseRunning, s.LifecycleState
	case StateFailed:
		return planner.PhaseFailed, s.LifecycleState
	case "":
		return planner.PhaseUnknown, ""
	}
	return planner.PhaseDown, s.LifecycleState
}

// unseen are the fields that the pod does not have.
var unseen = []flink.Path{{"job", "upgradeMode"}, {"flinkVersion"}, {"mode"}, {"jobManager", "replicas"}, {"taskManager", "replicas"}}

// Effect implements planner.Semantics.
func (Semantics) Effect(change flink.Change, in planner.Input) planner.Effect {
	switch {
	case slices.ContainsFunc(unseen, func(p flink.Path) bool { return slices.Equal(p, change.Path) }):
		return planner.Ignored
	case slices.Equal(change.Path, flink.Path{"job", "initialSavepointPath"}) && in.Deployed() && change.New != nil:
		// The planner redeploys for another path. One that goes is an argument less.
		return planner.Ignored
	}
	return planner.Restarts
}

// OverruledBy implements planner.Semantics: memory and parallelism win over the keys that mean
// the same.
func (Semantics) OverruledBy(path flink.Path, spec flink.DeploymentSpec) flink.Path {
	if len(path) != 2 || path[0] != "flinkConfiguration" {
		return nil
	}
	switch flink.CanonicalKey(path[1]) {
	case keyManagerMemory:
		if size := managerSize(spec); size != nil && size.Memory != nil {
			return flink.Path{"jobManager", "resource", "memory"}
		}
	case keyWorkerMemory:
		if size := workerSize(spec); size != nil && size.Memory != nil {
			return flink.Path{"taskManager", "resource", "memory"}
		}
	case keyParallelism:
		if spec.Job != nil && spec.Job.Parallelism != nil {
			return flink.Path{"job", "parallelism"}
		}
	}
	return nil
}

// Rescales implements planner.Semantics: each change starts another pod.
func (Semantics) Rescales(planner.Input) (planner.Rescale, bool) { return planner.Rescale{}, false }

// Savepoint implements planner.Semantics: none is taken.
func (Semantics) Savepoint(planner.Input) flink.Carried { return flink.CanonicalSavepoint }

// WaitsFor implements planner.Semantics: a job that does not run is never waited for.
func (Semantics) WaitsFor(planner.Input) string { return "" }

// StopsIdleSessions implements planner.Semantics: there are no session clusters.
func (Semantics) StopsIdleSessions() bool { return false }

// SwitchCosts implements planner.Semantics: there is no switch.
func (Semantics) SwitchCosts() string { return "" }

// Carries implements planner.Unsaved: Flink's high availability alone remembers where the
// newest checkpoint is.
func (Semantics) Carries(in planner.Input) (mode, keep string) {
	switch {
	case !Keeps(in.New) && in.New.Job != nil:
		return flink.UpgradeStateless, "set high availability (flink_configuration[\"high-availability.type\"] = \"kubernetes\" with high-availability.storageDir and state.checkpoints.dir) before the job has state;"
	case in.Old != nil && !Keeps(*in.Old):
		return flink.UpgradeStateless, "there is no way: the job that runs has no high availability yet, and has it from this change on;"
	case in.Old != nil && clusterID(*in.Old) != clusterID(in.New):
		return flink.UpgradeStateless, "leave kubernetes.cluster-id as it is, by which Flink finds its checkpoints;"
	case in.Old != nil && otherVersion(*in.Old, in.New):
		return flink.UpgradeStateless, "set job.initial_savepoint_path to its newest retained checkpoint, as Flink's high availability does not find it again with another version;"
	case in.New.Job != nil && ptr.Deref(in.New.Job.UpgradeMode, "") == flink.UpgradeStateless:
		return flink.UpgradeStateless, ""
	}
	return flink.UpgradeLastState, ""
}

func clusterID(spec flink.DeploymentSpec) string {
	id, _ := spec.FlinkConfiguration.Get(keyClusterID)
	return id
}

// otherVersion tells whether two specifications have another minor version of Flink, with
// which what high availability has written cannot be read.
func otherVersion(before, after flink.DeploymentSpec) bool {
	was, known := before.Version()
	is, also := after.Version()
	return known && also && was != is
}

// ClusterID is the name by which Flink's high availability knows a job.
func ClusterID(place Place, spec flink.DeploymentSpec) string {
	if id := clusterID(spec); id != "" {
		return id
	}
	return place.Deployment()
}
