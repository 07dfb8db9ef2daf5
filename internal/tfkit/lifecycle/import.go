package lifecycle

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// ImportState takes "<platform>/<namespace>/<name>". The refresh that follows
// fills in what the cluster has.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resp.Diagnostics.Append(tfkit.ImportPlace(ctx, r.Platforms, r.Kind, req.ID, "orders", &resp.State)...)
}

// adopt fills every attribute from an object that is imported. What the
// provider does not manage (nonces, what the platform added) stays out of the
// attributes.
func (r *Resource) adopt(m *Model, observed *platform.Observed) diag.Diagnostics {
	spec, err := flink.SpecOf(observed.Spec)
	if err != nil {
		return r.notImported(err)
	}
	if refused := r.Refuses(observed.String(), spec); refused != nil {
		return diag.Diagnostics{refused}
	}
	tree, err := defaults.Result{Spec: spec, Labels: observed.Labels, Annotations: observed.Annotations}.Effective()
	if err != nil {
		return r.notImported(err)
	}
	// Empty lists and maps, which an effective specification leaves out, are null
	// where nobody configures them.
	if spec, err = flink.SpecOf(tree); err != nil {
		return r.notImported(err)
	}
	m.Adopt(defaults.Layer{DeploymentSpec: spec, Labels: nullable(observed.Labels), Annotations: nullable(observed.Annotations)}, observed.Applied)
	if observed.Form.BlueGreen() {
		m.Upgrade = &defaults.Upgrade{Strategy: new(flink.StrategyBlueGreen), BlueGreen: nullable(observed.Choices)}
	}
	diags := r.leftOut(observed)
	text, err := defaults.EffectiveText(flink.Redactor{Owner: m.ID.ValueString()}.Redact(tree))
	if err != nil {
		return r.notImported(err)
	}
	m.EffectiveSpec = types.StringValue(text)
	m.Rollout = tfkit.RolloutObject(planner.Rollout{Action: planner.ActionNone, State: planner.StateNone, Summary: "#0 imported"})
	m.Status = ObservedStatus(m.ID.ValueString(), observed)
	return diags
}

// leftOut says what an import does not take.
func (r *Resource) leftOut(observed *platform.Observed) diag.Diagnostics {
	if len(observed.LeftOut) == 0 {
		return nil
	}
	fields := make([]string, len(observed.LeftOut))
	for i, path := range observed.LeftOut {
		fields[i] = strings.Join(path, ".")
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(fmt.Sprintf("The import of %s leaves out %s", observed.Name, fields[0])+more(len(fields)-1),
		fmt.Sprintf("The %s %s says what no attribute of the resource holds: %s. Terraform does not manage it: it stays on the object as it is. Change it with the tools of the platform, such as kubectl.",
			r.Kind, observed.Ref, strings.Join(fields, ", ")))}
}

func more(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}

func (r *Resource) notImported(err error) diag.Diagnostics {
	return diag.Diagnostics{diag.NewErrorDiagnostic("The "+string(r.Kind)+" cannot be imported", tfkit.Sentence(err.Error()))}
}

// nullable returns labels or annotations as a map whose values may be null; nil
// for an empty one.
func nullable(values map[string]string) map[string]*string {
	if len(values) == 0 {
		return nil
	}
	out := make(map[string]*string, len(values))
	for key, value := range values {
		out[key] = &value
	}
	return out
}
