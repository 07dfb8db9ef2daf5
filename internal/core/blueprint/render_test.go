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
	corev1 "k8s.io/api/core/v1"

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

func TestMounts(t *testing.T) {
	t.Parallel()
	const folder = "/etc/flink-application/secrets/"
	partner := Mount{"partner", []string{"token"}, folder + "partner", false}
	tests := map[string]struct {
		streamlet, on string
		want          []Mount
	}{
		"nothing":        {"report", "plain", nil},
		"configuration":  {"ingest", "none", []Mount{partner}},
		"the same twice": {"ingest", "mutual", []Mount{{"client", []string{"tls.crt", "tls.key"}, folder + "client", false}, partner, {"partner", []string{"password", "username"}, folder + "partner", true}}},
		"tokens":         {"report", "oauth", []Mount{{"kafka", []string{"client_id", "client_secret"}, folder + "kafka", false}}},
		"a user": {"ingest", "scram", []Mount{
			{"cluster-ca", []string{"ca.crt", "registry.crt"}, folder + "cluster-ca", false},
			{"kafka", []string{"password", "username"}, folder + "kafka", false},
			partner,
			{"registry", []string{"password", "token", "username"}, folder + "registry", true},
		}},
		"no ports": {"idle", "scram", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := payments()
			a.Streamlets["idle"] = Streamlet{}
			if diff := cmp.Diff(test.want, a.Render(connections[test.on]).Mounts(test.streamlet)); diff != "" {
				t.Errorf("mounts (-want +got):\n%s", diff)
			}
		})
	}
}

// TestEachFileIsMounted holds that each path in a document is a file that the pod has.
func TestEachFileIsMounted(t *testing.T) {
	t.Parallel()
	for name, on := range connections {
		r := payments().Render(on)
		for streamlet := range payments().Streamlets {
			text, err := r.Document(streamlet)
			if err != nil {
				t.Fatal(err)
			}
			told := map[string]bool{}
			for _, part := range strings.Split(string(text), `"`) {
				if strings.HasPrefix(part, DocumentFolder) {
					told[part] = true
				}
			}
			mounted := map[string]bool{}
			for _, source := range pod(t, r, streamlet).Spec.Volumes[0].Projected.Sources[1:] {
				for _, item := range source.Secret.Items {
					mounted[DocumentFolder+"/"+item.Path] = true
				}
			}
			if diff := cmp.Diff(told, mounted); diff != "" {
				t.Errorf("%s, %s (-told +mounted):\n%s", name, streamlet, diff)
			}
		}
	}
}

// pod is a streamlet's pod template as Kubernetes reads it.
func pod(t *testing.T, r Rendering, streamlet string) corev1.PodTemplateSpec {
	t.Helper()
	template, err := r.PodTemplate(streamlet, "payments-"+streamlet)
	if err != nil {
		t.Fatal(err)
	}
	return podOf(t, template)
}

func podOf(t *testing.T, template flink.Document) corev1.PodTemplateSpec {
	t.Helper()
	if faults := defaults.CheckPodTemplate(template); len(faults) > 0 {
		t.Errorf("faults of the template: %+v", faults)
	}
	text, err := json.Marshal(template)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var out corev1.PodTemplateSpec
	if err := decoder.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPodTemplate(t *testing.T) {
	t.Parallel()
	got := pod(t, payments().Render(connections["mutual"]), "ingest")
	var want corev1.PodTemplateSpec
	want.Annotations = map[string]string{DocumentHashAnnotation: got.Annotations[DocumentHashAnnotation]}
	want.Spec.Containers = []corev1.Container{{Name: "flink-main-container", VolumeMounts: []corev1.VolumeMount{{Name: "flink-application", MountPath: "/etc/flink-application", ReadOnly: true}}}}
	secret := func(name string, optional *bool, items ...corev1.KeyToPath) corev1.VolumeProjection {
		return corev1.VolumeProjection{Secret: &corev1.SecretProjection{LocalObjectReference: corev1.LocalObjectReference{Name: name}, Items: items, Optional: optional}}
	}
	want.Spec.Volumes = []corev1.Volume{{Name: "flink-application", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
		secret("payments-ingest", nil, corev1.KeyToPath{Key: "application.json", Path: "application.json"}),
		secret("client", nil, corev1.KeyToPath{Key: "tls.crt", Path: "secrets/client/tls.crt"}, corev1.KeyToPath{Key: "tls.key", Path: "secrets/client/tls.key"}),
		secret("partner", nil, corev1.KeyToPath{Key: "token", Path: "secrets/partner/token"}),
		secret("partner", new(true), corev1.KeyToPath{Key: "password", Path: "secrets/partner/password"}, corev1.KeyToPath{Key: "username", Path: "secrets/partner/username"}),
	}}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pod template (-want +got):\n%s", diff)
	}
}

