package statement

import (
	"cmp"
	"maps"

	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/sql"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/object"
)

var _ object.Consequential[platform.Statement] = (*model)(nil)

// rollout is the attribute of this name.
type rollout struct {
	Revision *int64   `tfsdk:"revision"`
	Action   *string  `tfsdk:"action"`
	Because  []string `tfsdk:"because"`
	State    *string  `tfsdk:"state"`
	Downtime *bool    `tfsdk:"downtime"`
	Summary  *string  `tfsdk:"summary"`
}

func rolloutOf(r planner.Rollout) *rollout {
	return &rollout{
		Revision: &r.Revision, Action: (*string)(&r.Action), Because: append([]string{}, r.Because...),
		State: (*string)(&r.State), Downtime: &r.Downtime, Summary: &r.Summary,
	}
}

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
	case planner.ActionNone, planner.ActionMetadata, planner.ActionConfigOnly, planner.ActionDeferred, planner.ActionSuspend:
		m.leaves = true
	default:
	}
	m.Rollout = rolloutOf(decision.Rollout)
	if unknown && !decision.Replaces {
		// Nothing is said of what may come to be something else.
		return object.Consequence{InPlace: m.change.CarryOver, Unknown: true}
	}
	return object.Consequence{
		Diagnostics: tfkit.Findings(findings(decision)), Unknown: decision.Unknown, InPlace: decision.HandsOver,
		Nothing: m.change.Old != nil && decision.Rollout.Action == planner.ActionNone,
	}
}

// compare puts in what the change begins from.
func (m *model) compare(before *model) {
	old := before.decides()
	m.change.Old, m.change.Name = &old, ptr.Deref(before.Name, "")
	if before.Rollout != nil {
		m.change.Revision = ptr.Deref(before.Rollout.Revision, 0)
	}
	if is := before.Status; is != nil {
		m.change.Seen = sql.Seen{
			Phase: ptr.Deref(is.Phase, ""), Mode: ptr.Deref(tfkit.WireUpgradeMode(is.UpgradeMode), ""), Savepoint: ptr.Deref(is.SavepointPath, ""),
		}
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
func (m *model) leaveOpen(unknown func(string) bool) bool {
	old := m.change.Old
	if old == nil {
		old = &sql.Statement{}
	}
	now, found := &m.change.New, false
	for name, keep := range map[string]func(){
		"statement":              func() { now.Text = old.Text },
		"compute_pool":           func() { now.Pool = old.Pool },
		"properties":             func() { now.Properties = old.Properties },
		"flink_configuration":    func() { now.Configuration = old.Configuration },
		"parallelism":            func() { now.Parallelism = old.Parallelism },
		"stopped":                func() { now.Stopped = old.Stopped },
		"initial_savepoint_path": func() { now.SavepointPath = old.SavepointPath },
		"upgrade":                func() { now.Mode = old.Mode },
		"labels":                 func() {},
		"annotations":            func() {},
	} {
		if unknown(name) {
			keep()
			found = true
		}
	}
	return found
}

// Learn implements object.Consequential: what was written tells how the server stops
// the statement. Where nobody knows even then, the loss of its state was allowed.
func (m *model) Learn(observed platform.Statement) {
	m.change.Seen.Mode = cmp.Or(m.change.Seen.Mode, observed.Keeps, flink.UpgradeStateless)
	m.Rollout = rolloutOf(sql.Plan(m.change).Rollout)
}

// decides is what of the data decides about a change.
func (m *model) decides() sql.Statement {
	return sql.Statement{
		Text: ptr.Deref(m.Statement, ""), Pool: ptr.Deref(m.ComputePool, ""), Properties: m.Properties, Configuration: m.FlinkConfiguration,
		Parallelism: ptr.Deref(m.Parallelism, 0), Stopped: ptr.Deref(m.Stopped, false),
		Mode: ptr.Deref(tfkit.WireUpgradeMode(m.how().Mode), ""), SavepointPath: ptr.Deref(m.SavepointPath, ""),
	}
}

// findings are the notices of a decision.
func findings(decision sql.Decision) []flink.Finding {
	var out []flink.Finding
	for _, n := range decision.Errors {
		out = append(out, flink.Finding{Path: n.Path, Severity: flink.Error, Summary: n.Summary, Detail: n.Detail})
	}
	for _, n := range decision.Warnings {
		out = append(out, flink.Finding{Path: n.Path, Severity: flink.Warning, Summary: n.Summary, Detail: n.Detail})
	}
	return out
}
