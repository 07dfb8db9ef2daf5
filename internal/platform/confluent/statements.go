package confluent

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/sql"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

type statementSpec struct {
	Statement     string            `json:"statement"`
	Pool          string            `json:"computePoolName"`
	Properties    map[string]string `json:"properties,omitempty"`
	Configuration map[string]string `json:"flinkConfiguration,omitempty"`
	Parallelism   int64             `json:"parallelism,omitempty"`
	Stopped       bool              `json:"stopped"`
	// StartFrom is followed when a statement is changed, and not when it is created.
	StartFrom *statementStart `json:"startFromSavepoint,omitempty"`
	// Mode is how the server stops the statement, since 2.5.
	Mode string `json:"upgradeMode,omitempty"`
	// Schedule is left to others: a change replaces the whole specification.
	Schedule json.RawMessage `json:"savepointSchedule,omitempty"`
}

// statementStart says what a statement starts from. Another Nonce has it start from
// there again.
type statementStart struct {
	Name             string `json:"savepointName,omitempty"`
	UID              string `json:"uid,omitempty"`
	Path             string `json:"initialSavepointPath,omitempty"`
	AllowNonRestored bool   `json:"allowNonRestoredState,omitempty"`
	Nonce            int64  `json:"savepointRedeployNonce,omitempty"`
}

type statementStatus struct {
	Phase  string `json:"phase"`
	Detail string `json:"detail"`
	Traits struct {
		Kind string `json:"sqlKind"`
	} `json:"traits"`
}

type statementObject = object[statementSpec, statementStatus]

// firstWithStatementMode is the first version that is told how it shall stop a
// statement.
const firstWithStatementMode = "2.5"

// statements are the SQL statements of all environments. A statement that cannot be
// compiled is created all the same: its phase tells.
//
// What Terraform knows as one statement is, after a hand-over, a statement of another
// name on the server (statement_names.go).
type statements struct {
	kind[statementSpec, statementStatus]
}

// Statements implements platform.SQL.
func (c *Client) Statements() platform.Objects[platform.Statement] {
	return explained[platform.Statement](&statements{kind[statementSpec, statementStatus]{
		client: c, name: "Statement", parent: "Environment",
		in: func(environment string) []string { return at("environments", environment, "statements") },
		// The server completes what is sent.
		same: func(found, sent statementSpec) bool {
			return sql.Words(found.Statement) == sql.Words(sent.Statement) && found.Pool == sent.Pool
		},
	}})
}

// specOf is what is sent of a new statement.
func specOf(want platform.Statement) statementSpec {
	return statementSpec{
		Statement: want.SQL, Pool: want.Pool, Properties: want.Properties, Configuration: want.Configuration,
		Parallelism: want.Parallelism, Stopped: want.Stopped, Mode: want.Mode,
	}
}

// known is a statement as its resource knows it, by the name that it has there.
func (s *statements) known(ctx context.Context, ref platform.Ref, found statementObject) platform.Statement {
	is := found.described(ref.Namespace)
	is.Ref = ref
	out := platform.Statement{
		Described: is, SQL: found.Spec.Statement, Pool: found.Spec.Pool, Properties: found.Spec.Properties, Configuration: found.Spec.Configuration,
		Parallelism: found.Spec.Parallelism, Stopped: found.Spec.Stopped,
		Phase: found.Status.Phase, Detail: found.Status.Detail, Kind: found.Status.Traits.Kind, On: found.Metadata.Name,
	}
	if !mayRun(out.SQL) {
		return out
	}
	out.Keeps = s.mode(ctx, ref.Namespace, found.Spec, s.client.pools().read, s.client.environmentOnce)
	if out.Stopped {
		// That they cannot be listed is nothing that a refresh fails for.
		out.Savepoint, _ = s.newestSavepoint(ctx, on(ref, found), nil)
	}
	return out
}

// mayRun tells whether a statement may be a job that writes: the server may know words
// that nobody knows here.
func mayRun(text string) bool {
	kind := sql.KindOf(text)
	return kind == sql.KindJob || kind == sql.KindUnknown
}

