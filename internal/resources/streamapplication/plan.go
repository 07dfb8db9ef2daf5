package streamapplication

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/blueprint"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

// ModifyPlan checks the blueprint and says what the change does to each job and each topic. It
// needs no cluster, no broker and no registry, and asks those that are there.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(r.planDestroy(ctx, req.State.Raw, req.Private)...)
		return
	}
	p, diags := r.planned(ctx, req.Config.Raw, req.Plan.Raw, req.State.Raw, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	raw, diags := p.plan(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.RequiresReplace = p.identity.Different
	resp.Plan.Raw = raw
}

// planning is one plan of an application.
type planning struct {
	*Resource
	target   tfkit.Target
	identity tfkit.IdentityChange
	// config is what is said, is what shall be, and was what the state has, nil for none.
	config, is, was *whole
	// proposed are the planned values before anything is computed.
	proposed tftypes.Value
	private  private
	schemas  map[string]string
	// unanswered is why the registry has not given the schemas that it was asked for, nil where it
	// has.
	unanswered error

	computed computed
	changed  []string
	marks    blueprint.Marks
	// uncertain tells that it is not known for each streamlet what becomes of it.
	uncertain bool
}

// planned reads what a plan starts from.
func (r *Resource) planned(ctx context.Context, config, proposed, prior tftypes.Value, from tfkit.PrivateReader) (*planning, diag.Diagnostics) {
	p := &planning{Resource: r, proposed: proposed, schemas: map[string]string{}, marks: blueprint.Marks{Streamlets: map[string]blueprint.Mark{}, Topics: map[string]blueprint.Mark{}}}
	var diags diag.Diagnostics
	var objects map[string]string
	if !prior.IsNull() {
		p.identity = tfkit.CompareIdentity(proposed, prior, r.identity())
		if !p.identity.Replaces() {
			p.proposed = p.identity.Settle(proposed, prior)
			objects = objectsOf(prior)
		}
		p.was, diags = readWhole(ctx, prior, objectsOf(prior), texts(fields(prior)["schemas"]))
		var more diag.Diagnostics
		p.private, more = readPrivate(ctx, from)
		diags.Append(more...)
		diags.Append(tfkit.Complete(!p.was.values["environment"].IsNull(), p.was.Name != nil)...)
	}
	if diags.HasError() {
		return p, diags
	}
	// Ports that take their schema from a registry are looked up before the blueprint is checked.
	first, more := readWhole(ctx, p.proposed, objects, nil)
	diags.Append(more...)
	if diags.HasError() {
		return p, diags
	}
	if first.values["environment"].IsFullyKnown() || tfkit.PlaceKnown(r.platforms, p.proposed) {
		p.target, more = first.environment.Reach(r.platforms, platform.KindStreamApplication, path.Root("environment"))
		diags.Append(more...)
		if diags.HasError() {
			return p, diags
		}
		diags.Append(p.resolve(ctx, first)...)
	}
	if p.is = first; len(p.schemas) > 0 {
		p.is, more = readWhole(ctx, p.proposed, objects, p.schemas)
		diags.Append(more...)
	}
	p.config, more = readWhole(ctx, config, objects, p.schemas)
	diags.Append(more...)
	return p, diags
}

// plan returns the planned values.
func (p *planning) plan(ctx context.Context) (tftypes.Value, diag.Diagnostics) {
	var diags diag.Diagnostics
	p.computed = unknownComputed(p.proposed.Type())
	if p.was != nil && !p.identity.Replaces() {
		p.computed.id = p.was.values["id"]
	} else if p.target.Rules != nil && p.is.Name != nil {
		p.computed.id = tftypes.NewValue(tftypes.String, p.target.ID(*p.is.Name))
	}
	if p.is.streamlets == nil || p.target.Rules == nil {
		return p.computed.in(p.proposed), diags
	}
	diags.Append(p.check()...)
	if diags.HasError() {
		return p.proposed, diags
	}
	if p.identity.Replaces() && p.was.protected() {
		diags.Append(protectedError(p.was))
		return p.proposed, diags
	}
	p.computed.known(p.is)
	var ofStreamlets diag.Diagnostics
	for _, streamlet := range p.is.named() {
		ofStreamlets.Append(p.planStreamlet(ctx, streamlet)...)
	}
	diags.Append(onceEach(ofStreamlets)...)
	diags.Append(p.planRemoved(ctx)...)
	diags.Append(p.planTopics(ctx)...)
	diags.Append(p.planSchemas(ctx)...)
	diags.Append(p.order()...)
	p.computed.schemas = p.schemasValue()
	p.drawn()
	raw := p.computed.in(p.proposed)
	if p.was == nil || p.identity.Replaces() {
		return raw, diags
	}
	// Terraform takes the state's value for what is equal: the environment's settings have
	// changed, and nothing of them concerns this application.
	if same := tfkit.WithAttribute(raw, p.was.raw, "environment"); tfkit.Known(p.proposed, "environment") && len(p.changed) == 0 && p.sameServices() && same.Equal(p.was.raw) {
		raw = same
	}
	return raw, diags
}

// sameServices tells whether topics and schemas are reached as the state says: a refresh goes by
// that.
func (p *planning) sameServices() bool {
	return reflect.DeepEqual(p.is.kafka(), p.was.kafka()) && reflect.DeepEqual(p.is.registry(), p.was.registry())
}

// drawn draws the application. The one of the last change stays until the next one.
func (p *planning) drawn() {
	switch {
	case p.uncertain:
	case p.was != nil && !p.identity.Replaces() && len(p.marks.Streamlets)+len(p.marks.Topics) == 0 &&
		p.was.diagram(computedIn(p.was.raw), p.marks) == p.is.diagram(p.computed, p.marks):
		p.computed.diagram = p.was.values["diagram"]
	default:
		p.computed.diagram = tftypes.NewValue(tftypes.String, p.is.diagram(p.computed, p.marks))
	}
}

// planStreamlet plans one streamlet as the deployment that it becomes.
func (p *planning) planStreamlet(ctx context.Context, streamlet string) diag.Diagnostics {
	s, err := p.streamlet(p.is, streamlet)
	if err != nil {
		return diag.Diagnostics{notRendered(streamlet, err)}
	}
	config, err := p.streamletConfig(p.config, streamlet, s.document)
	if err != nil {
		return diag.Diagnostics{notRendered(streamlet, err)}
	}
	prior, before, diags := p.before(streamlet)
	if diags.HasError() {
		return diags
	}
	if prior.Exists() && s.value.Equal(prior.Value) {
		if _, settled := p.deployments().Settled(ctx, p.data, s.value, prior.Private); settled {
			p.computed.take(streamlet, fields(s.value))
			return diags
		}
	}
	raw, _, more := p.deployments().PlanPart(ctx, p.data, config, s.value, prior)
	diags.Append(inStreamlet(streamlet, more, changesOf(before, s.document)...)...)
	if diags.HasError() {
		return diags
	}
	planned := fields(raw)
	if planned["rollout"], err = inBlueprintValue(ctx, planned["rollout"], before, s.document); err != nil {
		diags.Append(notRendered(streamlet, err))
		return diags
	}
	p.computed.take(streamlet, planned)
	switch was := fields(prior.Value); {
	case !prior.Exists():
		p.changed, p.marks.Streamlets[streamlet] = append(p.changed, streamlet), blueprint.MarkCreate
	case !planned["rollout"].IsFullyKnown():
		p.uncertain = true
		p.changed = append(p.changed, streamlet)
	case !planned["rollout"].Equal(was["rollout"]):
		p.changed, p.marks.Streamlets[streamlet] = append(p.changed, streamlet), blueprint.MarkChange
	}
	if !planned["rollout"].IsFullyKnown() {
		p.uncertain = true
	}
	return diags
}

// before is the deployment that a streamlet has in the state, and what it was told.
func (p *planning) before(streamlet string) (lifecycle.Part, *document, diag.Diagnostics) {
	none := lifecycle.Part{Value: tftypes.NewValue(p.partType(), nil)}
	former := p.former(streamlet)
	if former == "" {
		return none, nil, nil
	}
	s, err := p.streamlet(p.was, former)
	if err != nil {
		return none, nil, diag.Diagnostics{notRendered(former, err)}
	}
	return lifecycle.Part{Value: s.value, Private: p.private.Streamlets[former]}, s.document, nil
}

// former is the name in the state of a streamlet of the plan, empty for one that is new.
func (p *planning) former(streamlet string) string {
	if p.was == nil {
		return ""
	}
	for _, name := range []string{streamlet, p.is.blueprint.Streamlets[streamlet].MovedFrom} {
		if _, has := p.was.streamlets[name]; has {
			return name
		}
	}
	return ""
}

// removed are the streamlets of the state that the plan has no more, also not under another name.
func (p *planning) removed() []string {
	if p.was == nil || p.is.streamlets == nil {
		return nil
	}
	kept := map[string]bool{}
	for name := range p.is.streamlets {
		kept[p.former(name)] = true
	}
	return slices.DeleteFunc(p.was.named(), func(name string) bool { return kept[name] })
}

// planRemoved says what becomes of streamlets that leave the blueprint.
func (p *planning) planRemoved(ctx context.Context) diag.Diagnostics {
	diags := p.renamed()
	for _, streamlet := range p.removed() {
		p.marks.Streamlets[streamlet] = blueprint.MarkRemove
		prior, err := p.streamlet(p.was, streamlet)
		if err != nil {
			diags.Append(notRendered(streamlet, err))
			continue
		}
		diags.Append(inStreamlet(streamlet, p.deployments().PlanDestroyPart(ctx, p.data, lifecycle.Part{Value: prior.value, Private: p.private.Streamlets[streamlet]}))...)
	}
	return diags
}

// renamed says which streamlets go on under another name, and which new ones may be meant to.
func (p *planning) renamed() diag.Diagnostics {
	var diags diag.Diagnostics
	if p.was == nil || p.identity.Replaces() {
		return diags
	}
	gone := strings.Join(p.removed(), ", ")
	for _, streamlet := range p.is.named() {
		at := path.Root("streamlets").AtMapKey(streamlet)
		switch former := p.former(streamlet); {
		case former == "" && gone != "":
			diags.AddAttributeWarning(at, fmt.Sprintf("The streamlet %q is new, and begins without state", streamlet),
				fmt.Sprintf("This plan removes %s. If %q is one of them under another name, set moved_from to the former name: its job then goes on as it is.", gone, streamlet))
		case former != "" && former != streamlet:
			diags.AddAttributeWarning(at, fmt.Sprintf("The streamlet %q goes on as %q", former, streamlet),
				fmt.Sprintf("Its deployment %s stays, under its name, and is not restarted for that. What else happens to it, rollout says.", p.is.objects[streamlet]))
		}
	}
	return diags
}

// order says in which order streamlets begin, where schemas decide about it.
func (p *planning) order() diag.Diagnostics {
	var diags diag.Diagnostics
	if p.was == nil || p.identity.Replaces() {
		return diags
	}
	for _, note := range p.phases(p.changed).Notes {
		if note.Free {
			continue
		}
		at := path.Root("topics").AtMapKey(note.Topics[0])
		diags.AddAttributeWarning(at, "The schemas of a topic decide in which order streamlets change", note.Text)
	}
	return diags
}

func (p *planning) phases(changed []string) blueprint.Order {
	var before *blueprint.Application
	if p.was != nil {
		renamed := p.was.blueprint
		renamed.Streamlets = maps.Clone(renamed.Streamlets)
		for name := range p.is.streamlets {
			if former := p.former(name); former != "" && former != name {
				renamed = renamed.Renamed(former, name)
			}
		}
		before = &renamed
	}
	return blueprint.Phases(before, p.is.blueprint, changed, avroSchemas{})
}

// rendition is a streamlet as the deployment that it becomes, and what it is told; nil while that is
// not known.
type rendition struct {
	value    tftypes.Value
	document *document
}

func (p *planning) streamlet(w *whole, streamlet string) (rendition, error) {
	w.renders.Lock()
	defer w.renders.Unlock()
	if known, has := w.renditions[streamlet]; has {
		return known, nil
	}
	rendered, err := w.document(streamlet, p.target.Rules.Can(platform.KeepSecrets))
	if err != nil {
		return rendition{}, err
	}
	settings, err := p.settingsFor(w, rendered)
	if err != nil {
		return rendition{}, err
	}
	out := rendition{p.part(w, streamlet, settings), rendered}
	if w.renditions == nil {
		w.renditions = map[string]rendition{}
	}
	w.renditions[streamlet] = out
	return out, nil
}

// streamletConfig is the configuration of the deployment that a streamlet becomes.
func (p *planning) streamletConfig(w *whole, streamlet string, rendered *document) (tftypes.Value, error) {
	settings, err := p.settingsFor(p.is, rendered)
	return p.part(w, streamlet, settings), err
}

func notRendered(streamlet string, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("streamlets").AtMapKey(streamlet), fmt.Sprintf("The streamlet %q cannot be rendered", streamlet), tfkit.Sentence(err.Error()))
}

func firstError(diags diag.Diagnostics) error {
	for _, d := range diags.Errors() {
		return fmt.Errorf("%s: %s", d.Summary(), d.Detail())
	}
	return nil
}
