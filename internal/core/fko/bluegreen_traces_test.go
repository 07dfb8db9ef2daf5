package fko

import (
	"fmt"
	"maps"
	"path"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/timelines"
)

// nativeVersion is what there was of a FlinkBlueGreenDeployment at one line of a
// timeline.
type nativeVersion struct {
	at float64
	BlueGreen
}

// readNatives reads a timeline of a FlinkBlueGreenDeployment.
func readNatives(t *testing.T, file string) []nativeVersion {
	t.Helper()
	var versions []nativeVersion
	now := BlueGreen{Children: map[string]*unstructured.Unstructured{}}
	for _, c := range timelines.Changes(t, file) {
		color := c.Object.GetName()[strings.LastIndexByte(c.Object.GetName(), '-')+1:]
		now.Children = maps.Clone(now.Children)
		switch {
		case c.Object.GetKind() == "FlinkBlueGreenDeployment" && c.Deleted:
			now.Parent = nil
		case c.Object.GetKind() == "FlinkBlueGreenDeployment":
			now.Parent = c.Object
		case c.Object.GetKind() != "FlinkDeployment" || !IsChild(c.Object):
			continue
		case c.Deleted:
			delete(now.Children, color)
		default:
			now.Children[color] = c.Object
		}
		versions = append(versions, nativeVersion{c.At, now})
	}
	return versions
}

// nativeVerdicts are what the judge has to say of each write of each recorded
// timeline: the verdict, when it is due, and a part of the cause. Where the
// recording ends first, or another write comes, it waits.
var nativeVerdicts = map[string]string{
	"abort-delete-child-retry/1":        "done@11.3",
	"abort-delete-child-retry/2":        "failed@54.3: image \"flink:nope\" cannot be pulled",
	"abort-delete-child-retry/3":        "done@100.1",
	"abort-fix-only/1":                  "done@12.4",
	"abort-fix-only/2":                  "failed@55.4: image \"flink:nope\" cannot be pulled",
	"abort-fix-only/3":                  "done@99.0",
	"abort/1":                           "done@11.4",
	"abort/2":                           "failed@70.6: image \"flink:nope\" cannot be pulled",
	"abort/3":                           "done@132.3",
	"abort/4":                           "done@181.0",
	"child-fails-later/1":               "done@20.6",
	"child-fails-later/2":               "done@45.9",
	"child-fails-later/3":               "failed@78.8: the operator did not take the change up, because the active color did",
	"create-and-switch/1":               "done@20.0",
	"create-and-switch/2":               "done@56.6",
	"create-bad-image-manual-restore/1": "failed@30.3: image \"flink:nope\" cannot be pulled",
	"create-bad-image-manual-restore/2": "failed@75.7: Manual restore required",
	"create-bad-image/1":                "failed@31.8: image \"flink:nope\" cannot be pulled",
	"create-bad-image/2":                "done@61.0",
	"failed-active-repair/1":            "done@11.6",
	"failed-active-repair/2":            "failed@32.0: the operator did not take the change up, because the active color did",
	"failed-active-repair/3":            "waiting: the operator did not take the change up, because the active color did",
	"failed-active-repair/4":            "waiting: green does not run yet (generation 1, lifecycle state DEPLOYED, job CR",
	"ignored-changes/4":                 "waiting: the operator has not taken the specification up",
	"ignored-changes/5":                 "done@10.5",
	"invalid-update-fixed-early/2":      "waiting: spec.serviceAccount must be defined",
	"invalid-update-fixed-early/3":      "waiting: spec.serviceAccount must be defined",
	"invalid-update-repair/2":           "failed@34.0: spec.serviceAccount must be defined",
	"invalid-update-repair/3":           "done@60.4",
	"invalid-update/6":                  "waiting: spec.serviceAccount must be defined",
	"invalid-update/7":                  "waiting: spec.serviceAccount must be defined",
	"spec-swallowed/1":                  "done@13.6",
	"spec-swallowed/2":                  "failed@26.4: the operator did not take the change up, because the active color did",
	"spec-swallowed/3":                  "done@93.1",
	"suspend-resume/2":                  "done@0.6",
	"suspend-resume/3":                  "done@22.9",
}

// TestNativeTraces judges every write of every recorded timeline of a
// FlinkBlueGreenDeployment at each of its lines.
func TestNativeTraces(t *testing.T) {
	judged := 0
	for _, file := range timelines.List(t, "1.15.0/bluegreen-*.jsonl") {
		versions := readNatives(t, file)
		scenario := strings.TrimSuffix(strings.TrimPrefix(path.Base(file), "bluegreen-"), ".jsonl")
		var before BlueGreenStatus
		var generation int64
		for i, version := range versions {
			if version.Parent == nil || version.Parent.GetGeneration() == generation || version.at < 0 {
				if version.Parent != nil {
					before, generation = BlueGreenStatusOf(version.Parent), version.Parent.GetGeneration()
				}
				continue
			}
			generation = version.Parent.GetGeneration()
			name := fmt.Sprintf("%s/%d", scenario, generation)
			got := judgeNative(versions[i:], before)
			before = BlueGreenStatusOf(version.Parent)
			judged++
			want, ok := nativeVerdicts[name]
			verdict, cause, _ := strings.Cut(want, ": ")
			told, toldCause, _ := strings.Cut(got, ": ")
			if !ok || told != verdict || !strings.Contains(toldCause, cause) {
				t.Errorf("%q: %q,", name, got)
			}
		}
	}
	if judged != len(nativeVerdicts) {
		t.Errorf("%d writes were judged, want %d", judged, len(nativeVerdicts))
	}
}

// judgeNative lets a judge see every version from a write on until the next.
func judgeNative(versions []nativeVersion, before BlueGreenStatus) string {
	written := versions[0].BlueGreen
	want := written.Template()
	j := NewBlueGreenJudge(written, want, SteadyState(want), before)
	for _, version := range versions {
		if version.Parent != nil && version.Parent.GetGeneration() != j.generation && version.Parent.GetDeletionTimestamp() == nil {
			break
		}
		if v := j.See(version.BlueGreen); v.Progress != Waiting {
			return strings.TrimSuffix(fmt.Sprintf("%s@%.1f: %s", v.Progress, version.at, v.Cause), ": ")
		}
	}
	return "waiting: " + j.Verdict.Cause
}
