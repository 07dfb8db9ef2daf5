package operator

import (
	"errors"
	"fmt"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// told is the error of a new version that failed.
func (t *turn) told(s situation, failed string) error {
	var told *platform.RolloutError
	active, _ := s.roles()
	if !errors.As(t.failure, &told) || active.color == failed {
		return t.failure
	}
	what := fmt.Sprintf("Removed the new version (%s).", failed)
	if s.has(failed) {
		what = fmt.Sprintf("The new version (%s) is left as it is; the next apply removes it.", failed)
	}
	runs := fmt.Sprintf("The previous version (%s) was never stopped and runs on.", active.color)
	if !active.running {
		runs = fmt.Sprintf("The previous version (%s) does not run either.", active.color)
		if active.path != "" {
			runs += fmt.Sprintf(" The newest known state of the job is in %s; the next apply starts from it.", active.path)
		}
	}
	return &platform.RolloutError{
		Summary:    told.Summary,
		Detail:     joinLines(orElse(t.cause.facts, told.Detail), what, runs, strings.TrimSpace("The change stays in the next plan. "+t.cause.afterwards)),
		RolledBack: true,
	}
}
