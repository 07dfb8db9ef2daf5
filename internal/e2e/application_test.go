//go:build e2e

package e2e

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/kafka/kafkatest"
)

const applicationAddress = "flink_stream_application.payments"

// application is the application payments in a namespace: the jobs of
// examples/scenarios/payments, and a broker that takes only who logs in.
type application struct {
	*testing.T
	namespace string
	broker    kafkatest.Broker
	payments  *payments
	jobs      map[string]*jobManager
	// versions are the deployments, by name, when touched was asked last.
	versions map[string]version
}

// version tells one object, and one of its specifications, from another. A version that fails is
// rolled back by a new object.
type version struct {
	uid        string
	generation int64
}

// brokerName is the name of the broker that only pods can resolve.
const brokerName = "kafka"

func (a *application) environment() string {
	_, port, err := net.SplitHostPort(a.broker.SASL)
	if err != nil {
		a.Fatal(err)
	}
	return environment(a.namespace, fmt.Sprintf(`kafka = {
    provider                = "direct"
    bootstrap_servers       = "%s.%s.svc.cluster.local:%s"
    admin_bootstrap_servers = %q
    sasl                    = { mechanism = "SCRAM-SHA-512", secret = "kafka-access" }
  }`, brokerName, a.namespace, port, a.broker.SASL))
}

// grant gives the pods what the environment says of the broker: its name and the credentials.
func (a *application) grant() {
	a.Helper()
	host, port, err := net.SplitHostPort(a.broker.SASL)
	if err != nil {
		a.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		a.Fatal(err)
	}
	for path, object := range map[string]map[string]any{
		"/api/v1/namespaces/%s/secrets": {
			"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "kafka-access"},
			"stringData": map[string]any{"username": "admin", "password": a.broker.Password},
		},
		"/api/v1/namespaces/%s/services": {
			"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{"name": brokerName},
			"spec": map[string]any{"clusterIP": "None", "ports": []any{map[string]any{"name": "sasl", "port": number}}},
		},
		"/apis/discovery.k8s.io/v1/namespaces/%s/endpointslices": {
			"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
			"metadata":    map[string]any{"name": brokerName, "labels": map[string]any{"kubernetes.io/service-name": brokerName}},
			"addressType": "IPv4", "endpoints": []any{map[string]any{"addresses": []any{host}}},
			"ports": []any{map[string]any{"name": "sasl", "port": number}},
		},
	} {
		body, err := json.Marshal(object)
		if err != nil {
			a.Fatal(err)
		}
		client, err := cluster()
		if err != nil {
			a.Fatal(err)
		}
		if err := client.Post().AbsPath(fmt.Sprintf(path, a.namespace)).SetHeader("Content-Type", "application/json").Body(body).Do(a.Context()).Error(); err != nil {
			a.Fatal(err)
		}
	}
}

// with is the configuration of the application, with attributes of two streamlets.
func (a *application) with(enrich, score string) string {
	folder, err := filepath.Abs(filepath.Join("..", "..", "examples", "scenarios", "payments", "schemas"))
	if err != nil {
		a.Fatal(err)
	}
	tag := strings.TrimPrefix(flink.image, "flink:")
	return a.environment() + fmt.Sprintf(`
locals {
  jar      = "local:///opt/flink/job/payments.jar"
  payment  = file("%[1]s/payment.avsc")
  enriched = file("%[1]s/enriched.avsc")
}

resource "flink_stream_application" "payments" {
  environment = flink_environment.test
  name        = "payments"
  streamlets = {
    ingest = {
      image = "payments-ingest:%[2]s", jar_uri = local.jar, entry_class = "payments.Ingest", parallelism = 1
      inlets  = { lines = {} }
      outlets = { valid = { schema = local.payment }, invalid = {} }
    }
    enrich = {
      jar_uri = local.jar, entry_class = "payments.Enrich"
      inlets  = { payments = { schema = local.payment } }
      outlets = { enriched = { schema = local.enriched } }
      %[3]s
    }
    score = {
      image = "payments-scoring:%[2]s", jar_uri = local.jar, entry_class = "payments.Score", parallelism = 1
      inlets  = { payments = { schema = local.enriched } }
      outlets = { scored = {} }
      %[4]s
    }
  }
  topics = {
    lines    = { consumers = ["ingest.lines"], topic_name = %[5]q, partitions = 4 }
    rejected = { producers = ["ingest.invalid"], topic_name = %[6]q }
    valid    = { producers = ["ingest.valid"], consumers = ["enrich.payments"], partitions = 4, replicas = 1, config = { "retention.ms" = 3600000 } }
    enriched = { producers = ["enrich.enriched"], consumers = ["score.payments"], partitions = 2 }
    scored   = { producers = ["score.scored"], topic_name = %[7]q, partitions = 2 }
  }
}
`, folder, tag, enrich, score, topicLines, topicRejected, topicScored)
}

