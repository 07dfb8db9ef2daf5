package savepoint

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// ImportState takes the id of a savepoint, or its identity, and fills in what the
// platform has. A savepoint that is not there ends it here: the CLI would only say
// that something does not exist, and not where it was looked for.
func (r *savepointResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	of, diags := r.asked(ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	var state model
	resp.Diagnostics.Append(r.putPlace(ctx, of, &resp.State)...)
	resp.Diagnostics.Append(resp.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	want, diags := r.want(&state)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	found, err := r.find(logged(ctx, want), of, want.Ref)
	if err != nil {
		resp.Diagnostics.Append(notFound(want, of, err)...)
		return
	}
	state.adopt(found)
	record := recorder{of: r, state: &resp.State, private: resp.Private, identity: resp.Identity}
	resp.Diagnostics.Append(record.write(ctx, &state, want, found)...)
}

// asked reads which savepoint an import is of.
func (r *savepointResource) asked(ctx context.Context, req resource.ImportStateRequest) (identity, diag.Diagnostics) {
	id, given := req.ID, "id "+req.ID
	if req.ID == "" && req.Identity != nil {
		var of struct {
			Platform    *string `tfsdk:"platform"`
			Namespace   *string `tfsdk:"namespace"`
			Environment *string `tfsdk:"environment"`
			Deployment  *string `tfsdk:"deployment"`
			Name        string  `tfsdk:"name"`
		}
		if diags := req.Identity.Get(ctx, &of); diags.HasError() {
			return identity{}, diags
		}
		// What the other platforms go by does not count.
		is := identity{Platform: ptr.Deref(of.Platform, r.platforms.Default()), Namespace: of.Namespace, Name: of.Name}
		if r.platforms.PlacedBy(is.Platform) == platform.PlacedByName {
			is.Environment = new(ptr.Deref(of.Environment, ""))
		}
		if !names(r.platforms, is.Platform) {
			is.Deployment = new(ptr.Deref(of.Deployment, ""))
		}
		id, given = is.id(), "identity, written as an id "+is.id()+","
	}
	of, ok := r.parse(id)
	if !ok {
		return of, diag.Diagnostics{diag.NewErrorDiagnostic("The import id is not one of a savepoint",
			fmt.Sprintf("The %s does not have the form %s, for example %s/flink-prod/orders-before-move.", given, r.forms(), r.platforms.Default()))}
	}
	return of, nil
}

// putPlace puts what an identity says into a state.
func (r *savepointResource) putPlace(ctx context.Context, of identity, into *tfsdk.State) diag.Diagnostics {
	environment := path.Root("environment")
	diags := into.SetAttribute(ctx, path.Root("id"), of.id())
	if of.Platform != r.platforms.Default() {
		diags.Append(into.SetAttribute(ctx, environment.AtName("platform"), of.Platform)...)
	}
	diags.Append(into.SetAttribute(ctx, environment.AtName(r.platforms.PlacedBy(of.Platform)), of.place())...)
	diags.Append(into.SetAttribute(ctx, path.Root("name"), of.Name)...)
	diags.Append(into.SetAttribute(ctx, path.Root("triggers"), types.MapNull(types.StringType))...)
	return diags
}

func (r *savepointResource) find(ctx context.Context, of identity, ref platform.Ref) (*platform.ObservedSavepoint, error) {
	savepoints, err := r.connect(ctx, of.Platform)
	if err != nil {
		return nil, err
	}
	return savepoints.Find(ctx, ref, ptr.Deref(of.Deployment, ""))
}

// notFound reports that nothing is imported.
func notFound(want wanted, of identity, err error) diag.Diagnostics {
	var absent *platform.NotFoundError
	if !errors.As(err, &absent) {
		return attempt("import", want).Diagnostics(err)
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic(fmt.Sprintf("There is no savepoint %q in %s", want.Name, want.where),
		fmt.Sprintf("Tried to import %s: %s Check the id, and that the credentials of the provider block may read it.", of.id(), tfkit.Sentence(err.Error())))}
}
