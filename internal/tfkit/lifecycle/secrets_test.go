package lifecycle

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// secretive is a job with a secret in its configuration.
type secretive struct {
	plainModel
	secret string
	// image and mode are the defaults' where they are empty.
	image, mode string
}

func (s *secretive) Layer() defaults.Layer {
	var mode *string
	if s.mode != "" {
		mode = &s.mode
	}
	spec := flink.DeploymentSpec{
		Image: new(cmp.Or(s.image, "orders:1")), FlinkVersion: new("v1_20"), ServiceAccount: new("flink"),
		FlinkConfiguration: flink.Configuration{
			"s3.secret-key": &s.secret, "execution.checkpointing.dir": new("s3://a/b"), "execution.checkpointing.savepoint-dir": new("s3://a/c"),
		},
		Job:         &flink.Job{JarURI: new("local:///a.jar"), Parallelism: new(int64(2)), UpgradeMode: mode},
		JobManager:  &flink.JobManager{Resource: &flink.Resource{CPU: new(1.0), Memory: new("2g")}},
		TaskManager: &flink.TaskManager{Resource: &flink.Resource{CPU: new(1.0), Memory: new("2g")}},
	}
	return defaults.Layer{DeploymentSpec: spec}
}

func secretiveOf(secret, effective string) *secretive {
	out := &secretive{secret: secret}
	out.Environment, out.Name = &tfkit.EnvironmentModel{Namespace: new("shop")}, new("orders")
	out.ID, out.EffectiveSpec = types.StringValue("operator/shop/orders"), types.StringValue(effective)
	out.Rollout = tfkit.RolloutObject(planner.Rollout{Revision: 1, Action: planner.ActionCreate})
	out.Status = StatusObject(flink.Status{JobState: "RUNNING", LifecycleState: "STABLE", RestURL: "http://a"})
	return out
}

// settledOn returns the effective specification that a configuration leads to, as
// the state has it.
func settledOn(t *testing.T, secret string) decision {
	t.Helper()
	decided, diags := plainType.decide(secretiveOf(secret, ""), nil, resume{})
	if diags.HasError() {
		t.Fatal(diags)
	}
	return decided
}

func TestASecretIsComparedAndWrittenButNotShown(t *testing.T) {
	t.Parallel()
	created := settledOn(t, "hunter2")
	plain, err := defaults.EffectiveText(created.Effective)
	if err != nil || !strings.Contains(plain, "hunter2") || strings.Contains(created.Text, "hunter2") {
		t.Fatalf("%s\n%s", plain, created.Text)
	}
	drifted := settledOn(t, "theirs").Text
	for _, test := range []struct {
		name, state   string
		before, after string
		action        planner.Action
		// previous is the secret of what ran before; empty for a fingerprint.
		previous string
		text     string
	}{
		{name: "unchanged", state: created.Text, before: "hunter2", after: "hunter2", action: planner.ActionCreate, previous: "hunter2", text: created.Text},
		{name: "unchanged, in the state of an older provider", state: plain, before: "hunter2", after: "hunter2", action: planner.ActionCreate, previous: "hunter2", text: created.Text},
		{name: "changed", state: created.Text, before: "hunter2", after: "hunter3", action: planner.ActionSavepoint, previous: "hunter2", text: settledOn(t, "hunter3").Text},
		{name: "changed, in the state of an older provider", state: plain, before: "hunter2", after: "hunter3", action: planner.ActionSavepoint, previous: "hunter2", text: settledOn(t, "hunter3").Text},
		{name: "changed by somebody else", state: drifted, before: "hunter2", after: "hunter2", action: planner.ActionSavepoint, text: created.Text},
		{name: "taken over from somebody else", state: drifted, before: "hunter2", after: "theirs", action: planner.ActionCreate, previous: "theirs", text: drifted},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			decided, diags := plainType.decide(secretiveOf(test.after, ""), secretiveOf(test.before, test.state), resume{})
			if diags.HasError() {
				t.Fatal(diags)
			}
			if decided.Rollout.Action != test.action || decided.Changes() != (test.action != planner.ActionCreate) {
				t.Errorf("action %s, changes %t", decided.Rollout.Action, decided.Changes())
			}
			if decided.Text != test.text {
				t.Errorf("effective_spec %s\nwant %s", decided.Text, test.text)
			}
			if shown := decided.Rollout.Summary + strings.Join(decided.Rollout.Because, ""); strings.Contains(shown, "hunter") || strings.Contains(shown, "theirs") {
				t.Errorf("rollout %+v", decided.Rollout)
			}
			want, err := decided.Wanted(platform.Ref{})
			if err != nil || *want.Spec.FlinkConfiguration["s3.secret-key"] != test.after {
				t.Errorf("writes %v, %v", *want.Spec.FlinkConfiguration["s3.secret-key"], err)
			}
			previous, err := flink.SpecOf(decided.Before)
			if err != nil {
				t.Fatal(err)
			}
			got := *previous.FlinkConfiguration["s3.secret-key"]
			if got != test.previous && (test.previous != "" || !flink.HasFingerprints(got)) {
				t.Errorf("a rollback writes %q", got)
			}
		})
	}
}