// Create implements platform.Objects. One that starts from a savepoint is created
// stopped, and Await starts it.
func (s *statements) Create(ctx context.Context, want platform.Statement) (platform.Statement, error) {
	if err := s.takesMode(ctx, want); err != nil {
		return want, err
	}
	if _, there, err := s.successor(ctx, want.Ref, s.fresh); err != nil || there {
		if err == nil {
			err = s.exists(want.Ref)
		}
		return want, err
	}
	spec := specOf(want)
	spec.Stopped = spec.Stopped || want.SavepointPath != ""
	want.Written = time.Now()
	created, err := s.create(ctx, want.Ref, s.object(want.Described, spec))
	if err != nil {
		return want, err
	}
	return s.wished(ctx, want, created), nil
}

// wished is a statement with what its resource says of it alone.
func (s *statements) wished(ctx context.Context, want platform.Statement, found statementObject) platform.Statement {
	known := s.known(ctx, want.Ref, found)
	// One that is to start from a savepoint is stopped for a while.
	known.StatementWishes, known.Stopped, known.Written = want.StatementWishes, want.Stopped, want.Written
	return known
}

// takesMode is an error where the server cannot be told how to stop a statement.
func (s *statements) takesMode(ctx context.Context, want platform.Statement) error {
	if want.Mode == "" {
		return nil
	}
	return s.client.require(ctx, "Choosing how a statement stops (upgrade.mode)", firstWithStatementMode)
}

// Read implements platform.Objects.
func (s *statements) Read(ctx context.Context, ref platform.Ref) (platform.Statement, error) {
	active, _, err := s.locate(ctx, ref, s.read)
	if err != nil {
		return platform.Statement{}, err
	}
	return s.known(ctx, ref, *active), nil
}

// Update implements platform.Objects. It writes what the server changes in place, or
// begins a hand-over.
func (s *statements) Update(ctx context.Context, want, before platform.Statement) (platform.Statement, error) {
	if err := s.takesMode(ctx, want); err != nil {
		return want, err
	}
	active, incoming, err := s.locate(ctx, want.Ref, s.fresh)
	if err != nil {
		return want, err
	}
	if want.Parallelism == 0 && before.Parallelism == 0 {
		// Nobody here says anything about it.
		want.Parallelism = active.Spec.Parallelism
	}
	if want.HandsOver {
		return s.beginHandOver(ctx, want, *active, incoming)
	}
	seen := s.seen(ctx, want, *active)
	if err := s.guard(want, *active, seen); err != nil {
		return want, err
	}
	if incoming != nil {
		// What is left of a hand-over that is not wanted any more.
		if err := s.drop(ctx, want, *active, *incoming); err != nil {
			return want, err
		}
	}
	sent := s.object(want.Described, changed(want, active.Spec, seen))
	sent.Metadata.Name = active.Metadata.Name
	sent.Metadata.Labels = beside(active.Metadata.Labels, before.Labels, want.Labels)
	// What others have said stays, and so does who owns it.
	sent.Metadata.Annotations = beside(active.Metadata.Annotations, before.Annotations, want.Annotations)
	if unchanged(sent, *active) {
		return s.wished(ctx, want, *active), nil
	}
	want.Written = time.Now()
	written, err := s.replace(ctx, on(want.Ref, *active), sent)
	if err != nil {
		return want, err
	}
	return s.wished(ctx, want, written), nil
}

// changed is a specification that the server has with what can be changed of it.
func changed(want platform.Statement, spec statementSpec, seen sql.Seen) statementSpec {
	if redeploys(want, spec, seen) {
		spec.StartFrom = startFrom(want, spec.StartFrom, want.SavepointPath)
	}
	spec.Parallelism, spec.Stopped, spec.Mode = want.Parallelism, want.Stopped, want.Mode
	return spec
}

// redeploys tells whether a statement shall start from another path than it did. One
// that was created stopped to start from a path, and was not started, still has to.
func redeploys(want platform.Statement, spec statementSpec, seen sql.Seen) bool {
	switch {
	case want.Stopped:
		return false
	case spec.StartFrom == nil:
		return want.SavepointPath != "" && (want.Redeploys || seen.Idle)
	}
	return want.Redeploys && spec.StartFrom.Path != want.SavepointPath
}

