//go:build e2e

package e2e

import (
	"crypto/rand"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

const (
	flink1, flink2 = "1.20", "2.3"
	// accepts takes the risk of the new major version.
	accepts = `upgrade = { accept_state_risk = "v1_20->v2_3" }`
	// acceptsForSt takes that of the backend that came with it too.
	acceptsForSt = `upgrade = { accept_state_risk = "v1_20->v2_3, rocksdb->forst" }`
)

// major is a job on its way from Flink 1.20 to 2.3.
type major struct {
	manager *jobManager
	// namespace is that of its environment, and job its attribute job.
	namespace, job string
	// keys are set in both versions.
	keys map[string]string
}

// newMajor begins with a job of one kind of state. It skips the test where the
// operator does not take both versions.
func newMajor(t *testing.T, kind string) major {
	t.Helper()
	if !slices.Contains(flinks, flink1) || !slices.Contains(flinks, flink2) {
		t.Skipf("of these versions the operator takes only %v", flinks)
	}
	namespace := "e2e-" + strings.ToLower(rand.Text()[:6])
	return major{manager: newJobManager(t, namespace, "counter"), namespace: namespace, job: stateJob(kind, 1)}
}

// at is the configuration of the job in a version of Flink, with a state backend.
func (m major) at(version, backend string, more ...string) string {
	configuration := on(version, configuration(m.namespace, m.job))
	keys := map[string]string{"state.backend.type": backend, "heartbeat.interval": "2000"}
	maps.Copy(keys, m.keys)
	return having(configuration, append(more, flinkKeys(keys))...)
}

// atRisk is a check that a plan takes a savepoint and says that the state is at risk.
func atRisk() resource.ConfigPlanChecks {
	rollout := tfjsonpath.New("rollout")
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectKnownValue(address, rollout.AtMapKey("action"), knownvalue.StringExact("savepoint_upgrade")),
		plancheck.ExpectKnownValue(address, rollout.AtMapKey("state"), knownvalue.StringExact("at_risk")),
	}}
}

// TestFlink2Restores takes a job whose state is a POJO of simple fields from Flink
// 1.20 to 2.3, which reads all of it: with the same backend, and with ForSt, which reads
// native savepoints of RocksDB alone.
func TestFlink2Restores(t *testing.T) {
	for _, test := range []struct{ backend, format, accepts string }{
		{"rocksdb", "CANONICAL", accepts},
		{"forst", "NATIVE", acceptsForSt},
	} {
		t.Run("rocksdb to "+test.backend, func(t *testing.T) {
			job := newMajor(t, "simple")
			job.keys = map[string]string{"kubernetes.operator.savepoint.format.type": test.format}
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Providers(),
				Steps: []resource.TestStep{
					{Config: job.at(flink1, "rocksdb")},
					{Config: job.at(flink2, test.backend, test.accepts), ConfigPlanChecks: atRisk(), Check: job.manager.whole(fromSavepoint)},
				},
			})
		})
	}
}

// TestFlink2Refuses gives Flink 2.3 the state of a POJO with collections: it does not
// restore it, so the apply fails with the cause, and Flink 1.20 goes on with all of it.
func TestFlink2Refuses(t *testing.T) {
	job := newMajor(t, "collections")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: job.at(flink1, "rocksdb")},
			{
				Config:           job.at(flink2, "rocksdb", accepts),
				ConfigPlanChecks: atRisk(),
				ExpectError:      regexp.MustCompile(`(?s)The\s+new\s+version\s+of\s+"counter".*StateMigrationException.*Rolled\s+back`),
			},
			{Config: job.at(flink1, "rocksdb"), Check: job.manager.whole(fromSavepoint)},
		},
	})
}

// TestFlink2ChangesValues gives Flink 2.3 the state of a type that Kryo has. It
// restores it and runs with other values, so only the acceptance lets it happen, and
// the savepoint that is kept brings the job of before back whole.
func TestFlink2ChangesValues(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "kept_savepoint")
	job := newMajor(t, "kryo")
	back := job
	back.job = stateJob("kryo", 1, fmt.Sprintf("initial_savepoint_path = file(%q)", kept))
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: job.at(flink1, "rocksdb")},
			{Config: job.at(flink2, "rocksdb"), ExpectError: regexp.MustCompile(`(?s)upgrade\.accept_state_risk\s+=\s+"v1_20->v2_3"`)},
			{
				Config: job.at(flink2, "rocksdb", accepts), ConfigPlanChecks: atRisk(),
				Check: func(state *terraform.State) error {
					found := job.manager.awaitValues()
					t.Logf("what Flink %s makes of the values: %+v", flink2, found)
					if found.Wrong == "" {
						return fmt.Errorf("Flink %s read all values as they were: %+v", flink2, found)
					}
					path := state.RootModule().Resources[address].Primary.Attributes["status.kept_savepoint"]
					if now := job.manager.job(); path == "" || path != now.RestoredFrom {
						return fmt.Errorf("the state names the savepoint %q, the job was restored from %q", path, now.RestoredFrom)
					}
					return os.WriteFile(kept, []byte(path), 0o600)
				},
			},
			{Config: back.at(flink1, "rocksdb", `upgrade = { allow_state_loss = true }`), Check: job.manager.whole(fromSavepoint)},
		},
	})
}
