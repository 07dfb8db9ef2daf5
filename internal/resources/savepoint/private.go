package savepoint

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
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
}

// resumeOf returns what to remember of a savepoint.
func resumeOf(observed *platform.ObservedSavepoint) resume {
	return resume{Receipt: observed.Receipt, Failed: observed.State == platform.SavepointFailed}
}

type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func readResume(ctx context.Context, private privateReader) (resume, diag.Diagnostics) {
	var r resume
	text, diags := private.GetKey(ctx, privateKey)
	if len(text) == 0 || diags.HasError() {
		return r, diags
	}
	if err := json.Unmarshal(text, &r); err != nil {
		diags.AddError("The savepoint's private state cannot be read", fmt.Sprintf("%s. This is a bug in the provider; please report it.", err))
	}
	return r, diags
}

func writeResume(ctx context.Context, private privateWriter, r resume) diag.Diagnostics {
	text, err := json.Marshal(r)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("The savepoint's private state cannot be written", err.Error())}
	}
	return private.SetKey(ctx, privateKey, text)
}
