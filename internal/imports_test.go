// Package internal holds what can only be tested of the project as a whole: its layers and its layout.
package internal

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/flink-terraform/terraform-provider-flink"

// goPackage is the part of `go list -json` that the rules look at.
type goPackage struct {
	ImportPath   string   `json:"ImportPath"`
	Imports      []string `json:"Imports"`
	TestImports  []string `json:"TestImports"`
	XTestImports []string `json:"XTestImports"`
	Deps         []string `json:"Deps"`
}

// layerRule says what a layer must not import. An entry covers the import path itself, everything below it, and with a
// trailing "*" every path that begins so. Own packages are written relative to the module.
type layerRule struct {
	name string
	// layers are the folders that the rule is for.
	layers []string
	// except are folders below the layers that the rule is not for.
	except []string
	// reachable must not be imported at any depth by the layer's packages; direct must not be imported by the layer
	// itself; and tested neither by its tests.
	reachable, direct, tested []string
}

// terraform covers the plugin libraries and everything else that is made for Terraform.
const terraform = "github.com/hashicorp/terraform*"

// Every folder below platform is a platform, and every one below core what a platform means, but for those that all share:
// a new one is in the rules from its first day.
var (
	platforms = folders("internal/platform", "answered", "bluegreen", "prove", "watch", "written", "topics", "schemas", "platformtest")
	meanings  = folders("internal/core", "flink", "defaults", "planner", "logctx", "sql", "avro", "blueprint", "topicvalue")
	clients   = []string{"internal/kube", "internal/rest", "internal/kafka", "internal/registry", "k8s.io/client-go"}
)

// folders are the folders below one of the module, without some of them.
func folders(below string, without ...string) []string {
	entries, err := os.ReadDir(filepath.Join("..", filepath.FromSlash(below)))
	if err != nil {
		panic(err)
	}
	var out []string
	for _, entry := range entries {
		if entry.IsDir() && !slices.Contains(without, entry.Name()) {
			out = append(out, below+"/"+entry.Name())
		}
	}
	return out
}

// handsOn are the platforms that hand what they are told to another one, whose rules are theirs then.
var handsOn = map[string][]string{
	"internal/platform/confluent": {"internal/platform/operator"},
	"internal/platform/cloudflow": {"internal/platform/operator"},
	"internal/platform/cfk":       {"internal/platform/confluent", "internal/platform/operator"},
}

// independent are the rules by which no platform knows another one.
func independent() []layerRule {
	var rules []layerRule
	for _, platform := range platforms {
		others := slices.DeleteFunc(slices.Clone(platforms), func(other string) bool { return other == platform || slices.Contains(handsOn[platform], other) })
		rules = append(rules, layerRule{name: "platforms are independent of each other", layers: []string{platform}, reachable: others})
	}
	return rules
}

