package flink

import "testing"

func TestFinished(t *testing.T) {
	for name, test := range map[string]struct {
		status Status
		want   bool
	}{
		"a job that came to its end":         {Status{JobState: StateFinished, LifecycleState: LifecycleStable, JobManager: "READY"}, true},
		"long ago":                           {Status{JobState: StateFinished, LifecycleState: LifecycleStable, JobManager: "MISSING"}, true},
		"in a session cluster":               {Status{JobState: StateFinished, LifecycleState: LifecycleStable}, true},
		"before the operator notes it":       {Status{JobState: StateFinished, LifecycleState: LifecycleDeployed, JobManager: "READY"}, true},
		"after the operator went back":       {Status{JobState: StateFinished, LifecycleState: LifecycleRolledBack, JobManager: "READY"}, true},
		"a job that runs":                    {Status{JobState: StateRunning, LifecycleState: LifecycleStable, JobManager: "READY"}, false},
		"stopped to be suspended":            {Status{JobState: StateFinished, LifecycleState: LifecycleSuspended, JobManager: "READY"}, false},
		"stopped to be upgraded":             {Status{JobState: StateFinished, LifecycleState: LifecycleUpgrading, JobManager: "READY"}, false},
		"stopped to be upgraded, pods gone":  {Status{JobState: StateFinished, LifecycleState: LifecycleUpgrading, JobManager: "MISSING"}, false},
		"on its way to the last good":        {Status{JobState: StateFinished, LifecycleState: LifecycleStable, JobManager: "DEPLOYING"}, false},
		"dropped for another savepoint":      {Status{JobState: StateFinished, LifecycleState: LifecycleDeployed, JobManager: "MISSING"}, false},
		"stopped to be rolled back":          {Status{JobState: StateFinished, LifecycleState: LifecycleRollingBack, JobManager: "MISSING"}, false},
		"of an operator that says no more":   {Status{JobState: StateFinished}, false},
		"a failed job that is taken up soon": {Status{JobState: StateFailed, LifecycleState: LifecycleStable, JobManager: "READY"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.status.Finished(); got != test.want {
				t.Errorf("Finished() of %+v = %t", test.status, got)
			}
		})
	}
}
