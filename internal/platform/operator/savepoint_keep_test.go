package operator

import (
	"context"
	"errors"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

// shelf is a cluster with snapshots, as far as an operator has any.
type shelf struct {
	Store
	snapshots []unstructured.Unstructured
	err       error
	patched   []kube.Patch
}

func (k *shelf) Identity() string { return "test" }

func (k *shelf) List(_ context.Context, kind kube.Kind, _, _ string) ([]unstructured.Unstructured, error) {
	if kind != snapshotKind {
		return nil, errors.New("asked for " + kind.Kind)
	}
	return k.snapshots, k.err
}

func (k *shelf) MergePatch(_ context.Context, _ kube.Kind, _ kube.Key, patch kube.Patch) (*unstructured.Unstructured, error) {
	k.patched = append(k.patched, patch)
	return nil, nil //nolint:nilnil // nobody looks at it
}

// The savepoint of an upgrade stays when the operator cleans up those of its upgrades, or
// whoever asks is told how to keep it.
func TestKeepSavepoint(t *testing.T) {
	taken := func(by, path string, dispose bool) unstructured.Unstructured {
		return unstructured.Unstructured{Object: map[string]any{
			"metadata": map[string]any{"name": "orders-savepoint-upgrade-1", "namespace": "prod", "uid": "a", "labels": map[string]any{"snapshot.trigger-type": by}},
			"spec":     map[string]any{"savepoint": map[string]any{"disposeOnDelete": dispose}},
			"status":   map[string]any{"state": "COMPLETED", "path": path},
		}}
	}
	const path = "s3://flink/savepoints/1"
	for name, test := range map[string]struct {
		cluster       shelf
		configuration flink.Configuration
		path          string
		patched, warn bool
	}{
		"of an upgrade":                        {cluster: shelf{snapshots: []unstructured.Unstructured{taken("UPGRADE", "s3://other", true), taken("UPGRADE", path, false)}}, patched: true},
		"that goes with its snapshot":          {cluster: shelf{snapshots: []unstructured.Unstructured{taken("MANUAL", path, true)}}, patched: true},
		"taken by hand":                        {cluster: shelf{snapshots: []unstructured.Unstructured{taken("MANUAL", path, false)}}},
		"no snapshot of it":                    {cluster: shelf{snapshots: []unstructured.Unstructured{taken("UPGRADE", "s3://other", true)}}, warn: true},
		"before there were snapshots":          {cluster: shelf{err: &kube.NotServedError{Kind: snapshotKind}}, warn: true},
		"before that, and nothing cleans up":   {cluster: shelf{err: &kube.NotServedError{Kind: snapshotKind}}, configuration: flink.Configuration{"kubernetes.operator.savepoint.cleanup.enabled": new("false")}},
		"a checkpoint, which is not its doing": {cluster: shelf{err: errors.New("asked without need")}, path: "s3://flink/checkpoints/a/chk-7"},
	} {
		t.Run(name, func(t *testing.T) {
			at := orElse(test.path, path)
			risk, err := NewSavepoints(&test.cluster).KeepSavepoint(t.Context(), orders, flink.DeploymentSpec{FlinkConfiguration: test.configuration}, at)
			if err != nil || test.warn != strings.Contains(risk, `flink_configuration["kubernetes.operator.savepoint.cleanup.enabled"] = "false"`) || !test.warn && risk != "" {
				t.Errorf("told %q, %v", risk, err)
			}
			if (len(test.cluster.patched) == 1) != test.patched {
				t.Fatalf("patched %v", test.cluster.patched)
			}
			if test.patched {
				patch := unstructured.Unstructured{Object: test.cluster.patched[0]}
				dispose, said, _ := unstructured.NestedBool(patch.Object, "spec", "savepoint", "disposeOnDelete")
				if patch.GetLabels()["snapshot.trigger-type"] != "MANUAL" || dispose || !said || patch.GetUID() != "a" {
					t.Errorf("patched %v", patch.Object)
				}
			}
		})
	}
	t.Run("a cluster that refuses", func(t *testing.T) {
		refuses := &shelf{err: errors.New("forbidden")}
		if _, err := NewSavepoints(refuses).KeepSavepoint(t.Context(), orders, flink.DeploymentSpec{}, path); err == nil {
			t.Error("no error")
		}
	})
}
