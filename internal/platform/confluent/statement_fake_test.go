package confluent

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/sql"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// Texts of the statements in these tests, and what the job of the first one has counted.
const (
	firstText  = "INSERT INTO totals SELECT region, SUM(amount) FROM orders GROUP BY region"
	secondText = "INSERT INTO counts SELECT region, COUNT(*) FROM orders GROUP BY region"
	tableText  = "CREATE TABLE totals (region STRING)"
	counted    = "42"
)

// ran is a job or a definition on the server of these tests.
type ran struct {
	statementObject

	// state is what the job has counted, empty for nothing.
	state string
	// looks is how often it was looked at since it was written.
	looks    int
	deleting bool
	// slow tells that it neither stops nor goes.
	slow bool
}

// sqlServer runs statements, slowly: what is told to start, to stop or to go does so when
// it has been looked at. It keeps what each savepoint has of the state of a job.
type sqlServer struct {
	*httptest.Server

	mu         sync.Mutex
	statements map[string]*ran
	savepoints map[string][]string
	files      map[string]string
	// directories are what the pool configures, and tables those that there are or have
	// been.
	directories map[string]string
	tables      map[string]bool
	// defaults are the environment's for pools, as JSON.
	defaults string
	// flink answers for the web interface of each job; nil where there is none.
	flink    func(path string) string
	created  int
	requests []string
	// fault is asked before each request and says what happens to it.
	fault func(number int, request string) fault
}

// fault is what happens to a request.
type fault struct {
	// code is answered in place of the server.
	code int
	// before and after are called around what the server does.
	before, after func()
	// loses the answer.
	loses bool
}

