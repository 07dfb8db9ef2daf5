package streamapplication

import (
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/blueprint"
)

// topicStatusTypes are the attributes of topic_status.
var topicStatusTypes = map[string]attr.Type{
	"topic_name": types.StringType,
	"topic_id":   types.StringType,
	"partitions": types.Int64Type,
	"replicas":   types.Int64Type,
	"created":    types.BoolType,
}

// computed are the attributes that the provider computes. Those by streamlet or topic are nil while it
// is not known which there are.
type computed struct {
	of          map[string]tftypes.Type
	id, diagram tftypes.Value
	schemas     tftypes.Value
	// byStreamlet are deployment_ids, effective_spec, rollout and status.
	byStreamlet map[string]map[string]tftypes.Value
	topics      map[string]tftypes.Value
}

// byStreamlet are the attributes with a value for each streamlet, and what the deployment calls them.
var byStreamlet = map[string]string{"deployment_ids": "id", "effective_spec": "effective_spec", "rollout": "rollout", "status": "status"}

// unknownComputed is all of it while nothing is known.
func unknownComputed(of tftypes.Type) computed {
	object, _ := of.(tftypes.Object)
	return computed{
		of: object.AttributeTypes, id: tftypes.NewValue(tftypes.String, tftypes.UnknownValue), diagram: tftypes.NewValue(tftypes.String, tftypes.UnknownValue),
		schemas: tftypes.NewValue(object.AttributeTypes["schemas"], tftypes.UnknownValue),
	}
}

// known begins to collect what is known of each streamlet and each topic.
func (c *computed) known(w *whole) {
	c.byStreamlet = map[string]map[string]tftypes.Value{}
	for name := range byStreamlet {
		c.byStreamlet[name] = make(map[string]tftypes.Value, len(w.streamlets))
	}
	if w.values["topics"].IsKnown() {
		c.topics = map[string]tftypes.Value{}
	}
}

// take takes what is known of a streamlet's deployment.
func (c *computed) take(streamlet string, part map[string]tftypes.Value) {
	for name, as := range byStreamlet {
		c.byStreamlet[name][streamlet] = part[as]
	}
}

// forget drops a streamlet.
func (c *computed) forget(streamlet string) {
	for name := range byStreamlet {
		delete(c.byStreamlet[name], streamlet)
	}
}

// in returns values with what is computed in its place.
func (c *computed) in(raw tftypes.Value) tftypes.Value {
	values := maps.Clone(fields(raw))
	values["id"], values["diagram"], values["schemas"] = c.id, c.diagram, c.schemas
	for name := range byStreamlet {
		values[name] = mapOf(c.of[name], c.byStreamlet[name])
	}
	values["topic_status"] = mapOf(c.of["topic_status"], c.topics)
	return tftypes.NewValue(raw.Type(), values)
}

// mapOf is a map; unknown for nil.
func mapOf(of tftypes.Type, elements map[string]tftypes.Value) tftypes.Value {
	if elements == nil {
		return tftypes.NewValue(of, tftypes.UnknownValue)
	}
	return tftypes.NewValue(of, elements)
}

// computedIn is what values have that was computed.
func computedIn(raw tftypes.Value) computed {
	object, _ := raw.Type().(tftypes.Object)
	values := fields(raw)
	c := computed{of: object.AttributeTypes, id: values["id"], diagram: values["diagram"], schemas: values["schemas"], byStreamlet: map[string]map[string]tftypes.Value{}}
	for name := range byStreamlet {
		c.byStreamlet[name] = map[string]tftypes.Value{}
		maps.Copy(c.byStreamlet[name], fields(values[name]))
	}
	c.topics = map[string]tftypes.Value{}
	maps.Copy(c.topics, fields(values["topic_status"]))
	return c
}

// diagram draws the application. A streamlet's state is what the last change did to it, which a
// plan knows: what runs at the moment is in status.
func (w *whole) diagram(c computed, marks blueprint.Marks) string {
	states := map[string]string{}
	for name := range w.streamlets {
		rollout := fields(c.byStreamlet["rollout"][name])
		// As in a summary.
		states[name] = strings.ReplaceAll(text(rollout["action"]), "_", " ")
		if state := text(fields(w.streamlets[name])["state"]); state != "" && state != "running" {
			states[name] = state
		}
	}
	return w.blueprint.Diagram(states, marks)
}
