package provider

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// usual is a specification that each platform takes but for what it has no field for, and values are of each attribute one that somebody may
// have said.
var (
	usual = `{"image":"registry.example.com/orders:1","flinkVersion":"v1_20","serviceAccount":"flink",
		"flinkConfiguration":{"state.checkpoints.dir":"s3://flink/checkpoints","state.savepoints.dir":"s3://flink/savepoints",
			"high-availability.type":"kubernetes","high-availability.storageDir":"s3://flink/ha"},
		"job":{"jarURI":"local:///opt/flink/usrlib/orders.jar","parallelism":1,"state":"running","upgradeMode":"savepoint"},
		"jobManager":{"resource":{"cpu":1,"memory":"2g"}},"taskManager":{"resource":{"cpu":1,"memory":"2g"}}}`
	values = map[string]string{
		"image": `"registry.example.com/orders:2"`, "imagePullPolicy": `"Always"`, "flinkVersion": `"v1_19"`, "serviceAccount": `"other"`, "mode": `"native"`,
		"flinkConfiguration": `{"state.checkpoints.dir":"s3://a/b","state.savepoints.dir":"s3://a/c","high-availability.type":"kubernetes","high-availability.storageDir":"s3://a/d","a":"b"}`,
		"job.jarURI":         `"local:///opt/flink/usrlib/other.jar"`, "job.entryClass": `"com.example.Orders"`, "job.args": `["--a","b"]`, "job.parallelism": `4`,
		"job.state": `"suspended"`, "job.upgradeMode": `"stateless"`, "job.allowNonRestoredState": `true`, "job.initialSavepointPath": `"s3://flink/savepoints/1"`,
		"jobManager.replicas": `2`, "jobManager.resource": `{"cpu":2,"memory":"4g"}`, "jobManager.resource.ephemeralStorage": `"1Gi"`,
		"jobManager.resources":   `{"requests":{"cpu":"1","memory":"2Gi"}}`,
		"jobManager.podTemplate": `{"metadata":{"labels":{"a":"b"}}}`,
		"taskManager.replicas":   `2`, "taskManager.resource": `{"cpu":2,"memory":"4g"}`, "taskManager.resource.ephemeralStorage": `"1Gi"`,
		"taskManager.resources":   `{"requests":{"cpu":"1","memory":"2Gi"}}`,
		"taskManager.podTemplate": `{"metadata":{"labels":{"a":"b"}}}`,
		"podTemplate":             `{"metadata":{"annotations":{"a":"b"}}}`, "logConfiguration": `{"log4j-console.properties":"rootLogger.level = INFO"}`,
		"ingress": `{"template":"flink.example.com/{{namespace}}/{{name}}"}`, "savepointSchedule": `{"cronExpression":"0 0 3 * * *"}`,
		"ververica": `{"maxJobCreationAttempts":2}`, "restartNonce": `7`,
	}
)

// saying is the usual specification on a platform with a value at a path.
func saying(t *testing.T, rows []flink.Mapping, path flink.Path, value string) flink.DeploymentSpec {
	t.Helper()
	tree, err := flink.ParseTree([]byte(usual))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if row.Field == "" && len(row.Path) == 1 {
			delete(tree, row.Path[0])
		}
	}
	wrapped, err := flink.ParseTree([]byte(`{"value":` + value + `}`))
	if err != nil {
		t.Fatal(err)
	}
	if last := path[len(path)-1]; last == "resources" {
		inside, _ := tree[path[0]].(flink.Tree)
		delete(inside, "resource")
	}
	at := tree
	for _, step := range path[:len(path)-1] {
		inside, _ := at[step].(flink.Tree)
		inside = maps.Clone(inside)
		if inside == nil {
			inside = flink.Tree{}
		}
		at[step], at = inside, inside
	}
	at[path[len(path)-1]] = wrapped["value"]
	spec, err := flink.SpecOf(tree)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// TestMappings has each platform say of each attribute what becomes of it, and refuse those of which nothing
// does and no others.
func TestMappings(t *testing.T) {
	t.Parallel()
	for _, rules := range known((&connections{}).offers()) {
		t.Run(rules.Name(), func(t *testing.T) {
			t.Parallel()
			rows := rules.Mappings()
			refused := func(path flink.Path, spec flink.DeploymentSpec) bool {
				return slices.ContainsFunc(rules.Validate("orders", spec), func(f flink.Finding) bool {
					return f.Severity == flink.Error && len(f.Path) >= len(path) && slices.Equal(f.Path[:len(path)], path)
				})
			}
			if found := rules.Validate("orders", saying(t, rows, flink.Path{"image"}, values["image"])); slices.ContainsFunc(found, func(f flink.Finding) bool { return f.Severity == flink.Error }) {
				t.Fatalf("the usual specification is refused: %v", found)
			}
			for _, path := range flink.Attributes() {
				if !slices.ContainsFunc(rows, func(row flink.Mapping) bool { return slices.Equal(row.Path, path) }) {
					t.Errorf("nobody says what becomes of %v", path)
				}
			}
			for _, row := range ofDeployments(rules) {
				value, has := values[strings.Join(row.Path, ".")]
				if !has {
					t.Errorf("the test has no value of %v", row.Path)
					continue
				}
				if is := refused(row.Path, saying(t, rows, row.Path, value)); is != (row.Field == "") {
					t.Errorf("%v becomes %q, and a plan that says it is refused: %t", row.Path, row.Field, is)
				}
				if row.Field == "" && row.Why == "" {
					t.Errorf("nobody says what to do instead of %v", row.Path)
				}
			}
		})
	}
}
