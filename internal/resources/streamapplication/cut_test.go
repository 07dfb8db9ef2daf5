package streamapplication_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// cut is what happens at a writing request.
type cut struct {
	// before happens in place of the request, and after when the server has carried it out. dies tells that no
	// request of the process comes through any more.
	before, after, dies bool
	// stops tells that the calls of the process end then, and forgets that nobody hears what it has done.
	stops, forgets bool
	// code is answered in place of the server; always tells that all that follow are answered so too.
	code   int
	always bool
	// loses tells that the answer does not come through.
	loses bool
}

// wire is what a provider process reaches a server by.
type wire struct {
	*httptest.Server

	mutex sync.Mutex
	// left is how many writing requests there are until the cut, and writes are those that there were.
	left   int
	cut    cut
	dead   bool
	writes []string
	stop   context.CancelFunc
}

// newWire returns a wire to a server that is cut at a writing request, never for 0.
func newWire(t *testing.T, endpoint string, at int, how cut, stop context.CancelFunc) *wire {
	t.Helper()
	target, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{left: at, cut: how, stop: stop}
	through := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, MaxIdleConnsPerHost: 16},
		FlushInterval: -1,
		ErrorHandler:  func(w http.ResponseWriter, _ *http.Request, _ error) { drop(w) },
	}
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.serve(rw, r, through) }))
	t.Cleanup(w.end)
	return w
}

// end ends the process at the one end of the wire.
func (w *wire) end() {
	w.mutex.Lock()
	w.dead = true
	w.mutex.Unlock()
	w.CloseClientConnections()
	w.Close()
}

// next notes a request and tells whether the cut is at it, and whether the process is dead.
func (w *wire) next(r *http.Request) (is, dead bool) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	switch {
	case w.dead:
		return false, true
	case r.Method == http.MethodGet || r.Method == http.MethodHead || r.URL.Query().Has("dryRun"):
		return false, false
	}
	parts := strings.Split(r.URL.Path, "/")
	w.writes = append(w.writes, r.Method+" "+strings.Join(parts[max(0, len(parts)-2):], "/"))
	w.left--
	is = w.left == 0 || w.left < 0 && w.cut.always
	w.dead = is && w.cut.dies
	return is, false
}

