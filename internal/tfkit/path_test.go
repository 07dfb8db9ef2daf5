package tfkit

import (
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func TestPathOf(t *testing.T) {
	for _, test := range []struct {
		path flink.Path
		want string
	}{
		{flink.Path{"image"}, `image`},
		{flink.Path{"job", "upgradeMode"}, `upgrade.mode`},
		{flink.Path{"metadata", "name"}, `name`},
		{flink.Path{"job", "jarURI"}, `job.jar_uri`},
		{flink.Path{"job", "args", "1"}, `job.args[1]`},
		{flink.Path{"restartNonce"}, `restart_triggers`},
		{flink.Path{"jobManager", "resource", "memory"}, `job_manager.resource.memory`},
		{flink.Path{"taskManager", "resources", "requests", "cpu"}, `task_manager.resources.requests["cpu"]`},
		{flink.Path{"flinkConfiguration", "state.backend.type"}, `flink_configuration["state.backend.type"]`},
		{flink.Path{"logConfiguration"}, `log_configuration`},
		{flink.Path{"podTemplate", "spec", "containers", "0", "name"}, `pod_template`},
		{flink.Path{"jobManager", "podTemplate", "spec"}, `job_manager.pod_template`},
		{flink.Path{"ingress", "tls", "0", "secretName"}, `ingress.tls[0].secret_name`},
		{nil, ``},
	} {
		t.Run(test.want, func(t *testing.T) {
			if got := pathOf(test.path).String(); got != test.want {
				t.Errorf("pathOf() = %s, want %s", got, test.want)
			}
			if got := test.path.Attribute(); got != test.want {
				t.Errorf("Attribute() = %s, which is not pathOf()", got)
			}
		})
	}
}
