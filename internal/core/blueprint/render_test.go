package blueprint

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// documentSchema compiles the published schema.
func documentSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := jsonschema.UnmarshalJSON(bytes.NewReader(DocumentSchema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("document.json", text); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("document.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// validate says what the published schema has against a document.
func validate(t *testing.T, schema *jsonschema.Schema, text []byte) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return schema.Validate(value)
}

// connections are those of an environment of each kind.
var connections = map[string]Connections{
	"none":  {},
	"plain": {Kafka: &defaults.Kafka{Provider: defaults.KafkaExternal, BootstrapServers: "kafka:9092"}, Registry: &defaults.SchemaRegistry{URL: "http://registry:8081"}},
	"scram": {
		Kafka: &defaults.Kafka{
			Provider: defaults.KafkaDirect, BootstrapServers: "a:9093,b:9093", AdminBootstrapServers: new("outside:9093"),
			SASL: &defaults.SASL{Mechanism: "SCRAM-SHA-512", Secret: "kafka"},
			TLS:  &defaults.TLS{CA: &flink.SecretRef{Secret: "cluster-ca", Key: "ca.crt"}},
		},
		Registry: &defaults.SchemaRegistry{URL: "https://registry", Secret: new("registry"), CA: &flink.SecretRef{Secret: "cluster-ca", Key: "registry.crt"}, Format: new("none")},
	},
	"oauth": {Kafka: &defaults.Kafka{
		Provider: defaults.KafkaDirect, BootstrapServers: "a:9093",
		SASL: &defaults.SASL{Mechanism: "OAUTHBEARER", Secret: "kafka", TokenURL: new("https://login/token"), Scope: new("kafka")},
	}},
	"mutual": {
		Kafka: &defaults.Kafka{
			Provider: defaults.KafkaStrimzi, BootstrapServers: "a:9093", Cluster: new("main"),
			TLS: &defaults.TLS{ClientSecret: new("client")},
		},
		// The registry takes what the configuration takes too.
		Registry: &defaults.SchemaRegistry{URL: "https://registry", Secret: new("partner")},
	},
}

// TestDocument compares whole documents.
func TestDocument(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		streamlet, on, want string
	}{
		"with everything": {"ingest", "scram", `{"schema_version":1,"application":"payments","streamlet":"ingest","config":{"max-lag":"5s"},"config_files":{"api-key":"/etc/flink-application/secrets/partner/token"},"inlets":{},` +
			`"outlets":{"invalid":{"topic":"rejected"},"valid":{"topic":"orders-v1","schema":{"type":"record","name":"Order","fields":[{"name":"id","type":"long"}]}}},` +
			`"kafka":{"bootstrap_servers":"a:9093,b:9093","security_protocol":"SASL_SSL","sasl":{"mechanism":"SCRAM-SHA-512","username_file":"/etc/flink-application/secrets/kafka/username","password_file":"/etc/flink-application/secrets/kafka/password"},"tls":{"ca_file":"/etc/flink-application/secrets/cluster-ca/ca.crt"}},` +
			`"schema_registry":{"url":"https://registry","format":"none","username_file":"/etc/flink-application/secrets/registry/username","password_file":"/etc/flink-application/secrets/registry/password","token_file":"/etc/flink-application/secrets/registry/token","ca_file":"/etc/flink-application/secrets/cluster-ca/registry.crt"}}`},
		"a registered schema": {"report", "plain", `{"schema_version":1,"application":"payments","streamlet":"report","config":{},"config_files":{},` +
			`"inlets":{"paid":{"topic":"paid","schema":{"type":"record","name":"Order","fields":[{"name":"id","type":"long"},{"name":"paid","type":"boolean"}]},"subject":"paid-value"}},"outlets":{},` +
			`"kafka":{"bootstrap_servers":"kafka:9092","security_protocol":"PLAINTEXT"},"schema_registry":{"url":"http://registry:8081","format":"confluent"}}`},
		"tokens": {"alone", "oauth", `{"schema_version":1,"application":"payments","streamlet":"alone","config":{"a":"<&>"},"config_files":{},"inlets":{"in":{"topic":"rejected","schema":"string"}},"outlets":{},` +
			`"kafka":{"bootstrap_servers":"a:9093","security_protocol":"SASL_PLAINTEXT","sasl":{"mechanism":"OAUTHBEARER","client_id_file":"/etc/flink-application/secrets/kafka/client_id","client_secret_file":"/etc/flink-application/secrets/kafka/client_secret","token_url":"https://login/token","scope":"kafka"}}}`},
		"a client's certificate": {"alone", "mutual", `{"schema_version":1,"application":"payments","streamlet":"alone","config":{"a":"<&>"},"config_files":{},"inlets":{"in":{"topic":"rejected","schema":"string"}},"outlets":{},` +
			`"kafka":{"bootstrap_servers":"a:9093","security_protocol":"SSL","tls":{"certificate_file":"/etc/flink-application/secrets/client/tls.crt","key_file":"/etc/flink-application/secrets/client/tls.key"}},` +
			`"schema_registry":{"url":"https://registry","format":"confluent","username_file":"/etc/flink-application/secrets/partner/username","password_file":"/etc/flink-application/secrets/partner/password","token_file":"/etc/flink-application/secrets/partner/token"}}`},
		"no ports": {"idle", "scram", `{"schema_version":1,"application":"payments","streamlet":"idle","config":{},"config_files":{},"inlets":{},"outlets":{}}`},
	}
	schema := documentSchema(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := payments()
			// The outlet is in no topic, and not told.
			a.Streamlets["alone"] = Streamlet{Inlets: map[string]Port{"in": {Schema: " string\n"}}, Outlets: map[string]Port{"nowhere": {}}, Config: map[string]string{"a": "<&>"}}
			a.Streamlets["idle"] = Streamlet{}
			a.changeTopic("rejected", func(t *Topic) { t.Consumers = []string{"alone.in"} })
			text, err := a.Render(connections[test.on]).Document(test.streamlet)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(text)); diff != "" {
				t.Errorf("document (-want +got):\n%s", diff)
			}
			if err := validate(t, schema, text); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestDocumentsAreValid has every streamlet with every kind of connections.
func TestDocumentsAreValid(t *testing.T) {
	t.Parallel()
	schema := documentSchema(t)
	for _, a := range []Application{payments(), chain(3)} {
		for name, on := range connections {
			for streamlet := range a.Streamlets {
				text, err := a.Render(on).Document(streamlet)
				if err != nil {
					t.Fatal(err)
				}
				if err := validate(t, schema, text); err != nil {
					t.Errorf("%s of %s, connections %s: %v", streamlet, a.Name, name, err)
				}
			}
		}
	}
}

// TestDocumentSchemaIsStrict changes a valid document into one that no reader expects.
func TestDocumentSchemaIsStrict(t *testing.T) {
	t.Parallel()
	schema := documentSchema(t)
	text, err := payments().Render(connections["scram"]).Document("ingest")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]func(map[string]any){
		"a further field":         func(d map[string]any) { d["version"] = 1 },
		"a further field below":   func(d map[string]any) { d["kafka"].(map[string]any)["password"] = "x" },
		"a further field of SASL": func(d map[string]any) { d["kafka"].(map[string]any)["sasl"].(map[string]any)["password"] = "x" },
		"another version":         func(d map[string]any) { d["schema_version"] = 2 },
		"no streamlet":            func(d map[string]any) { delete(d, "streamlet") },
		"a number as value":       func(d map[string]any) { d["config"].(map[string]any)["a"] = 1 },
		"a value as file":         func(d map[string]any) { d["config_files"].(map[string]any)["api-key"] = "secret" },
		"a port without a topic":  func(d map[string]any) { d["outlets"].(map[string]any)["valid"] = map[string]any{} },
		"tokens by a password": func(d map[string]any) {
			d["kafka"].(map[string]any)["sasl"].(map[string]any)["mechanism"] = "OAUTHBEARER"
		},
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var d map[string]any
			if err := json.Unmarshal(text, &d); err != nil {
				t.Fatal(err)
			}
			change(d)
			changed, err := json.Marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			if validate(t, schema, changed) == nil {
				t.Errorf("the schema takes %s", changed)
			}
		})
	}
}

