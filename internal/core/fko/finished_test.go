package fko

import (
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func TestFinished(t *testing.T) {
	for name, test := range map[string]struct {
		status flink.Status
		want   bool
	}{
		"a job that came to its end":         {flink.Status{JobState: flink.StateFinished, LifecycleState: flink.LifecycleStable, JobManager: "READY"}, true},
		"long ago":                           {flink.Status{JobState: flink.StateFinished, LifecycleState: flink.LifecycleStable, JobManager: "MISSING"}, true},
		"in a session cluster":               {flink.Status{JobState: flink.StateFinished, LifecycleState: flink.LifecycleStable}, true},
		"before the operator notes it":       {flink.Status{JobState: flink.StateFinished, LifecycleState: flink.LifecycleDeployed, JobManager: "READY"}, true},
		"after the operator went back":       {flink.Status{JobState: flink.StateFinished, LifecycleState: flink.LifecycleRolledBack, JobManager: "READY"}, true},
		"a job that runs":                    {flink.Status{JobState: flink.StateRunning, LifecycleState: flink.LifecycleStable, JobManager: "READY"}, false},
		"stopped to be suspended":            {flink.Status{JobState: flink.StateFinished, LifecycleState: flink.LifecycleSuspended, JobManager: "READY"}, false},
		"stopped to be upgraded":             {flink.Status{JobState: flink.StateFinished, LifecycleState: flink.LifecycleUpgrading, JobManager: "READY"}, false},
		"stopped to be upgraded, pods gone":  {flink.Status{JobState: flink.StateFinished, LifecycleState: flink.LifecycleUpgrading, JobManager: "MISSING"}, false},
		"on its way to the last good":        {flink.Status{JobState: flink.StateFinished, LifecycleState: flink.LifecycleStable, JobManager: "DEPLOYING"}, false},
		"dropped for another savepoint":      {flink.Status{JobState: flink.StateFinished, LifecycleState: flink.LifecycleDeployed, JobManager: "MISSING"}, false},
		"stopped to be rolled back":          {flink.Status{JobState: flink.StateFinished, LifecycleState: flink.LifecycleRollingBack, JobManager: "MISSING"}, false},
		"of an operator that says no more":   {flink.Status{JobState: flink.StateFinished}, false},
		"a failed job that is taken up soon": {flink.Status{JobState: flink.StateFailed, LifecycleState: flink.LifecycleStable, JobManager: "READY"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Finished(test.status); got != test.want {
				t.Errorf("Finished() of %+v = %t", test.status, got)
			}
		})
	}
}
