package operator

import (
	"testing"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/prove"
)

// TestProverReadsTheStatus has what the state of a job in a status tells a proof.
func TestProverReadsTheStatus(t *testing.T) {
	t.Parallel()
	began := time.Now()
	for state, want := range map[string]struct {
		restarts bool
		proved   prove.Verdict
	}{
		"RUNNING":     {false, prove.Verdict{}},
		"FINISHED":    {false, prove.Verdict{Progress: prove.Done, How: "finished"}},
		"RESTARTING":  {true, prove.Verdict{}},
		"FAILING":     {true, prove.Verdict{}},
		"RECONCILING": {false, prove.Verdict{}},
	} {
		status := fko.Status{JobState: state}
		p := newProver(write{proveFor: time.Minute})
		p.holds(began, status)
		if got := p.At(began); got != want.proved {
			t.Errorf("a job that is %s is %v %q", state, got.Progress, got.How)
		}
		if p.broken(began, status); p.Unexplained() != want.restarts {
			t.Errorf("a job that is %s restarts: %t", state, p.Unexplained())
		}
	}
}
