package acctest

import (
	"os"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// The kinds of objects that tests look at.
var (
	FlinkDeployments    = schema.GroupVersionResource{Group: "flink.apache.org", Version: "v1beta1", Resource: "flinkdeployments"}
	FlinkSessionJobs    = schema.GroupVersionResource{Group: "flink.apache.org", Version: "v1beta1", Resource: "flinksessionjobs"}
	FlinkStateSnapshots = schema.GroupVersionResource{Group: "flink.apache.org", Version: "v1beta1", Resource: "flinkstatesnapshots"}
	// Deployments of Kubernetes are what the stand-in of the operator makes of a
	// FlinkDeployment.
	Deployments = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
)

// operatorsVariable names the environment variable with the versions of the operator that there are control planes with
// (devcluster exec sets it), the newest first.
const operatorsVariable = "FLINK_TEST_OPERATORS"

// Operators are the versions of the operator that tests run with: the newest, and the oldest that is supported. With the
// second CLI the first of them is enough.
func Operators() []string {
	versions := []string{"1.16", "1.7"}
	if given := os.Getenv(operatorsVariable); given != "" {
		versions = strings.Split(given, ",")
	}
	if onSecondCLI() {
		return versions[:1]
	}
	return versions
}

// Newest is the version of the operator for tests that are not about a version.
func Newest() string { return Operators()[0] }

// OnEachOperator runs an acceptance test with each version of the operator, in a
// namespace of its own, beside the tests that run in parallel.
func OnEachOperator(t *testing.T, test func(t *testing.T, cluster *ClusterHandle, namespace string)) {
	t.Helper()
	SkipUnlessAcceptance(t)
	for _, version := range Operators() {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			cluster := Cluster(t, version)
			test(t, cluster, cluster.Namespace(t))
		})
	}
}

// FlinkVersion is a value of flink_version that the operator knows: 1.7 came
// before Flink 1.19.
func (c *ClusterHandle) FlinkVersion() string {
	if c.Operator == "1.7" {
		return "v1_18"
	}
	return "v1_20"
}
