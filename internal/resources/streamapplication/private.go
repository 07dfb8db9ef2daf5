package streamapplication

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// private is what the next plan and apply need that no plan shows.
type private struct {
	// Streamlets are the private states of deployments, by streamlet.
	Streamlets map[string][]byte `json:"streamlets,omitempty"`
}

func readPrivate(ctx context.Context, from tfkit.PrivateReader) (private, diag.Diagnostics) {
	read, diags := tfkit.ReadPrivate[private](ctx, from, typeName)
	if read.Streamlets == nil {
		read.Streamlets = map[string][]byte{}
	}
	return read, diags
}

func (p private) write(ctx context.Context, to tfkit.PrivateWriter) diag.Diagnostics {
	return tfkit.WritePrivate(ctx, to, typeName, p)
}
