package flink_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// What the custom resource definitions of operator 1.13 and later allow, in the
// shapes that people write.
func TestSpecOfWhatTheDefinitionAllows(t *testing.T) {
	for name, test := range map[string]struct{ wire, want string }{
		"number": {
			`{"flinkConfiguration":{"taskmanager.numberOfTaskSlots":2,"web.port":8081}}`,
			`{"flinkConfiguration":{"taskmanager.numberOfTaskSlots":"2","web.port":"8081"}}`,
		},
		"fraction":    {`{"flinkConfiguration":{"a":0.30,"b":1}}`, `{"flinkConfiguration":{"a":"0.3","b":"1"}}`},
		"all digits":  {`{"flinkConfiguration":{"a":12345678901234567890}}`, `{"flinkConfiguration":{"a":"12345678901234567890"}}`},
		"boolean":     {`{"flinkConfiguration":{"execution.checkpointing.unaligned":true}}`, `{"flinkConfiguration":{"execution.checkpointing.unaligned":"true"}}`},
		"nested":      {`{"flinkConfiguration":{"state":{"savepoints.dir":"s3://b/s","backend":{"type":"rocksdb"}},"a":1}}`, `{"flinkConfiguration":{"a":"1","state.backend.type":"rocksdb","state.savepoints.dir":"s3://b/s"}}`},
		"list":        {`{"flinkConfiguration":{"pipeline.jars":["a.jar","b.jar"]}}`, `{"flinkConfiguration":{"pipeline.jars":"a.jar;b.jar"}}`},
		"null":        {`{"flinkConfiguration":{"a":null,"b":{"c":null,"d":1}}}`, `{"flinkConfiguration":{"a":null,"b.c":null,"b.d":"1"}}`},
		"texts alone": {`{"flinkConfiguration":{"a":"1","b":null}}`, `{"flinkConfiguration":{"a":"1","b":null}}`},
		"empty":       {`{"flinkConfiguration":{}}`, `{}`},
		"absent":      {`{"flinkConfiguration":null}`, `{}`},
		"amounts":     {`{"taskManager":{"resources":{"requests":{"cpu":1,"memory":"2Gi","nvidia.com/gpu":null},"limits":{"cpu":2}}}}`, `{"taskManager":{"resources":{"requests":{"cpu":"1","memory":"2Gi"},"limits":{"cpu":"2"}}}}`},
		"size":        {`{"jobManager":{"resource":{"cpu":1,"memory":"2048m","ephemeralStorage":"1Gi"}}}`, `{"jobManager":{"resource":{"cpu":1,"memory":"2048m","ephemeralStorage":"1Gi"}}}`},
		"bytes":       {`{"jobManager":{"resource":{"cpu":0.5,"memory":2147483648}}}`, `{"jobManager":{"resource":{"cpu":0.5,"memory":"2147483648"}}}`},
		"pod":         {`{"podTemplate":{"spec":{"priority":2000001000,"terminationGracePeriodSeconds":9007199254740993}}}`, `{"podTemplate":{"spec":{"priority":2000001000,"terminationGracePeriodSeconds":9007199254740993}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			tree, err := flink.ParseTree([]byte(test.wire))
			if err != nil {
				t.Fatal(err)
			}
			spec, err := flink.SpecOf(tree)
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(spec)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(sorted(t, test.want), sorted(t, string(text))); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
			if !flink.Equal(tree, decoded(t, text)) {
				t.Errorf("%s reads as another specification than %s", text, test.wire)
			}
		})
	}
}

func TestSpecOfWhatTheDefinitionRefuses(t *testing.T) {
	for wire, want := range map[string]string{
		`{"flinkConfiguration":"a: b"}`:                               "a Flink configuration is an object, not a string",
		`{"flinkConfiguration":[{"name":"a"}]}`:                       "a Flink configuration is an object, not a list",
		`{"taskManager":{"resources":{"limits":{"cpu":[1]}}}}`:        "a string or a number is expected, not a list",
		`{"taskManager":{"resource":{"memory":{"size":"1g"}}}}`:       "a string or a number is expected, not an object",
		`{"taskManager":{"resource":{"cpu":"one"}}}`:                  "one",
		`{"job":{"parallelism":"2"}}`:                                 "parallelism",
		`{"taskManager":{"resources":{"requests":["cpu","memory"]}}}`: "array",
	} {
		if _, err := flink.SpecOf(decoded(t, []byte(wire))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v, want one with %q", wire, err, want)
		}
	}
}

// One numeric key must not hide the others from whoever asks for one.
func TestConfigurationOfASpecification(t *testing.T) {
	spec := decoded(t, []byte(`{"flinkConfiguration":{"taskmanager.numberOfTaskSlots":2,"state":{"savepoints.dir":"s3://b/s","checkpoints.dir":"s3://b/c"},"high-availability":{"type":"kubernetes"}}}`))
	config := flink.ConfigurationOf(spec)
	if got := flink.SavepointDirectory(config); got != "s3://b/s" {
		t.Errorf("the savepoint directory is %q", got)
	}
	if got := flink.CheckpointDirectory(config); got != "s3://b/c" {
		t.Errorf("the checkpoint directory is %q", got)
	}
	if !flink.HasHighAvailability(config) {
		t.Error("high availability is not seen")
	}
	if got := flink.ConfigurationOf(nil); len(got) != 0 {
		t.Errorf("a specification without configuration has %v", got)
	}
}

func decoded(t *testing.T, text []byte) flink.Tree {
	t.Helper()
	tree, err := flink.ParseTree(text)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// sorted is JSON with its keys in order.
func sorted(t *testing.T, text string) string {
	t.Helper()
	out, err := json.Marshal(decoded(t, []byte(text)))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
