package sql

import (
	"fmt"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// guard adds the errors that forbid an outcome and, when there are none, the warnings
// about it.
func (c Change) guard(out outcome, decision *Decision) {
	notice := func(summary, detail string) planner.Notice {
		n := planner.Notice{Summary: summary, Detail: detail}
		if len(out.causes) > 0 {
			n.Path = out.causes[0].path()
		}
		return n
	}
	switch {
	case out.unknown:
	case out.impossible != "":
		decision.Errors = append(decision.Errors, notice(fmt.Sprintf("The statement %q cannot be changed so", c.Name), out.impossible))
	case out.state == planner.StateLost && !c.AllowStateLoss:
		decision.Errors = append(decision.Errors, notice(fmt.Sprintf("This change drops the state of statement %q", c.Name),
			out.told+" To keep the state, "+out.keep+" To accept the loss, set upgrade.allow_state_loss = true."))
	case out.state == planner.StateLost:
		decision.Warnings = append(decision.Warnings, notice(fmt.Sprintf("The statement %q will lose its state", c.Name), out.told))
	case out.action == planner.ActionRerun:
		decision.Warnings = append(decision.Warnings, notice(fmt.Sprintf("The statement %q begins from the start", c.Name), out.told))
	case out.action == planner.ActionSuspend && out.downtime:
		decision.Warnings = append(decision.Warnings, notice(fmt.Sprintf("The statement %q will stop", c.Name), out.told))
	case out.downtime:
		decision.Warnings = append(decision.Warnings, notice(fmt.Sprintf("The statement %q will be down while it restarts", c.Name), out.told))
	}
}
