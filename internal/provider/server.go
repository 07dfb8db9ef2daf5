package provider

import (
	"bytes"
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/flink-terraform/terraform-provider-flink/internal/resources/deployment"
)

// frameworkServer is all that the framework's server can do. Naming the parts
// that the protocol library asks for by type assertion keeps them visible.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

// server is the framework's server with a shortcut past it for deployments that
// nothing changes. The calls that come once or more for each resource borrow
// their contexts.
type server struct {
	frameworkServer
	shortcut func() *deployment.Shortcut
}

// NewServer returns the constructor of a server of protocol 6 for the provider
// with the given version.
func NewServer(version string) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		inner := providerserver.NewProtocol6(New(version)())()
		whole, ok := inner.(frameworkServer)
		if !ok {
			return inner
		}
		return &server{frameworkServer: whole, shortcut: sync.OnceValue(func() *deployment.Shortcut {
			return deployment.NewShortcut(context.Background())
		})}
	}
}

// PlanResourceChange answers for a deployment that is proposed as it is, and for
// which the resource would decide that nothing is to do; it hands on all else.
func (s *server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	if req.TypeName != TypeName+"_deployment" || !same(req.PriorState, req.ProposedNewState) {
		return borrow(ctx, req, s.frameworkServer.PlanResourceChange)
	}
	shortcut := s.shortcut()
	prior, err := req.PriorState.Unmarshal(shortcut.Type())
	if err != nil || prior.IsNull() || !shortcut.Settled(ctx, prior, req.PriorPrivate) {
		return borrow(ctx, req, s.frameworkServer.PlanResourceChange)
	}
	return &tfprotov6.PlanResourceChangeResponse{
		PlannedState:    req.PriorState,
		PlannedPrivate:  req.PriorPrivate,
		PlannedIdentity: req.PriorIdentity,
	}, nil
}

// ValidateResourceConfig implements tfprotov6.ResourceServer.
func (s *server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return borrow(ctx, req, s.frameworkServer.ValidateResourceConfig)
}

// UpgradeResourceState implements tfprotov6.ResourceServer.
func (s *server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return borrow(ctx, req, s.frameworkServer.UpgradeResourceState)
}

// ReadResource implements tfprotov6.ResourceServer.
func (s *server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return borrow(ctx, req, s.frameworkServer.ReadResource)
}

// ApplyResourceChange implements tfprotov6.ResourceServer.
func (s *server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return borrow(ctx, req, s.frameworkServer.ApplyResourceChange)
}

// same tells whether two values are encoded alike. Equal values always are: the
// CLI encodes attributes and keys in their order.
func same(a, b *tfprotov6.DynamicValue) bool {
	return a != nil && b != nil && len(a.MsgPack) > 0 && bytes.Equal(a.MsgPack, b.MsgPack)
}
