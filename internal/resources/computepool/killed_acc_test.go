package computepool_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestMain makes this binary the provider when a CLI starts it as one.
func TestMain(m *testing.M) { acctest.Main(m) }

// TestAccKilled kills the provider when the server has created the pool and nobody
// knows it yet: the next apply changes nothing and says how to import it.
func TestAccKilled(t *testing.T) {
	t.Parallel()
	cmf := acctest.CMF(t, "2.3.1")
	environment := cmf.Environment(t)
	cli := acctest.NewCLI(t)
	if err := cli.Write(cmf.ProviderConfig() + pool(environment, dedicated)); err != nil {
		t.Fatal(err)
	}
	apply := func(arguments ...string) (int, string) {
		t.Helper()
		command, err := cli.Start(t.Context(), arguments...)
		if err != nil {
			t.Fatal(err)
		}
		code, output, err := command.Wait()
		if err != nil {
			t.Fatal(err)
		}
		return code, strings.Join(strings.Fields(output), " ")
	}
	cmf.Make(acctest.Trouble{Method: http.MethodPost, Path: "compute-pools", Times: 1, Loses: true, Then: cli.KillProviders})
	if code, output := apply("apply", "-auto-approve"); code == 0 {
		t.Fatalf("the apply of a killed provider ends well: %s", output)
	}
	cmf.End()
	code, output := apply("apply", "-auto-approve")
	if code == 0 || !strings.Contains(output, "it exists already") || !strings.Contains(output, "terraform import flink_compute_pool.<name> confluent/"+environment+"/sql") {
		t.Fatalf("the next apply ends with %d: %s", code, output)
	}
	if code, output = apply("import", address, "confluent/"+environment+"/sql"); code != 0 {
		t.Fatal(output)
	}
	if code, output = apply("plan", "-detailed-exitcode"); code != 0 {
		t.Errorf("after the import a plan ends with %d: %s", code, output)
	}
	if code, output = apply("destroy", "-auto-approve"); code != 0 {
		t.Error(output)
	}
}
