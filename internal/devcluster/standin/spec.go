package standin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	k8sjson "k8s.io/apimachinery/pkg/util/json"
)

// spec is what the operator reads from a FlinkDeployment or FlinkSessionJob,
// with the defaults that its Java classes set.
type spec struct {
	job              *jobSpec // nil: a session cluster
	restartNonce     *int64
	config           map[string]any
	deploymentName   string // FlinkSessionJob only
	image            *string
	imagePullPolicy  *string
	serviceAccount   *string
	flinkVersion     *string
	mode             *string // nil: native
	ingress          any
	podTemplate      any
	logConfiguration any
	jobManager       *componentSpec
	taskManager      *componentSpec
}

type jobSpec struct {
	jarURI                 *string
	parallelism            int64
	entryClass             *string
	args                   any // []any; nil only when the object says null
	state                  string
	upgradeMode            string
	savepointTriggerNonce  *int64
	checkpointTriggerNonce *int64
	savepointRedeployNonce *int64
	autoscalerResetNonce   *int64
	initialSavepointPath   *string
	allowNonRestoredState  *bool
}

type componentSpec struct {
	resource    map[string]any
	resources   any
	replicas    *int64
	podTemplate any
}

const (
	stateRunning   = "running"
	stateSuspended = "suspended"

	modeStateless = "stateless"
	modeLastState = "last-state"
	modeSavepoint = "savepoint"
)

// parseSpec reads the spec of an object, or the spec inside lastReconciledSpec.
func parseSpec(m map[string]any) *spec {
	s := &spec{
		restartNonce:     intField(m, "restartNonce"),
		image:            stringField(m, "image"),
		imagePullPolicy:  stringField(m, "imagePullPolicy"),
		serviceAccount:   stringField(m, "serviceAccount"),
		flinkVersion:     stringField(m, "flinkVersion"),
		mode:             stringField(m, "mode"),
		ingress:          m["ingress"],
		podTemplate:      m["podTemplate"],
		logConfiguration: m["logConfiguration"],
		jobManager:       parseComponent(m["jobManager"], 1),
		taskManager:      parseComponent(m["taskManager"], 0),
	}
	s.config, _ = m["flinkConfiguration"].(map[string]any)
	if name := stringField(m, "deploymentName"); name != nil {
		s.deploymentName = *name
	}
	if job, ok := m["job"].(map[string]any); ok {
		s.job = parseJob(job)
	}
	return s
}

func parseJob(m map[string]any) *jobSpec {
	j := &jobSpec{
		jarURI:                 stringField(m, "jarURI"),
		entryClass:             stringField(m, "entryClass"),
		args:                   []any{},
		state:                  stateRunning,
		upgradeMode:            modeStateless,
		savepointTriggerNonce:  intField(m, "savepointTriggerNonce"),
		checkpointTriggerNonce: intField(m, "checkpointTriggerNonce"),
		savepointRedeployNonce: intField(m, "savepointRedeployNonce"),
		autoscalerResetNonce:   intField(m, "autoscalerResetNonce"),
		initialSavepointPath:   stringField(m, "initialSavepointPath"),
	}
	if p := intField(m, "parallelism"); p != nil {
		j.parallelism = *p
	}
	if args, ok := m["args"]; ok {
		j.args = args
	}
	if state := stringField(m, "state"); state != nil {
		j.state = *state
	}
	if mode := stringField(m, "upgradeMode"); mode != nil {
		j.upgradeMode = *mode
	}
	if allow, ok := m["allowNonRestoredState"].(bool); ok {
		j.allowNonRestoredState = &allow
	}
	return j
}

// parseComponent reads jobManager or taskManager; defaultReplicas 0 means none.
func parseComponent(v any, defaultReplicas int64) *componentSpec {
	m, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	c := &componentSpec{resources: quantities(m["resources"]), replicas: intField(m, "replicas"), podTemplate: m["podTemplate"]}
	c.resource, _ = m["resource"].(map[string]any)
	if c.replicas == nil && defaultReplicas > 0 {
		c.replicas = &defaultReplicas
	}
	return c
}

