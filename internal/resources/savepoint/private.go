package savepoint

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// privateKey is the key of resume in the resource's private state.
const privateKey = "savepoint"

// resume is what the next plan and apply need to go on where the last one
// ended.
type resume struct {
	// Receipt is how the platform finds the savepoint again.
	Receipt string `json:"receipt,omitempty"`
	// Failed tells that the savepoint will never be completed.
	Failed bool `json:"failed,omitempty"`
	// Unpinnable tells that only another savepoint can be pinned.
	Unpinnable bool `json:"unpinnable,omitempty"`
}

// resumeOf returns what to remember of a savepoint.
func resumeOf(observed *platform.ObservedSavepoint) resume {
	return resume{Receipt: observed.Receipt, Failed: observed.State == platform.SavepointFailed, Unpinnable: observed.Unpinnable}
}

func readResume(ctx context.Context, private tfkit.PrivateReader) (resume, diag.Diagnostics) {
	return tfkit.ReadPrivate[resume](ctx, private, privateKey)
}

func writeResume(ctx context.Context, private tfkit.PrivateWriter, r resume) diag.Diagnostics {
	return tfkit.WritePrivate(ctx, private, privateKey, r)
}
