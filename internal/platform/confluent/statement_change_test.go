package confluent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/sql"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// TestChange changes a statement in place, on a server of which the plan knew less.
func TestChange(t *testing.T) {
	t.Parallel()
	wider := func(want *platform.Statement) { want.Parallelism = 2 }
	stops := func(want *platform.Statement) { want.Stopped = true }
	from := func(want *platform.Statement) { want.SavepointPath = "s3://s/other" }
	other := func(s *sqlServer) { s.files["s3://s/other"] = "7" }
	empty := func(s *sqlServer) { delete(s.directories, "state.savepoints.dir") }
	stopped := func(is *ran) { is.Spec.Stopped, is.Status.Phase = true, sql.PhaseRunning }
	idle := func(is *ran) { is.Spec.Stopped, is.state = true, "" }
	for name, test := range map[string]struct {
		of    func(*ran)
		meets func(*sqlServer)
		want  func(*platform.Statement)
		// fails is a part of the error, empty for none, and ends what is there afterwards.
		fails, ends string
	}{
		"wider":                        {want: wider, ends: "totals RUNNING 42"},
		"wider, without a savepoint":   {want: wider, meets: empty, fails: "This change drops the state.*Nothing was written", ends: "totals RUNNING 42"},
		"it stops":                     {want: stops, ends: "totals STOPPED"},
		"it stops without a savepoint": {want: stops, meets: empty, fails: "This change drops the state.*Nothing was written", ends: "totals RUNNING 42"},
		"it stops, nobody knows how":   {want: stops, meets: answers("GET compute-pools/sql", http.StatusForbidden), fails: "Nobody can tell.*Nothing was written", ends: "totals RUNNING 42"},
		"it stops, which may lose": {
			want: func(want *platform.Statement) { want.Stopped, want.AllowStateLoss = true, true }, meets: empty, ends: "totals STOPPED",
		},
		"it goes on": {of: stopped, ends: "totals RUNNING 42"},
		"it has failed": {
			want: wider, meets: func(s *sqlServer) { s.statements["totals"].Status.Phase = sql.PhaseFailed },
			fails: "This change drops the state.*Nothing was written", ends: "totals FAILED 42",
		},
		"it has failed, which may lose": {
			want:  func(want *platform.Statement) { want.Parallelism, want.AllowStateLoss = 2, true },
			meets: func(s *sqlServer) { s.statements["totals"].Status.Phase = sql.PhaseFailed },
			fails: "neither changes nor resumes one that has failed.*Nothing was written", ends: "totals FAILED 42",
		},
		// It was created stopped, to start from a path.
		"it starts at last":                 {of: idle, meets: other, want: from, ends: "totals RUNNING 7"},
		"it starts, from a path given late": {of: idle, meets: other, want: func(want *platform.Statement) { from(want); want.Redeploys = true }, ends: "totals RUNNING 7"},
		"it starts, from a path given late, and its savepoints are not shown": {
			of: idle, meets: func(s *sqlServer) { other(s); answers("GET statements/totals/savepoints", http.StatusForbidden)(s) },
			want:  func(want *platform.Statement) { from(want); want.Redeploys = true },
			fails: "This change drops the state.*Nothing was written", ends: "totals STOPPED",
		},
		// It has run since, so the path is where it began once.
		"it goes on, and has a path":       {of: stopped, meets: other, want: from, ends: "totals RUNNING 42"},
		"it is to go back to another path": {meets: other, want: func(want *platform.Statement) { from(want); want.Redeploys = true }, fails: "This change drops the state", ends: "totals RUNNING 42"},
		"it goes back to another path": {
			meets: other, want: func(want *platform.Statement) { from(want); want.Redeploys, want.AllowStateLoss = true, true }, ends: "totals RUNNING 7",
		},
		"what was to take over is not wanted": {
			meets: func(s *sqlServer) {
				s.has("totals-next", secondText, func(is *ran) {
					is.Metadata.Annotations, is.Spec.Stopped, is.state = map[string]string{ownerAnnotation: "totals/1"}, true, ""
				})
			}, want: wider, ends: "totals RUNNING 42",
		},
		"what has taken over is not wanted": {
			meets: func(s *sqlServer) {
				s.has("totals-next", secondText, func(is *ran) { is.Metadata.Annotations = map[string]string{ownerAnnotation: "totals/1"} })
			}, want: wider, fails: `"totals-next" runs, and would be deleted.*Nothing was written`, ends: "totals RUNNING 42, totals-next RUNNING 42",
		},
		"only its label": {
			want:  func(want *platform.Statement) { want.Labels, want.Leaves = map[string]string{"a": "b"}, true },
			meets: func(s *sqlServer) { s.statements["totals"].Status.Phase = "RESTARTING" }, ends: "totals RESTARTING 42",
		},
		"words that nobody knows here": {of: func(is *ran) { is.Spec.Statement = "MERGE INTO totals" }, want: wider, ends: "totals RUNNING 42"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newSQLServer(t)
			server.has("totals", firstText, test.of)
			if is := server.statements["totals"]; is.Spec.Stopped {
				server.look(is)
			}
			if test.meets != nil {
				test.meets(server)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := apply(ctx, server.client(t), wantedStatement(firstText, test.want))
			fails(t, err, test.fails)
			if got := server.shows(); got != test.ends {
				t.Errorf("there is %s, want %s", got, test.ends)
			}
			if writes := server.takes(http.MethodPost, http.MethodPut, http.MethodDelete); test.fails != "" && len(writes) > 0 {
				t.Errorf("it was refused, and writes %s", writes)
			}
		})
	}
}

