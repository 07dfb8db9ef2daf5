package acctest

import (
	"os"
	"testing"
)

// secondCLI names the environment variable by which a run is that of the second CLI: the first has run all tests.
const secondCLI = "ACCTEST_SECOND_CLI"

// onSecondCLI tells whether the tests run with the second CLI.
func onSecondCLI() bool { return os.Getenv(secondCLI) != "" }

// FirstCLIOnly skips a test, or a row of one, in the run with the second CLI. It is for what no CLI has a part in, and
// for what another test or row of its kind has shown. A test that does not call it runs with both.
func FirstCLIOnly(tb testing.TB) {
	tb.Helper()
	if onSecondCLI() {
		tb.Skip("one of this kind is enough with the second CLI")
	}
}
