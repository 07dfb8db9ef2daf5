package operator

import (
	"context"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

var _ platform.Adviser = (*Deployments)(nil)

// Advise implements platform.Adviser: of session jobs it is known what the operator makes of their JAR files when its
// definitions show its age. status.conditions came with 1.15.
func (d *Deployments) Advise(ctx context.Context, want platform.Deployment) []flink.Finding {
	if d.kind != sessionJobKind {
		return nil
	}
	guarded, known := d.cluster.HasField(ctx, deploymentKind, "status", "conditions")
	if !known {
		return nil
	}
	return fko.SessionJobAdvice(want.Spec, guarded)
}
