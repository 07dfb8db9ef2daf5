package confluent

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

func TestScheduleFindings(t *testing.T) {
	for text, want := range map[string]string{
		`{}`: "",
		`{"cronExpression":"0 0 3 * * *","timezone":"Europe/Berlin","paused":false,"catchUpOnRestart":true,"jitterSeconds":0,"freshnessThresholdHours":26,"formatType":"NATIVE",
		  "blackoutWindows":[{"cronExpression":"0 0 12 * * 1","durationMinutes":90}],
		  "retention":{"keepLast":7,"keepWithin":"P1DT12H","keepHourly":1,"keepDaily":2,"keepWeekly":3,"keepMonthly":4,"keepYearly":5}}`: "",
		`{"cronExpression":null,"retention":{"keepLast":null,"keepDaily":1}}`: "",

		`{"cron":"0 0 3 * * *"}`:                           `there is no field "cron"`,
		`{"cronExpression":"0 3 * * *"}`:                   "cronExpression has to be a cron expression of six fields",
		`{"timezone":2}`:                                   "timezone has to be a text",
		`{"paused":"yes"}`:                                 "paused has to be true or false",
		`{"jitterSeconds":-1}`:                             "jitterSeconds has to be a whole number, at least 0",
		`{"freshnessThresholdHours":1.5}`:                  "freshnessThresholdHours has to be a whole number",
		`{"formatType":"native"}`:                          "formatType has to be CANONICAL or NATIVE",
		`{"retention":{}}`:                                 "retention has to say what stays",
		`{"retention":{"keeplast":7}}`:                     `retention is wrong: there is no field "keeplast"`,
		`{"retention":{"keepLast":0}}`:                     "retention is wrong: keepLast has to be a whole number, at least 1",
		`{"retention":{"keepWithin":"7d"}}`:                "retention is wrong: keepWithin has to be a duration of ISO 8601",
		`{"retention":{"keepWithin":"P"}}`:                 "retention is wrong: keepWithin has to be a duration of ISO 8601",
		`{"blackoutWindows":{}}`:                           "blackoutWindows has to be a list",
		`{"blackoutWindows":[{"durationMinutes":5}]}`:      "blackoutWindows has to be a list of objects, each with a cronExpression",
		`{"blackoutWindows":[{"cronExpression":"daily"}]}`: "blackoutWindows is wrong: cronExpression has to be",
	} {
		document, err := flink.ParseDocument(text)
		if err != nil {
			t.Fatal(err)
		}
		// As it comes from a configuration, and from the settings of an environment.
		var decoded flink.Document
		if err := json.Unmarshal([]byte(text), &decoded); err != nil {
			t.Fatal(err)
		}
		for _, schedule := range []flink.Document{document, decoded} {
			var said string
			for _, finding := range (Rules{}).ValidateLayer(flink.DeploymentSpec{SavepointSchedule: schedule}) {
				said += finding.Summary
			}
			if want == "" && said != "" || !strings.Contains(said, want) {
				t.Errorf("%s: want %q, got %q", text, want, said)
			}
		}
	}
}

// The operator never sees a schedule, so a change of it alone makes no other generation,
// and what runs is what was written.
func TestAScheduleIsNoneOfTheOperators(t *testing.T) {
	object := func(spec string) *unstructured.Unstructured {
		return objectOf("prod", applicationFrom(t, `{"metadata":{"name":"orders"},"spec":`+spec+`,"status":{"reconciliationStatus":{"state":"DEPLOYED","lastReconciledSpec":"{\"spec\":{\"image\":\"a\"}}"}}}`))
	}
	plain, scheduled := object(`{"image":"a"}`), object(`{"image":"a","savepointSchedule":{"cronExpression":"0 0 3 * * *"}}`)
	if !runsAlike(plain, scheduled) || runsAlike(scheduled, object(`{"image":"b","savepointSchedule":{"cronExpression":"0 0 3 * * *"}}`)) {
		t.Error("the schedule counts as a change for the operator, or hides one")
	}
	if !runs(scheduled) {
		t.Error("what is written does not count as what runs")
	}
	if spec := applicationOf(scheduled).Spec; spec[savepointSchedule] == nil {
		t.Errorf("the server gets no schedule: %v", spec)
	}
}

// The environment enforces a schedule for all applications. What an override removes of
// one is the provider's matter.
func TestAnEnvironmentEnforcesASchedule(t *testing.T) {
	settings, err := defaults.Settings{Overrides: &defaults.Layer{DeploymentSpec: flink.DeploymentSpec{
		SavepointSchedule: flink.Document{"retention": map[string]any{"keepLast": 7}, "timezone": nil},
	}}}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	sent, err := environmentOf(platform.Environment{Name: "prod", Settings: settings}, "2.4.0")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(sent.Applications)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"spec":{"savepointSchedule":{"retention":{"keepLast":7}}}}`, string(text)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
