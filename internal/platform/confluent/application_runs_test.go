package confluent

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

// What the environment adds to an application shows in what the operator has taken up:
// not what it fills in by itself, and not while it has yet to take up what was written.
func TestWhatTheEnvironmentAdds(t *testing.T) {
	const runs = `{\"spec\":{\"image\":\"a\",\"mode\":null,\"flinkConfiguration\":{\"a\":\"1\",\"b\":\"2\"},\"job\":{\"parallelism\":2,\"args\":null,\"upgradeMode\":\"stateless\"},\"jobManager\":{\"resource\":{\"cpu\":1.0}}}}`
	added := flink.Tree{"flinkConfiguration": map[string]any{"b": "2"}, "jobManager": map[string]any{"resource": map[string]any{"cpu": json.Number("1.0")}}}
	for name, test := range map[string]struct {
		written, state, text string
		want                 flink.Tree
	}{
		"it runs":              {"", "DEPLOYED", runs, added},
		"not taken up":         {generation{5, time.Now()}.String(), "DEPLOYED", runs, nil},
		"on its way":           {"", "UPGRADING", runs, nil},
		"rolled back":          {"", "ROLLED_BACK", runs, nil},
		"nothing is told":      {"", "DEPLOYED", "", nil},
		"what nobody can read": {"", "DEPLOYED", "{", nil},
	} {
		t.Run(name, func(t *testing.T) {
			annotations, err := json.Marshal(map[string]string{generationAnnotation: test.written})
			if err != nil {
				t.Fatal(err)
			}
			object := objectOf("prod", applicationFrom(t, `{"metadata":{"name":"orders","annotations":`+string(annotations)+`},"spec":{"image":"b","flinkConfiguration":{"a":"9"},"job":{"parallelism":2}},
				"status":{"observedGeneration":4,"reconciliationStatus":{"state":"`+test.state+`","lastReconciledSpec":"`+test.text+`"}}}`))
			got, err := flink.TreeOf(object.Object[operator.EnforcedField])
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("(-want +got): %v\n%s", err, diff)
			}
			if sent := applicationOf(object); sent.Spec["jobManager"] != nil {
				t.Errorf("it would be sent: %v", sent.Spec)
			}
		})
	}
}

// What the environment has added runs already, so the operator has nothing to do for an
// application that says it as well.
func TestWhatIsAddedIsWrittenWithoutAnotherGeneration(t *testing.T) {
	live := objectOf("prod", applicationFrom(t, `{"metadata":{"name":"orders"},"spec":{"image":"a","flinkConfiguration":{"a":"1"}},
		"status":{"observedGeneration":4,"reconciliationStatus":{"state":"DEPLOYED","lastReconciledSpec":"{\"spec\":{\"image\":\"a\",\"flinkConfiguration\":{\"a\":\"1\",\"b\":\"2\"}}}"}}}`))
	for spec, want := range map[string]bool{
		`{"image":"a","flinkConfiguration":{"a":"1"}}`:         true,
		`{"image":"a","flinkConfiguration":{"a":"1","b":2}}`:   true,
		`{"image":"a","flinkConfiguration":{"a":"1","b":"3"}}`: false,
		`{"image":"a","flinkConfiguration":{"b":"2"}}`:         false,
		`{"image":"b","flinkConfiguration":{"a":"1"}}`:         false,
	} {
		next := objectOf("prod", applicationFrom(t, `{"metadata":{"name":"orders"},"spec":`+spec+`}`))
		if got := runsAlike(live, next); got != want {
			t.Errorf("%s runs alike: %t", spec, got)
		}
	}
}
