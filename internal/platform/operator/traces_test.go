package operator

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// recorded is one version of one object in a recorded timeline.
type recorded struct {
	// at is in seconds since the first write of the scenario.
	at     float64
	object *unstructured.Unstructured
	status Status
}

// track is all versions of one object; another object of the same name has
// another track.
type track struct {
	file, name string
	versions   []recorded
}

// tracesDir returns the folder of the recorded timelines, which lies beside the
// repository, or "" where it is absent.
func tracesDir(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	root := ""
	for dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			root = dir
		}
		dir = filepath.Dir(dir)
	}
	traces := filepath.Join(root, "..", "shared", "upstream", "flink-operator", "traces")
	if _, err := os.Stat(traces); err != nil {
		return ""
	}
	return traces
}

// change is a line of a timeline that is no write of the client's.
type change struct {
	at      float64
	deleted bool
	object  *unstructured.Unstructured
}

// readChanges reads the changes of a timeline.
func readChanges(t *testing.T, file string) []change {
	t.Helper()
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var changes []change
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			T      float64         `json:"t"`
			Type   string          `json:"type"`
			Object json.RawMessage `json:"object"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		if line.Object == nil {
			continue
		}
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON(line.Object); err != nil {
			t.Fatal(err)
		}
		changes = append(changes, change{line.T, line.Type == "DELETED", object})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return changes
}

// readTracks reads the FlinkDeployments and FlinkSessionJobs of a timeline.
func readTracks(t *testing.T, dir, file string) []*track {
	t.Helper()
	byUID := map[string]*track{}
	var tracks []*track
	for _, c := range readChanges(t, filepath.Join(dir, file)) {
		if c.object.GetKind() != "FlinkDeployment" && c.object.GetKind() != "FlinkSessionJob" {
			continue
		}
		uid := string(c.object.GetUID())
		if byUID[uid] == nil {
			byUID[uid] = &track{file: strings.TrimSuffix(file, ".jsonl"), name: c.object.GetName()}
			tracks = append(tracks, byUID[uid])
		}
		byUID[uid].versions = append(byUID[uid].versions, recorded{c.at, c.object, StatusOf(c.object)})
	}
	return tracks
}

// traceFiles lists the timelines, without the files of events.
func traceFiles(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	for _, version := range []string{"1.15.0", "1.7.0"} {
		found, err := filepath.Glob(filepath.Join(dir, version, "*.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if !strings.HasSuffix(f, ".events.jsonl") {
				files = append(files, version+"/"+filepath.Base(f))
			}
		}
	}
	return files
}

// clock turns the seconds of a timeline into times.
func clock(seconds float64) time.Time {
	return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(seconds * float64(time.Second)))
}
