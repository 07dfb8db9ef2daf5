package streamapplication

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"golang.org/x/sync/errgroup"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/blueprint"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

// topicsTimeout bounds what an apply does to topics and schemas before the first streamlet changes.
const topicsTimeout = 5 * time.Minute

// Create makes topics and registers schemas, and then creates the streamlets.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	prior := tftypes.NewValue(req.Plan.Raw.Type(), nil)
	resp.Diagnostics.Append(r.apply(ctx, req.Config, req.Plan, prior, noPrivate{}, &resp.State, resp.Private)...)
}

// Update changes topics, schemas and streamlets, in this order. After a failure the state has
// of each streamlet and of each topic what became of it.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if identity := tfkit.CompareIdentity(req.Plan.Raw, req.State.Raw, r.identity()); identity.Replaces() {
		values := fields(req.State.Raw)
		resp.Diagnostics.Append(tfkit.NotPlannedAsReplaced("the stream application \""+text(values["name"])+"\"", text(values["id"]), identity.Different))
		return
	}
	resp.Diagnostics.Append(r.apply(ctx, req.Config, req.Plan, req.State.Raw, req.Private, &resp.State, resp.Private)...)
}

// noPrivate is the private state of what does not exist.
type noPrivate struct{}

// GetKey implements tfkit.PrivateReader.
func (noPrivate) GetKey(context.Context, string) ([]byte, diag.Diagnostics) { return nil, nil }

// applying is one apply of an application. What has become of the parts is collected as it
// happens, so that the state has it whenever the apply ends.
type applying struct {
	*planning

	mutex sync.Mutex
	diags diag.Diagnostics
	// streamlets and topics are the values that the state gets.
	streamlets, topics map[string]tftypes.Value
	result             computed
	left               private
	// touched tells that something was written, and unregistered that schemas were to be registered, and are
	// not.
	touched, unregistered bool
	// created are the deployments that are held: an apply that is killed before its end is known by them. ended
	// ends with the apply.
	created []lifecycle.Part
	ended   chan struct{}
}

func (r *Resource) apply(ctx context.Context, config tfsdk.Config, plan tfsdk.Plan, prior tftypes.Value, from tfkit.PrivateReader, state *tfsdk.State, to tfkit.PrivateWriter) diag.Diagnostics {
	p, diags := r.planned(ctx, config.Raw, plan.Raw, prior, from)
	if diags.HasError() {
		return diags
	}
	p.computed = unknownComputed(plan.Raw.Type())
	p.computed.known(p.is)
	a := &applying{planning: p, diags: p.check().Errors(), streamlets: map[string]tftypes.Value{}, topics: map[string]tftypes.Value{}, left: private{Streamlets: map[string][]byte{}}, ended: make(chan struct{})}
	a.diags.Append(diags.Errors()...)
	if p.unanswered != nil {
		a.diags.AddAttributeError(path.Root("environment"), noRegistry, tfkit.Sentence(p.unanswered.Error())+" Nothing was changed. Apply again when it does.")
		return a.diags
	}
	a.begin()
	a.guard(ctx)
	if a.diags.HasError() {
		// Nothing was written.
		return a.diags
	}
	a.run(ctx)
	a.release(ctx)
	if a.failed() && (!a.touched || a.was == nil && len(a.streamlets)+len(a.result.topics) == 0) {
		// What was there is there still, and what was not is not.
		return a.diags
	}
	raw := a.state(plan.Raw)
	state.Raw = raw
	a.diags.Append(a.left.write(context.WithoutCancel(ctx), to)...)
	return a.diags
}

// begin starts from what the state has.
func (a *applying) begin() {
	a.result = a.computed
	for name := range byStreamlet {
		a.result.byStreamlet[name] = map[string]tftypes.Value{}
	}
	a.result.topics = map[string]tftypes.Value{}
	if a.was == nil {
		return
	}
	a.left.Secrets = a.private.Secrets
	before := computedIn(a.was.raw)
	for former, value := range a.was.streamlets {
		name := a.nowCalled(former)
		a.streamlets[name] = value
		for attribute := range byStreamlet {
			a.result.byStreamlet[attribute][name] = before.byStreamlet[attribute][former]
		}
		a.left.Streamlets[name] = a.private.Streamlets[former]
	}
	for key, value := range a.was.topics {
		a.topics[key] = value
		if status, has := before.topics[key]; has {
			a.result.topics[key] = status
		}
	}
}