// TestChangeAsksNow has a guard ask for what the environment says now, whatever the
// process has read of it before.
func TestChangeAsksNow(t *testing.T) {
	t.Parallel()
	server := newSQLServer(t)
	server.has("totals", firstText, nil)
	client := server.client(t)
	found, err := client.Read(t.Context(), wantedStatement("", nil).Ref)
	if err != nil || found.Keeps != flink.UpgradeSavepoint {
		t.Fatalf("it stops in the way %q: %v", found.Keeps, err)
	}
	server.mu.Lock()
	server.defaults = `{"clusterSpec":{"flinkConfiguration":{"state.savepoints.dir":""}}}`
	server.mu.Unlock()
	_, err = client.Update(t.Context(), wantedStatement(firstText, func(want *platform.Statement) { want.Stopped = true }), wantedStatement(firstText, func(*platform.Statement) {}))
	fails(t, err, "This change drops the state")
}

// TestChangeIsProvedAnew takes no proof from the job that ran before a change.
func TestChangeIsProvedAnew(t *testing.T) {
	t.Parallel()
	server := newSQLServer(t)
	server.has("totals", firstText, nil)
	server.flink = func(path string) string {
		now := time.Now()
		switch path {
		case "jobs/overview":
			return `{"jobs":[{"jid":"a","end-time":-1}]}`
		case "jobs/a":
			return fmt.Sprintf(`{"state":"RUNNING","now":%d,"start-time":%d,"vertices":[{"tasks":{"RUNNING":1}}]}`, now.UnixMilli(), now.Add(-time.Hour).UnixMilli())
		case "jobs/a/checkpoints":
			return fmt.Sprintf(`{"latest":{"completed":{"trigger_timestamp":%d}}}`, now.Add(time.Second).UnixMilli())
		}
		return `{}`
	}
	found, err := apply(t.Context(), server.client(t), wantedStatement(firstText, func(want *platform.Statement) { want.Parallelism = 2 }))
	if err != nil || found.Proof != "ran for 1ms" {
		t.Errorf("it is proved by %q: %v", found.Proof, err)
	}
}

