package fko

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// operatorVersions are the operators whose answers testdata has, in the order of its
// columns; testdata/operator has a pom for each. `make values` asks them again.
var operatorVersions = []string{"1.7.0", "1.16.1"}

// answer is what one operator says to one question. Of an object the keys are in order,
// as an API server hands them out.
type answer struct {
	topic, question, version, text string
}

// answers are those of a topic.
func answers(t testing.TB, topic string, least int) []answer {
	t.Helper()
	var out []answer
	for _, line := range answerLines(t) {
		if fields := strings.Split(line, "\t"); fields[0] == topic {
			for i, version := range operatorVersions {
				if fields[2+i] != "-" && fields[2+i] != "unknown" {
					out = append(out, answer{topic, fields[1], version, fields[2+i]})
				}
			}
		}
	}
	if len(out) < least {
		t.Fatalf("testdata has %d answers about %s, and %d are the least", len(out), topic, least)
	}
	return out
}

func answerLines(t testing.TB) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "operator", "answers.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// disagreements are the questions to which this package says something else than the
// operator, by topic and question, with the reason; those about two values of one key
// begin with "same".
var disagreements = map[string]string{
	`size {"memory":"٢g"}`:                                                               foreignDigits,
	`size {"ephemeralStorage":"٢Gi","memory":"1g"}`:                                      foreignDigits,
	`size {"ephemeralStorage":"1e400","memory":"1g"}`:                                    "no container has so much, and comparing it takes as many digits",
	`size {"cpu":-1,"memory":"1g"}`:                                                      "the operator checks nothing, and Kubernetes refuses the pod",
	`size {"cpu":"","memory":"1g"}`:                                                      "the definition of the resource takes numbers alone",
	`change [{"requests":{"memory":"2Gi"}},{"limits":null,"requests":{"memory":"2Gi"}}]`: "the definition of the resource takes no null there",

	`type "metrics.scope.k8soperator"`:            itsOwnMetrics,
	`type "metrics.scope.k8soperator.resource"`:   itsOwnMetrics,
	`type "metrics.scope.k8soperator.resourcens"`: itsOwnMetrics,

	`same kubernetes.operator.user.artifacts.allowed-schemes "[a, b]" "a;b"`:     yamlList,
	`same kubernetes.operator.user.artifacts.allowed-schemes " a ; b " "[a, b]"`: yamlList,
}

const (
	itsOwnMetrics = "a text, by which the operator names its own metrics; resources do not hold it"
	yamlList      = "one reading serves all operators, and the first ones, with Flink 1.17, read no lists in YAML"
)

const foreignDigits = "Java takes the digits of any script for digits"

// eachAnswer tries the answers of a topic, and holds the disagreements to be real ones.
// The check returns what differs.
func eachAnswer(t *testing.T, topic string, least int, check func(t *testing.T, a answer) string) {
	t.Helper()
	for _, a := range answers(t, topic, least) {
		reason := disagreements[topic+" "+a.question]
		difference := check(t, a)
		switch {
		case reason == "" && difference != "":
			t.Errorf("%s %s, operator %s says %q: %s", topic, a.question, a.version, a.text, difference)
		case reason != "" && difference == "":
			t.Errorf("%s %s: no disagreement with operator %s any more (%s)", topic, a.question, a.version, reason)
		}
	}
}

func TestDisagreementsAreAsked(t *testing.T) {
	asked := map[string]bool{}
	for _, line := range answerLines(t) {
		fields := strings.Split(line, "\t")
		asked[fields[0]+" "+fields[1]] = true
	}
	for question := range disagreements {
		// Of pairs the values are asked for, each by itself.
		if !asked[question] && !strings.HasPrefix(question, "same ") {
			t.Errorf("nobody has asked %s", question)
		}
	}
}

// asked is what a question says, with the numbers of a Tree.
func asked(t *testing.T, a answer) any {
	t.Helper()
	tree, err := flink.ParseTree([]byte(`{"q":` + a.question + `}`))
	if err != nil {
		t.Fatalf("%s %s: %v", a.topic, a.question, err)
	}
	return tree["q"]
}

func TestConfigurationAsTheOperator(t *testing.T) {
	eachAnswer(t, "configuration", 150, func(t *testing.T, a answer) string {
		if a.text == "unreadable" || a.version == "1.7.0" && strings.Contains(a.question, "null") {
			// Before 1.13 the definition of the resource takes texts alone.
			return ""
		}
		var want map[string]string
		if err := json.Unmarshal([]byte(a.text), &want); err != nil {
			t.Fatal(err)
		}
		spec, err := SpecOf(&unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"flinkConfiguration": asked(t, a)}}})
		if err != nil {
			return err.Error()
		}
		return cmp.Diff(want, flink.Flatten(spec["flinkConfiguration"]))
	})
}

