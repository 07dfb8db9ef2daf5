//go:build e2e

package e2e

import (
	"crypto/rand"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// crashes are the arguments of a version that comes to run and throws on its first
// records, for ever: the restart strategy starts it again and again, while
// operators of the age of 1.7 call it stable.
var crashes = counter(`args = ["--fail-after", "50"]`)

// inTheFirstLine is a pattern of an error whose first line has its cause, in lines
// that may be broken anywhere.
func inTheFirstLine(cause, detail string) *regexp.Regexp {
	return regexp.MustCompile(`Error: [^\n]*(\n[^\n]+)*` + spaced(cause) + `(?s:.*)` + spaced(detail))
}

// proves is a check of what the state says has shown that the job works.
func proves(by string) []statecheck.StateCheck {
	return []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("status").AtMapKey("proof"), knownvalue.StringExact(by))}
}

// TestCrashLoop gives a running job a version that crashes. In place, the version
// before runs again from the savepoint of the update; with either engine, its job
// never stops running. The corrected version is taken then.
func TestCrashLoop(t *testing.T) {
	const cause = "IllegalStateException: asked to fail after 50"
	t.Run("in place", func(t *testing.T) {
		namespace := "e2e-" + strings.ToLower(rand.Text()[:6])
		manager := newJobManager(t, namespace, "counter")
		savepoint := manager.restored(fromSavepoint)
		resource.Test(t, resource.TestCase{
			ProtoV6ProviderFactories: acctest.Providers(),
			Steps: []resource.TestStep{
				{Config: configuration(namespace, counter()), ConfigStateChecks: proves("first checkpoint completed")},
				{
					Config: configuration(namespace, crashes), ConfigPlanChecks: plans("savepoint_upgrade"),
					ExpectError: inTheFirstLine(cause, "Rolled back: the previous version"),
				},
				// The state keeps what runs.
				{Config: configuration(namespace, counter()), PlanOnly: true},
				{RefreshState: true, Check: savepoint},
				{Config: configuration(namespace, counter(`args = ["--delay-ms", "10"]`)), ConfigPlanChecks: plans("savepoint_upgrade"), Check: savepoint, ConfigStateChecks: proves("first checkpoint completed")},
			},
		})
	})
	for _, engine := range []string{"provider", "operator"} {
		t.Run(engine, func(t *testing.T) {
			if engine == "operator" {
				needsOperatorEngine(t)
			}
			namespace := "e2e-" + strings.ToLower(rand.Text()[:6])
			with := func(job string) string {
				return having(configuration(namespace, job), fmt.Sprintf(`upgrade = { strategy = "blue_green", blue_green = { engine = %q, abort_grace_period = "120s" } }`, engine))
			}
			var seen *observer
			var begin time.Time
			// runsOn checks that the job of blue has run at each moment.
			runsOn := func() {
				samples := seen.since(begin)
				silent := 0
				for i, s := range samples {
					silent += s.silent
					if s.running["blue"] == "" || s.running["blue"] != samples[0].running["blue"] {
						t.Errorf("the job of blue is %q at second %d of %d", s.running["blue"], i, len(samples))
					}
				}
				t.Logf("%d samples of the refused switch, %d late answers", len(samples), silent)
				if len(samples) == 0 || silent > len(samples)/2 {
					t.Error("too few answers, so nothing is proved")
				}
				begin = time.Now()
			}
			green := newJobManager(t, namespace, "counter-green").restored(fromSavepoint)
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Providers(),
				Steps: []resource.TestStep{
					{Config: with(counter()), ConfigStateChecks: proves("first checkpoint completed")},
					{
						PreConfig: func() { seen, begin = observe(t, namespace, "counter"), time.Now() },
						Config:    with(crashes), ConfigPlanChecks: plans("blue_green"),
						ExpectError: inTheFirstLine(cause, "The previous version (blue) was never stopped and runs on."),
					},
					{
						PreConfig: runsOn,
						Config:    with(counter(`args = ["--delay-ms", "10"]`)), ConfigPlanChecks: plans("blue_green"),
						Check:             resource.ComposeTestCheckFunc(green, func(*terraform.State) error { return withoutGap(seen.since(begin), "blue", "green") }),
						ConfigStateChecks: proves("first checkpoint completed"),
					},
				},
			})
		})
	}
}
