//go:build e2e

package registry

import (
	"os"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/registry/registrytest"
)

// What the tests expect of Apicurio is held to a real one, which
// internal/devcluster/real/registry starts. It has to be a new one.
func TestRealApicurio(t *testing.T) {
	url := os.Getenv("FLINK_TEST_SCHEMA_REGISTRY")
	if url == "" {
		t.Fatal("FLINK_TEST_SCHEMA_REGISTRY names no registry")
	}
	t.Run("answers", func(t *testing.T) { askAll(t, url, registrytest.Apicurio) })
	t.Run("client", func(t *testing.T) { behaves(t, url, differences[registrytest.Apicurio]) })
}
