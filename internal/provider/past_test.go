package provider

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// asked tells how often the framework was asked.
type asked struct {
	frameworkServer
	validated, planned, applied int
}

func (a *asked) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	a.validated++
	return a.frameworkServer.ValidateResourceConfig(ctx, req)
}

func (a *asked) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	a.planned++
	return a.frameworkServer.PlanResourceChange(ctx, req)
}

func (a *asked) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	a.applied++
	return a.frameworkServer.ApplyResourceChange(ctx, req)
}

// twins are a server and the framework alone, each with a cluster of its own.
type twins struct {
	*session
	framework *asked
	alone     *session
}

func newTwins(t *testing.T, kind string, host func() string) twins {
	t.Helper()
	both := twins{session: newSession(t, kind, host()), alone: newSession(t, kind, host())}
	served, ok := both.server.(*server)
	if !ok {
		t.Fatal("there are no shortcuts")
	}
	both.framework = &asked{frameworkServer: served.frameworkServer}
	served.frameworkServer = both.framework
	alone, ok := both.alone.server.(*server)
	if !ok {
		t.Fatal("there are no shortcuts")
	}
	both.alone.server = alone.frameworkServer
	return both
}

// sorted are diagnostics in an order of their own: the framework's is that of a map.
func sorted(all []*tfprotov6.Diagnostic) []string {
	var out []string
	for _, d := range all {
		out = append(out, d.Severity.String()+" "+d.Attribute.String()+" "+d.Summary+" "+d.Detail)
	}
	slices.Sort(out)
	return out
}

// validate asks both about a configuration. It tells whether the server took the
// shortcut, and whether the framework has nothing to say.
func (b twins) validate(config tftypes.Value) (short, silent bool) {
	b.t.Helper()
	before := b.framework.validated
	request := &tfprotov6.ValidateResourceConfigRequest{
		TypeName: b.kind, Config: dynamic(b.t, config),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	}
	got, err := b.server.ValidateResourceConfig(b.t.Context(), request)
	if err != nil {
		b.t.Fatal(err)
	}
	want, err := b.alone.server.ValidateResourceConfig(b.t.Context(), request)
	if err != nil {
		b.t.Fatal(err)
	}
	if diff := cmp.Diff(sorted(want.Diagnostics), sorted(got.Diagnostics)); diff != "" {
		b.t.Errorf("validated otherwise than by the framework (-framework +server):\n%s", diff)
	}
	return b.framework.validated == before, len(want.Diagnostics) == 0
}

// create plans the create of a configuration by both.
func (b twins) create(config tftypes.Value) *tfprotov6.PlanResourceChangeResponse {
	b.t.Helper()
	before := b.framework.planned
	null := tftypes.NewValue(b.of, nil)
	request := &tfprotov6.PlanResourceChangeRequest{
		TypeName: b.kind, PriorState: dynamic(b.t, null), Config: dynamic(b.t, config), ProposedNewState: dynamic(b.t, b.proposed(null, config)),
	}
	got, err := b.server.PlanResourceChange(b.t.Context(), request)
	if err != nil {
		b.t.Fatal(err)
	}
	want, err := b.alone.server.PlanResourceChange(b.t.Context(), request)
	if err != nil {
		b.t.Fatal(err)
	}
	if b.framework.planned != before {
		b.t.Error("the framework had to plan a create")
	}
	if diff := cmp.Diff(sorted(want.Diagnostics), sorted(got.Diagnostics)); diff != "" {
		b.t.Errorf("another word at plan than the framework's (-framework +server):\n%s", diff)
	}
	if a, b1 := b.value(want.PlannedState), b.value(got.PlannedState); !a.Equal(b1) || !bytes.Equal(want.PlannedPrivate, got.PlannedPrivate) || len(want.RequiresReplace) > 0 {
		b.t.Errorf("planned %s, and by the framework %s", b1, a)
	}
	return got
}

// pastTheFramework are the types with shortcuts.
var pastTheFramework = []string{"flink_deployment", "flink_session_cluster", "flink_session_job"}

// Whatever an attribute says, nothing, the unknown, what is right and what is wrong: a
// configuration is validated and its create planned just as by the framework, and what
// is valid is validated past it.
func TestConfigurationsPastTheFramework(t *testing.T) {
	t.Parallel()
	for _, kind := range pastTheFramework {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			both := newTwins(t, kind, func() string { return "http://localhost" })
			config := write(t, both.of, base(kind))
			for _, w := range append(ways(both.schema.Block.Attributes, nil), nil) {
				before, ok := at(config, w)
				if !ok {
					continue
				}
				values := append([]tftypes.Value{before, tftypes.NewValue(before.Type(), nil), tftypes.NewValue(before.Type(), tftypes.UnknownValue)}, candidates(before.Type())...)
				if len(w) == 0 {
					values = values[:1]
				}
				for i, value := range values[:min(len(values), 12)] {
					changed := set(config, value, w)
					nested := !value.IsNull() && slices.Contains([]string{"secret_configuration", "ingress", "ingress.tls"}, w.String())
					short, silent := both.validate(changed)
					if short != silent && !nested {
						t.Errorf("%s = %s: validated past the framework: %t", w, value, short)
					}
					if i < 5 && silent {
						both.create(changed)
					}
				}
			}
		})
	}
}

