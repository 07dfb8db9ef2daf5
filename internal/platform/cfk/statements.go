package cfk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/sql"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/confluent"
)

// statements are FlinkStatements. The controller is known to leave status.phase at what it was
// when it handed the specification on, such as PENDING of a statement that runs. So the server
// is asked where the provider knows it. Where not, a phase that says that the statement has come
// to its end or has failed is believed, and PENDING is not taken for an answer.
type statements struct {
	records[platform.Statement]
}

// Statements implements platform.SQL.
func (c *Client) Statements() platform.Objects[platform.Statement] {
	s := &statements{records[platform.Statement]{
		client: c, kind: statementKind, inEnvironment: true,
		described: func(s platform.Statement) platform.Described { return s.Described },
		spec:      specOf,
		server:    func(client *confluent.Client) platform.Objects[platform.Statement] { return client.Statements() },
	}}
	s.known = s.knownOf
	return told[platform.Statement](s)
}

// specOf is what is sent of a statement.
func specOf(want platform.Statement) (map[string]any, error) {
	spec := map[string]any{"statement": want.SQL, "computePoolName": want.Pool, "stopped": want.Stopped}
	if len(want.Properties) > 0 {
		spec["properties"] = anyTexts(want.Properties)
	}
	if len(want.Configuration) > 0 {
		spec["flinkConfiguration"] = anyTexts(want.Configuration)
	}
	if want.Parallelism > 0 {
		spec["parallelism"] = want.Parallelism
	}
	return spec, nil
}

func (s *statements) knownOf(ctx context.Context, is platform.Described, o *unstructured.Unstructured) platform.Statement {
	parallelism, _, _ := unstructured.NestedFieldNoCopy(o.Object, "spec", "parallelism")
	stopped, _, _ := unstructured.NestedBool(o.Object, "spec", "stopped")
	out := platform.Statement{
		Described: is, SQL: text(o, "spec", "statement"), Pool: text(o, "spec", "computePoolName"),
		Properties: texts(o, "spec", "properties"), Configuration: texts(o, "spec", "flinkConfiguration"),
		Parallelism: fko.Integer(parallelism), Stopped: stopped,
		Phase: text(o, "status", "phase"), Detail: text(o, "status", "detail"), Kind: text(o, "status", "traits", "sqlKind"), On: o.GetName(),
	}
	if kind := sql.KindOf(out.SQL); kind == sql.KindJob || kind == sql.KindUnknown {
		out.Keeps = s.mode(ctx, is.Namespace, out.Pool)
	}
	return out
}

// mode is how the server stops a statement of a pool: with a savepoint where the pool has both
// directories, else without. Empty where the pool cannot be read.
func (s *statements) mode(ctx context.Context, environment, pool string) string {
	configuration := map[string]any{}
	for _, source := range []struct {
		kind string
		at   []string
	}{{pool, []string{"spec", "clusterSpec", "flinkConfiguration"}}, {environment, []string{"spec", "computePoolDefaults", "clusterSpec", "flinkConfiguration"}}} {
		kind := poolKind
		if source.kind == environment {
			kind = environmentKind
		}
		found, err := s.client.cluster.Read(ctx, kind, s.client.key(source.kind))
		if err != nil {
			return ""
		}
		values, _, _ := unstructured.NestedMap(found.Object, source.at...)
		for key, value := range values {
			configuration[key] = value
		}
	}
	if configuration["state.checkpoints.dir"] != nil && configuration["state.savepoints.dir"] != nil {
		return flink.UpgradeSavepoint
	}
	return flink.UpgradeStateless
}

// Create implements platform.Objects.
func (s *statements) Create(ctx context.Context, want platform.Statement) (platform.Statement, error) {
	want.Written = time.Now()
	created, err := s.records.Create(ctx, want)
	return wished(want, created), err
}

// wished is a statement with what its resource says of it alone.
func wished(want, known platform.Statement) platform.Statement {
	known.StatementWishes, known.Written = want.StatementWishes, want.Written
	return known
}

// Read implements platform.Objects. What the server says of it is believed over the resource.
func (s *statements) Read(ctx context.Context, ref platform.Ref) (platform.Statement, error) {
	known, err := s.records.Read(ctx, ref)
	if err != nil || !s.client.asks() {
		return known, err
	}
	client, err := s.client.options.Server(ctx)
	if err != nil {
		return known, err
	}
	told, err := client.Statements().Read(ctx, ref)
	if _, absent := errors.AsType[*platform.NotFoundError](err); absent {
		// The controller has not handed it on, or does so again.
		return known, nil
	}
	if err != nil {
		return known, err
	}
	known.Phase, known.Detail, known.Kind, known.Savepoint = told.Phase, told.Detail, told.Kind, told.Savepoint
	return known, nil
}

