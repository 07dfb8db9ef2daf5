package flink

import (
	"bufio"
	"encoding/json"
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/timelines"
)

// traceLine is a line of a recorded timeline: what the client did, or what the
// API server then had.
type traceLine struct {
	Action string `json:"action"`
	Object *struct {
		Kind     string `json:"kind"`
		Metadata struct {
			Name string `json:"name"`
		} `json:"metadata"`
		Spec json.RawMessage `json:"spec"`
	} `json:"object"`
}

// rewritten is what operator 1.7.0 made of a specification when it added its
// finalizer (finding 44 of the recorded timelines).
const rewritten = `{"applied": {"job": {"jarURI": "local:///a.jar", "parallelism": 1}, "jobManager": {"resource": {"cpu": 0.1, "memory": "1024m"}},
	"podTemplate": {"spec": {"containers": [{"name": "flink-main-container"}]}}},
"live": {"job": {"args": [], "jarURI": "local:///a.jar", "parallelism": 1}, "jobManager": {"replicas": 1, "resource": {"cpu": 0.1, "memory": "1024m"}},
	"podTemplate": {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "flink-main-container"}]}}}}`

// Finding 44: operator 1.7.0 rewrites the specification without being asked. It
// must not look like drift. Whatever an operator does between two actions of the
// client, the first specification after an action is what was applied.
func TestOperatorsRewritingIsNoDrift(t *testing.T) {
	pair, err := ParseTree([]byte(rewritten))
	if err != nil {
		t.Fatal(err)
	}
	noDrift(t, "finding 44", pair["applied"].(Tree), pair["live"].(Tree))

	recordings, err := timelines.Files()
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Glob(recordings, "*/*.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, file := range files {
		// The children of a blue/green deployment are changed by its controller.
		name := path.Base(file)
		if !strings.HasSuffix(name, ".events.jsonl") && !strings.HasPrefix(name, "bluegreen") {
			compared += checkTimeline(t, recordings, file)
		}
	}
	if compared < 400 {
		t.Errorf("only %d specifications of the recorded timelines were compared", compared)
	}
}

// checkTimeline compares each specification of a timeline with the first one that
// follows the client's last action, and returns how many there were.
func checkTimeline(t *testing.T, recordings fs.FS, file string) int {
	t.Helper()
	input, err := recordings.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer input.Close()
	compared := 0
	applied := map[string]Tree{}
	scanner := bufio.NewScanner(input)
	scanner.Buffer(nil, 16<<20)
	for scanner.Scan() {
		var line traceLine
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if line.Action != "" {
			clear(applied)
			continue
		}
		if line.Object == nil || line.Object.Kind != "FlinkDeployment" {
			continue
		}
		live, err := ParseTree(line.Object.Spec)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		name := line.Object.Metadata.Name
		if applied[name] == nil {
			applied[name] = live
			continue
		}
		noDrift(t, file, applied[name], live)
		compared++
	}
	if err := scanner.Err(); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return compared
}

func noDrift(t *testing.T, where string, applied, live Tree) {
	t.Helper()
	if changes := Diff(applied, Observe(applied, live)); len(changes) > 0 {
		t.Errorf("%s: drift where nobody changed anything: %v", where, changes)
	}
}