func newSQLServer(t *testing.T) *sqlServer {
	t.Helper()
	s := &sqlServer{
		statements: map[string]*ran{}, savepoints: map[string][]string{}, files: map[string]string{}, tables: map[string]bool{},
		directories: map[string]string{"state.checkpoints.dir": "s3://c", "state.savepoints.dir": "s3://s"},
	}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

// client is another process each time.
func (s *sqlServer) client(t *testing.T) platform.Objects[platform.Statement] {
	t.Helper()
	client, err := Connect(rest.Config{Endpoint: s.URL}, func(string) string { return "" }, nil)
	if err != nil {
		t.Fatal(err)
	}
	return client.Statements()
}

// has creates a statement that does what it shall.
func (s *sqlServer) has(name, text string, more func(*ran)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep(name, statementObject{Metadata: metadata{Name: name}, Spec: statementSpec{Statement: text, Pool: "sql"}})
	is := s.statements[name]
	is.looks, is.state = 2, counted
	if more != nil {
		more(is)
	}
	s.look(is)
	is.looks = 2
}

func (s *sqlServer) keep(name string, o statementObject) {
	s.created++
	o.Metadata.UID, o.Metadata.Created = fmt.Sprint("uid-", s.created), s.now()
	s.statements[name] = &ran{statementObject: o}
}

// now is later each time.
func (s *sqlServer) now() string {
	return time.Date(2026, 1, 1, 0, s.created, len(s.files), 0, time.UTC).Format(time.RFC3339Nano)
}

// savepoint takes one of a statement.
func (s *sqlServer) savepoint(is *ran) {
	path := fmt.Sprint("s3://s/", is.Metadata.Name, "-", len(s.files))
	s.files[path] = is.state
	raw, _ := json.Marshal(map[string]any{
		"metadata": map[string]any{"name": path, "creationTimestamp": s.now()},
		"status":   map[string]any{"state": completed, "path": path, "triggerTimestamp": s.now()},
	})
	s.savepoints[is.Metadata.Name] = append(s.savepoints[is.Metadata.Name], string(raw))
}

// look sets the phase of a statement.
func (s *sqlServer) look(is *ran) {
	is.looks++
	definition := sql.KindOf(is.Spec.Statement) == sql.KindAtOnce
	switch phase := &is.Status.Phase; {
	case is.deleting:
		if *phase = sql.PhaseDeleting; is.looks > 1 && !is.slow {
			delete(s.statements, is.Metadata.Name)
			delete(s.savepoints, is.Metadata.Name)
		}
	case *phase == sql.PhaseFailed, *phase == sql.PhaseCompleted, *phase == "FAILING", *phase == "RESTARTING":
	case definition:
		table := strings.Fields(is.Spec.Statement)[2]
		drops := strings.HasPrefix(is.Spec.Statement, "DROP")
		if *phase = sql.PhaseCompleted; s.tables[table] != drops {
			*phase, is.Status.Detail = sql.PhaseFailed, "the table "+table+" is not as it shall be"
		}
		s.tables[table] = !drops
	case is.Spec.Stopped && is.looks > 1 && *phase == sql.PhaseRunning && !is.slow:
		if *phase = sql.PhaseStopped; s.directories["state.savepoints.dir"] != "" && is.Spec.Mode != "stateless" || is.Spec.Mode == "savepoint" {
			s.savepoint(is)
		}
		is.state = ""
	case is.Spec.Stopped && *phase != sql.PhaseRunning:
		*phase = sql.PhaseStopped
	case is.Spec.Stopped:
	case is.looks < 2:
		*phase = "PENDING"
	default:
		*phase = sql.PhaseRunning
	}
}

// written has a change of a statement do what it does to its job.
func (s *sqlServer) written(is *ran, sent statementObject) {
	was := is.Spec
	uid, created := is.Metadata.UID, is.Metadata.Created
	is.Metadata, is.Spec, is.looks = sent.Metadata, sent.Spec, 0
	is.Metadata.UID, is.Metadata.Created = uid, created
	start := sent.Spec.StartFrom
	again := start != nil && (was.StartFrom == nil || was.StartFrom.Nonce != start.Nonce)
	switch {
	case sent.Spec.Stopped:
	case again:
		is.state, is.Status.Phase = s.files[start.Path], "PENDING"
		if _, there := s.files[start.Path]; !there {
			is.Status.Phase, is.Status.Detail = sql.PhaseFailed, "no such file: "+start.Path
		}
	case was.Stopped:
		is.Status.Phase = "PENDING"
		if all := s.savepoints[is.Metadata.Name]; len(all) > 0 {
			var last statementSavepoint
			_ = json.Unmarshal([]byte(all[len(all)-1]), &last)
			is.state = s.files[last.Status.Path]
		}
	}
}

// ServeHTTP implements http.Handler.
func (s *sqlServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	request := r.Method + " " + strings.TrimPrefix(r.URL.Path, "/cmf/api/v1/environments/prod/")
	s.requests = append(s.requests, request)
	var happens fault
	if s.fault != nil {
		happens = s.fault(len(s.requests), request)
	}
	if happens.before != nil {
		happens.before()
	}
	if happens.code != 0 {
		http.Error(w, `{"errors":[{"message":"no"}]}`, happens.code)
		return
	}
	recorded := httptest.NewRecorder()
	s.serve(recorded, r, strings.Split(strings.TrimPrefix(request, r.Method+" "), "/"))
	if happens.after != nil {
		happens.after()
	}
	if connection, _, err := http.NewResponseController(w).Hijack(); happens.loses && err == nil {
		connection.Close()
		return
	} else if err == nil {
		_ = recorded.Result().Write(connection)
		connection.Close()
	}
}

func (s *sqlServer) serve(w http.ResponseWriter, r *http.Request, at []string) {
	page := func(items []string) {
		fmt.Fprintf(w, `{"pageable":{"size":100},"items":[%s]}`, strings.Join(items, ","))
	}
	var sent statementObject
	_ = json.NewDecoder(r.Body).Decode(&sent)
	is := s.statements[at[len(at)-1]]
	switch {
	case at[0] == "compute-pools":
		pool := fmt.Sprintf(`{"metadata":{"name":"sql"},"spec":{"clusterSpec":{"flinkConfiguration":%s}}}`, encoded(s.directories))
		if len(at) > 1 {
			fmt.Fprint(w, pool)
		} else {
			page([]string{pool})
		}
	case at[0] != "statements":
		fmt.Fprintf(w, `{"name":"prod","items":[],"status":{"version":"2.5.0"},"computePoolDefaults":%s}`, cmp.Or(s.defaults, "{}"))
	case len(at) == 3 && at[2] == "savepoints" && s.statements[at[1]] != nil:
		page(s.savepoints[at[1]])
	case len(at) == 1 && r.Method == http.MethodPost:
		if s.statements[sent.Metadata.Name] != nil {
			http.Error(w, "{}", http.StatusConflict)
			return
		}
		sent.Spec.StartFrom = nil
		s.keep(sent.Metadata.Name, sent)
		s.look(s.statements[sent.Metadata.Name])
		fmt.Fprint(w, encoded(s.statements[sent.Metadata.Name].statementObject))
	case len(at) == 1:
		var all []string
		for _, name := range slices.Sorted(maps.Keys(s.statements)) {
			s.look(s.statements[name])
			if s.statements[name] != nil {
				all = append(all, encoded(s.statements[name].statementObject))
			}
		}
		page(all)
	case len(at) > 3 && s.flink != nil:
		fmt.Fprint(w, s.flink(strings.Join(at[3:], "/")))
	case is == nil || len(at) > 2:
		http.Error(w, "{}", http.StatusNotFound)
	case r.Method == http.MethodPut:
		s.written(is, sent)
		s.look(is)
	case r.Method == http.MethodDelete:
		if !is.deleting {
			is.deleting, is.looks = true, 0
		}
		w.WriteHeader(http.StatusAccepted)
	default:
		s.look(is)
		fmt.Fprint(w, encoded(is.statementObject))
	}
}

func encoded(of any) string {
	out, _ := json.Marshal(of)
	return string(out)
}

// shows are the statements of the server with their phases and states.
func (s *sqlServer) shows() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, name := range slices.Sorted(maps.Keys(s.statements)) {
		is := s.statements[name]
		all = append(all, strings.TrimSpace(fmt.Sprint(name, " ", is.Status.Phase, " ", is.state)))
	}
	return cmp.Or(strings.Join(all, ", "), "nothing")
}

