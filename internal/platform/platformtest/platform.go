// Package platformtest has platforms that consist of a test's own parts.
package platformtest

import (
	"context"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

// Known are the platforms of a provider that has the operator alone, which has
// something of every kind.
var Known = platform.Known{everything{}}

// everything is what the operator means, of every kind.
type everything struct{ operator.Rules }

// Has implements platform.Rules.
func (everything) Has(platform.Kind) bool { return true }

// parts is a connected platform with some of its parts, the others nil.
type parts struct {
	deployments  platform.Deployments
	environments platform.Environments
	savepoints   platform.Savepoints
}

// Deployments implements platform.Platform.
func (p parts) Deployments(platform.Kind) platform.Deployments { return p.deployments }

// Environments implements platform.Platform.
func (p parts) Environments() platform.Environments { return p.environments }

// Savepoints implements platform.Platform.
func (p parts) Savepoints() platform.Savepoints { return p.savepoints }

// Of connects to a platform, by the name of that of Known, that has a part: its
// deployments of every kind, its environments or its savepoints.
func Of(part any) map[string]platform.Connect {
	var p parts
	p.deployments, _ = part.(platform.Deployments)
	p.environments, _ = part.(platform.Environments)
	p.savepoints, _ = part.(platform.Savepoints)
	return map[string]platform.Connect{Known.Default(): func(context.Context) (platform.Platform, error) { return p, nil }}
}