// Two secrets may have one fingerprint; a change of one into the other is written.
func TestAChangeOfASecretToOneWithTheSameFingerprintIsWritten(t *testing.T) {
	t.Parallel()
	texts := map[string]string{}
	for i := range 400 {
		secret := strings.Repeat("x", i+1)
		text := settledOn(t, secret).Text
		other, collides := texts[text]
		if texts[text] = secret; !collides {
			continue
		}
		decided, diags := plainType.decide(secretiveOf(secret, ""), secretiveOf(other, text), resume{})
		if diags.HasError() || !decided.Writes() || decided.Rollout.Action != planner.ActionSavepoint {
			t.Errorf("writes %t, action %s, %v", decided.Writes(), decided.Rollout.Action, diags)
		}
		return
	}
	t.Fatal("no two secrets of 400 have one fingerprint")
}

func TestARefreshShowsNoSecret(t *testing.T) {
	t.Parallel()
	created := settledOn(t, "hunter2")
	plain, err := defaults.EffectiveText(created.Effective)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, state, live, want string }{
		{"nothing changed", created.Text, "hunter2", created.Text},
		{"the state of an older provider", plain, "hunter2", created.Text},
		{"drift", created.Text, "theirs", settledOn(t, "theirs").Text},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := secretiveOf("hunter2", test.state).Shared()
			live := settledOn(t, test.live).Effective
			if _, _, diags := m.refresh(&platform.Observed{Spec: live}); diags.HasError() {
				t.Fatal(diags)
			}
			if got := m.EffectiveSpec.ValueString(); got != test.want {
				t.Errorf("effective_spec %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestDiagnosticsShowNoSecret(t *testing.T) {
	t.Parallel()
	decided, diags := plainType.decide(secretiveOf("hunter3", ""), secretiveOf("hunter2", settledOn(t, "hunter2").Text), resume{})
	if diags.HasError() {
		t.Fatal(diags)
	}
	told := diag.Diagnostics{
		diag.NewErrorDiagnostic("hunter2 is wrong", "so is hunter3"),
		diag.NewAttributeErrorDiagnostic(path.Root("name"), "hunter3", "a"),
		diag.NewAttributeWarningDiagnostic(path.Root("name"), "hunter3", "b"),
		diag.NewWarningDiagnostic("c", "hunter2"),
		diag.NewAttributeWarningDiagnostic(path.Root("name"), "nothing", "to hide"),
	}
	before := slices.Clone(told)
	decided.hide(&told)
	for i, d := range told {
		if strings.Contains(d.Summary()+d.Detail(), "hunter") || d.Severity() != before[i].Severity() {
			t.Errorf("%v", d)
		}
		at, _ := d.(diag.DiagnosticWithPath)
		was, placed := before[i].(diag.DiagnosticWithPath)
		if placed != (at != nil) || placed && !at.Path().Equal(was.Path()) {
			t.Errorf("%v lost its path", before[i])
		}
	}
	if !told[4].Equal(before[4]) {
		t.Errorf("%v", told[4])
	}
}

func TestTheErrorOfAStatusShowsNoSecret(t *testing.T) {
	t.Parallel()
	observed := &platform.Observed{
		Spec:   flink.Tree{"flinkConfiguration": flink.Tree{"a.password": "hunter2"}},
		Status: flink.Status{Error: "cannot log in with hunter2"},
	}
	got, _ := ObservedStatus("operator/shop/orders", observed).Attributes()["error"].(types.String)
	if text := got.ValueString(); !strings.HasPrefix(text, "cannot log in with (sensitive:") {
		t.Error(text)
	}
}