// touched is an error unless just these deployments have been written since it was asked last.
func (a *application) touched(want ...string) error {
	client, err := cluster()
	if err != nil {
		return err
	}
	body, err := client.Get().AbsPath("/apis/flink.apache.org/v1beta1/namespaces/" + a.namespace + "/flinkdeployments").DoRaw(a.Context())
	if err != nil {
		return err
	}
	var list unstructured.UnstructuredList
	if err := json.Unmarshal(body, &list); err != nil {
		return err
	}
	now := map[string]version{}
	for _, item := range list.Items {
		now[item.GetName()] = version{string(item.GetUID()), item.GetGeneration()}
	}
	before := a.versions
	a.versions = now
	changed := map[string]bool{}
	for name := range before {
		changed[name] = now[name] != before[name]
	}
	for name := range now {
		changed[name] = now[name] != before[name]
	}
	for _, name := range want {
		if !changed[name] {
			return fmt.Errorf("%s is not touched: the deployments are %v, were %v", name, now, before)
		}
		delete(changed, name)
	}
	for name, is := range changed {
		if is {
			return fmt.Errorf("%s is touched: the deployments are %v, were %v", name, now, before)
		}
	}
	return nil
}

// runOn is an error unless the jobs of these streamlets run on as they did when asked last.
func (a *application) runOn(streamlets ...string) resource.TestCheckFunc {
	return func(state *terraform.State) error {
		for _, streamlet := range streamlets {
			if err := a.jobs[streamlet].untouched()(state); err != nil {
				return fmt.Errorf("%s: %w", streamlet, err)
			}
		}
		return nil
	}
}

// flows is an error unless payments flow through the whole application.
func (a *application) flows() error {
	if err := a.payments.flow(); err != nil {
		return err
	}
	a.Logf("payments up to %d have come out, of %d that are put in; %d twice; %v", a.payments.whole, a.payments.put.Load(), len(a.payments.twice(1, a.payments.whole)), a.payments.scoredBy())
	return nil
}

// rolls are checks of what a plan says of each streamlet: patterns for two of them, and that
// ingest stays as it is.
func rolls(enrich, score string) resource.ConfigPlanChecks {
	rollout := tfjsonpath.New("rollout")
	summary := func(streamlet, pattern string) plancheck.PlanCheck {
		return plancheck.ExpectKnownValue(applicationAddress, rollout.AtMapKey(streamlet).AtMapKey("summary"), knownvalue.StringRegexp(regexp.MustCompile(pattern)))
	}
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{summary("ingest", "^#1 create$"), summary("enrich", enrich), summary("score", score)}}
}

func runs(streamlet string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(applicationAddress, tfjsonpath.New("status").AtMapKey(streamlet).AtMapKey("job_state"), knownvalue.StringExact("RUNNING"))
}

