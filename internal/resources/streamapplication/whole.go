package streamapplication

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/blueprint"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// whole is what a configuration, a plan or a state says of an application. What is not known
// yet is left out of it, and noted.
type whole struct {
	raw    tftypes.Value
	values map[string]tftypes.Value

	root
	// streamlets and topics are the values of each; nil while it is not known which there are.
	streamlets map[string]tftypes.Value
	topics     map[string]tftypes.Value
	blueprint  blueprint.Application
	// settings are the environment's; nil while they are not known.
	settings *defaults.Settings
	// vague are the streamlets of which something is not known that their document has.
	vague map[string]bool
	// unsure are the topics of which something is not known that becomes of them.
	unsure map[string]bool
	// objects are the names of the deployments of streamlets.
	objects map[string]string
	// rendered renders all streamlets that have the name of their deployment.
	rendered *blueprint.Rendering
	// renditions are the streamlets that were rendered. Several may be at once.
	renders    sync.Mutex
	renditions map[string]rendition
}

// root are the attributes that concern the application as a whole.
type root struct {
	environment tfkit.EnvironmentModel

	Name                  *string `tfsdk:"name"`
	DeleteTopicsOnDestroy *bool   `tfsdk:"delete_topics_on_destroy"`
	RegisterSchemas       *bool   `tfsdk:"register_schemas"`
	RolloutParallelism    *int64  `tfsdk:"rollout_parallelism"`
	DeletionProtection    *bool   `tfsdk:"deletion_protection"`
	WaitFor               *string `tfsdk:"wait_for"`
}

// fields are the attributes of an object, or the elements of a map; nil for one that is null or
// not known.
func fields(raw tftypes.Value) map[string]tftypes.Value {
	out := map[string]tftypes.Value{}
	if raw.IsNull() || !raw.IsKnown() || raw.As(&out) != nil {
		return nil
	}
	return out
}

// text is a text that is known; empty for all else.
func text(raw tftypes.Value) string {
	var out string
	if raw.IsNull() || !raw.IsKnown() || raw.As(&out) != nil {
		return ""
	}
	return out
}

// texts are the elements of a map that are known texts.
func texts(raw tftypes.Value) map[string]string {
	out := map[string]string{}
	for key, value := range fields(raw) {
		if value.IsKnown() && !value.IsNull() {
			out[key] = text(value)
		}
	}
	return out
}

// readWhole reads a configuration, a plan or a state. objects are the names of deployments that
// exist, and schemas those that are known by their port.
func readWhole(ctx context.Context, raw tftypes.Value, objects, schemas map[string]string) (*whole, diag.Diagnostics) {
	w := &whole{raw: raw, values: fields(raw), vague: map[string]bool{}, unsure: map[string]bool{}, objects: map[string]string{}}
	_, diags := tfkit.DecodeValue(ctx, raw, nil, &w.root)
	if environment := w.values["environment"]; environment.IsKnown() && !environment.IsNull() {
		_, more := tfkit.DecodeValue(ctx, environment, nil, &w.environment)
		diags.Append(more...)
		if settings := fields(environment)["settings"]; settings.IsKnown() {
			decoded, err := defaults.Decode(text(settings))
			if err == nil {
				w.settings = &decoded
			}
		}
	}
	w.blueprint = blueprint.Application{Name: ptr.Deref(w.Name, ""), Streamlets: map[string]blueprint.Streamlet{}, Topics: map[string]blueprint.Topic{}}
	w.streamlets, w.topics = fields(w.values["streamlets"]), fields(w.values["topics"])
	for name, value := range w.streamlets {
		streamlet, known, more := streamletOf(ctx, name, value, schemas)
		diags.Append(more...)
		w.blueprint.Streamlets[name] = streamlet
		w.vague[name] = !known
	}
	w.blueprint.NameUnknown = !w.values["name"].IsKnown()
	topicsKnown := w.values["topics"].IsKnown()
	for key, value := range w.topics {
		topic, known, more := topicOf(ctx, value)
		diags.Append(more...)
		w.blueprint.Topics[key] = topic
		topicsKnown = topicsKnown && known
		w.unsure[key] = !value.IsFullyKnown()
	}
	w.blueprint.TopicsUnknown = !topicsKnown
	for name := range w.streamlets {
		w.vague[name] = w.vague[name] || !topicsKnown
		w.objects[name] = w.blueprint.Deployment(name)
		for _, former := range []string{name, w.blueprint.Streamlets[name].MovedFrom} {
			if object := objects[former]; object != "" {
				w.objects[name] = object
				break
			}
		}
	}
	return w, diags
}

