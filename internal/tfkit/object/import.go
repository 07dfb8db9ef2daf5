package object

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// IdentitySchema is what tells one object from another.
func (r *Resource[T]) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	attributes := map[string]identityschema.Attribute{
		"platform": identityschema.StringAttribute{OptionalForImport: true, Description: "The Flink platform. Default: " + r.Platforms[0] + "."},
		"name":     identityschema.StringAttribute{RequiredForImport: true, Description: "The name of the " + r.Noun + "."},
	}
	if r.Parent != Nothing {
		optional := len(r.Unplaced) > 0
		attributes[string(r.Parent)] = identityschema.StringAttribute{
			RequiredForImport: !optional, OptionalForImport: optional, Description: "The name of the " + string(r.Parent) + " that it is in.",
		}
	}
	resp.IdentitySchema = identityschema.Schema{Attributes: attributes}
}

// identify writes the identity of an object. There is none with a CLI that does
// not know identities.
func (r *Resource[T]) identify(ctx context.Context, identity *tfsdk.ResourceIdentity, data Data[T]) diag.Diagnostics {
	return r.identifyAs(ctx, identity, r.on(data.Shared()), data.Shared().Ref())
}

func (r *Resource[T]) identifyAs(ctx context.Context, identity *tfsdk.ResourceIdentity, on string, ref platform.Ref) diag.Diagnostics {
	diags := identity.SetAttribute(ctx, path.Root("platform"), on)
	diags.Append(identity.SetAttribute(ctx, path.Root("name"), ref.Name)...)
	if r.parent(on) != Nothing {
		diags.Append(identity.SetAttribute(ctx, path.Root(string(r.Parent)), ref.Namespace)...)
	}
	return diags
}

// ImportState takes the id of an object, or its identity. The refresh that follows
// fills in the rest.
func (r *Resource[T]) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	whole, resources := tfkit.CutCustomResources(req.ID)
	on, ref, ok := r.parse(whole)
	if req.ID == "" && req.Identity != nil {
		var given *string
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("platform"), &given)...)
		if on = r.Platforms[0]; given != nil {
			on = *given
		}
		ok = slices.Contains(r.Platforms, on)
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("name"), &ref.Name)...)
		if r.Parent != Nothing {
			var in *string
			resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root(string(r.Parent)), &in)...)
			ref.Namespace = ptr.Deref(in, "")
		}
		ok = ok && (ref.Namespace != "") == (r.parent(on) != Nothing)
	}
	if !ok {
		resp.Diagnostics.AddError(fmt.Sprintf("The import id is not one of a %s", r.Noun), fmt.Sprintf("The id %q does not have the form %s.", req.ID, r.IDForm()))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(r.identifyAs(ctx, resp.Identity, on, ref)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id(on, ref))...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), ref.Name)...)
	if resources != "" && r.parent(on) != InEnvironment {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("through").AtName("settings"), tfkit.BySettings("", resources))...)
	}
	switch r.parent(on) {
	case Nothing:
	case InCatalog:
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("catalog"), ref.Namespace)...)
	case InEnvironment:
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("environment").AtName("platform"), on)...)
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("environment").AtName("name"), ref.Namespace)...)
		if resources != "" {
			resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("environment").AtName("settings"), tfkit.BySettings(ref.Namespace, resources))...)
		}
	}
}

// IDForm says how the attribute id is made.
func (t Type[T]) IDForm() string {
	var forms []string
	if alone := t.platforms(Nothing); len(alone) > 0 {
		forms = append(forms, strings.Join(alone, "|")+"/<name>")
	}
	if t.Parent != Nothing {
		forms = append(forms, strings.Join(t.platforms(t.Parent), "|")+"/<"+string(t.Parent)+">/<name>")
	}
	return strings.Join(forms, " or ")
}

// parse reads an id.
func (t Type[T]) parse(text string) (on string, ref platform.Ref, ok bool) {
	parts := strings.Split(text, "/")
	length := 2
	if t.parent(parts[0]) != Nothing {
		length = 3
	}
	if !slices.Contains(t.Platforms, parts[0]) || slices.Contains(parts, "") || len(parts) != length {
		return "", ref, false
	}
	ref.Name = parts[len(parts)-1]
	if length > 2 {
		ref.Namespace = parts[1]
	}
	return parts[0], ref, true
}