// quantities reads requests and limits as fabric8's Quantity does (asText): an
// amount that is written as a number equals the same one as text.
func quantities(v any) any {
	requirements, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := maps.Clone(requirements)
	for _, name := range []string{"requests", "limits"} {
		amounts, ok := requirements[name].(map[string]any)
		if !ok {
			continue
		}
		texts := make(map[string]any, len(amounts))
		for resource, amount := range amounts {
			texts[resource] = fmt.Sprint(amount)
		}
		out[name] = texts
	}
	return out
}

// argList returns the program's arguments as text.
func (j *jobSpec) argList() []string {
	list, _ := j.args.([]any)
	out := make([]string, 0, len(list))
	for _, a := range list {
		out = append(out, fmt.Sprint(a))
	}
	return out
}

// clone copies the parts that the operator rewrites while it works.
func (s *spec) clone() *spec {
	c := *s
	if s.job != nil {
		job := *s.job
		c.job = &job
	}
	return &c
}

// reconciled is the content of lastReconciledSpec and lastStableSpec.
type reconciled struct {
	spec       *spec
	generation int64 // 0 when the version does not record it
	first      bool
}

func parseReconciled(text string) (*reconciled, error) {
	var doc struct {
		Spec     map[string]any `json:"spec"`
		Resource struct {
			Metadata struct {
				Generation int64 `json:"generation"`
			} `json:"metadata"`
			First bool `json:"firstDeployment"`
		} `json:"resource_metadata"`
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		return nil, fmt.Errorf("parse lastReconciledSpec: %w", err)
	}
	// Numbers again through the Kubernetes decoder, which keeps integers.
	var top map[string]any
	if err := k8sjson.Unmarshal([]byte(text), &top); err != nil {
		return nil, fmt.Errorf("parse lastReconciledSpec: %w", err)
	}
	m, _ := top["spec"].(map[string]any)
	return &reconciled{spec: parseSpec(m), generation: doc.Resource.Metadata.Generation, first: doc.Resource.First}, nil
}

// text renders the document as the operator's Jackson does: every field of the
// Java class in its order, defaults and nulls included. The order matters:
// STABLE means that two of these texts are equal.
func (r *reconciled) text(v version, session bool) string {
	meta := object{{"apiVersion", group + "/" + apiVersion}}
	if v.generationInSpec {
		meta = append(meta, field{"metadata", object{{"generation", r.generation}}})
	}
	meta = append(meta, field{"firstDeployment", r.first})
	doc := object{{"spec", r.spec.document(v, session)}, {"resource_metadata", meta}}
	return doc.text()
}

func (s *spec) document(v version, session bool) object {
	config := any(s.config)
	if s.config == nil {
		config = object{}
	}
	doc := object{{"job", s.job.document(v)}, {"restartNonce", s.restartNonce}, {"flinkConfiguration", config}}
	if session {
		return append(doc, field{"deploymentName", s.deploymentName})
	}
	return append(doc,
		field{"image", s.image}, field{"imagePullPolicy", s.imagePullPolicy}, field{"serviceAccount", s.serviceAccount},
		field{"flinkVersion", s.flinkVersion}, field{"ingress", s.ingress}, field{"podTemplate", s.podTemplate},
		field{"jobManager", s.jobManager.document(v)}, field{"taskManager", s.taskManager.document(v)},
		field{"logConfiguration", s.logConfiguration}, field{"mode", s.mode})
}

func (j *jobSpec) document(v version) any {
	if j == nil {
		return nil
	}
	doc := object{
		{"jarURI", j.jarURI},
		{"parallelism", j.parallelism},
		{"entryClass", j.entryClass},
		{"args", j.args},
		{"state", j.state},
		{"savepointTriggerNonce", j.savepointTriggerNonce},
		{"initialSavepointPath", j.initialSavepointPath},
		{"checkpointTriggerNonce", j.checkpointTriggerNonce},
		{"upgradeMode", j.upgradeMode},
		{"allowNonRestoredState", j.allowNonRestoredState},
	}
	if v.redeployNonce {
		doc = append(doc, field{"savepointRedeployNonce", j.savepointRedeployNonce})
	}
	if v.resetNonce {
		doc = append(doc, field{"autoscalerResetNonce", j.autoscalerResetNonce})
	}
	return doc
}

