package tfkit

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// ProviderData is what the provider's Configure hands on to the resources. One
// is shared by all of them.
type ProviderData struct {
	// Platforms connect to the platforms, by their names.
	Platforms map[string]platform.Connect
	// SQL connects to the platforms that run SQL statements, by their names.
	SQL map[string]platform.ConnectSQL
	// Secrets connects to the secrets of the platforms that have any, by their names.
	Secrets map[string]platform.ConnectSecrets
	// CustomResources connects to the platforms that are also reached by custom resources, by
	// their names.
	CustomResources map[string]platform.ConnectCustomResources
	// Topics connects to what makes the topics of stream applications, and Schemas to their
	// schema registries; nil where the provider offers none.
	Topics  platform.ConnectTopics
	Schemas platform.ConnectSchemas
	// NeverOnline plans without asking a platform whether it would take what is
	// planned.
	NeverOnline bool

	mutex sync.Mutex
	// refreshed are the objects that this run has refreshed.
	refreshed map[string]bool
	// nativeOnly says, by the jobs that this run has planned, why one can have no
	// savepoint in canonical format.
	nativeOnly map[string]string
	// unchecked is the one warning that a cluster was not asked.
	unchecked sync.Once
}

// UnknownConfigError says that attributes of the provider block get their
// values only when other resources are applied.
type UnknownConfigError struct{ Attributes []string }

func (e *UnknownConfigError) Error() string {
	return fmt.Sprintf("The provider block's %s is not known yet: its value comes from a resource that is not applied.", strings.Join(e.Attributes, ", "))
}

// Platform connects to the platform of a name. An error is a *UnknownConfigError,
// or says why the configuration of the connection cannot be used.
func (d *ProviderData) Platform(ctx context.Context, name string) (platform.Platform, error) {
	connect, ok := d.Platforms[name]
	if !ok {
		return nil, fmt.Errorf("the provider is not configured for the platform %q", name)
	}
	return connect(ctx)
}

// ConnectSQL connects to what runs SQL statements on the platform of a target, in the way
// that its environment says. An error is like that of Platform.
func (d *ProviderData) ConnectSQL(ctx context.Context, on Target) (platform.SQL, error) {
	if on.Settings.CustomResources != nil {
		return d.byCustomResources(ctx, on)
	}
	connect, ok := d.SQL[on.Platform]
	if !ok {
		return nil, fmt.Errorf("the provider is not configured for the platform %q", on.Platform)
	}
	return connect(ctx)
}

// ConnectSecrets connects to the secrets of the platform of a target, like ConnectSQL.
func (d *ProviderData) ConnectSecrets(ctx context.Context, on Target) (platform.Objects[platform.Secret], error) {
	if on.Settings.CustomResources != nil {
		connected, err := d.byCustomResources(ctx, on)
		if err != nil {
			return nil, err
		}
		return connected.Secrets(), nil
	}
	connect, ok := d.Secrets[on.Platform]
	if !ok {
		return nil, fmt.Errorf("the provider is not configured for the platform %q", on.Platform)
	}
	return connect(ctx)
}

// At connects to the platform of a target, in the way that its environment says. An error is
// like that of Platform.
func (d *ProviderData) At(ctx context.Context, on Target) (platform.Platform, error) {
	if on.Settings.CustomResources != nil {
		return d.byCustomResources(ctx, on)
	}
	return d.Platform(ctx, on.Platform)
}

func (d *ProviderData) byCustomResources(ctx context.Context, on Target) (platform.ByCustomResources, error) {
	connect, ok := d.CustomResources[on.Platform]
	if !ok {
		return nil, fmt.Errorf("the platform %q is not reached by custom resources", on.Platform)
	}
	return connect(ctx, on.Settings)
}

// NoteRefresh remembers that an object of a resource type is refreshed in this
// run. Only the run that makes a plan refreshes; the one that applies it does not.
func (d *ProviderData) NoteRefresh(kind, id string) {
	if d == nil {
		return
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.refreshed == nil {
		d.refreshed = map[string]bool{}
	}
	d.refreshed[kind+" "+id] = true
}

// Refreshed tells whether this run has refreshed an object of a resource type. A
// provider that is not configured applies nothing, so there it need not have.
func (d *ProviderData) Refreshed(kind, id string) bool {
	if d == nil {
		return true
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return d.refreshed[kind+" "+id]
}

// NoteNativeOnly remembers why the job of a resource type that this run plans can have
// no savepoint in canonical format (flink.NativeOnly), empty for one that can. Terraform
// plans a job before the savepoints that refer to it.
func (d *ProviderData) NoteNativeOnly(kind, id, why string) {
	if d == nil {
		return
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.nativeOnly == nil {
		d.nativeOnly = map[string]string{}
	}
	d.nativeOnly[kind+" "+id] = why
}

// NativeOnly is what NoteNativeOnly was told of a job, empty for one that this run has
// not planned.
func (d *ProviderData) NativeOnly(kind, id string) string {
	if d == nil {
		return ""
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return d.nativeOnly[kind+" "+id]
}

// Configured returns what the provider's Configure handed on. It is nil before
// the provider is configured, as when Terraform only validates.
func Configured(data any) (*ProviderData, diag.Diagnostics) {
	if data == nil {
		return nil, nil
	}
	typed, ok := data.(*ProviderData)
	if !ok {
		return nil, diag.Diagnostics{diag.NewErrorDiagnostic("The provider handed on an unexpected configuration",
			fmt.Sprintf("Expected %T and got %T. This is a bug in the provider; please report it.", typed, data))}
	}
	return typed, nil
}
