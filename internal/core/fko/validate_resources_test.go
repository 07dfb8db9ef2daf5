package fko

import (
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func TestValidateResources(t *testing.T) {
	const prefix = "flinkConfiguration/"
	runRuleTests(t, []ruleTest{
		{"no memory", map[string]any{"jobManager": nil, "taskManager/resource/memory": nil}, []told{
			{flink.Warning, "job_manager.resource.memory", "The memory of the JobManager is missing"},
			{flink.Warning, "task_manager.resource.memory", "The memory of the TaskManager is missing"},
		}},
		{"blank memory", map[string]any{"jobManager/resource/memory": " "}, []told{
			{flink.Warning, "job_manager.resource.memory", "The memory of the JobManager is missing"},
			{flink.Error, "job_manager.resource.memory", `" " is not an amount of memory`},
		}},
		{"memory by configuration", map[string]any{"jobManager": nil, "taskManager": nil, prefix + "jobmanager.memory.heap.size": "1g", prefix + "taskmanager.memory.flink.size": "1g"}, nil},
		{"heap of tasks alone", map[string]any{"taskManager": nil, prefix + "taskmanager.memory.task.heap.size": "1g"}, []told{
			{flink.Warning, "task_manager.resource.memory", "The memory of the TaskManager is missing"},
		}},
		{"heap of tasks and managed memory", map[string]any{"taskManager": nil, prefix + "taskmanager.memory.task.heap.size": "1g", prefix + "taskmanager.memory.managed.size": "1g"}, nil},
		{"memory by request", map[string]any{"jobManager/resource": nil, "jobManager/resources/requests/memory": "1Gi"}, nil},
		{"memory by limit", map[string]any{"jobManager/resource": nil, "jobManager/resources/limits/memory": "1Gi"}, nil},
		{"memory in Flink's words", map[string]any{"jobManager/resource": nil, "jobManager/resources": document(t, `{requests: {memory: 2g}, limits: {memory: 4096 mb}}`)}, []told{
			{flink.Error, `job_manager.resources.requests["memory"]`, `"2g" is not a Kubernetes quantity`},
			{flink.Error, `job_manager.resources.limits["memory"]`, `"4096 mb" is not a Kubernetes quantity`},
		}},
		{"a request and a limit of other units", map[string]any{"jobManager/resource": nil, "jobManager/resources": document(t, `{requests: {memory: 2048m}, limits: {memory: 4Gi}}`)}, []told{
			{flink.Error, `job_manager.resources.limits["memory"]`, "The JobManager would get another limit of memory than 4Gi"},
		}},
		{"a decimal request and a binary limit", map[string]any{"taskManager/resource": nil, "taskManager/resources": document(t, `{requests: {memory: 2G}, limits: {memory: 4Gi}}`)}, []told{
			{flink.Error, `task_manager.resources.limits["memory"]`, "The TaskManager would get another limit of memory than 4Gi"},
		}},
		{"a request and a limit of the same unit", map[string]any{"jobManager/resource": nil, "jobManager/resources": document(t, `{requests: {memory: 2048m}, limits: {memory: 4096m}}`)}, nil},
		{"unreadable sizes", map[string]any{"jobManager/resource/memory": "1.5Gi", "taskManager/resource/ephemeralStorage": "2 g"}, []told{
			{flink.Error, "job_manager.resource.memory", `"1.5Gi" is not an amount of memory`},
			{flink.Error, "task_manager.resource.ephemeral_storage", `"2 g" is not an amount of ephemeral storage`},
		}},
		{"no CPU", map[string]any{"jobManager/resource/cpu": 0}, nil},
		{"less than no CPU", map[string]any{"jobManager/resource/cpu": -1}, []told{
			{flink.Error, "job_manager.resource.cpu", "-1 is not an amount of CPU"},
		}},
		{"memory without its unit", map[string]any{"jobManager/resource/memory": "1024", "taskManager/resource": nil, "taskManager/resources": document(t, `{requests: {memory: 2048}, limits: {memory: 64Mi}}`)}, []told{
			{flink.Warning, "job_manager.resource.memory", "The memory of the JobManager is only 1 KiB"},
			{flink.Warning, `task_manager.resources.requests["memory"]`, "The memory of the TaskManager is only 2 KiB"},
			{flink.Warning, `task_manager.resources.limits["memory"]`, "The memory of the TaskManager is only 64 MiB"},
		}},
		{"no memory", map[string]any{"jobManager/resource/memory": "0"}, []told{
			{flink.Warning, "job_manager.resource.memory", "The memory of the JobManager is only 0 bytes"},
		}},
		{"configured memory without its unit", map[string]any{"taskManager/resource/memory": nil, prefix + "taskmanager.memory.process.size": "1728", prefix + "jobmanager.memory.flink.size": "1g"}, []told{
			{flink.Warning, `flink_configuration["taskmanager.memory.process.size"]`, "The memory of the TaskManager is only 1728 bytes"},
		}},
		{"just enough memory", map[string]any{"jobManager/resource/memory": "256m", "taskManager/resource/memory": "268435456"}, nil},
		{"sizes of two forms", map[string]any{"taskManager/resources/requests/cpu": "1"}, []told{
			{flink.Error, "task_manager.resources", "The TaskManager has its size twice"},
		}},
		{"an empty second form", map[string]any{"taskManager/resources": flink.Tree{}}, nil},
		{"amounts", map[string]any{"jobManager/resource": nil, "jobManager/resources": document(t, `{requests: {memory: "0", cpu: "-1", ephemeral-storage: "-1", gpu: "0", x: many}, limits: {memory: lots}}`)}, []told{
			{flink.Error, `job_manager.resources.requests["cpu"]`, `"-1" is not an amount of cpu`},
			{flink.Error, `job_manager.resources.requests["ephemeral-storage"]`, `"-1" is not an amount of ephemeral-storage`},
			{flink.Error, `job_manager.resources.requests["memory"]`, `"0" is not an amount of memory`},
			{flink.Error, `job_manager.resources.requests["x"]`, `"many" is not an amount of x`},
			{flink.Error, `job_manager.resources.limits["memory"]`, `"lots" is not an amount of memory`},
		}},
		{"requests above limits", map[string]any{"jobManager/resource": nil, "jobManager/resources": document(t, `{requests: {memory: 2Gi, cpu: "2"}, limits: {memory: 1Gi, cpu: 1500m}}`)}, []told{
			{flink.Error, `job_manager.resources.requests["cpu"]`, "The JobManager requests more CPU than its limit"},
			{flink.Error, `job_manager.resources.requests["memory"]`, "The JobManager requests more memory than its limit"},
		}},
		{"requests at limits", map[string]any{"jobManager/resource": nil, "jobManager/resources": document(t, `{requests: {memory: 2048Mi, cpu: "2"}, limits: {memory: 2Gi, cpu: 2000m}}`)}, nil},
		{"no JobManager", map[string]any{"jobManager/replicas": 0}, []told{
			{flink.Error, "job_manager.replicas", "0 JobManagers are too few"},
		}},
		{"standby JobManager", map[string]any{"jobManager/replicas": 2}, []told{
			{flink.Warning, "job_manager.replicas", "Standby JobManagers need high availability"},
		}},
		{"standby JobManager with high availability", map[string]any{"jobManager/replicas": 2, prefix + "high-availability": "kubernetes"}, nil},
	})
}

func TestValidateAutoscaler(t *testing.T) {
	const prefix = "flinkConfiguration/"
	at := func(key string) string { return `flink_configuration["` + key + `"]` }
	on := func(pairs ...string) map[string]any {
		changes := map[string]any{prefix + keyAutoscaler: "true"}
		for i := 0; i < len(pairs); i += 2 {
			changes[prefix+pairs[i]] = pairs[i+1]
		}
		return changes
	}
	tests := []ruleTest{
		{"off", map[string]any{prefix + "job.autoscaler.scale-up.max-factor": "-1"}, nil},
		{"on", on(), nil},
		{
			"a number as Java writes it", on(keyUtilizationTarget, " 1.5d "),
			[]told{{flink.Error, at(keyUtilizationTarget), "1.5 is out of range for " + keyUtilizationTarget}},
		},
		{"within the target", on(keyUtilizationTarget, "0.6", keyUtilizationMin, "0.4", keyUtilizationMax, "0.8"), nil},
		{
			"former name", on("kubernetes.operator.job.autoscaler.target.utilization", "1.5"),
			[]told{{flink.Error, at("kubernetes.operator.job.autoscaler.target.utilization"), "1.5 is out of range for " + keyUtilizationTarget}},
		},
		{
			"maximum below the target", on(keyUtilizationTarget, "0.6", keyUtilizationMax, "0.5"),
			[]told{{flink.Error, at(keyUtilizationMax), "0.5 is out of range for " + keyUtilizationMax}},
		},
		{
			"maximum below the default target", on(keyUtilizationMax, "0.5"),
			[]told{{flink.Warning, at(keyUtilizationMax), "0.5 is out of range for " + keyUtilizationMax}},
		},
		{
			"maximum above 1", on(keyUtilizationMax, "1.5"),
			[]told{{flink.Error, at(keyUtilizationMax), "1.5 is out of range for " + keyUtilizationMax}},
		},
		{
			"minimum above the target", on(keyUtilizationTarget, "0.6", keyUtilizationMin, "0.7"),
			[]told{{flink.Error, at(keyUtilizationMin), "0.7 is out of range for " + keyUtilizationMin}},
		},
		{
			"minimum below 0", on(keyUtilizationMin, "-0.1"),
			[]told{{flink.Error, at(keyUtilizationMin), "-0.1 is out of range for " + keyUtilizationMin}},
		},
		{
			"window shorter than the default interval", on(keyMetricsWindow, "30 s"),
			[]told{{flink.Warning, at(keyMetricsWindow), "A metrics window of 30s is too short for the autoscaler"}},
		},
		{
			"window shorter than the own interval", on(keyMetricsWindow, "30 s", keyReconcileInterval, "45 s"),
			[]told{{flink.Error, at(keyMetricsWindow), "A metrics window of 30s is too short for the autoscaler"}},
		},
		{
			"own interval longer than the default window", on(keyReconcileInterval, "20 min"),
			[]told{{flink.Warning, at(keyReconcileInterval), "A metrics window of 15m0s is too short for the autoscaler"}},
		},
		{"own interval within the default window", on(keyReconcileInterval, "15 min"), nil},
		{"window of the own interval", on(keyMetricsWindow, "30 s", keyReconcileInterval, "30 s"), nil},
	}
	for _, b := range autoscalerBounds {
		bad := map[bool]string{true: "-0.5", false: "0.001"}[b.min == 0]
		pairs := []string{b.key, bad}
		if b.onlyWith != "" {
			tests = append(tests, ruleTest{"feature off: " + b.key, on(pairs...), nil})
			pairs = append(pairs, b.onlyWith, "true")
		}
		tests = append(tests, ruleTest{b.key, on(pairs...), []told{{flink.Error, at(b.key), bad + " is out of range for " + b.key}}})
	}
	runRuleTests(t, tests)
}

func TestExcludedPeriods(t *testing.T) {
	for period, valid := range map[string]bool{
		"9:30-17:00":                     true,
		"9:30:30-10:50:20":               true,
		"9:30:30:5-10:50:20:500":         true,
		"* * * ? * 2-6":                  true,
		"* * 9-11,14-16 * * ?":           true,
		"0 0 0 ? * MON#2 2026":           true,
		"9:30-17:00 && * * * ? * 2,5":    true,
		"* * * ? * 2,5;9:30-10:00":       true,
		"":                               true,
		"17:00-9:30":                     false,
		"9-17":                           false,
		"25:00-26:00":                    false,
		"9:60-10:00":                     false,
		"* * * * *":                      false,
		"* * * * * *":                    false,
		"weekend":                        false,
		"9:30-10:00 && 11:00-12:00":      false,
		"* * * ? * 2 && * * * ? * 3":     false,
		"9:30-10:00 && * * * ? * 2 && x": false,
		"9:30-10:00;weekend":             false,
	} {
		t.Run(period, func(t *testing.T) {
			found := tell(t, "orders", map[string]any{"flinkConfiguration/" + keyAutoscaler: "true", "flinkConfiguration/" + keyExcludedPeriods: period})
			if valid != (len(found) == 0) {
				t.Errorf("valid = %v, want %v: %v", !valid, valid, found)
			}
			if !valid && found[0].Attribute != `flink_configuration["job.autoscaler.excluded.periods"]` {
				t.Errorf("finding at %s", found[0].Attribute)
			}
		})
	}
}
