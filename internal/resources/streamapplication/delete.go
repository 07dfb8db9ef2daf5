package streamapplication

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

// planDestroy says what a destroy does to the jobs and the topics, and refuses it for a protected
// application.
func (r *Resource) planDestroy(ctx context.Context, state tftypes.Value, from tfkit.PrivateReader) diag.Diagnostics {
	p, diags := r.existing(ctx, state, from)
	if diags.HasError() {
		return diags
	}
	if p.was.protected() {
		return append(diags, protectedError(p.was))
	}
	for _, streamlet := range p.was.named() {
		s, err := p.streamlet(p.was, streamlet)
		if err != nil {
			// What cannot be rendered is deleted all the same.
			continue
		}
		diags.Append(inStreamlet(streamlet, r.deployments().PlanDestroyPart(ctx, r.data, lifecycle.Part{Value: s.value, Private: p.private.Streamlets[streamlet]}))...)
	}
	return append(diags, topicsLeave(p.was.ownTopics(ctx), p.deletesWith())...)
}

// existing is what a state has.
func (r *Resource) existing(ctx context.Context, state tftypes.Value, from tfkit.PrivateReader) (*planning, diag.Diagnostics) {
	p := &planning{Resource: r}
	var diags, more diag.Diagnostics
	p.was, diags = readWhole(ctx, state, objectsOf(state), texts(fields(state)["schemas"]))
	p.is = p.was
	p.private, more = readPrivate(ctx, from)
	diags.Append(more...)
	diags.Append(tfkit.Complete(!p.was.values["environment"].IsNull(), p.was.Name != nil)...)
	if diags.HasError() {
		return p, diags
	}
	p.target, more = p.was.environment.Reach(r.platforms, platform.KindStreamApplication, path.Root("environment"))
	return p, append(diags, more...)
}

// Delete deletes the streamlets, each with a savepoint where that is wanted and possible, and then the
// topics as delete_topics_on_destroy says. What is gone leaves the state also when another part fails.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	p, diags := r.existing(ctx, req.State.Raw, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if p.was.protected() {
		resp.Diagnostics.Append(protectedError(p.was))
		return
	}
	a := &applying{planning: p, streamlets: map[string]tftypes.Value{}, topics: map[string]tftypes.Value{}, left: private{Streamlets: map[string][]byte{}}}
	a.computed = unknownComputed(req.State.Raw.Type())
	a.computed.known(p.was)
	a.begin()
	a.each(p.was.named(), func(streamlet string) { a.remove(ctx, streamlet) })
	for _, object := range p.private.Secrets {
		a.note(a.secretsOf(object).drop(ctx))
	}
	if !a.failed() {
		within, cancel := context.WithTimeout(ctx, topicsTimeout)
		defer cancel()
		a.note(r.deleteTopics(within, p.was, p.target, p.was.ownTopics(ctx), p.deletesWith()))
	}
	resp.Diagnostics.Append(a.diags...)
	if resp.Diagnostics.HasError() {
		resp.State.Raw = a.state(req.State.Raw)
	}
}

// deletesWith tells whether topics go with the application. Of a tainted one that is replaced they stay: Terraform
// then drops the private state and keeps the rest, and the create that follows takes them over.
func (p *planning) deletesWith() bool {
	replaced := len(p.private.Streamlets) == 0 && len(p.was.streamlets) > 0
	return ptr.Deref(p.was.DeleteTopicsOnDestroy, false) && !replaced
}

func protectedError(w *whole) diag.Diagnostic {
	name := ptr.Deref(w.Name, "")
	return diag.NewAttributeErrorDiagnostic(path.Root("deletion_protection"), fmt.Sprintf("The stream application %q is protected", name),
		fmt.Sprintf("deletion_protection is true for %s, so it is neither destroyed nor replaced. Set it to false, apply, and try again.", text(w.values["id"])))
}
