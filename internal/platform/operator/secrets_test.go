package operator

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

var secretPath = []string{"spec", "flinkConfiguration", "s3.secret-key"}

// The state has a fingerprint where somebody else has changed a secret.
func TestARollbackPutsTheSecretBackThatRan(t *testing.T) {
	for _, test := range []struct {
		name, ran, runs string
		mentions        string
	}{
		{name: "what somebody set", ran: "theirs", runs: "theirs", mentions: "Rolled back: the previous version"},
		{name: "what somebody removed", runs: "mine", mentions: "Not rolled back: a secret of the previous version was changed by somebody else and then removed, so its value is not known."},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				d, _ := running(t, f, "flink:1")
				if test.ran != "" {
					f.edit(func(object *unstructured.Unstructured) {
						_ = unstructured.SetNestedField(object.Object, test.ran, secretPath...)
					})
				}
				change := changeTo("flink:nope")
				change.Rollback, change.AllowStateLoss = true, true
				change.Spec.FlinkConfiguration = withSecret(change.Spec.FlinkConfiguration, "mine")
				change.Was.Spec.FlinkConfiguration = withSecret(change.Was.Spec.FlinkConfiguration, "(sensitive:0af)")
				_, err := update(t, d, change)
				mentions(t, failure(t, err).Detail, test.mentions)
				if got, _, _ := unstructured.NestedString(f.live(t).Object, secretPath...); got != test.runs {
					t.Errorf("the secret is %q, want %q", got, test.runs)
				}
			})
		})
	}
}

func withSecret(before flink.Configuration, value string) flink.Configuration {
	out := flink.Configuration{"s3.secret-key": &value}
	for key, value := range before {
		out[key] = value
	}
	return out
}

func TestAChangeOfSomebodyElseShowsNoSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, d, written := begin(t, silent, "flink:1")
		want := deployment("flink:1")
		want.Spec.FlinkConfiguration = withSecret(want.Spec.FlinkConfiguration, "hunter2")
		want.Spec.PodTemplate = flink.Document{"spec": map[string]any{"containers": []any{map[string]any{
			"name": "c", "env": []any{map[string]any{"name": "A", "value": "hunter2"}, map[string]any{"name": "B", "value": "hunter2"}},
		}}}}
		object, err := objectOf(d.kind, want)
		if err != nil {
			t.Fatal(err)
		}
		applied, err := fko.SpecOf(object)
		if err != nil {
			t.Fatal(err)
		}
		written.applied = applied
		time.AfterFunc(time.Minute, func() {
			f.edit(func(object *unstructured.Unstructured) {
				_ = unstructured.SetNestedField(object.Object, "hunter3", secretPath...)
				_ = unstructured.SetNestedField(object.Object, []any{map[string]any{"name": "c", "env": []any{
					map[string]any{"name": "A", "value": "hunter3"}, map[string]any{"name": "B", "value": "hunter3"},
				}}}, "spec", "podTemplate", "spec", "containers")
			})
		})
		_, err = written.Await(t.Context())
		detail := failure(t, err).Detail
		mentions(t, detail, `flink_configuration["s3.secret-key"] has another value`, "pod_template has another value")
		if strings.Contains(detail, "hunter") || strings.Count(detail, "pod_template") != 1 {
			t.Errorf("the detail is\n%s", detail)
		}
	})
}
