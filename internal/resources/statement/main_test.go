package statement_test

import (
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestMain makes this binary the provider when a CLI starts it as one.
func TestMain(m *testing.M) { acctest.Main(m) }
