package standin_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"maps"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/standin"
)

// record is one line of a recorded timeline: an action of the client, or what a
// watch saw.
type record struct {
	T      float64 `json:"t"`
	Action string  `json:"action"`
	Type   string  `json:"type"`
	Object object  `json:"object"`
}

// scenario is a recorded timeline, taken apart into what was there before it,
// the client's writes, and what was seen after each of them.
type scenario struct {
	name    string
	version string
	setup   []object
	steps   []step
	used    map[string]bool
	events  []object // core/v1 Events
}

// step is one write and the events until the next.
type step struct {
	action string
	write  *write // nil: text alone says what was done
	events []record
	quiet  float64 // seconds without events before the next action
}

// write is a change that the client made to one object, found by comparing the
// object before and after.
type write struct {
	verb   string // create, update or delete
	before object
	object object
}

// scenarios reads all timelines of one version.
func scenarios(t *testing.T, version string) []scenario {
	t.Helper()
	timelines := standin.Timelines(t)
	var out []scenario
	for _, file := range slices.Sorted(maps.Keys(timelines)) {
		name, events := strings.CutSuffix(strings.TrimSuffix(path.Base(file), ".jsonl"), ".events")
		if path.Dir(file) == version+".0" && !events {
			out = append(out, parseScenario(t, name, version, timelines[file], timelines[strings.TrimSuffix(file, ".jsonl")+".events.jsonl"]))
		}
	}
	return out
}

func parseScenario(t *testing.T, name, version string, timeline, events []byte) scenario {
	t.Helper()
	s := scenario{name: name, version: version}
	var records []record
	in := bufio.NewScanner(bytes.NewReader(timeline))
	in.Buffer(nil, 16<<20)
	for in.Scan() {
		var r record
		if err := json.Unmarshal(in.Bytes(), &r); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		records = append(records, r)
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	used := usedObjects(records)
	s.used = used
	s.events = readEvents(t, name, events)
	for _, r := range records {
		switch {
		case strings.HasPrefix(r.Action, "observed:"):
		case r.Action != "":
			if i := len(s.steps) - 1; i >= 0 && len(s.steps[i].events) > 0 {
				s.steps[i].quiet = r.T - s.steps[i].events[len(s.steps[i].events)-1].T
			}
			s.steps = append(s.steps, step{action: r.Action})
		case !used[id(r.Object)]:
		case len(s.steps) == 0:
			s.setup = append(s.setup, r.Object)
		default:
			last := &s.steps[len(s.steps)-1]
			last.events = append(last.events, r)
		}
	}
	s.findWrites()
	return s
}

func readEvents(t *testing.T, name string, events []byte) []object {
	t.Helper()
	var out []object
	for line := range strings.Lines(string(events)) {
		var e object
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if inner, ok := e["object"].(object); ok {
			e = inner
		}
		out = append(out, e)
	}
	return out
}

// usedObjects are those that something happens to, or that others refer to;
// the rest are left over from an earlier scenario of the namespace.
func usedObjects(records []record) map[string]bool {
	used := map[string]bool{}
	for _, r := range records {
		if r.Object == nil {
			continue
		}
		if r.T >= 0 {
			used[id(r.Object)] = true
		}
		if at(r.Object, "metadata", "ownerReferences") != nil {
			used[id(r.Object)] = true
		}
		if name, ok := at(r.Object, "spec", "deploymentName").(string); ok {
			used["FlinkDeployment/"+name] = true
		}
		if name, ok := at(r.Object, "spec", "jobReference", "name").(string); ok && r.T >= 0 {
			used[at(r.Object, "spec", "jobReference", "kind").(string)+"/"+name] = true
		}
	}
	return used
}

// operatorMade matches the FlinkStateSnapshots that no client creates.
var operatorMade = regexp.MustCompile(`^(.*-(?:savepoint|checkpoint)-(?:upgrade|manual|periodic))-\d+$`)

// findWrites finds for each action the first change that only a client makes.
func (s *scenario) findWrites() {
	known := map[string]object{}
	for _, o := range s.setup {
		known[id(o)] = o
	}
	for i := range s.steps {
		st := &s.steps[i]
		for _, r := range st.events {
			before := known[id(r.Object)]
			known[id(r.Object)] = r.Object
			if st.write == nil {
				st.write = writeOf(before, r)
			}
		}
	}
}

func writeOf(before object, r record) *write {
	name, _ := at(r.Object, "metadata", "name").(string)
	switch {
	case operatorMade.MatchString(name):
		return nil
	case before == nil && r.Type == "ADDED":
		return &write{verb: "create", object: r.Object}
	case before == nil:
		return nil
	case r.Type == "DELETED" && r.Object["kind"] == "FlinkBlueGreenDeployment":
		// It goes at once.
		return &write{verb: "delete", object: r.Object}
	case at(before, "metadata", "deletionTimestamp") == nil && at(r.Object, "metadata", "deletionTimestamp") != nil:
		return &write{verb: "delete", object: r.Object}
	case !reflect.DeepEqual(before["spec"], r.Object["spec"]),
		r.Object["kind"] != "FlinkStateSnapshot" && !reflect.DeepEqual(at(before, "metadata", "labels"), at(r.Object, "metadata", "labels")):
		return &write{verb: "update", before: before, object: r.Object}
	case r.Object["kind"] == "FlinkBlueGreenDeployment" && !reflect.DeepEqual(at(before, "metadata", "annotations"), at(r.Object, "metadata", "annotations")):
		return &write{verb: "update", before: before, object: r.Object}
	}
	return nil
}

func id(o object) string {
	kind, _ := o["kind"].(string)
	name, _ := at(o, "metadata", "name").(string)
	return kind + "/" + name
}

func at(o object, path ...string) any {
	var v any = o
	for _, p := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[p]
	}
	return v
}

