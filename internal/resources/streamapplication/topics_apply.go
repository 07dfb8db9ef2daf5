package streamapplication

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/topics"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// allowed are what stands against a change of a topic.
func allowed(c topicChange) []flink.Finding {
	var out []flink.Finding
	for _, f := range topics.Allowed(c.want, c.observed()) {
		if f.Severity == flink.Error {
			out = append(out, f)
		}
	}
	return out
}

// applyTopics makes and changes topics. All of them are looked at before the first is written.
func (a *applying) applyTopics(ctx context.Context) {
	changes, _ := a.topicChanges(ctx)
	var todo []topicChange
	for _, c := range changes {
		if c.changes {
			todo = append(todo, c)
			continue
		}
		a.topics[c.key] = a.is.topics[c.key]
		a.result.topics[c.key] = c.status.value(elementType(a.result.of["topic_status"]))
	}
	// What the provider does not make is as the plan says.
	for key, value := range a.is.topics {
		if _, managed := a.is.managed()[key]; !managed {
			a.topics[key] = value
		}
	}
	if len(todo) == 0 {
		return
	}
	on, there, err := a.lookAtTopics(ctx, todo)
	if err != nil {
		a.note(diag.Diagnostics{noTopics(err)})
		return
	}
	for i, c := range todo {
		observed, exists := there[c.want.Name]
		todo[i].exists = exists
		if !exists {
			todo[i].want.ID = ""
			continue
		}
		switch {
		case c.elsewhere && observed.ID == c.status.ID:
			// The same brokers by another address.
		case !c.exists, c.elsewhere:
			// It was there before the application, or an apply was killed after it had made it.
			todo[i].before = platform.Topic{Name: c.want.Name, Object: c.want.Object, ID: observed.ID}
			todo[i].want.ID = observed.ID
			todo[i].status.Created = false
			a.note(diag.Diagnostics{takenOver(c, observed)})
		}
		todo[i].status = observedStatus(observed, todo[i].status.Created)
		a.note(topicDiagnostics(c.key, topics.Allowed(todo[i].want, observed)))
	}
	if a.failed() {
		return
	}
	a.touched = true
	for _, c := range todo {
		var observed platform.ObservedTopic
		created := c.status.Created
		if c.exists {
			observed, err = on.Update(ctx, c.want, c.before)
		} else {
			observed, err = on.Create(ctx, c.want)
			// What makes topics now may have found the one that there was.
			created = err == nil && (observed.ID != c.status.ID || created)
		}
		if err != nil {
			a.note(diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("topics").AtMapKey(c.key), fmt.Sprintf("The topic %q cannot be made what it shall be", c.want.Name),
				tfkit.Sentence(err.Error())+" No streamlet was changed. The topics that were made before it are in the state; the next apply goes on from there.")})
			return
		}
		a.topics[c.key] = a.is.topics[c.key]
		a.result.topics[c.key] = observedStatus(observed, created).value(elementType(a.result.of["topic_status"]))
	}
}

// lookAtTopics returns those of the topics that there are.
func (a *applying) lookAtTopics(ctx context.Context, todo []topicChange) (platform.Topics, map[string]platform.ObservedTopic, error) {
	on, err := a.topicsOf(ctx, a.is, a.target)
	if err != nil {
		return nil, nil, err
	}
	if err := on.Ready(ctx); err != nil {
		return nil, nil, err
	}
	wanted := make([]platform.Topic, len(todo))
	for i, c := range todo {
		wanted[i] = c.want
	}
	there, err := on.Read(ctx, wanted)
	return on, there, err
}

// noTopics is the error of an apply that can make no topic at all.
func noTopics(err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("topics"), "The topics cannot be made",
		tfkit.Sentence(err.Error())+" Nothing was changed. Apply again when the cause is gone.")
}

// takenOver says that a topic was there before.
func takenOver(c topicChange, observed platform.ObservedTopic) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("topics").AtMapKey(c.key), fmt.Sprintf("The topic %q was there already", c.want.Name),
		fmt.Sprintf("It has %d partitions, and the application takes it over with its records. It is changed to what the blueprint says and never deleted with the application. If others use it, set managed = false.", observed.Partitions))
}

// removeTopics has the topics go that leave the blueprint, with their records only where that was asked
// for.
func (a *applying) removeTopics(ctx context.Context) {
	if a.note(a.deleteTopics(ctx, a.was, a.target, a.goneTopics(ctx), a.deletesTopics())); a.failed() {
		return
	}
	managed := a.is.managed()
	maps.DeleteFunc(a.topics, func(key string, _ tftypes.Value) bool { _, has := a.is.topics[key]; return !has })
	maps.DeleteFunc(a.result.topics, func(key string, _ tftypes.Value) bool { _, has := managed[key]; return !has })
}

// deleteTopics has topics go, and leaves those with their records that were not created by the application
// or that nobody has asked to delete.
func (r *Resource) deleteTopics(ctx context.Context, w *whole, target tfkit.Target, gone []goneTopic, deletes bool) diag.Diagnostics {
	var diags diag.Diagnostics
	if len(gone) == 0 {
		return diags
	}
	on, err := r.topicsOf(ctx, w, target)
	for _, g := range gone {
		if err == nil {
			err = on.Delete(ctx, g.topic, !deletes || !g.status.Created || g.kept)
		}
		var absent *platform.NotFoundError
		if errors.As(err, &absent) {
			err = nil
		}
		if err != nil {
			diags.AddAttributeError(path.Root("topics"), fmt.Sprintf("The topic %q cannot be removed", g.topic.Name),
				tfkit.Sentence(err.Error())+" It stays in the state. Apply again when the cause is gone.")
			return diags
		}
	}
	return diags
}
