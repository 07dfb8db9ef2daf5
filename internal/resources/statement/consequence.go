package statement

import (
	"cmp"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/sql"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/object"
)

var _ object.Consequential[platform.Statement] = (*model)(nil)

// Decide implements object.Consequential.
func (m *model) Decide(of object.Change[platform.Statement]) object.Consequence {
	m.change = sql.Change{
		Name: ptr.Deref(m.Name, ""), New: m.decides(), Moves: of.Moves, PathUnknown: of.Unknown("initial_savepoint_path"),
		CarryOver: ptr.Deref(m.how().CarryOver, false), AllowStateLoss: ptr.Deref(m.how().AllowStateLoss, false),
	}
	if before, ok := of.Before.(*model); ok && before != nil {
		m.compare(before)
	}
	unknown := m.leaveOpen(of.Unknown)
	decision := sql.Plan(m.change)
	m.handsOver, m.redeploys = decision.HandsOver, decision.Rollout.Action == planner.ActionRedeploy
	switch decision.Rollout.Action {
	case planner.ActionNone, planner.ActionMetadata, planner.ActionConfigOnly, planner.ActionDeferred:
		m.leaves = true
	default:
	}
	m.Rollout = tfkit.RolloutObject(decision.Rollout)
	if unknown && (!decision.Replaces || !m.surelyReplaces(of.Unknown)) {
		// Nothing is said of what may come to be something else.
		return object.Consequence{Unknown: true}
	}
	return object.Consequence{
		Diagnostics: tfkit.Findings(decision.Findings()), Unknown: decision.Unknown, Replace: replaces(decision, of.Different),
		Nothing: m.change.Old != nil && decision.Rollout.Action == planner.ActionNone,
	}
}

// replaces are the attributes that replace the statement. One that has failed is
// replaced by what is else changed in place.
func replaces(decision sql.Decision, different path.Paths) path.Paths {
	switch {
	case !decision.Replaces:
		return nil
	case len(different) > 0:
		return different
	}
	var out path.Paths
	for _, attribute := range decision.Rollout.Because {
		out.Append(path.Root(attribute))
	}
	return out
}

// surelyReplaces tells of a change that replaces the statement that nothing which is not
// known yet can turn it into another one, or into one that is forbidden or allowed.
func (m *model) surelyReplaces(unknown func(at ...string) bool) bool {
	switch {
	case unknown("upgrade", "carry_over"), unknown("upgrade", "allow_state_loss"):
		return false
	case len(m.change.Moves) > 0, !m.change.CarryOver, m.change.Seen.Idle:
		return true
	}
	return !unknown("stopped") && !unknown("upgrade", "mode")
}

// compare puts in what the change begins from.
func (m *model) compare(before *model) {
	old := before.decides()
	m.change.Old, m.change.Name = &old, ptr.Deref(before.Name, "")
	was := tfkit.RolloutOf(before.Rollout)
	m.change.Revision = was.Revision
	if is := before.Status; is != nil {
		m.change.Seen = sql.Seen{
			Phase: ptr.Deref(is.Phase, ""), Mode: ptr.Deref(tfkit.WireUpgradeMode(is.UpgradeMode), ""), Savepoint: ptr.Deref(is.SavepointPath, ""),
		}
	}
	// A create whose statement was to be stopped has run nothing, and neither has what was
	// recorded since. That it was resumed by somebody else is not in the state; where it was
	// stopped again, there is its savepoint.
	if old.Stopped && m.change.Seen.Savepoint == "" && was.State == planner.StateNone {
		m.change.Seen.Idle = was.Action == planner.ActionCreate || was.Action == planner.ActionDeferred
	}
	if !maps.Equal(m.Labels, before.Labels) {
		m.change.Provider = append(m.change.Provider, "labels")
	}
	if !maps.Equal(m.Annotations, before.Annotations) {
		m.change.Provider = append(m.change.Provider, "annotations")
	}
}

// leaveOpen takes what is not known yet for what it was, and tells whether there is
// something.
func (m *model) leaveOpen(unknown func(at ...string) bool) bool {
	old := m.change.Old
	if old == nil {
		old = &sql.Statement{}
	}
	now, found := &m.change.New, false
	for _, attribute := range []struct {
		at   []string
		keep func()
	}{
		{[]string{"statement"}, func() { now.Text = old.Text }},
		{[]string{"compute_pool"}, func() { now.Pool = old.Pool }},
		{[]string{"properties"}, func() { now.Properties = old.Properties }},
		{[]string{"flink_configuration"}, func() { now.Configuration = old.Configuration }},
		{[]string{"parallelism"}, func() { now.Parallelism = old.Parallelism }},
		{[]string{"stopped"}, func() { now.Stopped = old.Stopped }},
		{[]string{"initial_savepoint_path"}, func() { now.SavepointPath = old.SavepointPath }},
		{[]string{"upgrade", "mode"}, func() { now.Mode = old.Mode }},
		{[]string{"upgrade", "carry_over"}, func() {}},
		{[]string{"upgrade", "allow_state_loss"}, func() {}},
		{[]string{"labels"}, func() {}},
		{[]string{"annotations"}, func() {}},
	} {
		if unknown(attribute.at...) {
			attribute.keep()
			found = true
		}
	}
	return found
}

// Learn implements object.Consequential: what was written tells how the server stops
// the statement. Where nobody knows even then, the loss of its state was allowed.
func (m *model) Learn(observed platform.Statement) {
	m.change.Seen.Mode = cmp.Or(m.change.Seen.Mode, observed.Keeps, flink.UpgradeStateless)
	m.Rollout = tfkit.RolloutObject(sql.Plan(m.change).Rollout)
}

// decides is what of the data decides about a change.
func (m *model) decides() sql.Statement {
	return sql.Statement{
		Text: ptr.Deref(m.Statement, ""), Pool: ptr.Deref(m.ComputePool, ""), Properties: m.Properties, Configuration: m.FlinkConfiguration,
		Parallelism: ptr.Deref(m.Parallelism, 0), Stopped: ptr.Deref(m.Stopped, false),
		Mode: ptr.Deref(tfkit.WireUpgradeMode(m.how().Mode), ""), SavepointPath: ptr.Deref(m.SavepointPath, ""),
	}
}
