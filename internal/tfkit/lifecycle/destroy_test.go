package lifecycle

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/platformtest"
)

// Terraform hands no private state to the destroy of a tainted object.
func TestObjectOfAStateWithoutPrivateState(t *testing.T) {
	t.Parallel()
	state := &Model{Record: Record{Status: StatusObject(flink.Status{UID: "a"})}}
	if got := objectOf(resume{}, state); got != "a" {
		t.Errorf("the object is %q", got)
	}
	if got := objectOf(resume{UID: "b"}, state); got != "b" {
		t.Errorf("the object is %q", got)
	}
	if got := objectOf(resume{}, &Model{Record: Record{Status: types.ObjectNull(StatusTypes)}}); got != "" {
		t.Errorf("the object is %q", got)
	}
}

// A destroy says what it knows: what this run has not refreshed may be otherwise.
func TestADestroySaysWhatIsKnown(t *testing.T) {
	t.Parallel()
	status := func(state, lifecycle string, location flink.StateLocation, path string) flink.Status {
		return flink.Status{JobState: state, LifecycleState: lifecycle, StateLocation: location, SavepointPath: path, RestURL: "http://a"}
	}
	const none = `{"job":{}}`
	saves := Choices{SavepointOnDestroy: true}
	for _, test := range []struct {
		name      string
		status    flink.Status
		effective string
		choices   Choices
		stale     bool
		summary   string
		tells     []string
	}{
		{name: "running", status: ran, effective: withDirectory, choices: saves, summary: `The job "orders" will be stopped with a savepoint and destroyed`, tells: []string{"s3://sp", `job.state = "suspended"`}},
		{name: "running as last seen", status: ran, effective: withDirectory, choices: saves, stale: true, summary: `The job "orders" will be destroyed, with a savepoint if it runs`, tells: []string{"It was RUNNING", "s3://sp"}},
		{name: "running, no savepoint wanted", status: ran, effective: withDirectory, summary: `The job "orders" will be destroyed without a savepoint`, tells: []string{"Its state is lost."}},
		{name: "running, no directory", status: ran, effective: none, choices: saves, summary: `The job "orders" will be destroyed without a savepoint`},
		{name: "running as last seen, no directory", status: ran, effective: none, choices: saves, stale: true, summary: `The job "orders" will be destroyed without a savepoint`, tells: []string{"If it runs, its state is lost."}},
		{name: "suspended", status: status("FINISHED", "SUSPENDED", flink.LocationPath, "s3://sp/1"), effective: withDirectory, choices: saves, summary: `The job "orders" does not run and will be destroyed`, tells: []string{"Its state is in s3://sp/1", "lifecycle state SUSPENDED"}},
		{name: "failed", status: status("FAILED", "FAILED", flink.LocationPlatform, "s3://sp/1"), effective: withDirectory, choices: saves, summary: `The job "orders" does not run and will be destroyed`, tells: []string{"It was FAILED", "s3://sp/1", "newer checkpoint"}},
		{name: "failed without a path", status: status("FAILED", "FAILED", flink.LocationPlatform, ""), effective: withDirectory, choices: saves, summary: `The job "orders" does not run and will be destroyed`, tells: []string{"the destroy is refused"}},
		{name: "failed without a path, loss allowed", status: status("FAILED", "FAILED", flink.LocationPlatform, ""), effective: withDirectory, choices: Choices{SavepointOnDestroy: true, AllowStateLoss: true}, summary: `The job "orders" does not run and will be destroyed`, tells: []string{"the state is lost"}},
		{name: "failed as last seen", status: status("FAILED", "FAILED", flink.LocationPlatform, ""), effective: withDirectory, choices: saves, stale: true, summary: `The job "orders" will be destroyed, with a savepoint if it runs`, tells: []string{"It was FAILED", "the destroy is refused"}},
		{name: "finished", status: status("FINISHED", "STABLE", flink.LocationNone, ""), effective: withDirectory, choices: saves},
		{name: "a session cluster", status: ran, effective: `{}`, choices: saves},
		{name: "never deployed", effective: withDirectory, choices: saves},
	} {
		got := destroyWarnings(platformtest.Known[0], chosenAs(test.status, test.effective, "", test.choices), !test.stale)
		if test.summary == "" {
			if len(got) > 0 {
				t.Errorf("%s: %v", test.name, got)
			}
			continue
		}
		if len(got) != 1 || got[0].Summary() != test.summary {
			t.Errorf("%s: %v", test.name, got)
			continue
		}
		for _, word := range test.tells {
			if !strings.Contains(got[0].Detail(), word) {
				t.Errorf("%s: no %q in %q", test.name, word, got[0].Detail())
			}
		}
	}
}
