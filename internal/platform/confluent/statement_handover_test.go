package confluent

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/sql"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

func handsOver(want *platform.Statement) { want.HandsOver = true }

// TestHandOverIsCut ends a hand-over at each of its requests in each of some ways, and has
// the next process go on: the state is never lost, and in the end the new statement alone
// is there.
func TestHandOverIsCut(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]func(kill context.CancelFunc) fault{
		"killed before":      func(kill context.CancelFunc) fault { return fault{before: kill, code: http.StatusServiceUnavailable} },
		"killed after":       func(kill context.CancelFunc) fault { return fault{after: kill} },
		"it is forbidden":    func(context.CancelFunc) fault { return fault{code: http.StatusForbidden} },
		"it is rejected":     func(context.CancelFunc) fault { return fault{code: http.StatusUnprocessableEntity} },
		"the answer is lost": func(context.CancelFunc) fault { return fault{loses: true} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachCut(t, 40, func(t *testing.T, at int) {
				t.Helper()
				server := newSQLServer(t)
				server.has("totals", firstText, nil)
				ctx, kill := context.WithTimeout(t.Context(), time.Minute)
				defer kill()
				server.cutAt(at, func() fault { return cut(kill) })
				_, first := apply(ctx, server.client(t), wantedStatement(secondText, handsOver))
				half := server.shows()
				server.cutAt(0, nil)

				found, err := server.client(t).Read(t.Context(), wantedStatement("", nil).Ref)
				if err != nil {
					t.Errorf("%d: after %v, with %s: %s", at, first, half, err)
					return
				}
				if first == nil && found.SQL != secondText {
					t.Errorf("%d: the first apply says that it is done, with %s", at, half)
				}
				if _, err := apply(t.Context(), server.client(t), wantedStatement(secondText, func(want *platform.Statement) { want.HandsOver = found.SQL != secondText })); err != nil {
					t.Errorf("%d: after %v, with %s: %s", at, first, half, summary(err))
				}
				if got := server.shows(); got != "totals-next RUNNING "+counted {
					t.Errorf("%d: after %v, with %s, there is %s", at, first, half, got)
				}
			})
		})
	}
}

