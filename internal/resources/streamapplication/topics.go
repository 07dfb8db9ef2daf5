package streamapplication

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/blueprint"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/topics"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// longestObject is how long the name of a Kubernetes resource may be.
const longestObject = 253

// makesObjects tells whether topics are Kubernetes resources.
func makesObjects(kafka defaults.Kafka) bool { return kafka.Provider == defaults.KafkaStrimzi }

// managed are the topics that the provider makes, by their names in the blueprint; nil while that
// is not known.
func (w *whole) managed() map[string]platform.Topic {
	kafka := w.kafka()
	if w.settings == nil || !w.values["topics"].IsKnown() {
		return nil
	}
	for key := range w.topics {
		if !w.topics[key].IsNull() && !tfkit.Known(w.topics[key], "managed") {
			return nil
		}
	}
	out := map[string]platform.Topic{}
	if kafka == nil || kafka.Provider == defaults.KafkaExternal {
		return out
	}
	for key, topic := range w.blueprint.Topics {
		if !topic.IsManaged() {
			continue
		}
		out[key] = platform.Topic{Name: topic.Named(key), Object: w.blueprint.TopicObject(key), Partitions: topic.Partitions, Replicas: topic.Replicas, Config: topic.Config}
	}
	return out
}

// topicStatus is what is known of a topic that exists.
type topicStatus struct {
	Name, ID string
	// Partitions and Replicas are 0 where they are not known.
	Partitions, Replicas int64
	Created              bool
}

// statusOf reads an element of topic_status.
func statusOf(ctx context.Context, raw tftypes.Value) topicStatus {
	var is struct {
		Name       *string `tfsdk:"topic_name"`
		ID         *string `tfsdk:"topic_id"`
		Partitions *int64  `tfsdk:"partitions"`
		Replicas   *int64  `tfsdk:"replicas"`
		Created    *bool   `tfsdk:"created"`
	}
	if raw.IsFullyKnown() && !raw.IsNull() {
		tfkit.DecodeValue(ctx, raw, nil, &is)
	}
	return topicStatus{ptr.Deref(is.Name, ""), ptr.Deref(is.ID, ""), ptr.Deref(is.Partitions, 0), ptr.Deref(is.Replicas, 0), ptr.Deref(is.Created, false)}
}

func (s topicStatus) value(of tftypes.Type) tftypes.Value {
	number := func(n int64) tftypes.Value {
		if n == 0 {
			return tftypes.NewValue(tftypes.Number, nil)
		}
		return tftypes.NewValue(tftypes.Number, n)
	}
	return tftypes.NewValue(of, map[string]tftypes.Value{
		"topic_name": tftypes.NewValue(tftypes.String, s.Name), "topic_id": tftypes.NewValue(tftypes.String, s.ID),
		"partitions": number(s.Partitions), "replicas": number(s.Replicas),
		"created": tftypes.NewValue(tftypes.Bool, s.Created),
	})
}

// observedStatus is what was observed of a topic.
func observedStatus(observed platform.ObservedTopic, created bool) topicStatus {
	return topicStatus{Name: observed.Name, ID: observed.ID, Partitions: observed.Partitions, Replicas: observed.Replicas, Created: created}
}

// elementType is the type of an element of a map.
func elementType(of tftypes.Type) tftypes.Type {
	m, _ := of.(tftypes.Map)
	return m.ElementType
}

// topicChange is what an apply does to one topic.
type topicChange struct {
	key    string
	want   platform.Topic
	before platform.Topic
	status topicStatus
	// exists tells that the state has the topic under this name.
	exists bool
	// elsewhere tells that the state has it where the environment's topics were before: whether it is there, only
	// an apply finds out.
	elsewhere bool
	// changes tells that something of it differs.
	changes bool
}