func (c *componentSpec) document(v version) any {
	if c == nil {
		return nil
	}
	var resource any
	if c.resource != nil {
		resource = object{{"cpu", javaDouble(c.resource["cpu"])}, {"memory", c.resource["memory"]}, {"ephemeralStorage", c.resource["ephemeralStorage"]}}
	}
	doc := object{{"resource", resource}}
	if v.resources {
		doc = append(doc, field{"resources", c.resources})
	}
	return append(doc, field{"replicas", c.replicas}, field{"podTemplate", c.podTemplate})
}

// javaDouble renders a whole number as a Java Double does: 1 becomes 1.0.
func javaDouble(v any) any {
	switch n := v.(type) {
	case int64:
		return json.RawMessage(strconv.FormatInt(n, 10) + ".0")
	case float64:
		if n == math.Trunc(n) {
			return json.RawMessage(strconv.FormatFloat(n, 'f', 1, 64))
		}
	}
	return v
}

// object is a JSON object whose fields keep their order.
type object []field

type field struct {
	name  string
	value any
}

// MarshalJSON writes the fields in their order, and without escaping for HTML.
func (o object) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, f := range o {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(strconv.Quote(f.name) + ":")
		var value bytes.Buffer
		enc := json.NewEncoder(&value)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(f.value); err != nil {
			return nil, fmt.Errorf("encode %s: %w", f.name, err)
		}
		out.Write(bytes.TrimRight(value.Bytes(), "\n"))
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// text is the object without json.Marshal, which would escape < and >.
func (o object) text() string {
	out, err := o.MarshalJSON()
	if err != nil {
		// Everything in it came out of JSON.
		panic(err)
	}
	return string(out)
}

func stringField(m map[string]any, name string) *string {
	if s, ok := m[name].(string); ok {
		return &s
	}
	return nil
}

func intField(m map[string]any, name string) *int64 {
	switch n := m[name].(type) {
	case int64:
		return &n
	case float64:
		i := int64(n)
		return &i
	}
	return nil
}

// flatConfig flattens flinkConfiguration as ConfigObjectNode.asFlatMap does: nested
// names joined with a dot, lists with a semicolon, scalars as Jackson's text of them, in
// the order of the keys.
func flatConfig(config map[string]any) map[string]string {
	out := map[string]string{}
	var walk func(prefix string, config map[string]any)
	walk = func(prefix string, config map[string]any) {
		for _, k := range slices.Sorted(maps.Keys(config)) {
			name := k
			if prefix != "" {
				name = prefix + "." + k
			}
			switch x := config[k].(type) {
			case map[string]any:
				walk(name, x)
			case []any:
				parts := make([]string, len(x))
				for i, e := range x {
					parts[i] = asText(e)
				}
				if len(x) > 0 {
					out[name] = strings.Join(parts, ";")
				}
			default:
				out[name] = asText(x)
			}
		}
	}
	walk("", config)
	return out
}

// asText is JsonNode.asText: "null", nothing for a container, and fractions with an
// exponent below 0.001 and from ten million on.
func asText(v any) string {
	switch x := v.(type) {
	case nil:
		return "null"
	case map[string]any, []any:
		return ""
	case float64:
		switch size := math.Abs(x); {
		case x == math.Trunc(x) && size < 1e21:
			// The API server hands it out without a fraction.
			return strconv.FormatFloat(x, 'f', -1, 64)
		case 1e-3 <= size && size < 1e7:
			return strconv.FormatFloat(x, 'f', -1, 64)
		}
		digits, exponent, _ := strings.Cut(strconv.FormatFloat(x, 'e', -1, 64), "e")
		if !strings.Contains(digits, ".") {
			digits += ".0"
		}
		power, _ := strconv.Atoi(exponent)
		return digits + "E" + strconv.Itoa(power)
	}
	return fmt.Sprint(v)
}
