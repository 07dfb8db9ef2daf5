package acctest_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// way is one of those in which the objects of Confluent Manager are managed.
type way struct {
	t *testing.T
	// on has the custom resources, nil over REST.
	on *acctest.CFKHandle
	// manager has the objects in the end.
	manager *acctest.CMFHandle
	// name is a name that no other test has: of the environment, and of what all share.
	name, namespace, provider string
}

// ways are over REST, by custom resources with no connection but that to Kubernetes, and by
// custom resources with the server to ask.
var ways = []string{"rest", "custom resources", "custom resources and the server"}

func newWay(t *testing.T, by string) way {
	t.Helper()
	cluster := acctest.Cluster(t, acctest.Newest())
	w := way{t: t, name: "shop-" + strings.ToLower(rand.Text()[:8])}
	if by == "rest" {
		w.manager, w.namespace = acctest.CMFOn(t, "2.3.1", cluster), cluster.Namespace(t)
		w.provider = w.manager.ProviderConfig()
		return w
	}
	w.on = acctest.CFK(t, "2.3.1", cluster)
	w.manager, w.namespace, w.provider = w.on.Manager, w.on.Namespace, w.on.ProviderConfig()
	if by != ways[1] {
		w.provider = w.on.ProviderConfigWithREST()
	}
	return w
}

// environment is the block of the environment that all is in.
func (w way) environment() string {
	confluent := ""
	if w.on != nil {
		confluent = "confluent = { via = \"custom_resources\" }"
	}
	return fmt.Sprintf("resource \"flink_environment\" \"shop\" {\n  platform = \"confluent\"\n  name = %q\n  namespace = %q\n  %s\n}\n", w.name, w.namespace, confluent)
}

// imported is the id by which an object is imported.
func (w way) imported(id string) string {
	if w.on != nil {
		return id + "@" + w.namespace
	}
	return id
}

// edited changes an object as somebody else does: by a patch of the custom resource, or by another
// object on the server.
func (w way) edited(row sqlKind) {
	w.t.Helper()
	if w.on == nil {
		path := strings.ReplaceAll(row.path, "NAME", w.name)
		code, answer := w.manager.Call(w.t, http.MethodPut, path, strings.ReplaceAll(row.body, "NAME", w.name))
		if code != http.StatusOK {
			w.t.Fatalf("the server answers %d: %s", code, answer)
		}
		return
	}
	name := strings.ReplaceAll(row.path[strings.LastIndex(row.path, "/")+1:], "NAME", w.name)
	_, err := w.on.Resources(row.resource).Patch(w.t.Context(), name, types.MergePatchType, []byte(strings.ReplaceAll(row.patch, "NAME", w.name)), metav1.PatchOptions{FieldManager: "kubectl-edit"})
	if err != nil {
		w.t.Fatal(err)
	}
}

// sqlKind is a row of the table that all ways pass: NAME is the environment's and that of what all
// environments share.
type sqlKind struct {
	address string
	// before is what the resource needs, and block the resource with something that is changed.
	before, block string
	first, second string
	id            string
	// path, body, resource and patch are of what somebody else changes.
	path, body, resource, patch string
	// ignore are attributes that no import tells.
	ignore []string
}

const (
	secretBlock = `
resource "flink_secret" "kafka" {
  through         = flink_environment.shop
  name            = "NAME"
  data_wo         = { "sasl.jaas.config" = "VALUE" }
  data_wo_version = "VALUE"
}
`
	catalogBlock = `
resource "flink_kafka_catalog" "shop" {
  through     = flink_environment.shop
  name        = "NAME"
  sr_instance = { connection_config = { "schema.registry.url" = "VALUE" } }
}
`
	poolBlock = `
resource "flink_compute_pool" "sql" {
  environment  = flink_environment.shop
  name         = "sql"
  type         = "dedicated"
  cluster_spec = {
    image               = "confluentinc/cp-flink-sql:VALUE"
    flink_configuration = { "state.checkpoints.dir" = "s3://flink/checkpoints", "state.savepoints.dir" = "s3://flink/savepoints" }
    job_manager         = { resource = { cpu = 0.5, memory = "1g" } }
  }
}
`
)

