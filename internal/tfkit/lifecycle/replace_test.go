package lifecycle

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// chosen is a job with choices and a path that it starts from.
type chosen struct {
	plainModel
	choices Choices
	path    string
}

func (c *chosen) Choices() Choices { return c.choices }

func (c *chosen) Layer() defaults.Layer {
	job := &flink.Job{}
	if c.path != "" {
		job.InitialSavepointPath = &c.path
	}
	return defaults.Layer{DeploymentSpec: flink.DeploymentSpec{Job: job}}
}

// chosenAs is one in a state, with what the cluster has of it.
func chosenAs(status flink.Status, effective, path string, choices Choices) *chosen {
	out := &chosen{choices: choices, path: path}
	out.Name, out.ID = new("orders"), types.StringValue("operator/shop/orders")
	out.EffectiveSpec, out.Status = types.StringValue(effective), StatusObject(status)
	return out
}

const withDirectory = `{"flinkConfiguration":{"state.savepoints.dir":"s3://sp"},"job":{}}`

var ran = flink.Status{JobState: flink.StateRunning, LifecycleState: flink.LifecycleStable, StateLocation: flink.LocationPlatform, SavepointPath: "s3://sp/7", RestURL: "http://a"}

// initialPath is a proposed value with job.initial_savepoint_path.
func initialPath(value any) tftypes.Value {
	job := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"initial_savepoint_path": tftypes.String}}
	of := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"job": job}}
	return tftypes.NewValue(of, map[string]tftypes.Value{"job": tftypes.NewValue(job, map[string]tftypes.Value{
		"initial_savepoint_path": tftypes.NewValue(tftypes.String, value),
	})})
}

