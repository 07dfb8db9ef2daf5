package defaults

import (
	"strings"
	"testing"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func TestExpandProveFor(t *testing.T) {
	upgrade := func(text string) *Upgrade {
		if text == "" {
			return nil
		}
		return &Upgrade{ProveFor: &text}
	}
	for _, test := range []struct {
		defaults, own, overrides string
		want                     time.Duration
		err                      string
	}{
		{want: DefaultProveFor},
		{defaults: "2m", want: 2 * time.Minute},
		{defaults: "2m", own: "0s", want: 0},
		{defaults: "2m", own: "0s", overrides: "1 min", want: time.Minute},
		{own: "a while", err: "upgrade.prove_for: "},
	} {
		settings := Settings{Defaults: &Layer{Upgrade: upgrade(test.defaults)}, Overrides: &Layer{Upgrade: upgrade(test.overrides)}}
		result, err := Expand(settings, Layer{DeploymentSpec: flink.DeploymentSpec{Job: &flink.Job{}}, Upgrade: upgrade(test.own)})
		switch {
		case test.err != "":
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%+v: %v", test, err)
			}
		case err != nil || result.ProveFor != test.want:
			t.Errorf("%+v: %s, %v", test, result.ProveFor, err)
		}
	}
}
