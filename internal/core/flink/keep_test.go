package flink

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestKeep(t *testing.T) {
	for name, test := range map[string]struct{ from, to, want string }{
		"a size in other words":         {`{"taskManager":{"resource":{"memory":"2g"}}}`, `{"taskManager":{"resource":{"memory":"2048m"}}}`, `{"taskManager":{"resource":{"memory":"2g"}}}`},
		"beside a change":               {`{"image":"a","taskManager":{"resource":{"memory":"2g"}}}`, `{"image":"b","taskManager":{"resource":{"memory":"2048m"}}}`, `{"image":"b","taskManager":{"resource":{"memory":"2g"}}}`},
		"an old key and its value":      {`{"flinkConfiguration":{"state.checkpoints.dir":"s3://a","x.y":"1"}}`, `{"flinkConfiguration":{"execution.checkpointing.dir":"s3://a","x.y":"2"}}`, `{"flinkConfiguration":{"state.checkpoints.dir":"s3://a","x.y":"2"}}`},
		"a key with another value":      {`{"flinkConfiguration":{"state.checkpoints.dir":"s3://a"}}`, `{"flinkConfiguration":{"execution.checkpointing.dir":"s3://b"}}`, `{"flinkConfiguration":{"execution.checkpointing.dir":"s3://b"}}`},
		"a nested configuration":        {`{"flinkConfiguration":{"a":{"b":12345678.5,"c":[1,2]}}}`, `{"flinkConfiguration":{"a.b":"1.23456785E7","a.c":"1;2"}}`, `{"flinkConfiguration":{"a":{"b":12345678.5,"c":[1,2]}}}`},
		"beside a nested configuration": {`{"flinkConfiguration":{"a":{"b":0.0005,"c":[]}}}`, `{"flinkConfiguration":{"a.b":"5.0E-4","x":"1"}}`, `{"flinkConfiguration":{"a.b":"5.0E-4","x":"1"}}`},
		"a quantity in other words":     {`{"taskManager":{"resources":{"requests":{"memory":"2Gi"}}}}`, `{"taskManager":{"resources":{"requests":{"memory":"2048Mi"}}}}`, `{"taskManager":{"resources":{"requests":{"memory":"2Gi"}}}}`},
		"another quantity of one size":  {`{"taskManager":{"resources":{"requests":{"memory":"2G"}}}}`, `{"taskManager":{"resources":{"requests":{"memory":"2Gi"}}}}`, `{"taskManager":{"resources":{"requests":{"memory":"2Gi"}}}}`},
		"what is gone stays gone":       {`{"image":"a","mode":"native"}`, `{"image":"a"}`, `{"image":"a"}`},
		"a nonce that nobody replaces":  {`{"image":"a","restartNonce":9007199254740993}`, `{"image":"b"}`, `{"image":"b","restartNonce":9007199254740993}`},
		"a nonce that is replaced":      {`{"restartNonce":1}`, `{"restartNonce":2}`, `{"restartNonce":2}`},
		"what is new is there":          {`{"image":"a"}`, `{"image":"a","job":{"args":["x"]}}`, `{"image":"a","job":{"args":["x"]}}`},
		"a pod template of one meaning": {`{"podTemplate":{"apiVersion":"v1","kind":"Pod","spec":{"a":1}}}`, `{"podTemplate":{"spec":{"a":1}}}`, `{"podTemplate":{"apiVersion":"v1","kind":"Pod","spec":{"a":1}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := json.Marshal(Keep(parsed(t, test.from), parsed(t, test.to)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Error(diff)
			}
			for _, change := range Diff(parsed(t, string(got)), parsed(t, test.to)) {
				if change.New != nil || !slices.Equal(change.Path, Path{restartNonce}) {
					t.Errorf("Keep changed the meaning: %v", change)
				}
			}
		})
	}
}

func parsed(t *testing.T, text string) Tree {
	t.Helper()
	tree, err := ParseTree([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}
