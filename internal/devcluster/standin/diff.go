package standin

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// diffType says what a change of the spec leads to; the greatest one wins.
type diffType int

const (
	diffIgnore diffType = iota
	diffScale
	diffUpgrade
	diffRedeploy
)

func (d diffType) String() string {
	return [...]string{"IGNORE", "SCALE", "UPGRADE", "SAVEPOINT_REDEPLOY"}[d]
}

// specDiff collects the changes between two specs as ReflectiveDiffBuilder does.
type specDiff struct {
	kind    diffType
	changes []string // "job.parallelism : 1 -> 2", as in the Event SpecChanged
}

func (d *specDiff) add(kind diffType, path string, before, after any) {
	b, a := plain(before), plain(after)
	if b == a {
		return
	}
	d.kind = max(d.kind, kind)
	d.changes = append(d.changes, path+" : "+b+" -> "+a)
}

// plain renders a value for comparison and for the Event; nil pointers are null.
func plain(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	var text string
	if json.Unmarshal(raw, &text) == nil && string(raw) != "null" {
		return text
	}
	return string(raw)
}

// compare diffs the last reconciled spec with the current one. Fields without
// an entry of their own in the operator's annotations are UPGRADE.
func compare(before, after *spec) *specDiff {
	d := &specDiff{}
	standalone := after.mode != nil && *after.mode == "standalone"
	scaling := diffUpgrade
	if standalone {
		scaling = diffScale
	}
	d.add(diffUpgrade, "image", before.image, after.image)
	d.add(diffUpgrade, "imagePullPolicy", before.imagePullPolicy, after.imagePullPolicy)
	d.add(diffUpgrade, "serviceAccount", before.serviceAccount, after.serviceAccount)
	d.add(diffUpgrade, "flinkVersion", before.flinkVersion, after.flinkVersion)
	d.add(diffUpgrade, "ingress", before.ingress, after.ingress)
	d.add(diffUpgrade, "podTemplate", before.podTemplate, after.podTemplate)
	d.add(diffUpgrade, "jobManager", before.jobManager.plain(), after.jobManager.plain())
	d.compareTaskManager(before.taskManager, after.taskManager, scaling)
	d.add(diffUpgrade, "logConfiguration", before.logConfiguration, after.logConfiguration)
	d.add(diffUpgrade, "mode", before.mode, after.mode)
	d.compareJob(before.job, after.job, scaling)
	d.addNonce(diffUpgrade, "restartNonce", before.restartNonce, after.restartNonce)
	d.compareConfig(flatConfig(before.config), flatConfig(after.config), standalone)
	return d
}

func (c *componentSpec) plain() any {
	if c == nil {
		return nil
	}
	return c.document(version{resources: true})
}

func (d *specDiff) compareTaskManager(before, after *componentSpec, scaling diffType) {
	if before == nil || after == nil {
		d.add(diffUpgrade, "taskManager", before.plain(), after.plain())
		return
	}
	d.add(scaling, "taskManager.replicas", before.replicas, after.replicas)
	b, a := *before, *after
	b.replicas, a.replicas = nil, nil
	d.add(diffUpgrade, "taskManager", b.plain(), a.plain())
}

func (d *specDiff) compareJob(before, after *jobSpec, scaling diffType) {
	if before == nil || after == nil {
		if before != after {
			d.add(diffUpgrade, "job", before != nil, after != nil)
		}
		return
	}
	d.add(diffUpgrade, "job.jarURI", before.jarURI, after.jarURI)
	d.add(scaling, "job.parallelism", before.parallelism, after.parallelism)
	d.add(diffUpgrade, "job.entryClass", before.entryClass, after.entryClass)
	d.add(diffUpgrade, "job.args", before.args, after.args)
	d.add(diffUpgrade, "job.state", before.state, after.state)
	d.add(diffIgnore, "job.savepointTriggerNonce", before.savepointTriggerNonce, after.savepointTriggerNonce)
	d.add(diffIgnore, "job.initialSavepointPath", before.initialSavepointPath, after.initialSavepointPath)
	d.add(diffIgnore, "job.checkpointTriggerNonce", before.checkpointTriggerNonce, after.checkpointTriggerNonce)
	d.add(diffIgnore, "job.upgradeMode", before.upgradeMode, after.upgradeMode)
	d.add(diffIgnore, "job.allowNonRestoredState", before.allowNonRestoredState, after.allowNonRestoredState)
	d.addNonce(diffRedeploy, "job.savepointRedeployNonce", before.savepointRedeployNonce, after.savepointRedeployNonce)
	d.add(diffIgnore, "job.autoscalerResetNonce", before.autoscalerResetNonce, after.autoscalerResetNonce)
}

// addNonce adds a change of a nonce; taking it away is ignored.
func (d *specDiff) addNonce(kind diffType, path string, before, after *int64) {
	if after == nil {
		kind = diffIgnore
	}
	d.add(kind, path, before, after)
}

func (d *specDiff) compareConfig(before, after map[string]string, standalone bool) {
	keys := slices.Collect(maps.Keys(before))
	for k := range after {
		if _, ok := before[k]; !ok {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		kind := diffUpgrade
		switch {
		case strings.HasPrefix(k, "job.autoscaler"), strings.HasPrefix(k, "parallelism.default"), strings.HasPrefix(k, "kubernetes.operator"):
			kind = diffIgnore
		case k == "pipeline.jobvertex-parallelism-overrides" && !standalone:
			kind = diffScale
		}
		d.add(kind, "flinkConfiguration."+k, optional(before, k), optional(after, k))
	}
}

func optional(m map[string]string, k string) any {
	if v, ok := m[k]; ok {
		return v
	}
	return nil
}