var sqlKinds = []sqlKind{
	{
		address: "flink_secret.kafka", block: secretBlock, first: "1", second: "2", id: "confluent/NAME",
		path: "secrets/NAME", body: `{"apiVersion":"cmf.confluent.io/v1","kind":"Secret","metadata":{"name":"NAME"},"spec":{"data":{"sasl.jaas.config":"theirs"}}}`,
		ignore: []string{"data_wo_version", "through"},
	},
	{
		address: "flink_secret_mapping.kafka", before: strings.ReplaceAll(secretBlock, "VALUE", "1") + strings.NewReplacer(`"kafka"`, `"other"`, "NAME", "NAME-b", "VALUE", "1").Replace(secretBlock),
		block: `
resource "flink_secret_mapping" "kafka" {
  environment = flink_environment.shop
  name        = "kafka-id"
  secret_name = flink_secret.VALUE.name
}
`, first: "kafka", second: "other", id: "confluent/NAME/kafka-id",
		path: "environments/NAME/secret-mappings/kafka-id", resource: "flinkenvironmentsecretmappings",
		body:  `{"apiVersion":"cmf.confluent.io/v1","kind":"EnvironmentSecretMapping","metadata":{"name":"kafka-id"},"spec":{"secretName":"NAME"}}`,
		patch: `{"spec":{"secretRef":{"name":"NAME"}}}`, ignore: []string{"environment"},
	},
	{
		address: "flink_kafka_catalog.shop", block: catalogBlock, first: "http://registry-a:8081", second: "http://registry-b:8081", id: "confluent/NAME",
		path: "catalogs/kafka/NAME", resource: "flinkkafkacatalogs",
		body:  `{"apiVersion":"cmf.confluent.io/v1","kind":"KafkaCatalog","metadata":{"name":"NAME"},"spec":{"srInstance":{"connectionConfig":{"schema.registry.url":"http://theirs:8081"}}}}`,
		patch: `{"spec":{"srInstance":{"connectionConfig":{"schema.registry.url":"http://theirs:8081"}}}}`, ignore: []string{"through", "environments_with_access"},
	},
	{
		address: "flink_kafka_database.orders", before: strings.ReplaceAll(catalogBlock, "VALUE", "http://registry-a:8081"), block: `
resource "flink_kafka_database" "orders" {
  through       = flink_environment.shop
  catalog       = flink_kafka_catalog.shop.name
  name          = "orders"
  kafka_cluster = { connection_config = { "bootstrap.servers" = "VALUE" } }
}
`, first: "kafka-a:9092", second: "kafka-b:9092", id: "confluent/NAME/orders",
		path: "catalogs/kafka/NAME/databases/orders", resource: "flinkkafkadatabases",
		body:  `{"apiVersion":"cmf.confluent.io/v1","kind":"KafkaDatabase","metadata":{"name":"orders"},"spec":{"kafkaCluster":{"connectionConfig":{"bootstrap.servers":"theirs:9092"}}}}`,
		patch: `{"spec":{"kafkaCluster":{"connectionConfig":{"bootstrap.servers":"theirs:9092"}}}}`, ignore: []string{"through", "environments_with_access"},
	},
	{
		address: "flink_compute_pool.sql", block: poolBlock, first: "1.19-cp7", second: "1.19-cp10", id: "confluent/NAME/sql",
		path: "environments/NAME/compute-pools/sql", resource: "flinkcomputepools",
		body:  `{"apiVersion":"cmf.confluent.io/v1","kind":"ComputePool","metadata":{"name":"sql"},"spec":{"type":"DEDICATED","clusterSpec":{"image":"cp-flink-sql:theirs","jobManager":{"resource":{"memory":"1g"}}}}}`,
		patch: `{"spec":{"clusterSpec":{"image":"cp-flink-sql:theirs"}}}`, ignore: []string{"environment"},
	},
	{
		address: "flink_statement.totals", before: strings.ReplaceAll(poolBlock, "VALUE", "1.19-cp10"), block: `
resource "flink_statement" "totals" {
  environment  = flink_environment.shop
  name         = "totals"
  compute_pool = flink_compute_pool.sql.name
  statement    = "INSERT INTO totals SELECT region, SUM(amount) FROM orders GROUP BY region"
  parallelism  = VALUE
  upgrade      = { prove_for = "0s" }
}
`, first: "2", second: "4", id: "confluent/NAME/totals",
		path: "environments/NAME/statements/totals", resource: "flinkstatements",
		body: `{"apiVersion":"cmf.confluent.io/v1","kind":"Statement","metadata":{"name":"totals"},
			"spec":{"computePoolName":"sql","statement":"INSERT INTO totals SELECT region, SUM(amount) FROM orders GROUP BY region","parallelism":7,"stopped":false}}`,
		patch: `{"spec":{"parallelism":7}}`, ignore: []string{"environment", "rollout", "upgrade", "status"},
	},
}

