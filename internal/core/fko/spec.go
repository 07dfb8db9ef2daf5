package fko

import (
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// SpecOf returns the live specification as the operator reads it, with the numbers of
// a Tree.
func SpecOf(object *unstructured.Unstructured) (flink.Tree, error) {
	spec, ok := object.Object["spec"].(map[string]any)
	if !ok {
		return flink.Tree{}, nil
	}
	tree, err := flink.TreeOf(spec)
	flink.NullsAsText(tree["flinkConfiguration"])
	return tree, err
}

// RunningSpec returns the specification that runs, of an object with a status: of one
// that the operator has rolled back it is the last stable one, though the object
// keeps the other.
func RunningSpec(object *unstructured.Unstructured, status Status) (flink.Tree, error) {
	spec, err := SpecOf(object)
	if err == nil && status.RolledBack() {
		spec = lastStable(object, spec)
	}
	return spec, err
}

// IsRolledOut applies the rules for the end of a rollout to one status.
func IsRolledOut(status Status, spec flink.Tree) bool {
	want := SteadyState(spec)
	if want == Suspended && !status.Deployed {
		// Created as suspended: the operator gives no sign.
		return true
	}
	verdict := NewJudge(Target{Generation: status.Generation, Want: want, SessionJob: IsSessionJob(spec)}).See(time.Time{}, status)
	return verdict.Progress == Done
}

// WithPath returns a specification whose job has another initial savepoint path,
// empty for none.
func WithPath(spec flink.Tree, path string) flink.Tree {
	out := WithoutPath(spec)
	if job, ok := out["job"].(map[string]any); ok && path != "" {
		job["initialSavepointPath"] = path
	}
	return out
}

// WithoutPath returns a specification without the path that its job starts
// from.
func WithoutPath(spec flink.Tree) flink.Tree {
	job, ok := spec["job"].(map[string]any)
	if !ok {
		return spec
	}
	out, without := flink.Tree{}, map[string]any{}
	for key, value := range spec {
		out[key] = value
	}
	for key, value := range job {
		if key != "initialSavepointPath" {
			without[key] = value
		}
	}
	out["job"] = without
	return out
}

// InitialPath returns the path that the job of a specification starts from, empty for
// none.
func InitialPath(spec flink.Tree) string {
	job, _ := spec["job"].(map[string]any)
	path, _ := job["initialSavepointPath"].(string)
	return path
}

// IsSessionJob tells whether a specification is that of a FlinkSessionJob.
func IsSessionJob(spec flink.Tree) bool {
	_, ok := spec["deploymentName"].(string)
	return ok
}
