package planner_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// diffType is the operator's classification of a changed field, as operatorsFields
// writes it down a second time, independent of effectOf.
type diffType int

const (
	diffIgnore diffType = iota
	diffScale
	diffUpgrade
)

// field is one value of a specification. Its first choice is to leave it out.
type field struct {
	name               string
	choices            []edit
	native, standalone diffType
	// object is the object that the value stands in; it counts only while the
	// object is there before and after.
	object string
	// gone is what the operator does when the value is taken away, where that
	// is another thing than a change.
	gone *diffType
}

// operatorsFields is the operator's table of annotations (SpecDiff) by field.
var operatorsFields = []field{
	{name: "image", choices: []edit{image("other:1"), image("other:2")}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "imagePullPolicy", choices: []edit{func(s *flink.DeploymentSpec) { s.ImagePullPolicy = new("Always") }}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "serviceAccount", choices: []edit{func(s *flink.DeploymentSpec) { s.ServiceAccount = new("other") }}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "flinkVersion", choices: []edit{version("v1_17"), version("v2_0")}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "ingress", choices: []edit{func(s *flink.DeploymentSpec) { s.Ingress = &flink.Ingress{Template: new("{{name}}")} }}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "podTemplate", choices: []edit{nodeName("a"), nodeName("b")}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "savepointSchedule", choices: []edit{func(s *flink.DeploymentSpec) {
		s.SavepointSchedule = flink.Document{"cronExpression": "0 0 3 * * *"}
	}}, native: diffIgnore, standalone: diffIgnore},
	{name: "logConfiguration", choices: []edit{func(s *flink.DeploymentSpec) { s.LogConfiguration = map[string]string{"log4j-console.properties": "a"} }}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "restartNonce", choices: []edit{nonce(3), nonce(4)}, native: diffUpgrade, standalone: diffUpgrade, gone: new(diffIgnore)},

	{name: "jobManager", choices: []edit{func(s *flink.DeploymentSpec) { s.JobManager = &flink.JobManager{} }}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "jobManager.replicas", object: "jobManager", choices: []edit{func(s *flink.DeploymentSpec) { s.JobManager.Replicas = new(int64(2)) }}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "jobManager.resource", object: "jobManager", choices: []edit{func(s *flink.DeploymentSpec) { s.JobManager.Resource = &flink.Resource{Memory: new("3g")} }}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "jobManager.resources", object: "jobManager", choices: []edit{func(s *flink.DeploymentSpec) {
		s.JobManager.Resources = &flink.Resources{Limits: flink.Amounts{"memory": "5Gi"}}
	}}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "jobManager.podTemplate", object: "jobManager", choices: []edit{func(s *flink.DeploymentSpec) {
		s.JobManager.PodTemplate = flink.Document{"spec": map[string]any{"nodeName": "c"}}
	}}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "taskManager", choices: []edit{func(s *flink.DeploymentSpec) { s.TaskManager = &flink.TaskManager{} }}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "taskManager.replicas", object: "taskManager", choices: []edit{taskManagers(2), taskManagers(4)}, native: diffUpgrade, standalone: diffScale},
	{name: "taskManager.resource", object: "taskManager", choices: []edit{func(s *flink.DeploymentSpec) { s.TaskManager.Resource = &flink.Resource{CPU: new(2.0)} }}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "taskManager.resources", object: "taskManager", choices: []edit{func(s *flink.DeploymentSpec) {
		s.TaskManager.Resources = &flink.Resources{Requests: flink.Amounts{"cpu": "3"}}
	}}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "taskManager.podTemplate", object: "taskManager", choices: []edit{func(s *flink.DeploymentSpec) {
		s.TaskManager.PodTemplate = flink.Document{"spec": map[string]any{"nodeName": "c"}}
	}}, native: diffUpgrade, standalone: diffUpgrade},

	{name: "job.parallelism", object: "job", choices: []edit{parallelism(4), parallelism(8)}, native: diffUpgrade, standalone: diffScale},
	{name: "job.jarURI", object: "job", choices: []edit{func(s *flink.DeploymentSpec) { s.Job.JarURI = new("local:///other.jar") }}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "job.entryClass", object: "job", choices: []edit{func(s *flink.DeploymentSpec) { s.Job.EntryClass = new("com.example.Main") }}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "job.args", object: "job", choices: []edit{func(s *flink.DeploymentSpec) { s.Job.Args = []string{"--other"} }}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "job.allowNonRestoredState", object: "job", choices: []edit{func(s *flink.DeploymentSpec) { s.Job.AllowNonRestoredState = new(true) }}, native: diffIgnore, standalone: diffIgnore},

	{name: "kubernetes.operator.*", choices: []edit{config("kubernetes.operator.savepoint.history.max.count", "5"), config("kubernetes.operator.job.savepoint-on-deletion", "true")}, native: diffIgnore, standalone: diffIgnore},
	{name: "the prefix alone", choices: []edit{config("kubernetes.operators-own", "a")}, native: diffIgnore, standalone: diffIgnore},
	{name: "kubernetes.*", choices: []edit{config("kubernetes.rest-service.exposed.type", "ClusterIP")}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "job.autoscaler.*", choices: []edit{config("job.autoscaler.enabled", "true"), config("job.autoscaler.metrics.window", "5 m")}, native: diffIgnore, standalone: diffIgnore},
	{name: "parallelism.default", choices: []edit{config("parallelism.default", "7"), config("parallelism.default", "8")}, native: diffIgnore, standalone: diffIgnore},
	{name: "overrides", choices: []edit{config(keyOverridesOfOperator, "a:2"), config(keyOverridesOfOperator, "a:3")}, native: diffScale, standalone: diffUpgrade},
	{name: "taskmanager.memory.network.fraction", choices: []edit{config("taskmanager.memory.network.fraction", "0.2"), config("taskmanager.memory.network.fraction", "0.3")}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "slots", choices: []edit{config("taskmanager.numberOfTaskSlots", "4")}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "high availability", choices: []edit{without("high-availability.type")}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "savepoint directory", choices: []edit{without("state.savepoints.dir")}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "checkpoint directory", choices: []edit{config("state.checkpoints.dir", "s3://elsewhere")}, native: diffUpgrade, standalone: diffUpgrade},
	{name: "secret", choices: []edit{config("s3.secret-key", "planted"), config("s3.secret-key", "planted too")}, native: diffUpgrade, standalone: diffUpgrade},
}