// view is what matters of one state of an object.
type view struct {
	Lifecycle, Reconciliation, Job, JobManager string
	Generation                                 string // none, behind or current
	Error                                      string // the exception's type
	Failures                                   string // of a snapshot
	Deleting, Finalizer                        bool
}

func viewOf(eventType string, o object) view {
	if eventType == "DELETED" {
		return view{Lifecycle: "gone"}
	}
	text := func(path ...string) string {
		v, _ := at(o, append([]string{"status"}, path...)...).(string)
		return v
	}
	v := view{
		Lifecycle: text("lifecycleState") + text("state"), Reconciliation: text("reconciliationStatus", "state"), Job: text("jobStatus", "state"),
		JobManager: text("jobManagerDeploymentStatus"), Error: errorType(text("error")), Deleting: at(o, "metadata", "deletionTimestamp") != nil,
		Finalizer: at(o, "metadata", "finalizers") != nil,
	}
	if o["kind"] == "FlinkStateSnapshot" {
		raw, _ := json.Marshal(at(o, "status", "failures"))
		v.Failures = string(raw)
		labels, _ := at(o, "metadata", "labels").(object)
		v.Reconciliation, _ = labels["snapshot.state"].(string)
		return v
	}
	if o["kind"] == "FlinkBlueGreenDeployment" {
		v.Lifecycle, v.JobManager, v.Generation = text("blueGreenState"), markers(o), templateSeen(o)
		return v
	}
	seen := number(at(o, "status", "observedGeneration"))
	if last := text("reconciliationStatus", "lastReconciledSpec"); last != "" && seen == 0 {
		var doc object
		if json.Unmarshal([]byte(last), &doc) == nil {
			seen = number(at(doc, "resource_metadata", "metadata", "generation"))
		}
	}
	switch {
	case seen == 0:
		v.Generation = "none"
	case seen < number(at(o, "metadata", "generation")):
		v.Generation = "behind"
	default:
		v.Generation = "current"
	}
	return v
}

