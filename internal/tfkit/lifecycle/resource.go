package lifecycle

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"

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

// Connector connects to the platform of a resource with what the provider block
// says.
type Connector func(ctx context.Context, data *tfkit.ProviderData) (platform.Deployments, error)

// Type is what is a resource type's own.
type Type struct {
	// Name is that of the type without the provider's, for example
	// "session_job".
	Name string
	// Noun is what messages call one of the type, for example "session job".
	Noun string
	// Specification are the attributes that make up the effective
	// specification, beside environment and name.
	Specification []string
	// New returns an empty model of the type.
	New     func() Data
	Connect Connector
}

// Resource implements all of a resource but its schema.
type Resource struct {
	Type

	data *tfkit.ProviderData
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

// attempt names what is tried on an object, for its errors.
func (r *Resource) attempt(verb string, ref platform.Ref) tfkit.Attempt {
	return tfkit.Attempt{
		Doing:  fmt.Sprintf("%s the %s %q in namespace %s", verb, r.Noun, ref.Name, ref.Namespace),
		Import: fmt.Sprintf("terraform import flink_%s.%s %s", r.Name, ref.Name, Identifier(tfkit.PlatformOperator, ref.Namespace, ref.Name)),
	}
}

// Identifier is the attribute id.
func Identifier(platform, namespace, name string) string {
	return fmt.Sprintf("%s/%s/%s", platform, namespace, name)
}

// Logged returns a context whose log lines name the object.
func Logged(ctx context.Context, ref platform.Ref) context.Context {
	return tfkit.WithLogger(ctx, "namespace", ref.Namespace, "name", ref.Name)
}
