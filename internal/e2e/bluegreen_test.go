//go:build e2e

package e2e

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// sample is what both JobManagers said at one moment: the ids of the running
// jobs, by color.
type sample struct {
	at      time.Time
	running map[string]string
	// silent are how many JobManagers did not answer in time; what they had
	// said before stands.
	silent int
}

// observer asks the JobManagers of both colors once a second.
type observer struct {
	colors  map[string]*jobManager
	stop    context.CancelFunc
	stopped chan struct{}

	mu      sync.Mutex
	samples []sample
}

func observe(t *testing.T, namespace, deployment string) *observer {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	o := &observer{stop: stop, stopped: make(chan struct{}), colors: map[string]*jobManager{}}
	for _, color := range []string{"blue", "green"} {
		o.colors[color] = newJobManager(t, namespace, deployment+"-"+color)
	}
	go func() {
		defer close(o.stopped)
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			o.look(ctx)
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() { stop(); <-o.stopped })
	return o
}

// look asks both JobManagers. One that the API server cannot reach runs nothing;
// of one that is late nothing is known.
func (o *observer) look(ctx context.Context) {
	now := sample{at: time.Now(), running: map[string]string{}}
	var before sample
	if o.mu.Lock(); len(o.samples) > 0 {
		before = o.samples[len(o.samples)-1]
	}
	o.mu.Unlock()
	for color, manager := range o.colors {
		asking, cancel := context.WithTimeout(ctx, 900*time.Millisecond)
		body, err := manager.client.Get().AbsPath(manager.service + "/jobs/overview").DoRaw(asking)
		late := asking.Err() != nil
		cancel()
		if late {
			now.silent++
			if id, ran := before.running[color]; ran {
				now.running[color] = id
			}
			continue
		}
		var overview struct {
			Jobs []struct {
				ID    string `json:"jid"`
				State string `json:"state"`
			} `json:"jobs"`
		}
		if err != nil || json.Unmarshal(body, &overview) != nil {
			continue
		}
		for _, job := range overview.Jobs {
			if job.State == "RUNNING" {
				now.running[color] = job.ID
			}
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.samples = append(o.samples, now)
}

// since returns the samples from a time on, and forgets none.
func (o *observer) since(begin time.Time) []sample {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []sample
	for _, s := range o.samples {
		if s.at.After(begin) {
			out = append(out, s)
		}
	}
	return out
}

// withoutGap checks that the old job ran until the new one did, and that no
// second was without a running job.
func withoutGap(samples []sample, old, next string) error {
	switched := false
	for i, s := range samples {
		_, newRuns := s.running[next]
		switched = switched || newRuns
		switch {
		case len(s.running) == 0:
			return fmt.Errorf("no job runs at second %d of %d: %v", i, len(samples), samples)
		case !switched && s.running[old] != samples[0].running[old]:
			return fmt.Errorf("the job of %s is %q at second %d, before %s runs", old, s.running[old], i, next)
		}
	}
	if !switched {
		return fmt.Errorf("the job of %s never ran in %d samples", next, len(samples))
	}
	return nil
}

// TestBlueGreen exchanges a running job for another: the old one runs until the
// new one does, which was restored from a savepoint of it, and then goes. A
// version that fails leaves the old job alone, and the corrected one is switched
// to.
func TestBlueGreen(t *testing.T) {
	t.Run("provider", func(t *testing.T) { blueGreen(t, "provider") })
	t.Run("operator", func(t *testing.T) {
		needsOperatorEngine(t)
		blueGreen(t, "operator")
	})
}

// needsOperatorEngine skips a test where the operator makes no switches.
func needsOperatorEngine(t *testing.T) {
	t.Helper()
	if !hasKind(t, "flinkbluegreendeployments") {
		t.Skip("the operator of this cluster makes no switch")
	}
}

func blueGreen(t *testing.T, engine string) {
	t.Helper()
	namespace := "e2e-" + strings.ToLower(rand.Text()[:6])
	managers := map[string]*jobManager{"blue": newJobManager(t, namespace, "counter-blue"), "green": newJobManager(t, namespace, "counter-green")}
	const delay = 5 * time.Second
	with := func(job string) string {
		return having(configuration(namespace, job), fmt.Sprintf(`upgrade = { strategy = "blue_green", blue_green = { engine = %q, abort_grace_period = "90s", deletion_delay = "5s" } }`, engine))
	}
	var seen *observer
	var begin time.Time
	from := func() { begin = time.Now() }
	// switched checks what a switch left behind, and what was seen of it.
	switched := func(old, next string) resource.TestCheckFunc {
		return func(state *terraform.State) error {
			samples := seen.since(begin)
			if err := withoutGap(samples, old, next); err != nil {
				return err
			}
			both, silent := 0, 0
			for _, s := range samples {
				silent += s.silent
				if len(s.running) == 2 {
					both++
				}
			}
			if silent > len(samples)/5 {
				return fmt.Errorf("%d of %d answers were late, so nothing is proved", silent, 2*len(samples))
			}
			if both < int(delay.Seconds())-2 {
				return fmt.Errorf("both jobs ran for %d seconds only", both)
			}
			t.Logf("%d samples, both jobs ran in %d of them, %d late answers", len(samples), both, silent)
			if last := samples[len(samples)-1]; !slices.Equal(slices.Collect(maps.Keys(last.running)), []string{next}) {
				seen.look(t.Context())
				if last = seen.since(begin)[len(samples)]; !slices.Equal(slices.Collect(maps.Keys(last.running)), []string{next}) {
					return fmt.Errorf("in the end the running jobs are %v", last.running)
				}
			}
			if now := managers[next].job(); now.State != "RUNNING" || !strings.HasPrefix(now.RestoredFrom, fromSavepoint) {
				return fmt.Errorf("the JobManager of %s has %+v", next, now)
			}
			if told := state.RootModule().Resources[address].Primary.Attributes["status.active_color"]; told != next {
				return fmt.Errorf("the state says that %s is active", told)
			}
			return nil
		}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{
				Config: with(counter()),
				Check: func(*terraform.State) error {
					seen = observe(t, namespace, "counter")
					if first := managers["blue"].job(); first.State != "RUNNING" || first.RestoredFrom != "" {
						return fmt.Errorf("after the create the JobManager has %+v", first)
					}
					return nil
				},
			},
			{PreConfig: from, Config: with(counter(`args = ["--delay-ms", "10"]`)), ConfigPlanChecks: plans("blue_green"), Check: switched("blue", "green")},
			{
				PreConfig: from, Config: with(counter(`args = ["--fail-start"]`)), ConfigPlanChecks: plans("blue_green"),
				ExpectError: regexp.MustCompile(`(?s)The new version of "counter".*asked to\s+fail\s+at\s+start.*Removed\s+the\s+new\s+version\s+\(blue\).*never\s+stopped`),
			},
			{
				PreConfig: func() {
					samples := seen.since(begin)
					for i, s := range samples {
						if s.running["green"] != samples[0].running["green"] || s.running["green"] == "" {
							t.Errorf("the job of green is %q at second %d of a failed switch", s.running["green"], i)
						}
					}
					t.Logf("%d samples of the failed switch", len(samples))
					from()
				},
				Config: with(counter(`args = ["--delay-ms", "15"]`)), ConfigPlanChecks: plans("blue_green"), Check: switched("green", "blue"),
			},
		},
	})
}