// TestPodTemplateFollowsTheDocument holds that a change of one streamlet's document changes its pods, and
// no other ones.
func TestPodTemplateFollowsTheDocument(t *testing.T) {
	t.Parallel()
	hashes := func(a Application) map[string]string {
		out := map[string]string{}
		for streamlet := range a.Streamlets {
			out[streamlet] = pod(t, a.Render(Connections{}), streamlet).Annotations[DocumentHashAnnotation]
		}
		return out
	}
	before := hashes(payments())
	a := payments()
	a.Streamlets["ingest"].Config["max-lag"] = "6s"
	after := hashes(a)
	for streamlet := range before {
		if len(before[streamlet]) != 64 || (before[streamlet] != after[streamlet]) != (streamlet == "ingest") {
			t.Errorf("%s: %q, then %q", streamlet, before[streamlet], after[streamlet])
		}
	}
}

func TestAnnotatedPodTemplate(t *testing.T) {
	t.Parallel()
	r := payments().Render(connections["plain"])
	template, err := r.AnnotatedPodTemplate("report", map[string]string{"team": "orders"})
	if err != nil {
		t.Fatal(err)
	}
	got := podOf(t, template)
	document, err := r.Document("report")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		DocumentAnnotation:     string(document),
		DocumentHashAnnotation: pod(t, r, "report").Annotations[DocumentHashAnnotation],
	}
	if diff := cmp.Diff(want, got.Annotations); diff != "" {
		t.Errorf("annotations (-want +got):\n%s", diff)
	}
	items := got.Spec.Volumes[0].Projected.Sources[0].DownwardAPI.Items
	if len(items) != 1 || items[0].Path != "application.json" || items[0].FieldRef.FieldPath != "metadata.annotations['"+DocumentAnnotation+"']" {
		t.Errorf("files of the document: %+v", items)
	}
}

// TestAnnotatedPodTemplateIsBounded goes to the last byte that Kubernetes takes.
func TestAnnotatedPodTemplateIsBounded(t *testing.T) {
	t.Parallel()
	of := func(n int, beside map[string]string) (flink.Document, error) {
		a := payments()
		a.Streamlets["report"] = Streamlet{Config: map[string]string{"text": strings.Repeat("x", n)}}
		return a.Render(Connections{}).AnnotatedPodTemplate("report", beside)
	}
	small, err := of(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	size := 0
	for key, value := range podOf(t, small).Annotations {
		size += len(key) + len(value)
	}
	room := 256*1024 - size
	if _, err := of(room, nil); err != nil {
		t.Errorf("256 KiB: %v", err)
	}
	if _, err := of(room+1, nil); err == nil || !strings.Contains(err.Error(), `document of "report"`) {
		t.Errorf("one byte more: %v", err)
	}
	if _, err := of(room, map[string]string{"a": ""}); err == nil {
		t.Error("another annotation beside: no error")
	}
}

// TestPodTemplateMerges holds that a pod template of the user's own keeps what it has.
func TestPodTemplateMerges(t *testing.T) {
	t.Parallel()
	template, err := payments().Render(Connections{}).PodTemplate("report", "payments-report")
	if err != nil {
		t.Fatal(err)
	}
	own, err := flink.ParseDocument(`
metadata: {annotations: {team: orders}}
spec:
  containers:
    - {name: sidecar, image: proxy}
    - name: flink-main-container
      volumeMounts: [{name: tmp, mountPath: /tmp}]
  volumes: [{name: tmp, emptyDir: {}}]
`)
	if err != nil {
		t.Fatal(err)
	}
	result, err := defaults.Expand(
		defaults.Settings{Defaults: &defaults.Layer{DeploymentSpec: flink.DeploymentSpec{PodTemplate: own}}},
		defaults.Layer{DeploymentSpec: flink.DeploymentSpec{PodTemplate: template}},
	)
	if err != nil {
		t.Fatal(err)
	}
	merged := podOf(t, result.Spec.PodTemplate)
	if len(merged.Spec.Volumes) != 2 || len(merged.Spec.Containers) != 2 || merged.Annotations["team"] != "orders" || merged.Annotations[DocumentHashAnnotation] == "" {
		t.Errorf("merged: %+v", merged)
	}
	for _, container := range merged.Spec.Containers {
		if container.Name == "flink-main-container" && len(container.VolumeMounts) != 2 {
			t.Errorf("mounts: %+v", container.VolumeMounts)
		}
	}
}