// nowCalled is the name in the plan of a streamlet of the state: its own where the plan has it no
// more.
func (a *applying) nowCalled(former string) string {
	if _, has := a.is.streamlets[former]; has {
		return former
	}
	for name, streamlet := range a.is.blueprint.Streamlets {
		if streamlet.MovedFrom == former && a.former(name) == former {
			return name
		}
	}
	return former
}

// guard decides once more about every streamlet before the first thing is written: the plan may not
// have known everything.
func (a *applying) guard(ctx context.Context) {
	for _, streamlet := range a.is.named() {
		s, config, prior, _, diags := a.rendition(streamlet)
		if !diags.HasError() {
			diags.Append(inStreamlet(streamlet, a.deployments().GuardPart(ctx, config, s.value, prior))...)
		}
		a.diags.Append(diags...)
	}
	changes, _ := a.topicChanges(ctx)
	for _, c := range changes {
		if c.exists && !c.elsewhere {
			a.diags.Append(topicDiagnostics(c.key, allowed(c))...)
		}
	}
}

// release ends the creates of the apply, one beside the other.
func (a *applying) release(ctx context.Context) {
	defer close(a.ended)
	var group errgroup.Group
	group.SetLimit(readAtOnce)
	for _, part := range a.created {
		group.Go(func() error {
			a.deployments().ReleasePart(ctx, a.data, part)
			return nil
		})
	}
	_ = group.Wait() // No function returns an error.
}

// rendition is all about a streamlet that its deployment needs.
func (a *applying) rendition(streamlet string) (s rendition, config tftypes.Value, prior lifecycle.Part, before *document, diags diag.Diagnostics) {
	var err error
	if s, err = a.streamlet(a.is, streamlet); err == nil {
		config, err = a.streamletConfig(a.config, streamlet, s.document)
	}
	if err != nil {
		return s, config, prior, before, diag.Diagnostics{notRendered(streamlet, err)}
	}
	prior, before, diags = a.before(streamlet)
	return s, config, prior, before, diags
}

// run makes the change: topics, schemas, streamlets phase by phase, and last what leaves. What fails ends
// it after those that have begun.
func (a *applying) run(ctx context.Context) {
	within, cancel := context.WithTimeout(ctx, topicsTimeout)
	defer cancel()
	if a.applyTopics(within); a.failed() {
		return
	}
	if a.note(a.register(within)); a.failed() {
		a.unregistered = true
		return
	}
	a.touched = true
	changed := a.changing()
	for _, phase := range a.phases(changed).Phases {
		if a.applyStreamlets(ctx, phase); a.failed() {
			return
		}
	}
	a.each(a.removed(), func(streamlet string) { a.remove(ctx, streamlet) })
	if a.failed() {
		return
	}
	if a.removeTopics(ctx); !a.failed() && !a.interrupted(ctx) && a.waits() {
		a.dropLeft(ctx)
	}
}

// changing are the streamlets whose deployment has something to do, in order.
func (a *applying) changing() []string {
	var out []string
	for _, streamlet := range a.is.named() {
		s, _, prior, _, diags := a.rendition(streamlet)
		if diags.HasError() || !prior.Exists() || !s.value.Equal(prior.Value) {
			out = append(out, streamlet)
			continue
		}
		a.streamlets[streamlet] = a.is.streamlets[streamlet]
	}
	return out
}

// applyStreamlets rolls streamlets out beside each other.
func (a *applying) applyStreamlets(ctx context.Context, streamlets []string) {
	a.each(streamlets, func(streamlet string) { a.applyStreamlet(ctx, streamlet) })
}

// each does something for several streamlets, some at a time. One that fails keeps no other from its
// end, and those from a beginning that have not begun.
func (a *applying) each(streamlets []string, do func(streamlet string)) {
	var group errgroup.Group
	group.SetLimit(a.is.parallel())
	for _, streamlet := range streamlets {
		group.Go(func() error {
			if !a.failed() {
				do(streamlet)
			}
			return nil
		})
	}
	_ = group.Wait() // No function returns an error.
}

func (a *applying) applyStreamlet(ctx context.Context, streamlet string) {
	if ctx.Err() != nil {
		// Without an error Terraform takes it for done.
		a.note(diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("streamlets").AtMapKey(streamlet), fmt.Sprintf("Interrupted before the streamlet %q was changed", streamlet),
			"Nothing of it was written. The next plan shows what is left to do.")})
		return
	}
	s, config, prior, before, diags := a.rendition(streamlet)
	if a.note(diags); diags.HasError() {
		return
	}
	secrets := a.secretsOf(a.is.objects[streamlet])
	if diags := secrets.keep(ctx, s.document, prior); diags.HasError() {
		a.note(diags)
		return
	}
	now, diags := a.deployments().ApplyPart(ctx, a.data, config, s.value, prior, a.ended)
	a.note(inStreamlet(streamlet, diags, changesOf(before, s.document)...))
	if !now.Exists() {
		a.note(secrets.discard(ctx, s.document))
		return
	}
	if secrets.replaces(s.document, before, prior) && (diags.HasError() || a.interrupted(ctx) || !a.waits() || !a.drop(ctx, secrets.object, s.document.secret)) {
		a.leave(secrets.object)
	}
	a.took(ctx, streamlet, s, now, before, diags.HasError())
	if !prior.Exists() {
		a.mutex.Lock()
		defer a.mutex.Unlock()
		a.created = append(a.created, now)
	}
}