func (w *wire) serve(rw http.ResponseWriter, r *http.Request, through http.Handler) {
	is, dead := w.next(r)
	switch {
	case dead:
		drop(rw)
		return
	case !is:
		through.ServeHTTP(rw, r)
		return
	case w.cut.code != 0:
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(w.cut.code)
		_, _ = fmt.Fprintf(rw, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"cut","reason":%q,"code":%d}`, strings.ReplaceAll(http.StatusText(w.cut.code), " ", ""), w.cut.code)
		return
	}
	answer := httptest.NewRecorder()
	if w.cut.after || w.cut.loses {
		// The process may be gone before the answer.
		through.ServeHTTP(answer, r.WithContext(context.WithoutCancel(r.Context())))
	}
	if w.cut.stops {
		w.stop()
	}
	if w.cut.dies || w.cut.loses || w.cut.before {
		drop(rw)
		return
	}
	for name, values := range answer.Header() {
		rw.Header()[name] = values
	}
	rw.WriteHeader(answer.Code)
	_, _ = rw.Write(answer.Body.Bytes())
}

// done are the writing requests, of which the last ones may have come to nothing.
func (w *wire) done() []string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.writes
}

// drop breaks the connection of a request.
func drop(w http.ResponseWriter) {
	if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = connection.Close()
	}
}

// core does with an application what a CLI does, without one.
type core struct {
	*fixture
	place

	of      tftypes.Object
	state   tftypes.Value
	private []byte
	// tainted tells that the create of what the state has has failed.
	tainted bool
}

// place is where an application is.
type place struct {
	// endpoint is the server's, and block the provider block as JSON that reaches it by another URL.
	endpoint string
	block    func(url string) string
	// where is the attribute environment.
	where told
}

// path is the id of the application.
func (p place) path() string {
	at := p.where["name"]
	if platform := p.where["platform"]; platform == "operator" || platform == "cloudflow" {
		at = p.where["namespace"]
	}
	return fmt.Sprintf("%s/%s/payments", p.where["platform"], at)
}

// uncut is a wire that is never cut.
func (c *core) uncut() *wire { return newWire(c.T, c.endpoint, 0, cut{}, func() {}) }

const application = "flink_stream_application"

// described are the schemas of the provider.
var described = sync.OnceValues(func() (*tfprotov6.GetProviderSchemaResponse, error) {
	server, err := acctest.Providers()["flink"]()
	if err != nil {
		return nil, err
	}
	return server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
})

func newCore(f *fixture, at place) *core {
	f.Helper()
	schemas, err := described()
	if err != nil {
		f.Fatal(err)
	}
	of, ok := schemas.ResourceSchemas[application].ValueType().(tftypes.Object)
	if !ok {
		f.Fatal("an application is no object")
	}
	return &core{fixture: f, place: at, of: of, state: tftypes.NewValue(of, nil)}
}

// process starts a provider process that reaches its server by a wire.
func (c *core) process(w *wire) tfprotov6.ProviderServer {
	c.Helper()
	server, err := acctest.Providers()["flink"]()
	if err != nil {
		c.Fatal(err)
	}
	schemas, err := described()
	if err != nil {
		c.Fatal(err)
	}
	block, _ := schemas.Provider.ValueType().(tftypes.Object)
	config := c.read(block, c.block(w.URL))
	answer, err := server.ConfigureProvider(c.Context(), &tfprotov6.ConfigureProviderRequest{Config: c.dynamic(config)})
	if err != nil || len(answer.Diagnostics) > 0 {
		c.Fatal(err, errorsIn(answer.Diagnostics))
	}
	return server
}

// read reads a value of a type; what it does not name is null.
func (c *core) read(of tftypes.Type, text string) tftypes.Value {
	c.Helper()
	value, err := tfprotov6.DynamicValue{JSON: []byte(text)}.Unmarshal(of)
	if err != nil {
		c.Fatal(err)
	}
	return value
}

func (c *core) dynamic(value tftypes.Value) *tfprotov6.DynamicValue {
	c.Helper()
	encoded, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		c.Fatal(err)
	}
	return &encoded
}

func (c *core) value(of *tfprotov6.DynamicValue) tftypes.Value {
	c.Helper()
	value, err := of.Unmarshal(c.of)
	if err != nil {
		c.Fatal(err)
	}
	return value
}

// errorsIn are the errors of an answer, empty for none.
func errorsIn(all []*tfprotov6.Diagnostic) string {
	var out []string
	for _, d := range all {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			out = append(out, fmt.Sprintf("%s at %s: %s", d.Summary, d.Attribute, d.Detail))
		}
	}
	return strings.Join(out, "\n")
}

func attributes(value tftypes.Value) map[string]tftypes.Value {
	out := map[string]tftypes.Value{}
	if value.IsNull() || !value.IsKnown() || value.As(&out) != nil {
		return nil
	}
	return out
}

// refresh reads the application into the state.
func (c *core) refresh(server tfprotov6.ProviderServer) string {
	c.Helper()
	if c.state.IsNull() {
		return ""
	}
	answer, err := server.ReadResource(c.Context(), &tfprotov6.ReadResourceRequest{TypeName: application, CurrentState: c.dynamic(c.state), Private: c.private})
	if err != nil {
		c.Fatal(err)
	}
	if said := errorsIn(answer.Diagnostics); said != "" {
		return said
	}
	c.state, c.private = c.value(answer.NewState), answer.Private
	c.tainted = c.tainted && !c.state.IsNull()
	return ""
}

// importAll has the application in the state that the cluster has.
func (c *core) importAll() {
	c.Helper()
	server := c.process(c.uncut())
	answer, err := server.ImportResourceState(c.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: application, ID: c.path()})
	if err != nil || len(answer.ImportedResources) != 1 {
		c.Fatal(err, errorsIn(answer.Diagnostics))
	}
	c.state, c.private = c.value(answer.ImportedResources[0].State), answer.ImportedResources[0].Private
	if said := c.refresh(server); said != "" {
		c.Fatal(said)
	}
}

// plan plans a configuration, null for a destroy, over a prior state.
func (c *core) plan(server tfprotov6.ProviderServer, config, prior tftypes.Value, private []byte) (*tfprotov6.PlanResourceChangeResponse, string) {
	c.Helper()
	proposed := config
	if values := attributes(config); values != nil {
		for _, name := range []string{"id", "deployment_ids", "effective_spec", "rollout", "status", "topic_status", "schemas", "diagram"} {
			if before := attributes(prior); before != nil {
				values[name] = before[name]
			}
		}
		proposed = tftypes.NewValue(c.of, values)
	}
	answer, err := server.PlanResourceChange(c.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: application, PriorState: c.dynamic(prior), PriorPrivate: private, Config: c.dynamic(config), ProposedNewState: c.dynamic(proposed),
	})
	if err != nil {
		c.Fatal(err)
	}
	return answer, errorsIn(answer.Diagnostics)
}

// run is one command that plans and applies a configuration, null for a destroy, over a wire that is whole while it plans. It
// returns the errors, and the writing requests of the apply. What it has done is not heard of where it is killed.
func (c *core) run(config tftypes.Value, at int, how cut) (said string, writes []string) {
	c.Helper()
	ctx, stop := context.WithCancel(c.Context())
	defer stop()
	planning := c.process(newWire(c.T, c.endpoint, 0, cut{}, stop))
	if said := c.refresh(planning); said != "" {
		return said, nil
	}
	if config.IsNull() && c.state.IsNull() {
		return "", nil
	}
	prior, private := c.state, c.private
	if c.tainted && !config.IsNull() {
		// A tainted object is planned as if there were none.
		prior, private = tftypes.NewValue(c.of, nil), nil
	}
	plan, said := c.plan(planning, config, prior, private)
	if said != "" {
		return said, nil
	}
	w := newWire(c.T, c.endpoint, at, how, stop)
	server := c.process(w)
	if c.tainted && !config.IsNull() {
		// Terraform drops the private state of what it replaces.
		if said := c.apply(ctx, server, tftypes.NewValue(c.of, nil), c.dynamic(tftypes.NewValue(c.of, nil)), nil, how.forgets); said != "" {
			return said, w.done()
		}
	}
	return c.apply(ctx, server, config, plan.PlannedState, plan.PlannedPrivate, how.forgets), w.done()
}

// apply applies a plan to the state.
func (c *core) apply(ctx context.Context, server tfprotov6.ProviderServer, config tftypes.Value, planned *tfprotov6.DynamicValue, private []byte, forgets bool) string {
	c.Helper()
	answer, err := server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: application, PriorState: c.dynamic(c.state), PlannedState: planned, PlannedPrivate: private, Config: c.dynamic(config),
	})
	if forgets {
		return "killed"
	}
	if err != nil {
		c.Fatal(err)
	}
	creates := c.state.IsNull()
	c.state, c.private = c.value(answer.NewState), answer.Private
	said := errorsIn(answer.Diagnostics)
	if c.tainted = said != "" && (creates || c.tainted) && !c.state.IsNull(); said == "" {
		for _, difference := range incompatible(c.value(planned), c.state, "") {
			c.Errorf("inconsistent result after apply: %s", difference)
		}
	}
	return said
}

// incompatible tells where a state is not what was planned.
func incompatible(plan, actual tftypes.Value, at string) []string {
	was, is := attributes(plan), attributes(actual)
	switch {
	case !plan.IsKnown(), plan.Equal(actual):
		return nil
	case was == nil || is == nil || len(was) != len(is) || plan.IsFullyKnown():
		return []string{fmt.Sprintf("%s: was %s, but now %s", at, plan, actual)}
	}
	var out []string
	for name, value := range was {
		out = append(out, incompatible(value, is[name], at+"."+name)...)
	}
	return out
}
