package streamapplication

import (
	"context"
	"fmt"
	"maps"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"golang.org/x/sync/errgroup"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/topics"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

// readAtOnce is how many streamlets are read beside each other. Most come from one list.
const readAtOnce = 16

// Read refreshes each streamlet and each topic. One that is gone leaves the state, so that the next plan
// creates it again; the application leaves it when nothing of it is there. A destroy that was cut may have
// left topics and Secrets, which the next one looks for in the state.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	now, ok := ctx.Value(refreshedKey{}).(refreshed)
	if !ok {
		now = r.refresh(ctx, req.State.Raw, req.Private)
	}
	resp.Diagnostics.Append(now.diags...)
	resp.State.Raw = now.raw
	if now.private != nil {
		resp.Diagnostics.Append(now.private.write(ctx, resp.Private)...)
	}
}

// refreshedKey is the key of a refresh in a context.
type refreshedKey struct{}

// refreshed is what a refresh has found: the state, null for an application that is gone, and the private
// state where that is another one.
type refreshed struct {
	raw     tftypes.Value
	private *private
	diags   diag.Diagnostics
}

// refresh reads what the state has.
func (r *Resource) refresh(ctx context.Context, raw tftypes.Value, from tfkit.PrivateReader) refreshed {
	out := refreshed{raw: raw}
	p, diags := r.existing(ctx, raw, from)
	if out.diags.Append(diags...); out.diags.HasError() {
		return out
	}
	w, left := p.was, p.private
	if w.values["streamlets"].IsNull() {
		adopted, kept, diags := p.adopt(ctx, raw)
		out.diags.Append(diags...)
		out.raw, out.private = adopted, &kept
		return out
	}
	now, diags := p.readStreamlets(ctx)
	if out.diags.Append(diags...); out.diags.HasError() {
		return out
	}
	values, result := maps.Clone(w.values), computedIn(raw)
	streamlets := map[string]tftypes.Value{}
	kept := private{Streamlets: map[string][]byte{}, Secrets: left.Secrets}
	for name := range w.streamlets {
		part, there := now[name]
		if !there {
			result.forget(name)
			if p.keepsSecrets(ctx, w.objects[name]) {
				kept.leave(w.objects[name])
			}
			continue
		}
		streamlets[name] = w.streamlets[name]
		if !part.same {
			streamlets[name] = streamletFrom(w.streamlets[name], part.Value)
		}
		result.take(name, fields(part.Value))
		kept.Streamlets[name] = part.Private
	}
	values["streamlets"] = tftypes.NewValue(values["streamlets"].Type(), streamlets)
	out.diags.Append(p.readTopics(ctx, values, &result)...)
	if len(now)+len(result.topics)+len(kept.Secrets) == 0 {
		out.raw = tftypes.NewValue(raw.Type(), nil)
		return out
	}
	out.raw = result.in(tftypes.NewValue(raw.Type(), values))
	if !kept.same(left) {
		out.private = &kept
	}
	return out
}

// keepsSecrets tells whether a deployment that is gone may have left Secrets.
func (p *planning) keepsSecrets(ctx context.Context, object string) bool {
	if !p.target.Rules.Can(platform.KeepSecrets) {
		return false
	}
	connected, err := p.data.At(ctx, p.target)
	if err != nil {
		return true
	}
	finder, ok := connected.Deployments(platform.KindDeployment).(platform.StreamletFinder)
	if !ok {
		return false
	}
	keeps, err := finder.KeepsSecrets(ctx, p.target.Ref(object))
	return keeps || err != nil
}

// readPart is a deployment as a refresh finds it, and whether that is as the state has it.
type readPart struct {
	lifecycle.Part

	same bool
}

// readStreamlets refreshes all streamlets, and returns those that are there.
func (p *planning) readStreamlets(ctx context.Context) (map[string]readPart, diag.Diagnostics) {
	var mutex sync.Mutex
	var diags diag.Diagnostics
	now := make(map[string]readPart, len(p.is.streamlets))
	var group errgroup.Group
	group.SetLimit(readAtOnce)
	for _, streamlet := range p.is.named() {
		group.Go(func() error {
			s, err := p.streamlet(p.is, streamlet)
			if err != nil {
				mutex.Lock()
				defer mutex.Unlock()
				diags.Append(notRendered(streamlet, err))
				return nil
			}
			part, same, more := p.deployments().ReadPart(ctx, p.data, lifecycle.Part{Value: s.value, Private: p.private.Streamlets[streamlet]})
			mutex.Lock()
			defer mutex.Unlock()
			diags.Append(inStreamlet(streamlet, more)...)
			if part.Exists() {
				now[streamlet] = readPart{part, same}
			}
			return nil
		})
	}
	_ = group.Wait() // No function returns an error.
	return now, diags
}

// readTopics refreshes the topics of a state. Brokers that do not answer are no error: the plan goes by
// what was last seen.
func (p *planning) readTopics(ctx context.Context, values map[string]tftypes.Value, result *computed) diag.Diagnostics {
	own := p.is.ownTopics(ctx)
	if len(own) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	var there map[string]platform.ObservedTopic
	on, err := p.topicsOf(ctx, p.is, p.target)
	if err == nil {
		wanted := make([]platform.Topic, len(own))
		for i, g := range own {
			wanted[i] = g.topic
		}
		there, err = on.Read(ctx, wanted)
	}
	if err != nil {
		return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("topics"), "The topics are not refreshed",
			tfkit.Sentence(err.Error())+" The plan rests on what was last seen of them.")}
	}
	var diags diag.Diagnostics
	elements := maps.Clone(fields(values["topics"]))
	for _, g := range own {
		observed, exists := there[g.topic.Name]
		if !exists {
			diags.AddAttributeWarning(path.Root("topics").AtMapKey(g.key), fmt.Sprintf("The topic %q does not exist any more", g.topic.Name),
				"It was not deleted by Terraform. Its records are lost. It leaves the state, and the next apply creates it again, empty.")
			delete(elements, g.key)
			delete(result.topics, g.key)
			continue
		}
		for _, f := range topics.Allowed(g.topic, observed) {
			if f.Severity == flink.Warning {
				diags.Append(topicDiagnostics(g.key, []flink.Finding{f})...)
			}
		}
		if observed.Problem != "" {
			diags.AddAttributeWarning(path.Root("topics").AtMapKey(g.key), fmt.Sprintf("The topic %q is not what it shall be", g.topic.Name), tfkit.Sentence(observed.Problem))
		}
		elements[g.key] = topicFrom(elements[g.key], topics.Compare(g.topic, observed), observed)
		result.topics[g.key] = observedStatus(observed, g.status.Created).value(elementType(result.of["topic_status"]))
	}
	values["topics"] = tftypes.NewValue(values["topics"].Type(), elements)
	return diags
}

// topicFrom is a topic's values with what there is in the place of what it says.
func topicFrom(own tftypes.Value, differences []topics.Difference, observed platform.ObservedTopic) tftypes.Value {
	values := maps.Clone(fields(own))
	for _, d := range differences {
		switch d.Path[0] {
		case "partitions":
			values["partitions"] = tftypes.NewValue(tftypes.Number, observed.Partitions)
		case "replicas":
			values["replicas"] = tftypes.NewValue(tftypes.Number, observed.Replicas)
		case "config":
			config := maps.Clone(fields(values["config"]))
			if d.Absent {
				delete(config, d.Path[1])
			} else {
				config[d.Path[1]] = tftypes.NewValue(tftypes.String, d.Is)
			}
			values["config"] = tftypes.NewValue(values["config"].Type(), config)
		}
	}
	return tftypes.NewValue(own.Type(), values)
}
