package streamapplication

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/blueprint"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

// adoption is an import of an application: what its deployments and their documents say.
type adoption struct {
	*planning
	finder platform.StreamletFinder

	streamlets map[string]tftypes.Value
	topics     map[string]blueprint.Topic
	result     computed
	left       private
}

// adopt fills in everything from the deployments that have the application's label. raw has the place and
// the name.
func (p *planning) adopt(ctx context.Context, raw tftypes.Value) (tftypes.Value, private, diag.Diagnostics) {
	a := adoption{planning: p, streamlets: map[string]tftypes.Value{}, topics: map[string]blueprint.Topic{}, result: computedIn(raw), left: private{Streamlets: map[string][]byte{}}}
	connected, err := p.data.At(ctx, p.target)
	var found map[string]platform.Ref
	if err == nil {
		a.finder, _ = connected.Deployments(platform.KindDeployment).(platform.StreamletFinder)
		found, err = a.finder.Streamlets(ctx, p.target.Namespace, p.is.blueprint.Name)
	}
	switch {
	case err != nil:
		return raw, a.left, diag.Diagnostics{notImported(p.is.blueprint.Name, tfkit.Sentence(err.Error()))}
	case len(found) == 0:
		return raw, a.left, diag.Diagnostics{notImported(p.is.blueprint.Name, fmt.Sprintf("There is no deployment in %s with the label %s=%s, which each streamlet of an application has. Deployments that somebody else has made are imported one by one, as flink_deployment.",
			p.target.Where(), platform.ApplicationLabel, p.is.blueprint.Name))}
	}
	var diags diag.Diagnostics
	for _, streamlet := range slices.Sorted(maps.Keys(found)) {
		diags.Append(inStreamlet(streamlet, a.take(ctx, streamlet, found[streamlet]))...)
	}
	if diags.HasError() {
		return raw, a.left, diags
	}
	values := maps.Clone(fields(raw))
	values["streamlets"] = tftypes.NewValue(values["streamlets"].Type(), a.streamlets)
	values["topics"], err = a.topicsValue(ctx, values["topics"].Type())
	if err != nil {
		diags.Append(notImported(p.is.blueprint.Name, tfkit.Sentence(err.Error())))
	}
	a.result.diagram = tftypes.NewValue(tftypes.String, "")
	a.result.schemas = tftypes.NewValue(a.result.of["schemas"], map[string]tftypes.Value{})
	return a.result.in(tftypes.NewValue(raw.Type(), values)), a.left, diags
}

func notImported(name, detail string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("The stream application %q cannot be imported", name), detail)
}

// take takes one streamlet: its deployment, and what it is told.
func (a *adoption) take(ctx context.Context, streamlet string, at platform.Ref) diag.Diagnostics {
	of := a.partType()
	empty := make(map[string]tftypes.Value, len(of.AttributeTypes))
	for name, attribute := range of.AttributeTypes {
		empty[name] = tftypes.NewValue(attribute, nil)
	}
	empty["environment"], empty["name"] = a.is.values["environment"], tftypes.NewValue(tftypes.String, at.Name)
	empty["id"] = tftypes.NewValue(tftypes.String, a.target.ID(at.Name))
	part, _, diags := a.deployments().ReadPart(ctx, a.data, lifecycle.Part{Value: tftypes.NewValue(of, empty)})
	if diags.HasError() {
		return diags
	}
	values := fields(part.Value)
	told, template, err := a.told(ctx, at, text(values["pod_template"]))
	if err != nil {
		diags.Append(notImported(a.is.blueprint.Name, tfkit.Sentence(err.Error())))
		return diags
	}
	values["pod_template"], values["labels"] = template, withoutLabels(values["labels"])
	element, _ := elementType(a.is.values["streamlets"].Type()).(tftypes.Object)
	own := make(map[string]tftypes.Value, len(element.AttributeTypes))
	for name, attribute := range element.AttributeTypes {
		own[name] = tftypes.NewValue(attribute, nil)
	}
	said, more := tfkit.EncodeInto(ctx, streamletFrom(tftypes.NewValue(element, own), tftypes.NewValue(of, values)), blueprintModel(told.Streamlet), "inlets", "outlets", "config", "config_secrets", "runtime")
	diags.Append(more...)
	a.streamlets[streamlet] = said
	a.result.take(streamlet, values)
	a.left.Streamlets[streamlet] = part.Private
	for name, topic := range told.Topics {
		known := a.topics[name]
		known.Producers, known.Consumers = append(known.Producers, topic.Producers...), append(known.Consumers, topic.Consumers...)
		a.topics[name] = known
	}
	return diags
}