// topicChanges are what an apply does to the topics of the plan, in order. known is false while it is
// not known which there are.
func (p *planning) topicChanges(ctx context.Context) (changes []topicChange, known bool) {
	wanted := p.is.managed()
	if wanted == nil {
		return nil, false
	}
	var before map[string]platform.Topic
	var statuses map[string]tftypes.Value
	if p.was != nil && !p.identity.Replaces() {
		before, statuses = p.was.managed(), fields(p.was.values["topic_status"])
	}
	former := map[string]string{}
	for key, topic := range before {
		former[topic.Name] = key
	}
	for _, key := range slices.Sorted(maps.Keys(wanted)) {
		// Another name in the blueprint is no other topic.
		was, known := former[wanted[key].Name]
		if !known {
			was = key
		}
		c := topicChange{key: key, want: wanted[key], status: statusOf(ctx, statuses[was])}
		c.before, c.exists = before[was]
		c.exists = c.exists && c.status.ID != "" && c.before.Name == c.want.Name
		c.want.ID, c.before.ID = c.status.ID, c.status.ID
		c.elsewhere = c.exists && p.otherTopics()
		c.changes = !c.exists || c.elsewhere || c.want.Object != c.before.Object || !samePointer(c.want.Partitions, c.before.Partitions) || !samePointer(c.want.Replicas, c.before.Replicas) || !maps.Equal(c.want.Config, c.before.Config)
		changes = append(changes, c)
	}
	return changes, true
}

// otherTopics tells whether the environment has its topics from somebody else, or from other brokers, than
// the state says.
func (p *planning) otherTopics() bool {
	was, is := p.was.kafka(), p.is.kafka()
	if was == nil || is == nil {
		return false
	}
	return was.Provider != is.Provider || was.BootstrapServers != is.BootstrapServers ||
		ptr.Deref(was.Cluster, "") != ptr.Deref(is.Cluster, "") || ptr.Deref(was.Namespace, "") != ptr.Deref(is.Namespace, "")
}

func samePointer(a, b *int64) bool {
	return (a == nil) == (b == nil) && ptr.Deref(a, 0) == ptr.Deref(b, 0)
}

// planTopics says what becomes of topics. What the plan does not know of them, and what only those know
// who make them, an apply finds before anything is written.
func (p *planning) planTopics(ctx context.Context) diag.Diagnostics {
	var diags diag.Diagnostics
	changes, known := p.topicChanges(ctx)
	if !known {
		p.computed.topics, p.uncertain = nil, true
		return diags
	}
	of := elementType(p.computed.of["topic_status"])
	for _, c := range changes {
		if p.is.unsure[c.key] {
			p.uncertain = true
		}
		if c.changes || p.is.unsure[c.key] {
			p.marks.Topics[c.key] = blueprint.MarkCreate
			// One that was imported is there, and nobody knows more of it.
			if c.exists || c.before.Name == c.want.Name {
				p.marks.Topics[c.key] = blueprint.MarkChange
			}
			p.computed.topics[c.key] = tftypes.NewValue(of, tftypes.UnknownValue)
		} else {
			p.computed.topics[c.key] = c.status.value(of)
		}
		if c.exists && !c.elsewhere {
			diags.Append(topicDiagnostics(c.key, topics.Allowed(c.want, c.observed()))...)
		}
	}
	var gone []goneTopic
	for _, g := range p.goneTopics(ctx) {
		if _, managed := p.is.managed()[g.key]; g.kept && managed {
			continue
		}
		gone = append(gone, g)
		if !g.kept {
			p.marks.Topics[g.key] = blueprint.MarkRemove
		}
	}
	return append(diags, topicsLeave(gone, p.deletesTopics())...)
}

// observed is a topic as the state has it.
func (c topicChange) observed() platform.ObservedTopic {
	return platform.ObservedTopic{Name: c.before.Name, ID: c.status.ID, Partitions: c.status.Partitions, Replicas: c.status.Replicas, Config: c.before.Config}
}

// deletesTopics tells whether the topics that leave are deleted: what the state says counts, and what the
// plan says with it.
func (p *planning) deletesTopics() bool { return ptr.Deref(p.is.DeleteTopicsOnDestroy, false) }

// goneTopic is a topic of the state that the plan does not manage.
type goneTopic struct {
	key    string
	topic  platform.Topic
	status topicStatus
	// kept tells that the blueprint has it still: its jobs go on with it, whoever manages it.
	kept bool
}