func number(v any) int64 {
	switch n := v.(type) {
	case float64:
		return int64(n)
	case int64:
		return n
	}
	return 0
}

// errorType shortens an error to the name of its exception. Finding 46: one
// recorded resume had a passing failure to create the cluster, which says
// nothing about the operator.
func errorType(text string) string {
	var doc struct {
		Type    string `json:"type"`
		Message string `json:"message"`
	}
	switch {
	case text == "":
		return ""
	case json.Unmarshal([]byte(text), &doc) != nil:
		return text[:min(len(text), 40)]
	case strings.Contains(doc.Message, "ClusterDeploymentException"):
		return ""
	}
	return doc.Type[strings.LastIndex(doc.Type, ".")+1:]
}

// markers are what a blue/green transition leaves in the status.
func markers(o object) string {
	out := ""
	for _, name := range []string{"abortTimestamp", "deploymentReadyTimestamp", "savepointTriggerId"} {
		switch at(o, "status", name) {
		case nil:
		case "1970-01-01T00:00:00Z":
			out += name + " reset; "
		default:
			out += name + " set; "
		}
	}
	return out
}

// templateSeen compares the template of a blue/green deployment with its lastReconciledSpec.
func templateSeen(o object) string {
	text, _ := at(o, "status", "lastReconciledSpec").(string)
	if text == "" {
		return "none"
	}
	var seen object
	if json.Unmarshal([]byte(text), &seen) != nil {
		return "unreadable"
	}
	if reflect.DeepEqual(plainTemplate(seen), plainTemplate(o)) {
		return "current"
	}
	return "behind"
}

// plainTemplate is the spec in a template without what the operator adds to it.
func plainTemplate(o object) any {
	raw, err := json.Marshal(at(o, "spec", "template", "spec"))
	if err != nil {
		panic(err)
	}
	var spec object
	if err := json.Unmarshal(raw, &spec); err != nil {
		panic(err)
	}
	var prune func(m object)
	prune = func(m object) {
		for k, v := range m {
			list, isList := v.([]any)
			if inner, ok := v.(object); ok {
				prune(inner)
			}
			if v == nil || (isList && len(list) == 0) {
				delete(m, k)
			}
		}
	}
	prune(spec)
	if jm, ok := spec["jobManager"].(object); ok {
		delete(jm, "replicas")
	}
	if job, ok := spec["job"].(object); ok && job["state"] == "running" {
		delete(job, "state")
	}
	return spec
}

// essential reduces a sequence to what two runs of the same operator agree on.
// Finding 5: job CREATED, JobManager DEPLOYED_NOT_READY and a second UPGRADING
// state with JobManager MISSING may be skipped. Repeated flaps count once; since the
// client's write can fall anywhere into those of a failing first deployment, the
// generation does not count there.
func essential(seq []view) []view {
	var out []view
	for _, v := range seq {
		if v.Reconciliation == "UPGRADING" && v.Generation == "behind" {
			v.Generation = "current"
		}
		switch {
		case len(out) > 0 && out[len(out)-1] == v:
		case v.Job == "CREATED" && len(out) > 0 && out[len(out)-1].Job == "RUNNING":
			// Finding 17: a job whose pods were lost shows one or the other.
			v.Job = "RESTARTING"
			out = append(out, v)
		case v.Job == "CREATED", v.JobManager == "DEPLOYED_NOT_READY":
		case len(out) > 0 && v.Lifecycle == "UPGRADING" && out[len(out)-1].Lifecycle == "UPGRADING" && v.JobManager == "MISSING":
		default:
			out = append(out, v)
		}
	}
	for folded := true; folded; {
		folded = false
		for length := 1; length <= 4 && !folded; length++ {
			for i := 0; i+2*length <= len(out); i++ {
				if reflect.DeepEqual(out[i:i+length], out[i+length:i+2*length]) {
					out = append(out[:i+length], out[i+2*length:]...)
					folded = true
					break
				}
			}
		}
	}
	return out
}
