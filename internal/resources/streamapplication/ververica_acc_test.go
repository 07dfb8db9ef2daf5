package streamapplication_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// vvpFixture is a namespace of Ververica Platform with the application payments.
type vvpFixture struct {
	*testing.T
	server    *acctest.VVPHandle
	namespace string
}

func onVVP(t *testing.T, version string) *vvpFixture {
	t.Helper()
	acctest.SkipUnlessAcceptance(t)
	server := acctest.VVP(t, version)
	return &vvpFixture{t, server, server.Namespace(t)}
}

// defaults are what all streamlets have in the environment, in the words of its settings.
func (f *vvpFixture) defaults() told {
	return told{
		"kafka": told{"provider": "external", "bootstrapServers": "kafka:9092"},
		"deployment_defaults": told{
			"flinkVersion": "v1_20", "upgrade": told{"proveFor": "1s"},
			"flinkConfiguration": told{"state.checkpoints.dir": "s3://flink/checkpoints", "state.savepoints.dir": "s3://flink/savepoints"},
			"jobManager":         told{"resource": told{"cpu": 0.5, "memory": "1g"}}, "taskManager": told{"resource": told{"cpu": 1, "memory": "2g"}},
		},
	}
}

func (f *vvpFixture) config(attributes ...string) string {
	return f.server.ProviderConfig() + fmt.Sprintf(`
resource "flink_stream_application" "payments" {
  environment = { platform = "ververica", name = %q, settings = %q }
  name        = "payments"
  timeouts    = { create = "90s", update = "90s", delete = "90s" }
  %s
}
`, f.namespace, settings(f.T, f.defaults()), strings.Join(attributes, "\n  "))
}

// call asks the server as somebody else does, for something in the namespace.
func (f *vvpFixture) call(method, path, body string) map[string]any {
	f.Helper()
	code, text := f.server.Call(f.T, method, "api/v1/namespaces/"+f.namespace+"/"+path, body)
	if code >= http.StatusMultipleChoices {
		f.Fatalf("%s %s answers %d: %s", method, path, code, text)
	}
	var answer map[string]any
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		f.Fatal(err)
	}
	return answer
}

// played is a deployment as the server has it.
type played struct {
	id, state string
	// document is what its pods carry, and marked tells of a change that is not seen through.
	document string
	marked   bool
	// jobs is how many it has started, and from is what the newest one has started from.
	jobs int
	from string
}

// live are the deployments by name.
func (f *vvpFixture) live() map[string]played {
	f.Helper()
	type object struct {
		Metadata struct {
			ID          string            `json:"id"`
			Name        string            `json:"name"`
			CreatedAt   string            `json:"createdAt"`
			Annotations map[string]string `json:"annotations"`
		} `json:"metadata"`
		Spec struct {
			DeploymentID      string `json:"deploymentId"`
			SavepointLocation string `json:"savepointLocation"`
			Template          struct {
				Spec struct {
					Kubernetes struct {
						Pods struct {
							Metadata struct {
								Annotations map[string]string `json:"annotations"`
							} `json:"metadata"`
						} `json:"taskManagerPodTemplate"`
					} `json:"kubernetes"`
				} `json:"spec"`
			} `json:"template"`
		} `json:"spec"`
		Status struct {
			State string `json:"state"`
		} `json:"status"`
	}
	read := func(path string) (out []object) {
		text, err := json.Marshal(f.call(http.MethodGet, path, "")["items"])
		if err == nil {
			err = json.Unmarshal(text, &out)
		}
		if err != nil {
			f.Fatal(err)
		}
		return out
	}
	out := map[string]played{}
	for _, d := range read("deployments") {
		now := played{
			id: d.Metadata.ID, state: d.Status.State, marked: d.Metadata.Annotations["flink-terraform.io/unfinished"] != "",
			document: d.Spec.Template.Spec.Kubernetes.Pods.Metadata.Annotations["flink-terraform.io/application-document"],
		}
		newest := ""
		for _, job := range read("jobs?deploymentId=" + now.id) {
			if now.jobs++; job.Metadata.CreatedAt >= newest {
				newest, now.from = job.Metadata.CreatedAt, job.Spec.SavepointLocation
			}
		}
		out[d.Metadata.Name] = now
	}
	return out
}