// goneTopics are the topics of the state that the plan does not manage, in order.
func (p *planning) goneTopics(ctx context.Context) []goneTopic {
	wanted := p.is.managed()
	if p.was == nil || wanted == nil {
		return nil
	}
	names := map[string]bool{}
	for _, topic := range wanted {
		names[topic.Name] = true
	}
	kept := map[string]bool{}
	for key, topic := range p.is.blueprint.Topics {
		if topic.NameUnknown {
			// It is not guessed that it is another one.
			names[p.was.blueprint.Topics[key].Named(key)] = true
		} else {
			kept[topic.Named(key)] = true
		}
	}
	// Strimzi would put back what is changed past it, so it lets go of what goes on without it.
	released := p.otherTopics() && makesObjects(*p.was.kafka()) && !makesObjects(*p.is.kafka())
	gone := slices.DeleteFunc(p.was.ownTopics(ctx), func(g goneTopic) bool { return names[g.topic.Name] && !released })
	for i, g := range gone {
		gone[i].kept = kept[g.topic.Name]
	}
	return gone
}

// ownTopics are the topics that the state has.
func (w *whole) ownTopics(ctx context.Context) []goneTopic {
	managed, statuses := w.managed(), fields(w.values["topic_status"])
	var out []goneTopic
	for _, key := range slices.Sorted(maps.Keys(statuses)) {
		status := statusOf(ctx, statuses[key])
		topic, has := managed[key]
		if !has || status.ID == "" {
			continue
		}
		topic.ID = status.ID
		out = append(out, goneTopic{key: key, topic: topic, status: status})
	}
	return out
}

// goes tells whether a topic that leaves is deleted with its records.
func (g goneTopic) goes(deletes bool) bool { return deletes && g.status.Created && !g.kept }

// topicsLeave says what becomes of topics that leave.
func topicsLeave(gone []goneTopic, deletes bool) diag.Diagnostics {
	var diags diag.Diagnostics
	names := func(of func(goneTopic) bool) string {
		var out []string
		for _, g := range gone {
			if of(g) {
				out = append(out, g.topic.Name)
			}
		}
		return strings.Join(out, ", ")
	}
	if deleted := names(func(g goneTopic) bool { return g.goes(deletes) }); deleted != "" {
		diags.AddWarning("Topics will be deleted with their records: "+deleted,
			"The application has created them, and delete_topics_on_destroy is true. To keep them, set delete_topics_on_destroy = false.")
	}
	if kept := names(func(g goneTopic) bool { return !g.goes(deletes) && !g.kept }); kept != "" {
		detail := "They leave the application. To delete topics with their records, set delete_topics_on_destroy = true and apply that first."
		if deletes {
			detail = "They leave the application. They were there before it, so they are not deleted although delete_topics_on_destroy is true."
		}
		diags.AddWarning("Topics stay with their records: "+kept, detail)
	}
	if released := names(func(g goneTopic) bool { return g.kept }); released != "" {
		diags.AddWarning("Topics are not managed any more: "+released, "They stay with their records, and the jobs go on with them. Nothing of the application changes or deletes them from now on.")
	}
	return diags
}

// topicDiagnostics are findings about a topic at its attributes.
func topicDiagnostics(key string, findings []flink.Finding) diag.Diagnostics {
	below := slices.Clone(findings)
	for i, f := range below {
		below[i].Path = append(flink.Path{"topics", key}, f.Path...)
	}
	return blueprintDiagnostics(below)
}

// topicsOf connects to what makes the topics of an application.
func (r *Resource) topicsOf(ctx context.Context, w *whole, target tfkit.Target) (platform.Topics, error) {
	if r.data == nil || r.data.Topics == nil {
		return nil, errors.New("the provider is not configured")
	}
	return r.data.Topics(ctx, platform.TopicPlace{Kafka: *w.kafka(), Namespace: ptr.Deref(w.environment.Namespace, target.Namespace), Application: w.blueprint.Name})
}
