package clowder

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/clowd"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// This file has what Flink's high availability on Kubernetes remembers of a job, in ConfigMaps
// that it makes itself: which checkpoint is the newest, and which job it runs. A JobManager
// that starts takes the job from there and not from its own arguments and image, so a changed
// one would run as it was (JobGraphStore; ExecutionPlanStore from 2.0 on). What the provider
// takes out between the stop and the start is that alone.

// jobKeys begin the keys of ConfigMaps with the job to run, of Flink 1.x and 2.x.
var jobKeys = []string{"jobGraph-", "executionPlan-"}

// checkpointKey begins the keys with where a checkpoint is.
const checkpointKey = "checkpointID-"

// memory are the ConfigMaps of a job's high availability, by their labels
// (KubernetesUtils.getConfigMapLabels).
func (p *Platform) memory(ctx context.Context, at placed, spec flink.DeploymentSpec) ([]unstructured.Unstructured, error) {
	if !clowd.Keeps(spec) {
		return nil, nil
	}
	return p.cluster.List(ctx, configMapKind, at.key.Namespace, "app="+clowd.ClusterID(at.Place, spec)+",configmap-type=high-availability")
}

// prepare has the next start of a job be that of its new version: from its newest checkpoint,
// or fresh from nothing.
func (p *Platform) prepare(ctx context.Context, at placed, spec flink.DeploymentSpec, fresh bool) error {
	found, err := p.memory(ctx, at, spec)
	if err != nil {
		return fmt.Errorf("what Flink's high availability remembers of the job cannot be read: %w", err)
	}
	for i := range found {
		key := kube.KeyOf(&found[i])
		if fresh {
			if err := p.cluster.Delete(ctx, configMapKind, key, found[i].GetUID()); err != nil {
				return err
			}
			continue
		}
		patch := kube.Patch{}
		for name := range dataOf(&found[i]) {
			if slices.ContainsFunc(jobKeys, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
				patch.Set(nil, "data", name)
			}
		}
		if len(patch) == 0 {
			continue
		}
		logctx.From(ctx).DebugContext(ctx, "The job that high availability would start again is forgotten", "configmap", key.String())
		if _, err := p.cluster.MergePatch(ctx, configMapKind, key, patch); err != nil && !isAbsent(err) {
			return err
		}
	}
	return nil
}

func dataOf(configMap *unstructured.Unstructured) map[string]string {
	data, _, _ := unstructured.NestedStringMap(configMap.Object, "data")
	return data
}

// recall looks for the state of an earlier job of the name, and prepares the start from it;
// nil where there is none.
func (p *Platform) recall(ctx context.Context, at placed, spec flink.DeploymentSpec) (*platform.Resumed, error) {
	found, err := p.memory(ctx, at, spec)
	if denied := (*kube.DeniedError)(nil); errors.As(err, &denied) {
		// Nobody knows of any, and a create needs no more than to write the ClowdApp.
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for i := range found {
		for _, name := range slices.Sorted(maps.Keys(dataOf(&found[i]))) {
			if strings.HasPrefix(name, checkpointKey) {
				since := found[i].GetCreationTimestamp().Time
				return &platform.Resumed{Path: "its newest checkpoint", Place: "ConfigMap " + kube.KeyOf(&found[i]).String(), Since: since}, p.prepare(ctx, at, spec, false)
			}
		}
	}
	return nil, nil
}

// leftBehind says where the state of a job is that was deleted; empty for nowhere.
func (p *Platform) leftBehind(ctx context.Context, at placed, spec flink.DeploymentSpec) string {
	ctx, cancel := context.WithTimeout(ctx, lastWords)
	defer cancel()
	found, err := p.memory(ctx, at, spec)
	if err != nil || len(found) == 0 {
		return ""
	}
	names := make([]string, len(found))
	for i := range found {
		names[i] = found[i].GetName()
	}
	return fmt.Sprintf("Clowder takes no savepoint. What leads to the job's newest checkpoint stays, in the ConfigMaps %s of namespace %s: a streamlet of the same name goes on from there. To have it start empty, delete them.",
		strings.Join(names, ", "), at.key.Namespace)
}

// lastWords bounds what is asked after the end of a wait.
const lastWords = 10 * time.Second
