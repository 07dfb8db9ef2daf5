package confluent

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/sql"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

const dropText = "DROP TABLE totals"

func drops(want *platform.Statement) { want.OnDestroy = dropText }

// TestOnDestroyIsCut ends a destroy at each of its requests, and destroys again what the
// server still has: the table is dropped once, and nothing is left.
func TestOnDestroyIsCut(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]func(kill context.CancelFunc) fault{
		"killed before":      func(kill context.CancelFunc) fault { return fault{before: kill, code: http.StatusServiceUnavailable} },
		"killed after":       func(kill context.CancelFunc) fault { return fault{after: kill} },
		"it is forbidden":    func(context.CancelFunc) fault { return fault{code: http.StatusForbidden} },
		"the answer is lost": func(context.CancelFunc) fault { return fault{loses: true} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachCut(t, 25, func(t *testing.T, at int) {
				t.Helper()
				server := newSQLServer(t)
				server.has("totals", tableText, nil)
				ctx, kill := context.WithTimeout(t.Context(), time.Minute)
				defer kill()
				server.cutAt(at, func() fault { return cut(kill) })
				first := server.client(t).Delete(ctx, wantedStatement(tableText, drops))
				half := server.shows()
				server.cutAt(0, nil)
				left := "nothing"
				absent := (*platform.NotFoundError)(nil)
				switch _, err := server.client(t).Read(t.Context(), wantedStatement("", nil).Ref); {
				case errors.As(err, &absent):
					// Terraform forgets it, and asks for no destroy any more.
					if _, after, there := strings.Cut(half, "totals-on-destroy"); there {
						left = "totals-on-destroy" + after
					}
				case err != nil:
					t.Errorf("%d: %s", at, err)
					return
				default:
					if err := server.client(t).Delete(t.Context(), wantedStatement(tableText, drops)); err != nil {
						t.Errorf("%d: after %v, with %s: %s", at, first, half, summary(err))
					}
				}
				if got := server.shows(); got != left && !strings.HasSuffix(left, sql.PhaseDeleting) || server.tables["totals"] {
					t.Errorf("%d: after %v, with %s, there is %s, and tables %v", at, first, half, got, server.tables)
				}
			})
		})
	}
}