func TestAReplacementNeedsAnAnswerWhereTheStateIs(t *testing.T) {
	t.Parallel()
	never := flink.Status{StateLocation: flink.LocationNone}
	suspended := func(location flink.StateLocation) flink.Status {
		return flink.Status{LifecycleState: flink.LifecycleSuspended, JobState: flink.StateFinished, StateLocation: location}
	}
	for _, test := range []struct {
		name          string
		status        flink.Status
		effective     string
		before, after string
		unknown, loss bool
		nameless      bool
		summary       string
		error         bool
		tells         []string
	}{
		{name: "no path", status: ran, effective: withDirectory, error: true, summary: `The state of "orders" would be lost`, tells: []string{"starts empty", "s3://sp/7", "flink_savepoint"}},
		{name: "no path, loss allowed", status: ran, effective: withDirectory, loss: true, summary: `The state of "orders" will be lost`, tells: []string{"starts empty"}},
		{
			name: "the path that it was created with", status: ran, effective: withDirectory, before: "s3://old", after: "s3://old", error: true,
			summary: `The state of "orders" would be lost`, tells: []string{"starts from job.initial_savepoint_path, s3://old, which the old job was given too", "s3://sp/7"},
		},
		{
			name: "the path that the cluster has", status: ran, effective: `{"job":{"initialSavepointPath":"s3://old"}}`, after: "s3://old", error: true,
			summary: `The state of "orders" would be lost`,
		},
		{
			name: "the same path, loss allowed", status: ran, effective: withDirectory, before: "s3://old", after: "s3://old", loss: true,
			summary: `The state of "orders" will be lost`, tells: []string{"what it has done since is lost"},
		},
		{name: "a new path", status: ran, effective: withDirectory, after: "s3://new", summary: `"orders" starts from s3://new`, tells: []string{"s3://new", "s3://sp/7"}},
		{name: "a new path and a name that is not known yet", status: ran, effective: withDirectory, after: "s3://new", nameless: true, summary: `"orders" starts from s3://new`},
		{name: "another path and a name that is not known yet", status: ran, effective: withDirectory, before: "s3://old", after: "s3://new", nameless: true, summary: `"orders" starts from s3://new, and not from s3://old`},
		{name: "another path", status: ran, effective: withDirectory, before: "s3://old", after: "s3://new", summary: `"orders" starts from s3://new, and not from s3://old`, tells: []string{"s3://sp/7"}},
		{
			name: "a path that is not known yet", status: ran, effective: withDirectory, unknown: true, error: true,
			summary: `The state of "orders" would be lost, unless job.initial_savepoint_path is given`, tells: []string{"terraform apply -target=flink_savepoint"},
		},
		{name: "a path that is not known yet, loss allowed", status: ran, effective: withDirectory, unknown: true, loss: true, summary: `The state of "orders" will be lost`},
		{name: "a job that never ran", status: never, effective: withDirectory},
		{name: "a job that was suspended without state", status: suspended(flink.LocationNone), effective: withDirectory},
		{
			name: "a job of which nobody has said where its state is", status: suspended(flink.LocationUnknown), effective: withDirectory, error: true,
			summary: `The state of "orders" would be lost`,
		},
		{name: "a session cluster", status: ran, effective: `{}`},
	} {
		var raw any
		if test.after != "" {
			raw = test.after
		}
		if test.unknown {
			raw = tftypes.UnknownValue
		}
		choices := Choices{AllowStateLoss: test.loss}
		plan := chosenAs(flink.Status{}, "", test.after, choices)
		if test.nameless {
			plan.Name = nil
		}
		got := guardReplace(plan, chosenAs(test.status, test.effective, test.before, choices), initialPath(raw))
		if test.summary == "" {
			if len(got) > 0 {
				t.Errorf("%s: %v", test.name, got)
			}
			continue
		}
		if len(got) != 1 || got[0].Summary() != test.summary || got.HasError() != test.error {
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

// A replacement comes after a refresh, as the plan makes one and the apply does
// not; what is protected is not replaced, whatever it may lose.
func TestAReplacementIsPlannedAfterARefresh(t *testing.T) {
	t.Parallel()
	r := &Resource{Type: plainType, data: &tfkit.ProviderData{}}
	identity := tfkit.IdentityChange{Different: path.Paths{path.Root("name")}}
	prior := chosenAs(ran, withDirectory, "", Choices{})
	protects := true
	prior.DeletionProtection = &protects
	plan := chosenAs(flink.Status{}, "", "", Choices{AllowStateLoss: true})
	summaries := func() []string {
		var out []string
		for _, given := range r.planReplace(plan, prior, identity, initialPath(nil)) {
			out = append(out, given.Summary())
		}
		return out
	}
	if got := summaries(); !slices.Equal(got, []string{`Another value of name would replace the plain thing "orders", which is not planned`}) {
		t.Errorf("without a refresh: %q", got)
	}
	r.data.NoteRefresh(r.Name, "operator/shop/invoices")
	if got := summaries(); len(got) != 1 {
		t.Errorf("after a refresh of another one: %q", got)
	}
	r.data.NoteRefresh(r.Name, "operator/shop/orders")
	if got := summaries(); !slices.Equal(got, []string{`The plain thing "orders" is protected`, `The state of "orders" will be lost`}) {
		t.Errorf("after a refresh: %q", got)
	}
}

// An error that rests on what was observed says so when this run has not.
func TestAStaleStatusIsNamed(t *testing.T) {
	t.Parallel()
	state := settledOn(t, "a")
	prior := secretiveOf("a", state.Text)
	plan := secretiveOf("a", "")
	plan.image, plan.mode = "orders:2", flink.UpgradeStateless
	r := &Resource{Type: plainType, data: &tfkit.ProviderData{NeverOnline: true}}
	hinted := func() (hinted, errors int) {
		_, diags := r.planChange(context.Background(), plan, prior, tftypes.Value{}, privateBytes(nil))
		for _, given := range diags.Errors() {
			if errors++; strings.HasSuffix(given.Detail(), "plan again without -refresh=false and -minimal-refresh.") {
				hinted++
			}
		}
		return hinted, errors
	}
	if with, of := hinted(); with == 0 || with != of {
		t.Errorf("%d of %d errors name the status", with, of)
	}
	r.data.NoteRefresh(r.Name, prior.ID.ValueString())
	if with, of := hinted(); with != 0 || of == 0 {
		t.Errorf("after a refresh, %d of %d errors name the status", with, of)
	}
}
