package rollout

import (
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func TestSavepointDirectory(t *testing.T) {
	t.Parallel()
	directory := flink.Configuration{"state.savepoints.dir": new("s3://sp")}
	bySavepoint := &flink.Job{UpgradeMode: new(flink.UpgradeSavepoint)}
	byLastState := &flink.Job{UpgradeMode: new(flink.UpgradeLastState)}
	for _, test := range []struct {
		name  string
		spec  flink.DeploymentSpec
		takes bool
		where string
	}{
		{"a directory", flink.DeploymentSpec{FlinkConfiguration: directory, Job: byLastState}, true, "s3://sp"},
		{"one that only the operator knows", flink.DeploymentSpec{Job: bySavepoint}, true, "the directory of its own configuration"},
		{"one of the session cluster", flink.DeploymentSpec{DeploymentName: new("shared"), Job: bySavepoint}, true, "the directory of the session cluster shared"},
		{"none", flink.DeploymentSpec{Job: byLastState}, false, ""},
		{"no job", flink.DeploymentSpec{}, false, ""},
	} {
		where, takes := SavepointDirectory(test.spec)
		if takes != test.takes || takes && where != test.where {
			t.Errorf("%s: %t in %q, want %t in %q", test.name, takes, where, test.takes, test.where)
		}
	}
}
