// Package environment is the Terraform resource flink_environment.
package environment

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

var (
	_ resource.ResourceWithConfigure      = (*Resource)(nil)
	_ resource.ResourceWithValidateConfig = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan     = (*Resource)(nil)
	_ resource.ResourceWithImportState    = (*Resource)(nil)
	_ resource.ResourceWithIdentity       = (*Resource)(nil)
)

// Default timeouts. Creating and updating are a handful of requests, and the
// rest is room for an API server that is busy or away for a moment; a namespace
// is gone when all its pods have ended, each of which may take its grace period.
const (
	createTimeout = 5 * time.Minute
	updateTimeout = 5 * time.Minute
	deleteTimeout = 15 * time.Minute
)

// Resource is flink_environment.
type Resource struct {
	data      *tfkit.ProviderData
	platforms platform.Known
}

// NewResource returns the resource flink_environment on some platforms.
func NewResource(platforms platform.Known) resource.Resource { return &Resource{platforms: platforms} }

// connect returns the environments of a platform, in the way that settings say.
func connect(ctx context.Context, data *tfkit.ProviderData, name string, by defaults.Settings) (platform.Environments, error) {
	connected, err := data.At(ctx, tfkit.Target{Platform: name, Settings: by})
	if err != nil {
		return nil, err
	}
	return connected.Environments(), nil
}

// typeName is the name of the type without the provider's.
const typeName = "environment"

// Metadata names the type.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + typeName
}

// Configure takes what the provider hands on.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	data, diags := tfkit.Configured(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	r.data = data
}

// Create creates what the environment needs on its platform.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(tfkit.Decode(ctx, req.Plan, &plan)...)
	timeout, diags := plan.Timeouts.Create(ctx, createTimeout)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(plan.complete(r.platforms)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := begin(ctx, plan, timeout)
	defer cancel()
	attempt := tfkit.Attempt{
		Doing:  fmt.Sprintf("create the environment %q", ptr.Deref(plan.Name, "")),
		Import: fmt.Sprintf("terraform import flink_environment.<name> %s", ptr.Deref(plan.ID, "")),
	}
	environments, err := connect(ctx, r.data, ptr.Deref(plan.Platform, ""), plan.way())
	if err != nil {
		resp.Diagnostics.Append(attempt.Diagnostics(err)...)
		return
	}
	observed, err := environments.Apply(ctx, plan.want(), nil)
	if observed != nil {
		// Even when a part of it failed: what exists must not be forgotten.
		resp.State.Raw, diags = tfkit.EncodeInto(ctx, req.Plan.Raw, plan, computed...)
		resp.Diagnostics.Append(diags...)
		resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity(r.platforms))...)
		resp.Diagnostics.Append(remember(ctx, resp.Private, observed, observed.Unkept != nil)...)
		resp.Diagnostics.Append(unkeptWarning(plan, observed)...)
	}
	if err != nil {
		resp.Diagnostics.Append(attempt.Diagnostics(err)...)
	}
}

// Read looks for what the environment has on its platform.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(tfkit.Decode(ctx, tfsdk.Plan(req.State), &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// The framework asks for the identity even of what is gone, and a CLI before
	// 1.12 does not keep it.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity(r.platforms))...)
	r.data.NoteRefresh(typeName, ptr.Deref(state.ID, ""))
	ctx = withLogger(ctx, state)
	known, diags := recall(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	observed, err := r.read(ctx, state, known.of(state))
	if absent(err) {
		resp.State.RemoveResource(ctx)
		return
	}
	if warning, refused := tfkit.Refused(err); refused {
		resp.Diagnostics.Append(warning)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(tfkit.Attempt{Doing: fmt.Sprintf("read the environment %q", ptr.Deref(state.Name, ""))}.Diagnostics(err)...)
		return
	}
	if replaced(known, observed) {
		resp.State.RemoveResource(ctx)
		return
	}
	state.drift(observed, known, placedByName(r.platforms, state.Platform))
	resp.State.Raw, diags = tfkit.EncodeInto(ctx, req.State.Raw, state, "settings", "missing", "operator", onCloudflow)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(remember(ctx, resp.Private, observed, known.Unkept)...)
}

func (r *Resource) read(ctx context.Context, state model, want platform.Environment) (*platform.ObservedEnvironment, error) {
	environments, err := connect(ctx, r.data, ptr.Deref(state.Platform, ""), state.way())
	if err != nil {
		return nil, err
	}
	return environments.Read(ctx, want)
}

