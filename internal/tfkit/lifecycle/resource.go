package lifecycle

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// How long the operations may take when the attribute timeouts does not say
// it: pulling images and starting a JVM for a create, a stop with savepoint and
// possibly a rollback on top of that for an update, a savepoint for a delete.
const (
	createTimeout = 20 * time.Minute
	updateTimeout = 30 * time.Minute
	deleteTimeout = 15 * time.Minute
)

// Type is what is a resource type's own.
type Type struct {
	// Name is that of the type without the provider's, for example
	// "session_job".
	Name string
	// Kind is what messages call one of the type, for example "session job", and
	// what a platform has to have for it.
	Kind platform.Kind
	// PartOf is what messages call the resource that has several of the type within, empty for a
	// resource of its own.
	PartOf platform.Kind
	// Platforms are those that a resource may be on.
	Platforms platform.Known
	// RunsOn is the attribute that names the cluster which runs the job, empty
	// for a type with a cluster of its own.
	RunsOn string
	// Refuses returns the error of an import of an object that is described by
	// of and has a specification which is not one of the type, nil for one that is.
	Refuses func(of string, spec flink.DeploymentSpec) diag.Diagnostic
	// New returns an empty model.
	New func() Data
}

// On is the type on some platforms.
func (t Type) On(platforms platform.Known) Type {
	t.Platforms = platforms
	return t
}

// target is where the object of a model is and how it is reached, without what else its
// environment says, which only an expansion needs. Every value of it must be known.
func (t Type) target(m *Model) (tfkit.Target, diag.Diagnostics) {
	return m.Environment.Reach(t.Platforms, t.offered(), path.Root("environment"))
}

// offered is what a platform has to have: one may have the type only as a part of another.
func (t Type) offered() platform.Kind {
	if t.PartOf != "" {
		return t.PartOf
	}
	return t.Kind
}

// Resource implements all of a resource but its schema.
type Resource struct {
	Type

	data *tfkit.ProviderData
	// held ends when what creates the thing as a part of it ends, nil for a resource of its own.
	held <-chan struct{}
}

// identity are the attributes that say which object a resource of the type is.
func (t Type) identity() []tfkit.Identifying {
	out := append(tfkit.EnvironmentIdentity(t.Platforms), tfkit.Identifying{At: []string{"name"}})
	if t.RunsOn != "" {
		out = append(out, tfkit.Identifying{At: []string{t.RunsOn}})
	}
	return out
}

// Full is what the resources implement.
type Full interface {
	resource.ResourceWithConfigure
	resource.ResourceWithImportState
	resource.ResourceWithModifyPlan
}

// Metadata names the resource type.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + r.Name
}

// Configure takes what the provider block gave.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	data, diags := tfkit.Configured(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	r.data = data
}

// connect returns the objects of the type on the platform of a target.
func (r *Resource) connect(ctx context.Context, target tfkit.Target) (platform.Deployments, error) {
	connected, err := r.data.At(ctx, target)
	if err != nil {
		return nil, err
	}
	return connected.Deployments(r.Kind), nil
}

// attempt names what is tried on the object of an id, for its errors.
func (r *Resource) attempt(verb string, ref platform.Ref, id string) tfkit.Attempt {
	attempt := tfkit.Attempt{Doing: fmt.Sprintf("%s the %s %q in %s", verb, r.Kind, ref.Name, tfkit.WhereOf(r.Platforms, id))}
	if r.PartOf == "" {
		// A part is imported with its whole alone.
		attempt.Import = fmt.Sprintf("terraform import flink_%s.%s %s", r.Name, ref.Name, id)
	}
	return attempt
}

// Logged returns a context whose log lines name the object.
func Logged(ctx context.Context, ref platform.Ref) context.Context {
	return tfkit.WithLogger(ctx, "namespace", ref.Namespace, "name", ref.Name)
}
