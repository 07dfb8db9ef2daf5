package flink

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// traceFolders returns the folders of recorded timelines beside the repository,
// none when they are not there.
func traceFolders(t *testing.T) []string {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(root)
		if parent == root {
			t.Fatal("no go.mod above the test")
		}
		root = parent
	}
	folders, err := filepath.Glob(filepath.Join(root, "..", "shared", "upstream", "flink-operator", "traces", "*", "."))
	if err != nil {
		t.Fatal(err)
	}
	return folders
}

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

	folders := traceFolders(t)
	if len(folders) == 0 {
		t.Log("no recorded timelines beside the repository: only the one in this test was checked")
	}
	compared := 0
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			// The children of a blue/green deployment are changed by its controller.
			name := filepath.Base(file)
			if !strings.HasSuffix(name, ".events.jsonl") && !strings.HasPrefix(name, "bluegreen") {
				compared += checkTimeline(t, file)
			}
		}
	}
	if len(folders) > 0 && compared < 400 {
		t.Errorf("only %d specifications of the recorded timelines were compared", compared)
	}
}

// checkTimeline compares each specification of a timeline with the first one that
// follows the client's last action, and returns how many there were.
func checkTimeline(t *testing.T, file string) int {
	t.Helper()
	input, err := os.Open(file)
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
