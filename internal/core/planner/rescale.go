package planner

import (
	"fmt"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Rescale is how a platform rescales a job where it runs: the tasks restart with
// another parallelism, and the job goes on under its id.
type Rescale struct {
	// Does is what the platform does for it, in words that follow its name, for
	// example "changes the number of TaskManagers".
	Does string
	// When is what the job waits for before its tasks restart, in words that follow
	// "when", for example "they are there".
	When string
	// NextCheckpoint tells that the job waits for its next checkpoint too, and its
	// tasks restart from that. Otherwise it is the last one that has completed, and
	// what was read since then is read again.
	NextCheckpoint bool
}

// rescale restarts the tasks of a job with another parallelism. Flink does not
// move state between running tasks: even where the job goes on, they stop, and
// begin from a checkpoint.
func (p *plan) rescale(how Rescale) outcome {
	out := outcome{
		action: ActionScaleInPlace, state: StateKept, downtime: true, causes: p.having(Scales),
		consequence: "the tasks restart from the last checkpoint, within the same job",
		platform: fmt.Sprintf("%s %s. When %s, the job's tasks restart from its last checkpoint, within the same job: "+
			"a gap of seconds, and what was read since that checkpoint is read again.", p.Subject(), how.Does, how.When),
	}
	if how.NextCheckpoint {
		out.consequence = "the tasks restart from the next checkpoint, within the same job"
		out.platform = fmt.Sprintf("%s %s. When %s and its next checkpoint has completed, the job's tasks restart from that, within the same job: "+
			"a gap of seconds.", p.Subject(), how.Does, how.When)
	}
	if _, ok := p.New.FlinkConfiguration.Get(flink.KeyCheckpointInterval); !ok {
		out.state = StateAtRisk
		out.consequence = "the tasks restart within the same job, empty unless the job itself enables checkpoints"
		out.platform += fmt.Sprintf(" flink_configuration does not set %s: unless the job enables checkpoints itself, its tasks start empty.", flink.KeyCheckpointInterval)
	}
	return out
}