// startFrom says that a statement starts from a path, once more than before.
func startFrom(want platform.Statement, before *statementStart, path string) *statementStart {
	start := &statementStart{Path: path, AllowNonRestored: want.AllowNonRestored, Nonce: 1}
	if before != nil {
		start.Nonce = before.Nonce + 1
	}
	return start
}

// unchanged tells whether a write would change nothing. What nobody says is the
// server's.
func unchanged(sent, is statementObject) bool {
	spec := sent.Spec
	if max(spec.Parallelism, 1) == max(is.Spec.Parallelism, 1) {
		spec.Parallelism = is.Spec.Parallelism
	}
	return reflect.DeepEqual(spec, is.Spec) && maps.Equal(sent.Metadata.Labels, is.Metadata.Labels) && maps.Equal(sent.Metadata.Annotations, is.Metadata.Annotations)
}

// guard refuses a change that would lose state of which its plan did not know. What
// the plan knows may be old: here the server is asked.
func (s *statements) guard(want platform.Statement, active statementObject, seen sql.Seen) error {
	before := decides(active.Spec)
	after := before
	after.Parallelism, after.Stopped, after.Mode = want.Parallelism, want.Stopped, want.Mode
	if redeploys(want, active.Spec, seen) {
		after.SavepointPath = want.SavepointPath
	}
	decision := sql.Plan(sql.Change{Name: want.Name, Old: &before, New: after, Seen: seen, AllowStateLoss: want.AllowStateLoss})
	switch {
	case decision.Unknown && !want.AllowStateLoss:
		return s.unsure(want, active)
	case len(decision.Errors) > 0:
		return changedSince(decision.Errors[0].Summary, decision.Errors[0].Detail, active)
	case decision.Replaces:
		return changedSince(fmt.Sprintf("The statement %q has failed", want.Name), "The server neither changes nor resumes one that has failed: it has to be replaced.", active)
	}
	return nil
}

// decides is what of a specification on the server decides about a change.
func decides(spec statementSpec) sql.Statement {
	out := sql.Statement{
		Text: spec.Statement, Pool: spec.Pool, Properties: spec.Properties, Configuration: spec.Configuration,
		Parallelism: spec.Parallelism, Stopped: spec.Stopped, Mode: spec.Mode,
	}
	if spec.StartFrom != nil {
		out.SavepointPath = spec.StartFrom.Path
	}
	return out
}

// seen is what the server says now of a statement.
func (s *statements) seen(ctx context.Context, want platform.Statement, active statementObject) sql.Seen {
	out := sql.Seen{Phase: active.Status.Phase}
	if !mayRun(active.Spec.Statement) {
		return out
	}
	out.Mode = s.mode(ctx, want.Namespace, active.Spec, s.client.pools().get, environments{s.client}.get)
	if active.Spec.Stopped {
		var err error
		out.Savepoint, err = s.newestSavepoint(ctx, on(want.Ref, active), nil)
		// One that has a path since it was created starts from there first. Of another one,
		// that no savepoint is listed is no sign where nothing is listed.
		out.Idle = active.Spec.StartFrom == nil && out.Savepoint == "" && (err == nil || !want.Redeploys)
	}
	return out
}

// mode is how the server stops a statement: by its upgradeMode, else with a savepoint
// where its pool has both directories, else without. Empty: the pool is not to be read.
func (s *statements) mode(
	ctx context.Context, in string, spec statementSpec,
	pool func(context.Context, platform.Ref) (object[poolSpec, poolStatus], error), of func(context.Context, string) (environment, error),
) string {
	if spec.Mode != "" {
		return spec.Mode
	}
	found, err := pool(ctx, platform.Ref{Namespace: in, Name: spec.Pool})
	if err != nil {
		return ""
	}
	defaults, err := of(ctx, in)
	if err != nil {
		return ""
	}
	configuration := poolConfiguration(defaults, found.Spec)
	if configuration["state.checkpoints.dir"] != "" && configuration["state.savepoints.dir"] != "" {
		return flink.UpgradeSavepoint
	}
	return flink.UpgradeStateless
}
