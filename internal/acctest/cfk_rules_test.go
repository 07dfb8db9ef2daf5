package acctest_test

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestAccRulesOfTheDefinitions has the API server itself say what the vendor's rules forbid. What
// the provider plans is within them: each of these is a replacement, or an error of a plan.
func TestAccRulesOfTheDefinitions(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	acctest.FirstCLIOnly(t)
	c := acctest.CFK(t, "2.3.1", acctest.Cluster(t, acctest.Newest()))
	cluster := map[string]any{"jobManager": map[string]any{"resource": map[string]any{"memory": "1g"}}}
	connection := map[string]any{"connectionConfig": map[string]any{"a": "b"}}
	for _, row := range []struct {
		kind, plural string
		spec         map[string]any
		patch, want  string
	}{
		{"FlinkEnvironment", "flinkenvironments", map[string]any{"kubernetesNamespace": "a"}, `{"spec":{"kubernetesNamespace":"b"}}`, "kubernetesNamespace is immutable"},
		{"FlinkApplication", "flinkapplications", map[string]any{"flinkEnvironment": "a"}, `{"spec":{"flinkEnvironment":"b"}}`, "flinkEnvironment is immutable"},
		{"FlinkComputePool", "flinkcomputepools", map[string]any{"flinkEnvironment": "a", "type": "SHARED", "clusterSpec": cluster}, `{"spec":{"type":"DEDICATED"}}`, "type is immutable"},
		{
			"FlinkComputePool", "flinkcomputepools",
			map[string]any{"flinkEnvironment": "a", "type": "DEDICATED", "state": "RUNNING", "clusterSpec": cluster},
			"",
			"spec.state is only valid for SHARED compute pools; DEDICATED pools must omit it",
		},
		{
			"FlinkStatement", "flinkstatements",
			map[string]any{"flinkEnvironment": "a", "computePoolName": "p", "statement": "SELECT 1"},
			`{"spec":{"statement":"SELECT 2"}}`,
			"statement is immutable once running",
		},
		{"FlinkKafkaCatalog", "flinkkafkacatalogs", map[string]any{"flinkEnvironment": "a", "srInstance": connection}, `{"spec":{"flinkEnvironment":"b"}}`, "flinkEnvironment is immutable"},
		{
			"FlinkKafkaDatabase", "flinkkafkadatabases",
			map[string]any{"flinkEnvironment": "a", "catalogRef": map[string]any{"name": "c"}, "kafkaCluster": connection},
			`{"spec":{"flinkEnvironment":"b"}}`, "flinkEnvironment is immutable",
		},
		{
			"FlinkEnvironmentSecretMapping", "flinkenvironmentsecretmappings",
			map[string]any{"flinkEnvironment": "a", "secretRef": map[string]any{"name": "s"}},
			`{"spec":{"flinkEnvironment":"b"}}`, "flinkEnvironment is immutable",
		},
		{"CMFRestClass", "cmfrestclasses", map[string]any{"cmfRest": map[string]any{"endpoint": "ftp://a"}}, "", "should match '^https?://.*'"},
		{"FlinkSecret", "flinksecrets", map[string]any{"secretRef": "Not_A_Name"}, "", "should match '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'"},
		{
			"FlinkApplication", "flinkapplications",
			map[string]any{"flinkEnvironment": "a", "jobManager": map[string]any{"resource": map[string]any{"memory": "2g"}}},
			"",
			"spec.jobManager.resource.memory",
		},
	} {
		name := strings.ToLower(row.kind)
		err := c.TryCreate(t, row.kind, row.plural, name, row.spec)
		if row.patch != "" {
			if err != nil {
				t.Errorf("%s is refused: %s", row.kind, err)
				continue
			}
			_, err = c.Resources(row.plural).Patch(t.Context(), name, types.MergePatchType, []byte(row.patch), metav1.PatchOptions{})
		}
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s with %s: the API server says %v, want %q", row.kind, row.patch, err, row.want)
		}
	}
}
