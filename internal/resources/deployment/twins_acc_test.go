package deployment_test

import (
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestAccTwins applies two resources of one name at once, of which one gets the
// deployment, and then the same name from another state while the first one's job
// still starts.
func TestAccTwins(t *testing.T) {
	t.Parallel()
	for _, wait := range []string{"running", "submitted"} {
		t.Run(wait, func(t *testing.T) {
			t.Parallel()
			f, c := newFixture(t, acctest.Newest()), newCLI(t)
			one := attributes{"wait_for": `"` + wait + `"`}
			other := attributes{"wait_for": `"` + wait + `"`, "image": newer}
			both := f.config(one)
			_, second, _ := strings.Cut(f.config(other), "resource ")
			c.write(both + "resource " + strings.Replace(second, `"test"`, `"other"`, 1))
			code, output := c.start("apply", "-auto-approve", "-input=false").wait(t)
			if code == 0 {
				t.Fatalf("both resources have the deployment:\n%s", output)
			}
			expectText(t, output, "it exists already")
			expectText(t, output, "give this one another name")
			listed := strings.Fields(c.run("state", "list"))
			if len(listed) != 1 {
				t.Fatalf("the state has %v", listed)
			}
			image := map[string]string{address: f.config(one), "flink_deployment.other": ""}[listed[0]]
			if want := strings.Contains(image, f.specValue("image")); f.live().GetGeneration() != 1 || image != "" && !want {
				t.Errorf("%s has the image %s at generation %d", listed[0], f.specValue("image"), f.live().GetGeneration())
			}
		})
	}
	t.Run("from two states", func(t *testing.T) {
		t.Parallel()
		f, first, second := newFixture(t, acctest.Newest()), newCLI(t), newCLI(t)
		first.write(f.config(attributes{"annotations": `{ note = "a" }`, "service_account": late}))
		second.write(f.config(attributes{"image": newer}))
		apply := first.start("apply", "-auto-approve", "-input=false")
		f.begins(0)
		code, output := second.start("apply", "-auto-approve", "-input=false").wait(t)
		if code == 0 {
			t.Fatalf("the second state has the deployment:\n%s", output)
		}
		expectText(t, output, "it exists already")
		f.letStart()
		if code, output := apply.wait(t); code != 0 {
			t.Fatalf("the first apply has failed:\n%s", output)
		}
		if got := f.live(); got.GetGeneration() != 1 || len(got.GetAnnotations()) != 1 {
			t.Errorf("generation %d, annotations %v", got.GetGeneration(), got.GetAnnotations())
		}
		first.expectNothingLeft()
	})
}