// TestAccVerverica is the life of an application on Ververica Platform, where pods carry the document
// themselves: one streamlet is changed and only it moves, fails, is drifted, imported and destroyed.
func TestAccVerverica(t *testing.T) {
	t.Parallel()
	f := onVVP(t, "2.15.1")
	of := func(enrich ...string) string {
		return f.config(streamlets(streamlet("ingest", ingestPorts), streamlet("enrich", append(enrich, `inlets = { orders = {} }`)...)), topics(orders))
	}
	jobs := func(ingest, enrich int, from string) resource.TestCheckFunc {
		return check(func() error {
			live := f.live()
			if live["payments-ingest"].jobs != ingest || live["payments-enrich"].jobs != enrich || !strings.HasPrefix(live["payments-enrich"].from, from) {
				return fmt.Errorf("the server has %+v", live)
			}
			return nil
		})
	}
	lag := `config = { "max-lag" = "5s" }`
	empty := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: []resource.TestStep{
		{
			Config:            of(),
			ConfigStateChecks: []statecheck.StateCheck{is("status", "ingest", "job_state", "RUNNING"), is("status", "enrich", "job_state", "RUNNING")},
			Check: check(func() error {
				live := f.live()
				if d := live["payments-enrich"]; !strings.Contains(d.document, `"topic":"orders-v1"`) || d.marked || live["payments-ingest"].marked {
					return fmt.Errorf("the server has %+v", live)
				}
				return nil
			}),
		},
		{Config: of(), ConfigPlanChecks: empty},
		{
			Config: of(lag),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "enrich", "action", "savepoint_upgrade"), planned("rollout", "ingest", "summary", "#1 create"),
			}},
			Check: jobs(1, 2, "s3://flink/savepoints"),
		},
		{
			// A version that does not come up: its cause is told, and the one before runs again.
			Config:      of(lag, `image = "registry.example.com/enrich:2"`, `annotations = { "standin.flink/fails" = "no such image" }`, `ververica = { max_job_creation_attempts = 1 }`),
			ExpectError: words(`The new version of "payments-enrich" does not start: Failed creating a new job: no such image`),
		},
		{Config: of(lag), ConfigPlanChecks: empty, ConfigStateChecks: []statecheck.StateCheck{is("status", "enrich", "job_state", "RUNNING")}},
		{
			// Somebody changes a streamlet: it is put back, with its state, and the other one is left alone.
			PreConfig: func() {
				f.call(http.MethodPatch, "deployments/payments-ingest", `{"spec":{"template":{"spec":{"parallelism":7}}}}`)
			},
			Config: of(lag),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "ingest", "action", "savepoint_upgrade"), plancheck.ExpectKnownValue(payments, at("rollout", "ingest", "because"), because("parallelism")),
			}},
		},
		{Config: f.server.ProviderConfig() + "removed {\n from = " + payments + "\n lifecycle { destroy = false }\n}\n"},
		{
			// The blueprint comes back from what the pods carry.
			Config: of(lag), ResourceName: payments, ImportState: true, ImportStateId: "ververica/" + f.namespace + "/payments", ImportStatePersist: true,
		},
		{
			Config: of(lag),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "ingest", "action", "metadata"), planned("rollout", "enrich", "action", "metadata"),
			}},
		},
		{Config: f.server.ProviderConfig(), Check: check(func() error {
			if live := f.live(); len(live) > 0 {
				return fmt.Errorf("the server still has %+v", live)
			}
			return nil
		})},
	}})
}

// TestAccVervericaCreateFails has one of two streamlets not come up at first: the other one runs on when the cause is
// gone, and an apply goes on with what is left.
func TestAccVervericaCreateFails(t *testing.T) {
	t.Parallel()
	f := onVVP(t, "2.14.0")
	of := func(enrich ...string) string {
		return f.config(streamlets(streamlet("ingest", ingestPorts), streamlet("enrich", append(enrich, `inlets = { orders = {} }`)...)), topics(orders))
	}
	var before map[string]played
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: []resource.TestStep{
		{
			Config:      of(`annotations = { "standin.flink/fails" = "no such image" }`, `ververica = { max_job_creation_attempts = 1 }`),
			ExpectError: words(`The job "payments-enrich" does not start: Failed creating a new job: no such image`),
		},
		{
			PreConfig: func() {
				before = f.live()
				if ingest := before["payments-ingest"]; ingest.state != "RUNNING" || ingest.marked || before["payments-enrich"].state != "FAILED" {
					t.Errorf("the server has %+v", before)
				}
			},
			Config:            of(),
			ConfigStateChecks: []statecheck.StateCheck{is("status", "ingest", "job_state", "RUNNING"), is("status", "enrich", "job_state", "RUNNING")},
			Check: check(func() error {
				live := f.live()
				if live["payments-enrich"].marked || live["payments-ingest"].state != "RUNNING" {
					return fmt.Errorf("the server has %+v, had %+v", live, before)
				}
				return nil
			}),
		},
	}})
}