var layerRules = append(independent(), []layerRule{
	{
		name:   "core is the lowest layer and pure",
		layers: []string{"internal/core"},
		reachable: []string{
			"internal/platform", "internal/kube", "internal/rest", "internal/resources", "internal/functions",
			"internal/provider", "internal/tfkit", "internal/rollout", "internal/acctest", terraform, "k8s.io/client-go",
		},
		direct: []string{"os", "net/http", "database/sql", "syscall"},
		tested: []string{terraform},
	},
	{
		name:      "the rest of the core knows no platform",
		layers:    []string{"internal/core/planner", "internal/core/flink", "internal/core/defaults", "internal/core/logctx", "internal/core/sql", "internal/core/avro", "internal/core/blueprint", "internal/core/topicvalue"},
		reachable: meanings,
	},
	{
		name:   "clients know neither Flink nor Terraform",
		layers: []string{"internal/kube", "internal/rest", "internal/kafka", "internal/registry"},
		reachable: []string{
			"internal/core/flink", "internal/core/defaults", "internal/core/planner", "internal/core/blueprint",
			"internal/platform", "internal/resources", "internal/functions", "internal/provider", "internal/tfkit",
			"internal/acctest", terraform,
		},
		tested: []string{terraform},
	},
	{
		name:   "the clients are independent of each other",
		layers: []string{"internal/kube"}, reachable: []string{"internal/rest", "internal/kafka", "internal/registry"},
	},
	{
		name:   "the clients are independent of each other",
		layers: []string{"internal/rest", "internal/registry"}, reachable: []string{"internal/kube", "internal/kafka", "k8s.io/client-go"},
	},
	{
		name:   "the clients are independent of each other",
		layers: []string{"internal/kafka"}, reachable: []string{"internal/kube", "internal/rest", "internal/registry", "k8s.io/client-go"},
	},
	{
		name:   "platforms know no Terraform",
		layers: []string{"internal/platform"},
		reachable: []string{
			"internal/resources", "internal/functions", "internal/provider", "internal/tfkit", "internal/acctest", terraform,
		},
		tested: []string{terraform},
	},
	{
		name:   "the engine knows neither Terraform nor a platform",
		layers: []string{"internal/rollout"},
		reachable: slices.Concat([]string{
			"internal/resources", "internal/functions", "internal/provider", "internal/tfkit", "internal/acctest", terraform,
		}, platforms, meanings, clients),
		tested: []string{terraform},
	},
	{
		name:      "the engine is above the platforms",
		layers:    []string{"internal/platform"},
		reachable: []string{"internal/rollout"},
	},
	{
		name:      "the loop of every wait knows no platform",
		layers:    []string{"internal/platform/watch"},
		reachable: []string{"internal", "k8s.io"},
	},
	{
		name:      "what platforms share knows none of them",
		layers:    []string{"internal/platform/bluegreen", "internal/platform/prove", "internal/platform/watch", "internal/platform/written"},
		reachable: slices.Concat(platforms, meanings, clients),
	},
	{
		name:      "the words of servers know no platform",
		layers:    []string{"internal/platform/answered"},
		reachable: slices.Concat(platforms, meanings, []string{"internal/kube", "internal/kafka", "internal/registry"}),
	},
	{
		name:   "the operator is reached through Kubernetes",
		layers: []string{"internal/platform/operator"}, reachable: []string{"internal/rest"},
	},
	{
		name:   "Confluent Manager is reached over REST",
		layers: []string{"internal/platform/confluent"}, direct: []string{"k8s.io/client-go"},
	},
	{
		name:   "Ververica Platform is reached over REST",
		layers: []string{"internal/platform/ververica"}, reachable: []string{"internal/kube", "k8s.io/client-go"},
	},
	{
		name:      "resources reach clusters and servers through their platform alone",
		layers:    []string{"internal/resources"},
		reachable: []string{"internal/provider", "internal/acctest"},
		direct:    []string{"internal/kube", "internal/rest", "internal/kafka", "internal/registry", "k8s.io/client-go"},
	},
	{
		name:      "the provider alone says which platforms there are",
		layers:    []string{"internal/resources", "internal/tfkit", "internal/functions", "internal/rollout"},
		reachable: slices.Concat(platforms, meanings, []string{"internal/kube", "internal/rest", "internal/kafka", "internal/registry"}),
	},
	{
		name:      "functions contact nothing and know no resource",
		layers:    []string{"internal/functions"},
		reachable: []string{"internal/provider", "internal/resources"},
		// What they share with the resources, in tfkit, comes with the connection of the provider.
		direct: []string{"internal/platform", "internal/kube", "internal/rest", "k8s.io/client-go", "os", "net/http"},
	},
	{
		name:      "what resources share knows none of them",
		layers:    []string{"internal/tfkit"},
		reachable: []string{"internal/provider", "internal/resources", "internal/functions", "internal/acctest"},
	},
	{
		name:   "only the Terraform layer imports the plugin libraries",
		layers: []string{"internal"},
		except: []string{
			"internal/provider", "internal/resources", "internal/functions", "internal/tfkit", "internal/acctest", "internal/e2e",
		},
		direct: []string{"github.com/hashicorp/terraform-plugin*"},
		tested: []string{"github.com/hashicorp/terraform-plugin*"},
	},
	{
		name:   "the development cluster and the old plugin SDK stay out of the provider",
		layers: []string{""},
		// The test framework of the plugin libraries is built on the old SDK.
		except:    []string{"internal/acctest"},
		reachable: []string{"internal/devcluster", "k8s.io/kubernetes", "k8s.io/apiserver", "github.com/hashicorp/terraform-plugin-sdk*"},
		tested:    []string{"internal/devcluster"},
	},
	{
		name:      "the platforms of tests are for tests alone",
		layers:    []string{""},
		except:    []string{"internal/platform/platformtest", "internal/acctest"},
		reachable: []string{"internal/platform/platformtest"},
	},
	{
		name:      "the schema registry of tests is for tests alone",
		layers:    []string{""},
		except:    []string{"internal/registry/registrytest", "internal/acctest"},
		reachable: []string{"internal/registry/registrytest"},
	},
	{
		name:      "the development cluster is started by tests and tools alone",
		layers:    []string{""},
		except:    []string{"internal/acctest", "internal/bench", "internal/demo"},
		reachable: []string{"internal/devprocess"},
	},
	{
		name:      "the recorded timelines are for tests alone",
		layers:    []string{""},
		except:    []string{"internal/timelines"},
		reachable: []string{"internal/timelines"},
	},
}...)