// TestDocumentSchemaDescribes holds that each property says what it is.
func TestDocumentSchemaDescribes(t *testing.T) {
	t.Parallel()
	var root map[string]any
	if err := json.Unmarshal(DocumentSchema, &root); err != nil {
		t.Fatal(err)
	}
	seen := 0
	var walk func(path string, value any)
	walk = func(path string, value any) {
		object, ok := value.(map[string]any)
		if !ok {
			return
		}
		for _, key := range slices.Sorted(maps.Keys(object)) {
			if properties, ok := object[key].(map[string]any); ok && key == "properties" && !strings.HasSuffix(path, "/if") {
				for name, property := range properties {
					seen++
					if text, _ := property.(map[string]any)["description"].(string); !strings.HasSuffix(text, ".") {
						t.Errorf("%s/%s has no description", path, name)
					}
				}
			}
			walk(path+"/"+key, object[key])
		}
	}
	walk("", root)
	if seen < 25 {
		t.Errorf("only %d properties were found", seen)
	}
}

func TestDocumentIsStable(t *testing.T) {
	t.Parallel()
	first, err := payments().Render(connections["scram"]).Document("ingest")
	if err != nil {
		t.Fatal(err)
	}
	a := payments()
	var laidOut bytes.Buffer
	if err := json.Indent(&laidOut, []byte(orderSchema), "", "  "); err != nil {
		t.Fatal(err)
	}
	a.Streamlets["ingest"].Outlets["valid"] = Port{Schema: laidOut.String()}
	// What the provider alone uses is not told.
	on := connections["scram"]
	kafka := *on.Kafka
	kafka.AdminBootstrapServers, kafka.Provider = nil, defaults.KafkaExternal
	on.Kafka = &kafka
	a.changeTopic("orders", func(t *Topic) { t.Partitions, t.Config = new(int64(24)), nil })
	second, err := a.Render(on).Document("ingest")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Errorf("the document changes:\n%s\n%s", first, second)
	}
}

func TestDocumentOfUnknowns(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*Application)
		// want is the path by streamlet; the others are known.
		want map[string]string
	}{
		"a topic's name": {
			func(a *Application) { a.changeTopic("orders", func(t *Topic) { t.NameUnknown = true }) },
			map[string]string{"ingest": "topics.orders.topic_name", "enrich": "topics.orders.topic_name"},
		},
		"a schema": {
			func(a *Application) { a.Streamlets["report"].Inlets["paid"] = Port{Unknown: true} },
			map[string]string{"report": "streamlets.report.inlets.paid.schema"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := payments()
			test.change(&a)
			r := a.Render(connections["plain"])
			for streamlet := range a.Streamlets {
				_, err := r.Document(streamlet)
				_, podErr := r.PodTemplate(streamlet, "s")
				_, annotatedErr := r.AnnotatedPodTemplate(streamlet, nil)
				for _, err := range []error{err, podErr, annotatedErr} {
					var unknown *UnknownError
					got := ""
					if errors.As(err, &unknown) {
						got = strings.Join(unknown.Path, ".")
					}
					if got != test.want[streamlet] || got == "" && err != nil {
						t.Errorf("%s: %v, want %q", streamlet, err, test.want[streamlet])
					}
				}
			}
		})
	}
}
