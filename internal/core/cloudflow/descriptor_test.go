package cloudflow_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/blueprint"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/cloudflow"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// document is what a streamlet is told.
const document = `{"schema_version":1,"application":"payments","streamlet":"ingest","config":{"max-lag":"5s"},"config_files":{},
	"inlets":{},"outlets":{"valid":{"topic":"orders.v1","schema":{"type":"record","name":"Order","namespace":"shop","fields":[]}}},
	"kafka":{"bootstrap_servers":"kafka:9092","security_protocol":"PLAINTEXT"}}`

func told(t *testing.T, text string) cloudflow.Told {
	t.Helper()
	out, err := cloudflow.ReadTold([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// akka is a specification of a streamlet that Cloudflow's operator runs.
func akka(change func(*flink.DeploymentSpec)) flink.DeploymentSpec {
	spec := flink.DeploymentSpec{
		Image: new("registry.example.com/ingest:1"), Job: &flink.Job{EntryClass: new("com.example.Ingest"), State: new(flink.JobRunning), UpgradeMode: new(flink.UpgradeStateless)},
		PodTemplate: flink.Document{"metadata": map[string]any{"annotations": map[string]any{blueprint.RuntimeAnnotation: "akka"}}},
	}
	if change != nil {
		change(&spec)
	}
	return spec
}

// wire is a value as it comes from a cluster.
func wire(t *testing.T, value any) map[string]any {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEntriesLeaveOthersAlone(t *testing.T) {
	t.Parallel()
	spec := cloudflow.NewSpec("payments")
	others := map[string]any{"name": "payments.other", "streamlet_name": "other", "runtime": "spark", "image": "x", "class_name": "y", "config": map[string]any{"kept": true}}
	spec["deployments"] = []any{others}
	entry := cloudflow.EntryFor(akka(func(s *flink.DeploymentSpec) { s.Job.Parallelism = new(int64(2)) }), told(t, document), "")
	entry.Secret = "payments-ingest-config-0123456789"
	cloudflow.Put(spec, entry)
	cloudflow.Put(spec, entry)
	if names := len(spec["deployments"].([]any)); names != 2 {
		t.Fatalf("there are %d entries", names)
	}
	got, has := cloudflow.Find(spec, "ingest")
	want := map[string]any{
		"name": "payments.ingest", "streamlet_name": "ingest", "runtime": "akka", "image": "registry.example.com/ingest:1", "class_name": "com.example.Ingest",
		"secret_name": "payments-ingest-config-0123456789", "config": map[string]any{}, "volume_mounts": []any{}, "replicas": int64(2),
		"port_mappings": map[string]any{"valid": map[string]any{"id": "orders.v1", "config": map[string]any{}}},
	}
	if diff := cmp.Diff(want, got); !has || diff != "" {
		t.Errorf("the entry (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"orders.v1"}, cloudflow.Topics(spec)); diff != "" {
		t.Error(diff)
	}
	if read := cloudflow.Entries(spec)["payments-ingest"]; read.Image != entry.Image || read.Class != entry.Class || *read.Replicas != 2 || read.Secret != entry.Secret {
		t.Errorf("read back: %+v", read)
	}
	if left := cloudflow.Remove(spec, "ingest"); !left {
		t.Error("the entry of somebody else is gone")
	}
	if diff := cmp.Diff([]any{others}, spec["deployments"]); diff != "" {
		t.Errorf("the entry of somebody else (-want +got):\n%s", diff)
	}
	if cloudflow.Remove(spec, "other") {
		t.Error("the last entry is not the last one")
	}
}

func TestReplicasAreKept(t *testing.T) {
	t.Parallel()
	spec := cloudflow.NewSpec("payments")
	entry := cloudflow.EntryFor(akka(nil), told(t, document), "")
	cloudflow.Put(spec, entry)
	if got, _ := cloudflow.Find(spec, "ingest"); got["replicas"] != nil {
		t.Errorf("an entry that nobody has scaled has %v replicas", got["replicas"])
	}
	got, _ := cloudflow.Find(spec, "ingest")
	got["replicas"] = int64(3)
	cloudflow.Put(spec, entry)
	if got, _ := cloudflow.Find(spec, "ingest"); got["replicas"] != int64(3) {
		t.Errorf("the replicas are %v", got["replicas"])
	}
}

func TestSecretsNestWhatTheOperatorReads(t *testing.T) {
	t.Parallel()
	of := told(t, document)
	entry := cloudflow.EntryFor(akka(nil), of, "")
	values, err := cloudflow.SecretValues(entry, of, nil)
	if err != nil {
		t.Fatal(err)
	}
	var secret struct {
		Cloudflow struct {
			Streamlets map[string]map[string]string `json:"streamlets"`
			Runner     struct {
				Streamlet struct {
					Context struct {
						Mappings map[string]struct {
							ID     string         `json:"id"`
							Config map[string]any `json:"config"`
						} `json:"port_mappings"`
					} `json:"context"`
				} `json:"streamlet"`
			} `json:"runner"`
		} `json:"cloudflow"`
	}
	if err := json.Unmarshal([]byte(values["secret.conf"]), &secret); err != nil {
		t.Fatal(err)
	}
	mapping := secret.Cloudflow.Runner.Streamlet.Context.Mappings["valid"]
	want := map[string]any{
		// A key with a dot would be one key to HOCON, and no path.
		"bootstrap": map[string]any{"servers": "kafka:9092"}, "partitions": -1.0, "replicas": -1.0, "managed": false, "topic": map[string]any{"name": "orders.v1"},
	}
	if diff := cmp.Diff(want, mapping.Config); mapping.ID != "orders.v1" || diff != "" {
		t.Errorf("the topic %s (-want +got):\n%s", mapping.ID, diff)
	}
	if secret.Cloudflow.Streamlets["ingest"]["max-lag"] != "5s" {
		t.Errorf("the parameters are %v", secret.Cloudflow.Streamlets)
	}
}

func TestBrokersThatTheOperatorCannotReach(t *testing.T) {
	t.Parallel()
	secured := told(t, `{"application":"payments","streamlet":"ingest","outlets":{"valid":{"topic":"orders"}},"kafka":{"bootstrap_servers":"kafka:9093","security_protocol":"SASL_SSL"}}`)
	for cluster, joined := range map[string]bool{"": false, "main": true} {
		spec := cloudflow.NewSpec("payments")
		entry := cloudflow.EntryFor(akka(nil), secured, cluster)
		cloudflow.Put(spec, entry)
		if got := len(cloudflow.Topics(spec)) > 0; got != joined {
			t.Errorf("with the cluster %q, the operator is told of topics: %t, want %t", cluster, got, joined)
		}
		if mappings, _ := mustFind(t, spec)["port_mappings"].(map[string]any); joined && mappings["valid"].(map[string]any)["cluster"] != "main" {
			t.Errorf("the mapping is %v", mappings)
		}
	}
}

func mustFind(t *testing.T, spec map[string]any) map[string]any {
	t.Helper()
	entry, has := cloudflow.Find(spec, "ingest")
	if !has {
		t.Fatal("there is no entry")
	}
	return entry
}

func TestSecretNamesGoByTheContent(t *testing.T) {
	t.Parallel()
	values := map[string]string{"application.conf": "{}", "secret.conf": "{}", "runtime-config.conf": "{}", "pods-config.conf": "{}"}
	name := cloudflow.SecretName("payments", "ingest-config-a", values)
	if !cloudflow.Unchanged(name, values) {
		t.Errorf("%s has other values than itself", name)
	}
	// What Cloudflow does not read restarts nothing.
	values[cloudflow.KeySpecification] = "{}"
	if !cloudflow.Unchanged(name, values) {
		t.Errorf("what was applied is part of the name %s", name)
	}
	values["secret.conf"] = `{"a":1}`
	if cloudflow.Unchanged(name, values) || cloudflow.SecretName("payments", "ingest-config-a", values) == name {
		t.Errorf("other values have the name %s too", name)
	}
	delete(values, "pods-config.conf")
	if cloudflow.Unchanged("somebody-elses", values) {
		t.Error("a name without a fingerprint is unchanged")
	}
}

func TestInputKeepsOthers(t *testing.T) {
	t.Parallel()
	of := told(t, document)
	text, empty, err := cloudflow.Input(`{"cloudflow":{"streamlets":{"other":{"config-parameters":{"b":"c"}}},"topics":{"x":{}}}}`, "ingest", &of)
	if err != nil || empty {
		t.Fatal(err, empty)
	}
	want := `{"cloudflow":{"streamlets":{"ingest":{"config-parameters":{"max-lag":"5s"}},"other":{"config-parameters":{"b":"c"}}},"topics":{"x":{}}}}`
	if text != want {
		t.Errorf("got %s, want %s", text, want)
	}
	if back := cloudflow.InputOf(text, "ingest"); back == nil || back.Config["max-lag"] != "5s" || cloudflow.InputOf(text, "nobody") != nil {
		t.Errorf("read back: %+v", back)
	}
	if text, empty, err = cloudflow.Input(text, "ingest", nil); err != nil || empty || text == want {
		t.Errorf("without the streamlet: %s, %t, %v", text, empty, err)
	}
	if _, _, err := cloudflow.Input(`a = b`, "ingest", &of); err == nil {
		t.Error("HOCON that is no JSON was written over")
	}
}