// told reads what a streamlet is told, and returns its pod template without what carries that.
func (a *adoption) told(ctx context.Context, at platform.Ref, text string) (blueprint.Told, tftypes.Value, error) {
	none := tftypes.NewValue(tftypes.String, nil)
	template, err := flink.ParseDocument(text)
	if err != nil {
		return blueprint.Told{}, none, err
	}
	rest, carried, ok := blueprint.Unrendered(template)
	if !ok {
		return blueprint.Told{}, none, fmt.Errorf("the deployment %s has the label of an application, and its pods have no application document", at)
	}
	document := carried.Text
	if carried.Secret != "" {
		values, err := a.finder.KeptSecret(ctx, at, carried.Secret)
		if err != nil {
			return blueprint.Told{}, none, err
		}
		document = values[blueprint.DocumentFile]
	}
	told, err := blueprint.ReadDocument([]byte(document))
	told.Streamlet.Runtime = carried.Runtime
	if err != nil || rest == nil {
		return told, none, err
	}
	encoded, err := json.Marshal(rest)
	return told, tftypes.NewValue(tftypes.String, string(encoded)), err
}

// withoutLabels are labels without those of an application, null for none.
func withoutLabels(raw tftypes.Value) tftypes.Value {
	kept := maps.Clone(fields(raw))
	delete(kept, platform.ApplicationLabel)
	delete(kept, platform.StreamletLabel)
	if len(kept) == 0 {
		return tftypes.NewValue(raw.Type(), nil)
	}
	return tftypes.NewValue(raw.Type(), kept)
}

// portsModel are the attributes of a streamlet that its document says.
type portsModel struct {
	Inlets        map[string]portModel       `tfsdk:"inlets"`
	Outlets       map[string]portModel       `tfsdk:"outlets"`
	Config        map[string]string          `tfsdk:"config"`
	ConfigSecrets map[string]flink.SecretRef `tfsdk:"config_secrets"`
	Runtime       *string                    `tfsdk:"runtime"`
}

func blueprintModel(s blueprint.Streamlet) portsModel {
	ports := func(of map[string]blueprint.Port) map[string]portModel {
		if len(of) == 0 {
			return nil
		}
		out := map[string]portModel{}
		for name, port := range of {
			var model portModel
			if port.Subject != "" {
				// Which version it was, the document does not say.
				model.Subject = &port.Subject
			} else if port.Schema != "" {
				model.Schema = &port.Schema
			}
			out[name] = model
		}
		return out
	}
	out := portsModel{Inlets: ports(s.Inlets), Outlets: ports(s.Outlets), ConfigSecrets: s.ConfigSecrets}
	if len(s.Config) > 0 {
		out.Config = s.Config
	}
	if s.Runtime != "" {
		out.Runtime = &s.Runtime
	}
	return out
}

// topicsValue is the attribute topics, by the names that the topics have in Kafka.
func (a *adoption) topicsValue(ctx context.Context, of tftypes.Type) (tftypes.Value, error) {
	if len(a.topics) == 0 {
		return tftypes.NewValue(of, nil), nil
	}
	type topicModel struct {
		Producers []string `tfsdk:"producers"`
		Consumers []string `tfsdk:"consumers"`
	}
	elements := map[string]tftypes.Value{}
	for name, topic := range a.topics {
		slices.Sort(topic.Producers)
		slices.Sort(topic.Consumers)
		value, diags := tfkit.Encode(ctx, elementType(of), topicModel{topic.Producers, topic.Consumers})
		if err := firstError(diags); err != nil {
			return tftypes.NewValue(of, nil), err
		}
		elements[name] = value
	}
	return tftypes.NewValue(of, elements), nil
}
