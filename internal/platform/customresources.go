package platform

import (
	"context"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// ByCustomResources is a platform that is reached by custom resources: a controller hands
// what they say on to it. The objects are those that the platform itself has.
type ByCustomResources interface {
	Platform
	SQL
	// Secrets are those of the platform.
	Secrets() Objects[Secret]
}

// ConnectCustomResources connects to a platform by the custom resources of an environment. It
// contacts nothing itself.
type ConnectCustomResources func(ctx context.Context, of defaults.Settings) (ByCustomResources, error)

// RulesByCustomResources are the rules of a platform that is also reached by custom resources.
type RulesByCustomResources interface {
	// ByCustomResources are its rules there.
	ByCustomResources() Rules
	// Moves returns what keeps a deployment of a specification, which the platform has, from
	// becoming a custom resource without a restart.
	Moves(spec flink.DeploymentSpec) []flink.Finding
}

// TakesOver is a way to a platform that can take over what another way to it has made, without
// a change of what runs.
type TakesOver interface {
	// TakeOver has an object that the platform has be managed in this way from now on, as it is,
	// and returns when that is so. Done once, it does nothing.
	TakeOver(ctx context.Context, ref Ref) error
}

// RESTClass says how the controller of custom resources reaches the platform.
type RESTClass struct {
	Endpoint string
	// Authentication is "basic", "bearer", "mtls" or "oauth", and Secret the name of the
	// Kubernetes Secret with what it needs; both are empty for none.
	Authentication, Secret string
	// TLSSecret is the name of the Secret with certificates, empty for none.
	TLSSecret string
	// TokenURL, Scope and Audience are those of "oauth".
	TokenURL, Scope, Audience string
}