// TestAccOneTableForBothWays has each kind of Confluent Manager, that is no job of its own, pass one table in
// each way: create, no change, a change, import, drift, and its end on the server.
func TestAccOneTableForBothWays(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for _, row := range sqlKinds {
		for _, by := range ways {
			t.Run(row.address+"/"+by, func(t *testing.T) {
				t.Parallel()
				acctest.FirstCLIOnly(t)
				w := newWay(t, by)
				if row.address == "flink_statement.totals" && by == ways[1] {
					t.Skip("without the server nobody knows whether a job runs: TestAccPhaseIsNotBelieved")
				}
				w.passes(row)
			})
		}
	}
}

func (w way) passes(row sqlKind) {
	w.t.Helper()
	named := strings.NewReplacer("NAME", w.name).Replace
	config := func(value string) string {
		return w.provider + w.environment() + named(row.before+strings.ReplaceAll(row.block, "VALUE", value))
	}
	planned := func(want plancheck.ResourceActionType) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(row.address, want)}}
	}
	steps := []resource.TestStep{
		{Config: config(row.first), ConfigPlanChecks: planned(plancheck.ResourceActionCreate)},
		{Config: config(row.first), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		{Config: config(row.second), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate)},
		{ResourceName: row.address, ImportState: true, ImportStateId: w.imported(named(row.id)), ImportStateVerify: true, ImportStateVerifyIgnore: row.ignore},
	}
	if w.on == nil || row.resource != "" {
		steps = append(steps, resource.TestStep{PreConfig: func() { w.edited(row) }, Config: config(row.second), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate)})
	}
	resource.Test(w.t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: steps})
	if code, answer := w.manager.Call(w.t, http.MethodGet, named(row.path), ""); code != http.StatusNotFound {
		w.t.Errorf("the destroyed object is still there: %s", answer)
	}
}

// TestAccPhaseIsNotBelieved creates statements where only the controller tells how they are: it
// leaves PENDING of one that runs, which is said and no success, and one that has failed is an
// error with the cause.
func TestAccPhaseIsNotBelieved(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	acctest.FirstCLIOnly(t)
	w := newWay(t, ways[1])
	of := func(name, sql string) string {
		return w.provider + w.environment() + strings.ReplaceAll(poolBlock, "VALUE", "1.19-cp10") + fmt.Sprintf(`
resource "flink_statement" %[1]q {
  environment  = flink_environment.shop
  name         = %[1]q
  compute_pool = flink_compute_pool.sql.name
  statement    = %[2]q
}
`, name, sql)
	}
	c := acctest.NewCLI(t)
	runs := func(arguments ...string) string {
		t.Helper()
		command, err := c.Start(t.Context(), arguments...)
		if err != nil {
			t.Fatal(err)
		}
		code, output, err := command.Wait()
		if err != nil || code != 0 {
			t.Fatalf("it ends with %d: %v %s", code, err, output)
		}
		return strings.Join(strings.Fields(output), " ")
	}
	err := c.Write(of("totals", "INSERT INTO totals SELECT region, SUM(amount) FROM orders GROUP BY region"))
	if err != nil {
		t.Fatal(err)
	}
	output := runs("apply", "-auto-approve")
	if !strings.Contains(output, `Whether the statement "totals" works is not known`) || !strings.Contains(output, "says PENDING since") {
		t.Errorf("the apply says: %s", output)
	}
	runs("destroy", "-auto-approve")
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: []resource.TestStep{
		{Config: of("broken", "SELEC 1"), ExpectError: regexp.MustCompile(`(?s)The\s+statement\s+"broken"\s+has\s+failed`)},
	}})
}