func TestImportDirections(t *testing.T) {
	t.Parallel()
	packages := listPackages(t)
	for _, rule := range layerRules {
		t.Run(rule.name+" ("+strings.Join(rule.layers, ", ")+")", func(t *testing.T) {
			t.Parallel()
			for _, violation := range rule.violations(packages) {
				t.Error(violation)
			}
		})
	}
}

// TestImportRulesCatch keeps the rules themselves honest: each of these packages breaks one.
func TestImportRulesCatch(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		breaks goPackage
		want   string
	}{
		"core imports a client":                 {goPackage{ImportPath: own("internal/core/flink"), Deps: []string{own("internal/kube")}}, "internal/kube"},
		"core reaches Terraform":                {goPackage{ImportPath: own("internal/core/planner"), Deps: []string{"github.com/hashicorp/terraform-plugin-framework/diag"}}, "terraform-plugin-framework"},
		"a platform's meaning does I/O":         {goPackage{ImportPath: own("internal/core/fko"), Deps: []string{own("internal/platform/operator")}}, "internal/platform"},
		"the planner knows a platform":          {goPackage{ImportPath: own("internal/core/planner"), Deps: []string{own("internal/core/fko")}}, "internal/core/fko"},
		"core does I/O":                         {goPackage{ImportPath: own("internal/core/defaults"), Imports: []string{"net/http"}}, "net/http"},
		"a client knows Flink":                  {goPackage{ImportPath: own("internal/kube"), Deps: []string{own("internal/core/flink")}}, "internal/core/flink"},
		"a platform's test imports Terraform":   {goPackage{ImportPath: own("internal/platform/operator"), XTestImports: []string{"github.com/hashicorp/terraform-plugin-log/tflog"}}, "terraform-plugin-log"},
		"the loop of every wait knows one":      {goPackage{ImportPath: own("internal/platform/watch"), Deps: []string{own("internal/kube")}}, "internal/kube"},
		"a shared engine knows a platform":      {goPackage{ImportPath: own("internal/platform/bluegreen"), Deps: []string{own("internal/kube")}}, "internal/kube"},
		"the proof knows what a platform means": {goPackage{ImportPath: own("internal/platform/prove"), Deps: []string{own("internal/core/fko")}}, "internal/core/fko"},
		"a resource skips its platform":         {goPackage{ImportPath: own("internal/resources/deployment"), Imports: []string{own("internal/kube")}}, "internal/kube"},
		"the engine knows Terraform":            {goPackage{ImportPath: own("internal/rollout"), Deps: []string{"github.com/hashicorp/terraform-plugin-framework/diag"}}, "terraform-plugin-framework"},
		"the engine knows a platform":           {goPackage{ImportPath: own("internal/rollout"), Deps: []string{own("internal/core/fko")}}, "internal/core/fko"},
		"a platform knows another one":          {goPackage{ImportPath: own("internal/platform/operator"), Deps: []string{own("internal/platform/confluent")}}, "internal/platform/confluent"},
		"a platform calls the engine":           {goPackage{ImportPath: own("internal/platform/operator"), Deps: []string{own("internal/rollout")}}, "internal/rollout"},
		"a resource is bound to a platform":     {goPackage{ImportPath: own("internal/resources/savepoint"), Deps: []string{own("internal/platform/operator")}}, "internal/platform/operator"},
		"what resources share is bound to one":  {goPackage{ImportPath: own("internal/tfkit/lifecycle"), Deps: []string{own("internal/core/fko")}}, "internal/core/fko"},
		"a tool imports a plugin library":       {goPackage{ImportPath: own("internal/bench"), Imports: []string{"github.com/hashicorp/terraform-plugin-go/tfprotov6"}}, "terraform-plugin-go"},
		"the provider offers a test's platform": {goPackage{ImportPath: own("internal/provider"), Deps: []string{own("internal/platform/platformtest")}}, "internal/platform/platformtest"},
		"the provider offers a test's registry": {goPackage{ImportPath: own("internal/provider"), Deps: []string{own("internal/registry/registrytest")}}, "internal/registry/registrytest"},
		"the provider starts the cluster":       {goPackage{ImportPath: own("internal/provider"), Deps: []string{own("internal/devprocess")}}, "internal/devprocess"},
		"the provider links the cluster":        {goPackage{ImportPath: module, Deps: []string{own("internal/devcluster/controlplane")}}, "internal/devcluster"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var found []string
			for _, rule := range layerRules {
				found = append(found, rule.violations([]goPackage{test.breaks})...)
			}
			if !strings.Contains(strings.Join(found, "\n"), test.want) {
				t.Errorf("no rule objects to %q: %v", test.want, found)
			}
		})
	}
}