// takes returns the requests since the last call, of some methods.
func (s *sqlServer) takes(methods ...string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := slices.DeleteFunc(s.requests, func(request string) bool {
		method, _, _ := strings.Cut(request, " ")
		return !slices.Contains(methods, method)
	})
	s.requests = nil
	return out
}

// wantedStatement is the statement totals of these tests.
func wantedStatement(text string, more func(*platform.Statement)) platform.Statement {
	want := platform.Statement{Described: platform.Described{Ref: platform.Ref{Namespace: "prod", Name: "totals"}}, SQL: text, Pool: "sql"}
	want.ProveFor = time.Millisecond
	if more != nil {
		more(&want)
	}
	return want
}

// apply updates a statement and waits for it, as a resource does.
func apply(ctx context.Context, of platform.Objects[platform.Statement], want platform.Statement) (platform.Statement, error) {
	written, err := of.Update(ctx, want, want)
	if err != nil {
		return written, err
	}
	return of.Await(ctx, written)
}

// late is a context whose time is over when a request has come so often.
type late struct {
	context.Context //nolint:containedctx // It is one.

	over chan struct{}
}

func newLate(of context.Context) late { return late{of, make(chan struct{})} }

// Done implements context.Context.
func (l late) Done() <-chan struct{} { return l.over }

// Err implements context.Context.
func (l late) Err() error {
	select {
	case <-l.over:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// after ends the time.
func (l late) after(request string, times int) func(int, string) fault {
	return func(_ int, asked string) fault {
		if asked == request {
			if times--; times == 0 {
				return fault{before: func() { close(l.over) }}
			}
		}
		return fault{}
	}
}

// cutAt has something happen to the request of a number, counted from 1; to none for 0.
func (s *sqlServer) cutAt(number int, cut func() fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = func(now int, _ string) fault {
		if now == number {
			return cut()
		}
		return fault{}
	}
}

// eachCut tries what is cut at each of its requests, all at once: most of the time each of
// them waits.
func eachCut(t *testing.T, requests int, try func(t *testing.T, at int)) {
	t.Helper()
	var all sync.WaitGroup
	for at := 1; at <= requests; at++ {
		all.Go(func() { try(t, at) })
	}
	all.Wait()
}

// summary is that of a rollout's error, or the error's text.
func summary(err error) string {
	if failed, is := errors.AsType[*platform.RolloutError](err); is {
		return failed.Summary + ": " + failed.Detail
	}
	if explained, is := errors.AsType[*platform.ExplainedError](err); is {
		return explained.Cause + ": " + explained.Err.Error()
	}
	return fmt.Sprint(err)
}

func matches(pattern, text string) bool {
	return regexp.MustCompile(pattern).MatchString(text)
}
