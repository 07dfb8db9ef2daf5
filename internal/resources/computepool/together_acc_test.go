package computepool_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestAccTogether creates pools that start at the same time: their waits are served by
// the list of the environment.
func TestAccTogether(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	cmf := acctest.CMF(t, "2.3.1")
	environment := cmf.Environment(t)
	const number = 6
	// The answers to all creates go out at once, so that the waits begin together.
	var created sync.WaitGroup
	created.Add(number)
	cmf.Make(acctest.Trouble{Method: http.MethodPost, Path: "compute-pools", Times: number, Then: func() {
		created.Done()
		created.Wait()
		cmf.Requests()
	}})
	config := strings.Replace(pool(environment, shared), `= "sql"`, `= "sql-${count.index}"`, 1)
	config = strings.Replace(config, "environment = {", fmt.Sprintf("count = %d\n  environment = {", number), 1)
	run(t, resource.TestStep{
		Config: cmf.ProviderConfig() + config,
		Check: func(state *terraform.State) error {
			for i := range number {
				if is := state.RootModule().Resources[fmt.Sprint(address, ".", i)]; is == nil || is.Primary.Attributes["status.phase"] != "RUNNING" {
					return fmt.Errorf("the pool %d is %+v", i, is)
				}
			}
			lists, singly := 0, 0
			for _, request := range cmf.Requests() {
				switch {
				case !strings.HasPrefix(request, http.MethodGet):
				case strings.HasSuffix(request, "/compute-pools"):
					lists++
				default:
					singly++
				}
			}
			// A pool runs when it was looked at twice.
			if lists == 0 || singly >= 2*number {
				return fmt.Errorf("%d pools are awaited by %d lists, and %d times singly", number, lists, singly)
			}
			return nil
		},
	})
}
