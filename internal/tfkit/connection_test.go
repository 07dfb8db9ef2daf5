package tfkit

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

func TestSecretsInAConnection(t *testing.T) {
	t.Parallel()
	connection := &Connection{Config: map[string]string{
		"bootstrap.servers": "kafka:9092", "sasl.jaas.config": "a", "schema.registry.basic.auth.user.info": "b", "ssl.key.password": "c",
	}}
	var got []string
	for _, d := range connection.Check(path.Root("kafka_cluster")).Warnings() {
		if at, ok := d.(interface{ Path() path.Path }); ok {
			got = append(got, at.Path().String())
		}
	}
	at := `kafka_cluster.connection_config["`
	want := []string{at + `sasl.jaas.config"]`, at + `schema.registry.basic.auth.user.info"]`, at + `ssl.key.password"]`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diags := (*Connection)(nil).Check(path.Root("kafka_cluster")); len(diags) > 0 {
		t.Errorf("nothing has a secret: %v", diags)
	}
}

func TestConnectionComesBack(t *testing.T) {
	t.Parallel()
	for _, want := range []platform.Connection{{Config: map[string]string{"a": "b"}, SecretID: "c"}, {Config: map[string]string{}}} {
		if diff := cmp.Diff(want, ConnectionOf(want).Want()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
