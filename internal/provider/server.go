package provider

import (
	"bytes"
	"context"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/deployment"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/sessioncluster"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/sessionjob"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/streamapplication"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
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

// server is the framework's server with shortcuts past it: for valid configurations,
// for resources that nothing changes, which are most of those in most plans, and for
// those that are created. The other calls that come once or more for each resource
// borrow their contexts.
type server struct {
	frameworkServer
	// shortcuts are made when they are first asked for, by resource type.
	shortcuts map[string]func() shortcut
	// data is what the provider block gave, nil before it is configured.
	data func() *tfkit.ProviderData
	// destroying tells whether the CLI was told to destroy.
	destroying func() bool
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

// shortcut answers for resources of a type past the framework.
type shortcut interface {
	// Values is the type of the resource's values, and Version that of its schema.
	Values() tftypes.Type
	Version() int64
	// Valid tells that there is nothing to say of a configuration.
	Valid(ctx context.Context, config tftypes.Value) bool
	// Settled tells whether a plan that proposes the prior state as it is has nothing to do,
	// and returns the warnings that it has all the same.
	Settled(ctx context.Context, data *tfkit.ProviderData, prior tftypes.Value, private []byte) (diag.Diagnostics, bool)
	// Current tells whether a refresh finds what the state has. What it learns on its way is in the
	// context that it returns.
	Current(ctx context.Context, data *tfkit.ProviderData, state tftypes.Value, private []byte) (context.Context, bool)
	// PlanCreate plans what does not exist, and Create creates it.
	PlanCreate(ctx context.Context, data *tfkit.ProviderData, config, proposed tftypes.Value) (tftypes.Value, diag.Diagnostics)
	Create(ctx context.Context, data *tfkit.ProviderData, config, plan tftypes.Value) (tftypes.Value, []byte, diag.Diagnostics)
}

// shortcuts make the shortcuts past resource types, by their names without the
// provider's.
var shortcuts = map[string]func(context.Context, platform.Known) shortcut{
	"deployment":         func(ctx context.Context, on platform.Known) shortcut { return deployment.NewShortcut(ctx, on) },
	"session_cluster":    func(ctx context.Context, on platform.Known) shortcut { return sessioncluster.NewShortcut(ctx, on) },
	"session_job":        func(ctx context.Context, on platform.Known) shortcut { return sessionjob.NewShortcut(ctx, on) },
	"stream_application": func(ctx context.Context, on platform.Known) shortcut { return streamapplication.NewShortcut(ctx, on) },
}

// NewServer returns the constructor of a server of protocol 6 for the provider
// with the given version and other platforms, by the rules of New.
func NewServer(version string, others ...Offer) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		remembers := &remembering{flinkProvider: newProvider(version, others)}
		inner := providerserver.NewProtocol6(remembers)()
		whole, ok := inner.(frameworkServer)
		if !ok {
			return inner
		}
		s := &server{frameworkServer: whole, data: remembers.data.Load, destroying: destroying, shortcuts: map[string]func() shortcut{}}
		for name, construct := range shortcuts {
			s.shortcuts[TypeName+"_"+name] = sync.OnceValue(func() shortcut { return construct(context.Background(), remembers.platforms) })
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

// past answers a call about a resource type by the shortcut past it, or hands it on
// to the framework: where there is none, and where the shortcut has no answer. What
// the shortcut learns on its way is in the context that it returns.
func past[Request, Response any](
	ctx context.Context, s *server, typeName string, req *Request,
	shortcut func(context.Context, shortcut, *Request) (context.Context, *Response),
	framework func(context.Context, *Request) (*Response, error),
) (*Response, error) {
	of, ok := s.shortcuts[typeName]
	if !ok || s.stopping.Err() != nil {
		return borrow(ctx, req, framework)
	}
	ctx, cancel := s.untilStopped(ctx)
	defer cancel()
	ctx, resp := shortcut(ctx, of(), req)
	if resp != nil {
		return resp, nil
	}
	return borrow(ctx, req, framework)
}

// PlanResourceChange answers for a resource that is created, and for one that is
// proposed as it is, and for which the resource would decide that nothing is to do;
// it hands on all else. Where the CLI was told to destroy, only the plan of a destroy
// has errors.
func (s *server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	answer, err := past(ctx, s, req.TypeName, req, s.plan, s.frameworkServer.PlanResourceChange)
	if err != nil || isNull(req.ProposedNewState) || !failed(answer.Diagnostics) || !s.destroying() {
		return answer, err
	}
	return s.planForRefresh(ctx, req, answer.Diagnostics)
}

func (s *server) plan(ctx context.Context, of shortcut, req *tfprotov6.PlanResourceChangeRequest) (context.Context, *tfprotov6.PlanResourceChangeResponse) {
	switch {
	case isNull(req.PriorState) && !isNull(req.ProposedNewState):
		config, proposed, err := both(of, req.Config, req.ProposedNewState)
		if err != nil {
			break
		}
		planned, diags := of.PlanCreate(ctx, s.data(), config, proposed)
		answer, err := encoded(of, planned)
		if err != nil {
			break
		}
		return ctx, &tfprotov6.PlanResourceChangeResponse{PlannedState: answer, PlannedPrivate: req.PriorPrivate, Diagnostics: said(diags)}
	case same(req.PriorState, req.ProposedNewState):
		prior, err := req.PriorState.Unmarshal(of.Values())
		if err != nil || prior.IsNull() {
			break
		}
		warnings, settled := of.Settled(ctx, s.data(), prior, req.PriorPrivate)
		if !settled {
			break
		}
		return ctx, &tfprotov6.PlanResourceChangeResponse{
			PlannedState: req.PriorState, PlannedPrivate: req.PriorPrivate, PlannedIdentity: req.PriorIdentity, Diagnostics: said(warnings),
		}
	}
	return ctx, nil
}

// ValidateResourceConfig answers for a configuration of which there is nothing to
// say, and hands on all else. Where the CLI was told to destroy, nothing is an error.
func (s *server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	answer, err := past(ctx, s, req.TypeName, req, validate, s.frameworkServer.ValidateResourceConfig)
	if err == nil && failed(answer.Diagnostics) && s.destroying() {
		answer.Diagnostics = withoutErrors(answer.Diagnostics)
	}
	return answer, err
}

func validate(ctx context.Context, of shortcut, req *tfprotov6.ValidateResourceConfigRequest) (context.Context, *tfprotov6.ValidateResourceConfigResponse) {
	if req.Config == nil {
		return ctx, nil
	}
	config, err := req.Config.Unmarshal(of.Values())
	if err != nil || !of.Valid(ctx, config) {
		return ctx, nil
	}
	return ctx, &tfprotov6.ValidateResourceConfigResponse{}
}

// formerAttributes lets a state have attributes that the schema lacks by now.
var formerAttributes = tfprotov6.UnmarshalOpts{ValueFromJSONOpts: tftypes.ValueFromJSONOpts{IgnoreUndefinedAttributes: true}}

// UpgradeResourceState answers for a state of the schema's own version, and hands
// on all else. The framework makes the type of all attributes anew for each state.
// A state that is as the schema has it goes back as it is.
func (s *server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return past(ctx, s, req.TypeName, req, upgrade, s.frameworkServer.UpgradeResourceState)
}

func upgrade(ctx context.Context, of shortcut, req *tfprotov6.UpgradeResourceStateRequest) (context.Context, *tfprotov6.UpgradeResourceStateResponse) {
	if req.RawState == nil || req.Version != of.Version() {
		return ctx, nil
	}
	if fits(req.RawState.JSON, of.Values()) {
		return ctx, &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &tfprotov6.DynamicValue{JSON: req.RawState.JSON}}
	}
	state, err := req.RawState.UnmarshalWithOpts(of.Values(), formerAttributes)
	if err != nil {
		return ctx, nil
	}
	upgraded, err := encoded(of, state)
	if err != nil {
		return ctx, nil
	}
	return ctx, &tfprotov6.UpgradeResourceStateResponse{UpgradedState: upgraded}
}

// ReadResource answers for a resource that the cluster has as the state does,
// and hands on all else.
func (s *server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return past(ctx, s, req.TypeName, req, s.read, s.frameworkServer.ReadResource)
}

func (s *server) read(ctx context.Context, of shortcut, req *tfprotov6.ReadResourceRequest) (context.Context, *tfprotov6.ReadResourceResponse) {
	if bytes.Contains(req.Private, importing) {
		return ctx, nil
	}
	state, err := req.CurrentState.Unmarshal(of.Values())
	if err != nil || state.IsNull() {
		return ctx, nil
	}
	ctx, current := of.Current(ctx, s.data(), state, req.Private)
	if !current {
		return ctx, nil
	}
	return ctx, &tfprotov6.ReadResourceResponse{NewState: req.CurrentState, Private: req.Private, NewIdentity: req.CurrentIdentity}
}

// ApplyResourceChange creates what does not exist, and hands on all else.
func (s *server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return past(ctx, s, req.TypeName, req, s.create, s.frameworkServer.ApplyResourceChange)
}

func (s *server) create(ctx context.Context, of shortcut, req *tfprotov6.ApplyResourceChangeRequest) (context.Context, *tfprotov6.ApplyResourceChangeResponse) {
	if !isNull(req.PriorState) || isNull(req.PlannedState) {
		return ctx, nil
	}
	config, plan, err := both(of, req.Config, req.PlannedState)
	if err != nil {
		return ctx, nil
	}
	state, private, diags := of.Create(ctx, s.data(), config, plan)
	answer, err := encoded(of, state)
	if err != nil {
		// An error of the call would drop the private state, which has the uid.
		diags.AddError("The state cannot be encoded", tfkit.Sentence(err.Error()))
		answer = req.PlannedState
	}
	return ctx, &tfprotov6.ApplyResourceChangeResponse{NewState: answer, Private: private, Diagnostics: said(diags)}
}

// untilStopped returns a context that ends when the CLI stops the provider.
func (s *server) untilStopped(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(s.stopping, cancel)
	return ctx, func() {
		unhook()
		cancel()
	}
}
