//go:build e2e

package e2e

import (
	"crypto/rand"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestSecretsOfAnObjectStore keeps checkpoints, savepoints and the records of high
// availability in an object store whose keys come by secret_configuration_wo: the
// TaskManagers write each state as a file of its own, and read it in the version
// after an upgrade.
func TestSecretsOfAnObjectStore(t *testing.T) {
	for mode, folder := range map[string]string{"native": "usrlib", "standalone": "job"} {
		t.Run(mode, func(t *testing.T) {
			if mode == "standalone" && os.Getenv("REALCLUSTER_OPERATOR") == "1.16.1" {
				t.Skip("this version of the operator runs native mode alone on the own cluster")
			}
			namespace := "e2e-" + strings.ToLower(rand.Text()[:6])
			manager, store := newJobManager(t, namespace, "counter"), newObjectStore(t)
			with := func(job, accessKey string) string {
				job = strings.Replace(job, "/usrlib/", "/"+folder+"/", 1)
				return having(configuration(namespace, job), fmt.Sprintf("mode = %q", mode), fmt.Sprintf(`flink_configuration = {
    "s3.endpoint"                       = %[1]q
    "s3.path.style.access"              = true
    "state.checkpoints.dir"             = "s3://%[2]s/checkpoints"
    "state.savepoints.dir"              = "s3://%[2]s/savepoints"
    "high-availability.storageDir"      = "s3://%[2]s/ha"
    "state.storage.fs.memory-threshold" = "0"
  }
  secret_configuration_wo         = { "s3.access-key" = %[3]q, "s3.secret-key" = %[4]q }
  secret_configuration_wo_version = 1`, store.URL, store.bucket, accessKey, store.secretKey))
			}
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Providers(),
				Steps: []resource.TestStep{
					{
						Config: with(counter(), store.accessKey),
						Check:  func(*terraform.State) error { manager.job(); return store.took("checkpoints") },
					},
					{
						Config: with(strings.Replace(counter(), "parallelism = 1", "parallelism = 2", 1), store.accessKey),
						Check: resource.ComposeTestCheckFunc(
							manager.restored("s3://"+store.bucket+"/savepoints/savepoint-"),
							func(*terraform.State) error { return store.took("savepoints") },
						),
					},
				},
			})
		})
	}
}

// took is an error unless TaskManagers have written state into a folder, and nobody
// was refused. The JobManager writes the files _metadata.
func (s *objectStore) took(folder string) error {
	wrote, refused := s.told()
	if len(refused) > 0 {
		return fmt.Errorf("the object store has refused %s", strings.Join(refused, ", "))
	}
	state := regexp.MustCompile("^/" + s.bucket + "/" + folder + "/.*[0-9a-f-]{36}$")
	if !slices.ContainsFunc(wrote, state.MatchString) {
		return fmt.Errorf("no TaskManager has written state into %s: %s", folder, strings.Join(wrote, ", "))
	}
	return nil
}
