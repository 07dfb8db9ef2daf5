package vvp

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// specification reads a specification in JSON.
func specification(t *testing.T, text string) flink.DeploymentSpec {
	t.Helper()
	tree, err := flink.ParseTree([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	spec, err := flink.SpecOf(tree)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

func parsed(t *testing.T, text string) flink.Tree {
	t.Helper()
	tree, err := flink.ParseTree([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// translations are specifications with what they come to.
var translations = map[string]struct{ spec, deployment string }{
	"a job": {
		`{"image":"registry.example.com/shop/orders:1.4.0","flinkVersion":"v1_20","job":{"jarURI":"local:///opt/flink/usrlib/orders.jar","entryClass":"com.example.Orders","args":["--topic","orders","two words"],"parallelism":4,"state":"running","upgradeMode":"savepoint"},
		  "flinkConfiguration":{"taskmanager.numberOfTaskSlots":"2"},"jobManager":{"resource":{"cpu":0.5,"memory":"1g"}},"taskManager":{"replicas":2,"resource":{"cpu":1,"memory":"2Gi"}}}`,
		`{"state":"RUNNING","upgradeStrategy":{"kind":"STATEFUL"},"restoreStrategy":{"kind":"LATEST_STATE","allowNonRestoredState":false},"template":{"spec":{
		  "artifact":{"kind":"JAR","jarUri":"local:///opt/flink/usrlib/orders.jar","entryClass":"com.example.Orders","mainArgs":"--topic orders \"two words\"","flinkVersion":"1.20","flinkImageRegistry":"registry.example.com","flinkImageRepository":"shop/orders","flinkImageTag":"1.4.0"},
		  "parallelism":4,"numberOfTaskManagers":2,"resources":{"jobmanager":{"cpu":0.5,"memory":"1g"},"taskmanager":{"cpu":1,"memory":"2048m"}},"flinkConfiguration":{"taskmanager.numberOfTaskSlots":"2"}}}}`,
	},
	"without state": {
		`{"image":"orders:1","job":{"jarURI":"https://a/b.jar","state":"suspended","upgradeMode":"stateless"}}`,
		`{"state":"SUSPENDED","upgradeStrategy":{"kind":"STATELESS"},"restoreStrategy":{"kind":"NONE"},"template":{"spec":{"artifact":{"kind":"JAR","jarUri":"https://a/b.jar","flinkImageRegistry":"docker.io","flinkImageRepository":"library/orders","flinkImageTag":"1"}}}}`,
	},
	"the last state, cancelled": {
		`{"job":{"jarURI":"a.jar","state":"cancelled","upgradeMode":"last-state","allowNonRestoredState":true},"restartNonce":7}`,
		`{"state":"CANCELLED","upgradeStrategy":{"kind":"STATELESS"},"restoreStrategy":{"kind":"LATEST_STATE","allowNonRestoredState":true},"template":{"metadata":{"annotations":{"flink-terraform.io/restart":"7"}},"spec":{"artifact":{"kind":"JAR","jarUri":"a.jar"}}}}`,
	},
	"in session mode": {
		`{"deploymentName":"shared","job":{"jarURI":"a.jar","parallelism":1}}`,
		`{"sessionClusterName":"shared","state":"RUNNING","upgradeStrategy":{"kind":"STATELESS"},"restoreStrategy":{"kind":"NONE"},"template":{"spec":{"artifact":{"kind":"JAR","jarUri":"a.jar"},"parallelism":1}}}`,
	},
	"pods and an account": {
		`{"serviceAccount":"flink","podTemplate":{"spec":{"nodeName":"a"}},"job":{"jarURI":"a.jar"}}`,
		`{"state":"RUNNING","upgradeStrategy":{"kind":"STATELESS"},"restoreStrategy":{"kind":"NONE"},"template":{"spec":{"artifact":{"kind":"JAR","jarUri":"a.jar"},"kubernetes":{
		  "jobManagerPodTemplate":{"spec":{"nodeName":"a","serviceAccountName":"flink"}},"taskManagerPodTemplate":{"spec":{"nodeName":"a","serviceAccountName":"flink"}}}}}}`,
	},
	"pods of each component over common ones": {
		`{"podTemplate":{"spec":{"nodeName":"a"}},"jobManager":{"podTemplate":{"metadata":{"labels":{"b":"c"}}}},"job":{"jarURI":"a.jar"}}`,
		`{"state":"RUNNING","upgradeStrategy":{"kind":"STATELESS"},"restoreStrategy":{"kind":"NONE"},"template":{"spec":{"artifact":{"kind":"JAR","jarUri":"a.jar"},"kubernetes":{
		  "jobManagerPodTemplate":{"metadata":{"labels":{"b":"c"}},"spec":{"nodeName":"a"}},"taskManagerPodTemplate":{"spec":{"nodeName":"a"}}}}}}`,
	},
	"its own words": {
		`{"job":{"parallelism":1},"ververica":{"maxJobCreationAttempts":2,"maxSavepointCreationAttempts":3,"jobFailureExpirationTime":"1h","deploymentTarget":"eu","deploymentTemplate":{"spec":{"artifact":{"kind":"SQLSCRIPT","sqlScript":"INSERT INTO a SELECT 1"}}}}}`,
		`{"maxJobCreationAttempts":2,"maxSavepointCreationAttempts":3,"jobFailureExpirationTime":"1h","deploymentTargetName":"eu","state":"RUNNING","upgradeStrategy":{"kind":"STATELESS"},"restoreStrategy":{"kind":"NONE"},
		  "template":{"spec":{"parallelism":1,"artifact":{"kind":"SQLSCRIPT","sqlScript":"INSERT INTO a SELECT 1"}}}}`,
	},
	"a savepoint to start from": {
		`{"job":{"jarURI":"a.jar","initialSavepointPath":"s3://a/1"}}`,
		`{"state":"RUNNING","upgradeStrategy":{"kind":"STATELESS"},"restoreStrategy":{"kind":"NONE"},"template":{"spec":{"artifact":{"kind":"JAR","jarUri":"a.jar"}}}}`,
	},
	"an image that is written out": {
		`{"image":"docker.io/library/orders:1","job":{"jarURI":"a.jar"}}`,
		`{"state":"RUNNING","upgradeStrategy":{"kind":"STATELESS"},"restoreStrategy":{"kind":"NONE"},"template":{"spec":{"artifact":{"kind":"JAR","jarUri":"a.jar","flinkImageRegistry":"docker.io","flinkImageRepository":"library/orders","flinkImageTag":"1"}}}}`,
	},
}

// TestTranslation goes both ways: what comes back is what was said, also after the server has
// filled in its defaults.
func TestTranslation(t *testing.T) {
	t.Parallel()
	filled := parsed(t, `{"maxJobCreationAttempts":4,"template":{"spec":{"parallelism":1,"artifact":{"flinkVersion":"1.19","flinkImageTag":"server"},"logging":{"loggingProfile":"default","log4j2ConfigurationTemplate":null},"flinkConfiguration":{"state.backend":"rocksdb"}}}}`)
	for name, test := range translations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := specification(t, test.spec)
			sent, err := Spec(spec)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(parsed(t, test.deployment), sent); diff != "" {
				t.Errorf("the Deployment (-want +got):\n%s", diff)
			}
			said, err := Said(spec)
			if err != nil {
				t.Fatal(err)
			}
			deployment := flink.Tree{"metadata": flink.Tree{"annotations": flink.Tree{AnnotationSaid: said}}, "spec": flink.Overlay(filled, nil, sent)}
			applied := parsed(t, test.spec)
			if back := flink.Observe(applied, Back(deployment)); !flink.Equal(applied, back) {
				t.Errorf("what comes back differs: %s", cmp.Diff(applied, back))
			}
		})
	}
}

// TestDrift finds each value that somebody changes on the server.
func TestDrift(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ of, change, path string }{
		"a configuration":  {"a job", `{"template":{"spec":{"flinkConfiguration":{"taskmanager.numberOfTaskSlots":"3"}}}}`, `flink_configuration["taskmanager.numberOfTaskSlots"]`},
		"the tag":          {"a job", `{"template":{"spec":{"artifact":{"flinkImageTag":"2"}}}}`, "image"},
		"an argument":      {"a job", `{"template":{"spec":{"artifact":{"mainArgs":"--topic other"}}}}`, "job.args"},
		"the state":        {"a job", `{"state":"CANCELLED"}`, "job.state"},
		"the strategy":     {"a job", `{"upgradeStrategy":{"kind":"NONE"}}`, "upgrade.mode"},
		"the memory":       {"a job", `{"template":{"spec":{"resources":{"taskmanager":{"memory":"4g"}}}}}`, "task_manager.resource.memory"},
		"a pod":            {"pods of each component over common ones", `{"template":{"spec":{"kubernetes":{"jobManagerPodTemplate":{"spec":{"nodeName":"b"}}}}}}`, "pod_template"},
		"the written out":  {"an image that is written out", `{"template":{"spec":{"artifact":{"flinkImageTag":"2"}}}}`, "image"},
		"its own words":    {"its own words", `{"template":{"spec":{"artifact":{"sqlScript":"SELECT 2"}}}}`, "ververica.deployment_template"},
		"its own attempts": {"its own words", `{"maxJobCreationAttempts":9}`, "ververica.max_job_creation_attempts"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			applied := parsed(t, translations[test.of].spec)
			spec := specification(t, translations[test.of].spec)
			sent, err := Spec(spec)
			if err != nil {
				t.Fatal(err)
			}
			said, err := Said(spec)
			if err != nil {
				t.Fatal(err)
			}
			live := flink.Overlay(sent, nil, parsed(t, test.change))
			seen := flink.Observe(applied, Back(flink.Tree{"metadata": flink.Tree{"annotations": flink.Tree{AnnotationSaid: said}}, "spec": live}))
			changes := flink.Diff(applied, seen)
			if !slices.ContainsFunc(changes, func(c flink.Change) bool { return strings.HasPrefix(c.Path.Attribute(), test.path) }) {
				t.Errorf("the drift is %v, and %s is not in it", changes, test.path)
			}
		})
	}
}

// TestImported leaves out what the server fills in, and has in the platform's own words what no
// attribute has.
func TestImported(t *testing.T) {
	t.Parallel()
	defaults := parsed(t, `{"maxJobCreationAttempts":4,"upgradeStrategy":{"kind":"STATEFUL"},"restoreStrategy":{"kind":"LATEST_STATE"},"template":{"spec":{"resources":{"jobmanager":{"cpu":1,"memory":"1G"}},"flinkConfiguration":{"state.backend":"rocksdb"}}}}`)
	own := parsed(t, `{"state":"RUNNING","deploymentTargetName":"prod","template":{"spec":{"parallelism":2,"flinkConfiguration":{"a":"b"},"logging":{"loggingProfile":"default"},"artifact":{"kind":"JAR","jarUri":"a.jar","flinkVersion":"1.20","additionalDependencies":["b.jar"]}}}}`)
	got := Imported(flink.Tree{"spec": flink.Overlay(defaults, nil, own)}, defaults)
	want := parsed(t, `{"flinkVersion":"v1_20","flinkConfiguration":{"a":"b"},"job":{"jarURI":"a.jar","parallelism":2,"state":"running","upgradeMode":"savepoint"},
	  "ververica":{"deploymentTarget":"prod","deploymentTemplate":{"spec":{"logging":{"loggingProfile":"default"},"artifact":{"additionalDependencies":["b.jar"]}}}}}`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestOverlay keeps what others have, takes out what is not wanted any more, and changes
// nothing that it is given.
func TestOverlay(t *testing.T) {
	t.Parallel()
	live := parsed(t, `{"a":{"theirs":1,"ours":2,"gone":3},"list":[1,2],"lone":{"ours":1},"newer":{"field":true}}`)
	before, _ := json.Marshal(live)
	got := flink.Overlay(live, parsed(t, `{"a":{"ours":2,"gone":3},"lone":{"ours":1}}`), parsed(t, `{"a":{"ours":4},"list":[3]}`))
	if diff := cmp.Diff(parsed(t, `{"a":{"theirs":1,"ours":4},"list":[3],"newer":{"field":true}}`), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if after, _ := json.Marshal(live); !bytes.Equal(after, before) {
		t.Errorf("the live document has become %s", after)
	}
	patch := flink.MergePatch(live, got)
	if diff := cmp.Diff(flink.Tree{"a": flink.Tree{"ours": json.Number("4"), "gone": nil}, "list": []any{json.Number("3")}, "lone": nil}, patch); diff != "" {
		t.Errorf("the patch (-want +got):\n%s", diff)
	}
}
