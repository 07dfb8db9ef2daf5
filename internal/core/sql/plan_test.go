package sql

import (
	"strings"
	"testing"

	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

const (
	insert = "INSERT INTO totals SELECT region, SUM(amount) FROM orders GROUP BY region"
	other  = "INSERT INTO totals SELECT region, COUNT(*) FROM orders GROUP BY region"
	create = "CREATE TABLE totals (region STRING, total DOUBLE)"
	kept   = "s3://savepoints/savepoint-1"
)

// TestPlan has a row of each consequence.
func TestPlan(t *testing.T) {
	t.Parallel()
	running := Seen{Phase: PhaseRunning, Mode: flink.UpgradeSavepoint}
	stateless := Seen{Phase: PhaseRunning, Mode: flink.UpgradeStateless}
	stopped := Seen{Phase: PhaseStopped, Mode: flink.UpgradeSavepoint, Savepoint: kept}
	set := func(change func(*Statement)) Statement {
		s := Statement{Text: insert, Pool: "sql"}
		change(&s)
		return s
	}
	was := set(func(*Statement) {})
	stop := set(func(s *Statement) { s.Stopped = true })
	wider := set(func(s *Statement) { s.Parallelism = 4 })
	anew := set(func(s *Statement) { s.Text = other })
	from := set(func(s *Statement) { s.SavepointPath = kept })
	definition := set(func(s *Statement) { s.Text = create })
	idle := Seen{Phase: PhaseStopped, Mode: flink.UpgradeSavepoint, Idle: true}

	for name, test := range map[string]struct {
		change Change
		// want is "<action> <state>", with "replaces", "hands over", "unknown" and "error"
		// behind.
		want string
		// says is a part of the error, of the warning, or of the summary.
		says string
	}{
		"it is created":                   {Change{New: was}, "create fresh", "#1 create"},
		"it is created from a savepoint":  {Change{New: from}, "create kept", "the job starts from " + kept},
		"it is created stopped":           {Change{New: stop}, "create none", "nothing runs until stopped is false"},
		"a definition":                    {Change{New: definition}, "create none", "carried out at once"},
		"nothing changes":                 {Change{Old: &was, New: was, Seen: running}, "none none", "#0 no change"},
		"only the layout changes":         {Change{Old: &was, New: set(func(s *Statement) { s.Text = insert + " ;\n" }), Seen: running}, "none none", ""},
		"the server's parallelism":        {Change{Old: &was, New: set(func(s *Statement) { s.Parallelism = 1 }), Seen: running}, "none none", ""},
		"a label":                         {Change{Old: &was, New: was, Seen: running, Provider: []string{"labels"}}, "metadata none", "labels; the statement is not touched"},
		"it stops":                        {Change{Old: &was, New: stop, Seen: running}, "suspend kept", "with a savepoint"},
		"it stops without a savepoint":    {Change{Old: &was, New: stop, Seen: stateless}, "suspend lost error", "state.savepoints.dir"},
		"it stops, which is allowed":      {Change{Old: &was, New: stop, Seen: stateless, AllowStateLoss: true}, "suspend lost", "will lose its state"},
		"it stops, nobody knows how":      {Change{Old: &was, New: stop, Seen: Seen{Phase: PhaseRunning}}, "suspend kept unknown", ""},
		"it shall stop without":           {Change{Old: &was, New: set(func(s *Statement) { s.Stopped, s.Mode = true, flink.UpgradeStateless }), Seen: running}, "suspend lost error", "set upgrade.mode to"},
		"an unknown word that runs":       {Change{Old: ptr.To(set(func(s *Statement) { s.Text = "MERGE INTO a" })), New: was, Seen: running}, "recreate lost replaces error", ""},
		"it stops as it is told":          {Change{Old: &was, New: set(func(s *Statement) { s.Stopped, s.Mode = true, flink.UpgradeLastState }), Seen: stateless}, "suspend kept", "last checkpoint"},
		"it goes on":                      {Change{Old: &stop, New: was, Seen: stopped}, "resume kept", "the job restarts from " + kept},
		"it goes on empty":                {Change{Old: &stop, New: was, Seen: Seen{Phase: PhaseStopped, Mode: flink.UpgradeStateless}}, "resume fresh", "starts empty"},
		"wider":                           {Change{Old: &was, New: wider, Seen: running, Revision: 3}, "savepoint_upgrade kept", "will be down while it restarts"},
		"wider, from the last checkpoint": {Change{Old: &was, New: wider, Seen: Seen{Phase: PhaseRunning, Mode: flink.UpgradeLastState}}, "last_state_upgrade kept", "last checkpoint"},
		"wider, nobody knows how":         {Change{Old: &was, New: wider, Seen: Seen{Phase: PhaseRunning}}, "savepoint_upgrade kept unknown", ""},
		"it goes on, nobody knows how":    {Change{Old: &stop, New: was, Seen: Seen{Phase: PhaseStopped}}, "resume kept unknown", ""},
		"it goes on by its checkpoint":    {Change{Old: &stop, New: was, Seen: Seen{Phase: PhaseStopped, Mode: flink.UpgradeLastState}}, "resume kept", "from its last checkpoint"},
		"wider, stateless":                {Change{Old: &was, New: wider, Seen: stateless}, "stateless_restart lost error", "upgrade.allow_state_loss = true"},
		"wider while it is stopped":       {Change{Old: &stop, New: set(func(s *Statement) { s.Stopped, s.Parallelism = true, 4 }), Seen: stopped}, "deferred kept", "recorded"},
		"wider after it has failed":       {Change{Old: &was, New: wider, Seen: Seen{Phase: PhaseFailed}}, "recreate lost replaces error", "initial_savepoint_path"},
		"wider, which may lose, too late": {Change{Old: &was, New: wider, Seen: Seen{Phase: PhaseFailed}, AllowStateLoss: true}, "recreate lost replaces", "will lose its state"},
		"a savepoint after a failure":     {Change{Old: &was, New: from, Seen: Seen{Phase: PhaseFailed}}, "recreate kept replaces", "created again with the state in " + kept},
		"wider after its end":             {Change{Old: &was, New: wider, Seen: Seen{Phase: PhaseCompleted}}, "config_only none", "nothing runs any more"},
		"another text":                    {Change{Old: &was, New: anew, Seen: running}, "recreate lost replaces error", "upgrade.carry_over = true"},
		"another text, which may lose":    {Change{Old: &was, New: anew, Seen: running, AllowStateLoss: true}, "recreate lost replaces", "scan.startup.mode"},
		"another text goes on":            {Change{Old: &was, New: anew, Seen: running, CarryOver: true}, "savepoint_upgrade kept hands over", "When it does not run, this one goes on"},
		"another text after a stop":       {Change{Old: &stop, New: anew, Seen: stopped, CarryOver: true}, "savepoint_upgrade kept hands over", kept},
		"another text goes on, stateless": {Change{Old: &was, New: anew, Seen: stateless, CarryOver: true}, "recreate lost replaces error", "state.savepoints.dir"},
		"another text goes on, somehow":   {Change{Old: &was, New: anew, Seen: Seen{Phase: PhaseRunning}, CarryOver: true}, "recreate kept hands over unknown", ""},
		"another text after a failure":    {Change{Old: &was, New: anew, Seen: Seen{Phase: PhaseFailed}, CarryOver: true}, "recreate lost replaces error", "initial_savepoint_path"},
		"another text that is stopped":    {Change{Old: &was, New: set(func(s *Statement) { s.Text, s.Stopped = other, true }), Seen: running, CarryOver: true}, "recreate lost replaces error", "stopped = false"},
		"another text from a savepoint":   {Change{Old: &was, New: set(func(s *Statement) { s.Text, s.SavepointPath = other, kept }), Seen: running}, "recreate kept replaces", "done again, or is missing"},
		"another text, from the old path": {Change{Old: &from, New: set(func(s *Statement) { s.Text, s.SavepointPath = other, kept }), Seen: running, AllowStateLoss: true}, "recreate lost replaces", "from which this one has started"},
		"another text, from who knows":    {Change{Old: &was, New: anew, Seen: running, PathUnknown: true}, "recreate lost replaces error", "not known yet"},
		"another text after its end":      {Change{Old: &was, New: anew, Seen: Seen{Phase: PhaseCompleted}}, "rerun fresh replaces", "begins from the start"},
		"another pool":                    {Change{Old: &was, New: set(func(s *Statement) { s.Pool = "big" }), Seen: running}, "recreate lost replaces error", "upgrade.carry_over"},
		"it starts for the first time":    {Change{Old: &stop, New: was, Seen: idle}, "resume fresh", "has not run yet"},
		"it starts first from a path":     {Change{Old: &stop, New: from, Seen: idle}, "redeploy_from_savepoint kept", "the job starts from " + kept},
		"it starts from the same path":    {Change{Old: ptr.To(set(func(s *Statement) { s.Stopped, s.SavepointPath = true, kept })), New: from, Seen: idle}, "resume kept", "the job starts from " + kept},
		"wider before it ever runs":       {Change{Old: &stop, New: set(func(s *Statement) { s.Stopped, s.Parallelism = true, 4 }), Seen: idle}, "deferred none", "recorded"},
		"another text before it ever ran": {Change{Old: &stop, New: anew, Seen: idle, CarryOver: true}, "recreate none replaces", "has not run yet"},
		"another property":                {Change{Old: &was, New: set(func(s *Statement) { s.Properties = map[string]string{"a": "b"} }), Seen: running}, "recreate lost replaces error", ""},
		"another name":                    {Change{Old: &was, New: was, Seen: running, Moves: []string{"name"}, CarryOver: true}, "recreate lost replaces error", "initial_savepoint_path"},
		"another name of a definition":    {Change{Old: &definition, New: definition, Moves: []string{"name"}}, "recreate none replaces", "carried out anew"},
		"another definition":              {Change{Old: &definition, New: was}, "recreate none replaces", "statement changed; the statement is deleted and carried out anew"},
		"it is given a savepoint":         {Change{Old: &was, New: from, Seen: running}, "redeploy_from_savepoint lost error", "take initial_savepoint_path back"},
		"it is given its own savepoint":   {Change{Old: &stop, New: from, Seen: stopped}, "redeploy_from_savepoint kept", "the job restarts from " + kept},
		"a savepoint while it is stopped": {Change{Old: &stop, New: set(func(s *Statement) { s.Stopped, s.SavepointPath = true, "s3://x" }), Seen: stopped}, "redeploy_from_savepoint lost error", "stopped = false"},
		"a savepoint is taken back":       {Change{Old: &from, New: was, Seen: running}, "none none", ""},
		"another mode":                    {Change{Old: &was, New: set(func(s *Statement) { s.Mode = flink.UpgradeStateless }), Seen: running}, "config_only kept", "upgrade.mode changed; the job keeps running"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.change.Name = "totals"
			got := Plan(test.change)
			words := []string{string(got.Rollout.Action), string(got.Rollout.State)}
			for word, is := range map[string]bool{"replaces": got.Replaces, "hands over": got.HandsOver} {
				if is {
					words = append(words, word)
				}
			}
			if got.Unknown {
				words = append(words, "unknown")
			}
			if len(got.Errors) > 0 {
				words = append(words, "error")
			}
			if strings.Join(words, " ") != test.want {
				t.Errorf("got %q, want %q", strings.Join(words, " "), test.want)
			}
			said := got.Rollout.Summary
			for _, n := range append(append([]planner.Notice{}, got.Errors...), got.Warnings...) {
				said += "\n" + n.Summary + ": " + n.Detail
			}
			if !strings.Contains(said, test.says) {
				t.Errorf("%q is not said:\n%s", test.says, said)
			}
			if got.Rollout.Action != planner.ActionNone && got.Rollout.Revision != test.change.Revision+1 {
				t.Errorf("the revision is %d", got.Rollout.Revision)
			}
		})
	}
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Kind{
		insert:                              KindJob,
		"  insert overwrite t SELECT 1":     KindJob,
		"-- totals\nINSERT INTO a SELECT 1": KindJob,
		"/* a\n b */ EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; END": KindJob,
		"BEGIN STATEMENT SET; INSERT INTO a SELECT 1; END":                    KindJob,
		"CREATE TABLE a WITH ('connector' = 'x') AS SELECT * FROM b":          KindJob,
		"CREATE TABLE a (\n `as` STRING COMMENT 'AS SELECT')":                 KindAtOnce,
		"CREATE OR REPLACE TABLE a AS TABLE b":                                KindJob,
		"CREATE TABLE a AS (VALUES (1))":                                      KindJob,
		"CREATE TABLE a (b AS c)":                                             KindAtOnce,
		"CREATE TABLE a AS SELECT view FROM b":                                KindJob,
		"CREATE OR REPLACE TABLE a AS (SELECT 1)":                             KindJob,
		"CREATE VIEW a AS SELECT * FROM b":                                    KindAtOnce,
		"CREATE TEMPORARY VIEW a AS SELECT * FROM TUMBLE(TABLE b)":            KindAtOnce,
		"drop table a":                         KindAtOnce,
		"EXPLAIN INSERT INTO a SELECT 1":       KindAtOnce,
		"SELECT * FROM a":                      KindQuery,
		"(SELECT 1)":                           KindQuery,
		"WITH a AS (SELECT 1) SELECT * FROM a": KindQuery,
		"INSRT INTO a SELECT 1":                KindUnknown,
		"  -- nothing":                         KindUnknown,
	} {
		if got := KindOf(text); got != want {
			t.Errorf("%q is of kind %d, want %d", text, got, want)
		}
	}
}

func TestDefines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		create:                                true,
		"CREATE TABLE a AS SELECT * FROM b":   true,
		"REPLACE TABLE a AS SELECT * FROM b":  true,
		"ALTER TABLE a ADD b INT":             true,
		"-- a\ncreate view a AS SELECT 1":     true,
		insert:                                false,
		"EXECUTE STATEMENT SET BEGIN ... END": false,
		"INSRT INTO a SELECT 1":               false,
	} {
		if got := Defines(text); got != want {
			t.Errorf("%q defines: %t", text, got)
		}
	}
}
