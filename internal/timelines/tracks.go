package timelines

import (
	"bufio"
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Version is one version of one object in a recorded timeline.
type Version struct {
	// At is in seconds since the first write of the scenario.
	At float64
	// Deleted tells that it is the last one, of a delete.
	Deleted bool
	Object  *unstructured.Unstructured
}

// Track is all versions of one object; another object of the same name has
// another track.
type Track struct {
	File, Name string
	Versions   []Version
}

// Changes reads what a timeline has beside the writes of the client, for example
// of "1.15.0/app-create.jsonl".
func Changes(t *testing.T, file string) []Version {
	t.Helper()
	in, err := recordings(t).Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var changes []Version
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
		changes = append(changes, Version{line.T, line.Type == "DELETED", object})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return changes
}

// Tracks reads the FlinkDeployments and FlinkSessionJobs of a timeline.
func Tracks(t *testing.T, file string) []*Track {
	t.Helper()
	byUID := map[string]*Track{}
	var tracks []*Track
	for _, c := range Changes(t, file) {
		if c.Object.GetKind() != "FlinkDeployment" && c.Object.GetKind() != "FlinkSessionJob" {
			continue
		}
		uid := string(c.Object.GetUID())
		if byUID[uid] == nil {
			byUID[uid] = &Track{File: strings.TrimSuffix(file, ".jsonl"), Name: c.Object.GetName()}
			tracks = append(tracks, byUID[uid])
		}
		byUID[uid].Versions = append(byUID[uid].Versions, c)
	}
	return tracks
}

// List returns the timelines whose name has a pattern, without the files of
// events.
func List(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := fs.Glob(recordings(t), pattern)
	if err != nil {
		t.Fatal(err)
	}
	files := slices.DeleteFunc(found, func(f string) bool { return strings.HasSuffix(f, ".events.jsonl") })
	if len(files) == 0 {
		t.Fatalf("there is no recorded timeline %s", pattern)
	}
	return files
}

func recordings(t *testing.T) fs.FS {
	t.Helper()
	files, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Clock turns the seconds of a timeline into times.
func Clock(seconds float64) time.Time {
	return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(seconds * float64(time.Second)))
}
