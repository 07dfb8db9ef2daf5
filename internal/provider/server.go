package provider

import (
	"bytes"
	"context"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/flink-terraform/terraform-provider-flink/internal/resources/deployment"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/sessioncluster"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/sessionjob"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

// frameworkServer is all that the framework's server can do. Naming the parts
// that the protocol library asks for by type assertion keeps them visible.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

// importing marks the private state of a resource whose import goes on with this
// read. The framework takes the mark away.
var importing = []byte(`".import_before_read"`)

// server is the framework's server with shortcuts past it for resources that
// nothing changes, which are most of those in most plans. The calls that come once or more for each resource borrow
// their contexts.
type server struct {
	frameworkServer
	// shortcuts are made when they are first asked for, by resource type.
	shortcuts map[string]func() *lifecycle.Shortcut
	// data is what the provider block gave, nil before it is configured.
	data func() *tfkit.ProviderData
	// stopping ends when the CLI is interrupted.
	stopping context.Context //nolint:containedctx // It lives as long as the server.
	stop     context.CancelFunc
}

// remembering is the provider, which remembers what its configuration gave.
type remembering struct {
	*flinkProvider
	data atomic.Pointer[tfkit.ProviderData]
}

// Configure implements provider.Provider.
func (p *remembering) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	p.flinkProvider.Configure(ctx, req, resp)
	data, diags := tfkit.Configured(resp.ResourceData)
	resp.Diagnostics.Append(diags...)
	p.data.Store(data)
}

// shortcuts make the shortcuts past resource types, by their names without the
// provider's.
var shortcuts = map[string]func(context.Context) *lifecycle.Shortcut{
	"deployment":      deployment.NewShortcut,
	"session_cluster": sessioncluster.NewShortcut,
	"session_job":     sessionjob.NewShortcut,
}

// NewServer returns the constructor of a server of protocol 6 for the provider
// with the given version.
func NewServer(version string) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		remembers := &remembering{flinkProvider: &flinkProvider{version: version}}
		inner := providerserver.NewProtocol6(remembers)()
		whole, ok := inner.(frameworkServer)
		if !ok {
			return inner
		}
		s := &server{frameworkServer: whole, data: remembers.data.Load, shortcuts: map[string]func() *lifecycle.Shortcut{}}
		for name, construct := range shortcuts {
			s.shortcuts[TypeName+"_"+name] = sync.OnceValue(func() *lifecycle.Shortcut { return construct(context.Background()) })
		}
		s.stopping, s.stop = context.WithCancel(context.Background())
		return s
	}
}

// StopProvider ends what the shortcuts wait for, as the framework does with its
// own calls.
func (s *server) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	s.stop()
	return s.frameworkServer.StopProvider(ctx, req)
}

// PlanResourceChange answers for a resource that is proposed as it is, and for
// which the resource would decide that nothing is to do; it hands on all else.
func (s *server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	past, ok := s.shortcuts[req.TypeName]
	if !ok || !same(req.PriorState, req.ProposedNewState) {
		return borrow(ctx, req, s.frameworkServer.PlanResourceChange)
	}
	shortcut := past()
	prior, err := req.PriorState.Unmarshal(shortcut.Values())
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

// ReadResource answers for a resource that the cluster has as the state does,
// and hands on all else.
func (s *server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	past, ok := s.shortcuts[req.TypeName]
	if !ok || bytes.Contains(req.Private, importing) || s.stopping.Err() != nil {
		return borrow(ctx, req, s.frameworkServer.ReadResource)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.stopping, cancel)() //nolint:contextcheck // the call ends when Terraform stops the provider
	shortcut := past()
	state, err := req.CurrentState.Unmarshal(shortcut.Values())
	if err != nil || state.IsNull() {
		return borrow(ctx, req, s.frameworkServer.ReadResource)
	}
	ctx, current := shortcut.Current(ctx, s.data(), state, req.Private)
	if !current {
		return borrow(ctx, req, s.frameworkServer.ReadResource)
	}
	return &tfprotov6.ReadResourceResponse{NewState: req.CurrentState, Private: req.Private, NewIdentity: req.CurrentIdentity}, nil
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
