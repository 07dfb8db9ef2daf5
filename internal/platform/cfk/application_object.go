package cfk

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/confluent"
)

// What a FlinkApplication has and a FlinkDeployment does not.
const (
	environmentField = "flinkEnvironment"
	classField       = "cmfRestClassRef"
)

// The operator's objects, as its rules know them.
const (
	operatorsVersion = "flink.apache.org/v1beta1"
	noValidation     = "ValidationException"
)

// processes are the parts of a specification that have a size.
var processes = []string{"jobManager", "taskManager"}

// toApplication returns an object of the operator as the custom resource that stands for it.
func (a *applications) toApplication(o *unstructured.Unstructured) *unstructured.Unstructured {
	spec, _, _ := unstructured.NestedMap(o.Object, "spec")
	if spec == nil {
		spec = map[string]any{}
	}
	delete(spec, "savepointSchedule")
	spec[environmentField] = a.environment
	for _, part := range processes {
		resource, _, _ := unstructured.NestedMap(spec, part, "resource")
		if resource == nil {
			continue
		}
		for name, value := range resource {
			resource[name] = amount(name, value)
		}
		// The part is a copy, so there is a place for it.
		_ = unstructured.SetNestedMap(spec, resource, part, "resource")
	}
	out := a.client.resource(applicationKind, o.GetName(), spec)
	out.SetLabels(o.GetLabels())
	out.SetAnnotations(o.GetAnnotations())
	out.SetUID(o.GetUID())
	return out
}

// amount is a size as the definition takes it: whole numbers, and texts with a unit of
// Kubernetes. The operator reads "2048m" of a memory as 2048 MiB, so that is another word for
// "2g".
func amount(name string, value any) any {
	switch v := value.(type) {
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		bytes, err := flink.ParseMemorySize(v)
		if name == "memory" && err == nil && !confluent.TakenByResources(v) {
			return memoryOf(bytes)
		}
	}
	return value
}

// memoryOf is a size in the operator's words that the definition takes as well.
func memoryOf(bytes int64) string {
	const mebibyte = 1 << 20
	if bytes%mebibyte == 0 {
		return fmt.Sprintf("%dm", bytes/mebibyte)
	}
	return strconv.FormatInt(bytes, 10)
}

// takenUpWithin is how long the operator may take until it looks at a change that the
// controller has handed on.
const takenUpWithin = 30 * time.Second

// toDeployment returns a custom resource as the object of the operator that the server makes of
// it.
func (a *applications) toDeployment(o *unstructured.Unstructured) *unstructured.Unstructured {
	out := o.DeepCopy()
	out.SetAPIVersion(operatorsVersion)
	out.SetKind(applicationKind.Kind)
	out.SetNamespace(a.environment)
	spec, _ := out.Object["spec"].(map[string]any)
	delete(spec, environmentField)
	delete(spec, classField)
	for _, part := range processes {
		cpu, has, _ := unstructured.NestedString(spec, part, "resource", "cpu")
		if number, err := strconv.ParseFloat(cpu, 64); has && err == nil {
			_ = unstructured.SetNestedField(spec, number, part, "resource", "cpu")
		}
	}
	status, _ := out.Object["status"].(map[string]any)
	status = maps.Clone(status)
	if status == nil {
		status = map[string]any{}
	}
	// The controller's word says what it has handed on, and not what the operator has taken up.
	s := syncOf(o)
	observed := s.seen
	if !s.done() || !a.takenUp(out, s) {
		observed = min(observed, o.GetGeneration()-1)
	}
	status["observedGeneration"] = observed
	if s.failed() {
		status["error"] = failure(s)
	}
	out.Object["status"] = status
	return out
}

// takenUp tells whether the operator has taken up the specification of an object, which the
// controller has handed on. The environment's word wins over what the object says; where the
// operator has something else all the same, what was handed on counts after a while.
func (a *applications) takenUp(o *unstructured.Unstructured, s report) bool {
	text, _, _ := unstructured.NestedString(o.Object, "status", "reconciliationStatus", "lastReconciledSpec")
	noted, err := flink.ParseTree([]byte(text))
	says, err2 := fko.SpecOf(o)
	if err == nil && err2 == nil {
		reconciled, _ := noted["spec"].(map[string]any)
		runs := says
		if len(a.enforced) > 0 {
			var merged any
			merged, err = defaults.Merge(says, a.enforced)
			runs, _ = merged.(flink.Tree)
		}
		// The operator notes the mode in which it has started the job, for example without a state
		// that there was not yet.
		unstructured.RemoveNestedField(runs, "job", "upgradeMode")
		if err == nil && reconciled != nil && flink.Equal(flink.Observe(runs, reconciled), runs) {
			return true
		}
	}
	return time.Since(a.client.handed(o.GetUID(), s.generation)) > takenUpWithin
}

// failure is what the operator's rules read of a failure of the controller: one that does not
// heal counts as a specification that is refused.
func failure(s report) string {
	message := fmt.Sprintf("%s does not take it (%s says): %s", server, product, s.message)
	if !s.final() {
		return message
	}
	// A struct of texts can always be encoded.
	text, _ := json.Marshal(map[string]string{"type": noValidation, "message": message})
	return string(text)
}

// ofEnvironment tells whether a custom resource is of the environment.
func (a *applications) ofEnvironment(o *unstructured.Unstructured) bool {
	return environmentOf(o) == a.environment
}

// taken says that the name of an application is another environment's in the namespace.
func (a *applications) taken(ref kube.Ref, by string) error {
	return fmt.Errorf("%s is of the environment %q: two environments whose custom resources are in one namespace have no application of the same name", ref, by)
}