// TestAccVervericaCut kills an apply at each of its writing requests: the next one goes on from what there is,
// each job has its state, and the plan after it is empty.
func TestAccVervericaCut(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	acctest.FirstCLIOnly(t)
	changed := said(func(streamlets, _, _ told) {
		config(streamlets, "enrich", "5s")
		config(streamlets, "ingest", "5s")
	})
	// One after the other, so that the first one runs long before the apply has come to its end.
	created := said(func(_, _, whole told) { whole["rollout_parallelism"] = 1 })
	for name, of := range map[string]struct{ from, to told }{"create": {nil, created}, "change": {said(nil), changed}, "destroy": {said(nil), nil}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requests := cutOnVVP(t, of.from, of.to, 0, cut{})
			t.Logf("%d writing requests: %s", len(requests), strings.Join(requests, ", "))
			for at := 1; at <= len(requests); at++ {
				for _, way := range []string{"killed before", "killed after"} {
					t.Run(fmt.Sprintf("%s %d", way, at), func(t *testing.T) {
						t.Parallel()
						cutOnVVP(t, of.from, of.to, at, cuts[way])
					})
				}
			}
		})
	}
}

func cutOnVVP(t *testing.T, from, to told, at int, how cut) (writes []string) {
	t.Helper()
	slots <- struct{}{}
	defer func() { <-slots }()
	f := onVVP(t, "2.15.1")
	c := newCore(&fixture{T: t, namespace: f.namespace}, place{
		endpoint: f.server.Endpoint,
		block:    func(url string) string { return fmt.Sprintf(`{"ververica": {"endpoint": %q}}`, url) },
		where:    told{"platform": "ververica", "name": f.namespace, "settings": settings(t, f.defaults())},
	})
	if from != nil {
		if said, _ := c.run(c.within(from), 0, cut{}); said != "" {
			t.Fatalf("the first apply: %s", said)
		}
	}
	ran := f.live()
	said, writes := c.run(c.within(to), at, how)
	after := "nothing was cut"
	if at > 0 && len(writes) >= at {
		after = fmt.Sprintf("cut at %s, with %q", writes[at-1], said)
	} else if said != "" {
		t.Fatalf("not cut: %s", said)
	}
	if at > 0 {
		said, more := c.run(c.within(to), 0, cut{})
		if from == nil && len(writes) > 2 && strings.HasPrefix(writes[len(writes)-1], "PUT") && strings.HasPrefix(writes[1], "POST") && strings.Contains(said, "it exists already") {
			// The apply was at its end, and the state alone was missing.
			c.importAll()
			said, more = c.run(c.within(to), 0, cut{})
		}
		if said != "" {
			t.Errorf("%s: the next apply, with %v: %s", after, more, said)
			return writes
		}
	}
	for _, wrong := range c.leftOnVVP(f, to, ran) {
		t.Errorf("%s: %s", after, wrong)
	}
	return writes
}

// leftOnVVP is what is not as it shall be in the end.
func (c *core) leftOnVVP(f *vvpFixture, to told, ran map[string]played) []string {
	c.Helper()
	var out []string
	live := f.live()
	if want := 2; to == nil && len(live) > 0 || to != nil && len(live) != want {
		out = append(out, fmt.Sprintf("there is %+v", live))
	}
	for name, d := range live {
		was, had := ran[name]
		if d.state != "RUNNING" || d.marked || !had && d.jobs != 1 || had && (d.id != was.id || d.jobs != was.jobs+1 || !strings.HasPrefix(d.from, "s3://flink/savepoints")) {
			out = append(out, fmt.Sprintf("%s is %+v, and was %+v", name, d, was))
		}
	}
	return append(out, c.left(cutCase{to: to})...)
}
