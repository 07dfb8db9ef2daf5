//go:build e2e

package e2e

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// look is what the JobManager says of a job's vertices at one moment.
type look struct {
	at    time.Time
	state string
	// tasks are their numbers by their state.
	tasks map[string]int
	// parallelism is the largest of a vertex, and read how many records the second
	// vertex has read since its tasks were started.
	parallelism, read int
}

// runs tells whether all tasks do their work. A source that has nothing to read, as
// one whose share of a sequence is with another, finishes.
func (l look) runs() bool {
	return l.state == "RUNNING" && l.tasks["RUNNING"] > 0 && l.tasks["RUNNING"]+l.tasks["FINISHED"] == sum(l.tasks)
}

func sum(numbers map[string]int) int {
	total := 0
	for _, n := range numbers {
		total += n
	}
	return total
}

func (l look) String() string {
	return fmt.Sprintf("%s %v, parallelism %d", l.state, l.tasks, l.parallelism)
}

// sampler looks at a job ten times a second.
type sampler struct {
	stop  func()
	looks []look
}

// sample begins to look at the job that runs.
func (j *jobManager) sample() *sampler {
	j.t.Helper()
	id := j.job().ID
	ctx, cancel := context.WithCancel(j.t.Context())
	s := &sampler{}
	var done sync.WaitGroup
	s.stop = func() { cancel(); done.Wait() }
	done.Go(func() {
		ticker := time.NewTicker(100 * time.Millisecond)
		defer ticker.Stop()
		for {
			s.looks = append(s.looks, j.look(ctx, id))
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
	})
	return s
}

func (j *jobManager) look(ctx context.Context, id string) look {
	var details struct {
		State    string `json:"state"`
		Vertices []struct {
			ID          string         `json:"id"`
			Parallelism int            `json:"parallelism"`
			Tasks       map[string]int `json:"tasks"`
			Metrics     struct {
				Read int `json:"read-records"`
			} `json:"metrics"`
		} `json:"vertices"`
	}
	now := time.Now()
	body, err := j.client.Get().AbsPath(j.service + "/jobs/" + id).DoRaw(ctx)
	if err == nil {
		err = json.Unmarshal(body, &details)
	}
	if err != nil {
		return look{at: now, state: "no answer"}
	}
	seen := look{at: now, state: details.State, tasks: map[string]int{}}
	for _, vertex := range details.Vertices {
		seen.parallelism = max(seen.parallelism, vertex.Parallelism)
		if vertex.ID == keeperVertex {
			seen.read = vertex.Metrics.Read
		}
		for state, n := range vertex.Tasks {
			if n > 0 {
				seen.tasks[state] += n
			}
		}
	}
	return seen
}

// gap is what a change has done to the job: when its tasks stopped after the first
// look, and for how long not all of them ran.
type gap struct{ after, long time.Duration }

// gap finds the one restart of all tasks between the looks. It logs each look that
// differs from the one before.
func (s *sampler) gap(t *testing.T, parallelism int) (gap, error) {
	t.Helper()
	s.stop()
	first := s.looks[0]
	var left, back time.Time
	last, shown := first, ""
	for _, now := range s.looks {
		if text := now.String(); text != shown && now.state != "no answer" {
			t.Logf("%6.1f s: %s", now.at.Sub(first.at).Seconds(), text)
			shown = text
		}
		if now.state == "no answer" {
			continue
		}
		if left.IsZero() && (!now.runs() || now.parallelism != first.parallelism) {
			left = last.at
		}
		// A restart may be over before the next look.
		if !left.IsZero() && back.IsZero() && now.runs() && now.parallelism == parallelism {
			back = now.at
		}
		last = now
	}
	if left.IsZero() || back.IsZero() {
		return gap{}, fmt.Errorf("of %d looks none shows the tasks stop, and then run with parallelism %d", len(s.looks), parallelism)
	}
	return gap{left.Sub(first.at), back.Sub(left)}, nil
}

// TestScaleInPlace changes the parallelism of a running job's vertices, once within
// the slots that are there, once with another TaskManager, and down again: its tasks
// restart from a checkpoint, and the job goes on under its id. The log has the gap.
func TestScaleInPlace(t *testing.T) {
	for _, version := range flinks {
		t.Run(version, func(t *testing.T) {
			namespace := "e2e-" + strings.ToLower(rand.Text()[:6])
			with := func(parallelism int) string {
				return having(on(version, configuration(namespace, stateJob("simple", 1))), flinkKeys(map[string]string{
					"jobmanager.scheduler":                     "adaptive",
					"pipeline.jobvertex-parallelism-overrides": fmt.Sprintf("%[1]s:%[3]d,%[2]s:%[3]d", sourceVertex, keeperVertex, parallelism),
					"heartbeat.interval":                       "2000",
				}))
			}
			rescales(t, newJobManager(t, namespace, "counter"), "flink_configuration", with, 1, 2, 3, 1)
		})
	}
}

// TestScaleTaskManagers changes the number of TaskManagers of a job in standalone
// and reactive mode.
func TestScaleTaskManagers(t *testing.T) {
	namespace := "e2e-" + strings.ToLower(rand.Text()[:6])
	with := func(parallelism int) string {
		job := strings.Replace(stateJob("simple", 1), "/usrlib/", "/job/", 1)
		return having(configuration(namespace, job), `mode = "standalone"`,
			fmt.Sprintf("task_manager = { replicas = %d }", parallelism/2),
			flinkKeys(map[string]string{"scheduler-mode": "reactive", "heartbeat.interval": "2000"}))
	}
	rescales(t, newJobManager(t, namespace, "counter"), "task_manager", with, 2, 4, 2)
}

// rescales creates a job with the first parallelism and takes it through the others.
func rescales(t *testing.T, manager *jobManager, cause string, with func(parallelism int) string, parallelisms ...int) {
	t.Helper()
	var first job
	rollout := tfjsonpath.New("rollout")
	steps := []resource.TestStep{{
		Config: with(parallelisms[0]),
		Check: func(*terraform.State) error {
			if first = manager.job(); first.State != "RUNNING" || first.Parallelism != parallelisms[0] {
				return fmt.Errorf("after the create the JobManager has %+v", first)
			}
			return nil
		},
	}}
	for i, parallelism := range parallelisms[1:] {
		var looks *sampler
		steps = append(steps, resource.TestStep{
			PreConfig: func() { looks = manager.sample() },
			Config:    with(parallelism),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectKnownValue(address, rollout.AtMapKey("action"), knownvalue.StringExact("scale_in_place")),
				plancheck.ExpectKnownValue(address, rollout.AtMapKey("state"), knownvalue.StringExact("kept")),
				plancheck.ExpectKnownValue(address, rollout.AtMapKey("downtime"), knownvalue.Bool(true)),
			}},
			Check: func(*terraform.State) error {
				gap, err := looks.gap(t, parallelism)
				if err != nil {
					return err
				}
				t.Logf("%s: parallelism %d -> %d: a gap of %.1f s, %.1f s after the plan began", cause, parallelisms[i], parallelism, gap.long.Seconds(), gap.after.Seconds())
				now := manager.job()
				if now.ID != first.ID || now.State != "RUNNING" || now.Parallelism != parallelism {
					return fmt.Errorf("the JobManager has %+v, want job %s with parallelism %d", now, first.ID, parallelism)
				}
				return manager.whole(fromCheckpoint)(nil)
			},
		})
	}
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: steps})
}