// Values that are only written are in no plan and no state, and what the framework
// refuses of them is refused.
func TestWriteOnlyValuesPastTheFramework(t *testing.T) {
	t.Parallel()
	both := newTwins(t, "flink_deployment", func() string {
		c := newMemoryCluster(t)
		neighbors(c)
		return c.URL
	})
	attributes := base(both.kind)
	attributes["secret_configuration_wo"] = map[string]any{"s3.secret-key": "hunter2"}
	if _, silent := both.validate(write(t, both.of, attributes)); silent {
		t.Error("values without a version are valid")
	}
	attributes["secret_configuration_wo_version"] = 1
	config := write(t, both.of, attributes)
	both.validate(config)
	both.applyCreate(config, both.create(config))
}

// applyCreate creates by both what is planned, and returns the errors.
func (b twins) applyCreate(config tftypes.Value, plan *tfprotov6.PlanResourceChangeResponse) string {
	b.t.Helper()
	request := &tfprotov6.ApplyResourceChangeRequest{
		TypeName: b.kind, PriorState: dynamic(b.t, tftypes.NewValue(b.of, nil)), PlannedState: plan.PlannedState, PlannedPrivate: plan.PlannedPrivate, Config: dynamic(b.t, config),
	}
	got, err := b.server.ApplyResourceChange(b.t.Context(), request)
	if err != nil {
		b.t.Fatal(err)
	}
	want, err := b.alone.server.ApplyResourceChange(b.t.Context(), request)
	if err != nil {
		b.t.Fatal(err)
	}
	if b.framework.applied > 0 {
		b.t.Error("the framework had to create")
	}
	hosts := strings.NewReplacer(hostOf(b.t, b.session), "", hostOf(b.t, b.alone), "")
	if diff := cmp.Diff(hosts.Replace(strings.Join(sorted(want.Diagnostics), "\n")), hosts.Replace(strings.Join(sorted(got.Diagnostics), "\n"))); diff != "" {
		b.t.Errorf("another word at apply than the framework's (-framework +server):\n%s", diff)
	}
	if a, b1 := b.value(want.NewState), b.value(got.NewState); !a.Equal(b1) || !bytes.Equal(want.Private, got.Private) {
		b.t.Errorf("created %s with %s, and by the framework %s with %s", b1, got.Private, a, want.Private)
	}
	return errorsIn(got.Diagnostics)
}

func hostOf(t *testing.T, s *session) string {
	t.Helper()
	return strings.TrimPrefix(s.host, "http://")
}

// A create comes to the state, the private state and the errors of the framework.
func TestCreatesPastTheFramework(t *testing.T) {
	t.Parallel()
	for _, kind := range pastTheFramework {
		for name, refused := range map[string]bool{"created": false, "refused": true} {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				both := newTwins(t, kind, func() string {
					if refused {
						return refusing(t)
					}
					c := newMemoryCluster(t)
					neighbors(c)
					return c.URL
				})
				config := write(t, both.of, base(kind))
				if said := both.applyCreate(config, both.create(config)); (said != "") != refused {
					t.Errorf("said %q", said)
				}
			})
		}
	}
}

// refusing is an API server that forbids all.
func refusing(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"message":"no"}`))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// A create ends at once when the CLI stops the provider.
func TestCreatesEndWhenTheProviderIsStopped(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{}, 100)
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	defer silent.Close()
	s := newSession(t, "flink_deployment", silent.URL)
	config := write(t, s.of, base(s.kind))
	none := held{value: tftypes.NewValue(s.of, nil)}
	plan := s.plan(none, config)
	ended := make(chan string)
	go func() {
		_, said := s.apply(none, config, plan)
		ended <- said
	}()
	<-asked
	if _, err := s.server.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
		t.Fatal(err)
	}
	select {
	case said := <-ended:
		if !strings.Contains(said, "interrupted") {
			t.Errorf("said %q", said)
		}
	case <-time.After(time.Minute):
		t.Fatal("the create goes on")
	}
	// A process that serves several runs of the CLI, as one that is debugged, goes on.
	go func() {
		_, said := s.apply(none, config, plan)
		ended <- said
	}()
	select {
	case <-asked:
	case said := <-ended:
		t.Errorf("the next create is not sent: %q", said)
	}
	if _, err := s.server.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
		t.Fatal(err)
	}
	<-ended
}
