package fko

import (
	"fmt"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func TestValidateOverruled(t *testing.T) {
	const prefix = "flinkConfiguration/"
	unused := func(attributes ...string) []told {
		var list []told
		for _, attribute := range attributes {
			list = append(list, told{flink.Warning, attribute, attribute + " is not used"})
		}
		return list
	}
	key := func(key string) string { return fmt.Sprintf("flink_configuration[%q]", key) }
	runRuleTests(t, []ruleTest{
		{"parallelism beside replicas", map[string]any{"taskManager/replicas": 3}, unused("job.parallelism")},
		{"the same parallelism", map[string]any{"taskManager/replicas": 1, prefix + "taskmanager.numberOfTaskSlots": "2"}, nil},
		{"slots that cannot be read", map[string]any{"taskManager/replicas": 1, prefix + "taskmanager.numberOfTaskSlots": "two"}, append(
			[]told{{flink.Warning, key("taskmanager.numberOfTaskSlots"), `"two" is not a value of taskmanager.numberOfTaskSlots`}}, unused("job.parallelism")...)},
		{"default parallelism", map[string]any{prefix + "parallelism.default": "4"}, unused(key("parallelism.default"))},
		{"the same default parallelism", map[string]any{prefix + "parallelism.default": "2"}, nil},
		{"default parallelism beside replicas", map[string]any{"job/parallelism": nil, "taskManager/replicas": 2, prefix + "parallelism.default": "4"}, unused(key("parallelism.default"))},
		{"default parallelism of a session cluster", map[string]any{"job": nil, prefix + "parallelism.default": "4"}, nil},
		{"image", map[string]any{prefix + "kubernetes.container.image.ref": "flink:1.19"}, unused(key("kubernetes.container.image.ref"))},
		{"image by its former name", map[string]any{prefix + "kubernetes.container.image": "flink:1.19"}, unused(key("kubernetes.container.image"))},
		{"no image", map[string]any{"image": nil, prefix + "kubernetes.container.image.ref": "flink:1.20"}, nil},
		{"service account", map[string]any{prefix + "kubernetes.service-account": "other"}, unused(key("kubernetes.service-account"))},
		{"replicas of the JobManager", map[string]any{"jobManager/replicas": 1, prefix + "kubernetes.jobmanager.replicas": "2"}, unused(key("kubernetes.jobmanager.replicas"))},
		{"memory", map[string]any{prefix + "jobmanager.memory.process.size": "2g"}, unused(key("jobmanager.memory.process.size"))},
		{"memory in other words", map[string]any{prefix + "jobmanager.memory.process.size": "1024 mb"}, nil},
		{"memory that nobody reads", map[string]any{prefix + "jobmanager.memory.process.size": "much"}, unused(key("jobmanager.memory.process.size"))},
		{"memory of the newer form", map[string]any{
			"taskManager/resource": nil, "taskManager/resources": document(t, `{limits: {memory: 2Gi}}`), prefix + "taskmanager.memory.process.size": "3g",
		}, unused(key("taskmanager.memory.process.size"))},
		{"another kind of memory", map[string]any{prefix + "taskmanager.memory.managed.fraction": "0.5"}, nil},
		{"processors", map[string]any{prefix + "kubernetes.taskmanager.cpu": "4"}, unused(key("kubernetes.taskmanager.cpu"))},
		{"processors without the attribute", map[string]any{"taskManager/resource/cpu": nil, prefix + "kubernetes.taskmanager.cpu": "4"}, nil},
		{"JAR files", map[string]any{prefix + "pipeline.jars": "local:///b.jar"}, unused(key("pipeline.jars"))},
		{"JAR files in standalone mode", map[string]any{"mode": "standalone", prefix + "pipeline.jars": "local:///b.jar"}, nil},
		{"state that may be skipped", map[string]any{
			"job/allowNonRestoredState": false, prefix + "execution.savepoint.ignore-unclaimed-state": "true",
		}, unused(key("execution.savepoint.ignore-unclaimed-state"))},
	})
}