// TestOnDestroy goes through what a destroy finds.
func TestOnDestroy(t *testing.T) {
	t.Parallel()
	const last = "totals-on-destroy"
	ours := func(of string, more func(*ran)) func(*sqlServer) {
		return func(s *sqlServer) {
			s.has(last, dropText, func(is *ran) {
				is.Metadata.Annotations = map[string]string{endsAnnotation: of}
				is.Status.Phase = sql.PhaseCompleted
				if more != nil {
					more(is)
				}
			})
		}
	}
	for name, test := range map[string]struct {
		text  string
		meets func(*sqlServer)
		want  func(*platform.Statement)
		// fails is a part of the error, ends what is there afterwards, and carried how often
		// something was carried out.
		fails, ends string
		carried     int
		// late tells that the time is over before it is gone.
		late bool
		// writes are the requests that change something, where they are named.
		writes string
	}{
		"a table":              {ends: "nothing", carried: 1},
		"nothing is asked for": {want: func(want *platform.Statement) { want.OnDestroy = "" }, ends: "nothing"},
		"it was carried out":   {meets: ours("totals/uid-1", nil), ends: "nothing"},
		"it was carried out, and is not asked for any more": {meets: ours("totals/uid-1", nil), want: func(want *platform.Statement) { want.OnDestroy = "" }, ends: "nothing"},
		"it was, for an earlier statement":                  {meets: ours("totals/uid-0", nil), ends: "nothing", carried: 1},
		"another one was":                                   {meets: ours("totals/uid-1", func(is *ran) { is.Spec.Statement = "DROP TABLE other" }), ends: "nothing", carried: 1},
		"the name is somebody else's": {
			meets: func(s *sqlServer) { s.has(last, firstText, nil) },
			fails: "cannot be carried out.*which is somebody else's.*was not deleted", ends: "totals COMPLETED 42, totals-on-destroy RUNNING 42",
		},
		"the name is somebody else's, and nothing is asked for": {
			meets: func(s *sqlServer) { s.has(last, firstText, nil) },
			want:  func(want *platform.Statement) { want.OnDestroy = "" }, ends: "totals-on-destroy RUNNING 42",
		},
		"it fails": {
			meets: func(s *sqlServer) { s.tables["totals"] = false },
			fails: "has failed: the table totals is not as it shall be.*The statement was not deleted", ends: "totals COMPLETED 42", carried: 1,
		},
		"a definition that has failed": {
			meets: func(s *sqlServer) { s.statements["totals"].Status.Phase = sql.PhaseFailed }, ends: "nothing",
		},
		"a table AS a query that has failed": {
			text: "CREATE TABLE totals AS SELECT * FROM orders", meets: func(s *sqlServer) { s.statements["totals"].Status.Phase = sql.PhaseFailed }, ends: "nothing",
		},
		"a job that has failed": {
			text: firstText, meets: func(s *sqlServer) { s.tables["totals"], s.statements["totals"].Status.Phase = true, sql.PhaseFailed }, ends: "nothing", carried: 1,
		},
		"a job that runs": {
			text: firstText, meets: func(s *sqlServer) { s.tables["totals"] = true }, ends: "nothing", carried: 1,
			writes: "PUT statements/totals, POST statements, DELETE statements/totals, DELETE statements/totals-on-destroy",
		},
		"a job whose savepoints are not shown": {
			text: firstText, meets: func(s *sqlServer) {
				s.tables["totals"] = true
				answers("GET statements/totals/savepoints", http.StatusForbidden)(s)
			}, ends: "nothing", carried: 1,
		},
		"a job that fails when it stops": {
			text: firstText, meets: func(s *sqlServer) {
				s.tables["totals"] = true
				s.fault = happens("PUT statements/totals", func() { s.statements["totals"].Status.Phase = sql.PhaseFailed })
			}, ends: "nothing", carried: 1,
		},
		"it goes slowly": {
			meets: func(s *sqlServer) { s.statements["totals"].slow = true }, late: true,
			fails: "is not gone in time: Its phase is DELETING", ends: "totals DELETING 42", carried: 1,
		},
		"it goes already": {meets: func(s *sqlServer) { s.statements["totals"].deleting = true }, ends: "nothing"},
		"it is gone":      {meets: func(s *sqlServer) { delete(s.statements, "totals") }, ends: "nothing"},
		"it is gone, and what was carried out is there": {
			meets: func(s *sqlServer) {
				ours("totals/uid-1", nil)(s)
				delete(s.statements, "totals")
			}, ends: "nothing",
		},
		"another one was to take over": {
			text: firstText, meets: func(s *sqlServer) {
				s.tables["totals"] = true
				s.has("totals-next", secondText, func(is *ran) { is.Metadata.Annotations = map[string]string{ownerAnnotation: "totals/1"} })
			}, ends: "nothing", carried: 1,
		},
		"another one has taken over": {
			text: firstText, meets: func(s *sqlServer) {
				s.tables["totals"] = true
				delete(s.statements, "totals")
				s.has("totals-next", secondText, func(is *ran) { is.Metadata.Annotations = map[string]string{ownerAnnotation: "totals/1"} })
			}, ends: "nothing", carried: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newSQLServer(t)
			server.has("totals", tableText, func(is *ran) {
				if test.text != "" {
					is.Spec.Statement, is.Status.Phase = test.text, sql.PhaseRunning
				}
			})
			if test.meets != nil {
				test.meets(server)
			}
			ctx := newLate(t.Context())
			if test.late {
				server.fault = ctx.after("GET statements/totals", 4)
			}
			err := server.client(t).Delete(ctx, wantedStatement(tableText, func(want *platform.Statement) {
				drops(want)
				if test.want != nil {
					test.want(want)
				}
			}))
			fails(t, err, test.fails)
			if got := server.shows(); got != test.ends {
				t.Errorf("there is %s, want %s", got, test.ends)
			}
			writes := strings.Join(server.takes(http.MethodPost, http.MethodPut, http.MethodDelete), ", ")
			if got := strings.Count(writes, "POST"); got != test.carried {
				t.Errorf("%d statements were carried out", got)
			}
			if test.writes != "" && writes != test.writes {
				t.Errorf("it writes %s", writes)
			}
		})
	}
}
