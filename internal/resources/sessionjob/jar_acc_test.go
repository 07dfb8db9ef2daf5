package sessionjob_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestMain makes this binary the provider when a CLI starts it as one.
func TestMain(m *testing.M) { acctest.Main(m) }

// user is somebody at a command line.
type user struct {
	*fixture
	*acctest.CLI
}

// does runs a command with a configuration, and returns its exit code and its output in one line.
func (u user) does(config string, arguments ...string) (code int, output string) {
	u.t.Helper()
	if err := u.Write(config); err != nil {
		u.t.Fatal(err)
	}
	run, err := u.Start(u.t.Context(), append(arguments, "-input=false")...)
	if err != nil {
		u.t.Fatal(err)
	}
	code, output, err = run.Wait()
	if err != nil {
		u.t.Fatal(err)
	}
	return code, strings.Join(strings.Fields(strings.ReplaceAll(output, "│", " ")), " ")
}

// expect checks that a command ends with a code and says, or does not say, something.
func (u user) expect(config string, wanted int, says, hides []string, arguments ...string) {
	u.t.Helper()
	code, output := u.does(config, arguments...)
	missing := slices.DeleteFunc(slices.Clone(says), func(text string) bool { return strings.Contains(output, text) })
	told := slices.DeleteFunc(slices.Clone(hides), func(text string) bool { return !strings.Contains(output, text) })
	if code != wanted || len(missing)+len(told) > 0 {
		u.t.Fatalf("terraform %v ends with %d, want %d; it says nothing of %q, and tells of %q:\n%s", arguments, code, wanted, missing, told, output)
	}
}

// from is the cluster and one job with the JAR file of a URI.
func (f *fixture) from(uri string) string {
	return f.sessionCluster() + strings.Replace(f.job("orders", "parallelism = 1"), "https://repo.example.com/orders.jar", uri, 1)
}

const (
	refusedAtPlan = "The operator fetches no JAR files by local unless its administrator allows it"
	widened       = "kubernetes.operator.user.artifacts.allowed-schemes to https;local"
	readable      = "Session jobs can read files of this operator (CVE-2026-40564)"
)

// silent are what a plan does not say that knows nothing, or has nothing to say, of the operator.
var silent = []string{"fetches no JAR files", "CVE-2026-40564"}

// TestAccJarsThatAreRefused names JAR files that an operator since 1.15 does not fetch: the plan says so where it reaches the
// cluster, and the apply why, with what to do.
func TestAccJarsThatAreRefused(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.Cluster(t, acctest.Newest())
	u := user{&fixture{t: t, cluster: cluster, namespace: cluster.Namespace(t)}, acctest.NewCLI(t)}
	local := u.from("local:///opt/flink/usrlib/orders.jar")

	u.expect(local, 0, []string{"Warning: " + refusedAtPlan, widened, "job.jar_uri"}, []string{readable}, "plan")
	never := strings.Replace(local, "provider \"flink\" {", "provider \"flink\" {\n  validate_online = \"never\"\n", 1)
	u.expect(never, 0, nil, silent, "plan")
	u.expect(strings.Replace(local, cluster.Kubeconfig, "/nonexistent", 1), 0, nil, silent, "plan")

	u.expect(local, 1, []string{"Error: The session job \"orders\" does not start: the operator refuses the specification: jarURI scheme 'local' is not in the allowlist [https]", widened},
		nil, "apply", "-auto-approve")
	u.expect(u.from("https://artifacts.internal/orders.jar"), 1, []string{"jarURI host 'artifacts.internal' cannot be resolved", "artifacts.internal has no address in the operator's pod"},
		nil, "apply", "-auto-approve")
	if cluster.Operator != "1.15" {
		u.expect(u.from("https://repo.example.com/looping.jar"), 1, []string{"Too many redirects (>5) while fetching artifact", "at most 5 redirects"}, nil, "apply", "-auto-approve")
	}
	u.expect(u.from("https://repo.example.com/orders.jar"), 0, nil, silent, "apply", "-auto-approve")
	u.expect(u.from("https://repo.example.com/orders.jar"), 0, nil, nil, "destroy", "-auto-approve")
}

// TestAccJarsThatAreAllowed has an administrator who allows more, as the plan's warning says.
func TestAccJarsThatAreAllowed(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.PrivateCluster(t, acctest.Newest(), acctest.Configured("kubernetes.operator.user.artifacts.allowed-schemes", "https;local"))
	u := user{&fixture{t: t, cluster: cluster, namespace: cluster.Namespace(t)}, acctest.NewCLI(t)}
	local := u.from("local:///opt/flink/usrlib/orders.jar")
	u.expect(local, 0, []string{refusedAtPlan}, nil, "apply", "-auto-approve")
	u.expect(local, 0, []string{"No changes."}, silent, "plan")
}

// TestAccReadableOperator plans a session job with an operator that fetches whatever anybody names.
func TestAccReadableOperator(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.Cluster(t, "1.7")
	u := user{&fixture{t: t, cluster: cluster, namespace: cluster.Namespace(t)}, acctest.NewCLI(t)}
	local := u.from("local:///opt/flink/usrlib/orders.jar")
	u.expect(local, 0, []string{"Warning: " + readable, "Upgrade the operator to 1.15 or newer"}, []string{refusedAtPlan}, "apply", "-auto-approve")
	u.expect(local, 0, []string{"No changes."}, silent, "plan")
}