// TestWhoseStatementsAre tells the two statements of a resource from those of others.
func TestWhoseStatementsAre(t *testing.T) {
	t.Parallel()
	owned := func(owner string) func(*ran) {
		return func(is *ran) { is.Metadata.Annotations = map[string]string{ownerAnnotation: owner} }
	}
	const long = "a-statement-with-a-name-of-forty-five-letters"
	for name, test := range map[string]struct {
		has  func(*sqlServer)
		name string
		// want is the name of the statement on the server, empty for none.
		want string
	}{
		"the first":  {func(s *sqlServer) { s.has("totals", firstText, nil) }, "totals", "totals"},
		"the second": {func(s *sqlServer) { s.has("totals-next", firstText, owned("totals/1")) }, "totals", "totals-next"},
		"the third":  {func(s *sqlServer) { s.has("totals", firstText, owned("totals/2")) }, "totals", "totals"},
		"of the first two, the first": {func(s *sqlServer) {
			s.has("totals", firstText, nil)
			s.has("totals-next", secondText, owned("totals/1"))
		}, "totals", "totals"},
		"of the last two, the second": {func(s *sqlServer) {
			s.has("totals-next", secondText, owned("totals/1"))
			s.has("totals", firstText, owned("totals/2"))
		}, "totals", "totals-next"},
		"another one took the name": {func(s *sqlServer) {
			s.has("totals-next", secondText, owned("totals/1"))
			s.has("totals", firstText, nil)
		}, "totals", "totals-next"},
		"another resource's":           {func(s *sqlServer) { s.has("totals-next", firstText, nil) }, "totals", ""},
		"of the name itself":           {func(s *sqlServer) { s.has("totals-next", firstText, nil) }, "totals-next", "totals-next"},
		"of a name that belongs":       {func(s *sqlServer) { s.has("totals-next", firstText, owned("totals/1")) }, "totals-next", ""},
		"with a long name":             {func(s *sqlServer) { s.has(nameWith(long, successorSuffix), firstText, owned(long+"/1")) }, long, nameWith(long, successorSuffix)},
		"with a long name, another's":  {func(s *sqlServer) { s.has(nameWith(long, successorSuffix), firstText, owned("other/1")) }, long, ""},
		"with an annotation of others": {func(s *sqlServer) { s.has("totals", firstText, owned("nonsense")) }, "totals", "totals"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newSQLServer(t)
			test.has(server)
			found, err := server.client(t).Read(t.Context(), platform.Ref{Namespace: "prod", Name: test.name})
			absent := (*platform.NotFoundError)(nil)
			if found.On != test.want || errors.As(err, &absent) != (test.want == "") {
				t.Errorf("found %q: %v", found.On, err)
			}
		})
	}
	for _, suffix := range []string{successorSuffix, onDestroySuffix} {
		first, second := nameWith(long+"-1", suffix), nameWith(long+"-2", suffix)
		if len(first) > longestName || first == second || !strings.HasSuffix(first, suffix) || nameWith("a", suffix) != "a"+suffix {
			t.Errorf("the names are %s and %s", first, second)
		}
	}
}

// TestNewestSavepoint goes by times, whatever the form of their fractions.
func TestNewestSavepoint(t *testing.T) {
	t.Parallel()
	server := newSQLServer(t)
	server.has("totals", firstText, func(is *ran) { is.Spec.Stopped = true })
	for path, when := range map[string]string{"a": "2026-01-01T00:00:05.1Z", "b": "2026-01-01T00:00:05.12Z", "c": "2026-01-01T00:00:05Z"} {
		raw, _ := json.Marshal(map[string]any{
			"metadata": map[string]any{"name": path, "creationTimestamp": "2026-01-01T00:00:04Z"}, "status": map[string]any{"state": completed, "path": path, "triggerTimestamp": when},
		})
		server.savepoints["totals"] = append(server.savepoints["totals"], string(raw))
	}
	found, err := server.client(t).Read(t.Context(), wantedStatement("", nil).Ref)
	if err != nil || found.Savepoint != "b" {
		t.Errorf("the newest is %q: %v", found.Savepoint, err)
	}
}

// TestCreateStatement knows a statement again whose answer is lost, and which the server
// writes in its own way.
func TestCreateStatement(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		meets func(*sqlServer)
		// fails is a part of the error, empty for none.
		fails string
	}{
		"it is new": {func(*sqlServer) {}, ""},
		"the answer is lost": {func(s *sqlServer) {
			s.fault = func(_ int, request string) fault {
				if request != "POST statements" {
					return fault{}
				}
				return fault{loses: true, after: func() { s.statements["totals"].Spec.Statement = strings.ReplaceAll(firstText, " ", "\n") }}
			}
		}, ""},
		"it is there": {func(s *sqlServer) { s.has("totals", firstText, nil) }, "exists already"},
		"it is there under its second name": {func(s *sqlServer) {
			s.has("totals-next", firstText, func(is *ran) { is.Metadata.Annotations = map[string]string{ownerAnnotation: "totals/1"} })
		}, "exists already"},
		"another one has its second name": {func(s *sqlServer) { s.has("totals-next", firstText, nil) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newSQLServer(t)
			test.meets(server)
			_, err := server.client(t).Create(t.Context(), wantedStatement(firstText, nil))
			fails(t, err, test.fails)
		})
	}
}