// TestHandOver goes through what a hand-over finds.
func TestHandOver(t *testing.T) {
	t.Parallel()
	next := func(more func(*ran)) func(*sqlServer) {
		return func(s *sqlServer) {
			s.has("totals-next", secondText, func(is *ran) {
				is.Metadata.Annotations = map[string]string{ownerAnnotation: "totals/1", sentAnnotation: sentAs(statementSpec{Statement: secondText, Pool: "sql", Stopped: true})}
				is.Spec.Stopped, is.state = true, ""
				more(is)
			})
		}
	}
	phase := func(is string) func(*sqlServer) {
		return func(s *sqlServer) { s.statements["totals"].Status.Phase = is }
	}
	never := func(*ran) {}
	for name, test := range map[string]struct {
		// of is the statement before, and meets what else the server has, or does.
		of    func(*ran)
		meets func(*sqlServer)
		want  func(*platform.Statement)
		// fails is a part of the error, empty for none, and ends what is there afterwards.
		fails, ends string
		// writes are the first requests that change something, as far as they are named.
		writes string
	}{
		"it runs": {ends: "totals-next RUNNING 42", writes: "POST statements, PUT statements/totals, PUT statements/totals-next, DELETE statements/totals"},
		"it is stopped": {
			of: func(is *ran) { is.Status.Phase, is.Spec.Stopped = sql.PhaseRunning, true }, ends: "totals-next RUNNING 42",
			writes: "POST statements, PUT statements/totals-next, DELETE statements/totals",
		},
		"it stops, and has an older savepoint": {
			of: func(is *ran) { is.Status.Phase = sql.PhaseRunning },
			meets: func(s *sqlServer) {
				s.savepoint(&ran{statementObject: s.statements["totals"].statementObject, state: "7"})
				next(never)(s)
				s.statements["totals"].Spec.Stopped, s.statements["totals"].looks = true, -3
			},
			ends: "totals-next RUNNING 42", writes: "PUT statements/totals-next, DELETE statements/totals",
		},
		"it stops": {
			meets: func(s *sqlServer) {
				next(never)(s)
				s.statements["totals"].Spec.Stopped, s.statements["totals"].looks = true, -3
			},
			ends: "totals-next RUNNING 42", writes: "PUT statements/totals-next, DELETE statements/totals",
		},
		"it stops without a savepoint, and has an older one": {
			meets: func(s *sqlServer) {
				s.savepoint(&ran{statementObject: s.statements["totals"].statementObject, state: "7"})
				s.fault = happens("PUT statements/totals", func() { delete(s.directories, "state.savepoints.dir") })
			},
			// What the server has lost it has lost; nothing starts from what is older.
			fails: "has stopped without a savepoint.*totals-next was deleted", ends: "totals RUNNING 7",
		},
		"it fails when it stops": {
			meets: func(s *sqlServer) {
				s.fault = happens("PUT statements/totals", func() { s.statements["totals"].Status.Phase = sql.PhaseFailed })
			},
			fails: `"totals" does not stop.*totals-next was deleted. totals was resumed and is FAILED`, ends: "totals FAILED 42",
		},
		"the new one is not created stopped": {
			meets: func(s *sqlServer) {
				s.fault = happens("POST statements", func() { s.statements["totals-next"].Spec.Stopped = false })
			},
			fails: `"totals-next" cannot be started from a savepoint.*totals runs as before`, ends: "totals RUNNING 42",
		},
		"the new one runs although it is stopped": {
			meets: func(s *sqlServer) {
				s.fault = happens("POST statements", func() {
					s.statements["totals-next"].Status.Phase, s.statements["totals-next"].looks = sql.PhaseRunning, -1000
				})
			},
			fails: `"totals-next" cannot be started from a savepoint.*totals runs as before`, ends: "totals RUNNING 42",
		},
		"another one had stopped it, and the new one cannot start": {
			of: func(is *ran) { is.Status.Phase, is.Spec.Stopped = sql.PhaseRunning, true },
			meets: func(s *sqlServer) {
				next(func(is *ran) { is.Metadata.Annotations[sentAnnotation] = "another" })(s)
				s.fault = happens("PUT statements/totals-next", func() { s.statements["totals-next"].Status.Phase = sql.PhaseFailed })
			},
			fails: "totals runs as before", ends: "totals RUNNING 42",
		},
		"it does not stop with a savepoint any more": {
			meets: func(s *sqlServer) {
				next(never)(s)
				delete(s.directories, "state.savepoints.dir")
			},
			fails: `has no savepoint to hand over.*Nothing was written`, ends: "totals RUNNING 42, totals-next STOPPED",
		},
		"it is chosen that it stops with a savepoint": {
			of: func(is *ran) { is.Spec.Mode = flink.UpgradeStateless }, want: func(want *platform.Statement) { want.Mode = flink.UpgradeSavepoint },
			ends: "totals-next RUNNING 42",
		},
		"it is chosen that it stops without": {
			of: func(is *ran) { is.Spec.Mode = flink.UpgradeStateless }, fails: "has no savepoint to hand over", ends: "totals RUNNING 42",
		},
		"it has failed":    {meets: phase(sql.PhaseFailed), fails: "No savepoint can be taken of it", ends: "totals FAILED 42"},
		"it is at its end": {meets: phase(sql.PhaseCompleted), fails: "No savepoint can be taken of it", ends: "totals COMPLETED 42"},
		"it fails":         {meets: phase("FAILING"), fails: "A savepoint can be taken of a job that runs", ends: "totals FAILING 42"},
		"it restarts":      {meets: phase("RESTARTING"), fails: "A savepoint can be taken of a job that runs", ends: "totals RESTARTING 42"},
		"savepoints are not listed": {
			meets: answers("GET statements/totals/savepoints", http.StatusNotFound), fails: "lists no savepoints of statements", ends: "totals RUNNING 42",
		},
		"savepoints are not shown": {
			meets: answers("GET statements/totals/savepoints", http.StatusUnauthorized), fails: "does not accept the credentials", ends: "totals RUNNING 42",
		},
		"nobody knows how it stops": {
			meets: answers("GET compute-pools/sql", http.StatusUnauthorized), fails: "Nobody can tell whether the state", ends: "totals RUNNING 42",
		},
		"nobody knows how it stops, which may lose": {
			meets: answers("GET compute-pools/sql", http.StatusUnauthorized), want: func(want *platform.Statement) { want.AllowStateLoss = true }, ends: "totals-next RUNNING 42",
		},
		"nobody knows how it stops, and it has lost": {
			meets: func(s *sqlServer) {
				answers("GET compute-pools/sql", http.StatusUnauthorized)(s)
				delete(s.directories, "state.savepoints.dir")
			},
			want: func(want *platform.Statement) { want.AllowStateLoss = true }, ends: "totals-next RUNNING",
		},
		"the new one cannot start": {
			meets: func(s *sqlServer) {
				s.fault = happens("PUT statements/totals-next", func() { s.statements["totals-next"].Status.Phase = sql.PhaseFailed })
			},
			fails: `"totals-next" has failed.*totals runs as before`, ends: "totals RUNNING 42",
		},
		"the new one cannot start, and the one before was stopped": {
			of: func(is *ran) { is.Status.Phase, is.Spec.Stopped = sql.PhaseRunning, true },
			meets: func(s *sqlServer) {
				s.fault = happens("PUT statements/totals-next", func() { s.statements["totals-next"].Status.Phase = sql.PhaseFailed })
			},
			fails: `totals is stopped as before`, ends: "totals STOPPED",
		},
		"the start of the new one is rejected": {
			meets: answers("PUT statements/totals-next", http.StatusUnprocessableEntity), fails: "rejects a step.*totals runs as before", ends: "totals RUNNING 42",
		},
		"the new one is deleted by somebody else": {
			meets: func(s *sqlServer) {
				s.fault = happens("PUT statements/totals-next", func() { delete(s.statements, "totals-next") })
			},
			fails: "is gone.*totals runs as before", ends: "totals RUNNING 42",
		},
		"the one before is deleted by somebody else": {
			meets: func(s *sqlServer) {
				s.fault = happens("POST statements", func() { delete(s.statements, "totals") })
			},
			fails: "was not carried over.*totals-next alone is still there", ends: "totals-next STOPPED",
		},
		"the name is somebody else's": {
			meets: func(s *sqlServer) { s.has("totals-next", secondText, nil) }, fails: "the name totals-next is taken", ends: "totals RUNNING 42, totals-next RUNNING 42",
		},
		"the one before cannot be deleted": {
			meets: answers("DELETE statements/totals", http.StatusForbidden), fails: `"totals-next" works, and "totals" before it could not be deleted`,
			ends: "totals STOPPED, totals-next RUNNING 42",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newSQLServer(t)
			server.has("totals", firstText, test.of)
			if test.of != nil && server.statements["totals"].Spec.Stopped {
				server.look(server.statements["totals"])
			}
			if test.meets != nil {
				test.meets(server)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := apply(ctx, server.client(t), wantedStatement(secondText, func(want *platform.Statement) {
				want.HandsOver = true
				if test.want != nil {
					test.want(want)
				}
			}))
			fails(t, err, test.fails)
			if got := server.shows(); got != test.ends {
				t.Errorf("there is %s, want %s", got, test.ends)
			}
			if got := strings.Join(server.takes(http.MethodPost, http.MethodPut, http.MethodDelete), ", "); test.writes != "" && got != test.writes {
				t.Errorf("it writes %s", got)
			}
		})
	}
}