// portModel is an inlet or an outlet.
type portModel struct {
	Schema  *string `tfsdk:"schema"`
	Subject *string `tfsdk:"subject"`
	Version *string `tfsdk:"version"`
}

// streamletOf returns what the blueprint has of a streamlet, and whether its configuration and its
// ports are known.
func streamletOf(ctx context.Context, name string, raw tftypes.Value, schemas map[string]string) (blueprint.Streamlet, bool, diag.Diagnostics) {
	var model struct {
		Config        map[string]string          `tfsdk:"config"`
		ConfigSecrets map[string]flink.SecretRef `tfsdk:"config_secrets"`
		MovedFrom     *string                    `tfsdk:"moved_from"`
		Runtime       *string                    `tfsdk:"runtime"`
	}
	unknown, diags := tfkit.DecodeValue(ctx, raw, nil, &model)
	out := blueprint.Streamlet{Config: model.Config, ConfigSecrets: model.ConfigSecrets, Runtime: runtimeOf(model.Runtime), MovedFrom: ptr.Deref(model.MovedFrom, ""), PortsUnknown: !raw.IsKnown()}
	known := raw.IsKnown() && len(unknown) == 0
	values := fields(raw)
	for attribute, into := range map[string]*map[string]blueprint.Port{"inlets": &out.Inlets, "outlets": &out.Outlets} {
		known = known && values[attribute].IsKnown()
		out.PortsUnknown = out.PortsUnknown || !values[attribute].IsKnown()
		*into = map[string]blueprint.Port{}
		for port, value := range fields(values[attribute]) {
			read, more := portOf(ctx, name+"."+port, value, schemas)
			diags.Append(more...)
			(*into)[port] = read
			known = known && !read.Unknown
		}
	}
	return out, known, diags
}

func portOf(ctx context.Context, at string, raw tftypes.Value, schemas map[string]string) (blueprint.Port, diag.Diagnostics) {
	var model portModel
	unknown, diags := tfkit.DecodeValue(ctx, raw, nil, &model)
	out := blueprint.Port{Schema: ptr.Deref(model.Schema, ""), Subject: ptr.Deref(model.Subject, ""), Version: ptr.Deref(model.Version, ""), Unknown: len(unknown) > 0}
	if out.Subject == "" || out.Schema != "" {
		return out, diags
	}
	resolved, known := schemas[at]
	out.Schema, out.Unknown = resolved, out.Unknown || !known
	return out, diags
}

// topicOf returns a topic of the blueprint, and whether its ports are known.
func topicOf(ctx context.Context, raw tftypes.Value) (blueprint.Topic, bool, diag.Diagnostics) {
	var model struct {
		Producers  []string          `tfsdk:"producers"`
		Consumers  []string          `tfsdk:"consumers"`
		Name       *string           `tfsdk:"topic_name"`
		Partitions *int64            `tfsdk:"partitions"`
		Replicas   *int64            `tfsdk:"replicas"`
		Config     map[string]string `tfsdk:"config"`
		Managed    *bool             `tfsdk:"managed"`
	}
	_, diags := tfkit.DecodeValue(ctx, raw, nil, &model)
	values := fields(raw)
	return blueprint.Topic{
		Producers: model.Producers, Consumers: model.Consumers, Name: ptr.Deref(model.Name, ""), NameUnknown: !values["topic_name"].IsKnown(),
		Partitions: model.Partitions, Replicas: model.Replicas, Config: model.Config, Managed: model.Managed,
	}, raw.IsKnown() && tfkit.Known(raw, "producers", "consumers"), diags
}

// named are the names of the streamlets in order.
func (w *whole) named() []string { return slices.Sorted(maps.Keys(w.streamlets)) }

// kafka is what the environment says of Kafka; nil for nothing, or while it is not known.
func (w *whole) kafka() *defaults.Kafka {
	if w.settings == nil {
		return nil
	}
	return w.settings.Kafka
}

// registry is what the environment says of a schema registry; nil for nothing, or while it is not
// known.
func (w *whole) registry() *defaults.SchemaRegistry {
	if w.settings == nil {
		return nil
	}
	return w.settings.SchemaRegistry
}

// protected tells whether the application refuses to be destroyed.
func (w *whole) protected() bool { return ptr.Deref(w.DeletionProtection, false) }

// objectsOf are the names of deployments by streamlet, of the attribute deployment_ids.
func objectsOf(raw tftypes.Value) map[string]string {
	out := texts(fields(raw)["deployment_ids"])
	for streamlet, id := range out {
		out[streamlet] = id[strings.LastIndex(id, "/")+1:]
	}
	return out
}