const keyOverridesOfOperator = "pipeline.jobvertex-parallelism-overrides"

func nodeName(name string) edit {
	return func(s *flink.DeploymentSpec) {
		s.PodTemplate = flink.Document{"spec": map[string]any{"nodeName": name}}
	}
}

// drawn are the choices of the fields of one specification, by name; 0 is to
// leave the field out.
type drawn map[string]int

// draw chooses values for two specifications, of which few differ, so that the
// rarer actions come up as well.
func draw(r *rand.Rand) (before, after drawn) {
	before, after = drawn{}, drawn{}
	for _, f := range operatorsFields {
		before[f.name] = max(0, r.IntN(len(f.choices)+3)-2)
		after[f.name] = before[f.name]
		if r.IntN(len(operatorsFields)) < 2 {
			after[f.name] = r.IntN(len(f.choices) + 1)
		}
	}
	// Objects are there more often than not.
	for _, object := range []string{"jobManager", "taskManager"} {
		before[object] = 1
		if r.IntN(8) == 0 {
			before[object] = 0
		}
		if after[object] = before[object]; r.IntN(20) == 0 {
			after[object] = 1 - before[object]
		}
	}
	return before, after
}

// spec returns the specification of some choices; job tells whether it has one.
func (d drawn) spec(job bool) flink.DeploymentSpec {
	out := orders()
	out.JobManager, out.TaskManager = nil, nil
	for _, f := range operatorsFields {
		if choice := d[f.name]; choice > 0 && (f.object != "job" || job) && (f.object == "" || f.object == "job" || d[f.object] > 0) {
			f.choices[choice-1](&out)
		}
	}
	if !job {
		out.Job = nil
	}
	return out
}

// differences returns what the operator finds to do about the fields that
// differ, and which they are.
func differences(before, after drawn, standalone, job, blueGreen bool) (strongest diffType, changed []string) {
	for _, f := range operatorsFields {
		was, will := before[f.name], after[f.name]
		if f.object == "job" && !job || f.object != "" && f.object != "job" && (before[f.object] == 0 || after[f.object] == 0) {
			// Without the object on both sides, its own coming or going counts.
			continue
		}
		if was == will {
			continue
		}
		changed = append(changed, f.name)
		kind := f.native
		if standalone {
			kind = f.standalone
		}
		if will == 0 && f.gone != nil {
			kind = *f.gone
		}
		if f.name == "ingress" && blueGreen {
			// It leads to whichever color is active.
			kind = diffIgnore
		}
		strongest = max(strongest, kind)
	}
	return strongest, changed
}

// elsewhere are the fields that operatorsFields has no row of, with why.
var elsewhere = map[string]string{
	"deploymentName":           "says which kind of object it is",
	"mode":                     "is changed by no update (plan_recreate_test.go)",
	"flinkConfiguration":       "has rows for its keys",
	"job":                      "has rows for its fields",
	"job.state":                "stops and starts the job",
	"job.upgradeMode":          "is no change by itself",
	"job.initialSavepointPath": "counts only with a redeployment",

	"ververica":                              "is none of the operator's",
	"ververica.maxJobCreationAttempts":       "is none of the operator's",
	"ververica.maxSavepointCreationAttempts": "is none of the operator's",
	"ververica.jobFailureExpirationTime":     "is none of the operator's",
	"ververica.deploymentTarget":             "is none of the operator's",
	"ververica.deploymentTemplate":           "is none of the operator's",
}

// TestEveryFieldHasAnEffect finds fields of which nobody has said what the operator
// does when they change.
func TestEveryFieldHasAnEffect(t *testing.T) {
	t.Parallel()
	var fields []string
	var walk func(of reflect.Type, below string)
	walk = func(of reflect.Type, below string) {
		for field := range of.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			fields = append(fields, below+name)
			if inner := field.Type; below == "" && inner.Kind() == reflect.Pointer && inner.Elem().Kind() == reflect.Struct && name != "ingress" {
				walk(inner.Elem(), name+".")
			}
		}
	}
	walk(reflect.TypeFor[flink.DeploymentSpec](), "")
	for _, name := range fields {
		row := slices.ContainsFunc(operatorsFields, func(f field) bool { return f.name == name })
		if row == (elsewhere[name] != "") {
			t.Errorf("%s has a row in operatorsFields: %t, elsewhere: %q", name, row, elsewhere[name])
		}
	}
	for name := range elsewhere {
		if !slices.Contains(fields, name) {
			t.Errorf("there is no field %s", name)
		}
	}
}
