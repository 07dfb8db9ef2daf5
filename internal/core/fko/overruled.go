package fko

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// overruling is an attribute that wins over a configuration key: the operator writes
// its value over that of the key when it deploys (FlinkConfigBuilder of 1.7 and 1.16).
type overruling struct {
	key string
	// by returns the path of the attribute that wins, nil for none.
	by func(flink.DeploymentSpec) flink.Path
}

var overrulings = []overruling{
	{"kubernetes.container.image.ref", func(s flink.DeploymentSpec) flink.Path { return given(s.Image, "image") }},
	{"kubernetes.container.image.pull-policy", func(s flink.DeploymentSpec) flink.Path { return given(s.ImagePullPolicy, "imagePullPolicy") }},
	{"kubernetes.service-account", func(s flink.DeploymentSpec) flink.Path { return given(s.ServiceAccount, "serviceAccount") }},
	{"kubernetes.jobmanager.replicas", jobManagerReplicasGiven},
	{"jobmanager.memory.process.size", func(s flink.DeploymentSpec) flink.Path { return sizeGiven(jobManagerOf(s), "memory") }},
	{"taskmanager.memory.process.size", func(s flink.DeploymentSpec) flink.Path { return sizeGiven(taskManagerOf(s), "memory") }},
	{"kubernetes.jobmanager.cpu.amount", func(s flink.DeploymentSpec) flink.Path { return sizeGiven(jobManagerOf(s), "cpu") }},
	{"kubernetes.taskmanager.cpu.amount", func(s flink.DeploymentSpec) flink.Path { return sizeGiven(taskManagerOf(s), "cpu") }},
	{"parallelism.default", parallelismGiven},
	{"pipeline.jars", nativeJARGiven},
	{"execution.state-recovery.ignore-unclaimed-state", allowanceGiven},
}

func jobManagerOf(s flink.DeploymentSpec) component  { return deployment{spec: s}.jobManager() }
func taskManagerOf(s flink.DeploymentSpec) component { return deployment{spec: s}.taskManager() }

func given(value *string, path ...string) flink.Path {
	if value == nil || strings.TrimSpace(*value) == "" {
		return nil
	}
	return path
}

func jobManagerReplicasGiven(s flink.DeploymentSpec) flink.Path {
	if s.JobManager == nil || s.JobManager.Replicas == nil {
		return nil
	}
	return flink.Path{"jobManager", "replicas"}
}

// sizeGiven is where a component says its memory or CPU. The newer form wins over
// the older one.
func sizeGiven(c component, what string) flink.Path {
	if c.resources != nil {
		for section, amounts := range map[string]flink.Amounts{"requests": c.resources.Requests, "limits": c.resources.Limits} {
			if _, has := amounts[what]; has && (section == "requests" || !hasAmount(c.resources.Requests, what)) {
				return flink.Path{c.field, "resources", section, what}
			}
		}
	}
	if c.resource == nil || what == "memory" && c.resource.Memory == nil || what == "cpu" && c.resource.CPU == nil {
		return nil
	}
	return flink.Path{c.field, "resource", what}
}

func hasAmount(amounts flink.Amounts, what string) bool {
	_, has := amounts[what]
	return has
}

func parallelismGiven(s flink.DeploymentSpec) flink.Path {
	switch {
	case s.Job == nil:
		return nil
	case replicasGiven(s):
		return flink.Path{"taskManager", "replicas"}
	case s.Job.Parallelism != nil:
		return flink.Path{"job", "parallelism"}
	}
	return nil
}

func replicasGiven(s flink.DeploymentSpec) bool {
	// Fewer than one are refused.
	return s.TaskManager != nil && s.TaskManager.Replicas != nil && *s.TaskManager.Replicas > 0
}

func nativeJARGiven(s flink.DeploymentSpec) flink.Path {
	if s.IsSessionJob() || clusterMode(s) != flink.ModeNative || s.Job == nil || s.Job.JarURI == nil {
		return nil
	}
	return flink.Path{"job", "jarURI"}
}

func allowanceGiven(s flink.DeploymentSpec) flink.Path {
	if s.Job == nil || s.Job.AllowNonRestoredState == nil {
		return nil
	}
	return flink.Path{"job", "allowNonRestoredState"}
}

// overruledBy returns the path of the value that the operator uses in place of the
// one at a path of a specification; nil when it uses that one. It is where the value
// has no effect, although the operator may restart the job for a change of it.
func overruledBy(path flink.Path, spec flink.DeploymentSpec) flink.Path {
	if is(path, "job", "parallelism") && spec.Job != nil && replicasGiven(spec) {
		return flink.Path{"taskManager", "replicas"}
	}
	if len(path) != 2 || path[0] != "flinkConfiguration" {
		return nil
	}
	key := flink.CanonicalKey(path[1])
	at := slices.IndexFunc(overrulings, func(o overruling) bool { return o.key == key })
	if at < 0 {
		return nil
	}
	return overrulings[at].by(spec)
}

// OverruledBy implements planner.Semantics.
func (Semantics) OverruledBy(path flink.Path, spec flink.DeploymentSpec) flink.Path {
	return overruledBy(path, spec)
}

// overruled warns of values that have no effect because another attribute wins. A
// value that is the same as the winner's misleads nobody.
func overruled(d deployment) []flink.Finding {
	var findings []flink.Finding
	told := func(path, by flink.Path) {
		findings = append(findings, warning(path, fmt.Sprintf("%s is not used", path.Attribute()),
			fmt.Sprintf("The operator uses %s instead. Remove %s, or %s.", winner(by), path.Attribute(), by.Attribute()))...)
	}
	if path := (flink.Path{"job", "parallelism"}); d.spec.Job != nil && d.spec.Job.Parallelism != nil {
		if by := overruledBy(path, d.spec); by != nil && !d.says(by, "parallelism.default", strconv.FormatInt(*d.spec.Job.Parallelism, 10)) {
			told(path, by)
		}
	}
	for _, key := range sortedKeys(d.config) {
		path := flink.Path{"flinkConfiguration", key}
		if d.config[key] == nil {
			continue
		}
		if by := overruledBy(path, d.spec); by != nil && !d.says(by, key, *d.config[key]) {
			told(path, by)
		}
	}
	return findings
}

// says tells whether the value that wins means the same as the one of a key.
func (d deployment) says(by flink.Path, key, value string) bool {
	if is(by, "taskManager", "replicas") {
		parallelism, _, known := flink.JobParallelism(d.spec)
		return known && value == strconv.FormatInt(parallelism, 10)
	}
	tree, err := flink.TreeOf(d.spec)
	if err != nil {
		return false
	}
	var found any = tree
	for _, step := range by {
		object, _ := found.(map[string]any)
		found = object[step]
	}
	return flink.SameConfigValue(key, value, fmt.Sprint(found))
}

// winner names an attribute with what it makes of the value, where that is more than
// its own.
func winner(by flink.Path) string {
	if is(by, "taskManager", "replicas") {
		return "task_manager.replicas times taskmanager.numberOfTaskSlots"
	}
	return by.Attribute()
}
