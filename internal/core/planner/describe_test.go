package planner_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// TestAValueThatAnotherAttributeGivesIsNamedByThat names it in the rollout, once,
// and shows nothing of how it gets into the specification.
func TestAValueThatAnotherAttributeGivesIsNamedByThat(t *testing.T) {
	in := planCase{status: running, after: []edit{config("s3.secret-key", "${env.A}"), config("kubernetes.env.secretKeyRef", "env:A,secret:s3,key:k")}}.input()
	in.Given = func(at flink.Path) flink.Path {
		if at[0] == "flinkConfiguration" {
			return flink.Path{"secretConfiguration", "s3.secret-key"}
		}
		return at
	}
	got := planner.Plan(in)
	const attribute = `secret_configuration["s3.secret-key"]`
	if !slices.Equal(got.Rollout.Because, []string{attribute}) || !strings.HasPrefix(got.Rollout.Summary, "#2 savepoint upgrade: "+attribute+" changed; ") {
		t.Errorf("planned %+v", got.Rollout)
	}
	for _, n := range got.Warnings {
		if strings.Contains(n.Detail, "flink_configuration") || !strings.Contains(n.Detail, attribute+" changes") {
			t.Errorf("warned: %s", n.Detail)
		}
	}
}

func TestSummaryNamesThreeChanges(t *testing.T) {
	old := spec(version("v1_19"))
	next := spec(image("b:1"), parallelism(4), config("a.b", "1"), config("a.c", "1"), func(s *flink.DeploymentSpec) {
		s.PodTemplate = flink.Document{"spec": map[string]any{"nodeName": "confidential", "hostname": "confidential"}}
	})
	got := planner.Plan(planner.Input{Semantics: fko.Semantics{}, Name: "orders", Revision: 1, Old: &old, New: next, Status: running})
	if want := " and 4 more; the job stops"; !strings.Contains(got.Rollout.Summary, want) {
		t.Errorf("summary %q lacks %q", got.Rollout.Summary, want)
	}
	if strings.Count(got.Rollout.Summary, ", ") != 2 {
		t.Errorf("summary %q names not %d changes", got.Rollout.Summary, 3)
	}
	if len(got.Rollout.Because) != 6 {
		t.Errorf("because %q", got.Rollout.Because)
	}
	if len(got.Warnings) != 1 || strings.Contains(got.Warnings[0].Detail, "confidential") {
		t.Errorf("warnings %+v", got.Warnings)
	}
}

func TestBlueGreenIsRecommendedWhereItIsOffered(t *testing.T) {
	old := orders()
	in := planner.Input{Semantics: fko.Semantics{}, Name: "orders", Old: &old, New: spec(parallelism(4)), Status: running}
	const recommendation = `To avoid the gap, set upgrade.strategy = "blue_green".`
	for _, offered := range []bool{false, true} {
		in.OffersBlueGreen = offered
		got := planner.Plan(in)
		if len(got.Warnings) != 1 || strings.Contains(got.Warnings[0].Detail, recommendation) != offered {
			t.Errorf("offered %t: warnings %+v", offered, got.Warnings)
		}
	}
}

// vendor is a platform with a name of its own.
type vendor struct{ fko.Semantics }

func (vendor) Subject() string { return "Example Platform" }

func TestSentencesNameThePlatform(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	named := 0
	for range 2000 {
		in := randomWorld(r).in
		in.Semantics = vendor{}
		got := planner.Plan(in)
		text := got.Rollout.Summary
		for _, notice := range slices.Concat(got.Warnings, got.Errors) {
			text += "\n" + notice.Summary + "\n" + notice.Detail
		}
		if strings.Contains(text, "he operator") {
			t.Fatalf("another platform's name is in %s", text)
		}
		if strings.Contains(text, "Example Platform") {
			named++
		}
	}
	if named == 0 {
		t.Error("no sentence names the platform")
	}
}
