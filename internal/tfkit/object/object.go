// Package object is the life of a Terraform resource whose object a platform
// keeps as it is told (platform.Objects): plan, create, read, update in place,
// delete and import. A resource type adds its schema and its data.
package object

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Full is what a resource of this package is to the framework.
type Full interface {
	resource.ResourceWithConfigure
	resource.ResourceWithModifyPlan
	resource.ResourceWithImportState
	resource.ResourceWithIdentity
}

// Type is what is a resource type's own.
type Type[T any] struct {
	// Name is the type's without the provider's, for example "compute_pool", and
	// Noun the same in a sentence.
	Name, Noun string
	// Platforms are the names of those that have such objects.
	Platforms []string
	// New returns empty data.
	New func() Data[T]
	// Schema is the resource's; Attributes are a part of it.
	Schema func(ctx context.Context, t Type[T]) schema.Schema
	// Parent is what the objects are in, and Unplaced are the platforms on which they are
	// in nothing all the same.
	Parent   Parent
	Unplaced []string
	// Immutable are attributes, beside those that say where the object is, whose
	// change replaces the resource.
	Immutable []string
	// Told are the attributes that the platform says, beside labels and
	// annotations, Computed those of them that nobody configures, and Planned the
	// attributes that a plan says.
	Told, Computed, Planned []string
	// Of connects to the objects of a platform.
	Of Connect[T]
	// Lacks returns what custom resources do not have of what the data asks for; nil where they
	// have all.
	Lacks func(Data[T]) diag.Diagnostics
}

// Connect connects to the objects of the platform of a target, in the way that it says.
type Connect[T any] func(ctx context.Context, data *tfkit.ProviderData, on tfkit.Target) (platform.Objects[T], error)

// OfSQL connects to objects of a platform that runs SQL statements.
func OfSQL[T any](of func(platform.SQL) platform.Objects[T]) Connect[T] {
	return func(ctx context.Context, data *tfkit.ProviderData, on tfkit.Target) (platform.Objects[T], error) {
		connected, err := data.ConnectSQL(ctx, on)
		if err != nil {
			return nil, err
		}
		return of(connected), nil
	}
}

// Parent is what objects are in: nothing, an environment, or a catalog.
type Parent string

// Values of Parent.
const (
	Nothing       Parent = ""
	InEnvironment Parent = "environment"
	InCatalog     Parent = "catalog"
)

// Data is the data of a resource: a struct whose fields tfkit.Decode fills.
type Data[T any] interface {
	// Shared returns what every resource of this package has.
	Shared() *Common
	// Want returns the object that the data asks for.
	Want() (T, diag.Diagnostics)
	// Take puts in what the platform has. It keeps what means the same in other
	// words.
	Take(observed T) diag.Diagnostics
}

// WriteOnly is data with values that only a configuration has.
type WriteOnly interface {
	// TakeWriteOnly puts in the values of a configuration, before they are written.
	TakeWriteOnly(ctx context.Context, config tftypes.Value) diag.Diagnostics
}

// Troubled is data of what may not do what it shall.
type Troubled interface {
	// Trouble says so after a refresh, nil for nothing.
	Trouble() diag.Diagnostics
}

// Common is the data that every resource of this package has. Nil is null.
type Common struct {
	ID          *string           `tfsdk:"id"`
	Environment *place            `tfsdk:"environment"`
	Through     *through          `tfsdk:"through"`
	Catalog     *string           `tfsdk:"catalog"`
	Name        *string           `tfsdk:"name"`
	Labels      map[string]string `tfsdk:"labels"`
	Annotations map[string]string `tfsdk:"annotations"`
	Timeouts    timeouts.Value    `tfsdk:"timeouts"`
}

// Shared implements Data for what embeds it.
func (c *Common) Shared() *Common { return c }

// Ref names the object.
func (c *Common) Ref() platform.Ref {
	ref := platform.Ref{Namespace: ptr.Deref(c.Catalog, ""), Name: ptr.Deref(c.Name, "")}
	if c.Environment != nil {
		ref.Namespace = ptr.Deref(c.Environment.Name, "")
	}
	return ref
}

