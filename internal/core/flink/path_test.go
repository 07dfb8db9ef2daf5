package flink

import "testing"

func TestPathAttribute(t *testing.T) {
	for _, test := range []struct {
		path Path
		want string
	}{
		{Path{"image"}, `image`},
		{Path{"job", "parallelism"}, `job.parallelism`},
		{Path{"job", "jarURI"}, `job.jar_uri`},
		{Path{"job", "upgradeMode"}, `upgrade.mode`},
		{Path{"job", "args", "1"}, `job.args[1]`},
		{Path{"flinkConfiguration", "state.backend.type"}, `flink_configuration["state.backend.type"]`},
		{Path{"logConfiguration", "log4j-console.properties"}, `log_configuration["log4j-console.properties"]`},
		{Path{"taskManager", "resource", "ephemeralStorage"}, `task_manager.resource.ephemeral_storage`},
		{Path{"taskManager", "resources", "requests", "cpu"}, `task_manager.resources.requests["cpu"]`},
		{Path{"podTemplate", "spec", "containers", "0"}, `pod_template`},
		{Path{"jobManager", "podTemplate", "spec"}, `job_manager.pod_template`},
		{Path{"ingress", "tls", "0", "secretName"}, `ingress.tls[0].secret_name`},
		{Path{"metadata", "name"}, `name`},
		{Path{"restartNonce"}, `restart_triggers`},
	} {
		t.Run(test.want, func(t *testing.T) {
			if got := test.path.Attribute(); got != test.want {
				t.Errorf("Attribute() = %s, want %s", got, test.want)
			}
		})
	}
}
