package defaults

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// PodFault is what Kubernetes does not take in a pod template.
type PodFault struct {
	// Path leads to the value inside the template, for example
	// spec.containers[0].env[0].value.
	Path string
	// Severity is flink.Warning for a field that nobody here knows, which a newer
	// Kubernetes may have.
	Severity flink.Severity
	// Problem completes a sentence that begins with the path: "must be a string,
	// not a number". It does not show the value, which may be confidential.
	Problem string
	// Advice says what to do, in whole sentences.
	Advice string
}

// CheckPodTemplate compares a pod template with the types of core/v1: every value
// must have the type of its field, and every field must exist. Directives of a
// merge ($patch and its like) may stand anywhere, and a null removes.
func CheckPodTemplate(template flink.Document) []PodFault {
	var c podCheck
	c.object(podType.T, map[string]any(template), "")
	if fault, other := otherKind(template, len(c.faults) > 0); other {
		return []PodFault{fault}
	}
	return c.faults
}

// otherKind tells of an object that is no Pod, such as a Deployment with a pod
// template inside, whose fields are all unknown. One that has the fields of a Pod
// is only warned of, because the operator does not read the kind.
func otherKind(template flink.Document, wrong bool) (PodFault, bool) {
	kind, _ := template["kind"].(string)
	if kind == "" || kind == "Pod" {
		return PodFault{}, false
	}
	fault := PodFault{Path: "kind", Problem: fmt.Sprintf("must be Pod, not %s", kind), Advice: "A pod template has metadata and spec of a Pod."}
	spec, _ := template["spec"].(map[string]any)
	if _, inside := spec["template"]; inside {
		fault.Advice = "Write here what stands in spec.template of this object."
	} else if _, inside := template["template"]; inside {
		fault.Advice = "Write here what stands in template of this object."
	} else if !wrong {
		fault.Severity = flink.Warning
	}
	return fault, true
}

// podCheck collects the faults of a template on the way through it.
type podCheck struct {
	faults []PodFault
	// around are the objects that hold the present one, the outermost first.
	around []podObject
}

// podObject is an object of a template: its type and its path.
type podObject struct {
	of   reflect.Type
	path string
}

var (
	quantityType    = reflect.TypeFor[resource.Quantity]()
	intOrStringType = reflect.TypeFor[intstr.IntOrString]()
	timeType        = reflect.TypeFor[metav1.Time]()
	fieldsType      = reflect.TypeFor[metav1.FieldsV1]()
)

func (c *podCheck) value(of reflect.Type, value any, path string) {
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	switch {
	case value == nil, of == fieldsType:
		return
	case of == quantityType:
		c.quantity(value, path)
		return
	case of == intOrStringType:
		if _, text := value.(string); !text && !isWhole(value) {
			c.wrong(path, "a whole number or a string", value, "")
		}
		return
	case of == timeType:
		of = reflect.TypeFor[string]()
	}
	switch of.Kind() {
	case reflect.Struct:
		if object, ok := value.(map[string]any); ok {
			c.object(of, object, path)
			return
		}
		c.wrong(path, "an object", value, "Write its fields as `key: value`.")
	case reflect.Map:
		c.entries(of, value, path)
	case reflect.Slice:
		c.list(of, value, path)
	case reflect.String:
		if _, ok := value.(string); !ok {
			c.wrong(path, "a string", value, inQuotes(value))
		}
	case reflect.Bool:
		if _, ok := value.(bool); !ok {
			c.wrong(path, "a boolean", value, "Write true or false, without quotes.")
		}
	case reflect.Int32, reflect.Int64:
		if !isWhole(value) {
			c.wrong(path, "a whole number", value, "Write it without quotes and without a fraction.")
		}
	default:
		// No other kinds are in a Pod; what a later core/v1 may have is left to
		// the cluster.
	}
}

func (c *podCheck) wrong(path, want string, value any, advice string) {
	c.faults = append(c.faults, PodFault{Path: path, Problem: fmt.Sprintf("must be %s, not %s", want, flink.KindOf(value)), Advice: advice})
}

func inQuotes(value any) string {
	switch value.(type) {
	case bool:
		return "Put it in quotes. YAML also takes yes, no, on and off for booleans when they have none."
	case map[string]any, []any:
		return ""
	}
	return "Put it in quotes."
}

// quantity checks an amount, for which the custom resource definition takes a
// string or a whole number (x-kubernetes-int-or-string).
func (c *podCheck) quantity(value any, path string) {
	if text, ok := value.(string); ok {
		if _, err := flink.ParseQuantity(text); err != nil {
			c.faults = append(c.faults, PodFault{Path: path, Problem: "is no Kubernetes quantity", Advice: `Write for example "500m", "2" or "1Gi".`})
		}
		return
	}
	if !isWhole(value) {
		c.wrong(path, "a string or a whole number", value, `Put it in quotes, for example "0.5" or "500m".`)
	}
}

func (c *podCheck) entries(of reflect.Type, value any, path string) {
	object, ok := value.(map[string]any)
	if !ok {
		c.wrong(path, "an object", value, "Write its entries as `key: value`.")
		return
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if !strings.HasPrefix(key, directivePrefix) {
			c.value(of.Elem(), object[key], path+"["+strconv.Quote(key)+"]")
		}
	}
}

func (c *podCheck) list(of reflect.Type, value any, path string) {
	if of.Elem().Kind() == reflect.Uint8 {
		// Bytes are written in base64.
		c.value(reflect.TypeFor[string](), value, path)
		return
	}
	list, ok := value.([]any)
	if !ok {
		c.wrong(path, "a list", value, "Begin each element with a hyphen.")
		return
	}
	for i, element := range list {
		below := path + "[" + strconv.Itoa(i) + "]"
		if element == nil {
			c.faults = append(c.faults, PodFault{Path: below, Problem: "is null", Advice: "Remove the element."})
			continue
		}
		c.value(of.Elem(), element, below)
	}
}

func (c *podCheck) object(of reflect.Type, object map[string]any, path string) {
	if object[directivePatch] == directiveMerge {
		// The element {$patch: merge, mergeKey: K}, which the merge checks.
		return
	}
	known := podFields(of)
	c.around = append(c.around, podObject{of, path})
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if strings.HasPrefix(key, directivePrefix) {
			continue
		}
		below := key
		if path != "" {
			below = path + "." + key
		}
		if field, ok := known[key]; ok {
			c.value(field, object[key], below)
		} else {
			c.unknown(key, below)
		}
	}
	c.around = c.around[:len(c.around)-1]
}

// unknown tells of a field that the type does not have. It is an error only
// where the name shows what was meant. Every other field may be one of a newer
// Kubernetes, and an operator whose definition has it would take it: the cluster
// decides, and refuses what it does not know.
func (c *podCheck) unknown(name, path string) {
	fault := PodFault{
		Path: path, Problem: "is no field that this provider knows", Severity: flink.Warning,
		Advice: "Check the name and the indentation. A field of a newer Kubernetes is taken when the custom resource definition of the operator in the cluster has it, and refused otherwise.",
	}
	if meant, found := c.meant(name); found {
		fault.Severity, fault.Problem, fault.Advice = flink.Error, "is no field of a pod", meant
	}
	c.faults = append(c.faults, fault)
}

// isWhole tells whether a value is a whole number.
func isWhole(value any) bool {
	switch value := value.(type) {
	case json.Number:
		if _, err := value.Int64(); err == nil {
			return true
		}
		number, err := value.Float64()
		return err == nil && number == float64(int64(number))
	case int, int32, int64:
		return true
	}
	return false
}
