package blueprint

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// recovered is an application of which all is in the documents of its streamlets.
func recovered() Application {
	return Application{
		Name: "payments",
		Streamlets: map[string]Streamlet{
			"ingest": {Inlets: map[string]Port{}, Outlets: map[string]Port{"valid": {Schema: `"string"`}, "invalid": {}}, Config: map[string]string{"max-lag": "5s"}},
			"enrich": {
				Inlets: map[string]Port{"orders": {Schema: `"string"`, Subject: "orders-value"}}, Outlets: map[string]Port{}, Config: map[string]string{},
				ConfigSecrets: map[string]flink.SecretRef{"key": {Secret: "bank", Key: "api-key"}},
			},
		},
		Topics: map[string]Topic{
			"orders":   {Producers: []string{"ingest.valid"}, Consumers: []string{"enrich.orders"}},
			"rejected": {Producers: []string{"ingest.invalid"}},
		},
	}
}

// What a document says of its streamlet is what the blueprint said.
func TestReadDocument(t *testing.T) {
	t.Parallel()
	app := recovered()
	topics := map[string]Topic{}
	for name, want := range app.Streamlets {
		text, err := app.Render(Connections{Kafka: &defaults.Kafka{Provider: "external", BootstrapServers: "kafka:9092"}}).Document(name)
		if err != nil {
			t.Fatal(err)
		}
		told, err := ReadDocument(text)
		if err != nil || told.Application != "payments" || told.Name != name {
			t.Errorf("%s: %q of %q, %v", name, told.Name, told.Application, err)
		}
		if diff := cmp.Diff(want, told.Streamlet); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		for key, topic := range told.Topics {
			known := topics[key]
			known.Producers, known.Consumers = append(known.Producers, topic.Producers...), append(known.Consumers, topic.Consumers...)
			topics[key] = known
		}
	}
	if diff := cmp.Diff(app.Topics, topics, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("topics (-want +got):\n%s", diff)
	}
}

func TestReadDocumentOfOthers(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no JSON":                   `streamlet: a`,
		"another version":           `{"schema_version": 2}`,
		"a file outside of Secrets": `{"schema_version": 1, "config_files": {"key": "/etc/passwd"}}`,
		"a folder of a Secret":      `{"schema_version": 1, "config_files": {"key": "/etc/flink-application/secrets/bank"}}`,
	} {
		if told, err := ReadDocument([]byte(text)); err == nil {
			t.Errorf("%s: %+v", name, told)
		}
	}
}

// A pod template without what was rendered is the streamlet's own.
func TestUnrendered(t *testing.T) {
	t.Parallel()
	rendering := recovered().Render(Connections{})
	inSecret, err := rendering.PodTemplate("enrich", "payments-enrich-0")
	if err != nil {
		t.Fatal(err)
	}
	inAnnotation, err := rendering.AnnotatedPodTemplate("enrich", nil)
	if err != nil {
		t.Fatal(err)
	}
	document, _ := rendering.Document("enrich")
	for name, own := range map[string]flink.Document{
		"nothing": nil,
		"all of it": {
			"metadata": map[string]any{"annotations": map[string]any{"a": "b"}},
			"spec": map[string]any{
				"containers": []any{
					map[string]any{"name": "flink-main-container", "env": []any{map[string]any{"name": "A", "value": "B"}}, "volumeMounts": []any{map[string]any{"name": "scratch", "mountPath": "/scratch"}}},
					map[string]any{"name": "beside", "image": "beside:1"},
				},
				"volumes": []any{map[string]any{"name": "scratch", "emptyDir": map[string]any{}}},
			},
		},
	} {
		for carries, of := range map[string]struct {
			rendered flink.Document
			want     Carried
		}{
			"a Secret":      {inSecret, Carried{Secret: "payments-enrich-0"}},
			"an annotation": {inAnnotation, Carried{Text: string(document)}},
		} {
			expanded, err := defaults.Expand(defaults.Settings{Rendered: &defaults.Layer{DeploymentSpec: flink.DeploymentSpec{PodTemplate: of.rendered}}}, defaults.Layer{DeploymentSpec: flink.DeploymentSpec{PodTemplate: own}})
			if err != nil {
				t.Fatal(err)
			}
			rest, carried, ok := Unrendered(expanded.Spec.PodTemplate)
			if !ok || carried != of.want {
				t.Errorf("%s with %s: %t, %+v", name, carries, ok, carried)
			}
			if diff := cmp.Diff(own, rest); diff != "" {
				t.Errorf("%s with %s (-want +got):\n%s", name, carries, diff)
			}
			if _, _, again := Unrendered(rest); again {
				t.Errorf("%s with %s: the document is still there", name, carries)
			}
		}
	}
}

// Another name of a streamlet is one in all topics.
func TestRenamed(t *testing.T) {
	t.Parallel()
	app := recovered()
	renamed := app.Renamed("enrich", "score")
	if diff := cmp.Diff([]string{"score.orders"}, renamed.Topics["orders"].Consumers); diff != "" {
		t.Error(diff)
	}
	if _, former := renamed.Streamlets["enrich"]; former || len(renamed.Check(Limits{})) != len(app.Check(Limits{})) {
		t.Errorf("the renamed application has %v", renamed.Check(Limits{}))
	}
	if diff := cmp.Diff(app, renamed.Renamed("score", "enrich")); diff != "" {
		t.Errorf("and back (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(recovered(), app); diff != "" {
		t.Errorf("the application itself has changed:\n%s", diff)
	}
}
