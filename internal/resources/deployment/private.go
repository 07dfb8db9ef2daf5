package deployment

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// privateKey is the key of resume in the resource's private state.
const privateKey = "deployment"

// resume is what the next plan and apply need to go on where the last one
// ended. It lives in the private state, which no plan shows.
type resume struct {
	// UID is the object's. Another object of the same name is not ours.
	UID string `json:"uid,omitempty"`
	// Unfinished is the action that an apply wrote and did not see through.
	Unfinished planner.Action `json:"unfinished,omitempty"`
}

// after returns what is left when an object was observed: nothing once it is
// rolled out, and what is marked on it when an apply was killed.
func (r resume) after(observed *platform.Observed) resume {
	r.UID = observed.UID
	switch {
	case observed.RolledOut:
		r.Unfinished = ""
	case r.Unfinished == "":
		r.Unfinished = observed.Unfinished
	}
	return r
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
		diags.AddError("The deployment's private state cannot be read", fmt.Sprintf("%s. This is a bug in the provider; please report it.", err))
	}
	return r, diags
}

func writeResume(ctx context.Context, private privateWriter, r resume) diag.Diagnostics {
	text, err := json.Marshal(r)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("The deployment's private state cannot be written", err.Error())}
	}
	return private.SetKey(ctx, privateKey, text)
}
