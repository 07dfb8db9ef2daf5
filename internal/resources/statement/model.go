package statement

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/sql"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/object"
)

// model is the resource's data. Nil is null.
type model struct {
	object.Common

	Statement          *string           `tfsdk:"statement"`
	ComputePool        *string           `tfsdk:"compute_pool"`
	Properties         map[string]string `tfsdk:"properties"`
	FlinkConfiguration map[string]string `tfsdk:"flink_configuration"`
	Parallelism        *int64            `tfsdk:"parallelism"`
	Stopped            *bool             `tfsdk:"stopped"`
	SavepointPath      *string           `tfsdk:"initial_savepoint_path"`
	OnDestroy          *string           `tfsdk:"on_destroy"`
	Upgrade            *upgrade          `tfsdk:"upgrade"`
	Rollout            types.Object      `tfsdk:"rollout"`
	Status             *status           `tfsdk:"status"`

	// change is what Decide has decided about.
	change sql.Change
	// handsOver, redeploys and leaves are what it has come to; leaves tells that no job is
	// started or stopped.
	handsOver, redeploys, leaves bool
}

// upgrade is how the statement is changed.
type upgrade struct {
	Mode             *string `tfsdk:"mode"`
	CarryOver        *bool   `tfsdk:"carry_over"`
	AllowNonRestored *bool   `tfsdk:"allow_non_restored_state"`
	AllowStateLoss   *bool   `tfsdk:"allow_state_loss"`
	ProveFor         *string `tfsdk:"prove_for"`
}

// how is upgrade, with nothing said where there is none.
func (m *model) how() upgrade { return ptr.Deref(m.Upgrade, upgrade{}) }

// status is what the platform says of the statement.
type status struct {
	Phase         *string `tfsdk:"phase"`
	Detail        *string `tfsdk:"detail"`
	SQLKind       *string `tfsdk:"sql_kind"`
	UpgradeMode   *string `tfsdk:"upgrade_mode"`
	SavepointPath *string `tfsdk:"savepoint_path"`
	StatementName *string `tfsdk:"statement_name"`
	Proof         *string `tfsdk:"proof"`
}

// Want implements object.Data.
func (m *model) Want() (platform.Statement, diag.Diagnostics) {
	prove := defaults.DefaultProveFor
	if m.how().ProveFor != nil {
		// The schema has checked it.
		prove, _ = time.ParseDuration(*m.how().ProveFor)
	}
	return platform.Statement{
		Described: m.Described(), SQL: ptr.Deref(m.Statement, ""), Pool: ptr.Deref(m.ComputePool, ""),
		Properties: m.Properties, Configuration: m.FlinkConfiguration, Parallelism: ptr.Deref(m.Parallelism, 0), Stopped: ptr.Deref(m.Stopped, false),
		StatementWishes: platform.StatementWishes{
			Mode: ptr.Deref(tfkit.WireUpgradeMode(m.how().Mode), ""), SavepointPath: ptr.Deref(m.SavepointPath, ""), Redeploys: m.redeploys,
			AllowNonRestored: ptr.Deref(m.how().AllowNonRestored, false), AllowStateLoss: ptr.Deref(m.how().AllowStateLoss, false),
			HandsOver: m.handsOver, Leaves: m.leaves, ProveFor: prove, OnDestroy: ptr.Deref(m.OnDestroy, ""),
		},
	}, nil
}

