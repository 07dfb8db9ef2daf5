package acctest

import (
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform/platformtest"
	"github.com/flink-terraform/terraform-provider-flink/internal/provider"
)

// Providers serves the provider to the CLI under test. It also frees the CLI of
// what the machine would add: a configuration file that need not exist, and the
// look-up of newer versions.
func Providers() map[string]func() (tfprotov6.ProviderServer, error) {
	setEnvironment()
	return map[string]func() (tfprotov6.ProviderServer, error){
		provider.TypeName: func() (tfprotov6.ProviderServer, error) { return provider.NewServer("test")(), nil },
	}
}

// ProvidersOn are the same where the default platform is a test's own part of one.
func ProvidersOn(part any) map[string]func() (tfprotov6.ProviderServer, error) {
	setEnvironment()
	return map[string]func() (tfprotov6.ProviderServer, error){
		provider.TypeName: func() (tfprotov6.ProviderServer, error) { return serverOn(part), nil },
	}
}

func serverOn(part any) tfprotov6.ProviderServer {
	return provider.NewServer("test", provider.Offer{Rules: platformtest.Known[0], Connect: platformtest.Of(part)[platformtest.Known.Default()]})()
}

// ServerOn is a configured server where the default platform is a test's own part
// of one. Its plans ask no platform.
func ServerOn(tb testing.TB, part any) tfprotov6.ProviderServer {
	tb.Helper()
	server := serverOn(part)
	schemas, err := server.GetProviderSchema(tb.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		tb.Fatal(err)
	}
	block, ok := schemas.Provider.ValueType().(tftypes.Object)
	if !ok {
		tb.Fatal("the provider block is no object")
	}
	values := map[string]tftypes.Value{}
	for name, kind := range block.AttributeTypes {
		values[name] = tftypes.NewValue(kind, nil)
	}
	values["validate_online"] = tftypes.NewValue(tftypes.String, "never")
	config, err := tfprotov6.NewDynamicValue(block, tftypes.NewValue(block, values))
	if err != nil {
		tb.Fatal(err)
	}
	answer, err := server.ConfigureProvider(tb.Context(), &tfprotov6.ConfigureProviderRequest{Config: &config})
	if err != nil || len(answer.Diagnostics) > 0 {
		tb.Fatal(err, answer)
	}
	return server
}

// SkipUnlessAcceptance skips a test that is not run without TF_ACC, before it
// starts a cluster for nothing.
func SkipUnlessAcceptance(tb testing.TB) {
	tb.Helper()
	if os.Getenv(resource.EnvTfAcc) == "" {
		tb.Skipf("acceptance tests run with %s=1, as with make test", resource.EnvTfAcc)
	}
}

// setEnvironment applies to the whole process: the test framework hands its
// environment on to the CLI. A CLI lives for one command, and this process for a
// package: with Go's default, they spend a sixth of their time collecting garbage.
var setEnvironment = sync.OnceFunc(func() {
	const gcPercent = 400
	variables := map[string]string{"CHECKPOINT_DISABLE": "1"}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
		variables["GOGC"] = strconv.Itoa(gcPercent)
	}
	if _, err := os.Stat(os.Getenv("TF_CLI_CONFIG_FILE")); err != nil {
		variables["TF_CLI_CONFIG_FILE"] = os.DevNull
	}
	for name, value := range variables {
		if err := os.Setenv(name, value); err != nil {
			panic(fmt.Sprintf("set %s: %s", name, err))
		}
	}
})

// ProviderConfig is the provider block for a cluster.
func ProviderConfig(cluster *ClusterHandle) string {
	return fmt.Sprintf(`
provider "flink" {
  kubernetes = {
    config_path = %q
  }
}
`, cluster.Kubeconfig)
}
