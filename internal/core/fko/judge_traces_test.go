package fko

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/timelines"
)

// expectation is one line of the table of verdicts: which write of which object
// is judged, what is waited for, and when the verdict comes.
type expectation struct {
	file, object string
	// nth tells objects of one name apart, from 1.
	nth        int
	generation int64
	want       Want
	grace      time.Duration
	verdict    Progress
	// at is when the verdict comes, in seconds of the timeline.
	at    float64
	cause string
}

func (e expectation) String() string {
	return fmt.Sprintf("%s %s#%d generation %d %s", e.file, e.object, e.nth, e.generation, e.grace)
}

// parseExpectation reads a line such as
// "1.15.0/app-create counter 1 running | done@19.3" or
// "… counter-green#2 1 running grace=5s | failed@14.2 ErrImagePull".
func parseExpectation(t *testing.T, line string) expectation {
	t.Helper()
	left, right, ok := strings.Cut(line, " | ")
	fields := strings.Fields(left)
	if !ok || len(fields) < 4 {
		t.Fatalf("not an expectation: %q", line)
	}
	e := expectation{file: fields[0], nth: 1}
	var nth string
	if e.object, nth, ok = strings.Cut(fields[1], "#"); ok {
		e.nth, _ = strconv.Atoi(nth)
	}
	e.generation, _ = strconv.ParseInt(fields[2], 10, 64)
	e.want, ok = map[string]Want{"running": Running, "suspended": Suspended, "session": SessionReady, "acknowledged": Acknowledged, "deferred": Deferred}[fields[3]]
	if !ok || e.generation == 0 {
		t.Fatalf("not an expectation: %q", line)
	}
	if len(fields) > 4 {
		var err error
		if e.grace, err = time.ParseDuration(strings.TrimPrefix(fields[4], "grace=")); err != nil {
			t.Fatal(err)
		}
	}
	verdict, cause, _ := strings.Cut(right, " ")
	e.cause = cause
	name, at, _ := strings.Cut(verdict, "@")
	for _, p := range []Progress{Waiting, Done, Failed} {
		if p.String() == name {
			e.verdict = p
		}
	}
	e.at, _ = strconv.ParseFloat(at, 64)
	return e
}

// target is what the client that made the write would wait for. The object of
// the write's response still has the status from before it.
func (e expectation) target(written timelines.Version) Target {
	target := Target{
		UID:           StatusOf(written.Object).UID,
		Generation:    e.generation,
		Want:          e.want,
		SessionJob:    written.Object.GetKind() == "FlinkSessionJob",
		PodErrorGrace: e.grace,
	}
	if StatusOf(written.Object).Error != nil {
		target.Inherited = StatusOf(written.Object).Error.Sentence()
	}
	return target
}

// replay lets a judge see every version from the write on until the next write,
// and tick whenever it asked to, and reports each verdict with its time.
func replay(versions []timelines.Version, target Target, report func(at float64, v Verdict)) {
	judge := NewJudge(target)
	tick := func(until float64) {
		for next := judge.Next(); !next.IsZero() && !next.After(timelines.Clock(until)); next = judge.Next() {
			report(next.Sub(timelines.Clock(0)).Seconds(), judge.Tick(next))
		}
	}
	for i, version := range versions {
		if i > 0 {
			tick(version.At)
		}
		generation := StatusOf(version.Object).Generation
		if generation > target.Generation && !StatusOf(version.Object).Deleting {
			if !sameSpec(versions[0].Object, version.Object) {
				return
			}
			judge.Retarget(generation)
			target.Generation = generation
		}
		report(version.At, judge.See(timelines.Clock(version.At), StatusOf(version.Object)))
	}
	if len(versions) > 0 {
		tick(versions[len(versions)-1].At + 3600)
	}
}

// sameSpec tells whether nothing that the first specification says has another
// value in the second.
func sameSpec(before, after *unstructured.Unstructured) bool {
	return contains(after.Object["spec"], before.Object["spec"])
}

func contains(whole, part any) bool {
	object, ok := part.(map[string]any)
	if !ok {
		return fmt.Sprint(whole) == fmt.Sprint(part)
	}
	other, ok := whole.(map[string]any)
	if !ok {
		return false
	}
	for key, value := range object {
		if !contains(other[key], value) {
			return false
		}
	}
	return true
}

// TestTraces judges every write of every recorded timeline and checks the
// verdict at each line of it.
func TestTraces(t *testing.T) {
	expected := map[string][]expectation{}
	for _, line := range strings.Split(strings.TrimSpace(expectedVerdicts), "\n") {
		e := parseExpectation(t, line)
		key := fmt.Sprintf("%s %s#%d %d", e.file, e.object, e.nth, e.generation)
		expected[key] = append(expected[key], e)
	}
	files := timelines.List(t, "*/*.jsonl")
	if len(files) != 71 {
		t.Errorf("found %d timelines, want the 64 of 1.15.0 and the 7 of 1.7.0", len(files))
	}
	for _, file := range files {
		nth := map[string]int{}
		for _, track := range timelines.Tracks(t, file) {
			nth[track.Name]++
			judged := int64(0)
			for i, version := range track.Versions {
				generation := StatusOf(version.Object).Generation
				if generation <= judged || StatusOf(version.Object).Deleting {
					continue
				}
				if judged > 0 && track.File[:5] == "1.7.0" && sameSpec(track.Versions[i-1].Object, version.Object) {
					judged = generation
					continue
				}
				judged = generation
				key := fmt.Sprintf("%s %s#%d %d", track.File, track.Name, nth[track.Name], generation)
				if len(expected[key]) == 0 {
					t.Errorf("no expectation for %s", key)
				}
				for _, e := range expected[key] {
					t.Run(e.String(), func(t *testing.T) { check(t, e, track.Versions[i:]) })
				}
				delete(expected, key)
			}
		}
	}
	for key := range expected {
		t.Errorf("the timelines have no %s", key)
	}
}

// check compares the verdict at each line with the expected one.
func check(t *testing.T, e expectation, versions []timelines.Version) {
	t.Helper()
	last := Verdict{}
	replay(versions, e.target(versions[0]), func(at float64, v Verdict) {
		// The table has milliseconds.
		rounded := math.Round(at*1000) / 1000
		want := Waiting
		if e.verdict != Waiting && rounded >= e.at {
			want = e.verdict
		}
		if v.Progress != want {
			t.Errorf("at %.3f the verdict is %s (%s), want %s", at, v.Progress, v.Cause, want)
		}
		if v.Progress == Waiting && v.Cause == "" {
			t.Errorf("at %.3f the verdict does not say what is missing", at)
		}
		last = v
	})
	if last.Progress != e.verdict {
		t.Errorf("the verdict in the end is %s (%s), want %s", last.Progress, last.Cause, e.verdict)
	}
	if !strings.Contains(last.Cause, e.cause) {
		t.Errorf("the cause is %q, want one with %q", last.Cause, e.cause)
	}
}