// violations lists each import of the packages that breaks the rule.
func (r layerRule) violations(packages []goPackage) []string {
	var found []string
	for _, p := range packages {
		if !coversAny(r.layers, p.ImportPath) || coversAny(r.except, p.ImportPath) {
			continue
		}
		report := func(how string, imports, forbidden []string) {
			for _, path := range imports {
				if path != p.ImportPath && coversAny(forbidden, path) {
					found = append(found, p.ImportPath+" "+how+" "+path)
				}
			}
		}
		report("depends on", p.Deps, r.reachable)
		report("imports", p.Imports, r.direct)
		report("is tested with", slices.Concat(p.TestImports, p.XTestImports), r.tested)
	}
	return found
}

// coversAny says whether one of the entries of a rule covers the import path.
func coversAny(entries []string, path string) bool {
	return slices.ContainsFunc(entries, func(entry string) bool {
		if entry == "" || strings.HasPrefix(entry, "internal") {
			entry = own(entry)
		}
		if prefix, open := strings.CutSuffix(entry, "*"); open {
			return strings.HasPrefix(path, prefix)
		}
		return path == entry || strings.HasPrefix(path, entry+"/")
	})
}

// own is the import path of a package of this module.
func own(folder string) string {
	return strings.TrimSuffix(module+"/"+folder, "/")
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-tags=e2e", "-json=ImportPath,Imports,TestImports,XTestImports,Deps", "./...")
	list.Dir = ".."
	var stderr bytes.Buffer
	list.Stderr = &stderr
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	var packages []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	if !slices.ContainsFunc(packages, func(p goPackage) bool { return p.ImportPath == module }) {
		t.Fatalf("go list found no main package %s among %d packages", module, len(packages))
	}
	return packages
}

// TestTopLevel keeps the first folder that a newcomer sees short: what is not listed here belongs into a folder.
func TestTopLevel(t *testing.T) {
	t.Parallel()
	allowed := []string{
		"internal", "examples", "docs", "templates", "findings", "main.go", "terraform-registry-manifest.json", "GNUmakefile",
		"go.mod", "go.sum", "README.md",
	}
	ignore, err := os.ReadFile(filepath.Join("..", ".gitignore"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(ignore)) {
		// What a build leaves at the top is not part of the project.
		if built, atTop := strings.CutPrefix(strings.TrimSpace(line), "/"); atTop {
			allowed = append(allowed, strings.TrimSuffix(built, "/"))
		}
	}
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), ".") && !slices.Contains(allowed, entry.Name()) {
			t.Errorf("%s does not belong at the top level; allowed are %s and hidden names", entry.Name(), strings.Join(allowed, ", "))
		}
	}
}
