package fko

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func TestValidateState(t *testing.T) {
	const (
		backend   = `flink_configuration["state.backend.type"]`
		format    = `flink_configuration["kubernetes.operator.savepoint.format.type"]`
		maximum   = `flink_configuration["pipeline.max-parallelism"]`
		overrides = `flink_configuration["pipeline.jobvertex-parallelism-overrides"]`
		unwritten = "No savepoint in canonical format can be taken of the job"
	)
	for name, test := range map[string]struct {
		changes map[string]any
		want    []told
	}{
		"forst":                    {map[string]any{"flinkVersion": "v2_3", "flinkConfiguration/state.backend.type": "forst"}, []told{{flink.Warning, backend, unwritten}}},
		"forst, native savepoints": {map[string]any{"flinkVersion": "v2_3", "flinkConfiguration/state.backend.type": "forst", "flinkConfiguration/kubernetes.operator.savepoint.format.type": "native"}, nil},
		"forst, canonical savepoints": {
			map[string]any{"flinkVersion": "v2_3", "flinkConfiguration/state.backend.type": "ForSt", "flinkConfiguration/kubernetes.operator.savepoint.format.type": "CANONICAL"},
			[]told{{flink.Warning, format, unwritten}},
		},
		"forst without savepoints": {
			map[string]any{"flinkVersion": "v2_3", "flinkConfiguration/state.backend.type": "forst", "flinkConfiguration/execution.checkpointing.savepoint-dir": nil, "job/upgradeMode": "stateless"},
			nil,
		},
		"asynchronous state of SQL": {
			map[string]any{"flinkVersion": "v2_3", "flinkConfiguration/table.exec.async-state.enabled": "true"},
			[]told{{flink.Warning, `flink_configuration["table.exec.async-state.enabled"]`, unwritten}},
		},
		"forst before 2.0": {
			map[string]any{"flinkConfiguration/state.backend": "forst"},
			[]told{{flink.Error, `flink_configuration["state.backend"]`, `Flink v1_20 does not have the state backend "forst"`}, {flink.Warning, `flink_configuration["state.backend"]`, unwritten}},
		},
		"filesystem since 2.0":           {map[string]any{"flinkVersion": "v2_0", "flinkConfiguration/state.backend.type": "FileSystem"}, []told{{flink.Error, backend, `Flink v2_0 does not have the state backend "FileSystem"`}}},
		"filesystem before":              {map[string]any{"flinkConfiguration/state.backend.type": "filesystem"}, nil},
		"rocksdb":                        {map[string]any{"flinkVersion": "v2_3", "flinkConfiguration/state.backend.type": "rocksdb"}, nil},
		"as parallel as can be":          {map[string]any{"flinkConfiguration/pipeline.max-parallelism": "2"}, nil},
		"more parallel":                  {map[string]any{"flinkConfiguration/pipeline.max-parallelism": "1"}, []told{{flink.Error, "job.parallelism", "A parallelism of 2 is above the max parallelism"}}},
		"more parallel than Flink can":   {map[string]any{"job/parallelism": 32769}, []told{{flink.Error, "job.parallelism", "A parallelism of 32769 is above the max parallelism"}}},
		"a larger maximum than Flink's":  {map[string]any{"flinkConfiguration/pipeline.max-parallelism": "32769"}, []told{{flink.Error, maximum, "A max parallelism of 32769 is too large"}}},
		"Flink's sign for none":          {map[string]any{"flinkConfiguration/pipeline.max-parallelism": "-1"}, nil},
		"by TaskManagers and slots":      {map[string]any{"flinkConfiguration/pipeline.max-parallelism": "5", "flinkConfiguration/taskmanager.numberOfTaskSlots": "2", "taskManager/replicas": 3}, []told{{flink.Warning, "job.parallelism", "job.parallelism is not used"}, {flink.Error, "task_manager.replicas", "A parallelism of 6 is above the max parallelism"}}},
		"a vertex above":                 {map[string]any{"flinkConfiguration/pipeline.max-parallelism": "4", "flinkConfiguration/pipeline.jobvertex-parallelism-overrides": "a:4,b:5"}, []told{{flink.Error, overrides, "A parallelism of 5 is above the max parallelism"}}},
		"overrides that cannot be read":  {map[string]any{"flinkConfiguration/pipeline.jobvertex-parallelism-overrides": "a"}, []told{{flink.Error, overrides, "pipeline.jobvertex-parallelism-overrides cannot be read"}}},
		"overrides within Flink's bound": {map[string]any{"flinkConfiguration/pipeline.jobvertex-parallelism-overrides": "a:200"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, tell(t, "orders", test.changes)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
