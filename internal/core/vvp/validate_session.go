package vvp

import (
	"fmt"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// sessionFields are what a session cluster has to say, in the order of messages: the platform
// fills nothing in over REST.
var sessionFields = []struct {
	field, path   flink.Path
	what, example string
}{
	{flink.Path{"flinkImageTag"}, flink.Path{"image"}, "image", `image = "registry.example.com/flink:1.20.1"`},
	{flink.Path{"resources", "jobmanager", "cpu"}, flink.Path{"jobManager", "resource", "cpu"}, "CPU of the JobManager", "job_manager.resource.cpu = 1"},
	{flink.Path{"resources", "jobmanager", "memory"}, flink.Path{"jobManager", "resource", "memory"}, "memory of the JobManager", `job_manager.resource.memory = "1g"`},
	{flink.Path{"resources", "taskmanager", "cpu"}, flink.Path{"taskManager", "resource", "cpu"}, "CPU of the TaskManagers", "task_manager.resource.cpu = 1"},
	{flink.Path{"resources", "taskmanager", "memory"}, flink.Path{"taskManager", "resource", "memory"}, "memory of the TaskManagers", `task_manager.resource.memory = "2g"`},
}

// sessionFindings are what a specification without a job lacks.
func sessionFindings(spec flink.DeploymentSpec) []flink.Finding {
	cluster, err := Session(spec)
	if err != nil {
		// ValidateLayer says what is wrong.
		return nil
	}
	var findings []flink.Finding
	for _, needed := range sessionFields {
		if at(cluster, needed.field...) == nil {
			findings = append(findings, fault(needed.path, fmt.Sprintf("The %s is missing", needed.what),
				fmt.Sprintf("The platform has no defaults for a session cluster, and refuses one without. Set %s, here or in the environment's deployment_defaults.", needed.example))...)
		}
	}
	return findings
}
