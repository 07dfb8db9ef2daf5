package streamapplication

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// private is what the next plan and apply need that no plan shows.
type private struct {
	// Streamlets are the private states of deployments, by streamlet.
	Streamlets map[string][]byte `json:"streamlets,omitempty"`
	// Secrets are the names of deployments that may have Secrets with documents that nobody reads any more.
	Secrets []string `json:"secrets,omitempty"`
}

// same tells whether two private states say the same.
func (p *private) same(as private) bool {
	return maps.EqualFunc(p.Streamlets, as.Streamlets, slices.Equal) && slices.Equal(p.Secrets, as.Secrets)
}

// leave notes that a deployment may have Secrets that nobody reads.
func (p *private) leave(object string) {
	if !slices.Contains(p.Secrets, object) {
		p.Secrets = append(slices.Clone(p.Secrets), object)
		slices.Sort(p.Secrets)
	}
}

func readPrivate(ctx context.Context, from tfkit.PrivateReader) (private, diag.Diagnostics) {
	read, diags := tfkit.ReadPrivate[private](ctx, from, typeName)
	if read.Streamlets == nil {
		read.Streamlets = map[string][]byte{}
	}
	return read, diags
}

func (p *private) write(ctx context.Context, to tfkit.PrivateWriter) diag.Diagnostics {
	return tfkit.WritePrivate(ctx, to, typeName, *p)
}