// Update applies what has changed on the platform, which also keeps the settings
// for others.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state model
	resp.Diagnostics.Append(tfkit.Decode(ctx, req.Plan, &plan)...)
	resp.Diagnostics.Append(tfkit.Decode(ctx, tfsdk.Plan(req.State), &state)...)
	timeout, diags := plan.Timeouts.Update(ctx, updateTimeout)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(plan.complete(r.platforms)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if ptr.Deref(plan.ID, "") != ptr.Deref(state.ID, "") {
		resp.Diagnostics.Append(notPlannedAsReplaced(&state, path.Root(r.platforms.PlacedBy(ptr.Deref(plan.Platform, r.platforms.Default())))))
		return
	}
	if plan.target() != state.target() {
		resp.Diagnostics.Append(notPlannedAsReplaced(&state, path.Root(onVerverica).AtName("deployment_target")))
		return
	}
	// Values that were unknown at plan are checked only here.
	resp.Diagnostics.Append(checkOwnership(state, plan)...)
	_, diags = changeOfWay(plan, state)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := begin(ctx, plan, timeout)
	defer cancel()
	if len(state.Missing) > 0 || !reflect.DeepEqual(plan.want(), state.want()) {
		attempt := tfkit.Attempt{Doing: fmt.Sprintf("update the environment %q", ptr.Deref(plan.Name, ""))}
		environments, err := connect(ctx, r.data, ptr.Deref(plan.Platform, ""), plan.way())
		if err != nil {
			resp.Diagnostics.Append(attempt.Diagnostics(err)...)
			return
		}
		known, diags := recall(ctx, req.Private)
		resp.Diagnostics.Append(diags...)
		if resp.Diagnostics.HasError() {
			return
		}
		previous := known.of(state)
		observed, err := environments.Apply(ctx, plan.want(), &previous)
		if err != nil {
			resp.Diagnostics.Append(attempt.Diagnostics(err)...)
			return
		}
		resp.Diagnostics.Append(remember(ctx, resp.Private, observed, observed.Unkept != nil)...)
		resp.Diagnostics.Append(unkeptWarning(plan, observed)...)
	}
	resp.State.Raw, diags = tfkit.EncodeInto(ctx, req.Plan.Raw, plan, computed...)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity(r.platforms))...)
}

// Delete removes what Create made. The platform refuses it while Flink
// resources are in the environment.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(tfkit.Decode(ctx, tfsdk.Plan(req.State), &state)...)
	timeout, diags := state.Timeouts.Delete(ctx, deleteTimeout)
	resp.Diagnostics.Append(diags...)
	known, diags := recall(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := begin(ctx, state, timeout)
	defer cancel()
	environments, err := connect(ctx, r.data, ptr.Deref(state.Platform, ""), state.way())
	if err == nil {
		err = environments.Delete(ctx, known.of(state))
	}
	if err != nil && !absent(err) {
		resp.Diagnostics.Append(tfkit.Attempt{Doing: fmt.Sprintf("destroy the environment %q", ptr.Deref(state.Name, ""))}.Diagnostics(err)...)
	}
}

// begin bounds an operation and gives the lower layers their logger.
func begin(ctx context.Context, m model, timeout time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(withLogger(ctx, m), timeout)
}

func withLogger(ctx context.Context, m model) context.Context {
	return tfkit.WithLogger(ctx, "environment", ptr.Deref(m.Name, ""), "namespace", ptr.Deref(m.Namespace, ""))
}

// computed are the attributes that complete fills.
var computed = []string{"id", "namespace", "settings", "missing"}

// complete fills the computed attributes that were unknown at plan. The plan has
// said the warnings.
func (m *model) complete(platforms platform.Known) diag.Diagnostics {
	if m.Namespace == nil {
		m.Namespace = m.Name
	}
	environmentID := id(ptr.Deref(m.Platform, ""), m.place(platforms))
	m.ID = &environmentID
	settings, diags := m.settings(platforms, ptr.Deref(m.Platform, ""), ptr.Deref(m.Namespace, ""))
	m.Settings = &settings
	m.Missing = []string{}
	return diags.Errors()
}

// drift puts what was observed into a state, so that the next plan repairs it.
// What is configured stays: it says what is the environment's own. Settings that
// could not be kept are not missed.
func (m *model) drift(observed *platform.ObservedEnvironment, known private, byName bool) {
	if observed.Settings != nil && !known.Unkept {
		m.Settings = observed.Settings
	}
	m.Missing = append([]string{}, observed.Missing...)
	if known.UID == "" && observed.NamespaceUID == "" && m.createNamespace() && !byName {
		// An import finds a namespace of others.
		if ptr.Deref(m.Platform, "") == onCloudflow {
			block := m.onIt()
			block.CreateNamespace = new(false)
			m.Cloudflow = &block
			return
		}
		operator := operatorModel{}
		if m.Operator != nil {
			operator = *m.Operator
		}
		operator.CreateNamespace = new(false)
		m.Operator = &operator
	}
}

// absent tells whether an error says that the environment is gone. Every other
// error leaves the question open.
func absent(err error) bool {
	var notFound *platform.NotFoundError
	return errors.As(err, &notFound)
}
