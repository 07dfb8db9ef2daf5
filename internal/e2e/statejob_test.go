//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"k8s.io/apimachinery/pkg/util/wait"
)

// The vertices of StateJob: Flink makes the id of a vertex of the uid of its first
// operator (StreamGraphHasherV2), so it is the same in every version.
const (
	sourceVertex = "e5a72f353fc1e6bbf3bd96a41384998c"
	keeperVertex = "a61ab9024f87f3989f080776f487a070"
)

// stateKeys is how many keys of StateJob have a value.
const stateKeys = 10

// stateJob is the attribute job of StateJob with a kind of state.
func stateJob(kind string, parallelism int, more ...string) string {
	return fmt.Sprintf(`{ jar_uri = "local:///opt/flink/usrlib/counter.jar", entry_class = "StateJob", args = ["--state", %q], %s }`,
		kind, strings.Join(append(more, fmt.Sprintf("parallelism = %d", parallelism)), ", "))
}

// values is what StateJob has found in its state since its tasks were started last.
type values struct {
	// Restored is how many keys had a value, and Checked how often one was as it
	// must be.
	Restored, Checked int
	// Wrong are values that were not, in words; empty for none.
	Wrong string
}

// values asks the job for what it has found. The TaskManagers tell their
// accumulators with their heartbeats.
func (j *jobManager) values() values {
	j.t.Helper()
	var told struct {
		Accumulators []struct {
			Name  string `json:"name"`
			Value string `json:"value"`
		} `json:"user-task-accumulators"`
	}
	j.get("/jobs/"+j.job().ID+"/accumulators", &told)
	var found values
	for _, accumulator := range told.Accumulators {
		switch accumulator.Name {
		case "restored":
			found.Restored, _ = strconv.Atoi(accumulator.Value)
		case "checked":
			found.Checked, _ = strconv.Atoi(accumulator.Value)
		case "wrong":
			found.Wrong = strings.Trim(accumulator.Value, "[]")
		}
	}
	return found
}

// awaitValues asks the job until it has seen each key, so often that those which it
// restored are counted.
func (j *jobManager) awaitValues() values {
	j.t.Helper()
	var found values
	err := wait.PollUntilContextTimeout(j.t.Context(), time.Second, 2*time.Minute, true, func(context.Context) (bool, error) {
		found = j.values()
		return found.Restored >= stateKeys && found.Checked >= stateKeys || found.Wrong != "", nil
	})
	if err != nil {
		j.t.Fatalf("waited in vain for the values of %d keys, the job found %+v: %s", stateKeys, found, err)
	}
	return found
}

// whole is a check that the job runs, restored from a path that begins with prefix,
// and has found each value of its state as it must be.
func (j *jobManager) whole(prefix string) resource.TestCheckFunc {
	restored := j.restored(prefix)
	return resource.ComposeTestCheckFunc(restored, func(*terraform.State) error {
		if found := j.awaitValues(); found.Restored != stateKeys || found.Checked == 0 || found.Wrong != "" {
			return fmt.Errorf("of %d keys the job found %+v", stateKeys, found)
		}
		return nil
	})
}

// on has a configuration run another version of Flink.
func on(version, configuration string) string {
	return strings.NewReplacer(
		strconv.Quote(flink.image), strconv.Quote("flink:"+version),
		strconv.Quote(flink.version), strconv.Quote("v"+strings.ReplaceAll(version, ".", "_")),
	).Replace(configuration)
}

// flinkKeys is the attribute flink_configuration with settings.
func flinkKeys(settings map[string]string) string {
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		pairs = append(pairs, fmt.Sprintf("%q = %q", key, settings[key]))
	}
	return "flink_configuration = { " + strings.Join(pairs, ", ") + " }"
}
