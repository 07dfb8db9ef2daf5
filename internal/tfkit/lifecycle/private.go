package lifecycle

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rollout"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// resume is what the next plan and apply need to go on where the last one
// ended. It lives in the private state, which no plan shows, under the type's
// name.
type resume struct {
	// UID is the object's. Another object of the same name is not ours.
	UID string `json:"uid,omitempty"`
	// Unfinished is the action that an apply wrote and did not see through.
	Unfinished planner.Action `json:"unfinished,omitempty"`
	// Form is of which objects the deployment consists.
	Form flink.Form `json:"form,omitzero"`
	// Words is the effective specification without its metadata as the cluster
	// writes it, where it has other words for values that mean the same as those
	// in the state; empty for none. A platform may compare texts: what is written
	// keeps these words, and no plan shows them.
	Words string `json:"words,omitempty"`
	// Enforced is what runs beside the effective specification, as the platform adds
	// it by itself; empty for nothing.
	Enforced string `json:"enforced,omitempty"`
	// KeptVersion is the version of Flink that took status.kept_savepoint, empty for
	// none.
	KeptVersion string `json:"keptVersion,omitempty"`
	// SecretKeys are the configuration keys whose values are in the Secret that
	// the provider keeps, separated by blanks.
	SecretKeys string `json:"secretKeys,omitempty"`
	// Secrets tells that the provider has written Secrets for the deployment and
	// has not deleted all of them since. The version in the state names only one.
	Secrets bool `json:"secrets,omitempty"`
}

// resumeOf returns what is known of the object of an id, with nothing left to do.
func resumeOf(id string, observed *platform.Observed) resume {
	return resume{UID: observed.UID, Form: observed.Form, Enforced: rollout.Enforced(id, observed)}
}

// after returns what is left when the object of an id was observed: what is marked on it
// when an apply was killed, also when it is rolled out, as nobody has seen to its
// end; else nothing once it is.
func (r resume) after(id string, observed *platform.Observed) resume {
	r.UID, r.Form, r.Enforced = observed.UID, observed.Form, rollout.Enforced(id, observed)
	switch {
	case observed.Unfinished != "" && r.Unfinished == "":
		r.Unfinished = observed.Unfinished
	case observed.Unfinished == "" && observed.RolledOut:
		r.Unfinished = ""
	}
	return r
}

func (t Type) readResume(ctx context.Context, private tfkit.PrivateReader) (resume, diag.Diagnostics) {
	return tfkit.ReadPrivate[resume](ctx, private, t.Name)
}

func (t Type) writeResume(ctx context.Context, private tfkit.PrivateWriter, r resume) diag.Diagnostics {
	return tfkit.WritePrivate(ctx, private, t.Name, r)
}