// Take implements object.Data. The server writes the text in its own way, and
// completes properties and configuration: what is said stays as it is said. Of one
// that is imported nothing is known, so it is taken as the server has it.
func (m *model) Take(observed platform.Statement) diag.Diagnostics {
	m.TakeDescribed(observed.Described)
	imported := m.Statement == nil
	if imported {
		m.Properties, m.FlinkConfiguration = some(observed.Properties), some(observed.Configuration)
	}
	if m.Statement == nil || sql.Words(*m.Statement) != sql.Words(observed.SQL) {
		m.Statement = &observed.SQL
	}
	m.ComputePool = &observed.Pool
	m.Properties = said(m.Properties, observed.Properties)
	m.FlinkConfiguration = said(m.FlinkConfiguration, observed.Configuration)
	// The defaults of the server are no change, and no value when another one is gone. A
	// parallelism of which nothing is said is whoever says it.
	if is := &observed.Parallelism; (imported || m.Parallelism != nil) && max(ptr.Deref(m.Parallelism, 0), 1) != max(*is, 1) {
		m.Parallelism = unless(is, *is <= 1)
	}
	if is := &observed.Stopped; ptr.Deref(m.Stopped, false) != *is {
		m.Stopped = unless(is, !*is)
	}
	if m.Rollout.IsNull() {
		m.Rollout = tfkit.RolloutObject(planner.Rollout{Action: planner.ActionNone, State: planner.StateNone, Summary: "#0 imported"})
	}
	proof := observed.Proof
	if runs := observed.Phase == sql.PhaseRunning || observed.Phase == sql.PhaseCompleted; proof == "" && runs && m.Status != nil {
		proof = ptr.Deref(m.Status.Proof, "")
	}
	m.Status = &status{
		Phase: text(observed.Phase), Detail: text(observed.Detail), SQLKind: text(observed.Kind), UpgradeMode: tfkit.UpgradeModeName(text(observed.Keeps)),
		SavepointPath: text(observed.Savepoint), StatementName: text(observed.On), Proof: text(proof),
	}
	return nil
}

// unless returns a value, nil for a default.
func unless[T any](value *T, isDefault bool) *T {
	if isDefault {
		return nil
	}
	return value
}

func text(value string) *string {
	if value == "" {
		return nil
	}
	return &value
}

// some returns a map, nil for an empty one.
func some(values map[string]string) map[string]string {
	if len(values) == 0 {
		return nil
	}
	return values
}

// said returns what is known as long as the server has it, with other values of
// its own beside.
func said(known, observed map[string]string) map[string]string {
	if known == nil {
		return nil
	}
	for key, value := range known {
		if is, has := observed[key]; !has || is != value {
			return observed
		}
	}
	return known
}

// Trouble says what a refresh has to say of a statement that does not do what it
// shall.
func (m *model) Trouble() diag.Diagnostics {
	if m.Status == nil {
		return nil
	}
	says := "The server says: " + ptr.Deref(m.Status.Detail, "nothing more") + "\n\n"
	switch phase := ptr.Deref(m.Status.Phase, ""); phase {
	case "", sql.PhaseRunning, sql.PhaseCompleted, sql.PhaseStopped:
		return nil
	case sql.PhaseDeleting:
		return diag.Diagnostics{diag.NewWarningDiagnostic("The statement \""+ptr.Deref(m.Name, "")+"\" is being deleted",
			"The server has been told to delete it, and has not done with it yet. The first plan after that creates the statement again.")}
	case sql.PhaseFailed:
		return diag.Diagnostics{diag.NewWarningDiagnostic("The statement \""+ptr.Deref(m.Name, "")+"\" has failed",
			says+"A statement that has failed cannot be resumed. Correct the cause, and create it again: `terraform apply -replace=<address>`. "+
				"The new one begins from the start, unless initial_savepoint_path names a savepoint or a checkpoint that its job has left.")}
	default:
		return diag.Diagnostics{diag.NewWarningDiagnostic("The statement \""+ptr.Deref(m.Name, "")+"\" does not run", says+"Its phase is "+phase+". It may still come to run.")}
	}
}

// ValidateConfig warns of secrets in clear.
func (r *statementResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config struct {
		Properties         map[string]string `tfsdk:"properties"`
		FlinkConfiguration map[string]string `tfsdk:"flink_configuration"`
	}
	_, diags := tfkit.DecodeValue(ctx, req.Config.Raw, nil, &config)
	resp.Diagnostics.Append(diags...)
	for name, values := range map[string]map[string]string{"properties": config.Properties, "flink_configuration": config.FlinkConfiguration} {
		for _, key := range slices.Sorted(maps.Keys(values)) {
			if flink.SensitiveKey(key) {
				resp.Diagnostics.AddAttributeWarning(path.Root(name).AtMapKey(key), "A secret is in the statement",
					"The value of "+key+" is in clear in the state and on the server. Options of a connection belong into a flink_secret.")
			}
		}
	}
}