// Update implements platform.Objects.
func (s *statements) Update(ctx context.Context, want, before platform.Statement) (platform.Statement, error) {
	if want.HandsOver || want.Redeploys {
		return want, &platform.ExplainedError{
			Cause: "custom resources do not have it", Err: errors.New("a statement is carried over, and started from another savepoint, over REST alone"),
			Remedy: "Nothing was changed.",
		}
	}
	found, err := s.client.cluster.Get(ctx, statementKind, s.client.key(want.Name))
	if err != nil {
		return want, s.absent(err, want.Ref)
	}
	if err := s.guard(ctx, want, s.of(ctx, want.Ref, found)); err != nil {
		return want, err
	}
	if want.Parallelism == 0 && before.Parallelism == 0 {
		// Nobody here says anything about it.
		number, _, _ := unstructured.NestedFieldNoCopy(found.Object, "spec", "parallelism")
		want.Parallelism = fko.Integer(number)
	}
	want.Written = time.Now()
	written, err := s.records.Update(ctx, want, before)
	return wished(want, written), err
}

// guard refuses a change that would lose state of which its plan did not know.
func (s *statements) guard(ctx context.Context, want, is platform.Statement) error {
	of := func(o platform.Statement) sql.Statement {
		return sql.Statement{Text: o.SQL, Pool: o.Pool, Properties: o.Properties, Configuration: o.Configuration, Parallelism: o.Parallelism, Stopped: o.Stopped}
	}
	before, after := of(is), of(is)
	after.Parallelism, after.Stopped = want.Parallelism, want.Stopped
	seen := sql.Seen{Phase: is.Phase, Mode: s.mode(ctx, is.Namespace, is.Pool)}
	if s.client.asks() {
		if told, err := s.Read(ctx, want.Ref); err == nil {
			seen.Phase, seen.Savepoint = told.Phase, told.Savepoint
		}
	}
	decision := sql.Plan(sql.Change{Name: want.Name, Old: &before, New: after, Seen: seen, AllowStateLoss: want.AllowStateLoss})
	if len(decision.Errors) > 0 {
		return &platform.RolloutError{Summary: decision.Errors[0].Summary, Detail: decision.Errors[0].Detail + " Nothing was written. Plan again with a refresh."}
	}
	return nil
}

// phaseWithin is how long a statement whose phase the controller does not refresh is looked at.
const phaseWithin = 30 * time.Second

// Await implements platform.Objects: the statement runs and has proved that it works, as the
// server says. Where the provider does not know that, the controller's last word counts.
func (s *statements) Await(ctx context.Context, want platform.Statement) (platform.Statement, error) {
	o, err := s.client.cluster.Get(ctx, statementKind, s.client.key(want.Name))
	if err != nil {
		return want, s.absent(err, want.Ref)
	}
	last, err := s.client.handedOn(ctx, statementKind, o)
	known := wished(want, s.of(ctx, want.Ref, last))
	if err != nil {
		return known, err
	}
	if s.client.asks() {
		client, err := s.client.options.Server(ctx)
		if err != nil {
			return known, err
		}
		// What the resource says of it is known; how it is, the server tells.
		asked := known
		asked.SavepointPath = ""
		told, err := client.Statements().Await(ctx, asked)
		known.Phase, known.Detail, known.Kind, known.Savepoint, known.Proof = told.Phase, told.Detail, told.Kind, told.Savepoint, told.Proof
		return known, err
	}
	return s.believed(ctx, known, last)
}

// believed is what the controller's word says of a statement.
func (s *statements) believed(ctx context.Context, known platform.Statement, last *unstructured.Unstructured) (platform.Statement, error) {
	bounded, cancel := context.WithTimeout(ctx, phaseWithin)
	defer cancel()
	seen, err := s.client.until(bounded, statementKind, last, func(o *unstructured.Unstructured) bool { return said(s.of(ctx, known.Ref, o)) })
	known = wished(known, s.of(ctx, known.Ref, seen))
	switch failed := known.Phase == sql.PhaseFailed; {
	case failed:
		return known, &platform.RolloutError{
			Summary: fmt.Sprintf("The statement %q has failed", known.Name),
			Detail:  fmt.Sprintf("%s says of FlinkStatement %s: %s", product, known.Ref, orSilent(known.Detail)),
		}
	case said(known):
		known.Proof = "phase " + known.Phase + ", as " + product + " says"
		return known, nil
	case ctx.Err() != nil:
		return known, ctx.Err()
	case err != nil && bounded.Err() == nil:
		return known, err
	}
	return known, &platform.RolloutError{
		Waiting: true,
		Summary: fmt.Sprintf("Whether the statement %q works is not known", known.Name),
		Detail: fmt.Sprintf("%s has handed it on (status.cmfSync is Created), and says %s since. Its releases up to 3.3.0 do not refresh the phase, so the statement may run or may have failed. "+
			"Look at it in %s, or tell the provider where that is (confluent.endpoint, or CONFLUENT_CMF_URL): then it is asked.", product, orSilent(known.Phase), server),
	}
}

func orSilent(what string) string {
	if what == "" {
		return "nothing"
	}
	return what
}

// said tells whether a phase says that a statement is what it shall be, or cannot be that.
func said(s platform.Statement) bool {
	switch s.Phase {
	case sql.PhaseFailed, sql.PhaseCompleted:
		return true
	case sql.PhaseRunning:
		return !s.Stopped
	case sql.PhaseStopped:
		return s.Stopped
	}
	return false
}