// TestStreamApplication puts payments in at one end of three jobs that are joined by the
// topics of a real broker, and counts them at the other, while the one in the middle is
// upgraded with a savepoint, crashes and is rolled back, is exchanged for another color and
// gets another name. No payment is missing; twice come only those that both colors had.
func TestStreamApplication(t *testing.T) {
	a := &application{T: t, namespace: "e2e-" + strings.ToLower(rand.Text()[:6]), broker: newBroker(t), jobs: map[string]*jobManager{}}
	a.payments = newPayments(t, a.broker)
	for _, streamlet := range []string{"ingest", "enrich", "score"} {
		a.jobs[streamlet] = newJobManager(t, a.namespace, "payments-"+streamlet)
	}
	restored := a.jobs["enrich"].restored(fromSavepoint)
	tag := strings.TrimPrefix(flink.image, "flink:")
	image := func(name string) string { return fmt.Sprintf("image = %q\n", name+":"+tag) }
	const turns = `upgrade = { strategy = "blue_green", blue_green = { abort_grace_period = "120s", deletion_delay = "5s" } }` + "\n"
	enrich := func(image, model string, more ...string) string {
		return image + strings.Join(append([]string{fmt.Sprintf("config = { model = %q }", model), "parallelism = 1"}, more...), "\n")
	}
	crashes := image("payments-scoring") + `config = { model = "v3", largest = "1,000" }
	  parallelism = 1`
	faster := func(model string, more ...string) string {
		return strings.Replace(enrich(image("payments-scoring"), model, more...), "parallelism = 1", "parallelism = 2", 1)
	}
	const plain, renamed = "", `config = { name = "score2" }`
	began := time.Now()
	var before, after int64
	// during are the numbers of the last payments before and after the switch.
	var during [2]int64
	step := func(what string, then ...func() error) resource.TestCheckFunc {
		return func(*terraform.State) error {
			t.Logf("%s took %s", what, time.Since(began).Round(time.Second))
			after = a.payments.put.Load()
			for _, check := range then {
				if err := check(); err != nil {
					return fmt.Errorf("%s: %w", what, err)
				}
			}
			return nil
		}
	}
	now := func() { began, before = time.Now(), a.payments.put.Load() }
	of := func(check resource.TestCheckFunc) func() error { return func() error { return check(nil) } }
	touched := func(names ...string) func() error { return func() error { return a.touched(names...) } }
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: a.environment()},
			{
				PreConfig:         func() { a.grant(); now() },
				Config:            a.with(enrich(image("payments-ingest"), "v1"), plain),
				ConfigStateChecks: []statecheck.StateCheck{runs("ingest"), runs("enrich"), runs("score")},
				Check: step("the create", func() error {
					for _, manager := range a.jobs {
						manager.job()
					}
					a.payments.begin()
					return a.touched("payments-ingest", "payments-enrich", "payments-score")
				}, a.flows),
			},
			{
				PreConfig:        now,
				Config:           a.with(enrich(image("payments-scoring"), "v2"), plain),
				ConfigPlanChecks: rolls(`^#2 savepoint upgrade: .*config\["model"\]`, "^#1 create$"),
				Check:            step("the upgrade of enrich", touched("payments-enrich"), of(restored), of(a.runOn("ingest", "score")), a.flows),
			},
			{
				PreConfig:        now,
				Config:           a.with(crashes, renamed),
				ConfigPlanChecks: rolls(`^#3 savepoint upgrade: .*config\["largest"\]`, "^#2 savepoint upgrade: "),
				ExpectError:      regexp.MustCompile(spaced(`payments-enrich`) + `(?s:.*)` + spaced(`NumberFormatException`) + `(?s:.*)` + spaced("Rolled back")),
			},
			{
				// The other streamlet of that apply has been changed, and enrich is what it was.
				PreConfig: func() {
					if err := step("the crash of enrich, and its way back", of(restored), of(a.runOn("ingest")), a.flows, touched("payments-enrich", "payments-score"))(nil); err != nil {
						t.Error(err)
					}
					if a.payments.scored[a.payments.whole][0] != "v2 score2" {
						t.Errorf("the last payment came out from %q", a.payments.scored[a.payments.whole])
					}
					a.jobs["score"].job()
					now()
				},
				Config:           a.with(faster("v3"), renamed),
				ConfigPlanChecks: rolls(`^#\d+ savepoint upgrade: .*parallelism`, "^#2 savepoint upgrade: "),
				Check:            step("the corrected upgrade of enrich", touched("payments-enrich"), of(restored), of(a.runOn("ingest", "score")), a.flows),
			},
			{
				PreConfig: now,
				Config:    a.with(faster("v3", turns), renamed),
				Check: step("the change to two colors", func() error {
					a.jobs["enrich"] = newJobManager(t, a.namespace, "payments-enrich-blue")
					return a.jobs["enrich"].restored(fromSavepoint)(nil)
				}, of(a.runOn("ingest", "score")), a.flows, func() error {
					if twice := a.payments.twice(1, a.payments.whole); len(twice) > 0 {
						return fmt.Errorf("before any switch, these payments came out twice: %v", twice)
					}
					return a.touched("payments-enrich", "payments-enrich-blue")
				}),
			},
			{
				PreConfig:        now,
				Config:           a.with(faster("v4", turns), renamed),
				ConfigPlanChecks: rolls(`^#\d+ blue green: .*config\["model"\].*\(at-least-once\)`, "^#2 savepoint upgrade: "),
				Check: step("the switch of enrich", func() error {
					during = [2]int64{before, after}
					a.jobs["enrich"] = newJobManager(t, a.namespace, "payments-enrich-green")
					return a.jobs["enrich"].restored(fromSavepoint)(nil)
				}, of(a.runOn("ingest", "score")), a.flows, touched("payments-enrich-blue", "payments-enrich-green")),
			},
			{
				PreConfig: now,
				Config:    anotherName.Replace(a.with(faster("v4", turns, `moved_from = "enrich"`), renamed)),
				Check: step("another name for enrich", touched(), of(a.runOn("ingest", "enrich", "score")), a.flows, func() error {
					return a.counted(during[0], during[1])
				}),
			},
		},
	})
}

// anotherName calls the streamlet in the middle otherwise.
var anotherName = strings.NewReplacer("enrich = {", "enhance = {", `"enrich.`, `"enhance.`)

// counted ends the payments and counts them: none is missing, and twice are only those that were put
// in from before a switch to after it.
func (a *application) counted(before, after int64) error {
	p := a.payments
	p.end()
	if err := p.all(); err != nil {
		return err
	}
	all, during := p.twice(1, p.whole), p.twice(before+1, after)
	a.Logf("%d payments put in, %d came out, %d of them twice, which were put in during the switch with %d payments; %v", p.put.Load(), p.whole, len(all), after-before, p.scoredBy())
	if len(all) != len(during) {
		return fmt.Errorf("payments came out twice that were put in before the switch (after %d) or after it (%d): %v", before, after, all)
	}
	if len(during) == 0 {
		return fmt.Errorf("no payment came out twice, so both colors never ran: %v", p.scoredBy())
	}
	for line, times := range p.rejected {
		if times != 1 {
			return fmt.Errorf("the line %q was rejected %d times", line, times)
		}
	}
	return p.gaps(during, "v3 score2", "v4 score2")
}