// TestAccManifestsAreTakenOver imports one resource of each kind of SQL that kubectl has created, as the vendor's
// own examples do: nothing is left to do.
func TestAccManifestsAreTakenOver(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	acctest.FirstCLIOnly(t)
	w := newWay(t, ways[2])
	text := func(pairs ...any) map[string]any {
		out := map[string]any{}
		for i := 0; i < len(pairs); i += 2 {
			out[fmt.Sprint(pairs[i])] = pairs[i+1]
		}
		return out
	}
	secret := &unstructured.Unstructured{Object: text("apiVersion", "v1", "kind", "Secret", "metadata", text("name", w.name), "stringData", text("sasl.jaas.config", "theirs"))}
	kind := schema.GroupVersionResource{Version: "v1", Resource: "secrets"}
	if _, err := w.on.Cluster.Client.Resource(kind).Namespace(w.namespace).Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	const insert = "INSERT INTO totals SELECT region, SUM(amount) FROM orders GROUP BY region"
	type taken struct {
		address, id, kind, plural, name string
		spec                            map[string]any
		block                           string
	}
	all := []taken{
		{"flink_secret_mapping.kafka", w.name + "/kafka-id", "FlinkEnvironmentSecretMapping", "flinkenvironmentsecretmappings", "kafka-id", text("flinkEnvironment", w.name, "secretRef", text("name", w.name)), `
resource "flink_secret_mapping" "kafka" {
  environment = flink_environment.shop
  name        = "kafka-id"
  secret_name = "NAME"
}
`},
		{
			"flink_kafka_catalog.shop", w.name, "FlinkKafkaCatalog", "flinkkafkacatalogs", w.name,
			text("flinkEnvironment", w.name, "srInstance", text("connectionConfig", text("schema.registry.url", "http://registry:8081"), "connectionSecretId", "kafka-id")), `
resource "flink_kafka_catalog" "shop" {
  through     = flink_environment.shop
  name        = "NAME"
  sr_instance = { connection_config = { "schema.registry.url" = "http://registry:8081" }, connection_secret_id = "kafka-id" }
}
`,
		},
		{
			"flink_kafka_database.orders", w.name + "/orders", "FlinkKafkaDatabase", "flinkkafkadatabases", "orders",
			text("flinkEnvironment", w.name, "catalogRef", text("name", w.name), "ddlEnvironments", []any{w.name}, "kafkaCluster", text("connectionConfig", text("bootstrap.servers", "kafka:9092"))), `
resource "flink_kafka_database" "orders" {
  through          = flink_environment.shop
  catalog          = flink_kafka_catalog.shop.name
  name             = "orders"
  ddl_environments = ["NAME"]
  kafka_cluster    = { connection_config = { "bootstrap.servers" = "kafka:9092" } }
}
`,
		},
		{
			"flink_compute_pool.sql", w.name + "/sql", "FlinkComputePool", "flinkcomputepools", "sql",
			text("flinkEnvironment", w.name, "type", "DEDICATED", "clusterSpec", text("image", "confluentinc/cp-flink-sql:1.19-cp10", "flinkVersion", "v1_19",
				"jobManager", text("resource", text("cpu", 0.5, "memory", "1024m")), "taskManager", text("resource", text("cpu", int64(1), "memory", "1024m")))), `
resource "flink_compute_pool" "sql" {
  environment  = flink_environment.shop
  name         = "sql"
  type         = "dedicated"
  cluster_spec = {
    image         = "confluentinc/cp-flink-sql:1.19-cp10"
    flink_version = "v1_19"
    job_manager   = { resource = { cpu = 0.5, memory = "1024m" } }
    task_manager  = { resource = { cpu = 1, memory = "1024m" } }
  }
}
`,
		},
		{
			"flink_compute_pool.shared", w.name + "/shared", "FlinkComputePool", "flinkcomputepools", "shared",
			text("flinkEnvironment", w.name, "type", "SHARED", "state", "RUNNING", "clusterSpec", text("image", "confluentinc/cp-flink-sql:1.19-cp10", "jobManager", text("resource", text("memory", "1024m")))), `
resource "flink_compute_pool" "shared" {
  environment  = flink_environment.shop
  name         = "shared"
  type         = "shared"
  cluster_spec = { image = "confluentinc/cp-flink-sql:1.19-cp10", job_manager = { resource = { memory = "1024m" } } }
}
`,
		},
		{
			"flink_statement.totals", w.name + "/totals", "FlinkStatement", "flinkstatements", "totals",
			text("flinkEnvironment", w.name, "computePoolName", "sql", "statement", insert, "parallelism", int64(1), "stopped", false,
				"properties", text("sql.current-catalog", w.name, "sql.current-database", "orders")), `
resource "flink_statement" "totals" {
  environment  = flink_environment.shop
  name         = "totals"
  compute_pool = flink_compute_pool.sql.name
  statement    = "` + insert + `"
  properties   = { "sql.current-catalog" = "NAME", "sql.current-database" = "orders" }
}
`,
		},
	}
	blocks, imports := "", ""
	var noop []plancheck.PlanCheck
	for _, row := range all {
		blocks += strings.ReplaceAll(row.block, "NAME", w.name)
		imports += fmt.Sprintf("import {\n  to = %s\n  id = \"confluent/%s@%s\"\n}\n", row.address, row.id, w.namespace)
		noop = append(noop, plancheck.ExpectResourceAction(row.address, plancheck.ResourceActionNoop))
	}
	config := w.provider + w.environment()
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: []resource.TestStep{
		{Config: config},
		{
			PreConfig: func() {
				w.on.Create(t, "FlinkSecret", "flinksecrets", w.name, text("secretRef", w.name))
				for _, row := range all {
					w.on.Create(t, row.kind, row.plural, row.name, row.spec)
				}
			},
			Config: config + blocks + imports, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: noop},
		},
		{Config: config + blocks, PlanOnly: true},
	}})
}