// answers has a server answer a request with a code.
func answers(request string, code int) func(*sqlServer) {
	return func(s *sqlServer) {
		s.fault = func(_ int, asked string) fault {
			if asked == request {
				return fault{code: code}
			}
			return fault{}
		}
	}
}

// happens has something happen each time that the server has carried a request out.
func happens(request string, then func()) func(int, string) fault {
	return func(_ int, asked string) fault {
		if asked == request {
			return fault{after: then}
		}
		return fault{}
	}
}

// fails checks an error by a pattern over all of it; an empty one is for no error.
func fails(t *testing.T, err error, pattern string) {
	t.Helper()
	said := strings.ReplaceAll(summary(err), "\n", " ")
	if (err != nil) != (pattern != "") || !matches(pattern, said) {
		t.Errorf("it says %s, want %s", said, pattern)
	}
}

// TestHandOverIsLate says at the end of the time what was waited for, and leaves the rest
// to the next apply.
func TestHandOverIsLate(t *testing.T) {
	t.Parallel()
	server := newSQLServer(t)
	server.has("totals", firstText, nil)
	server.statements["totals"].slow = true
	ctx := newLate(t.Context())
	// The two that come first look for the statement, and the third sees it stop.
	server.fault = ctx.after("GET statements/totals", 5)
	_, err := apply(ctx, server.client(t), wantedStatement(secondText, handsOver))
	failed, is := errors.AsType[*platform.RolloutError](err)
	if !is || !failed.Waiting || failed.Summary != `The statement "totals" does not stop in time` || !strings.Contains(failed.Detail, "Its phase is RUNNING") {
		t.Errorf("it says %s", summary(err))
	}
	if got := server.shows(); got != "totals RUNNING 42, totals-next STOPPED" {
		t.Errorf("there is %s", got)
	}
}

// TestHandOverKeepsWhatOthersSay has the new statement keep a schedule, and leave the state
// that it may leave.
func TestHandOverKeepsWhatOthersSay(t *testing.T) {
	t.Parallel()
	server := newSQLServer(t)
	const schedule = `{"cronExpression":"0 0 * * * *"}`
	server.has("totals", firstText, func(is *ran) { is.Spec.Schedule = []byte(schedule) })
	leaves := func(want *platform.Statement) { want.HandsOver, want.AllowNonRestored = true, true }
	if _, err := apply(t.Context(), server.client(t), wantedStatement(secondText, leaves)); err != nil {
		t.Fatal(summary(err))
	}
	is := server.statements["totals-next"].Spec
	if got := string(is.Schedule); got != schedule {
		t.Errorf("the schedule is %s", got)
	}
	if is.StartFrom == nil || !is.StartFrom.AllowNonRestored {
		t.Errorf("it starts from %+v", is.StartFrom)
	}
}