// Described is what the data asks for.
func (c *Common) Described() platform.Described {
	return platform.Described{Ref: c.Ref(), Labels: c.Labels, Annotations: c.Annotations}
}

// TakeDescribed puts in what the platform has, also what others have said. Empty and
// absent are one.
func (c *Common) TakeDescribed(observed platform.Described) {
	c.Labels, c.Annotations = textsOr(observed.Labels, c.Labels), textsOr(observed.Annotations, c.Annotations)
}

// leaveOthers takes out the labels and annotations that are not of this resource: what
// it was known to have is known.
func (c *Common) leaveOthers(known Common) {
	c.Labels, c.Annotations = among(c.Labels, known.Labels), among(c.Annotations, known.Annotations)
}

// among returns those of the observed values whose keys are known.
func among(observed, known map[string]string) map[string]string {
	if len(known) == 0 {
		return known
	}
	out := map[string]string{}
	for key := range known {
		if value, has := observed[key]; has {
			out[key] = value
		}
	}
	return out
}

func textsOr(observed, known map[string]string) map[string]string {
	if len(observed) == 0 && len(known) == 0 {
		return known
	}
	return observed
}

// on returns the name of the object's platform.
func (t Type[T]) on(c *Common) string {
	if c.Environment != nil {
		return ptr.Deref(c.Environment.Platform, "")
	}
	return t.Platforms[0]
}

// target is the object's platform, and how its environment says that it is reached.
func (t Type[T]) target(c *Common) tfkit.Target {
	var settings *string
	switch {
	case c.Environment != nil:
		settings = c.Environment.Settings
	case c.Through != nil:
		settings = c.Through.Settings
	}
	return tfkit.Target{Platform: t.on(c), Settings: defaults.WayOf(ptr.Deref(settings, ""))}
}

// parent is what the objects of a platform are in.
func (t Type[T]) parent(on string) Parent {
	if slices.Contains(t.Unplaced, on) {
		return Nothing
	}
	return t.Parent
}

// platforms are those on which the objects are in this.
func (t Type[T]) platforms(parent Parent) []string {
	return slices.DeleteFunc(slices.Clone(t.Platforms), func(on string) bool { return t.parent(on) != parent })
}

// id is the attribute id of an object.
func id(on string, ref platform.Ref) string {
	parts := []string{on}
	if ref.Namespace != "" {
		parts = append(parts, ref.Namespace)
	}
	return strings.Join(append(parts, ref.Name), "/")
}

// id is the attribute id of what data is about.
func (t Type[T]) id(of Data[T]) string { return id(t.on(of.Shared()), of.Shared().Ref()) }

// places are the attributes that say where the object is.
func (t Type[T]) places() []tfkit.Identifying {
	var out []tfkit.Identifying
	switch t.Parent {
	case Nothing:
	case InEnvironment:
		out = placeIdentity()
	case InCatalog:
		out = []tfkit.Identifying{{At: []string{"catalog"}}}
	}
	return append(out, tfkit.Identifying{At: []string{"name"}})
}

// identifying are the attributes whose change replaces the resource.
func (t Type[T]) identifying() []tfkit.Identifying {
	out := t.places()
	for _, name := range t.Immutable {
		out = append(out, tfkit.Identifying{At: []string{name}})
	}
	return out
}

// placed tells whether a plan says where the object is.
func (t Type[T]) placed(raw tftypes.Value) bool {
	for _, attribute := range t.places() {
		if !attribute.KnownIn(raw) {
			return false
		}
	}
	return true
}

// attempt names what is tried on an object, for its errors.
func (t Type[T]) attempt(verb string, of Data[T]) tfkit.Attempt {
	ref := of.Shared().Ref()
	doing := fmt.Sprintf("%s the %s %q", verb, t.Noun, ref.Name)
	if ref.Namespace != "" {
		doing += fmt.Sprintf(" in %s %s", t.Parent, ref.Namespace)
	}
	return tfkit.Attempt{Doing: doing, Import: fmt.Sprintf("terraform import flink_%s.<name> %s", t.Name, t.id(of))}
}