func TestHighAvailabilityAsTheOperator(t *testing.T) {
	eachAnswer(t, "high-availability", 50, func(t *testing.T, a answer) string {
		mode, _ := asked(t, a).(string)
		active := flink.HasHighAvailability(flink.Configuration{flink.KeyHighAvailability: &mode})
		if strconv.FormatBool(active) != a.text {
			return "active here: " + strconv.FormatBool(active)
		}
		return ""
	})
}

// builtSize is what the operator makes of the size of a JobManager.
func builtSize(t *testing.T, text string) map[string]float64 {
	t.Helper()
	out := map[string]float64{}
	for part := range strings.SplitSeq(text, ", ") {
		name, value, _ := strings.Cut(part, " ")
		number, err := strconv.ParseFloat(value, 64)
		if err != nil && part != "nothing" {
			t.Fatalf("%q: %v", text, err)
		}
		out[name] = number
	}
	return out
}

// sizeErrors returns the specification of a JobManager with one field of a size, and
// the errors about it.
func sizeErrors(t *testing.T, field string, value any) (flink.DeploymentSpec, []string) {
	t.Helper()
	tree := document(t, validSpec)
	tree["jobManager"] = map[string]any{field: value}
	spec, err := flink.SpecOf(tree)
	if err != nil {
		return spec, []string{err.Error()}
	}
	var errors []string
	for _, finding := range Validate("orders", spec) {
		if finding.Severity == flink.Error {
			errors = append(errors, finding.Summary)
		}
	}
	return spec, errors
}

func TestSizesAsTheOperator(t *testing.T) {
	eachAnswer(t, "size", 250, func(t *testing.T, a answer) string {
		spec, errors := sizeErrors(t, "resource", asked(t, a))
		if strings.Contains(a.text, "throws") || a.text == "refused" || a.text == "unreadable" {
			if len(errors) == 0 {
				return "accepted here"
			}
			return ""
		}
		if len(errors) > 0 {
			return "refused here: " + strings.Join(errors, "; ")
		}
		size, own := builtSize(t, a.text), map[string]float64{}
		if memory := spec.JobManager.Resource.Memory; memory != nil {
			bytes, _ := flink.ParseMemory(*memory)
			own["memory"] = float64(bytes)
		}
		if cpu := spec.JobManager.Resource.CPU; cpu != nil {
			own["cpu"] = *cpu
		}
		delete(size, "nothing")
		return cmp.Diff(size, own)
	})
}

func TestResourcesAsTheOperator(t *testing.T) {
	eachAnswer(t, "resources", 600, func(t *testing.T, a answer) string {
		spec, errors := sizeErrors(t, "resources", asked(t, a))
		fails := strings.Contains(a.text, "throws") || a.text == "refused" || a.text == "unreadable"
		var size map[string]float64
		memory, cpu := "", ""
		if !fails {
			size = builtSize(t, a.text)
			resources := spec.JobManager.Resources
			memory, cpu = resources.Requests["memory"], resources.Requests["cpu"]
			if limit, limited := resources.Limits["memory"]; limited && memory != "" {
				// The limit of the container is the size of the process times this.
				most, _ := flink.ParseMemory(limit)
				factor, given := size["memory-factor"]
				fails = !given || math.Abs(factor*size["memory"]/float64(most)-1) > 1e-12
			}
			if memory == "" {
				memory = resources.Limits["memory"]
			}
			if cpu == "" {
				cpu = resources.Limits["cpu"]
			}
		}
		switch {
		case fails && len(errors) == 0:
			return "accepted here"
		case fails:
			return ""
		case len(errors) > 0:
			return "refused here: " + strings.Join(errors, "; ")
		}
		if bytes, err := flink.ParseMemory(memory); float64(bytes) != size["memory"] {
			return "another size here: " + strconv.FormatInt(bytes, 10) + " " + errorText(err)
		}
		if quantity, err := flink.ParseQuantity(cpu); cpu != "" && quantity.AsApproximateFloat64() != size["cpu"] {
			return "another CPU here: " + quantity.String() + " " + errorText(err)
		}
		return ""
	})
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestChangesAsTheOperator(t *testing.T) {
	eachAnswer(t, "change", 130, func(t *testing.T, a answer) string {
		pair, _ := asked(t, a).([]any)
		of := func(value any) flink.Tree { return flink.Tree{"jobManager": map[string]any{"resources": value}} }
		if a.text == "throws" || a.text == "unreadable" {
			// One of the two has to have been refused.
			_, first := sizeErrors(t, "resources", pair[0])
			if _, second := sizeErrors(t, "resources", pair[1]); len(first)+len(second) == 0 {
				return "both accepted here"
			}
			return ""
		}
		if changed := !flink.Equal(of(pair[0]), of(pair[1])); strconv.FormatBool(changed) != a.text {
			return "changed here: " + strconv.FormatBool(changed)
		}
		return ""
	})
}