// TestAccMovesToCustomResources moves each kind of SQL from REST to custom resources: what the server has stays what it
// is, and a statement runs on.
func TestAccMovesToCustomResources(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	acctest.FirstCLIOnly(t)
	w := newWay(t, ways[2])
	over := way{t: t, manager: w.manager, name: w.name, namespace: w.namespace}
	blocks := ""
	for _, at := range []int{2, 3, 4, 5} {
		if at != 2 && at != 4 {
			blocks += strings.ReplaceAll(sqlKinds[at].block, "VALUE", sqlKinds[at].first)
		}
	}
	blocks = strings.ReplaceAll(strings.ReplaceAll(catalogBlock, "VALUE", "http://registry-a:8081")+strings.ReplaceAll(poolBlock, "VALUE", "1.19-cp7")+blocks, "NAME", w.name)
	statement := "environments/" + w.name + "/statements/totals"
	var before string
	uid := regexp.MustCompile(`"uid":"[^"]+"`)
	actions := func(want plancheck.ResourceActionType) resource.ConfigPlanChecks {
		var out resource.ConfigPlanChecks
		for _, at := range []int{2, 3, 4, 5} {
			out.PreApply = append(out.PreApply, plancheck.ExpectResourceAction(sqlKinds[at].address, want))
		}
		return out
	}
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: []resource.TestStep{
		{Config: w.provider + over.environment() + blocks},
		{
			PreConfig: func() {
				_, answer := w.manager.Call(t, http.MethodGet, statement, "")
				before = uid.FindString(answer)
			},
			Config: w.provider + w.environment() + blocks, ConfigPlanChecks: actions(plancheck.ResourceActionUpdate),
			Check: func(*terraform.State) error {
				if _, answer := w.manager.Call(t, http.MethodGet, statement, ""); before == "" || uid.FindString(answer) != before || !strings.Contains(answer, `"RUNNING"`) {
					return fmt.Errorf("the statement was %s, and is %s", before, answer)
				}
				for _, at := range []int{2, 3, 4, 5} {
					row := sqlKinds[at]
					name := strings.ReplaceAll(row.path[strings.LastIndex(row.path, "/")+1:], "NAME", w.name)
					if _, err := w.on.Resources(row.resource).Get(t.Context(), name, metav1.GetOptions{}); err != nil {
						return err
					}
				}
				return nil
			},
		},
		{Config: w.provider + w.environment() + blocks, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		{Config: w.provider + over.environment() + blocks, PlanOnly: true, ExpectError: regexp.MustCompile(`cannot\s+be\s+given\s+back`)},
	}})
}
