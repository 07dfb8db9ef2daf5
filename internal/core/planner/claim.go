package planner

import (
	"fmt"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// claims warns of a job that will own the savepoint that it starts from: its files go
// when it has newer checkpoints, whoever else knows of them.
func (p *plan) claims(out outcome) (Notice, bool) {
	path := initialSavepointPath(p.New)
	key, claims := flink.Claims(p.New)
	if path == "" || !claims || !p.startsAtPath(out) {
		return Notice{}, false
	}
	return Notice{
		Path:    flink.Path{"job", "initialSavepointPath"},
		Summary: fmt.Sprintf("The job %q will own the savepoint that it starts from", p.Name),
		Detail: fmt.Sprintf("With flink_configuration[%q] = CLAIM, Flink takes %s for the job's own and deletes its files when newer checkpoints have taken its place. "+
			"Then no other job starts from it, and a flink_savepoint of this location names a folder that is gone; its dispose_on_destroy does nothing. To keep the savepoint, remove the key: the default is NO_CLAIM.", key, path),
	}, true
}

// startsAtPath tells whether the job starts from job.initial_savepoint_path.
func (p *plan) startsAtPath(out outcome) bool {
	switch out.action {
	case ActionCreate, ActionResume:
		return !suspended(p.New) && (p.Old == nil || p.deleted() || !p.Deployed())
	case ActionRedeploy, ActionBlueGreen, ActionRecreate:
		return p.redeploys()
	default:
		return false
	}
}