// took records what has become of a streamlet.
func (a *applying) took(ctx context.Context, streamlet string, s rendition, now lifecycle.Part, before *document, failed bool) {
	part := fields(now.Value)
	rollout, err := inBlueprintValue(ctx, part["rollout"], before, s.document)
	if err == nil {
		part["rollout"] = rollout
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.result.take(streamlet, part)
	a.left.Streamlets[streamlet] = now.Private
	// A change that was rolled back, or refused, stays in the next plan.
	if _, had := a.streamlets[streamlet]; !failed || !had || sameButComputed(now.Value, s.value) {
		a.streamlets[streamlet] = a.is.streamlets[streamlet]
	}
}

// sameButComputed tells whether two deployments say the same.
func sameButComputed(a, b tftypes.Value) bool {
	was, is := fields(a), fields(b)
	for name, value := range is {
		if name != "id" && !slices.Contains(computedOf, name) && !value.Equal(was[name]) {
			return false
		}
	}
	return true
}

// remove deletes a streamlet that leaves the blueprint.
func (a *applying) remove(ctx context.Context, streamlet string) {
	prior, err := a.streamlet(a.was, streamlet)
	if err != nil {
		a.note(diag.Diagnostics{notRendered(streamlet, err)})
		return
	}
	diags := a.deployments().DeletePart(ctx, a.data, lifecycle.Part{Value: prior.value, Private: a.private.Streamlets[streamlet]})
	if !diags.HasError() {
		// The streamlet stays in the state until nothing of it is left.
		diags.Append(a.secretsOf(a.was.objects[streamlet]).drop(ctx)...)
	}
	a.note(inStreamlet(streamlet, diags))
	if diags.HasError() {
		return
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.result.forget(streamlet)
	delete(a.streamlets, streamlet)
	delete(a.left.Streamlets, streamlet)
}

// waits tells whether an apply waits until what it wrote runs.
func (a *applying) waits() bool { return a.is.WaitFor == nil || *a.is.WaitFor == "running" }

func (a *applying) interrupted(ctx context.Context) bool { return ctx.Err() != nil }

func (a *applying) note(diags diag.Diagnostics) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.diags.Append(diags...)
}

func (a *applying) failed() bool {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.diags.HasError()
}

// state is what there is after the apply.
func (a *applying) state(plan tftypes.Value) tftypes.Value {
	values := maps.Clone(fields(plan))
	if a.diags.HasError() && a.was != nil {
		// What was not done stays in the next plan, and what a refresh goes by is what was.
		values = maps.Clone(a.was.values)
	}
	planned := computedIn(plan)
	a.result.id = tftypes.NewValue(tftypes.String, a.target.ID(a.is.blueprint.Name))
	a.result.schemas = a.schemasValue()
	a.result.diagram = planned.diagram
	if a.diags.HasError() || !planned.diagram.IsKnown() {
		a.result.diagram = tftypes.NewValue(tftypes.String, a.is.diagram(a.result, a.made()))
	}
	if a.unregistered {
		// The next plan has it to do.
		values["register_schemas"] = tftypes.NewValue(tftypes.Bool, nil)
	}
	if a.diags.HasError() {
		values["streamlets"] = tftypes.NewValue(values["streamlets"].Type(), a.streamlets)
		if !values["topics"].IsNull() || len(a.topics) > 0 {
			values["topics"] = tftypes.NewValue(values["topics"].Type(), a.topics)
		}
	}
	return a.result.in(tftypes.NewValue(plan.Type(), values))
}

// made are the marks of what an apply does, whose plan did not know it.
func (a *applying) made() blueprint.Marks {
	marks := blueprint.Marks{Streamlets: map[string]blueprint.Mark{}, Topics: map[string]blueprint.Mark{}}
	for name := range a.is.streamlets {
		if a.former(name) == "" {
			marks.Streamlets[name] = blueprint.MarkCreate
		}
	}
	return marks
}
